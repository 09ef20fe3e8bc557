"""The quarterly review of questionnaires: when it is due, and what stands on record (P14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from csat.models.questionnaires import Questionnaire, QuestionnaireReview, ReviewDecision
from csat.models.records import AuditEntry
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, ValueMissing
from csat.procedure.questionnaires import questionnaires, review
from csat.procedure.questionnaires.content import write_content
from tests.builders import NOW, a_campaign, a_response
from tests.procedure.questionnaires.forms import change_question, shipped_form, words

pytestmark = pytest.mark.usefixtures("db")

KEEP, CHANGE, DROP = ReviewDecision
OVER, RUNNING = Quarter(2026, 2), Quarter(2026, 3)
SECOND_OF_JULY = datetime(2026, 7, 2, tzinfo=UTC)


def form(code: str = "incident") -> Questionnaire:
    return review.get_published_questionnaire(code)


def an_answered_quarter(code: str = "incident", quarter: int = int(OVER)):
    a_campaign(code, quarter=quarter)
    a_response(code, quarter=quarter)


def decide(cast, zone, decision=KEEP, note="无须修改", marks=None, quarter=OVER, code="incident", now=NOW):
    return review.record_review(form(code), quarter, decision, note, marks or {}, cast.qa, now, zone)


def due(zone, now=SECOND_OF_JULY):
    return [(one.questionnaire.code, str(one.quarter), one.late) for one in review.list_due_reviews(now, zone)]


def test_a_questionnaire_is_due_once_its_answered_quarter_is_over_where_the_provider_is(zone):
    an_answered_quarter()
    begins = RUNNING.start(zone)
    assert due(zone, begins - timedelta(microseconds=1)) == []
    assert due(zone, begins) == [("incident", "2026Q2", False)]


def test_it_is_late_after_thirty_days(zone):
    an_answered_quarter()
    late_from = RUNNING.start(zone) + timedelta(days=30)
    assert due(zone, late_from - timedelta(microseconds=1)) == [("incident", "2026Q2", False)]
    assert due(zone, late_from) == [("incident", "2026Q2", True)]


def test_of_several_quarters_only_the_newest_that_was_answered_is_due(zone):
    for quarter in (20254, 20261):
        an_answered_quarter("security", quarter)
    a_campaign("security", quarter=int(OVER))  # it asked, and nobody answered
    assert due(zone) == [("security", "2026Q1", True)]


def test_a_review_covers_its_quarter_and_those_before_it(cast, zone):
    for quarter in (20261, int(OVER)):
        an_answered_quarter(quarter=quarter)
    decide(cast, zone, quarter=Quarter(2026, 1))
    assert due(zone) == [("incident", "2026Q2", False)]
    decide(cast, zone)
    assert due(zone) == []


def test_a_retired_questionnaire_is_not_due(zone):
    an_answered_quarter()
    Questionnaire.update(retired_at=NOW).where(Questionnaire.code == "incident").execute()
    assert due(zone) == []


def test_a_review_stands_on_record_with_the_marks_that_are_not_keep(cast, zone):
    made = decide(cast, zone, CHANGE, " 时效题过于笼统 ", {"timeliness": CHANGE, "attitude": KEEP, "opinions": DROP})
    assert (made.decision, made.note, made.quarter) == (CHANGE, "时效题过于笼统", 20262)
    assert made.marks == {"timeliness": "change", "opinions": "drop"}
    entry = AuditEntry.select().where(AuditEntry.action == "questionnaire reviewed").get()
    assert (entry.actor, entry.at) == (f"person:{cast.qa.id}", NOW)


def test_the_newest_review_counts_and_the_earlier_ones_stay(cast, zone):
    decide(cast, zone, CHANGE, marks={"timeliness": CHANGE})
    decide(cast, zone, KEEP, "复议后保留", now=NOW + timedelta(hours=1))
    assert [one.decision for one in review.list_reviews(form(), OVER)] == [KEEP, CHANGE]
    assert review.newest_marks(form()) == {}


def test_marks_are_those_of_the_newest_quarter_though_an_earlier_one_is_reviewed_later(cast, zone):
    decide(cast, zone, CHANGE, marks={"timeliness": DROP})
    decide(cast, zone, CHANGE, quarter=Quarter(2026, 1), marks={"attitude": CHANGE}, now=NOW + timedelta(days=1))
    assert review.newest_marks(form()) == {"timeliness": DROP}
    assert review.newest_marks(form("company")) == {}


def test_a_version_published_since_answers_the_marks(cast, zone):
    made = decide(cast, zone, CHANGE, marks={"attitude": CHANGE})
    assert not review.is_answered(made)
    form = change_question(shipped_form("incident"), "attitude", text=words("态度如何？", "Our manner?"))
    questionnaires.publish_version(write_content(form, 2), cast.qa, NOW + timedelta(days=1))
    assert review.newest_marks(review.get_published_questionnaire("incident")) == {} and review.is_answered(made)


def test_a_button_pressed_twice_makes_one_review(cast, zone):
    assert decide(cast, zone) == decide(cast, zone)
    assert QuestionnaireReview.select().count() == 1


@pytest.mark.parametrize(
    "wrong, refusal",
    [
        ({"quarter": RUNNING}, review.QuarterRunning),
        ({"quarter": Quarter(2027, 1)}, review.QuarterRunning),
        ({"note": "  "}, ValueMissing),
        ({"marks": {"attitude": DROP}}, review.DecisionContradicted),
        ({"marks": {"courtesy": CHANGE}}, NotFound),  # a question of another questionnaire
    ],
)
def test_what_cannot_be_reviewed_leaves_no_row(cast, zone, wrong, refusal):
    with pytest.raises(refusal):
        decide(cast, zone, **wrong)
    assert QuestionnaireReview.select().count() == 0


def test_no_review_without_a_published_questionnaire():
    Questionnaire.create(code="in_work")
    for code in ("in_work", "unknown"):
        with pytest.raises(NotFound):
            review.get_published_questionnaire(code)
