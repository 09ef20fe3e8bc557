"""A printed form in a real browser: typed in twice, on a telephone and at a desk, and its code typed by a client."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from csat import clock
from csat.adapters import sealing
from csat.models.answers import Mailbox
from csat.models.asking import Occasion
from csat.models.paper import PaperComparison
from csat.models.roles import Role
from csat.procedure.campaigns import paper_forms
from csat.procedure.core import settings
from csat.procedure.questionnaires import questionnaires
from tests.browser.conftest import DESKTOP, PHONE, House, assert_accessible
from tests.browser.walk import Visitor, hired
from tests.builders import ZONE, a_campaign, a_client

pytestmark = pytest.mark.browser


def press(visitor: Visitor, button: str) -> None:
    """Press a button of the page and look at what comes."""
    with visitor.page.expect_navigation():
        visitor.page.locator(f"main button[value={button}]").last.click()
    assert_accessible(visitor.page)


def test_a_form_is_typed_twice_and_a_code_opens_another(browser: Browser, house: House):
    with house.store():
        now = clock.now()
        settings.change_setting("paper_double_share", 100, None, now)
        desk, quality = hired("desk", Role.DESK), hired("qa", Role.QA)
        closes = {"opened_at": now, "closes_at": now.replace(year=now.year + 1)}
        key = sealing.create_key(house.config.keys)
        campaign = a_campaign("security", key, occasion=Occasion.EVENT, title="现场培训", **closes)
        stack = paper_forms.print_stack(campaign, a_client(), 2, desk, now, ZONE)
        asked = questionnaires.questions_of(campaign.version)
        ratings = [one.code for one in asked if one.kind == "rating"]
        others = [one.code for one in asked if one.kind not in ("rating", "text")]
    for person, first, language, size in ((desk, "5", "zh", DESKTOP), (quality, "2", "en", PHONE)):
        staff = Visitor(browser, house, language, size).enter(person)
        staff.open(f"/campaigns/{campaign.id}/paper")
        staff.open("/campaigns/paper")
        page = staff.page
        page.locator("#code").fill(stack[0].code.upper())
        press(staff, "look")
        for code in ratings:
            page.locator(f"input[name=q-{code}][value='{first if code == 'overall' else '4'}']").check()
        for code in others:
            page.locator(f"input[name=q-{code}][value='']").check()
        page.locator("input[name=who][value=anonymous]").check()
        press(staff, "save")
    press(staff, "decide")
    with house.store():
        assert (Mailbox.select().count(), PaperComparison.get().differing) == (1, 1)
    client = Visitor(browser, house, "zh", PHONE)
    client.open("/s/")
    client.page.locator("#code").fill("abcd efgh jkmn")
    press(client, "open")
    client.page.locator("#code").fill(stack[1].code.replace("-", ""))
    press(client, "open")
    assert client.page.url.endswith(f"/s/{stack[1].code}")
