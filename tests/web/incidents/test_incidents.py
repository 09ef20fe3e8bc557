"""Incidents on the pages: entered by hand, imported by a map that was made there."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from csat import clock
from csat.models.clients import ImportMap, Incident
from csat.models.work import Job, StoredFile
from csat.procedure.core import jobs
from csat.procedure.incidents import incidents
from tests.builders import NOW, a_client
from tests.page import Page

LOG = """ticket,site,caller,who,opened,closed,level
T-1,华东物流,王女士,李工,01-09-2026 09:00,02-09-2026 10:00,1 - Critical
T-1,华东物流,王女士,李工,01-09-2026 09:00,02-09-2026 11:00,1 - Critical
T-2,?,张先生,李工,01-09-2026 09:00,03-09-2026 10:00,3 - Low
T-3,华东物流,王女士,李工,31-02-2026 09:00,03-09-2026 10:00,3 - Low
"""


@pytest.fixture
def page(app, cast) -> Page:
    return Page(app).sign_in_as(cast.desk)


@pytest.fixture
def tickets_map(page) -> ImportMap:
    """A map of the log's columns, made on the page."""
    places = {"number": "ticket", "client": "site", "contact": "caller", "assigned_to": "who"}
    places |= {"opened_at": "opened", "closed_at": "closed", "priority": "level"}
    words = {"date_order": "dmy", "unknown": "?", "major": "1 - Critical"}
    page.get("/desk/incidents/maps/new")
    page.fill(source="tickets", **words, **{f"place_{name}": heading for name, heading in places.items()})
    return ImportMap.get()


def test_an_incident_entered_by_hand_is_local_and_open_until_closed(page):
    client = a_client("城建集团")
    page.get("/desk/incidents/new")
    page.fill(number="S-7", client=str(client.id), contact="赵女士", opened_at="2026-09-14T08:30")
    incident = Incident.get(number="S-7")
    assert incident.opened_at == datetime(2026, 9, 14, 0, 30, tzinfo=UTC)
    assert incident.contact.name == "赵女士"
    page.follow("Change")
    page.fill(closed_at="2026-09-14T09:45")
    incident = Incident.get(number="S-7")
    assert incident.first_closed_at == datetime(2026, 9, 14, 1, 45, tzinfo=UTC)
    assert incident.opened_at == datetime(2026, 9, 14, 0, 30, tzinfo=UTC)
    page.get(f"/desk/incidents/{incident.id}/edit", status=409)


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(page):
    page.get("/desk/incidents/new")
    page.fill(number="S-8", title="打印机不响应", opened_at="2026-09-14T09:00", closed_at="2026-09-14T08:00")
    assert "This lies before the opening" in page.text
    assert "打印机不响应" in page.html
    page.fill(closed_at="", contact="赵女士")
    assert "Please fill this in." in page.text
    page.fill(contact="")
    assert Incident.get(number="S-8")
    page.get("/desk/incidents/new")
    page.fill(number="S-8")
    assert "exists already. Please choose another number." in page.text


def test_qa_reads_incidents_and_does_not_write_them(page, cast):
    page.sign_in_as(cast.qa).get("/desk/incidents/")
    assert "Import incidents" not in page.text


def test_a_map_made_on_the_page_imports_a_file(page, tickets_map):
    assert tickets_map.source == "tickets"
    upload(page, LOG.encode())
    assert "Line" in page.text and "31-02-2026" in page.text
    assert not Incident.select().exists()
    page.fill("Import 2 incidents")
    assert page.heading == "Import of incidents"
    jobs.run_waiting_jobs()
    page.get(page.path).follow("What became of the rows")
    assert "New2" in page.text and "31-02-2026" in page.text
    first, second = Incident.select().order_by(Incident.number)
    assert (first.number, first.client.name, first.contact.name) == ("T-1", "华东物流", "王女士")
    assert first.major and first.closed_at == datetime(2026, 9, 2, 3, 0, tzinfo=UTC)
    assert (second.number, second.client, second.contact) == ("T-2", None, None)
    assert Job.get().outcome["new"] == 2


def test_a_file_that_does_not_fit_its_map_says_which_column_is_missing(page, tickets_map):
    upload(page, b"number,place\n1,2\n")
    assert "ticket" in page.text and "number, place" in page.text


def test_another_persons_file_is_not_shown(page, cast, tickets_map):
    upload(page, LOG.encode())
    address = page.path
    page.sign_in_as(cast.admin).get(address, status=404)


def test_a_map_as_text_says_what_is_wrong_with_it_and_keeps_its_source(page, tickets_map):
    page.get("/desk/incidents/maps").follow("TOML of tickets")
    text = tickets_map.text
    page.fill(text=text.replace('"dmy"', '"ddd"'))
    assert "date_order must be one of" in page.text and "ddd" in page.html
    page.fill(text=text.replace('"tickets"', '"other"'))
    assert "stays with “tickets”" in page.text
    page.fill(text=text.replace('"dmy"', '"ymd"'))
    assert 'date_order = "ymd"' in ImportMap.get().text


def test_an_administrator_says_whom_the_ticket_system_means(page, cast, zone):
    made = incidents.upsert_incident("tickets", "T-1", {"assigned_to": "Resolver 7"}, None, NOW, zone)[0]
    page.sign_in_as(cast.admin).get("/desk/incidents/").follow("Names in the ticket systems")
    page.fill(source="tickets", name="Resolver 7", person=str(cast.desk.id))
    assert "now means 苏岚" in page.text
    assert Incident.get_by_id(made.id).assigned_to == cast.desk


def test_what_was_uploaded_and_never_imported_is_deleted_a_day_later(page, cast, tickets_map):
    with clock.freeze_at(NOW - timedelta(days=2)):
        page.sign_in_as(cast.desk)
        upload(page, LOG.encode())
    abandoned = StoredFile.get()
    upload(page.sign_in_as(cast.desk), LOG.encode())
    assert StoredFile.select().count() == 1 and StoredFile.get().place != abandoned.place


def upload(page: Page, content: bytes) -> None:
    page.get("/desk/incidents/import")
    page.fill(file=(io.BytesIO(content), "log.csv"))
