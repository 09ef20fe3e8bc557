"""Walking through the pages as people do; forms are found by where they lead, in either language."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from csat import clock
from csat.adapters import passwords
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.people import accounts, persons, sessions
from tests.browser.conftest import House, assert_accessible

PASSWORD = "a bicycle under the old bridge"
TAGS = {"zh": "zh-CN", "en": "en-GB"}


def can_sign_in(person: Person, user_name: str, language: str = "en") -> None:
    """Give somebody an account, with the walk's password."""
    account = accounts.open_account(person, user_name, language, "test", clock.now())
    sessions.set_password(account, passwords.hashed(PASSWORD), clock.now())


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
        self.house = house
        self.context = browser.new_context(
            viewport=viewport, locale=TAGS[language], base_url=house.url, accept_downloads=True
        )
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

    def follow(self, ending: str) -> None:
        """Follow the first link that leads there."""
        with self.page.expect_navigation():
            self.page.locator(f'main a[href*="{ending}"]').first.click()
        assert_accessible(self.page)

    def wait_for_job(self) -> None:
        """Stay on a job's page until it shows where the result is."""
        expect(self.page.locator("main .tag.good, main .note.bad").first).to_be_visible(timeout=60_000)
        assert not self.page.locator("main .note.bad").count(), self.page.locator("main").inner_text()

    def close(self) -> None:
        self.context.close()
