"""Commands about people, clients and the history: one clear line, and the right exit."""

from __future__ import annotations

import re

import pytest

from csat.models.access import Account, WelcomeLink
from csat.models.clients import Client
from csat.models.oversight import AccountNotice, NoticeKind
from csat.models.records import AuditDetail, AuditEntry
from csat.models.roles import Role
from csat.procedure.core.refusals import WelcomeLinkExpired
from csat.procedure.people import factors, welcome_links
from csat.procedure.people.permissions import roles_of
from tests.builders import NOW, a_department
from tests.procedure.people.test_factors import set_up

LINK = re.compile(r"http://localhost/welcome/([\w-]{43})")


@pytest.fixture
def call(run):
    """Call `flask csat …`; exit status, output, errors."""

    def call(*words: str) -> tuple[int, str, str]:
        done = run(*words)
        return done.exit_code, done.stdout, done.stderr

    return call


def token_in(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found[1]


def test_init_prints_a_link_for_the_first_administrator_until_a_password_is_set(call):
    status, text, _ = call("init")
    first = token_in(text)
    assert status == 0 and welcome_links.get_welcomed_account(first, NOW).user_name == "admin"
    second = token_in(call("init")[1])
    assert welcome_links.get_welcomed_account(second, NOW) and Account.select().count() == 1
    with pytest.raises(WelcomeLinkExpired):
        welcome_links.get_welcomed_account(first, NOW)
    welcome_links.use_welcome_link(second, "hash", NOW)
    assert call("init") == (0, "", "")
    assert roles_of(Account.get().person) == {Role.ADMIN}


def test_no_token_is_kept_in_the_store(call):
    token = token_in(call("init")[1])
    assert not WelcomeLink.select().where(WelcomeLink.token_hash.contains(token)).exists()
    assert all(token not in row.detail for row in AuditDetail.select())


def test_a_person_is_added_with_roles_and_a_department(call):
    a_department("网络部", "Networks")
    status, text, _ = call(
        *("person", "add", "--name", "苏岚", "--user", "sulan", "--role", "desk", "--role", "qa"),
        *("--department", "网络部"),
    )
    account = welcome_links.get_welcomed_account(token_in(text), NOW)
    assert status == 0 and roles_of(account.person) == {Role.DESK, Role.QA}
    assert AuditEntry.get(AuditEntry.action == "role granted").actor.startswith("command:")


def test_a_taken_name_or_an_unknown_department_adds_nothing(call):
    call("person", "add", "--name", "苏岚", "--user", "sulan")
    status, _, error = call("person", "add", "--name", "别人", "--user", "SULAN")
    assert status == 1 and error.count("\n") == 1 and "sulan" in error
    status, _, error = call("person", "add", "--name", "别人", "--user", "other", "--department", "没有")
    assert status == 1 and "没有" in error
    assert Account.select().count() == 1
    assert call("person", "add", "--name", "x", "--user", "y", "--role", "king")[0] == 2


def test_a_new_link_is_printed_for_a_known_user_name_only(call):
    call("person", "add", "--name", "苏岚", "--user", "sulan")
    status, text, _ = call("person", "link", "sulan")
    assert status == 0 and welcome_links.get_welcomed_account(token_in(text), NOW).user_name == "sulan"
    status, _, error = call("person", "link", "nobody")
    assert status == 1 and "nobody" in error


def test_without_a_second_person_a_command_helps_and_its_owner_is_told(call):
    call("person", "add", "--name", "苏岚", "--user", "sulan", "--role", "desk")
    account = Account.get()
    assert call("person", "grant", "sulan", "qa")[0] == 0 and roles_of(account.person) == {Role.DESK, Role.QA}
    assert call("person", "remove-factor", "sulan")[0] == 1
    set_up(account)
    assert call("person", "remove-factor", "sulan")[0] == 0 and factors.find_factor(account) is None
    assert call("person", "grant", "nobody", "qa")[0] == 1
    told = {one.kind for one in AccountNotice.select().where(AccountNotice.reader == account.person)}
    assert {NoticeKind.ROLE_GRANTED, NoticeKind.FACTOR_REMOVED} <= told


def test_clients_are_imported_or_the_bad_rows_are_listed(call, tmp_path):
    file = tmp_path / "clients.csv"
    file.write_text("client,tier\n甲方,core\n乙方,gold\n", "utf-8")
    status, text, error = call("clients", "import", str(file))
    assert (status, text) == (1, "") and "line 3, Tier: " in error
    assert not Client.select().exists()
    file.write_text("客户单位,等级\n甲方,核心\n", "gb18030")
    status, text, _ = call("clients", "import", str(file))
    assert status == 0 and "clients new: 1" in text
    file.write_bytes(b"\x00")
    assert call("clients", "import", str(file))[0] == 1
    assert call("clients", "import", str(tmp_path / "nowhere"))[0] == 2


def test_the_history_is_verified_from_outside(call):
    call("person", "add", "--name", "苏岚", "--user", "sulan")
    status, text, _ = call("audit", "verify")
    assert status == 0 and "whole" in text
    AuditEntry.update(actor="person:1").where(AuditEntry.action == "person added").execute()
    status, _, error = call("audit", "verify")
    assert status == 1 and "was changed" in error
