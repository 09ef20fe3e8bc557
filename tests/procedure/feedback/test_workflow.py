"""The steps as a graph, drawn by taking each: every state is reached, and each leads to the last."""

from __future__ import annotations

import pytest

from csat import database
from csat.models.feedback import CallBackOutcome, Feedback, FeedbackState, IssueType, Severity, Step
from csat.models.records import AuditEntry
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.feedback import actions, callbacks, classification, confirmation, linking, workflow
from csat.procedure.feedback.workflow import (
    ALLOWED_STATES,
    CONFIRMED,
    NEW,
    StepNotPossible,
    find_possible_steps,
    list_actions,
)
from csat.procedure.people.attachments import FileToAttach
from tests.builders import NOW, a_client, a_department
from tests.cast import a_cast
from tests.feedback_builders import (
    ZONE,
    a_feedback,
    assigned,
    called_back,
    closed,
    done,
    in_progress,
    planned_actions,
    proposed,
)

ASIDE = (Step.REPLY, Step.LINK, Step.UNLINK)  # to the anonymous; and what concerns two: never of the state


def in_each_state(cast) -> list[Feedback]:
    """Feedback in every state, and in those of which what can be done depends on more."""
    explained = assigned(cast)
    callbacks.explain_feedback(explained, "做不到", cast.owner, NOW)
    planned = proposed(cast)
    classification.accept_plan(planned, cast.qa, NOW)
    ready = in_progress(cast)
    for action in list_actions(ready):
        actions.finish_action(action, "证据", cast.owner, NOW, ZONE)
    over = done(cast, ZONE)
    confirmation.confirm_feedback(over, "有效", cast.improvement, NOW)
    several = [a_feedback(cast), assigned(cast), called_back(cast), proposed(cast), planned]
    return [*several, in_progress(cast), ready, done(cast, ZONE), explained, over]


def take(step: Step, found: Feedback, cast, other) -> None:
    """The verb of each step, by the one whose step it is."""
    owner, qa = cast.owner, cast.qa
    file = FileToAttach(f"{found.id:02d}{len(str(step)):030x}"[:32], "a.pdf", "application/pdf", 1, "0" * 64)
    verbs = {
        Step.ASSIGN: lambda: classification.assign_feedback(found, cast.department, qa, qa, NOW),
        Step.SUPERVISE: lambda: classification.change_supervisor(found, cast.qa2, qa, NOW),
        Step.RECLASSIFY: lambda: classification.reclassify_feedback(
            found, IssueType.get(), Severity.MAJOR, "重", qa, NOW
        ),
        Step.EVIDENCE: lambda: actions.attach_files(found, None, "", owner, NOW, [file]),
        Step.CALL_BACK: lambda: callbacks.record_call_back(
            found, CallBackOutcome.REACHED, "谈过", owner, NOW
        ),
        Step.PROPOSE: lambda: actions.propose_plan(found, "因", planned_actions(cast), owner, NOW, ZONE),
        Step.ACCEPT: lambda: classification.accept_plan(found, Feedback.get_by_id(found.id).supervisor, NOW),
        Step.SEND_BACK: lambda: classification.return_plan(
            found, "缺", Feedback.get_by_id(found.id).supervisor, NOW
        ),
        Step.START: lambda: actions.start_work(found, owner, NOW),
        Step.ACTION: lambda: actions.finish_action(_open_action(found), "证据", owner, NOW, ZONE),
        Step.FINISH: lambda: actions.finish_work(found, "完成", owner, NOW),
        Step.PASS_ON: lambda: callbacks.pass_on_feedback(found, other, "不归我们", owner, NOW),
        Step.EXPLAIN: lambda: callbacks.explain_feedback(found, "做不到", owner, NOW),
        Step.RETURN: lambda: confirmation.return_feedback(found, "再做", cast.improvement, NOW),
        Step.CONFIRM: lambda: confirmation.confirm_feedback(found, "有效", cast.improvement, NOW),
    }
    verbs[step]()


def _open_action(found: Feedback):
    return next(action for action in list_actions(found) if action.done_at is None)


def edges(cast) -> set[tuple[FeedbackState, Step, FeedbackState]]:
    """Every step that is possible in some feedback of each state, taken and taken back; where it led."""
    other, drawn = a_department("软件部"), set()
    for example in in_each_state(cast):
        for step in sorted(find_possible_steps(example) - set(ASIDE)):
            found = Feedback.get_by_id(example.id)
            with database.store.atomic() as tried:
                take(step, found, cast, other)
                drawn.add((example.state, step, Feedback.get_by_id(found.id).state))
                tried.rollback()
    found = assigned(cast)
    callbacks.pass_on_feedback(found, None, "不归我们", cast.owner, NOW)
    drawn.add((FeedbackState.ASSIGNED, Step.PASS_ON, found.state))
    return drawn


def reached(start: FeedbackState, ways: set[tuple[FeedbackState, FeedbackState]]) -> set[FeedbackState]:
    seen, more = set(), {start}
    while more:
        seen |= more
        more = {after for before, after in ways if before in seen} - seen
    return seen


def test_every_state_can_be_reached_and_from_each_the_end(db):
    drawn = edges(a_cast())
    ways = {(before, after) for before, _, after in drawn if before != after}
    assert reached(NEW, ways) == set(FeedbackState)
    for state in FeedbackState:
        assert CONFIRMED in reached(state, ways), state
    assert {before for before, _ in ways} == set(FeedbackState) - {CONFIRMED}


def test_the_table_of_the_order_says_what_really_can_be_taken(db):
    drawn = edges(a_cast())
    said = {(state, step) for step, states in ALLOWED_STATES.items() for state in states if step not in ASIDE}
    assert {(before, step) for before, step, _ in drawn} == said


def test_linking_changes_no_state(db):
    cast, client = a_cast(), a_client()
    first, second = assigned(cast, client=client), assigned(cast, client=client)
    linking.link_feedback(second, first, "同一件", cast.qa, NOW)
    linking.unlink_feedback(second, "不是", cast.qa, NOW)
    assert {Feedback.get_by_id(one.id).state for one in (first, second)} == {FeedbackState.ASSIGNED}


def test_a_plan_waits_for_its_supervisor_and_for_nobody_else(cast):
    found = proposed(cast)
    assert found.state == FeedbackState.CALLED_BACK
    assert workflow.describe_next_step(found) == workflow.NEXT_SUPERVISION
    for person in (cast.qa2, cast.owner, cast.director):
        with pytest.raises(NotPermitted):
            classification.accept_plan(found, person, NOW)
    for step in (
        lambda: callbacks.pass_on_feedback(found, None, "不归我们", cast.owner, NOW),
        lambda: callbacks.explain_feedback(found, "做不到", cast.owner, NOW),
        lambda: actions.propose_plan(found, "另一个", planned_actions(cast), cast.owner, NOW, ZONE),
    ):
        with pytest.raises(StepNotPossible):
            step()
    classification.accept_plan(found, cast.qa, NOW)
    assert found.state == FeedbackState.PLANNED


def test_each_refusal_says_where_it_stands_and_who_acts_next(cast):
    with pytest.raises(StepNotPossible) as refused:
        actions.start_work(assigned(cast), cast.owner, NOW)
    said = str(refused.value)
    assert "stands at “assigned”" in said and "Next: The department calls the client back." in said


def test_every_step_leaves_a_row_and_an_audit_entry(cast, zone):
    found = closed(cast, zone)
    steps = [step.step for step in reversed(workflow.list_history(found))]
    assert steps == [
        Step.CREATE, Step.ASSIGN, Step.CALL_BACK, Step.PROPOSE, Step.ACCEPT, Step.START,
        Step.ACTION, Step.ACTION, Step.FINISH, Step.CONFIRM,
    ]  # fmt: skip
    entries = AuditEntry.select().where(AuditEntry.subject == f"feedback:{found.id}")
    assert entries.count() == len(steps)
