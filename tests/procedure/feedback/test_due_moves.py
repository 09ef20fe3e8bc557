"""A due date moves once, with the supervisor's word; the old one stays on record (P9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.figures.feedback import compute_feedback_figures
from csat.models.feedback import DueDate, DueMove, Feedback, Severity, Step
from csat.models.outbox import MailKind, OutboxMessage
from csat.procedure.core.refusals import NotPermitted, ValueMissing
from csat.procedure.feedback import callbacks, classification, confirmation, due, due_moves, escalation, view
from csat.procedure.feedback.due_moves import ClosingBeforeCall, DueMovedAlready, DueNotLater
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import StepNotPossible
from tests.builders import NOW
from tests.feedback_builders import DAY, REACHED, ZONE, assigned, called_back, done, due_asked


def test_a_moved_date_holds_for_everything_and_the_old_one_stays(cast, zone):
    found = done(cast, zone)  # closes after 30 days
    Feedback.update(state="in_progress").where(Feedback.id == found.id).execute()
    before = found.close_due_at
    due_asked(cast, found)
    assert not due_moves.find_accepted_moves(found)
    for stranger in (cast.qa2, cast.owner, cast.director):
        with pytest.raises(NotPermitted):
            due_moves.move_due(found, stranger, NOW)
    due_moves.move_due(found, cast.qa, NOW)
    assert due_moves.find_accepted_moves(found)[DueDate.CLOSE].before == before
    assert found.close_due_at.astimezone(ZONE).date() == (NOW + 60 * DAY).date()
    assert not due.is_overdue(found, before + DAY) and due.is_overdue(found, NOW + 62 * DAY)
    Feedback.update(state="done").where(Feedback.id == found.id).execute()
    confirmation.confirm_feedback(found, "有效", cast.improvement, before + DAY, ZONE)
    assert found.closed_in_time is True
    assert view.list_history(found)[1].detail["moved"][0] == before.isoformat()


def test_each_moves_once_and_what_was_kept_can_be_asked_again(cast):
    found = due_asked(cast, called_back(cast))
    with pytest.raises(ValueMissing):
        due_moves.keep_due(found, "", cast.qa, NOW)
    due_moves.keep_due(found, "来得及", cast.qa, NOW)
    due_asked(cast, found)
    with pytest.raises(StepNotPossible):  # one question at a time
        due_asked(cast, found)
    due_moves.move_due(found, cast.qa, NOW)
    with pytest.raises(StepNotPossible):
        due_asked(cast, found, later=timedelta(days=90))
    assert [one.accepted for one in DueMove.select().order_by(DueMove.id)] == [False, True]


def test_the_call_back_moves_too_until_the_client_was_reached(cast):
    found = due_asked(cast, assigned(cast, severity=Severity.MAJOR), DueDate.CALL_BACK, timedelta(days=10))
    due_moves.move_due(found, cast.qa, NOW)
    with pytest.raises(DueMovedAlready):
        due_asked(cast, found, DueDate.CALL_BACK, timedelta(days=11))
    callbacks.record_call_back(found, REACHED, "谈过", cast.owner, NOW + 5 * DAY)
    assert found.called_back_in_time is True
    other = due_asked(cast, assigned(cast), DueDate.CALL_BACK, timedelta(days=20))
    callbacks.record_call_back(other, REACHED, "谈过", cast.owner, NOW)
    assert not FeedbackView(other).due_move_waits  # settled by itself
    with pytest.raises(StepNotPossible):
        due_moves.move_due(other, cast.qa, NOW)


def test_a_day_that_helps_nobody_is_refused(cast):
    found = assigned(cast)
    for about, later, refusal in (
        (DueDate.CLOSE, timedelta(days=29), DueNotLater),
        (DueDate.CALL_BACK, timedelta(0), DueNotLater),
        (DueDate.CALL_BACK, timedelta(days=31), ClosingBeforeCall),
    ):
        with pytest.raises(refusal):
            due_asked(cast, found, about, later)
    assert not DueMove.select().exists() and view.list_history(found)[0].step == Step.ASSIGN


def test_who_was_told_of_the_old_date_is_told_of_the_new_one_too(cast, zone):
    found = called_back(cast)
    told = OutboxMessage.select().where(OutboxMessage.kind == MailKind.OVERDUE)
    assert escalation.escalate_overdue(found.close_due_at + timedelta(hours=1), zone) == 1
    now = found.close_due_at + timedelta(hours=2)
    due_moves.ask_due_move(found, DueDate.CLOSE, (now + 9 * DAY).date(), "备件未到", cast.owner, now, zone)
    due_moves.move_due(found, cast.qa, now)
    assert escalation.escalate_overdue(now + DAY, zone) == 0
    assert escalation.escalate_overdue(found.close_due_at + timedelta(hours=1), zone) == 1 and told.count() == 2
    assert [one.level for one in escalation.list_notices(found)] == ["owner", "owner"]


def test_figures_count_the_moved_date_and_say_who_would_be_late_by_the_one_before(cast, zone):
    found = done(cast, zone)
    first = found.close_due_at
    Feedback.update(state="in_progress").where(Feedback.id == found.id).execute()
    due_moves.move_due(due_asked(cast, found), cast.qa, NOW)
    on_time = compute_feedback_figures(20263, first - DAY, zone)
    assert (on_time.moved, on_time.late_by_first, on_time.overdue) == (1, 0, 0)
    between = compute_feedback_figures(20263, first + DAY, zone)
    assert (between.moved, between.late_by_first, between.overdue, between.handled_in_time.of) == (1, 1, 0, 0)
    late = compute_feedback_figures(20263, NOW + 62 * DAY, zone)
    assert (late.late_by_first, late.overdue) == (0, 1) and (late.handled_in_time.good, late.handled_in_time.of) == (
        0,
        1,
    )
    Feedback.update(state="done").where(Feedback.id == found.id).execute()
    confirmation.confirm_feedback(found, "有效", cast.improvement, first + DAY, zone)
    closed = compute_feedback_figures(20263, NOW + 62 * DAY, zone)
    assert (closed.late_by_first, closed.handled_in_time.good, closed.handled_in_time.of) == (1, 1, 1)


def test_a_changed_severity_takes_the_place_of_a_move_in_figures(cast, zone):
    found = called_back(cast)
    due_moves.move_due(due_asked(cast, found), cast.qa, NOW)
    classification.reclassify_feedback(found, found.issue_type, Severity.MAJOR, "影响面大", cast.qa, NOW)
    assert compute_feedback_figures(20263, NOW, zone).moved == 0 and DueMove.get().accepted


def test_a_severity_changed_meanwhile_is_what_the_move_is_measured_by(cast):
    later = timedelta(days=50)
    found, other = (due_asked(cast, called_back(cast, severity=Severity.MAJOR), later=later) for _ in range(2))
    for one, severity in ((found, Severity.CRITICAL), (other, Severity.SUGGESTION)):
        classification.reclassify_feedback(one, one.issue_type, severity, "看过后改判", cast.qa, NOW)
    before = found.close_due_at
    due_moves.move_due(found, cast.qa, NOW)
    assert due_moves.find_accepted_moves(found)[DueDate.CLOSE].before == before
    with pytest.raises(due_moves.DueLaterAlready):  # it would come earlier
        due_moves.move_due(other, cast.qa, NOW)
    due_moves.keep_due(other, "不必", cast.qa, NOW)
