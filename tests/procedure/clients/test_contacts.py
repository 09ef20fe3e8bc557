"""Contacts: what can be an address, what comes back masked, what the history keeps."""

from __future__ import annotations

import pytest

from csat.models.clients import Contact
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.clients import contacts
from csat.procedure.core.contact_details import EmailWrong, TelephoneWrong
from tests.builders import NOW, a_client, a_contact

BY = "command:test"


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


def test_the_keys_of_the_addresses_go_with_each_change(db):
    contact = contacts.add_contact(a_client(), "Wang", "Wang@x.cn", "138 1234 5678", "zh", BY, NOW)
    assert (contact.email_key, contact.telephone_key) == ("wang@x.cn", "13812345678")
    contacts.change_contact(contact, "Wang Min", "W***@x.cn", "010 8888 0000", "zh", BY, NOW)
    kept = Contact.get_by_id(contact.id)
    assert (kept.email_key, kept.telephone_key) == ("wang@x.cn", "01088880000 wang min")
    contacts.change_contact(kept, "Li", "", "010 8888 0000", "zh", BY, NOW)
    kept = Contact.get_by_id(contact.id)
    assert (kept.email_key, kept.telephone_key) == ("", "01088880000 li")
    assert "key" not in " ".join(row.detail for row in AuditDetail.select())


def test_what_comes_back_masked_stays_as_it_is(db):
    contact = a_contact(a_client(), email="zhang@x.cn", telephone="13812345678")
    contacts.change_contact(contact, "张女士", "z***@x.cn", "138****5678", "en", BY, NOW)
    kept = Contact.get_by_id(contact.id)
    assert (kept.name, kept.email, kept.telephone) == ("张女士", "zhang@x.cn", "13812345678")
    contacts.change_contact(kept, "张女士", "", "13900001111", "en", BY, NOW)
    assert Contact.get_by_id(contact.id).email == ""


def test_an_unmasking_is_on_record_without_the_detail(cast):
    contact = a_contact(a_client())
    assert contacts.unmask_contact(contact, cast.admin, NOW) == (contact.email, contact.telephone)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.subject) == ("contact unmasked", f"contact:{contact.id}")


def test_the_history_keeps_no_addresses_of_contacts(db):
    contact = contacts.add_contact(a_client(), "王女士", "wang@x.cn", "13812345678", "zh", BY, NOW)
    contacts.change_contact(contact, "王女士", "wang2@x.cn", "13912345678", "zh", BY, NOW)
    texts = " ".join(row.detail for row in AuditDetail.select())
    assert "@x.cn" not in texts and "13912345678" not in texts


def test_who_is_added_without_a_word_is_not_asked_each_quarter_and_a_change_leaves_the_mark(db):
    contact = contacts.add_contact(a_client(), "王女士", "wang@x.cn", "", "zh", BY, NOW)
    assert not contact.asked_each_quarter
    contacts.change_contact(
        contact, "王女士", "wang@x.cn", "", "zh", BY, NOW, {"position": " 主任 ", "asked_each_quarter": True}
    )
    contacts.change_contact(Contact.get(), "王敏", "wang@x.cn", "", "zh", BY, NOW)
    assert (Contact.get().position, Contact.get().asked_each_quarter) == ("主任", True)
    contacts.toggle_quarterly_asking(contact, BY, NOW)  # from a page that is older than the mark
    assert not Contact.get().asked_each_quarter
