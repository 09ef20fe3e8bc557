"""A client that reads each page as a careful reader would, and fails on what is wrong with it.

page.sign_in_as(cast.admin)
page.get("/admin/clients")
page.follow("Add a client")
page.fill(name="华东物流", tier="core")
assert "华东物流" in page.text
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import tinyhtml5
from flask import Flask
from werkzeug.test import TestResponse

from csat import clock
from csat.models.access import Account
from csat.models.people import Person
from csat.procedure.people import sessions
from tests.builders import an_account

UNLABELLED = ("hidden", "submit", "button", "reset", "image")
LANGUAGES = ("zh-Hans", "en")


class Page:
    """The page that was fetched last, and the browser that fetched it."""

    def __init__(self, app: Flask, locale: str = "") -> None:
        self.app = app
        self.locale = locale
        self.browser = self._fresh()
        self.status = 0
        self.path = ""
        self.html = ""
        self.headers: Any = {}

    # --- going places --------------------------------------------------------------------------------

    def sign_in_as(self, person: Person, locale: str = "en") -> Page:
        """Be this person from now on, in a fresh browser."""
        account = Account.get_or_none(Account.person == person) or an_account(person, locale)
        Account.update(locale=locale).where(Account.id == account.id).execute()
        self.locale, self.browser = locale, self._fresh(locale)
        token = sessions.begin_session(account, clock.now())
        with self.browser.session_transaction() as session:
            session["_user_id"], session["_fresh"] = token, True
        return self

    def sign_out(self) -> Page:
        """Be nobody, in a fresh browser that asks for the same language."""
        self.browser = self._fresh(self.locale)
        return self

    def get(self, path: str, status: int = 200, **more: Any) -> Page:
        """Fetch a page, follow its redirects, check it."""
        return self._arrive(self.browser.get(path, follow_redirects=True, **more), status)

    def post(self, path: str, data: Any = None, status: int = 200, token: bool = True, **more: Any) -> Page:
        """Send fields, with the session's token unless told otherwise; follow, check."""
        fields = dict(data or {})
        if token:
            fields.setdefault("csrf_token", self.token())
        return self._arrive(self.browser.post(path, data=fields, follow_redirects=True, **more), status)

    def follow(self, words: str, status: int = 200) -> Page:
        """Follow the link with these words."""
        for link in self.tree.iter("a"):
            if _text(link) == words:
                return self.get(self._beside(link.get("href", "")), status)
        raise AssertionError(f"no link {words!r} on {self.path}: {[_text(a) for a in self.tree.iter('a')]}")

    def fill(self, button: str = "", status: int = 200, /, **changes: Any) -> Page:
        """Send the form that has these fields (and this button), as it stands but for the changes.

        A change to None leaves the field out; a list sends several values; (file, name) a file.
        """
        form = self._form(button, changes)
        fields = _values(form, button)
        for name, value in changes.items():
            fields.pop(name, None)
            if value is not None:
                fields[name] = value
        path = self._beside(form.get("action") or self.path)
        if form.get("method", "get").lower() == "get":
            response = self.browser.get(path, query_string=fields, follow_redirects=True)
        else:
            response = self.browser.post(path, data=fields, follow_redirects=True)
        return self._arrive(response, status)

    def token(self) -> str:
        """The session's token, read off the page last fetched, or off one's own account."""
        for holder in (self, None):
            if holder is None:
                self.get("/account")
            for field in self.tree.iter("input") if self.html else ():
                if field.get("name") == "csrf_token":
                    return field.get("value", "")
        raise AssertionError("no token on the page")

    # --- reading -------------------------------------------------------------------------------------

    @property
    def tree(self) -> Element:
        return _parsed(self.html)

    @property
    def text(self) -> str:
        """What a reader reads in the body."""
        return _text(_only(self.tree, "body"))

    @property
    def heading(self) -> str:
        return _text(_only(self.tree, "h1"))

    @property
    def errors(self) -> list[str]:
        """What is said to be wrong, at fields and above forms."""
        return [
            _text(element)
            for element in self.tree.iter("p")
            if element.get("class") == "error" or "bad" in (element.get("class") or "").split()
        ]

    def links(self) -> list[str]:
        """Where one can go from here."""
        return [link.get("href", "") for link in self.tree.iter("a")]

    def rows(self) -> list[list[str]]:
        """The tables' cells, row by row."""
        return [[_text(cell) for cell in row if cell.tag in ("td", "th")] for row in self.tree.iter("tr")]

    def value(self, name: str) -> Any:
        """What a field holds now."""
        for form in self.tree.iter("form"):
            values = _values(form, "")
            if name in values:
                return values[name]
        raise AssertionError(f"no field {name!r} on {self.path}")

    # --- inside --------------------------------------------------------------------------------------

    def _fresh(self, locale: str = "") -> Any:
        browser = self.app.test_client()
        if locale or self.locale:
            browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = locale or self.locale
        return browser

    def _arrive(self, response: TestResponse, status: int) -> Page:
        self.status, self.headers = response.status_code, response.headers
        self.path = response.request.path
        if response.request.query_string:
            self.path += "?" + response.request.query_string.decode()
        is_page = response.mimetype == "text/html"
        self.html = response.get_data(as_text=True) if is_page else ""
        assert response.status_code == status, f"{response.status_code} for {self.path}: {self._gist()}"
        if is_page:
            check(response, self.app)
        return self

    def _gist(self) -> str:
        return self.text[:500] if self.html else "no page"

    def _beside(self, address: str) -> str:
        """An address written on this page, as a path of this site."""
        parts = urlsplit(address)
        path = parts.path or urlsplit(self.path).path
        return f"{path}?{parts.query}" if parts.query else path

    def _form(self, button: str, changes: dict[str, Any]) -> Element:
        wanted = {name for name, value in changes.items() if value is not None}
        for form in self.tree.iter("form"):
            names = {field.get("name") for field in form.iter()}
            pressed = not button or any(_says(element, button) for element in form.iter("button"))
            if wanted <= names and pressed and (button or not _is_sign_out(form)):
                return form
        raise AssertionError(f"no form with {button!r} {sorted(wanted)} on {self.path}: {self._gist()}")


@lru_cache(maxsize=1)
def _parsed(html: str) -> Element:
    """The page that is being read; a story asks it many questions."""
    return tinyhtml5.parse(html, namespace_html_elements=False)


def check(response: TestResponse, app: Flask) -> None:
    """Fail on what no page may have or lack."""
    tree = _parsed(response.get_data(as_text=True))
    where = response.request.path
    _check_headers(response, app, where)
    assert tree.get("lang") in LANGUAGES, f"{where}: html lang is {tree.get('lang')!r}"
    assert _text(_only(tree, "title")).strip(" ·"), f"{where}: no title"
    assert _text(_only(tree, "h1")), f"{where}: an empty h1"
    _check_controls(tree, where)
    for element in tree.iter():
        assert element.tag != "style", f"{where}: inline style"
        assert element.tag != "script" or element.get("src"), f"{where}: inline script"
        for name in element.attrib:
            assert name != "style" and not name.startswith("on"), f"{where}: {name} on <{element.tag}>"
        if element.tag in ("a", "button"):
            assert _text(element) or element.get("aria-label"), f"{where}: an empty <{element.tag}>"


def _check_headers(response: TestResponse, app: Flask, where: str) -> None:
    headers = response.headers
    policy = headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy and "unsafe" not in policy, f"{where}: policy {policy!r}"
    assert headers.get("X-Content-Type-Options") == "nosniff", where
    assert headers.get("Referrer-Policy") == "no-referrer", where
    assert "no-store" in headers.get("Cache-Control", ""), where
    adapter = app.url_map.bind("localhost")
    if adapter.test(where, method=response.request.method):
        endpoint, _ = adapter.match(where, method=response.request.method)
        if endpoint.split(".")[0] in app.config["PUBLIC_BLUEPRINTS"]:
            assert "Set-Cookie" not in headers, f"{where}: a public page sets a cookie"


def _check_controls(tree: Element, where: str) -> None:
    labelled = {label.get("for") for label in tree.iter("label") if _text(label)}
    wrapped = {id(control) for label in tree.iter("label") if _text(label) for control in label.iter()}
    seen: set[str] = set()
    for control in tree.iter():
        kind = control.get("type", "text")
        if control.tag not in ("input", "select", "textarea") or kind in UNLABELLED:
            continue
        key = control.get("id")
        named = key in labelled if key else False
        said = control.get("aria-label") or control.get("aria-labelledby")
        assert named or id(control) in wrapped or said, f"{where}: {control.get('name')!r} has no label"
        assert key is None or key not in seen, f"{where}: two controls with id {key!r}"
        seen.add(key or "")
    names = {element.get("id") for element in tree.iter()}
    for element in tree.iter():
        for name in (element.get("aria-describedby") or "").split():
            assert name in names, f"{where}: described by {name!r}, which is not there"


def _values(form: Element, button: str) -> dict[str, Any]:
    """What a browser would send of a form as it stands."""
    values: dict[str, Any] = {}
    for field in form.iter():
        name = field.get("name")
        if not name or "disabled" in field.attrib:
            continue
        for value in _sent(field, button):
            values[name] = [*_as_list(values[name]), value] if name in values else value
    return values


def _sent(field: Element, button: str) -> list[str]:
    kind = field.get("type", "text" if field.tag == "input" else "submit")
    if field.tag == "textarea":
        return ["".join(field.itertext()).removeprefix("\n")]
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if "selected" in option.attrib]
        if not chosen and "multiple" not in field.attrib:
            chosen = options[:1]
        return [option.get("value", _text(option)) for option in chosen]
    if field.tag == "button":
        return [field.get("value", "")] if kind == "submit" and button and _says(field, button) else []
    if kind in ("radio", "checkbox"):
        return [field.get("value", "on")] if "checked" in field.attrib else []
    if field.tag != "input" or kind in ("submit", "button", "file", "image", "reset"):
        return []
    return [field.get("value", "")]


def _says(button: Element, words: str) -> bool:
    return words in (_text(button), button.get("value"), f"{button.get('name')}={button.get('value')}")


def _is_sign_out(form: Element) -> bool:
    return form.get("action", "") in ("/sign-out", "/account/language")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _only(tree: Element, tag: str) -> Element:
    found = list(tree.iter(tag))
    assert len(found) == 1, f"{len(found)} <{tag}> on the page"
    return found[0]


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
