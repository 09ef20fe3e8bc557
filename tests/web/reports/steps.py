"""The steps of a report on the web, up to where a story begins."""

from __future__ import annotations

import pytest

from csat.models.reporting import Report
from csat.procedure.core import jobs
from tests.cast import Cast
from tests.page import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


def a_draft(page: Page, cast: Cast) -> Report:
    """Quality control drafts the report of the last quarter that ended."""
    page.sign_in_as(cast.qa).get("/reports/").fill("Draft the report", quarter="20262")
    return Report.get()


def in_review(page: Page, cast: Cast, *managers: int) -> Report:
    """A report that the director, and these managers, have to approve."""
    report = a_draft(page, cast)
    page.fill("Give it to review", reviewers=[str(key) for key in managers])
    return report


def approved(page: Page, cast: Cast) -> Report:
    """A report that the director has approved."""
    report = in_review(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}").fill("Put it on record", word="approve")
    return report


def issued(page: Page, cast: Cast) -> Report:
    """A report that quality control has issued."""
    report = approved(page, cast)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}").fill("Issue the report")
    jobs.run_waiting_jobs()
    return Report.get_by_id(report.id)
