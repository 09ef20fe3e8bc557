"""Incidents by hand."""

from __future__ import annotations

import pytest

from csat.procedure.core.refusals import ValueMissing
from csat.procedure.incidents import incidents, manual_entry
from tests.builders import NOW, a_client, a_contact


def test_by_hand_a_contact_belongs_to_the_client(db, zone):
    client, elsewhere = a_client("A"), a_contact(a_client("B"))
    with pytest.raises(incidents.ContactOfOtherClient):
        manual_entry.enter_incident("M-1", {"client": client, "contact": elsewhere}, "command:test", NOW, zone)
    with pytest.raises(ValueMissing):
        manual_entry.enter_incident("M-1", {"client": None, "contact": "王女士"}, "command:test", NOW, zone)


def test_a_closed_incident_is_left_to_its_source(db, zone):
    made = manual_entry.enter_incident("M-1", {"closed_at": NOW}, None, NOW, zone)
    with pytest.raises(manual_entry.IncidentClosed):
        manual_entry.edit_incident(made, {"title": "断网"}, None, NOW, zone)
    with pytest.raises(manual_entry.NumberTaken):
        manual_entry.enter_incident("M-1", {}, None, NOW, zone)
