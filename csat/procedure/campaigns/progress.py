"""Who of the important and core clients has not been asked this quarter, by project manager (P3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.campaigns.counts import CountLine
from csat.procedure.campaigns.proposals import AskingGap, ClientProposal
from csat.words import N_


class NotAskedReason(StrEnum):
    """Why a client counts as not asked; the value is what people read."""

    NOBODY = N_("nobody there can be asked")
    REFUSING = N_("everybody there wants no surveys")
    UNMARKED = N_("nobody is marked “asked each quarter”")
    UNINVITED = N_("not invited yet")
    UNREACHED = N_("invited, nobody reached yet")
    WITHDRAWN = N_("invitation withdrawn")


@dataclass(frozen=True)
class ManagerProgress:
    """A project manager's clients of a quarterly campaign: how many, how many were asked, and the others."""

    manager: Person | None
    clients: int
    asked: int
    missing: tuple[tuple[Client, NotAskedReason], ...]


def list_manager_progress(rows: Iterable[tuple[ClientProposal, CountLine | None]]) -> list[ManagerProgress]:
    """The proposed clients by who cares for them, most missing first; asked is who has an invitation delivered (F3)."""
    groups: dict[int, list[tuple[ClientProposal, CountLine | None]]] = {}
    for proposal, line in rows:
        groups.setdefault(proposal.manager.id if proposal.manager else 0, []).append((proposal, line))
    found = [_build_progress(group) for group in groups.values()]
    return sorted(found, key=lambda care: (-len(care.missing), care.manager.name if care.manager else ""))


def _build_progress(group: list[tuple[ClientProposal, CountLine | None]]) -> ManagerProgress:
    reasons = [(proposal.client, find_reason(proposal, line)) for proposal, line in group]
    missing = tuple((client, why) for client, why in reasons if why is not None)
    return ManagerProgress(group[0][0].manager, len(group), len(group) - len(missing), missing)


def find_reason(proposal: ClientProposal, line: CountLine | None) -> NotAskedReason | None:
    """Why a proposed client counts as not asked; None when it was."""
    if line is not None and line.delivered:
        return None
    if line is not None and line.invited > line.withdrawn:  # an open one counts, whatever was withdrawn besides
        return NotAskedReason.UNREACHED
    if proposal.has_gap(AskingGap.NO_CONTACT):
        return NotAskedReason.REFUSING if proposal.has_gap(AskingGap.OPTED_OUT) else NotAskedReason.NOBODY
    if proposal.has_gap(AskingGap.NOBODY_MARKED):
        return NotAskedReason.UNMARKED
    return NotAskedReason.WITHDRAWN if line is not None and line.withdrawn else NotAskedReason.UNINVITED
