"""The migration that brings letters: the outbox keeps its mails, and can bring letters afterwards."""

from __future__ import annotations

from csat import database
from csat.models.letters import Letter, LetterFile, LetterLink
from csat.models.outbox import MailKind, OutboxMessage
from csat.procedure.letters import board
from csat.procedure.mail import outbox
from tests.builders import NOW, a_campaign, a_client, a_contact, an_invitation
from tests.cast import a_cast
from tests.letters import Q3, a_sent_letter
from tests.migrations.back import undo
from tests.migrations.test_asking import COLUMNS as LATER_COLUMNS
from tests.migrations.test_asking import TABLES as LATER_TABLES


def test_the_migration_keeps_the_mails_that_wait(engine_db):
    cast = a_cast()
    contact = a_contact(a_client(manager=cast.manager))
    invitation = an_invitation(a_campaign(), contact)
    outbox.queue_mail(MailKind.ASK, "ask:1", NOW, invitation=invitation)
    database.store.drop_tables(LATER_TABLES)
    undo("0017", *LATER_COLUMNS)  # which changes the letters' table, and runs after 0010
    undo("0010", ("outbox_message", "letter_id"), ("outbox_message", "contact_id"))
    database.store.drop_tables([LetterLink, LetterFile, Letter])
    database.migrate_store()
    kept = OutboxMessage.get()
    assert (kept.purpose, kept.invitation, kept.letter, kept.contact) == ("ask:1", invitation, None, None)
    letter = a_sent_letter(cast, contact.client, [contact])
    assert [mail.contact for mail in letter.mails] == [contact]
    (line,) = board.list_board(cast.manager, Q3, NOW.date())
    assert line.sent == letter and line.opened.links == 0
