"""Publishing on the pages: the check list, the button, out of use and back, files (Q7, P14)."""

from __future__ import annotations

from io import BytesIO

import pytest

from csat.models.questionnaires import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from csat.models.roles import Role
from csat.procedure.authoring import drafts, publishing, toml_files
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import write_content
from csat.web.questionnaires.measuring import measure_page
from tests.builders import NOW, a_campaign
from tests.page import Page
from tests.procedure.questionnaires.forms import SHIPPED, add_question, change_question, shipped_form, words

PUBLISH = "/questionnaires/security/draft/publish"
FORM = shipped_form("security")


@pytest.fixture
def qa(page, cast) -> Page:
    return page.sign_in_as(cast.qa, "en")


def a_draft(by, form):
    return drafts.save_draft(drafts.start_draft("security", by, NOW), form, by, NOW)


def test_qa_publishes_from_a_day_on_and_reads_what_changed(qa, cast):
    a_draft(cast.qa, add_question(change_question(FORM, "plan", text=words("方案如何？", "How was the plan?"))))
    qa.get(PUBLISH)
    assert "How was the plan?" in qa.text and "the trend goes on; compare across the change with care" in qa.text
    qa.fill("Publish the version", reason="方案一题常被误解", starts_on="2026-10-01")
    assert "new campaigns use it from" in qa.text and "方案一题常被误解" in qa.text
    assert "Changes against version 1" in qa.text and "How was the plan?" in qa.text
    qa.get("/questionnaires/")
    assert "from 1 Oct 2026" in qa.text and "draft in work" not in qa.text


def test_a_draft_is_compared_with_the_newest_version_though_it_began_from_another(qa, cast):
    a_draft(cast.qa, add_question(FORM))
    newer = change_question(FORM, "plan", text=words("方案如何？", "How was the plan?"))
    questionnaires.publish_version(write_content(newer, 5), "command", NOW)
    qa.get(PUBLISH)
    assert "Against version 2" in qa.text and "How was the plan?" in qa.text


def test_what_is_wrong_leads_to_its_place_and_offers_no_button(qa, cast):
    a_draft(cast.qa, change_question(FORM, "plan", text=words("方案如何？", "")))
    qa.get(PUBLISH)
    assert "Question 6 lacks English." in qa.text and "Publish the version" not in qa.text
    key = next(one.key for one in drafts.read_draft(drafts.get_draft("security")).questions if one.code == "plan")
    assert f"/questionnaires/security/draft?open={key}#{key}" in qa.links()
    qa.fill("Check again", 422, reason="x")
    assert "Not published" in qa.text and qa.value("reason") == "x"
    assert QuestionnaireVersion.select().count() == 5


def test_who_looked_at_an_older_state_reads_the_list_again_and_keeps_the_reason(qa, cast):
    a_draft(cast.qa, add_question(FORM))
    qa.get(PUBLISH)
    drafts.save_draft(drafts.get_draft("security"), add_question(FORM, code="calm"), cast.qa2, NOW)
    qa.fill("Publish the version", 422, reason="更清楚")
    assert "Somebody changed this draft" in qa.text and qa.value("reason") == "更清楚" and "calm" in qa.text
    qa.fill("Publish the version")
    assert QuestionnaireVersion.get(QuestionnaireVersion.number == 2).reason == "更清楚"


def test_who_publishes_second_is_told_that_the_draft_is_gone(qa, cast):
    mine = a_draft(cast.qa, add_question(FORM))
    qa.get(PUBLISH)
    publishing.publish_draft(mine, "x", None, cast.qa2, NOW, NOW.tzinfo, lambda form, language: 1)
    qa.fill("Publish the version", 409, reason="我的原因")
    assert "This draft is gone" in qa.text and "我的原因" in qa.text
    qa.get(PUBLISH, status=404)


@pytest.mark.parametrize("day", ["2026-09-13", "2028-01-01", "soon"])
def test_a_day_that_cannot_be_is_said_beside_its_field(qa, cast, day):
    a_draft(cast.qa, add_question(FORM))
    qa.get(PUBLISH).fill("Publish the version", 422, reason="x", starts_on=day)
    assert qa.errors and QuestionnaireDraft.select().exists()


@pytest.mark.parametrize("code", SHIPPED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_that_ship_stay_well_under_the_limit(app, code, language):
    with app.test_request_context():
        size = measure_page(shipped_form(code), language)
    assert 3_000 < size < 40_000


def test_a_form_that_is_too_large_is_measured_in_the_page(qa, cast):
    form = FORM
    for number in range(38):
        form = add_question(form, code=f"more_{number}", text=words("长" * 300, "x" * 300))
    a_draft(cast.qa, form)
    assert "Please shorten texts or questions." in qa.get(PUBLISH).text


def test_a_questionnaire_is_taken_out_of_use_and_back(qa):
    running = a_campaign("security", title="年度")
    qa.get("/questionnaires/security/retire")
    assert "go on asking with it" in qa.text and str(running.title) in qa.text
    qa.fill("Take out of use")
    assert Questionnaire.get(Questionnaire.code == "security").retired_at == NOW and "Out of use" in qa.text
    assert 'value="security"' not in qa.get("/campaigns/open").html
    qa.get("/questionnaires/security/retire").fill("Take back into use")
    assert 'value="security"' in qa.get("/campaigns/open").html


def test_what_the_procedure_needs_says_why_it_stays(qa):
    qa.get("/questionnaires/incident/retire")
    assert "Every closed incident is surveyed with this questionnaire" in qa.text
    qa.browser.post("/questionnaires/incident/retire", data={"csrf_token": qa.token()})
    assert Questionnaire.get(Questionnaire.code == "incident").retired_at is None


def test_what_is_taken_along_can_be_imported_as_a_new_questionnaire(qa):
    version = QuestionnaireVersion.get(QuestionnaireVersion.minutes == 5)
    file = qa.browser.get(f"/questionnaires/{version.id}/toml").data
    other = file.replace(b'code = "security"', b'code = "training"', 1)
    qa.get("/questionnaires/import").fill("Import as a draft", file=(BytesIO(other), "training.toml"))
    draft = drafts.get_draft("training")
    assert qa.path == "/questionnaires/training/draft"
    assert qa.browser.get("/questionnaires/training/draft/toml").data == other
    assert len(drafts.read_draft(draft).questions) == version.questions.count()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"code = ", "Line 1 of this file is not TOML."),
        (b"code = 'ab'", "“title” is missing"),
        (toml_files.write_toml(FORM, 5).replace("attitude", "manners", 1).encode(), "“manners” is no dimension"),
    ],
)
def test_a_file_that_is_no_questionnaire_is_refused_beside_its_field(qa, content, said):
    qa.get("/questionnaires/import").fill("Import as a draft", 422, file=(BytesIO(content), "x.toml"))
    assert any(said in error for error in qa.errors) and not QuestionnaireDraft.select().exists()


def test_without_a_file_one_is_asked_for(qa):
    assert qa.get("/questionnaires/import").fill("Import as a draft", 422, file=None).errors == [
        "Please choose a file."
    ]


@pytest.mark.parametrize("role", [Role.DESK, Role.MANAGER, Role.DIRECTOR, Role.IMPROVEMENT])
def test_others_look_at_what_is_published_and_at_no_draft(page, cast, role):
    a_draft(cast.qa, add_question(FORM, text=words("草稿里的题", "A question in the draft")))
    version = QuestionnaireVersion.get(QuestionnaireVersion.minutes == 5)
    page.sign_in_as(cast.holding(role), "en").get("/questionnaires/")
    assert "/questionnaires/" in page.links() and "draft" not in page.text and "Take out of use" not in page.text
    for address in (f"/{version.id}", f"/{version.id}/preview"):
        page.get(f"/questionnaires{address}")
    for address in ("/draft/publish", "/draft/preview", "/draft/toml", "/retire"):
        page.get(f"/questionnaires/security{address}", status=403)
