"""The administrator's pages: keys, maps, and a sample that is only looked at."""

from __future__ import annotations

import json
import re

import pytest

from csat.models.access import ApiKey
from csat.models.clients import Client, Incident, IntakeMap
from csat.procedure.incidents import api_keys
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS
from tests.builders import NOW
from tests.page import Page
from tests.procedure.incidents.test_api_import import SYSTEMS, sample, shipped


@pytest.fixture
def page(app, cast) -> Page:
    return Page(app).sign_in_as(cast.admin)


def test_a_key_is_made_and_shown_once(page):
    page.get("/admin/api")
    assert "There is no key yet" in page.text and "http://localhost/api/v1/incidents" in page.html
    page.follow("Make a key")
    page.fill(name="生产系统", source="servicenow")
    key = re.search(r"csat_[\w-]{43}", page.html)[0]
    response = page.browser.post(
        "/api/v1/incidents", json={"number": "INC1"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert response.status_code == 200 and Incident.get().source == "servicenow"
    page.follow("I have copied it")
    assert "生产系统" in page.text and key not in page.html
    page.get("/admin/api/keys/new")
    page.fill(name="生产系统", source="servicenow")
    assert "exists already" in page.text and page.value("source") == "servicenow"


def test_a_key_is_revoked(page, cast):
    api_keys.make_api_key("生产系统", "servicenow", cast.admin, NOW)
    page.get("/admin/api")
    page.fill("Revoke")
    assert "opens nothing any more" in page.text and "revoked" in page.text
    assert ApiKey.get().revoked_by == cast.admin


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_map_begun_with_a_known_system_reads_its_sample(page, name):
    page.get("/admin/api/maps/new").follow(SYSTEMS[name])
    page.fill()
    assert MESSAGE_MAPS.find_map_of_source(name) == shipped(name)
    assert f"The map for {name} is kept" in page.text and page.value("source") == name
    page.fill(body=json.dumps(sample(SYSTEMS[name])))
    assert "The incident can be taken in as it is." in page.text and "11 Sep 2026, 16:30" in page.text
    assert not Incident.select().exists() and not Client.select().exists()


def test_what_is_wrong_with_a_map_is_said_and_nothing_typed_is_lost(page):
    page.get("/admin/api/maps/new")
    page.fill(source="tickets", place_number="issue..key", place_title="issue.title")
    assert "number: “issue..key” is no path" in page.text and page.value("place_title") == "issue.title"
    page.fill(place_number="issue.key", zone="Mars/Olympus")
    assert "Mars/Olympus" in page.text
    page.fill(zone="")
    assert IntakeMap.get().source == "tickets"


def test_a_map_is_changed_as_text_and_given_up(page):
    page.get("/admin/api/maps/new/text")
    page.fill(text='source = "tickets"\n[fields]\nnumber = "id"\n')
    row = IntakeMap.get()
    page.get("/admin/api").follow("tickets")
    page.follow("As text")
    page.fill(text='source = "other"\n[fields]\nnumber = "id"\n')
    assert "stays with “tickets”" in page.text
    page.fill(text='source = "tickets"\n[fields]\nnumber = "key"\n')
    assert 'number = "key"' in IntakeMap.get().text
    page.get(f"/admin/api/maps/{row.id}")
    page.fill("Give it up")
    assert "our own format from now on" in page.text and not IntakeMap.select().exists()


def test_a_sample_shows_what_would_be_refused(page):
    page.get("/admin/api/try")
    page.fill(body='[{"number": "INC1", "closed_at": "soon"}, {"number": "INC2", "major": true}]')
    assert "1 of 2 incidents would be refused." in page.text
    assert "Closed: “soon” is no time." in page.text and "Counts as majoryes" in page.text
    page.fill(body='{"number": }')
    assert "This is no JSON: see line 1, column 12." in page.text
    page.fill(body="[" * 50_000)
    assert "nested too deep" in page.text
    page.fill(body='{"\\ud800": 1}')
    assert "An incident has no such field." in page.text
    page.fill(body="[]")
    assert "The message holds no incident." in page.text
    assert not Incident.select().exists()


def test_the_pages_speak_chinese_too(page, cast):
    page.sign_in_as(cast.admin, "zh")
    for path in ("/admin/api", "/admin/api/keys/new", "/admin/api/maps/new", "/admin/api/try"):
        page.get(path)
