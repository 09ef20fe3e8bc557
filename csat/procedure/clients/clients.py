"""Clients, and in whose care they are; who sees which of them."""

from __future__ import annotations

from datetime import date, datetime

from peewee import ModelSelect

from csat.database import write
from csat.models.clients import Client, ClientCare, Tier, TierChange
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_free_name
from csat.procedure.core.refusals import InputWrong, NotFound
from csat.procedure.people import permissions
from csat.procedure.people.departments import covers_day
from csat.words import N_

ROLES_SEEING_ALL_CLIENTS = permissions.PERMISSION_MATRIX["clients.see"] - {Role.MANAGER}


class CareOutOfOrder(InputWrong):
    sentence = N_("The care already changed hands on %(day)s. Please enter a later day.")


class ManagerRetired(InputWrong):
    sentence = N_("This person is retired and cannot take a client into their care.")


def add_client(name: str, tier: Tier, by: audit.Actor, now: datetime, name_en: str = "", note: str = "") -> Client:
    """Add a client; names are unique."""
    with write():
        name = need_free_name(Client, name)
        client = Client.create(name=name, tier=tier, name_en=name_en.strip(), note=note.strip())
        audit.record(by, "client added", client, now, name=name, tier=Tier(tier).value)
    return client


def change_client(
    client: Client, name: str, tier: Tier, name_en: str, note: str, by: audit.Actor, now: datetime
) -> None:
    """Change what is known of a client. Figures count it in another tier from the next quarter on (F4)."""
    with write():
        values = {"name": need_free_name(Client, name, client), "tier": Tier(tier), "name_en": name_en.strip()}
        values["note"] = note.strip()
        changed = audit.list_changes(client, **values)
        if changed:
            if "tier" in changed:
                # As stored: the record at hand may be older.
                TierChange.create(client=client, at=now, before=Client.get_by_id(client.id).tier)
            Client.update(values).where(Client.id == client.id).execute()
            audit.record(by, "client changed", client, now, **changed)


def list_clients(
    person: Person, day: date, search: str = "", tier: Tier | None = None, retired: bool = False
) -> ModelSelect[Client]:
    """A query of the clients a person may see, by name: a project manager sees those in their care."""
    query = Client.select().where(Client.retired_at.is_null(not retired)).order_by(Client.name, Client.id)
    if not ROLES_SEEING_ALL_CLIENTS & permissions.roles_of(person):
        query = query.where(Client.id.in_(_in_care_of(person, day)))
    if search:
        query = query.where(Client.name.contains(search) | Client.name_en.contains(search))
    return query.where(Client.tier == tier) if tier else query


def select_clients_in_use() -> ModelSelect[Client]:
    """A query of the clients that are served, without those that count as another."""
    return Client.select().where(Client.retired_at.is_null(), Client.counts_as.is_null())


def client_for(person: Person, key: int, day: date) -> Client:
    """The client, for a person who may see it; raise NotFound for anybody else."""
    client, held = get_or_refuse(Client, key), permissions.roles_of(person)
    if not (ROLES_SEEING_ALL_CLIENTS & held or (Role.MANAGER in held and _is_in_care(person, client, day))):
        raise NotFound
    return client


def own_client_for(manager: Person, key: int, day: date) -> Client:
    """The client, for the project manager in whose care it is; raise NotFound for anybody else, whatever they see."""
    client = get_or_refuse(Client, key)
    if not _is_in_care(manager, client, day):
        raise NotFound
    return client


def editable_client_for(person: Person, key: int, day: date) -> Client:
    """The client, for a person who may change its contacts; raise NotFound for anybody else."""
    client = get_or_refuse(Client, key)
    if not may_edit_contacts(person, client, day):
        raise NotFound
    return client


def may_edit_contacts(person: Person, client: Client, day: date) -> bool:
    """An administrator changes any client's contacts, a project manager those of clients in their care."""
    held = permissions.roles_of(person)
    return Role.ADMIN in held or (Role.MANAGER in held and _is_in_care(person, client, day))


def put_in_care(client: Client, person: Person, since: date, by: audit.Actor, now: datetime) -> None:
    """Hand a client to a project manager from a day on; the same day corrects, an earlier one is refused."""
    if person.retired_at is not None:
        raise ManagerRetired(field="manager")
    with write():
        last = client.care.order_by(ClientCare.since.desc(), ClientCare.id.desc()).first()
        if last is not None and last.person_id == person.id and last.until is None:
            return
        if last is not None and since < last.since:  # what was asked since then names the later manager
            raise CareOutOfOrder(field="since", day=str(last.since))
        if last is not None and since == last.since:
            last.delete_instance()  # the same day again corrects what was entered
        elif last is not None and (last.until is None or last.until > since):
            ClientCare.update(until=since).where(ClientCare.id == last.id).execute()
        ClientCare.create(client=client, person=person, since=since)
        before = last.person_id if last else None
        audit.record(by, "client handed over", client, now, before=before, after=person.id, since=str(since))


def end_care(client: Client, until: date, by: audit.Actor, now: datetime) -> None:
    """Take a client out of its manager's care on a day (that day excluded)."""
    with write():
        open_ended = client.care.where(ClientCare.until.is_null()).first()
        if open_ended is None:
            return
        if until < open_ended.since:
            raise CareOutOfOrder(field="since", day=str(open_ended.since))
        ClientCare.update(until=until).where(ClientCare.id == open_ended.id).execute()
        audit.record(by, "client care ended", client, now, person=open_ended.person_id, until=str(until))


def manager_of(client: Client, day: date) -> Person | None:
    """The project manager in whose care a client is on a day."""
    care = ClientCare.select(ClientCare, Person).join(Person).where(ClientCare.client == client)
    row = care.where(covers_day(ClientCare, day)).order_by(ClientCare.since.desc()).first()
    return None if row is None else row.person


def list_managers(day: date) -> dict[int, Person]:
    """The project manager of each client on a day, by the client's key."""
    care = ClientCare.select(ClientCare, Person).join(Person).where(covers_day(ClientCare, day))
    return {row.client_id: row.person for row in care}


def clients_of(manager: Person, day: date) -> list[Client]:
    """The clients in a project manager's care on a day, in use, by name."""
    query = Client.select().where(Client.retired_at.is_null(), Client.id.in_(_in_care_of(manager, day)))
    return list(query.order_by(Client.name))


def list_care_history(client: Client) -> list[ClientCare]:
    """In whose care a client is and was, the latest first."""
    query = ClientCare.select(ClientCare, Person).join(Person).where(ClientCare.client == client)
    return list(query.order_by(ClientCare.since.desc()))


def _in_care_of(person: Person, day: date) -> ModelSelect[ClientCare]:
    return ClientCare.select(ClientCare.client).where(ClientCare.person == person, covers_day(ClientCare, day))


def _is_in_care(person: Person, client: Client, day: date) -> bool:
    return _in_care_of(person, day).where(ClientCare.client == client).exists()
