"""The desk's calls with a keyboard alone: rating, writing, recording, and the next call, on one page each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from csat import clock
from csat.models.answers import Answer, Response
from csat.models.asking import Channel
from csat.models.clients import Tier
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.clients import clients, contacts
from csat.procedure.incidents import incidents
from tests.browser.conftest import DESKTOP, PHONE, House, assert_accessible
from tests.browser.walk import Visitor, hired

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(house: House) -> House:
    """A house with one agent, and two closed incidents to be surveyed."""
    with house.store():
        now, zone = clock.now(), house.config.timezone
        hired("agent", Role.DESK)
        client = clients.add_client("华东物流", Tier.CORE, "test", now, name_en="Huadong Logistics")
        for hours, number in ((40, "INC1"), (2, "INC2")):
            contact = contacts.add_contact(client, f"联系人{number}", "", "13812345678", "zh", "test", now)
            fields = {"client": client, "contact": contact, "closed_at": now - timedelta(hours=hours)}
            incidents.upsert_incident("tickets", number, fields, "test", now, zone)
    return house


def test_a_call_takes_no_mouse_and_no_change_of_page(desk: House, browser: Browser):
    agent = Visitor(browser, desk, "en", DESKTOP).enter(Person.get(Person.name == "Agent"))
    agent.open("/desk/")
    agent.follow("/desk/next-call")
    page, keys = agent.page, agent.page.keyboard
    expect(page.locator("h1")).to_contain_text("INC1")
    expect(page.locator("[data-keys]")).to_have_js_property("hidden", False)
    expect(page.locator("#q-overall-0")).to_be_focused()
    for rating in "4135":
        keys.press(rating)
    keys.press("ArrowUp")
    expect(page.locator('[name="q-attitude"][value="5"]')).to_be_focused()
    keys.press("Enter")
    keys.press("0")  # not said
    keys.press("9")  # not applicable
    expect(page.locator("#q-first_contact-0")).to_be_focused()
    keys.press("1")
    expect(page.locator("#q-opinions")).to_be_focused()
    keys.type("先后报修 3 次，等了 5 天")
    keys.press("Enter")
    with page.expect_navigation():
        keys.press("Enter")
    expect(page.locator("h1")).to_contain_text("INC2")
    expect(page.locator(".note.good").first).to_contain_text("INC1")
    page.set_viewport_size(PHONE)
    page.reload()
    assert_accessible(page)
    expect(page.locator("#q-overall-0")).not_to_be_focused()  # on a phone one dials first
    with page.expect_navigation():
        page.locator('button[value="busy"]').press("Enter")
    expect(page.locator("h1")).to_have_text("Surveys due")
    agent.close()
    with desk.store():
        response = Response.get()
        assert response.channel == Channel.TELEPHONE
        told = {row.question.code: row.value or row.words for row in Answer.select()}
        assert told == {
            "overall": 4,
            "timeliness": 1,
            "expertise": 3,
            "attitude": 5,
            "convenience": None,
            "first_contact": 1,
            "opinions": "先后报修 3 次，等了 5 天",
        }
