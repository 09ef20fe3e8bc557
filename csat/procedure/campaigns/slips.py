"""Printed slips, and what printed forms share with them: a link for each invitation, on paper, handed over (P5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from csat.database import write
from csat.models.asking import Campaign, Channel, Invitation, InvitationState, Link
from csat.models.clients import Client, Contact
from csat.models.people import Person
from csat.procedure.campaigns import invitations
from csat.procedure.campaigns.invitation_states import attempts_of, shown_state
from csat.procedure.clients.opt_out import opted_out_condition
from csat.procedure.core import audit
from csat.procedure.core.refusals import InputWrong, NotFound
from csat.procedure.incidents.delivery import is_delivered
from csat.words import N_

MAX_SLIPS = 160  # twenty sheets of eight: what is made while somebody waits
ASKABLE_STATES = (InvitationState.MADE, InvitationState.SENT)


class TooManySlips(InputWrong):
    sentence = N_("At most %(most)s slips are made at a time; %(found)s are ticked. Please print them in parts.")


@dataclass(frozen=True)
class Slip:
    """An invitation that can be handed over on paper: whether it was printed, and whether they have it."""

    invitation: Invitation
    printed: bool
    delivered: bool


def list_slips(campaign: Campaign, own: set[int] | None, channel: Channel = Channel.SLIP) -> list[Slip]:
    """The invitations of a campaign that a slip or form can be printed for, of these clients or (None) of all."""
    query = Invitation.select(Invitation, Client, Contact).join(Client, JOIN.LEFT_OUTER).join_from(Invitation, Contact)
    query = query.where(Invitation.campaign == campaign, Contact.retired_at.is_null(), ~opted_out_condition())
    query = query.order_by(Client.name, Contact.name, Invitation.id)
    rows = list(query if own is None else query.where(Invitation.client.in_(own)))
    attempts = attempts_of(rows)
    links = Link.select(Link.invitation).where(Link.by_hand, Link.invitation.in_([row.id for row in rows])).distinct()
    linked = {link.invitation_id for link in links}
    found = []
    for row in rows:
        printed, delivered = row.channel == channel and row.id in linked, is_delivered(attempts[row.id])
        # Who was reached by another channel needs none.
        if shown_state(row, attempts[row.id]) in ASKABLE_STATES and (printed or not delivered):
            found.append(Slip(row, printed, delivered))
    return found


def get_chosen_slips(
    campaign: Campaign, own: set[int] | None, keys: Iterable[int], channel: Channel = Channel.SLIP
) -> list[Slip]:
    """Those of the offered ones with these keys; raise NotFound when one is not among them."""
    wanted = set(keys)
    found = [one for one in list_slips(campaign, own, channel) if one.invitation.id in wanted]
    if len(found) != len(wanted):  # somebody else's, or one that ended meanwhile
        raise NotFound
    return found


def make_slips(slips: Sequence[Slip], by: Person, now: datetime) -> list[tuple[Invitation, str]]:
    """Make a new link for each slip; return them with their tokens. Refuses more than MAX_SLIPS, and what is over."""
    if len(slips) > MAX_SLIPS:
        raise TooManySlips(most=MAX_SLIPS, found=len(slips))
    made = []
    with write():
        for slip in slips:
            if not slip.printed:  # printed again, they keep their channel
                invitations.choose_channel(slip.invitation, Channel.SLIP, by, now)
            made.append((slip.invitation, invitations.make_link(slip.invitation, by, now)))
        if made:
            audit.record(by, "slips printed", made[0][0].campaign, now, number=len(made))
    return made


def hand_over_slips(slips: Iterable[Slip], by: Person, now: datetime) -> int:
    """Mark slips that `by` printed as handed over; return how many. A colleague's, or what is with them, stays."""
    waiting = [slip.invitation for slip in slips if slip.printed and not slip.delivered]
    in_hand = invitations.find_links_in_hand(waiting, by)
    waiting = [one for one in waiting if one.id in in_hand]
    with write():
        for invitation in waiting:
            invitations.mark_handed_over(invitation, by, now)
    return len(waiting)
