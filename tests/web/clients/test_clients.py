"""Clients and contacts, in the browser."""

from __future__ import annotations

import io

import pytest

from csat.models.answers import Response
from csat.models.clients import Client, Contact, Tier
from csat.models.records import AuditEntry
from csat.models.work import StoredFile
from csat.procedure.clients import clients
from csat.procedure.core.retirement import retire_record
from tests.adapters.test_table_reader import a_workbook
from tests.builders import NOW, a_client, a_contact, a_response
from tests.files import kept_files
from tests.page import Page


def test_a_client_is_added_changed_handed_over_and_retired(admin, cast):
    admin.get("/admin/clients").follow("Add a client")
    admin.fill("Save", name="华东物流", tier="core", name_en="East Logistics")
    assert admin.heading == "East Logistics" and "nobody’s care" in admin.text
    admin.fill("Hand over", manager=str(cast.manager.id), since="2026-07-01")
    assert "程远" in admin.text
    admin.fill("Hand over", manager="", since="2026-06-01")
    assert admin.errors == ["The care already changed hands on 2026-07-01. Please enter a later day."]
    admin.fill("Hand over", manager="", since="2026-09-01")
    assert clients.manager_of(Client.get(), NOW.date()) is None
    admin.follow("Change the client").fill("Save", tier="important")
    assert Client.get().tier is Tier.IMPORTANT
    admin.follow("Change the client").fill("Retire")
    assert "East Logistics" not in admin.get("/admin/clients").text
    assert "East Logistics" in admin.get("/admin/clients?retired=1").text


def test_clients_are_found_by_name_in_both_languages_and_by_tier(admin):
    clients.add_client("华东物流", Tier.CORE, "command:test", NOW, name_en="East Logistics")
    a_client("城建集团", Tier.ORDINARY)
    for query in ("search=物流", "search=east", "tier=core"):
        assert [row[0] for row in admin.get(f"/admin/clients?{query}").rows()[1:]] == ["East Logistics"]
    admin.get("/admin/clients?tier=nonsense&search=%25")


def test_addresses_are_masked_everywhere_until_somebody_who_may_asks(admin, cast):
    client = a_client(manager=cast.manager)
    contact = a_contact(client, email="zhang@x.cn", telephone="13812345678")
    for person in (cast.admin, cast.manager, cast.qa, cast.desk, cast.director):
        admin.sign_in_as(person).get(f"/admin/clients/{client.id}")
        assert "z***@x.cn" in admin.text and "138****5678" in admin.text
        assert "zhang@x.cn" not in admin.html and "13812345678" not in admin.html
    admin.sign_in_as(cast.manager).get(f"/admin/contacts/{contact.id}")
    assert "zhang@x.cn" not in admin.html and "13812345678" not in admin.html
    admin.fill("Show in full")
    assert "zhang@x.cn" in admin.text and "13812345678" in admin.text
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1


def test_a_manager_edits_contacts_in_their_care_and_finds_no_others(page, cast):
    mine, other = a_client("甲方", manager=cast.manager), a_client("乙方")
    foreign = a_contact(other)
    page.sign_in_as(cast.manager).get("/admin/clients")
    assert [row[0] for row in page.rows()[1:]] == ["甲方"]
    page.follow("甲方").follow("Add a contact")
    page.fill("Save", name="王女士", email="not mail")
    assert len(page.errors) == 1 and page.value("email") == "not mail"
    page.fill("Save", name="王女士", email="wang@x.cn", telephone="13812345678", language="zh")
    page.follow("王女士")
    page.fill("Save", name="王敏", telephone="13900001111")
    contact = Contact.get(Contact.client == mine)
    assert (contact.name, contact.email, contact.telephone) == ("王敏", "wang@x.cn", "13900001111")
    page.get(f"/admin/contacts/{foreign.id}", 404)
    page.get(f"/admin/clients/{other.id}/contacts/new", 404)
    for step in ("unmask", "retire"):
        page.get("/account").post(f"/admin/contacts/{foreign.id}/{step}", status=404)
    page.get("/admin/clients/new", 403)
    assert Contact.get_by_id(foreign.id).retired_at is None


def test_a_contact_is_retired_and_restored_and_shows_that_it_opted_out(admin):
    contact = a_contact(a_client(), opted_out_at=NOW)
    admin.get(f"/admin/contacts/{contact.id}")
    assert "Wants no surveys since 14 Sep 2026" in admin.text
    admin.fill("Retire")
    assert Contact.get().retired_at == NOW
    admin.get(f"/admin/contacts/{contact.id}").fill("Restore")
    assert Contact.get().retired_at is None and Contact.get().opted_out_at == NOW


def test_nothing_typed_can_become_markup(admin):
    admin.get("/admin/clients/new")
    admin.fill("Save", name="<script>alert(1)</script>", note='"><img src=x onerror=alert(1)>')
    assert "<script>alert" not in admin.html and "<img" not in admin.html
    admin.get("/admin/clients?search=%22%3E%3Cscript%3E")


def bring(page: Page, content: bytes, name: str = "clients.csv", status: int = 200) -> Page:
    page.get("/admin/clients/import")
    return page.fill("Look at it first", status, table=(io.BytesIO(content), name))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_looked_at_first_and_then_imported(admin, encoding):
    bring(admin, "客户单位,等级,联系人,电话\n华东物流,核心,王女士,13812345678\n".encode(encoding))
    assert admin.heading == "Import this file?" and "华东物流" in admin.text
    assert not Client.select().exists()
    admin.fill("Import all of it")
    assert "Imported: 1 clients new, 0 changed; 1 contacts new, 0 changed." in admin.text
    assert Contact.get().telephone == "13812345678" and not StoredFile.select().exists()


def test_a_workbook_is_imported_and_known_clients_are_said_to_be_updated(admin):
    a_client("华东物流", Tier.ORDINARY)
    bring(admin, a_workbook(["client", "tier"], ["华东物流", "core"], ["城建集团", ""]), "clients.xlsx")
    assert [row[2] for row in admin.rows()[1:]] == ["is updated", "new"]
    admin.fill("Import all of it")
    assert Client.get(Client.name == "华东物流").tier is Tier.CORE


def test_bad_rows_are_named_in_the_readers_language_and_nothing_can_be_confirmed(admin):
    bring(admin, "client,tier,telephone\n甲方,core,\n乙方,gold,call me\n".encode())
    assert admin.rows()[1] == ["3", "Tier", "Please use ordinary, important or core."]
    assert "Import all of it" not in admin.text
    path, token = admin.path, admin.token()
    admin.post(path, {"csrf_token": token})
    assert "Nothing was imported" in admin.text and not Client.select().exists()


def test_what_changed_between_preview_and_confirmation_is_looked_at_again(admin):
    bring(admin, "client,contact,e-mail\n甲方,王女士,w@x.cn\n".encode())
    client = a_client("甲方")
    retire_record(client, "command:test", NOW)
    admin.fill("Import all of it")
    assert "Nothing was imported" in admin.text and not Contact.select().exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04", b'a\n"x"y\n'])
def test_a_file_that_is_no_table_is_refused_at_its_field(admin, content):
    bring(admin, content)
    assert admin.heading == "Import clients and contacts" and len(admin.errors) == 1
    assert not StoredFile.select().exists()


def test_an_upload_belongs_to_who_brought_it(admin, cast, config):
    bring(admin, "client\n甲方\n".encode())
    path = admin.path
    admin.sign_in_as(cast.admin2).get(path, 404)
    admin.get("/account").post(path, status=404)
    assert not Client.select().exists()


def test_a_new_upload_and_a_discarded_one_leave_no_file_behind(admin, config):
    bring(admin, "client\n甲方\n".encode())
    bring(admin, "client\n乙方\n".encode())
    assert len(kept_files(config)) == StoredFile.select().count() == 1
    admin.fill("Discard and choose another file")
    assert not kept_files(config) and not StoredFile.select().exists()


def test_the_empty_table_is_offered(admin):
    response = admin.browser.get("/admin/clients/import/template.csv")
    assert response.data.startswith(b"\xef\xbb\xbfclient,") and response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]


def test_an_administrator_erases_a_contact_after_being_asked(admin, cast):
    contact = a_contact(a_client(manager=cast.manager), name="王晓明", email="wang@client.example")
    a_response(contact=contact, client=contact.client, respondent_name="王晓明")
    admin.get(f"/admin/contacts/{contact.id}").follow("Erase personal details")
    assert "1 response loses" in admin.text and "35 days" in admin.text
    assert Contact.get().name == "王晓明"
    admin.fill("Erase for good")
    assert "Details erased on" in admin.text and "王晓明" not in admin.text
    assert Contact.get().email == "" and Response.get().respondent_name == ""
    admin.get(f"/admin/contacts/{contact.id}", status=404)
    assert "王晓明" not in admin.sign_in_as(cast.qa).get(f"/qa/review/{Response.get().id}").text


def test_a_manager_erases_nobody(admin, cast):
    contact = a_contact(a_client(manager=cast.manager))
    admin.sign_in_as(cast.manager).get(f"/admin/contacts/{contact.id}")
    assert "Erase personal details" not in admin.text
    admin.get(f"/admin/contacts/{contact.id}/erase", status=403)
