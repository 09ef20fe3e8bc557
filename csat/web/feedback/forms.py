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
from csat.terms import term
from csat.web.access import me
from csat.web.formatting import named, text, zone
from csat.web.forms import StaffForm, at_most, needed

LONGEST = 4000


def key(typed: str) -> int | None:
    """A record's key out of a select; blank is none."""
    return int(typed) if typed else None


def of_records(records: Iterable[Any], blank: str) -> list[SelectChoice]:
    """Clients or departments as choices, by name in the reader's language, after a blank one."""
    return [SelectChoice("", blank), *(SelectChoice(str(record.id), named(record)) for record in records)]


def of_persons(persons: Iterable[Person]) -> list[SelectChoice]:
    """Persons as choices, after a blank one."""
    blank = SelectChoice("", gettext("Please choose"))
    return [blank, *(SelectChoice(str(person.id), person.name) for person in persons)]


def of_codes(*codes: StrEnum) -> list[SelectChoice]:
    """Codes as choices, by their terms."""
    return [SelectChoice(code.value, gettext(term(code))) for code in codes]


def severities() -> list[SelectChoice]:
    return of_codes(*Severity)


def departments() -> list[SelectChoice]:
    rows = Department.select().where(Department.retired_at.is_null()).order_by(Department.name)
    return of_records(rows, gettext("Please choose"))


def clients() -> list[SelectChoice]:
    rows = Client.select().where(Client.retired_at.is_null(), Client.counts_as.is_null())
    own = proposals.clients_of(me(), zone(), clock.now())
    if own is not None:  # a project manager's: those in their care
        rows = rows.where(Client.id.in_(own or {0}))
    return of_records(rows.order_by(Client.name), gettext("No client in particular"))


def supervisors() -> list[SelectChoice]:
    """Everybody of QA."""
    holders = RoleGrant.select(RoleGrant.person).where(
        RoleGrant.role == Role.QA, RoleGrant.ended_at.is_null()
    )
    rows = Person.select().where(Person.id.in_(holders), Person.retired_at.is_null())
    return of_persons(rows.order_by(Person.name))


def issue_types() -> list[SelectChoice]:
    """The types under their risk domains."""
    rows = IssueType.select(IssueType, RiskDomain).join(RiskDomain).where(IssueType.retired_at.is_null())
    rows = rows.order_by(RiskDomain.position, IssueType.position)
    return [
        SelectChoice("", gettext("Please choose"), optgroup=""),
        *(SelectChoice(str(row.id), text(row.name), optgroup=text(row.domain.name)) for row in rows),
    ]


class OneOfSeveral(StaffForm):
    """A form beside others on one page: its fields' ids carry its name, so that labels find them."""

    def __init__(self, *arguments: Any, **named_: Any) -> None:
        super().__init__(*arguments, **named_)
        for field in self:
            field.id = f"{type(self).__name__}-{field.name}"
            field.label.field_id = field.id


def prose(label: Any, rows: int = 3, required: bool = True) -> TextAreaField:
    checks = [*(needed() if required else []), at_most(LONGEST)]
    return TextAreaField(label, checks, render_kw={"rows": rows})


class FeedbackForm(OneOfSeveral):
    """What QA, the desk or a manager puts down about one problem."""

    title = StringField(_l("Title"), [*needed(), at_most(200)])
    words = prose(_l("What the client said"), rows=4, required=False)
    issue_type = SelectField(_l("Type"), needed(), coerce=key, choices=issue_types)
    severity = RadioField(_l("Severity"), needed(), coerce=Severity, choices=severities)


class ClassifyForm(FeedbackForm):
    """Out of a response: with where it came from and who deals with it."""

    department = SelectField(_l("Department"), coerce=key, choices=departments)
    supervisor = SelectField(_l("QA supervisor"), coerce=key, choices=supervisors)
    linked_to = SelectField(_l("Same matter as"), coerce=key, default="")


class EnterForm(FeedbackForm):
    """From elsewhere (P15)."""

    origin = RadioField(
        _l("How it came"),
        needed(),
        coerce=FeedbackOrigin,
        choices=lambda: of_codes(*(origin for origin in FeedbackOrigin if origin != FeedbackOrigin.RESPONSE)),
    )
    client = SelectField(_l("Client"), coerce=key, choices=clients)


class AssignForm(OneOfSeveral):
    department = SelectField(_l("Department"), needed(), coerce=key, choices=departments)
    supervisor = SelectField(_l("QA supervisor"), needed(), coerce=key, choices=supervisors)


class SuperviseForm(OneOfSeveral):
    supervisor = SelectField(_l("QA supervisor"), needed(), coerce=key, choices=supervisors)


class ReclassifyForm(OneOfSeveral):
    issue_type = SelectField(_l("Type"), needed(), coerce=key, choices=issue_types)
    severity = RadioField(_l("Severity"), needed(), coerce=Severity, choices=severities)
    reason = prose(_l("Reason"), rows=2)


class CallBackForm(OneOfSeveral):
    outcome = RadioField(
        _l("Outcome"),
        needed(),
        coerce=CallBackOutcome,
        choices=lambda: of_codes(CallBackOutcome.REACHED, CallBackOutcome.NOBODY),
    )
    words = prose(_l("What was said"), required=False)


class ReplyForm(OneOfSeveral):
    words = prose(_l("Reply to the client"), rows=4)


class LinkForm(OneOfSeveral):
    other = SelectField(_l("Same matter as"), needed(), coerce=key, default="")
    reason = prose(_l("Reason or note"), rows=2, required=False)

    def offer(self, feedback: Feedback) -> LinkForm:
        """The open feedback of the same client and type."""
        rows = linking.candidates(feedback)
        self.other.choices = [
            SelectChoice("", gettext("Please choose")),
            *(SelectChoice(str(one.id), f"{one.number} {one.title}") for one in rows),
        ]
        return self


class UnlinkForm(OneOfSeveral):
    reason = prose(_l("Reason"), rows=2)


class AcceptForm(OneOfSeveral):
    pass


class SendBackForm(OneOfSeveral):
    reason = prose(_l("What is missing"), rows=2)


class StartForm(OneOfSeveral):
    pass


class PassOnForm(OneOfSeveral):
    department = SelectField(_l("To"), coerce=key, default="")
    reason = prose(_l("Reason"), rows=2)

    def offer(self, feedback: Feedback) -> PassOnForm:
        """The other departments; the second time only QA."""
        others = Department.select().where(Department.id != feedback.department_id)
        rows = others.where(Department.retired_at.is_null()).order_by(Department.name)
        self.department.choices = of_records(rows if feedback.passed_on == 0 else [], gettext("Back to QA"))
        return self


class ExplainForm(OneOfSeveral):
    words = prose(_l("What the client was told"))


class ConfirmForm(OneOfSeveral):
    words = prose(_l("Evidence that it works"))


class ReturnForm(OneOfSeveral):
    words = prose(_l("What does not convince"))
