"""The contacts of a client; their addresses stand masked until somebody looks, on record (D2)."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField

from csat import clock
from csat.procedure.clients import clients, contacts
from csat.procedure.clients.contacts import ContactRole
from csat.procedure.core import contact_details
from csat.procedure.core.retirement import toggle_retirement
from csat.procedure.upkeep import retention
from csat.web.access import current_person, open_to
from csat.web.formatting import local_today
from csat.web.forms import ButtonForm, StaffForm, limit_length, press_button, require_input, submit
from csat.web.language import LANGUAGE_CHOICES

blueprint = Blueprint("contacts", __name__)


class ContactForm(StaffForm):
    name = StringField(_l("Full name"), [*require_input(), limit_length(120)], render_kw={"autocomplete": "off"})
    email = EmailField(_l("E-mail"), [limit_length(200)], render_kw={"autocomplete": "off"})
    telephone = TelField(_l("Telephone"), [limit_length(40)], render_kw={"autocomplete": "off"})
    language = SelectField(_l("Language"), choices=dict(LANGUAGE_CHOICES))
    position = StringField(_l("Position"), [limit_length(120)], render_kw={"autocomplete": "off"})
    asked_each_quarter = BooleanField(_l("Asked each quarter"))


@blueprint.route("/admin/clients/<int:key>/contacts/new", methods=["GET", "POST"])
@open_to("contacts")
def add_contact(key: int) -> ResponseReturnValue:
    """Add a contact."""
    one, form = clients.editable_client_for(current_person(), key, local_today()), ContactForm()
    done = submit(
        form,
        lambda: contacts.add_contact(one, *_contact_fields(form), current_person(), clock.now(), _contact_role(form)),
        said=lambda contact: gettext("%(name)s is added.", name=contact.name),
        to=url_for("clients.show_client", key=key),
    )
    return done or render_template("clients/contact.html", one=one, contact=None, form=form)


@blueprint.route("/admin/contacts/<int:key>", methods=["GET", "POST"])
@open_to("contacts")
def edit_contact(key: int) -> ResponseReturnValue:
    """Change a contact; addresses stand masked in the form."""
    someone = contacts.contact_for(current_person(), key, local_today())
    masked = {
        "email": contact_details.mask_email(someone.email),
        "telephone": contact_details.mask_telephone(someone.telephone),
    }
    role: ContactRole = {"position": someone.position, "asked_each_quarter": someone.asked_each_quarter}
    form = ContactForm(name=someone.name, language=someone.language, **role, **masked)  # sent back masked, they stay
    by = current_person()
    done = submit(
        form,
        lambda: contacts.change_contact(someone, *_contact_fields(form), by, clock.now(), _contact_role(form)),
        said=gettext("Saved."),
        to=url_for("clients.show_client", key=someone.client_id),
    )
    plain = ButtonForm(formdata=None)
    return done or render_template("clients/contact.html", one=someone.client, contact=someone, form=form, plain=plain)


@blueprint.post("/admin/contacts/<int:key>/unmask")
@open_to("contacts")
def unmask_contact(key: int) -> str:
    """Show a contact's addresses in full, on record."""
    someone = contacts.contact_for(current_person(), key, local_today())
    email, telephone = contacts.unmask_contact(someone, current_person(), clock.now())
    return render_template("clients/unmasked.html", contact=someone, email=email, telephone=telephone)


@blueprint.post("/admin/contacts/<int:key>/retire")
@open_to("contacts")
def retire_contact(key: int) -> ResponseReturnValue:
    """Ask this contact no more, or again."""
    someone = contacts.contact_for(current_person(), key, local_today())
    here = url_for("clients.show_client", key=someone.client_id)
    return press_button(toggle_retirement, someone, current_person(), clock.now(), to=here)


@blueprint.post("/admin/contacts/<int:key>/quarterly")
@open_to("contacts")
def toggle_quarterly_asking(key: int) -> ResponseReturnValue:
    """Mark this contact as asked each quarter, or no longer (P3)."""
    someone = contacts.contact_for(current_person(), key, local_today())
    here = url_for("clients.show_client", key=someone.client_id)
    return press_button(contacts.toggle_quarterly_asking, someone, current_person(), clock.now(), to=here)


@blueprint.route("/admin/contacts/<int:key>/erase", methods=["GET", "POST"])
@open_to("clients")
def erase_contact(key: int) -> ResponseReturnValue:
    """Ask first, then overwrite a contact's personal details (D5)."""
    someone, form = retention.contact_to_erase_for(current_person(), key), ButtonForm()
    done = submit(
        form,
        lambda: retention.erase_contact(someone, current_person(), clock.now()),
        said=gettext("The personal details are erased. Answers and figures stay."),
        to=url_for("clients.show_client", key=someone.client_id),
    )
    held = retention.count_named_responses(someone)
    return done or render_template("clients/erase.html", contact=someone, one=someone.client, held=held, form=form)


def _contact_fields(form: ContactForm) -> tuple[str, str, str, str]:
    return form.name.data or "", form.email.data or "", form.telephone.data or "", form.language.data


def _contact_role(form: ContactForm) -> ContactRole:
    return {"position": form.position.data or "", "asked_each_quarter": form.asked_each_quarter.data}
