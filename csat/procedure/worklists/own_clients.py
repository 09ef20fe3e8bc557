"""How the quarter stands with the clients in a project manager's care (P3): one card each, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from csat.models.asking import Occasion
from csat.models.clients import Client
from csat.models.letters import LetterState
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, counts, progress, proposals, quarterly_round
from csat.procedure.campaigns.counts import CountLine
from csat.procedure.campaigns.progress import NotAskedReason
from csat.procedure.campaigns.proposals import ClientProposal
from csat.procedure.campaigns.quarterly_round import TIERS_TO_ASK, Round
from csat.procedure.clients import clients
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback.client_view import OpenFeedback, count_open_feedback
from csat.procedure.letters import board
from csat.procedure.letters.board import BoardLine

TO_INVITE = (NotAskedReason.NOBODY, NotAskedReason.UNMARKED, NotAskedReason.UNINVITED, NotAskedReason.WITHDRAWN)
TO_MEND = (NotAskedReason.NOBODY, NotAskedReason.UNMARKED)


@dataclass(frozen=True)
class ClientCard:
    """A client in care: how far it is asked, what came back as far as that may be told, its letter, its feedback."""

    client: Client
    to_ask: bool  # each quarter (P3)
    marked: int  # contacts
    reason: NotAskedReason | None  # why it counts as not asked
    line: CountLine | None
    letter: BoardLine | None
    feedback: OpenFeedback

    @property
    def to_send(self) -> bool:
        """Whether its letter waits to be sent, or to be handed over."""
        return self.letter is not None and (self.letter.state == LetterState.READY or self.letter.to_hand_over)


@dataclass(frozen=True)
class OwnQuarter:
    """A manager's quarter: which round it shows, whether that presses, and a card for each client."""

    round: Round
    pressing: bool
    letters_of: Quarter | None
    cards: tuple[ClientCard, ...]

    @property
    def asked_clients(self) -> list[ClientCard]:
        return [card for card in self.cards if card.to_ask]

    @property
    def unasked(self) -> list[ClientCard]:
        """The clients that are still to be asked; not those where everybody wants no surveys."""
        return [c for c in self.asked_clients if c.reason not in (None, NotAskedReason.REFUSING)]

    @property
    def to_invite(self) -> list[ClientCard]:
        """Of those, the ones that have no open invitation."""
        return [card for card in self.unasked if card.reason in TO_INVITE]

    @property
    def to_mend(self) -> list[ClientCard]:
        """Of those, the ones where nobody can be proposed."""
        return [card for card in self.unasked if card.reason in TO_MEND]

    @property
    def letters_to_send(self) -> list[ClientCard]:
        return [card for card in self.cards if card.to_send]


def build_own_quarter(manager: Person, now: datetime, zone: tzinfo) -> OwnQuarter:
    """The cards of all clients in a manager's care: those not asked first, then the tier, then the name."""
    day = now.astimezone(zone).date()
    shown, pressing = _choose_round(manager, now, zone)
    own = [one for one in clients.clients_of(manager, day) if one.counts_as_id is None]
    quarters = board.list_quarters()
    letters_of = Quarter.from_int(quarters[0]) if quarters else None
    lines = board.list_board(manager, letters_of, day) if letters_of else []
    numbers = counts.count_campaign(shown.campaign).lines if shown.campaign else ()
    known = _Known(
        {one.client.id: one for one in proposals.list_proposals(manager, zone, now)},
        {line.client.id: line for line in numbers if line.client},
        {line.client.id: line for line in lines},
        count_open_feedback([one.id for one in own], now),
    )
    return OwnQuarter(shown, pressing, letters_of, tuple(sorted((known.build_card(one) for one in own), key=_rank)))


def _choose_round(manager: Person, now: datetime, zone: tzinfo) -> tuple[Round, bool]:
    """The round that presses; else one that is on; else the newest quarter's that was asked in."""
    if pressing := quarterly_round.list_standings(manager, now, zone):
        return pressing[0].round, True
    if on := quarterly_round.list_rounds(now, zone):
        return on[-1], False
    newest, quarter = campaigns.list_campaigns(Occasion.QUARTERLY).first(), Quarter.of(now, zone)
    return (Round(Quarter.from_int(newest.quarter), newest) if newest else Round(quarter, None)), False


@dataclass(frozen=True)
class _Known:
    proposals: Mapping[int, ClientProposal]
    lines: Mapping[int, CountLine]
    letters: Mapping[int, BoardLine]
    feedback: Mapping[int, OpenFeedback]

    def build_card(self, client: Client) -> ClientCard:
        proposal, line = self.proposals.get(client.id), self.lines.get(client.id)
        return ClientCard(
            client=client,
            to_ask=client.tier in TIERS_TO_ASK,
            marked=len(proposal.marked) if proposal else 0,
            reason=progress.find_reason(proposal, line) if proposal else None,
            line=line,
            letter=self.letters.get(client.id),
            feedback=self.feedback[client.id],
        )


def _rank(card: ClientCard) -> tuple[bool, int, str]:
    return not card.reason, board.TIERS.index(card.client.tier), card.client.name
