"""What a colleague took down wrongly is corrected beside the record, by two persons (P11)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peewee import fn

from csat import clock, database
from csat.database import store
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Answer, Response, Verdict
from csat.models.archive import Bundle
from csat.models.asking import Channel
from csat.models.clients import Client
from csat.models.corrections import CorrectedAnswer, Correction, CorrectionState
from csat.models.feedback import FeedbackOrigin
from csat.models.questionnaires import Dimension, Kind, Question
from csat.models.records import AuditDetail, AuditEntry
from csat.models.reporting import Report, Tally
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import AffectedMayNotDecide, NotFound, RecorderMayNotVerify, ValueMissing
from csat.procedure.feedback import classification
from csat.procedure.questionnaires.answers import ChoiceUnknown, GivenAnswer, NothingSaid
from csat.procedure.review import corrections, verdicts
from csat.procedure.review import tally as scoring
from csat.procedure.upkeep import retention
from tests.builders import NOW, a_client, a_contact, a_person, a_response
from tests.cast import a_cast
from tests.conftest import migrate_again, open_copy
from tests.feedback_builders import a_feedback
from tests.reports import a_stored_report

LATER = NOW + timedelta(days=1)
read = corrections.answers_by_code
WHY = "回电核实：客户说的是两分"


def a_record(cast, valid=True, **more) -> Response:
    client = more.pop("client", None) or Client.get_or_none() or a_client()
    details = {"channel": Channel.TELEPHONE, "recorder": cast.desk, "client": client, **more}
    response = a_response(**details)
    for question in Question.select().where(Question.version == response.version, Question.kind == Kind.YES_NO):
        Answer.create(response=response, question=question, value=1)
    if valid:
        verdicts.accept_response(response, cast.qa, NOW)
    return response


def corrected(response: Response, **values) -> dict[str, GivenAnswer]:
    """The answers as they stand, with these changed; None is a blank."""
    return {code: answer for code, answer in (read(response) | values).items() if answer is not None}


def propose(response: Response, by, reason: str = WHY, **values) -> Correction:
    return corrections.propose_correction(response, corrected(response, **values), reason, by, NOW)


def correct(response: Response, cast, **values) -> Correction:
    """Proposed by one person of QA, confirmed by another."""
    made = propose(response, cast.qa, **values)
    corrections.confirm_correction(made, cast.qa2, NOW)
    return made


def tally() -> Counter:
    columns = [column for column in Tally._meta.sorted_fields if column.name not in ("id", "n")]
    rows = Tally.select(*columns, fn.SUM(Tally.n)).group_by(*columns).tuples()
    return Counter({tuple(row[:-1]): row[-1] for row in rows})


def tally_agrees_with_the_answers() -> bool:
    before = tally()
    scoring.rebuild_tally()
    return before == tally()


# --- the way of a correction ---------------------------------------------------------------------------


def test_a_correction_counts_from_the_second_persons_word_on(engine_db, cast):
    response = a_record(cast)
    made = propose(response, cast.qa, overall=GivenAnswer(2))
    assert read(response)["overall"] == GivenAnswer(5) and overall_counted() == {5: 1}
    corrections.confirm_correction(made, cast.qa2, LATER)
    assert read(response)["overall"] == GivenAnswer(2) and overall_counted() == {2: 1}
    (row,) = corrections.corrected_answers_of(made)
    assert (corrections.recorded_answer(row), corrections.given_answer(row)) == (GivenAnswer(5), GivenAnswer(2))
    assert tally_agrees_with_the_answers()


def overall_counted() -> dict[int, int]:
    """What the tally says, held against plain SQL over the answers of valid responses."""
    rows = Tally.select(Tally.value, fn.SUM(Tally.n)).where(Tally.question == "overall", Tally.value > 0)
    told = {value: int(n) for value, n in rows.group_by(Tally.value).tuples()}
    plain = store.execute_sql(
        "SELECT a.value, COUNT(*) FROM answer a JOIN response r ON r.id = a.response_id"
        " JOIN question q ON q.id = a.question_id WHERE r.verdict = 'valid' AND q.code = 'overall'"
        " AND a.value IS NOT NULL GROUP BY a.value"
    )
    assert told == dict(plain.fetchall())
    return told


def test_no_count_of_responses_changes(cast, zone):
    response = a_record(cast)
    before = compute_quarter_figures(Quarter(2026, 3), NOW, zone, Audience.RESPONSE_READERS)
    correct(response, cast, overall=GivenAnswer(1))
    after = compute_quarter_figures(Quarter(2026, 3), NOW, zone, Audience.RESPONSE_READERS)
    assert before.verdicts == after.verdicts and before.asked.rate == after.asked.rate
    assert (before.satisfaction.rate.n, before.satisfaction.rate.value) == (1, 1.0)
    assert (after.satisfaction.rate.n, after.satisfaction.rate.value) == (1, 0.0)
    assert Response.select().count() == 1


def test_a_pending_record_is_corrected_before_it_counts(cast):
    response = a_record(cast, valid=False)
    correct(response, cast, overall=GivenAnswer(3))
    assert not Tally.select().exists()
    verdicts.accept_response(response, cast.qa, NOW)
    assert overall_counted() == {3: 1}


def test_every_kind_of_answer_can_be_put_right(cast):
    response = a_record(cast, opinions="都好", ratings={"convenience": 0})
    right = {"first_contact": GivenAnswer(0), "convenience": GivenAnswer(4), "attitude": GivenAnswer(1)}
    right["opinions"] = GivenAnswer(words="回电时说：太慢")
    made = propose(response, cast.qa, **right)
    corrections.confirm_correction(made, cast.director, NOW)
    assert right.items() <= read(response).items()
    assert {row.question.code for row in corrections.corrected_answers_of(made)} == right.keys()
    again = correct(response, cast, opinions=None, convenience=GivenAnswer(not_applicable=True))
    assert "opinions" not in read(response) and read(response)["convenience"] == GivenAnswer(not_applicable=True)
    first = {corrections.recorded_answer(row).words for row in corrections.corrected_answers_of(again)}
    assert first == {None, "回电时说：太慢"}
    assert tally_agrees_with_the_answers()


def test_the_first_record_stays_readable_below_later_ones(cast):
    response = a_record(cast)
    for value in (4, 3):
        correct(response, cast, overall=GivenAnswer(value))
    made = corrections.corrections_of([response.id])[response.id]
    said = [corrections.recorded_answer(row).value for one in made for row in one.answers]
    assert said == [5, 4] and read(response)["overall"] == GivenAnswer(3)


def test_the_second_person_can_disagree_with_a_reason(cast):
    response = a_record(cast)
    made = propose(response, cast.qa, overall=GivenAnswer(2))
    with pytest.raises(ValueMissing):
        corrections.reject_correction(made, cast.qa2, NOW, " ")
    corrections.reject_correction(made, cast.qa2, NOW, "录音里是五分")
    assert read(response)["overall"] == GivenAnswer(5) and overall_counted() == {5: 1}
    with pytest.raises(corrections.CorrectionDecided):
        corrections.confirm_correction(made, cast.director, NOW)
    assert propose(response, cast.qa, overall=GivenAnswer(2))


def test_who_proposed_it_can_take_it_back_and_nobody_else(cast):
    made = propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    with pytest.raises(corrections.NotTheCorrector):
        corrections.withdraw_correction(made, cast.qa2, NOW)
    corrections.withdraw_correction(made, cast.qa, NOW)
    assert Correction.get().state == CorrectionState.WITHDRAWN and not corrections.list_waiting_corrections().exists()


def test_the_history_tells_each_step_and_no_answer(cast):
    response = a_record(cast)
    correct(response, cast, opinions=GivenAnswer(words="很慢"))
    acts = [entry.action for entry in AuditEntry.select().order_by(AuditEntry.id)][-2:]
    assert acts == ["correction proposed", "response corrected"]
    assert not AuditDetail.select().where(AuditDetail.detail.contains("很慢")).exists()


# --- what is refused -----------------------------------------------------------------------------------


def test_what_clients_filled_in_without_us_is_never_corrected(cast):
    for anonymous in (False, True):
        response = a_response(anonymous=anonymous)
        with pytest.raises(corrections.NotCorrectable):
            propose(response, cast.qa, overall=GivenAnswer(2))
        assert not corrections.may_propose_correction(response, cast.qa)


def test_what_is_doubted_or_refused_is_not_corrected(cast):
    response = a_record(cast)
    made = propose(response, cast.qa, overall=GivenAnswer(2))
    verdicts.propose_refusal(response, "否认", cast.qa2, NOW)
    with pytest.raises(corrections.NotCorrectable):
        corrections.confirm_correction(made, cast.director, NOW)
    corrections.withdraw_correction(made, cast.qa, NOW)
    with pytest.raises(corrections.NotCorrectable):
        propose(response, cast.qa, overall=GivenAnswer(2))


def test_the_recorder_proposes_and_another_decides(cast):
    both = a_person("双职", Role.DESK, Role.QA)
    response = a_record(cast, recorder=both)
    made = propose(response, both, overall=GivenAnswer(2))
    with pytest.raises(corrections.CorrectionNeedsSecondPerson):
        corrections.confirm_correction(made, both, NOW)
    corrections.withdraw_waiting(response, both, NOW)
    with pytest.raises(RecorderMayNotVerify):
        corrections.confirm_correction(propose(response, cast.qa, overall=GivenAnswer(2)), both, NOW)


def test_only_who_recorded_it_and_quality_control_may_propose(cast):
    response = a_record(cast)
    told = {one.name: corrections.may_propose_correction(response, one) for one in (cast.desk, cast.qa, cast.manager)}
    assert told == {"苏岚": True, "乔安": True, "程远": False}
    assert corrections.own_record_for(cast.desk, response.id) == response
    for other in (cast.qa, cast.manager):
        with pytest.raises(NotFound):
            corrections.own_record_for(other, response.id)


def test_whom_it_is_about_neither_proposes_nor_decides(cast):
    insider = a_person("内部", Role.QA, department=cast.department)
    response = a_record(cast, department=cast.department)
    with pytest.raises(AffectedMayNotDecide):
        propose(response, insider, overall=GivenAnswer(2))
    made = propose(response, cast.qa, overall=GivenAnswer(2))
    for verb in (corrections.confirm_correction, corrections.reject_correction):
        with pytest.raises(AffectedMayNotDecide):
            verb(made, insider, NOW, "不")


def test_a_correction_takes_two_persons(cast):
    made = propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    for verb in (corrections.confirm_correction, corrections.reject_correction):
        with pytest.raises(corrections.CorrectionNeedsSecondPerson):
            verb(made, cast.qa, NOW, "不")


def test_one_correction_at_a_time(cast):
    response = a_record(cast)
    propose(response, cast.qa, overall=GivenAnswer(2))
    with pytest.raises(corrections.CorrectionWaits):
        propose(response, cast.qa2, overall=GivenAnswer(3))


def test_a_correction_needs_a_reason_a_difference_and_possible_answers(cast):
    response = a_record(cast)
    with pytest.raises(ValueMissing):
        propose(response, cast.qa, reason=" ", overall=GivenAnswer(2))
    with pytest.raises(corrections.NothingDiffers):
        propose(response, cast.qa)
    for wrong in ({"overall": GivenAnswer(6)}, {"overall": GivenAnswer(words="五")}, {"nonsense": GivenAnswer(1)}):
        with pytest.raises(ChoiceUnknown):
            propose(response, cast.qa, **wrong)
    with pytest.raises(NothingSaid):
        corrections.propose_correction(response, {}, WHY, cast.qa, NOW)
    assert not Correction.select().exists() and not CorrectedAnswer.select().exists()


def test_what_was_not_said_is_corrected_to_a_blank(cast):
    response = a_record(cast)
    correct(response, cast, overall=None)
    assert "overall" not in read(response) and overall_counted() == {} and tally_agrees_with_the_answers()


def a_feedback_from(response, cast):
    answer = next(row for row in response.answers if row.words)
    source = classification.SourcePassage(response, answer, 0, 1)
    return a_feedback(cast, origin=FeedbackOrigin.RESPONSE, words=answer.words, sources=[source])


def test_words_that_feedback_quotes_stay(cast):
    response = a_record(cast, opinions="太慢了")
    a_feedback_from(response, cast)
    with pytest.raises(corrections.WordsQuoted):
        propose(response, cast.qa, opinions=GivenAnswer(words="还好"))
    assert propose(response, cast.qa, overall=GivenAnswer(2))


def test_words_quoted_since_the_proposal_stay_too(cast):
    response = a_record(cast, opinions="太慢了")
    made = propose(response, cast.qa, opinions=GivenAnswer(words="还好"))
    a_feedback_from(response, cast)
    with pytest.raises(corrections.WordsQuoted):
        corrections.confirm_correction(made, cast.qa2, NOW)


def test_a_record_that_reads_otherwise_now_is_proposed_again(cast):
    response = a_record(cast, opinions="王女士很满意", contact=a_contact(a_client("甲")), respondent_name="王女士")
    made = propose(response, cast.qa, opinions=GivenAnswer(words="王女士不满意"))
    Answer.update(words="别的").where(Answer.words == "王女士很满意").execute()
    with pytest.raises(corrections.RecordChanged):
        corrections.confirm_correction(made, cast.qa2, NOW)


def test_only_who_reads_responses_sees_a_correction(cast):
    made = propose(a_record(cast), cast.qa, overall=GivenAnswer(2))
    for person in (cast.qa, cast.director, cast.improvement):
        assert corrections.correction_for(person, made.id) == made
    for person, key in ((cast.desk, made.id), (cast.owner, made.id), (cast.qa, made.id + 1), (cast.qa, 2**70)):
        with pytest.raises(NotFound):
            corrections.correction_for(person, key)


# --- beside other things -------------------------------------------------------------------------------


def test_an_erasure_covers_the_name_in_what_was_recorded_too(cast):
    contact = a_contact(a_client("甲"))
    response = a_record(cast, opinions="王女士说很好", contact=contact, respondent_name="王女士")
    made = propose(response, cast.qa, reason="王女士回电更正", opinions=GivenAnswer(words="王女士说很慢"))
    corrections.confirm_correction(made, cast.qa2, NOW, "王女士证实")
    retention.erase_contact(contact, cast.admin, NOW)
    kept = [*Correction.select(Correction.reason, Correction.note).tuples().get()]
    kept += CorrectedAnswer.select(CorrectedAnswer.old_words, CorrectedAnswer.words).tuples().get()
    assert len(kept) == 4 and not any("王女士" in words for words in kept)


def test_an_issued_report_stays_and_its_next_version_reads_the_correction(cast, zone):
    """F8: what was frozen is frozen; a named answer corrected later moves no step of anonymous ones."""
    response = a_record(cast)
    frozen = {"figures": {"rate": 1.0}}
    a_stored_report(issued_at=NOW, document=frozen)
    corrections.confirm_correction(propose(response, cast.qa, overall=GivenAnswer(2)), cast.qa2, LATER)
    assert Report.get().document == frozen and Response.get().step is None
    assert (
        compute_quarter_figures(Quarter(2026, 3), LATER, zone, Audience.RESPONSE_READERS).satisfaction.rate.value == 0.0
    )
    assert tally_agrees_with_the_answers()


def test_a_record_that_is_refused_after_its_correction_leaves_the_figures_whole(cast):
    response = a_record(cast)
    correct(response, cast, overall=GivenAnswer(2), attitude=GivenAnswer(1))
    verdicts.propose_refusal(response, "否认", cast.qa, NOW)
    verdicts.refuse_response(response, cast.director, NOW)
    assert not Tally.select().exists() and Response.get().verdict == Verdict.REFUSED


@settings(max_examples=25)
@given(data=st.data())
def test_whatever_is_corrected_the_tally_is_what_the_answers_say(ready_store, tmp_path_factory, data):
    open_copy(ready_store, tmp_path_factory.mktemp("store") / "copy")
    with clock.freeze_at(NOW):
        cast = a_cast()
        responses = [a_record(cast, client=a_client(f"客户{at}"), rated=4) for at in range(2)]
        asked = list(Question.select().where(Question.version == responses[0].version))
        for _ in range(data.draw(st.integers(1, 4))):
            response = data.draw(st.sampled_from(responses))
            answers = {one.code: data.draw(answer_to(one)) for one in asked}
            try:
                made = propose(Response.get_by_id(response.id), cast.qa, **answers)
            except (corrections.NothingDiffers, NothingSaid):
                continue
            first = recorded_answers(made)
            if data.draw(st.booleans()):
                corrections.confirm_correction(made, cast.qa2, NOW)
                assert read(response) == {code: one for code, one in answers.items() if one is not None}
            else:
                corrections.reject_correction(made, cast.qa2, NOW, "不")
            assert first == recorded_answers(made)
            assert tally_agrees_with_the_answers() and Response.select().count() == 2
    database.close_store()


def recorded_answers(made: Correction) -> dict[int, GivenAnswer]:
    return {row.question_id: corrections.recorded_answer(row) for row in corrections.corrected_answers_of(made)}


def answer_to(question: Question) -> st.SearchStrategy:
    """What can be answered to a question, or left out."""
    by_kind = {
        Kind.RATING: st.integers(1, 5).map(GivenAnswer),
        Kind.YES_NO: st.integers(0, 1).map(GivenAnswer),
        Kind.TEXT: st.sampled_from(["很慢", "50% off_", "ok"]).map(lambda words: GivenAnswer(words=words)),
    }
    kinds: list[st.SearchStrategy] = [by_kind[question.kind]]
    if question.offers_na:
        kinds.append(st.just(GivenAnswer(not_applicable=True)))
    kinds.append(st.none())  # not said
    return st.one_of(kinds)


def test_the_dimension_follows_its_ratings(cast):
    response = a_record(cast)
    correct(response, cast, timeliness=GivenAnswer(1))
    rows = Tally.select(Tally.value).where(Tally.dimension == Dimension.TIMELINESS, Tally.question == "timeliness")
    assert [row.value for row in rows] == [1]


# --- the migration -------------------------------------------------------------------------------------


def test_the_migration_adds_its_tables_and_keeps_what_was_answered(engine_db, cast):
    response = a_record(cast, opinions="都好")
    before = (read(response), tally())
    migrate_again("0011", Bundle, CorrectedAnswer, Correction)
    assert (read(response), tally()) == before
    correct(response, cast, overall=GivenAnswer(1))
    assert Correction.get().state == CorrectionState.CONFIRMED
