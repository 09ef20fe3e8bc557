"""QA's first page: the quarter's figures, what stands behind them, and what waits."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as Answered

from csat import clock
from csat.figures.audience import find_audience
from csat.figures.highlights import find_highlights
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.risks import compute_risk_figures
from csat.figures.types import QuarterFigures
from csat.models.asking import Channel
from csat.models.clients import Tier
from csat.models.feedback import IssueType, Severity
from csat.models.work import Job
from csat.procedure.campaigns.counts import summarise_sealed_answers
from csat.procedure.core import jobs
from csat.procedure.core.refusals import StillSealed
from csat.procedure.review import triage
from csat.procedure.survey import holdings, mailbox
from csat.web import jobs as job_pages
from csat.web.access import current_person, open_to
from csat.web.figures import highlights
from csat.web.figures import overview_charts as charts
from csat.web.figures.analysis import build_quarter_choice
from csat.web.formatting import list_terms, operator_zone
from csat.web.forms import ButtonForm
from csat.web.params import requested_quarter
from csat.words import N_

blueprint = Blueprint("overview", __name__)


@blueprint.get("/qa/")
@open_to("figures")
def show_overview() -> str:
    """The figures of a quarter: the one in the address (?quarter=2026Q3), or the one it is."""
    quarter, now = requested_quarter(), clock.now()
    figures = compute_quarter_figures(quarter, now, operator_zone(), find_audience(current_person()))
    return render_template(
        "figures/overview.html",
        figures=figures,
        empty=_is_quarter_empty(figures),
        drawn=charts.build_overview_charts(figures),
        palette=charts.PALETTE,
        tiers=dict(list_terms(Tier)),
        channels=dict(list_terms(Channel)),
        severities=list_terms(Severity),
        remarks=[highlights.describe_highlight(one) for one in find_highlights(figures, now, operator_zone())],
        asked_by_client={row.key: row for row in figures.asked_by_client},
        asked_by_form={row.key: row for row in figures.asked_by_questionnaire},
        type_keys={kind.code: kind.id for kind in IssueType.select()},
        risks=compute_risk_figures(quarter),
        opening=summarise_sealed_answers(),
        desk_summary=triage.find_summary(quarter),
        form=ButtonForm(),
        **build_quarter_choice(quarter),
    )


@blueprint.get("/qa/release")
@open_to("review")
def confirm_release() -> str:
    """Say what opening everything costs, before it is done: a client that is lost never comes back."""
    kept_from = mailbox.list_kept_from(current_person())
    opening = summarise_sealed_answers()
    return render_template("figures/release.html", opening=opening, kept_from=kept_from, form=ButtonForm())


@blueprint.post("/qa/release")
@open_to("review")
def release_answers() -> Answered:
    """Release the sealed answers that keep their client, or ('all') all that have company; raise StillSealed."""
    least = summarise_sealed_answers()
    if not least.ready:
        raise StillSealed(k=least.k)
    mailbox.refuse_holder(current_person())
    patient = request.form.get("do") != "all"  # the others go on waiting for the company that keeps their client
    job = jobs.queue_job("release", {"patient": patient}, current_person(), clock.now())
    flash(gettext("The waiting answers are being opened. Those that may be told apart stay sealed."))
    return redirect(url_for("jobs.show_job", key=job.id))


@job_pages.register_job_messages("release")
def _release_messages(job: Job) -> list[str]:
    """How many answers a release opened, and how many of them lost their client."""
    outcome = job.outcome or {}
    opened, lost = outcome.get("opened", 0), outcome.get("without_client", 0)
    if not opened:
        return [gettext("Nothing was opened: what waits has too little company yet, and stays sealed.")]
    told = [ngettext("%(num)s answer is opened.", "%(num)s answers are opened.", opened)]
    if lost:
        told += [ngettext("%(num)s of them without its client.", "%(num)s of them without their client.", lost)]
    return told + [
        ngettext(
            "%(num)s of them came through a link that %(name)s had in hand.",
            "%(num)s of them came through links that %(name)s had in hand.",
            one.number,
            name=one.person.name,
        )
        for one in holdings.list_holders(outcome.get("releases", []))
    ]


@job_pages.register_job_links("release", N_("Opening the waiting answers"))
def _release_links(job: Job) -> list[tuple[str, str]]:
    return [(url_for("overview.show_overview"), gettext("Back to the quarter"))]


def _is_quarter_empty(figures: QuarterFigures) -> bool:
    """Whether nothing at all happened in a quarter yet."""
    seen = figures.verdicts
    nothing = seen.valid + seen.pending + seen.doubted + seen.refused + seen.sealed
    return not (nothing or figures.asked.invited or figures.surveyed.closed or figures.feedback.total)
