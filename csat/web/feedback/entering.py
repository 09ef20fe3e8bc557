"""Entering what came without a response (P15, P16), and following what became of it."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import DateField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from csat import clock
from csat.models.clients import Client, Contact
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType
from csat.models.people import Department, Person
from csat.models.praise import Praise
from csat.procedure.feedback import entering, following, notes, praise
from csat.procedure.feedback.entering import HAND_ORIGINS, Telling
from csat.procedure.people.attachments import FileToAttach
from csat.procedure.people.departments import list_members_on
from csat.web.access import current_person, open_to, takes_files
from csat.web.choices import department_choices
from csat.web.feedback.board import blueprint
from csat.web.feedback.forms import FeedbackForm, NoteForm
from csat.web.formatting import format_day, local_today, operator_zone
from csat.web.forms import (
    NamedForm,
    build_text_area,
    code_choices,
    limit_length,
    parse_key,
    person_choices,
    record_choices,
    render_form,
    require_input,
    set_choices,
    submit,
)
from csat.web.pagination import paginate
from csat.web.people.attachments import build_files_field, take_files

OFFER = "offer"  # the button that shows what belongs to what was chosen so far; nothing is entered yet


def client_choices() -> list[SelectChoice]:
    """The clients that the reader can name."""
    rows = entering.select_clients(current_person(), clock.now(), operator_zone())
    return record_choices(rows.order_by(Client.name), gettext("No client in particular"))


class TellingFields:
    """Who told us, how, when, of which client, about which incident."""

    origin = RadioField(
        _l("How it came"), require_input(), coerce=FeedbackOrigin, choices=lambda: code_choices(*HAND_ORIGINS)
    )
    said_on = DateField(_l("Said or seen on"), [Optional()])  # blank is refused by the verb, in a sentence
    client = SelectField(_l("Client"), coerce=parse_key, choices=client_choices)
    contact = SelectField(_l("Who said it"), coerce=parse_key, default="", validate_choice=False)
    said_by = StringField(_l("Or somebody else, by name"), [limit_length(120)])
    incident = StringField(_l("Number of the incident"), [limit_length(60)], render_kw={"list": "incidents"})
    files = build_files_field()


class EnterForm(TellingFields, FeedbackForm):
    """A matter that somebody has to deal with."""


class PraisedFields:
    """Whom praise is for."""

    words = build_text_area(_l("Words of praise"), rows=4)
    department = SelectField(_l("Department"), coerce=parse_key, choices=department_choices)
    persons = SelectMultipleField(
        _l("Who is praised"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class EnterPraiseForm(TellingFields, PraisedFields, NamedForm):
    """Words of thanks."""


@blueprint.get("/new")
@open_to("feedback.enter")
def show_entry_form() -> str:
    """Enter a feedback that came by telephone, e-mail, meeting or staff observation."""
    return _render_entry(EnterForm(formdata=None, said_on=local_today()))


@blueprint.post("/new")
@open_to("feedback.enter")
@takes_files
def enter_feedback() -> ResponseReturnValue:
    """Put it down; QA classifies and assigns it. Or only offer what belongs to the client."""
    form = EnterForm()
    if request.form.get("do") == OFFER:
        return _render_entry(form)
    sees = current_user.may("feedback.classify")
    done = submit(
        form,
        lambda: take_files(form, lambda kept: _save_feedback(form, kept)),
        lambda made: gettext("%(number)s is entered. QA gives it to a department.", number=made.number),
        lambda made: url_for(".show_feedback", key=made.id) if sees else url_for(".list_entered"),
    )
    return done or (_render_entry(form), 422)


@blueprint.get("/praise/new")
@open_to("feedback.enter")
def show_praise_form() -> str:
    """Enter praise that came without a response."""
    return _render_praise_entry(EnterPraiseForm(formdata=None, said_on=local_today()))


@blueprint.post("/praise/new")
@open_to("feedback.enter")
@takes_files
def enter_praise() -> ResponseReturnValue:
    """Put it down: department and people see it at once. Or only offer what belongs to client and department."""
    form = EnterPraiseForm()
    if request.form.get("do") == OFFER:
        return _render_praise_entry(form)
    done = submit(
        form,
        lambda: take_files(form, lambda kept: _save_praise(form, kept)),
        lambda made: gettext("%(number)s is entered, and shown to the department.", number=made.number),
        url_for(".list_entered"),
    )
    return done or (_render_praise_entry(form), 422)


@blueprint.get("/entered")
@open_to("feedback.enter")
def list_entered() -> str:
    """What became of what the reader entered."""
    listed = paginate(following.select_entered(current_person()))
    return render_template(
        "feedback/entered.html",
        listed=listed,
        states=following.describe_states(listed.rows),
        praise=following.list_entered_praise(current_person()),
        sees=current_user.may("feedback.classify"),
    )


@blueprint.route("/entered/<int:key>", methods=["GET", "POST"])
@open_to("feedback.enter")
def show_entered(key: int) -> ResponseReturnValue:
    """What one entered, where it stands, and one's own notes for those at work on it."""
    person, form = current_person(), NoteForm()
    feedback = following.entered_for(person, key)
    done = submit(
        form,
        lambda: notes.add_note(feedback, form.words.data or "", person, clock.now()),
        said=gettext("The note is in the feedback."),
        to=url_for(".show_entered", key=key),
    )
    return done or render_form(
        "feedback/entered_one.html",
        form,
        feedback=feedback,
        state=following.describe_states([feedback])[feedback.id],
        notes=following.list_own_notes(feedback, person),
    )


def offer_persons(field: SelectMultipleField, department: int | None) -> None:
    """Let who belongs to a department today be ticked."""
    members = list_members_on(department, local_today()) if department else []
    field.choices = person_choices(one for one in members if one.id != current_person().id)


def chosen_persons(field: SelectMultipleField) -> list[Person]:
    """The persons who were ticked."""
    return list(Person.select().where(Person.id.in_(field.data or [])).order_by(Person.id))


def _save_feedback(form: EnterForm, kept: list[FileToAttach]) -> Feedback:
    return entering.enter_feedback(
        _read_telling(form),
        form.title.data or "",
        form.words.data or "",
        IssueType.get_by_id(form.issue_type.data),
        form.severity.data,
        current_person(),
        clock.now(),
        operator_zone(),
        kept,
    )


def _save_praise(form: EnterPraiseForm, kept: list[FileToAttach]) -> Praise:
    return praise.enter_praise(
        _read_telling(form),
        form.words.data or "",
        Department.get_or_none(Department.id == form.department.data),
        chosen_persons(form.persons),
        current_person(),
        clock.now(),
        operator_zone(),
        kept,
    )


def _read_telling(form: EnterForm | EnterPraiseForm) -> Telling:
    client = Client.get_or_none(Client.id == form.client.data)
    number = form.incident.data or ""
    return Telling(
        origin=form.origin.data,
        said_on=form.said_on.data,
        client=client,
        contact=Contact.get_or_none(Contact.id == form.contact.data),
        said_by=form.said_by.data or "",
        incident=entering.find_incident(current_person(), number, client, clock.now(), operator_zone()),
    )


def _offer_known(form: EnterForm | EnterPraiseForm) -> dict[str, object]:
    """Offer the contacts and the latest incidents of the chosen client."""
    reader, client = current_person(), Client.get_or_none(Client.id == form.client.data)
    contacts = [(str(one.id), one.name) for one in entering.list_contacts(reader, client)]
    set_choices(form.contact, contacts, gettext("Nobody in particular"))
    recent = entering.list_recent_incidents(reader, client, clock.now(), operator_zone())
    told = [
        (one.number, f"{one.title} · {format_day(one.opened_at)}" if one.opened_at else one.title) for one in recent
    ]
    return {"client": client, "recent": told}


def _render_entry(form: EnterForm) -> str:
    types = IssueType.select().where(IssueType.retired_at.is_null()).order_by(IssueType.position)
    return render_template("feedback/new.html", form=form, types=types, **_offer_known(form))


def _render_praise_entry(form: EnterPraiseForm) -> str:
    offer_persons(form.persons, form.department.data)
    return render_template("feedback/new_praise.html", form=form, **_offer_known(form))
