"""A project manager's quarter, from the prompt to the letter, by the links of their own pages alone (P3, P13).

The manager reads Chinese on a desktop, one client answers in English on a phone, the letter is opened in English.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from csat import clock
from csat.models.answers import Response, Verdict
from csat.models.clients import Client, Tier
from csat.models.letters import Letter, LetterState
from csat.procedure.core import jobs
from csat.procedure.people import persons
from csat.procedure.review import tally
from csat.procedure.worklists.worklists import WORKLISTS
from tests.browser.conftest import DESKTOP, PHONE, House, assert_accessible
from tests.browser.walk import Visitor
from tests.builders import NOW, ZONE, a_client, a_contact
from tests.cast import Cast, a_cast
from tests.letters import a_ready_letter
from tests.reports import Q3

pytestmark = pytest.mark.browser
TEN_DAYS_LEFT = Q3.end(ZONE) - timedelta(days=10)


@pytest.fixture
def cast(house: House) -> Cast:
    """A manager who can be reached, with one core client."""
    cast = a_cast()
    persons.change_person(cast.manager, cast.manager.name, "cheng@provider.example", "021-60000101", "test", NOW)
    client = a_client("华东物流", Tier.CORE, cast.manager, name_en="Huadong Logistics")
    for number, name in enumerate(("王女士", "Ms Li")):
        a_contact(client, name, email=f"c{number}@client.example", telephone=f"1380000000{number}", language="en")
    return cast


def test_a_quarter_from_prompt_to_letter(house: House, cast: Cast, browser: Browser):
    client = Client.get(Client.name == "华东物流")
    manager = Visitor(browser, house, "zh", DESKTOP)
    with clock.freeze_at(TEN_DAYS_LEFT):
        manager.enter(cast.manager)
        link = ask(manager)
        assert WORKLISTS["own_clients"].count(cast.manager, clock.now(), ZONE) == 0
        answer(Visitor(browser, house, "en", PHONE), link)
        read_the_answer(manager)
    Response.update(verdict=Verdict.VALID).execute()
    tally.rebuild_tally()
    with clock.freeze_at(TEN_DAYS_LEFT + timedelta(hours=1)):
        a_ready_letter(cast, client)
        address = send_the_letter(manager)
        open_the_letter(Visitor(browser, house, "en", PHONE), address)
        home(manager)
        manager.go("华东物流")
    assert Letter.get().state == LetterState.SENT


def home(manager: Visitor) -> None:
    """Back to one's first page, by the rail."""
    with manager.page.expect_navigation():
        manager.page.locator('nav.rail a[href="/my-clients/"]').first.click()
    assert_accessible(manager.page)


def ask(manager: Visitor) -> str:
    """The page says that the round is not open; what its button offers is done until nobody is left unasked."""
    manager.open("/my-clients/")
    assert "2026Q3 公司满意度调查尚未开启" in manager.said
    manager.follow("/campaigns/open")
    manager.press("开启调查")
    home(manager)
    manager.follow("/invite")
    manager.press("邀请勾选的联系人")
    home(manager)
    manager.go("发送或转交链接")
    manager.press("为Ms Li生成链接")
    link = manager.page.locator("#address").input_value()
    manager.press("已交给客户")
    return link


def answer(guest: Visitor, link: str) -> None:
    """A client answers by name, with a word."""
    guest.open(path := link.removeprefix("http://localhost"))
    guest.rate_all("5")
    guest.write("q-most_satisfied", "Somebody always answers.")
    guest.choose("who", "named")
    guest.write("name", "Ms Li")
    guest.send(path, "submit")
    guest.close()


def read_the_answer(manager: Visitor) -> None:
    """The named answer stands on the client's page, and opens whole."""
    home(manager)
    manager.go("华东物流")
    assert "Somebody always answers." in manager.said
    manager.follow("/my-clients/answers/")


def send_the_letter(manager: Visitor) -> str:
    """The letter is what comes next; it goes under the manager's name, by a link for one contact."""
    home(manager)
    manager.follow(f"/letters/{Letter.get().id}")
    manager.send("/send")
    jobs.run_waiting_jobs()
    home(manager)
    manager.follow(f"/letters/{Letter.get().id}")
    manager.send("/link")
    return manager.page.locator("#address").input_value()


def open_the_letter(reader: Visitor, address: str) -> None:
    """The client reads it, with whom to turn to."""
    reader.open(address.removeprefix("http://localhost"))
    assert "021-60000101" in reader.said and "cheng@provider.example" in reader.said
    reader.close()
