"""Due days by severity (I2): in order, and for feedback to come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.feedback import Feedback, Severity
from csat.procedure.core.settings import SettingWrong
from csat.procedure.feedback import classification, due_days
from csat.procedure.feedback.due_days import ClosedBeforeCalled, MilderIsSooner
from tests.builders import NOW
from tests.feedback_builders import a_feedback


def change(**days: int) -> None:
    due_days.change_due_days({**due_days.get_due_days(), **days}, "command:test", NOW)


def days_of(feedback: Feedback) -> tuple[int, int]:
    fresh = Feedback.get_by_id(feedback.id)
    return (fresh.call_back_due_at - fresh.created_at).days, (fresh.close_due_at - fresh.created_at).days


def test_what_ships_is_in_order(db):
    assert list(due_days.get_due_days().values()) == [1, 7, 3, 15, 7, 30, 14, 60]
    change()


@pytest.mark.parametrize(
    ("days", "field", "refused"),
    [
        ({"call_back_minor": 31}, "close_minor", ClosedBeforeCalled),
        ({"call_back_critical": 4}, "call_back_major", MilderIsSooner),
        ({"close_suggestion": 29}, "close_suggestion", MilderIsSooner),
        ({"close_critical": 0}, "close_critical", SettingWrong),
    ],
)
def test_days_out_of_order_are_refused_and_none_is_kept(db, days, field, refused):
    before = due_days.get_due_days()
    with pytest.raises(refused) as refusal:
        change(close_suggestion=90, **days) if "close_suggestion" not in days else change(**days)
    assert refusal.value.field == field and due_days.get_due_days() == before


def test_equal_days_are_in_order(db):
    change(call_back_critical=7, call_back_major=7, call_back_minor=7, close_critical=7, close_major=7, close_minor=7)


def test_new_days_are_for_feedback_to_come_and_for_a_changed_severity(cast):
    old = a_feedback(cast, Severity.MINOR)
    change(call_back_minor=5, close_minor=20, call_back_major=2, close_major=9)
    assert days_of(old) == (7, 30) and days_of(a_feedback(cast, Severity.MINOR)) == (5, 20)
    classification.reclassify_feedback(old, old.issue_type, Severity.MAJOR, "更急", cast.qa2, NOW + timedelta(hours=1))
    assert days_of(old) == (2, 9)
