"""What stands out, in sentences: what was found, from how much, and where it can be seen."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from csat.figures.highlights import Highlight
from csat.models.base import Json
from csat.procedure.core.quarter import Quarter
from csat.web.formatting import format_percent, format_quarter, format_target, localised_text
from csat.words import N_


@dataclass(frozen=True)
class HighlightText:
    """A remark as one reads it, where it leads, and whether it is good news."""

    words: str
    address: str
    good: bool


BELOW = N_("%(name)s is clearly below the target of %(target)s: %(share)s satisfied (%(quarter)s, n = %(n)s).")
FELL = N_("%(name)s fell from %(before)s to %(share)s, more than chance explains (n = %(n)s).")
ROSE = N_("%(name)s rose from %(before)s to %(share)s, more than chance explains (n = %(n)s).")
HIGHLIGHT_SENTENCES = {
    **dict.fromkeys(("client_below", "department_below"), BELOW),
    **dict.fromkeys(("dimension_fell", "client_fell", "department_fell"), FELL),
    **dict.fromkeys(("dimension_rose", "client_rose", "department_rose"), ROSE),
    "recorder_high": N_(
        "Telephone records by %(name)s are far better than what the same clients say by link: "
        "%(share)s satisfied (four quarters, n = %(n)s)."
    ),
    "calls_contradict": N_(
        "Check calls contradict the telephone records by %(name)s: %(good)s of %(of)s (%(quarter)s)."
    ),
    "overdue_most": N_("%(name)s has most of the overdue feedback: %(number)s of %(all)s."),
    "dimension_first": N_(
        "To improve first: %(name)s. It matters more than most and pleases less: %(share)s (n = %(n)s)."
    ),
}
SHARE_FORMATS = {"share": format_percent, "before": format_percent, "target": format_target}  # and how each is said


def describe_highlight(remark: Highlight) -> HighlightText:
    """A remark in the reader's language."""
    shares = {name: say(remark.facts[name]) for name, say in SHARE_FORMATS.items() if name in remark.facts}
    facts = {**remark.facts, **shares, "name": localised_text(remark.name), "quarter": format_quarter(remark.quarter)}
    return HighlightText(gettext(HIGHLIGHT_SENTENCES[remark.rule], **facts), _highlight_url(remark), remark.good)


def _highlight_url(remark: Highlight) -> str:
    """The page on which the figures behind a remark stand."""
    sort, when = remark.rule.split("_")[0], str(Quarter.from_int(remark.quarter))
    if sort in ("client", "department"):
        return url_for(f"analysis.show_{sort}", key=int(remark.key), quarter=when)
    if sort == "overdue":
        only: Json = {} if remark.facts["everywhere"] else {"quarter": remark.quarter}
        return url_for("feedback.show_board", department=int(remark.key), overdue="close", once=1, **only)
    if sort in ("recorder", "calls"):
        return url_for("analysis.list_recorders", quarter=when, _anchor=f"recorder-{remark.key}")
    anchor = "importance" if remark.rule == "dimension_first" else "dimensions"
    return url_for("overview.show_overview", quarter=when, _anchor=anchor)
