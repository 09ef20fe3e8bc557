"""Commitments: targets by date, measurements, answers (C1, C2); and the migration that brings them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat import database
from csat.models.commitments import (
    Commitment,
    CommitmentAnswer,
    CommitmentMiss,
    CommitmentTarget,
    Direction,
    Judgement,
    Measurement,
)
from csat.models.feedback import Feedback, IssueType, Severity
from csat.models.people import Membership
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.models.work import Setting
from csat.procedure.commitments import commitments, measurements, missed
from csat.procedure.commitments.measurements import EnteredFigure, EntererMayNotAccept, PartAboveBase
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotPermitted, OutOfOrder, ValueMissing
from csat.procedure.people import attachments
from csat.procedure.upkeep import shipped
from tests.builders import NOW, ZONE, a_department, a_person, how_many_wait
from tests.conftest import migrate_again

TODAY = date(2026, 9, 14)
Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)


def one_of(cast, code: str = "availability") -> Commitment:
    """A commitment that the department answers for."""
    found = commitments.get_commitment(code)
    commitments.edit_commitment(found, found.name, found.description, cast.department, cast.qa, NOW)
    return commitments.get_commitment(code)


def a_stranger():
    return a_person("外人", Role.DEPARTMENT, department=a_department("别的部"))


def enter(one: Commitment, figure: EnteredFigure, by, quarter=Q2, words="月报", now=NOW, **more) -> Measurement:
    return measurements.enter_measurement(one, quarter, figure, words, by, now, ZONE, **more)


def measured(cast, value: float = 99.95) -> Measurement:
    return enter(one_of(cast), EnteredFigure(value), cast.owner)


def give_away(by, now=NOW) -> None:
    """Let another department answer for the commitment from now on."""
    found = commitments.get_commitment("availability")
    commitments.edit_commitment(found, found.name, found.description, a_department("别的部"), by, now)


# --- targets by date ---------------------------------------------------------------------------------


def test_ten_commitments_ship_with_their_targets(db):
    targets = commitments.TargetTable()
    assert {one.code: targets.find_target(one.code, TODAY) for one in commitments.list_commitments()} == {
        "availability": 99.9,
        "first_response": 30,
        "major_resolution": 2,
        "solved": 95,
        "security_incidents": 0.5,
        "daily_backup": 100,
        "recovery_time": 4,
        "satisfaction": 90,
        "feedback_time": 100,
        "improvement_done": 100,
    }


def test_loading_again_changes_nothing_that_was_edited(cast):
    first = one_of(cast)
    commitments.edit_commitment(first, {"zh": "可用", "en": "Up"}, first.description, None, cast.qa, NOW)
    commitments.set_target(first, TODAY, 99.5, cast.qa, NOW, TODAY)
    shipped.load_shipped("test", NOW)
    assert commitments.get_commitment("availability").name == {"zh": "可用", "en": "Up"}
    assert Commitment.select().count() == 10 and CommitmentTarget.select().count() == 11


def test_a_target_holds_from_its_day_until_the_next(cast):
    first = one_of(cast)
    commitments.set_target(first, date(2026, 10, 1), 99.95, cast.qa, NOW, TODAY)
    commitments.set_target(first, date(2027, 1, 1), 99.99, cast.qa, NOW, TODAY)
    targets = commitments.TargetTable()
    days = (date(1999, 1, 1), TODAY, date(2026, 10, 1))
    assert [targets.find_target("availability", day) for day in days] == [99.9, 99.9, 99.95]
    assert [targets.of_quarter("availability", Q3.plus(more)) for more in (0, 1, 2)] == [99.9, 99.95, 99.99]
    with pytest.raises(NotFound):
        targets.find_target("nothing", TODAY)


def test_a_target_of_a_quarter_that_is_over_wants_to_be_meant(cast):
    first = one_of(cast)
    with pytest.raises(commitments.QuarterJudgedAnew):
        commitments.set_target(first, date(2026, 6, 30), 99, cast.qa, NOW, TODAY)
    commitments.set_target(first, date(2026, 7, 1), 98, cast.qa, NOW, TODAY)  # the running quarter is open
    commitments.set_target(first, date(2026, 6, 30), 99, cast.qa, NOW, TODAY, aware=True)
    targets = commitments.TargetTable()
    assert (targets.of_quarter("availability", Q2), targets.of_quarter("availability", Q3)) == (99, 98)


def test_of_two_targets_of_one_day_the_newest_holds_and_both_stay_on_record(cast):
    first = one_of(cast)
    for target in (98, 97):
        commitments.set_target(first, TODAY, target, cast.qa, NOW, TODAY)
    assert commitments.TargetTable().find_target("availability", TODAY) == 97 and first.targets.count() == 3
    assert [row.target for row in commitments.list_targets(first)] == [97, 99.9]
    with pytest.raises(commitments.TargetUnchanged):
        commitments.set_target(first, TODAY, 97, cast.qa, NOW, TODAY)
    assert AuditEntry.select().where(AuditEntry.action == "target set").count() == 2


@pytest.mark.parametrize("target", [0, 100.1, float("nan")])
def test_a_target_must_make_sense(cast, target):
    with pytest.raises(commitments.TargetWrong):
        commitments.set_target(one_of(cast), TODAY, target, cast.qa, NOW, TODAY)
    with pytest.raises(commitments.TargetTooOld):
        commitments.set_target(one_of(cast), date(1999, 12, 31), 99, cast.qa, NOW, TODAY, aware=True)


@given(good=st.integers(0, 500), of=st.integers(1, 500), target=st.integers(1, 100))
def test_a_share_is_judged_as_the_fractions_would_be(good, of, target):
    exact = Judgement.REACHED if good * 100 >= target * of else Judgement.MISSED
    assert commitments.judge_value(100 * good / of, target, Direction.AT_LEAST) == exact
    assert commitments.judge_value(None, target, Direction.AT_LEAST) == Judgement.NO_DATA


def test_both_languages_are_wanted(cast):
    first = one_of(cast)
    with pytest.raises(ValueMissing) as refused:
        commitments.edit_commitment(first, {"zh": "可用", "en": " "}, first.description, None, cast.qa, NOW)
    assert refused.value.field == "name_en"


# --- measurements ------------------------------------------------------------------------------------


def test_the_newest_accepted_measurement_counts(cast):
    accepted = [measured(cast, value) for value in (99.0, 99.95)]
    for one in accepted:
        measurements.accept_measurement(one, cast.qa, NOW, ZONE)
    measured(cast, 50.0)  # waits
    assert measurements.find_accepted([int(Q2)])[("availability", int(Q2))].value == 99.95
    assert len(measurements.list_to_accept()) == 1
    with pytest.raises(OutOfOrder):
        measurements.accept_measurement(accepted[0], cast.qa2, NOW, ZONE)


def test_who_entered_it_or_belongs_there_does_not_accept_it_though_it_be_given_away(cast):
    both = a_person("两职", Role.QA, Role.DEPARTMENT, department=cast.department)
    member = a_person("同部门", Role.QA, department=cast.department)
    one = enter(one_of(cast), EnteredFigure(99.9), both)
    for person in (both, member):
        with pytest.raises(EntererMayNotAccept):
            measurements.accept_measurement(one, person, NOW, ZONE)
    with pytest.raises(EntererMayNotAccept):
        measurements.return_measurement(one, "x", member, NOW, ZONE)
    give_away(member)
    with pytest.raises(EntererMayNotAccept):
        measurements.accept_measurement(Measurement.get_by_id(one.id), member, NOW, ZONE)
    measurements.accept_measurement(one, cast.qa, NOW, ZONE)
    assert Measurement.get().judged_by == cast.qa


def test_who_belonged_where_goes_by_the_providers_day(cast):
    """At two in the morning of the first in Shanghai the newcomer belongs there, though not yet by UTC."""
    now, newcomer = datetime(2026, 10, 1, 2, tzinfo=ZONE), a_person("新人", Role.DEPARTMENT)
    Membership.create(person=newcomer, department=cast.department, since=now.date())
    one, member = enter(one_of(cast), EnteredFigure(99.9), newcomer, Q3, now=now), a_person("同部门", Role.QA)
    Membership.create(person=member, department=cast.department, since=now.date())
    give_away(member, now)
    with pytest.raises(EntererMayNotAccept):
        measurements.accept_measurement(Measurement.get_by_id(one.id), member, now, ZONE)


def test_only_the_own_department_enters_and_only_what_is_over(cast):
    for code, quarter, words, person, refused in (
        ("availability", Q2, "月报", a_stranger(), NotPermitted),
        ("availability", Q3, "月报", cast.owner, measurements.QuarterNotOver),
        ("solved", Q2, "月报", cast.owner, measurements.MeasurementNotEntered),
        ("availability", Q2, " ", cast.owner, ValueMissing),
    ):
        with pytest.raises(refused):
            enter(one_of(cast, code), EnteredFigure(99.9), person, quarter, words)


@pytest.mark.parametrize(
    ("figure", "refused"),
    [
        (EnteredFigure(value=0.4), ValueMissing),
        (EnteredFigure(numerator=1, base=0, numerator_name="a", base_name="b"), ValueMissing),
        (EnteredFigure(numerator=3, base=2, numerator_name="a", base_name="b"), PartAboveBase),
        (EnteredFigure(numerator=1, base=200, numerator_name="a"), ValueMissing),
    ],
)
def test_a_share_names_its_numbers(cast, figure, refused):
    with pytest.raises(refused):
        enter(one_of(cast, "security_incidents"), figure, cast.owner)


def test_a_share_is_computed_from_its_numbers(cast):
    figure = EnteredFigure(numerator=1, base=400, numerator_name="安全事件", base_name="运维事件")
    assert enter(one_of(cast, "security_incidents"), figure, cast.owner).value == 0.25


def test_what_was_sent_back_waits_for_the_department_again(cast):
    one = measured(cast)
    assert measurements.list_to_enter(cast.owner, NOW, ZONE) == []
    measurements.return_measurement(one, "没有依据", cast.qa, NOW, ZONE)
    assert [found.code for found in measurements.list_to_enter(cast.owner, NOW, ZONE)] == ["availability"]
    assert how_many_wait("commitments", cast.owner) == 1 and how_many_wait("commitments", cast.qa) == 0


def test_evidence_is_read_by_the_department_and_those_who_read_all(cast):
    files = [attachments.FileToAttach("a" * 32, "月报.pdf", "application/pdf", 3, "0" * 64)]
    one = enter(one_of(cast), EnteredFigure(99.9), cast.owner, files=files)
    key = attachments.list_attachments(one)[0].id
    for person in (cast.qa, cast.director, cast.improvement, cast.owner):
        assert attachments.attachment_for(person, key, TODAY)
    for person in (a_stranger(), cast.manager, cast.desk, cast.admin):
        with pytest.raises(NotFound):
            attachments.attachment_for(person, key, TODAY)
    changes = attachments.may_change_attachments
    assert changes(cast.owner, one, TODAY) and not changes(cast.qa, one, TODAY)
    measurements.accept_measurement(one, cast.qa, NOW, ZONE)
    assert not changes(cast.owner, one, TODAY)


# --- missed and answered (C2) ------------------------------------------------------------------------


def test_a_missed_quarter_waits_until_it_is_answered(cast):
    assert missed.record_verdicts(Q2, {"solved": "missed", "satisfaction": "reached"}, NOW) == 1
    assert missed.record_verdicts(Q2, {"solved": "missed"}, NOW) == 0
    assert [one.commitment.code for one in missed.list_unanswered()] == ["solved"]
    missed.answer_with_reason(commitments.get_commitment("solved"), Q2, "系统切换", cast.qa, NOW)
    assert missed.list_unanswered() == [] and CommitmentAnswer.get().reason == "系统切换"


def test_an_action_is_a_feedback_of_the_department(cast):
    solved = commitments.get_commitment("solved")
    missed.record_verdict(solved, Q2, Judgement.MISSED, NOW)
    details = ("未达标", "关单不解决", IssueType.get(), Severity.MAJOR)
    made = missed.answer_with_feedback(solved, Q2, *details, cast.department, cast.qa2, cast.qa, NOW, running=Q3)
    assert (made.department, made.supervisor, made.quarter) == (cast.department, cast.qa2, int(Q3))
    assert missed.find_answers([int(Q2)])[("solved", int(Q2))].feedback == made


def test_what_was_made_good_wants_no_answer_any_more(cast):
    solved = commitments.get_commitment("solved")
    missed.record_verdict(solved, Q2, Judgement.MISSED, NOW)
    assert missed.record_verdict(solved, Q2, Judgement.REACHED, NOW + timedelta(days=1))
    assert not CommitmentMiss.select().exists()
    with pytest.raises(missed.NotMissed):
        missed.answer_with_reason(solved, Q2, "无", cast.qa, NOW)
    assert not Feedback.select().exists()


# --- the migration -----------------------------------------------------------------------------------


def test_a_changed_target_becomes_a_target_since_its_change(engine_db):
    by = a_person("安敏")
    Setting.create(name="target", value=0.95, changed_by=by, changed_at=NOW)
    Setting.create(name="survey_hours", value=24, changed_by=by, changed_at=NOW)
    migrate_again("0012", CommitmentAnswer, CommitmentMiss, Measurement, CommitmentTarget, Commitment)
    shipped.load_shipped("test", NOW)
    assert commitments.TargetTable().find_target("satisfaction", TODAY) == 95
    assert commitments.TargetTable().find_target("satisfaction", TODAY - timedelta(days=1)) == 90
    assert CommitmentTarget.get(since=TODAY).set_by == by
    assert commitments.list_commitments()[7].code == "satisfaction" and Commitment.select().count() == 10
    assert [row.name for row in Setting.select()] == ["survey_hours"]


def test_a_store_without_a_changed_target_gets_what_ships(engine_db):
    migrate_again("0012", CommitmentAnswer, CommitmentMiss, Measurement, CommitmentTarget, Commitment)
    assert not Commitment.select().exists()
    shipped.load_shipped("test", NOW)
    assert commitments.TargetTable().find_target("satisfaction", TODAY) == 90


def test_the_words_that_the_migration_brings_are_those_that_ship(db):
    """A store whose target was changed gets the same words as any other."""
    text = (database.MIGRATIONS / "0012_commitments.py").read_text("utf-8")
    assert json.dumps(commitments.get_commitment("satisfaction").name["zh"], ensure_ascii=False) in text
