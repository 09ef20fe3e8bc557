"""Who may do what with a feedback, walked: every step, every role, every state (I4)."""

from __future__ import annotations

import pytest

from csat.models.people import Membership
from csat.models.roles import Role
from csat.procedure.core.refusals import SupervisorOfSameDepartment
from csat.procedure.feedback import classification
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.people import permissions
from tests.builders import NOW
from tests.feedback_builders import in_every_state, proposed
from tests.web.test_access import contents, rules

# The steps on one feedback, by the right that opens them. What is not here must not exist.
OPENED_BY = {
    "see": ("note",),
    "assign": ("assign", "assign_ticked_feedback"),
    "classify": ("supervise", "reclassify", "link", "unlink", "withdraw_praise"),
    "supervise": ("accept", "send_back", "change_plan", "keep_plan", "move_due", "keep_due"),
    "work": (
        "call_back", "reply", "propose", "start", "finish_action", "evidence", "finish", "pass_on", "explain",
        "unmask_contact", "ask_change", "ask_due",
    ),
    "enter": ("enter_feedback", "enter_praise", "show_entered"),
}  # fmt: skip
STEPS = {f"feedback.{step}": f"feedback.{right}" for right, steps in OPENED_BY.items() for step in steps}
STEPS |= {"confirmation.confirm": "feedback.confirm", "confirmation.return": "feedback.confirm"}
TYPED = {
    "words": "有话说", "reason": "有理由", "severity": "suggestion", "issue_type": "1", "outcome": "reached",
    "department": "1", "supervisor": "3", "other": "1", "evidence": "证据", "cause": "原因", "feedback": "1",
    "kind": "drop", "about": "close", "day": "2027-01-08",
}  # fmt: skip


def test_there_is_no_step_but_these_and_none_that_deletes(app):
    taken = {
        rule.endpoint: app.view_functions[rule.endpoint].audience
        for rule in rules(app)
        if rule.endpoint.startswith(("feedback.", "confirmation.")) and "POST" in rule.methods
    }
    assert taken == {endpoint: (right,) for endpoint, right in STEPS.items()}
    others = [rule for rule in rules(app) if not rule.endpoint.startswith("api.")]
    assert not [rule for rule in others if {"DELETE", "PUT", "PATCH"} & rule.methods]


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_right_changes_nothing_in_any_state(app, page, cast, zone, role):
    everything = in_every_state(cast, zone)
    page.sign_in_as(cast.holding(role)).get("/account")
    token, before = page.token(), contents()
    for rule in rules(app):
        right = STEPS.get(rule.endpoint)
        if right is None or role in permissions.PERMISSION_MATRIX[right] or "POST" not in rule.methods:
            continue
        for found in everything if rule.arguments else everything[:1]:
            values = {"key": found.id, "action": 1, "reach": "x"}
            path = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)[1]
            answer = page.browser.post(path, data={**TYPED, "csrf_token": token})
            assert answer.status_code == 403, f"{role} {path}: {answer.status_code}"
    assert contents() == before


def test_the_departments_pages_offer_no_word_on_type_severity_or_worth(page, cast, zone):
    page.sign_in_as(cast.owner)
    for found in in_every_state(cast, zone)[1:]:
        page.get(f"/feedback/{found.id}")
        for word in ("Change type", "Change the supervisor", "Accept", "Send back", "Confirm that", "Link the"):
            assert word not in page.text, word
        forms = [form.get("action", "") for form in page.tree.iter("form")]
        assert not [to for to in forms if to.rpartition("/")[2] in ("reclassify", "assign", "link", "delete")]


def test_a_supervisor_who_comes_to_belong_to_the_department_accepts_no_more(cast):
    found = proposed(cast)
    Membership.create(person=cast.qa, department=cast.department, since=NOW.date())
    for word in (
        lambda: classification.accept_plan(found, cast.qa, NOW),
        lambda: classification.return_plan(found, "缺", cast.qa, NOW),
    ):
        with pytest.raises(SupervisorOfSameDepartment):
            word()
    assert FeedbackView(found).plan_waits
