"""Clients and contacts out of a table: all of it or nothing, and every bad row is named."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat import database
from csat.adapters import table_reader
from csat.models.clients import Client, Contact, Tier
from csat.models.roles import Role
from csat.procedure.clients import clients, imports
from csat.procedure.clients.imports import ImportRefused
from csat.procedure.core.retirement import retire_record
from tests.builders import NOW, a_client, a_contact, a_person, an_account
from tests.conftest import config_in, open_store

BY = "command:test"
TODAY = date(2026, 9, 14)
HEAD = ["client", "tier", "project manager", "contact", "e-mail", "telephone", "language"]


def rows(*cells: list[str]) -> list[tuple[int, list[str]]]:
    return list(enumerate(cells, start=2))


def bring_in(*cells: list[str], head: list[str] = HEAD) -> dict[str, int]:
    return imports.import_clients(head, rows(*cells), TODAY, BY, NOW)


def problems(*cells: list[str], head: list[str] = HEAD) -> list[tuple[int, str, str]]:
    found = imports.plan_import(head, rows(*cells), TODAY).problems
    return [(problem.line, problem.column, type(problem.refusal).__name__) for problem in found]


def test_new_clients_and_contacts_come_in(db):
    manager = a_person("程远", Role.MANAGER)
    counts = bring_in(
        ["华东物流", "core", "程远", "王女士", "wang@x.cn", "13812345678", "zh"],
        ["华东物流", "", "", "Mr Li", "li@x.cn", "", "en"],
        ["城建集团", "重要", "", "", "", "", ""],
    )
    assert counts["clients_new"] == 2 and counts["contacts_new"] == 2
    client = Client.get(name="华东物流")
    assert client.tier is Tier.CORE and clients.manager_of(client, TODAY) == manager
    assert {contact.language for contact in client.contacts} == {"zh", "en"}


def test_the_keys_of_the_addresses_come_in_too_and_go_with_what_changes(db):
    bring_in(["华东物流", "core", "", "Wang", "Wang@x.cn", "010-8888 0000", "zh"])
    made = Contact.get()
    assert (made.email_key, made.telephone_key) == ("wang@x.cn", "01088880000 wang")
    bring_in(["华东物流", "", "", "Li", "wang@x.cn", "", ""])  # the number stays, and is another's now
    changed = Contact.get()
    assert (changed.email_key, changed.telephone_key) == ("wang@x.cn", "01088880000 li")


def test_chinese_headings_are_understood_in_any_order(db):
    head = ["联系人", "客户单位", "等级", "没有用的列", "邮箱"]
    bring_in(["王女士", "华东物流", "核心", "x", "wang@x.cn"], head=head)
    assert Contact.get().client.tier is Tier.CORE
    assert imports.plan_import(head, [], TODAY).unused == ["没有用的列"]


def test_importing_twice_changes_nothing(db):
    table = (
        ["华东物流", "core", "", "王女士", "wang@x.cn", "13812345678", "zh"],
        ["城建集团", "", "", "李先生", "", "13912345678", ""],
    )
    bring_in(*table)
    counts = bring_in(*table)
    assert (counts["clients_same"], counts["contacts_same"]) == (2, 2)
    assert sum(count for kind, count in counts.items() if "same" not in kind) == 0
    assert Contact.select().count() == 2


def test_what_is_known_is_updated_and_empty_cells_leave_it(engine_db):
    client = a_client("华东物流", Tier.CORE)
    contact = a_contact(client, name="王女士", email="Wang@x.cn", telephone="13812345678")
    counts = bring_in(["华东物流", "important", "", "王敏", "wang@x.cn", "", ""])
    assert counts["clients_changed"] == 1 and counts["contacts_changed"] == 1
    kept = Contact.get_by_id(contact.id)
    assert kept.name == "王敏" and kept.telephone == "13812345678"
    assert Client.get_by_id(client.id).tier is Tier.IMPORTANT


def test_a_contact_without_address_gets_one_and_an_opted_out_one_stays_so(db):
    client = a_client("华东物流")
    bare = a_contact(client, name="王女士", email="", telephone="", opted_out_at=NOW)
    bring_in(["华东物流", "", "", "王女士", "wang@x.cn", "", ""])
    kept = Contact.get()
    assert kept.id == bare.id and kept.email == "wang@x.cn" and kept.opted_out_at == NOW


BAD_ROWS = [
    (["", "core", "", "王女士", "", "", ""], "Client", "ValueMissing"),
    (["甲方", "gold", "", "", "", "", ""], "Tier", "TierUnknown"),
    (["乙方", "", "程远", "", "", "", ""], "Project manager", "ManagerUnclear"),
    (["丙方", "", "谁也不是", "", "", "", ""], "Project manager", "ManagerUnknown"),
    (["丁方", "", "", "", "x@y.cn", "", ""], "Contact", "ValueMissing"),
    (["丁方", "", "", "王女士", "not mail", "", ""], "E-mail", "EmailWrong"),
    (["丁方", "", "", "王女士", "", "call me", ""], "Telephone", "TelephoneWrong"),
    (["丁方", "", "", "李先生", "", "", "fr"], "Language", "LanguageUnknown"),
    (["丁方", "", "", "李先生", "", "", ""], "Contact", "ContactTwice"),
    (["丁方", "core", "", "赵", "", "", "", "beyond"], "Client", "CellsBeyond"),
    (["丁方", "important", "", "钱", "", "", ""], "Tier", "ValueDiffers"),
    (["x" * 201, "", "", "", "", "", ""], "Client", "CellTooLong"),
]


def test_every_bad_row_is_named_with_line_column_and_reason(db):
    a_person("程远")
    a_person("程远")
    found = problems(*(cells for cells, _, _ in BAD_ROWS))
    assert found == [(line, column, reason) for line, (_, column, reason) in enumerate(BAD_ROWS, start=2)]


def test_a_user_name_tells_namesakes_apart(db):
    _, second = a_person("程远"), a_person("程远")
    bring_in(["甲方", "", an_account(second).user_name, "", "", "", ""])
    assert clients.manager_of(Client.get(), TODAY) == second


def test_one_bad_row_and_nothing_is_imported(db):
    with pytest.raises(ImportRefused) as refusal:
        bring_in(["甲方", "", "", "王女士", "w@x.cn", "", ""], ["乙方", "gold", "", "", "", "", ""])
    assert refusal.value.facts == {"n": 1}
    assert not Client.select().exists() and not Contact.select().exists()


def test_what_is_retired_is_not_revived_by_an_import(db):
    client = a_client("华东物流")
    a_contact(client, name="王女士", email="w@x.cn", retired_at=NOW)
    assert problems(["华东物流", "", "", "王女士", "w@x.cn", "", ""]) == [(2, "Contact", "RecordRetired")]
    retire_record(client, BY, NOW)
    assert problems(["华东物流", "", "", "", "", "", ""]) == [(2, "Client", "RecordRetired")]


def test_without_a_client_column_one_problem_says_so(db):
    assert problems(["x"], ["y"], head=["telephone"]) == [(1, "Client", "ColumnMissing")]
    assert problems(["x", "y"], head=["client", "客户单位"])[0] == (1, "Client", "ColumnTwice")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_empty_table_that_we_give_can_be_imported(db, language):
    table = table_reader.read_table(imports.build_template(language).encode("utf-8-sig"), 10)
    assert imports.plan_import(table.head, table.rows, TODAY).problems == []
    assert imports.import_clients(table.head, table.rows, TODAY, BY, NOW)["contacts_new"] == 1


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_whatever_a_table_says_it_is_planned_or_its_rows_are_named(db_once, cells):
    made = imports.plan_import(HEAD, rows(*cells), TODAY)
    assert all(2 <= problem.line <= len(cells) + 1 for problem in made.problems)


@pytest.fixture(scope="module")
def db_once(ready_store, tmp_path_factory):
    """One store for all examples: planning changes nothing."""
    open_store(config_in(ready_store))
    yield
    database.close_store()


def test_position_and_mark_come_in_and_an_empty_cell_leaves_them(db):
    head = ["client", "contact", "职务", "asked each quarter"]
    bring_in(["甲方", "王女士", "主任", "是"], ["甲方", "李先生", "", ""], ["甲方", "赵女士", "", "no"], head=head)
    assert {one.name: one.asked_each_quarter for one in Contact.select()} == {
        "王女士": True,
        "李先生": False,
        "赵女士": False,
    }
    bring_in(["甲方", "王女士", "", ""], ["甲方", "李先生", "经理", "YES"], head=head)
    kept = {one.name: (one.position, one.asked_each_quarter) for one in Contact.select()}
    assert kept["王女士"] == ("主任", True) and kept["李先生"] == ("经理", True)
    assert problems(["甲方", "王女士", "", "maybe"], head=head) == [(2, "Asked each quarter", "MarkUnknown")]
