"""Who was asked and how many answered, by campaign and client, and of whom that number may be told (F3, F4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, SQL, Case, ModelSelect, fn

from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Campaign, CampaignCount, Invitation, InvitationState, Naming
from csat.models.base import Condition, Rows
from csat.procedure.incidents.delivery import REACHED_OUTCOMES, STANDING

S = InvitationState
DELIVERED_STATES = (S.SENT, S.DONE, S.DENY)
MISSED_OUTCOMES = (AttemptOutcome.NOBODY, AttemptOutcome.BUSY, AttemptOutcome.WRONG_NUMBER)

ClientKey = int | None  # of a client; None: without one


@dataclass
class AskingCounts:
    """What was done for a client in a campaign: our own acts, which are no secret."""

    invited: int = 0
    delivered: int = 0
    refused: int = 0
    withdrawn: int = 0


@dataclass
class ResponseCounts(AskingCounts):
    """The same, and what came back. `unreachable`: only calls nobody answered, busy lines and wrong numbers (F3)."""

    unreachable: int = 0
    by_name: int = 0
    answered: int = 0
    waiting: int = 0

    @property
    def open(self) -> int:
        """Those of whom nobody may know whether they have answered: not withdrawn, refused, or by name."""
        return max(0, self.invited - self.refused - self.withdrawn - self.by_name)


@dataclass(frozen=True)
class Disclosure:
    """Whose number of answers may be told: of each of `own`; of `few` together, if at all."""

    own: frozenset[ClientKey]
    few: frozenset[ClientKey]
    together: bool  # whether the number of `few`, and with it the whole campaign's, may be told


def count_responses(*which: Condition) -> dict[int, dict[ClientKey, ResponseCounts]]:
    """Everybody asked in the campaigns that these conditions choose, by campaign and client."""
    found: dict[int, dict[ClientKey, ResponseCounts]] = defaultdict(lambda: defaultdict(ResponseCounts))
    for row in _select_invitations(*which):
        one = found[row.campaign][row.client]
        withdrawn, refused = _is_withdrawn(row), _is_refused(row)
        one.invited += row.n
        one.withdrawn += row.n if withdrawn else 0
        one.refused += row.n if refused else 0
        one.delivered += row.n if _is_delivered(row) else 0
        one.unreachable += row.n if row.was_missed and not withdrawn else 0
        one.answered += row.n if row.state == S.DONE else 0
        one.waiting += row.n if row.state == S.SENT else 0
    for campaign, client, number in _count_named_answers(*which):
        found[campaign][client].by_name += number
    for campaign, client, number in _select_kept_counts(*which):
        found[campaign][client].answered += int(number)
    return found


def find_asked_clients(campaign: Campaign, keys: list[int]) -> set[int]:
    """Which of these clients a campaign has asked: one invitation of theirs at least was delivered (F3)."""
    rows = _select_invitations(Campaign.id == campaign.id, Invitation.client.in_(keys))
    return {row.client for row in rows if _is_delivered(row)}


def decide_disclosure(of: Mapping[ClientKey, ResponseCounts], campaign: Campaign) -> Disclosure:
    """Of which clients the number of answers may be told: none with 1 … k−1 open invitations by itself (F4)."""
    if campaign.naming == Naming.NAMED:
        return Disclosure(frozenset(of), frozenset(), together=True)
    few = {key for key, one in of.items() if 0 < one.open < campaign.k}
    # Those without a client are a small one too: what they answered must not be left over.
    few |= {None} if None in of and (of[None].open or of[None].answered) else set()
    rest = sorted((one.open, key or 0) for key, one in of.items() if one.open and key not in few)
    # The next smaller ones join them; where that does not hide them, the whole is not told: subtracting would tell.
    while few and rest and not hide_each_other([of[key].open for key in few], campaign.k):
        few.add(rest.pop(0)[1])
    enough = not few or hide_each_other([of[key].open for key in few], campaign.k)
    return Disclosure(frozenset(of.keys() - few), frozenset(few), enough)


def hide_each_other(open_: list[int], k: int) -> bool:
    """Whether clients with so many open invitations hide each other."""
    return sum(open_) >= k and sum(one > 0 for one in open_) >= 2  # one alone would be told by their sum


def count_disclosed_answers(client: ClientKey, one: ResponseCounts) -> int:
    """How many of a client answered, where that may be told."""
    # Where nobody's answer is open: an anonymous answer of who then refused is told of nobody.
    return one.answered if one.open or client is None else min(one.answered, one.by_name)


def _is_withdrawn(row: Any) -> bool:
    return bool(row.was_withdrawn) or row.state == S.VOID  # which counts as nothing else then


def _is_refused(row: Any) -> bool:
    return not _is_withdrawn(row) and (bool(row.was_refused) or row.state == S.DENY)


def _is_delivered(row: Any) -> bool:
    named = row.naming == Naming.NAMED  # by the state of others one would learn who has answered
    reached = bool(row.was_reached) or _is_refused(row) or (named and row.state in DELIVERED_STATES)
    return reached and not _is_withdrawn(row)


def _select_invitations(*which: Condition) -> Rows:
    acts = _select_acts(*which).alias("acts")
    flags = {
        "was_reached": acts.c.reached > 0,
        "was_refused": acts.c.refused > 0,
        "was_withdrawn": acts.c.withdrawn > 0,
        "was_missed": acts.c.missed == acts.c.tries,
    }
    columns = (Campaign.id, Campaign.naming, Invitation.client, Invitation.state)
    return (
        Invitation.select(
            Campaign.id.alias("campaign"),
            *columns[1:],
            *(Case(None, [(flag, 1)], 0).alias(name) for name, flag in flags.items()),
            fn.COUNT(Invitation.id).alias("n"),
        )
        .join(Campaign)
        .join_from(Invitation, acts, JOIN.LEFT_OUTER, on=(acts.c.invitation_id == Invitation.id))
        .where(*which)
        .group_by(*columns, *(SQL(name) for name in flags))
        .namedtuples()
    )


def _select_acts(*which: Condition) -> ModelSelect[Attempt]:
    """Of each invitation: how often it was reached (a mail that came back was not), refused, withdrawn."""
    outcome = Attempt.outcome
    reached = Case(None, [(outcome.in_(REACHED_OUTCOMES), 1), (outcome == AttemptOutcome.BOUNCED, -1)], 0)
    query = Attempt.select(
        Attempt.invitation,
        fn.SUM(reached).alias("reached"),
        fn.SUM(Case(outcome, [(AttemptOutcome.REFUSED, 1)], 0)).alias("refused"),
        fn.SUM(Case(outcome, [(AttemptOutcome.WITHDRAWN, 1)], 0)).alias("withdrawn"),
        fn.SUM(Case(None, [(outcome.in_(MISSED_OUTCOMES), 1)], 0)).alias("missed"),
        fn.COUNT(Attempt.id).alias("tries"),
    )
    asked = Invitation.select(Invitation.id).join(Campaign).where(*which)  # not those of the whole store
    return query.where(STANDING, Attempt.invitation.in_(asked)).group_by(Attempt.invitation)


def _count_named_answers(*which: Condition) -> Iterable[tuple[int, int | None, int]]:
    columns = (Response.campaign, Response.client)
    query = Response.select(*columns, fn.COUNT(Response.id)).join(Campaign).where(*which)
    return query.group_by(*columns).tuples()


def _select_kept_counts(*which: Condition) -> Iterable[tuple[int, int | None, int]]:
    """The answers that campaigns keep as counts after their last release."""
    columns = (CampaignCount.campaign, CampaignCount.client)
    query = CampaignCount.select(*columns, fn.SUM(CampaignCount.number)).join(Campaign)
    return query.where(CampaignCount.state == S.DONE, *which).group_by(*columns).tuples()
