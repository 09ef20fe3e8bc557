"""Issuing a quarterly report (R1): once all approved, its document is frozen and its PDFs kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from csat.database import write
from csat.models.base import Json
from csat.models.people import Person
from csat.models.reporting import Report, ReportFile, ReportState
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core import audit
from csat.procedure.core.documents import require_state, store_values
from csat.procedure.core.refusals import OutOfOrder, Refusal
from csat.procedure.core.uploads import forget_files
from csat.procedure.reports.distribution import distribute_report
from csat.procedure.reports.reports import list_approvals, update_facts
from csat.words import N_


class ApprovalsMissing(Refusal):
    sentence = N_("Approvals are still missing: %(names)s.")


def find_missing_approvals(report: Report) -> list[str]:
    """Whose approval a report in review still needs: one director's, and each named manager's (R1)."""
    approved = {word.person_id for word in list_approvals(report)}
    named = report.document["report"]["reviewers"]
    directors = [one for one in named if one["as"] == Role.DIRECTOR]
    missing = [one["name"] for one in named if one["as"] == Role.MANAGER and one["person"] not in approved]
    if any(one["person"] in approved for one in directors):  # one of them is enough
        return missing
    return [" / ".join(one["name"] for one in directors), *missing]


def freeze_document(report: Report, now: datetime) -> Json:
    """The document as it will be issued; raise ApprovalsMissing while somebody must still say yes."""
    require_state(report, ReportState.REVIEW)
    missing = find_missing_approvals(report)
    if missing:
        raise ApprovalsMissing(names=", ".join(missing))
    approved = {word.person_id: word.at.isoformat() for word in list_approvals(report)}
    reviewers = [{**one, "approved_at": approved.get(one["person"])} for one in report.document["report"]["reviewers"]]
    return update_facts(report, state="issued", reviewers=reviewers, issued_at=now.isoformat())


def issue_report(
    report: Report, document: Json, files: Mapping[str, StoredFile], by: Person, now: datetime, release: str = ""
) -> None:
    """Keep a report that all approved, and its PDFs, for good; OutOfOrder unless `document` is still it, frozen."""
    with write():
        made_at = datetime.fromisoformat(document["report"]["issued_at"])
        # A return between rendering and here must stop it: what is kept is exactly what was approved.
        if freeze_document(report, made_at) != document:
            raise OutOfOrder
        for language, file in files.items():
            file.save()
            # Only the same release makes the same bytes again, so `verify` compares with no other.
            ReportFile.create(report=report, language=language, file=file, made_by=release)
        store_values(report, state=ReportState.ISSUED, document=document, issued_at=made_at)
        sums = {language: file.sha256 for language, file in files.items()}
        told = distribute_report(report, by, now)
        audit.record(by, "report issued", report, now, number=report.number, sha256=sums, told=told)


def replace_draft_file(file: StoredFile, by: Person) -> list[str]:
    """Keep a rendered draft in place of its asker's earlier one; return the places of files to forget."""
    with write():
        places = forget_files(StoredFile.select().where(StoredFile.name == file.name, StoredFile.stored_by == by))
        file.save()
    return places
