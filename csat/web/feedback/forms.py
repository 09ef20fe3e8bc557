"""The forms of a feedback: creating one, and one form for each step of its way."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField, StringField, TextAreaField

from csat import clock
from csat.models.access import RoleGrant
from csat.models.clients import Client
from csat.models.feedback import (
    CallBackOutcome,
    Feedback,
    FeedbackOrigin,
    IssueType,
    RiskDomain,
    Severity,
)
from csat.models.people import Department, Person
from csat.models.roles import Role
from csat.procedure.campaigns import proposals
from csat.procedure.feedback import linking
from csat.terms import get_term
from csat.web.access import current_person
from csat.web.formatting import localised_name, localised_text, operator_zone
from csat.web.forms import StaffForm, limit_length, require_input

MAX_TEXT_LENGTH = 4000


def parse_key(typed: str) -> int | None:
    """A record's key out of a select; blank is none."""
    return int(typed) if typed else None


def record_choices(records: Iterable[Any], blank: str) -> list[SelectChoice]:
    """Clients or departments as choices, by name in the reader's language, after a blank one."""
    return [
        SelectChoice("", blank),
        *(SelectChoice(str(record.id), localised_name(record)) for record in records),
    ]


def person_choices(persons: Iterable[Person]) -> list[SelectChoice]:
    """Persons as choices, after a blank one."""
    blank = SelectChoice("", gettext("Please choose"))
    return [blank, *(SelectChoice(str(person.id), person.name) for person in persons)]


def code_choices(*codes: StrEnum) -> list[SelectChoice]:
    """Codes as choices, by their terms."""
    return [SelectChoice(code.value, gettext(get_term(code))) for code in codes]


def severity_choices() -> list[SelectChoice]:
    return code_choices(*Severity)


def department_choices() -> list[SelectChoice]:
    rows = Department.select().where(Department.retired_at.is_null()).order_by(Department.name)
    return record_choices(rows, gettext("Please choose"))


def client_choices() -> list[SelectChoice]:
    rows = Client.select().where(Client.retired_at.is_null(), Client.counts_as.is_null())
    own = proposals.find_visible_clients(current_person(), operator_zone(), clock.now())
    if own is not None:  # a project manager's: those in their care
        rows = rows.where(Client.id.in_(own or {0}))
    return record_choices(rows.order_by(Client.name), gettext("No client in particular"))


def supervisor_choices() -> list[SelectChoice]:
    """Everybody of QA."""
    holders = RoleGrant.select(RoleGrant.person).where(
        RoleGrant.role == Role.QA, RoleGrant.ended_at.is_null()
    )
    rows = Person.select().where(Person.id.in_(holders), Person.retired_at.is_null())
    return person_choices(rows.order_by(Person.name))


def issue_type_choices() -> list[SelectChoice]:
    """The types under their risk domains."""
    rows = IssueType.select(IssueType, RiskDomain).join(RiskDomain).where(IssueType.retired_at.is_null())
    rows = rows.order_by(RiskDomain.position, IssueType.position)
    return [
        SelectChoice("", gettext("Please choose"), optgroup=""),
        *(
            SelectChoice(str(row.id), localised_text(row.name), optgroup=localised_text(row.domain.name))
            for row in rows
        ),
    ]


class NamedForm(StaffForm):
    """A form beside others on one page: its fields' ids carry its name, so that labels find them."""

    def __init__(self, *arguments: object, **named_: object) -> None:
        super().__init__(*arguments, **named_)
        for field in self:
            field.id = f"{type(self).__name__}-{field.name}"
            field.label.field_id = field.id


def build_text_area(label: object, rows: int = 3, required: bool = True) -> TextAreaField:
    checks = [*(require_input() if required else []), limit_length(MAX_TEXT_LENGTH)]
    return TextAreaField(label, checks, render_kw={"rows": rows})


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
