"""Who was asked and who answered (F3), incidents surveyed in time (P1), and what verification came to (P7)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, Case, fn

from csat.figures import labels
from csat.figures.labels import NO_CLIENT, ClientIndex, client_key, list_questionnaire_titles
from csat.figures.rates import make_hidden_rate, make_rate
from csat.figures.types import CheckCallRow, LocalisedName, ResponseRateRow, SurveyedInTime, VerdictCounts
from csat.models.answers import Mailbox, Release, Response, Verdict, Verification
from csat.models.asking import Campaign
from csat.models.base import Condition
from csat.models.clients import Contact, Incident, Tier
from csat.models.questionnaires import Questionnaire, QuestionnaireVersion
from csat.procedure.campaigns import response_counts
from csat.procedure.campaigns.response_counts import ClientKey, ResponseCounts
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents.beginning import IS_HISTORY
from csat.procedure.review import check_calls as calls
from csat.procedure.review.drilldown import incident_conditions
from csat.procedure.review.tally import WAITING_STEP

SURVEYED_COUNTS = ("surveyed", "in_time", "counted", "overdue", "skipped", "without_contact")


@dataclass
class _ClientTally:
    """What was done for a client in a quarter, and what came back."""

    invited: int = 0
    delivered: int = 0
    answered: int = 0
    refused: int = 0
    waiting: int = 0
    unreachable: int = 0
    secret: bool = False

    def add(self, client: ClientKey, one: ResponseCounts) -> None:
        """Add what happened in one campaign; what was withdrawn was not asked."""
        self.invited += one.invited - one.withdrawn
        self.delivered += one.delivered
        self.answered += response_counts.count_disclosed_answers(client, one)
        self.refused += one.refused
        self.waiting += one.waiting
        self.unreachable += one.unreachable

    def take(self, other: _ClientTally) -> None:
        """Add what happened to another client."""
        for name in ("invited", "delivered", "answered", "refused", "waiting", "unreachable"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.secret |= other.secret


@dataclass(frozen=True)
class ResponseRates:
    """Who was asked in a quarter, altogether and by cut; `reached`: how many clients were asked at all."""

    all: ResponseRateRow
    clients: tuple[ResponseRateRow, ...]
    tiers: tuple[ResponseRateRow, ...]
    questionnaires: tuple[ResponseRateRow, ...]
    reached: int


def compute_response_rates(quarter: int, clients: ClientIndex) -> ResponseRates:
    """Everybody asked in a quarter."""
    # Nobody shall learn who has answered without a name: all that shows is a sum of numbers which the campaigns' pages
    # show too (`response_counts`), so that neither betrays the other.
    found: dict[int, _ClientTally] = defaultdict(_ClientTally)
    forms: dict[str, _ClientTally] = defaultdict(_ClientTally)
    untold: list[dict[ClientKey, ResponseCounts]] = []
    campaigns = {one.id: one for one in _campaigns(quarter)}
    everybody, most = _ClientTally(), 0
    for key, of_campaign in response_counts.count_responses(Campaign.quarter == quarter).items():
        told, form = (
            response_counts.decide_disclosure(of_campaign, campaigns[key]),
            forms[campaigns[key].version.questionnaire.code],
        )
        for client, one in of_campaign.items():
            everybody.add(client, one)
            form.add(client, one)
            found[clients.root(client)].add(client, one)
            found[clients.root(client)].secret |= client in told.few
        if not told.together:
            untold.append({client: of_campaign[client] for client in told.few})
            most, form.secret = max(most, campaigns[key].k), True
    everybody.secret = not _hide_each_other(untold, most)
    invited = {client: one for client, one in found.items() if one.invited}
    return ResponseRates(
        all=_figure("response", "all", labels.localise_text(labels.ALL_LABEL), everybody),
        clients=tuple(
            _figure(f"response/client/{client_key(one)}", client_key(one), clients.name(one), invited[one])
            for one in clients.in_order(invited)
        ),
        tiers=tuple(_by_tier(invited, clients, quarter)),
        questionnaires=tuple(_by_form(forms)),
        reached=sum(1 for client, one in found.items() if client != NO_CLIENT and one.delivered),
    )


def _by_tier(found: Mapping[int, _ClientTally], clients: ClientIndex, quarter: int) -> Iterable[ResponseRateRow]:
    """Tiers tell what their clients tell: none where one of them must not."""
    tiers: dict[str, _ClientTally] = defaultdict(_ClientTally)
    for client, one in found.items():
        tiers[clients.tier(client, quarter)].take(one)
    for tier in (Tier.CORE, Tier.IMPORTANT, Tier.ORDINARY):
        if tier in tiers:
            yield _figure(f"response/tier/{tier}", str(tier), labels.localise_term(tier), tiers[tier])


def _by_form(forms: Mapping[str, _ClientTally]) -> Iterable[ResponseRateRow]:
    """Questionnaires tell what their campaigns tell, each and together."""
    # taken from the quarter, what one questionnaire told of two campaigns would leave a third
    titles = list_questionnaire_titles()
    for form, one in forms.items():
        if one.invited:
            yield _figure(f"response/questionnaire/{form}", form, titles[form], one)


def _campaigns(quarter: int) -> Iterable[Campaign]:
    whole = Campaign.select(Campaign, QuestionnaireVersion, Questionnaire)
    return whole.join(QuestionnaireVersion).join(Questionnaire).where(Campaign.quarter == quarter)


def count_surveyed_in_time(quarter: int, now: datetime, *which: Condition) -> SurveyedInTime:
    """Surveyed by their due instant ÷ surveyed or past it; skipped ones stay in, history is out (P1)."""
    standing = incident_conditions(now)
    columns = [fn.SUM(Case(None, [(standing[name], 1)], 0)) for name in SURVEYED_COUNTS]
    query = Incident.select(fn.COUNT(Incident.id), *columns).join(Contact, JOIN.LEFT_OUTER)
    closed, *sums = query.where(Incident.quarter == quarter, ~IS_HISTORY, *which).tuples().get()
    of = {name: number or 0 for name, number in zip(SURVEYED_COUNTS, sums, strict=True)}  # a sum of no rows is NULL
    rate = make_rate("surveyed_in_time", of.pop("in_time"), of.pop("counted"))
    return SurveyedInTime(rate, closed, **of)


def count_verdicts(quarter: int) -> VerdictCounts:
    """How many responses of a quarter are valid, pending, doubted, refused and why; how many are sealed."""
    verdicts = Response.select(Response.verdict, fn.COUNT(Response.id)).where(Response.quarter == quarter)
    of: dict[Verdict, int] = dict(verdicts.group_by(Response.verdict).tuples())
    sealed = Mailbox.select().join(Campaign).where(Campaign.quarter == quarter).count()
    lost = Release.select(fn.COALESCE(fn.SUM(Release.void), 0)).join(Campaign).where(Campaign.quarter == quarter)
    valid, waits = Response.verdict == Verdict.VALID, Response.step == WAITING_STEP
    here = Response.select().where(Response.quarter == quarter)
    held = here.where(valid, waits | (Response.left > WAITING_STEP)).count()
    return VerdictCounts(
        valid=of.get(Verdict.VALID, 0) - held,
        pending=of.get(Verdict.PENDING, 0),
        doubted=of.get(Verdict.DOUBTED, 0),
        refused=of.get(Verdict.REFUSED, 0),
        reasons=tuple(sorted(_reasons(quarter))),
        sealed=sealed,
        held=held,
        leaving=here.where(Response.left == WAITING_STEP).count(),
        lost=int(lost.scalar()),
    )


def rate_check_calls(quarter: Quarter) -> tuple[CheckCallRow, ...]:
    """The sample of check calls by recorder: calls that contradict the record ÷ calls that told (P7)."""
    samples = calls.list_recorder_samples(quarter)
    rated = ((one, make_rate(f"check_calls/{one.recorder.id}", one.mismatches, one.checked)) for one in samples)
    return tuple(CheckCallRow(one.recorder.name, one.records, one.drawn, rate) for one, rate in rated)


def _reasons(quarter: int) -> Iterable[str]:
    """The last reason given for each refused response."""
    given = (
        Verification.select(Verification.response, Verification.reason)
        .join(Response)
        .where(Response.quarter == quarter, Response.verdict == Verdict.REFUSED, Verification.reason != "")
        .order_by(Verification.id)
    )
    return dict(given.tuples()).values()


def _hide_each_other(untold: list[dict[ClientKey, ResponseCounts]], k: int) -> bool:
    """Whether what no campaign tells is, over all of them, enough to be told as part of the quarter."""
    if not untold:
        return True
    open_: Counter[ClientKey] = Counter()
    for of_campaign in untold:
        open_.update({client: one.open for client, one in of_campaign.items()})
    return response_counts.hide_each_other(list(open_.values()), k)


def _figure(id_: str, key: str, name: LocalisedName, one: _ClientTally) -> ResponseRateRow:
    """A line of who was asked. What is over counts as delivered at least as often as it was answered."""
    delivered = max(one.delivered, one.answered + one.refused) if not one.secret else one.delivered
    over = delivered - one.answered - one.refused - one.waiting
    return ResponseRateRow(
        key=key,
        name=name,
        rate=make_hidden_rate(id_) if one.secret else make_rate(id_, one.answered, delivered),
        invited=max(one.invited, delivered),
        delivered=delivered,
        answered=None if one.secret else one.answered,
        refused=one.refused,
        expired=None if one.secret else max(0, over),
        waiting=None if one.secret else one.waiting,
        unreachable=one.unreachable,
    )
