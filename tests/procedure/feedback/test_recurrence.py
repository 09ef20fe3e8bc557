"""What came again after it was closed, and what turned out to be no repeat (I5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.effect import ClosingCheck, Recurrence
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep, Severity, Step
from csat.procedure.feedback import callbacks, classification, confirmation, linking, recurrence, view
from csat.procedure.feedback.classification import SourcePassage
from tests.builders import NOW, ZONE, a_client, a_person
from tests.conftest import migrate_again
from tests.feedback_builders import DAY, a_feedback, assigned, explained_away, of_type, raised, staffed

A_WINK = timedelta(microseconds=1)


def closed(cast, at=NOW, **more) -> Feedback:
    return explained_away(cast, assigned(cast, **more), at)


@pytest.fixture
def earlier(cast, client) -> Feedback:
    """What the client said once, and what is closed."""
    return closed(cast, client=client)


def recurred(found: Feedback) -> bool:
    return Feedback.get_by_id(found.id).recurred


@pytest.mark.parametrize(
    ("later", "is_repeat"),
    [(timedelta(0), True), (A_WINK, True), (90 * DAY, True), (90 * DAY + A_WINK, False), (-A_WINK, False)],
    ids=["the same instant", "just after", "the ninetieth day to the end", "past it", "just before"],
)
def test_ninety_days_are_counted_from_the_closing_to_the_instant(cast, later, is_repeat, client):
    earlier = closed(cast, at=NOW + DAY, client=client)
    again = a_feedback(cast, client=client, now=NOW + DAY + later)
    assert recurred(earlier) is is_repeat
    assert [row.earlier for row in recurrence.list_earlier(again)] == ([earlier] if is_repeat else [])
    assert [row.feedback for row in recurrence.list_later(earlier)] == ([again] if is_repeat else [])
    assert (Step.RECUR in {step.step for step in view.list_history(again)}) is is_repeat
    assert again.linked_to is None  # linked feedback counts once, a repeat counts again


def test_both_histories_name_the_other(cast, client, earlier):
    again = a_feedback(cast, client=client, now=NOW + DAY)
    for one, other in ((earlier, again), (again, earlier)):
        step = view.list_history(one)[0]
        assert (step.step, step.detail, step.words) == (Step.RECUR, {"feedback": other.id}, other.number)


def test_clients_that_count_as_one_are_one_however_deep(engine_db, cast, client, earlier):
    part = a_client("华东快运", counts_as=a_client("华东仓储", counts_as=client))
    a_feedback(cast, client=a_client("城建集团"), now=NOW + DAY)
    assert not recurred(earlier)
    a_feedback(cast, client=part, now=NOW + DAY)
    assert recurred(earlier)


def test_what_is_still_open_is_no_repeat_of_anything(cast, client):
    still_open = assigned(cast, client=client)
    a_feedback(cast, client=client, now=NOW + DAY)
    assert not recurred(still_open) and Recurrence.select().count() == 0


def test_of_one_response_the_second_feedback_is_no_repeat(cast):
    """The client has said it once; QA only took it down twice."""
    earlier = explained_away(cast, raised(cast))
    a_feedback(cast, sources=[SourcePassage(earlier.sources[0].response)], now=NOW + DAY)
    assert not recurred(earlier)


def test_linked_feedback_is_one_matter_for_which_the_first_speaks(cast, client, earlier):
    again = a_feedback(cast, client=client, now=NOW + DAY)
    beside = a_feedback(cast, client=client, linked_to=again, now=NOW + DAY)
    assert recurrence.list_earlier(beside) == []
    assert [row.feedback for row in recurrence.list_later(earlier)] == [again]


def test_a_matter_that_two_departments_closed_recurs_as_a_whole(cast):
    client, other = a_client(), staffed("软件部")
    first = closed(cast, client=client)
    second = a_feedback(cast, client=client, linked_to=first, department=other, supervisor=cast.qa)
    callbacks.explain_feedback(second, "同上", a_person("徐工", department=other), NOW)
    confirmation.confirm_feedback(second, "同上", cast.improvement, NOW, ZONE)
    a_feedback(cast, client=client, now=NOW + DAY)
    assert recurred(first) and recurred(second)


def test_a_type_corrected_afterwards_makes_a_repeat_or_takes_it_back(cast, client, earlier):
    again = a_feedback(cast, client=client, issue_type=of_type("schedule"), now=NOW + 80 * DAY)
    assert not recurred(earlier)
    turn = NOW + 200 * DAY  # it counts when it came, not when its type was put right
    classification.reclassify_feedback(again, of_type("slow_reply"), Severity.MINOR, "是响应慢", cast.qa, turn)
    assert recurred(earlier)
    classification.reclassify_feedback(again, of_type("schedule"), Severity.MINOR, "还是进度", cast.qa, turn)
    assert not recurred(earlier) and Recurrence.select().count() == 0
    assert [step.step for step in view.list_history(earlier)][:2] == [Step.LIFT, Step.RECUR]


def test_one_repeat_taken_back_leaves_the_others(cast, client, earlier):
    first, _ = (a_feedback(cast, client=client, now=NOW + day * DAY) for day in (1, 2))
    classification.reclassify_feedback(first, of_type("schedule"), Severity.MINOR, "是进度", cast.qa, NOW + 3 * DAY)
    assert recurred(earlier) and Recurrence.select().count() == 1


def test_another_severity_changes_nothing_of_it(cast, client, earlier):
    again = a_feedback(cast, client=client, now=NOW + DAY)
    classification.reclassify_feedback(again, again.issue_type, Severity.MAJOR, "影响更大", cast.qa, NOW + DAY)
    assert recurred(earlier) and Recurrence.select().count() == 1
    assert FeedbackStep.select().where(FeedbackStep.step == Step.RECUR).count() == 2


def test_what_is_unlinked_may_turn_out_a_repeat(cast, client, earlier):
    again = a_feedback(cast, client=client, linked_to=a_feedback(cast, client=None), now=NOW + DAY)
    assert not recurred(earlier)
    linking.unlink_feedback(again, "是另一回事", cast.qa, NOW + 2 * DAY)
    assert recurred(earlier)


def test_the_migration_keeps_who_repeated_whom(engine_db, cast, client, earlier):
    again = a_feedback(cast, client=client, now=NOW + DAY)
    FeedbackStep.update(detail=None).where(FeedbackStep.step == Step.RECUR).execute()
    migrate_again("0009", Recurrence, ClosingCheck)
    assert [(row.feedback, row.earlier, row.told) for row in Recurrence.select()] == [(again, earlier, False)]
    assert ClosingCheck.select().count() == 0 and Feedback.get_by_id(earlier.id).state == FeedbackState.CONFIRMED


def test_another_client_or_type_or_no_client_is_no_repeat(cast, client, earlier):
    unnamed = closed(cast, client=None)
    a_feedback(cast, client=a_client("城建集团"))
    a_feedback(cast, client=client, issue_type=of_type("schedule"))
    a_feedback(cast, client=None, now=NOW + DAY)
    assert not recurred(earlier) and not recurred(unnamed)
