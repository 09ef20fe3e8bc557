"""How a respondent can be called, for who has the call at hand (D2)."""

from __future__ import annotations

from dataclasses import dataclass

from csat.models.answers import Response
from csat.models.clients import Contact


@dataclass(frozen=True)
class Reach:
    """How a respondent can be called, for who has the call-back at hand (D2)."""

    key: str
    name: str
    telephone: str
    email: str


def reach_of_response(response: Response) -> Reach:
    """How who answered can be called: as they said, else as their contact is known."""
    contact = response.contact
    name = response.respondent_name or (contact.name if contact else "")
    if response.respondent_reach:
        return Reach(f"response:{response.id}", name, response.respondent_reach, "")
    if contact is None:
        return Reach(f"response:{response.id}", name, "", "")
    return Reach(f"contact:{contact.id}", name, contact.telephone, contact.email)


def reach_of_contact(contact: Contact) -> Reach:
    """How a contact can be called."""
    return Reach(f"contact:{contact.id}", contact.name, contact.telephone, contact.email)
