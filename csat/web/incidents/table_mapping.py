"""The maps that say how a ticket system's export is read: which column is what."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat.models.clients import ImportMap
from csat.procedure.incidents.mapping import DELIMITERS, ENCODINGS, TABLE_MAPS
from csat.web.access import open_to
from csat.web.forms import limit_length, require_input, set_choices
from csat.web.incidents.mapping_forms import MapForm, MapPages, add_place_fields
from csat.words import N_

blueprint = Blueprint("table_mapping", __name__, url_prefix="/desk/incidents/maps")


@add_place_fields
class TableMapForm(MapForm):
    kind = TABLE_MAPS
    text_fields = (*MapForm.text_fields, "encoding", "delimiter")

    source = StringField(_l("System the file comes from"), [*require_input(), limit_length(60)])
    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Cells are separated by"))

    def offer(self) -> MapForm:
        """Give the selects their choices."""
        names = {",": gettext("comma"), ";": gettext("semicolon"), "\t": gettext("tab"), "|": "|"}
        set_choices(self.encoding, [(name, name) for name in ENCODINGS])
        set_choices(self.delimiter, [(mark, names[mark]) for mark in DELIMITERS])
        return super().offer()


def _say_kept(row: ImportMap) -> str:
    flash(gettext("The map for %(source)s is kept.", source=row.source))
    return url_for(".list_maps")


PAGES = MapPages(
    TABLE_MAPS,
    TableMapForm,
    "incidents/table_mapping.html",
    title=N_("Import map for %(source)s"),
    back=(".list_maps", N_("Import maps")),
    text_help=N_("The same text that `flask csat incidents import` takes."),
    usual={"date_order": "ymd", "encoding": "utf-8", "delimiter": ",", "unknown": "?"},
    next_url=_say_kept,
)


@blueprint.get("")
@open_to("incidents")
def list_maps() -> str:
    """The maps that are kept, one for each system."""
    return render_template("incidents/table_mappings.html", maps=TABLE_MAPS.list_maps())


@blueprint.route("/new", methods=["GET", "POST"])
@open_to("incidents")
def create_map() -> str | Response:
    """Make a map by filling in which column is what."""
    return PAGES.edit_by_form()


@blueprint.route("/<int:key>", methods=["GET", "POST"])
@open_to("incidents")
def edit_map(key: int) -> str | Response:
    """Change a kept map by its form."""
    return PAGES.edit_by_form(TABLE_MAPS.get_map(key))


@blueprint.route("/new/text", methods=["GET", "POST"])
@open_to("incidents")
def create_map_text() -> str | Response:
    """Make a map by pasting its text."""
    return PAGES.edit_by_text()


@blueprint.route("/<int:key>/text", methods=["GET", "POST"])
@open_to("incidents")
def edit_map_text(key: int) -> str | Response:
    """Change a kept map as the text it is."""
    return PAGES.edit_by_text(TABLE_MAPS.get_map(key))
