"""A campaign in numbers. Where contacts may answer anonymously, nobody learns from them who has answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from peewee import fn

from csat.models.answers import Mailbox
from csat.models.asking import Campaign
from csat.models.clients import Client
from csat.procedure.campaigns import response_counts
from csat.procedure.campaigns.response_counts import ClientKey, ResponseCounts


@dataclass(frozen=True)
class CountLine:
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
class CampaignNumbers:
    """A campaign in numbers. Clients with fewer than k open invitations have only `few` together."""

    total: CountLine
    lines: tuple[CountLine, ...]
    few: CountLine | None


def count_campaign(campaign: Campaign) -> CampaignNumbers:
    """What came back, in numbers only; whose number of answers may be told says `answered.told`."""
    found = response_counts.count_responses(Campaign.id == campaign.id).get(campaign.id, {})
    told = response_counts.decide_disclosure(found, campaign)
    clients = {one.id: one for one in Client.select().where(Client.id.in_([key for key in found if key]))}
    lines = {key: _build_line(key, clients, one) for key, one in found.items()}
    few = _sum_lines(lines[key] for key in told.few) if told.few else None
    total = _sum_lines(lines.values())
    named = (line if key in told.own else _hide_answers(line) for key, line in lines.items() if line.client)
    return CampaignNumbers(
        total=total if told.together else _hide_answers(total),
        lines=tuple(sorted(named, key=lambda line: line.client.name if line.client else "")),
        few=few if few is None or told.together else _hide_answers(few),
    )


def count_sealed_answers(campaign: Campaign) -> int:
    """How many of the answers wait to be opened together."""
    return Mailbox.select().where(Mailbox.campaign == campaign).count()


def list_sealed_campaigns() -> list[tuple[Campaign, int]]:
    """The campaigns with sealed answers, and how many each has."""
    counted = Mailbox.select(Mailbox.campaign, fn.COUNT(Mailbox.id)).group_by(Mailbox.campaign)
    numbers: dict[int, int] = dict(counted.tuples())
    campaigns = Campaign.select().where(Campaign.id.in_(list(numbers))).order_by(Campaign.id)
    return [(campaign, numbers[campaign.id]) for campaign in campaigns]


def _build_line(key: ClientKey, clients: dict[int, Client], one: ResponseCounts) -> CountLine:
    return CountLine(
        client=clients.get(key) if key else None,
        invited=one.invited,
        delivered=one.delivered,
        refused=one.refused,
        withdrawn=one.withdrawn,
        open=one.open,
        answered=response_counts.count_disclosed_answers(key, one),
    )


def _sum_lines(lines: Iterable[CountLine]) -> CountLine:
    all_ = list(lines)
    return CountLine(
        None,
        sum(line.invited for line in all_),
        sum(line.delivered for line in all_),
        sum(line.refused for line in all_),
        sum(line.withdrawn for line in all_),
        sum(line.open for line in all_),
        sum(line.answered or 0 for line in all_),
    )


def _hide_answers(line: CountLine) -> CountLine:
    return replace(line, answered=None)
