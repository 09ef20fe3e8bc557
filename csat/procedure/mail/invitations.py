"""A campaign's invitations by mail: which of them go, what is said before, and how they stand (P5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from peewee import ModelSelect, fn

from csat.database import write
from csat.models.asking import Campaign, Channel, Invitation, InvitationState, Naming
from csat.models.base import expect_value
from csat.models.clients import Contact
from csat.models.outbox import (
    NOT_ARRIVED_STATES,
    QUEUED_STATES,
    TROUBLE_STATES,
    UNDECIDED_STATES,
    MailKind,
    MailState,
    OutboxMessage,
    Why,
)
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, links
from csat.procedure.campaigns.invitation_states import attempts_of, refuse_ended_campaign, shown_state
from csat.procedure.campaigns.promise import Sentence, build_promise
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import DutyConflict, Refusal
from csat.procedure.incidents.delivery import is_delivered
from csat.procedure.mail import outbox, sending_rules
from csat.procedure.people import separation_of_duties
from csat.words import N_


class NobodyToMail(Refusal):
    sentence = N_("Nobody is left to be written to: all have been asked, or have no e-mail address.")


class NoMailSetUp(Refusal):
    sentence = N_(
        "No mail server is set up, so nothing can be sent. Hand over the links, or ask whoever looks after "
        "the server to set CSAT_SMTP_URL and CSAT_MAIL_FROM."
    )


@dataclass(frozen=True)
class MailingPlan:
    """What sending would do: to whom, in which languages, what they are promised, and who is left out."""

    ready: tuple[Invitation, ...]
    languages: Counter[str]
    promises: tuple[tuple[int, tuple[Sentence, ...]], ...]  # (to how many, what they read)
    left_out: tuple[tuple[Invitation, Why], ...]

    @property
    def lacking(self) -> int:
        """How many have no address."""
        return sum(why is Why.NO_ADDRESS for _, why in self.left_out)


def plan_mailing(campaign: Campaign, own: set[int] | None, everybody: bool, by: Person, now: datetime) -> MailingPlan:
    """Whom this person would write to now: the not yet reached whose channel is mail, or all of them."""
    ready, left_out = [], []
    for invitation in _list_unasked(campaign, own, everybody):
        if (why := _find_reason_against(invitation, by, now)) is None:
            ready.append(invitation)
        else:
            left_out.append((invitation, why))
    languages = Counter(one.contact.language for one in ready if one.contact)
    return MailingPlan(tuple(ready), languages, _count_promises(ready), tuple(left_out))


def send_invitations(campaign: Campaign, own: set[int] | None, everybody: bool, by: Person, now: datetime) -> int:
    """Queue the invitations of `plan_mailing`; how many. Refuses a campaign that is over, or nobody left."""
    with write():
        refuse_ended_campaign(campaign, now)
        ready = plan_mailing(campaign, own, everybody, by, now).ready
        queued = sum(queue_invitation(invitation, by, now) for invitation in ready)
        if not queued:
            raise NobodyToMail
        audit.record(by, "invitations sent by mail", campaign, now, number=queued)
    return queued


def _find_reason_against(invitation: Invitation, by: Person, now: datetime) -> Why | None:
    """Why a mail may not go, or not by this person: the others of the campaign do not wait for a colleague."""
    try:
        separation_of_duties.ensure_may_record_survey(by, invitation.incident)
        separation_of_duties.ensure_may_record_check(by, invitation)
    except DutyConflict:
        return Why.HANDLED
    return sending_rules.find_invitation_hold_reason(invitation, now)


def queue_invitation(invitation: Invitation, by: Person, now: datetime) -> bool:
    """Queue one invitation by mail, its channel from then on; not by who handled its incident (P2). False: known."""
    separation_of_duties.ensure_may_record_survey(by, invitation.incident)
    sending_rules.refuse_held_back(sending_rules.find_invitation_hold_reason(invitation, now))
    with write():
        if queue_unless_queued(invitation, by, now):
            return True
        known = OutboxMessage.get(OutboxMessage.purpose == f"ask:{invitation.id}")
        if known.state not in NOT_ARRIVED_STATES:
            return False
        outbox.resend_mail(known, by, now)
    return True


def queue_unless_queued(invitation: Invitation, by: Person | None, now: datetime) -> bool:
    """Queue the one mail that asks somebody, by mail from then on; False when there is one already."""
    Invitation.update(channel=Channel.EMAIL).where(Invitation.id == invitation.id).execute()
    return outbox.queue_mail(MailKind.ASK, f"ask:{invitation.id}", now, by, invitation=invitation)


def select_mail_troubles(own: set[int] | None, state: MailState | None = None) -> ModelSelect[OutboxMessage]:
    """A query of the mails to these clients' contacts (None: all) that did not simply go, newest first."""
    states = TROUBLE_STATES if state is None else (state,)
    query = OutboxMessage.select(OutboxMessage, Invitation, Campaign, Contact).join(Invitation).join(Campaign)
    query = query.switch(Invitation).join(Contact).where(OutboxMessage.state.in_(states))
    # Of reminders that may not tell who has answered only those held back are shown, which is no secret.
    secret = (OutboxMessage.kind == MailKind.REMIND) & (Campaign.naming != Naming.NAMED)
    query = query.where(~(secret & (OutboxMessage.state != MailState.HELD)))
    return (query if own is None else query.where(Invitation.client.in_(own))).order_by(OutboxMessage.id.desc())


def mail_for(person: Person, key: int, zone: tzinfo, now: datetime) -> OutboxMessage:
    """A mail about an invitation that a person may see; raise NotFound."""
    message = get_or_refuse(OutboxMessage, key)
    campaigns.invitation_for(person, message.invitation_id or 0, zone, now)
    return message


@dataclass(frozen=True)
class ReminderRound:
    """One round of reminders in numbers, which say nothing of who has answered."""

    number: int
    day: datetime
    waiting: int
    gone_through: int
    held: tuple[tuple[Why, int], ...]


class RoundPart(NamedTuple):
    """The mails of a round that stand alike: since when, and how many."""

    state: MailState
    why: Why | None
    first: datetime
    n: int


def list_reminder_rounds(campaign: Campaign) -> list[ReminderRound]:
    """The rounds of reminders of a campaign."""
    columns = (OutboxMessage.number, OutboxMessage.state, OutboxMessage.why)
    rows = (
        OutboxMessage.select(*columns, fn.MIN(OutboxMessage.made_at), fn.COUNT(OutboxMessage.id))
        .join(Invitation)
        .where(Invitation.campaign == campaign, OutboxMessage.kind == MailKind.REMIND)
        .group_by(*columns)
    )
    rounds: dict[int, list[RoundPart]] = defaultdict(list)
    for number, *part in rows.tuples():
        rounds[number].append(RoundPart(*part))
    return [_summarise_round(number, parts) for number, parts in sorted(rounds.items())]


def _summarise_round(number: int, parts: list[RoundPart]) -> ReminderRound:
    held = Counter[Why]()
    for part in parts:
        if part.state == MailState.HELD:
            held[expect_value(part.why)] += part.n
    waiting = sum(part.n for part in parts if part.state in QUEUED_STATES)
    through = sum(part.n for part in parts) - waiting - held.total()
    first = min(part.first for part in parts)
    return ReminderRound(number, first, waiting, through, tuple(sorted(held.items())))


def _list_unasked(campaign: Campaign, own: set[int] | None, everybody: bool) -> Iterable[Invitation]:
    """Those by mail (or all) whom nobody has reached, and to whom no mail is on its way or unclear."""
    query = Invitation.select().where(Invitation.campaign == campaign)
    if not everybody:
        query = query.where(Invitation.channel == Channel.EMAIL)
    rows = list(query if own is None else query.where(Invitation.client.in_(own)))
    attempts, mails = attempts_of(rows), outbox.find_last_mails(rows)
    for one in rows:
        unasked = shown_state(one, attempts[one.id]) == InvitationState.MADE and not is_delivered(attempts[one.id])
        if unasked and not (one.id in mails and mails[one.id].state in UNDECIDED_STATES):
            yield one


def _count_promises(ready: Iterable[Invitation]) -> tuple[tuple[int, tuple[Sentence, ...]], ...]:
    """What is promised to how many, from the facts that the form's promise is made of (Q1)."""
    said = [tuple(build_promise(links.build_survey_request(invitation))) for invitation in ready]
    different: list[tuple[Sentence, ...]] = []  # no set: sentences hold dicts
    for one in said:
        if one not in different:
            different.append(one)
    return tuple(sorted(((said.count(one), one) for one in different), key=lambda found: -found[0]))
