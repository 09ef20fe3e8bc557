"""Walking through the pages as people do; forms are found by where they lead, in either language."""

from __future__ import annotations

from functools import cache

from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page, expect

from csat import clock
from csat.adapters import passwords
from csat.models.access import Account
from csat.models.base import expect_value
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.people import accounts, persons, sessions, welcome_links
from tests.browser.conftest import PATIENCE, House, assert_accessible
from tests.builders import an_account

PASSWORD = "a bicycle under the old bridge"
RATED = "main form input[type=radio][name^='q-']"
TAGS = {"zh": "zh-CN", "en": "en-GB"}


@cache
def hash_password() -> str:
    """The password's hash, once for everybody: it is slow on purpose."""
    return passwords.hashed(PASSWORD)


def can_sign_in(person: Person, user_name: str, language: str = "en") -> None:
    """Give somebody an account, with the walk's password."""
    account = accounts.open_account(person, user_name, language, "test", clock.now())
    welcome_links.set_password(account, hash_password(), clock.now())


def hired(user_name: str, role: Role, language: str = "en", home: Department | None = None, zone=None) -> Person:
    """Somebody of the staff, named as they sign in."""
    email = f"{user_name}@example.org"
    person = persons.add_person(user_name.capitalize(), email, "", "test", clock.now(), home, zone)
    can_sign_in(person, user_name, language)
    accounts.grant_role(person, role, "test", clock.now())
    return person


class Visitor:
    """One person at one browser window, who looks at each page with axe before going on."""

    def __init__(self, browser: Browser, house: House, language: str, viewport: dict[str, int]) -> None:
        self.house, self.language = house, language
        self.context = browser.new_context(
            viewport=viewport, locale=TAGS[language], base_url=house.url, accept_downloads=True
        )
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page: Page = self.context.new_page()

    def open(self, path: str) -> None:
        """Go to an address of the house."""
        answer = self.page.goto(path)
        assert answer is not None and answer.ok, f"{path}: {answer and answer.status}"
        assert_accessible(self.page)

    def form(self, ending: str):
        """The form whose action ends like this."""
        return self.page.locator(f'form[action$="{ending}"]')

    def choose(self, name: str, value: str) -> None:
        """Tick a radio button or checkbox."""
        self.page.locator(f'[name="{name}"][value="{value}"]').first.check(force=True)

    def rate_all(self, value: str) -> None:
        """Answer everything that can be ticked: ratings with this value, yes to what is asked so."""
        names = self.page.eval_on_selector_all(RATED, "all => [...new Set(all.map(one => one.name))]")
        for name in names:
            offered = self.page.locator(f'[name="{name}"][value="{value}"]').count()
            self.choose(name, value if offered else "yes")

    def write(self, name: str, words: str, within: str = "") -> None:
        """Type into a field."""
        place = self.form(within) if within else self.page
        place.locator(f'[name="{name}"]').first.fill(words)

    def pick(self, name: str, label: str, within: str = "") -> None:
        """Choose from a list by its words."""
        place = self.form(within) if within else self.page
        place.locator(f'select[name="{name}"]').first.select_option(label=label)

    def send(self, ending: str, button: str = "") -> None:
        """Press a form's button (its only one, or the one of this value) and look at what comes."""
        selector = f'button[value="{button}"]' if button else "button"
        with self.page.expect_navigation():
            self.form(ending).locator(selector).last.click()
        expect(self.page.locator("h1")).to_have_count(1)
        wrong = self.page.locator(".error:visible").all_inner_texts()
        assert not wrong, self.page.locator("main").inner_text()
        assert_accessible(self.page)

    def sign_in(self, user_name: str) -> None:
        """Sign in with the walk's password."""
        self.open("/sign-in")
        self.write("user_name", user_name)
        self.write("password", PASSWORD)
        with self.page.expect_navigation():
            self.page.locator("main form button").first.click()
        expect(self.page.locator("nav.rail")).to_be_visible()
        assert_accessible(self.page)

    def enter(self, person: Person) -> Visitor:
        """Be signed in already, in a house beside the test: signing in is walked elsewhere."""
        account = Account.get_or_none(Account.person == person) or an_account(person)
        Account.update(locale=self.language).where(Account.id == account.id).execute()
        token = sessions.begin_session(account, clock.now())
        app = expect_value(self.house.app)
        signer = expect_value(SecureCookieSessionInterface().get_signing_serializer(app))
        value = signer.dumps({"_user_id": token, "_fresh": True})
        self.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": self.house.url}])
        return self

    def press(self, words: str) -> None:
        """Press the first button with these words and look at what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).first.click()
        assert_accessible(self.page)

    def go(self, words: str) -> None:
        """Follow the first link with these words and look at what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()
        assert_accessible(self.page)

    @property
    def said(self) -> str:
        """What the page says."""
        return self.page.locator("main").inner_text()

    def follow(self, ending: str) -> None:
        """Follow the first link that leads there."""
        with self.page.expect_navigation():
            self.page.locator(f'main a[href*="{ending}"]').first.click()
        assert_accessible(self.page)

    def wait_for_job(self) -> None:
        """Stay on a job's page until it shows where the result is."""
        expect(self.page.locator("main .tag.good, main .note.bad").first).to_be_visible()
        assert not self.page.locator("main .note.bad").count(), self.page.locator("main").inner_text()

    def close(self) -> None:
        self.context.close()
