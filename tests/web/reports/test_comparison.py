"""Two quarters side by side, from the reports that their reader may see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import reports
from tests.builders import NOW
from tests.documents import samples

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_two_quarters_are_compared_by_what_both_reports_show(page, cast):
    for quarter, good in ((20261, 180), (20262, 195)):
        figures = samples.a_full_quarter()
        whole = replace(
            figures,
            quarter=quarter,
            satisfaction=replace(figures.satisfaction, rate=samples.rate("satisfaction/all/all", good, 211)),
        )
        document = samples.a_document(whole)
        reports.draft_report(Quarter.from_int(quarter), document, cast.qa, NOW)
    page.sign_in_as(cast.qa).get("/reports/").follow("Compare two quarters")
    assert "85.3%" in page.text and "92.4%" in page.text and "clearly better" in page.text
    assert "East China Logistics" in page.text
    assert "Far Hills Travel" not in page.text  # hidden in both
    assert "1 more are not in both reports" in page.text
    page.get("/reports/compare?a=20262&b=20261")
    assert "clearly worse" in page.text
    page.get("/reports/compare?a=20241&b=20262", 404)
    page.get("/reports/compare?a=nonsense", 404)
    page.sign_in_as(cast.owner).get("/reports/compare")  # drafts are not for departments
    assert "Two quarters with a report you may read are needed." in page.text and "92.4%" not in page.text
    page.get("/reports/compare?a=20261&b=20262", 404)
