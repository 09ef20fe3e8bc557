"""The migration that brings letters: the outbox keeps its mails, and can bring letters afterwards."""

from __future__ import annotations

from playhouse.migrations import Runner

from csat import database
from csat.models.letters import Letter, LetterFile, LetterLink
from csat.models.outbox import MailKind, OutboxMessage
from csat.procedure.letters import board
from csat.procedure.mail import outbox
from tests.builders import NOW, a_campaign, a_client, a_contact, an_invitation
from tests.cast import a_cast
from tests.letters import Q3, a_sent_letter


def test_the_migration_keeps_the_mails_that_wait(engine_db):
    cast = a_cast()
    contact = a_contact(a_client(manager=cast.manager))
    invitation = an_invitation(a_campaign(), contact)
    outbox.queue_mail(MailKind.ASK, "ask:1", NOW, invitation=invitation)
    _back_to_before()
    database.migrate_store()
    kept = OutboxMessage.get()
    assert (kept.purpose, kept.invitation, kept.letter, kept.contact) == ("ask:1", invitation, None, None)
    letter = a_sent_letter(cast, contact.client, [contact])
    assert [mail.contact for mail in letter.mails] == [contact]
    (line,) = board.list_board(cast.manager, Q3, NOW.date())
    assert line.sent == letter and line.opened.links == 0


def _back_to_before() -> None:
    """The store as the release before left it."""
    store = database.store
    for column in ("letter_id", "contact_id"):
        store.execute_sql(f"DROP INDEX IF EXISTS outboxmessage_{column}")
        store.execute_sql(f"DROP INDEX IF EXISTS outbox_message_{column}")
    if database.is_sqlite():
        from playhouse.migrate import SqliteMigrator, migrate

        migrator = SqliteMigrator(store.obj)
        store.execute_sql("PRAGMA foreign_keys = 0")
        migrate(*(migrator.drop_column("outbox_message", name) for name in ("letter_id", "contact_id")))
        store.execute_sql("PRAGMA foreign_keys = 1")
    else:
        for column in ("letter_id", "contact_id"):
            store.execute_sql(f"ALTER TABLE outbox_message DROP COLUMN {column}")
    store.drop_tables([LetterLink, LetterFile, Letter])
    history = Runner(store.obj, str(database.MIGRATIONS)).History
    history.delete().where(history.name == "0010_letters").execute()
