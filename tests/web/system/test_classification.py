"""QA's classification settings: issue types, due days, and what dimensions and departments are called."""

from __future__ import annotations

import pytest

from csat.models.feedback import IssueType
from csat.models.people import Department
from csat.models.questionnaires import Questionnaire, QuestionnaireVersion
from csat.procedure.feedback import due_days
from csat.procedure.questionnaires import dimension_names
from csat.procedure.risks import issue_types
from tests.builders import NOW
from tests.feedback_builders import a_feedback, of_type
from tests.page import Page

BASE = "/qa/classification"
BILLING = {"name_zh": "账单", "name_en": "Billing", "hint_zh": "账单有误。", "hint_en": "An invoice is wrong."}


@pytest.fixture
def qa(page, cast) -> Page:
    """The browser of somebody of QA."""
    return page.sign_in_as(cast.qa)


def test_a_type_is_added_changed_and_retired_and_the_page_says_by_whom(qa, cast):
    qa.get("/qa/").follow("Classification settings").follow("Add an issue type")
    qa.fill("Add the type", **BILLING, domain="process")
    assert "“Billing” is added, with the code billing." in qa.text and cast.qa.name in qa.text
    qa.follow("Billing").fill("Save", name_en="Invoices", domain="data")
    assert of_type("billing").name["en"] == "Invoices" and of_type("billing").domain.code == "data"
    qa.follow("Invoices").fill("Retire")
    assert "This type is out of use." in qa.text
    qa.fill("Take it back into use")
    assert of_type("billing").retired_at is None


def test_a_type_that_is_refused_is_shown_again_as_it_was_typed(qa):
    typed = {**BILLING, "name_zh": "进度", "code": "slow_reply", "domain": "data"}
    qa.get(f"{BASE}/issue-types/new").fill("Add the type", 422, **typed)
    assert qa.errors == ["“进度” exists already. Please choose another name."]
    assert (qa.value("hint_en"), qa.value("domain"), qa.value("code")) == (BILLING["hint_en"], "data", "slow_reply")
    qa.fill("Add the type", 422, name_zh="<script>alert(1)</script>", name_en="x" * 5000)
    assert "Please use at most 40 characters." in qa.errors
    qa.fill("Add the type", 422, name_zh="<b>账单", name_en="Billing", code="")
    assert qa.errors == ["“<b>” is HTML and would be shown as it is typed. Please write plain words."]
    assert not IssueType.select().where(IssueType.code == "billing").exists()


def test_types_change_places_without_a_script(qa):
    qa.get(f"{BASE}/issue-types").post(f"{BASE}/issue-types/schedule/up")
    assert qa.text.index("Schedule") < qa.text.index("Step skipped")
    qa.post(f"{BASE}/issue-types/schedule/down")
    assert qa.text.index("Step skipped") < qa.text.index("Schedule")


def test_the_last_type_of_a_domain_is_kept_with_the_reason(qa):
    qa.get(f"{BASE}/issue-types/exposure").fill("Retire")
    assert "This is the last type in use of its domain" in qa.errors[0]


def test_a_retired_type_is_not_offered_but_its_feedback_shows_it(qa, cast):
    kept = a_feedback(cast)
    issue_types.retire_type(of_type("slow_reply"), cast.qa, NOW)
    offered = [option.text for option in qa.get("/feedback/new").tree.iter("option")]
    assert "Slow reply" not in offered and "Hard to reach" in offered
    assert "Slow reply" in qa.get(f"/feedback/{kept.id}").text


def test_a_feedback_of_a_retired_type_is_classified_anew_without_losing_it(page, cast):
    kept = a_feedback(cast)
    issue_types.retire_type(of_type("slow_reply"), cast.qa, NOW)
    page.sign_in_as(cast.qa2).get(f"/feedback/{kept.id}")
    assert page.value("issue_type") == str(kept.issue_type_id)
    page.fill("Change", severity="major", reason="更急", issue_type=str(kept.issue_type_id))
    fresh = type(kept).get_by_id(kept.id)
    assert (fresh.severity, fresh.issue_type.code) == ("major", "slow_reply")


def test_due_days_are_changed_here_and_read_on_the_administrators_page(qa, cast):
    qa.get(f"{BASE}/due-days").fill("Save", 422, call_back_minor="40")
    assert "please enter at least 40 days" in qa.errors[0] and qa.value("call_back_minor") == "40"
    qa.fill("Save", 422, call_back_minor="soon")
    assert qa.errors
    qa.fill("Save", call_back_minor="5")
    assert f"Last changed by {cast.qa.name}" in qa.text and due_days.get_due_days()["call_back_minor"] == 5
    admin = qa.sign_in_as(cast.admin).get("/admin/settings")
    assert "call back within 5 days, close within 30 days" in admin.text and "call_back_minor" not in admin.html
    admin.fill("Save", call_back_minor=None, survey_hours="24")
    assert due_days.get_due_days()["call_back_minor"] == 5


def test_a_dimension_is_renamed_in_one_language_and_comes_back_when_blank(qa, cast):
    qa.get(f"{BASE}/dimensions").fill("Save", security_en="Safety", security_zh="安全防护")
    form = QuestionnaireVersion.select().join(Questionnaire).where(Questionnaire.code == "security").get()
    assert "Safety" in qa.get(f"/questionnaires/{form.id}").text and "Security results" not in qa.text
    qa.get(f"{BASE}/dimensions").fill("Save", 422, value_en="Safety")
    assert qa.errors == ["“Safety” exists already. Please choose another name."]
    qa.fill("Save", value_en="", security_en="", security_zh="")
    assert dimension_names.get_own_names() == {}


def test_a_department_is_renamed_by_qa(qa, cast):
    qa.get(f"{BASE}/departments").follow("基础设施部")
    qa.fill("Save", 422, name="<b>部</b>")
    assert "is HTML" in qa.errors[0]
    qa.fill("Save", name="平台部", name_en="Platforms")
    assert "基础设施部" in qa.text and cast.qa.name in qa.text
    assert Department.get_by_id(cast.department.id).name_en == "Platforms"


def test_the_history_tells_what_was_before(qa, cast):
    qa.get(f"{BASE}/dimensions").fill("Save", security_en="Safety")
    qa.get(f"{BASE}/issue-types/schedule").fill("Save", name_zh="工期")
    text = qa.get("/admin/audit").text
    assert "after: security: en: Safety" in text
    assert "en: Schedule, zh: 进度 → en: Schedule, zh: 工期" in text
