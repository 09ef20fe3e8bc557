"""A refusal that was put down wrongly and can no longer be taken back: proposed by who recorded it or QA, decided by
a second person (P2, P11).

Confirmed, the refusal counts nowhere, as one that was taken back at once: the incident is due again with the time
it had, or overdue since then. What became of it stays in the history.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Invitation
from csat.models.base import Table
from csat.models.clients import Client, Contact, Incident
from csat.models.corrections import CorrectionState, RefusalCorrection
from csat.models.people import Person
from csat.procedure.campaigns.invitation_states import refuse_ended_campaign
from csat.procedure.core import audit
from csat.procedure.core.guards import found_or_refuse, get_or_refuse, need_text
from csat.procedure.core.refusals import NotFound
from csat.procedure.people import permissions, separation_of_duties
from csat.procedure.review.corrections import (
    CorrectionNeedsSecondPerson,
    CorrectionWaits,
    refuse_decided,
    refuse_other_corrector,
    store_decision,
)
from csat.procedure.survey.taking_back import TakenBackAlready, reopen_asking
from csat.words import N_

T = TypeVar("T", bound=Table)


class RefusalCorrectionWaits(CorrectionWaits):
    sentence = N_("A correction waits already. A second person decides it first.")


def refusal_for(person: Person, key: int) -> Attempt:
    """A refusal that this person may have corrected: one of their own, for QA any; raise NotFound."""
    mine = (Attempt.outcome == AttemptOutcome.REFUSED) & Attempt.by.is_null(False)
    if not permissions.has_permission(person, "review"):
        mine &= Attempt.by == person
    query = Attempt.select(Attempt, Invitation, Campaign, Client, Contact, Incident).join(Invitation).join(Campaign)
    return get_or_refuse(_join_asked(query), Attempt.id == key, mine)


def correction_for(person: Person, key: int) -> RefusalCorrection:
    """A proposal, for who may decide it; raise NotFound for anybody else."""
    if not permissions.has_permission(person, "refusals.second"):
        raise NotFound
    return get_or_refuse(_select_corrections(), RefusalCorrection.id == key)


def select_waiting() -> ModelSelect[RefusalCorrection]:
    """A query of the proposals that wait for a second person, the oldest first."""
    waits = RefusalCorrection.state == CorrectionState.PROPOSED
    return _select_corrections().where(waits).order_by(RefusalCorrection.id)


def find_open_correction(attempt: Attempt) -> RefusalCorrection | None:
    """The proposal about a refusal that waits, if there is one."""
    waits = RefusalCorrection.state == CorrectionState.PROPOSED
    return RefusalCorrection.get_or_none(RefusalCorrection.attempt == attempt, waits)


def list_decided(attempt: Attempt) -> list[RefusalCorrection]:
    """What was proposed about a refusal before and is decided, the oldest first."""
    decided = RefusalCorrection.state != CorrectionState.PROPOSED
    query = RefusalCorrection.select().where(RefusalCorrection.attempt == attempt, decided)
    return list(query.order_by(RefusalCorrection.id))


def propose_correction(attempt: Attempt, reason: str, by: Person, now: datetime) -> RefusalCorrection:
    """Say why a refusal was none; raise TakenBackAlready, CorrectionWaits, CampaignOver or DutyConflict."""
    reason = need_text(reason)
    with write():
        stands = refusal_for(by, attempt.id)  # as the store has it now: the page may be older
        _refuse_settled(stands, now)
        separation_of_duties.ensure_may_correct_refusal(by, stands.invitation)
        if find_open_correction(stands) is not None:
            raise RefusalCorrectionWaits
        made = RefusalCorrection.create(attempt=stands, reason=reason, proposed_by=by, proposed_at=now)
        audit.record(by, "correction proposed", stands.invitation, now, correction=made.id)
    return made


def confirm_correction(correction: RefusalCorrection, by: Person, now: datetime, note: str = "") -> None:
    """Agree, as the second person: the contact did not refuse, and is still to be asked."""
    with write():
        attempt = _get_attempt_to_second(correction, by)
        _refuse_settled(attempt, now)
        store_decision(correction, CorrectionState.CONFIRMED, note, by, now)
        Attempt.update(undone_at=now, undone_by=by).where(Attempt.id == attempt.id).execute()
        reopen_asking(attempt, now)
        audit.record(by, "refusal corrected", attempt.invitation, now, correction=correction.id)


def reject_correction(correction: RefusalCorrection, by: Person, now: datetime, note: str) -> None:
    """Disagree, as the second person: the refusal stays."""
    note = need_text(note, "note")
    with write():
        attempt = _get_attempt_to_second(correction, by)
        store_decision(correction, CorrectionState.REJECTED, note, by, now)
        audit.record(by, "correction not confirmed", attempt.invitation, now, correction=correction.id)


def withdraw_correction(correction: RefusalCorrection, by: Person, now: datetime, note: str = "") -> None:
    """Take one's own proposal back; raise NotTheCorrector for anybody else."""
    with write():
        attempt = _get_attempt_to_decide(correction)
        refuse_other_corrector(correction, by)
        store_decision(correction, CorrectionState.WITHDRAWN, note, by, now)
        audit.record(by, "correction withdrawn", attempt.invitation, now, correction=correction.id)


def withdraw_waiting(attempt: Attempt, by: Person, now: datetime) -> None:
    """The same by the refusal: of the proposal that waits; raise NotFound where none does."""
    withdraw_correction(found_or_refuse(find_open_correction(attempt)), by, now)


def _select_corrections() -> ModelSelect[RefusalCorrection]:
    query = RefusalCorrection.select(RefusalCorrection, Attempt, Invitation, Campaign, Client, Contact, Incident)
    return _join_asked(query.join(Attempt).join(Invitation).join(Campaign))


def _join_asked(query: ModelSelect[T]) -> ModelSelect[T]:
    for table in (Client, Contact, Incident):
        query = query.join_from(Invitation, table, JOIN.LEFT_OUTER)
    return query


def _refuse_settled(attempt: Attempt, now: datetime) -> None:
    """What is taken back needs nothing more; of a campaign that is over nobody is asked any more."""
    if attempt.undone_at is not None:
        raise TakenBackAlready
    refuse_ended_campaign(attempt.invitation.campaign, now)


def _get_attempt_to_decide(correction: RefusalCorrection) -> Attempt:
    stands = get_or_refuse(_select_corrections(), RefusalCorrection.id == correction.id)  # the page may be older
    refuse_decided(stands)
    attempt: Attempt = stands.attempt
    return attempt


def _get_attempt_to_second(correction: RefusalCorrection, by: Person) -> Attempt:
    attempt = _get_attempt_to_decide(correction)
    if by.id in (correction.proposed_by_id, attempt.by_id):
        raise CorrectionNeedsSecondPerson
    separation_of_duties.ensure_may_correct_refusal(by, attempt.invitation)
    return attempt
