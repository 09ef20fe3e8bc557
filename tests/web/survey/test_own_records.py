"""What one recorded: a button takes it back while there is time, later a correction is proposed (P2, P11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome
from csat.models.clients import Incident
from csat.models.corrections import Correction, CorrectionState
from csat.procedure.campaigns import incident_surveys
from csat.procedure.core import settings
from tests.builders import NOW, a_campaign, a_client, a_closed_incident, a_contact, an_invitation, filled_in


@pytest.fixture
def incident(cast, zone):
    return a_closed_incident("INC1", 1, a_contact(a_client()), zone)


def test_an_attempt_is_taken_back_by_one_button_of_the_list(page, cast, zone, incident):
    incident_surveys.record_attempt(incident, AttemptOutcome.REFUSED, lambda: b"public", cast.desk, NOW, zone)
    page.sign_in_as(cast.desk).get("/desk/")
    assert "INC1: Does not want to answer" in page.text and "until 10:15" in page.text
    page.fill("Take back")
    assert "Incident INC1 is to be surveyed again: 47 hours left." in page.text
    assert "taken back at" in page.text and "<s>Does not want to answer</s>" in page.html
    assert Incident.get().surveyed_at is None and Attempt.get().undone_by == cast.desk
    assert "INC1: Does not want to answer" not in page.get("/desk/").text


def test_of_a_record_it_is_said_first_that_the_answers_go(page, cast, incident):
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    page.fill("Record the survey", **filled_in(rated=4))
    page.get("/desk/").follow("Take back")
    assert "The answers that you recorded are deleted." in page.text and Response.select().exists()
    page.fill("Take back", why="记错了事件")
    assert page.path == f"/desk/{incident.id}" and not Response.select().exists()
    page.sign_in_as(cast.manager).get(f"/desk/records/{Attempt.get().id}/take-back", status=404)


def test_after_the_minutes_a_correction_is_proposed_and_can_be_withdrawn(page, cast, incident):
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    page.fill("Record the survey", **filled_in(rated=4))
    page.get("/desk/").follow("Take back")
    with clock.freeze_at(NOW + timedelta(minutes=20)):
        page.fill("Take back", 422)
        assert "can be taken back for 15 minutes only" in page.text
        page.follow("Propose a correction")
        page.fill("Propose the correction", 422, **{"q-overall": "2"})
        assert page.value("q-overall") == "2"
        page.fill("Propose the correction", **{"q-overall": ""}, reason="客户没有说")
        assert "Your correction waits" in page.text
        assert Correction.get().proposed_by == cast.desk
        page.fill("Withdraw my proposal")
    assert Correction.get().state == CorrectionState.WITHDRAWN and page.path == f"/desk/{incident.id}"


def test_a_manager_takes_back_an_interview_on_the_page_of_its_campaign(page, cast):
    asked = an_invitation(a_campaign("company"), a_contact(a_client(manager=cast.manager)))
    page.sign_in_as(cast.manager).get(f"/campaigns/invitations/{asked.id}/record")
    page.fill("Record the survey", **filled_in("company", rated=4))
    assert "王女士: Answered" in page.text
    page.follow("Take back").fill("Take back")
    assert page.path == f"/campaigns/{asked.campaign_id}" and not Response.select().exists()


def test_how_long_is_a_setting(page, cast, zone, incident):
    settings.change_setting("undo_minutes", 0, "command:test", NOW)
    incident_surveys.record_attempt(incident, AttemptOutcome.NOBODY, lambda: b"public", cast.desk, NOW, zone)
    assert "Take back" not in page.sign_in_as(cast.desk).get("/desk/").text
