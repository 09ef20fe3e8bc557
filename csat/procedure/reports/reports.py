"""The quarterly report (P8, R1): drafted by QA, reviewed (`review`), then frozen for good (`issuing`).

Its document (figures, sentences, comments, facts: plain JSON) is composed by `csat.documents.report.compose`
and handed in; here it is kept, refused, approved and frozen. Of a quarter one version at a time is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from csat.database import write
from csat.models.base import Json, expect_value
from csat.models.people import Person
from csat.models.reporting import Report, ReportState, ReportWord, Word
from csat.procedure.core import audit, settings
from csat.procedure.core.documents import require_state, select_issued_reports, store_values
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, OutOfOrder, Refusal
from csat.procedure.people.permissions import PERMISSION_MATRIX, roles_of
from csat.procedure.review import tally
from csat.words import N_


class DraftOpen(Refusal):
    sentence = N_("A version of this report is open already. Finish or discard it first.")


class ChangesMissing(InputWrong):
    sentence = N_("This quarter's report has been issued. Please say what the new version changes.")


def report_for(person: Person, key: int) -> Report:
    """A report its reader may see: QA all, director and managers from review on, others once issued."""
    return get_or_refuse(Report, key, Report.state.in_(_select_visible(person)))


def reports_for(person: Person) -> list[Report]:
    """All reports a person may see, newest quarter and version first."""
    seen = Report.select(Report, Person).join(Person).where(Report.state.in_(_select_visible(person)))
    return list(seen.order_by(Report.quarter.desc(), Report.version.desc()))


def find_latest(quarter: Quarter) -> Report | None:
    """The newest version of a quarter's report, in whatever state."""
    return Report.select().where(Report.quarter == int(quarter)).order_by(Report.version.desc()).first()


def find_last_issued(quarter: Quarter) -> Report | None:
    """The newest issued version of a quarter's report."""
    return select_issued_reports(quarter).first()


def find_latest_for(person: Person, quarter: Quarter) -> Report | None:
    """The newest version that matters to a person: who prepares reports is told of drafts, others are not."""
    if roles_of(person) & PERMISSION_MATRIX["reports.prepare"]:
        return find_latest(quarter)
    return find_last_issued(quarter)


def list_approvals(report: Report) -> list[ReportWord]:
    """The approvals of a report in review that no return has voided."""
    said = ReportWord.select().where(ReportWord.report == report, ReportWord.word == Word.APPROVE)
    return [word for word in said if not word.void]


def count_pending(document: Json) -> int:
    """How many responses had no final verdict at the document's cut-off."""
    verdicts = document["figures"]["verdicts"]
    return verdicts["pending"] + verdicts["doubted"]


def build_cover_facts(quarter: Quarter, by: Person | None, now: datetime, zone: tzinfo, changes: str = "") -> Json:
    """The facts of a version about to be drafted: what its cover says."""
    last = find_latest(quarter)
    is_open = last is not None and last.state != ReportState.ISSUED
    version = 1 if last is None else last.version + (not is_open)  # an open one is composed anew under its number
    report = Report(quarter=int(quarter), version=version)
    return {
        "number": report.number,
        "version": version,
        "quarter": int(quarter),
        "state": ReportState.DRAFT.value,
        "zone": str(zone),
        "provider": dict(settings.get_provider_names()),
        "prepared_by": by.name if by else "",
        "prepared_at": now.isoformat(),
        "preparers": _list_preparers(last, by),  # a new version takes over their words (I4)
        "reviewers": [],
        "changes": changes,
        "versions": _list_earlier_versions(quarter),
        "issued_at": None,
        "quarter_before": _count_valid_when_issued(quarter.plus(-1)),
    }


def draft_report(quarter: Quarter, document: Json, by: Person, now: datetime, changes: str = "") -> Report:
    """Begin a version of a quarter's report; a correction of an issued one says what changes (R1)."""
    with write():
        last = find_latest(quarter)
        if last is not None and last.state != ReportState.ISSUED:
            raise DraftOpen
        if last is not None and not changes.strip():
            raise ChangesMissing(field="changes")
        report = Report.create(
            quarter=int(quarter),
            version=last.version + 1 if last else 1,
            cut_off_at=_parse_cut_off(document),
            prepared_by=by,
            prepared_at=now,
            document=document,
            remarks=document["remarks"],
            changes=changes.strip(),
        )
        audit.record(by, "report drafted", report, now, number=report.number)
    return report


def refresh_draft(report: Report, document: Json, by: Person, now: datetime) -> None:
    """Put today's figures into a draft, with a new cut-off; who does so prepared it (I4)."""
    with write():
        require_state(report, ReportState.DRAFT)
        # The document was composed outside this transaction: what was written meanwhile must not be lost.
        facts = {**document["report"], "preparers": _list_preparers(report, by)}
        written = {key: report.document[key] for key in ("remarks", "edits") if key in report.document}
        store_values(
            report,
            document={**document, **written, "report": facts},
            cut_off_at=_parse_cut_off(document),
            remarks=report.document["remarks"],
            prepared_by=by,
            prepared_at=now,
        )
        audit.record(by, "report refreshed", report, now, cut_off=document["figures"]["cut_off"])


def write_remarks(report: Report, remarks: Mapping[str, object], by: Person, now: datetime) -> None:
    """Keep QA's own words on the quarter, in both languages; who writes them prepared the report (I4)."""
    with write():
        require_state(report, ReportState.DRAFT)
        words = {**add_preparer(report, by), "remarks": dict(remarks)}
        store_values(report, document=words, remarks=dict(remarks), prepared_by=by)
        audit.record(by, "report remarks written", report, now)


def discard_draft(report: Report, by: Person, now: datetime) -> None:
    """Throw a draft away that nobody has spoken on yet; one that was in review stays on record."""
    with write():
        require_state(report, ReportState.DRAFT)
        if ReportWord.select().where(ReportWord.report == report).exists():  # it was returned to be drafted anew
            raise OutOfOrder
        audit.record(by, "report discarded", report, now, number=report.number)
        report.delete_instance()
        tally.settle_tally(report.quarter)


def _select_visible(person: Person) -> list[ReportState]:
    mine = roles_of(person)
    if mine & PERMISSION_MATRIX["reports.prepare"]:
        return list(ReportState)
    if mine & PERMISSION_MATRIX["reports.review"]:
        return [ReportState.REVIEW, ReportState.ISSUED]  # a draft is still being written
    return [ReportState.ISSUED] if mine & PERMISSION_MATRIX["reports.read"] else []


def update_facts(report: Report, **facts: object) -> Json:
    """A report's document with some of its facts changed."""
    return {**report.document, "report": {**report.document["report"], **facts}}


def add_preparer(report: Report, by: Person) -> Json:
    """A report's document once somebody more has had a hand in it: who writes, prepared it (I4)."""
    return update_facts(report, prepared_by=by.name, preparers=_list_preparers(report, by))


def _list_earlier_versions(quarter: Quarter) -> list[Json]:
    """The issued versions before this one, for the page that tells them."""
    return [
        {"number": one.number, "issued_at": expect_value(one.issued_at).isoformat(), "changes": one.changes}
        for one in reversed(list(select_issued_reports(quarter)))
    ]


def _list_preparers(report: Report | None, by: Person | None) -> list[int]:
    """Everybody who ever had a hand in a version, so that none of them signs it (I4)."""
    before = report.document["report"]["preparers"] if report is not None else []
    return sorted({*before, *([by.id] if by else [])})


def _parse_cut_off(document: Json) -> datetime:
    return datetime.fromisoformat(document["figures"]["cut_off"])


def _count_valid_when_issued(quarter: Quarter) -> int | None:
    before = find_last_issued(quarter)
    return before.document["figures"]["verdicts"]["valid"] if before else None
