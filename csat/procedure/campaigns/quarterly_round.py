"""The quarterly round (P3): which campaign waits to be opened, and which clients in whose care were not asked.

A round is on from two weeks (a setting) before its quarter's end until its campaign is closed, or until the
days are over for which one would stay open. All counts are bounded by a manager's care: they stand on
the rail of every page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from csat.models.asking import Campaign, CampaignState, Occasion
from csat.models.clients import Client, Contact, Tier
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, response_counts
from csat.procedure.clients import clients
from csat.procedure.clients.opt_out import find_opted_out
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents.beginning import get_beginning
from csat.words import N_

TIERS_TO_ASK = (Tier.CORE, Tier.IMPORTANT)
NOT_OPEN = N_("%(quarter)s is not open yet; clients to ask: %(all)s")
NOT_ASKED = N_("%(quarter)s: %(missing)s of %(all)s clients not asked")


@dataclass(frozen=True)
class Round:
    """A quarter's round: its campaign, or None while nobody has opened it."""

    quarter: Quarter
    campaign: Campaign | None

    @property
    def campaign_id(self) -> int | None:
        return self.campaign.id if self.campaign else None


@dataclass(frozen=True)
class RoundStanding:
    """How far a manager is with a round: their clients to be asked, and those that were not."""

    round: Round
    clients: tuple[Client, ...]
    unasked: tuple[Client, ...]

    @property
    def sentence(self) -> str:
        """What people read of it."""
        return NOT_ASKED if self.round.campaign else NOT_OPEN

    @property
    def facts(self) -> dict[str, str]:
        """What stands in the sentence."""
        return {"quarter": str(self.round.quarter), "missing": str(len(self.unasked)), "all": str(len(self.clients))}


def get_notice() -> timedelta:
    """So long before a quarter's end its round begins."""
    return timedelta(days=settings.get_whole_number("round_notice_days"))


def list_rounds(now: datetime, zone: tzinfo) -> list[Round]:
    """The rounds that are on, the older quarter first."""
    quarter = Quarter.of(now, zone)
    rounds = [Round(one, campaigns.find_campaign(Occasion.QUARTERLY, one)) for one in (quarter.plus(-1), quarter)]
    return [one for one in rounds if _is_on(one, now, zone)]


def list_standings(manager: Person | None, now: datetime, zone: tzinfo) -> list[RoundStanding]:
    """The rounds in which clients in a manager's care, or anybody's, are still to be asked."""
    rounds = list_rounds(now, zone)
    own = list_clients_to_ask(manager, now, zone) if rounds else []
    standings = [RoundStanding(one, tuple(own), tuple(find_unasked(one.campaign, own))) for one in rounds]
    return [one for one in standings if one.unasked]


def count_unasked(manager: Person, now: datetime, zone: tzinfo) -> int:
    """How many clients in a manager's care are still to be asked."""
    return sum(len(one.unasked) for one in list_standings(manager, now, zone))


def list_clients_to_ask(manager: Person | None, now: datetime, zone: tzinfo) -> list[Client]:
    """The important and core clients in a manager's care today, or all of them."""
    found = clients.select_clients_in_use().where(Client.tier.in_(TIERS_TO_ASK))
    if manager is not None:
        found = found.where(Client.id.in_(clients.clients_of(manager, now.astimezone(zone).date())))
    return list(found.order_by(Client.name))


def find_unasked(campaign: Campaign | None, of: Iterable[Client]) -> list[Client]:
    """Those of these clients that were not asked, and could be: not where everybody has opted out."""
    some = list(of)
    asked = response_counts.find_asked_clients(campaign, [one.id for one in some]) if campaign else set()
    left = [one for one in some if one.id not in asked]
    refusing = _find_refusing([one.id for one in left])
    return [one for one in left if one.id not in refusing]


def _is_on(one: Round, now: datetime, zone: tzinfo) -> bool:
    if one.campaign is not None and one.campaign.state == CampaignState.CLOSED:
        return False
    begun, end = get_beginning(), one.quarter.end(zone)
    if begun is not None and one.quarter.last_day < begun:  # before the provider began, there was no round
        return False
    over = end + timedelta(days=settings.get_whole_number("campaign_days"))
    return end - get_notice() <= now and (one.campaign is not None or now < over)


def _find_refusing(keys: list[int]) -> set[int]:
    """The clients whose contacts all want no surveys: nobody can be asked there, whatever one does."""
    here = (Contact.client.in_(keys), Contact.retired_at.is_null(), Contact.counts_as.is_null())
    cards = list(Contact.select(Contact.id, Contact.client).where(*here))
    out = find_opted_out([one.id for one in cards])  # by address: a card can be out by another one
    return {one.client_id for one in cards} - {one.client_id for one in cards if one.id not in out}
