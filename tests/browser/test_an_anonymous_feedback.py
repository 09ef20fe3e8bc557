"""Feedback from somebody without a name goes all the way, by six people: a question and its answer through
the receipt, a passing-on, a plan, a return, and the confirmation (I1–I5, Q4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from csat import clock, database
from csat.adapters import passwords
from csat.models.answers import Message, MessageKind
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep
from csat.models.records import AuditDetail, AuditEntry
from csat.models.roles import Role
from csat.procedure.people import accounts, departments, persons, sessions
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_the_whole_way import WORDS, Scene, answer_on_the_link, open_what_waits
from tests.browser.test_the_whole_way import scene as the_scene
from tests.browser.walk import PASSWORD, Visitor

pytestmark = pytest.mark.browser
scene = the_scene

QUESTION, ANSWER = "Which building was it?", "The warehouse at gate 7."
TITLE = "Hangs three times a month"
REPLY = "We found the cause: the switch in the warehouse."
ELSEWHERE = "The network is well; it is the program that hangs."
NOT_YET = "Nobody has looked whether it stayed away."
LABELS = {
    "zh": {"type": "反复故障", "networks": "网络部", "software": "软件部"},
    "en": {"type": "Recurring fault", "networks": "Networks", "software": "Software"},
}
STEPS = [
    *("create", "assign", "pass_on", "reply", "propose", "accept", "start", "action", "finish"),
    *("return", "finish", "confirm"),
]


@pytest.fixture
def six(scene: Scene, browser: Browser, language: str, viewport: dict[str, int]):
    """The respondent and five of the staff, each at a window of their own."""
    house = scene.house
    database.open_store(house.config.database, house.config.drafts)
    now, zone, known = clock.now(), house.config.timezone, passwords.hashed(PASSWORD)
    software = departments.add_department("软件部", "Software", "test", now)
    for user, role, home in (("second", Role.QA, None), ("program", Role.DEPARTMENT, software)):
        person = persons.add_person(user.capitalize(), f"{user}@example.org", "", "test", now, home, zone)
        account = accounts.open_account(person, user, language, "test", now)
        accounts.grant_role(person, role, "test", now)
        sessions.set_password(account, known, now)
    database.close_store()
    visitors = {"guest": Visitor(browser, house, language, viewport)}
    for user in ("quality", "second", "network", "program", "checker"):
        visitors[user] = Visitor(browser, house, language, viewport)
        visitors[user].sign_in(user)
    yield visitors
    for visitor in visitors.values():
        visitor.close()


@pytest.mark.parametrize(
    ("language", "viewport"), [("zh", PHONE), ("en", DESKTOP)], ids=["Chinese on a phone", "English on a desktop"]
)
def test_it_goes_all_the_way_by_six_people(scene, six, browser, language, viewport):
    labels = LABELS[language]
    code = answer_on_the_link(scene, Visitor(browser, scene.house, language, viewport), language)
    address = taken_up(six["quality"], labels, language)
    asked(six["guest"], code)
    network = six["network"]
    network.open(address)
    expect(network.page.locator("main")).to_contain_text(ANSWER)
    network.page.locator('form[action$="/pass-on"]').evaluate("form => form.closest('details').open = true")
    network.pick("department", labels["software"], "/pass-on")
    network.write("reason", ELSEWHERE, "/pass-on")
    network.send("/pass-on")
    assert network.page.goto(address).status == 404  # it is another department's now
    planned(six["program"], address)
    six["second"].open(address)
    six["second"].send("/accept")
    worked(six["program"], address)
    checker = six["checker"]
    checker.open(address)
    checker.write("words", NOT_YET, "/return")
    checker.send("/return")
    six["program"].open(address)
    expect(six["program"].page.locator("main")).to_contain_text(NOT_YET)
    six["program"].write("words", "Watched for two days: no hang.", "/finish")
    six["program"].send("/finish")
    checker.open(address)
    checker.write("words", "Seen in the log.", "/confirm")
    checker.send("/confirm")
    settled(six["guest"], code)
    left_behind(scene, code)


def taken_up(qa: Visitor, labels: dict[str, str], language: str) -> str:
    """QA opens what waits, finds the words genuine, asks the client, and makes a feedback of them."""
    qa.open("/qa/")
    open_what_waits(qa)
    qa.open("/qa/review")
    links = qa.page.eval_on_selector_all(
        'main a[href*="/qa/review/"]', "all => [...new Set(all.map(a => a.getAttribute('href')))]"
    )
    for link in links:
        qa.open(link)
        if WORDS[language] in qa.page.locator("main").inner_text():
            break
    key = link.split("?")[0].rsplit("/", 1)[1]
    qa.write("words", QUESTION, "/ask")
    with qa.page.expect_navigation():
        qa.form("/ask").locator("button").first.click()
    qa.open(f"/qa/review/{key}")
    qa.choose("decision", "valid")
    with qa.page.expect_navigation():
        qa.page.locator('form[action*="/qa/review/"]:has([name="decision"]) button').last.click()
    qa.open(f"/qa/proposals/{key}")
    qa.write("title", TITLE, f"/qa/proposals/{key}")
    qa.pick("issue_type", labels["type"])
    qa.choose("severity", "major")
    qa.pick("department", labels["networks"])
    qa.pick("supervisor", "Second")
    qa.send(f"/qa/proposals/{key}", "done")
    qa.open("/feedback/")
    found = qa.page.locator('main a[href*="/feedback/"]', has_text=TITLE).first
    return found.get_attribute("href")


def look_up(guest: Visitor, code: str) -> None:
    guest.open("/receipt")
    guest.write("code", code)
    guest.send("/receipt", "look")


def asked(guest: Visitor, code: str) -> None:
    """The respondent reads the question on the receipt page and answers it, still without a name."""
    look_up(guest, code)
    expect(guest.page.locator("main")).to_contain_text(QUESTION)
    guest.write("words", ANSWER)
    guest.send("/receipt", "answer")
    expect(guest.page.locator("main")).to_contain_text(ANSWER)
    assert not guest.page.locator('[name="words"]').count()
    assert not guest.context.cookies()


def planned(owner: Visitor, address: str) -> None:
    """The second department replies on the receipt page and proposes a plan."""
    owner.open(address)
    owner.write("words", REPLY, "/reply")
    owner.send("/reply")
    due = (clock.now() + timedelta(days=3)).date().isoformat()
    owner.write("cause", "A timeout that is too short.", "/propose")
    owner.write("actions-0-what", "Set the timeout right", "/propose")
    owner.pick("actions-0-owner", "Program", "/propose")
    owner.write("actions-0-due", due, "/propose")
    with owner.page.expect_navigation():
        owner.form("/propose").locator("button").last.click()
    assert not owner.page.locator(".error:visible").all_inner_texts()


def worked(owner: Visitor, address: str) -> None:
    """The work begins, is done with evidence, and is reported as done."""
    owner.open(address)
    owner.send("/start")
    owner.page.locator("textarea[name=evidence]").first.fill("Release 4.2, seen in the ticket.")
    with owner.page.expect_navigation():
        owner.page.locator('form[action*="/actions/"] button').last.click()
    owner.write("words", "The timeout is right.", "/finish")
    owner.send("/finish")


def settled(guest: Visitor, code: str) -> None:
    """The receipt tells the end, the reply, and nothing of ratings or of who works on it."""
    look_up(guest, code)
    page = guest.page.locator("main")
    for words in (QUESTION, ANSWER, REPLY):
        expect(page).to_contain_text(words)
    said = page.inner_text()
    for inside in (ELSEWHERE, NOT_YET, "Program", "Network", TITLE, "Set the timeout right"):
        assert inside not in said
    assert not guest.context.cookies()


def left_behind(scene: Scene, code: str) -> None:
    """Five of the staff stand in the history; of the sixth nothing stands anywhere."""
    config = scene.house.config
    database.open_store(config.database, config.drafts)
    found, steps = Feedback.get(), list(FeedbackStep.select().order_by(FeedbackStep.id))
    assert [step.step.value for step in steps] == STEPS and found.state == FeedbackState.CONFIRMED
    assert {step.by.name for step in steps} == {"Quality", "Second", "Network", "Program", "Checker"}
    assert {step.department.name for step in steps if step.department} == {"网络部", "软件部"}
    answer = Message.get(Message.kind == MessageKind.ANSWER)
    assert (answer.words, answer.by, answer.at) == (ANSWER, None, None)
    response = answer.response
    assert not (response.contact_id or response.received_at or response.campaign_id or response.incident_id)
    told = [row.detail for row in AuditDetail.select()]
    told += [f"{row.action} {row.subject} {row.actor}" for row in AuditEntry.select()]
    written = "\n".join(told) + (config.instance.parent / "serve.log").read_text("utf-8")
    for secret in (code, code.replace("-", ""), scene.token, ANSWER):
        assert secret not in written
    database.close_store()
