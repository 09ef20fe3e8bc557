"""What the staff's forms share. Forms check shape; the procedure checks meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateTimeLocalField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from csat.config import LOCALES
from csat.models.clients import Client
from csat.models.people import Department, Person
from csat.procedure.core.bilingual import name_field
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.translations import HTML
from csat.web.errors import describe_refusal
from csat.web.formatting import localised_name, translate_term

Form = TypeVar("Form", bound=FlaskForm)
Made = TypeVar("Made")
Said = str | Callable[[Made], str]  # words or an address; of what the verb made
MAX_TEXT_LENGTH = 4000  # characters of a text area


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

    def process(self, *arguments: Any, **named: Any) -> None:
        """Read what was sent: a field of text that was left out is blank, as no browser of ours would leave it."""
        super().process(*arguments, **named)
        for field in self:
            if isinstance(field, StringField) and field.data is None:
                field.data = ""

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

    def by_language(self, name: str) -> dict[str, str]:
        """What was typed into the fields of one text in both languages."""
        return {language: self[name_field(name, language)].data or "" for language in LOCALES}


def bilingual(
    name: str,
    in_chinese: object,
    in_english: object,
    most: int | Mapping[str, int] = 0,
    field: type[StringField] = TextAreaField,
    rows: int = 0,
    required: bool = False,
) -> Callable[[type[Form]], type[Form]]:
    """Give a form's class a field for each language of a text: `name_zh` and `name_en`, with these labels."""

    def add_fields(form: type[Form]) -> type[Form]:
        for language, label in zip(LOCALES, (in_chinese, in_english), strict=True):
            limit = most if isinstance(most, int) else most[language]
            checks = [*(require_input() if required else []), *([limit_length(limit)] if limit else [])]
            look = {"lang": HTML[language], **({"rows": rows} if rows else {})}
            setattr(form, name_field(name, language), field(label, checks, render_kw=look))
        return form

    return add_fields


def submit(form: StaffForm, verb: Callable[[], Made], said: Said[Made], to: Said[Made]) -> ResponseReturnValue | None:
    """Let a form that was sent do its one thing: call the verb, say what is done, go on to an address.

    None when nothing was sent, its shape is wrong or the procedure refused: the view's page, with the form, says why.
    """
    if not form.validate_on_submit():
        return None
    try:
        made = verb()
    except Refusal as refusal:
        form.object_to(refusal)
        return None
    flash(said(made) if callable(said) else said)
    return redirect(to(made) if callable(to) else to)


def render_form(template: str, form: StaffForm, **values: object) -> tuple[str, int]:
    """The page of a form: 422 when what was sent could not be taken, so that no browser keeps it as done."""
    return render_template(template, form=form, **values), 422 if form.errors else 200


class NamedForm(StaffForm):
    """A form beside others on one page: its fields' ids carry its name."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        for field in self:
            field.id = f"{type(self).__name__}-{field.name}"  # two fields of one id: a label finds the wrong one
            field.label.field_id = field.id


class ButtonForm(StaffForm):
    """Only a button."""


def press_button(verb: Callable[..., object], *arguments: object, to: str) -> Response:
    """Let a button do its one thing, say that it was done or why not, and go on to an address."""
    try:
        verb(*arguments)
    except Refusal as refusal:
        flash(describe_refusal(refusal), "bad")
    else:
        flash(gettext("Done, and on record."))
    return redirect(to)


def set_choices(field: SelectField, choices: list[tuple[str, str]], blank: str | None = None) -> None:
    """Give a select its choices, with a first one that means 'none' when `blank` has words."""
    field.choices = _choices_after(blank, choices)


def build_datetime_field(label: object) -> DateTimeLocalField:
    """A field for a date and time of the operator's zone that can stay blank; read it with local_instant."""
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
    return DateTimeLocalField(label, format=formats, validators=[Optional()])


def to_local_instant(value: datetime | None, zone: Any) -> datetime | None:
    """A date and time typed without a zone, as the operator's local time."""
    return None if value is None else value.replace(tzinfo=zone)


def build_text_area(label: object, rows: int = 3, required: bool = True, most: int = MAX_TEXT_LENGTH) -> TextAreaField:
    """A field for some lines of text."""
    checks = [*(require_input() if required else []), limit_length(most)]
    return TextAreaField(label, checks, render_kw={"rows": rows})


def parse_key(typed: str) -> int | None:
    """A record's key out of a select; blank is none."""
    return int(typed) if typed else None


def code_choices(*codes: StrEnum) -> list[SelectChoice]:
    """Codes as choices, by their terms."""
    return [SelectChoice(code.value, translate_term(code)) for code in codes]


def record_choices(records: Iterable[Client | Department], blank: str | None = None) -> list[SelectChoice]:
    """Clients or departments as choices, by name in the reader's language, after a blank one with words."""
    return _choices_after(blank, [(str(record.id), localised_name(record)) for record in records])


def person_choices(persons: Iterable[Person], blank: str | None = None) -> list[SelectChoice]:
    """Persons as choices, after a blank one with words."""
    return _choices_after(blank, [(str(person.id), person.name) for person in persons])


def _choices_after(blank: str | None, choices: list[tuple[str, str]]) -> list[SelectChoice]:
    given = ([("", blank)] if blank is not None else []) + choices
    return [SelectChoice(value, label) for value, label in given]
