"""Commitments (C1): what was promised, by which department, and the targets by date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from peewee import JOIN

from csat.config import LOCALES
from csat.content import load_content
from csat.database import write
from csat.models.base import Json, Localised
from csat.models.commitments import Commitment, CommitmentTarget, Direction, Judgement, Unit
from csat.models.people import Department
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound
from csat.words import N_

FIRST_DAY = date(2000, 1, 1)  # the first target holds since before all figures
SATISFACTION_CODE = "satisfaction"
MAX_TARGETS = {Unit.PERCENT: 100, Unit.MINUTES: 100_000, Unit.HOURS: 10_000}
TOLERANCE = 1e-9  # 0.7 × 100 is a hair more than 70


class TargetWrong(InputWrong):
    sentence = N_("Please enter a number above 0 and not above %(most)s.")


class TargetTooOld(InputWrong):
    sentence = N_("Please choose a day from %(first)s on.")


class QuarterJudgedAnew(InputWrong):
    sentence = N_(
        "This day lies in a quarter that is over: its figures would be judged anew. Tick the box if you mean it."
    )


class TargetUnchanged(InputWrong):
    sentence = N_("This is the target of that day already.")


def load_shipped_commitments(now: datetime) -> None:
    """Load the ten commitments that ship with their first targets; what is loaded already stays as it is."""
    with write():
        for position, shipped in enumerate(load_content("commitments")["commitment"], 1):
            one = dict(shipped)
            target = one.pop("target")
            known, _ = Commitment.get_or_create(code=one["code"], defaults={"position": position, **one})
            if not known.targets.exists():
                CommitmentTarget.create(commitment=known, since=FIRST_DAY, target=target, set_at=now)


def list_commitments(retired: bool = False) -> list[Commitment]:
    """The commitments in force (or retired), in their order, with their departments."""
    query = Commitment.select(Commitment, Department).join(Department, JOIN.LEFT_OUTER)
    return list(query.where(Commitment.retired_at.is_null(not retired)).order_by(Commitment.position))


def get_commitment(code: str) -> Commitment:
    """The commitment of a code; raise NotFound."""
    return get_or_refuse(Commitment, Commitment.code == code)


def get_satisfaction_target(quarter: Quarter) -> float:
    """The target of the satisfaction rate that a quarter is held against, 0–1 (F7)."""
    return TargetTable().of_quarter(SATISFACTION_CODE, quarter) / 100


class TargetTable:
    """All targets by date, read once."""

    def __init__(self) -> None:
        rows = CommitmentTarget.select(CommitmentTarget, Commitment).join(Commitment)
        self._by_code: dict[str, list[CommitmentTarget]] = {}
        for row in rows.order_by(CommitmentTarget.since, CommitmentTarget.id):
            self._by_code.setdefault(row.commitment.code, []).append(row)

    def find_target(self, code: str, day: date) -> float:
        """The target on a day, in the commitment's unit (C1); before the first one, the first one."""
        known = self._by_code.get(code)
        if not known:
            raise NotFound
        return next((row.target for row in reversed(known) if row.since <= day), known[0].target)

    def of_quarter(self, code: str, quarter: Quarter) -> float:
        """The target that judges a whole quarter: the one in force on its last day (C1)."""
        return self.find_target(code, quarter.last_day)


def list_targets(commitment: Commitment) -> list[CommitmentTarget]:
    """The targets of a commitment, the latest first; of one day only the newest."""
    newest = {row.since: row for row in commitment.targets.order_by(CommitmentTarget.id)}
    return [newest[day] for day in sorted(newest, reverse=True)]


def is_full_share(target: float, unit: str, direction: str) -> bool:
    """Whether a target asks for everything: a share that cannot be exceeded."""
    return unit == Unit.PERCENT and direction == Direction.AT_LEAST and target >= 100


def judge_value(value: float | None, target: float, direction: Direction) -> Judgement:
    """Whether a figure reaches its target (C2)."""
    if value is None:
        return Judgement.NO_DATA
    short = target - value if direction == Direction.AT_LEAST else value - target
    return Judgement.MISSED if short > TOLERANCE else Judgement.REACHED


def find_decimals(value: float, target: float, direction: Direction, fewest: int, most: int) -> int:
    """How many decimals a value needs so that, rounded, it still lies on its own side of its target."""
    verdict = judge_value(value, target, direction)
    told = (at for at in range(fewest, most) if judge_value(round(value, at), target, direction) == verdict)
    return next(told, most)


def edit_commitment(
    commitment: Commitment,
    name: Mapping[str, str],
    description: Mapping[str, str],
    department: Department | None,
    by: audit.Actor,
    now: datetime,
) -> None:
    """Change what a commitment is called, how it is described, and who answers for it (C1)."""
    values: Json = {
        "name": _check_both_languages(name, "name"),
        "description": _check_both_languages(description, "description"),
        "department_id": department.id if department else None,
    }
    with write():
        changed = audit.list_changes(commitment, **values)
        if changed:
            Commitment.update(**values).where(Commitment.id == commitment.id).execute()
            audit.record(by, "commitment changed", commitment, now, **changed)


def set_target(
    commitment: Commitment, since: date, target: float, by: audit.Actor, now: datetime, today: date, aware: bool = False
) -> CommitmentTarget:
    """Set the target from a day on (C1); a day in a quarter that is over needs `aware`."""
    most = MAX_TARGETS[commitment.unit]
    if not 0 < target <= most:
        raise TargetWrong(field="target", most=most)
    if since < FIRST_DAY:
        raise TargetTooOld(field="since", first=FIRST_DAY.isoformat())
    # Pages judge such a quarter anew, while an issued report keeps the target that it was issued with.
    if since < Quarter.of_day(today).first_day and not aware:
        raise QuarterJudgedAnew(field="aware")
    with write():
        before = TargetTable().find_target(commitment.code, since)
        if before == target and any(row.since == since for row in list_targets(commitment)):
            raise TargetUnchanged(field="target")
        made = CommitmentTarget.create(
            commitment=commitment, since=since, target=target, set_by=None if isinstance(by, str) else by, set_at=now
        )
        audit.record(by, "target set", commitment, now, since=str(since), before=before, after=target)
    return made


def _check_both_languages(texts: Mapping[str, str], field: str) -> Localised:
    return Localised({locale: need_text(texts[locale], f"{field}_{locale}") for locale in LOCALES})
