"""Figures as they leave this room: plain values, shares 0–1; a hidden one (F4) has no value, n or interval at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from csat.models.base import Json

LocalisedName = dict[str, str]  # {"zh": …, "en": …}


@dataclass(frozen=True)
class Rate:
    """A share with what it was counted from and its 95 % Wilson interval (F1, F4)."""

    id: str  # stable, e.g. "satisfaction/client/12"
    value: float | None  # share 0–1; None when hidden or nothing was counted
    n: int | None  # responses it rests on; None when hidden
    low: float | None
    high: float | None
    hidden: bool = False  # F4: too few anonymous answers in the cell, or it could be had by subtraction
    good: int | None = None  # numerator
    of: int | None = None  # denominator (ratings; differs from n where ratings are pooled)


@dataclass(frozen=True)
class Index:
    """Mean of (rating − 1) × 25, 0–100 (F1), or another mean with its n."""

    id: str
    value: float | None
    n: int | None
    hidden: bool = False


@dataclass(frozen=True)
class NetPromoterScore:
    """Net promoter score −1…1: share of 9–10 minus share of 0–6 (F2)."""

    id: str
    value: float | None
    n: int | None
    promoters: float | None
    passives: float | None
    detractors: float | None
    hidden: bool = False


@dataclass(frozen=True)
class CutRow:
    """One line of a cut: what it is about, its rate and index, and the quarter before."""

    key: str  # client id, questionnaire or dimension code …
    name: LocalisedName
    rate: Rate
    index: Index
    before: Rate | None  # the same cell in the quarter before
    change: str  # "better" | "worse" (exceeds chance, two-proportion test) | "same" | "unknown"
    tier: str = ""  # of clients only
    spoken: Rate | None = None  # telephone and interview, against what clients filled in themselves (F5);
    linked: Rate | None = None  # None where the rate does not mix them, or must not show


@dataclass(frozen=True)
class QuestionRow:
    """One question: rate, and how its answers are distributed."""

    questionnaire: str
    code: str
    kind: str
    dimension: str
    text: LocalisedName
    rate: Rate
    index: Index
    distribution: tuple[int, ...] | None  # counts of 1–5, 0–10, or (no, yes); None when hidden
    not_applicable: int | None
    spoken: Rate | None = None  # as of a Row
    linked: Rate | None = None


@dataclass(frozen=True)
class ChoiceOption:
    """An option of a choice; `rate` = people who chose it ÷ people who chose anything."""

    code: str
    name: LocalisedName
    rate: Rate


@dataclass(frozen=True)
class ChoiceRow:
    """A question that offers options (F2): of several, shares do not add up to one."""

    questionnaire: str
    code: str
    text: LocalisedName
    many: bool
    n: int | None  # who chose anything; None when hidden
    options: tuple[ChoiceOption, ...]
    not_applicable: int | None
    hidden: bool = False


@dataclass(frozen=True)
class TrendPoint:
    quarter: int
    rate: Rate
    spoken: Rate | None = None  # as of a Row
    linked: Rate | None = None
    target: float | None = None  # of that quarter (F7)


@dataclass(frozen=True)
class ResponseRateRow:
    """Who was asked and who answered (F3): `rate` = answered ÷ delivered, hidden where it would tell who answered."""

    key: str
    name: LocalisedName
    rate: Rate
    invited: int
    delivered: int
    answered: int | None
    refused: int
    expired: int | None
    waiting: int | None  # delivered, neither answered nor over
    unreachable: int = 0  # nothing but calls that reached nobody


@dataclass(frozen=True)
class SurveyedInTime:
    """Incidents surveyed within two days ÷ those surveyed or past their two days (P1)."""

    rate: Rate
    closed: int
    surveyed: int
    overdue: int
    skipped: int
    without_contact: int


@dataclass(frozen=True)
class VerdictCounts:
    """What QA's verification came to (P7)."""

    valid: int
    pending: int
    doubted: int
    refused: int
    reasons: tuple[str, ...]  # one per refused response
    sealed: int  # anonymous answers that wait for their release
    held: int = 0  # valid, anonymous, and fewer than k since the last report: in no figure yet
    leaving: int = 0  # doubted or refused since the last report, and fewer than k: still in the figures
    lost: int = 0  # anonymous answers that nobody can open: damaged, or their key is lost


@dataclass(frozen=True)
class CheckCallRow:
    """One recorder's sample of check calls (P7): `rate` = calls that contradict ÷ calls that told."""

    recorder: str
    records: int
    drawn: int
    rate: Rate


@dataclass(frozen=True)
class FeedbackRow:
    """One issue type: feedback by severity (F6). Linked feedback counts once."""

    key: str
    name: LocalisedName
    domain: str
    critical: int
    major: int
    minor: int
    suggestion: int
    total: int
    in_time: Rate  # closed by their due instant ÷ closed or past it


@dataclass(frozen=True)
class FeedbackFigures:
    """Feedback of the quarter (F6)."""

    rows: tuple[FeedbackRow, ...]
    total: int
    open: int
    closed: int
    overdue: int
    called_back_in_time: Rate
    handled_in_time: Rate
    median_days: float | None
    actions: int
    actions_in_time: Rate
    recurred: int
    overdue_by_department: tuple[dict[str, object], ...] = ()  # {"name": Name, "number": int}
    actions_effective: Rate | None = None  # None in reports that were composed before it was counted
    moved: int | None = None  # whose due date was moved with the supervisor's word (P9): the new one counts
    late_by_first: int | None = None  # of these: late by the date before, in time or not yet due by the new one


@dataclass(frozen=True)
class ImportanceRow:
    """A dimension in the importance–satisfaction chart (F5)."""

    dimension: str
    name: LocalisedName
    correlation: float | None  # with the overall rating of the same response
    satisfaction: Rate
    quadrant: str  # "keep" | "strength" | "secondary" | "first" | "unknown"


@dataclass(frozen=True)
class ChannelRow:
    """Telephone against link (F5)."""

    key: str
    rate: Rate
    index: Index


@dataclass(frozen=True)
class RateChange:
    """A rate of the quarter before, and whether it moved more than chance explains."""

    before: Rate
    change: str


@dataclass(frozen=True)
class QuarterFigures:
    """Everything a quarter says; the same for pages, the command, and the report."""

    quarter: int
    cut_off: str  # ISO instant, UTC
    target: float
    least: int  # k of F4
    satisfaction: CutRow
    recommend: NetPromoterScore
    trend: tuple[TrendPoint, ...]  # eight quarters, oldest first
    clients: tuple[CutRow, ...]  # in the order core, important, ordinary; then by name
    tiers: tuple[CutRow, ...]
    questionnaires: tuple[CutRow, ...]
    dimensions: tuple[CutRow, ...]
    channels: tuple[ChannelRow, ...]
    questions: tuple[QuestionRow, ...]
    importance: tuple[ImportanceRow, ...]
    heat: tuple[Json, ...]  # {"client": key, "dimension": code, "rate": Rate}
    asked: ResponseRateRow
    asked_by_client: tuple[ResponseRateRow, ...]
    clients_asked: int  # of which one invitation at least was delivered
    surveyed: SurveyedInTime
    verdicts: VerdictCounts
    feedback: FeedbackFigures
    without_incident: int = 0  # responses that carry no incident, so enter no row of engineer or department
    importance_cut: tuple[float, float] | None = None  # where the quadrants part: mean correlation, mean rate
    changes: dict[str, RateChange] = field(default_factory=dict)  # by the id of a rate that is in no row
    # {"client": key, "questionnaire": code, "rate": Rate}
    clients_by_questionnaire: tuple[dict[str, object], ...] = ()
    notes: tuple[str, ...] = field(default=())
    choices: tuple[ChoiceRow, ...] = ()
    managers: tuple[CutRow, ...] = ()  # of answers with a name only: anonymous ones carry nobody (P12)
    departments: tuple[CutRow, ...] = ()
    engineers: tuple[CutRow, ...] = ()
    asked_by_questionnaire: tuple[ResponseRateRow, ...] = ()
    asked_by_tier: tuple[ResponseRateRow, ...] = ()
    check_calls: tuple[CheckCallRow, ...] = ()
    audience: str = "all"  # whose answers are counted: "all", or those with a "named" author alone (F4)
