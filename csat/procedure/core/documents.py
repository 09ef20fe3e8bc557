"""What reports and letters share: a document with a state, of which the PDFs that went out are kept."""

from __future__ import annotations

from peewee import ModelSelect

from csat.models.letters import Letter, LetterState
from csat.models.reporting import Report, ReportState
from csat.models.work import StoredFile
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import OutOfOrder


def require_state(record: Report | Letter, state: ReportState | LetterState) -> None:
    """Read a document anew: somebody may have acted since its page was shown. Raise OutOfOrder."""
    fresh = type(record).get_or_none(type(record).id == record.id)
    if fresh is None or fresh.state != state:
        raise OutOfOrder
    record.__data__.update(fresh.__data__)  # what follows writes the whole row: nothing older may come back


def store_values(record: Report | Letter, **values: object) -> None:
    """Put values into a document."""
    for name, value in values.items():
        setattr(record, name, value)
    record.save()


def find_files(record: Report | Letter) -> dict[str, StoredFile]:
    """The kept PDF of each language of an issued report or a sent letter."""
    return {row.language: row.file for row in record.files.select_extend(StoredFile).join(StoredFile)}


def select_issued_reports(quarter: Quarter) -> ModelSelect[Report]:
    """The issued versions of a quarter's report, the newest first."""
    issued = Report.select().where(Report.quarter == int(quarter), Report.state == ReportState.ISSUED)
    return issued.order_by(Report.version.desc())
