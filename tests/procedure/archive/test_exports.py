"""Stories about exports: who may take what along, what goes on record, and how long a file is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.commands import exports as works
from csat.models.access import RoleGrant
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.archive import exports
from csat.procedure.archive.exports import ExportGone, ExportKind, ExportRequest, FileFormat, QuarterNeeded
from csat.procedure.core import jobs, settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotPermitted
from tests.builders import NOW, a_client, a_response
from tests.files import kept_files

Q3 = Quarter(2026, 3)
OFFERED = {
    Role.QA: set(ExportKind),
    Role.DIRECTOR: set(ExportKind) - {ExportKind.CONTACTS},
    Role.IMPROVEMENT: {ExportKind.RESPONSES, ExportKind.FEEDBACK, ExportKind.PRAISE},
    Role.DEPARTMENT: {ExportKind.FEEDBACK, ExportKind.PRAISE},
    Role.MANAGER: {ExportKind.APPRAISAL, ExportKind.PRAISE, ExportKind.CONTACTS},
    Role.DESK: set(),
    Role.ADMIN: {ExportKind.CONTACTS},
}


def wanted(by, what=ExportKind.RESPONSES, quarter=Q3, shape=FileFormat.XLSX):
    return ExportRequest(what, quarter, shape, "zh", by)


def made(by, **more) -> Job:
    job = exports.queue_export(wanted(by, **more), NOW)
    jobs.run_waiting_jobs()
    return Job.get_by_id(job.id)


def acts():
    of_exports = AuditEntry.select().where(AuditEntry.action.startswith("export"))
    return [(one.actor, one.action, one.subject) for one in of_exports.order_by(AuditEntry.id)]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_takes_along_what_it_may_read(cast, role):
    person = cast.holding(role)
    assert set(exports.list_offered_kinds(person)) == OFFERED[role]
    for what in set(ExportKind) - OFFERED[role]:
        with pytest.raises(NotPermitted):
            exports.queue_export(wanted(person, what), NOW)
    assert Job.select().count() == 0 and acts() == []


def test_figures_are_of_one_quarter(cast):
    with pytest.raises(QuarterNeeded):
        exports.queue_export(wanted(cast.qa, ExportKind.FIGURES, quarter=None), NOW)
    exports.queue_export(wanted(cast.qa, ExportKind.RESPONSES, quarter=None), NOW)


@pytest.mark.parametrize("shape", list(FileFormat))
@pytest.mark.parametrize("what", list(ExportKind))
def test_an_export_is_made_kept_and_downloaded_and_all_is_on_record(cast, config, what, shape):
    a_response(client=a_client(manager=cast.manager))
    job = made(cast.qa, what=what, shape=shape)
    assert job.state == JobState.DONE, job.refusal
    file = exports.download_export(cast.qa, job.id, NOW)
    of = "" if what is ExportKind.CONTACTS else "-2026Q3"
    assert file.name == f"csat-{what}{of}.{shape}" and file.size == kept_files(config)[0].stat().st_size
    assert exports.find_media_type(file) == exports.MEDIA_TYPES[shape]
    who, about = f"person:{cast.qa.id}", f"job:{job.id}"
    assert acts() == [(who, "export asked for", about), (who, "export downloaded", about)]
    (place,) = kept_files(config)
    assert place.stat().st_mode & 0o777 == 0o600 and [one for one in config.files.glob("making-*")] == []


def test_only_who_asked_may_download(cast):
    job = made(cast.qa)
    for other in (cast.qa2, cast.director, cast.admin):
        with pytest.raises(NotFound):
            exports.download_export(other, job.id, NOW)


def test_who_has_lost_the_role_neither_gets_it_made_nor_downloads_it(cast, config):
    ready, waiting = made(cast.qa), exports.queue_export(wanted(cast.qa, ExportKind.FEEDBACK), NOW)
    RoleGrant.update(ended_at=NOW).where(RoleGrant.person == cast.qa).execute()
    jobs.run_waiting_jobs()
    assert Job.get_by_id(waiting.id).state == JobState.FAILED
    assert len(kept_files(config)) == 1
    with pytest.raises(NotPermitted):
        exports.download_export(cast.qa, ready.id, NOW)


def test_nothing_is_left_when_making_it_breaks(cast, config, monkeypatch):
    def broken(*arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(works.tables, "build_workbook", broken)
    assert made(cast.qa).state == JobState.FAILED
    assert kept_files(config) == [] and list(config.files.iterdir()) == []


def test_an_export_is_swept_after_its_days_and_no_other_file_and_the_list_says_so(cast, config):
    StoredFile.create(place="a" * 32, name="report.pdf", media_type="application/pdf", size=1, sha256="", stored_at=NOW)
    job = made(cast.qa)
    settings.change_setting("export_days", 3, cast.admin, NOW)
    (one,) = exports.list_exports(cast.qa)
    assert one.file is not None and one.until == NOW + timedelta(days=3)
    assert works.delete_outdated_exports(config, NOW + timedelta(days=2)) == 0
    assert works.delete_outdated_exports(config, NOW + timedelta(days=3, seconds=1)) == 1
    assert works.delete_outdated_exports(config, NOW + timedelta(days=9000)) == 0
    assert kept_files(config) == [] and StoredFile.get().name == "report.pdf"
    (one,) = exports.list_exports(cast.qa)
    assert one.file is None and one.job.state == JobState.DONE
    with pytest.raises(ExportGone, match="kept for 3 days"):
        exports.download_export(cast.qa, job.id, NOW)


def test_what_a_killed_worker_left_is_swept_too(cast, config):
    left = config.files / "making-1"
    left.mkdir(parents=True)
    (left / "export").write_bytes(b"half")
    assert works.delete_outdated_exports(config, NOW - timedelta(days=9000)) == 0
    assert works.delete_outdated_exports(config, NOW + timedelta(days=9000)) == 1 and not left.exists()


def test_progress_shows_how_many_rows_are_done(cast, monkeypatch):
    monkeypatch.setattr(works, "PROGRESS_STEP", 2)
    for _ in range(5):
        a_response()
    job = made(cast.qa)
    assert (job.progress, job.total) == (4, 5) and job.outcome["rows"] == 5
