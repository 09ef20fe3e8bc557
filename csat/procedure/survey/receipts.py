"""The receipt: with its code a respondent, still anonymous, follows the feedback and answers us (Q4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect, fn

from csat.database import write
from csat.models.answers import Dismissal, Mailbox, Message, MessageKind, Response
from csat.models.base import Localised
from csat.models.feedback import Feedback, FeedbackSource, FeedbackState, IssueType
from csat.models.people import Person
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import OutOfOrder, ReceiptUnknown
from csat.procedure.questionnaires.answers import MAX_LENGTH, WordsMissing, WordsTooLong, clean_text
from csat.words import N_

AUDIT_ACTIONS = {  # what the history calls them
    MessageKind.REPLY: N_("reply written on the receipt page"),
    MessageKind.QUESTION: N_("question written on the receipt page"),
}

STATE_SENTENCES: dict[FeedbackState, str] = {
    FeedbackState.NEW: N_("We have taken it down and are deciding who deals with it."),
    FeedbackState.ASSIGNED: N_("A department has it and is looking into it."),
    FeedbackState.CALLED_BACK: N_("The department has answered and is working out what to do."),
    FeedbackState.PLANNED: N_("What to do about it is decided; the work begins."),
    FeedbackState.IN_PROGRESS: N_("The work on it is under way."),
    FeedbackState.DONE: N_("The work is done; colleagues who had no part in it check whether it helped."),
    FeedbackState.EXPLAINED: N_("We have explained what lies beyond us; colleagues check that explanation."),
    FeedbackState.CONFIRMED: N_("It is settled: checked, confirmed and closed."),
}


@dataclass(frozen=True)
class FeedbackProgress:
    """How far one feedback taken from the answer has come."""

    about: Localised  # the issue type's name
    state: FeedbackState

    @property
    def sentence(self) -> str:
        """Where it stands, in plain words (a msgid)."""
        return STATE_SENTENCES[self.state]


@dataclass(frozen=True)
class ReceiptPage:
    """What a code shows: never a rating, and nothing of the verdict (Q4)."""

    sealed: bool
    anonymous: bool = True
    waits_until: datetime | None = None  # while sealed; past it, the answer waits for the next survey's
    read: bool = False  # read, and nothing is to be done about it (P9)
    feedback: tuple[FeedbackProgress, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def question(self) -> Message | None:
        """The question of ours that still waits for an answer, whatever we have said since."""
        return find_open_question(self.messages)


def get_receipt_page(typed: str) -> ReceiptPage:
    """What became of the answer with this code; raise ReceiptUnknown."""
    code = tokens.normalise_submission_code(typed)
    if not code:
        raise ReceiptUnknown
    sealed = Mailbox.get_or_none(Mailbox.id == tokens.derive_number(code, "mailbox"))
    if sealed is not None:
        return ReceiptPage(sealed=True, waits_until=sealed.campaign.closes_at)
    response = _get_response(code)
    read = Dismissal.select().where(Dismissal.response == response).exists()
    said = tuple(list_messages(response))
    return ReceiptPage(False, response.anonymous, read=read, feedback=_list_progress(response), messages=said)


def answer_question(typed: str, words: str) -> None:
    """The respondent answers our question. No person and no instant is kept of it (anonymity 5)."""
    response = _get_response(tokens.normalise_submission_code(typed))
    with write():
        if find_open_question(list_messages(response)) is None:
            raise OutOfOrder
        _store_message(response, MessageKind.ANSWER, words)


def reply_to_respondent(response: Response, words: str, by: Person, now: datetime) -> Message:
    """Tell the respondent something on the receipt page; for an anonymous one this is the call-back (I3)."""
    return _write_message(response, MessageKind.REPLY, words, by, now)


def ask_respondent(response: Response, words: str, by: Person, now: datetime) -> Message:
    """Ask the respondent something, to be answered on the receipt page."""
    return _write_message(response, MessageKind.QUESTION, words, by, now)


def find_open_question(messages: Sequence[Message]) -> Message | None:
    """The latest of our questions that no answer followed."""
    for message in reversed(messages):
        if message.kind == MessageKind.ANSWER:
            return None
        if message.kind == MessageKind.QUESTION:
            return message
    return None


def select_answered_receipts() -> ModelSelect[Response]:
    """A query of the responses whose client has the last word on the receipt page, in no telling order."""
    last, said = Message.alias(), Message.alias()
    newest = last.select(fn.MAX(last.position)).where(last.response == Response.id)
    answered = (said.response == Response.id) & (said.position == newest) & (said.kind == MessageKind.ANSWER)
    return Response.select().where(fn.EXISTS(said.select(said.id).where(answered))).order_by(Response.id)


def list_messages(response: Response) -> list[Message]:
    """What was said about a response on the receipt page, in order."""
    return list(Message.select().where(Message.response == response).order_by(Message.position))


def has_receipt(response: Response) -> bool:
    """Whether the respondent has a code, so that a reply can reach them."""
    return response.receipt_hash is not None


def _write_message(response: Response, kind: MessageKind, words: str, by: Person, now: datetime) -> Message:
    if not has_receipt(response):
        raise OutOfOrder
    with write():
        message = _store_message(response, kind, words, by=by, at=now)
        audit.record(by, AUDIT_ACTIONS[kind], response, now)
    return message


def _store_message(
    response: Response, kind: MessageKind, words: str, by: Person | None = None, at: datetime | None = None
) -> Message:
    text = clean_text(words)
    if not text:
        raise WordsMissing("words")
    if len(text) > MAX_LENGTH:
        raise WordsTooLong("words", over=len(text) - MAX_LENGTH, most=MAX_LENGTH)
    last = Message.select(fn.MAX(Message.position)).where(Message.response == response).scalar() or 0
    return Message.create(response=response, position=last + 1, kind=kind, words=text, by=by, at=at)


def _get_response(code: str) -> Response:
    response = Response.get_or_none(Response.receipt_hash == tokens.derive_number(code, "receipt"))
    if response is None:
        raise ReceiptUnknown
    return response


def _list_progress(response: Response) -> tuple[FeedbackProgress, ...]:
    made = FeedbackSource.select(FeedbackSource.feedback).where(FeedbackSource.response == response)
    query = Feedback.select(Feedback, IssueType).join(IssueType).where(Feedback.id.in_(made))
    matters: dict[int, list[Feedback]] = {}
    for feedback in query.order_by(Feedback.id):
        matters.setdefault(feedback.matter_id, []).append(feedback)
    states = list(FeedbackState)
    # A matter that several departments deal with has come as far as the last of them.
    slowest = [min(parts, key=lambda one: states.index(one.state)) for parts in matters.values()]
    return tuple(FeedbackProgress(one.issue_type.name, one.state) for one in slowest)
