"""Incidents: the list, one of them, entering and changing by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField

from csat import clock
from csat.models.asking import Invitation
from csat.models.clients import Client, Incident
from csat.models.people import Department, Person
from csat.procedure.campaigns import invitations
from csat.procedure.incidents import incidents
from csat.procedure.incidents.incidents import INSTANTS, LENGTHS
from csat.web.access import me, open_to
from csat.web.formatting import named, zone
from csat.web.forms import StaffForm, at_most, choose, local_instant, moment, needed
from csat.web.pagination import slice_of

blueprint = Blueprint("incidents", __name__, url_prefix="/desk/incidents")
RECORDS = {"client": Client, "department": Department, "assigned_to": Person, "resolved_by": Person}


@blueprint.get("/")
@open_to("incidents.see")
def index() -> str:
    """Incidents by number, title or client."""
    words, state = request.args.get("q", "").strip(), request.args.get("state", "")
    return render_template(
        "incidents/list.html", list=slice_of(incidents.listed(words, state)), words=words, state=state
    )


@blueprint.get("/<int:key>")
@open_to("incidents.see")
def show(key: int) -> str:
    """One incident: its times, who handled it, and where its survey stands."""
    incident = incidents.incident_for(key)
    asked = list(Invitation.select().where(Invitation.incident == incident))
    attempts = [one for tried in invitations.attempts_of(asked).values() for one in tried]
    return render_template("incidents/show.html", incident=incident, attempts=attempts)


class IncidentForm(StaffForm):
    number = StringField(_l("Number"), [*needed(), at_most(60)])
    title = StringField(_l("What it was about"), [at_most(LENGTHS["title"])])
    client = SelectField(_l("Client"))
    contact = StringField(_l("Contact"), [at_most(120)])
    department = SelectField(_l("Department"))
    assigned_to = SelectField(_l("Assigned to"))
    resolved_by = SelectField(_l("Resolved by"))
    priority = StringField(_l("Priority"), [at_most(LENGTHS["priority"])])
    major = BooleanField(_l("A major problem"))
    category = StringField(_l("Category"), [at_most(LENGTHS["category"])])
    reported_by = StringField(_l("Reported through"), [at_most(LENGTHS["reported_by"])])
    opened_at = moment(_l("Opened at"))
    responded_at = moment(_l("First response at"))
    resolved_at = moment(_l("Resolved at"))
    closed_at = moment(_l("Closed at"))

    def offer(self) -> IncidentForm:
        """Give the selects their choices."""
        clients = Client.select().where(Client.retired_at.is_null()).order_by(Client.name)
        departments = Department.select().where(Department.retired_at.is_null()).order_by(Department.name)
        persons = Person.select().where(Person.retired_at.is_null()).order_by(Person.name)
        choose(self.client, [(str(row.id), named(row)) for row in clients], blank=gettext("Unknown"))
        choose(self.department, [(str(row.id), named(row)) for row in departments], blank=gettext("Unknown"))
        for field in (self.assigned_to, self.resolved_by):
            choose(field, [(str(row.id), row.name) for row in persons], blank=gettext("Unknown"))
        return self

    def fields(self) -> dict[str, Any]:
        """What was typed, as the procedure takes it."""
        given: dict[str, Any] = {name: self[name].data.strip() for name in LENGTHS}
        given |= {name: local_instant(self[name].data, zone()) for name in INSTANTS}
        given |= {name: _record(table, self[name].data) for name, table in RECORDS.items()}
        return given | {"contact": self.contact.data.strip(), "major": self.major.data}


@blueprint.route("/new", methods=["GET", "POST"])
@open_to("incidents")
def add() -> str | Response:
    """Enter an incident by hand."""
    form = IncidentForm().offer()
    if form.validate_on_submit():
        number = form.number.data.strip()
        made = form.take(incidents.enter, number, form.fields(), me(), clock.now(), zone())
        if made:
            flash(gettext("Incident %(number)s is entered.", number=number))
            return redirect(url_for(".show", key=made.id))
    return render_template("incidents/form.html", form=form, incident=None)


@blueprint.route("/<int:key>/edit", methods=["GET", "POST"])
@open_to("incidents")
def edit(key: int) -> str | Response:
    """Change an incident by hand, until it is closed."""
    incident = incidents.incident_for(key)
    if incident.closed_at is not None:
        raise incidents.IncidentClosed
    form = IncidentForm(data=_typed(incident)).offer()
    form.number.data = incident.number
    if form.validate_on_submit() and form.take(
        incidents.edit, incident, form.fields(), me(), clock.now(), zone()
    ):
        flash(gettext("Incident %(number)s is changed.", number=incident.number))
        return redirect(url_for(".show", key=key))
    return render_template("incidents/form.html", form=form, incident=incident)


def _record(table: Any, key: str) -> Any:
    return table.get_or_none(table.id == int(key)) if key else None


def _typed(incident: Incident) -> dict[str, Any]:
    """An incident as its form shows it."""
    shown: dict[str, Any] = {name: getattr(incident, name) for name in (*LENGTHS, "number", "major")}
    shown |= {name: str(getattr(incident, f"{name}_id") or "") for name in RECORDS}
    for name in INSTANTS:
        at = getattr(incident, name)
        shown[name] = at.astimezone(zone()).replace(tzinfo=None) if at else None
    return shown | {"contact": incident.contact.name if incident.contact else ""}
