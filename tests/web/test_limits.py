"""What strangers send is limited, what no record has is not found, and where nothing is, the page says so."""

from __future__ import annotations

import pytest

MISSING = {
    "qa": [
        "/qa/?quarter=2026Q5", "/qa/clients?quarter=2026Q9", "/qa/clients/99", "/qa/departments/99",
        "/qa/engineers/99", "/qa/questionnaires/none", "/qa/incidents?state=odd", "/qa/check-calls?quarter=x",
        "/qa/check-calls/7", "/qa/review/1", "/qa/proposals/1", "/questionnaires/999",
        "/campaigns/mail-wording/nothing", "/commitments/nothing", "/commitments/availability?quarter=never",
        "/risks/nothing", "/risks/?quarter=2026Q9",
    ],
    "admin": [
        "/admin/people/999", "/admin/people/999/account", "/admin/people?department=424242", "/admin/departments/999",
        "/admin/accounts/999", "/admin/clients/999",
    ],
    "owner": ["/risks/sheet/999"],
    "desk": ["/desk/77", "/desk/sorting?quarter=x"],
}  # fmt: skip
BY_KEY = {
    "qa": ["/qa/review/{}", "/qa/proposals/{}", "/qa/check-calls/{}"],
    "admin": ["/admin/people/{}", "/admin/accounts/{}", "/admin/clients/{}"],
}


@pytest.mark.parametrize("who", MISSING)
def test_what_is_not_there_is_not_found(page, cast, who):
    page.sign_in_as(getattr(cast, who))
    for path in MISSING[who]:
        page.get(path, 404)


@pytest.mark.parametrize("key", [2**63, 10**25, 10**29])
def test_a_key_larger_than_any_record_is_not_found(page, cast, key):
    for who, paths in BY_KEY.items():
        page.sign_in_as(getattr(cast, who))
        for path in paths:
            page.get(path.format(key), 404)
    assert page.browser.get(f"/admin/people?department={key}").status_code in (200, 404)


@pytest.mark.parametrize("who, path, said", [
    ("qa", "/qa/review", "Every response has its verdict"),
    ("qa", "/qa/?quarter=2031Q1", "Nothing here yet"),
    ("director", "/qa/", "Nothing here yet"),
    ("improvement", "/archive/", "No response has come yet"),
    ("improvement", "/archive/bundles", "No bundle was made yet"),
    ("desk", "/desk/", "Nothing is to be surveyed now."),
    ("desk", "/desk/sorting", "Nothing waits here."),
])  # fmt: skip
def test_an_empty_page_explains_itself(page, cast, who, path, said):
    assert said in page.sign_in_as(getattr(cast, who)).get(path).text


def test_nobody_unknown_sends_much(app):
    answer = app.test_client().post("/sign-in", data={"user_name": "x" * 300_000})
    assert answer.status_code == 413
