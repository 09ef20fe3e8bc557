"""How a respondent can be called, for who has the call at hand (D2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from csat.models.answers import Response
from csat.models.clients import Contact
from csat.procedure.core.contact_details import mask_address, mask_email


@dataclass(frozen=True)
class ContactReach:
    """How a respondent can be called, for who has the call-back at hand (D2)."""

    key: str
    name: str
    telephone: str
    email: str
    masked: bool = False
    position: str = ""


def find_respondent_reach(response: Response) -> ContactReach:
    """How who answered can be called: as they said, else as their contact is known."""
    contact = response.contact
    name = response.respondent_name or (contact.name if contact else "")
    if response.respondent_reach or contact is None:
        return ContactReach(f"response:{response.id}", name, response.respondent_reach, "")
    return replace(make_contact_reach(contact), name=name)


def mask_reach(reach: ContactReach) -> ContactReach:
    """The same person, with only so much of telephone and address as tells that there is one."""
    telephone, email = mask_address(reach.telephone), mask_email(reach.email)
    return replace(reach, telephone=telephone, email=email, masked=True)


def make_contact_reach(contact: Contact) -> ContactReach:
    """How a contact can be called."""
    told = contact.name, contact.telephone, contact.email
    return ContactReach(f"contact:{contact.id}", *told, position=contact.position)
