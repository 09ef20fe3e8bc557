"""What becomes of each column that can name a contact or a respondent, once retention asks for it (D5).

Said once, in EMPTIED, DELETED and the tables COVERED…: a test asks of every other column of text why it
needs nothing. Answers and figures stay; of the history only the readable details go: its chain stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from peewee import Field, ModelSelect

from csat.models.answers import Answer, Dismissal, Message, Response, Verification
from csat.models.asking import Attempt, Invitation
from csat.models.base import Condition, Table
from csat.models.check_calls import CheckCall
from csat.models.clients import Alias, Client, Contact, Incident
from csat.models.corrections import CorrectedAnswer, Correction, RefusalCorrection
from csat.models.evidence import Evidence
from csat.models.feedback import (
    Action,
    ActionChange,
    ActionFeedback,
    CallBack,
    DueMove,
    Feedback,
    FeedbackOrigin,
    FeedbackSource,
    FeedbackStep,
    Step,
)
from csat.models.outbox import OptOutLink
from csat.models.praise import Praise
from csat.models.records import AuditDetail, AuditEntry
from csat.models.sorting import QuarterSummary, Sorting
from csat.models.work import StoredFile
from csat.procedure.clients.merging import client_family
from csat.procedure.core import audit

ERASED_NAME = "—"  # stands where the name of an erased contact stood
PLAN_WRITING_STEPS = (Step.PROPOSE, Step.ASK_CHANGE, Step.CHANGE_PLAN, Step.KEEP_PLAN)
MIN_WORD_LENGTH = 2  # letters of a name that says who it is: one alone stands in half of all words
SUBJECT_PREFIXES = ("contact:", "incident:", "invitation:", "response:", "import:")  # what can name a contact


@dataclass(frozen=True)
class FeedbackThreads:
    """Some feedback and what hangs on it: the keys by which words in it are found."""

    feedback: list[int]
    actions: list[int]
    about: list[str]  # the feedback and the actions, as evidence calls them

    @classmethod
    def of(cls, feedback: list[int]) -> FeedbackThreads:
        """All that was done about this feedback."""
        shared = ActionFeedback.select(ActionFeedback.action).where(ActionFeedback.feedback.in_(feedback))
        asked = ActionChange.select(ActionChange.action).where(ActionChange.feedback.in_(feedback))
        actions = sorted({one.action_id for one in (*shared, *asked)})
        about = [f"feedback:{key}" for key in feedback] + [f"action:{key}" for key in actions]
        return cls(feedback, actions, about)


# Details of the person, replaced as a whole.
EMPTIED: dict[type[Table], dict[str, str]] = {
    Contact: {"name": ERASED_NAME, "email": "", "email_key": "", "telephone": "", "telephone_key": "", "position": ""},
    Response: {"respondent_name": "", "respondent_reach": ""},
    Incident: {"reported_by": ""},
    Attempt: {"note": ""},
}

# Rows that are nothing but a detail of the person: they go.
DELETED: tuple[type[Table], ...] = (Alias, OptOutLink, AuditDetail)

# Words that stay; where they name the person, that is covered. Each column with its rows: of a response …
COVERED: tuple[tuple[Field, Callable[[Response], Condition]], ...] = (
    (Answer.words, lambda response: Answer.response == response),
    (Message.words, lambda response: Message.response == response),
    (Verification.reason, lambda response: Verification.response == response),
    (Dismissal.reason, lambda response: Dismissal.response == response),
    (CheckCall.words, lambda response: CheckCall.response == response),
    (Sorting.summary, lambda response: Sorting.response == response),
    (QuarterSummary.text, lambda response: QuarterSummary.quarter == response.quarter),
    (Incident.title, lambda response: Incident.id == response.incident_id),
    (CorrectedAnswer.old_words, lambda response: _corrected_condition(response)),
    (CorrectedAnswer.words, lambda response: _corrected_condition(response)),
    (Correction.reason, lambda response: Correction.response == response),
    (Correction.note, lambda response: Correction.response == response),
)

# … of feedback, be it taken from a response or told without one …
COVERED_WITH_FEEDBACK: tuple[tuple[Field, Callable[[FeedbackThreads], Condition]], ...] = (
    (Feedback.title, lambda t: Feedback.id.in_(t.feedback)),
    (Feedback.words, lambda t: Feedback.id.in_(t.feedback)),
    (Feedback.said_by, lambda t: Feedback.id.in_(t.feedback)),
    (DueMove.reason, lambda t: DueMove.feedback.in_(t.feedback)),
    (ActionChange.reason, lambda t: ActionChange.feedback.in_(t.feedback)),
    (CallBack.words, lambda t: CallBack.feedback.in_(t.feedback)),
    (FeedbackStep.words, lambda t: FeedbackStep.feedback.in_(t.feedback)),
    (Action.what, lambda t: Action.id.in_(t.actions)),
    (Action.evidence, lambda t: Action.id.in_(t.actions)),
    (Evidence.words, lambda t: Evidence.about.in_(t.about)),
    (Evidence.withdrawn_because, lambda t: Evidence.about.in_(t.about)),
    (StoredFile.name, lambda t: StoredFile.id.in_(Evidence.select(Evidence.file).where(Evidence.about.in_(t.about)))),
)

# … of praise, by its keys …
COVERED_WITH_PRAISE: tuple[tuple[Field, Callable[[list[int]], Condition]], ...] = (
    (Praise.words, lambda keys: Praise.id.in_(keys)),
    (Praise.said_by, lambda keys: Praise.id.in_(keys)),
    (Praise.withdrawn_because, lambda keys: Praise.id.in_(keys)),
    (Evidence.words, lambda keys: Evidence.about.in_(_name_praise(keys))),
    (StoredFile.name, lambda keys: StoredFile.id.in_(_select_praise_files(keys))),
)

# … and about a client, once the contact itself is overwritten.
COVERED_WITH_CONTACT: tuple[tuple[Field, Callable[[Contact], Condition]], ...] = (
    (Client.note, lambda contact: Client.id == contact.client_id),
    (Incident.title, lambda contact: Incident.contact == contact.id),
    (RefusalCorrection.reason, lambda contact: _refusals_condition(contact)),
    (RefusalCorrection.note, lambda contact: _refusals_condition(contact)),
)

# The same for JSON, where the words stand deeper: what each plan said (_cover_feedback).
COVERED_INSIDE: tuple[Field, ...] = (FeedbackStep.detail,)


def strip_responses(responses: Sequence[Response], now: datetime) -> None:
    """Take the person from named responses, and from the rows that would lead back to them."""
    for one in responses:
        _cover_response(one)
        _unlink_response(one)
    stripped = Response.update({**EMPTIED[Response], "contact": None, "erased_at": now})
    stripped.where(Response.id.in_([one.id for one in responses])).execute()


def blank_contacts(contacts: Sequence[Contact], now: datetime) -> None:
    """Overwrite contacts, and what else is kept of them."""
    keys = [contact.id for contact in contacts]
    for contact in contacts:
        names = _order_names(_list_details(contact))
        for column, rows_of in COVERED_WITH_CONTACT:
            _cover_column(column, rows_of(contact), names)
        _cover_feedback(_list_told_feedback(contact), names)
        _cover_praise(_told_praise_condition(contact), names)
        _erase_audit_details(contact)
    invitations = Invitation.select(Invitation.id).where(Invitation.contact.in_(keys))
    noted = Attempt.invitation.in_(invitations) & (Attempt.note != "")
    Attempt.update(EMPTIED[Attempt]).where(noted).execute()
    Incident.update(EMPTIED[Incident]).where(Incident.contact.in_(keys)).execute()
    Alias.delete().where(Alias.contact.in_(keys)).execute()
    OptOutLink.delete().where(OptOutLink.contact.in_(keys)).execute()
    Contact.update({**EMPTIED[Contact], "erased_at": now}).where(Contact.id.in_(keys)).execute()
    Contact.update(retired_at=now).where(Contact.id.in_(keys), Contact.retired_at.is_null()).execute()


# --- covering names ----------------------------------------------------------------------------------


def _cover_response(response: Response) -> None:
    """Cover who gave a response where its words, or what was made of them, name the person."""
    own = {response.respondent_name, response.respondent_reach}
    names = _order_names(own | (_list_details(response.contact) if response.contact else set()))
    for column, rows_of in COVERED:
        _cover_column(column, rows_of(response), names)
    sources = FeedbackSource.select(FeedbackSource.feedback).where(FeedbackSource.response == response)
    _cover_feedback([one.feedback_id for one in sources], names)
    _cover_praise(Praise.response == response, names)


def _cover_feedback(feedback: list[int], names: list[str]) -> None:
    if not feedback:
        return
    threads = FeedbackThreads.of(feedback)
    for column, rows_of in COVERED_WITH_FEEDBACK:
        _cover_column(column, rows_of(threads), names)
    # The history keeps what each plan said, one that was sent back too, and each change of it.
    planned = FeedbackStep.feedback.in_(feedback), FeedbackStep.step.in_(PLAN_WRITING_STEPS)
    for step in FeedbackStep.select().where(*planned):
        for action in (step.detail or {}).get("plan", ()):
            action["what"] = _cover_names(action["what"], names)
        step.save(only=[FeedbackStep.detail])  # its words were covered by a query: the row at hand is older


def _cover_praise(of: Condition, names: list[str]) -> None:
    keys = [one.id for one in Praise.select(Praise.id).where(of)]
    for column, rows_of in COVERED_WITH_PRAISE if keys else ():
        _cover_column(column, rows_of(keys), names)


def _cover_column(column: Field, of: Condition, names: list[str]) -> None:
    if not names:
        return
    named = reduce(or_, [column.contains(name) for name in names])
    for row in column.model.select(column.model.id, column).where(of, named):
        covered = _cover_names(getattr(row, column.name), names)
        column.model.update({column: covered}).where(column.model.id == row.id).execute()


def _cover_names(words: str, names: list[str]) -> str:
    for name in names:  # a cover is as long as what it covers: feedback remembers its place in the words
        words = words.replace(name, ERASED_NAME * len(name))
    return words


def _corrected_condition(response: Response) -> Condition:
    corrections = Correction.select(Correction.id).where(Correction.response == response)
    return CorrectedAnswer.correction.in_(corrections)


def _refusals_condition(contact: Contact) -> Condition:
    attempts = Attempt.select(Attempt.id).join(Invitation).where(Invitation.contact == contact)
    return RefusalCorrection.attempt.in_(attempts)


def _list_told_feedback(contact: Contact) -> list[int]:
    """Feedback of the contact's client that came without a response (P15): it can name who told of it."""
    family = Feedback.client.in_(client_family(contact.client_id))
    told = Feedback.select(Feedback.id).where(family, Feedback.origin != FeedbackOrigin.RESPONSE)
    return [one.id for one in told]


def _told_praise_condition(contact: Contact) -> Condition:
    return Praise.client.in_(client_family(contact.client_id)) & Praise.response.is_null()


def _name_praise(keys: list[int]) -> list[str]:
    """As evidence calls them."""
    return [f"praise:{key}" for key in keys]


def _select_praise_files(keys: list[int]) -> ModelSelect[Evidence]:
    return Evidence.select(Evidence.file).where(Evidence.about.in_(_name_praise(keys)))


def _list_details(contact: Contact) -> set[str]:
    return {contact.name, contact.email, contact.telephone}


def _order_names(names: Iterable[str]) -> list[str]:
    """The longest first, so that no name is covered in part only."""
    return sorted((name for name in names if len(name) >= MIN_WORD_LENGTH), key=len, reverse=True)


# --- ways back, and the history ----------------------------------------------------------------------


def _unlink_response(response: Response) -> None:
    """The invitation and the incident of a response forget the contact too."""
    if response.contact_id is None:
        return
    asked = Invitation.select(Invitation.id).where(Invitation.campaign == response.campaign_id)
    asked = asked.where(Invitation.contact == response.contact_id)
    # IS NULL for a campaign's own invitation.
    keys = [one.id for one in asked.where(Invitation.incident == response.incident_id)]
    Attempt.update(EMPTIED[Attempt]).where(Attempt.invitation.in_(keys)).execute()
    Invitation.update(contact=None).where(Invitation.id.in_(keys)).execute()
    own = Incident.id == response.incident_id
    Incident.update({**EMPTIED[Incident], "contact": None}).where(own).execute()


def _erase_audit_details(contact: Contact) -> None:
    """Erase the readable details of entries that are about a contact, or that hold a detail of theirs."""
    own = AuditEntry.subject == audit.name_subject(contact)
    AuditDetail.delete().where(AuditDetail.entry.in_(AuditEntry.select(AuditEntry.id).where(own))).execute()
    starts = [AuditEntry.subject.startswith(prefix) for prefix in SUBJECT_PREFIXES]
    entries = AuditEntry.select(AuditEntry.id).where(reduce(or_, starts))
    for word in _order_names(_list_details(contact)):
        held = AuditDetail.detail.contains(word)
        AuditDetail.delete().where(AuditDetail.entry.in_(entries), held).execute()
