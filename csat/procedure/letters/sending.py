"""Sending a client's letter (P13): by the project manager in whose care the client is.

To contacts by mail, each with a link of its own, or by a link to hand over; links can be withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from csat.database import write
from csat.models.base import Json
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterFile, LetterLink, LetterState
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.people import Person
from csat.models.work import StoredFile
from csat.procedure.clients import clients, contacts
from csat.procedure.clients.manager_reach import find_reach
from csat.procedure.core import audit
from csat.procedure.core.documents import require_state, store_values
from csat.procedure.core.guards import found_or_refuse, get_or_refuse
from csat.procedure.core.refusals import NotFound, OutOfOrder, Refusal
from csat.procedure.letters import letters, links
from csat.procedure.mail import outbox, sending_rules
from csat.words import N_


class NobodyChosen(Refusal):
    sentence = N_("Please choose at least one contact with an e-mail address.")


def letter_to_send_for(person: Person, key: int, day: date) -> Letter:
    """A released letter of a client in this project manager's care today; raise NotFound for any other."""
    letter = letters.letter_for(person, key, day)
    manager = clients.manager_of(letter.client, day)
    if letter.state == LetterState.DRAFT or manager != person:
        raise NotFound
    return letter


def complete_document(letter: Letter, by: Person, now: datetime) -> Json:
    """The document of a ready letter as it goes out: with its day, who sends it, and how they are reached."""
    require_state(letter, LetterState.READY)
    reach = find_reach(by)
    told = {"telephone": reach["telephone"], "email": reach["email"]}
    facts = {**letter.document["letter"], "manager": by.name, "reach": told, "sent_at": now.isoformat()}
    return {**letter.document, "letter": facts}


def send_letter(
    letter: Letter, document: Json, files: Mapping[str, StoredFile], to: Iterable[Contact], by: Person, now: datetime
) -> None:
    """Keep a ready letter and its PDFs for good and queue mails; OutOfOrder unless `document` is still complete."""
    with write():
        sent_at = datetime.fromisoformat(document["letter"]["sent_at"])
        # The PDFs were printed from `document` before: what is kept must be what was released.
        if complete_document(letter, by, sent_at) != document:
            raise OutOfOrder
        for language, file in files.items():
            file.save()
            LetterFile.create(letter=letter, language=language, file=file)
        store_values(letter, state=LetterState.SENT, document=document, sent_by=by, sent_at=sent_at)
        sums = {language: file.sha256 for language, file in files.items()}
        audit.record(by, "letter sent", letter, now, number=letter.number, sha256=sums)
        for contact in to:
            _queue_mail(letter, contact, by, now)


def mail_contacts(letter: Letter, contacts: Iterable[Contact], by: Person, now: datetime) -> int:
    """Send a sent letter to more contacts by mail; how many are new. Raise MailHeldBack with the reason."""
    chosen = list(contacts)
    if not chosen:
        raise NobodyChosen
    with write():
        require_state(letter, LetterState.SENT)
        return sum(_queue_mail(letter, contact, by, now) for contact in chosen)


def make_link(letter: Letter, contact: Contact | None, by: Person, now: datetime) -> str:
    """A link to hand over oneself; its token, shown once and kept nowhere."""
    with write():
        require_state(letter, LetterState.SENT)
        token = links.make_link(letter, contact, by, now, mailed=False)
        whose = contact and contact.id
        audit.record(by, "letter link made", letter, now, number=letter.number, contact=whose)
    return token


def withdraw_link(letter: Letter, key: int, by: Person, now: datetime) -> None:
    """Let a link of this letter open nothing any more."""
    with write():
        link = get_or_refuse(LetterLink, key, LetterLink.letter == letter)
        if link.withdrawn_at is None:  # pressed twice, it was withdrawn the first time
            LetterLink.update(withdrawn_at=now).where(LetterLink.id == key).execute()
            audit.record(by, "letter link withdrawn", letter, now, number=letter.number, link=key)


def list_contacts(letter: Letter) -> list[Contact]:
    """The client's contacts in use, whom a letter can go to."""
    return [one for one in contacts.contacts_of(letter.client) if one.retired_at is None]


def list_mails(letter: Letter) -> list[OutboxMessage]:
    """The mails with which a letter went out, in the order of their contacts' names."""
    query = OutboxMessage.select(OutboxMessage, Contact).join(Contact)
    return list(query.where(OutboxMessage.letter == letter).order_by(Contact.name, OutboxMessage.id))


def get_mail(letter: Letter, key: int) -> OutboxMessage:
    """A mail of this letter; raise NotFound for any other."""
    return found_or_refuse(next((mail for mail in list_mails(letter) if mail.id == key), None))


def _queue_mail(letter: Letter, contact: Contact, by: Person, now: datetime) -> bool:
    if contact not in list_contacts(letter):  # another client's, or one that was retired meanwhile
        raise NotFound
    why = sending_rules.find_contact_hold_reason(contact)
    if why is not None:
        raise sending_rules.MailHeldBack(reason=why)
    # One purpose for each contact: the outbox never queues the same one twice, however often it is chosen.
    purpose = f"letter:{letter.id}:{contact.id}"
    if not outbox.queue_mail(MailKind.LETTER, purpose, now, by, letter=letter, contact=contact):
        return False
    audit.record(by, "letter mailed", letter, now, number=letter.number, contact=contact.id)
    return True
