"""Who gets in where: the whole map of addresses is walked, so that a new page cannot be forgotten."""

from __future__ import annotations

import hashlib

import pytest

from csat import models
from csat.models.access import Session
from csat.models.roles import Role
from csat.procedure.people import permissions
from csat.web.access import ANYONE, STAFF
from tests import builders
from tests.page import Page

# Which right opens which page, where the page itself is shut to everybody without it.
OPENED_BY = {
    "accounts.second": ("/admin/approvals/", "/admin/roles/"),
    "api": ("/admin/api",),
    "archive": ("/archive/bundles",),
    "clients.own": ("/my-clients/", "/my-clients/1", "/my-clients/answers", "/my-clients/answers/1"),
    "commitments.see": ("/commitments/",),
    "classification": tuple(
        f"/qa/classification/{page}"
        for page in ("issue-types", "issue-types/new", "issue-types/schedule", "due-days", "dimensions", "departments",
                     "departments/1")
    ),
    "campaigns": ("/campaigns/", "/campaigns/mail", "/desk/records/1/take-back", "/desk/records/1/correct"),
    "desk": ("/desk/", "/desk/1", "/desk/next-call", "/desk/telephone/1", "/desk/mails", "/desk/mails/many"),
    "feedback.assign": ("/feedback/assign",),
    "feedback.enter": ("/feedback/new", "/feedback/praise/new", "/feedback/entered", "/feedback/entered/1"),
    "feedback.classify": ("/qa/proposals", "/qa/proposals/1"),
    "feedback.confirm": ("/improvement/", "/improvement/confirmed"),
    "figures": (
        "/qa/", "/qa/clients", "/qa/clients/1", "/qa/departments", "/qa/engineers", "/qa/questionnaires",
        "/qa/recorders", "/qa/asked", "/qa/incidents",
    ),
    "incidents": ("/desk/incidents/new",),
    "mail.wording": ("/campaigns/mail-wording",),
    "people": ("/desk/incidents/names/",),
    "praise.see": ("/feedback/praise",),
    "refusals.second": ("/qa/refusals", "/qa/corrections"),
    "responses.read": ("/archive/", "/archive/1", "/archive/1/zh.pdf", "/qa/responses", "/qa/review/1"),
    "review": ("/qa/review", "/qa/check-calls", "/qa/release", "/qa/handed-over"),
    "settings": ("/admin/survey-mails", "/admin/days-off/"),
    "sorting": ("/desk/sorting", "/desk/summary"),
    "work.own": ("/feedback/own",),
}  # fmt: skip


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def audience(app, rule) -> tuple[str, ...]:
    return getattr(app.view_functions[rule.endpoint], "audience", ())


def contents() -> str:
    """A digest of every table, so that 'nothing was changed' can be said of all of them."""
    digest = hashlib.sha256()
    for table in models.all_tables():
        if table is not Session:
            digest.update(repr(list(table.select().order_by(table._meta.primary_key).tuples())).encode())
    return digest.hexdigest()


def filled(rule) -> str:
    """The rule's address with something plausible for each of its parts."""
    adapter = {name: 1 if "int" in type(part).__name__.lower() else "1" for name, part in rule._converters.items()}
    return rule.build(adapter, append_unknown=False)[1]


def test_every_page_says_for_whom_it_is(app):
    silent = [rule.endpoint for rule in rules(app) if not audience(app, rule)]
    assert not silent


@pytest.mark.parametrize("role", list(Role))
def test_each_role_sees_its_pages_and_no_others(app, page, role, cast, counted_rail):
    page.sign_in_as(cast.holding(role))
    for rule in rules(app):
        rights = audience(app, rule)
        if "GET" not in rule.methods or rule.arguments or ANYONE in rights:
            continue
        response = page.browser.get(rule.rule)
        allowed = STAFF in rights or any(role in permissions.PERMISSION_MATRIX[right] for right in rights)
        expected = (200, 302, 303) if allowed else (403,)
        assert response.status_code in expected, f"{role} {rule.rule}: {response.status_code}"


@pytest.mark.parametrize("role", list(Role))
def test_a_page_is_shut_to_who_lacks_the_right_that_opens_it(page, cast, role):
    page.sign_in_as(cast.holding(role))
    for right, paths in OPENED_BY.items():
        for path in paths if role not in permissions.PERMISSION_MATRIX[right] else ():
            page.get(path, 403)


def test_a_visitor_is_led_to_the_sign_in(app, page):
    before = contents()
    for rule in rules(app):
        if ANYONE in audience(app, rule):
            continue
        path = filled(rule)
        if "GET" in rule.methods:
            response = page.browser.get(path)
            assert response.status_code == 302, f"{path}: {response.status_code}"
            assert response.location.startswith("/sign-in"), path
        if "POST" in rule.methods:
            assert page.browser.post(path, data={"name": "x"}).status_code == 401, path
    assert contents() == before


def test_nothing_is_changed_by_what_comes_without_our_token(app, cast):
    everything = builders.a_person("全能", *Role, department=cast.department)
    client = builders.a_client(manager=everything)
    builders.a_contact(client)
    builders.an_incident(client=client)
    page = Page(app).sign_in_as(everything)
    before = contents()
    for rule in rules(app):
        if "POST" not in rule.methods or ANYONE in audience(app, rule):
            continue
        for token in (None, "made up"):
            fields = {"name": "x", "do": "x", **({"csrf_token": token} if token else {})}
            response = page.browser.post(filled(rule), data=fields)
            assert response.status_code in (400, 422), f"{rule.rule}: {response.status_code}"
    assert contents() == before


def test_a_page_never_tells_which_keys_exist_to_those_who_may_not_look(page):
    client = builders.a_client(manager=builders.a_person("别人", Role.MANAGER))
    page.sign_in_as(builders.a_person("程远", Role.MANAGER))
    page.get(f"/admin/clients/{client.id}", 404)
    hidden = page.text
    page.get(f"/admin/clients/{client.id + 1}", 404)
    assert page.text == hidden


def test_foreign_hosts_get_no_links_of_theirs(app, page, cast):
    page.sign_in_as(cast.admin)
    account = builders.an_account(cast.qa)
    page.get(f"/admin/accounts/{account.id}")
    page.fill("Display the link")
    assert "http://localhost/welcome/" in page.html
    response = page.browser.post(
        f"/admin/accounts/{account.id}/link",
        data={"csrf_token": page.token()},
        headers={"Host": "evil.example"},
        base_url="http://evil.example",
    )
    assert b"evil.example" not in response.data
