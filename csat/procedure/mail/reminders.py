"""Reminders by mail: after some days, to those who have not answered, without anybody seeing who that is.

Where names are not needed, a round is queued for everybody whom a mail reached; who has answered is looked
up when each is sent, and leaves no trace (decision 0030). Only the campaign's history knows of the round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from csat.database import write
from csat.models.asking import AttemptOutcome, Campaign, Invitation, InvitationState
from csat.models.base import expect_value
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.procedure.campaigns.invitation_states import attempts_of, is_answered_by_name, shown_state
from csat.procedure.core import audit, settings
from csat.procedure.mail import outbox

FIRST, SECOND = 1, 2


def queue_reminders(now: datetime, zone: tzinfo) -> int:
    """Queue the reminders whose day has come; how many rows. Harmless when done already."""
    queued, at = Counter[Campaign](), outbox.next_working_time(now, zone)
    with write():
        for campaign, one, number in _list_due_reminders(now):
            purpose = f"remind:{one.id}:{number}"
            made = outbox.queue_mail(MailKind.REMIND, purpose, now, next_at=at, invitation=one, number=number)
            queued[campaign] += made
        for campaign, number in (+queued).items():
            audit.record(None, "reminders queued", campaign, now, number=number)
    return queued.total()


def _list_due_reminders(now: datetime) -> Iterator[tuple[Campaign, Invitation, int]]:
    """Who is to be gone through, for which reminder: one at a time, each some days after what went before."""
    first, second = settings.get_whole_number("reminder_first"), settings.get_whole_number("reminder_second")
    between = timedelta(days=max(1, second - first) if first else second)
    for campaign in list(Campaign.select().where(Campaign.running_condition(now)).order_by(Campaign.id)):
        sent = _find_last_reminders(campaign)
        for invitation, at in _find_reached_by_mail(campaign):
            before = sent.get(invitation.id)
            if before is None and first:
                number, due = FIRST, at + timedelta(days=first)
            else:
                number, due = SECOND, (before[1] if before else at) + between
            if now >= due and not (before and before[0] == SECOND) and (number == FIRST or second):
                yield campaign, invitation, number


def _find_reached_by_mail(campaign: Campaign) -> list[tuple[Invitation, datetime]]:
    """Invitations that a mail delivered, by our own acts, and when; without those answered by name."""
    arrived = (OutboxMessage.kind == MailKind.ASK) & (OutboxMessage.state == MailState.DONE)
    mails = OutboxMessage.select(OutboxMessage.invitation).where(arrived)
    rows = list(Invitation.select().where(Invitation.campaign == campaign, Invitation.id.in_(mails)))
    attempts = attempts_of(rows)
    found = []
    for one in rows:
        if shown_state(one, attempts[one.id]) != InvitationState.SENT or is_answered_by_name(one):
            continue
        handed = [act.at for act in attempts[one.id] if act.outcome == AttemptOutcome.HANDED_OVER]
        found.append((one, max(handed)))
    return found


def _find_last_reminders(campaign: Campaign) -> dict[int, tuple[int, datetime]]:
    """By invitation: the last reminder there is, and when it was queued."""
    rows = OutboxMessage.select().join(Invitation).where(Invitation.campaign == campaign)
    sent = rows.where(OutboxMessage.kind == MailKind.REMIND).order_by(OutboxMessage.number)
    return {expect_value(row.invitation_id): (row.number, row.made_at) for row in sent}
