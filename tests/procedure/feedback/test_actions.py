"""Several feedbacks share an action: done once for all, counted once, dropped with no other's plan."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.figures.feedback import compute_feedback_figures
from csat.models.feedback import Action, ActionFeedback, ActionKind, Feedback, FeedbackState, Step
from csat.models.roles import Role
from csat.procedure.core.refusals import DoerMayNotConfirm, OutOfOrder, ValueMissing
from csat.procedure.feedback import actions, callbacks, classification, confirmation, view
from csat.procedure.feedback.actions import ActionNotUnderWay, DayOver, PlanEmpty
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import StepNotPossible
from tests.builders import NOW, a_person
from tests.feedback_builders import DAY, TODAY, ZONE, called_back, done, in_progress, planned_actions, proposed, staffed


def first_action(found: Feedback) -> Action:
    return view.list_actions(found)[0]


def sharing(cast, zone, own: int = 0):
    """A feedback whose work goes on, and another whose proposed plan takes up its first action."""
    first, second = in_progress(cast), called_back(cast, title="同样的电源")
    action = first_action(first)
    actions.propose_plan(second, "同一批模块", planned_actions(cast)[:own], cast.owner, NOW, zone, shared=[action])
    return first, second, action


def start(cast, found: Feedback) -> None:
    classification.accept_plan(found, cast.qa, NOW)
    actions.start_work(found, cast.owner, NOW)


def test_what_goes_on_for_other_feedback_of_the_department_is_offered(engine_db, cast, zone):
    going, waiting, over = in_progress(cast), proposed(cast), done(cast, zone)
    asking, elsewhere = called_back(cast), staffed("软件部")
    offered = actions.list_shareable_actions(asking)
    assert {one.id for one in offered} == {one.id for one in view.list_actions(going)}
    assert actions.list_shareable_actions(waiting) == offered and len(view.list_actions(over)) == 2
    callbacks.pass_on_feedback(asking, elsewhere, "不是网络", cast.owner, NOW)
    assert actions.list_shareable_actions(asking) == []


def test_only_what_is_offered_can_be_taken_up(cast, zone):
    going, asking = proposed(cast), called_back(cast)
    with pytest.raises(ActionNotUnderWay) as refused:
        actions.propose_plan(asking, "老化", [], cast.owner, NOW, zone, shared=[first_action(going)])
    assert refused.value.field == "shared" and view.list_actions(asking) == []


def test_an_action_alone_can_be_a_plan_and_the_history_says_that_it_is_shared(cast, zone):
    first, second, action = sharing(cast, zone)
    assert view.list_actions(second) == [action]
    assert view.list_history(second)[0].detail["plan"][0]["shared"] is True
    assert actions.find_other_feedback(first) == {action.id: [second]}
    assert actions.find_other_feedback(second) == {action.id: [first]}


def test_finishing_it_counts_for_all_whoever_is_how_far(engine_db, cast, zone):
    first, second, action = sharing(cast, zone)
    third = called_back(cast, title="又一个")
    actions.propose_plan(third, "同一批", [], cast.owner, NOW, zone, shared=[action])
    start(cast, third)
    actions.finish_action(action, "验收单", cast.owner, NOW, zone)
    states = [FeedbackState.IN_PROGRESS, FeedbackState.CALLED_BACK, FeedbackState.IN_PROGRESS]
    assert [Feedback.get_by_id(found.id).state for found in (first, second, third)] == states
    assert {view.list_history(found)[0].step for found in (first, second, third)} == {Step.ACTION}
    actions.finish_work(third, "随第一件一起做完", cast.owner, NOW)
    start(cast, second)  # its plan still waited: nothing is left to do but to say so
    actions.finish_work(second, "随第一件一起做完", cast.owner, NOW)
    assert FeedbackView(first).work_left


def test_sending_one_plan_back_leaves_the_action_to_the_others(cast, zone):
    first, second, action = sharing(cast, zone, own=1)
    classification.return_plan(second, "还要预防措施", cast.qa, NOW)
    actions.propose_plan(second, "换一种办法", planned_actions(cast)[1:], cast.owner, NOW, zone)
    assert action in view.list_actions(first)
    assert [one.kind for one in view.list_actions(second)] == [ActionKind.PREVENTIVE]
    assert Action.select().count() == 3  # the first one's two, and the new one: the own one before is gone


@pytest.mark.parametrize("way", ["explain", "pass_on"])
def test_leaving_the_plan_leaves_the_action_too(cast, zone, way):
    first, second, action = sharing(cast, zone)
    classification.return_plan(second, "说不通", cast.qa, NOW)
    if way == "explain":
        callbacks.explain_feedback(second, "随另一件处理", cast.owner, NOW)
    else:
        callbacks.pass_on_feedback(second, staffed("软件部"), "是软件", cast.owner, NOW)
    assert view.list_actions(second) == [] and action in view.list_actions(first)
    assert ActionFeedback.select().where(ActionFeedback.feedback == second).count() == 0


def test_a_shared_action_done_meanwhile_can_stay_in_a_mended_plan(cast, zone):
    _, second, action = sharing(cast, zone)
    actions.finish_action(action, "验收单", cast.owner, NOW, zone)
    classification.return_plan(second, "说明原因", cast.qa, NOW)
    assert action in actions.list_shareable_actions(second)
    actions.propose_plan(second, "同一批模块，已查明", [], cast.owner, NOW, zone, shared=[action])
    start(cast, second)
    actions.finish_work(second, "完成", cast.owner, NOW)
    assert Action.get_by_id(action.id).evidence == "验收单"


def test_it_counts_once_in_the_figures(engine_db, cast, zone):
    sharing(cast, zone, own=1)
    assert compute_feedback_figures(20263, NOW, zone).actions == 3
    assert ActionFeedback.select().count() == 4


def test_who_owns_it_confirms_none_of_them_even_after_a_change_of_role(cast, zone):
    moved, found = a_person("调岗", Role.IMPROVEMENT), called_back(cast)
    actions.propose_plan(found, "老化", [(ActionKind.CORRECTIVE, "换", moved, TODAY)], cast.owner, NOW, zone)
    start(cast, found)
    second = called_back(cast)
    actions.propose_plan(second, "老化", [], cast.owner, NOW, zone, shared=[first_action(found)])
    start(cast, second)
    actions.finish_action(first_action(found), "好了", cast.owner, NOW, zone)
    for one in (found, second):
        actions.finish_work(one, "好了", cast.owner, NOW)
        with pytest.raises(DoerMayNotConfirm):
            confirmation.confirm_feedback(one, "有效", moved, NOW, ZONE)


def test_a_plan_sent_back_is_replaced_and_the_history_keeps_its_words(cast):
    found = proposed(cast)
    classification.return_plan(found, "缺预防措施", cast.qa, NOW)
    assert not FeedbackView(found).plan_waits
    actions.propose_plan(found, "电源老化", planned_actions(cast)[:1], cast.owner, NOW, ZONE)
    assert Action.select().count() == len(view.list_actions(found)) == 1
    told = [step.detail["plan"] for step in view.list_history(found) if step.step == Step.PROPOSE]
    assert [len(plan) for plan in told] == [1, 2] and "逐台检查" in told[1][1]["what"]


@pytest.mark.parametrize(("cause", "number", "refusal"), [(" ", 1, ValueMissing), ("老化", 0, PlanEmpty)])
def test_a_plan_has_a_cause_and_an_action(cast, cause, number, refusal):
    with pytest.raises(refusal):
        actions.propose_plan(called_back(cast), cause, planned_actions(cast)[:number], cast.owner, NOW, ZONE)


def test_an_action_is_not_due_on_a_day_that_is_over_for_the_operator(cast):
    found, night = called_back(cast), NOW + timedelta(hours=15)  # one o'clock of the next day in Shanghai
    with pytest.raises(DayOver):
        actions.propose_plan(found, "老化", planned_actions(cast, TODAY), cast.owner, night, ZONE)
    actions.propose_plan(found, "老化", planned_actions(cast, TODAY + DAY), cast.owner, night, ZONE)


def test_the_work_is_done_when_every_action_is(cast, zone):
    found = in_progress(cast)
    with pytest.raises(StepNotPossible):
        actions.finish_work(found, "都好了", cast.owner, NOW)
    first, second = view.list_actions(found)
    actions.finish_action(first, "验收单", cast.owner, NOW, zone)
    with pytest.raises(OutOfOrder):
        actions.finish_action(first, "再来一次", cast.owner, NOW, zone)
    actions.finish_action(second, "照片", cast.owner, NOW, zone)
    assert not FeedbackView(found).work_left
    actions.finish_work(found, "都好了", cast.owner, NOW)
    assert found.state == FeedbackState.DONE


@pytest.mark.parametrize(("hours", "in_time"), [(13.9, True), (14.1, False)])
def test_an_action_is_in_time_until_its_local_day_ends(cast, zone, hours, in_time):
    action = view.list_actions(in_progress(cast))[0]  # due today; NOW is ten o'clock
    actions.finish_action(action, "验收单", cast.owner, NOW + timedelta(hours=hours), zone)
    assert Action.get_by_id(action.id).done_in_time is in_time
