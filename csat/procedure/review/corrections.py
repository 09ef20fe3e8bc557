"""Corrections of what was taken down wrongly (P11): proposed by QA or the recorder, decided by a second person.

Only telephone and interview records can be corrected: what a client filled in without us stays as it is. The
correction is a record of its own that keeps the old answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from peewee import ModelSelect, prefetch

from csat.database import write
from csat.models.answers import Answer, Response, Verdict
from csat.models.base import Json
from csat.models.corrections import CorrectedAnswer, Correction, CorrectionState, RefusalCorrection
from csat.models.feedback import FeedbackSource
from csat.models.people import Person
from csat.models.questionnaires import Question
from csat.procedure.core import audit
from csat.procedure.core.guards import found_or_refuse, get_or_refuse, need_text
from csat.procedure.core.refusals import DutyConflict, InputWrong, NotFound, OutOfOrder, Refusal
from csat.procedure.people import permissions, separation_of_duties
from csat.procedure.questionnaires import answers as answering
from csat.procedure.questionnaires.answers import Answers, GivenAnswer
from csat.procedure.questionnaires.questionnaires import questions_of
from csat.procedure.review import tally
from csat.words import N_

CORRECTABLE_VERDICTS = (Verdict.PENDING, Verdict.VALID)
BLANK_ANSWER = GivenAnswer()

AnyCorrection = Correction | RefusalCorrection


class NotCorrectable(Refusal):
    sentence = N_(
        "Only what a colleague took down or typed in by name can be corrected, and only while "
        "it is not doubted or refused. What a client filled in online stays as it is."
    )


class CorrectionWaits(OutOfOrder):
    sentence = N_("A correction of this response waits already. A second person decides it first.")


class CorrectionDecided(OutOfOrder):
    sentence = N_("This correction stands at “%(state)s” now, so nothing more can be decided about it.")


class RecordChanged(OutOfOrder):
    sentence = N_("The record reads otherwise now than when this was proposed. Please propose it again.")


class NothingDiffers(InputWrong):
    sentence = N_("These answers are what is recorded already. Change what is wrong.")


class WordsQuoted(InputWrong):
    sentence = N_(
        "Feedback was made from these words, so they stay. Change the other answers, and say the right "
        "words in the reason."
    )


class CorrectionNeedsSecondPerson(DutyConflict):
    sentence = N_("You proposed this correction, so another person of QA or the director must decide it.")


class NotTheCorrector(DutyConflict):
    sentence = N_("A colleague proposed this correction, so only they can withdraw it.")


# --- reading -----------------------------------------------------------------------------------------


def is_correctable(response: Response) -> bool:
    """Whether a colleague took it down, and nobody doubts that it is genuine."""
    return response.is_recorded and not response.anonymous and response.verdict in CORRECTABLE_VERDICTS


def list_waiting_corrections() -> ModelSelect[Correction]:
    """A query of the corrections that wait for a second person, the oldest first."""
    query = Correction.select(Correction, Response).join(Response)
    return query.where(Correction.state == CorrectionState.PROPOSED).order_by(Correction.id)


def correction_for(person: Person, key: int) -> Correction:
    """A correction, for who reads responses; raise NotFound for anybody else."""
    if not permissions.has_permission(person, "responses.read"):
        raise NotFound
    return get_or_refuse(Correction, key)


def find_open_correction(response: Response) -> Correction | None:
    """The correction of a response that waits, if there is one."""
    return Correction.get_or_none(Correction.response == response, Correction.state == CorrectionState.PROPOSED)


def corrections_of(keys: Sequence[int]) -> dict[int, list[Correction]]:
    """All corrections of the responses with these keys, oldest first, with their answers read along."""
    found: dict[int, list[Correction]] = {key: [] for key in keys}
    query = Correction.select().where(Correction.response.in_(keys)).order_by(Correction.id)
    answers = CorrectedAnswer.select(CorrectedAnswer, Question).join(Question).order_by(Question.position)
    for one in prefetch(query, answers):
        found[one.response_id].append(one)
    return found


def corrected_answers_of(correction: Correction) -> list[CorrectedAnswer]:
    """What it changes, in the form's order."""
    rows = CorrectedAnswer.select(CorrectedAnswer, Question).join(Question)
    return list(rows.where(CorrectedAnswer.correction == correction).order_by(Question.position))


def recorded_answer(row: CorrectedAnswer) -> GivenAnswer:
    """What was recorded."""
    return GivenAnswer(row.old_value, row.old_words, row.old_not_applicable)


def given_answer(row: Answer | CorrectedAnswer) -> GivenAnswer:
    """What an answer reads, or what a correction says that it should read."""
    return GivenAnswer(row.value, row.words, row.not_applicable)


def answers_by_code(response: Response) -> dict[str, GivenAnswer]:
    """The answers as they read now, by question."""
    rows = Answer.select(Answer, Question).join(Question).where(Answer.response == response)
    return {row.question.code: given_answer(row) for row in rows}


# --- proposing and deciding --------------------------------------------------------------------------


def refuse_proposal(response: Response, by: Person) -> None:
    """Raise what speaks against this person proposing a correction now; whom it is about may not."""
    if not is_correctable(response):
        raise NotCorrectable
    separation_of_duties.ensure_may_propose_correction(by, response)
    if find_open_correction(response) is not None:
        raise CorrectionWaits


def may_propose_correction(response: Response, person: Person) -> bool:
    """Whether this person could propose a correction now."""
    try:
        refuse_proposal(response, person)
    except Refusal:
        return False
    return response.recorder_id == person.id or permissions.has_permission(person, "review")


def own_record_for(person: Person, key: int) -> Response:
    """A record of one's own, which one may read again to have it corrected; raise NotFound for any other."""
    return get_or_refuse(Response, key, Response.recorder == person, ~Response.anonymous)


def propose_correction(response: Response, answers: Answers, reason: str, by: Person, now: datetime) -> Correction:
    """Propose, with evidence, how all answers of a record should read; raise NothingDiffers or WordsQuoted, too."""
    refuse_proposal(response, by)
    questions = questions_of(response.version)
    answering.check_spoken_answers(questions, answers)
    reason = need_text(reason)
    with write():
        refuse_proposal(Response.get_by_id(response.id), by)  # again: a colleague may have been faster
        rows = list(_list_differences(questions, answers_by_code(response), answers))
        if not rows:
            raise NothingDiffers(field="reason")
        _refuse_quoted(response, rows)
        made = Correction.create(response=response, reason=reason, proposed_by=by, proposed_at=now)
        CorrectedAnswer.insert_many([{"correction": made.id, **row} for row in rows]).execute()
        audit.record(by, "correction proposed", response, now, correction=made.id, answers=len(rows))
    return made


def confirm_correction(correction: Correction, by: Person, now: datetime, note: str = "") -> None:
    """Agree, as the second person: from now on the record reads as corrected, in the figures too (P11)."""
    with write():
        response = _get_response_to_second(correction, by)
        if response.verdict not in CORRECTABLE_VERDICTS:
            raise NotCorrectable
        rows = corrected_answers_of(correction)
        _refuse_changed(response, rows)
        if response.verdict == Verdict.VALID:  # figures counted the answers as they read before
            tally.remove_from_tally(response)
        for row in rows:
            _write_answer(response, row)
        if response.verdict == Verdict.VALID:
            tally.add_to_tally(response)
        store_decision(correction, CorrectionState.CONFIRMED, note, by, now)
        audit.record(by, "response corrected", response, now, correction=correction.id, answers=len(rows))


def reject_correction(correction: Correction, by: Person, now: datetime, reason: str) -> None:
    """Disagree, as the second person: the record stays as it is."""
    reason = need_text(reason, "note")
    with write():
        response = _get_response_to_second(correction, by)
        store_decision(correction, CorrectionState.REJECTED, reason, by, now)
        audit.record(by, "correction not confirmed", response, now, correction=correction.id)


def withdraw_correction(correction: Correction, by: Person, now: datetime, reason: str = "") -> None:
    """Take one's own proposal back; raise NotTheCorrector for anybody else."""
    with write():
        response = _get_response_to_decide(correction)
        refuse_other_corrector(correction, by)
        store_decision(correction, CorrectionState.WITHDRAWN, reason, by, now)
        audit.record(by, "correction withdrawn", response, now, correction=correction.id)


def withdraw_waiting(response: Response, by: Person, now: datetime) -> None:
    """The same by the record: of the correction that waits; raise NotFound where none does."""
    withdraw_correction(found_or_refuse(find_open_correction(response)), by, now)


def _get_response_to_decide(correction: Correction) -> Response:
    stands = Correction.get_by_id(correction.id)  # as the store has it now: the page may be older
    refuse_decided(stands)
    response: Response = Response.get_by_id(stands.response_id)
    return response


def _get_response_to_second(correction: Correction, by: Person) -> Response:
    response = _get_response_to_decide(correction)
    separation_of_duties.ensure_may_second(by, response, correction.proposed_by_id, CorrectionNeedsSecondPerson)
    return response


def refuse_decided(stands: AnyCorrection) -> None:
    """Raise CorrectionDecided for what does not wait any more; `stands` is as the store has it now."""
    if stands.state != CorrectionState.PROPOSED:
        raise CorrectionDecided(state=stands.state)


def refuse_other_corrector(correction: AnyCorrection, by: Person) -> None:
    """Raise NotTheCorrector: only who proposed a correction takes it back."""
    if correction.proposed_by_id != by.id:
        raise NotTheCorrector


def store_decision(correction: AnyCorrection, to: CorrectionState, note: str, by: Person, now: datetime) -> None:
    """Keep what became of a correction of either kind, who decided it, and why."""
    values: Json = {"state": to, "decided_by": by, "decided_at": now, "note": note.strip()}
    table = type(correction)
    table.update(**values).where(table.id == correction.id).execute()
    for name, value in values.items():
        setattr(correction, name, value)


def _list_differences(questions: Iterable[Question], before: Answers, after: Answers) -> Iterable[dict[str, object]]:
    for question in questions:
        was, is_ = before.get(question.code, BLANK_ANSWER), after.get(question.code, BLANK_ANSWER)
        if was != is_:
            old = {f"old_{name}": value for name, value in asdict(was).items()}
            yield {"question": question.id, **old, **asdict(is_)}


def _refuse_quoted(response: Response, rows: Iterable[dict[str, object]]) -> None:
    changed = [row["question"] for row in rows]
    quoted = FeedbackSource.select().join(Answer).where(FeedbackSource.response == response)
    if quoted.where(Answer.question.in_(changed)).exists():
        raise WordsQuoted(field="reason")


def _refuse_changed(response: Response, rows: Iterable[CorrectedAnswer]) -> None:
    # What was proposed was proposed about a record that read thus, and that nobody has quoted since.
    now = answers_by_code(response)
    if any(now.get(row.question.code, BLANK_ANSWER) != recorded_answer(row) for row in rows):
        raise RecordChanged
    _refuse_quoted(response, [{"question": row.question_id} for row in rows])


def _write_answer(response: Response, row: CorrectedAnswer) -> None:
    which = (Answer.response == response) & (Answer.question == row.question_id)
    given = given_answer(row)
    if given == BLANK_ANSWER:  # a blank is no row
        Answer.delete().where(which).execute()
    elif not Answer.update(asdict(given)).where(which).execute():
        Answer.insert({"response": response, "question": row.question_id, **asdict(given)}).execute()
