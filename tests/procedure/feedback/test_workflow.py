"""The steps as a graph, drawn by taking each: every state is reached, and each leads to the last."""

from __future__ import annotations

import json

import pytest

from csat import database
from csat.models.answers import Verdict
from csat.models.feedback import CallBackOutcome, Feedback, FeedbackState, IssueType, Severity, Step
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.feedback import (
    actions,
    board,
    callbacks,
    classification,
    confirmation,
    due_moves,
    evidence,
    linking,
    notes,
    plan_changes,
    steps,
    view,
    workflow,
)
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import CONFIRMED, NEW, StepNotPossible
from csat.procedure.people.attachments import FileToAttach
from tests.builders import NOW, a_client, a_response
from tests.feedback_builders import (
    TODAY,
    ZONE,
    a_feedback,
    anonymous,
    assigned,
    called_back,
    change_asked,
    closed,
    done,
    due_asked,
    in_progress,
    planned_actions,
    proposed,
    returned,
    staffed,
)

ASIDE = (Step.REPLY, Step.LINK, Step.UNLINK)  # to the anonymous; and what concerns two: never of the state


def in_each_situation(cast) -> dict[str, Feedback]:
    """Feedback in every state, and in those of which what can be done depends on more."""
    explained = assigned(cast)
    callbacks.explain_feedback(explained, "做不到", cast.owner, NOW)
    planned = proposed(cast)
    classification.accept_plan(planned, cast.qa, NOW)
    sent_back = proposed(cast)
    classification.return_plan(sent_back, "缺", cast.qa, NOW)
    ready = in_progress(cast)
    for action in view.list_actions(ready):
        actions.finish_action(action, "证据", cast.owner, NOW, ZONE)
    changing = change_asked(cast, returned(cast, ZONE))
    return {
        "new": a_feedback(cast),
        "due move waits": due_asked(cast, called_back(cast)),
        "change waits": change_asked(cast, in_progress(cast)),
        "returned": returned(cast, ZONE),
        "returned, change waits": changing,
        "assigned": assigned(cast),
        "called back": called_back(cast),
        "plan waits": proposed(cast),
        "plan sent back": sent_back,
        "planned": planned,
        "in progress": in_progress(cast),
        "all actions done": ready,
        "done": done(cast, ZONE),
        "explained": explained,
        "confirmed": closed(cast, ZONE),
    }


OPEN = {Step.RECLASSIFY, Step.LINK, Step.UNLINK, Step.NOTE}
GIVEN = OPEN | {Step.SUPERVISE, Step.EVIDENCE}
WITH_DEPARTMENT = GIVEN | {Step.ASK_DUE}
UNPLANNED = WITH_DEPARTMENT | {Step.ASSIGN, Step.CALL_BACK, Step.REPLY, Step.PASS_ON, Step.EXPLAIN}
JUDGED = GIVEN | {Step.RETURN, Step.CONFIRM}
DUE_WORD, CHANGE_WORD = {Step.MOVE_DUE, Step.KEEP_DUE}, {Step.CHANGE_PLAN, Step.KEEP_PLAN}
# Written down from I1 and P9, not from the code: whose turn it is, what they do, what can be done.
EXPECTED = {
    "new": (workflow.QA, "assigns it to a department and names a supervisor", OPEN | {Step.ASSIGN}),
    "assigned": (workflow.DEPARTMENT, "calls the client back", UNPLANNED),
    "called back": (
        workflow.DEPARTMENT, "finds the cause and proposes actions", UNPLANNED | {Step.PROPOSE},
    ),
    "plan waits": (
        workflow.SUPERVISOR, "accepts the call-back and the plan, or sends them back",
        WITH_DEPARTMENT | {Step.ACCEPT, Step.SEND_BACK},
    ),
    "plan sent back": (
        workflow.DEPARTMENT, "finds the cause and proposes actions", UNPLANNED | {Step.PROPOSE},
    ),
    "due move waits": (
        workflow.DEPARTMENT, "finds the cause and proposes actions",
        (UNPLANNED | {Step.PROPOSE} | DUE_WORD) - {Step.ASK_DUE},
    ),
    "planned": (workflow.DEPARTMENT, "starts the work", WITH_DEPARTMENT | {Step.START}),
    "in progress": (
        workflow.DEPARTMENT, "carries out the actions", WITH_DEPARTMENT | {Step.ACTION, Step.ASK_CHANGE},
    ),
    "change waits": (
        workflow.DEPARTMENT, "carries out the actions", WITH_DEPARTMENT | {Step.ACTION} | CHANGE_WORD,
    ),
    "returned": (
        workflow.DEPARTMENT, "adds an action or reopens one, because it was returned",
        WITH_DEPARTMENT | {Step.ASK_CHANGE},
    ),
    "returned, change waits": (
        workflow.SUPERVISOR, "accepts the change of the plan, or keeps the plan", WITH_DEPARTMENT | CHANGE_WORD,
    ),
    "all actions done": (
        workflow.DEPARTMENT, "reports the work as done", WITH_DEPARTMENT | {Step.FINISH, Step.ASK_CHANGE},
    ),
    "done": (workflow.IMPROVEMENT, "checks what was done, and confirms or returns it", JUDGED),
    "explained": (workflow.IMPROVEMENT, "checks the explanation, and confirms or returns it", JUDGED),
    "confirmed": (workflow.NOBODY, "it is closed", set()),
}  # fmt: skip
ALSO_SUPERVISOR = {"due move waits", "change waits"}  # beside whoever's turn it is
OWNERS = {
    "Quality control group": {Step.ASSIGN, Step.SUPERVISE, Step.RECLASSIFY, Step.LINK, Step.UNLINK},
    "The department": {
        Step.CALL_BACK, Step.REPLY, Step.PASS_ON, Step.EXPLAIN, Step.PROPOSE, Step.START, Step.ACTION,
        Step.FINISH, Step.EVIDENCE, Step.ASK_DUE, Step.ASK_CHANGE,
    },
    "The QA supervisor": {Step.ACCEPT, Step.SEND_BACK, *DUE_WORD, *CHANGE_WORD},
    "Everybody at work on it": {Step.NOTE},
    "Service improvement group": {Step.RETURN, Step.CONFIRM},
    "Nobody": set(),
}  # fmt: skip


def test_whose_turn_it_is_and_what_can_be_done_in_each_situation(cast):
    found = in_each_situation(cast)
    assert {one.state for one in found.values()} == set(FeedbackState)
    for name, feedback in found.items():
        seen = FeedbackView(feedback)
        turn = workflow.find_turn(seen)
        assert (turn.who, turn.what, workflow.find_possible_steps(seen)) == EXPECTED[name], name


def test_the_query_for_a_turn_finds_the_same(engine_db, cast):
    found = in_each_situation(cast)
    for who in OWNERS:
        mine = {row.id for row in Feedback.select().where(workflow.turn_condition(who))}
        also = ALSO_SUPERVISOR if who == workflow.SUPERVISOR else set()
        assert mine == {one.id for name, one in found.items() if EXPECTED[name][0] == who or name in also}, who


def test_whose_turn_it_is_beside_stands_with_the_turn(cast):
    for name, feedback in in_each_situation(cast).items():
        turns = [turn.who for turn in workflow.list_turns(FeedbackView(feedback))]
        assert turns == [EXPECTED[name][0], *([workflow.SUPERVISOR] if name in ALSO_SUPERVISOR else [])], name


def test_each_step_is_somebodys(cast):
    assert set().union(*OWNERS.values()) == set(workflow.STEP_RULES)
    for who, theirs in OWNERS.items():
        assert {step for step, rule in workflow.STEP_RULES.items() if rule.who == who} == theirs


def test_what_is_not_possible_is_refused_and_leaves_nothing_behind(cast):
    for name, feedback in in_each_situation(cast).items():
        for step in set(workflow.STEP_RULES) - EXPECTED[name][2]:
            before = view.list_history(feedback)
            with pytest.raises(StepNotPossible) as refused, steps.take_step(step, feedback, cast.qa, NOW):
                raise AssertionError(f"{step} was begun: {name}")
            who, what, _ = EXPECTED[name]
            assert refused.value.facts == {"state": feedback.state, "who": who, "what": what}
            assert view.list_history(feedback) == before


def test_work_does_not_start_before_the_plan_is_accepted(cast):
    found = in_each_situation(cast)
    for name in ("assigned", "called back", "plan waits", "plan sent back"):
        with pytest.raises(StepNotPossible):
            actions.start_work(found[name], cast.owner, NOW)
    actions.start_work(found["planned"], cast.owner, NOW)
    assert found["planned"].state == FeedbackState.IN_PROGRESS


def test_explained_feedback_is_the_improvement_groups_turn(cast):
    found = assigned(cast)
    callbacks.explain_feedback(found, "做不到", cast.owner, NOW)
    assert workflow.find_turn(FeedbackView(found)).who == workflow.IMPROVEMENT
    assert list(confirmation.select_to_confirm()) == [found]
    assert board.find_my_turns(cast.improvement, TODAY) == {found.id}
    assert board.find_my_turns(cast.owner, TODAY) == set()


def test_only_who_is_wholly_anonymous_is_answered_instead_of_called(cast):
    found, hidden = anonymous(cast)
    assert workflow.find_turn(FeedbackView(found)).what.startswith("replies on the receipt page")
    named = a_response(verdict=Verdict.VALID)
    both = assigned(cast, sources=[SourcePassage(hidden), SourcePassage(named)])
    assert workflow.find_turn(FeedbackView(both)).what == "calls the client back"


def test_a_step_brings_the_callers_copy_the_history_and_the_audit_up_to_date(cast):
    found, old = assigned(cast), Feedback.get()
    with steps.take_step(Step.CALL_BACK, found, cast.owner, NOW, " 谈过 ", {"seen": 1}, told="x") as fresh:
        fresh.state = FeedbackState.CALLED_BACK
    assert found.state == Feedback.get_by_id(old.id).state == FeedbackState.CALLED_BACK
    step = view.list_history(found)[0]
    assert (step.step, step.state, step.words, step.detail) == (
        Step.CALL_BACK, FeedbackState.CALLED_BACK, "谈过", {"seen": 1},
    )  # fmt: skip
    assert (step.by, step.at, step.department) == (cast.owner, NOW, cast.department)
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.subject, entry.at) == ("client called back", f"feedback:{found.id}", NOW)
    detail = json.loads(AuditDetail.get(AuditDetail.entry == entry).detail)
    assert detail == {"before": "assigned", "after": "called_back", "told": "x"}


def test_the_history_keeps_no_words_and_no_detail_where_none_were_given(cast):
    found = assigned(cast)
    steps.add_history_entry(Step.LINK, found, cast.qa, NOW)
    step = view.list_history(found)[0]
    assert (step.step, step.words, step.detail, step.by) == (Step.LINK, "", None, cast.qa)


def test_a_step_that_breaks_off_changes_nothing(cast):
    found = assigned(cast)
    with pytest.raises(ZeroDivisionError), steps.take_step(Step.EXPLAIN, found, cast.owner, NOW) as fresh:
        fresh.state = FeedbackState.EXPLAINED
        fresh.save()
        raise ZeroDivisionError
    assert found.state == Feedback.get_by_id(found.id).state == FeedbackState.ASSIGNED
    assert view.list_history(found)[0].step == Step.ASSIGN


def take(step: Step, found: Feedback, cast, other) -> None:
    """The verb of each step, by the one whose step it is."""
    owner, qa = cast.owner, cast.qa
    file = FileToAttach(f"{found.id:02d}{len(str(step)):030x}"[:32], "a.pdf", "application/pdf", 1, "0" * 64)
    verbs = {
        Step.ASSIGN: lambda: classification.assign_feedback(found, other, qa, qa, NOW, "不归他们"),
        Step.NOTE: lambda: notes.add_note(found, "已联系厂家", owner, NOW),
        Step.ASK_DUE: lambda: due_asked(cast, found),
        Step.MOVE_DUE: lambda: due_moves.move_due(found, qa, NOW),
        Step.KEEP_DUE: lambda: due_moves.keep_due(found, "来得及", qa, NOW),
        Step.ASK_CHANGE: lambda: change_asked(cast, found),
        Step.CHANGE_PLAN: lambda: plan_changes.accept_change(found, qa, NOW),
        Step.KEEP_PLAN: lambda: plan_changes.keep_plan(found, "照原计划", qa, NOW),
        Step.SUPERVISE: lambda: classification.change_supervisor(found, cast.qa2, qa, NOW),
        Step.RECLASSIFY: lambda: classification.reclassify_feedback(
            found, IssueType.get(), Severity.MAJOR, "重", qa, NOW
        ),
        Step.EVIDENCE: lambda: evidence.attach_files(found, None, "", owner, NOW, [file]),
        Step.CALL_BACK: lambda: callbacks.record_call_back(found, CallBackOutcome.REACHED, "谈过", owner, NOW),
        Step.PROPOSE: lambda: actions.propose_plan(found, "因", planned_actions(cast), owner, NOW, ZONE),
        Step.ACCEPT: lambda: classification.accept_plan(found, Feedback.get_by_id(found.id).supervisor, NOW),
        Step.SEND_BACK: lambda: classification.return_plan(found, "缺", Feedback.get_by_id(found.id).supervisor, NOW),
        Step.START: lambda: actions.start_work(found, owner, NOW),
        Step.ACTION: lambda: actions.finish_action(_open_action(found), "证据", owner, NOW, ZONE),
        Step.FINISH: lambda: actions.finish_work(found, "完成", owner, NOW),
        Step.PASS_ON: lambda: callbacks.pass_on_feedback(found, other, "不归我们", owner, NOW),
        Step.EXPLAIN: lambda: callbacks.explain_feedback(found, "做不到", owner, NOW),
        Step.RETURN: lambda: confirmation.return_feedback(found, "再做", cast.improvement, NOW),
        Step.CONFIRM: lambda: confirmation.confirm_feedback(found, "有效", cast.improvement, NOW, ZONE),
    }
    verbs[step]()


def _open_action(found: Feedback):
    return next(action for action in view.list_actions(found) if action.done_at is None)


def edges(cast) -> set[tuple[FeedbackState, Step, FeedbackState]]:
    """Every step that is possible in some feedback of each state, taken and taken back; where it led."""
    other, drawn = staffed(), set()
    for example in in_each_situation(cast).values():
        for step in sorted(workflow.find_possible_steps(FeedbackView(example)) - set(ASIDE)):
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


def test_every_state_can_be_reached_and_from_each_the_end(cast):
    drawn = edges(cast)
    ways = {(before, after) for before, _, after in drawn if before != after}
    assert reached(NEW, ways) == set(FeedbackState)
    for state in FeedbackState:
        assert CONFIRMED in reached(state, ways), state
    assert {before for before, _ in ways} == set(FeedbackState) - {CONFIRMED}


def test_the_table_of_the_order_says_what_really_can_be_taken(cast):
    drawn = edges(cast)
    said = {(state, step) for step, rule in workflow.STEP_RULES.items() for state in rule.states if step not in ASIDE}
    answered = {(state, step) for state in workflow.AT_WORK_STATES for step in DUE_WORD}  # in whatever state it waits
    assert {(before, step) for before, step, _ in drawn} | answered == said


def test_linking_changes_no_state(cast):
    client = a_client()
    first, second = assigned(cast, client=client), assigned(cast, client=client)
    linking.link_feedback(second, first, "同一件", cast.qa, NOW)
    linking.unlink_feedback(second, "不是", cast.qa, NOW)
    assert {Feedback.get_by_id(one.id).state for one in (first, second)} == {FeedbackState.ASSIGNED}


def test_a_plan_waits_for_its_supervisor_and_for_nobody_else(cast):
    found = proposed(cast)
    assert found.state == FeedbackState.CALLED_BACK
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
    steps = [step.step for step in reversed(view.list_history(found))]
    assert steps == [
        Step.CREATE, Step.ASSIGN, Step.CALL_BACK, Step.PROPOSE, Step.ACCEPT, Step.START,
        Step.ACTION, Step.ACTION, Step.FINISH, Step.CONFIRM,
    ]  # fmt: skip
    entries = AuditEntry.select().where(AuditEntry.subject == f"feedback:{found.id}")
    assert entries.count() == len(steps)
