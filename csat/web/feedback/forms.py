"""The forms of a feedback: creating one, and one for each step of its way, with what the step then does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField

from csat.models.base import expect_value
from csat.models.feedback import CallBackOutcome, DueDate, Feedback, FeedbackState, IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.feedback import callbacks, classification, confirmation, due_moves, linking, notes
from csat.procedure.feedback.access import feedback_for
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.people.attachments import FileToAttach
from csat.web.access import current_person
from csat.web.choices import issue_type_choices, severity_choices, staffed_department_choices, supervisor_choices
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import (
    NamedForm,
    build_text_area,
    code_choices,
    limit_length,
    parse_key,
    record_choices,
    require_input,
    set_choices,
)


class FeedbackForm(NamedForm):
    title = StringField(_l("Title"), [*require_input(), limit_length(200)])
    words = build_text_area(_l("What the client said"), rows=4, required=False)
    issue_type = SelectField(_l("Type"), require_input(), coerce=parse_key, choices=issue_type_choices)
    severity = RadioField(_l("Severity"), require_input(), coerce=Severity, choices=severity_choices)


class ClassifyForm(FeedbackForm):
    department = SelectField(_l("Department"), coerce=parse_key, choices=staffed_department_choices)
    supervisor = SelectField(_l("QA supervisor"), coerce=parse_key, choices=supervisor_choices)
    linked_to = SelectField(_l("Same matter as"), coerce=parse_key, default="")


def offer_feedback(field: SelectField, rows: Iterable[Feedback], blank: str) -> None:
    """Give a select these feedbacks to choose from."""
    set_choices(field, [(str(one.id), f"{one.number} {one.title}") for one in rows], blank)


class StepForm(NamedForm):
    """The form of one step: what it asks, and what is then done with the feedback."""

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        """What a fresh form knows already."""
        return {}

    def offer(self, view: FeedbackView) -> Self:
        """The same form with the choices that belong to this feedback."""
        return self

    def is_useful(self) -> bool:
        """Whether there is anything to choose."""
        return True

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        """Take the step, with the files that came with it."""
        raise NotImplementedError


class SuperviseForm(StepForm):
    supervisor = SelectField(_l("QA supervisor"), require_input(), coerce=parse_key, choices=supervisor_choices)

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        return {"supervisor": view.feedback.supervisor_id}

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        classification.change_supervisor(feedback, Person.get_by_id(self.supervisor.data), by, now)


class AssignForm(StepForm):
    department = SelectField(_l("Department"), require_input(), coerce=parse_key, choices=staffed_department_choices)
    supervisor = SelectField(_l("QA supervisor"), require_input(), coerce=parse_key, choices=supervisor_choices)
    reason = build_text_area(_l("Why it goes to another department"), rows=2, required=False)

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        return {"supervisor": view.feedback.supervisor_id or current_person().id}

    def offer(self, view: FeedbackView) -> Self:
        """Where it is assigned already: the other departments, with a reason; else no reason is asked."""
        if view.feedback.state == FeedbackState.NEW:
            del self.reason
        else:
            self.department.choices = staffed_department_choices(besides=view.feedback.department_id)
        return self

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        reason = (self.reason.data or "") if "reason" in self else ""
        classification.assign_feedback(feedback, *self.chosen(), by, now, reason)

    def chosen(self) -> tuple[Department, Person]:
        """The department, and who supervises."""
        return Department.get_by_id(self.department.data), Person.get_by_id(self.supervisor.data)


class ReclassifyForm(StepForm):
    issue_type = SelectField(_l("Type"), require_input(), coerce=parse_key, choices=issue_type_choices)
    severity = RadioField(_l("Severity"), require_input(), coerce=Severity, choices=severity_choices)
    reason = build_text_area(_l("Reason"), rows=2)

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        return {"issue_type": view.feedback.issue_type_id, "severity": view.feedback.severity}

    def offer(self, view: FeedbackView) -> Self:
        self.issue_type.choices = issue_type_choices(kept=view.feedback.issue_type_id)
        return self

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        issue_type, reason = IssueType.get_by_id(self.issue_type.data), self.reason.data or ""
        classification.reclassify_feedback(feedback, issue_type, self.severity.data, reason, by, now)


class CallBackForm(StepForm):
    outcome = RadioField(
        _l("Outcome"),
        require_input(),
        coerce=CallBackOutcome,
        default=CallBackOutcome.REACHED,
        choices=lambda: code_choices(CallBackOutcome.REACHED, CallBackOutcome.NOBODY),
    )
    words = build_text_area(_l("What was said"), required=False)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        callbacks.record_call_back(feedback, self.outcome.data, self.words.data or "", by, now)


class ReplyForm(StepForm):
    words = build_text_area(_l("Reply to the client"), rows=4)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        callbacks.record_call_back(feedback, CallBackOutcome.REPLIED, self.words.data or "", by, now)


class LinkForm(StepForm):
    other = SelectField(_l("Same matter as"), require_input(), coerce=parse_key, default="")
    reason = build_text_area(_l("Reason or note"), rows=2, required=False)

    def offer(self, view: FeedbackView) -> Self:
        """The open feedback of the same client and type."""
        offer_feedback(self.other, linking.list_link_candidates(view.feedback), gettext("Please choose"))
        return self

    def is_useful(self) -> bool:
        return len(self.other.choices or []) > 1

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        other = feedback_for(by, self.other.data or 0, local_today())
        linking.link_feedback(feedback, other, self.reason.data or "", by, now)


class UnlinkForm(StepForm):
    reason = build_text_area(_l("Reason"), rows=2)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        linking.unlink_feedback(feedback, self.reason.data or "", by, now)


class AcceptForm(StepForm):
    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        classification.accept_plan(feedback, by, now)


class SendBackForm(StepForm):
    reason = build_text_area(_l("What is missing"), rows=2)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        classification.return_plan(feedback, self.reason.data or "", by, now)


class PassOnForm(StepForm):
    department = SelectField(_l("To"), coerce=parse_key, default="")
    reason = build_text_area(_l("Reason"), rows=2)

    def offer(self, view: FeedbackView) -> Self:
        """The other departments; the second time only QA (I1)."""
        back, own = gettext("Back to QA"), view.feedback.department_id
        first = view.feedback.passed_on == 0
        self.department.choices = staffed_department_choices(back, own) if first else record_choices([], back)
        return self

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        target = self.department.data and Department.get_by_id(self.department.data)
        callbacks.pass_on_feedback(feedback, target, self.reason.data or "", by, now)


class NoteForm(StepForm):
    words = build_text_area(_l("New note"), rows=2, most=notes.MAX_NOTE_LENGTH)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        notes.add_note(feedback, self.words.data or "", by, now)


class AskDueForm(StepForm):
    about = RadioField(_l("Which one"), require_input(), coerce=DueDate)
    day = DateField(_l("New due day"), require_input())
    reason = build_text_area(_l("Why more time is needed"), rows=2)

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        return {"about": view.movable_dues[-1]} if view.movable_dues else {}

    def offer(self, view: FeedbackView) -> Self:
        """The due dates that have not moved yet."""
        self.about.choices = code_choices(*view.movable_dues)
        return self

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        day, reason = expect_value(self.day.data), self.reason.data or ""
        due_moves.ask_due_move(feedback, self.about.data, day, reason, by, now, operator_zone())


class MoveDueForm(StepForm):
    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        due_moves.move_due(feedback, by, now)


class KeepDueForm(StepForm):
    reason = build_text_area(_l("Why it stays"), rows=2)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        due_moves.keep_due(feedback, self.reason.data or "", by, now)


class ExplainForm(StepForm):
    words = build_text_area(_l("What the client was told"))

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        callbacks.explain_feedback(feedback, self.words.data or "", by, now)


class ConfirmForm(StepForm):
    words = build_text_area(_l("Evidence that it works"))

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        confirmation.confirm_feedback(feedback, self.words.data or "", by, now, operator_zone())


class ReturnForm(StepForm):
    words = build_text_area(_l("What does not convince"))

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        confirmation.return_feedback(feedback, self.words.data or "", by, now)
