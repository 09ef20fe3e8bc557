"""How the figures of commitments are said and drawn on a page."""

from __future__ import annotations

from flask_babel import format_decimal, gettext

from csat.figures.commitments import CommitmentFigure
from csat.models.commitments import Commitment, Direction, Judgement, Unit
from csat.procedure.commitments import commitments
from csat.procedure.commitments.counts import MET, MISSED, MISSING, STILL_OPEN
from csat.web.figures.overview_charts import shorten_quarter
from csat.words import N_

MINUTES_BELOW = 0.1  # hours: what takes less is said in minutes
NO_BREAK_SPACE = "\u00a0"
VERDICT_LABELS = {"reached": (N_("Reached"), "good"), "missed": (N_("Missed"), "bad"), "no_data": (N_("No data"), "")}

# How each one is measured, beside its own description.
MEASUREMENT_NOTES = {
    "first_response": N_(
        "Counted are the incidents that first closed in the quarter, by the clock, nights and weekends "
        "included. Compared with the target is the 90th percentile: the shortest time that at least 90 %% of "
        "the known times do not exceed. So the promise is kept when nine incidents in ten are within it."
    ),
    "major_resolution": N_(
        "Counted are the incidents of a major priority that first closed in the quarter, from opening to "
        "resolution, nights and weekends included. Compared with the target is the 90th percentile: the "
        "promise is kept when nine in ten are within it."
    ),
    "solved": N_(
        "Incidents with a time of resolution, divided by all that first closed in the quarter. A ticket "
        "system that never tells when an incident is resolved is left out; how many that concerns stands "
        "beside it."
    ),
    "satisfaction": N_(
        "The same satisfaction rate as on every page and in the report. Where too few anonymous answers "
        "would show, there is no figure here either. Who may not read single responses sees answers with a name "
        "alone until the quarter’s report is issued, then what the report says."
    ),
    "feedback_time": N_(
        "Feedback due for closing in the quarter: closed by its due instant, divided by closed or past it. "
        "What still has time does not count yet; linked feedback counts once."
    ),
    "improvement_done": N_(
        "Actions of accepted plans that are due in the quarter: carried out, divided by carried out or past "
        "their due day."
    ),
    "daily_backup": N_(
        "What the department enters, beside the days on which this system made a good back-up of itself. The "
        "worse of the two counts: by itself, this system can miss the promise but not reach it."
    ),
    "recovery_time": N_(
        "The longest recovery that the department enters, beside the longest restore drill of this system. "
        "The worse of the two counts: by itself, this system can miss the promise but not reach it."
    ),
}
ENTERED_NOTE = N_(
    "The department enters the figure with its evidence after the quarter's end; it counts once quality "
    "control accepts it."
)

# How what bears nearly the name of another figure differs from it: beside the name, and in full.
DUE_NOTES = {
    "feedback_time": N_("feedback due in the quarter, whenever raised"),
    "improvement_done": N_("actions due in the quarter, whenever decided; carried out, even if late"),
}
DIFFERENCE_NOTES = {
    "feedback_time": N_(
        "Not the same as “Feedback handled in time”: the overview counts the feedback that was raised in the "
        "quarter, here counts what was due in it. So the two shares can differ."
    ),
    "improvement_done": N_(
        "Not the same as “Actions done in time”: the overview counts the actions for feedback that was "
        "raised in the quarter, and only those done by their due day. Here count the actions due in the "
        "quarter, carried out by now. So the two shares can differ."
    ),
}

# What can be opened behind a figure: the words of each list.
COUNTED_LABELS = {
    MET: N_("Within the promise"),
    MISSED: N_("Not within the promise"),
    MISSING: N_("Without the times"),
    STILL_OPEN: N_("Still within their time"),
}


def format_figure(value: float | None, one: CommitmentFigure | Commitment, plain: bool = False) -> str:
    """A value in its commitment's unit: `plain`, or so rounded that it stays on its side of the target."""
    if plain and value is not None:
        value = round(value, 1)
    target = None if plain or isinstance(one, Commitment) else one.target
    return format_amount(value, one.unit, target, one.direction)


def format_amount(value: float | None, unit: str, target: float | None = None, direction: str = "") -> str:
    """A value in its unit, with as few decimals as do not put it on the other side of its target."""
    # 99.96 of a promised 100 % must not read as 100 %, and so as kept.
    if value is None:
        return "–"
    shown = round(value, _decimal_places(value, unit, target, direction))
    words = format_decimal(int(shown) if float(shown).is_integer() else shown)
    if unit == Unit.PERCENT:
        return f"{words}%"
    if unit == Unit.HOURS and 0 < value < MINUTES_BELOW:
        return format_amount(round(value * 60, 1), Unit.MINUTES)
    if unit == Unit.MINUTES:
        return gettext("%(number)s min", number=words).replace(" ", NO_BREAK_SPACE)
    return gettext("%(number)s h", number=words).replace(" ", NO_BREAK_SPACE)


def format_target(target: float, one: CommitmentFigure | Commitment) -> str:
    """A target as people write it: ≥ 99.9%, and 100% where more is impossible."""
    if commitments.is_full_share(target, one.unit, one.direction):
        return format_amount(target, one.unit)
    sign = "≥" if one.direction == Direction.AT_LEAST else "≤"
    return f"{sign}{NO_BREAK_SPACE}{format_amount(target, one.unit)}"


def _decimal_places(value: float, unit: str, target: float | None, direction: str) -> int:
    if target is None:
        return 3
    near_an_end = unit == Unit.PERCENT and (value >= 99 or value <= 1)  # hundredths count there
    return commitments.find_decimals(value, target, Direction(direction), 2 if near_an_end else 1, 3)


def build_chart(figure: CommitmentFigure, width: float, height: float) -> dict[str, object]:
    """The trend as points of a chart so wide and high: where each value and target lies."""
    values = [point["value"] for point in figure.trend]
    heights = [one for one in (*values, *(point["target"] for point in figure.trend)) if one is not None]
    low, high = min(heights), max(heights)
    room = (high - low) * 0.15 or abs(high) * 0.1 or 1

    def at(value: float) -> float:
        return round((high + room - value) / (high - low + 2 * room) * height, 1)

    step = width / len(figure.trend)
    points = [
        {
            **point,
            "x": round(step * (place + 0.5), 1),
            "y": None if point["value"] is None else at(point["value"]),
            "at_target": at(point["target"]),
            "bad": point["verdict"] == Judgement.MISSED,
            "falls": None not in (before, point["value"]) and point["value"] < before,  # its label: below the line
            "label": shorten_quarter(point["quarter"]),
        }
        for place, (before, point) in enumerate(zip([None, *values], figure.trend, strict=False))
    ]
    return {"points": points, "step": step, "width": width, "height": height}
