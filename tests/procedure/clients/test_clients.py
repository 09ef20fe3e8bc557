"""Clients, care, contacts, and their import."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playhouse.migrations import Runner

from csat import database
from csat.models.clients import Client, ClientCare, Contact, Tier, TierChange
from csat.models.records import AuditDetail, AuditEntry
from csat.models.roles import Role
from csat.procedure.clients import clients, contacts, imports
from csat.procedure.clients.clients import CareOutOfOrder
from csat.procedure.clients.imports import ImportRefused
from csat.procedure.core import contact_details
from csat.procedure.core.contact_details import EmailWrong, TelephoneWrong
from csat.procedure.core.refusals import NameTaken, NotFound, ValueMissing
from csat.procedure.core.retirement import retire_record
from tests.builders import NOW, a_client, a_contact, a_person, an_account
from tests.cast import a_cast

BY = "command:test"
TODAY = date(2026, 9, 14)
HEAD = ["client", "tier", "project manager", "contact", "e-mail", "telephone", "language"]


# --- clients and care --------------------------------------------------------------------------------


def test_two_clients_never_share_a_name(db):
    client = clients.add_client("华东物流", Tier.CORE, BY, NOW)
    with pytest.raises(NameTaken):
        clients.add_client(" 华东物流 ", Tier.CORE, BY, NOW)
    other = clients.add_client("城建集团", Tier.CORE, BY, NOW)
    with pytest.raises(NameTaken):
        clients.change_client(other, client.name, Tier.CORE, "", "", BY, NOW)
    with pytest.raises(ValueMissing):
        clients.add_client(" ", Tier.CORE, BY, NOW)


def test_care_passes_from_day_to_day_without_gap_or_overlap(db):
    client, first, second = a_client(), a_person("甲"), a_person("乙")
    clients.put_in_care(client, first, TODAY, BY, NOW)
    clients.put_in_care(client, second, TODAY + timedelta(days=10), BY, NOW)
    assert clients.manager_of(client, TODAY - timedelta(days=1)) is None
    assert clients.manager_of(client, TODAY + timedelta(days=9)) == first
    assert clients.manager_of(client, TODAY + timedelta(days=10)) == second
    assert clients.clients_of(first, TODAY) == [client]
    assert clients.clients_of(first, TODAY + timedelta(days=10)) == []


def test_a_hand_over_on_the_same_day_corrects_and_an_earlier_one_is_refused(db):
    client, first, second = a_client(), a_person("甲"), a_person("乙")
    clients.put_in_care(client, first, TODAY, BY, NOW)
    clients.put_in_care(client, second, TODAY, BY, NOW)
    assert [row.person for row in clients.list_care_history(client)] == [second]
    with pytest.raises(CareOutOfOrder):
        clients.put_in_care(client, first, TODAY - timedelta(days=1), BY, NOW)


def test_care_can_end_with_nobody_following(db):
    client, manager = a_client(), a_person("甲")
    clients.put_in_care(client, manager, TODAY, BY, NOW)
    clients.end_care(client, TODAY + timedelta(days=1), BY, NOW)
    assert clients.manager_of(client, TODAY + timedelta(days=1)) is None
    clients.put_in_care(client, manager, TODAY + timedelta(days=5), BY, NOW)
    assert ClientCare.select().count() == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=8))
def test_no_day_ever_has_two_managers(hands):
    # Only the arithmetic: what put_in_care does to a list of (person, since, until).
    care: list[list] = []
    for person, since in hands:
        last = care[-1] if care else None
        if last and (since < last[1] or (person == last[0] and last[2] is None)):
            continue
        if last and since == last[1]:
            care.pop()
        elif last and (last[2] is None or last[2] > since):
            last[2] = since
        care.append([person, since, None])
    for day in range(32):
        assert sum(since <= day and (until is None or until > day) for _, since, until in care) <= 1


def test_a_manager_sees_and_edits_what_is_in_their_care_and_nothing_else(engine_db):
    cast = a_cast()
    mine, other = a_client("甲方", manager=cast.manager), a_client("乙方")
    contact = a_contact(other)
    assert list(clients.list_clients(cast.manager, TODAY)) == [mine]
    assert clients.client_for(cast.manager, mine.id, TODAY) == mine
    assert clients.editable_client_for(cast.manager, mine.id, TODAY) == mine
    for attempt in (
        lambda: clients.client_for(cast.manager, other.id, TODAY),
        lambda: clients.editable_client_for(cast.manager, other.id, TODAY),
        lambda: contacts.contact_for(cast.manager, contact.id, TODAY),
        lambda: clients.client_for(cast.manager, 999, TODAY),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_a_former_manager_no_longer_sees_a_client(db):
    cast = a_cast()
    client = a_client(manager=cast.manager)
    clients.put_in_care(client, a_person("接手"), TODAY, BY, NOW)
    with pytest.raises(NotFound):
        clients.client_for(cast.manager, client.id, TODAY)


@pytest.mark.parametrize("who", ["qa", "desk", "director"])
def test_who_only_looks_does_not_edit(db, who):
    cast = a_cast()
    client = a_client()
    person = getattr(cast, who)
    assert clients.client_for(person, client.id, TODAY) == client
    with pytest.raises(NotFound):
        clients.editable_client_for(person, client.id, TODAY)


# --- contacts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["x", "x@", "@x.cn", "a b@x.cn", "x@x", "z***@x.cn", "x@x.cn\nBcc: y@y.cn"])
def test_an_address_that_is_none_is_refused(db, email):
    with pytest.raises(EmailWrong):
        contacts.add_contact(a_client(), "王女士", email, "", "zh", BY, NOW)


@pytest.mark.parametrize("telephone", ["12", "call me", "138****5678", "+" * 9])
def test_a_number_that_is_none_is_refused(db, telephone):
    with pytest.raises(TelephoneWrong):
        contacts.add_contact(a_client(), "王女士", "", telephone, "zh", BY, NOW)


@pytest.mark.parametrize("telephone", ["13812345678", "+86 138-1234-5678", "(021) 6888 8888 转 123"])
def test_numbers_are_taken_as_people_write_them(db, telephone):
    assert contacts.add_contact(a_client(), "王女士", "", telephone, "zh", BY, NOW).telephone == telephone


def test_what_comes_back_masked_stays_as_it_is(db):
    contact = a_contact(a_client(), email="zhang@x.cn", telephone="13812345678")
    contacts.change_contact(contact, "张女士", "z***@x.cn", "138****5678", "en", BY, NOW)
    kept = Contact.get_by_id(contact.id)
    assert (kept.name, kept.email, kept.telephone) == ("张女士", "zhang@x.cn", "13812345678")
    contacts.change_contact(kept, "张女士", "", "13900001111", "en", BY, NOW)
    assert Contact.get_by_id(contact.id).email == ""


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("zhang@x.cn", "z***@x.cn"),
        ("z@x.cn", "***@x.cn"),
        ("", ""),
        ("nonsense", "***"),
        ("张三@x.cn", "张***@x.cn"),
    ],
)
def test_an_email_shows_its_first_letter_and_its_domain(text, masked):
    assert contact_details.mask_email(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812345678", "138****5678"),
        ("021-6888 8888", "021****8888"),
        ("", ""),
        ("12345", "****5"),
        ("110", "****"),
    ],
)
def test_a_number_shows_three_digits_and_four(text, masked):
    assert contact_details.mask_telephone(text) == masked


@given(st.text(alphabet="0123456789 +-()", max_size=30))
def test_at_least_four_digits_are_always_hidden(text):
    digits = [character for character in text if character.isdigit()]
    shown = [character for character in contact_details.mask_telephone(text) if character.isdigit()]
    assert len(shown) <= max(0, len(digits) - 4)


def test_an_unmasking_is_on_record_without_the_detail(db):
    cast = a_cast()
    contact = a_contact(a_client())
    assert contacts.unmask_contact(contact, cast.admin, NOW) == (contact.email, contact.telephone)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.subject) == ("contact unmasked", f"contact:{contact.id}")


def test_the_history_keeps_no_addresses_of_contacts(db):
    contact = contacts.add_contact(a_client(), "王女士", "wang@x.cn", "13812345678", "zh", BY, NOW)
    contacts.change_contact(contact, "王女士", "wang2@x.cn", "13912345678", "zh", BY, NOW)
    texts = " ".join(row.detail for row in AuditDetail.select())
    assert "@x.cn" not in texts and "13912345678" not in texts


# --- import ------------------------------------------------------------------------------------------


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
    client = Client.get(Client.name == "华东物流")
    assert client.tier is Tier.CORE and clients.manager_of(client, TODAY) == manager
    assert {contact.language for contact in client.contacts} == {"zh", "en"}


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


def test_every_bad_row_is_named_with_line_column_and_reason(db):
    a_person("程远")
    a_person("程远")
    found = problems(
        ["", "core", "", "王女士", "", "", ""],
        ["甲方", "gold", "", "", "", "", ""],
        ["乙方", "", "程远", "", "", "", ""],
        ["丙方", "", "谁也不是", "", "", "", ""],
        ["丁方", "", "", "", "x@y.cn", "", ""],
        ["丁方", "", "", "王女士", "not mail", "", ""],
        ["丁方", "", "", "王女士", "", "call me", ""],
        ["丁方", "", "", "李先生", "", "", "fr"],
        ["丁方", "", "", "李先生", "", "", ""],
        ["丁方", "core", "", "赵", "", "", "", "beyond"],
        ["丁方", "important", "", "钱", "", "", ""],
        ["x" * 201, "", "", "", "", "", ""],
    )
    assert found == [
        (2, "Client", "ValueMissing"),
        (3, "Tier", "TierUnknown"),
        (4, "Project manager", "ManagerUnclear"),
        (5, "Project manager", "ManagerUnknown"),
        (6, "Contact", "ValueMissing"),
        (7, "E-mail", "EmailWrong"),
        (8, "Telephone", "TelephoneWrong"),
        (9, "Language", "LanguageUnknown"),
        (10, "Contact", "ContactTwice"),
        (11, "Client", "CellsBeyond"),
        (12, "Tier", "ValueDiffers"),
        (13, "Client", "CellTooLong"),
    ]


def test_a_user_name_tells_namesakes_apart(db):
    a_person("程远")
    second = a_person("程远")
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
    from csat.adapters import table_reader

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
    from csat import database
    from tests.conftest import config_in

    config = config_in(ready_store)
    database.open_store(config.database, config.drafts)
    yield
    database.close_store()


def test_the_migration_keeps_clients_and_notes_changes_from_now_on(engine_db):
    """0015 comes to a store with clients in it; what they were before is not known."""
    client = a_client(tier=Tier.CORE)
    database.store.drop_tables([TierChange])
    runner = Runner(database.store.obj, str(database.MIGRATIONS))
    runner.History.delete().where(runner.History.name == "0015_tier_changes").execute()
    assert "0015_tier_changes" in runner.up()
    clients.change_client(client, client.name, Tier.ORDINARY, "", "", BY, NOW)
    change = TierChange.get()
    assert (change.client, change.before, change.at) == (client, Tier.CORE, NOW)
    assert Client.get_by_id(client.id).tier == Tier.ORDINARY
