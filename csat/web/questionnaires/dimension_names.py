"""What the dimensions are called: QA's page."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from csat import clock
from csat.config import LOCALES
from csat.models.base import Localised
from csat.models.questionnaires import Dimension
from csat.procedure.core import settings
from csat.procedure.core.bilingual import name_field
from csat.procedure.questionnaires import dimension_names
from csat.terms import name_as_shipped
from csat.web.access import current_person, open_to
from csat.web.forms import StaffForm, bilingual, render_form, submit

blueprint = Blueprint("dimension_names", __name__, url_prefix="/qa/classification")


class DimensionNamesForm(StaffForm):
    """Two fields for each dimension."""


for dimension in Dimension:
    labels = _l("In Chinese"), _l("In English")
    bilingual(dimension.value, *labels, dimension_names.MAX_NAME_LENGTHS, StringField)(DimensionNamesForm)


@blueprint.route("/dimensions", methods=["GET", "POST"])
@open_to("classification")
def edit_names() -> ResponseReturnValue:
    """Show what the dimensions are called, and name them anew."""
    own = dimension_names.get_own_names()
    given = {
        name_field(one, language): own.get(one, Localised()).get(language, "")
        for one in Dimension
        for language in LOCALES
    }
    form = DimensionNamesForm(data=given)
    shipped = {one: {language: name_as_shipped(one, language) for language in LOCALES} for one in Dimension}

    def save() -> None:
        typed = {one: form.by_language(one) for one in Dimension}
        dimension_names.change_names(typed, shipped, current_person(), clock.now())

    said = gettext("Saved. The names stand on every page from now on; issued reports keep theirs.")
    return submit(form, save, said, url_for(".edit_names")) or render_form(
        "questionnaires/dimension_names.html",
        form,
        shipped=shipped,
        own=own,
        name_field=name_field,
        change=settings.find_last_change(dimension_names.SETTING),
    )
