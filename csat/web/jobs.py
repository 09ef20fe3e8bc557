"""Long work on a page: what happens, how far it is, where the result is. Everybody sees their own."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template
from flask_babel import gettext

from csat.models.work import Job, JobState
from csat.procedure.core import jobs
from csat.terms import TERMS
from csat.web.access import STAFF, me, open_to
from csat.words import N_

blueprint = Blueprint("jobs", __name__)

Links = Callable[[Job], list[tuple[str, str]]]
Told = Callable[[Job], list[str]]
TITLES: dict[str, str] = {}
LINKS: dict[str, Links] = {}
TOLD: dict[str, Told] = {}


def leads_to(kind: str, title: str) -> Callable[[Links], Links]:
    """Register what a kind of work is called (a msgid), and where an ended job leads: [(address, words)].

    A job that failed has ended too; its outcome is no result then.
    """

    def register(links: Links) -> Links:
        TITLES[kind], LINKS[kind] = title, links
        return links

    return register


def tells(kind: str) -> Callable[[Told], Told]:
    """Register what the page says of a job of this kind that is done: its sentences."""

    def register(told: Told) -> Told:
        TOLD[kind] = told
        return told

    return register


@blueprint.get("/jobs/<int:key>")
@open_to(STAFF)
def show(key: int) -> str:
    """How far a job is, for who asked for it."""
    job = jobs.job_for(me(), key)
    running = job.state in (JobState.WAITING, JobState.RUNNING)
    links = LINKS.get(job.kind)
    return render_template(
        "system/job.html",
        job=job,
        title=gettext(TITLES.get(job.kind, N_("Work in progress"))),
        running=running,
        links=links(job) if links and not running else [],
        told=TOLD[job.kind](job) if job.kind in TOLD and job.state == JobState.DONE else [],
        refusal=_refusal(job),
    )


def _refusal(job: Job) -> str:
    facts = (job.outcome or {}).get("facts", {})
    if not facts:
        return gettext(job.refusal) if job.refusal else ""
    return gettext(job.refusal) % {name: _said(fact) for name, fact in facts.items()}


def _said(fact: str | list[str]) -> str:
    """A fact of a refusal in the reader's language; a code was kept with its kind."""
    if isinstance(fact, str):
        return gettext(fact) if fact else fact
    kind, code = fact
    return gettext(next(terms[code] for codes, terms in TERMS.items() if codes.__name__ == kind))
