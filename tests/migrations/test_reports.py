"""What 0014 adds: a mail can tell of a report, a kept file names its release; nothing is lost."""

from __future__ import annotations

import pytest

from csat import database
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.reporting import Report, ReportFile, ReportState
from csat.models.work import StoredFile
from csat.procedure.mail import outbox
from tests.builders import NOW
from tests.cast import a_cast
from tests.migrations.back import undo


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
    undo("0014", ("outbox_message", "report_id"), ("report_file", "made_by"))
    return report


def test_the_columns_are_added_and_what_was_there_stays(before):
    database.migrate_store()
    assert ReportFile.get().made_by == "" and ReportFile.get().report == before
    assert OutboxMessage.get().report is None and OutboxMessage.get().purpose == "digest:1"
    assert outbox.queue_mail(MailKind.REPORT, "report:1:1", NOW, person=before.prepared_by, report=before)
