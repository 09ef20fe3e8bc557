"""One client, department, engineer or questionnaire in a quarter, and the lists of them (F5)."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from csat import clock
from csat.figures import analysis
from csat.figures import recorders as records
from csat.figures.analysis import Portrait
from csat.figures.audience import find_audience
from csat.figures.feedback import list_overdue_by_department
from csat.figures.labels import ClientIndex, list_questionnaire_titles
from csat.figures.quarterly import compute_quarter_figures, list_quarters_with_data
from csat.figures.types import Rate
from csat.figures.version_use import find_version_changes
from csat.models.asking import Channel
from csat.models.clients import Client, Tier
from csat.models.feedback import IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.review.recorders import find_high_recorders
from csat.web.access import current_person, open_to
from csat.web.figures import overview_charts as charts
from csat.web.formatting import list_terms, operator_zone
from csat.web.params import current_quarter, requested_quarter

blueprint = Blueprint("analysis", __name__, url_prefix="/qa")


def build_quarter_choice(quarter: Quarter) -> dict[str, object]:
    """What a page needs to offer other quarters."""
    today = current_quarter()
    every = sorted({*list_quarters_with_data(), int(today), int(quarter)}, reverse=True)
    return {"quarter": quarter, "when": str(quarter), "is_current": quarter == today, "quarters": every}


# The address of each list, which is also its template and, but for `asked`, its part of the figures.
LISTS = {
    "clients": "list_clients",  # with who did not answer, and telephone against link
    "departments": "list_departments",  # of answers that carry the incident (P12)
    "engineers": "list_engineers",  # the same
    "questionnaires": "list_questionnaires",  # with the channels
    "asked": "list_response_rates",  # numbers only, never who (F3)
}


def _add_list(name: str, endpoint: str) -> None:
    @blueprint.get(f"/{name}", endpoint=endpoint)
    @open_to("figures")
    def show_list() -> str:
        return _render_list(name)


for _name, _endpoint in LISTS.items():
    _add_list(_name, _endpoint)


@blueprint.get("/recorders")
@open_to("figures")
def list_recorders() -> str:
    """Telephone and interview records by who took them down, beside what comes by link (§7)."""
    quarter = requested_quarter()
    far_above = {str(key) for key in find_high_recorders(quarter)}
    found = records.compare_recorders(quarter, find_audience(current_person()))
    return render_template("figures/recorders.html", found=found, far_above=far_above, **build_quarter_choice(quarter))


def _render_list(name: str) -> str:
    """All of one kind in a quarter, side by side."""
    quarter = requested_quarter()
    figures = compute_quarter_figures(quarter, clock.now(), operator_zone(), find_audience(current_person()))
    cuts = ("client", "tier", "questionnaire")
    return render_template(
        f"figures/{name}.html",
        figures=figures,
        asked_by={cut: {row.key: row for row in getattr(figures, f"asked_by_{cut}")} for cut in cuts},
        drawn=charts.build_interval_lines(getattr(figures, name) if name != "asked" else [], figures.target),
        late=list_overdue_by_department(int(quarter), clock.now()) if name == "departments" else {},
        target_label=charts.format_target_label(figures.target),
        palette=charts.PALETTE,
        tiers=dict(list_terms(Tier)),
        channels=dict(list_terms(Channel)),
        **build_quarter_choice(quarter),
    )


@blueprint.get("/clients/<int:key>")
@open_to("figures")
def show_client(key: int) -> ResponseReturnValue:
    """A client; a merged one leads to the one that it counts as."""
    found, quarter, counts_as = get_or_refuse(Client, key), requested_quarter(), ClientIndex().root(key)
    if counts_as != key:
        return redirect(url_for(".show_client", key=counts_as, quarter=str(quarter)))
    portrait = analysis.portray_client(quarter, key, clock.now(), operator_zone(), find_audience(current_person()))
    return _render_portrait("client", portrait, quarter, client=found)


@blueprint.get("/departments/<int:key>")
@open_to("figures")
def show_department(key: int) -> str:
    """A department: its engineers, clients, incidents and feedback."""
    found, quarter = get_or_refuse(Department, key), requested_quarter()
    portrait = analysis.portray_department(quarter, key, clock.now(), operator_zone())
    return _render_portrait("department", portrait, quarter, department=found)


@blueprint.get("/engineers/<int:key>")
@open_to("figures")
def show_engineer(key: int) -> str:
    """An engineer: the clients whose incidents they resolved."""
    found, quarter = get_or_refuse(Person, key), requested_quarter()
    return _render_portrait("engineer", analysis.portray_engineer(quarter, key, clock.now()), quarter, person=found)


@blueprint.get("/questionnaires/<code>")
@open_to("figures")
def show_questionnaire(code: str) -> str:
    """A questionnaire: how the answers to each of its questions are distributed."""
    if code not in list_questionnaire_titles():
        raise NotFound
    quarter = requested_quarter()
    portrait = analysis.portray_questionnaire(quarter, code, find_audience(current_person()))
    changes = find_version_changes(code, [point.quarter for point in portrait.trend])
    return _render_portrait("questionnaire", portrait, quarter, code=code, version_changes=changes)


def _render_portrait(sort: str, portrait: Portrait, quarter: Quarter, **more: object) -> str:
    return render_template(
        f"figures/{sort}.html",
        it=portrait,
        drawn=charts.build_portrait_charts(portrait),
        target_label=charts.format_target_label(portrait.target),
        palette=charts.PALETTE,
        tiers=dict(list_terms(Tier)),
        severities=list_terms(Severity),
        type_keys={kind.code: kind.id for kind in IssueType.select()},
        behind={sort: portrait.row.key},  # leads to the responses behind the figures
        nothing=_is_portrait_empty(portrait),
        **more,
        **build_quarter_choice(quarter),
    )


def _is_portrait_empty(portrait: Portrait) -> bool:
    """Whether nothing was answered and nobody was asked, so that the page explains itself."""
    asked_at_all = portrait.asked is not None and portrait.asked.invited
    incidents = portrait.surveyed is not None and portrait.surveyed.closed
    return not (_has_responses(portrait.row.rate) or asked_at_all or incidents or has_earlier_data(portrait))


def has_earlier_data(portrait: Portrait) -> bool:
    """Whether an earlier quarter of the trend has something to show."""
    return any(_has_responses(one.rate) for one in portrait.trend)


def _has_responses(rate: Rate) -> bool:
    return rate.hidden or bool(rate.n)
