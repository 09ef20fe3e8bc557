"""Whom the ticket systems mean: the names they have for our staff."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.procedure.clients import external_names
from csat.procedure.people import persons
from csat.web.access import current_person, open_to
from csat.web.choices import list_staff
from csat.web.forms import StaffForm, limit_length, require_input, set_choices
from csat.web.pagination import paginate

MAX_SIMILAR_NAMES = 200
blueprint = Blueprint("external_names", __name__, url_prefix="/desk/incidents/names")


class ExternalNameForm(StaffForm):
    source = SelectField(_l("System"))
    name = StringField(_l("Name there"), [*require_input(), limit_length(120)])
    person = SelectField(_l("Who it is"))

    def offer(self) -> ExternalNameForm:
        """Give the selects their choices."""
        persons = list_staff()
        set_choices(self.source, [(source, source) for source in external_names.list_sources()])
        set_choices(
            self.person, [(str(row.id), f"{row.name} ({row.email})" if row.email else row.name) for row in persons]
        )
        return self


@blueprint.route("/", methods=["GET", "POST"])
@open_to("people")
def edit_external_names() -> str | Response:
    """The names, and a form that says whom a system means by one."""
    form = ExternalNameForm().offer()
    if form.validate_on_submit():
        person, name = persons.get_person(int(form.person.data)), form.name.data.strip()
        if form.take(external_names.assign_alias, form.source.data, name, person, current_person(), clock.now()):
            flash(gettext("“%(name)s” of the ticket system now means %(person)s.", name=name, person=person.name))
            return redirect(url_for(".edit_external_names"))
    words = request.args.get("q", "").strip()
    return render_template(
        "clients/external_names.html",
        form=form,
        list=paginate(external_names.list_aliases(words)),
        alike=list(external_names.list_same_spellings(words).limit(MAX_SIMILAR_NAMES)),
        words=words,
    )
