"""The desk's pages: surveys due, a link shown once, the telephone record, attempts, gaps."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Invitation, InvitationState
from csat.models.clients import Contact, Incident
from csat.models.records import AuditEntry
from csat.procedure.campaigns import incident_surveys
from tests.builders import NOW, a_client, a_closed_incident, a_contact, a_response


@pytest.fixture
def incident(cast, zone):
    return closed("INC1", cast, zone)


def closed(number, cast, zone, **more):
    contact = None if "client" in more else a_contact(a_client(f"客户 {number}"))
    return a_closed_incident(number, 1, contact, zone, resolved_by=cast.engineer, **more)


def test_a_link_is_shown_once_and_handed_over(page, cast, incident):
    page.sign_in_as(cast.desk).get("/desk/")
    assert "INC1" in page.text and "138****5678" in page.text and "13812345678" not in page.html
    page.fill("Link")
    token = re.search(r"http://localhost/s/([\w-]{43})", page.html)
    assert token
    page.fill("It is handed over")
    assert "INC1" not in page.text
    assert Incident.get().surveyed_at == NOW
    page.get(f"/desk/{incident.id}")
    assert token[1] not in page.html
    page.sign_out().get(f"/s/{token[1]}")


def test_the_telephone_record_keeps_answers_and_shows_the_number(page, cast, incident):
    page.sign_in_as(cast.desk).get("/desk/")
    page.follow("Telephone")
    assert "13812345678" in page.text
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    ratings = {f"q-{code}": "4" for code in ("timeliness", "expertise", "attitude", "resolution", "convenience")}
    page.fill("Record the survey", 422, **ratings, **{"q-opinions": "处理很快，谢谢"})
    assert "Please choose one, or “not said”." in page.text and "处理很快，谢谢" in page.html
    page.fill("Record the survey", **{"q-overall": "5", "q-first_contact": "yes"})
    assert page.heading == "Surveys due", page.errors
    response = Response.get()
    assert (response.recorder, response.incident, response.anonymous) == (cast.desk, incident, False)
    assert Incident.get().surveyed_at == NOW


def test_a_call_that_breaks_off_keeps_what_was_said(page, cast, incident):
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    page.fill("The call broke off", 422)
    assert "No answer is recorded, so nothing can be counted." in page.text and not Response.select().exists()
    page.fill("The call broke off", **{"q-overall": "4", "q-timeliness": ""})
    assert page.heading == "Surveys due", page.errors
    assert [(row.question.code, row.value) for row in Response.get().answers] == [("overall", 4)]
    assert Incident.get().surveyed_at == NOW


def test_attempts_are_listed_and_later_comes_back(page, cast, incident):
    page.sign_in_as(cast.desk).get(f"/desk/{incident.id}")
    page.fill("Record the attempt", outcome="later")
    assert "Please fill this in." in page.text
    page.fill("Record the attempt", outcome="later", again_at="2026-09-14T15:00", note="在开会")
    assert "To be called later" in page.text
    assert Attempt.get().again_at == NOW + timedelta(hours=5)
    page.get(f"/desk/{incident.id}")
    assert "Call again later" in page.text and "在开会" in page.text
    page.fill("Record the attempt", outcome="refused")
    assert Incident.get().surveyed_at == NOW
    assert [one.outcome for one in Attempt] == [AttemptOutcome.LATER, AttemptOutcome.REFUSED]


def test_a_wrong_choice_is_said_beside_it(page, cast, incident):
    page.sign_in_as(cast.desk).get(f"/desk/{incident.id}")
    page.fill("Record the attempt", note="响了很久")
    assert "响了很久" in page.html and not Attempt.select().exists()


def test_who_handled_it_is_turned_away_in_words(page, cast, zone):
    incident = closed("INC9", cast, zone, assigned_to=cast.desk)
    page.sign_in_as(cast.desk).get("/desk/")
    assert "You handled it: a colleague asks." in page.text
    page.get(f"/desk/{incident.id}")
    assert "a colleague must record its survey" in page.text and "Who is to be asked" not in page.text
    page.get(f"/desk/telephone/{incident.id}", status=403)
    page.post(f"/desk/{incident.id}/link", status=403)
    page.get("/desk/next-call")
    assert "No other call is due now." in page.text
    assert not AuditEntry.select().where(AuditEntry.action == "contact unmasked").exists()


def test_a_gap_is_shown_with_its_reason_and_closed(page, cast, zone):
    incident = closed("INC5", cast, zone, client=None)
    client = a_client("城建集团")
    page.sign_in_as(cast.desk).get("/desk/?only=gap")
    assert "client unknown" in page.text
    page.follow("Close the gap")
    page.fill("Save", name="赵女士", telephone="139 0000 1111")
    assert "Please choose the client first." in page.text
    page.fill("Save", client=str(client.id), telephone="nope")
    assert "This is no telephone number." in page.text
    page.fill("Save", client=str(client.id), telephone="139 0000 1111")
    assert Incident.get_by_id(incident.id).contact.name == "赵女士"
    page.fill("Make a link")
    assert "/s/" in page.html


def test_who_opted_out_is_closed_as_refused_in_one_step(page, cast, zone):
    contact = a_contact(a_client(), opted_out_at=NOW)
    incident = a_closed_incident("INC7", 1, contact, zone)
    page.sign_in_as(cast.desk).get(f"/desk/{incident.id}")
    for button in ("Survey on the telephone", "Make a link", "Send the link by e-mail", "Record the attempt"):
        assert button not in page.text, button
    page.get("/desk/?only=opted_out")
    assert "Telephone: INC7" not in page.html and "Link: INC7" not in page.html
    page.fill("Close as refused")
    assert "Incident INC7 is closed as refused" in page.text
    assert Incident.get().surveyed_at == NOW and Attempt.get().outcome == AttemptOutcome.REFUSED
    assert "Opted out of surveys; not asked." in page.get(f"/desk/{incident.id}").text


def test_the_wrong_persons_link_is_withdrawn(page, cast, incident):
    page.sign_in_as(cast.desk).get(f"/desk/{incident.id}")
    page.fill("Make a link")
    token = re.search(r"/s/([\w-]{43})", page.html)[1]
    page.fill("It is handed over")
    page.get(f"/desk/{incident.id}")
    page.fill("Withdraw the invitation")
    assert Invitation.get().state == InvitationState.VOID
    assert Incident.get().surveyed_at is None
    for address in (f"/desk/{incident.id}", f"/desk/incidents/{incident.id}"):
        page.get(address)
        assert "Nobody has been asked yet" not in page.text
        assert [row[1] for row in page.rows()[1:]] == ["Link handed over", "Withdrawn"], page.rows()
    page.sign_out().get(f"/s/{token}", status=410)


def test_what_is_recorded_or_refused_is_not_offered_to_be_withdrawn(page, cast, zone):
    refused, incident = closed("INC1", cast, zone), closed("INC2", cast, zone)
    page.sign_in_as(cast.desk).get(f"/desk/{refused.id}").fill("Record the attempt", outcome="refused")
    assert "Withdraw the invitation" not in page.get(f"/desk/{refused.id}").text
    page.get(f"/desk/{incident.id}").fill("Make a link").fill("It is handed over")
    assert "Withdraw the invitation" in page.get(f"/desk/{incident.id}").text
    asked = Invitation.get(Invitation.incident == incident)
    a_response(campaign=asked.campaign, contact=asked.contact, client=asked.client, incident=incident)
    assert "Withdraw the invitation" not in page.get(f"/desk/{incident.id}").text


def test_what_was_typed_stays_when_the_contact_opted_out_or_a_colleague_was_faster(page, cast, zone):
    contact = a_contact(a_client())
    opted, done = a_closed_incident("INC1", 1, contact, zone), a_closed_incident("INC2", 1, contact, zone)
    incident_surveys.ensure_invitation(opted, lambda: b"key", cast.desk, NOW, zone)
    page.sign_in_as(cast.desk).get(f"/desk/{done.id}")
    incident_surveys.record_attempt(done, AttemptOutcome.REFUSED, lambda: b"key", cast.desk, NOW, zone)
    page.fill("Record the attempt", outcome="busy", note="<i>占线</i>，下午再拨")
    assert "withdrawn or refused" in page.text and "&lt;i&gt;占线" in page.html
    page.get(f"/desk/{opted.id}")
    Contact.update(opted_out_at=NOW).execute()
    page.fill("Record the attempt", outcome="busy", note="占线")
    assert "This contact wants no surveys" in page.text and "占线" in page.text
    page.get(f"/desk/telephone/{opted.id}")
    assert "This contact wants no surveys" in page.text and "name who is to be asked" not in page.text
    assert [one.outcome for one in Attempt.select()] == [AttemptOutcome.REFUSED]


def test_a_field_of_text_that_was_left_out_is_blank(page, cast, zone):
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    page.sign_in_as(cast.desk).get("/desk/")
    page.post(f"/desk/{incident.id}/attempt", {"outcome": "busy"})
    assert Attempt.get().note == ""
