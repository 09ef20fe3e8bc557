"""A campaign in numbers. Where contacts may answer anonymously, nobody learns from them who has answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from peewee import fn

from csat.models.answers import Mailbox
from csat.models.asking import Campaign
from csat.models.clients import Client
from csat.procedure.campaigns import response_counts
from csat.procedure.campaigns.response_counts import AskingCounts, ClientKey, ResponseCounts

ACTS = tuple(each.name for each in fields(AskingCounts))


@dataclass
class CountLine(AskingCounts):
    """What may be told of a client, or of several; `answered` None where it would tell who has answered."""

    client: Client | None = None
    answered: int | None = None

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
    """What came back, in numbers only; whose number of answers may be told says `decide_disclosure`."""
    found = response_counts.count_responses(Campaign.id == campaign.id).get(campaign.id, {})
    told = response_counts.decide_disclosure(found, campaign)
    clients = list(Client.select().where(Client.id.in_([key for key in found if key])))
    clients.sort(key=lambda one: one.name)  # here, for the engines sort Chinese differently
    few = {key: found[key] for key in told.few}
    return CampaignNumbers(
        total=_build_line(found, told.together),
        lines=tuple(_build_line({one.id: found[one.id]}, one.id in told.own, one) for one in clients),
        few=_build_line(few, told.together) if few else None,
    )


def count_sealed_answers(campaign: Campaign) -> int:
    """How many of the answers wait to be opened together."""
    return Mailbox.select().where(Mailbox.campaign == campaign).count()


@dataclass(frozen=True)
class SealedAnswers:
    """The anonymous answers that wait sealed, of all quarters; `ready` when a campaign has its `k`."""

    number: int
    ready: bool
    k: int


def summarise_sealed_answers() -> SealedAnswers:
    """How many answers wait sealed, and whether any can be opened."""
    sealed = list_sealed_campaigns()
    return SealedAnswers(
        number=sum(number for _, number in sealed),
        ready=any(number >= campaign.k for campaign, number in sealed),
        k=min((campaign.k for campaign, _ in sealed), default=3),  # frozen on each: the setting may have changed
    )


def list_sealed_campaigns() -> list[tuple[Campaign, int]]:
    """The campaigns with sealed answers, and how many each has."""
    counted = Mailbox.select(Mailbox.campaign, fn.COUNT(Mailbox.id)).group_by(Mailbox.campaign)
    numbers: dict[int, int] = dict(counted.tuples())
    campaigns = Campaign.select().where(Campaign.id.in_(list(numbers))).order_by(Campaign.id)
    return [(campaign, numbers[campaign.id]) for campaign in campaigns]


def _build_line(of: Mapping[ClientKey, ResponseCounts], told: bool, client: Client | None = None) -> CountLine:
    line = CountLine(client=client, **{name: sum(getattr(one, name) for one in of.values()) for name in ACTS})
    answered = sum(response_counts.count_disclosed_answers(key, one) for key, one in of.items())
    return replace(line, answered=answered) if told else line
