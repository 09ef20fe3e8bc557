"""What strangers send is limited, and what no record can have is not found."""

from __future__ import annotations

import pytest

from csat.models.roles import Role
from tests.builders import a_person


@pytest.mark.parametrize(
    "path", ["/admin/people/{}", "/admin/accounts/{}", "/admin/clients/{}", "/admin/people?department={}"]
)
def test_a_key_larger_than_any_record_is_not_found(page, path):
    page.sign_in_as(a_person("管理员", Role.ADMIN))
    for number in (2**63, 10**25):
        answer = page.browser.get(path.format(number))
        assert answer.status_code in (200, 404), path


def test_nobody_unknown_sends_much(app):
    answer = app.test_client().post("/sign-in", data={"user_name": "x" * 300_000})
    assert answer.status_code == 413
