"""QA at the keyboard: reading response after response, taking words out of a comment, making check calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from csat import clock
from csat.models.answers import Response, Verdict
from csat.models.asking import Channel
from csat.models.check_calls import CheckCall
from csat.models.feedback import Feedback
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import check_calls
from tests.browser.conftest import DESKTOP, PHONE, House
from tests.browser.walk import Visitor, hired
from tests.builders import a_client, a_contact, a_person, a_response

pytestmark = pytest.mark.browser

COMMENT = "等了一天才有人来。一个月报了三次，每次都说修好了。"
MIXED = {"overall": 4}


@pytest.fixture
def told(house: House, browser: Browser) -> Callable[..., Visitor]:
    """Somebody of QA, signed in, after what a story needs was put into the store."""

    def begin(viewport: dict[str, int], story: Callable[[], None]) -> Visitor:
        quality = hired("quality", Role.QA)
        story()
        return Visitor(browser, house, "en", viewport).enter(quality)

    return begin


def test_responses_are_read_with_four_keys_that_never_disturb_typing(told):
    def three() -> None:
        for _ in range(3):
            a_response(ratings=MIXED)

    qa = told(DESKTOP, three)
    qa.open("/qa/review?sort=signals")
    qa.follow("/qa/review/")
    page, keys, where = qa.page, qa.page.keyboard, qa.page.locator(".head p.soft")
    expect(page.locator("[data-keys]")).to_be_visible()
    with page.expect_navigation():
        keys.press("n")
    expect(where).to_contain_text("2 / 3")
    with page.expect_navigation():
        keys.press("p")
    expect(where).to_contain_text("1 / 3")
    keys.press("r")
    expect(page.locator("[name=decision][value=doubt]")).to_be_checked()
    keys.type("very nippy")  # now in the field of the reason
    expect(page.locator("[name=reason]")).to_have_value("very nippy")
    expect(where).to_contain_text("1 / 3")
    page.locator("[name=reason]").fill("")
    page.locator("[data-keys-on]").uncheck()
    keys.press("n")
    keys.press("v")
    expect(page.locator("[name=decision][value=doubt]")).to_be_checked()
    page.reload()
    expect(page.locator("[data-keys-on]")).not_to_be_checked()
    page.locator("[data-keys-on]").check()
    keys.press("v")
    with page.expect_navigation():
        keys.press("Enter")
    expect(where).to_contain_text("1 / 2")
    qa.close()
    assert Response.select().where(Response.verdict == Verdict.VALID).count() == 1


def test_selected_words_are_taken_out_of_a_comment(told):
    def one() -> None:
        a_response(verdict=Verdict.VALID, ratings=MIXED, opinions=COMMENT, client=a_client())

    qa = told(PHONE, one)
    qa.open("/qa/proposals")
    qa.follow("/qa/proposals/")
    page = qa.page
    select = """([from, to]) => {
        const comment = document.querySelector('[data-take] blockquote');
        const walk = document.createTreeWalker(comment, NodeFilter.SHOW_TEXT);
        const text = walk.nextNode();
        getSelection().setBaseAndExtent(text, from, text, to);
    }"""
    take = page.get_by_role("button", name="Take these words")
    page.evaluate(select, [9, 16])
    take.click()
    expect(page.locator("[name=words]")).to_have_value(COMMENT[9:16])
    page.evaluate(select, [0, 8])
    take.click()
    expect(page.locator("[name=words]")).to_have_value(f"{COMMENT[9:16]}\n{COMMENT[:8]}")
    qa.write("title", "Waiting")
    qa.pick("issue_type", "Slow reply")
    qa.choose("severity", "minor")
    key = page.url.rsplit("/", 1)[1]
    qa.send(f"/qa/proposals/{key}", "more")
    expect(page.locator("mark")).to_have_count(2)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('[data-take] blockquote'))")
    take.click()
    expect(page.locator("[name=words]")).to_have_value(COMMENT)  # without the numbers of the feedback
    qa.open(f"/qa/review/{key}")
    qa.open("/feedback/1")
    qa.close()
    assert Feedback.get().words == f"{COMMENT[9:16]}\n{COMMENT[:8]}"


def test_a_check_call_is_drawn_and_made(told):
    def records() -> None:
        desk, contact = a_person("苏岚", Role.DESK), a_contact(a_client())
        for _ in range(4):
            a_response(ratings=MIXED, recorder=desk, channel=Channel.TELEPHONE, contact=contact, client=contact.client)
        check_calls.draw_sample(Quarter(2026, 3), clock.now())

    qa = told(PHONE, records)
    qa.open("/qa/check-calls?quarter=2026Q3")
    qa.follow("/qa/check-calls/")
    key = qa.page.url.rsplit("/", 1)[1]
    qa.send("/number")
    expect(qa.page.locator("main")).to_contain_text("13812345678")
    qa.choose("outcome", "denies")
    qa.write("words", "没有接过电话")
    qa.send(f"/qa/check-calls/{key}")
    expect(qa.page.locator("main")).to_contain_text("Check call: denied")
    qa.open("/qa/check-calls?quarter=2026Q3")
    expect(qa.page.locator("main")).to_contain_text("100.0%")
    qa.close()
    assert CheckCall.get_by_id(int(key)).outcome == "denies"
