"""What the robot does at a page: it reads forms and links, types what fits or what does not, and presses buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from random import Random
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from lxml.html import document_fromstring  # six times as fast as what tests/page.py reads with; a year has many pages
from werkzeug.test import TestResponse

from csat import clock
from csat.models.access import Account
from csat.models.people import Person
from csat.procedure.people import sessions
from csat.procedure.worklists import worklists
from tests.builders import ZONE, an_account

REFUSALS = (403, 404, 409, 410, 413, 422, 429)  # of these a page says in a sentence what to do
REDIRECTS = (301, 302, 303, 307, 308)
SAID = ("网络时断时续", "It took four days", "请尽快处理", "<b>bold</b> & 'quoted'", "😀 ok", "=1+1", "谢谢")
BROKEN = (
    "",
    "   ",
    "<script>alert(1)</script>",
    "长" * 5000,
    "-1",
    "2026-02-31",
    "0000-00-00T99:99",
    "999999",
    "\u202e\x7f",
)


@dataclass
class Field:
    """One control of a form, or all radios or boxes of one name."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page: where it goes, its fields, its buttons as (name, value, words)."""

    action: str
    method: str
    fields: list[Field]
    buttons: list[tuple[str, str, str]]

    def names(self) -> set[str]:
        return {one.name for one in self.fields}

    def as_it_stands(self) -> dict[str, Any]:
        """What a browser would send of it untouched."""
        sent: dict[str, Any] = {}
        for one in self.fields:
            if one.kind in ("radio", "checkbox", "select"):
                if one.chosen:
                    sent[one.name] = one.chosen if one.kind == "checkbox" else one.chosen[0]
                elif one.kind == "select" and one.options:
                    sent[one.name] = one.options[0]
            elif one.kind != "file":
                sent[one.name] = one.chosen or one.value  # hidden ones can stand for several rows
        return sent


@dataclass
class Seen:
    """A page as it came: its status, where it is, and whether the act that led there was taken."""

    status: int
    path: str
    html: str
    redirected: bool = False

    @cached_property
    def tree(self) -> Element:
        return document_fromstring(self.html or "<p>")

    @cached_property
    def main(self) -> Element:
        return next((one for one in self.tree.iter("main")), self.tree)

    @property
    def text(self) -> str:
        return words_of(self.tree)

    @property
    def taken(self) -> bool:
        """Whether an act was done: it led on, and no note says why not."""
        return self.redirected and self.status == 200 and 'class="note bad" role="status"' not in self.html

    def links(self) -> list[str]:
        """Paths of this site that the page's own part leads to."""
        found = [one.get("href", "") for one in self.main.iter("a")]
        return [path for path in found if path.startswith("/") and not path.startswith("//")]

    @cached_property
    def forms(self) -> list[Form]:
        """The forms of the page's own part, not those of its rail."""
        outside: dict[str, list[tuple[str, str, str]]] = {}
        for button in self.main.iter("button"):
            if button.get("form"):
                outside.setdefault(button.get("form", ""), []).append(_button(button))
        return [_read_form(one, self.path, outside.get(one.get("id", ""), [])) for one in self.main.iter("form")]

    def form_to(self, ending: str) -> Form | None:
        """The form that goes to an address that matches; None if the page has none."""
        found = [one for one in self.forms if re.search(ending, urlsplit(one.action).path)]
        return min(found, key=lambda one: one.method == "get", default=None)  # what acts, before what searches

    def rail(self) -> dict[str, int]:
        """What waits at each place of the rail, by its path."""
        counts = {}
        for nav in self.tree.iter("nav"):
            if nav.get("class") == "rail":
                for link in nav.iter("a"):
                    marks = [words_of(one) for one in link.iter("span") if one.get("class") == "tag warn"]
                    counts[link.get("href", "")] = int(re.sub(r"\D", "", marks[0])) if marks else 0
        return counts


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _button(element: Element) -> tuple[str, str, str]:
    return element.get("name", ""), element.get("value", ""), words_of(element)


def _read_form(form: Element, path: str, outside: list[tuple[str, str, str]]) -> Form:
    fields: dict[str, Field] = {}
    for one in form.iter():
        name, kind = one.get("name", ""), one.get("type", "text")
        if not isinstance(one.tag, str) or not name or "disabled" in one.attrib or one.tag == "button":
            continue
        if one.tag == "select":
            kind = "checkbox" if "multiple" in one.attrib else "select"
            options = [(each.get("value", words_of(each)), "selected" in each.attrib) for each in one.iter("option")]
            fields[name] = Field(name, kind, "", [v for v, _ in options], [v for v, on in options if on])
        elif one.tag == "textarea":
            fields[name] = Field(name, "textarea", "".join(one.itertext()).removeprefix("\n"))
        elif one.tag == "input" and kind in ("radio", "checkbox"):
            group = fields.setdefault(name, Field(name, kind))
            group.options.append(one.get("value", "on"))
            group.chosen += [one.get("value", "on")] if "checked" in one.attrib else []
        elif one.tag == "input" and kind == "hidden" and name in fields:
            fields[name].chosen = [*(fields[name].chosen or [fields[name].value]), one.get("value", "")]
        elif one.tag == "input" and kind not in ("submit", "image", "reset", "button"):
            fields[name] = Field(name, kind, one.get("value", ""))
    buttons = [_button(one) for one in form.iter("button") if one.get("type", "submit") == "submit"]
    return Form(form.get("action") or path, form.get("method", "get").lower(), list(fields.values()), buttons + outside)


class Hands:
    """One person, or a client without an account, at a browser. `watch` is told of each answer."""

    def __init__(
        self, app: Flask, dice: Random, watch: Callable[[Hands, str, Seen], None], person: Person | None = None
    ):
        self.app, self.dice, self.watch, self.person = app, dice, watch, person
        self.come_in()

    @property
    def name(self) -> str:
        return self.person.name if self.person else "a client"

    def come_in(self) -> None:
        """Begin a fresh browser, signed in where there is an account."""
        self.browser = self.app.test_client()
        self.browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if self.person is None:
            return
        account = Account.get_or_none(Account.person == self.person) or an_account(self.person, "en")
        token = sessions.begin_session(account, clock.now())
        with self.browser.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True

    def get(self, path: str) -> Seen:
        """Fetch a page; whose session is over signs in again, and is where they wanted to be."""
        seen = self._arrive(f"GET {path}", self.browser.get(path))
        if seen.path.startswith("/sign-in") and self.person is not None:
            self.come_in()
            seen = self._arrive(f"GET {path}", self.browser.get(path))
        return seen

    def rail(self) -> dict[str, int]:
        """What waits for this person, read off the page that costs least."""
        return self.get("/account").rail()

    def list_waiting(self) -> list[str]:
        """Where something waits, by the table that the rail is drawn from: that costs less than a page."""
        return [one.path for one, _ in worklists.list_waiting(self.person, clock.now(), ZONE)]

    def send(self, form: Form, values: dict[str, Any], button: tuple[str, str, str] | None = None) -> Seen:
        """Send a form with these values, by one of its buttons."""
        sent = dict(values)
        if button and button[0]:
            sent[button[0]] = button[1]
        path = urlsplit(form.action).path + (f"?{urlsplit(form.action).query}" if urlsplit(form.action).query else "")
        if form.method == "get":
            return self._arrive(f"GET {path} {sent}", self.browser.get(urlsplit(path).path, query_string=sent))
        told = {name: value for name, value in sent.items() if name not in ("csrf_token", "files")}
        return self._arrive(f"POST {path} {told}", self.browser.post(path, data=sent))

    def _arrive(self, what: str, answer: TestResponse) -> Seen:
        redirected = False
        while answer.status_code in REDIRECTS:
            redirected = True
            place = urlsplit(answer.headers["Location"])
            answer = self.browser.get(place.path + (f"?{place.query}" if place.query else ""))
        path = answer.request.path
        if answer.request.query_string:
            path += "?" + answer.request.query_string.decode()
        html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        seen = Seen(answer.status_code, path, html, redirected)
        self.watch(self, what, seen)
        return seen

    # --- what is typed -------------------------------------------------------------------------------

    def fill(self, form: Form, broken: bool = False, **fixed: Any) -> dict[str, Any]:
        """Values for a form: what fits, or with something broken; `fixed` are typed as told where there is a field."""
        sent = form.as_it_stands()
        for one in form.fields:
            if one.kind in ("hidden", "file"):
                continue
            value = self._wrong(one) if broken and self.dice.random() < 0.3 else self._fitting(one)
            if value is None:
                sent.pop(one.name, None)
            else:
                sent[one.name] = value
        for name, value in fixed.items():
            sent |= {one.name: value for one in form.fields if one.name == name}
        return sent

    def _wrong(self, one: Field) -> str | None:
        if one.kind == "checkbox":
            return "999999"
        return self.dice.choice([None, *BROKEN])

    def _fitting(self, one: Field) -> Any:
        dice = self.dice
        if one.kind in ("select", "radio"):
            useful = [value for value in one.options if value] or one.options
            return dice.choice(useful) if useful else None
        if one.kind == "checkbox":
            ticked = [value for value in one.options if dice.random() < 0.5]
            return ticked or None
        now = clock.now().astimezone(ZONE)
        if one.kind == "date":
            return one.value or str((now + timedelta(days=dice.choice([0, 1, 3, 10, 30]))).date())
        if one.kind == "datetime-local":
            return (now + timedelta(hours=dice.choice([1, 3, 20, 50]))).strftime("%Y-%m-%dT%H:%M")
        if one.kind == "number":
            return str(dice.choice([0, 1, 5, 50, 99]))
        if one.kind == "email" or "email" in one.name:
            return one.value or f"p{dice.randrange(1000)}@client.example"
        if one.kind == "tel" or "telephone" in one.name:
            return one.value or f"138{dice.randrange(10**8):08d}"
        if one.kind in ("text", "textarea") and one.value:
            return one.value
        return dice.choice(SAID)


def pick_button(dice: Random, form: Form) -> tuple[str, str, str] | None:
    return dice.choice(form.buttons) if form.buttons else None


def each_path(links: list[str], pattern: str) -> Iterator[str]:
    """Those of some links whose path matches wholly, each once."""
    yield from dict.fromkeys(urlsplit(one).path for one in links if re.fullmatch(pattern, urlsplit(one).path))
