"""Printed forms: the whole questionnaire on paper, each with its link and a short code (P5).

For a contact it is one of their invitation; a stack is of one client, and nobody knows who fills in which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.asking import Campaign, Channel, Invitation, InvitationState
from csat.models.base import expect_value
from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.campaigns.invitation_states import attempts_of, refuse_ended_campaign, shown_state
from csat.procedure.campaigns.slips import Slip
from csat.procedure.clients import clients
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents.delivery import is_delivered
from csat.words import N_

JOB_KIND = "print_forms"
MAX_FORMS = 50  # of one file: about half a minute's work


class PaperNotOffered(Refusal):
    sentence = N_(
        "Printed forms are for campaigns that people open. About an incident the desk calls or hands over a link."
    )


class TooManyForms(InputWrong):
    sentence = N_("Please choose from 1 to %(most)s forms at a time.")


@dataclass(frozen=True)
class PrintedForm:
    """A form to print: whose invitation it is, and the two secrets that stand on it, kept nowhere else."""

    invitation: Invitation
    token: str
    code: str


@dataclass(frozen=True)
class FormStack:
    """The forms without a name of one client in a campaign: how many were printed, and how many handed over."""

    client: Client
    printed: int
    delivered: int


def is_offered(campaign: Campaign) -> bool:
    """Whether a campaign can ask by printed forms: what asks about one matter within days cannot wait for paper."""
    return campaign.occasion not in campaigns.STANDING_OCCASIONS


def print_contact_forms(chosen: Sequence[Slip], by: Person, now: datetime) -> list[PrintedForm]:
    """Make a link and a code for the form of each of these contacts; printed again, the earlier ones still work."""
    for campaign in {one.invitation.campaign for one in chosen}:
        refuse_printing(campaign, len(chosen), now)
    secrets = _make_secrets(len(chosen))
    with write():
        for one in chosen:
            if not one.printed:  # printed again, it keeps its channel
                invitations.choose_channel(one.invitation, Channel.PAPER, by, now)
        return _store_links([one.invitation for one in chosen], secrets, by, now)


def refuse_printing(campaign: Campaign, number: int, now: datetime) -> None:
    """Refuse before the work is queued what it would refuse: a campaign without paper, or over; too many forms."""
    refuse_unoffered(campaign)
    refuse_ended_campaign(campaign, now)
    if not 1 <= number <= MAX_FORMS:
        raise TooManyForms("number", most=MAX_FORMS)


def print_stack(
    campaign: Campaign, client: Client, number: int, by: Person, now: datetime, zone: tzinfo
) -> list[PrintedForm]:
    """Make so many forms for a client without saying for whom; each is an invitation of its own."""
    refuse_printing(campaign, number, now)
    secrets = _make_secrets(number)
    manager = clients.manager_of(client, now.astimezone(zone).date())
    with write():
        asked = [
            Invitation.create(campaign=campaign, client=client, manager=manager, channel=Channel.PAPER)
            for _ in range(number)
        ]
        return _store_links(asked, secrets, by, now)


def list_stacks(campaign: Campaign, own: set[int] | None) -> list[FormStack]:
    """The stacks of a campaign, of these clients or (None) of all, by client."""
    rows = list(_select_stack_forms(campaign, own))
    attempts = attempts_of(rows)
    stacks = []
    for client, forms in groupby(rows, lambda row: expect_value(row.client)):
        kept = [one for one in forms if shown_state(one, attempts[one.id]) != InvitationState.VOID]
        if kept:
            stacks.append(FormStack(client, len(kept), sum(is_delivered(attempts[one.id]) for one in kept)))
    return stacks


def hand_over_stack(campaign: Campaign, client: Client, number: int, by: Person, now: datetime) -> int:
    """Mark so many forms that `by` printed for a client as handed over; return how many. Nobody knows which."""
    rows = list(_select_stack_forms(campaign, {client.id}))
    attempts = attempts_of(rows)
    in_hand = invitations.find_links_in_hand(rows, by)
    made = [row for row in rows if shown_state(row, attempts[row.id]) == InvitationState.MADE]
    waiting = [row for row in made if row.id in in_hand]
    if made and not waiting:
        raise invitations.NothingToHandOver
    if not 1 <= number <= len(waiting):
        raise TooManyForms("number", most=len(waiting))
    with write():
        for row in waiting[:number]:
            invitations.mark_handed_over(row, by, now)
    return number


def refuse_unoffered(campaign: Campaign) -> None:
    """Raise PaperNotOffered for the campaigns about single matters."""
    if not is_offered(campaign):
        raise PaperNotOffered


def _make_secrets(number: int) -> list[tuple[str, str, str]]:
    """So many tokens and codes with the codes' slow hashes, made before anything is locked."""
    codes = [tokens.make_short_code() for _ in range(number)]
    return [(tokens.make_token(), code, tokens.hash_short_code(code)) for code in codes]


def _store_links(
    asked: Iterable[Invitation], secrets: Sequence[tuple[str, str, str]], by: Person, now: datetime
) -> list[PrintedForm]:
    made = []
    for invitation, (token, code, hashed) in zip(asked, secrets, strict=True):
        invitations.store_link(invitation, tokens.hash_token(token), by, now, hashed)
        made.append(PrintedForm(invitation, token, code))
    audit.record(by, "forms printed", made[0].invitation.campaign, now, number=len(made))
    return made


def _select_stack_forms(campaign: Campaign, own: set[int] | None) -> ModelSelect[Invitation]:
    query = Invitation.select(Invitation, Client).join(Client, JOIN.LEFT_OUTER)
    query = query.where(
        Invitation.campaign == campaign, Invitation.contact.is_null(), Invitation.channel == Channel.PAPER
    )
    query = query.order_by(Client.name, Client.id, Invitation.id)
    return query if own is None else query.where(Invitation.client.in_(own))
