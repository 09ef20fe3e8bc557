"""QA's verdict on each response, in rows that are only added, and what is worth acting on in valid ones (P7, P9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from peewee import JOIN, Case, ModelSelect

from csat.database import write
from csat.models.answers import Answer, Dismissal, Response, Verdict, Verification
from csat.models.base import Condition
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackSource
from csat.models.people import Person
from csat.models.praise import Praise
from csat.models.questionnaires import Kind, Question, QuestionnaireVersion
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.refusals import DutyConflict, NotFound, OutOfOrder
from csat.procedure.people import link_holders, permissions, separation_of_duties
from csat.procedure.questionnaires.questionnaires import NO, SOLVED
from csat.procedure.review import tally
from csat.procedure.review.signals import Signal, find_signals_by_response
from csat.words import N_

AUDIT_ACTIONS = {  # what the history calls a decision
    Verdict.PENDING: N_("response put back to be verified"),
    Verdict.VALID: N_("response valid"),
    Verdict.DOUBTED: N_("refusal of a response proposed"),
    Verdict.REFUSED: N_("response refused"),
}
WITHDRAWN_ACTION = N_("proposal to refuse a response withdrawn")

# Oldest first; anonymous responses have no instant, so they stand at the end of their quarter.
AGE_ORDER = (Response.quarter, Case(None, [(Response.received_at.is_null(), 1)], 0), Response.received_at, Response.id)


class DecidedOtherwise(OutOfOrder):
    sentence = N_("This response stands at “%(state)s” now, so this step is not possible.")


class NotTheProposer(DutyConflict):
    sentence = N_("A colleague proposed this refusal, so only they can withdraw the proposal.")


class AlreadyClassified(OutOfOrder):
    sentence = N_("Feedback was made from this response, so it cannot be dismissed.")


# --- reading -----------------------------------------------------------------------------------------


def response_for(person: Person, key: int) -> Response:
    """A response that a person may read one by one (F4: never a department); raise NotFound or HolderMayNotRead."""
    if not permissions.has_permission(person, "responses.read"):
        raise NotFound
    response = get_or_refuse(Response, key)
    link_holders.ensure_may_read(person, response)
    return response


def record_opening(response: Response, by: Person, now: datetime) -> None:
    """Put on record that somebody looked at a named response (D3); an anonymous one shows nobody."""
    if not response.anonymous:
        audit.record(by, "named response opened", response, now)


def list_responses(
    verdict: Verdict = Verdict.PENDING,
    client: int | None = None,
    questionnaire: int | None = None,
    quarter: int | None = None,
    reader: Person | None = None,
) -> ModelSelect[Response]:
    """Responses at one verdict, oldest first; those that a reader may read (D7)."""
    query = _select_readable(reader).where(Response.verdict == verdict)
    for column, value in ((Response.client, client), (Response.quarter, quarter)):
        query = query if value is None else query.where(column == value)
    if questionnaire is not None:
        of_form = QuestionnaireVersion.questionnaire == questionnaire
        query = query.where(Response.version.in_(QuestionnaireVersion.select().where(of_form)))
    return query.order_by(*AGE_ORDER)


def order_by_signals(query: ModelSelect[Response], found: Mapping[int, list[Signal]]) -> ModelSelect[Response]:
    """The same queue, those with most signals first."""
    keys: dict[int, list[int]] = defaultdict(list)
    for key, signals in found.items():
        keys[len(signals)].append(key)
    ranks = [(Response.id.in_(some), -number) for number, some in keys.items() if number]
    return query.order_by(Case(None, ranks, 0), *AGE_ORDER) if ranks else query


def select_proposals(reader: Person | None = None) -> ModelSelect[Response]:
    """Valid responses worth acting on that became neither feedback nor praise, and were not dismissed (P9, P16)."""
    return _select_readable(reader).where(
        Response.verdict == Verdict.VALID,
        Response.id.in_(_select_actionable()),
        Response.id.not_in(FeedbackSource.select(FeedbackSource.response)),
        Response.id.not_in(Dismissal.select(Dismissal.response)),
        Response.id.not_in(_select_praised()),
    )


def list_proposals(client: int | None = None, reader: Person | None = None) -> ModelSelect[Response]:
    """What is proposed, oldest first; what a reader may read (D7)."""
    found = select_proposals(reader)
    query = found if client is None else found.where(Response.client == client)
    return query.order_by(*AGE_ORDER)


def count_kept_from(reader: Person, verdict: Verdict) -> int:
    """How many responses at a verdict colleagues read, because this reader had links of their survey in hand."""
    return list_responses(verdict).count() - list_responses(verdict, reader=reader).count()


def _select_readable(reader: Person | None) -> ModelSelect[Response]:
    conditions = link_holders.readable_conditions(reader) if reader is not None else ()
    return Response.select().where(Response.quarter > 0, *conditions)


def join_names(query: ModelSelect[Response]) -> ModelSelect[Response]:
    """The same responses, with form and client read along for a list."""
    named = query.select(Response, QuestionnaireVersion, Client).join(QuestionnaireVersion)
    return named.join_from(Response, Client, JOIN.LEFT_OUTER)


def answers_of(response: Response) -> list[Answer]:
    """The answers of a response with their questions, in the form's order."""
    query = Answer.select(Answer, Question).join(Question).where(Answer.response == response)
    return list(query.order_by(Question.position))


def comments_of(response: Response) -> list[Answer]:
    """The respondent's own words."""
    return [answer for answer in answers_of(response) if answer.question.kind == Kind.TEXT and answer.words]


def find_actionable(responses: Iterable[Response]) -> set[int]:
    """The keys of those that hold words, a rating of 1–2, or a matter that is not solved."""
    keys = [response.id for response in responses]
    return {row[0] for row in _select_actionable().where(Answer.response.in_(keys)).tuples()}


def decisions_of(response: Response) -> list[Verification]:
    """What was decided about a response, oldest first."""
    rows = Verification.select(Verification, Person).join(Person)
    return list(rows.where(Verification.response == response).order_by(Verification.id))


def feedback_of(response: Response) -> list[Feedback]:
    """The feedback made from a response."""
    made = FeedbackSource.select(FeedbackSource.feedback).where(FeedbackSource.response == response)
    return list(Feedback.select().where(Feedback.id.in_(made)).order_by(Feedback.id))


def list_clients_waiting(verdict: Verdict) -> list[Client]:
    """The clients that have responses at a verdict."""
    keys = Response.select(Response.client).where(Response.verdict == verdict)
    return list(Client.select().where(Client.id.in_(keys)).order_by(Client.name))


def list_quarters_waiting(verdict: Verdict) -> list[int]:
    """The quarters that have responses at a verdict, the latest first."""
    rows = Response.select(Response.quarter).where(Response.verdict == verdict).distinct().tuples()
    return sorted((row[0] for row in rows), reverse=True)


# --- deciding ----------------------------------------------------------------------------------------


def accept_response(response: Response, by: Person, now: datetime, note: str = "") -> None:
    """Find a response genuine: from now on it enters figures (P7). The recorder may not."""
    separation_of_duties.ensure_may_verify(by, response)
    _store_verdict(response, (Verdict.PENDING,), Verdict.VALID, note, by, now)


def accept_unremarkable(responses: Iterable[Response], by: Person, now: datetime, zone: tzinfo) -> int:
    """Accept those that have no signal, no words and no rating of 1–2; return how many, leave the others."""
    waiting = [response for response in responses if response.verdict == Verdict.PENDING]
    plain, accepted = find_unremarkable(waiting, zone), 0
    for response in waiting:
        if response.id in plain and response.recorder_id != by.id:
            try:
                accept_response(response, by, now)
            except (DecidedOtherwise, DutyConflict):  # a colleague was faster, or it is about this person
                continue
            accepted += 1
    return accepted


def find_unremarkable(responses: list[Response], zone: tzinfo) -> set[int]:
    """The keys of those that can be accepted together: without signal, words, or a rating of 1–2."""
    signals = find_signals_by_response(responses, zone)
    return {response.id for response in responses if not signals[response.id]} - find_actionable(responses)


def propose_refusal(response: Response, reason: str, by: Person, now: datetime) -> None:
    """Propose to refuse a response; until a second person has spoken it enters no figure (P7)."""
    separation_of_duties.ensure_may_challenge(by, response)
    _store_verdict(response, (Verdict.PENDING, Verdict.VALID), Verdict.DOUBTED, need_text(reason), by, now)


def refuse_response(response: Response, by: Person, now: datetime, note: str = "") -> None:
    """Confirm, as the second person, that a response is refused."""
    with write():
        _ensure_second_person(response, by)
        _store_verdict(response, (Verdict.DOUBTED,), Verdict.REFUSED, note, by, now)


def reject_refusal(response: Response, by: Person, now: datetime, reason: str) -> None:
    """Disagree, as the second person: the response stands where it stood before the doubt."""
    with write():
        _ensure_second_person(response, by)
        _store_verdict(response, (Verdict.DOUBTED,), _verdict_before_doubt(response), need_text(reason), by, now)


def withdraw_refusal(response: Response, by: Person, now: datetime, reason: str = "") -> None:
    """Take one's own proposal back: the response stands where it stood before it; raise NotTheProposer."""
    with write():
        _refuse_other_state(response, (Verdict.DOUBTED,))
        if find_proposer(response) != by:
            raise NotTheProposer  # anybody else can disagree, as the second person
        before = _verdict_before_doubt(response)
        _store_verdict(response, (Verdict.DOUBTED,), before, reason, by, now, WITHDRAWN_ACTION)


def find_proposer(response: Response) -> Person | None:
    """Who proposed last to refuse a response."""
    doubts = [row for row in decisions_of(response) if row.verdict == Verdict.DOUBTED]
    return doubts[-1].by if doubts else None


def reopen_response(response: Response, reason: str, by: Person, now: datetime) -> None:
    """Take a refusal back: the response waits again, and the earlier decision stays on record."""
    separation_of_duties.ensure_may_challenge(by, response)
    # From REFUSED only: what is valid leaves the figures by a refusal of two persons, never by one (P7).
    _store_verdict(response, (Verdict.REFUSED,), Verdict.PENDING, need_text(reason), by, now)


def dismiss_proposal(response: Response, reason: str, by: Person, now: datetime) -> None:
    """See nothing to act on in a valid response, and say why (P9)."""
    separation_of_duties.ensure_may_decide(by, response)
    reason = need_text(reason)
    with write():
        _refuse_other_state(response, (Verdict.VALID,))
        if feedback_of(response):
            raise AlreadyClassified
        if not Dismissal.select().where(Dismissal.response == response).exists():
            Dismissal.create(response=response, reason=reason, by=by, at=now)
            audit.record(by, "proposal dismissed", response, now)


def _store_verdict(
    response: Response, before: tuple[Verdict, ...], to: Verdict, reason: str, by: Person, now: datetime, act: str = ""
) -> None:
    with write():
        stood = _refuse_other_state(response, before)
        Response.update(verdict=to).where(Response.id == response.id).execute()
        Verification.create(response=response, verdict=to, reason=reason.strip(), by=by, at=now)
        audit.record(by, act or AUDIT_ACTIONS[to], response, now, before=stood)
        response.verdict = to
        if to == Verdict.VALID:  # in the same transaction, so that figures never differ from the verdicts
            tally.add_to_tally(response)
        elif stood == Verdict.VALID:
            tally.remove_from_tally(response)
        elif to == Verdict.REFUSED:
            tally.let_leave(response.quarter)


def _refuse_other_state(response: Response, allowed: tuple[Verdict, ...]) -> Verdict:
    stands: Verdict = Response.get_by_id(response.id).verdict  # as the store has it: the page may be older
    if stands not in allowed:
        raise DecidedOtherwise(state=stands)
    return stands


def _ensure_second_person(response: Response, by: Person) -> None:
    proposer = find_proposer(response)
    if proposer is None:
        raise DecidedOtherwise(state=response.verdict)
    separation_of_duties.ensure_may_second(by, response, proposer.id)


def _verdict_before_doubt(response: Response) -> Verdict:
    rows = decisions_of(response)
    last = max(at for at, row in enumerate(rows) if row.verdict == Verdict.DOUBTED)
    return Verdict(rows[last - 1].verdict) if last else Verdict.PENDING


def _select_actionable() -> ModelSelect[Answer]:
    """The responses of answers that hold words, a rating of 1–2, or the 'no' to whether a closed matter is solved."""
    # One pass over the answers: a join or a look per response takes three times as long.
    words = Answer.question.in_(_question_keys(Kind.TEXT)) & (Answer.words != "")
    low = Answer.question.in_(_question_keys(Kind.RATING)) & Answer.value.in_((1, 2)) & ~Answer.not_applicable
    unsolved = Answer.question.in_(_question_keys(Kind.YES_NO, Question.code == SOLVED)) & (Answer.value == NO)
    return Answer.select(Answer.response).where(words | low | unsolved)


def _select_praised() -> ModelSelect[Praise]:
    kept = Praise.response.is_null(False), Praise.withdrawn_at.is_null()
    return Praise.select(Praise.response).where(*kept)


def _question_keys(kind: Kind, *which: Condition) -> list[int]:
    return [row.id for row in Question.select(Question.id).where(Question.kind == kind, *which)]
