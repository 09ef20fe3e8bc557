"""Two quarters side by side, from the reports their reader may see."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext

from csat.documents.report import compare as comparison
from csat.models.base import Json
from csat.models.reporting import Report
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.reports import reports
from csat.web.access import current_person, open_to
from csat.web.figures.overview_charts import PALETTE
from csat.web.formatting import format_percent, localised_text
from csat.web.reports.page import READ_RIGHT
from csat.words import N_

blueprint = Blueprint("report_compare", __name__, url_prefix="/reports")
COMPARED_TABLES = (
    ("clients", N_("Clients")),
    ("dimensions", N_("Dimensions")),
    ("questionnaires", N_("Questionnaires")),
)


@blueprint.get("/compare")
@open_to(READ_RIGHT)
def compare_quarters() -> str:
    """Key figures, clients, dimensions and questionnaires of two quarters: ?a=20262&b=20263."""
    newest = _newest_reports()
    codes = sorted(newest, reverse=True)  # the two newest stand for what is not asked for
    later = _chosen_report("b", newest) or (newest[codes[0]] if codes else None)
    earlier = _chosen_report("a", newest) or (newest[codes[1]] if len(codes) > 1 else None)
    facts = _compare_reports(earlier, later) if earlier and later else {}
    return render_template("reports/compare.html", codes=codes, earlier=earlier, later=later, palette=PALETTE, **facts)


def _newest_reports() -> dict[int, Report]:
    """The newest version of each quarter that this reader sees; the list comes newest first."""
    found: dict[int, Report] = {}
    for one in reports.reports_for(current_person()):
        found.setdefault(one.quarter, one)  # of a quarter the newest version comes first
    return found


def _chosen_report(name: str, newest: dict[int, Report]) -> Report | None:
    """The report asked for; raise NotFound for a quarter without one."""
    code = request.args.get(name, "")
    return found_or_refuse(newest.get(int(code) if code.isdecimal() else 0)) if code else None


def _compare_reports(earlier: Report, later: Report) -> dict[str, object]:
    one, other = earlier.document, later.document
    rows = {name: comparison.compare_rows(one, other, name) for name, _ in COMPARED_TABLES}
    return {
        "keys": comparison.compare_key_figures(one, other),
        "counts": comparison.compare_counts(one, other),
        "cuts": [
            (name, gettext(title), rows[name], comparison.count_left_out(one, other, name))
            for name, title in COMPARED_TABLES
        ],
        "drawn": {name: [_chart_line(row) for row in found] for name, found in rows.items()},
        "target": other["figures"]["target"],
    }


def _chart_line(row: Json) -> Json:
    """What a line of the chart needs."""
    was, now = row["was"]["value"], row["now"]["value"]
    return {
        "label": localised_text(row["name"]),
        "was": was,
        "now": now,
        "text": f"{format_percent(was)} → {format_percent(now)}",
        "bad": row["change"] == "worse",
        "good": row["change"] == "better",
    }
