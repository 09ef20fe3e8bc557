"""The desk's round: what is due, what is missing, how to ask (P1, P2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.figures import response_rates
from csat.models.asking import AttemptOutcome, Campaign, Channel, Invitation
from csat.models.clients import Contact, Incident
from csat.models.records import AuditEntry
from csat.procedure.campaigns import campaigns, incident_surveys, invitations, phone_attempts
from csat.procedure.campaigns import desk as service_desk
from csat.procedure.campaigns.proposals import AskingGap
from csat.procedure.core import settings
from csat.procedure.core.refusals import HandlerMayNotRecord, ValueMissing
from csat.procedure.incidents import incidents, survey_cooldown
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import submission
from tests.builders import NOW, ZONE, a_client, a_contact, a_person, an_incident, some_answers


def closed(number, hours_ago, contact=None, zone=None, **more):
    """An incident closed so many hours ago, through the verb."""
    at = NOW - timedelta(hours=hours_ago)
    fields = {"client": contact.client if contact else None, "contact": contact, "closed_at": at, **more}
    return incidents.upsert_incident("tickets", number, fields, "command:test", NOW, zone)[0]


def key():
    return b"public"


def numbers(query):
    return [incident.number for incident in query]


def test_the_least_time_left_comes_first_and_overdue_ones_are_marked(engine_db, zone):
    contact = a_contact(a_client())
    closed("today", 40, contact, zone)
    closed("fresh", 1, contact, zone)
    closed("late", 49, contact, zone)
    an_incident("open", contact.client)
    assert numbers(service_desk.list_due_incidents(NOW, ZONE)) == ["late", "today", "fresh"]
    rows = service_desk.describe_incidents(list(service_desk.list_due_incidents(NOW, ZONE)), NOW, zone)
    assert [(row.overdue, row.today) for row in rows] == [(True, False), (False, True), (False, False)]
    many = service_desk.count_due_incidents(NOW, zone)
    assert many == {"all": 3, "overdue": 1, "today": 1, "again": 0, "gap": 0, "skipped": 0}
    assert numbers(service_desk.list_due_incidents(NOW, ZONE, only="overdue")) == ["late"]
    assert numbers(service_desk.list_due_incidents(NOW, ZONE, words="fres")) == ["fresh"]


def test_a_gap_says_its_reason_and_exempts_nothing(engine_db, zone):
    client = a_client()
    closed("nobody", 1, zone=zone)
    closed("contactless", 1, zone=zone, client=client)
    closed("silent", 1, a_contact(client, "甲", email="", telephone=""), zone)
    closed("unwilling", 1, a_contact(client, "乙", opted_out_at=NOW), zone)
    closed("gone", 1, a_contact(client, "丙", retired_at=NOW), zone)
    closed("fine", 1, a_contact(client, "丁"), zone)
    rows = service_desk.describe_incidents(list(service_desk.list_due_incidents(NOW, ZONE)), NOW, zone)
    assert {row.incident.number: row.gap for row in rows} == {
        "nobody": AskingGap.NO_CLIENT,
        "contactless": AskingGap.NO_CONTACT,
        "silent": AskingGap.NO_ADDRESS,
        "unwilling": AskingGap.OPTED_OUT,
        "gone": AskingGap.RETIRED,
        "fine": None,
    }
    assert set(numbers(service_desk.list_due_incidents(NOW, ZONE, only="gap"))) == {
        row.incident.number for row in rows if row.gap
    }
    assert service_desk.count_due_incidents(NOW, zone)["gap"] == 5


def test_who_wants_to_be_called_later_comes_back_at_that_time(engine_db, zone):
    desk, incident = a_person("苏岚"), closed("INC1", 1, a_contact(a_client()), zone)
    again = NOW + timedelta(hours=3)
    incident_surveys.record_attempt(incident, AttemptOutcome.LATER, key, desk, NOW, zone, again)
    assert numbers(service_desk.list_due_incidents(NOW, ZONE)) == [] and numbers(
        service_desk.list_later_calls(NOW)
    ) == ["INC1"]
    assert (
        numbers(service_desk.list_due_incidents(again, ZONE)) == ["INC1"]
        and numbers(service_desk.list_later_calls(again)) == []
    )
    incident_surveys.record_attempt(incident, AttemptOutcome.NOBODY, key, desk, NOW, zone)
    assert numbers(service_desk.list_later_calls(NOW)) == ["INC1"]
    assert numbers(service_desk.list_due_incidents(NOW + timedelta(minutes=120), ZONE)) == ["INC1"]
    incident_surveys.record_attempt(incident, AttemptOutcome.BUSY, key, desk, NOW, zone)
    assert numbers(service_desk.list_later_calls(NOW)) == ["INC1"]  # once, by its last attempt
    assert numbers(service_desk.list_due_incidents(NOW + timedelta(minutes=15), ZONE)) == ["INC1"]


def test_a_wrong_number_is_a_gap_until_somebody_finds_the_right_one(engine_db, zone):
    desk, incident = a_person("苏岚"), closed("INC1", 1, a_contact(a_client()), zone)
    incident_surveys.record_attempt(incident, AttemptOutcome.WRONG_NUMBER, key, desk, NOW, zone)
    row = service_desk.describe_incidents(list(service_desk.list_due_incidents(NOW, ZONE)), NOW, zone)[0]
    assert row.gap == AskingGap.WRONG_NUMBER and row.askable and not row.callable
    assert numbers(service_desk.list_due_incidents(NOW, ZONE, only="gap")) == ["INC1"]
    assert phone_attempts.find_next_call(service_desk.list_due_incidents(NOW, ZONE), desk, NOW) is None
    with pytest.raises(ValueMissing):
        incident_surveys.correct_telephone(incident, " ", desk, NOW)
    incident_surveys.correct_telephone(incident, "13900001111", desk, NOW)
    assert (
        Contact.get().telephone == "13900001111"
        and numbers(service_desk.list_due_incidents(NOW, ZONE, only="gap")) == []
    )
    assert phone_attempts.find_next_call(service_desk.list_due_incidents(NOW, ZONE), desk, NOW) == incident


def test_the_next_call_is_the_promised_one_then_the_least_time_left(engine_db, zone):
    desk, client = a_person("苏岚"), a_client()
    late = closed("late", 47, a_contact(client, "甲"), zone)
    promised = closed("promised", 1, a_contact(client, "乙"), zone)
    closed("mine", 48, a_contact(client, "丙"), zone, resolved_by=desk)
    closed("silent", 48, a_contact(client, "丁", telephone=""), zone)
    again = NOW + timedelta(minutes=30)
    incident_surveys.record_attempt(promised, AttemptOutcome.LATER, key, desk, NOW, zone, again)
    assert phone_attempts.find_next_call(service_desk.list_due_incidents(NOW, ZONE), desk, NOW) == late
    assert (
        phone_attempts.find_next_call(service_desk.list_due_incidents(again, ZONE), desk, again) == promised
    )
    assert numbers(service_desk.list_due_incidents(again, ZONE, only="again")) == ["promised"]


def test_two_agents_are_not_sent_to_the_same_contact(engine_db, zone):
    desk, colleague = a_person("苏岚"), a_person("陆川")
    incident = closed("INC1", 1, a_contact(a_client()), zone)
    incident_surveys.unmask_contact(incident, colleague, NOW)
    assert phone_attempts.find_next_call(service_desk.list_due_incidents(NOW, ZONE), desk, NOW) is None
    assert (
        phone_attempts.find_next_call(service_desk.list_due_incidents(NOW, ZONE), colleague, NOW) == incident
    )
    assert phone_attempts.find_other_caller(incident.contact, NOW, desk) == "陆川"
    afterwards = NOW + timedelta(minutes=11)
    assert (
        phone_attempts.find_next_call(service_desk.list_due_incidents(afterwards, ZONE), desk, afterwards)
        == incident
    )


def test_without_a_rest_nobody_is_skipped(engine_db, zone):
    surveyed_before(zone, days=1)
    assert survey_cooldown.skip_in_cooldown(NOW) == 0 and not Incident.get(number="new").skipped_because


def test_a_contact_who_was_just_surveyed_has_rest(engine_db, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    surveyed_before(zone, days=20)
    incident = Incident.get(number="new")
    assert (
        incident.skipped_because == survey_cooldown.COOLDOWN
    )  # at its closing, without waiting for the night
    assert numbers(service_desk.list_due_incidents(NOW, ZONE)) == []
    assert numbers(service_desk.list_due_incidents(NOW, only="skipped", zone=zone)) == ["new"]
    assert AuditEntry.select().where(AuditEntry.action == "incident skipped").count() == 1
    figure = response_rates.count_surveyed_in_time(20263, NOW + timedelta(days=9))
    assert (figure.closed, figure.skipped, figure.rate.of) == (2, 1, 2)  # stays in the denominator


def test_rest_ends_and_belongs_to_the_person_not_to_the_card(engine_db, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    contact = surveyed_before(zone, days=31)
    assert numbers(service_desk.list_due_incidents(NOW, ZONE)) == ["new"]
    twin = a_contact(contact.client, "王女士（新卡）", counts_as=contact)
    desk, other = a_person("陆川"), closed("other", 2, twin, zone)
    incident_surveys.record_attempt(other, AttemptOutcome.REFUSED, key, desk, NOW, zone)
    assert survey_cooldown.skip_in_cooldown(NOW) == 1 and Incident.get(number="new").skipped_because


def test_what_is_overdue_or_begun_is_not_skipped(engine_db, zone):
    contact = surveyed_before(zone, days=1)
    desk, late = a_person("陆川"), closed("late", 49, contact, zone)
    begun = closed("begun", 1, contact, zone)
    incident_surveys.record_attempt(
        begun, AttemptOutcome.LATER, key, desk, NOW, zone, NOW + timedelta(hours=1)
    )
    settings.change_setting("rest_days", 30, "command:test", NOW)
    assert survey_cooldown.skip_in_cooldown(NOW) == 1 and survey_cooldown.skip_in_cooldown(NOW) == 0
    assert not Incident.get_by_id(late.id).skipped_because
    assert not Incident.get_by_id(begun.id).skipped_because


def surveyed_before(zone, days):
    """A contact whose earlier incident was surveyed so many days ago, and whose new one closed just now."""
    contact, desk, at = a_contact(a_client()), a_person("苏岚"), NOW - timedelta(days=days)
    fields = {"client": contact.client, "contact": contact, "closed_at": at}
    before = incidents.upsert_incident("tickets", "before", fields, "command:test", at, zone)[0]
    incident_surveys.record_attempt(before, AttemptOutcome.HANDED_OVER, key, desk, at, zone)
    closed("new", 1, contact, zone)
    return contact


def test_asking_makes_one_invitation_in_the_quarter_of_the_closing(db, zone):
    desk, incident = a_person("苏岚"), closed("INC1", 24 * 80, a_contact(a_client()), zone)
    invitation = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone)
    assert invitation.campaign.quarter == incident.quarter == 20262
    assert incident_surveys.ensure_invitation(incident, key, desk, NOW, zone) == invitation


def test_when_that_quarters_campaign_is_over_todays_is_asked_in(db, zone):
    desk, contact = a_person("苏岚"), a_contact(a_client())
    incident = closed("INC1", 24 * 80, contact, zone)
    old = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone).campaign
    campaigns.close_expired_campaigns(old.closes_at)
    invitation = incident_surveys.ensure_invitation(incident, key, desk, old.closes_at, zone)
    assert invitation.campaign.quarter == 20263 and invitation.incident == incident
    assert Campaign.select().count() == 2


def test_a_link_that_was_handed_over_is_the_incidents_one_survey(db, zone):
    desk, incident = a_person("苏岚"), closed("INC1", 1, a_contact(a_client()), zone)
    invitation = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone)
    invitations.mark_handed_over(invitation, desk, NOW)
    campaigns.close_expired_campaigns(invitation.campaign.closes_at)
    assert (
        incident_surveys.ensure_invitation(Incident.get(), key, desk, invitation.campaign.closes_at, zone)
        == invitation
    )
    assert numbers(service_desk.list_due_incidents(NOW, ZONE)) == []


def test_the_handler_neither_asks_nor_sees_the_number(db, zone):
    engineer = a_person("高工")
    incident = closed("INC1", 1, a_contact(a_client()), zone, resolved_by=engineer)
    with pytest.raises(HandlerMayNotRecord):
        incident_surveys.ensure_invitation(incident, key, engineer, NOW, zone)
    with pytest.raises(HandlerMayNotRecord):
        incident_surveys.unmask_contact(incident, engineer, NOW)
    assert not Invitation.select().exists()


def test_without_a_contact_nobody_is_asked(db, zone):
    with pytest.raises(incident_surveys.NobodyToAsk):
        incident_surveys.ensure_invitation(closed("INC1", 1, zone=zone), key, a_person("苏岚"), NOW, zone)


def test_an_open_incident_is_not_surveyed(db, zone):
    contact = a_contact(a_client())
    with pytest.raises(incident_surveys.NotDueForSurvey):
        incident_surveys.ensure_invitation(
            an_incident("INC1", contact.client, contact=contact), key, a_person("苏岚"), NOW, zone
        )


def test_a_telephone_survey_surveys_the_incident(db, zone):
    desk, incident = a_person("苏岚"), closed("INC1", 1, a_contact(a_client()), zone)
    version = incident_surveys.get_questionnaire(incident, NOW, zone)
    assert version == questionnaires.get_version_in_force("incident") and not Campaign.select().exists()
    invitation = incident_surveys.ensure_invitation(incident, key, desk, NOW, zone)
    submission.record_response(invitation, some_answers(), Channel.TELEPHONE, desk, NOW)
    assert numbers(service_desk.list_due_incidents(NOW, ZONE)) == []
    with pytest.raises(incident_surveys.NotDueForSurvey):
        incident_surveys.unmask_contact(Incident.get(), desk, NOW)


def test_seeing_the_number_in_full_is_on_record(db, zone):
    desk, incident = a_person("苏岚"), closed("INC1", 1, a_contact(a_client()), zone)
    assert incident_surveys.unmask_contact(incident, desk, NOW) == ("wang@client.example", "13812345678")
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1


def test_the_desk_closes_a_gap(db, zone):
    desk, client = a_person("苏岚"), a_client()
    incident = closed("INC1", 1, zone=zone)
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
