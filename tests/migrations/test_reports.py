"""What 0014 adds: a mail can tell of a report, a kept file names its release; nothing is lost."""

from __future__ import annotations

import pytest
from playhouse.migrate import SqliteMigrator, migrate
from playhouse.migrations import Runner

from csat import database
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.reporting import Report, ReportFile, ReportState
from csat.models.work import StoredFile
from csat.procedure.mail import outbox
from tests.builders import NOW
from tests.cast import a_cast


@pytest.fixture
def before(engine_db):
    """A store as it was before: without the two columns, with an issued report and a mail in it."""
    cast = a_cast()
    report = Report.create(
        quarter=20262, version=1, state=ReportState.ISSUED, cut_off_at=NOW, prepared_by=cast.qa, prepared_at=NOW
    )
    file = StoredFile.create(place="p", name="r.pdf", media_type="application/pdf", size=1, sha256="s", stored_at=NOW)
    ReportFile.create(report=report, language="zh", file=file)
    outbox.queue_mail(MailKind.DIGEST, "digest:1", NOW, person=cast.qa)
    _back_to_before()
    return report


def test_the_columns_are_added_and_what_was_there_stays(before):
    database.migrate_store()
    assert ReportFile.get().made_by == "" and ReportFile.get().report == before
    assert OutboxMessage.get().report is None and OutboxMessage.get().purpose == "digest:1"
    assert outbox.queue_mail(MailKind.REPORT, "report:1:1", NOW, person=before.prepared_by, report=before)


def _back_to_before() -> None:
    """The store as the release before left it."""
    store, columns = database.store, (("outbox_message", "report_id"), ("report_file", "made_by"))
    for name in ("outboxmessage_report_id", "outbox_message_report_id"):
        store.execute_sql(f"DROP INDEX IF EXISTS {name}")
    if database.is_sqlite():
        migrator = SqliteMigrator(store.obj)
        store.execute_sql("PRAGMA foreign_keys = 0")
        migrate(*(migrator.drop_column(table, column) for table, column in columns))
        store.execute_sql("PRAGMA foreign_keys = 1")
    else:
        for table, column in columns:
            store.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    history = Runner(store.obj, str(database.MIGRATIONS)).History
    history.delete().where(history.name.startswith("0014")).execute()
