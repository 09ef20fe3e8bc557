"""What waits for whom: every number is that of the rule's own room."""

from __future__ import annotations

from csat.models.reporting import Report, ReportReviewer, ReportState, ReportWord, Word
from csat.procedure.feedback import callbacks
from csat.procedure.worklists.worklists import WORKLISTS, list_waiting
from tests.builders import NOW, ZONE, how_many_wait
from tests.feedback_builders import assigned


def test_each_sees_what_waits_for_their_roles_only(cast):
    assigned(cast)
    assert [one.label for one, _ in list_waiting(cast.owner, NOW, ZONE)] == ["Feedback"]
    assert list_waiting(cast.admin, NOW, ZONE) == []
    assert len({one.path for one in WORKLISTS.values()}) == len(WORKLISTS)


def test_explained_feedback_is_the_turn_of_improvement(cast):
    callbacks.explain_feedback(assigned(cast), "已与客户说明", cast.owner, NOW)
    assert how_many_wait("feedback", cast.improvement) == how_many_wait("confirmation", cast.improvement) == 1
    assert how_many_wait("feedback", cast.owner) == 0


def test_a_voided_approval_hides_no_report_from_its_reviewer(cast):
    report = Report.create(
        quarter=20262,
        version=1,
        state=ReportState.REVIEW,
        document={},
        prepared_by=cast.qa,
        cut_off_at=NOW,
        prepared_at=NOW,
    )
    ReportReviewer.create(report=report, person=cast.director)
    word = ReportWord.create(report=report, person=cast.director, word=Word.APPROVE, at=NOW)
    assert how_many_wait("reports", cast.director) == 0
    word.void = True
    word.save()
    assert how_many_wait("reports", cast.director) == 1
