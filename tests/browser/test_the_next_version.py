"""The next version of a questionnaire, by QA alone: edited, previewed, published, answered beside the old, reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, expect

from csat import clock
from csat.models.answers import Response
from csat.models.asking import Campaign, Naming, Occasion
from csat.models.clients import Client, Tier
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireVersion
from csat.models.roles import Role
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.clients import clients, contacts
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from csat.procedure.review import verdicts
from csat.procedure.survey import submission
from tests.browser.conftest import DESKTOP, PHONE, House, assert_accessible
from tests.browser.walk import Visitor, hired
from tests.builders import some_answers

pytestmark = pytest.mark.browser

REWORDED = {"zh": "您对本次安全服务的总体感受如何？", "en": "All in all, how was this security service for you?"}
ADDED = {"zh": "处理期间，您对进展的告知满意吗？", "en": "How well were you kept informed of the progress?"}
REASON = {"zh": "客户多次反映不了解进展，增设一题。", "en": "Clients said that they were not told of the progress."}


@dataclass
class Scene:
    """A house with two people of QA, and a client who answered the first version a quarter before."""

    house: House
    quarter: Quarter
    zone: ZoneInfo
    client: Client
    staff: dict[str, Person]


@pytest.fixture
def scene(house: House) -> Scene:
    now, zone = clock.now(), house.config.timezone
    staff = {user: hired(user, Role.QA, zone=zone) for user in ("quality", "second")}
    client = clients.add_client("华东物流", Tier.CORE, "test", now, name_en="Huadong Logistics")
    made = Scene(house, Quarter.of(now, zone), zone, client, staff)
    campaign = open_a_round(made, made.quarter.plus(-1), now)
    for number in range(4):
        answer_by_name(made, campaign, f"联系人{number}", now)
    return made


@pytest.mark.parametrize(
    ("edited", "read", "size"), [("zh", "en", PHONE), ("en", "zh", DESKTOP)], ids=["in Chinese", "in English"]
)
def test_a_question_moved_one_reworded_one_added_and_one_trend(scene: Scene, browser: Browser, edited, read, size):
    """Edited in one language, by the first of two on a phone; answered and read in the other."""
    qa = Visitor(browser, scene.house, edited, size).enter(scene.staff["quality"])
    begin_the_draft(qa)
    move_down(qa, "expectation")
    reword(qa, "overall")
    add_a_rating(qa)
    preview(qa, edited)
    publish(qa, REASON[edited])
    now = clock.now()
    version = questionnaires.get_version_in_force("security", now)
    assert version.number == 2
    campaign = open_a_round(scene, scene.quarter, now)
    token = invite(scene, campaign, "新联系人", now, read)
    for number in range(4):
        answer_by_name(scene, campaign, f"联系人{number}", now)
    answer_on_the_page(Visitor(browser, scene.house, read, PHONE), token, read)
    accept_all(scene)
    reader = Visitor(browser, scene.house, read, DESKTOP).enter(scene.staff["second"])
    see_one_trend(reader, scene, read)
    read_the_note(reader, scene, read)


def open_a_round(scene: Scene, quarter: Quarter, now: datetime) -> Campaign:
    version = questionnaires.get_version_in_force("security", now)
    closes = now + timedelta(days=15)
    return campaigns.open_campaign(
        Occasion.PROJECT, version, quarter, closes, Naming.NAMED, b"", scene.staff["quality"], now, "验收"
    )


def invite(scene: Scene, campaign: Campaign, name: str, now: datetime, language: str = "zh") -> str:
    contact = contacts.add_contact(scene.client, name, f"{campaign.id}{name}@example.org", "", language, "test", now)
    invitation = invitations.invite_contact(campaign, contact, scene.staff["quality"], now, zone=scene.zone)
    return invitations.make_link(invitation, scene.staff["quality"], now)


def answer_by_name(scene: Scene, campaign: Campaign, name: str, now: datetime) -> None:
    token = invite(scene, campaign, name, now)
    given = answers_to(campaign.version)
    submission.submit_response(token, submission.FilledForm(given, False, "", name=name), now, lambda key, text: b"")


def answers_to(version: QuestionnaireVersion) -> dict:
    """A 4 for every rating of the version."""
    asked = {question.code for question in version.questions}
    return {code: given for code, given in some_answers("security", 4).items() if code in asked}


def accept_all(scene: Scene) -> None:
    for response in Response.select():
        verdicts.accept_response(response, scene.staff["second"], clock.now())


def sheet_of(qa: Visitor, code: str) -> Locator:
    """The question's sheet in the editor, unfolded."""
    sheet = qa.page.locator(".sheet.ask", has=qa.page.locator("summary .soft", has_text=f"{code} ·"))
    if not sheet.locator("details").first.evaluate("it => it.open"):
        sheet.locator("summary").first.click()
    return sheet


def press(qa: Visitor, button: Locator) -> None:
    with qa.page.expect_navigation():
        button.click()
    assert_accessible(qa.page)


def begin_the_draft(qa: Visitor) -> None:
    qa.open("/questionnaires/")
    qa.send("/security/draft/start")
    expect(qa.page.locator("form#editor")).to_be_visible()


def move_down(qa: Visitor, code: str) -> None:
    press(qa, sheet_of(qa, code).locator('button[value^="down:"]').first)


def reword(qa: Visitor, code: str) -> None:
    for tongue, words in REWORDED.items():
        sheet_of(qa, code).locator(f'[name$=":text_{tongue}"]').fill(words)
    press(qa, qa.page.locator('.deck button[value="save"]'))


def add_a_rating(qa: Visitor) -> None:
    press(qa, qa.page.locator('button[value^="add:"]').nth(1))
    new = qa.page.locator(".sheet.ask", has=qa.page.locator('input[name$=":code"]'))
    if not new.locator("details").first.evaluate("it => it.open"):
        new.locator("summary").first.click()
    new.locator('[name$=":code"]').fill("informed")
    new.locator('select[name$=":dimension"]').select_option("timeliness")
    for tongue, words in ADDED.items():
        new.locator(f'[name$=":text_{tongue}"]').fill(words)
    press(qa, qa.page.locator('.deck button[value="save"]'))


def preview(qa: Visitor, language: str) -> None:
    press(qa, qa.page.locator('.deck button[value="preview"]'))
    frame = qa.page.frame_locator("iframe")
    expect(frame.locator("form#survey")).to_be_visible()
    assert REWORDED[language] in frame.locator("main").inner_text()
    assert ADDED[language] in frame.locator("main").inner_text()
    qa.page.go_back()


def publish(qa: Visitor, reason: str) -> None:
    press(qa, qa.page.locator('.deck button[value="publish"]'))
    qa.write("reason", reason)
    press(qa, qa.page.locator('main form:has([name="reason"]) button').last)
    assert reason in qa.page.locator("main").inner_text()


def answer_on_the_page(guest: Visitor, token: str, language: str) -> None:
    """A client answers the new version by its link, on the real page."""
    guest.open(f"/s/{token}")
    assert ADDED[language] in guest.page.locator("main").inner_text()
    names = guest.page.eval_on_selector_all(
        "#survey input[type=radio][name^='q-']", "inputs => [...new Set(inputs.map(i => i.name))]"
    )
    assert "q-informed" in names
    for name in names:
        guest.choose(name, "4")
    if guest.page.locator("input[name=name]:visible").count():
        guest.write("name", "新联系人")
    guest.send(f"/s/{token}", "submit")
    guest.close()


def see_one_trend(qa: Visitor, scene: Scene, language: str) -> None:
    """Both quarters stand in one trend of the questionnaire, with a mark where the version changed."""
    qa.open(f"/qa/questionnaires/security?quarter={scene.quarter}")
    trend = qa.page.locator("#trend")
    assert {"zh": "第 2 版", "en": "version 2"}[language] in trend.inner_text()
    rows = trend.locator("tbody tr").evaluate_all("rows => rows.map(row => row.textContent)")
    assert ["n = 5" in rows[0], "n = 4" in rows[1]] == [True, True], rows[:2]


def read_the_note(qa: Visitor, scene: Scene, language: str) -> None:
    """The report says which version was used, and what it changed."""
    qa.open("/reports/")
    qa.page.locator('select[name="quarter"]').select_option(str(int(scene.quarter)))
    press(qa, qa.page.locator("main form.sheet button").last)
    report = qa.page.locator("article.report").inner_text()
    assert {"zh": "第 2 版", "en": "version 2"}[language] in report
    assert ADDED[language] in report
