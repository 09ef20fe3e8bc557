"""Opting out of surveys, and back in: it holds for an address, on whichever contact's card that stands (P2, P5).

Two cards with the same e-mail or the same mobile telephone are asked as one: both are asked, or neither. Any other
number can be a switchboard, so it holds for cards of the same name only (decision 0195). Cards are compared by the
keys that `contact_details.make_address_keys` made when they were written. All that asks (mail, link, call, slip,
paper) reads `is_opted_out` or, in queries, `opted_out_condition`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from peewee import SQL, Field, fn

from csat.database import write
from csat.models.base import Condition
from csat.models.clients import Contact
from csat.models.outbox import OptOutLink
from csat.procedure.clients.merging import find_person, same_person
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import LinkUnknown

CONTACT_ACTOR = "contact"  # how the history names whoever holds the link


def opted_out_condition() -> Condition:
    """Whether the contact of a query that has joined it wants no surveys; false where there is none."""
    known = (
        Contact.opted_out_at.is_null(False)
        | _opted_out_elsewhere(Contact.email_key)
        | _opted_out_elsewhere(Contact.telephone_key)
    )
    return Contact.id.is_null(False) & known


def is_opted_out(contact: Contact) -> bool:
    """Whether a contact, whoever counts as them, or another card with their address wants no surveys."""
    if find_person(contact).opted_out_at is not None:
        return True
    return Contact.select().where(Contact.id == contact.id, opted_out_condition()).exists()


def find_opted_out(contacts: list[int]) -> set[int]:
    """Those of these contacts, by key, who want no surveys."""
    rows = Contact.select(Contact.id).where(Contact.id.in_(contacts), opted_out_condition())
    return {key for (key,) in rows.tuples()}


def make_opt_out_link(contact: Contact) -> str:
    """One more link of a contact; its token, of which only the fingerprint is kept."""
    token = tokens.make_token()
    OptOutLink.create(token_hash=tokens.hash_token(token), contact=contact)
    return token


def get_contact_of_link(token: str) -> Contact:
    """Whose link it is; raise LinkUnknown."""
    link = OptOutLink.get_or_none(OptOutLink.token_hash == tokens.hash_token(token))
    if link is None:
        raise LinkUnknown
    return find_person(link.contact)


def opt_out_contact(token: str, now: datetime) -> Contact:
    """No surveys any more for this contact, from now on; harmless when it was so already."""
    return _set_opted_out(token, now, now)


def opt_in_contact(token: str, now: datetime) -> Contact:
    """This contact may be asked again, at every card with their address."""
    return _set_opted_out(token, None, now)


def _set_opted_out(token: str, to: datetime | None, now: datetime) -> Contact:
    with write():
        contact = get_contact_of_link(token)
        if is_opted_out(contact) != (to is not None):  # said twice, the first time counts
            # Out by one card is enough; back in is every card that would hold the address back.
            cards = same_person(contact) if to is not None else same_person(contact) | _find_alike(contact)
            Contact.update(opted_out_at=to).where(Contact.id.in_(cards)).execute()
            contact.opted_out_at = to
            if to is None:  # two calls: the texts to translate are gathered from them
                audit.record(CONTACT_ACTOR, "contact opted in", contact, now)
            else:
                audit.record(CONTACT_ACTOR, "contact opted out", contact, now)
    return contact


def _find_alike(contact: Contact) -> set[int]:
    """The cards, by key, that have the e-mail or the own telephone of this one."""
    same_email = (Contact.email_key == contact.email_key) & (Contact.email_key != "")
    same_telephone = (Contact.telephone_key == contact.telephone_key) & (Contact.telephone_key != "")
    return {key for (key,) in Contact.select(Contact.id).where(same_email | same_telephone).tuples()}


def _opted_out_elsewhere(key: Field) -> Condition:
    """Whether a card that opted out has the same key as the contact of the query."""
    other: Any = Contact.alias()
    same = (key != "") & (getattr(other, key.name) == key)  # first the own key: most cards lack one of the two
    return fn.EXISTS(other.select(SQL("1")).where(same, other.opted_out_at.is_null(False)))
