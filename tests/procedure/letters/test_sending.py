"""Sending a letter (P13): frozen with its files, by mail or by a link to hand over, once to each contact."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.documents.letters import compose
from csat.models.clients import Contact
from csat.models.letters import LetterFile, LetterLink, LetterState
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.models.people import Person
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.core import settings, tokens
from csat.procedure.core.refusals import NotFound, OutOfOrder
from csat.procedure.letters import letters, sending
from csat.procedure.mail import outbox, sending_rules
from tests.builders import NOW, a_client, a_contact, how_many_wait
from tests.letters import a_ready_letter, a_sent_letter


def test_a_sent_letter_is_frozen_with_its_files(cast, client):
    letter = a_sent_letter(cast, client)
    assert letter.state == LetterState.SENT and letter.sent_by == cast.manager
    assert letter.document["letter"]["manager"] == cast.manager.name
    assert {row.language for row in LetterFile.select()} == {"zh", "en"}
    for verb in (
        lambda: letters.save_words(letter, letter.words, cast.qa, NOW),
        lambda: letters.take_back_letter(letter, "错了", cast.qa, NOW),
        lambda: letters.discard_letter(letter, cast.qa, NOW),
        lambda: letters.refresh_letter(letter, letter.report, letter.facts, letter.words, cast.qa, NOW),
    ):
        with pytest.raises(OutOfOrder):
            verb()


def test_another_document_than_the_released_one_is_not_sent(cast, client):
    letter = a_ready_letter(cast, client)
    document = sending.complete_document(letter, cast.manager, NOW)
    document["words"] = {**document["words"], "heard": {"zh": "别的", "en": "Something else"}}
    with pytest.raises(OutOfOrder):
        sending.send_letter(letter, document, {}, [], cast.manager, NOW)


def test_mails_are_queued_without_a_token(cast, client):
    contacts = [a_contact(client, "王女士"), a_contact(client, "李先生", language="en")]
    a_sent_letter(cast, client, contacts)
    assert OutboxMessage.select().where(OutboxMessage.kind == MailKind.LETTER).count() == 2
    assert not LetterLink.select().exists()
    message = outbox.claim_next_mail(NOW + timedelta(hours=2))
    mail = outbox.prepare_mail(message, NOW)
    link = LetterLink.get()
    assert link.token_hash == tokens.hash_token(mail.link_token) and link.mailed
    assert mail.link_token not in str([row.detail for row in AuditDetail.select()])


def test_a_mail_that_did_not_go_leaves_no_link(cast, client):
    a_sent_letter(cast, client, [a_contact(client)])
    mail = outbox.prepare_mail(outbox.claim_next_mail(NOW), NOW)
    outbox.retry_later(mail, Why.LATER, "", NOW)
    assert not LetterLink.select().exists() and OutboxMessage.get().state == MailState.WAIT


def test_a_broken_connection_is_for_a_person_to_decide(cast, client):
    a_sent_letter(cast, client, [a_contact(client)])
    outbox.claim_next_mail(NOW)
    assert outbox.settle_orphaned_mails(NOW) == 1
    assert OutboxMessage.get().state == MailState.TORN and how_many_wait("letters", cast.manager) == 1
    outbox.count_as_sent(OutboxMessage.get(), cast.manager, NOW)
    assert OutboxMessage.get().state == MailState.DONE


def test_nobody_is_written_to_who_wants_no_mail_or_is_not_the_clients(cast, client):
    letter = a_sent_letter(cast, client)
    with pytest.raises(sending_rules.MailHeldBack):
        sending.mail_contacts(letter, [a_contact(client, opted_out_at=NOW)], cast.manager, NOW)
    with pytest.raises(NotFound):
        sending.mail_contacts(letter, [a_contact(a_client("别家"))], cast.manager, NOW)
    with pytest.raises(sending.NobodyChosen):
        sending.mail_contacts(letter, [], cast.manager, NOW)
    assert not OutboxMessage.select().exists()


def test_a_contact_gets_one_mail_however_often_it_is_chosen(cast, client):
    contact = a_contact(client)
    letter = a_sent_letter(cast, client, [contact])
    assert sending.mail_contacts(letter, [contact], cast.manager, NOW) == 0
    assert OutboxMessage.select().count() == 1


def test_no_link_to_a_letter_that_is_not_sent(cast, client):
    with pytest.raises(OutOfOrder):
        sending.make_link(a_ready_letter(cast, client), None, cast.manager, NOW)


def test_every_step_is_on_record(cast, client):
    letter = a_sent_letter(cast, client, [a_contact(client)])
    sending.make_link(letter, Contact.get(), cast.manager, NOW)
    sending.withdraw_link(letter, LetterLink.get().id, cast.manager, NOW)
    acts = {row.action for row in AuditEntry.select() if row.subject == f"letter:{letter.id}"}
    steps = ("proposed", "worded", "released", "sent", "mailed", "link made", "link withdrawn")
    assert acts == {f"letter {step}" for step in steps}


def test_a_letter_says_how_who_sends_it_is_reached_and_else_how_we_are(cast, client):
    settings.set_provider_contact("021-5555 0100", "service@provider.example", cast.admin, NOW)
    Person.update(telephone="13800001111", email="").where(Person.id == cast.manager.id).execute()
    letter = a_ready_letter(cast, client)
    document = sending.complete_document(letter, Person.get_by_id(cast.manager.id), NOW)
    assert document["letter"]["reach"] == {"telephone": "13800001111", "email": "service@provider.example"}
    for language, words in (("zh", "电话：13800001111"), ("en", "Telephone: 13800001111")):
        page = compose.render_html(document, language)
        assert words in page and "service@provider.example" in page and words in compose.render_body(document, language)
        old = {**document, "letter": {k: v for k, v in document["letter"].items() if k != "reach"}}
        assert "reach" not in compose.render_html(old, language)  # what was frozen before stays as it was
