"""Retention: personal details are overwritten when their time is over, or when somebody asks (D5).

Answers and figures stay, marked. Of the history, only the readable details go: its chain stays whole.
Which columns can name somebody, and what becomes of each, is said once (EMPTIED, DELETED, COVERED…). A test
asks of every other column of text why it needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import Field, ModelSelect, Select, chunked

from csat.database import write
from csat.models.answers import Answer, Dismissal, Message, Response, Verification
from csat.models.asking import Attempt, Campaign, Invitation
from csat.models.base import Condition, Table
from csat.models.check_calls import CheckCall
from csat.models.clients import Alias, Client, Contact, Incident
from csat.models.corrections import CorrectedAnswer, Correction
from csat.models.evidence import Evidence
from csat.models.feedback import (
    Action,
    ActionFeedback,
    CallBack,
    Feedback,
    FeedbackSource,
    FeedbackStep,
    Step,
)
from csat.models.letters import LetterLink
from csat.models.outbox import OptOutLink
from csat.models.people import Person
from csat.models.records import AuditDetail, AuditEntry
from csat.models.sorting import QuarterSummary, Sorting
from csat.models.work import StoredFile
from csat.procedure.clients.merging import same_person
from csat.procedure.core import audit, settings
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people.permissions import has_permission

ERASED_NAME = "—"  # stands where the name of an erased contact stood
BATCH_SIZE = 300
MIN_WORD_LENGTH = 2  # letters of a name that says who it is
SUBJECT_PREFIXES = (
    "contact:",
    "incident:",
    "invitation:",
    "response:",
    "import:",
)  # entries that can name a contact


@dataclass(frozen=True)
class Threads:
    """What hangs on a response: the keys by which words about who gave it are found."""

    response: int
    quarter: int
    incident: int | None
    corrections: list[int]
    feedback: list[int]
    actions: list[int]
    files: list[int]
    about: list[str]  # the feedback and the actions, as evidence calls them


# --- what becomes of each column that can name a contact or a respondent -----------------------------

# Details of the person, replaced as a whole.
EMPTIED: dict[type[Table], dict[str, str]] = {
    Contact: {"name": ERASED_NAME, "email": "", "telephone": ""},
    Response: {"respondent_name": "", "respondent_reach": ""},
    Incident: {"reported_by": ""},
    Attempt: {"note": ""},
}

# Rows that are nothing but a detail of the person: they go.
DELETED: tuple[type[Table], ...] = (Alias, OptOutLink, AuditDetail)

# Words that stay; where they name the person, that is covered. Of which rows, the threads of a response say.
COVERED: tuple[tuple[Field, Callable[[Threads], Condition]], ...] = (
    (Answer.words, lambda t: Answer.response == t.response),
    (Message.words, lambda t: Message.response == t.response),
    (Verification.reason, lambda t: Verification.response == t.response),
    (Dismissal.reason, lambda t: Dismissal.response == t.response),
    (CheckCall.words, lambda t: CheckCall.response == t.response),
    (Sorting.summary, lambda t: Sorting.response == t.response),
    (QuarterSummary.text, lambda t: QuarterSummary.quarter == t.quarter),
    (Incident.title, lambda t: Incident.id == t.incident),
    (CorrectedAnswer.old_words, lambda t: CorrectedAnswer.correction.in_(t.corrections)),
    (CorrectedAnswer.words, lambda t: CorrectedAnswer.correction.in_(t.corrections)),
    (Correction.reason, lambda t: Correction.response == t.response),
    (Correction.note, lambda t: Correction.response == t.response),
    (Feedback.title, lambda t: Feedback.id.in_(t.feedback)),
    (Feedback.words, lambda t: Feedback.id.in_(t.feedback)),
    (CallBack.words, lambda t: CallBack.feedback.in_(t.feedback)),
    (FeedbackStep.words, lambda t: FeedbackStep.feedback.in_(t.feedback)),
    (Action.what, lambda t: Action.id.in_(t.actions)),
    (Action.evidence, lambda t: Action.id.in_(t.actions)),
    (Evidence.words, lambda t: Evidence.about.in_(t.about)),
    (Evidence.withdrawn_because, lambda t: Evidence.about.in_(t.about)),
    (StoredFile.name, lambda t: StoredFile.id.in_(t.files)),
)

# The same for JSON, where the words stand deeper: what each plan said (_cover_plans).
COVERED_INSIDE: tuple[Field, ...] = (FeedbackStep.detail,)

# Words about a client that can name its contacts: covered once a contact itself is overwritten.
COVERED_WITH_CONTACT: tuple[tuple[Field, Callable[[Contact], Condition]], ...] = (
    (Client.note, lambda contact: Client.id == contact.client_id),
    (Incident.title, lambda contact: Incident.contact == contact.id),
)


@dataclass(frozen=True)
class RetentionCounts:
    """What a round of the retention came to."""

    contacts: int
    responses: int


def overwrite_old_details(now: datetime, zone: tzinfo) -> RetentionCounts:
    """Overwrite what nobody needed for some years (setting): part of the daily round."""
    limit = subtract_years(now, settings.get_whole_number("retention_years"))
    with write():
        Contact.update(known_since=now.astimezone(zone).date()).where(Contact.known_since.is_null()).execute()
    contacts, responses = list(_list_idle_contacts(limit, zone)), list(_list_old_responses(limit))
    for some in chunked(responses, BATCH_SIZE):
        with write():
            _strip_responses(some, now)
    for few in chunked(contacts, BATCH_SIZE):
        with write():
            _blank_contacts(few, now)
    if contacts or responses:
        audit.record(
            None, "old details overwritten", "store", now, contacts=len(contacts), responses=len(responses)
        )
    return RetentionCounts(len(contacts), len(responses))


def contact_to_erase_for(person: Person, key: int) -> Contact:
    """The contact that an administrator may erase; raise NotYours or NotFound."""
    if not has_permission(person, "clients"):
        raise NotPermitted
    return get_or_refuse(Contact, key, Contact.erased_at.is_null())


def count_named_responses(contact: Contact) -> int:
    """How many named responses an erasure would take the name from."""
    return len(_list_named_responses(_list_same_person(contact)))


def erase_contact(contact: Contact, by: audit.Actor, now: datetime) -> int:
    """Overwrite all personal details of a contact on request, whatever their age. How many responses."""
    with write():
        persons = _list_same_person(contact)
        responses = _list_named_responses(persons)
        _strip_responses(responses, now)  # while it is still known whose name is to be covered
        _blank_contacts(persons, now)
        audit.record(by, "contact erased", contact, now)
    return len(responses)


def subtract_years(now: datetime, years: int) -> datetime:
    """The same instant so many years earlier; of a leap day, the day before."""
    try:
        return now.replace(year=now.year - years)
    except ValueError:
        return now.replace(year=now.year - years, day=28)


# --- whose time is over ------------------------------------------------------------------------------


def _list_idle_contacts(limit: datetime, zone: tzinfo) -> Iterable[Contact]:
    """Contacts that we have known for long, and that nothing happened with since."""
    query = Contact.select().where(
        Contact.erased_at.is_null(), Contact.known_since < limit.astimezone(zone).date()
    )
    for trace in _select_active_contacts(limit):
        query = query.where(Contact.id.not_in(trace))
    recent = {entry.subject for entry in _select_history_since(limit)}
    return [contact for contact in query if audit.name_subject(contact) not in recent]


def _select_active_contacts(limit: datetime) -> list[Select]:
    """Queries for the contacts with which something happened since: asked, reached, answered, an incident."""
    asked = Invitation.select(Invitation.contact).where(Invitation.contact.is_null(False))
    happened = [Incident.opened_at, Incident.first_closed_at, Incident.closed_at]
    return [
        asked.join(Campaign).where(Campaign.closes_at >= limit),
        asked.join(Attempt).where(Attempt.at >= limit),
        Response.select(Response.contact).where(
            Response.contact.is_null(False), Response.received_at >= limit
        ),
        LetterLink.select(LetterLink.contact).where(
            LetterLink.contact.is_null(False), LetterLink.made_at >= limit
        ),
        *(
            Incident.select(Incident.contact).where(Incident.contact.is_null(False), instant >= limit)
            for instant in happened
        ),
    ]


def _select_history_since(limit: datetime) -> ModelSelect[AuditEntry]:
    query = AuditEntry.select(AuditEntry.subject).distinct()
    return query.where(AuditEntry.subject.startswith("contact:"), AuditEntry.at >= limit)


def _list_old_responses(limit: datetime) -> Iterable[Response]:
    """Named responses that came before the limit and still say who gave them."""
    return Response.select().where(
        ~Response.anonymous,
        Response.erased_at.is_null(),
        Response.received_at < limit,
    )


def _list_same_person(contact: Contact) -> list[Contact]:
    """A contact, and all that count as the same person."""
    return list(Contact.select().where(Contact.id.in_(same_person(contact)), Contact.erased_at.is_null()))


def _list_named_responses(persons: Sequence[Contact]) -> list[Response]:
    return list(Response.select().where(Response.contact.in_([one.id for one in persons])))


# --- overwriting -------------------------------------------------------------------------------------


def _strip_responses(responses: Sequence[Response], now: datetime) -> None:
    """Take the person from named responses, and from the rows that would lead back to them."""
    for one in responses:
        _cover_names(one)
        _unlink_response(one)
    Response.update({**EMPTIED[Response], "contact": None, "erased_at": now}).where(
        Response.id.in_([one.id for one in responses])
    ).execute()


def _cover_names(response: Response) -> None:
    """Where the words of a response, or what was made of them, name who gave it, that is covered.

    A cover is as long as what it covers: feedback remembers its place in the words.
    """
    own = {response.respondent_name, response.respondent_reach}
    names = _by_length(own | (_details(response.contact) if response.contact else set()))
    threads = _threads(response)
    for column, rows_of in COVERED:
        _cover_column(column, rows_of(threads), names)
    _cover_plans(FeedbackStep.feedback.in_(threads.feedback), names)


def _threads(response: Response) -> Threads:
    sources = FeedbackSource.select(FeedbackSource.feedback).where(FeedbackSource.response == response)
    feedback = [one.feedback_id for one in sources]
    shared = ActionFeedback.select(ActionFeedback.action).where(ActionFeedback.feedback.in_(feedback))
    actions = [one.action_id for one in shared]
    about = [f"feedback:{key}" for key in feedback] + [f"action:{key}" for key in actions]
    files = Evidence.select(Evidence.file).where(Evidence.about.in_(about))
    corrections = Correction.select(Correction.id).where(Correction.response == response)
    return Threads(
        response=response.id,
        quarter=response.quarter,
        incident=response.incident_id,
        corrections=[one.id for one in corrections],
        feedback=feedback,
        actions=actions,
        files=[one.file_id for one in files],
        about=about,
    )


def _details(contact: Contact) -> set[str]:
    return {contact.name, contact.email, contact.telephone}


def _by_length(names: Iterable[str]) -> list[str]:
    """The longest first, so that no name is covered in part only."""
    return sorted((name for name in names if len(name) >= MIN_WORD_LENGTH), key=len, reverse=True)


def _cover_column(column: Field, of: Condition, names: list[str]) -> None:
    for name in names:
        for row in column.model.select(column.model.id, column).where(of, column.contains(name)):
            covered = getattr(row, column.name).replace(name, ERASED_NAME * len(name))
            column.model.update({column: covered}).where(column.model.id == row.id).execute()


def _cover_plans(of: Condition, names: list[str]) -> None:
    """The history keeps what each plan said, one that was sent back too."""
    for step in FeedbackStep.select().where(of, FeedbackStep.step == Step.PROPOSE):
        for action in (step.detail or {}).get("plan", ()):
            for name in names:
                action["what"] = action["what"].replace(name, ERASED_NAME * len(name))
        step.save(only=[FeedbackStep.detail])


def _unlink_response(response: Response) -> None:
    """The invitation and the incident of a response forget the contact too."""
    if response.contact_id is None:
        return
    same_incident = (
        Invitation.incident.is_null()
        if response.incident_id is None
        else Invitation.incident == response.incident_id
    )
    invitations = Invitation.select(Invitation.id).where(
        Invitation.campaign == response.campaign_id, Invitation.contact == response.contact_id, same_incident
    )
    keys = [one.id for one in invitations]
    Attempt.update(EMPTIED[Attempt]).where(Attempt.invitation.in_(keys)).execute()
    Invitation.update(contact=None).where(Invitation.id.in_(keys)).execute()
    Incident.update({**EMPTIED[Incident], "contact": None}).where(
        Incident.id == response.incident_id
    ).execute()


def _blank_contacts(contacts: Sequence[Contact], now: datetime) -> None:
    """Overwrite contacts, and what else is kept of them."""
    keys = [contact.id for contact in contacts]
    for contact in contacts:
        for column, rows_of in COVERED_WITH_CONTACT:
            _cover_column(column, rows_of(contact), _by_length(_details(contact)))
    _erase_audit_details(contacts)
    invitations = Invitation.select(Invitation.id).where(Invitation.contact.in_(keys))
    noted = Attempt.invitation.in_(invitations) & (Attempt.note != "")
    Attempt.update(EMPTIED[Attempt]).where(noted).execute()
    Incident.update(EMPTIED[Incident]).where(Incident.contact.in_(keys)).execute()
    Alias.delete().where(Alias.contact.in_(keys)).execute()
    OptOutLink.delete().where(OptOutLink.contact.in_(keys)).execute()
    Contact.update({**EMPTIED[Contact], "erased_at": now}).where(Contact.id.in_(keys)).execute()
    Contact.update(retired_at=now).where(Contact.id.in_(keys), Contact.retired_at.is_null()).execute()


def _erase_audit_details(contacts: Sequence[Contact]) -> None:
    """Erase the readable details of entries that are about a contact, or that hold a detail of theirs."""
    for one in contacts:
        entries = AuditEntry.select(AuditEntry.id).where(AuditEntry.subject == audit.name_subject(one))
        AuditDetail.delete().where(AuditDetail.entry.in_(entries)).execute()
        for word in (one.name, one.email, one.telephone):
            if len(word) >= MIN_WORD_LENGTH:
                _erase_audit_word(word)


def _erase_audit_word(word: str) -> None:
    about = AuditEntry.subject.startswith(SUBJECT_PREFIXES[0])
    for start in SUBJECT_PREFIXES[1:]:
        about |= AuditEntry.subject.startswith(start)
    entries = AuditEntry.select(AuditEntry.id).where(about)
    AuditDetail.delete().where(AuditDetail.entry.in_(entries), AuditDetail.detail.contains(word)).execute()
