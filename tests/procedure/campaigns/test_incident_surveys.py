"""Surveying one incident: by whom, in which campaign, of whom (P1, P2)."""

from __future__ import annotations

import pytest

from csat.models.asking import AttemptOutcome, Campaign, Channel, Invitation, Link
from csat.models.clients import Contact, Incident
from csat.models.records import AuditEntry
from csat.procedure.campaigns import campaigns, incident_surveys
from csat.procedure.core.refusals import HandlerMayNotRecord
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import submission
from tests.builders import NOW, a_client, a_closed_incident, a_contact, a_person, an_incident, hand_over, some_answers
from tests.procedure.campaigns.rounds import due, key


def test_asking_makes_one_invitation_in_the_quarter_of_the_closing(db, zone):
    desk, incident = a_person("苏岚"), a_closed_incident("INC1", 24 * 80, a_contact(a_client()), zone)
    invitation = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone)
    assert invitation.campaign.quarter == incident.quarter == 20262
    assert incident_surveys.ensure_invitation(incident, key, desk, NOW, zone) == invitation


def test_when_that_quarters_campaign_is_over_todays_is_asked_in(db, zone):
    desk, incident = a_person("苏岚"), a_closed_incident("INC1", 24 * 80, a_contact(a_client()), zone)
    old = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone).campaign
    campaigns.close_expired_campaigns(old.closes_at)
    invitation = incident_surveys.ensure_invitation(incident, key, desk, old.closes_at, zone)
    assert invitation.campaign.quarter == 20263 and invitation.incident == incident
    assert Campaign.select().count() == 2


def test_a_link_that_was_handed_over_is_the_incidents_one_survey(db, zone):
    desk, incident = a_person("苏岚"), a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    invitation = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone)
    hand_over(invitation, desk, NOW)
    campaigns.close_expired_campaigns(invitation.campaign.closes_at)
    later = invitation.campaign.closes_at
    assert incident_surveys.ensure_invitation(Incident.get(), key, desk, later, zone) == invitation
    assert due() == []


def test_the_handler_neither_asks_nor_sees_the_number(db, zone):
    engineer = a_person("高工")
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), zone, resolved_by=engineer)
    with pytest.raises(HandlerMayNotRecord):
        incident_surveys.ensure_invitation(incident, key, engineer, NOW, zone)
    with pytest.raises(HandlerMayNotRecord):
        incident_surveys.unmask_contact(incident, engineer, NOW)
    assert not Invitation.select().exists()


def test_without_a_contact_or_while_an_incident_is_open_nobody_is_asked(db, zone):
    contact, desk = a_contact(a_client()), a_person("苏岚")
    with pytest.raises(incident_surveys.NobodyToAsk):
        incident_surveys.ensure_invitation(a_closed_incident("INC1", 1, zone=zone), key, desk, NOW, zone)
    still_open = an_incident("INC2", contact.client, contact=contact)
    with pytest.raises(incident_surveys.NotDueForSurvey):
        incident_surveys.ensure_invitation(still_open, key, desk, NOW, zone)


def test_the_number_is_seen_in_full_on_record_until_a_telephone_survey_surveys_the_incident(db, zone):
    desk, incident = a_person("苏岚"), a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    assert incident_surveys.unmask_contact(incident, desk, NOW) == ("wang@client.example", "13812345678")
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    version = incident_surveys.get_questionnaire(incident, NOW, zone)
    assert version == questionnaires.get_version_in_force("incident", NOW) and not Campaign.select().exists()
    invitation = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone)
    submission.record_response(invitation, some_answers(), Channel.TELEPHONE, desk, NOW)
    assert due() == []
    with pytest.raises(incident_surveys.NotDueForSurvey):
        incident_surveys.unmask_contact(Incident.get(), desk, NOW)


def test_the_desk_closes_a_gap(db, zone):
    desk, client = a_person("苏岚"), a_client()
    incident = a_closed_incident("INC1", 1, zone=zone)
    with pytest.raises(incident_surveys.ClientMissing):
        incident_surveys.name_contact(incident, None, "王女士", "", "", desk, NOW)
    incident_surveys.name_contact(incident, client, "王女士", "", "13812345678", desk, NOW)
    incident = Incident.get()
    assert (incident.client, incident.contact.name) == (client, "王女士")
    incident_surveys.name_contact(incident, None, "王女士", "w@client.example", "", desk, NOW)
    contact = Contact.get()
    assert (contact.telephone, contact.email) == ("13812345678", "w@client.example")
    incident_surveys.ensure_invitation(Incident.get(), key, desk, NOW, zone)
    with pytest.raises(incident_surveys.NotDueForSurvey):
        incident_surveys.name_contact(incident, client, "张先生", "", "", desk, NOW)


def test_who_opted_out_is_closed_as_refused_and_nobody_is_asked(db, zone):
    desk, engineer = a_person("苏岚"), a_person("高工")
    incident = a_closed_incident("INC1", 1, a_contact(a_client(), opted_out_at=NOW), zone, resolved_by=engineer)
    with pytest.raises(HandlerMayNotRecord):
        incident_surveys.close_as_refused(incident, key, engineer, NOW, zone)
    closed = incident_surveys.close_as_refused(incident, key, desk, NOW, zone, "已退订")
    assert (closed.outcome, closed.note) == (AttemptOutcome.REFUSED, "已退订")
    assert Incident.get().surveyed_at == NOW and due() == [] and not Link.select().exists()
    assert AuditEntry.get(AuditEntry.action == "survey closed for an opt-out").subject == f"incident:{incident.id}"


def test_who_did_not_opt_out_is_asked(db, zone):
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), zone)
    with pytest.raises(incident_surveys.NotOptedOut):
        incident_surveys.close_as_refused(incident, key, a_person("苏岚"), NOW, zone)
    assert due() == ["INC1"]
