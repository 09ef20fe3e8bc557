"""Personal details go when their time is over, or on request; answers, figures and history stay (D5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from csat.figures import export
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Answer, Response
from csat.models.asking import Attempt, AttemptOutcome, Invitation
from csat.models.clients import Alias, AliasKind, Contact
from csat.models.outbox import OptOutLink
from csat.models.reporting import Tally
from csat.models.roles import Role
from csat.procedure.clients import contacts
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotPermitted
from csat.procedure.incidents import api_import
from csat.procedure.upkeep import overwriting, retention
from tests.builders import NOW, a_campaign, a_client, a_contact, a_person, a_response, an_incident, an_invitation
from tests.retention import LONG_AGO, RECENT, YEAR, a_named_response, an_old_contact, asked_lately


def everything_said(zone) -> tuple:
    """Answers, tally and figures, as they would stand in a report."""
    answers = sorted(Answer.select(Answer.id, Answer.value, Answer.words).tuples())
    tally = sorted(Tally.select().order_by(Tally.id).tuples())
    return (
        answers,
        tally,
        export.make_plain_figures(compute_quarter_figures(Quarter(2022, 3), NOW, zone, Audience.RESPONSE_READERS)),
    )


def test_what_is_old_is_overwritten_and_everything_said_stays(engine_db, zone):
    contact = an_old_contact()
    response = a_named_response(contact)
    before = everything_said(zone)
    done = retention.overwrite_old_details(NOW, zone)
    assert (done.contacts, done.responses) == (1, 1)
    contact, response = Contact.get_by_id(contact.id), Response.get_by_id(response.id)
    assert (contact.name, contact.email, contact.telephone) == (overwriting.ERASED_NAME, "", "")
    assert contact.erased_at == contact.retired_at == NOW
    assert (response.respondent_name, response.respondent_reach, response.contact_id) == ("", "", None)
    assert response.erased_at == NOW and response.client_id == contact.client_id
    assert everything_said(zone) == before
    assert retention.overwrite_old_details(NOW, zone) == retention.RetentionCounts(0, 0)


def test_the_time_is_a_setting(db, zone):
    a_named_response(an_old_contact())
    settings.change_setting("retention_years", 10, None, LONG_AGO)
    assert retention.overwrite_old_details(NOW, zone).responses == 0
    settings.change_setting("retention_years", 1, None, NOW)
    assert retention.overwrite_old_details(NOW, zone).responses == 1


@pytest.mark.parametrize("years", [1, 3])
def test_the_last_day_is_the_same_day_so_many_years_ago(years):
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert retention.subtract_years(leap, years) == datetime(2028 - years, 2, 28, 12, tzinfo=UTC)
    assert retention.subtract_years(NOW, years) == NOW.replace(year=2026 - years)


def test_a_new_contact_begins_its_time_with_the_first_round(db, zone):
    contact = a_contact(a_client())
    assert retention.overwrite_old_details(NOW, zone).contacts == 0
    assert Contact.get_by_id(contact.id).known_since == NOW.date()
    assert retention.overwrite_old_details(NOW + 2 * YEAR, zone).contacts == 0
    assert retention.overwrite_old_details(NOW + 4 * YEAR, zone).contacts == 1


def called_lately(contact: Contact) -> None:
    campaign = a_campaign(opened_at=LONG_AGO, closes_at=LONG_AGO)
    invitation = an_invitation(campaign, contact)
    Attempt.create(invitation=invitation, at=RECENT, outcome=AttemptOutcome.NOBODY)


def answered_lately(contact: Contact) -> None:
    a_response(contact=contact, received_at=RECENT)


def had_an_incident_lately(contact: Contact) -> None:
    an_incident(client=contact.client, contact=contact, opened_at=RECENT)


def was_changed_lately(contact: Contact) -> None:
    contacts.change_contact(contact, contact.name, "new@client.example", "", "en", None, RECENT)


@pytest.mark.parametrize(
    "happened", [asked_lately, called_lately, answered_lately, had_an_incident_lately, was_changed_lately]
)
def test_whoever_something_happened_with_stays(engine_db, zone, happened):
    contact = an_old_contact()
    happened(contact)
    assert retention.overwrite_old_details(NOW, zone).contacts == 0
    assert Contact.get_by_id(contact.id).name == contact.name


def test_anonymous_answers_are_not_touched(db, zone):
    a_response(anonymous=True, received_at=None)
    retention.overwrite_old_details(NOW + 20 * YEAR, zone)
    assert Response.get().erased_at is None


def test_erasing_on_request_is_one_action(engine_db, zone):
    """Name, addresses, aliases, notes, links, the caller's number: all of it, whatever its age."""
    contact = an_old_contact()
    incident = an_incident(client=contact.client, contact=contact, reported_by="Caller 17")
    response = a_named_response(contact, at=NOW - timedelta(days=2), incident=incident)
    Attempt.create(invitation=Invitation.get(), at=NOW, outcome=AttemptOutcome.LATER, note="王晓明的秘书接的电话")
    Alias.create(source="tickets", kind=AliasKind.CONTACT, name="王晓明/1", contact=contact)
    OptOutLink.create(token_hash="x" * 64, contact=contact)
    before = everything_said(zone)
    assert retention.count_named_responses(contact) == 1
    assert retention.erase_contact(contact, a_person("安敏", Role.ADMIN), NOW) == 1
    assert everything_said(zone) == before
    assert Response.get_by_id(response.id).respondent_name == ""
    assert Attempt.get().note == "" and not Alias.select().exists() and not OptOutLink.select().exists()
    erased = Contact.get_by_id(contact.id)
    assert (contact.telephone_key, erased.erased_at) == ("13800005678", NOW)
    assert erased.email_key == erased.telephone_key == ""


def test_who_counts_as_the_same_person_is_erased_too(db):
    contact = an_old_contact()
    twin = a_contact(contact.client, name="王小明", counts_as=contact)
    other = a_contact(contact.client, name="李四")
    retention.erase_contact(twin, None, NOW)
    names = {one.id: one.name for one in Contact.select()}
    assert names == {contact.id: overwriting.ERASED_NAME, twin.id: overwriting.ERASED_NAME, other.id: "李四"}


def test_only_an_administrator_erases_and_only_once(db):
    contact = an_old_contact()
    admin = a_person("安敏", Role.ADMIN)
    with pytest.raises(NotPermitted):
        retention.contact_to_erase_for(a_person("程远", Role.MANAGER), contact.id)
    assert retention.contact_to_erase_for(admin, contact.id) == contact
    retention.erase_contact(contact, admin, NOW)
    with pytest.raises(NotFound):
        retention.contact_to_erase_for(admin, contact.id)


def test_what_is_erased_does_not_come_back(db):
    """Neither by hand, nor by a ticket system that still knows the address."""
    contact = an_old_contact()
    retention.erase_contact(contact, None, NOW)
    contact = Contact.get_by_id(contact.id)
    with pytest.raises(NotFound):
        contacts.change_contact(contact, "王晓明", "wang@client.example", "", "zh", None, NOW)
    assert api_import._missing_addresses(contact, {"contact_email": "wang@client.example"}) == {}
