"""Long work on a page: what happens, how far it is, where the result is. Everybody sees their own."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.models.work import Job, JobState
from csat.procedure.core import jobs
from csat.web.access import STAFF, current_person, open_to
from csat.web.errors import translate_sentence
from csat.words import N_

blueprint = Blueprint("jobs", __name__)

JobLinks = Callable[[Job], list[tuple[str, str]]]
JobMessages = Callable[[Job], list[str]]
JOB_TITLES: dict[str, str] = {}
JOB_LINKS: dict[str, JobLinks] = {}
JOB_MESSAGES: dict[str, JobMessages] = {}


def register_job_links(kind: str, title: str) -> Callable[[JobLinks], JobLinks]:
    """Register what a kind of work is called (a msgid), and where an ended job, failed too, leads: (address, words)."""

    def register(links: JobLinks) -> JobLinks:
        JOB_TITLES[kind], JOB_LINKS[kind] = title, links
        return links

    return register


def register_job_messages(kind: str) -> Callable[[JobMessages], JobMessages]:
    """Register what the page says of a job of this kind that is done: its sentences."""

    def register(told: JobMessages) -> JobMessages:
        JOB_MESSAGES[kind] = told
        return told

    return register


def start_job(kind: str, **arguments: object) -> ResponseReturnValue:
    """Queue a work for who asks for it, and lead to its page."""
    by = current_person()
    job = jobs.queue_job(kind, {**arguments, "by": by.id}, by, clock.now())  # the worker knows no session
    return redirect(url_for("jobs.show_job", key=job.id))


@blueprint.get("/jobs/<int:key>")
@open_to(STAFF)
def show_job(key: int) -> str:
    """How far a job is, for who asked for it."""
    job = jobs.job_for(current_person(), key)
    running = job.state in (JobState.WAITING, JobState.RUNNING)
    links = JOB_LINKS.get(job.kind)
    return render_template(
        "system/job.html",
        job=job,
        title=gettext(JOB_TITLES.get(job.kind, N_("Work in progress"))),
        running=running,
        links=links(job) if links and not running else [],
        told=JOB_MESSAGES[job.kind](job) if job.kind in JOB_MESSAGES and job.state == JobState.DONE else [],
        refusal=translate_sentence(job.refusal, (job.outcome or {}).get("facts", {})) if job.refusal else "",
    )
