"""Feedback from somebody without a name goes all the way, by six people: a question and its answer through
the receipt, a wrong department put right, a plan, a return put right, and the confirmation (I1–I5, P9, Q4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from csat import clock, database
from csat.models.answers import Message, MessageKind
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep
from csat.models.records import AuditDetail, AuditEntry
from csat.models.roles import Role
from csat.procedure.people import departments
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_the_whole_way import (
    Scene,
    answer_on_the_link,
    find_valid,
    find_what_was_said,
    finish_action,
    look_up,
    make_feedback,
    open_what_waits,
    reply_and_plan,
    work,
)
from tests.browser.test_the_whole_way import scene as the_scene
from tests.browser.walk import Visitor, hired

pytestmark = pytest.mark.browser
scene = the_scene

QUESTION, ANSWER = "Which building was it?", "The warehouse at gate 7."
TITLE = "Hangs three times a month"
REPLY = "We found the cause: the switch in the warehouse."
NOT_OURS = "The network is well; it is the program that hangs."
NOT_YET = "Nobody has looked whether it stayed away."
TONGUES = {"quality": "en", "second": "zh", "network": "zh", "program": "en", "checker": "zh"}
STEPS = [
    *("create", "assign", "note", "assign", "reply", "propose", "accept", "start", "action", "finish"),
    *("return", "ask_change", "change_plan", "action", "finish", "confirm"),
]


@pytest.fixture
def six(scene: Scene, browser: Browser):
    """The respondent and five of the staff, each at a window of their own, in their own language."""
    house = scene.house
    with house.store():
        software = departments.add_department("软件部", "Software", "test", clock.now())
        hired("second", Role.QA, TONGUES["second"])
        hired("program", Role.DEPARTMENT, TONGUES["program"], software, house.config.timezone)
    visitors = {"guest": Visitor(browser, house, "zh", PHONE)}
    for user, tongue in TONGUES.items():
        visitors[user] = Visitor(browser, house, tongue, PHONE if user == "program" else DESKTOP)
        visitors[user].sign_in(user)
    yield visitors
    for visitor in visitors.values():
        visitor.close()


def test_it_goes_all_the_way_by_six_people(scene, six, browser):
    code = answer_on_the_link(scene, Visitor(browser, scene.house, "en", PHONE))
    address = taken_up(six["quality"])
    asked(six["guest"], code)
    put_right(six["network"], six["quality"], address)
    reply_and_plan(six["program"], address, REPLY, "A timeout that is too short.", "Set the timeout right", "Program")
    six["second"].open(address)
    six["second"].send("/accept")
    work(six["program"], address, "Release 4.2, seen in the ticket.", "The timeout is right.")
    checker = six["checker"]
    checker.open(address)
    checker.write("words", NOT_YET, "/return")
    checker.send("/return")
    six["program"].open(address)
    expect(six["program"].page.locator("main")).to_contain_text(NOT_YET)
    one_action_more(six["program"], address)
    six["second"].open(address)
    six["second"].send("/change-plan")
    finish_action(six["program"], address, "Watched for two days: no hang.")
    six["program"].write("words", "Watched for two days: no hang.", "/finish")
    six["program"].send("/finish")
    checker.open(address)
    checker.write("words", "Seen in the log.", "/confirm")
    checker.send("/confirm")
    settled(six["guest"], code)
    left_behind(scene, code)


def put_right(wrong: Visitor, qa: Visitor, address: str) -> None:
    """It went to the wrong department, which says so in a note; QA assigns it again, and it is theirs no more."""
    wrong.open(address)
    expect(wrong.page.locator("main")).to_contain_text(ANSWER)
    unfold(wrong, "/note")
    wrong.write("words", NOT_OURS, "/note")
    wrong.send("/note")
    qa.open(address)
    expect(qa.page.locator("main")).to_contain_text(NOT_OURS)
    unfold(qa, "/assign")
    qa.pick("department", "Software", "/assign")
    qa.pick("supervisor", "Second", "/assign")
    qa.write("reason", NOT_OURS, "/assign")
    qa.send("/assign")
    answer = wrong.page.goto(address)
    assert answer is not None and answer.status == 404


def unfold(visitor: Visitor, form: str) -> None:
    """Open what a form is folded into, if it is."""
    visitor.form(form).evaluate("form => { const box = form.closest('details'); if (box) box.open = true }")


def one_action_more(owner: Visitor, address: str) -> None:
    """What was returned needs one more action before it can be called done."""
    owner.open(address)
    form = "/ask-change"
    unfold(owner, form)
    owner.write("what", "Watch it for two days", form)
    owner.pick("owner", "Program", form)
    owner.write("due", (clock.now() + timedelta(days=3)).date().isoformat(), form)
    owner.write("reason", NOT_YET, form)
    owner.send(form)


def taken_up(qa: Visitor) -> str:
    """QA opens what waits, asks the client, finds the words genuine, and makes a feedback of them."""
    open_what_waits(qa)
    key = find_what_was_said(qa)
    qa.write("words", QUESTION, "/ask")
    with qa.page.expect_navigation():
        qa.form("/ask").locator("button").first.click()
    qa.open(f"/qa/review/{key}")
    find_valid(qa)
    return make_feedback(qa, key, TITLE, "Networks", "Second")


def asked(guest: Visitor, code: str) -> None:
    """The respondent reads the question on the receipt page and answers it, still without a name."""
    look_up(guest, code)
    expect(guest.page.locator("main")).to_contain_text(QUESTION)
    guest.write("words", ANSWER)
    guest.send("/receipt", "answer")
    expect(guest.page.locator("main")).to_contain_text(ANSWER)
    assert not guest.page.locator('[name="words"]').count()
    assert not guest.context.cookies()


def settled(guest: Visitor, code: str) -> None:
    """The receipt tells the end, the reply, and nothing of ratings or of who works on it."""
    look_up(guest, code)
    page = guest.page.locator("main")
    for words in (QUESTION, ANSWER, REPLY):
        expect(page).to_contain_text(words)
    said = page.inner_text()
    for inside in (NOT_OURS, NOT_YET, "Program", "Network", TITLE, "Set the timeout right"):
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
