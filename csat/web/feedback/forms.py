"""The forms of a feedback: creating one, and one form for each step of its way."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField, StringField

from csat.models.feedback import CallBackOutcome, Feedback, FeedbackOrigin, Severity
from csat.models.people import Department
from csat.procedure.feedback import linking
from csat.web.choices import (
    client_choices,
    department_choices,
    issue_type_choices,
    severity_choices,
    supervisor_choices,
)
from csat.web.forms import (
    NamedForm,
    build_text_area,
    code_choices,
    limit_length,
    parse_key,
    record_choices,
    require_input,
)


class FeedbackForm(NamedForm):
    """What QA, the desk or a manager puts down about one problem."""

    title = StringField(_l("Title"), [*require_input(), limit_length(200)])
    words = build_text_area(_l("What the client said"), rows=4, required=False)
    issue_type = SelectField(_l("Type"), require_input(), coerce=parse_key, choices=issue_type_choices)
    severity = RadioField(_l("Severity"), require_input(), coerce=Severity, choices=severity_choices)


class ClassifyForm(FeedbackForm):
    """Out of a response: with where it came from and who deals with it."""

    department = SelectField(_l("Department"), coerce=parse_key, choices=department_choices)
    supervisor = SelectField(_l("QA supervisor"), coerce=parse_key, choices=supervisor_choices)
    linked_to = SelectField(_l("Same matter as"), coerce=parse_key, default="")


class EnterForm(FeedbackForm):
    """From elsewhere (P15)."""

    origin = RadioField(
        _l("How it came"),
        require_input(),
        coerce=FeedbackOrigin,
        choices=lambda: code_choices(
            *(origin for origin in FeedbackOrigin if origin != FeedbackOrigin.RESPONSE)
        ),
    )
    client = SelectField(_l("Client"), coerce=parse_key, choices=client_choices)


class AssignForm(NamedForm):
    department = SelectField(_l("Department"), require_input(), coerce=parse_key, choices=department_choices)
    supervisor = SelectField(
        _l("QA supervisor"), require_input(), coerce=parse_key, choices=supervisor_choices
    )


class SuperviseForm(NamedForm):
    supervisor = SelectField(
        _l("QA supervisor"), require_input(), coerce=parse_key, choices=supervisor_choices
    )


class ReclassifyForm(NamedForm):
    issue_type = SelectField(_l("Type"), require_input(), coerce=parse_key, choices=issue_type_choices)
    severity = RadioField(_l("Severity"), require_input(), coerce=Severity, choices=severity_choices)
    reason = build_text_area(_l("Reason"), rows=2)


class CallBackForm(NamedForm):
    outcome = RadioField(
        _l("Outcome"),
        require_input(),
        coerce=CallBackOutcome,
        choices=lambda: code_choices(CallBackOutcome.REACHED, CallBackOutcome.NOBODY),
    )
    words = build_text_area(_l("What was said"), required=False)


class ReplyForm(NamedForm):
    words = build_text_area(_l("Reply to the client"), rows=4)


class LinkForm(NamedForm):
    other = SelectField(_l("Same matter as"), require_input(), coerce=parse_key, default="")
    reason = build_text_area(_l("Reason or note"), rows=2, required=False)

    def offer(self, feedback: Feedback) -> LinkForm:
        """The open feedback of the same client and type."""
        rows = linking.list_link_candidates(feedback)
        self.other.choices = [
            SelectChoice("", gettext("Please choose")),
            *(SelectChoice(str(one.id), f"{one.number} {one.title}") for one in rows),
        ]
        return self


class UnlinkForm(NamedForm):
    reason = build_text_area(_l("Reason"), rows=2)


class AcceptForm(NamedForm):
    pass


class SendBackForm(NamedForm):
    reason = build_text_area(_l("What is missing"), rows=2)


class StartForm(NamedForm):
    pass


class PassOnForm(NamedForm):
    department = SelectField(_l("To"), coerce=parse_key, default="")
    reason = build_text_area(_l("Reason"), rows=2)

    def offer(self, feedback: Feedback) -> PassOnForm:
        """The other departments; the second time only QA."""
        others = Department.select().where(Department.id != feedback.department_id)
        rows = others.where(Department.retired_at.is_null()).order_by(Department.name)
        self.department.choices = record_choices(
            rows if feedback.passed_on == 0 else [], gettext("Back to QA")
        )
        return self


class ExplainForm(NamedForm):
    words = build_text_area(_l("What the client was told"))


class ConfirmForm(NamedForm):
    words = build_text_area(_l("Evidence that it works"))


class ReturnForm(NamedForm):
    words = build_text_area(_l("What does not convince"))
