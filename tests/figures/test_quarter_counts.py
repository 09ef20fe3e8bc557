"""Two readings of a quarter, before and after a report, differ by nobody or by k people or more (F4)."""

from __future__ import annotations

import pytest

from csat.documents.report import facts
from csat.figures import suppression
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Answer, Response, Verdict
from csat.models.clients import Client
from csat.models.questionnaires import Question
from csat.models.reporting import ReportState, Tally
from csat.procedure.reports import reports
from csat.procedure.review import tally, verdicts
from tests.builders import NOW, a_client, a_person
from tests.figures.stores import Q3, a_response
from tests.reports import a_stored_report


def valid(client, rated: int = 5, words: str = "", **more) -> Response:
    """An anonymous answer that QA finds valid now."""
    response = a_response(ratings=rated, client=client, anonymous=True, verdict=Verdict.PENDING, **more)
    if words:
        asked = Question.get(Question.version == response.version, Question.code == "opinions")
        Answer.create(response=response, question=asked, words=words)
    verdicts.accept_response(response, a_person(), NOW)
    return response


def three_of(name: str) -> Client:
    """A client of whom three have answered."""
    client = a_client(name)
    for _ in range(3):
        valid(client)
    return client


def reading(zone):
    figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
    clients = {row.name["zh"]: row.rate.n for row in figures.clients}
    said = facts.collect_comments(Q3, Audience.RESPONSE_READERS)
    return figures.satisfaction.rate.n, clients, {text for sort in said.values() for text in sort["shown"]}


def test_one_more_anonymous_answer_after_the_report_shows_nowhere(engine_db, zone):
    client = three_of("甲")
    report, before = a_stored_report(), reading(zone)
    valid(client, 1, "迟到的一句")
    valid(client, 1)
    assert reading(zone) == before
    assert compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).verdicts.held == 2
    tally.rebuild_tally()
    assert reading(zone) == before
    valid(client, 4)
    assert reading(zone) == (6, {"甲": 6}, {"迟到的一句"})
    assert report.state == ReportState.ISSUED


def test_named_answers_wait_for_nobody(db, zone):
    a_stored_report()
    response = a_response(client=a_client("甲"), verdict=Verdict.PENDING)
    verdicts.accept_response(response, a_person(), NOW)
    assert reading(zone)[0] == 1


def test_what_only_one_of_a_step_adds_to_is_hidden_from_then_on(db, zone):
    """甲 grows by two, 乙 by one: the whole grows by three, and neither of the two is told any more."""
    first, second = three_of("甲"), three_of("乙")
    a_stored_report()
    assert reading(zone)[:2] == (6, {"甲": 3, "乙": 3})
    for client in (first, first, second):
        valid(client, 1)
    assert reading(zone)[:2] == (9, {"甲": None, "乙": None})
    for client in (first, first, first):
        valid(client, 1)
    assert reading(zone)[:2] == (12, {"甲": None, "乙": None})


def test_each_step_is_compared_with_each_reading_before(db, zone):
    """甲 grows by three and shows, then by none while 乙 grows: what showed goes on showing."""
    first, second = three_of("甲"), three_of("乙")
    a_stored_report()
    for client in (first, first, first):
        valid(client, 1)
    assert reading(zone)[:2] == (9, {"甲": 6, "乙": 3})
    for client in (first, second, second):
        valid(client, 1)
    assert reading(zone)[:2] == (12, {"甲": None, "乙": None})


def test_what_was_hidden_once_stays_hidden_though_it_grows(db, zone):
    """乙 hid 甲 in the first report. Were it shown in the next, the two of 甲 would follow from the first whole."""
    small, cover, other = (a_client(name) for name in "甲乙丙")
    for client, number in ((small, 2), (cover, 5), (other, 7)):
        for _ in range(number):
            valid(client)
    a_stored_report()
    assert reading(zone)[1] == {"甲": None, "乙": None, "丙": 7}
    for _ in range(3):
        valid(small)
    assert reading(zone)[:2] == (17, {"甲": None, "乙": None, "丙": 7})


def test_the_refused_leave_together_and_hide_where_fewer_leave(db, zone):
    first, second = (a_client(name) for name in "甲乙")
    of_first, of_second = [valid(first) for _ in range(6)], [valid(second) for _ in range(6)]
    a_stored_report()
    before = reading(zone)
    for one in (of_first[0], of_second[0]):
        refuse(one)
    assert reading(zone) == before
    assert compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).verdicts.leaving == 2
    refuse(of_first[1])
    assert reading(zone)[:2] == (9, {"甲": None, "乙": None})


def refuse(response: Response) -> None:
    verdicts.propose_refusal(response, "查无此事", a_person(), NOW)
    verdicts.refuse_response(response, a_person("秦越"), NOW)


def test_clients_joined_after_a_report_show_together_only_where_each_showed_apart(db, zone):
    shown, small, cover, other = (a_client(name) for name in "甲乙丙丁")
    for client, number in ((shown, 6), (small, 2), (cover, 4), (other, 5)):
        for _ in range(number):
            valid(client)
    a_stored_report()
    assert reading(zone)[1] == {"甲": 6, "乙": None, "丙": None, "丁": 5}
    small.counts_as = shown
    small.save()
    assert reading(zone)[1] == {"甲": None, "丙": None, "丁": 5}


@pytest.mark.parametrize("steps", [2, 6])
def test_each_late_answer_is_looked_at_once_however_many_steps(db, zone, monkeypatch, steps):
    client = three_of("甲")
    a_stored_report()
    for _ in range(3 * steps):
        valid(client)
    looked_at: list[int] = []
    find = suppression.find_hidden_cells

    def count(cells, least):
        looked_at.append(cells.of("satisfaction").anonymous)
        return find(cells, least)

    monkeypatch.setattr(suppression, "find_hidden_cells", count)
    assert reading(zone)[0] == 3 + 3 * steps
    of_quarter = [number for number in looked_at if number]
    assert sum(of_quarter) % (3 + 3 * steps) == 0 and set(of_quarter) == {3}


def test_before_any_reader_saw_a_report_nothing_waits(db, zone):
    client = three_of("甲")
    draft = a_stored_report(ReportState.DRAFT)
    valid(client)
    assert reading(zone)[0] == 3
    tally.settle_tally(int(Q3))
    assert reading(zone)[0] == 4
    valid(client)
    draft.state = ReportState.REVIEW
    draft.save()
    tally.settle_tally(int(Q3))
    assert reading(zone)[0] == 4


def test_a_discarded_draft_lets_everybody_in(db, zone):
    client = three_of("甲")
    draft = a_stored_report(ReportState.DRAFT)
    valid(client)
    reports.discard_draft(draft, a_person(), NOW)
    assert reading(zone)[0] == 4


def test_who_waits_and_is_refused_leaves_no_trace_in_the_figures(db, zone):
    client = three_of("甲")
    a_stored_report()
    waiting, before = valid(client), Tally.select().count()
    tally.remove_from_tally(waiting)
    assert Tally.select().count() == before and reading(zone)[0] == 3
    assert Response.get_by_id(waiting.id).step is None


def test_one_who_says_not_applicable_beside_three_who_rate_is_not_told(db, zone):
    client = a_client("甲")
    for value in (5, 5, 5, "na"):
        valid(client, answers={"convenience": value})

    def told() -> list[tuple]:
        questions = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).questions
        return [(one.distribution, one.not_applicable) for one in questions if one.code == "convenience"]

    assert told() == [((0, 0, 0, 0, 3), None)]
    for _ in range(2):
        valid(client, answers={"convenience": "na"})
    assert told() == [((0, 0, 0, 0, 3), 3)]
