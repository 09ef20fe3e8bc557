"""The administrator's pages for persons, departments and accounts; settings and history."""

from __future__ import annotations

import re

from csat.models.access import Account, Session
from csat.models.people import Department, Membership, Person
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.models.work import Setting
from csat.procedure.core import settings
from csat.procedure.people import accounts, sessions
from csat.procedure.people.permissions import roles_of
from tests.builders import NOW, a_department, a_person, an_account


def test_a_new_colleague_from_first_entry_to_first_sign_in(admin, cast):
    admin.get("/admin/people").follow("Add a person")
    admin.fill("Save", name="新同事", email="new@provider.example", department=str(cast.department.id))
    assert admin.heading == "新同事" and "Infrastructure" in admin.text
    admin.follow("Open an account")
    admin.fill("Open the account", user_name="Xin.Tongshi", locale="en")
    link = re.search(r"http://localhost(/welcome/[\w-]+)", admin.html)[1]
    admin.follow("On to the roles")
    admin.fill("Grant", role="qa")
    assert "Done, and on record." in admin.text
    admin.sign_out().get(f"{link}?lang=en")
    admin.fill(password="a lamp beside the sea", password_again="a lamp beside the sea")
    admin.get("/account")
    assert "Quality control group" in admin.text and "xin.tongshi" in admin.text


def test_what_was_typed_stays_when_it_cannot_be_used(admin, cast):
    admin.get(f"/admin/people/{cast.qa.id}/account")
    admin.fill("Open the account", user_name="two words", locale="en")
    assert admin.value("user_name") == "two words" and len(admin.errors) == 1
    admin.get("/admin/people/new")
    admin.fill("Save", name="", email="kept@provider.example")
    assert admin.value("email") == "kept@provider.example" and "Please fill this in." in admin.errors


def test_persons_are_found_by_name_mail_and_department(admin, cast):
    admin.get("/admin/people", query_string={"search": "高工"})
    assert [row[0] for row in admin.rows()[1:]] == ["高工"]
    admin.get("/admin/people", query_string={"department": cast.department.id})
    assert {row[0] for row in admin.rows()[1:]} == {"邓宁", "高工"}
    admin.get("/admin/people", query_string={"search": "nobody at all"})
    assert "Nobody matches" in admin.text
    admin.get("/admin/people", query_string={"department": "x", "page": "999999999"})


def test_long_lists_have_pages(admin):
    for number in range(120):
        a_person(f"工程师{number:03}")
    admin.get("/admin/people?search=工程师")
    assert len(admin.rows()) == 51 and "Page 1 of 3" in admin.text
    admin.follow("Next page").follow("Next page")
    assert [row[0] for row in admin.rows()[1:]][-1] == "工程师119" and "search=" in admin.path


def test_a_person_joins_and_leaves_a_department(admin):
    person, network = a_person("李工"), a_department()
    admin.get(f"/admin/people/{person.id}")
    admin.fill("Join", department=str(network.id), since="2026-09-01")
    row = Membership.get(Membership.person == person)
    admin.fill("Join", department=str(network.id), since="2026-09-02")
    assert admin.errors == ["This person belongs to that department already on that day."]
    admin.fill("End", **{f"m{row.id}-until": "2026-08-01"})
    assert admin.errors == ["The end cannot lie before the beginning."]
    admin.fill("End", **{f"m{row.id}-until": "2026-09-10"})
    assert str(Membership.get_by_id(row.id).until) == "2026-09-10"


def test_a_person_is_changed_retired_and_restored(admin, cast):
    admin.get(f"/admin/people/{cast.desk.id}")
    admin.fill("Save", name="苏岚兰", telephone="13800000000")
    assert Person.get_by_id(cast.desk.id).telephone == "13800000000"
    admin.fill("Retire")
    assert "Retired" in admin.text and not roles_of(cast.desk)
    admin.fill("Restore")
    assert Person.get_by_id(cast.desk.id).retired_at is None


def test_a_department_gets_a_head_from_its_members(admin, cast):
    admin.get("/admin/departments").follow("Add a department")
    admin.fill("Save", name="基础设施部")
    assert admin.errors == ["“基础设施部” exists already. Please choose another name."]
    admin.get("/admin/departments").follow("Infrastructure")
    admin.fill("Save", head=str(cast.owner.id), name_en="Platforms")
    changed = Department.get_by_id(cast.department.id)
    assert changed.head == cast.owner and changed.name_en == "Platforms"
    admin.fill("Retire")
    assert "Department" in admin.get("/admin/departments?retired=1").text and "Platforms" in admin.text


def test_nobody_grants_themselves_a_role_on_the_page_either(admin, cast):
    own = Account.get(Account.person == cast.admin)
    admin.get(f"/admin/accounts/{own.id}")
    assert "Grant" not in admin.html.replace("Granted", "") and "Nobody changes their own roles" in admin.text
    admin.post(f"/admin/accounts/{own.id}/roles", {"role": "qa"})
    assert "Nobody changes their own roles" in " ".join(admin.errors)
    admin.post(f"/admin/accounts/{own.id}/roles/admin/withdraw")
    assert "Nobody changes their own roles" in " ".join(admin.errors)
    assert roles_of(cast.admin) == {Role.ADMIN}


def test_a_role_is_withdrawn_and_its_holder_signed_out(admin, cast):
    account = an_account(cast.qa)
    sessions.begin_session(account, NOW)
    admin.get(f"/admin/accounts/{account.id}")
    admin.fill("Withdraw")
    assert not roles_of(cast.qa) and not Session.select().where(Session.account == account).exists()
    assert "Quality control group" in admin.text  # the history keeps it


def test_accounts_are_found_by_role_and_closed_ones_apart(admin, cast):
    account = an_account(cast.qa)
    admin.get("/admin/accounts?role=qa")
    assert [row[1] for row in admin.rows()[1:]] == ["乔安"]
    admin.get(f"/admin/accounts/{account.id}").fill("Close the account")
    assert "Closed" in admin.text
    assert "乔安" not in admin.get("/admin/accounts").text
    assert "乔安" in admin.get("/admin/accounts?closed=1").text


def test_settings_change_together_or_not_at_all(admin):
    admin.get("/admin/settings")
    admin.fill("Save", survey_hours="24", anonymous_least="2")
    assert admin.errors == ["Please enter a number from 3 to 50."] and admin.value("survey_hours") == "24"
    assert settings.get_number("survey_hours") == 48 and not Setting.select().exists()
    admin.fill("Save", survey_hours="24", anonymous_least="5", escalate_head="2")
    assert settings.get_whole_number("survey_hours") == 24 and settings.get_whole_number("escalate_head") == 2
    assert AuditEntry.select().where(AuditEntry.action == "setting changed").count() == 3
    admin.fill("Save", survey_hours="many")
    assert len(admin.errors) == 1


def test_qa_and_director_search_the_history_and_verify_it(page, cast):
    accounts.grant_role(cast.desk, Role.QA, cast.admin, NOW)
    for person in (cast.qa, cast.director):
        page.sign_in_as(person).get("/admin/audit?action=role granted&who=安敏")
        assert len(page.rows()) == 2 and "安敏" in page.text and "qa" in page.rows()[1][-1]
    page.fill("Verify the whole history")
    assert "The history is whole" in page.text
    AuditEntry.update(subject="person:999").where(AuditEntry.action == "role granted").execute()
    page.fill("Verify the whole history")
    assert "was changed after it was written" in page.text


def test_the_history_is_narrowed_by_days_and_tolerates_nonsense(page, cast):
    page.sign_in_as(cast.qa).get("/admin/audit?since=2026-09-15")
    assert "Nothing on record matches" in page.text
    page.get("/admin/audit?since=2026-09-14&until=2026-09-14")
    assert len(page.rows()) > 1
    page.get("/admin/audit?since=yesterday&until=9999-12-31&page=-3")


def test_an_administrator_sees_their_own_acts_only(admin, cast):
    accounts.grant_role(cast.desk, Role.QA, cast.admin2, NOW, second=cast.director)
    admin.get("/admin/audit/mine")
    assert {row[2] for row in admin.rows()[1:]} == {"安敏"}
    admin.get("/admin/audit", 403)
