"""Who of the important and core clients has not been asked this quarter, by project manager (P3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.campaigns.counts import Line
from csat.procedure.campaigns.proposals import Gap, Proposed
from csat.words import N_


class NotYet(StrEnum):
    """Why a client counts as not asked; the value is what people read."""

    NOBODY = N_("nobody there can be asked")
    UNINVITED = N_("not invited yet")
    UNREACHED = N_("invited, nobody reached yet")
    WITHDRAWN = N_("invitation withdrawn")


@dataclass(frozen=True)
class Care:
    """A project manager's clients of a quarterly campaign: how many, how many were asked, and the others."""

    manager: Person | None
    clients: int
    asked: int
    missing: tuple[tuple[Client, NotYet], ...]


def by_manager(rows: Iterable[tuple[Proposed, Line | None]]) -> list[Care]:
    """The proposed clients by who cares for them, most missing first; a client is asked when one of its
    invitations is delivered (F3)."""
    groups: dict[int, list[tuple[Proposed, Line | None]]] = {}
    for proposal, line in rows:
        groups.setdefault(proposal.manager.id if proposal.manager else 0, []).append((proposal, line))
    found = [_care(group) for group in groups.values()]
    return sorted(found, key=lambda care: (-len(care.missing), care.manager.name if care.manager else ""))


def _care(group: list[tuple[Proposed, Line | None]]) -> Care:
    missing = [(proposal.client, _why(proposal, line)) for proposal, line in group]
    late = tuple((client, why) for client, why in missing if why is not None)
    return Care(group[0][0].manager, len(group), len(group) - len(late), late)


def _why(proposal: Proposed, line: Line | None) -> NotYet | None:
    if line is not None and line.delivered:
        return None
    if line is not None and line.invited > line.withdrawn:
        return NotYet.UNREACHED
    if Gap.NO_CONTACT in {gap for gap, _ in proposal.missing}:
        return NotYet.NOBODY
    return NotYet.WITHDRAWN if line is not None and line.withdrawn else NotYet.UNINVITED
