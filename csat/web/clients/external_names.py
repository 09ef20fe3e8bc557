"""Whom the ticket systems mean: the names they have for our staff."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.models.people import Person
from csat.procedure.clients import external_names
from csat.procedure.people import people
from csat.web.access import me, open_to
from csat.web.forms import StaffForm, at_most, choose, needed
from csat.web.pagination import slice_of

MOST_ALIKE = 200
blueprint = Blueprint("aliases", __name__, url_prefix="/desk/incidents/names")


class NameForm(StaffForm):
    source = SelectField(_l("System"))
    name = StringField(_l("Name there"), [*needed(), at_most(120)])
    person = SelectField(_l("Who it is"))

    def offer(self) -> NameForm:
        """Give the selects their choices."""
        persons = Person.select().where(Person.retired_at.is_null()).order_by(Person.name)
        choose(self.source, [(source, source) for source in external_names.sources()])
        choose(
            self.person,
            [(str(row.id), f"{row.name} ({row.email})" if row.email else row.name) for row in persons],
        )
        return self


@blueprint.route("/", methods=["GET", "POST"])
@open_to("people")
def index() -> str | Response:
    """The names, and a form that says whom a system means by one."""
    form = NameForm().offer()
    if form.validate_on_submit():
        person, name = people.person_at(int(form.person.data)), form.name.data.strip()
        if form.take(external_names.give, form.source.data, name, person, me(), clock.now()):
            flash(
                gettext(
                    "“%(name)s” of the ticket system now means %(person)s.", name=name, person=person.name
                )
            )
            return redirect(url_for(".index"))
    words = request.args.get("q", "").strip()
    return render_template(
        "clients/external_names.html",
        form=form,
        list=slice_of(external_names.given(words)),
        alike=list(external_names.spelt_alike(words).limit(MOST_ALIKE)),
        words=words,
    )
