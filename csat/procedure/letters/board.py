"""Which clients get a letter of a quarter, how far each is, and whether it was opened (P13)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from peewee import JOIN, fn

from csat.models.asking import Campaign, Invitation
from csat.models.clients import Client, Tier
from csat.models.feedback import Feedback
from csat.models.letters import Letter, LetterLink, LetterState
from csat.models.outbox import UNDECIDED_STATES, OutboxMessage
from csat.models.people import Person
from csat.models.reporting import Report, ReportState
from csat.models.roles import Role
from csat.procedure.clients import clients
from csat.procedure.clients.merging import map_roots
from csat.procedure.core.quarter import Quarter
from csat.procedure.people.permissions import roles_of

TIERS = (Tier.CORE, Tier.IMPORTANT, Tier.ORDINARY)
NO_LETTER = "none"  # the state of a client without a letter, in addresses and filters
TO_HAND_OVER = "to_hand_over"  # sent, and nobody can open it yet


@dataclass(frozen=True)
class LinkActivity:
    """What is known of a letter's links, and how many mails are on the way."""

    links: int = 0
    opened: int = 0  # links whose page was fetched, by whomever or whatever
    downloads: int = 0
    read: int = 0  # links whose reader said so
    first: datetime | None = None  # when a page was fetched first
    mails: int = 0  # their links are made as they go

    @property
    def by_nobody(self) -> bool:
        """Whether nobody can open the letter, and no mail is on its way to change that."""
        return not (self.links or self.mails)


@dataclass(frozen=True)
class BoardLine:
    """A client, who cares for it, its newest letter of the quarter, and the last one that was sent."""

    client: Client
    manager: Person | None
    letter: Letter | None
    sent: Letter | None
    opened: LinkActivity

    @property
    def state(self) -> str:
        """none, draft, ready or sent."""
        return self.letter.state.value if self.letter else NO_LETTER

    @property
    def to_hand_over(self) -> bool:
        """Whether the letter counts as sent, but nobody can open it before a link is made."""
        return self.state == LetterState.SENT and self.opened.by_nobody


def list_quarters() -> list[int]:
    """The quarters with an issued report, newest first: only of these there are letters."""
    issued = Report.select(Report.quarter).where(Report.state == ReportState.ISSUED).distinct()
    return [row.quarter for row in issued.order_by(Report.quarter.desc())]


def list_board(person: Person, quarter: Quarter, day: date) -> list[BoardLine]:
    """The clients that get a letter, core and important ones first: a manager sees those in their care."""
    managers = clients.list_managers(day)
    sees_all, letters = bool(roles_of(person) & {Role.QA, Role.DIRECTOR}), _group_letters(quarter)
    found = [one for one in _select_clients(quarter) if sees_all or managers.get(one.id) == person]
    known = _collect_activity(letter for group in letters.values() for letter in group)
    return [_build_line(one, managers.get(one.id), letters[one.id], known) for one in found]


def matches_filter(line: BoardLine, search: str, state: str) -> bool:
    """Whether a line has these words in its client's name, and stands there ('' for anywhere, or TO_HAND_OVER)."""
    words = search.strip().casefold()
    named = words in line.client.name.casefold() or words in line.client.name_en.casefold()
    stands = line.to_hand_over if state == TO_HAND_OVER else state in ("", line.state)
    return named and stands


def list_clients_without_letter(quarter: Quarter) -> list[Client]:
    """The clients of whom nobody has begun a letter of the quarter."""
    begun = _group_letters(quarter)
    return [client for client in _select_clients(quarter) if client.id not in begun]


def find_activity(letter: Letter) -> LinkActivity:
    """What became of a letter's links."""
    return _collect_activity([letter])[letter.id]


def _select_clients(quarter: Quarter) -> list[Client]:
    """Core and important clients in use, and others that were asked or said something in the quarter."""
    asked = Invitation.select(Invitation.client).join(Campaign).where(Campaign.quarter == int(quarter))
    said = Feedback.select(Feedback.client).where(Feedback.quarter == int(quarter))
    keys = {row.client_id for query in (asked.distinct(), said.distinct()) for row in query}
    roots = map_roots(Client)  # who was merged gets no letter; the client they count as does
    wanted = Client.tier.in_([Tier.CORE, Tier.IMPORTANT]) | Client.id.in_({roots.get(key or 0, key) for key in keys})
    rows = clients.select_clients_in_use().where(wanted)
    return sorted(rows, key=lambda client: (TIERS.index(client.tier), client.name))


def _group_letters(quarter: Quarter) -> dict[int, list[Letter]]:
    """The letters of a quarter by client, the newest first."""
    # Without facts, words and document, each a page long, of which a board shows nothing.
    short = (Letter.id, Letter.client, Letter.quarter, Letter.version, Letter.state, Letter.sent_at, Letter.taken_back)
    rows = Letter.select(*short).where(Letter.quarter == int(quarter))
    found: dict[int, list[Letter]] = defaultdict(list)
    for letter in rows.order_by(Letter.version.desc()):
        found[letter.client_id].append(letter)
    return found


def _collect_activity(letters: Iterable[Letter]) -> dict[int, LinkActivity]:
    """By letter, what became of its links; mails count that the server has not answered about yet."""
    # A subquery, since joining the mails too would count every link once for each of them.
    mails = OutboxMessage.select(fn.COUNT(OutboxMessage.id)).where(
        OutboxMessage.letter == Letter.id, OutboxMessage.state.in_(UNDECIDED_STATES)
    )
    rows = (
        Letter.select(
            Letter.id,
            fn.COUNT(LetterLink.id),
            fn.COUNT(LetterLink.first_opened_at),
            fn.COALESCE(fn.SUM(LetterLink.downloads), 0),
            fn.COUNT(LetterLink.read_at),
            fn.MIN(LetterLink.first_opened_at).converter(LetterLink.first_opened_at.python_value),
            mails,
        )
        .join(LetterLink, JOIN.LEFT_OUTER)
        .where(Letter.id.in_([letter.id for letter in letters]))
        .group_by(Letter.id)
    )
    return {key: LinkActivity(*known) for key, *known in rows.tuples()}


def _build_line(client: Client, manager: Person | None, own: list[Letter], known: dict[int, LinkActivity]) -> BoardLine:
    sent = next((one for one in own if one.state == LetterState.SENT), None)  # a correction may be in the making
    return BoardLine(client, manager, own[0] if own else None, sent, known[sent.id] if sent else LinkActivity())
