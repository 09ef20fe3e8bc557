"""Stories about long work on a page: everybody follows their own, to its end."""

from __future__ import annotations

import pytest

from csat.models.work import Job, JobState
from csat.procedure.core import jobs
from csat.procedure.core.refusals import StillSealed
from tests.builders import NOW


@pytest.fixture
def ends(monkeypatch):
    """Works that end in each way there is."""

    def refused(arguments, progress):
        raise StillSealed(k=3)

    def broken(arguments, progress):
        raise ZeroDivisionError

    monkeypatch.setitem(jobs.JOB_HANDLERS, "well", lambda arguments, progress: {"made": 1})
    monkeypatch.setitem(jobs.JOB_HANDLERS, "refused", refused)
    monkeypatch.setitem(jobs.JOB_HANDLERS, "broken", broken)


def test_work_waits_and_the_page_looks_again_by_itself(page, cast):
    job = jobs.queue_job("well", {}, cast.qa, NOW)
    page.sign_in_as(cast.qa).get(f"/jobs/{job.id}")
    assert "waits for its turn" in page.text
    assert "watch.js" in page.html and '<noscript><meta http-equiv="refresh"' in page.html


def test_running_work_says_how_far_it_is(page, cast):
    job = jobs.queue_job("well", {}, cast.qa, NOW)
    Job.update(state=JobState.RUNNING, progress=1, total=2).where(Job.id == job.id).execute()
    page.sign_in_as(cast.qa).get(f"/jobs/{job.id}")
    assert "Step 2 of 2." in page.text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("well", "Done"),
        ("refused", "Fewer than 3 anonymous answers wait, so they stay sealed."),
        ("broken", "Something broke on our side"),
    ],
)
def test_the_page_says_how_it_ended_and_no_longer_looks(page, cast, ends, kind, words):
    job = jobs.queue_job(kind, {}, cast.qa, NOW)
    jobs.run_waiting_jobs()
    page.sign_in_as(cast.qa).get(f"/jobs/{job.id}")
    assert words in page.text
    assert "watch.js" not in page.html


def test_nobody_sees_the_work_of_others(page, cast):
    job = jobs.queue_job("well", {}, cast.qa, NOW)
    page.sign_in_as(cast.qa2).get(f"/jobs/{job.id}", 404)
    page.sign_in_as(cast.admin).get(f"/jobs/{job.id}", 404)


def test_the_same_work_is_not_queued_twice(cast):
    assert jobs.queue_job("well", {"a": 1}, cast.qa, NOW) == jobs.queue_job("well", {"a": 1}, cast.qa, NOW)
    assert jobs.queue_job("well", {"a": 1}, cast.qa2, NOW) != jobs.queue_job("well", {"a": 1}, cast.qa, NOW)
