"""A quarter's figures against counting by hand, on both engines."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from statistics import correlation

import pytest

from csat.figures import export
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures, list_quarters_with_data
from csat.figures.tally_queries import OVERALL
from csat.models.answers import Answer, Mailbox, Release, Response, Verdict, Verification
from csat.models.asking import Attempt, AttemptOutcome, CampaignCount, Channel, Invitation, InvitationState, Naming
from csat.models.base import canonical, random_key
from csat.models.clients import Tier
from csat.models.feedback import FeedbackState, Severity
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.commitments import commitments
from csat.procedure.core.quarter import Quarter
from tests.builders import NOW, a_campaign, a_client, a_contact, a_department, a_person, an_incident, an_invitation
from tests.feedback_builders import DAY, a_stored_action, a_stored_feedback
from tests.figures.stores import Q3, a_random_store, a_response, ask, figures_now

# --- against plain counting --------------------------------------------------------------------------


def answers_of(quarter: int) -> list[Answer]:
    """Every answer of the quarter's valid responses, with all it belongs to."""
    query = Answer.select(Answer, Response).join(Response)
    return list(query.where(Response.quarter == quarter, Response.verdict == Verdict.VALID))


def client_of(response: Response) -> str:
    client = response.client and (response.client.counts_as or response.client)
    return str(client.id) if client else "none"


def counted(answers: list[Answer], dimension: str, **where) -> tuple[int, int, int]:
    """(satisfied, ratings, responses) of a dimension."""
    mine = [
        answer
        for answer in answers
        if answer.question.dimension == dimension
        and answer.value is not None
        and all(told(answer.response)[name] == value for name, value in where.items())
    ]
    return sum(1 for one in mine if one.value >= 4), len(mine), len({one.response_id for one in mine})


def told(response: Response) -> dict[str, str]:
    form = response.version.questionnaire.code
    return {"client": client_of(response), "questionnaire": form, "channel": str(response.channel)}


@pytest.mark.parametrize("seed", range(4))
def test_every_rate_that_shows_equals_plain_counting(engine_db, zone, seed):
    a_random_store(seed, responses=80)
    figures, answers = figures_now(zone), answers_of(int(Q3))

    rows = [(figures.satisfaction.rate, OVERALL, {})]
    rows += [(row.rate, OVERALL, {"client": row.key}) for row in figures.clients]
    rows += [(row.rate, OVERALL, {"questionnaire": row.key}) for row in figures.questionnaires]
    rows += [(row.rate, OVERALL, {"channel": row.key}) for row in figures.channels]
    rows += [(row.rate, row.key, {}) for row in figures.dimensions]
    rows += [(cell["rate"], cell["dimension"], {"client": cell["client"]}) for cell in figures.heat]
    rows += [
        (cell["rate"], OVERALL, {"client": cell["client"], "questionnaire": cell["questionnaire"]})
        for cell in figures.clients_by_questionnaire
    ]
    shown = [(rate, dimension, where) for rate, dimension, where in rows if not rate.hidden]
    for rate, dimension, where in shown:
        assert (rate.good, rate.of, rate.n) == counted(answers, dimension, **where), rate.id
    assert len(shown) > 10
    everything = {(client_of(one.response), one.question.dimension) for one in answers if one.value}
    assert {(cell["client"], cell["dimension"]) for cell in figures.heat} == {
        (client, dimension) for client, dimension in everything if dimension not in (None, OVERALL)
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_distribution_that_shows_equals_plain_counting(engine_db, zone, seed):
    a_random_store(seed, responses=80)
    plain = Counter()
    for answer in answers_of(int(Q3)):
        key = (answer.response.version.questionnaire.code, answer.question.code)
        plain[(*key, "na" if answer.not_applicable else answer.value)] += 1
    for row in figures_now(zone).questions:
        if row.rate.hidden:
            continue
        first = 1 if row.kind == Kind.RATING else 0
        key = (row.questionnaire, row.code)
        assert row.distribution == tuple(plain[(*key, first + at)] for at in range(len(row.distribution)))
        assert row.not_applicable in (plain[(*key, "na")], None)  # hidden where 1 … k−1 anonymous ones


@pytest.mark.parametrize("seed", range(4))
def test_index_score_and_correlation_equal_plain_counting(engine_db, zone, seed):
    a_random_store(seed, responses=90)
    figures, answers = figures_now(zone), answers_of(int(Q3))
    ratings = [one.value for one in answers if one.question.dimension == OVERALL and one.value]
    if not figures.satisfaction.rate.hidden:
        mean = sum((value - 1) * 25 for value in ratings) / len(ratings)
        assert figures.satisfaction.index.value == pytest.approx(mean)
    wishes = [one.value for one in answers if one.question.kind == Kind.RECOMMEND and one.value is not None]
    if wishes and not figures.recommend.hidden:
        score = (sum(value >= 9 for value in wishes) - sum(value <= 6 for value in wishes)) / len(wishes)
        assert figures.recommend.value == pytest.approx(score)
    own = {one.response_id: one.value for one in answers if one.question.dimension == OVERALL}
    for one in figures.importance:
        if one.correlation is not None:
            pairs = [
                (answer.value, own[answer.response_id])
                for answer in answers
                if answer.question.dimension == one.dimension and answer.value and own.get(answer.response_id)
            ]
            assert one.correlation == pytest.approx(correlation(*zip(*pairs, strict=True)))


# --- stories -----------------------------------------------------------------------------------------


def test_only_valid_responses_enter_figures_and_the_others_are_told(engine_db, zone):
    qa = a_person("乔安")
    a_response()
    a_response(ratings=1, verdict=Verdict.PENDING)
    refused = a_response(ratings=1, verdict=Verdict.REFUSED)
    Verification.create(response=refused, verdict=Verdict.DOUBTED, reason="同一人两份", by=qa, at=NOW)
    Verification.create(response=refused, verdict=Verdict.REFUSED, reason="", by=qa, at=NOW)
    campaign = a_campaign()
    Mailbox.create(id=random_key(), campaign=campaign, sealed=b"x")
    Release.create(campaign=campaign, at=NOW, number=0, without_client=0, void=2)

    figures = figures_now(zone)

    assert (figures.satisfaction.rate.value, figures.satisfaction.rate.n) == (1.0, 1)
    seen = figures.verdicts
    assert (seen.valid, seen.pending, seen.doubted, seen.refused, seen.sealed) == (1, 1, 0, 1, 1)
    assert seen.lost == 2
    assert seen.reasons == ("同一人两份",)


def test_a_quarter_without_anything_gives_a_sensible_answer(engine_db, zone):
    figures = compute_quarter_figures(Quarter(2030, 1), NOW, zone, Audience.RESPONSE_READERS)
    assert figures.satisfaction.rate.value is None
    assert figures.satisfaction.rate.n == 0
    assert figures.satisfaction.change == "unknown"
    assert len(figures.trend) == 8
    assert figures.clients == figures.dimensions == figures.heat == ()
    assert list_quarters_with_data() == []


def test_a_change_beyond_chance_is_named(engine_db, zone):
    client = a_client()
    for quarter, good in ((20262, 10), (20263, 30)):
        for at in range(40):
            a_response(client=client, quarter=quarter, ratings=5 if at < good else 2)
    figures = figures_now(zone)
    assert figures.satisfaction.change == "better"
    assert figures.satisfaction.before.value == 0.25
    assert figures.clients[0].change == "better"
    assert [point.rate.n for point in figures.trend[-2:]] == [40, 40]


def test_clients_come_by_tier_then_name_and_those_asked_in_vain_are_listed(engine_db, zone):
    for name, tier in (("丙", Tier.ORDINARY), ("乙", Tier.CORE), ("甲", Tier.CORE), ("丁", Tier.IMPORTANT)):
        a_response(client=a_client(name, tier=tier))
    silent = a_client("静", tier=Tier.IMPORTANT)
    an_invitation(a_campaign(naming=Naming.NAMED), a_contact(silent))
    a_response(client=None)
    figures = figures_now(zone)
    names = [row.name["zh"] for row in figures.clients]
    assert names[:2] == sorted(["乙", "甲"])
    assert set(names[2:4]) == {"丁", "静"}
    assert names[4] == "丙"
    assert figures.clients[5].key == "none"
    assert next(row.rate.n for row in figures.clients if row.key == str(silent.id)) == 0


def test_the_response_rate_counts_what_was_delivered(engine_db, zone):
    client = a_client()
    campaign = a_campaign(naming=Naming.NAMED)
    states = ["done", "done", "deny", "sent", "made", "late", "late", "void"]
    made = [an_invitation(campaign, a_contact(client, f"第{at}位"), state=state) for at, state in enumerate(states)]
    Attempt.create(invitation=made[5], at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    Attempt.create(invitation=made[6], at=NOW, outcome=AttemptOutcome.NOBODY)

    asked = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).asked

    assert (asked.invited, asked.delivered, asked.answered) == (7, 5, 2)
    assert (asked.refused, asked.expired, asked.waiting) == (1, 1, 1)
    assert asked.rate.value == 0.4


def test_a_client_with_few_invitations_is_not_told_apart_where_answers_may_be_anonymous(engine_db, zone):
    small, middle, large = a_client("小"), a_client("中"), a_client("大")
    campaign = a_campaign(naming=Naming.ANONYMOUS)
    for client, number in ((small, 1), (middle, 4), (large, 9)):
        ask(campaign, client, number, done=1)

    figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)

    rows = {row.name["zh"]: row for row in figures.asked_by_client}
    assert {name: row.answered for name, row in rows.items()} == {"小": None, "中": None, "大": 1}
    assert rows["小"].rate.hidden
    assert (rows["小"].delivered, figures.asked.answered, figures.clients_asked) == (1, 3, 3)


def test_counts_kept_after_the_last_release_still_enter_the_response_rate(engine_db, zone):
    client = a_client()
    campaign = a_campaign(naming=Naming.ANONYMOUS, state="closed")
    ask(campaign, client, 5, done=0)
    Invitation.update(state=InvitationState.OVER).execute()
    for state, number in ((InvitationState.DONE, 3), (InvitationState.LATE, 2)):
        CampaignCount.create(campaign=campaign, client=client, state=state, number=number)

    (row,) = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).asked_by_client

    assert (row.delivered, row.answered, row.expired) == (5, 3, 2)


def test_surveyed_in_time_follows_p1(engine_db, zone):
    due = {"quarter": 20263, "first_closed_at": NOW - 3 * DAY, "survey_due_at": NOW - DAY}
    contact = a_contact(a_client())
    an_incident("1", **due, surveyed_at=NOW - 2 * DAY, contact=contact)  # in time
    an_incident("2", **due, surveyed_at=NOW, contact=contact)  # too late
    an_incident("3", **due, contact=contact)  # overdue
    an_incident("4", **due, skipped_because="rest", contact=contact)  # stays in
    an_incident("5", **due)  # overdue: a missing address exempts nothing
    fresh = {"quarter": 20263, "first_closed_at": NOW, "survey_due_at": NOW + DAY}
    an_incident("6", **fresh, contact=contact)  # not past its two days: not counted yet
    an_incident("7", **fresh, surveyed_at=NOW, contact=contact)  # surveyed before them: counted

    surveyed = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).surveyed

    assert (surveyed.rate.good, surveyed.rate.of) == (2, 6)
    assert (surveyed.closed, surveyed.surveyed, surveyed.overdue) == (7, 3, 2)
    assert (surveyed.skipped, surveyed.without_contact) == (1, 1)


def test_feedback_is_counted_by_type_and_severity_and_linked_ones_once(engine_db, zone):
    department = a_department()
    over = {"state": FeedbackState.CONFIRMED, "closed_at": NOW, "closed_in_time": True}
    closed = a_stored_feedback(severity=Severity.MAJOR, called_back_at=NOW, called_back_in_time=False, **over)
    due = dict.fromkeys(("call_back_due_at", "close_due_at"), NOW - DAY)
    late = a_stored_feedback(severity=Severity.CRITICAL, department=department, **due)
    a_stored_feedback(linked_to=closed)
    a_stored_feedback(severity=Severity.MAJOR, call_back_due_at=NOW + DAY)
    for done, day in ((NOW, NOW), (None, NOW - 2 * DAY), (None, NOW)):
        a_stored_action(closed, late, due=day.date(), done_at=done)

    found = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).feedback

    (row,) = found.rows
    assert (row.critical, row.major, row.total) == (1, 2, 3)
    assert (found.total, found.open, found.closed, found.overdue) == (3, 2, 1, 1)
    assert (found.handled_in_time.good, found.handled_in_time.of) == (1, 2)
    assert (found.called_back_in_time.good, found.called_back_in_time.of) == (0, 2)
    assert found.median_days == 9.0
    assert (found.actions, found.actions_in_time.good, found.actions_in_time.of) == (3, 1, 2)
    assert found.overdue_by_department == ({"name": {"zh": "网络部", "en": "Networks"}, "number": 1},)


def test_engineers_rows_lack_what_carries_no_incident_and_say_so(db, zone):
    a_response()
    a_response(incident=an_incident("9"))
    assert figures_now(zone).without_incident == 1


def test_the_target_is_the_commitments_of_the_quarters_last_day(db, zone):
    promise = commitments.get_commitment("satisfaction")
    commitments.set_target(promise, date(2026, 9, 30), 80, "test", NOW, date(2026, 9, 14))
    commitments.set_target(promise, date(2026, 10, 1), 95, "test", NOW, date(2026, 9, 14))
    figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
    assert figures.target == 0.8
    assert [point.target for point in figures.trend] == [0.9] * 7 + [0.8]


def test_a_recommendation_scale_keeps_zero(db, zone):
    for value in (0, 6, 7, 9, 10):
        a_response("company", channel=Channel.INTERVIEW, answers={"recommend": value})
    figures = figures_now(zone)
    assert figures.recommend.value == 0.0
    row = next(row for row in figures.questions if row.kind == Kind.RECOMMEND)
    assert row.distribution == (1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1)


def test_figures_survive_the_way_through_a_report(db, zone):
    a_random_store(2)
    whole = export.make_plain_figures(figures_now(zone))
    again = json.loads(canonical(whole))
    assert export.build_figures_document(again)["figures"] == export.build_figures_document(whole)["figures"]
    ids = [one["id"] for one, _ in export.walk_figures(whole)]
    doubled = {id_ for id_, times in Counter(ids).items() if times > 1}
    assert all(id_.startswith("dimension/") for id_ in doubled)  # a dimension's rate stands in importance too
    assert Dimension.OVERALL == OVERALL
