"""Who was asked and who answered (F3), incidents surveyed in time (P1), and what verification came to (P7).

These count our own acts, and answers as such, never what they say. Yet where answers may be anonymous
nobody shall learn who has answered: a client's number of answers is told only where in each campaign none
or at least k of its invitations may have been answered without a name, and not by subtraction either.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, Case, fn

from csat.figures import names
from csat.figures.about import NOBODY, Clients, client_key
from csat.figures.rates import rate, rate_hidden
from csat.figures.shapes import Asked, CheckCalls, Name, SurveyedInTime, Verdicts
from csat.models.answers import Mailbox, Response, Verdict, Verification
from csat.models.asking import Attempt, AttemptOutcome, Campaign, CampaignCount, Invitation, InvitationState, Naming
from csat.models.clients import Contact, Incident
from csat.procedure import check_calls as calls
from csat.procedure import settings
from csat.procedure.invitations import REACHED
from csat.procedure.quarter import Quarter

S = InvitationState
DELIVERED = (S.SENT, S.DONE, S.DENY)


@dataclass
class _Client:
    """What was done for a client in a quarter, and what came back."""

    invited: int = 0
    delivered: int = 0
    answered: int = 0
    refused: int = 0
    waiting: int = 0
    unsaid: int = 0  # invitations of which nobody may know whether they were answered
    secret: bool = False


def asked(quarter: int, clients: Clients) -> tuple[Asked, tuple[Asked, ...], int]:
    """Everybody asked in a quarter; the same by client; and how many clients were asked at all."""
    found: dict[int, _Client] = defaultdict(_Client)
    _add_invitations(found, quarter, clients)
    for client, number in _kept_answers(quarter):
        found[clients.root(client)].answered += number
    everybody = _together(found)
    everybody.secret = not _keep_secret(found, settings.whole("anonymous_least"))
    rows = [
        _figure(
            f"response/client/{client_key(client)}", client_key(client), clients.name(client), found[client]
        )
        for client in clients.in_order(found)
    ]
    reached = sum(1 for client, one in found.items() if client != NOBODY and one.delivered)
    return _figure("response", "all", names.both(names.ALL), everybody), tuple(rows), reached


def surveyed(quarter: int, now: datetime) -> SurveyedInTime:
    """Incidents surveyed by their due instant ÷ those surveyed or past it; skipped ones stay in (P1)."""
    done, due = Incident.surveyed_at.is_null(False), Incident.survey_due_at <= now
    skipped = Incident.skipped_because != ""
    gap = Contact.id.is_null() | ((Contact.email == "") & (Contact.telephone == ""))
    row = (
        Incident.select(
            fn.COUNT(Incident.id).alias("closed"),
            _how_many(done).alias("surveyed"),
            _how_many(done & (Incident.surveyed_at <= Incident.survey_due_at)).alias("in_time"),
            _how_many(done | due).alias("counted"),
            _how_many(~done & due & ~skipped).alias("overdue"),
            _how_many(skipped).alias("skipped"),
            _how_many(~done & gap).alias("without_contact"),
        )
        .join(Contact, JOIN.LEFT_OUTER)
        .where(Incident.quarter == quarter)
        .namedtuples()
        .get()
    )
    return SurveyedInTime(
        rate=rate("surveyed_in_time", row.in_time or 0, row.counted or 0),
        closed=row.closed,
        surveyed=row.surveyed or 0,
        overdue=row.overdue or 0,
        skipped=row.skipped or 0,
        without_contact=row.without_contact or 0,
    )


def verdicts(quarter: int) -> Verdicts:
    """How many responses of a quarter are valid, pending, doubted, refused and why; how many are sealed."""
    verdicts: Any = Response.select(Response.verdict, fn.COUNT(Response.id)).where(
        Response.quarter == quarter
    )
    of: dict[Verdict, int] = dict(verdicts.group_by(Response.verdict).tuples())
    sealed = Mailbox.select().join(Campaign).where(Campaign.quarter == quarter).count()
    return Verdicts(
        valid=of.get(Verdict.VALID, 0),
        pending=of.get(Verdict.PENDING, 0),
        doubted=of.get(Verdict.DOUBTED, 0),
        refused=of.get(Verdict.REFUSED, 0),
        reasons=tuple(sorted(_reasons(quarter))),
        sealed=sealed,
    )


def check_calls(quarter: Quarter) -> tuple[CheckCalls, ...]:
    """The sample of check calls by recorder: calls that contradict the record ÷ calls that told (P7)."""
    return tuple(
        CheckCalls(
            recorder=one.recorder.name,
            records=one.records,
            drawn=one.drawn,
            rate=rate(f"check_calls/{one.recorder.id}", one.mismatches, one.checked),
        )
        for one in calls.by_recorder(quarter)
    )


def _reasons(quarter: int) -> Iterable[str]:
    """The last reason given for each refused response."""
    given: Any = (
        Verification.select(Verification.response, Verification.reason)
        .join(Response)
        .where(Response.quarter == quarter, Response.verdict == Verdict.REFUSED, Verification.reason != "")
        .order_by(Verification.id)
    )
    return dict(given.tuples()).values()


def _how_many(which: Any) -> Any:
    return fn.SUM(Case(None, [(which, 1)], 0))


def _add_invitations(found: dict[int, _Client], quarter: int, clients: Clients) -> None:
    unsaid: Counter[tuple[int, int]] = Counter()
    least: dict[int, int] = {}
    for row in _invitations(quarter):
        one = found[clients.root(row.client)]
        one.invited += row.n
        one.delivered += row.n if row.delivered or row.state in DELIVERED else 0
        one.answered += row.n if row.state == S.DONE else 0
        one.refused += row.n if row.state == S.DENY else 0
        one.waiting += row.n if row.state == S.SENT else 0
        if row.naming != Naming.NAMED and row.state != S.DENY:
            unsaid[(row.campaign, row.client or NOBODY)] += row.n
            least[row.campaign] = row.k
    unsaid.subtract(_named_answers(quarter))
    for (campaign, client), number in unsaid.items():
        if number > 0:
            found[clients.root(client)].unsaid += number
            found[clients.root(client)].secret |= number < least[campaign]


def _keep_secret(found: dict[int, _Client], least: int) -> bool:
    """Keep more clients' answers secret until that is nobody's or k people's; False if it cannot be."""
    kept = sum(one.unsaid for one in found.values() if one.secret)
    others = sorted(
        (one for one in found.values() if not one.secret and one.unsaid), key=lambda one: one.unsaid
    )
    for one in others:
        if not 0 < kept < least:
            return True
        one.secret = True
        kept += one.unsaid
    return not 0 < kept < least


def _invitations(quarter: int) -> Any:
    """Invitations by campaign, client, state, and whether our own acts reached the contact."""
    weight = Case(Attempt.outcome, [(AttemptOutcome.BOUNCED, -1)], 1)  # a mail that came back was not one
    counted = Attempt.outcome.in_((*REACHED, AttemptOutcome.BOUNCED))
    reached = Attempt.select(Attempt.invitation).where(counted).group_by(Attempt.invitation)
    reached = reached.having(fn.SUM(weight) > 0)
    delivered = Case(None, [(Invitation.id.in_(reached), 1)], 0).alias("delivered")
    columns = (Campaign.id, Campaign.naming, Campaign.k, Invitation.client, Invitation.state)
    return (
        Invitation.select(
            Campaign.id.alias("campaign"), *columns[1:], delivered, fn.COUNT(Invitation.id).alias("n")
        )
        .join(Campaign)
        .where(Campaign.quarter == quarter, Invitation.state != S.VOID)
        .group_by(*columns, SQL("delivered"))
        .namedtuples()
    )


def _named_answers(quarter: int) -> Counter[tuple[int, int]]:
    """By campaign and client: how many answered with their name, which is no secret."""
    rows: Any = (
        Response.select(Response.campaign, Response.client, fn.COUNT(Response.id))
        .join(Campaign)
        .where(Campaign.quarter == quarter, Campaign.naming != Naming.NAMED)
        .group_by(Response.campaign, Response.client)
        .tuples()
    )
    return Counter({(campaign, client or NOBODY): number for campaign, client, number in rows})


def _kept_answers(quarter: int) -> list[tuple[int | None, int]]:
    """By client: the answers that campaigns keep as counts after their last release."""
    rows: Any = (
        CampaignCount.select(CampaignCount.client, fn.SUM(CampaignCount.number))
        .join(Campaign)
        .where(Campaign.quarter == quarter, CampaignCount.state == S.DONE)
        .group_by(CampaignCount.client)
        .tuples()
    )
    return [(client, int(number)) for client, number in rows]


def _together(found: dict[int, _Client]) -> _Client:
    total = _Client()
    for one in found.values():
        total.invited += one.invited
        total.delivered += one.delivered
        total.answered += one.answered
        total.refused += one.refused
        total.waiting += one.waiting
    return total


def _of_client(client: int, one: _Client, clients: Clients) -> Asked:
    key = client_key(client)
    return _figure(f"response/client/{key}", key, clients.name(client), one)


def _figure(id_: str, key: str, name: Name, one: _Client) -> Asked:
    """A line of who was asked. What is over counts as delivered at least as often as it was answered."""
    delivered = max(one.delivered, one.answered + one.refused) if not one.secret else one.delivered
    over = delivered - one.answered - one.refused - one.waiting
    return Asked(
        key=key,
        name=name,
        rate=rate_hidden(id_) if one.secret else rate(id_, one.answered, delivered),
        invited=max(one.invited, delivered),
        delivered=delivered,
        answered=None if one.secret else one.answered,
        refused=one.refused,
        expired=None if one.secret else max(0, over),
        waiting=None if one.secret else one.waiting,
    )
