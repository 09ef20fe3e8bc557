"""Long work as rows in the store: asked for here, done by a worker process, followed on a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from csat import clock
from csat.database import write
from csat.models.base import Json
from csat.models.people import Person
from csat.models.work import Job, JobState
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import Refusal
from csat.words import N_

log = logging.getLogger("csat.jobs")
STALE_AFTER = timedelta(hours=1)  # longer than any work may take: its worker died
BROKEN = N_("Something broke on our side. Please try again; if it breaks once more, tell an administrator.")
TOO_LONG = N_("This took longer than allowed and was stopped. Please ask for less, or tell an administrator.")
TOO_MUCH = N_("This needed too much memory and was stopped. Please ask for less, or tell an administrator.")


@dataclass
class JobProgress:
    """How a work tells how far it is."""

    job: Job

    def reached(self, done: int, total: int) -> None:
        """Show so many steps of so many as done."""
        with write():
            Job.update(progress=done, total=total).where(Job.id == self.job.id).execute()


JobHandler = Callable[[Json, JobProgress], Json]
JOB_HANDLERS: dict[str, JobHandler] = {}


def register_job(kind: str) -> Callable[[JobHandler], JobHandler]:
    """Register a work under its kind: it takes its arguments and a Progress, and returns its outcome."""

    def register(done_by: JobHandler) -> JobHandler:
        JOB_HANDLERS[kind] = done_by
        return done_by

    return register


def queue_job(kind: str, arguments: Mapping[str, object], by: Person | None, now: datetime) -> Job:
    """Put work into the queue; the same work that still waits is not queued twice."""
    with write():
        waiting = Job.select().where(Job.kind == kind, Job.state == JobState.WAITING, Job.asked_by == by)
        same = next((job for job in waiting if job.arguments == arguments), None)
        return same or Job.create(kind=kind, arguments=arguments, asked_by=by, asked_at=now)


def job_for(person: Person, key: int) -> Job:
    """The job that a person asked for; raise NotFound for any other."""
    return get_or_refuse(Job, key, Job.asked_by == person)


def claim_next_job() -> Job | None:
    """Take the oldest waiting job for this worker, or one whose worker died an hour ago."""
    now = clock.now()
    with write():
        stale = (Job.state == JobState.RUNNING) & (Job.started_at < now - STALE_AFTER)
        job = Job.select().where((Job.state == JobState.WAITING) | stale).order_by(Job.id).first()
        if job is not None:
            job.state, job.started_at = JobState.RUNNING, now
            job.save()
    return job


def run_job(job: Job) -> None:
    """Do a job that was taken, and put down how it ended."""
    try:
        outcome, refusal = JOB_HANDLERS[job.kind](job.arguments, JobProgress(job)), ""
    except Refusal as refused:
        facts = {name: _serialise_fact(fact) for name, fact in refused.facts.items()}
        outcome, refusal = {"facts": facts}, refused.sentence
    except MemoryError:
        outcome, refusal = None, TOO_MUCH
    except Exception:  # whatever it is, the worker lives on and does the next one
        log.exception("job %s (%s) broke", job.id, job.kind)
        outcome, refusal = None, BROKEN
    _end_job(job, JobState.FAILED if refusal else JobState.DONE, outcome, refusal)


def _serialise_fact(fact: object) -> str | list[str]:
    """A refusal's fact as it is kept; a code with its kind, by which a page finds its term."""
    return [type(fact).__name__, fact.value] if isinstance(fact, StrEnum) else str(fact)


def fail_job(job: Job, refusal: str) -> None:
    """Put down that a job was stopped from outside, and why; harmless when it has ended by itself."""
    _end_job(job, JobState.FAILED, None, refusal)


def requeue_job(job: Job) -> None:
    """Let a job that was taken wait again: its worker stops before it is done."""
    _end_job(job, JobState.WAITING, None, "")


def list_orphaned_jobs() -> list[Job]:
    """Jobs that a worker took and never ended; only the one worker that runs may ask."""
    return list(Job.select().where(Job.state == JobState.RUNNING))


def _end_job(job: Job, state: JobState, outcome: Mapping[str, object] | None, refusal: str) -> None:
    ended = None if state == JobState.WAITING else clock.now()
    fresh = Job.update(state=state, outcome=outcome, refusal=refusal, ended_at=ended)
    with write():
        fresh.where(Job.id == job.id, Job.state == JobState.RUNNING).execute()


def run_waiting_jobs() -> int:
    """Do everything that waits; return how many."""
    done = 0
    while (job := claim_next_job()) is not None:
        run_job(job)
        done += 1
    return done
