"""Sending a letter on the web: by mail in the contact's language, and only by its own manager."""

from __future__ import annotations

import re

import pytest

from csat.commands.mail import SendingRound
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterLink, LetterState
from csat.models.outbox import MailState, OutboxMessage
from csat.models.roles import Role
from csat.procedure.core import jobs
from tests.builders import NOW, a_client, a_contact, a_person
from tests.letters import a_ready_letter, a_sent_letter

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_the_letter_goes_by_mail_in_the_contacts_language(app, page, cast, client, server):
    a_contact(client, "Ms Li", email="li@client.example", language="en")
    silent = a_contact(client, "不扰", email="no@client.example", telephone="", opted_out_at=NOW)
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    assert "wants no mail from us" in page.text and "l***@client.example" in page.text
    chosen = re.findall(r'name="contact" value="(\d+)"', page.html)
    assert str(silent.id) not in chosen
    page.fill("Send the letter", contact=chosen)
    jobs.run_job(jobs.claim_next_job())
    SendingRound(app.config["CSAT"]).send()
    assert OutboxMessage.get().state == MailState.DONE
    mail = server.mails[0].mail
    text = mail.get_body(("plain",)).get_content()
    assert "Q3 2026" in mail["Subject"] and "East China Logistics" in text
    path = re.search(r"http://localhost(/letter/[\w-]{43})", text)[1]
    assert "No more surveys" not in text
    page.sign_out().get(path)
    assert page.html.startswith("<!doctype html>") and 'lang="en"' in page.html
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    assert "1 of 1 links" in page.text and "Ms Li" in page.text


@pytest.mark.parametrize(("locale", "why"), [("en", "does not want to be asked any more"), ("zh", "不希望再")])
def test_a_mail_that_may_not_go_any_more_says_why_in_the_managers_language(page, cast, client, server, locale, why):
    contact = a_contact(client)
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager, locale).get(f"/letters/{letter.id}")
    page.post(f"/letters/{letter.id}/send", {"contact": str(contact.id)})
    Contact.update(opted_out_at=NOW).execute()
    jobs.run_waiting_jobs()
    page.get(page.path)
    assert why in page.text and "opted_out" not in page.text
    assert Letter.get().state == LetterState.READY


def test_a_colleagues_client_is_not_there(page, cast, client):
    letter = a_sent_letter(cast, client)
    page.sign_in_as(a_person("别人", Role.MANAGER)).get(f"/letters/{letter.id}", 404)
    page.post(f"/letters/{letter.id}/link", status=404)
    page.post(f"/letters/{letter.id}/send", status=404)
    page.sign_in_as(cast.director).get(f"/letters/{letter.id}")
    assert "Make a link" not in page.text
    page.post(f"/letters/{letter.id}/link", status=403)


def test_a_contact_of_another_client_is_refused(page, cast, client):
    letter, stranger = a_sent_letter(cast, client), a_contact(a_client("别家"))
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    page.post(f"/letters/{letter.id}/link", {"contact": stranger.id}, 404)
    page.post(f"/letters/{letter.id}/send", {"contact": stranger.id}, 404)
    assert not LetterLink.select().exists() and not OutboxMessage.select().exists()
