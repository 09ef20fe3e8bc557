"""Tables that people take with them: what each role may export, who asked, and how long the file is kept.

An export is a job; its file is the asker's alone, is deleted after some days, and what leaves with it is the
asker's duty from then on (D5). Being asked for and being downloaded both go on record (D3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from csat.database import write
from csat.models.people import Person
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import audit, jobs, settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound, NotYours, Refusal
from csat.procedure.people import permissions
from csat.words import N_

KIND = "export"
MARK = "; for=export"  # on the media type: these files are no part of the record, and are swept
SHOWN = 30  # exports on a person's list


class What(StrEnum):
    RESPONSES = "responses"
    FIGURES = "figures"
    FEEDBACK = "feedback"
    APPRAISAL = "appraisal"


class Shape(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


NAMES: dict[What, str] = {
    What.RESPONSES: N_("Responses"),
    What.FIGURES: N_("Figures"),
    What.FEEDBACK: N_("Feedback"),
    What.APPRAISAL: N_("Appraisal sheet"),
}
RIGHTS: dict[What, str] = {
    What.RESPONSES: "responses.read",
    What.FIGURES: "figures",
    What.FEEDBACK: "feedback.see",
    What.APPRAISAL: "appraisal",
}
OF_ALL_QUARTERS = frozenset({What.RESPONSES, What.FEEDBACK})  # the others are of one quarter by nature
MEDIA: dict[Shape, str] = {
    Shape.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Shape.CSV: "text/csv; charset=utf-8",
}


class QuarterNeeded(InputWrong):
    sentence = N_("Please choose one quarter: figures and the appraisal sheet are of one quarter each.")


class ExportGone(Refusal):
    sentence = N_("This file was deleted: exports are kept for %(days)s days. Please ask for it once more.")


@dataclass(frozen=True)
class Wanted:
    """What an export shall hold, for whom, in which language and kind of file; no quarter means all."""

    what: What
    quarter: Quarter | None
    shape: Shape
    language: str
    by: Person

    @classmethod
    def of(cls, arguments: dict[str, Any]) -> Wanted:
        """What a job was asked to make."""
        quarter = arguments["quarter"]
        return cls(
            what=What(arguments["what"]),
            quarter=Quarter.from_int(quarter) if quarter else None,
            shape=Shape(arguments["shape"]),
            language=arguments["language"],
            by=Person.get_by_id(arguments["by"]),
        )

    def arguments(self) -> dict[str, Any]:
        """The same as a job keeps it."""
        return {
            "what": self.what.value,
            "quarter": int(self.quarter) if self.quarter else 0,
            "shape": self.shape.value,
            "language": self.language,
            "by": self.by.id,
        }

    @property
    def file_name(self) -> str:
        """What the file is called where it is saved."""
        return f"csat-{self.what}-{self.quarter or 'all'}.{self.shape}"


@dataclass(frozen=True)
class Export:
    """One of a person's exports: its job, and its file while that is kept."""

    job: Job
    wanted: Wanted
    file: StoredFile | None
    until: datetime | None  # when the file is deleted


def offered(person: Person) -> list[What]:
    """What a person may export."""
    return [what for what in What if permissions.may(person, RIGHTS[what])]


def refuse(wanted: Wanted) -> None:
    """Raise NotYours unless the asker may read what the export holds, QuarterNeeded where one is missing."""
    if wanted.what not in offered(wanted.by):
        raise NotYours
    if wanted.quarter is None and wanted.what not in OF_ALL_QUARTERS:
        raise QuarterNeeded("quarter")


def ask(wanted: Wanted, now: datetime) -> Job:
    """Let the worker make an export; refuses as `refuse` does. Goes on record."""
    refuse(wanted)
    with write():
        job = jobs.ask(KIND, wanted.arguments(), wanted.by, now)
        audit.record(wanted.by, "export asked for", f"job:{job.id}", now, **_facts(wanted))
    return job


def keep(wanted: Wanted, place: str, size: int, sha256: str, now: datetime) -> StoredFile:
    """Remember the file of an export; raise NotYours when the asker has lost the right meanwhile."""
    refuse(wanted)
    with write():
        return StoredFile.create(
            place=place,
            name=wanted.file_name,
            media_type=MEDIA[wanted.shape] + MARK,
            size=size,
            sha256=sha256,
            stored_by=wanted.by,
            stored_at=now,
        )


def listed(person: Person) -> list[Export]:
    """A person's last exports, the latest first."""
    query = Job.select().where(Job.kind == KIND, Job.asked_by == person)
    found = list(query.order_by(Job.id.desc()).limit(SHOWN))
    keys = [job.outcome["file"] for job in found if job.state == JobState.DONE]
    files = {file.id: file for file in StoredFile.select().where(StoredFile.id.in_(keys or [0]))}
    return [_export(job, files) for job in found]


def download(person: Person, key: int, now: datetime) -> StoredFile:
    """The file of one's own export; the download goes on record. Raise NotFound for anybody else's,
    NotYours when the right is gone, ExportGone when the file is."""
    job = jobs.job_for(person, key)
    if job.kind != KIND or job.state != JobState.DONE:
        raise NotFound
    wanted = Wanted.of(job.arguments)
    refuse(wanted)
    file = StoredFile.get_or_none(StoredFile.id == (job.outcome or {})["file"])
    if file is None:
        raise ExportGone(days=settings.whole("export_days"))
    audit.record(person, "export downloaded", f"job:{job.id}", now, **_facts(wanted), sha256=file.sha256)
    return file


def outdated(now: datetime) -> list[StoredFile]:
    """Files of exports that were kept long enough (D5)."""
    old = now - timedelta(days=settings.whole("export_days"))
    return list(StoredFile.select().where(is_export(), StoredFile.stored_at < old))


def forget(file: StoredFile) -> None:
    """Forget an export's file; its owner deletes the file itself."""
    with write():
        StoredFile.delete().where(StoredFile.id == file.id).execute()


def is_export() -> Any:
    """The condition for kept files that are exports: they enter no back-up, and are swept."""
    return StoredFile.media_type.endswith(MARK)


def media_type(file: StoredFile) -> str:
    """The media type under which an export's file is served."""
    return file.media_type.removesuffix(MARK)


def _export(job: Job, files: dict[int, StoredFile]) -> Export:
    file = files.get(job.outcome["file"]) if job.state == JobState.DONE else None
    until = file.stored_at + timedelta(days=settings.whole("export_days")) if file else None
    return Export(job, Wanted.of(job.arguments), file, until)


def _facts(wanted: Wanted) -> dict[str, Any]:
    facts = wanted.arguments()
    return {name: facts[name] for name in ("what", "quarter", "shape", "language")}
