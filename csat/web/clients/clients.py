"""Clients and their contacts: list, one client, contacts with masked addresses, care, import."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired

from csat import clock
from csat.adapters import table_reader
from csat.models.clients import Client, Tier
from csat.models.people import Person
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.clients import clients as rules
from csat.procedure.clients import imports
from csat.procedure.core import contact_details, uploads
from csat.procedure.core.refusals import NotFound
from csat.procedure.core.uploads import UploadKind
from csat.procedure.people import people, permissions
from csat.procedure.upkeep import retention
from csat.web.access import current_person, open_to
from csat.web.downloads import read_stored, send_content
from csat.web.errors import describe_refusal, translate_sentence
from csat.web.formatting import list_terms, local_today
from csat.web.forms import ButtonForm, StaffForm, limit_length, require_input, set_choices
from csat.web.language import LANGUAGE_CHOICES
from csat.web.pagination import paginate
from csat.web.params import parse_code
from csat.web.uploads import delete_uploads, keep_upload

blueprint = Blueprint("clients", __name__)
blueprint.add_app_template_filter(contact_details.mask_email, "masked_email")
blueprint.add_app_template_filter(contact_details.mask_telephone, "masked_telephone")


class ClientForm(StaffForm):
    name = StringField(_l("Name"), [*require_input(), limit_length(200)])
    name_en = StringField(_l("Name in English"), [limit_length(200)])
    tier = SelectField(_l("Tier"), choices=lambda: dict(list_terms(Tier)))
    note = TextAreaField(_l("Note"), [limit_length(2000)], render_kw={"rows": 3})


class CareForm(StaffForm):
    manager = SelectField(_l("Project manager"), choices=[])
    since = DateField(_l("From"), [InputRequired(_l("Please enter a date."))])


class ContactForm(StaffForm):
    name = StringField(
        _l("Full name"), [*require_input(), limit_length(120)], render_kw={"autocomplete": "off"}
    )
    email = EmailField(_l("E-mail"), [limit_length(200)], render_kw={"autocomplete": "off"})
    telephone = TelField(_l("Telephone"), [limit_length(40)], render_kw={"autocomplete": "off"})
    language = SelectField(_l("Language"), choices=dict(LANGUAGE_CHOICES))


class ClientUploadForm(StaffForm):
    table = FileField(_l("File"), [FileRequired(_l("Please choose a file."))])


# --- the list, and one client ------------------------------------------------------------------------


@blueprint.get("/admin/clients")
@open_to("clients.see")
def list_clients() -> str:
    """The clients this person may see."""
    search, retired = request.args.get("search", "").strip(), "retired" in request.args
    tier = parse_code(Tier, "tier")
    found = paginate(rules.list_clients(current_person(), local_today(), search, tier, retired))
    return render_template(
        "clients/index.html",
        found=found,
        search=search,
        tier=tier or "",
        retired=retired,
        tiers=list_terms(Tier),
        managers=rules.list_managers(local_today()),
        contacts=rules.count_contacts([client.id for client in found.rows]),
    )


@blueprint.route("/admin/clients/new", methods=["GET", "POST"])
@open_to("clients")
def add_client() -> ResponseReturnValue:
    """Add a client."""
    form = ClientForm()
    if form.validate_on_submit():
        names = {"name_en": form.name_en.data, "note": form.note.data}
        client = form.take(
            rules.add_client, form.name.data, Tier(form.tier.data), current_person(), clock.now(), **names
        )
        if client:
            flash(gettext("%(name)s is added.", name=client.name))
            return redirect(url_for(".show_client", key=client.id))
    return render_template("clients/new.html", form=form)


@blueprint.get("/admin/clients/<int:key>")
@open_to("clients.see")
def show_client(key: int) -> str:
    """One client: whose care, which contacts."""
    return _render_client(rules.client_for(current_person(), key, local_today()))


@blueprint.route("/admin/clients/<int:key>/edit", methods=["GET", "POST"])
@open_to("clients")
def edit_client(key: int) -> ResponseReturnValue:
    """Change what is known of a client."""
    one = rules.client_for(current_person(), key, local_today())
    form = ClientForm(obj=one)
    if form.validate_on_submit():
        fields = (form.name.data, Tier(form.tier.data), form.name_en.data, form.note.data)
        if form.take(rules.change_client, one, *fields, current_person(), clock.now()):
            flash(gettext("Saved."))
            return redirect(url_for(".show_client", key=key))
    return render_template("clients/edit.html", one=one, form=form, plain=ButtonForm(formdata=None))


@blueprint.post("/admin/clients/<int:key>/retire")
@open_to("clients")
def retire_client(key: int) -> ResponseReturnValue:
    """Take a client out of use, or back into it."""
    one = rules.client_for(current_person(), key, local_today())
    (rules.restore_client if one.retired_at else rules.retire_client)(one, current_person(), clock.now())
    flash(gettext("Done, and on record."))
    return redirect(url_for(".show_client", key=key))


@blueprint.post("/admin/clients/<int:key>/care")
@open_to("clients")
def change_manager(key: int) -> ResponseReturnValue:
    """Put a client into a project manager's care from a day on, or into nobody's."""
    one, form = rules.client_for(current_person(), key, local_today()), CareForm()
    set_choices(form.manager, _manager_choices(one), gettext("Nobody"))
    if form.validate_on_submit() and form.take(_save_manager, one, form):
        flash(gettext("Saved."))
        return redirect(url_for(".show_client", key=key))
    return _render_client(one, care=form)


def _save_manager(one: Client, form: CareForm) -> None:
    if form.manager.data:
        manager = people.get_person(int(form.manager.data))
        rules.put_in_care(one, manager, form.since.data, current_person(), clock.now())
    else:
        rules.end_care(one, form.since.data, current_person(), clock.now())


# --- contacts ----------------------------------------------------------------------------------------


@blueprint.route("/admin/clients/<int:key>/contacts/new", methods=["GET", "POST"])
@open_to("contacts")
def add_contact(key: int) -> ResponseReturnValue:
    """Add a contact."""
    one, form = rules.editable_client_for(current_person(), key, local_today()), ContactForm()
    if form.validate_on_submit() and form.take(
        rules.add_contact, one, *_contact_fields(form), current_person(), clock.now()
    ):
        flash(gettext("%(name)s is added.", name=form.name.data))
        return redirect(url_for(".show_client", key=key))
    return render_template("clients/contact.html", one=one, contact=None, form=form)


@blueprint.route("/admin/contacts/<int:key>", methods=["GET", "POST"])
@open_to("contacts")
def edit_contact(key: int) -> ResponseReturnValue:
    """Change a contact; addresses stand masked in the form and stay as they are unless typed anew."""
    someone = rules.contact_for(current_person(), key, local_today())
    masked = {
        "email": rules.mask_email(someone.email),
        "telephone": rules.mask_telephone(someone.telephone),
    }
    form = ContactForm(name=someone.name, language=someone.language, **masked)
    if form.validate_on_submit() and form.take(
        rules.change_contact, someone, *_contact_fields(form), current_person(), clock.now()
    ):
        flash(gettext("Saved."))
        return redirect(url_for(".show_client", key=someone.client_id))
    plain = ButtonForm(formdata=None)
    return render_template(
        "clients/contact.html", one=someone.client, contact=someone, form=form, plain=plain
    )


@blueprint.post("/admin/contacts/<int:key>/unmask")
@open_to("contacts")
def unmask_contact(key: int) -> str:
    """Show a contact's addresses in full, on record."""
    someone = rules.contact_for(current_person(), key, local_today())
    email, telephone = rules.unmask_contact(someone, current_person(), clock.now())
    return render_template("clients/unmasked.html", contact=someone, email=email, telephone=telephone)


@blueprint.post("/admin/contacts/<int:key>/retire")
@open_to("contacts")
def retire_contact(key: int) -> ResponseReturnValue:
    """Ask this contact no more, or again."""
    someone = rules.contact_for(current_person(), key, local_today())
    (rules.restore_contact if someone.retired_at else rules.retire_contact)(
        someone, current_person(), clock.now()
    )
    flash(gettext("Done, and on record."))
    return redirect(url_for(".show_client", key=someone.client_id))


@blueprint.route("/admin/contacts/<int:key>/erase", methods=["GET", "POST"])
@open_to("clients")
def erase_contact(key: int) -> ResponseReturnValue:
    """Ask first, then overwrite a contact's personal details (D5)."""
    someone, form = retention.contact_to_erase_for(current_person(), key), ButtonForm()
    if form.validate_on_submit():
        retention.erase_contact(someone, current_person(), clock.now())
        flash(gettext("The personal details are erased. Answers and figures stay."))
        return redirect(url_for(".show_client", key=someone.client_id))
    held = retention.count_named_responses(someone)
    return render_template("clients/erase.html", contact=someone, one=someone.client, held=held, form=form)


# --- import ------------------------------------------------------------------------------------------


@blueprint.route("/admin/clients/import", methods=["GET", "POST"])
@open_to("clients")
def upload_clients() -> ResponseReturnValue:
    """Take a file with clients and contacts; nothing is imported before it was looked at."""
    form = ClientUploadForm()
    if form.validate_on_submit():
        content, name = form.table.data.read(), form.table.data.filename or ""
        try:
            table_reader.read_table(content, imports.MOST_ROWS)
        except table_reader.TableUnreadable as error:
            form.table.errors = [translate_sentence(error.sentence, error.facts)]
        else:
            return redirect(url_for(".preview_import", key=_replace_upload(content, name).id))
    return render_template("clients/import.html", form=form, columns=imports.COLUMNS)


@blueprint.get("/admin/clients/import/template.csv")
@open_to("clients")
def download_template() -> Response:
    """An empty table with our headings and one example, as Excel and WPS read it."""
    language = current_user.account.locale
    text = imports.build_template(language)
    return send_content(text.encode("utf-8-sig"), "clients.csv", "text/csv; charset=utf-8")


@blueprint.get("/admin/clients/import/<int:key>")
@open_to("clients")
def preview_import(key: int) -> str:
    """What the file would change, or which rows stand in its way."""
    return _render_preview(_own_upload(key), ButtonForm(formdata=None))


@blueprint.post("/admin/clients/import/<int:key>")
@open_to("clients")
def confirm_import(key: int) -> ResponseReturnValue:
    """Import the file that was looked at: all of it or nothing."""
    stored, form = _own_upload(key), ButtonForm()
    table = _read_table(stored)
    if form.validate_on_submit():
        counts = form.take(
            imports.import_clients, table.head, table.rows, local_today(), current_person(), clock.now()
        )
        if counts:
            delete_uploads([stored])
            flash(_describe_import(counts))
            return redirect(url_for(".list_clients"))
    return _render_preview(stored, form)


@blueprint.post("/admin/clients/import/<int:key>/discard")
@open_to("clients")
def discard_upload(key: int) -> ResponseReturnValue:
    """Forget the uploaded file."""
    delete_uploads([_own_upload(key)])
    return redirect(url_for(".upload_clients"))


# --- what these views share --------------------------------------------------------------------------


def _render_client(one: Client, care: CareForm | None = None) -> str:
    now = rules.manager_of(one, local_today())
    care = care or CareForm(formdata=None, since=local_today(), manager=str(now.id) if now else "")
    set_choices(care.manager, _manager_choices(one), gettext("Nobody"))
    return render_template(
        "clients/client.html",
        one=one,
        contacts=rules.contacts_of(one),
        history=rules.list_care_history(one),
        care=care,
        editable=_can_edit_contacts(one),
    )


def _can_edit_contacts(one: Client) -> bool:
    """Whether this person may change the client's contacts."""
    try:
        return bool(rules.editable_client_for(current_person(), one.id, local_today()))
    except NotFound:
        return False


def _manager_choices(one: Client) -> list[tuple[str, str]]:
    """Who can take a client into care: project managers, and who has it now."""
    persons: dict[int, Person] = {person.id: person for person in permissions.list_role_holders(Role.MANAGER)}
    now = rules.manager_of(one, local_today())
    if now is not None:
        persons.setdefault(now.id, now)
    return [(str(key), person.name) for key, person in persons.items()]


def _contact_fields(form: ContactForm) -> tuple[str, ...]:
    values = (form.name.data, form.email.data, form.telephone.data, form.language.data)
    return tuple(value or "" for value in values)


def _own_upload(key: int) -> StoredFile:
    return uploads.upload_for(current_person(), UploadKind.CLIENTS, key)


def _replace_upload(content: bytes, name: str) -> StoredFile:
    delete_uploads(uploads.list_uploads(current_person(), UploadKind.CLIENTS))
    return keep_upload(UploadKind.CLIENTS, content, name)


def _read_table(stored: StoredFile) -> table_reader.UploadedTable:
    return table_reader.read_table(read_stored(stored), imports.MOST_ROWS)


def _render_preview(stored: StoredFile, form: ButtonForm) -> str:
    table = _read_table(stored)
    made = imports.plan_import(table.head, table.rows, local_today())
    problems = [(problem, describe_refusal(problem.refusal)) for problem in made.problems]
    return render_template(
        "clients/preview.html", stored=stored, made=made, counts=made.counts(), problems=problems, form=form
    )


def _describe_import(counts: dict[str, int]) -> str:
    return gettext(
        "Imported: %(clients_new)s clients new, %(clients_changed)s changed; "
        "%(contacts_new)s contacts new, %(contacts_changed)s changed.",
        **counts,
    )
