"""A campaign in numbers. Where contacts may answer anonymously, nobody learns from them who has answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from peewee import fn

from csat.models.answers import Mailbox, Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    Campaign,
    CampaignCount,
    Invitation,
    InvitationState,
    Naming,
)
from csat.models.clients import Client
from csat.procedure.invitations import was_reached


@dataclass(frozen=True)
class Line:
    """What came back from a client, or from several; `answered` None where it would tell who has answered.

    `open` are those of whom nobody may know whether they have: not withdrawn, refused, or answered by name.
    """

    client: Client | None
    invited: int
    delivered: int
    refused: int
    withdrawn: int
    open: int
    answered: int | None

    @property
    def rate(self) -> float | None:
        """Answered ÷ delivered (F3); what was answered or refused counts as delivered, however it came."""
        delivered = max(self.delivered, (self.answered or 0) + self.refused)
        return None if self.answered is None or not delivered else self.answered / delivered

    @property
    def silent(self) -> int | None:
        """Delivered, and nothing came back: expired once the campaign is over."""
        return None if self.answered is None else max(0, self.delivered - self.answered - self.refused)


@dataclass(frozen=True)
class Counts:
    """A campaign in numbers. Clients with fewer than k open invitations have only `few` together."""

    total: Line
    lines: tuple[Line, ...]
    few: Line | None


def counts(campaign: Campaign) -> Counts:
    """What came back, in numbers only. Where answers may be anonymous, a client's own number of answers is
    shown from k open invitations on, and not when it could be had by subtraction."""
    lines = _lines(campaign)
    shown, few = (lines, []) if campaign.naming == Naming.NAMED else _split(lines, campaign.k)
    few_together = _sum(few) if few else None
    hidden = few_together is not None and 0 < few_together.open < campaign.k
    if few_together is not None and hidden:
        few_together = _without_answers(few_together)
    total = _sum(lines)
    return Counts(
        total=_without_answers(total) if hidden else total,
        lines=tuple(_named(shown) + [_without_answers(line) for line in _named(few)]),
        few=few_together,
    )


def sealed(campaign: Campaign) -> int:
    """How many of the answers wait to be opened together."""
    return Mailbox.select().where(Mailbox.campaign == campaign).count()


def _lines(campaign: Campaign) -> list[Line]:
    """One line for each client, smallest first; under no client what a release counted together."""
    invited, answered = Counter[int | None](), Counter[int | None]()
    states = (
        Invitation.select(Invitation.client, Invitation.state, fn.COUNT(Invitation.id).alias("n"))
        .where(Invitation.campaign == campaign)
        .group_by(Invitation.client, Invitation.state)
    )
    for row in states:
        invited[row.client_id] += row.n
        answered[row.client_id] += row.n if row.state == InvitationState.DONE else 0
    for kept in CampaignCount.select().where(CampaignCount.campaign == campaign):
        answered[kept.client_id] += kept.number if kept.state == InvitationState.DONE else 0
    acts, by_name = _acts(campaign), _by_name(campaign)
    names = {client.id: client for client in Client.select().where(Client.id.in_(list(invited) or [0]))}
    lines = []
    for key in {**invited, **answered}:
        delivered, refused, withdrawn = acts[key]
        unsure = max(0, invited[key] - refused - withdrawn - by_name[key])
        client = names.get(key) if key else None
        lines.append(Line(client, invited[key], delivered, refused, withdrawn, unsure, answered[key]))
    return sorted(lines, key=lambda line: (line.open, line.client.name if line.client else ""))


def _by_name(campaign: Campaign) -> Counter[int | None]:
    """By client: how many answered with their name, which is no secret."""
    query = (
        Response.select(Response.client, fn.COUNT(Response.id).alias("n"))
        .where(Response.campaign == campaign)
        .group_by(Response.client)
    )
    return Counter({row.client_id: row.n for row in query})


def _acts(campaign: Campaign) -> dict[int | None, tuple[int, int, int]]:
    """By client: how many were reached, refused, and withdrawn, by our own acts."""
    seen: dict[int, list[AttemptOutcome]] = defaultdict(list)
    of: dict[int, int] = {}
    query = (
        Attempt.select(Attempt.outcome, Invitation.id, Invitation.client)
        .join(Invitation)
        .where(Invitation.campaign == campaign)
    )
    for row in query:
        seen[row.invitation.id].append(row.outcome)
        of[row.invitation.id] = row.invitation.client_id
    found: dict[int | None, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for key, outcomes in seen.items():
        delivered, refused, withdrawn = found[of[key]]
        found[of[key]] = (
            delivered + was_reached(outcomes),
            refused + (AttemptOutcome.REFUSED in outcomes),
            withdrawn + (AttemptOutcome.WITHDRAWN in outcomes),
        )
    return found


def _split(lines: list[Line], k: int) -> tuple[list[Line], list[Line]]:
    """Lines that can show their answers, and those that cannot: also against subtraction from the total."""
    few = [line for line in lines if line.open < k]
    shown = [line for line in lines if line.open >= k]
    while 0 < sum(line.open for line in few) < k and shown:
        few.append(shown.pop(0))
    return shown, few


def _sum(lines: list[Line]) -> Line:
    return Line(
        None,
        sum(line.invited for line in lines),
        sum(line.delivered for line in lines),
        sum(line.refused for line in lines),
        sum(line.withdrawn for line in lines),
        sum(line.open for line in lines),
        sum(line.answered or 0 for line in lines),
    )


def _named(lines: list[Line]) -> list[Line]:
    own = [line for line in lines if line.client]
    return sorted(own, key=lambda line: line.client.name if line.client else "")


def _without_answers(line: Line) -> Line:
    return replace(line, answered=None)
