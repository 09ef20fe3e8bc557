"""Pages of one client, department, engineer or questionnaire: counted by hand, and no more than the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from csat.figures import analysis, recorders, staff
from csat.figures.audience import Audience
from csat.figures.feedback import list_overdue_by_department
from csat.figures.highlights import find_highlights
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.types import Rate
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Campaign, Channel
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.clients import Client, Incident, Tier
from csat.models.feedback import Feedback
from csat.models.people import Department, Person
from csat.models.questionnaires import Dimension
from csat.procedure.campaigns import response_counts
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally
from tests.builders import NOW, a_campaign, a_client, a_contact, a_department, a_person, an_incident
from tests.feedback_builders import DAY, a_stored_feedback
from tests.figures.stores import Q3, a_random_store, a_response, ask, figures_now
from tests.figures.test_suppression import Attacker

AFTER = Q3.end(NOW.tzinfo) + 3 * DAY  # when the quarter is over
RECORDED = (Channel.TELEPHONE, Channel.INTERVIEW)


def said(client, *ratings: int, anonymous: bool = False, channel=Channel.LINK, **more) -> None:
    """Answers of a client, all ratings of each alike."""
    for rating in ratings:
        a_response(ratings=rating, client=client, anonymous=anonymous, channel=channel, **more)


# --- a client ----------------------------------------------------------------------------------------


def test_a_client_by_hand(engine_db, zone):
    client, part = a_client("华东物流"), a_client("分公司")
    part.counts_as = client
    part.save()
    said(client, 5, 4, 2, channel=Channel.TELEPHONE)
    said(part, 1, 3, 5, anonymous=True)
    said(client, 5, 5, quarter=20262)
    tally.rebuild_tally()

    it = analysis.portray_client(Q3, client.id, NOW, zone, Audience.RESPONSE_READERS)

    assert (it.row.rate.good, it.row.rate.n) == (3, 6)
    assert it.distribution == (1, 1, 1, 1, 2)
    assert (it.row.spoken.good, it.row.spoken.n, it.row.linked.good, it.row.linked.n) == (2, 3, 1, 3)
    assert [(one.quarter, one.rate.n) for one in it.trend][-3:] == [(20261, 0), (20262, 2), (20263, 6)]
    assert it.trend[-2].rate.value == 1.0 and it.trend[-2].target == 0.9
    assert {row.key for row in it.dimensions} == {"timeliness", "expertise", "attitude", "resolution", "convenience"}
    assert [row.key for row in it.questionnaires] == ["incident"]


def test_a_hidden_client_shows_neither_parts_nor_spread(db, zone):
    client = a_client()
    said(client, 5, 4, 2, channel=Channel.TELEPHONE)
    said(client, 1, anonymous=True)
    tally.rebuild_tally()
    it = analysis.portray_client(Q3, client.id, NOW, zone, Audience.RESPONSE_READERS)
    assert it.row.rate.hidden and it.distribution is None
    assert (it.row.spoken, it.row.linked, it.trend[-1].spoken) == (None, None, None)
    assert it.trend[-1].rate.hidden and all(row.rate.hidden for row in it.dimensions)


@pytest.mark.parametrize("seed", range(12))
def test_no_page_of_one_tells_more_than_the_quarter(db, zone, seed):
    """Every rate of every page is one of the quarter's, or of another quarter's, hidden where that is."""
    a_random_store(seed, responses=Random(seed).choice([20, 60, 100]))
    tally.rebuild_tally()
    whole = {
        one: by_id(compute_quarter_figures(one, NOW, zone, Audience.RESPONSE_READERS)) for one in (Q3, Q3.plus(-1))
    }
    for client in Client.select().where(Client.counts_as.is_null()):
        agrees(analysis.portray_client(Q3, client.id, NOW, zone, Audience.RESPONSE_READERS), whole)
    for form in ("incident", "company", "service"):
        agrees(analysis.portray_questionnaire(Q3, form, Audience.RESPONSE_READERS), whole)


def by_id(figures) -> dict[str, Rate]:
    rows = [figures.satisfaction, *figures.clients, *figures.questionnaires, *figures.questions]
    cells = [cell["rate"] for cell in (*figures.heat, *figures.clients_by_questionnaire)]
    return {rate.id: rate for rate in [*(row.rate for row in rows), *cells]}


def agrees(it, whole) -> None:
    rows = (it.row, *it.dimensions, *it.questionnaires, *it.clients, *it.questions)
    for row in rows:
        known = whole[Q3].get(row.rate.id)
        assert known == row.rate if known else not row.rate.n, row.rate.id
        if row.rate.hidden:
            assert (row.spoken, row.linked, row.index.value) == (None, None, None)
    for point in it.trend[-2:]:
        known = whole[Quarter.from_int(point.quarter)].get(it.row.rate.id)
        assert known == replace(point.rate, id=it.row.rate.id) if known else not point.rate.n
        assert not point.rate.hidden or (point.spoken, point.linked) == (None, None)
    assert (it.distribution is None) == it.row.rate.hidden
    if it.distribution:
        assert (sum(it.distribution), sum(it.distribution[3:])) == (it.row.rate.n or 0, it.row.rate.good or 0)


# --- telephone against link --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_apart_has_a_name(engine_db, zone, seed):
    """The part by telephone counts no anonymous answer: the parts say no more of these than the whole."""
    a_random_store(seed, responses=90)
    figures = figures_now(zone)
    told = [row for row in (figures.satisfaction, *figures.clients, *figures.tiers) if row.spoken]
    for row in [*told, *(one for one in figures.dimensions if one.spoken)]:
        dimension = row.key if row in figures.dimensions else Dimension.OVERALL
        parts = row.rate.id.split("/")
        assert counted_by_hand(dimension, parts) == (row.spoken.good, row.spoken.of, row.spoken.n)
        assert row.spoken.of + row.linked.of == row.rate.of
        assert row.spoken.good + row.linked.good == row.rate.good
    assert told


def counted_by_hand(dimension, parts) -> tuple[int, int, int]:
    """Satisfied, ratings and responses with a name, taken down by us."""
    query = Answer.select(Answer, Response).join(Response).where(Answer.value.is_null(False), Response.quarter == 20263)
    query = query.where(Response.verdict == Verdict.VALID, ~Response.anonymous, Response.channel.in_(RECORDED))
    mine = [one for one in query if one.question.dimension == dimension and _belongs(one.response, parts)]
    return sum(one.value >= 4 for one in mine), len(mine), len({one.response_id for one in mine})


def _belongs(response: Response, parts: list[str]) -> bool:
    client = response.client and (response.client.counts_as or response.client)
    facts = {"client": str(client.id) if client else "none", "tier": str(client.tier) if client else "none"}
    wanted = dict(zip(parts[1::2], parts[2::2], strict=True)) if parts[0] == "satisfaction" else {}
    return all(facts[name] == value for name, value in wanted.items())


# --- departments and engineers -----------------------------------------------------------------------


def test_departments_and_engineers_rest_on_answers_with_a_name(engine_db, zone):
    client, networks, other = a_client(), a_department("网络部"), a_department("应用部")
    chen, lin = a_person("陈立"), a_person("林晓东")
    said(client, 5, 2, department=networks, engineer=chen, channel=Channel.TELEPHONE)
    said(client, 4, department=networks, engineer=lin)
    said(client, 1, department=other, engineer=lin)
    said(client, 1, 1, 1, 1, anonymous=True)
    said(client, 5, department=networks, engineer=chen, quarter=20262)

    figures = figures_now(zone)
    departments = [(row.name["zh"], row.rate.good, row.rate.n) for row in figures.departments]
    assert departments == [("应用部", 0, 1), ("网络部", 2, 3)]
    assert [(row.name["zh"], row.rate.n) for row in figures.engineers] == [("林晓东", 2), ("陈立", 2)]

    it = analysis.portray_department(Q3, networks.id, NOW, zone)
    assert (it.row.rate.n, it.row.before.n, it.distribution) == (3, 1, (0, 1, 0, 1, 1))
    assert [(row.name["zh"], row.rate.n) for row in it.engineers] == [("林晓东", 1), ("陈立", 2)]
    assert [(row.name["zh"], row.rate.n) for row in it.clients] == [("华东物流", 3)]
    assert (it.row.spoken.n, it.row.linked.n) == (2, 1)
    assert [one.rate.n for one in it.trend][-2:] == [1, 3]

    it = analysis.portray_engineer(Q3, lin.id, NOW)
    assert (it.row.rate.good, it.row.rate.n, it.distribution) == (1, 2, (1, 0, 0, 1, 0))


@pytest.mark.parametrize("seed", range(10))
def test_nothing_about_the_staff_counts_an_anonymous_answer(db, zone, seed):
    """So what is left of a client without its engineers is all of its anonymous answers, k or more."""
    a_random_store(seed, responses=80)
    people = list(Person.select())
    Response.update(engineer=people[0], department=Department.get(), manager=people[1]).where(
        Response.anonymous
    ).execute()  # as it can never be: the figures leave these out all the same
    figures = figures_now(zone)
    columns = {"managers": "manager", "departments": "department", "engineers": "engineer"}
    for cut, column in columns.items():
        for row in getattr(figures, cut):
            assert row.rate.n == with_a_name(**{column: int(row.key)})
    for client in Client.select().where(Client.counts_as.is_null()):
        for row in staff.build_rows(Q3, staff.ENGINEER, client=client.id):
            assert row.rate.n == with_a_name(engineer=int(row.key), client=client.id)


def with_a_name(**which) -> int:
    """Valid responses with a name and an overall rating."""
    query = Response.select().where(Response.quarter == int(Q3), Response.verdict == Verdict.VALID, ~Response.anonymous)
    for name, key in which.items():
        query = query.where(getattr(Response, name) == key)
    return sum(
        any(one.question.dimension == Dimension.OVERALL and one.value for one in response.answers) for response in query
    )


def test_who_of_the_surveyed_answered_with_a_name(db, zone):
    networks, campaign = a_department("网络部"), a_campaign()
    contact = a_contact(a_client())
    for number in range(4):
        incident = an_incident(f"INC{number}", contact.client, contact=contact, department=networks)
        times = {"surveyed_at": NOW if number < 3 else None, "survey_due_at": NOW - timedelta(hours=1)}
        Incident.update(quarter=20263, **times).where(Incident.id == incident.id).execute()
        if number < 2:
            more = {"department": networks, "incident": incident, "campaign": campaign}
            said(contact.client, 5, verdict=Verdict.VALID if number else Verdict.PENDING, **more)
    tally.rebuild_tally()
    it = analysis.portray_department(Q3, networks.id, NOW, zone)
    assert (it.named.good, it.named.of) == (2, 3)
    assert (it.surveyed.closed, it.surveyed.overdue, it.surveyed.rate.of) == (4, 1, 4)
    assert (it.surveyed.rate.good, it.row.rate.n) == (0, 1)


# --- who was asked -----------------------------------------------------------------------------------


def test_questionnaires_and_tiers_tell_what_may_be_told(db, zone):
    large, small = a_client("大", Tier.CORE), a_client("小", Tier.ORDINARY)
    ask(a_campaign("company"), large, 6, 4)
    ask(a_campaign("service"), small, 2, 1)
    figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
    forms = {row.key: (row.answered, row.delivered, row.rate.hidden) for row in figures.asked_by_questionnaire}
    assert forms == {"company": (4, 6, False), "service": (None, 2, True)}
    tiers = {row.key: (row.answered, row.rate.hidden) for row in figures.asked_by_tier}
    assert tiers == {"core": (4, False), "ordinary": (None, True)}
    assert figures.asked.rate.hidden


@pytest.mark.parametrize("seed", range(25))
def test_who_has_answered_follows_from_no_cut_of_who_was_asked(db, zone, seed):
    random = Random(seed)
    clients = [a_client(f"客户{at}", random.choice(list(Tier))) for at in range(4)]
    campaigns = [a_campaign(random.choice(["company", "service", "incident"])) for _ in range(3)]
    for campaign in campaigns:
        for client in random.sample(clients, random.randint(1, 4)):
            number = random.choice([1, 2, 3, 5])
            ask(campaign, client, number, random.randint(0, number))
    figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
    sums = response_counts.count_responses(Campaign.quarter == int(Q3))
    atoms = {
        (key, client): number
        for number, (key, client) in enumerate((key, client) for key, of in sums.items() for client in of)
    }
    form = {one.id: one.version.questionnaire.code for one in campaigns}
    tier = {client.id: str(client.tier) for client in clients}
    shown = [] if figures.asked.rate.hidden else [frozenset(atoms.values())]
    for rows, of in (
        (figures.asked_by_client, lambda key, client: str(client)),
        (figures.asked_by_questionnaire, lambda key, client: form[key]),
        (figures.asked_by_tier, lambda key, client: tier[client]),
    ):
        for row in rows:
            if not row.rate.hidden:
                shown.append(frozenset(n for at, n in atoms.items() if of(*at) == row.key))
    secret = []
    for key, of in sums.items():
        told = response_counts.decide_disclosure(of, next(one for one in campaigns if one.id == key))
        shown += [frozenset({atoms[key, client]}) for client in told.own]
        if told.together:
            shown.append(frozenset(atoms[key, client] for client in of))
        elif told.few:
            secret.append(frozenset(atoms[key, client] for client in told.few))
        secret += [frozenset({atoms[key, client]}) for client in told.few]
    attacker = Attacker([group for group in shown if group])
    assert not [group for group in secret if attacker.knows(group)]


# --- what stands out ---------------------------------------------------------------------------------


def remarks(zone, now=AFTER, quarter=Q3) -> list[tuple[str, str]]:
    tally.rebuild_tally()
    found = find_highlights(compute_quarter_figures(quarter, now, zone, Audience.RESPONSE_READERS), now, zone)
    return [(one.rule, one.name["zh"]) for one in found]


@pytest.mark.parametrize(
    ("dissatisfied", "of", "stands_out"),
    [
        (1, 1, False),  # one or two responses are nothing
        (2, 2, False),
        (1, 7, False),
        (3, 10, False),  # chance: 7.0 %
        (4, 12, False),  # chance: 2.56 %
        (4, 11, True),  # chance: 1.85 %
    ],
)
def test_below_the_target_is_said_where_chance_does_so_in_less_than_2_5_percent(db, zone, dissatisfied, of, stands_out):
    said(a_client("北辰外贸"), *[1] * dissatisfied, *[5] * (of - dissatisfied))
    assert remarks(zone) == ([("client_below", "北辰外贸")] if stands_out else [])


def test_while_a_quarter_runs_the_one_before_is_looked_at_too(db, zone):
    low = a_client("华东物流")
    said(low, *[2] * 6, *[5] * 6, quarter=20262)
    said(low, 2)
    assert remarks(zone, NOW) == [("client_below", "华东物流")]
    assert remarks(zone, AFTER) == []


def test_what_may_not_show_does_not_stand_out(db, zone):
    hidden, whole = a_client("二院"), a_client("城建")
    said(hidden, *[1] * 12)
    said(hidden, 1, anonymous=True)
    said(whole, *[5] * 40)
    assert ("client_below", "二院") not in remarks(zone)


def test_records_far_better_than_what_the_same_clients_say_by_link(db, zone):
    client, zhou, liu = a_client(), a_person("周婷"), a_person("刘欣")
    said(client, *[5] * 30, channel=Channel.TELEPHONE, recorder=zhou)
    said(client, *[5] * 14, *[3] * 7, channel=Channel.TELEPHONE, recorder=liu)
    said(client, *[5] * 20, *[3] * 10)
    found = remarks(zone)
    assert ("recorder_high", "周婷") in found and ("recorder_high", "刘欣") not in found

    listed = recorders.compare_recorders(Q3, Audience.RESPONSE_READERS)
    assert [(row.name["zh"], row.rate.good, row.rate.n) for row in listed.rows] == [("周婷", 30, 30), ("刘欣", 14, 21)]
    assert (listed.linked.good, listed.linked.n) == (20, 30)


def test_check_calls_that_contradict_stand_out(db, zone):
    zhou = a_person("周婷")
    for number in range(3):
        response = a_response(ratings=5, channel=Channel.TELEPHONE, recorder=zhou)
        outcome = CheckOutcome.DIFFERS if number else CheckOutcome.CONFIRMED
        made = {"outcome": outcome, "by": a_person("乔安"), "at": NOW}
        CheckCall.create(response=response, quarter=20263, drawn_at=NOW, **made)
    assert ("calls_contradict", "周婷") in remarks(zone)


def an_overdue(department: Department, linked_to: Feedback | None = None) -> Feedback:
    due = {"call_back_due_at": NOW + DAY, "close_due_at": NOW + 2 * DAY}
    return a_stored_feedback(department=department, linked_to=linked_to, **due)


def test_the_department_with_most_of_what_is_overdue(db, zone):
    networks, other = a_department("网络部"), a_department("应用部")
    for department in (networks, networks, other):
        an_overdue(department)
    assert remarks(zone) == []
    first = an_overdue(networks)
    assert remarks(zone) == [("overdue_most", "网络部")]
    assert remarks(zone, NOW) == []  # not past its instant yet
    assert remarks(zone, AFTER + DAY, Quarter(2026, 4)) == [("overdue_most", "网络部")]
    for _ in range(3):  # the same matter at another department counts once, at the one it is linked to
        an_overdue(other, linked_to=first)
    assert remarks(zone) == [("overdue_most", "网络部")]
    assert [number for _, _, number in list_overdue_by_department(None, AFTER)] == [3, 1]


def test_good_news_comes_last(db, zone):
    up, down = a_client("上"), a_client("下")
    said(up, *[2] * 20, quarter=20262)
    said(up, *[5] * 20)
    said(down, *[5] * 20, quarter=20262)
    said(down, *[2] * 20)
    found = [rule for rule, name in remarks(zone) if rule.startswith("client")]
    assert found == ["client_below", "client_rose"]
