"""An issued report goes out (R3): a mail with its link to whom it is for, its files, who has opened it."""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.people import Person
from csat.models.reporting import Report, ReportOpening
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core import audit
from csat.procedure.core.documents import find_files
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.mail import outbox
from csat.procedure.people.permissions import PERMISSION_MATRIX, list_role_holders

RECIPIENT_ROLES = (Role.DIRECTOR, Role.MANAGER, Role.DEPARTMENT, Role.IMPROVEMENT)  # who is told of it (R3)


def distribute_report(report: Report, by: Person, now: datetime) -> list[int]:
    """Queue a mail with the link to everybody a report goes to, once each; return to whom."""
    told = []
    for person in list_role_holders(*RECIPIENT_ROLES):
        purpose = f"report:{report.id}:{person.id}"  # the outbox takes each purpose once only
        if outbox.queue_mail(MailKind.REPORT, purpose, now, by, person=person, report=report):
            told.append(person.id)
    return told


def list_deliveries(report: Report) -> list[tuple[Person, OutboxMessage | None, datetime | None]]:
    """Whom an issued report went to, the mail that told them, and when they first opened it (R3)."""
    mails = find_mails(report)
    opened = {opening.person: opening.at for opening in list_openings(report)}
    told = [mail.person for mail in mails.values()]  # also whose role, and with it the right to read, is gone
    readers = list_role_holders(*PERMISSION_MATRIX["reports.read"])
    persons = {person.id: person for person in (*readers, *told, *opened)}
    rows = sorted(persons.values(), key=lambda person: (person not in opened, person.name))
    return [(person, mails.get(person.id), opened.get(person)) for person in rows]


def find_mails(report: Report) -> dict[int, OutboxMessage]:
    """The mail that told of an issued report, by the person it went to."""
    told = OutboxMessage.select(OutboxMessage, Person).join(Person, on=OutboxMessage.person)
    return {row.person.id: row for row in told.where(OutboxMessage.report == report)}


def find_releases(report: Report) -> dict[str, str]:
    """Which release made the kept PDF of each language: the same one makes the same bytes again (R1)."""
    return {row.language: row.made_by for row in report.files}


def list_openings(report: Report) -> list[ReportOpening]:
    """Who has opened an issued report, and when first (R3)."""
    seen = ReportOpening.select(ReportOpening, Person).join(Person)
    return list(seen.where(ReportOpening.report == report).order_by(ReportOpening.at))


def open_file(report: Report, language: str, by: Person, now: datetime) -> StoredFile:
    """The kept PDF, for a download that goes on record: who has opened it is shown (R3, D3)."""
    file = found_or_refuse(find_files(report).get(language))
    with write():
        ReportOpening.get_or_create(report=report, person=by, defaults={"at": now})  # the first time counts
        audit.record(by, "report downloaded", report, now, language=language)
    return file
