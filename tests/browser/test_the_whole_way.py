"""The whole way once: link → answer → release → QA → feedback → report, by eight different people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pikepdf
import pytest
from playwright.sync_api import Browser, expect

from csat import clock, database
from csat.adapters import passwords, sealing
from csat.models.asking import Naming, Occasion
from csat.models.clients import Client, Tier
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.clients import clients, contacts
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import accounts, departments, persons, sessions
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import submission
from tests.browser.conftest import DESKTOP, PHONE, House
from tests.browser.walk import PASSWORD, Visitor

pytestmark = pytest.mark.browser

WORDS = {
    "zh": "同一个故障一个月里报了三次，每次都说修好了。",
    "en": "The same fault was reported three times in a month.",
}
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
    client: Client
    department: Department


@pytest.fixture
def scene(house: House, request: pytest.FixtureRequest) -> Iterator[Scene]:
    language = request.node.callspec.params["language"]
    database.open_store(house.config.database, house.config.drafts)
    now, zone = clock.now(), house.config.timezone
    known, quarter = passwords.hashed(PASSWORD), Quarter.of(now, zone)
    department = departments.add_department("网络部", "Networks", "test", now)
    staff: dict[str, Person] = {}
    for user, role in USERS.items():
        home = department if role == Role.DEPARTMENT else None
        staff[user] = persons.add_person(user.capitalize(), f"{user}@example.org", "", "test", now, home, zone)
        account = accounts.open_account(staff[user], user, language, "test", now)
        accounts.grant_role(staff[user], role, "test", now)
        sessions.set_password(account, known, now)
    client = clients.add_client("华东物流", Tier.CORE, "test", now, name_en="Huadong Logistics")
    clients.put_in_care(client, staff["carer"], now.date() - timedelta(days=1), "test", now)
    key = sealing.create_key(house.config.keys)
    form, closes = questionnaires.get_newest_version("company"), now + timedelta(days=15)
    campaign = campaigns.open_campaign(
        Occasion.QUARTERLY, form, quarter, closes, Naming.BOTH, key, staff["quality"], now
    )
    tokens = []
    for number in range(3):
        contact = contacts.add_contact(client, f"联系人{number}", f"c{number}@example.org", "", language, "test", now)
        invitation = invitations.invite_contact(campaign, contact, staff["carer"], now, zone=zone)
        tokens.append(invitations.make_link(invitation, staff["carer"], now))
        invitations.mark_handed_over(invitation, staff["carer"], now)
    for token in tokens[:2]:
        answers = {
            q.code: GivenAnswer(value=4) for q in questionnaires.questions_of(form) if q.kind in ("rating", "recommend")
        }
        submission.submit_response(
            token, submission.FilledForm(answers, anonymous=True, code=""), now, sealing.seal_bytes
        )
    database.close_store()
    yield Scene(house, quarter, tokens[2], client, department)


@pytest.mark.parametrize(
    ("language", "viewport"), [("zh", PHONE), ("en", DESKTOP)], ids=["Chinese on a phone", "English on a desktop"]
)
def test_from_a_link_to_a_signed_report(scene: Scene, browser: Browser, language: str, viewport: dict[str, int]):
    def visitor() -> Visitor:
        return Visitor(browser, scene.house, language, viewport)

    receipt = answer_on_the_link(scene, visitor(), language)
    qa = visitor()
    qa.sign_in("quality")
    open_what_waits(qa)
    feedback = verify_and_classify(qa, language, scene)
    department = visitor()
    department.sign_in("network")
    reply_and_plan(department, feedback, language)
    qa.open(feedback)
    qa.send("/accept")
    work(department, feedback)
    read_the_reply(visitor(), receipt)
    checker = visitor()
    checker.sign_in("checker")
    checker.open("/improvement/")
    checker.open(feedback)
    checker.write("words", "Seen on site.", "/confirm")
    checker.send("/confirm")
    verify_the_rest(qa)
    report(qa, visitor, scene)


def answer_on_the_link(scene: Scene, guest: Visitor, language: str) -> str:
    """A client answers anonymously; the page sets no cookie. Return the receipt code."""
    guest.open(f"/s/{scene.token}")
    names = guest.page.eval_on_selector_all(
        "#survey input[type=radio][name^='q-']", "inputs => [...new Set(inputs.map(i => i.name))]"
    )
    for name in names:
        guest.choose(name, "2" if name == "q-resolution" else "yes" if name == "q-first_contact" else "4")
    guest.write("q-to_improve", WORDS[language])
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


def verify_and_classify(qa: Visitor, language: str, scene: Scene) -> str:
    """QA finds the answer with the words, verifies it and makes a feedback of it. Return its address."""
    qa.open("/qa/review")
    links = qa.page.eval_on_selector_all(
        'main a[href*="/qa/review/"]', "all => [...new Set(all.map(a => a.getAttribute('href')))]"
    )
    for link in links:
        qa.open(link)
        if WORDS[language] in qa.page.locator("main").inner_text():
            break
    assert WORDS[language] in qa.page.locator("main").inner_text()
    key = link.split("?")[0].rsplit("/", 1)[1]
    qa.choose("decision", "accept" if qa.page.locator('[name="decision"][value="accept"]').count() else "valid")
    with qa.page.expect_navigation():
        qa.page.locator(f'form[action*="/qa/review/{key}"] button').last.click()
    qa.open("/qa/proposals")
    qa.follow(f"/qa/proposals/{key}")
    qa.write("title", "Recurring fault", f"/qa/proposals/{key}")
    qa.pick("issue_type", {"zh": "反复故障", "en": "Recurring fault"}[language])
    qa.choose("severity", "major")
    qa.pick("department", {"zh": "网络部", "en": "Networks"}[language])
    qa.pick("supervisor", "Quality")
    qa.send(f"/qa/proposals/{key}", "done")
    qa.open("/feedback/")
    address = qa.page.locator('main a[href*="/feedback/"]', has_text="Recurring fault").first.get_attribute("href")
    assert address
    return address


def reply_and_plan(owner: Visitor, feedback: str, language: str) -> None:
    """The department replies on the receipt page and proposes a plan."""
    owner.open(feedback)
    assert WORDS[language] in owner.page.locator("main").inner_text()
    owner.write("words", "We found the cause and exchange the part.", "/reply")
    owner.send("/reply")
    due = (clock.now() + timedelta(days=3)).date().isoformat()
    owner.write("cause", "A worn power supply.", "/propose")
    owner.write("actions-0-what", "Exchange the power supply", "/propose")
    owner.pick("actions-0-owner", "Network", "/propose")
    owner.write("actions-0-due", due, "/propose")
    owner.form("/propose").locator("button").last.click()
    owner.page.wait_for_load_state()
    assert not owner.page.locator(".error:visible").all_inner_texts()


def work(owner: Visitor, feedback: str) -> None:
    """The work begins, is done with evidence, and is reported as done."""
    owner.open(feedback)
    owner.send("/start")
    owner.page.locator("textarea[name=evidence]").first.fill("Exchanged and tested; photo in the ticket.")
    with owner.page.expect_navigation():
        owner.page.locator('form[action*="/actions/"] button').first.click()
    owner.write("words", "All done.", "/finish")
    owner.send("/finish")


def read_the_reply(guest: Visitor, receipt: str) -> None:
    """The respondent, still without a name, reads the reply with the receipt code."""
    guest.open("/receipt")
    guest.write("code", receipt)
    guest.send("/receipt", "look")
    assert "We found the cause" in guest.page.locator("main").inner_text()
    assert not guest.context.cookies()
    guest.close()


def verify_the_rest(qa: Visitor) -> None:
    """QA verifies the two answers that came before."""
    for _ in range(2):
        qa.open("/qa/review")
        qa.follow("/qa/review/")
        qa.choose("decision", "accept" if qa.page.locator('[name="decision"][value="accept"]').count() else "valid")
        with qa.page.expect_navigation():
            qa.page.locator('form[action*="/qa/review/"] button').last.click()


def report(qa: Visitor, visitor, scene: Scene) -> None:
    """QA drafts, director and manager approve, QA issues; a manager downloads what is kept."""
    qa.open("/reports/")
    qa.page.locator('select[name="quarter"]').select_option(str(int(scene.quarter))) if qa.page.locator(
        f'select[name="quarter"] option[value="{int(scene.quarter)}"]'
    ).count() else qa.page.locator('select[name="quarter"]').select_option(str(scene.quarter))
    with qa.page.expect_navigation():
        qa.page.locator("main form.sheet button").last.click()
    assert qa.page.locator("article.report").count()
    address = qa.page.url
    qa.form("/submit").locator('input[name="reviewers"]').first.check()
    qa.send("/submit")
    for user in ("chief", "carer"):
        signer = visitor()
        signer.sign_in(user)
        signer.open(address)
        signer.choose("word", "approve")
        signer.send("/say")
        signer.close()
    qa.open(address)
    qa.send("/issue")
    qa.wait_for_job()
    reader = visitor()
    reader.sign_in("carer")
    reader.open(address)
    with reader.page.expect_download() as coming:
        reader.page.locator('a[href$=".pdf"]').first.click()
    content = coming.value.path().read_bytes()
    with pikepdf.open(coming.value.path()) as pdf:
        assert len(pdf.pages) > 5
    database.open_store(scene.house.config.database, scene.house.config.drafts)
    kept = {file.sha256 for file in StoredFile.select()}
    assert hashlib.sha256(content).hexdigest() in kept
    expect(reader.page.locator("h1")).to_have_count(1)
