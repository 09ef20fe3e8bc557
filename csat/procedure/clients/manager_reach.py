"""Whom a client turns to: the project manager in whose care it is, or the provider (P13)."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.clients import clients
from csat.procedure.core import settings


class ManagerReach(TypedDict):
    """Name ('' for the provider), telephone and e-mail, as a client reads them."""

    name: str
    telephone: str
    email: str


def find_reach(manager: Person | None) -> ManagerReach:
    """How a manager is reached; what is not known of them, and who is nobody, is the provider's."""
    ours = settings.get_provider_contact()
    if manager is None:
        return {"name": "", **ours}
    return {
        "name": manager.name,
        "telephone": manager.telephone or ours["telephone"],
        "email": manager.email or ours["email"],
    }


def find_client_reach(client: Client | None, day: date) -> ManagerReach:
    """Whom a client turns to on a day."""
    return find_reach(clients.manager_of(client, day) if client else None)
