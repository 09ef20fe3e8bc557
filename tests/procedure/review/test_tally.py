"""The tally equals what plain SQL counts, however responses came in and went out."""

from __future__ import annotations

from random import Random

import pytest
from peewee import fn

from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.questionnaires import Question
from csat.models.reporting import ReportState, ReportWord, Tally, Word
from csat.procedure.review import tally, tally_rows
from tests.builders import NOW, a_client, a_department, a_person
from tests.figures.stores import a_random_store, a_response
from tests.reports import a_stored_report


def tallied() -> dict[tuple, int]:
    """The whole tally: {key: n}."""
    return {row[:-1]: row[-1] for row in Tally.select(*tally_rows.TALLY_KEY, Tally.n).tuples()}


def test_a_response_counts_each_answer_each_dimension_and_itself_once(engine_db):
    response = a_response("company", ratings=4, answers={"recommend": 9, "convenience": "na", "expectation": 2})

    tally.add_to_tally(response)

    of = {
        (row[8], row[9], row[10]): row[-1]
        for row in Tally.select(*tally_rows.TALLY_KEY, Tally.n).tuples()
        if not row[11]
    }
    assert of["overall", "overall", 4] == 1
    assert of["expectation", "value", 2] == of["value", "value", 4] == 1
    assert of["", "value", tally_rows.RESPONSE_COUNT] == 1  # two ratings of one dimension, one response
    assert of["", "", tally_rows.RESPONSE_COUNT] == 1
    assert of["recommend", "", 9] == 1
    assert of["convenience", "convenience", tally_rows.NOT_APPLICABLE_VALUE] == 1
    assert ("", "convenience", tally_rows.RESPONSE_COUNT) not in of  # 'not applicable' is no rating (F2)
    pairs = [(row.dimension, row.value, row.n) for row in Tally.select().where(Tally.overall == 4)]
    assert ("value", 2, 1) in pairs  # the expectation of one who is satisfied overall
    assert ("timeliness", 4, 1) in pairs


def test_a_response_stands_in_exactly_these_rows(db):
    """Its answers and its dimensions by client and way, its overall rating by people, each rating by overall."""
    manager, engineer, recorder = a_person("经理"), a_person("工程师"), a_person("坐席")
    client, department = a_client(), a_department()
    people = {"manager": manager, "department": department, "engineer": engineer, "recorder": recorder}
    answers = {"attitude": 1, "expertise": "na", "first_contact": 0}
    tally.add_to_tally(a_response(client=client, ratings=4, answers=answers, **people))
    ours = (20263, client.id, 0, 0, 0, 0, "link", "incident")
    everybody = (20263, client.id, manager.id, department.id, engineer.id, recorder.id, "link", "incident")
    rated = {"timeliness": 4, "attitude": 1, "resolution": 4, "convenience": 4}
    assert tallied() == {
        **{(*ours, code, code, value, 0, False): 1 for code, value in ({"overall": 4} | rated).items()},
        (*ours, "expertise", "expertise", tally_rows.NOT_APPLICABLE_VALUE, 0, False): 1,
        (*ours, "first_contact", "", 0, 0, False): 1,
        **{(*ours, "", dimension, tally_rows.RESPONSE_COUNT, 0, False): 1 for dimension in ("", "overall", *rated)},
        (*everybody, "", "overall", 4, 0, False): 1,
        **{(20263, 0, 0, 0, 0, 0, "", "", "", dimension, value, 4, False): 1 for dimension, value in rated.items()},
    }


def test_who_has_no_people_counts_for_nobody(db):
    tally.add_to_tally(a_response(anonymous=True, ratings=None, answers={"overall": 3}))
    ours = (20263, 0, 0, 0, 0, 0, "link", "incident")
    assert tallied() == {
        (*ours, "overall", "overall", 3, 0, True): 1,
        (*ours, "", "", tally_rows.RESPONSE_COUNT, 0, True): 1,
        (*ours, "", "overall", tally_rows.RESPONSE_COUNT, 0, True): 1,
        (*ours, "", "overall", 3, 0, True): 1,
    }


def test_words_and_blanks_are_not_counted_whatever_else_they_hold(db):
    response = a_response("company", ratings=None, answers={"recommend": "na"})
    for code, more in (("most_satisfied", {"not_applicable": True}), ("timeliness", {})):
        question = Question.get(Question.version == response.version, Question.code == code)
        Answer.create(response=response, question=question, **more)
    tally.add_to_tally(response)
    assert {(row.question, row.dimension, row.value) for row in Tally.select()} == {
        ("recommend", "", tally_rows.NOT_APPLICABLE_VALUE),
        ("", "", tally_rows.RESPONSE_COUNT),
    }


def test_without_an_overall_rating_nothing_is_counted_by_it(db):
    tally.add_to_tally(a_response(ratings=5, answers={"overall": "na"}, engineer=a_person()))
    assert not Tally.select().where((Tally.overall != 0) | (Tally.engineer != 0)).exists()


def test_more_rows_than_one_statement_takes_are_all_written(db, monkeypatch):
    monkeypatch.setattr(tally_rows, "ROWS_AT_ONCE", 3)
    for _ in range(2):
        tally.add_to_tally(a_response(ratings=4))
    assert set(tallied().values()) == {2} and len(tallied()) == 19


def test_only_the_overall_rating_is_counted_by_people(engine_db):
    engineer = a_person("高工")
    tally.add_to_tally(a_response(engineer=engineer, recorder=engineer, ratings=3))
    (row,) = Tally.select().where(Tally.engineer != 0)
    assert (row.engineer, row.recorder, row.question, row.dimension) == (engineer.id, engineer.id, "", "overall")
    assert (row.value, row.n) == (3, 1)


def test_what_is_counted_out_leaves_nothing_behind(engine_db):
    first, second = a_response(ratings=5), a_response(ratings=5, answers={"timeliness": 1})
    tally.add_to_tally(first)
    before = tallied()
    tally.add_to_tally(second)

    tally.remove_from_tally(second)

    assert tallied() == before
    tally.remove_from_tally(first)
    assert Tally.select().count() == 0


def test_equal_responses_share_their_rows(engine_db):
    for _ in range(3):
        tally.add_to_tally(a_response(anonymous=True))
    assert set(tallied().values()) == {3}


def test_a_response_without_answers_counts_as_a_response(engine_db):
    tally.add_to_tally(a_response(ratings=None))
    (row,) = Tally.select()
    assert (row.question, row.dimension, row.n) == ("", "", 1)


@pytest.mark.parametrize("seed", range(6))
def test_coming_and_going_in_any_order_equals_the_rebuilt_tally(engine_db, seed):
    responses, random = a_random_store(seed), Random(seed)
    random.shuffle(responses)
    for response in responses:
        tally.add_to_tally(response)
        if response.verdict != Verdict.VALID:
            tally.remove_from_tally(response)
    incremental = tallied()

    valid = tally.rebuild_tally()

    assert valid == Response.select().where(Response.verdict == Verdict.VALID).count()
    assert tallied() == incremental
    assert all(n > 0 for n in incremental.values())


@pytest.mark.parametrize("seed", range(6, 10))
def test_the_tally_equals_plain_counting(engine_db, seed):
    a_random_store(seed)
    tally.rebuild_tally()
    plain = (
        Answer.select(Response.quarter, Question.code, Answer.value, Response.anonymous, fn.COUNT(Answer.id))
        .join(Response)
        .switch(Answer)
        .join(Question)
        .where(Response.verdict == Verdict.VALID, Answer.value.is_null(False))
        .group_by(Response.quarter, Question.code, Answer.value, Response.anonymous)
    )
    counted = (
        Tally.select(Tally.quarter, Tally.question, Tally.value, Tally.anonymous, fn.SUM(Tally.n))
        .where(Tally.question != "", Tally.value >= 0)
        .group_by(Tally.quarter, Tally.question, Tally.value, Tally.anonymous)
    )
    as_counts = [{row[:-1]: int(row[-1]) for row in query.tuples()} for query in (plain, counted)]
    assert as_counts[0] == as_counts[1]


def test_a_recorded_response_counts_for_its_recorder(db):
    tally.add_to_tally(a_response(channel=Channel.TELEPHONE))
    assert {row.channel for row in Tally.select().where(Tally.overall == 0)} == {"telephone"}


# --- steps after a report (decision 0020) ------------------------------------------------------------


def late(**more) -> Response:
    """An anonymous response that becomes valid now."""
    response = a_response(anonymous=True, **more)
    tally.add_to_tally(response)
    return response


def responses_counted() -> int:
    rows = Tally.select().where(Tally.value == tally_rows.RESPONSE_COUNT, Tally.dimension == "")
    return sum(row.n for row in rows)


def steps() -> list[int | None]:
    return [row.step for row in Response.select().order_by(Response.step)]


def test_without_a_report_each_is_counted_at_once(db):
    late()
    assert responses_counted() == 1 and steps() == [None]


@pytest.mark.parametrize("state", list(ReportState))
def test_once_a_report_is_there_anonymous_ones_are_counted_by_k(db, state):
    a_stored_report(state)
    late(), late()
    assert responses_counted() == 0 and steps() == [tally.WAITING_STEP] * 2
    assert Response.select().where(tally.counted_condition()).count() == 0
    assert tally.rebuild_tally() == 0
    late()
    assert responses_counted() == 3 and steps() == [1] * 3
    assert Response.select().where(tally.counted_condition()).count() == 3
    late(), late(), late()
    assert steps() == [1] * 3 + [2] * 3 and tally.find_last_step(20263) == 2
    assert tally.find_last_step(20262) == 0
    assert tally.rebuild_tally() == 6


def test_quarters_that_no_report_tells_of_and_named_ones_wait_for_nobody(db):
    a_stored_report(ReportState.ISSUED)
    late(quarter=20264)
    tally.add_to_tally(a_response())
    assert responses_counted() == 2 and steps() == [None, None]
    late(), late()
    assert responses_counted() == 2  # neither of them is company
    a_stored_report(ReportState.ISSUED, quarter=20264)
    late(quarter=20264)
    assert responses_counted() == 2  # nor is one of another quarter


@pytest.mark.parametrize(("quarter", "told"), [(20263, True), (20262, True), (20244, True), (20243, False)])
def test_a_report_tells_of_the_seven_quarters_before_too(db, quarter, told):
    """Its trend and the quarter before are readings of theirs: a later one shall not differ by one person."""
    a_stored_report(ReportState.ISSUED)
    late(quarter=quarter)
    assert tally.is_told(quarter) is told and responses_counted() == (0 if told else 1)


def test_what_waits_leaves_without_a_trace_in_the_tally(db):
    a_stored_report(ReportState.ISSUED)
    first, _ = late(), late()
    tally.remove_from_tally(first)
    assert not Tally.select().exists() and steps() == [None, tally.WAITING_STEP]
    late()
    assert responses_counted() == 0  # two wait again


def some_counted(number: int, **more) -> list[Response]:
    """Anonymous ones that a report has counted."""
    found = [late(**more) for _ in range(number)]
    tally.settle_tally(20263)
    return found


def doubt(*responses: Response, refused: bool = True) -> None:
    for response in responses:
        response.verdict = Verdict.DOUBTED
        response.save()
        tally.remove_from_tally(response)
        if refused:
            Response.update(verdict=Verdict.REFUSED).where(Response.id == response.id).execute()
            tally.let_leave(20263)


def test_the_refused_leave_a_told_quarter_by_k_and_of_groups_that_stay(db):
    counted = some_counted(8)
    a_stored_report(ReportState.ISSUED)
    doubt(counted[0], counted[1])
    assert responses_counted() == 8 == Response.select().where(tally.counted_condition()).count()
    doubt(counted[2], refused=False)  # a second person may still find it genuine
    assert responses_counted() == 8 == tally.rebuild_tally()
    doubt(counted[3])
    assert responses_counted() == 5 == tally.rebuild_tally()
    assert sorted(row.left for row in Response.select().where(Response.left.is_null(False))) == [0, 1, 1, 1]


def test_nobody_leaves_a_group_of_which_too_few_stay(db):
    """Of four alike three refused: who knows the four and the one would know the three, and of the one alone."""
    counted = some_counted(4)
    a_stored_report(ReportState.ISSUED)
    doubt(*counted[:3])
    assert responses_counted() == 4


def test_groups_are_covered_together(db):
    first, second, third = (some_counted(3, client=a_client(name)) for name in "甲乙丙")
    a_stored_report(ReportState.ISSUED)
    doubt(first[0], second[0])
    assert responses_counted() == 9
    doubt(third[0])
    assert responses_counted() == 6


def test_a_doubt_that_is_rejected_changes_nothing_and_who_left_stays_out(db):
    counted = some_counted(8)
    a_stored_report(ReportState.ISSUED)
    doubt(counted[0], refused=False)
    Response.update(verdict=Verdict.VALID).where(Response.id == counted[0].id).execute()
    tally.add_to_tally(counted[0])
    assert responses_counted() == 8 and not Response.select().where(Response.left.is_null(False)).exists()
    doubt(*counted[1:4])
    assert responses_counted() == 5
    Response.update(verdict=Verdict.VALID).where(Response.id == counted[1].id).execute()
    tally.add_to_tally(counted[1])
    assert responses_counted() == 5 == tally.rebuild_tally()


def test_the_history_tells_what_came_and_left_with_each_step(db):
    counted = some_counted(8)
    a_stored_report(ReportState.ISSUED)
    [late() for _ in range(3)]
    doubt(*counted[:3])
    a_response(step=1, quarter=20262), a_response(anonymous=True, verdict=Verdict.PENDING)
    told = {batch: sum(_responses(keys)) for batch, keys in tally.read_history(20263).items()}
    assert told == {(0, None): 5, (0, 2): 3, (1, None): 3}


def _responses(keys):
    return (n for key, n in keys.items() if key[10] == tally_rows.RESPONSE_COUNT and key[9] == "")


@pytest.mark.parametrize(
    ("state", "word", "waits"),
    [
        (ReportState.DRAFT, False, False),
        (ReportState.DRAFT, True, True),  # it was in review and came back
        (ReportState.REVIEW, False, True),
        (ReportState.ISSUED, False, True),
    ],
)
def test_before_a_reader_has_seen_a_report_nothing_has_to_wait(db, state, word, waits):
    report = a_stored_report(state)
    [late() for _ in range(4)]
    a_response(step=2, quarter=20264, anonymous=True)
    if word:
        ReportWord.create(report=report, person=a_person(), word=Word.RETURN, at=NOW)
    tally.settle_tally(20263)
    assert responses_counted() == (3 if waits else 4)
    assert steps() == ([0, 1, 1, 1, 2] if waits else [None] * 4 + [2])
