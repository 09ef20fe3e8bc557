"""Whom to ask: the proposal of the quarterly campaign, what is missing for it, and what it would mean."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum

from csat.models.asking import Attempt, AttemptOutcome, Campaign, Invitation
from csat.models.clients import Client, Contact, Tier
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.clients import clients
from csat.procedure.clients.clients import select_clients_in_use
from csat.procedure.clients.opt_out import find_opted_out, is_opted_out
from csat.procedure.core import contact_details
from csat.procedure.core.refusals import NotFound
from csat.procedure.incidents.delivery import STANDING
from csat.procedure.people import permissions
from csat.words import N_


class AskingGap(StrEnum):
    """What keeps us from asking; the value is what people read."""

    NO_CLIENT = N_("client unknown")
    NO_CONTACT = N_("no contact")
    NO_ADDRESS = N_("no e-mail and no telephone")
    WRONG_NUMBER = N_("wrong number")
    OPTED_OUT = N_("does not want to be asked")
    RETIRED = N_("no longer with the client")
    NO_MANAGER = N_("in nobody's care")
    NOBODY_MARKED = N_("nobody is marked “asked each quarter”")


GAPS_PREVENTING_SURVEY = (AskingGap.NO_CLIENT, AskingGap.NO_CONTACT, AskingGap.RETIRED, AskingGap.OPTED_OUT)


@dataclass(frozen=True)
class ClientProposal:
    """A client to be asked this quarter: who cares for it, who can be asked, and what is missing."""

    client: Client
    manager: Person | None
    contacts: tuple[Contact, ...]
    missing: tuple[tuple[AskingGap, str], ...]  # (what, at whom; '' for the client itself)

    @property
    def marked(self) -> tuple[Contact, ...]:
        """Whom the quarterly campaign asks (P3)."""
        return tuple(contact for contact in self.contacts if contact.asked_each_quarter)

    def has_gap(self, gap: AskingGap) -> bool:
        return gap in {found for found, _ in self.missing}


def find_gap(contact: Contact | None, out: set[int] | None = None) -> AskingGap | None:
    """What keeps us from asking a contact, or None; `out` are those who want no surveys, where they are known."""
    if contact is None:
        return AskingGap.NO_CONTACT
    if contact.retired_at is not None:
        return AskingGap.RETIRED
    if is_opted_out(contact) if out is None else contact.id in out:
        return AskingGap.OPTED_OUT
    return None if contact.email or contact.telephone else AskingGap.NO_ADDRESS


def mask_contact(contact: Contact) -> str:
    """How a contact can be reached, masked (D2); '' when in no way."""
    shown = (contact_details.mask_telephone(contact.telephone), contact_details.mask_email(contact.email))
    return " · ".join(text for text in shown if text)


def list_proposals(manager: Person | None, zone: tzinfo, now: datetime) -> list[ClientProposal]:
    """The important and core clients in a manager's care today, or all, with contacts marked or not, and gaps (P3)."""
    day = now.astimezone(zone).date()
    found = select_clients_in_use().where(Client.tier.in_([Tier.IMPORTANT, Tier.CORE]))
    if manager is not None:
        found = found.where(Client.id.in_([client.id for client in clients.clients_of(manager, day)]))
    proposed = build_proposals(found.order_by(Client.tier, Client.name), day)
    return [one if one.marked or not one.contacts else _name_unmarked(one) for one in proposed]


def build_proposals(found: Iterable[Client], day: date) -> list[ClientProposal]:
    """Clients with whoever can be asked there, and with what is missing."""
    chosen = list(found)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    query = Contact.select().where(Contact.client.in_([client.id for client in chosen]), Contact.counts_as.is_null())
    for contact in query.order_by(Contact.name):
        contacts[contact.client_id].append(contact)
    managers = clients.list_managers(day)
    out = find_opted_out([one.id for listed in contacts.values() for one in listed])
    return [_build_proposal(client, contacts[client.id], managers.get(client.id), out) for client in chosen]


def search_clients(words: str, own: set[int] | None) -> list[Client]:
    """Clients whose name holds these words, at most fifty: for campaigns of other occasions (P4)."""
    query = select_clients_in_use()
    if own is not None:
        query = query.where(Client.id.in_(own))
    if words:
        query = query.where(Client.name.contains(words) | Client.name_en.contains(words))
    return list(query.order_by(Client.name).limit(50))


def find_visible_clients(person: Person, zone: tzinfo, now: datetime) -> set[int] | None:
    """The clients whose rows a person sees: None is all of them (desk and QA), else those in their care."""
    if permissions.roles_of(person) & {Role.DESK, Role.QA}:
        return None
    return {client.id for client in clients.clients_of(person, now.astimezone(zone).date())}


def get_contacts_to_ask(person: Person, keys: Iterable[int], zone: tzinfo, now: datetime) -> list[Contact]:
    """The contacts of these keys, all of clients the person may ask; raise NotFound otherwise."""
    wanted, own = set(keys), find_visible_clients(person, zone, now)
    query = Contact.select(Contact, Client).join(Client).where(Contact.id.in_(wanted))
    found = [contact for contact in query if own is None or contact.client_id in own]
    if len(found) != len(wanted):  # all or nothing: a key of another's client was typed, not ticked
        raise NotFound
    return sorted(found, key=lambda contact: (contact.client.name, contact.name))


def preview_consequences(campaign: Campaign, contacts: Iterable[Contact]) -> list[tuple[Client, int, bool]]:
    """Said before sending: (client, people invited then, whether anonymous answers can keep its name)."""
    withdrawn = Attempt.select(Attempt.invitation).where(STANDING, Attempt.outcome == AttemptOutcome.WITHDRAWN)
    asked = Invitation.select(Invitation.client).where(Invitation.campaign == campaign, Invitation.id.not_in(withdrawn))
    people = Counter(row.client_id for row in asked)
    chosen = {}
    for contact in contacts:
        people[contact.client_id] += 1
        chosen[contact.client_id] = contact.client
    ordered = sorted(chosen.values(), key=lambda client: client.name)
    return [(client, people[client.id], people[client.id] >= campaign.k) for client in ordered]


def _name_unmarked(one: ClientProposal) -> ClientProposal:
    return replace(one, missing=((AskingGap.NOBODY_MARKED, ""), *one.missing))


def _build_proposal(client: Client, contacts: list[Contact], manager: Person | None, out: set[int]) -> ClientProposal:
    missing = [] if manager else [(AskingGap.NO_MANAGER, "")]
    askable = []
    for contact in contacts:
        gap = find_gap(contact, out)
        if gap not in GAPS_PREVENTING_SURVEY:  # who has no address can be given a slip
            askable.append(contact)
        if gap in (AskingGap.NO_ADDRESS, AskingGap.OPTED_OUT):
            missing.append((gap, contact.name))
    if not askable:
        missing.insert(0, (AskingGap.NO_CONTACT, ""))
    return ClientProposal(client, manager, tuple(askable), tuple(missing))
