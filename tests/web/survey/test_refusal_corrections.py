"""The pages of a wrong refusal: proposed where it stands in the history, decided among the corrections (P2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.models.asking import Attempt, AttemptOutcome
from csat.models.clients import Incident
from csat.models.corrections import CorrectionState, RefusalCorrection
from csat.procedure.campaigns import incident_surveys
from tests.builders import NOW, a_client, a_closed_incident, a_contact


@pytest.fixture
def refused(cast, zone):
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    made = incident_surveys.record_attempt(incident, AttemptOutcome.REFUSED, lambda: b"public", cast.desk, NOW, zone)
    with clock.freeze_at(NOW + timedelta(minutes=20)):
        yield made


def test_proposed_at_the_desk_and_confirmed_the_incident_is_due_again(page, cast, refused):
    page.sign_in_as(cast.desk).get("/desk/")
    assert "INC1: Does not want to answer" in page.text
    page.follow("Propose a correction")
    page.fill("Propose the correction", 422, reason="")
    assert "Please fill this in." in page.text
    page.fill("Propose the correction", reason="<b>按错了按钮</b>")
    assert "Your correction waits" in page.text and "&lt;b&gt;按错了按钮" in page.html
    page.get(f"/qa/corrections/refusals/{RefusalCorrection.get().id}", status=403)
    page.sign_in_as(cast.qa).get("/qa/corrections").follow("Incident INC1")
    assert "to be surveyed again: 46 hours left" in page.text
    page.fill("Disagree: the refusal stays", 422, note="")
    page.fill("Confirm the correction", note="")
    assert "Corrected. Incident INC1 is to be surveyed: 46 hours left." in page.text
    assert Incident.get().surveyed_at is None and Attempt.get().undone_by == cast.qa
    assert "No correction waits" in page.get("/qa/corrections").text
    assert "INC1" in page.sign_in_as(cast.desk).get("/desk/").text


def test_quality_control_finds_the_way_on_the_incidents_page_and_can_withdraw(page, cast, refused):
    page.sign_in_as(cast.qa).get(f"/desk/incidents/{Incident.get().id}").follow("Not a refusal?")
    page.fill("Propose the correction", reason="客户来电说愿意")
    page.fill("Withdraw my proposal")
    assert "Withdrawn" in page.text and RefusalCorrection.get().state == CorrectionState.WITHDRAWN
    page.fill("Propose the correction", reason="客户再次来电")
    page.sign_in_as(cast.desk).get(f"/desk/refusals/{refused.id}/correct")
    assert "A second person decides it first." in page.text and "Withdraw my proposal" not in page.text
    page.sign_in_as(cast.manager).get(f"/desk/refusals/{refused.id}/correct", status=404)
