"""One client, department, engineer or questionnaire in a quarter, and the lists of them (F5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from csat import clock
from csat.figures import analysis, highlights, quarter_figures, quarters_with_data
from csat.figures import recorders as records
from csat.figures.analysis import Portrait
from csat.figures.feedback import overdue_by_department
from csat.figures.labels import Clients, form_titles
from csat.figures.types import Rate, Row
from csat.models.asking import Channel
from csat.models.clients import Client, Tier
from csat.models.feedback import IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.web.access import open_to
from csat.web.figures import overview_charts as charts
from csat.web.formatting import terms_of, zone

blueprint = Blueprint("analysis", __name__, url_prefix="/qa")


def asked_quarter() -> Quarter:
    """The quarter in the address, or the one it is now; raise NotFound for anything else."""
    wanted = request.args.get("quarter")
    if not wanted:
        return Quarter.of(clock.now(), zone())
    try:
        return Quarter.parse(wanted)
    except ValueError as wrong:
        raise NotFound from wrong


def choice(quarter: Quarter) -> dict[str, Any]:
    """What a page needs to offer other quarters."""
    today = Quarter.of(clock.now(), zone())
    every = sorted({*quarters_with_data(), int(today), int(quarter)}, reverse=True)
    return {"quarter": quarter, "when": str(quarter), "is_current": quarter == today, "quarters": every}


# --- lists -------------------------------------------------------------------------------------------


@blueprint.get("/clients")
@open_to("figures")
def clients() -> str:
    """All clients of a quarter side by side, with who did not answer, and telephone against link."""
    return _listed("clients")


@blueprint.get("/departments")
@open_to("figures")
def departments() -> str:
    """All departments of a quarter, of answers that carry the incident (P12)."""
    late = overdue_by_department(int(asked_quarter()), clock.now())
    return _listed("departments", late=late)


@blueprint.get("/engineers")
@open_to("figures")
def engineers() -> str:
    """All engineers of a quarter, of answers that carry the incident (P12)."""
    return _listed("engineers")


@blueprint.get("/questionnaires")
@open_to("figures")
def questionnaires() -> str:
    """All questionnaires of a quarter, and the channels."""
    return _listed("questionnaires")


@blueprint.get("/asked")
@open_to("figures")
def asked() -> str:
    """Who was asked and how many answered: numbers only, never who (F3)."""
    return _listed("asked")


@blueprint.get("/recorders")
@open_to("figures")
def recorders() -> str:
    """Telephone and interview records by who took them down, beside what comes by link (§7)."""
    quarter = asked_quarter()
    far_above = {one.key for one in highlights.recorders_far_above(quarter)}
    found = records.of(quarter)
    return render_template("figures/recorders.html", found=found, far_above=far_above, **choice(quarter))


def _listed(name: str, **more: Any) -> str:
    quarter = asked_quarter()
    figures = quarter_figures(quarter, clock.now(), zone())
    asked_by = {
        "client": {row.key: row for row in figures.asked_by_client},
        "tier": {row.key: row for row in figures.asked_by_tier},
        "questionnaire": {row.key: row for row in figures.asked_by_questionnaire},
    }
    return render_template(
        f"figures/{name}.html",
        figures=figures,
        asked_by=asked_by,
        drawn=charts.lines(_rows(figures, name), figures.target),
        target_label=charts.target_label(figures.target),
        palette=charts.PALETTE,
        tiers=dict(terms_of(Tier)),
        channels=dict(terms_of(Channel)),
        **more,
        **choice(quarter),
    )


def _rows(figures: Any, name: str) -> list[Row]:
    return list(getattr(figures, name)) if name != "asked" else []


# --- one of them -------------------------------------------------------------------------------------


@blueprint.get("/clients/<int:key>")
@open_to("figures")
def client(key: int) -> Any:
    """A client; a merged one leads to the one that it counts as."""
    found = Client.get_or_none(Client.id == key)
    if found is None:
        raise NotFound
    counts_as = Clients().root(key)
    if counts_as != key:
        return redirect(url_for(".client", key=counts_as, quarter=str(asked_quarter())))
    quarter = asked_quarter()
    return _one("client", analysis.client(quarter, key, clock.now(), zone()), quarter, client=found)


@blueprint.get("/departments/<int:key>")
@open_to("figures")
def department(key: int) -> str:
    """A department: its engineers, clients, incidents and feedback."""
    found, quarter = Department.get_or_none(Department.id == key), asked_quarter()
    if found is None:
        raise NotFound
    portrait = analysis.department(quarter, key, clock.now(), zone())
    return _one("department", portrait, quarter, department=found)


@blueprint.get("/engineers/<int:key>")
@open_to("figures")
def engineer(key: int) -> str:
    """An engineer: the clients whose incidents they resolved."""
    found, quarter = Person.get_or_none(Person.id == key), asked_quarter()
    if found is None:
        raise NotFound
    return _one("engineer", analysis.engineer(quarter, key, clock.now()), quarter, person=found)


@blueprint.get("/questionnaires/<code>")
@open_to("figures")
def questionnaire(code: str) -> str:
    """A questionnaire: how the answers to each of its questions are distributed."""
    if code not in form_titles():
        raise NotFound
    quarter = asked_quarter()
    return _one("questionnaire", analysis.questionnaire(quarter, code), quarter, code=code)


def _one(sort: str, portrait: Portrait, quarter: Quarter, **more: Any) -> str:
    return render_template(
        f"figures/{sort}.html",
        it=portrait,
        drawn=charts.portrait(portrait),
        target_label=charts.target_label(portrait.target),
        palette=charts.PALETTE,
        tiers=dict(terms_of(Tier)),
        severities=terms_of(Severity),
        type_keys={kind.code: kind.id for kind in IssueType.select()},
        behind=_behind(sort, portrait),
        nothing=_is_empty(portrait),
        **more,
        **choice(quarter),
    )


def _behind(sort: str, portrait: Portrait) -> dict[str, str]:
    """The part of an address that leads to the responses behind a page's figures."""
    return {sort: portrait.row.key}


def _is_empty(portrait: Portrait) -> bool:
    """Whether nothing was answered and nobody was asked, so that the page explains itself."""
    asked_at_all = portrait.asked is not None and portrait.asked.invited
    incidents = portrait.surveyed is not None and portrait.surveyed.closed
    return not (_counts(portrait.row.rate) or asked_at_all or incidents or any_before(portrait))


def any_before(portrait: Portrait) -> bool:
    """Whether an earlier quarter of the trend has something to show."""
    return any(_counts(one.rate) for one in portrait.trend)


def _counts(rate: Rate) -> bool:
    return rate.hidden or bool(rate.n)
