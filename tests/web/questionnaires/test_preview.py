"""Trying a form as a respondent and as the desk see it, by staff and by strangers; nothing is kept (Q7)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat import clock, models
from csat.models.drafts import Draft
from csat.models.people import Person
from csat.models.questionnaires import Dimension, Kind, PreviewLink
from csat.models.roles import Role
from csat.procedure.authoring import drafts, preview_links
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import FormContent, OptionContent, QuestionContent, SectionContent
from tests.builders import NOW, a_person
from tests.page import Page
from tests.procedure.questionnaires.forms import add_question, shipped_form, words

TAG = "<script>alert('&')</script>"
PREVIEW = "/questionnaires/security/draft/preview"
NOT_KEPT = "Nothing that is entered here is stored."


@pytest.fixture
def qa(page, cast) -> Page:
    return page.sign_in_as(cast.qa)


@pytest.fixture
def draft(app, cast):
    return drafts.start_draft("security", cast.qa, NOW)


@pytest.fixture
def stranger(app) -> Page:
    return Page(app, "en")


def a_preview_link(shown, by, days: int = 7) -> str:
    """The address of a link that shows a draft or a version."""
    return f"/preview/{preview_links.make_preview_link(shown, days, by, NOW)[0]}"


def all_rows() -> list[object]:
    """Every row of the store, and of the store of half-filled forms."""
    tables = [*models.all_tables(), Draft]
    return [list(table.select().order_by(table._meta.primary_key).tuples()) for table in tables]


def ticked(draft, **more: str) -> dict[str, str]:
    """Every question of the draft answered."""
    values = {Kind.RATING: "4", Kind.RECOMMEND: "9", Kind.YES_NO: "yes", Kind.TEXT: "会议纪要 <b>"}
    return {f"q-{one.code}": values[one.kind] for one in drafts.read_draft(draft).questions} | {"who": "named"} | more


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_preview_shows_the_questions_as_the_survey_does(qa, draft, language):
    form = shipped_form("security")
    for address in (PREVIEW, f"/questionnaires/{questionnaires.get_newest_version('security').id}/preview"):
        qa.get(f"{address}/form?lang={language}")
        assert all(text[language] in qa.text for text in [form.title, *(one.text for one in form.questions)])


def test_a_draft_leads_back_to_its_editor_and_on_to_publishing(qa, draft):
    qa.get(PREVIEW).follow("Edit the draft")
    assert qa.path == "/questionnaires/security/draft"
    qa.get(PREVIEW).follow("Check and publish")
    assert qa.path == "/questionnaires/security/draft/publish"


def test_the_page_frames_the_preview_in_the_language_asked_for(qa, draft):
    qa.get(f"{PREVIEW}?as=desktop&in=zh")
    frame = next(one.get("src") for one in qa.tree.iter("iframe"))
    assert qa.tree.get("lang") == "en" and "frame-src 'self'" in qa.headers["Content-Security-Policy"]
    qa.get(frame)
    assert qa.tree.get("lang") == "zh-Hans" and "预览" in qa.heading + qa.text


def test_the_paper_is_a_click_away_in_the_language_of_the_preview(qa, draft):
    for address in (PREVIEW, f"/questionnaires/{questionnaires.get_newest_version('security').id}/preview"):
        qa.get(f"{address}?in=zh")
        paper = next(link for link in qa.links() if "/paper?" in link)
        assert paper.endswith("lang=zh") and qa.browser.get(paper).mimetype == "application/pdf"


def test_only_what_is_framed_may_be_framed(qa, draft):
    for path, allowed in ((PREVIEW, "'none'"), (f"{PREVIEW}/form", "'self'"), (f"{PREVIEW}/call", "'self'")):
        assert f"frame-ancestors {allowed}" in qa.get(path).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in qa.get("/questionnaires/").headers["Content-Security-Policy"]


def test_what_is_wrong_is_said_as_in_the_survey_and_nothing_typed_is_lost(qa, draft):
    qa.get(f"{PREVIEW}/form").fill("do=submit", 422, **{"q-overall": "2"})
    assert "Please choose whether you answer with or without your name." in qa.text and NOT_KEPT in qa.text
    assert 'role="alert"' in qa.html and qa.value("q-overall") == "2"


def test_a_trial_is_thanked_for_and_says_that_it_was_none(qa, draft):
    qa.get(f"{PREVIEW}/form").fill("do=submit", **ticked(draft, name="王女士"))
    assert "This was a trial: nothing was stored." in qa.text and "sealed" not in qa.text
    qa.get(f"{PREVIEW}/form").fill("do=submit", **ticked(draft, who="anonymous"))
    assert "It is sealed until answers are opened together" in qa.text


@pytest.mark.parametrize("button", ["save", "continue"])
def test_who_would_save_is_told_that_a_preview_keeps_nothing(qa, draft, button):
    address = f"{PREVIEW}/form"
    qa.get(address).post(address, ticked(draft, name="王女士") | {"do": button})
    assert "This is a preview: it keeps nothing." in qa.text and qa.value("name") == "王女士"
    assert not Draft.select().exists()


def test_the_language_of_a_preview_is_switched_on_it(qa, draft):
    address = f"{PREVIEW}/form?lang=en"
    qa.get(address).post(f"{PREVIEW}/form", ticked(draft) | {"do": "language", "lang": "en"})
    assert qa.tree.get("lang") == "zh-Hans" and qa.value("q-overall") == "4"


def test_the_promise_is_the_one_of_a_survey_that_asks_so(qa, draft):
    qa.get(f"{PREVIEW}/form?naming=anonymous")
    assert "This survey is anonymous" in qa.text and "organisation is named only where at least 3" in qa.text
    qa.get(f"{PREVIEW}/form?naming=named")
    assert "This survey is answered by name" in qa.text


def test_the_check_after_closing_is_previewed_by_name_and_with_its_matter(qa):
    version = questionnaires.get_newest_version("check")
    qa.get(f"/questionnaires/{version.id}/preview/form?naming=anonymous")
    assert "This survey is answered by name" in qa.text and "an invented matter" in qa.text


def test_a_call_is_tried_with_what_is_said_to_an_invented_contact(qa, cast):
    version = questionnaires.get_newest_version("incident")
    address = f"/questionnaires/{version.id}/preview/call?lang=en"
    qa.get(address)
    assert f"this is {cast.qa.name} of" in qa.text and "Ms Example (invented)" in qa.text
    assert "an invented incident" in qa.text and NOT_KEPT in qa.text
    before = all_rows()
    qa.fill("do=record", 422, **{"q-overall": "2"})
    assert qa.value("q-overall") == "2"
    qa.get(address).fill("do=busy")
    assert "This was a trial: nothing was recorded." in qa.text
    assert all_rows() == before


def test_a_draft_is_not_for_those_who_do_not_work_on_it(page, cast, draft):
    for person in (cast.manager, cast.desk):
        page.sign_in_as(person)
        for path in (PREVIEW, f"{PREVIEW}/form", f"{PREVIEW}/call"):
            page.get(path, 403)


def test_who_sees_published_forms_sees_their_previews_and_papers_but_makes_no_links(page, cast, draft):
    version = questionnaires.get_newest_version("security")
    page.sign_in_as(cast.manager).get(f"/questionnaires/{version.id}/preview?as=call")
    paper = next(link for link in page.links() if "/paper?" in link)
    assert page.browser.get(paper).status_code == 200 and "Make a link" not in page.text
    page.get(f"/questionnaires/{version.id}/preview/form")
    page.post(f"/questionnaires/{version.id}/preview/links", {"days": "7"}, 403)


def test_a_link_is_shown_once_with_its_picture_and_can_be_withdrawn(qa, cast, draft, stranger):
    qa.get(PREVIEW).fill("Make a link", 422, days="31")
    assert "Please choose 1 to 30 days." in qa.errors
    for typed in ("x", "0", "1.5"):
        qa.fill("Make a link", 422, days=typed)
        assert qa.errors == ["Please choose 1 to 30 days."]
    assert not PreviewLink.select().exists()
    qa.get(PREVIEW).fill("Make a link", days="3")
    address = next(field.get("value", "") for field in qa.tree.iter("input") if field.get("id") == "address")
    assert any(one.get("src", "").startswith("data:image/svg") for one in qa.tree.iter("img"))
    stranger.get(urlsplit(address).path)
    assert address not in qa.get(PREVIEW).html and f"made by {cast.qa.name}" in qa.text
    qa.fill("Withdraw")
    assert "No link works now." in qa.text
    stranger.get(urlsplit(address).path, 410)
    assert stranger.heading == "This preview is over"


def test_a_stranger_tries_a_draft_and_no_row_changes_anywhere(cast, draft, stranger):
    address, before = a_preview_link(draft, cast.qa), all_rows()
    stranger.get(address)
    assert "Nothing that you enter is stored or passed on." in stranger.text
    hidden = {name: stranger.value(name) for name in ("code", "opened", "lang", "kept")}
    for sent, status in (({"do": "language"}, 200), ({"do": "save"}, 200), ({"do": "continue"}, 200), ({}, 422)):
        stranger.post(address, hidden | sent, status, token=False)
    stranger.post(address, hidden | ticked(draft, name="王女士"), token=False)
    assert "This was a trial: nothing was stored." in stranger.text
    assert all_rows() == before


def test_a_link_shows_a_draft_as_it_stands_now(cast, draft, stranger):
    address = a_preview_link(draft, cast.qa)
    form = add_question(drafts.read_draft(draft), text=words("新问题？", "Anything new?"))
    drafts.save_draft(draft, form, cast.qa, NOW)
    assert "Anything new?" in stranger.get(address).text


def test_a_preview_ends_with_its_time_and_with_its_draft(cast, draft, stranger):
    address = a_preview_link(draft, cast.qa, days=1)
    with clock.freeze_at(NOW + timedelta(days=1)):
        stranger.get(address, 410)
    stranger.get(address)
    drafts.discard_draft(draft, cast.qa, NOW)
    stranger.get(address, 410)
    assert "ask the person who gave you the link" in stranger.text


@pytest.mark.parametrize("token", ["x", "A" * 43])
def test_an_unknown_link_is_said_to_be_unknown(app, stranger, token):
    stranger.get(f"/preview/{token}", 404)
    assert stranger.heading == "We do not know this link"


def test_an_unfinished_draft_is_shown_with_what_is_missing_marked(qa, cast, draft):
    halves = (
        QuestionContent(code="", text=words("", "")),
        QuestionContent(code="same", text=words("一", "")),
        QuestionContent(code="same", kind=Kind.CHOICE_ONE, text=words("二", "Two")),
        QuestionContent(code='"> <', kind=Kind.CHOICE_MANY, options=(OptionContent("na"), OptionContent("na"))),
    )
    drafts.save_draft(draft, FormContent("security", sections=(SectionContent(questions=halves),)), cast.qa, NOW)
    qa.get(f"{PREVIEW}/form?lang=en")
    assert qa.text.count("[English text missing]") >= 6 and "[options missing]" in qa.text and "一" not in qa.text
    qa.fill("do=submit", **{"q-_1": "3", "q-same": "4", "q-_3": "_1", "q-_4": ["_1", "_2"], "who": "anonymous"})
    assert "This was a trial: nothing was stored." in qa.text


texts = st.builds(words, *[st.text(max_size=20) | st.just(TAG)] * 2)
questions = st.builds(
    QuestionContent,
    code=st.sampled_from(["", "a", "a b", "x", TAG]) | st.text(max_size=5),
    kind=st.sampled_from(Kind),
    dimension=st.none() | st.sampled_from(Dimension),
    text=texts,
    help=texts,
    required=st.booleans(),
    offers_na=st.booleans(),
    labels=st.just(()) | st.tuples(*[texts] * 5),
    options=st.lists(st.builds(OptionContent, st.sampled_from(["", "na", "a", TAG]), texts), max_size=3).map(tuple),
)
sections = st.builds(SectionContent, title=texts, questions=st.lists(questions, max_size=4).map(tuple))
forms = st.builds(
    FormContent, code=st.just("security"), title=texts, intro=texts, sections=st.lists(sections, max_size=3).map(tuple)
)


@settings(max_examples=20)
@given(form=forms)
def test_whatever_a_draft_holds_can_be_looked_at_and_tried(app, form):
    """In both languages, on the telephone too, and HTML in a text is only text."""
    page = _a_page_with(app, form)
    for path in ("form", "call"):
        for language in ("zh", "en"):
            page.get(f"{PREVIEW}/{path}?lang={language}")
            assert "<script>alert" not in page.html
    page.get(f"{PREVIEW}/form").fill("do=submit", 422)


def _a_page_with(app, form: FormContent) -> Page:
    by = Person.get_or_none(name="乔安") or a_person("乔安", Role.QA)
    draft = drafts.start_draft("security", by, NOW)
    drafts.save_draft(draft, form, by, NOW)
    return Page(app).sign_in_as(by)
