"""An issued report goes out (R3): to whom, by mail, and who has opened it."""

from __future__ import annotations

from csat.models.outbox import MailKind
from csat.models.records import AuditEntry
from csat.models.reporting import ReportOpening
from csat.procedure.reports import distribution, reports, review
from tests.builders import NOW
from tests.reports import Q3, a_document, approve_and_issue, issued


def test_a_download_is_on_record_and_shown_once(cast, zone):
    report = issued(cast, zone)
    for _ in range(2):
        distribution.open_file(report, "zh", cast.owner, NOW)
    assert [row.person for row in distribution.list_openings(report)] == [cast.owner]
    assert ReportOpening.select().count() == 1
    assert AuditEntry.select().where(AuditEntry.action == "report downloaded").count() == 2


def test_issuing_queues_one_mail_with_the_link_for_everybody_it_goes_to(cast, zone):
    report = issued(cast, zone)
    mails = distribution.find_mails(report)
    assert set(mails) == {cast.director.id, cast.manager.id, cast.owner.id, cast.improvement.id}
    assert {mail.kind for mail in mails.values()} == {MailKind.REPORT}
    assert distribution.distribute_report(report, cast.qa, NOW) == []
    assert len(distribution.find_mails(report)) == 4


def test_a_correction_goes_out_again_and_knows_the_versions_before_it(cast, zone):
    first = issued(cast, zone)
    second = reports.draft_report(Q3, a_document(cast.qa, zone, changes="Late answers."), cast.qa, NOW, "Late answers.")
    assert [one["number"] for one in second.document["report"]["versions"]] == [first.number]
    review.submit_report(second, [], cast.qa, NOW)
    approve_and_issue(second, cast, "this release")
    assert len(distribution.find_mails(second)) == 4
    assert set(distribution.find_releases(second).values()) == {"this release"}
