"""The rest between two surveys of one person (P1)."""

from __future__ import annotations

from datetime import timedelta

from csat.figures import response_rates
from csat.models.asking import AttemptOutcome
from csat.models.clients import Incident
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.campaigns import incident_surveys, invitations
from csat.procedure.core import settings
from csat.procedure.incidents import incidents, survey_cooldown
from csat.procedure.survey import taking_back
from tests.builders import NOW, a_client, a_closed_incident, a_contact, a_person, hand_over
from tests.procedure.campaigns.rounds import due, key


def test_without_a_rest_nobody_is_skipped(engine_db, zone):
    surveyed_before(zone, days=1)
    assert survey_cooldown.skip_in_cooldown(NOW) == 0 and not Incident.get(number="new").skipped_because


def test_a_contact_who_was_just_surveyed_has_rest(engine_db, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    surveyed_before(zone, days=20)
    incident = Incident.get(number="new")
    assert incident.skipped_because == survey_cooldown.COOLDOWN  # at its closing, without waiting for the night
    assert due() == []
    assert due(only="skipped") == ["new"]
    assert AuditEntry.select().where(AuditEntry.action == "incident skipped").count() == 1
    figure = response_rates.count_surveyed_in_time(20263, NOW + timedelta(days=9))
    assert (figure.closed, figure.skipped, figure.rate.of) == (2, 1, 2)  # stays in the denominator


def test_rest_ends_and_belongs_to_the_person_not_to_the_card(engine_db, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    contact = surveyed_before(zone, days=31)
    assert due() == ["new"]
    twin = a_contact(contact.client, "王女士（新卡）", counts_as=contact)
    desk, other = a_person("陆川"), a_closed_incident("other", 2, twin, zone)
    incident_surveys.record_attempt(other, AttemptOutcome.REFUSED, key, desk, NOW, zone)
    assert survey_cooldown.skip_in_cooldown(NOW) == 1 and Incident.get(number="new").skipped_because


def test_what_is_overdue_or_begun_is_not_skipped(engine_db, zone):
    contact = surveyed_before(zone, days=1)
    desk, late = a_person("陆川"), a_closed_incident("late", 49, contact, zone)
    begun = a_closed_incident("begun", 1, contact, zone)
    incident_surveys.record_attempt(begun, AttemptOutcome.LATER, key, desk, NOW, zone, NOW + timedelta(hours=1))
    settings.change_setting("rest_days", 30, "command:test", NOW)
    assert survey_cooldown.skip_in_cooldown(NOW) == 1 and survey_cooldown.skip_in_cooldown(NOW) == 0
    assert not Incident.get_by_id(late.id).skipped_because
    assert not Incident.get_by_id(begun.id).skipped_because


def surveyed_before(zone, days):
    """A contact whose earlier incident was surveyed so many days ago, and whose new one closed just now."""
    contact, desk, at = a_contact(a_client()), a_person("苏岚"), NOW - timedelta(days=days)
    fields = {"client": contact.client, "contact": contact, "closed_at": at}
    before = incidents.upsert_incident("tickets", "before", fields, "command:test", at, zone)[0]
    hand_over(incident_surveys.ensure_invitation(before, key, desk, NOW, zone), desk, at)
    a_closed_incident("new", 1, contact, zone)
    return contact


def test_what_was_skipped_for_a_survey_comes_back_when_the_survey_falls(engine_db, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    contact, desk = a_contact(a_client()), a_person("苏岚", Role.DESK)
    first, new = a_closed_incident("first", 2, contact, zone), a_closed_incident("new", 1, contact, zone)
    refused = incident_surveys.record_attempt(first, AttemptOutcome.REFUSED, key, desk, NOW, zone)
    twin = a_closed_incident("twin", 1, a_contact(contact.client, "王女士（新卡）", counts_as=contact), zone)
    assert survey_cooldown.skip_in_cooldown(NOW) == 1 and Incident.get_by_id(twin.id).skipped_because  # at its closing
    assert due() == []
    taking_back.take_back(refused, desk, NOW + timedelta(minutes=5))
    assert sorted(due()) == ["first", "new", "twin"]
    assert AuditEntry.select().where(AuditEntry.action == "incident no longer skipped").count() == 2
    hand_over(incident_surveys.ensure_invitation(first, key, desk, NOW, zone), desk, NOW)
    assert survey_cooldown.skip_in_cooldown(NOW) == 2
    invitations.withdraw_invitation(incident_surveys.find_invitation(first, NOW), desk, NOW)
    assert sorted(due()) == ["first", "new", "twin"] and not Incident.get_by_id(new.id).skipped_because


def test_while_another_survey_stands_the_rest_goes_on(engine_db, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    contact = surveyed_before(zone, days=20)
    desk, other = a_person("陆川", Role.DESK), a_closed_incident("other", 1, contact, zone)
    Incident.update(skipped_because="").where(Incident.id == other.id).execute()  # asked all the same
    refused = incident_surveys.record_attempt(other, AttemptOutcome.REFUSED, key, desk, NOW, zone)
    assert Incident.get(number="new").skipped_because
    taking_back.take_back(refused, desk, NOW)
    assert Incident.get(number="new").skipped_because and due() == ["other"]
