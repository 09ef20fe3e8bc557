"""The maps that say how a ticket system's export is read: which column is what."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField, StringField

from csat.procedure.incidents.mapping import DELIMITERS, ENCODINGS, TABLE_MAPS
from csat.web.access import open_to
from csat.web.forms import limit_length, require_input
from csat.web.incidents.mapping_forms import MapForm, MapPages, add_place_fields
from csat.words import N_

blueprint = Blueprint("table_mapping", __name__, url_prefix="/desk/incidents/maps")
DELIMITER_NAMES = (_l("comma"), _l("semicolon"), _l("tab"), "|")
DELIMITER_CHOICES = [SelectChoice(mark, name) for mark, name in zip(DELIMITERS, DELIMITER_NAMES, strict=True)]


@add_place_fields
class TableMapForm(MapForm):
    kind = TABLE_MAPS
    text_fields = (*MapForm.text_fields, "encoding", "delimiter")

    source = StringField(_l("System the file comes from"), [*require_input(), limit_length(60)])
    encoding = SelectField(_l("Encoding"), choices=[SelectChoice(name, name) for name in ENCODINGS])
    delimiter = SelectField(_l("Cells are separated by"), choices=DELIMITER_CHOICES)


PAGES = MapPages(
    TABLE_MAPS,
    TableMapForm,
    "incidents/table_mapping.html",
    title=N_("Import map for %(source)s"),
    back=(".list_maps", N_("Import maps")),
    text_help=N_("The same text that `flask csat incidents import` takes."),
    usual={"date_order": "ymd", "encoding": "utf-8", "delimiter": ",", "unknown": "?"},
    said=N_("The map for %(source)s is kept."),
    next_url=lambda row: url_for(".list_maps"),
)


@blueprint.get("")
@open_to("incidents")
def list_maps() -> str:
    """The maps that are kept, one for each system."""
    return render_template("incidents/table_mappings.html", maps=TABLE_MAPS.list_maps())


@blueprint.route("/new", methods=["GET", "POST"], endpoint="create_map")
@blueprint.route("/<int:key>", methods=["GET", "POST"])
@open_to("incidents")
def edit_map(key: int | None = None) -> ResponseReturnValue:
    """Make a map, or change a kept one, by filling in which column is what."""
    return PAGES.edit_by_form(key)


@blueprint.route("/new/text", methods=["GET", "POST"], endpoint="create_map_text")
@blueprint.route("/<int:key>/text", methods=["GET", "POST"])
@open_to("incidents")
def edit_map_text(key: int | None = None) -> ResponseReturnValue:
    """Make a map by pasting its text, or change a kept one as the text it is."""
    return PAGES.edit_by_text(key)
