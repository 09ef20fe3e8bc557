"""The steps of a feedback (I1–I4), from creation to the word of the improvement group."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from csat.models.answers import Message, MessageKind, Verdict
from csat.models.feedback import (
    Action,
    ActionKind,
    CallBack,
    CallBackOutcome,
    Feedback,
    FeedbackOrigin,
    FeedbackSource,
    FeedbackState,
    FeedbackStep,
    IssueType,
    Severity,
    Step,
)
from csat.models.people import Membership
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.core.refusals import (
    AffectedMayNotDecide,
    DoerMayNotConfirm,
    NotFound,
    NotPermitted,
    OutOfOrder,
    SupervisorOfSameDepartment,
    ValueMissing,
)
from csat.procedure.feedback import board as feedback_board
from csat.procedure.feedback import callbacks, confirmation, workflow
from csat.procedure.feedback.board import FeedbackFilter
from csat.procedure.feedback.callbacks import (
    ContactShownAlready,
    DayOver,
    NobodyAnonymous,
    NobodyToCall,
    PassedToItself,
    PlanEmpty,
    SourcePassage,
)
from csat.procedure.feedback.classification import NotASupervisor, NotVerified, ResponseDoubted
from csat.procedure.feedback.workflow import StepNotPossible
from csat.procedure.review import verdicts
from tests.builders import NOW, a_client, a_contact, a_department, a_person, a_response
from tests.cast import a_cast

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 9, 14)
REACHED, NOBODY, REPLIED = CallBackOutcome


@pytest.fixture
def cast(db):
    return a_cast()


@pytest.fixture
def engine_cast(engine_db):
    """The cast on each engine: for stories about what the store finds."""
    return a_cast()


def a_feedback(cast, severity=Severity.MINOR, **more) -> Feedback:
    details = {
        "title": "同一故障反复发生",
        "words": "一个月报了三次",
        "origin": FeedbackOrigin.TELEPHONE,
        "client": None,
        "issue_type": IssueType.get(IssueType.code == "slow_reply"),
        "quarter": 20263,
        "by": cast.qa,
        "now": NOW,
        **more,
    }
    return callbacks.create_feedback(severity=severity, **details)


def assigned(cast, **more) -> Feedback:
    return a_feedback(cast, department=cast.department, supervisor=cast.qa, **more)


def called_back(cast, **more) -> Feedback:
    found = assigned(cast, **more)
    callbacks.record_call_back(found, REACHED, "客户要根本原因", cast.owner, NOW)
    return found


def planned_actions(cast, due=TODAY):
    return [
        (ActionKind.CORRECTIVE, "更换电源模块", cast.engineer, due),
        (ActionKind.PREVENTIVE, "同型号逐台检查", cast.owner, due),
    ]


def proposed(cast, **more) -> Feedback:
    found = called_back(cast, **more)
    callbacks.propose_plan(found, "电源模块老化", planned_actions(cast), cast.owner, NOW, ZONE)
    return found


def in_progress(cast, **more) -> Feedback:
    found = proposed(cast, **more)
    callbacks.accept_plan(found, cast.qa, NOW)
    callbacks.start_work(found, cast.owner, NOW)
    return found


def done(cast, zone, **more) -> Feedback:
    found = in_progress(cast, **more)
    for action in workflow.list_actions(found):
        callbacks.finish_action(action, "验收单", cast.owner, NOW, zone)
    callbacks.finish_work(found, "全部完成", cast.owner, NOW)
    return found


def closed(cast, zone, now=NOW, **more) -> Feedback:
    found = done(cast, zone, **more)
    confirmation.confirm_feedback(found, "一个月未再发生", cast.improvement, now)
    return found


# --- creating and assigning --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "call_back", "close"),
    [("critical", 1, 7), ("major", 3, 15), ("minor", 7, 30), ("suggestion", 14, 60)],
)
def test_due_instants_follow_the_severity_from_creation(cast, severity, call_back, close):
    made = a_feedback(cast, Severity(severity))
    assert made.call_back_due_at == NOW + call_back * DAY
    assert made.close_due_at == NOW + close * DAY


def test_a_feedback_needs_a_title(cast):
    with pytest.raises(ValueMissing) as refused:
        a_feedback(cast, title="  ")
    assert refused.value.field == "title"


def test_what_is_taken_from_a_response_has_the_responses_client(cast):
    lost = a_response(anonymous=True, verdict=Verdict.VALID)
    made = a_feedback(cast, client=a_client(), sources=[SourcePassage(lost)])
    assert made.client is None
    kept = a_response(client=a_client("城建集团"), verdict=Verdict.VALID)
    assert a_feedback(cast, sources=[SourcePassage(kept)]).client == kept.client
    assert FeedbackSource.select().count() == 2


def test_before_verification_only_critical_feedback_is_made(cast):
    pending = a_response()
    with pytest.raises(NotVerified) as refused:
        a_feedback(cast, Severity.MAJOR, sources=[SourcePassage(pending)])
    assert refused.value.field == "severity"
    assert a_feedback(cast, Severity.CRITICAL, sources=[SourcePassage(pending)]).state == FeedbackState.NEW


@pytest.mark.parametrize("verdict", [Verdict.DOUBTED, Verdict.REFUSED])
def test_no_feedback_is_made_from_a_doubted_response(cast, verdict):
    with pytest.raises(ResponseDoubted):
        a_feedback(cast, Severity.CRITICAL, sources=[SourcePassage(a_response(verdict=verdict))])
    assert Feedback.select().count() == 0


def test_linked_feedback_leads_to_the_first_so_that_the_matter_counts_once(cast):
    first = a_feedback(cast)
    second = a_feedback(cast, linked_to=first)
    assert a_feedback(cast, linked_to=second).linked_to == first == second.linked_to


def test_with_a_department_it_is_assigned_at_once(cast):
    made = assigned(cast)
    assert (made.state, made.department, made.supervisor) == (
        FeedbackState.ASSIGNED, cast.department, cast.qa,
    )  # fmt: skip
    assert [step.step for step in workflow.list_history(made)] == [Step.ASSIGN, Step.CREATE]


def test_nothing_is_left_of_a_creation_whose_assignment_is_refused(cast):
    with pytest.raises(NotASupervisor):
        a_feedback(cast, department=cast.department, supervisor=cast.desk)
    assert Feedback.select().count() == FeedbackStep.select().count() == AuditEntry.select().where(
        AuditEntry.action == "feedback created"
    ).count() == 0  # fmt: skip


def test_the_supervisor_is_of_qa_and_not_of_the_department(cast):
    both = a_person("转岗", Role.QA, department=cast.department)
    for person, refusal in (
        (None, NotASupervisor),
        (cast.desk, NotASupervisor),
        (both, SupervisorOfSameDepartment),
    ):
        with pytest.raises(refusal):
            callbacks.assign_feedback(a_feedback(cast), cast.department, person, cast.qa, NOW)


def test_another_supervisor_can_take_over(cast):
    found = proposed(cast)
    callbacks.change_supervisor(found, cast.qa2, cast.qa, NOW)
    with pytest.raises(NotPermitted):
        callbacks.accept_plan(found, cast.qa, NOW)
    callbacks.accept_plan(found, cast.qa2, NOW)


def test_classifying_anew_moves_due_instants_and_keeps_the_history(cast):
    found = assigned(cast)
    schedule = IssueType.get(IssueType.code == "schedule")
    callbacks.reclassify_feedback(found, schedule, Severity.CRITICAL, "影响生产", cast.qa, NOW + DAY)
    assert found.issue_type == schedule and found.close_due_at == NOW + 7 * DAY
    step = workflow.list_history(found)[0]
    assert step.words == "影响生产"
    assert step.detail == {"issue_type": ["slow_reply", "schedule"], "severity": ["minor", "critical"]}


def test_a_department_does_not_reclassify_what_is_about_it(cast):
    both = a_person("双职", Role.QA, Role.DEPARTMENT, department=cast.department)
    with pytest.raises(AffectedMayNotDecide):
        callbacks.reclassify_feedback(assigned(cast), IssueType.get(), Severity.SUGGESTION, "小事", both, NOW)


# --- the department's steps --------------------------------------------------------------------------


def test_an_attempt_that_reaches_nobody_is_on_record_and_changes_nothing(cast):
    found = assigned(cast)
    callbacks.record_call_back(found, NOBODY, "", cast.owner, NOW)
    assert found.state == FeedbackState.ASSIGNED and found.called_back_at is None
    assert CallBack.get().outcome == NOBODY


@pytest.mark.parametrize(("days", "in_time"), [(7, True), (8, False)])
def test_the_first_call_back_that_reaches_the_client_decides_whether_it_was_in_time(cast, days, in_time):
    found = assigned(cast)
    callbacks.record_call_back(found, REACHED, "谈过", cast.owner, NOW + days * DAY)
    callbacks.record_call_back(found, REACHED, "又谈过", cast.owner, NOW + 20 * DAY)
    assert found.called_back_in_time is in_time and found.called_back_at == NOW + days * DAY


def test_a_call_back_says_what_was_said(cast):
    with pytest.raises(ValueMissing):
        callbacks.record_call_back(assigned(cast), REACHED, " ", cast.owner, NOW)


def anonymous(cast, **more):
    response = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=7, **more)
    return assigned(cast, sources=[SourcePassage(response)]), response


def test_an_anonymous_client_is_answered_on_the_receipt_page(cast):
    found, response = anonymous(cast)
    assert "receipt page" in callbacks.describe_next_step(found)[1]
    with pytest.raises(NobodyToCall):
        callbacks.record_call_back(found, REACHED, "打过电话", cast.owner, NOW)
    callbacks.record_call_back(found, REPLIED, "谢谢，我们在换模块。", cast.owner, NOW)
    assert found.state == FeedbackState.CALLED_BACK and found.called_back_in_time
    message = Message.get(Message.response == response)
    assert (message.kind, message.words) == (MessageKind.REPLY, "谢谢，我们在换模块。")


def test_an_explanation_reaches_the_anonymous_too(cast):
    found, response = anonymous(cast)
    callbacks.explain_feedback(found, "合同里不含这项服务。", cast.owner, NOW)
    assert Message.get(Message.response == response).words == "合同里不含这项服务。"


def test_who_is_anonymous_gets_a_reply_beside_the_call_to_who_is_not(cast):
    client = a_client()
    named = a_response(contact=a_contact(client), client=client, verdict=Verdict.VALID, receipt_hash=8)
    hidden = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=7)
    found = assigned(cast, sources=[SourcePassage(named), SourcePassage(hidden)])
    callbacks.record_call_back(found, REPLIED, "谢谢，我们在查。", cast.owner, NOW)
    assert [one.response for one in Message.select()] == [hidden]
    assert (
        found.state == FeedbackState.ASSIGNED and found.called_back_at is None
    )  # the other one is to be called
    callbacks.record_call_back(found, REACHED, "客户要根本原因", cast.owner, NOW)
    assert found.state == FeedbackState.CALLED_BACK
    callbacks.explain_feedback(found, "合同里不含这项服务。", cast.owner, NOW)
    assert [one.response for one in Message.select()] == [hidden, hidden]


def test_a_named_client_is_called(cast):
    with pytest.raises(NobodyAnonymous):
        callbacks.record_call_back(assigned(cast), REPLIED, "回复", cast.owner, NOW)


def test_a_plan_waits_for_its_supervisor_and_for_nobody_else(cast):
    found = proposed(cast)
    assert found.state == FeedbackState.CALLED_BACK
    assert callbacks.describe_next_step(found) == workflow.NEXT_SUPERVISION
    for person in (cast.qa2, cast.owner, cast.director):
        with pytest.raises(NotPermitted):
            callbacks.accept_plan(found, person, NOW)
    for step in (
        lambda: callbacks.pass_on_feedback(found, None, "不归我们", cast.owner, NOW),
        lambda: callbacks.explain_feedback(found, "做不到", cast.owner, NOW),
        lambda: callbacks.propose_plan(found, "另一个", planned_actions(cast), cast.owner, NOW, ZONE),
    ):
        with pytest.raises(StepNotPossible):
            step()
    callbacks.accept_plan(found, cast.qa, NOW)
    assert found.state == FeedbackState.PLANNED


def test_a_plan_sent_back_is_replaced_and_the_history_keeps_its_words(cast):
    found = proposed(cast)
    callbacks.return_plan(found, "缺预防措施", cast.qa, NOW)
    assert callbacks.describe_next_step(found) == workflow.NEXT_BY_STATE[FeedbackState.CALLED_BACK]
    callbacks.propose_plan(found, "电源老化", planned_actions(cast)[:1], cast.owner, NOW, ZONE)
    assert Action.select().count() == len(workflow.list_actions(found)) == 1
    told = [step.detail["plan"] for step in workflow.list_history(found) if step.step == Step.PROPOSE]
    assert [len(plan) for plan in told] == [1, 2] and "逐台检查" in told[1][1]["what"]


@pytest.mark.parametrize(
    ("cause", "actions", "refusal"),
    [(" ", 1, ValueMissing), ("老化", 0, PlanEmpty)],
)
def test_a_plan_has_a_cause_and_an_action(cast, cause, actions, refusal):
    with pytest.raises(refusal):
        callbacks.propose_plan(
            called_back(cast), cause, planned_actions(cast)[:actions], cast.owner, NOW, ZONE
        )


def test_an_action_is_not_due_on_a_day_that_is_over(cast):
    with pytest.raises(DayOver):
        callbacks.propose_plan(
            called_back(cast), "老化", planned_actions(cast, TODAY - 3 * DAY), cast.owner, NOW, ZONE
        )


def test_the_day_of_a_plan_is_the_operators_day(cast):
    found, night = called_back(cast), NOW + timedelta(hours=15)  # one o'clock of the next day in Shanghai
    with pytest.raises(DayOver):
        callbacks.propose_plan(found, "老化", planned_actions(cast, TODAY), cast.owner, night, ZONE)
    callbacks.propose_plan(found, "老化", planned_actions(cast, TODAY + DAY), cast.owner, night, ZONE)


def test_the_work_is_done_when_every_action_is(cast, zone):
    found = in_progress(cast)
    with pytest.raises(StepNotPossible):
        callbacks.finish_work(found, "都好了", cast.owner, NOW)
    first, second = workflow.list_actions(found)
    callbacks.finish_action(first, "验收单", cast.owner, NOW, zone)
    with pytest.raises(OutOfOrder):
        callbacks.finish_action(first, "再来一次", cast.owner, NOW, zone)
    callbacks.finish_action(second, "照片", cast.owner, NOW, zone)
    assert callbacks.describe_next_step(found) == workflow.NEXT_FINISH
    callbacks.finish_work(found, "都好了", cast.owner, NOW)
    assert found.state == FeedbackState.DONE


@pytest.mark.parametrize(("hours", "in_time"), [(13.9, True), (14.1, False)])
def test_an_action_is_in_time_until_its_local_day_ends(cast, zone, hours, in_time):
    action = workflow.list_actions(in_progress(cast))[0]  # due today; NOW is ten o'clock
    callbacks.finish_action(action, "验收单", cast.owner, NOW + timedelta(hours=hours), zone)
    assert Action.get_by_id(action.id).done_in_time is in_time


def test_a_second_passing_on_goes_to_qa_and_due_dates_stay(cast):
    found, second, third = assigned(cast), a_department("软件部"), a_department("机房部")
    due = found.close_due_at
    callbacks.pass_on_feedback(found, second, "不是网络", cast.owner, NOW + DAY)
    assert (found.state, found.department) == (FeedbackState.ASSIGNED, second)
    callbacks.pass_on_feedback(found, third, "也不是软件", a_person(department=second), NOW + 2 * DAY)
    assert (found.state, found.department, found.close_due_at) == (FeedbackState.NEW, None, due)
    callbacks.assign_feedback(found, third, cast.qa, cast.qa, NOW + 3 * DAY)
    assert found.state == FeedbackState.ASSIGNED


def test_it_can_be_passed_back_to_qa_at_once_but_not_to_oneself(cast):
    found = called_back(cast)
    with pytest.raises(PassedToItself):
        callbacks.pass_on_feedback(found, cast.department, "留着", cast.owner, NOW)
    callbacks.pass_on_feedback(found, None, "不归我们", cast.owner, NOW)
    assert found.state == FeedbackState.NEW


def test_an_explanation_counts_as_the_call_back_and_waits_for_confirmation(cast):
    found = assigned(cast)
    callbacks.explain_feedback(found, "合同不含", cast.owner, NOW)
    assert found.state == FeedbackState.EXPLAINED and found.called_back_in_time
    confirmation.confirm_feedback(found, "已与客户核实", cast.improvement, NOW)
    assert found.closed_in_time


def test_each_refusal_says_where_it_stands_and_who_acts_next(cast):
    with pytest.raises(StepNotPossible) as refused:
        callbacks.start_work(assigned(cast), cast.owner, NOW)
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


# --- who sees it -------------------------------------------------------------------------------------


def test_a_department_sees_its_own_and_only_while_it_is(cast):
    found, other = assigned(cast), a_feedback(cast, title="别的")
    assert callbacks.feedback_for(cast.owner, found.id, TODAY) == found
    with pytest.raises(NotFound):
        callbacks.feedback_for(cast.owner, other.id, TODAY)
    callbacks.pass_on_feedback(found, a_department("软件部"), "不是网络", cast.owner, NOW)
    with pytest.raises(NotFound):
        callbacks.feedback_for(cast.owner, found.id, TODAY)


def test_who_left_a_department_no_longer_sees_its_feedback(cast):
    found = assigned(cast)
    Membership.update(until=TODAY).where(Membership.person == cast.owner).execute()
    assert callbacks.feedback_for(cast.owner, found.id, TODAY - DAY) == found
    with pytest.raises(NotFound):
        callbacks.feedback_for(cast.owner, found.id, TODAY)


@pytest.mark.parametrize("role", ["qa", "improvement", "director"])
def test_qa_improvement_and_director_see_all(cast, role):
    assert callbacks.feedback_for(getattr(cast, role), a_feedback(cast).id, TODAY)


@pytest.mark.parametrize("role", ["desk", "manager", "admin", "engineer"])
def test_nobody_else_sees_any(cast, role):
    with pytest.raises(NotFound):
        callbacks.feedback_for(getattr(cast, role), assigned(cast).id, TODAY)


def test_only_the_department_takes_its_steps(cast):
    found = assigned(cast)
    assert callbacks.department_feedback_for(cast.owner, found.id, TODAY) == found
    elsewhere = a_person("别部门", Role.DEPARTMENT, Role.DIRECTOR, department=a_department("软件部"))
    for person in (cast.qa, cast.director, elsewhere):
        with pytest.raises(NotPermitted):
            callbacks.department_feedback_for(person, found.id, TODAY)


def test_whose_turn_it_is_stands_first_on_their_board(engine_cast, zone):
    new, mine, waiting = a_feedback(engine_cast), assigned(engine_cast), proposed(engine_cast)
    ready, over = done(engine_cast, zone), closed(engine_cast, zone)
    turns = {
        engine_cast.qa: {new.id, waiting.id},
        engine_cast.qa2: {new.id},
        engine_cast.owner: {mine.id},
        engine_cast.improvement: {ready.id},
        engine_cast.director: set(),
    }
    for person, keys in turns.items():
        assert feedback_board.find_my_turns(person, TODAY) == keys
        board = list(feedback_board.search_board(person, FeedbackFilter(), TODAY, NOW))
        assert {one.id for one in board[: len(keys)]} == keys
        if person != engine_cast.owner:
            assert board[-1] == over
        assert feedback_board.search_board(person, FeedbackFilter(mine=True), TODAY, NOW).count() == len(keys)


def test_the_board_can_be_narrowed(engine_cast):
    client = a_client()
    major = a_feedback(engine_cast, Severity.MAJOR, client=client, title="电源_故障")
    minor = assigned(engine_cast, issue_type=IssueType.get(IssueType.code == "documents"), quarter=20262)

    def found(now=NOW, **wanted):
        return list(feedback_board.search_board(engine_cast.qa, FeedbackFilter(**wanted), TODAY, now))

    assert found(severity=Severity.MAJOR) == found(client=client.id) == found(words="电源_") == [major]
    assert found(state=FeedbackState.ASSIGNED) == found(department=engine_cast.department.id) == [minor]
    assert found(quarter=20262) == found(issue_type=minor.issue_type_id) == [minor]
    assert found(overdue=True) == [] and found(NOW + 4 * DAY, overdue=True) == [major]
    counted = feedback_board.count_by_state(engine_cast.qa, FeedbackFilter(), TODAY, NOW)
    assert counted == {FeedbackState.NEW: 1, FeedbackState.ASSIGNED: 1}


def test_personal_details_are_shown_to_who_calls_back_and_it_is_on_record(cast):
    contact = a_contact(a_client())
    response = a_response(contact=contact, client=contact.client, verdict=Verdict.VALID)
    found = assigned(cast, sources=[SourcePassage(response)])
    reach = callbacks.unmask_contact(found, f"contact:{contact.id}", cast.owner, NOW)
    assert reach.telephone == contact.telephone
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    with pytest.raises(NotFound):
        callbacks.unmask_contact(found, "contact:999", cast.owner, NOW)
    callbacks.explain_feedback(found, "做不到", cast.owner, NOW)
    with pytest.raises(StepNotPossible):
        callbacks.unmask_contact(found, reach.key, cast.owner, NOW)


def test_without_a_response_one_contact_is_chosen_not_all(cast):
    client = a_client()
    first, second = a_contact(client, "甲"), a_contact(client, "乙")
    found = assigned(cast, client=client)
    for _ in range(2):
        assert callbacks.unmask_contact(found, f"contact:{first.id}", cast.owner, NOW).telephone
    with pytest.raises(ContactShownAlready):
        callbacks.unmask_contact(found, f"contact:{second.id}", cast.owner, NOW)
    assert [step.step for step in workflow.list_history(found)][0] == Step.UNMASK
    callbacks.record_call_back(found, NOBODY, "", cast.owner, NOW)
    assert callbacks.unmask_contact(found, f"contact:{second.id}", cast.owner, NOW).telephone


def test_of_an_anonymous_client_nobody_can_be_called(cast):
    found, _ = anonymous(cast)
    assert callbacks.list_contact_reaches(found) == []


# --- the same problem again --------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "recurs"), [(90, True), (91, False)])
def test_a_repeat_within_ninety_days_marks_the_closed_one(cast, zone, days, recurs):
    client = a_client()
    earlier = closed(cast, zone, client=client)
    again = a_feedback(cast, client=client, now=NOW + days * DAY)
    assert Feedback.get_by_id(earlier.id).recurred is recurs
    said = [(step.step, step.words) for step in workflow.list_history(again)]
    assert ((Step.RECUR, earlier.number) in said) is recurs
    assert again.linked_to is None  # linked feedback counts once, a repeat counts again


def test_another_client_or_type_is_no_repeat(cast, zone):
    client = a_client()
    earlier = closed(cast, zone, client=client)
    a_feedback(cast, client=a_client("城建集团"))
    a_feedback(cast, client=client, issue_type=IssueType.get(IssueType.code == "schedule"))
    a_feedback(cast, client=None)
    assert not Feedback.get_by_id(earlier.id).recurred


# --- no sequence breaks the order --------------------------------------------------------------------


class Way(RuleBasedStateMachine):
    """Random steps by the right people: each succeeds exactly when this small model says so."""

    cast = zone = None

    def __init__(self):
        super().__init__()
        self.feedback = a_feedback(self.cast)
        self.state, self.waits, self.open, self.passed = FeedbackState.NEW, False, 0, 0

    def take(self, allowed, verb, *arguments):
        before = workflow.list_history(self.feedback)
        if allowed:
            verb(self.feedback, *arguments)
            return True
        with pytest.raises(StepNotPossible):
            verb(self.feedback, *arguments)
        assert workflow.list_history(self.feedback) == before
        return False

    @property
    def free(self):
        return self.state in (FeedbackState.ASSIGNED, FeedbackState.CALLED_BACK) and not self.waits

    @property
    def judged(self):
        return self.state in (FeedbackState.DONE, FeedbackState.EXPLAINED)

    @rule()
    def assign(self):
        department = self.cast.department
        if self.take(
            self.state == FeedbackState.NEW,
            callbacks.assign_feedback,
            department,
            self.cast.qa,
            self.cast.qa,
            NOW,
        ):
            self.state = FeedbackState.ASSIGNED

    @rule(outcome=st.sampled_from([REACHED, NOBODY]))
    def call_back(self, outcome):
        if (
            self.take(self.free, callbacks.record_call_back, outcome, "谈", self.cast.owner, NOW)
            and outcome == REACHED
        ):
            self.state = FeedbackState.CALLED_BACK

    @rule(number=st.integers(1, 2))
    def propose(self, number):
        actions = planned_actions(self.cast)[:number]
        allowed = self.state == FeedbackState.CALLED_BACK and not self.waits
        if self.take(allowed, callbacks.propose_plan, "老化", actions, self.cast.owner, NOW, ZONE):
            self.waits, self.open = True, number

    @precondition(lambda self: self.state != FeedbackState.NEW)
    @rule()
    def accept(self):
        if self.take(self.waits, callbacks.accept_plan, self.cast.qa, NOW):
            self.state, self.waits = FeedbackState.PLANNED, False

    @precondition(lambda self: self.state != FeedbackState.NEW)
    @rule()
    def send_back(self):
        if self.take(self.waits, callbacks.return_plan, "不够", self.cast.qa, NOW):
            self.waits = False

    @rule()
    def start(self):
        if self.take(self.state == FeedbackState.PLANNED, callbacks.start_work, self.cast.owner, NOW):
            self.state = FeedbackState.IN_PROGRESS

    @precondition(lambda self: self.state == FeedbackState.IN_PROGRESS and self.open)
    @rule()
    def finish_action(self):
        undone = [one for one in workflow.list_actions(self.feedback) if one.done_at is None]
        callbacks.finish_action(undone[0], "证据", self.cast.owner, NOW, self.zone)
        self.open -= 1

    @rule()
    def finish(self):
        allowed = self.state == FeedbackState.IN_PROGRESS and not self.open
        if self.take(allowed, callbacks.finish_work, "完成", self.cast.owner, NOW):
            self.state = FeedbackState.DONE

    @rule(to_qa=st.booleans())
    def pass_on(self, to_qa):
        target = None if to_qa else self.other
        if not to_qa and self.feedback.department_id == self.other.id:
            target = self.cast.department
        if self.take(self.free, callbacks.pass_on_feedback, target, "不归我们", self.cast.owner, NOW):
            to_qa = to_qa or self.passed > 0
            self.passed += 1
            self.state = FeedbackState.NEW if to_qa else FeedbackState.ASSIGNED
            assert self.feedback.department == (None if to_qa else target)

    @rule()
    def explain(self):
        if self.take(self.free, callbacks.explain_feedback, "做不到", self.cast.owner, NOW):
            self.state = FeedbackState.EXPLAINED

    @rule()
    def confirm(self):
        if self.take(self.judged, confirmation.confirm_feedback, "有效", self.cast.improvement, NOW):
            self.state = FeedbackState.CONFIRMED

    @rule()
    def return_(self):
        if self.take(self.judged, confirmation.return_feedback, "没解决", self.cast.improvement, NOW):
            explained = self.state == FeedbackState.EXPLAINED
            self.state = FeedbackState.ASSIGNED if explained else FeedbackState.IN_PROGRESS

    @invariant()
    def the_store_agrees(self):
        stored = Feedback.get_by_id(self.feedback.id)
        assert stored.state == self.feedback.state == self.state
        assert callbacks.is_plan_waiting(stored) is self.waits
        assert (stored.closed_at is not None) is (self.state == FeedbackState.CONFIRMED)
        assert (stored.department is None) is (self.state == FeedbackState.NEW)
        assert all(callbacks.describe_next_step(stored))
        waits = Feedback.select().where(Feedback.id == stored.id, workflow.plan_waiting_condition())
        assert waits.exists() is self.waits


def test_no_sequence_of_steps_breaks_the_order(cast, zone):
    Way.cast, Way.zone, Way.other = cast, zone, a_department("软件部")
    few = settings(max_examples=25, stateful_step_count=25, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Way, settings=few)


def test_every_state_is_reached_and_all_but_the_last_are_left(cast, zone):
    reached, left = set(), set()
    closed(cast, zone)
    explained = assigned(cast)
    callbacks.explain_feedback(explained, "做不到", cast.owner, NOW)
    confirmation.return_feedback(explained, "再谈一次", cast.improvement, NOW)
    for found in Feedback.select():
        states = [step.state for step in reversed(workflow.list_history(found))]
        reached |= set(states)
        left |= {before for before, after in zip(states, states[1:], strict=False) if before != after}
    assert reached == set(FeedbackState)
    assert left == set(FeedbackState) - {FeedbackState.CONFIRMED}


def test_the_response_page_of_a_department_stays_shut(cast):
    found, response = anonymous(cast)
    with pytest.raises(NotFound):
        verdicts.response_for(cast.owner, response.id)
    assert callbacks.feedback_for(cast.owner, found.id, TODAY).words == "一个月报了三次"


def test_the_doer_may_not_confirm_even_after_a_change_of_role(cast, zone):
    moved = a_person("调岗", Role.IMPROVEMENT)
    found = called_back(cast)
    callbacks.propose_plan(
        found, "老化", [(ActionKind.CORRECTIVE, "换", moved, TODAY)], cast.owner, NOW, ZONE
    )
    callbacks.accept_plan(found, cast.qa, NOW)
    callbacks.start_work(found, cast.owner, NOW)
    callbacks.finish_action(workflow.list_actions(found)[0], "证据", cast.owner, NOW, zone)
    callbacks.finish_work(found, "好了", cast.owner, NOW)
    with pytest.raises(DoerMayNotConfirm):
        confirmation.confirm_feedback(found, "有效", moved, NOW)
