"""The check-call sample: who is drawn, who may call, and what the calls tell about a recorder (P7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat import database
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.feedback import FeedbackStep, Step
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.models.work import Setting
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import AffectedMayNotDecide, NotFound, RecorderMayNotCheck, ValueMissing
from csat.procedure.review import check_calls, signals
from tests.builders import NOW, a_client, a_contact, a_person, a_response, an_incident, how_many_wait
from tests.conftest import migrate_again
from tests.feedback_builders import a_feedback

pytestmark = pytest.mark.usefixtures("engine_db")

Q3 = Quarter(2026, 3)


def records(recorder, number, **more):
    details = {"recorder": recorder, "channel": Channel.TELEPHONE, **more}
    return [a_response(ratings={"overall": 4}, **details) for _ in range(number)]


def a_call(recorder, **more):
    """The call about one record that was drawn."""
    (response,) = records(recorder, 1, **more)
    check_calls.draw_sample(Q3, NOW)
    return check_calls.find_check_call(response)


def drawn():
    return {call.response_id for call in CheckCall.select()}


def told(call, outcome, by, words=""):
    check_calls.record_check_call(call, outcome, words, by, NOW)


def test_of_each_recorder_the_share_is_drawn_and_at_least_three(cast):
    busy, rare = a_person("忙"), a_person("闲")
    records(busy, 41), records(rare, 2, channel=Channel.INTERVIEW)
    assert check_calls.draw_sample(Q3, NOW) == 5 + 2
    found = {one.recorder: (one.records, one.drawn) for one in check_calls.list_recorder_samples(Q3)}
    assert found == {busy: (41, 5), rare: (2, 2)}


def test_only_records_of_the_quarter_that_stand_are_drawn(cast):
    desk = cast.desk
    (records(desk, 1, quarter=20262), records(desk, 1, verdict=Verdict.REFUSED), records(desk, 1, channel="link"))
    a_response(anonymous=True)
    assert check_calls.draw_sample(Q3, NOW) == 0


def test_what_is_drawn_stays_drawn_and_later_records_are_added(cast):
    records(cast.desk, 10)
    check_calls.draw_sample(Q3, NOW)
    first = drawn()
    assert check_calls.draw_sample(Q3, NOW) == 0 and drawn() == first
    records(cast.desk, 30)
    assert check_calls.draw_sample(Q3, NOW) == 1 and first < drawn()


def test_the_same_records_give_the_same_sample_and_the_seed_is_kept(cast):
    records(cast.desk, 30)
    check_calls.draw_sample(Q3, NOW)
    first, seed = drawn(), Setting.get(Setting.name == check_calls.SEED_SETTING).value
    CheckCall.delete().execute()
    check_calls.draw_sample(Q3, NOW)
    assert drawn() == first and Setting.get(Setting.name == check_calls.SEED_SETTING).value == seed
    CheckCall.delete().execute()
    Setting.update(value="another").where(Setting.name == check_calls.SEED_SETTING).execute()
    check_calls.draw_sample(Q3, NOW)
    assert drawn() != first


def test_while_a_quarter_runs_the_first_records_are_not_bound_to_be_drawn(cast):
    records(cast.desk, 9)
    assert check_calls.draw_sample(Q3, NOW, running=True) == 0
    records(cast.desk, 1)
    assert check_calls.draw_sample(Q3, NOW, running=True) == 1
    assert check_calls.draw_sample(Q3, NOW) == 2


def test_the_share_and_the_least_are_settings(cast):
    records(cast.desk, 10)
    for share, number in ((0, 0), (100, 10)):
        settings.change_settings({"check_share": share, "check_least": 0}, cast.admin, NOW)
        assert check_calls.draw_sample(Q3, NOW) == number


@given(st.sets(st.integers(1, 2**63 - 1), max_size=60), st.data())
def test_a_sample_never_draws_twice_nor_what_is_not_there(keys, data):
    before = set(data.draw(st.lists(st.sampled_from(sorted(keys)), unique=True))) if keys else set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "get_whole_number", {"check_share": 10, "check_least": 3}.get)
        added = check_calls.choose_sample(keys, before, "seed")
        assert len(added) == len(set(added)) and set(added) <= keys - before
        assert check_calls.choose_sample(keys, before | set(added), "seed") == []
        assert len(before | set(added)) >= min(len(keys), 3)


def test_who_recorded_it_or_whom_it_is_about_does_not_call(cast):
    both = a_person("双职", Role.DESK, Role.QA)
    engineer = a_person("高手", Role.QA)
    call = a_call(both, engineer=engineer)
    with pytest.raises(RecorderMayNotCheck):
        check_calls.unmask_respondent(call, both, NOW)
    for person, refusal in ((both, RecorderMayNotCheck), (engineer, AffectedMayNotDecide)):
        with pytest.raises(refusal):
            told(call, CheckOutcome.CONFIRMED, person)
    told(call, CheckOutcome.CONFIRMED, cast.qa)
    assert CheckCall.get().by == cast.qa


def test_the_number_shows_in_full_for_the_call_only_and_on_record(cast):
    contact = a_contact(a_client())
    call = a_call(cast.desk, contact=contact, client=contact.client)
    assert check_calls.unmask_respondent(call, cast.qa, NOW).telephone == "13812345678"
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    told(call, CheckOutcome.CONFIRMED, cast.qa)
    with pytest.raises(check_calls.CheckCallMade):
        check_calls.unmask_respondent(call, cast.qa, NOW)


def test_who_is_not_reached_is_called_again_and_the_last_word_stands(cast):
    call = a_call(cast.desk)
    told(call, CheckOutcome.NOT_REACHED, cast.qa, "无人接听")
    assert list(check_calls.list_open_calls(Q3)) == [call] and how_many_wait("check_calls", cast.qa) == 1
    with pytest.raises(ValueMissing):
        told(call, CheckOutcome.DENIES, cast.qa2)
    told(call, CheckOutcome.DENIES, cast.qa2, "没有接过电话")
    assert list(check_calls.list_open_calls(Q3)) == [] and list(check_calls.list_made_calls(Q3)) == [call]
    assert how_many_wait("check_calls", cast.qa) == 0
    assert CheckCall.get().words == "无人接听\n没有接过电话"
    with pytest.raises(check_calls.CheckCallMade):
        told(call, CheckOutcome.CONFIRMED, cast.qa)


def test_the_mismatch_rate_counts_calls_that_told_something(cast):
    records(cast.desk, 30)
    settings.change_setting("check_share", 20, cast.admin, NOW)
    check_calls.draw_sample(Q3, NOW)
    outcomes = ["confirmed", "confirmed", "differs", "denies", "not_reached"]
    for call, outcome in zip(check_calls.list_open_calls(Q3), outcomes, strict=False):
        told(call, CheckOutcome(outcome), cast.qa, "核对")
    (one,) = check_calls.list_recorder_samples(Q3)
    assert (one.drawn, one.checked, one.mismatches, one.not_reached) == (6, 4, 2, 1)


def test_a_call_asked_for_is_no_sample_unless_it_is_drawn_too(cast):
    first, *_ = records(cast.desk, 3)
    check_calls.request_check_call(first, cast.qa, NOW, "声音不像本人")
    assert [one.drawn for one in check_calls.list_recorder_samples(Q3)] == [0]
    assert check_calls.draw_sample(Q3, NOW) == 3 and CheckCall.select().count() == 3
    assert check_calls.find_check_call(first).words == "声音不像本人"
    assert [one.drawn for one in check_calls.list_recorder_samples(Q3)] == [3]
    with pytest.raises(check_calls.NothingRecorded):
        check_calls.request_check_call(a_response(), cast.qa, NOW)


@pytest.mark.parametrize(
    ("outcome", "code"), [(CheckOutcome.DIFFERS, "check_differs"), (CheckOutcome.DENIES, "check_denies")]
)
def test_what_the_client_denies_is_a_signal_on_the_response(cast, zone, outcome, code):
    incident = an_incident(first_closed_at=NOW)
    wrong, right = records(cast.desk, 2, incident=incident)
    check_calls.draw_sample(Q3, NOW)
    told(check_calls.find_check_call(wrong), outcome, cast.qa, "说的是两分")
    told(check_calls.find_check_call(right), CheckOutcome.CONFIRMED, cast.qa)
    found = signals.find_signals_by_response([wrong, right], zone)
    (signal,) = found[wrong.id]
    assert (signal.code, signal.params) == (code, {"name": cast.qa.name, "words": "说的是两分"})
    assert found[right.id] == []


def test_a_refused_record_needs_no_call_any_more(cast):
    response = a_call(cast.desk).response
    response.verdict = Verdict.REFUSED
    response.save()
    assert list(check_calls.list_open_calls()) == []
    with pytest.raises(NotFound):
        check_calls.get_check_call(2**70)


def test_the_migration_brings_check_calls_and_moves_codes_out_of_the_history(cast):
    response = records(cast.desk, 1)[0]
    made = a_feedback(cast)
    told_then = [("影响生产\n第二行\nslow_reply · minor → schedule · critical", True), ("a → b", False)]
    database.store.execute_sql("ALTER TABLE feedback_step DROP COLUMN detail")
    old = [_old_step(made, cast.qa, words) for words, _ in told_then]
    migrate_again("0006", CheckCall)
    moved, left = (FeedbackStep.get_by_id(key) for key in old)
    assert moved.words == "影响生产\n第二行" and moved.detail["severity"] == ["minor", "critical"]
    assert left.words == "a → b" and left.detail is None
    check_calls.draw_sample(Q3, NOW)
    assert drawn() == {response.id}


def _old_step(made, by, words):
    """A step as it was written before the migration."""
    row = {"feedback": made, "step": Step.RECLASSIFY, "state": "new", "by": by, "at": NOW, "words": words}
    FeedbackStep.insert(row).execute()
    return FeedbackStep.select(FeedbackStep.id).order_by(FeedbackStep.id.desc()).limit(1).scalar()
