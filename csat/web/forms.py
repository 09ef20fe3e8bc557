"""What the staff's forms share. Forms check shape; the procedure checks meaning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, Field, SelectChoice, SelectField
from wtforms.validators import DataRequired, Length, Optional

from csat.procedure.core.refusals import InputWrong, Refusal
from csat.web.errors import describe_refusal


def require_input() -> list[Any]:
    """Validators of a field that must be filled in."""
    return [DataRequired(_l("Please fill this in."))]


def limit_length(characters: int) -> Length:
    """Validator of a text's length."""
    return Length(max=characters, message=_l("Please use at most %(max)d characters."))


class StaffForm(FlaskForm):
    """A form of the staff: carries a token of the session, and keeps what was typed when shown again."""

    class Meta:
        csrf_time_limit = None  # the token lives as long as the session

    def take(self, verb: Callable[..., object], *arguments: object, **named: object) -> Any:
        """Call a verb of the procedure; put its refusal beside the field it belongs to. None when refused."""
        try:
            return verb(*arguments, **named) or True
        except Refusal as refusal:
            self.object_to(refusal)
            return None

    def object_to(self, refusal: Refusal) -> None:
        """Show a refusal at its field, or above the form."""
        field = getattr(refusal, "field", "") if isinstance(refusal, InputWrong) else ""
        if field and field in self._fields:
            self._fields[field].errors = [*self._fields[field].errors, describe_refusal(refusal)]
        else:
            self.form_errors.append(describe_refusal(refusal))


class ButtonForm(StaffForm):
    """Only a button."""


def set_choices(field: SelectField, choices: list[tuple[str, str]], blank: str | None = None) -> None:
    """Give a select its choices, with a first one that means 'none' when `blank` has words."""
    given = ([("", blank)] if blank is not None else []) + choices
    field.choices = [SelectChoice(value, label) for value, label in given]


def build_datetime_field(label: object) -> DateTimeLocalField:
    """A field for a date and time of the operator's zone that can stay blank; read it with local_instant."""
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return DateTimeLocalField(label, format=formats, validators=[Optional()])


def to_local_instant(value: datetime | None, zone: Any) -> datetime | None:
    """A date and time typed without a zone, as the operator's local time."""
    return None if value is None else value.replace(tzinfo=zone)


__all__ = [
    "Field",
    "ButtonForm",
    "StaffForm",
    "limit_length",
    "set_choices",
    "to_local_instant",
    "build_datetime_field",
    "require_input",
]
