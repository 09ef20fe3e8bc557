"""Incidents: the list, one of them, entering and changing by hand."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField

from csat import clock
from csat.models.clients import Client, Incident
from csat.models.people import Department, Person
from csat.procedure.campaigns import desk
from csat.procedure.incidents import incidents, manual_entry
from csat.procedure.incidents.fields import TEXT_LENGTHS, TIME_FIELDS
from csat.web.access import current_person, open_to
from csat.web.choices import department_choices, incident_client_choices, staff_choices
from csat.web.formatting import operator_zone
from csat.web.forms import (
    StaffForm,
    build_datetime_field,
    limit_length,
    parse_key,
    require_input,
    submit,
    to_local_instant,
)
from csat.web.pagination import paginate

blueprint = Blueprint("incidents", __name__, url_prefix="/desk/incidents")
RECORD_FIELDS = {"client": Client, "department": Department, "assigned_to": Person, "resolved_by": Person}


@blueprint.get("/")
@open_to("incidents.see")
def list_incidents() -> str:
    """Incidents by number, title or client."""
    words, state = request.args.get("q", "").strip(), request.args.get("state", "")
    found = paginate(incidents.list_incidents(words, state))
    return render_template("incidents/list.html", list=found, words=words, state=state)


@blueprint.get("/<int:key>")
@open_to("incidents.see")
def show_incident(key: int) -> str:
    """One incident: its times, who handled it, and where its survey stands."""
    incident = incidents.get_incident(key)
    return render_template("incidents/show.html", incident=incident, attempts=desk.list_attempts(incident))


class IncidentForm(StaffForm):
    number = StringField(_l("Number"), [*require_input(), limit_length(60)])
    title = StringField(_l("What it was about"), [limit_length(TEXT_LENGTHS["title"])])
    client = SelectField(_l("Client"), choices=lambda: incident_client_choices(gettext("Unknown")))
    contact = StringField(_l("Contact"), [limit_length(120)])
    department = SelectField(_l("Department"), choices=lambda: department_choices(gettext("Unknown")))
    assigned_to = SelectField(_l("Assigned to"), choices=lambda: staff_choices(gettext("Unknown")))
    resolved_by = SelectField(_l("Resolved by"), choices=lambda: staff_choices(gettext("Unknown")))
    priority = StringField(_l("Priority"), [limit_length(TEXT_LENGTHS["priority"])])
    major = BooleanField(_l("A major problem"))
    category = StringField(_l("Category"), [limit_length(TEXT_LENGTHS["category"])])
    reported_by = StringField(_l("Reported through"), [limit_length(TEXT_LENGTHS["reported_by"])])
    opened_at = build_datetime_field(_l("Opened at"))
    responded_at = build_datetime_field(_l("First response at"))
    resolved_at = build_datetime_field(_l("Resolved at"))
    closed_at = build_datetime_field(_l("Closed at"))

    def read_fields(self) -> dict[str, object]:
        """What was typed, as the procedure takes it."""
        given: dict[str, object] = {name: self[name].data.strip() for name in TEXT_LENGTHS}
        given |= {name: to_local_instant(self[name].data, operator_zone()) for name in TIME_FIELDS}
        given |= {name: table.get_or_none(id=parse_key(self[name].data)) for name, table in RECORD_FIELDS.items()}
        return given | {"contact": self.contact.data.strip(), "major": self.major.data}


@blueprint.route("/new", methods=["GET", "POST"])
@open_to("incidents")
def add_incident() -> ResponseReturnValue:
    """Enter an incident by hand."""
    form = IncidentForm()
    by, now, zone = current_person(), clock.now(), operator_zone()
    done = submit(
        form,
        lambda: manual_entry.enter_incident(form.number.data.strip(), form.read_fields(), by, now, zone),
        said=lambda made: gettext("Incident %(number)s is entered.", number=made.number),
        to=lambda made: url_for(".show_incident", key=made.id),
    )
    return done or render_template("incidents/form.html", form=form, incident=None)


@blueprint.route("/<int:key>/edit", methods=["GET", "POST"])
@open_to("incidents")
def edit_incident(key: int) -> ResponseReturnValue:
    """Change an incident by hand, until it is closed."""
    incident = incidents.get_incident(key)
    if incident.closed_at is not None:  # said before anything is typed in vain
        raise manual_entry.IncidentClosed
    form = IncidentForm(data=_form_data(incident))
    form.number.data = incident.number  # its name with its source: never changed
    by, now, zone = current_person(), clock.now(), operator_zone()
    done = submit(
        form,
        lambda: manual_entry.edit_incident(incident, form.read_fields(), by, now, zone),
        said=gettext("Incident %(number)s is changed.", number=incident.number),
        to=url_for(".show_incident", key=key),
    )
    return done or render_template("incidents/form.html", form=form, incident=incident)


def _form_data(incident: Incident) -> dict[str, object]:
    shown: dict[str, object] = {name: getattr(incident, name) for name in (*TEXT_LENGTHS, "number", "major")}
    shown |= {name: str(getattr(incident, f"{name}_id") or "") for name in RECORD_FIELDS}
    for name in TIME_FIELDS:
        at = getattr(incident, name)
        shown[name] = at.astimezone(operator_zone()).replace(tzinfo=None) if at else None
    return shown | {"contact": incident.contact.name if incident.contact else ""}
