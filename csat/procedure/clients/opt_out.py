"""Opting out of surveys, and back in, by a link of one's own: without an account, without a survey's link."""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.models.clients import Contact
from csat.models.outbox import OptOutLink
from csat.procedure.clients.merging import find_person, same_person
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import LinkUnknown

CONTACT_ACTOR = "contact"  # how the history names whoever holds the link


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
    """This contact may be asked again."""
    return _set_opted_out(token, None, now)


def _set_opted_out(token: str, to: datetime | None, now: datetime) -> Contact:
    with write():
        contact = get_contact_of_link(token)
        if (contact.opted_out_at is None) != (to is None):  # said twice, the first time counts
            Contact.update(opted_out_at=to).where(Contact.id.in_(same_person(contact))).execute()
            contact.opted_out_at = to
            if to is None:  # two calls: the texts to translate are gathered from them
                audit.record(CONTACT_ACTOR, "contact opted in", contact, now)
            else:
                audit.record(CONTACT_ACTOR, "contact opted out", contact, now)
    return contact
