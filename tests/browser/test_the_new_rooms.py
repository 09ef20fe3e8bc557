"""Risks, commitments, letters, archive, exports and comparisons in Chinese: wide, narrow, and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from csat.documents.report import drafting
from csat.figures.audience import Audience
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.models.clients import Tier
from csat.models.risks import PointDuty, Standing
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import sending
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.reports import reports
from csat.procedure.review import corrections, tally
from csat.procedure.risks import assessments
from csat.procedure.risks import points as risk_points
from tests.browser.conftest import DESKTOP, PHONE, House, assert_accessible
from tests.browser.walk import Visitor
from tests.builders import NOW, ZONE, a_client, a_contact, a_response
from tests.cast import Cast, a_cast
from tests.letters import a_feedback, a_proposal, a_ready_letter, a_sent_letter, an_issued_report

pytestmark = pytest.mark.browser

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
FOR_QA = (
    *("/risks/?quarter=2026Q3", "/risks/process?quarter=2026Q3", "/commitments/?quarter=2026Q3"),
    *("/commitments/feedback_time?quarter=2026Q3", "/letters/", "/archive/", "/exports/"),
    *("/qa/clients?quarter=2026Q3", "/reports/compare"),
)
FOR_THE_MANAGER = ("/letters/", "/letters/1", "/letters/2")

# What can be reached by keyboard and is seen; of radio buttons of one name, one is.
PRESSED = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
REACHABLE = """pressed => [...document.querySelectorAll(pressed)]
    .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.type !== 'hidden'
        && one.type !== 'radio')
    .map(one => { one.reachable = true; return one.outerHTML.slice(0, 120) })"""
FOCUSED = """() => { const one = document.activeElement; one.reached = true;
    const style = getComputedStyle(one);
    return one === document.body || one.type === 'radio' || style.outlineStyle !== 'none' }"""
HERE = "document.activeElement.outerHTML.slice(0, 120)"
UNREACHED = """() => [...document.querySelectorAll('*')].filter(one => one.reachable && !one.reached)
    .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def told(house: House) -> Cast:
    """Who was there when a quarter was asked, answered, corrected, reported, assessed and written about."""
    cast = a_cast()
    _a_quarter(cast)
    return cast


def _a_quarter(cast: Cast) -> None:
    handed, ready, worded, untold = (
        a_client(name, Tier.CORE, cast.manager)
        for name in ("华东物流", "城市银行", "第二医院", "滨海新区公共资源交易服务中心")
    )
    for client in (handed, ready, worded, untold):
        contact = a_contact(client)
        for rated in (5, 4, 2):
            details = {"contact": contact, "verdict": Verdict.VALID, "manager": cast.manager}
            a_response("company", client=client, rated=rated, opinions="等了一天才有人来。", **details)
    record = a_response(
        client=handed, channel=Channel.TELEPHONE, recorder=cast.desk, verdict=Verdict.VALID, opinions="还好"
    )
    tally.rebuild_tally()
    given = {**corrections.answers_by_code(record), "overall": GivenAnswer(2), "first_contact": GivenAnswer(1)}
    corrections.confirm_correction(
        corrections.propose_correction(record, given, "回电核实", cast.qa, NOW), cast.qa2, NOW
    )
    for kind in ("schedule", "slow_reply"):
        a_feedback(handed, "工单三天没有进展", cast, kind)
    earlier = drafting.draft_document(Q2, cast.qa, NOW, ZONE, Audience.RESPONSE_READERS)
    reports.draft_report(Q2, earlier, cast.qa, NOW)
    an_issued_report(cast)
    a_sent_letter(cast, handed)
    sending.make_link(a_sent_letter(cast, ready), None, cast.manager, NOW)
    a_ready_letter(cast, worded)
    a_proposal(cast, untold)
    _assessed(cast)


def _assessed(cast: Cast) -> None:
    points = risk_points.points_of(risk_points.get_domain("process"))
    for point in points:
        PointDuty.create(point=point, department=cast.department)
    said = {
        point.id: assessments.AssessmentDraft(Standing.IN_PLACE, "上月抽检二十单，全部合规", "") for point in points[:4]
    }
    assessments.assess_points(cast.department, Q3, said, cast.owner, NOW, ZONE)


def test_the_new_rooms_are_sound_in_chinese(house: House, told: Cast, browser: Browser):
    for person, paths in ((told.qa, FOR_QA), (told.manager, FOR_THE_MANAGER)):
        visitor = Visitor(browser, house, "zh", DESKTOP).enter(person)
        for at, path in enumerate(paths):
            visitor.page.set_viewport_size(DESKTOP)
            visitor.open(path)
            assert visitor.page.locator("html").get_attribute("lang") == "zh-Hans"
            if at % 2:  # by keyboard in either size
                assert_reachable_by_keyboard(visitor.page)
            visitor.page.set_viewport_size(PHONE)
            assert_accessible(visitor.page)
            if not at % 2:
                assert_reachable_by_keyboard(visitor.page)
        visitor.close()


def test_a_corrected_record_is_sound_where_qa_reads_it(house: House, told: Cast, browser: Browser):
    visitor = Visitor(browser, house, "zh", PHONE).enter(told.qa)
    visitor.open("/archive/?channel=telephone")
    visitor.follow("/archive/")
    visitor.follow("/qa/review/")
    assert "5" in visitor.page.get_by_text("最初记录").first.inner_text()
    assert_reachable_by_keyboard(visitor.page)
    visitor.close()


def assert_reachable_by_keyboard(page: Page) -> None:
    """Tab comes to everything that can be pressed or filled in, and one sees where one is."""
    there = page.evaluate(REACHABLE, PRESSED)
    assert len(there) > 3  # the skip link, the menu, and something to do
    for _ in range(len(there) + 5):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED), f"{page.url}: nothing shows that one is at {page.evaluate(HERE)}"
    unreached = page.evaluate(UNREACHED)
    assert not unreached, f"{page.url}: {unreached[:5]}"
