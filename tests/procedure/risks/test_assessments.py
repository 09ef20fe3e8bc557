"""Risks (§10): the points that ship, what departments say of them, QA's review, and the matrix (K1, K2)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.figures.risks import compute_risk_figures
from csat.models.feedback import RiskDomain, Severity
from csat.models.records import AuditEntry
from csat.models.risks import Assessment, PointDuty, PreventionPoint, Standing
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import AffectedMayNotDecide, NotFound, OutOfOrder, ValueMissing
from csat.procedure.risks import assessments
from csat.procedure.risks import points as risk_points
from csat.procedure.risks.assessments import AssessmentDraft, EvidenceMissing, NextStepMissing, QuarterOver
from tests.builders import NOW, a_department, a_person, how_many_wait
from tests.conftest import migrate_again
from tests.feedback_builders import a_feedback, of_type

pytestmark = pytest.mark.usefixtures("engine_db")

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
DAY = timedelta(days=1)
GOOD = AssessmentDraft(Standing.IN_PLACE, "检查清单", "")
HALF = AssessmentDraft(Standing.PARTLY, "只有一半", "补齐", date(2026, 10, 1))
NONE = AssessmentDraft(Standing.MISSING, "", "先做方案")


def points(code="process"):
    return risk_points.points_of(risk_points.get_domain(code))


def given_to(cast, number=1):
    """The domain's first points are the department's from now on."""
    for point in points()[:number]:
        PointDuty.create(point=point, department=cast.department)
    return points()[:number]


def say(cast, zone, said, quarter=Q3, now=NOW):
    return assessments.assess_points(cast.department, quarter, said, cast.owner, now, zone)


def complaint(cast, severity=Severity.MAJOR, **more):
    return a_feedback(cast, severity, issue_type=of_type("step_skipped"), **more)


def row(code="process", quarter=Q3):
    return next(one for one in compute_risk_figures(quarter).domains if one.code == code)


def test_eight_domains_of_six_points_ship_in_both_languages(engine_db):
    found = [points(domain.code) for domain in risk_points.list_domains()]
    assert [len(one) for one in found] == [6] * 8
    assert all(point.text["zh"] and point.text["en"] for one in found for point in one)


def test_what_shipped_is_not_overwritten_when_it_is_loaded_again(cast):
    point = points()[0]
    risk_points.reword_point(point, "新的说法", "New words", cast.qa, NOW)
    risk_points.load_shipped_points()
    assert PreventionPoint.select().count() == 48
    assert PreventionPoint.get_by_id(point.id).text["en"] == "New words"
    with pytest.raises(ValueMissing):
        risk_points.reword_point(point, "新", " ", cast.qa, NOW)


def test_a_department_assesses_its_points_and_the_newest_word_counts(cast, zone):
    first, second = given_to(cast, 2)
    assert say(cast, zone, {first.id: GOOD, second.id: HALF}) == 2
    assert say(cast, zone, {first.id: GOOD, second.id: NONE}, now=NOW + DAY) == 1
    assert (row().in_place, row().partly, row().missing, row().unassessed) == (1, 0, 1, 0)
    history = assessments.list_assessment_history(second, cast.department)
    assert [one.standing for one in history] == ["missing", "partly"]
    with pytest.raises(NotFound):
        say(cast, zone, {points()[2].id: GOOD})


def test_in_place_wants_evidence_and_the_rest_a_next_step(cast, zone):
    (point,) = given_to(cast)
    for said, refusal in (
        (AssessmentDraft(Standing.IN_PLACE, " ", ""), EvidenceMissing),
        (AssessmentDraft(Standing.PARTLY, "", "补齐"), EvidenceMissing),
        (AssessmentDraft(Standing.PARTLY, "一半", " "), NextStepMissing),
        (AssessmentDraft(Standing.MISSING, "", ""), NextStepMissing),
    ):
        with pytest.raises(refusal) as caught:
            say(cast, zone, {point.id: said})
        assert caught.value.field.endswith(str(point.id))
    assert Assessment.select().count() == 0


def test_only_the_running_quarter_and_the_one_before_are_open(cast, zone):
    (point,) = given_to(cast)
    assert say(cast, zone, {point.id: GOOD}, Q2) == say(cast, zone, {point.id: GOOD}, Q3) == 1
    for closed in (Quarter(2026, 1), Quarter(2026, 4)):
        with pytest.raises(QuarterOver):
            say(cast, zone, {point.id: GOOD}, closed)


def test_nobody_assesses_for_another_department(cast, zone):
    point, elsewhere = points()[0], a_department("应用部", "Applications")
    PointDuty.create(point=point, department=elsewhere)
    with pytest.raises(NotFound):
        assessments.assess_points(elsewhere, Q3, {point.id: GOOD}, cast.owner, NOW, zone)


def test_qa_accepts_or_returns_and_a_returned_one_counts_as_not_made(cast, zone):
    first, second = given_to(cast, 2)
    say(cast, zone, {first.id: GOOD, second.id: GOOD})
    one, two = assessments.list_assessments_to_review(Q3)
    assert assessments.accept_assessments([one], cast.qa, NOW) == 1
    with pytest.raises(ValueMissing):
        assessments.return_assessment(two, " ", cast.qa, NOW)
    assessments.return_assessment(two, "看不出依据", cast.qa, NOW)
    assert (row().in_place, row().unassessed) == (1, 1) and assessments.list_assessments_to_review() == []
    with pytest.raises(OutOfOrder):
        assessments.accept_assessments([one], cast.qa2, NOW)
    assert say(cast, zone, {second.id: GOOD}, now=NOW + DAY) == 1
    assert [again.point for again in assessments.list_assessments_to_review()] == [second] and row().in_place == 2


def test_an_older_word_is_not_reviewed_any_more(cast, zone):
    (point,) = given_to(cast)
    say(cast, zone, {point.id: GOOD})
    old = assessments.list_assessments_to_review()[0]
    say(cast, zone, {point.id: HALF}, now=NOW + DAY)
    with pytest.raises(OutOfOrder):
        assessments.accept_assessments([old], cast.qa, NOW + DAY)
    assert len(assessments.list_assessments_to_review()) == 1


def test_nobody_reviews_a_department_they_belonged_to(cast, zone):
    (point,) = given_to(cast)
    say(cast, zone, {point.id: GOOD})
    insider = a_person("曾在此", Role.QA, department=cast.department)
    for verb in (
        lambda one: assessments.accept_assessments([one], insider, NOW),
        lambda one: assessments.return_assessment(one, "不", insider, NOW),
    ):
        with pytest.raises(AffectedMayNotDecide):
            verb(assessments.list_assessments_to_review()[0])


def test_a_domain_in_place_that_draws_complaints_is_marked(cast, zone):
    first, second = given_to(cast, 2)
    complaint(cast)
    assert not row().marked  # nothing is assessed yet
    say(cast, zone, {first.id: GOOD})
    assert row().marked and (row().major, row().total) == (1, 1)
    say(cast, zone, {second.id: HALF})
    assert not row().marked


def test_a_suggestion_is_no_complaint_and_linked_feedback_counts_once(cast, zone):
    (point,) = given_to(cast)
    say(cast, zone, {point.id: GOOD})
    complaint(cast, Severity.SUGGESTION)
    assert not row().marked and row().suggestion == 1
    first = complaint(cast)
    complaint(cast, linked_to=first)
    assert row().major == 1 and compute_risk_figures(Q2).domains[0].total == 0


def test_what_waits_is_told_to_the_department_and_to_qa(cast, zone):
    first, second = given_to(cast, 2)
    assert (how_many_wait("risks", cast.owner), how_many_wait("risks", cast.qa)) == (2, 0)
    say(cast, zone, {first.id: GOOD}, Q2)
    assert (how_many_wait("risks", cast.owner), how_many_wait("risks", cast.qa)) == (1, 1)
    assessments.return_assessment(assessments.list_assessments_to_review()[0], "依据？", cast.qa, NOW)
    assert (how_many_wait("risks", cast.owner), how_many_wait("risks", cast.qa)) == (2, 0)


def test_who_assesses_what_is_set_by_domain_and_on_record(cast):
    domain, chosen = risk_points.get_domain("data"), points("data")[:2]
    pairs = {(point.id, cast.department.id) for point in chosen}
    risk_points.assign_points(domain, pairs, cast.qa, NOW)
    assert risk_points.list_point_assignments(domain) == pairs
    risk_points.assign_points(domain, pairs, cast.qa, NOW)
    risk_points.assign_points(domain, set(), cast.qa, NOW)
    assert AuditEntry.select().where(AuditEntry.action == "risk points assigned").count() == 2
    with pytest.raises(NotFound):
        risk_points.assign_points(domain, {(points("staff")[0].id, cast.department.id)}, cast.qa, NOW)


@settings(max_examples=25)
@given(words=st.lists(st.tuples(st.integers(0, 5), st.sampled_from([GOOD, HALF, NONE])), max_size=12))
def test_the_matrix_counts_each_point_once_by_its_last_word(cast, zone, words):
    Assessment.delete().execute()
    PointDuty.delete().execute()
    given_to(cast, 6)
    for hours, (which, said) in enumerate(words):
        say(cast, zone, {points()[which].id: said}, now=NOW + hours * DAY / 24)
    last = Counter({which: said.standing for which, said in words}.values())
    found = row()
    assert (found.in_place, found.partly, found.missing) == tuple(last[one] for one in Standing)
    assert found.unassessed == 6 - sum(last.values())


def test_the_migration_keeps_domains_and_makes_room_for_points(engine_db, cast):
    """0013 comes to a store that has feedback of a domain already."""
    complaint(cast)
    migrate_again("0013", Assessment, PointDuty, PreventionPoint)
    risk_points.load_shipped_points()
    assert RiskDomain.select().count() == 8 and PreventionPoint.select().count() == 48
    assert row().major == 1
