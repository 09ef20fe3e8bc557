"""Clients: the list, one client, in whose care it is."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from csat import clock
from csat.models.clients import Client, Tier
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.clients import clients, contacts
from csat.procedure.core import contact_details
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.retirement import toggle_retirement
from csat.procedure.people import permissions
from csat.web.access import current_person, open_to
from csat.web.formatting import list_terms, local_today
from csat.web.forms import ButtonForm, StaffForm, limit_length, press_button, require_input, set_choices, submit
from csat.web.pagination import paginate
from csat.web.params import parse_code

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


@blueprint.get("/admin/clients")
@open_to("clients.see")
def list_clients() -> str:
    """The clients this person may see."""
    search, retired = request.args.get("search", "").strip(), "retired" in request.args
    tier = parse_code(Tier, "tier")
    found = paginate(clients.list_clients(current_person(), local_today(), search, tier, retired))
    return render_template(
        "clients/index.html",
        found=found,
        search=search,
        tier=tier or "",
        retired=retired,
        tiers=list_terms(Tier),
        managers=clients.list_managers(local_today()),
        contacts=contacts.count_contacts([client.id for client in found.rows]),
    )


@blueprint.route("/admin/clients/new", methods=["GET", "POST"])
@open_to("clients")
def add_client() -> ResponseReturnValue:
    """Add a client."""
    form = ClientForm()
    done = submit(
        form,
        lambda: clients.add_client(
            form.name.data, Tier(form.tier.data), current_person(), clock.now(), form.name_en.data, form.note.data
        ),
        said=lambda one: gettext("%(name)s is added.", name=one.name),
        to=lambda one: url_for(".show_client", key=one.id),
    )
    return done or render_template("clients/new.html", form=form)


@blueprint.get("/admin/clients/<int:key>")
@open_to("clients.see")
def show_client(key: int) -> str:
    """One client: whose care, which contacts."""
    return _render_client(clients.client_for(current_person(), key, local_today()))


@blueprint.route("/admin/clients/<int:key>/edit", methods=["GET", "POST"])
@open_to("clients")
def edit_client(key: int) -> ResponseReturnValue:
    """Change what is known of a client."""
    one = clients.client_for(current_person(), key, local_today())
    form = ClientForm(obj=one)

    def save() -> None:
        fields = (form.name.data, Tier(form.tier.data), form.name_en.data, form.note.data)
        clients.change_client(one, *fields, current_person(), clock.now())

    done = submit(form, save, said=gettext("Saved."), to=url_for(".show_client", key=key))
    return done or render_template("clients/edit.html", one=one, form=form, plain=ButtonForm(formdata=None))


@blueprint.post("/admin/clients/<int:key>/retire")
@open_to("clients")
def retire_client(key: int) -> ResponseReturnValue:
    """Take a client out of use, or back into it."""
    one = clients.client_for(current_person(), key, local_today())
    return press_button(toggle_retirement, one, current_person(), clock.now(), to=url_for(".show_client", key=key))


@blueprint.post("/admin/clients/<int:key>/care")
@open_to("clients")
def change_manager(key: int) -> ResponseReturnValue:
    """Put a client into a project manager's care from a day on, or into nobody's."""
    one, form = clients.client_for(current_person(), key, local_today()), CareForm()
    set_choices(form.manager, _manager_choices(one), gettext("Nobody"))
    done = submit(form, lambda: _save_manager(one, form), said=gettext("Saved."), to=url_for(".show_client", key=key))
    return done or _render_client(one, care=form)


def _save_manager(one: Client, form: CareForm) -> None:
    if form.manager.data:
        manager = get_or_refuse(Person, int(form.manager.data))
        clients.put_in_care(one, manager, form.since.data, current_person(), clock.now())
    else:
        clients.end_care(one, form.since.data, current_person(), clock.now())


def _render_client(one: Client, care: CareForm | None = None) -> str:
    now = clients.manager_of(one, local_today())
    care = care or CareForm(formdata=None, since=local_today(), manager=str(now.id) if now else "")
    set_choices(care.manager, _manager_choices(one), gettext("Nobody"))
    return render_template(
        "clients/client.html",
        one=one,
        contacts=contacts.contacts_of(one),
        history=clients.list_care_history(one),
        care=care,
        editable=clients.may_edit_contacts(current_person(), one, local_today()),
        plain=ButtonForm(formdata=None),
    )


def _manager_choices(one: Client) -> list[tuple[str, str]]:
    """Who can take a client into care: project managers, and who has it now."""
    persons: dict[int, Person] = {person.id: person for person in permissions.list_role_holders(Role.MANAGER)}
    now = clients.manager_of(one, local_today())
    if now is not None:
        persons.setdefault(now.id, now)
    return [(str(key), person.name) for key, person in persons.items()]
