"""The door for ticket systems: JSON in, JSON out, whatever comes."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat import clock, create_app
from csat.models.access import ApiKey
from csat.models.clients import Incident
from csat.models.people import Person
from csat.models.records import AuditEntry
from csat.procedure.campaigns import desk
from csat.procedure.core import settings as rules
from csat.procedure.incidents import api_keys, incidents
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS
from tests.builders import NOW, a_person
from tests.procedure.incidents.test_api_import import ANYTHING, sample, shipped

PATH = "/api/v1/incidents"
JSON = "application/json"
ONE = {"number": "INC1", "title": "断网", "closed_at": "2026-09-13T10:00:00+08:00"}
ONE |= {"client": "华东物流", "contact": "王女士", "contact_email": "wang@client.example"}


@pytest.fixture
def key(app) -> str:
    return api_keys.make_api_key("生产系统", "servicenow", a_person("安敏"), NOW)[1]


@pytest.fixture
def post(app, key):
    """Send something with the key (or with other headers); return the answer after looking at its outside."""

    def send(message, text="", language="en", **headers):
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        sent = {"Authorization": f"Bearer {text or key}", "Content-Type": JSON, "Accept-Language": language}
        response = app.test_client().post(PATH, data=content, headers=sent | headers)
        assert response.mimetype == JSON and "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        assert b"Traceback" not in response.data and b"<html" not in response.data
        return response

    return send


def error(response):
    return response.status_code, response.json["error"]["code"]


def test_an_incident_sent_is_there_and_due(post, zone):
    response = post(ONE)
    assert response.status_code == 200
    counts = {"new": 1, "changed": 0, "same": 0, "refused": 0}
    assert response.json == {**counts, "results": [{"index": 0, "number": "INC1", "outcome": "new"}]}
    incident = Incident.get()
    assert (incident.source, incident.title, incident.contact.email) == ("servicenow", "断网", "wang@client.example")
    assert incident.survey_due_at == incident.first_closed_at + timedelta(hours=48)
    counts = desk.count_due_incidents(NOW, zone)
    assert (counts["all"], counts["overdue"], counts["gap"]) == (1, 0, 0)
    assert post(ONE).json["same"] == post({**ONE, "title": "又断网"}).json["changed"] == 1


def test_of_several_the_good_ones_are_kept_and_the_bad_ones_named(post):
    response = post([ONE, {"number": "INC2", "closed_at": "2026-09-13 10:00"}, {"number": "INC3"}])
    assert response.status_code == 422
    assert (response.json["new"], response.json["refused"]) == (2, 1)
    assert response.json["results"][1] == {
        "index": 1,
        "number": "INC2",
        "outcome": "refused",
        "field": "closed_at",
        "code": "time_without_offset",
        "message": "“2026-09-13 10:00” does not say how far it is from UTC. Write it as 2026-09-14T10:00:00+08:00.",
    }
    assert [row.number for row in Incident.select().order_by(Incident.number)] == ["INC1", "INC3"]


def test_refusals_speak_the_callers_language_and_codes_none(post):
    said = [post({"title": "x"}, language=language).json["results"][0] for language in ("en", "zh-CN")]
    assert {one["code"] for one in said} == {"missing"}
    assert said[0]["message"] == "Please fill this in." and said[1]["message"] != said[0]["message"]


def test_a_thousand_at_once_and_no_more(post):
    many = [{"number": f"INC{at}"} for at in range(1001)]
    assert error(post({"incidents": many})) == (422, "too_many_incidents")
    assert not Incident.select().exists()
    assert post({"incidents": many[:1000]}).json["new"] == 1000
    assert error(post([])) == (422, "no_incidents")


def test_what_came_by_a_key_is_on_record_under_its_name(post):
    post(ONE)
    entry = AuditEntry.get(AuditEntry.action == "incidents imported")
    assert entry.actor == "key:生产系统"
    assert ApiKey.get().last_used_on == clock.now().date()


def test_a_systems_own_message_is_read_by_its_map(post):
    MESSAGE_MAPS.save_map(MESSAGE_MAPS.format_map(shipped("servicenow")), Person.get(), NOW)
    assert post(sample("ServiceNow")).json["new"] == 1
    assert Incident.get().number == "INC0010023"
    assert post(ONE).json["error"]["code"] == "no_incidents"


# --- keys --------------------------------------------------------------------------------------------


def test_without_a_key_nothing_is_read(app, post, key):
    for headers in ({}, {"Authorization": ""}, {"Authorization": key}, {"Authorization": f"Digest {key}"}):
        response = app.test_client().post(PATH, json=ONE, headers=headers)
        assert error(response) == (401, "key_unknown") and response.headers["WWW-Authenticate"] == "Bearer"
    assert error(post(ONE, text="csat_wrong")) == (401, "key_unknown")
    assert error(post(b"nonsense" * 300_000, text="csat_wrong")) == (401, "key_unknown")
    assert not Incident.select().exists()


def test_a_revoked_key_is_told_so(post):
    api_keys.revoke_api_key(ApiKey.get(), Person.get(), NOW)
    assert error(post(ONE)) == (403, "key_revoked")
    assert not Incident.select().exists()


def test_a_system_that_knows_only_passwords_sends_the_key_as_one(post, key):
    basic = base64.b64encode(f"zammad:{key}".encode()).decode()
    assert post(ONE, Authorization=f"Basic {basic}").status_code == 200
    assert post(ONE, Authorization=f"bearer {key}").status_code == 200


def test_a_session_of_the_staff_opens_nothing_here(page, app):
    page.sign_in_as(a_person("安敏"))
    assert page.browser.post(PATH, json=ONE).status_code == 401


def test_too_many_messages_wait_also_after_a_restart(post, config):
    rules.change_setting("api_requests", 2, None, NOW)
    assert [post(ONE).status_code for _ in range(3)] == [200, 200, 429]
    refused = post(ONE)
    assert error(refused) == (429, "too_many_requests") and refused.headers["Retry-After"] == "30"
    create_app(config)
    assert post(ONE).status_code == 429
    with clock.freeze_at(NOW + timedelta(seconds=30)):
        assert post(ONE).status_code == 200


# --- nonsense ----------------------------------------------------------------------------------------


def test_two_megabytes_of_nonsense_leave_nothing_behind(post):
    assert error(post(b"nonsense" * 250_000)) == (413, "body_too_large")
    assert error(post([{"number": f"INC{at}", "title": "x" * 1500} for at in range(900)])) == (413, "body_too_large")
    assert not Incident.select().exists()


def test_two_megabytes_without_a_length_are_refused_too(app, key):
    response = app.test_client().post(
        PATH,
        input_stream=io.BytesIO(b" " * 2_000_000),
        content_type=JSON,
        headers={"Authorization": f"Bearer {key}", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert error(response) == (413, "body_too_large")


def test_malformed_json_says_where(post):
    response = post(b'{"number": "INC1",\n "title": }')
    assert error(response) == (400, "json_malformed")
    assert response.json["error"]["message"] == "This is no JSON: see line 2, column 11."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "json_malformed"),
        (b"number=INC1", "json_malformed"),
        (b'{"number": "\xff"}', "text_not_utf8"),
        (b"[" * 100_000, "json_unreadable"),
        (b'{"number": ' + b"9" * 6000 + b"}", "json_unreadable"),
    ],
)
def test_what_is_no_json_is_refused_with_a_reason(post, content, code):
    assert error(post(content)) == (400, code)


def test_other_media_and_compressed_messages_are_refused(post):
    assert error(post(ONE, **{"Content-Type": "application/x-www-form-urlencoded"})) == (415, "media_type_wrong")
    assert error(post(ONE, **{"Content-Encoding": "gzip"})) == (415, "media_type_wrong")
    assert post(ONE, **{"Content-Type": "application/json; charset=utf-8"}).status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_only_post_is_taken(app, method):
    response = getattr(app.test_client(), method)(PATH)
    assert error(response) == (405, "method_not_allowed") and response.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/incidents", "/api/v1/incidents/", "/api/v1/incidents/7"])
def test_elsewhere_there_is_nothing(app, path):
    for method in ("get", "post", "delete"):
        assert error(getattr(app.test_client(), method)(path)) == (404, "not_found")


def test_when_something_breaks_nothing_is_half_done(post, monkeypatch, caplog):
    broken = incidents.upsert_incidents
    calls = []

    def second_time(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("the disk is full")
        return broken(*arguments)

    monkeypatch.setattr(incidents, "upsert_incidents", second_time)
    response = post([ONE, {**ONE, "title": "again"}])  # two turns of one number
    assert error(response) == (500, "broken") and b"disk" not in response.data
    assert "the disk is full" in caplog.text
    assert not Incident.select().exists()
    assert post([ONE, {**ONE, "title": "again"}]).status_code == 200


@settings(max_examples=60)
@given(message=ANYTHING | st.fixed_dictionaries({"number": ANYTHING, "client": ANYTHING, "closed_at": ANYTHING}))
def test_whatever_json_is_sent_gets_an_answer(post, message):
    rules.change_setting("api_requests", 6000, None, NOW)
    response = post(message)
    assert response.status_code in (200, 422)
    results = response.json.get("results")
    assert "error" in response.json or all(one["outcome"] for one in results)
