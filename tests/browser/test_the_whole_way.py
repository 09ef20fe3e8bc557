"""The whole way once: link → answer → release → QA → feedback → report, by eight different people."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import pikepdf
import pytest
from playwright.sync_api import Browser, expect

from csat import clock
from csat.adapters import sealing
from csat.models.asking import Naming, Occasion
from csat.models.clients import Tier
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.clients import clients, contacts
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import departments
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import submission
from tests.browser.conftest import DESKTOP, PHONE, House
from tests.browser.walk import Visitor, hired
from tests.builders import some_answers

pytestmark = pytest.mark.browser

WORDS = "同一个故障一个月里报了三次，每次都说修好了。"
REPLY = "We found the cause and exchange the part."
USERS = {
    "quality": Role.QA,
    "network": Role.DEPARTMENT,
    "checker": Role.IMPROVEMENT,
    "chief": Role.DIRECTOR,
    "carer": Role.MANAGER,
}


@dataclass
class Scene:
    """What stands before the walk begins: staff, a client of whom two have answered, a third link."""

    house: House
    quarter: Quarter
    token: str


TONGUES = {"quality": "en", "network": "zh", "checker": "en", "chief": "zh", "carer": "en"}
SIZES = {"zh": PHONE, "en": DESKTOP}  # the languages alternate from desk to desk, the sizes with them


@pytest.fixture
def scene(served_house: House) -> Scene:
    with served_house.store():
        made = _a_scene(served_house)
    return made


def _a_scene(house: House) -> Scene:
    now, zone = clock.now(), house.config.timezone
    quarter = Quarter.of(now, zone)
    department = departments.add_department("网络部", "Networks", "test", now)
    homes = {Role.DEPARTMENT: department}
    staff = {user: hired(user, role, TONGUES[user], homes.get(role), zone) for user, role in USERS.items()}
    client = clients.add_client("华东物流", Tier.CORE, "test", now, name_en="Huadong Logistics")
    clients.put_in_care(client, staff["carer"], now.date() - timedelta(days=1), "test", now)
    key = sealing.create_key(house.config.keys)
    form, closes = questionnaires.get_newest_version("company"), now + timedelta(days=15)
    campaign = campaigns.open_campaign(
        Occasion.QUARTERLY, form, quarter, closes, Naming.BOTH, key, staff["quality"], now
    )
    tokens = []
    for number in range(3):
        contact = contacts.add_contact(client, f"联系人{number}", f"c{number}@example.org", "", "zh", "test", now)
        invitation = invitations.invite_contact(campaign, contact, staff["carer"], now, zone=zone)
        tokens.append(invitations.make_link(invitation, staff["carer"], now))
        invitations.mark_handed_over(invitation, staff["carer"], now)
    for token in tokens[:2]:
        filled = submission.FilledForm(some_answers("company", 4), anonymous=True, code="")
        submission.submit_response(token, filled, now, sealing.seal_bytes)
    return Scene(house, quarter, tokens[2])


def a_colleague(scene: Scene, browser: Browser, user_name: str) -> Visitor:
    """Somebody of the staff, signed in, in their own language."""
    tongue = TONGUES[user_name]
    visitor = Visitor(browser, scene.house, tongue, SIZES[tongue])
    visitor.sign_in(user_name)
    return visitor


def test_from_a_link_to_a_signed_report(scene: Scene, browser: Browser):
    receipt = answer_on_the_link(scene, Visitor(browser, scene.house, "zh", PHONE))
    qa = a_colleague(scene, browser, "quality")
    open_what_waits(qa)
    key = find_what_was_said(qa)
    find_valid(qa)
    feedback = make_feedback(qa, key, "Recurring fault", "Networks", "Quality")
    department = a_colleague(scene, browser, "network")
    department.open(feedback)
    assert WORDS in department.page.locator("main").inner_text()
    reply_and_plan(department, feedback, REPLY, "A worn power supply.", "Exchange the power supply", "Network")
    qa.open(feedback)
    qa.send("/accept")
    work(department, feedback, "Exchanged and tested; photo in the ticket.", "All done.")
    read_the_reply(Visitor(browser, scene.house, "zh", PHONE), receipt)
    checker = a_colleague(scene, browser, "checker")
    checker.open("/improvement/")
    checker.open(feedback)
    checker.write("words", "Seen on site.", "/confirm")
    checker.send("/confirm")
    verify_the_rest(qa)
    report(qa, browser, scene)


def answer_on_the_link(scene: Scene, guest: Visitor) -> str:
    """A client answers anonymously; the page sets no cookie. Return the receipt code."""
    guest.open(f"/s/{scene.token}")
    names = guest.page.eval_on_selector_all(
        "#survey input[type=radio][name^='q-']", "inputs => [...new Set(inputs.map(i => i.name))]"
    )
    for name in names:
        guest.choose(name, "2" if name == "q-resolution" else "yes" if name == "q-first_contact" else "4")
    guest.write("q-to_improve", WORDS)
    guest.choose("who", "anonymous")
    guest.send(f"/s/{scene.token}", "submit")
    code = guest.page.locator(".code").inner_text().strip()
    assert not guest.context.cookies()
    answer = guest.page.goto(f"/s/{scene.token}")
    assert answer is not None and answer.status == 410
    guest.close()
    return code


def open_what_waits(qa: Visitor) -> None:
    """QA's first page says that three answers wait; QA has them opened."""
    qa.open("/qa/")
    qa.send("/qa/release")
    qa.wait_for_job()


def find_what_was_said(qa: Visitor) -> str:
    """QA reads response after response until the one with the words. Return its key."""
    qa.open("/qa/review")
    links = qa.page.eval_on_selector_all(
        'main a[href*="/qa/review/"]', "all => [...new Set(all.map(a => a.getAttribute('href')))]"
    )
    for link in links:
        qa.open(link)
        if WORDS in qa.page.locator("main").inner_text():
            return link.split("?")[0].rsplit("/", 1)[1]
    raise AssertionError("nobody said it")


def find_valid(qa: Visitor) -> None:
    """QA finds the response valid whose page is open."""
    qa.choose("decision", "valid")
    with qa.page.expect_navigation():
        qa.page.locator('form[action*="/qa/review/"]:has([name="decision"]) button').last.click()


def make_feedback(qa: Visitor, key: str, title: str, department: str, supervisor: str) -> str:
    """QA makes a feedback of a response, for a department. Return its address."""
    qa.open("/qa/proposals")
    qa.follow(f"/qa/proposals/{key}")
    qa.write("title", title, f"/qa/proposals/{key}")
    qa.pick("issue_type", "Recurring fault")
    qa.pick("department", department)
    qa.pick("supervisor", supervisor)
    qa.choose("severity", "major")
    qa.send(f"/qa/proposals/{key}", "done")
    qa.open("/feedback/")
    return qa.page.locator('main a[href*="/feedback/"]', has_text=title).first.get_attribute("href")


def reply_and_plan(owner: Visitor, feedback: str, reply: str, cause: str, action: str, doer: str) -> None:
    """The department replies on the receipt page and proposes a plan."""
    owner.open(feedback)
    owner.write("words", reply, "/reply")
    owner.send("/reply")
    owner.write("cause", cause, "/propose")
    owner.write("actions-0-what", action, "/propose")
    owner.pick("actions-0-owner", doer, "/propose")
    owner.write("actions-0-due", (clock.now() + timedelta(days=3)).date().isoformat(), "/propose")
    with owner.page.expect_navigation():
        owner.form("/propose").locator("button").last.click()
    assert not owner.page.locator(".error:visible").all_inner_texts()


def work(owner: Visitor, feedback: str, evidence: str, words: str) -> None:
    """The work begins, is done with evidence, and is reported as done."""
    owner.open(feedback)
    owner.send("/start")
    finish_action(owner, feedback, evidence)
    owner.write("words", words, "/finish")
    owner.send("/finish")


def finish_action(owner: Visitor, feedback: str, evidence: str) -> None:
    """The one action that is open is done, with what shows it."""
    owner.open(feedback)
    owner.page.locator("textarea[name=evidence]").first.fill(evidence)
    with owner.page.expect_navigation():
        owner.page.locator('form[action*="/actions/"] button').last.click()


def look_up(guest: Visitor, code: str) -> None:
    guest.open("/receipt")
    guest.write("code", code)
    guest.send("/receipt", "look")


def read_the_reply(guest: Visitor, receipt: str) -> None:
    """The respondent, still without a name, reads the reply with the receipt code."""
    look_up(guest, receipt)
    assert REPLY in guest.page.locator("main").inner_text()
    assert not guest.context.cookies()
    guest.close()


def verify_the_rest(qa: Visitor) -> None:
    """QA verifies the two answers that came before."""
    for _ in range(2):
        qa.open("/qa/review")
        qa.follow("/qa/review/")
        find_valid(qa)


def report(qa: Visitor, browser: Browser, scene: Scene) -> None:
    """QA drafts, director and manager approve, QA issues; a manager downloads what is kept."""
    qa.open("/reports/")
    qa.page.locator('select[name="quarter"]').select_option(str(int(scene.quarter)))
    with qa.page.expect_navigation():
        qa.page.locator("main form.sheet button").last.click()
    assert qa.page.locator("article.report").count()
    address = qa.page.url
    qa.form("/submit").locator('input[name="reviewers"]').first.check()
    qa.send("/submit")
    for user in ("chief", "carer"):
        signer = a_colleague(scene, browser, user)
        signer.open(address)
        signer.choose("word", "approve")
        signer.send("/say")
        signer.close()
    qa.open(address)
    qa.send("/issue")
    qa.wait_for_job()
    reader = a_colleague(scene, browser, "carer")
    reader.open(address)
    with reader.page.expect_download() as coming:
        reader.page.locator('a[href$=".pdf"]').first.click()
    content = coming.value.path().read_bytes()
    with pikepdf.open(coming.value.path()) as pdf:
        assert len(pdf.pages) > 5
    with scene.house.store():
        assert hashlib.sha256(content).hexdigest() in {file.sha256 for file in StoredFile.select()}
    expect(reader.page.locator("h1")).to_have_count(1)
