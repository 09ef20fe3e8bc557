"""Feedback and improvement: what was said, who deals with it, what was done, and whether it worked."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    Select,
    TextField,
)

from csat.models.answers import Answer, Response
from csat.models.base import CodeField, Condition, InstantField, JsonField, LocalisedField, Table, random_key
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department, Person


class RiskDomain(Table):
    """One of the eight domains of service-quality risk (§10)."""

    code = CharField(max_length=40, unique=True)
    position = IntegerField()
    name = LocalisedField()


class IssueType(Table):
    """What kind of problem; each belongs to one risk domain (§6)."""

    code = CharField(max_length=40, unique=True)
    position = IntegerField()
    name = LocalisedField()
    hint = LocalisedField()
    domain = ForeignKeyField(RiskDomain, backref="issue_types")
    retired_at = InstantField(null=True)

    domain_id: int


class Severity(StrEnum):
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    SUGGESTION = "suggestion"


class FeedbackState(StrEnum):
    """Where a feedback stands (I1)."""

    NEW = "new"
    ASSIGNED = "assigned"
    CALLED_BACK = "called_back"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"


class FeedbackOrigin(StrEnum):
    """Where a feedback came from (P9, P15)."""

    RESPONSE = "response"
    TELEPHONE = "telephone"
    EMAIL = "email"
    MEETING = "meeting"
    OBSERVATION = "observation"


class Step(StrEnum):
    """A step of the flow (I1), as it stands in a feedback's history."""

    CREATE = "create"
    ASSIGN = "assign"
    RECLASSIFY = "reclassify"
    SUPERVISE = "supervise"
    CALL_BACK = "call_back"
    REPLY = "reply"
    PROPOSE = "propose"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    START = "start"
    ACTION = "action"
    FINISH = "finish"
    RETURN = "return"
    PASS_ON = "pass_on"
    EXPLAIN = "explain"
    CONFIRM = "confirm"
    RECUR = "recur"
    LIFT = "lift"  # of another type after all, so no repeat of what it was called one of
    LINK = "link"
    UNLINK = "unlink"
    UNMASK = "unmask"
    EVIDENCE = "evidence"
    WITHDRAW = "withdraw"
    NOTE = "note"
    ASK_DUE = "ask_due"  # a due date moved, once, with a reason that the supervisor accepts (P9)
    MOVE_DUE = "move_due"
    KEEP_DUE = "keep_due"
    ASK_CHANGE = "ask_change"  # of a plan in progress, with the supervisor's word (I1)
    CHANGE_PLAN = "change_plan"
    KEEP_PLAN = "keep_plan"


class Feedback(Table):
    """One complaint, problem or suggestion. Due instants and in-time verdicts are stored when made (I2)."""

    title = CharField(max_length=200)
    words = TextField(default="")
    origin = CodeField(FeedbackOrigin)
    quarter = IntegerField(index=True)
    client = ForeignKeyField(Client, null=True, backref="feedback")
    department = ForeignKeyField(Department, null=True, backref="feedback")
    issue_type = ForeignKeyField(IssueType, backref="feedback")
    severity = CodeField(Severity)
    state = CodeField(FeedbackState, default=FeedbackState.NEW, index=True)
    supervisor = ForeignKeyField(Person, null=True, backref="feedback_supervised")
    created_by = ForeignKeyField(Person, backref="feedback_created")
    created_at = InstantField()
    call_back_due_at = InstantField()
    close_due_at = InstantField()
    called_back_at = InstantField(null=True)
    called_back_in_time = BooleanField(null=True)  # as judged then: a change of severity later does not touch it
    closed_at = InstantField(null=True)
    closed_in_time = BooleanField(null=True)
    passed_on = IntegerField(default=0)  # how often: the second time it goes to QA (I1)
    linked_to: ForeignKeyField[Feedback | None] = ForeignKeyField("self", null=True, backref="linked")
    recurred = BooleanField(default=False)  # of a closed one: it came again (I5)
    contact = ForeignKeyField(Contact, null=True, backref="feedback")  # without a response: who said it (P15)
    incident = ForeignKeyField(Incident, null=True, backref="feedback")
    said_by = CharField(max_length=120, default="")
    said_on = DateField(null=True)

    client_id: int | None
    contact_id: int | None
    incident_id: int | None
    department_id: int | None
    issue_type_id: int
    supervisor_id: int | None
    linked_to_id: int | None
    action_links: ModelSelect[ActionFeedback]

    @property
    def number(self) -> str:
        """What people call it: F-0142."""
        return f"F-{self.id:04d}"

    @property
    def matter_id(self) -> int:
        """The key of its matter: linked feedback is one matter, counted as the one that it is linked to."""
        return self.linked_to_id or self.id

    @classmethod
    def in_matters(cls, matters: Iterable[int] | Select) -> Condition:
        """The condition for all feedback of these matters: the one that counts, and what is linked to it."""
        return cls.id.in_(matters) | cls.linked_to.in_(matters)


class FeedbackSource(Table):
    """Which response, answer and words a feedback was taken from; many to many."""

    id = BigIntegerField(primary_key=True, default=random_key)  # tells no order in which responses came
    feedback = ForeignKeyField(Feedback, backref="sources")
    response = ForeignKeyField(Response, backref="feedback_sources")
    answer = ForeignKeyField(Answer, null=True, backref="feedback_sources")
    starts = IntegerField(null=True)
    ends = IntegerField(null=True)

    feedback_id: int


class FeedbackStep(Table):
    """One step in the history of a feedback: who did what, when, what was said, and what it changed."""

    feedback = ForeignKeyField(Feedback, backref="steps")
    step = CodeField(Step)
    state = CodeField(FeedbackState)
    by = ForeignKeyField(Person, backref="feedback_steps")
    at = InstantField()
    words = TextField(default="")
    department = ForeignKeyField(Department, null=True)
    detail = JsonField(null=True)  # what changed from what to what, by codes; which feedback it was about

    feedback_id: int
    department_id: int | None


class DueDate(StrEnum):
    """The two due dates of a feedback, as mails and histories name them (I2)."""

    CALL_BACK = "call_back"
    CLOSE = "close"


class DueMove(Table):
    """A due date that a department asks to move, each once at most; the old one stays on record (P9)."""

    feedback = ForeignKeyField(Feedback, backref="due_moves")
    about = CodeField(DueDate)
    before = InstantField()
    after = InstantField()
    reason = TextField()
    asked_by = ForeignKeyField(Person, backref="+")
    asked_at = InstantField()
    decided_by = ForeignKeyField(Person, null=True, backref="+")
    decided_at = InstantField(null=True)
    accepted = BooleanField(null=True)

    feedback_id: int


class CallBackOutcome(StrEnum):
    REACHED = "reached"
    NOBODY = "nobody"
    REPLIED = "replied"  # an anonymous respondent: the reply on the receipt page (I3)


class CallBack(Table):
    """The department's talk with the client about a feedback; attempts count too."""

    feedback = ForeignKeyField(Feedback, backref="call_backs")
    by = ForeignKeyField(Person)
    at = InstantField()
    outcome = CodeField(CallBackOutcome)
    words = TextField()


class ActionKind(StrEnum):
    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


class Action(Table):
    """A corrective or preventive action, with owner, due day, and the evidence that it was done."""

    kind = CodeField(ActionKind)
    what = TextField()
    owner = ForeignKeyField(Person, backref="actions")
    made_by = ForeignKeyField(Person, backref="actions_made")
    due = DateField()
    done_at = InstantField(null=True)
    done_in_time = BooleanField(null=True)
    evidence = TextField(default="")
    dropped_at = InstantField(null=True)  # of a plan in progress, with the supervisor's word (I1)

    owner_id: int
    made_by_id: int


class ChangeKind(StrEnum):
    """What a department asks to change in a plan in progress (I1)."""

    ADD = "add"  # a new action: it belongs to the feedback once accepted
    MOVE = "move"  # to another owner or day
    REOPEN = "reopen"
    DROP = "drop"


class ActionChange(Table):
    """What a department asks to change in a plan in progress, and the supervisor's word on it (I1)."""

    action = ForeignKeyField(Action, backref="changes")
    feedback = ForeignKeyField(Feedback, backref="action_changes")
    kind = CodeField(ChangeKind)
    owner = ForeignKeyField(Person, null=True, backref="+")
    due = DateField(null=True)
    reason = TextField()
    asked_by = ForeignKeyField(Person, backref="+")
    asked_at = InstantField()
    decided_by = ForeignKeyField(Person, null=True, backref="+")
    decided_at = InstantField(null=True)
    accepted = BooleanField(null=True)

    action_id: int
    feedback_id: int
    owner_id: int | None


class ActionFeedback(Table):
    """Several feedbacks can share an action."""

    action = ForeignKeyField(Action, backref="feedback_links")
    feedback = ForeignKeyField(Feedback, backref="action_links")

    action_id: int
    feedback_id: int

    class Meta:
        indexes = ((("action", "feedback"), True),)
