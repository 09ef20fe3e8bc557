"""The one rule of what is overdue (I2, F6): each form says the same of every feedback."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from csat.models.feedback import Action, ActionKind, Feedback, FeedbackState
from csat.procedure.feedback import due
from tests.builders import NOW, a_person
from tests.feedback_builders import DAY, TODAY, a_stored_feedback

SECOND = timedelta(seconds=1)


def a_feedback(**more) -> Feedback:
    """One whose call-back was due a day ago, and whose closing is due in thirty."""
    return a_stored_feedback(**{"call_back_due_at": NOW - DAY, **more})


def found(condition) -> set[int]:
    return {row.id for row in Feedback.select().where(condition)}


def test_for_a_row_and_for_a_query_each_rule_says_the_same(engine_db):
    chance = random.Random(7)
    days = [-9 * DAY, -SECOND, timedelta(0), SECOND, DAY, 9 * DAY]
    rows: list[Feedback] = []
    for state in [*FeedbackState] * 12:
        closed = state == FeedbackState.CONFIRMED
        rows.append(
            a_feedback(
                state=state,
                call_back_due_at=NOW + chance.choice(days),
                close_due_at=NOW + chance.choice(days),
                called_back_at=chance.choice([None, NOW - DAY]),
                closed_at=NOW if closed else None,
                linked_to=chance.choice([None, *rows[:3]]),
            )
        )
    warning = due.get_warning_period()
    next_due = {row.id: due.find_next_due(row, NOW, warning) for row in rows}
    assert found(due.overdue_condition(NOW)) == {row.id for row in rows if due.is_overdue(row, NOW)}
    assert found(due.call_back_overdue_condition(NOW)) == {row.id for row in rows if due.is_call_back_overdue(row, NOW)}
    assert found(due.closing_overdue_condition(NOW)) == {row.id for row in rows if due.is_closing_overdue(row, NOW)}
    assert found(due.overdue_matter_condition(NOW)) == {
        row.id for row in rows if due.is_closing_overdue(row, NOW) and row.linked_to_id is None
    }
    for standing, condition in (("overdue", due.overdue_condition), ("soon", due.due_soon_condition)):
        assert found(condition(NOW)) == {key for key, one in next_due.items() if one and one.standing == standing}
        assert 0 < len(found(condition(NOW))) < len(rows)


@pytest.mark.parametrize("state", FeedbackState)
def test_only_what_is_closed_is_never_overdue(db, state):
    late = a_feedback(state=state, close_due_at=NOW - DAY)
    closed = state == FeedbackState.CONFIRMED
    assert due.is_overdue(late, NOW) is not closed
    missed = [] if closed else [("call_back", NOW - DAY), ("close", NOW - DAY)]
    assert due.list_missed_instants(late, NOW) == missed
    assert (due.find_next_due(late, NOW, DAY) is None) is closed


def test_at_its_instant_nothing_is_overdue_yet(db):
    one = a_feedback(call_back_due_at=NOW, close_due_at=NOW)
    assert due.list_missed_instants(one, NOW) == []
    assert len(due.list_missed_instants(one, NOW + SECOND)) == 2


def test_once_called_back_a_feedback_owes_its_closing_only(db):
    owed, called = a_feedback(), a_feedback(called_back_at=NOW - DAY)
    assert due.find_next_due(owed, NOW, DAY) == ("call_back", NOW - DAY, "overdue")
    assert due.find_next_due(called, NOW, DAY) == ("close", NOW + 30 * DAY, "")
    assert due.find_next_due(called, NOW, 31 * DAY) == ("close", NOW + 30 * DAY, "soon")
    assert found(due.closing_overdue_condition(NOW)) == set()


@pytest.mark.parametrize(("day", "done", "overdue"), [(13, None, True), (14, None, False), (13, NOW, False)])
def test_an_action_is_overdue_when_its_day_is_over(db, day, done, overdue):
    action = Action.create(
        kind=ActionKind.CORRECTIVE, what="换", owner=a_person(), made_by=a_person(),
        due=date(2026, 9, day), done_at=done,
    )  # fmt: skip
    assert due.is_action_overdue(action, TODAY) is overdue
    assert Action.select().where(due.action_overdue_condition(TODAY)).exists() is overdue
