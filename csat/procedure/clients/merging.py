"""Joined clients and contacts: who counts as whom. Rows are never rewritten, so all who ask read them as one.

What counts as another may count as a third: a chain has one end, its root.
"""

from __future__ import annotations

from csat.models.clients import Client, Contact


def map_roots(table: type[Client] | type[Contact]) -> dict[int, int]:
    """Of every joined client or contact, the key of the one that it counts as in the end."""
    joined: dict[int, int] = dict(
        table.select(table.id, table.counts_as).where(table.counts_as.is_null(False)).tuples()
    )
    return {key: _find_root(key, joined) for key in joined}


def client_family(client: int | None) -> set[int]:
    """The keys of a client and of all that count as the same one; none without a client."""
    if client is None:
        return set()
    roots = map_roots(Client)
    root = roots.get(client, client)
    return {root} | {key for key, end in roots.items() if end == root}


def find_person(contact: Contact) -> Contact:
    """The contact as which a person counts in the end."""
    seen = {contact.id}  # a circle, entered by mistake, must not keep a request for ever
    while contact.counts_as is not None and contact.counts_as_id not in seen:
        contact = contact.counts_as
        seen.add(contact.id)
    return contact


def same_person(contact: Contact) -> set[int]:
    """The keys of a contact and of all that count as the same person."""
    found = new = {find_person(contact).id}
    while new:  # level by level: asked for each mail, while nearly nobody is joined
        below = Contact.select(Contact.id).where(Contact.counts_as.in_(new)).tuples()
        new = {key for (key,) in below} - found
        found = found | new
    return found


def _find_root(key: int, joined: dict[int, int]) -> int:
    path: list[int] = []
    while key in joined:
        if key in path:  # a circle has no end, so its lowest key stands for all of it
            return min(path[path.index(key) :])
        path.append(key)
        key = joined[key]
    return key
