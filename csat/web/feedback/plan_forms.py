"""The forms of a plan and of carrying it out: causes, actions, their evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    FormField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from csat.models.feedback import Action, ActionKind, ChangeKind, Feedback, FeedbackState, Step
from csat.models.people import Person
from csat.procedure.feedback import actions, evidence, plan_changes
from csat.procedure.feedback.actions import UNDER_WAY_STATES
from csat.procedure.feedback.plan_changes import WantedChange
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.people.attachments import FileToAttach
from csat.procedure.people.departments import list_members_on
from csat.web.feedback.forms import StepForm
from csat.web.formatting import format_day, local_today, operator_zone
from csat.web.forms import (
    MAX_TEXT_LENGTH,
    StaffForm,
    build_text_area,
    code_choices,
    limit_length,
    parse_key,
    person_choices,
    require_input,
    set_choices,
)
from csat.web.people.attachments import build_files_field

MAX_ACTIONS = 12


class StartForm(StepForm):
    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        actions.start_work(feedback, by, now)


class FinishWorkForm(StepForm):
    words = build_text_area(_l("What was achieved"))
    files = build_files_field(_l("Files that show it"))

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        actions.finish_work(feedback, self.words.data or "", by, now, kept)


class EvidenceForm(StepForm):
    action = SelectField(_l("What they are about"), coerce=parse_key, default="")
    words = StringField(_l("What they show"), [limit_length(200)])
    files = build_files_field()

    def offer(self, view: FeedbackView) -> Self:
        """The feedback as a whole, and each action that was accepted."""
        accepted = view.feedback.state in (*UNDER_WAY_STATES, FeedbackState.DONE)
        offered = [(str(one.id), one.what[:80]) for one in view.actions] if accepted else []  # so much fits a select
        set_choices(self.action, offered, gettext("The feedback as a whole"))
        return self

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        action = None if self.action.data is None else actions.get_action(feedback, self.action.data)
        evidence.attach_files(feedback, action, self.words.data or "", by, now, kept)


class AskChangeForm(StepForm):
    kind = RadioField(
        _l("What is to change"), require_input(), coerce=ChangeKind, choices=lambda: code_choices(*ChangeKind)
    )
    action = SelectField(_l("Which action"), coerce=parse_key, default="")
    what = StringField(_l("What is done"), [limit_length(MAX_TEXT_LENGTH)])
    sort = SelectField(_l("Kind"), coerce=ActionKind, choices=lambda: code_choices(*ActionKind))
    owner = SelectField(_l("Owner"), coerce=parse_key, default="")
    due = DateField(_l("Due"), [Optional()])
    reason = build_text_area(_l("Reason"), rows=2)

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        """Of a returned one: what it asks for."""
        return {"kind": ChangeKind.ADD if view.rework_owed else ChangeKind.MOVE}

    def offer(self, view: FeedbackView) -> Self:
        """The actions of the plan, and the people of the department."""
        actions_by_key = [(str(one.id), one.what[:80]) for one in view.actions if one.dropped_at is None]
        set_choices(self.action, actions_by_key, gettext("A new one"))
        members = list_members_on(view.feedback.department_id, local_today())
        self.owner.choices = person_choices(members, gettext("As it is"))
        return self

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        action = None if self.action.data is None else actions.get_action(feedback, self.action.data)
        owner = Person.get_or_none(Person.id == self.owner.data)
        new = {"what": self.what.data or "", "sort": self.sort.data} if self.kind.data == ChangeKind.ADD else {}
        wanted = WantedChange(self.kind.data, self.reason.data or "", action, owner, self.due.data, **new)
        plan_changes.ask_change(feedback, wanted, by, now, operator_zone())


class ChangePlanForm(StepForm):
    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        plan_changes.accept_change(feedback, by, now)


class KeepPlanForm(StepForm):
    reason = build_text_area(_l("Why the plan stays"), rows=2)

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        plan_changes.keep_plan(feedback, self.reason.data or "", by, now)


class ActionDoneForm(StaffForm):
    evidence = build_text_area(_l("Evidence that it was done"), rows=2)
    files = build_files_field(_l("Files that show it"))

    def named_after(self, action: int) -> ActionDoneForm:
        """The same form with ids of its own: there is one for each action."""
        for field in self:
            field.id = field.label.field_id = f"{field.name}-{action}"
        return self


class ActionLineForm(FlaskForm):
    class Meta:
        csrf = False  # the plan around it carries the token

    kind = SelectField(_l("Kind"), coerce=ActionKind, choices=lambda: code_choices(*ActionKind))
    what = StringField(_l("What is done"), [limit_length(MAX_TEXT_LENGTH)])
    owner = SelectField(_l("Owner"), coerce=parse_key, default="")
    due = DateField(_l("Due"), [Optional()])


class PlanForm(StepForm):
    cause = build_text_area(_l("Cause"))
    shared = SelectMultipleField(
        _l("Take up what is being done already"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    actions = FieldList(FormField(ActionLineForm), label=_l("Actions"), min_entries=2, max_entries=MAX_ACTIONS)
    files = build_files_field(_l("Files that belong to the plan"))

    @classmethod
    def prefill(cls, view: FeedbackView) -> dict[str, object]:
        """A plan that was sent back, to be mended."""
        if not view.actions:
            return {}
        told = next((step.words for step in view.history if step.step == Step.PROPOSE), "")
        shared = actions.find_other_feedback(view.feedback)
        lines = [
            {"kind": one.kind, "what": one.what, "owner": one.owner_id, "due": one.due}
            for one in view.actions
            if one.id not in shared
        ]
        return {"cause": told, "actions": lines, "shared": list(shared)}

    def offer(self, view: FeedbackView) -> Self:
        """The people of the department as owners, in every line; and the actions that can be shared."""
        members = list_members_on(view.feedback.department_id, local_today())
        self.members = person_choices(members, gettext("Please choose"))
        self.open_actions = {one.id: one for one in actions.list_shareable_actions(view.feedback)}
        self.shared.choices = [SelectChoice(str(key), _action_label(one)) for key, one in self.open_actions.items()]
        return self._offer_owners()

    def _offer_owners(self) -> Self:
        for line in self.actions:
            line.form.owner.choices = self.members
        return self

    def add_line(self) -> Self:
        """The same form with one more line."""
        if len(self.actions) < MAX_ACTIONS:
            self.actions.append_entry()
        return self._offer_owners()  # the new line knows none yet

    def act(self, feedback: Feedback, by: Person, now: datetime, kept: list[FileToAttach]) -> None:
        shared = [self.open_actions[key] for key in self.shared.data or [] if key in self.open_actions]
        actions.propose_plan(feedback, self.cause.data or "", self._plan(), by, now, operator_zone(), shared, kept)

    def _plan(self) -> list[tuple[ActionKind, str, Person, object]]:
        lines = self._filled_lines()
        return [(line.kind.data, line.what.data, Person.get_by_id(line.owner.data), line.due.data) for line in lines]

    def validate(self, **more: object) -> bool:
        """A line with words needs an owner and a day."""
        whole = super().validate(**more)
        # A list, so that every field that misses something says so, not only the first.
        return whole & all([_require_field(line[name]) for line in self._filled_lines() for name in ("owner", "due")])

    def _filled_lines(self) -> list[ActionLineForm]:
        """The lines that say something; the others are left out."""
        return [line.form for line in self.actions if (line.form.what.data or "").strip()]


def _action_label(action: Action) -> str:
    facts = {"what": action.what, "owner": action.owner.name, "day": format_day(action.due)}
    return gettext("%(what)s (%(owner)s, due %(day)s)", **facts)


def _require_field(field: Any) -> bool:
    if field.data is None and not field.errors:
        field.errors = [gettext("Please fill this in.")]
    return field.data is not None
