"""Whether it helped, in figures: what shows before and since, and which actions are effective (I5, F6)."""

from __future__ import annotations

import pytest

from csat.figures.audience import Audience
from csat.figures.feedback import compute_feedback_figures
from csat.figures.feedback_effect import measure_effect
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Response, Verdict
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackState
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally, verdicts
from tests.builders import NOW, ZONE, a_client
from tests.cast import a_cast
from tests.feedback_builders import a_stored_action, a_stored_feedback, of_type, told_unsolved
from tests.figures.stores import a_random_store, a_response

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)


def a_feedback(client=None, quarter=20262, state=FeedbackState.DONE, code="slow_reply", **more) -> Feedback:
    end = {"closed_at": NOW, "closed_in_time": True} if state == FeedbackState.CONFIRMED else {}
    facts = {"client": client, "quarter": quarter, "state": state, "issue_type": of_type(code)}
    return a_stored_feedback(**facts, **end, **more)


@pytest.mark.parametrize("seed", range(6))
def test_every_rate_is_the_one_its_own_quarter_shows(engine_db, seed):
    a_random_store(seed)
    tally.rebuild_tally()
    shown = {
        (int(quarter), row.key): row.rate
        for quarter in (Q2, Q3)
        for row in compute_quarter_figures(quarter, NOW, ZONE, Audience.RESPONSE_READERS).clients
    }
    for client in Client.select().where(Client.counts_as.is_null()):
        for line in measure_effect(a_feedback(client), NOW, ZONE, Audience.RESPONSE_READERS).lines:
            known = shown.get((line.quarter, str(client.id)))
            if known is None:
                assert not line.rate.n
            else:
                assert (line.rate.value, line.rate.n, line.rate.hidden) == (known.value, known.n, known.hidden)


def test_later_quarters_that_show_are_taken_together_and_tested(db):
    client = a_client()
    for quarter, ratings in ((20254, (1,) * 9), (20261, (5,) * 6), (20262, (5,) * 4), (20263, (5,) * 3 + (2,))):
        for value in ratings:
            a_response(client=client, quarter=quarter, ratings=value)
    for _ in range(2):  # two people without a name: this quarter does not show
        a_response(client=client, quarter=20262, anonymous=True)
    tally.rebuild_tally()
    found = measure_effect(a_feedback(client, 20254), NOW, ZONE, Audience.RESPONSE_READERS)
    assert [line.quarter for line in found.lines] == [20254, 20261, 20262, 20263]
    assert [line.rate.hidden for line in found.lines] == [False, False, True, False]
    assert (found.since.good, found.since.of, found.since.n) == (9, 10, 10)
    assert found.before.value == 0.0 and found.change == "better"


def test_no_more_than_four_later_quarters_are_looked_at(db):
    found = measure_effect(a_feedback(a_client(), 20242), NOW, ZONE, Audience.RESPONSE_READERS)
    assert [line.quarter for line in found.lines] == [20242, 20243, 20244, 20251, 20252]
    assert (found.since, found.change) == (None, "unknown")


def test_the_type_is_counted_by_quarter_each_matter_once_and_merged_clients_as_one(db):
    client, other = a_client(), a_client("城建集团")
    merged = a_client("华东快运")
    merged.counts_as = client
    merged.save()
    first = a_feedback(client)
    a_feedback(client, linked_to=first), a_feedback(other), a_feedback(client, code="schedule")
    a_feedback(merged, 20263), a_feedback(other, 20263), a_feedback(None, 20263)
    lines = measure_effect(first, NOW, ZONE, Audience.RESPONSE_READERS).lines
    assert [(line.here, line.everywhere) for line in lines] == [(1, 2), (1, 3)]
    without = measure_effect(a_feedback(None, 20263), NOW, ZONE, Audience.RESPONSE_READERS)
    assert [(line.rate, line.here) for line in without.lines] == [(None, None)]


def test_a_feedback_of_a_quarter_still_to_come_shows_that_quarter(db):
    found = measure_effect(a_feedback(a_client(), 20264), NOW, ZONE, Audience.RESPONSE_READERS)
    assert [line.quarter for line in found.lines] == [20264]


def effective() -> tuple[int, int]:
    found = compute_feedback_figures(20262, NOW, ZONE).actions_effective
    assert found.id == "feedback/actions_effective"
    return found.good, found.of


CONFIRMED = FeedbackState.CONFIRMED


def test_nothing_is_judged_before_it_is_confirmed(db):
    a_stored_action(a_feedback(state=FeedbackState.DONE))
    assert effective() == (0, 0)
    assert compute_feedback_figures(20262, NOW, ZONE).actions_effective.value is None


def test_what_was_confirmed_and_held_is_effective(db):
    a_stored_action(a_feedback(state=CONFIRMED)), a_stored_action(a_feedback(state=CONFIRMED))
    a_stored_action(a_feedback(state=CONFIRMED, recurred=True))
    assert effective() == (2, 3)


@pytest.mark.parametrize(
    ("verdict", "solved", "good"),
    [(Verdict.VALID, 0, 0), (Verdict.VALID, 1, 1), (Verdict.PENDING, 0, 1), (Verdict.REFUSED, 0, 1)],
)
def test_a_clients_no_counts_once_qa_found_it_valid(db, verdict, solved, good):
    found = a_feedback(state=CONFIRMED)
    a_stored_action(found)
    told_unsolved(found, verdict, solved)
    assert effective() == (good, 1)


def test_a_shared_action_counts_once_and_fails_with_any_of_its_feedback(db):
    first, second = a_feedback(state=CONFIRMED), a_feedback(state=CONFIRMED)
    a_stored_action(first, second)
    assert effective() == (1, 1)
    Feedback.update(recurred=True).where(Feedback.id == second.id).execute()
    assert effective() == (0, 1)


def test_a_shared_action_waits_for_all_its_feedback_unless_one_failed_already(db):
    first, second = a_feedback(state=CONFIRMED), a_feedback(state=FeedbackState.IN_PROGRESS)
    a_stored_action(first, second)
    assert effective() == (0, 0)
    told_unsolved(first)
    assert effective() == (0, 1)


def test_what_another_department_did_about_the_same_matter_counts_with_it(db):
    first = a_feedback(state=CONFIRMED)
    second = a_feedback(state=CONFIRMED, linked_to=first)
    a_stored_action(first), a_stored_action(second)
    assert effective() == (2, 2) and compute_feedback_figures(20262, NOW, ZONE).actions == 2
    told_unsolved(first)  # the check stands at the one that counts
    assert effective() == (0, 2)


def test_the_check_enters_the_response_figures_and_no_satisfaction(db):
    told_unsolved(a_feedback(state=CONFIRMED), verdict=Verdict.PENDING)
    verdicts.accept_response(Response.get(), a_cast().qa, NOW)
    figures = compute_quarter_figures(Q3, NOW, ZONE, Audience.RESPONSE_READERS)
    assert figures.satisfaction.rate.n == 0
    assert [(row.questionnaire, row.code, row.rate.value) for row in figures.questions] == [("check", "solved", 0.0)]
