"""Taking back at once what one has just recorded: an attempt, a refusal, or what was said in a call (P2).

The attempt stays in the history, struck through, and counts nowhere. Of a record nothing stays but that it was
taken back, by whom, and why if they said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.answers import Answer, Dismissal, Message, Response, Verdict, Verification
from csat.models.asking import RECORDED_CHANNELS, Attempt, AttemptOutcome, Campaign, Invitation, InvitationState, Link
from csat.models.base import Condition
from csat.models.check_calls import CheckCall
from csat.models.clients import Client, Contact, Incident
from csat.models.corrections import Correction, CorrectionState, RefusalCorrection
from csat.models.effect import ClosingCheck
from csat.models.feedback import FeedbackSource
from csat.models.people import Person
from csat.models.sorting import Sorting
from csat.procedure.campaigns.invitation_states import list_attempts
from csat.procedure.core import audit, settings
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import OutOfOrder
from csat.procedure.incidents import survey_clock
from csat.procedure.incidents.delivery import STANDING, is_delivered
from csat.procedure.incidents.survey_cooldown import end_rest
from csat.procedure.review.corrections import is_correctable
from csat.words import N_

# What one puts down oneself about a call. A link that went to the wrong person is withdrawn instead.
RECORDED_OUTCOMES = (
    AttemptOutcome.NOBODY,
    AttemptOutcome.BUSY,
    AttemptOutcome.LATER,
    AttemptOutcome.WRONG_NUMBER,
    AttemptOutcome.REFUSED,
    AttemptOutcome.ANSWERED,
)
MOST_SHOWN = 20
STILL_SHOWN = timedelta(hours=12)  # a record that can only be corrected now stays on the list for a shift


class TakenBackAlready(OutOfOrder):
    sentence = N_("This is taken back already.")


class TooLateToTakeBack(OutOfOrder):
    sentence = N_(
        "What is recorded can be taken back for %(minutes)s minutes only. For a record of answers or a refusal you can "
        "propose a correction."
    )


class RecordInUse(OutOfOrder):
    sentence = N_("A colleague has begun to work with this record, so it stays. Propose a correction instead.")


@dataclass(frozen=True)
class RecentRecord:
    """Something a person recorded a while ago: until when it can be taken back, and what can be corrected then."""

    attempt: Attempt
    until: datetime
    response: Response | None

    @property
    def refused(self) -> bool:
        """Whether it is a refusal: later a second person can say that it was none."""
        return self.attempt.outcome == AttemptOutcome.REFUSED

    @property
    def correctable(self) -> bool:
        """Whether a correction can be proposed once the time to take it back is over."""
        return self.refused or (self.response is not None and is_correctable(self.response))

    @property
    def incident(self) -> Incident | None:
        """The incident it is about; None in a campaign."""
        return self.attempt.invitation.incident


def list_recent_records(person: Person, now: datetime, campaign: Campaign | None = None) -> list[RecentRecord]:
    """What a person can take back now, and records of this shift they can have corrected; the latest first."""
    here = [] if campaign is None else [Invitation.campaign == campaign]
    return _list_open(person, now, Attempt.at > now - STILL_SHOWN, *here)


def list_records_of(incident: Incident, person: Person, now: datetime) -> list[RecentRecord]:
    """The same of one incident, however long ago."""
    return _list_open(person, now, Invitation.incident == incident)


def describe_record(attempt: Attempt) -> RecentRecord:
    """An attempt with its end of being taken back, and the record that belongs to it."""
    record = find_record(attempt)
    typed_in = attempt.outcome == AttemptOutcome.ANSWERED and record is None  # a printed form: it is nobody's word
    minutes = 0 if typed_in else settings.get_whole_number("undo_minutes")
    return RecentRecord(attempt, attempt.at + timedelta(minutes=minutes), record)


def own_attempt_for(person: Person, key: int) -> Attempt:
    """An attempt that this person put down; raise NotFound for any other."""
    return get_or_refuse(_select_own(person), Attempt.id == key)


def find_record(attempt: Attempt) -> Response | None:
    """The record that came of an attempt, if answers were taken down with it."""
    if attempt.outcome != AttemptOutcome.ANSWERED:
        return None
    asked = attempt.invitation
    same = (Response.campaign == asked.campaign_id) & (Response.contact == asked.contact_id)
    same &= Response.incident == asked.incident_id  # for Peewee, == None is IS NULL
    made = (Response.recorder == attempt.by_id) & (Response.received_at == attempt.at)
    return Response.get_or_none(same, made, Response.channel.in_(RECORDED_CHANNELS))


def take_back(attempt: Attempt, by: Person, now: datetime, why: str = "") -> None:
    """Take back what one recorded oneself; raise TooLateToTakeBack, TakenBackAlready or RecordInUse."""
    with write():
        stands = own_attempt_for(by, attempt.id)  # as the store has it now: the page may be older
        if stands.undone_at is not None:
            raise TakenBackAlready
        recent = describe_record(stands)
        if recent.until <= now:
            raise TooLateToTakeBack(minutes=settings.get_whole_number("undo_minutes"))
        if recent.response is not None:
            _delete_record(recent.response)
        _refuse_waiting_correction(stands)
        Attempt.update(undone_at=now, undone_by=by).where(Attempt.id == stands.id).execute()
        reopen_asking(stands, now)
        audit.record(by, "record taken back", stands.invitation, now, outcome=stands.outcome.value, why=why.strip())


def reopen_asking(attempt: Attempt, now: datetime) -> None:
    """The invitation and its incident stand as they would without this attempt; inside the caller's transaction."""
    if attempt.outcome not in (AttemptOutcome.REFUSED, AttemptOutcome.ANSWERED):
        return  # nobody was reached: nothing had changed
    invitation, reached = attempt.invitation, is_delivered(list_attempts(attempt.invitation))
    # From what this attempt made of it only: an anonymous answer that had come before stays one (anonymity 2).
    made = InvitationState.DONE if attempt.outcome == AttemptOutcome.ANSWERED else InvitationState.DENY
    again = InvitationState.SENT if reached else InvitationState.MADE
    same = (Invitation.id == invitation.id) & (Invitation.state == made)
    if Invitation.update(state=again).where(same).execute() and made == InvitationState.DONE:
        Link.update(spent=False).where(Link.invitation == invitation.id).execute()
    if not reached:
        survey_clock.unmark_surveyed(invitation.incident_id)
    end_rest(invitation.contact, now)


def _refuse_waiting_correction(attempt: Attempt) -> None:
    waits = RefusalCorrection.state == CorrectionState.PROPOSED
    if RefusalCorrection.select().where(RefusalCorrection.attempt == attempt, waits).exists():
        raise RecordInUse


def _delete_record(response: Response) -> None:
    touched = (Verification, Correction, Dismissal, FeedbackSource, Message, Sorting)
    worked_on = any(table.select().where(table.response == response).exists() for table in touched)
    checked = (CheckCall.response == response) & (CheckCall.asked_by.is_null(False) | CheckCall.outcome.is_null(False))
    if response.verdict != Verdict.PENDING or worked_on or CheckCall.select().where(checked).exists():
        raise RecordInUse
    # Drawn by chance and not called yet: the next draw takes another record of the same recorder.
    CheckCall.delete().where(CheckCall.response == response).execute()
    ClosingCheck.update(response=None).where(ClosingCheck.response == response).execute()
    Answer.delete().where(Answer.response == response).execute()
    Response.delete().where(Response.id == response.id).execute()


def _select_own(person: Person) -> ModelSelect[Attempt]:
    query = Attempt.select(Attempt, Invitation, Campaign, Client, Contact, Incident).join(Invitation).join(Campaign)
    for table in (Client, Contact, Incident):
        query = query.join_from(Invitation, table, JOIN.LEFT_OUTER)
    return query.where(Attempt.by == person, Attempt.outcome.in_(RECORDED_OUTCOMES))


def _list_open(person: Person, now: datetime, *which: Condition) -> list[RecentRecord]:
    fresh = Attempt.at > now - timedelta(minutes=settings.get_whole_number("undo_minutes"))
    lasting = Attempt.outcome.in_((AttemptOutcome.ANSWERED, AttemptOutcome.REFUSED))
    query = _select_own(person).where(STANDING, fresh | lasting, *which)
    found = [describe_record(one) for one in query.order_by(Attempt.id.desc()).limit(MOST_SHOWN)]
    return [one for one in found if one.until > now or one.correctable]
