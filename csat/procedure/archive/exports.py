"""Tables that people take with them: what each role may export, who asked, and how long the file is kept.

An export is a job; its file is the asker's alone, is deleted after some days, and what leaves with it is the
asker's duty from then on (D5). Being asked for and being downloaded both go on record (D3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from csat.database import write
from csat.models.base import Condition
from csat.models.people import Person
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import audit, jobs, settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound, NotPermitted, Refusal
from csat.procedure.people import permissions
from csat.words import N_

JOB_KIND = "export"
MEDIA_TYPE_MARK = "; for=export"  # on the media type: these files are no part of the record, and are swept
MAX_LISTED = 30  # exports on a person's list


class ExportKind(StrEnum):
    RESPONSES = "responses"
    FIGURES = "figures"
    FEEDBACK = "feedback"
    APPRAISAL = "appraisal"
    PRAISE = "praise"
    CONTACTS = "contacts"


class FileFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


KIND_LABELS: dict[ExportKind, str] = {
    ExportKind.RESPONSES: N_("Responses"),
    ExportKind.FIGURES: N_("Figures"),
    ExportKind.FEEDBACK: N_("Feedback"),
    ExportKind.APPRAISAL: N_("Appraisal sheet"),
    ExportKind.PRAISE: N_("Praise"),
    ExportKind.CONTACTS: N_("Contacts"),
}
KIND_PERMISSIONS: dict[ExportKind, str] = {
    ExportKind.RESPONSES: "responses.read",
    ExportKind.FIGURES: "figures",
    ExportKind.FEEDBACK: "feedback.see",
    ExportKind.APPRAISAL: "appraisal",
    ExportKind.PRAISE: "praise.see",
    ExportKind.CONTACTS: "contacts.export",
}
# Others are of one by nature, and contacts of none.
KINDS_OF_ALL_QUARTERS = frozenset({ExportKind.RESPONSES, ExportKind.FEEDBACK, ExportKind.PRAISE, ExportKind.CONTACTS})
MEDIA_TYPES: dict[FileFormat, str] = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8",
}


class QuarterNeeded(InputWrong):
    sentence = N_("Please choose one quarter: figures and the appraisal sheet are of one quarter each.")


class ExportGone(Refusal):
    sentence = N_("This file was deleted: exports are kept for %(days)s days. Please ask for it once more.")


@dataclass(frozen=True)
class ExportRequest:
    """What an export shall hold, for whom, in which language and kind of file; no quarter means all."""

    what: ExportKind
    quarter: Quarter | None
    shape: FileFormat
    language: str
    by: Person

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> ExportRequest:
        """What a job was asked to make."""
        quarter = arguments["quarter"]
        return cls(
            what=ExportKind(arguments["what"]),
            quarter=Quarter.from_int(quarter) if quarter else None,
            shape=FileFormat(arguments["shape"]),
            language=arguments["language"],
            by=Person.get_by_id(arguments["by"]),
        )

    def describe(self) -> dict[str, object]:
        """The same in the history, which says who asked itself."""
        quarter = int(self.quarter) if self.quarter else 0
        return {"what": self.what.value, "quarter": quarter, "shape": self.shape.value, "language": self.language}

    @property
    def file_name(self) -> str:
        """What the file is called where it is saved."""
        of = "" if self.what is ExportKind.CONTACTS else f"-{self.quarter or 'all'}"
        return f"csat-{self.what}{of}.{self.shape}"


@dataclass(frozen=True)
class Export:
    """One of a person's exports: its job, and its file while that is kept."""

    job: Job
    wanted: ExportRequest
    file: StoredFile | None
    until: datetime | None  # when the file is deleted


def list_offered_kinds(person: Person) -> list[ExportKind]:
    """What a person may export."""
    return [what for what in ExportKind if permissions.has_permission(person, KIND_PERMISSIONS[what])]


def refuse_request(wanted: ExportRequest) -> None:
    """Raise NotPermitted unless the asker may read what it holds, QuarterNeeded where one is missing."""
    if wanted.what not in list_offered_kinds(wanted.by):
        raise NotPermitted
    if wanted.quarter is None and wanted.what not in KINDS_OF_ALL_QUARTERS:
        raise QuarterNeeded("quarter")


def queue_export(wanted: ExportRequest, now: datetime) -> Job:
    """Let the worker make an export, on record; refuses as `refuse_request` does."""
    refuse_request(wanted)
    with write():
        job = jobs.queue_job(JOB_KIND, {**wanted.describe(), "by": wanted.by.id}, wanted.by, now)
        audit.record(wanted.by, "export asked for", f"job:{job.id}", now, **wanted.describe())
    return job


def store_export(wanted: ExportRequest, place: str, size: int, sha256: str, now: datetime) -> StoredFile:
    """Remember the file of an export; raise NotPermitted when the right is gone by now."""
    refuse_request(wanted)  # a large one takes minutes to make
    with write():
        return StoredFile.create(
            place=place,
            name=wanted.file_name,
            media_type=MEDIA_TYPES[wanted.shape] + MEDIA_TYPE_MARK,
            size=size,
            sha256=sha256,
            stored_by=wanted.by,
            stored_at=now,
        )


def list_exports(person: Person) -> list[Export]:
    """A person's last exports, the latest first."""
    query = Job.select().where(Job.kind == JOB_KIND, Job.asked_by == person)
    found = list(query.order_by(Job.id.desc()).limit(MAX_LISTED))
    keys = {job.id: job.outcome["file"] for job in found if job.state == JobState.DONE}
    kept = {file.id: file for file in StoredFile.select().where(StoredFile.id.in_(list(keys.values())))}
    days = timedelta(days=settings.get_whole_number("export_days"))
    files = [(job, ExportRequest.of(job.arguments), kept.get(keys.get(job.id, 0))) for job in found]
    return [Export(job, wanted, file, file.stored_at + days if file else None) for job, wanted, file in files]


def download_export(person: Person, key: int, now: datetime) -> StoredFile:
    """The file of one's own export, on record; raise NotFound, NotPermitted, or ExportGone after some days."""
    job = jobs.job_for(person, key)
    if job.kind != JOB_KIND or job.state != JobState.DONE:
        raise NotFound
    wanted = ExportRequest.of(job.arguments)
    refuse_request(wanted)  # the role may be gone since it was asked for
    file = StoredFile.get_or_none(StoredFile.id == (job.outcome or {})["file"])
    if file is None:
        raise ExportGone(days=settings.get_whole_number("export_days"))
    audit.record(person, "export downloaded", f"job:{job.id}", now, **wanted.describe(), sha256=file.sha256)
    return file


def list_outdated_files(now: datetime) -> list[StoredFile]:
    """Files of exports that were kept long enough (D5)."""
    old = now - timedelta(days=settings.get_whole_number("export_days"))
    return list(StoredFile.select().where(export_condition(), StoredFile.stored_at < old))


def export_condition() -> Condition:
    """The condition for kept files that are exports: they enter no back-up, and are swept."""
    return StoredFile.media_type.endswith(MEDIA_TYPE_MARK)


def find_media_type(file: StoredFile) -> str:
    """The media type under which an export's file is served."""
    return file.media_type.removesuffix(MEDIA_TYPE_MARK)
