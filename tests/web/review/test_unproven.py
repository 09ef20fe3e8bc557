"""QA's page of markings without a link, and its command (P1)."""

from __future__ import annotations

import pytest

from csat.models.asking import Attempt, AttemptOutcome
from csat.models.clients import Incident
from csat.procedure.incidents import survey_clock
from tests.builders import NOW
from tests.procedure.campaigns.rounds import asked


@pytest.fixture
def marked(cast, zone):
    invitation = asked(zone)
    survey_clock.mark_surveyed(invitation.incident_id, NOW)
    return Attempt.create(invitation=invitation, by=cast.desk, at=NOW, outcome=AttemptOutcome.HANDED_OVER)


def test_quality_control_takes_a_marking_back_with_a_reason(page, cast, marked):
    page.sign_in_as(cast.qa).get("/qa/check-calls").follow("Handed over without a link")
    assert "INC1" in page.text and "苏岚" in page.text
    page.follow("Take back")
    page.fill("Take back", 422)
    assert "Please fill this in." in page.text and Incident.get().surveyed_at == NOW
    page.fill("Take back", reason="没有生成过链接")
    assert "Nothing is marked as handed over without a link." in page.text
    assert Incident.get().surveyed_at is None


def test_the_desk_has_no_such_page(page, cast, marked):
    page.sign_in_as(cast.desk).get("/qa/handed-over", status=403)
    page.get(f"/qa/handed-over/{marked.id}", status=403)
