"""Clients and their contacts: list, one client, contacts with masked addresses, care, import."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired

from csat import clock
from csat.adapters import files, table_reader
from csat.models.clients import Client, Tier
from csat.models.people import Person
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.clients import clients as rules
from csat.procedure.clients import imports
from csat.procedure.core import contact_details, uploads
from csat.procedure.core.refusals import NotFound
from csat.procedure.people import people
from csat.procedure.upkeep import retention
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.formatting import terms_of, today
from csat.web.forms import PlainForm, StaffForm, at_most, choose, needed
from csat.web.pagination import slice_of
from csat.web.people.sign_in import LANGUAGES

blueprint = Blueprint("clients", __name__)
blueprint.add_app_template_filter(contact_details.masked_email, "masked_email")
blueprint.add_app_template_filter(contact_details.masked_telephone, "masked_telephone")


class ClientForm(StaffForm):
    name = StringField(_l("Name"), [*needed(), at_most(200)])
    name_en = StringField(_l("Name in English"), [at_most(200)])
    tier = SelectField(_l("Tier"), choices=lambda: dict(terms_of(Tier)))
    note = TextAreaField(_l("Note"), [at_most(2000)], render_kw={"rows": 3})


class CareForm(StaffForm):
    manager = SelectField(_l("Project manager"), choices=[])
    since = DateField(_l("From"), [InputRequired(_l("Please enter a date."))])


class ContactForm(StaffForm):
    name = StringField(_l("Full name"), [*needed(), at_most(120)], render_kw={"autocomplete": "off"})
    email = EmailField(_l("E-mail"), [at_most(200)], render_kw={"autocomplete": "off"})
    telephone = TelField(_l("Telephone"), [at_most(40)], render_kw={"autocomplete": "off"})
    language = SelectField(_l("Language"), choices=dict(LANGUAGES))


class UploadForm(StaffForm):
    table = FileField(_l("File"), [FileRequired(_l("Please choose a file."))])


# --- the list, and one client ------------------------------------------------------------------------


@blueprint.get("/admin/clients")
@open_to("clients.see")
def index() -> str:
    """The clients this person may see."""
    search, retired = request.args.get("search", "").strip(), "retired" in request.args
    tier = request.args.get("tier", "")
    chosen = Tier(tier) if tier in list(Tier) else None
    found = slice_of(rules.listed(me(), today(), search, chosen, retired))
    return render_template(
        "clients/index.html",
        found=found,
        search=search,
        tier=tier,
        retired=retired,
        tiers=terms_of(Tier),
        managers=rules.managers_on(today()),
        contacts=rules.contact_counts([client.id for client in found.rows]),
    )


@blueprint.route("/admin/clients/new", methods=["GET", "POST"])
@open_to("clients")
def add() -> Any:
    """Add a client."""
    form = ClientForm()
    if form.validate_on_submit():
        names = {"name_en": form.name_en.data, "note": form.note.data}
        client = form.take(rules.add, form.name.data, Tier(form.tier.data), me(), clock.now(), **names)
        if client:
            flash(gettext("%(name)s is added.", name=client.name))
            return redirect(url_for(".client", key=client.id))
    return render_template("clients/new.html", form=form)


@blueprint.get("/admin/clients/<int:key>")
@open_to("clients.see")
def client(key: int) -> str:
    """One client: whose care, which contacts."""
    return _client_page(rules.client_for(me(), key, today()))


@blueprint.route("/admin/clients/<int:key>/edit", methods=["GET", "POST"])
@open_to("clients")
def edit(key: int) -> Any:
    """Change what is known of a client."""
    one = rules.client_for(me(), key, today())
    form = ClientForm(obj=one)
    if form.validate_on_submit():
        fields = (form.name.data, Tier(form.tier.data), form.name_en.data, form.note.data)
        if form.take(rules.change, one, *fields, me(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".client", key=key))
    return render_template("clients/edit.html", one=one, form=form, plain=PlainForm(formdata=None))


@blueprint.post("/admin/clients/<int:key>/retire")
@open_to("clients")
def retire(key: int) -> Any:
    """Take a client out of use, or back into it."""
    one = rules.client_for(me(), key, today())
    (rules.restore if one.retired_at else rules.retire)(one, me(), clock.now())
    flash(gettext("Done, and on record."))
    return redirect(url_for(".client", key=key))


@blueprint.post("/admin/clients/<int:key>/care")
@open_to("clients")
def hand_over(key: int) -> Any:
    """Put a client into a project manager's care from a day on, or into nobody's."""
    one, form = rules.client_for(me(), key, today()), CareForm()
    choose(form.manager, _managers(one), gettext("Nobody"))
    if form.validate_on_submit() and form.take(_hand_over, one, form):
        flash(gettext("Saved."))
        return redirect(url_for(".client", key=key))
    return _client_page(one, care=form)


def _hand_over(one: Client, form: CareForm) -> None:
    if form.manager.data:
        manager = people.person_at(int(form.manager.data))
        rules.put_in_care(one, manager, form.since.data, me(), clock.now())
    else:
        rules.end_care(one, form.since.data, me(), clock.now())


# --- contacts ----------------------------------------------------------------------------------------


@blueprint.route("/admin/clients/<int:key>/contacts/new", methods=["GET", "POST"])
@open_to("contacts")
def add_contact(key: int) -> Any:
    """Add a contact."""
    one, form = rules.client_to_edit(me(), key, today()), ContactForm()
    if form.validate_on_submit() and form.take(rules.add_contact, one, *_fields(form), me(), clock.now()):
        flash(gettext("%(name)s is added.", name=form.name.data))
        return redirect(url_for(".client", key=key))
    return render_template("clients/contact.html", one=one, contact=None, form=form)


@blueprint.route("/admin/contacts/<int:key>", methods=["GET", "POST"])
@open_to("contacts")
def contact(key: int) -> Any:
    """Change a contact; addresses stand masked in the form and stay as they are unless typed anew."""
    someone = rules.contact_for(me(), key, today())
    masked = {
        "email": rules.masked_email(someone.email),
        "telephone": rules.masked_telephone(someone.telephone),
    }
    form = ContactForm(name=someone.name, language=someone.language, **masked)
    if form.validate_on_submit() and form.take(
        rules.change_contact, someone, *_fields(form), me(), clock.now()
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".client", key=someone.client_id))
    plain = PlainForm(formdata=None)
    return render_template(
        "clients/contact.html", one=someone.client, contact=someone, form=form, plain=plain
    )


@blueprint.post("/admin/contacts/<int:key>/unmask")
@open_to("contacts")
def unmask(key: int) -> str:
    """Show a contact's addresses in full, on record."""
    someone = rules.contact_for(me(), key, today())
    email, telephone = rules.unmask(someone, me(), clock.now())
    return render_template("clients/unmasked.html", contact=someone, email=email, telephone=telephone)


@blueprint.post("/admin/contacts/<int:key>/retire")
@open_to("contacts")
def retire_contact(key: int) -> Any:
    """Ask this contact no more, or again."""
    someone = rules.contact_for(me(), key, today())
    (rules.restore_contact if someone.retired_at else rules.retire_contact)(someone, me(), clock.now())
    flash(gettext("Done, and on record."))
    return redirect(url_for(".client", key=someone.client_id))


@blueprint.route("/admin/contacts/<int:key>/erase", methods=["GET", "POST"])
@open_to("clients")
def erase_contact(key: int) -> Any:
    """Ask first, then overwrite a contact's personal details (D5)."""
    someone, form = retention.contact_to_erase(me(), key), PlainForm()
    if form.validate_on_submit():
        retention.erase(someone, me(), clock.now())
        flash(gettext("The personal details are erased. Answers and figures stay."))
        return redirect(url_for(".client", key=someone.client_id))
    held = retention.held_of(someone)
    return render_template("clients/erase.html", contact=someone, one=someone.client, held=held, form=form)


# --- import ------------------------------------------------------------------------------------------


@blueprint.route("/admin/clients/import", methods=["GET", "POST"])
@open_to("clients")
def upload() -> Any:
    """Take a file with clients and contacts; nothing is imported before it was looked at."""
    form = UploadForm()
    if form.validate_on_submit():
        content, name = form.table.data.read(), form.table.data.filename or ""
        try:
            table_reader.read(content, imports.MOST_ROWS)
        except table_reader.TableUnreadable as error:
            form.table.errors = [
                gettext(error.sentence) % error.facts if error.facts else gettext(error.sentence)
            ]
        else:
            return redirect(url_for(".preview", key=_keep(content, name).id))
    return render_template("clients/import.html", form=form, columns=imports.COLUMNS)


@blueprint.get("/admin/clients/import/template.csv")
@open_to("clients")
def template() -> Response:
    """An empty table with our headings and one example, as Excel and WPS read it."""
    language = current_user.account.locale
    text = imports.template(language)
    response = Response(text.encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=clients.csv"
    return response


@blueprint.get("/admin/clients/import/<int:key>")
@open_to("clients")
def preview(key: int) -> str:
    """What the file would change, or which rows stand in its way."""
    return _preview_page(uploads.upload_for(me(), key), PlainForm(formdata=None))


@blueprint.post("/admin/clients/import/<int:key>")
@open_to("clients")
def confirm(key: int) -> Any:
    """Import the file that was looked at: all of it or nothing."""
    stored, form = uploads.upload_for(me(), key), PlainForm()
    table = _table(stored)
    if form.validate_on_submit():
        counts = form.take(imports.bring_in, table.head, table.rows, today(), me(), clock.now())
        if counts:
            _forget(stored)
            flash(_said(counts))
            return redirect(url_for(".index"))
    return _preview_page(stored, form)


@blueprint.post("/admin/clients/import/<int:key>/discard")
@open_to("clients")
def discard(key: int) -> Any:
    """Forget the uploaded file."""
    _forget(uploads.upload_for(me(), key))
    return redirect(url_for(".upload"))


# --- what these views share --------------------------------------------------------------------------


def _client_page(one: Client, care: CareForm | None = None) -> str:
    now = rules.manager_of(one, today())
    care = care or CareForm(formdata=None, since=today(), manager=str(now.id) if now else "")
    choose(care.manager, _managers(one), gettext("Nobody"))
    return render_template(
        "clients/client.html",
        one=one,
        contacts=rules.contacts_of(one),
        history=rules.care_history(one),
        care=care,
        editable=_editable(one),
    )


def _editable(one: Client) -> bool:
    """Whether this person may change the client's contacts."""
    try:
        return bool(rules.client_to_edit(me(), one.id, today()))
    except NotFound:
        return False


def _managers(one: Client) -> list[tuple[str, str]]:
    """Who can take a client into care: project managers, and who has it now."""
    persons: dict[int, Person] = {person.id: person for person in people.holders(Role.MANAGER)}
    now = rules.manager_of(one, today())
    if now is not None:
        persons.setdefault(now.id, now)
    return [(str(key), person.name) for key, person in persons.items()]


def _fields(form: ContactForm) -> tuple[str, ...]:
    values = (form.name.data, form.email.data, form.telephone.data, form.language.data)
    return tuple(value or "" for value in values)


def _keep(content: bytes, name: str) -> StoredFile:
    folder = current_app.config["CSAT"].files
    for old in uploads.uploads_of(me()):
        _forget(old)
    place = files.keep(folder, content)
    digest = hashlib.sha256(content).hexdigest()
    return uploads.keep(place, name, len(content), digest, me(), clock.now())


def _forget(stored: StoredFile) -> None:
    uploads.forget(stored)
    files.forget(current_app.config["CSAT"].files, stored.place)


def _table(stored: StoredFile) -> table_reader.TableIn:
    content = files.read(current_app.config["CSAT"].files, stored.place)
    return table_reader.read(content, imports.MOST_ROWS)


def _preview_page(stored: StoredFile, form: PlainForm) -> str:
    table = _table(stored)
    made = imports.plan(table.head, table.rows, today())
    problems = [(problem, say(problem.refusal)) for problem in made.problems]
    return render_template(
        "clients/preview.html", stored=stored, made=made, counts=made.counts(), problems=problems, form=form
    )


def _said(counts: dict[str, int]) -> str:
    return gettext(
        "Imported: %(clients_new)s clients new, %(clients_changed)s changed; "
        "%(contacts_new)s contacts new, %(contacts_changed)s changed.",
        **counts,
    )
