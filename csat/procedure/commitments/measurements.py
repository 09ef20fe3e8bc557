"""Measurements of commitments (§9): the department enters them with evidence, QA accepts or sends back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from csat.database import write
from csat.models.commitments import Commitment, Measurement, Origin, Unit
from csat.models.people import Person
from csat.procedure.commitments import commitments
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotPermitted, OutOfOrder, Refusal, ValueMissing
from csat.procedure.people import attachments, permissions, separation_of_duties
from csat.procedure.people.attachments import AttachmentRules, FileToAttach
from csat.words import N_

COUNT_CODES = frozenset({"security_incidents"})  # a share of what, must be said (§9)
MAX_VALUE = 1e12  # of a part or a base: far above any count


class MeasurementNotEntered(Refusal):
    sentence = N_("This commitment is measured by the system itself; nothing is entered for it.")


class QuarterNotOver(Refusal):
    sentence = N_("This quarter is not over yet. Enter the figure when it is.")


class NumberWrong(InputWrong):
    sentence = N_("Please enter a number from 0 to %(most)s.")


class PartAboveBase(InputWrong):
    sentence = N_("The part cannot be larger than what it is a part of.")


class EntererMayNotAccept(Refusal):
    sentence = N_("Who entered a measurement, or belongs to its department, does not accept it.")


@dataclass(frozen=True)
class EnteredFigure:
    """What is entered: a value in the commitment's unit, or a part and the base it is a share of."""

    value: float | None = None
    numerator: float | None = None
    base: float | None = None
    numerator_name: str = ""
    base_name: str = ""


def enter_measurement(
    commitment: Commitment,
    quarter: Quarter,
    figure: EnteredFigure,
    words: str,
    by: Person,
    now: datetime,
    zone: tzinfo,
    files: Iterable[FileToAttach] = (),
) -> Measurement:
    """Put down what was measured for a quarter that is over; raise NotPermitted for another department's."""
    if commitment.source != Origin.ENTERED or commitment.retired_at is not None:
        raise MeasurementNotEntered
    if not is_responsible_for(by, commitment, now.astimezone(zone).date()):
        raise NotPermitted
    if quarter.end(zone) > now:
        raise QuarterNotOver
    value, words = _compute_value(commitment, figure), need_text(words, "words")
    with write():
        made = Measurement.create(  # never changed: who measured something else enters it anew
            commitment=commitment,
            quarter=int(quarter),
            value=value,
            numerator=figure.numerator,
            base=figure.base,
            numerator_name=figure.numerator_name.strip(),
            base_name=figure.base_name.strip(),
            words=words,
            entered_by=by,
            entered_at=now,
        )
        audit.record(by, "measurement entered", made, now, commitment=commitment.code, quarter=int(quarter))
        attachments.attach_files(made, files, by, now)
    return made


def is_responsible_for(person: Person, commitment: Commitment, day: date) -> bool:
    """Whether a person belongs to the department that answers for a commitment."""
    return commitment.department_id in separation_of_duties.departments_of(person, day)


def may_enter_measurements(person: Person, commitment: Commitment, day: date) -> bool:
    """Whether a person may enter measurements of a commitment at all."""
    if commitment.source != Origin.ENTERED or commitment.retired_at is not None:
        return False
    return _measures_for(person, commitment, day)


def _compute_value(commitment: Commitment, figure: EnteredFigure) -> float:
    """The figure in the commitment's unit; a share is computed from its two numbers where these are given."""
    if commitment.code in COUNT_CODES or figure.numerator is not None or figure.base is not None:
        return _compute_share(commitment, figure)
    most = 100 if commitment.unit == Unit.PERCENT else commitments.MAX_TARGETS[commitment.unit]
    return _check_number(figure.value, "value", most)


def _compute_share(commitment: Commitment, figure: EnteredFigure) -> float:
    base = _check_number(figure.base, "base", MAX_VALUE)
    numerator = _check_number(figure.numerator, "numerator", MAX_VALUE)
    if not base:
        raise ValueMissing(field="base")
    if numerator > base and commitment.unit == Unit.PERCENT:  # in another unit the two are no part and whole
        raise PartAboveBase(field="numerator")
    for name in ("numerator_name", "base_name"):
        need_text(getattr(figure, name), name)
    return 100 * numerator / base


def _check_number(given: float | None, field: str, most: float) -> float:
    if given is None:
        raise ValueMissing(field=field)
    if not (math.isfinite(given) and 0 <= given <= most):
        raise NumberWrong(field=field, most=f"{most:g}")
    return given


def accept_measurement(measurement: Measurement, by: Person, now: datetime, zone: tzinfo) -> None:
    """Accept a measurement: it counts from now on. Not by who entered it, nor by its department (I4)."""
    _judge_measurement(measurement, by, now, zone, N_("measurement accepted"), accepted_at=now)


def return_measurement(measurement: Measurement, why: str, by: Person, now: datetime, zone: tzinfo) -> None:
    """Send a measurement back with what is missing; the department enters it anew."""
    why = need_text(why, "why")
    _judge_measurement(measurement, by, now, zone, N_("measurement sent back"), sent_back_at=now, sent_back=why)


def _judge_measurement(
    measurement: Measurement, by: Person, now: datetime, zone: tzinfo, action: str, **values: object
) -> None:
    with write():
        fresh = Measurement.get_by_id(measurement.id)
        if not fresh.waits:
            raise OutOfOrder
        _refuse_own_measurement(by, fresh, zone)
        Measurement.update({"judged_by": by, **values}).where(Measurement.id == fresh.id).execute()
        audit.record(by, action, fresh, now)


def _refuse_own_measurement(by: Person, measurement: Measurement, zone: tzinfo) -> None:
    entered_on = measurement.entered_at.astimezone(zone).date()
    of_enterer = separation_of_duties.departments_of(measurement.entered_by, entered_on)
    # The department that answers now, and that of who entered it: QA can give the commitment to another.
    departments = {measurement.commitment.department_id, *of_enterer}
    if by.id == measurement.entered_by_id or departments & separation_of_duties.departments_of(by):
        raise EntererMayNotAccept


def get_measurement(key: int) -> Measurement:
    """The measurement with this key; raise NotFound."""
    return get_or_refuse(Measurement, key)


def list_measurements(commitment: Commitment, quarter: Quarter | None = None) -> list[Measurement]:
    """What was entered for a commitment (in a quarter), the newest first."""
    query = commitment.measurements.order_by(Measurement.quarter.desc(), Measurement.id.desc())
    return list(query if quarter is None else query.where(Measurement.quarter == int(quarter)))


def find_accepted(quarters: Iterable[int]) -> dict[tuple[str, int], Measurement]:
    """The measurement that counts, by code and quarter: the newest accepted one."""
    query = Measurement.select(Measurement, Commitment).join(Commitment)
    known = query.where(Measurement.quarter.in_(list(quarters)), Measurement.accepted_at.is_null(False))
    return {(row.commitment.code, row.quarter): row for row in known.order_by(Measurement.id)}


def list_to_accept() -> list[Measurement]:
    """What waits for QA's word, oldest first; only the newest entry of a quarter."""
    waiting = Measurement.select().where(Measurement.accepted_at.is_null(), Measurement.sent_back_at.is_null())
    newest = {(row.commitment_id, row.quarter): row for row in waiting.order_by(Measurement.id)}
    return list(newest.values())


def list_to_enter(person: Person, now: datetime, zone: tzinfo) -> list[Commitment]:
    """What a person's department has still to enter for the quarter that is over last."""
    today, quarter = now.astimezone(zone).date(), Quarter.of(now, zone).plus(-1)
    mine = separation_of_duties.departments_of(person, today)
    entered = (Measurement.quarter == int(quarter)) & Measurement.sent_back_at.is_null()
    query = Commitment.select().where(
        Commitment.source == Origin.ENTERED,
        Commitment.retired_at.is_null(),
        Commitment.department.in_(list(mine)),
        Commitment.id.not_in(Measurement.select(Measurement.commitment).where(entered)),
    )
    return list(query.order_by(Commitment.position))


def _measures_for(person: Person, commitment: Commitment, day: date) -> bool:
    may = permissions.has_permission(person, "commitments.measure")
    return may and is_responsible_for(person, commitment, day)


def _is_own_measurement(person: Person, key: int, today: date) -> bool:
    return _measures_for(person, get_measurement(key).commitment, today)


def _is_open(key: int) -> bool:
    return get_measurement(key).waits  # once QA has spoken, on what was judged nothing changes


attachments.register_attachments("measurement", AttachmentRules(_is_own_measurement, _is_open))
