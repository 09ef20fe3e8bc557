"""Incidents: one verb for every way in (P1, F8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.clients import Alias, AliasKind, Client, Incident
from csat.models.records import AuditEntry
from csat.procedure.clients import external_names
from csat.procedure.core.refusals import NameTaken
from tests.builders import NOW, a_client, a_person, an_account, put_incident


def test_names_are_found_or_made_with_an_alias(engine_db):
    client = a_client("华东物流")
    incident, outcome = put_incident(client="华东物流", contact="王女士", department="网络部", assigned_to="李工")
    assert outcome == "new"
    assert incident.client == client
    assert incident.contact.client == client
    assert {alias.kind for alias in Alias} == {AliasKind.CONTACT, AliasKind.DEPARTMENT, AliasKind.PERSON}


def test_a_renamed_client_is_still_found_by_its_alias(db):
    client = put_incident(client="Location 7")[0].client
    Client.update(name="城建集团").where(Client.id == client.id).execute()
    assert put_incident("INC2", client="Location 7")[0].client == client
    assert Client.select().count() == 1


def test_the_same_caller_at_two_clients_is_two_contacts(db):
    first = put_incident("INC1", client="A", contact="Caller 1")[0]
    second = put_incident("INC2", client="B", contact="Caller 1")[0]
    assert first.contact != second.contact
    assert (first.contact.client, second.contact.client) == (first.client, second.client)


def test_a_name_that_several_persons_have_is_not_guessed(db):
    first = a_person("王伟")
    a_person("王伟")
    with pytest.raises(external_names.NameUnclear):
        put_incident(client="Nobody made", assigned_to="王伟")
    assert not Client.select().exists() and not Incident.select().exists()
    external_names.assign_alias("tickets", "王伟", first, "command:test", NOW)
    assert put_incident(assigned_to="王伟")[0].assigned_to == first


def test_who_is_meant_by_a_name_takes_over_the_incidents_already_imported(engine_db):
    before = put_incident("INC1", assigned_to="Resolver 7", resolved_by="Resolver 7")[0]
    agent = a_person("苏岚")
    external_names.assign_alias("tickets", "Resolver 7", agent, "command:test", NOW)
    incident = Incident.get_by_id(before.id)
    assert incident.assigned_to == incident.resolved_by == agent
    assert put_incident("INC1", assigned_to="Resolver 7", resolved_by="Resolver 7")[1] == "same"
    an_account(agent)
    with pytest.raises(NameTaken):
        external_names.assign_alias("tickets", "Resolver 7", a_person("别人"), "command:test", NOW)


def test_a_misspelt_name_is_refused_and_what_is_known_is_listed(engine_db):
    known = a_person("高工")
    put_incident("INC1", assigned_to="Resolver 7", resolved_by="高工")
    agent = a_person("苏岚")
    for name in ("Resolver7", "高 工"):
        with pytest.raises(external_names.NameUnknown):
            external_names.assign_alias("tickets", name, agent, "command:test", NOW)
    assert [row.name for row in external_names.list_aliases()] == ["Resolver 7"]
    assert [(row.id, row.source) for row in external_names.list_same_spellings()] == [(known.id, "tickets")]
    external_names.assign_alias("not yet seen", "高 工", agent, "command:test", NOW)


def test_the_same_content_again_writes_nothing(engine_db):
    content = {"client": "A", "contact": "B", "priority": "1", "opened_at": NOW - timedelta(days=3)}
    put_incident(**content)
    before = AuditEntry.select().count()
    assert put_incident(**content)[1] == "same"
    assert AuditEntry.select().count() == before


def test_a_field_that_is_not_given_stays(db):
    put_incident(client="A", contact="B", title="断网")
    incident, outcome = put_incident(title="恢复")
    assert (outcome, incident.client.name, incident.contact.name) == ("changed", "A", "B")


def test_another_client_takes_the_contact_away(db):
    put_incident(client="A", contact="B")
    assert put_incident(client="C")[0].contact is None
