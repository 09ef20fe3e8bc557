"""Whom the ticket systems mean: the names they have for our staff."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from csat import clock
from csat.models.base import expect_value
from csat.models.clients import Alias
from csat.models.people import Person
from csat.procedure.clients import external_names
from csat.procedure.core.guards import get_or_refuse
from csat.web.access import current_person, open_to
from csat.web.choices import list_staff
from csat.web.forms import StaffForm, limit_length, require_input, set_choices, submit
from csat.web.pagination import paginate

MAX_SIMILAR_NAMES = 200
blueprint = Blueprint("external_names", __name__, url_prefix="/desk/incidents/names")


class ExternalNameForm(StaffForm):
    source = SelectField(_l("System"))
    name = StringField(_l("Name there"), [*require_input(), limit_length(120)])
    person = SelectField(_l("Who it is"))


@blueprint.route("/", methods=["GET", "POST"])
@open_to("people")
def edit_external_names() -> ResponseReturnValue:
    """The names, and a form that says whom a system means by one."""
    form, words = ExternalNameForm(), request.args.get("q", "").strip()
    set_choices(form.source, [(source, source) for source in external_names.list_sources()])
    named = [(str(one.id), f"{one.name} ({one.email})" if one.email else one.name) for one in list_staff()]
    set_choices(form.person, named)

    def save() -> Alias:
        person, name = get_or_refuse(Person, int(form.person.data)), form.name.data.strip()
        return external_names.assign_alias(form.source.data, name, person, current_person(), clock.now())

    done = submit(form, save, said=_describe_alias, to=url_for(".edit_external_names"))
    return done or render_template(
        "clients/external_names.html",
        form=form,
        list=paginate(external_names.list_aliases(words)),
        alike=list(external_names.list_same_spellings(words).limit(MAX_SIMILAR_NAMES)),
        words=words,
    )


def _describe_alias(alias: Alias) -> str:
    person = expect_value(alias.person).name
    return gettext("“%(name)s” of the ticket system now means %(person)s.", name=alias.name, person=person)
