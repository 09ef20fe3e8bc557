"""Where the figures of commitments come from: one reading for each source, eight quarters at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from statistics import median

from csat import database
from csat.figures.issued import ALL, ToldRates
from csat.figures.types import Rate
from csat.models.base import Json
from csat.models.commitments import Measurement
from csat.models.feedback import Action, Feedback
from csat.procedure.commitments import commitments, counts, measurements
from csat.procedure.core.quarter import Quarter
from csat.procedure.upkeep import backups

# What stands beside a value; None where it does not apply.
MEASURED_PARTS: Json = {
    "share_met": None,  # of the times that are known, 0–1
    "met": None,
    "median": None,  # in the commitment's unit, as p90
    "p90": None,
    "share_missing": None,  # of all that could have had a time, 0–1
    "missing": None,
    "all": None,
    "first_contact": None,  # share of 'solved at first contact', 0–1, with its n
    "first_contact_n": None,
    "numerator": None,  # of entered ones, with what they are called
    "base": None,
    "numerator_name": "",
    "base_name": "",
    "words": "",  # how it was measured, as the department put it
    "own": None,  # what this system shows of itself: value, n, fails
}
NINE_TENTHS = 0.9
DEADLINE_OUTCOMES = (counts.MET, counts.MISSED, counts.STILL_OPEN)

ValuesByQuarter = Mapping[int, "MeasuredValue"]


@dataclass(frozen=True)
class MeasuredValue:
    """What one quarter came to. `fails`: missed, whatever the value says (its own part failed)."""

    value: float | None = None
    n: int | None = None
    parts: Json = field(default_factory=lambda: dict(MEASURED_PARTS))
    hidden: bool = False
    fails: bool = False
    answers: str = ALL  # whose answers it counts, where it counts any


NOT_MEASURED = MeasuredValue()


def percentile(values: list[float], share: float = NINE_TENTHS) -> float:
    """The nearest-rank percentile: the smallest value that this share of all values do not exceed."""
    # Less the tolerance: as a float, a share of a number can be a hair more than the rank it means.
    return sorted(values)[math.ceil(share * len(values) - commitments.TOLERANCE) - 1]


class CommitmentReader:
    """The readings by commitment's code, of the quarters of a trend; the last is the one asked for."""

    def __init__(self, quarters: list[Quarter], now: datetime, zone: tzinfo, told: ToldRates) -> None:
        self.quarters, self.now, self.zone, self.told = quarters, now, zone, told
        self.targets = commitments.TargetTable()
        self._entered = measurements.find_accepted(int(one) for one in quarters)
        self._known: dict[str, Callable[[], ValuesByQuarter]] = {
            counts.FIRST_RESPONSE: lambda: self._read_times(counts.FIRST_RESPONSE, "minutes"),
            counts.MAJOR_RESOLUTION: lambda: self._read_times(counts.MAJOR_RESOLUTION, "hours"),
            counts.SOLVED: self._read_solved,
            commitments.SATISFACTION_CODE: self._read_satisfaction,
            "feedback_time": self._read_feedback,
            "improvement_done": self._read_actions,
            "daily_backup": lambda: self._read_with_own("daily_backup", self._measure_backups, min),
            "recovery_time": lambda: self._read_with_own("recovery_time", self._measure_recoveries, max),
        }

    def read_values(self, code: str) -> ValuesByQuarter:
        """What each quarter came to, by its number in the store; quarters without data may be left out."""
        reading = self._known.get(code)
        return self._read_entered(code) if reading is None else reading()

    def _read_times(self, code: str, unit: str) -> ValuesByQuarter:
        """Judged by the 90th percentile: nine in ten are to be within the target."""
        numbers = [int(one) for one in self.quarters]
        by_quarter: dict[int, list[float]] = {number: [] for number in numbers}
        for number, span in counts.list_spans(code, numbers):
            by_quarter[number].append(span / counts.UNIT_MICROSECONDS[unit])
        closed = counts.count_closed(code, numbers)
        return {
            int(one): self._measure_times(code, one, by_quarter[int(one)], closed.get(int(one), 0))
            for one in self.quarters
        }

    def _measure_times(self, code: str, quarter: Quarter, times: list[float], closed: int) -> MeasuredValue:
        parts = {**MEASURED_PARTS, "missing": closed - len(times), "all": closed}
        parts["share_missing"] = parts["missing"] / closed if closed else None
        if not times:
            return MeasuredValue(n=0, parts=parts)
        target = self.targets.of_quarter(code, quarter)
        met, worst = sum(1 for one in times if one <= target), percentile(times)
        parts |= {"met": met, "share_met": met / len(times), "median": median(times), "p90": worst}
        return MeasuredValue(worst, len(times), parts)

    def _read_solved(self) -> ValuesByQuarter:
        """Incidents resolved ÷ closed, of systems that tell when an incident is resolved."""
        found = {}
        for number, (good, of, closed) in counts.count_resolved(int(one) for one in self.quarters).items():
            missing = closed - of
            parts = {**MEASURED_PARTS, "missing": missing, "all": closed, "share_missing": missing / closed}
            if of:
                parts |= {"met": good, "share_met": good / of}
            found[number] = MeasuredValue(100 * good / of if of else None, of, parts)
        last = int(self.quarters[-1])
        found[last] = self._add_first_contact(found.get(last, NOT_MEASURED))
        return found

    def _add_first_contact(self, measured: MeasuredValue) -> MeasuredValue:
        """Beside it: the share of clients who say that the first contact solved it (F4 as everywhere)."""
        rate = self.told.first_contact
        if rate is None:
            return measured
        beside = {"first_contact": rate.value, "first_contact_n": rate.n}
        return replace(measured, parts=measured.parts | beside, answers=self.told.answers[int(self.quarters[-1])])

    def _read_satisfaction(self) -> ValuesByQuarter:
        # Out of the quarter's own figures, so that F4 hides here what it hides there.
        rates, answers = self.told.satisfaction, self.told.answers
        return {key: replace(_convert_rate(rate), answers=answers.get(key, ALL)) for key, rate in rates.items()}

    def _read_feedback(self) -> ValuesByQuarter:
        """Closed by their due instant ÷ closed or past it, of the feedback due in the quarter."""
        due = counts.feedback_due_condition(self.quarters[0], self.quarters[-1], self.zone)
        return _compute_shares(
            (int(Quarter.of(one.close_due_at, self.zone)), which)
            for which in DEADLINE_OUTCOMES
            for one in Feedback.select(Feedback.close_due_at).where(
                due, counts.feedback_outcome_condition(which, self.now)
            )
        )

    def _read_actions(self) -> ValuesByQuarter:
        """Carried out ÷ carried out or past their due day, of the actions due in the quarter."""
        today = self.now.astimezone(self.zone).date()
        due = counts.actions_due_condition(self.quarters[0], self.quarters[-1])
        return _compute_shares(
            (int(Quarter.of_day(one.due)), which)
            for which in DEADLINE_OUTCOMES
            for one in Action.select(Action.due).where(due, counts.action_outcome_condition(which, today))
        )

    def _read_entered(self, code: str) -> dict[int, MeasuredValue]:
        return {number: _convert_entry(row) for (known, number), row in self._entered.items() if known == code}

    def _read_with_own(
        self, code: str, own: Callable[[Quarter], SystemMeasurement | None], worse: Callable
    ) -> ValuesByQuarter:
        """The worse of the two counts: by itself, this system can miss the promise but not reach it."""
        found = self._read_entered(code)
        for quarter in self.quarters:
            shown = own(quarter) if quarter.start(self.zone) <= self.now else None
            if shown is not None:
                number = int(quarter)
                found[number] = self._join_own(code, quarter, found.get(number, NOT_MEASURED), shown, worse)
        return found

    def _join_own(
        self, code: str, quarter: Quarter, entered: MeasuredValue, own: SystemMeasurement, worse: Callable
    ) -> MeasuredValue:
        direction = commitments.get_commitment(code).direction
        verdict = commitments.judge_value(own.value, self.targets.of_quarter(code, quarter), direction)
        fails = own.fails or verdict == "missed"
        parts = entered.parts | {"own": {"value": own.value, "n": own.n, "fails": fails}}
        values = [one for one in (entered.value, own.value) if one is not None]
        counted = values if entered.value is not None or fails else []
        value = worse(counted) if counted else None
        return replace(entered, value=value, parts=parts, fails=fails)

    def _measure_backups(self, quarter: Quarter) -> SystemMeasurement | None:
        """Days with a good back-up ÷ days, in percent; another engine's back-ups are not ours to know."""
        if not database.is_sqlite():
            return None
        good, days = backups.count_backup_days(quarter, self.zone, self.now)
        return SystemMeasurement(100 * good / days, days) if days else None

    def _measure_recoveries(self, quarter: Quarter) -> SystemMeasurement | None:
        """The longest restore or drill of the quarter, in hours; one that failed fails the promise."""
        held = backups.list_recoveries(quarter, self.zone)
        if not held:
            return None
        hours = [one.seconds / 3600 for one in held if one.ok]
        return SystemMeasurement(max(hours, default=None), len(held), fails=len(hours) < len(held))


@dataclass(frozen=True)
class SystemMeasurement:
    """What this system shows of itself in a quarter."""

    value: float | None
    n: int
    fails: bool = False


def _convert_rate(rate: Rate) -> MeasuredValue:
    if rate.hidden:
        return MeasuredValue(hidden=True)
    value = 100 * rate.good / rate.of if rate.good is not None and rate.of else None
    return MeasuredValue(value, rate.n, {**MEASURED_PARTS, "met": rate.good, "share_met": rate.value})


def _convert_entry(row: Measurement) -> MeasuredValue:
    told = {name: getattr(row, name) for name in ("numerator", "base", "numerator_name", "base_name", "words")}
    return MeasuredValue(row.value, None if row.base is None else int(row.base), {**MEASURED_PARTS, **told})


def _compute_shares(told: Iterable[tuple[int, str]]) -> dict[int, MeasuredValue]:
    """Met ÷ met or missed, in percent, by quarter; what still has time does not count yet."""
    numbers, found = Counter(told), {}
    for quarter in {quarter for quarter, _ in numbers}:
        met, missed, still = (numbers[quarter, which] for which in DEADLINE_OUTCOMES)
        of = met + missed
        parts = {**MEASURED_PARTS, "all": of + still, "met": met, "share_met": met / of if of else None}
        found[quarter] = MeasuredValue(100 * met / of if of else None, of, parts)
    return found
