"""How the messages of ticket systems are read: a map for each, beginning with those of systems we know."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField

from csat import clock
from csat.config import PROJECT_ROOT
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS
from csat.web.access import current_person, open_to
from csat.web.forms import ButtonForm, limit_length, require_input
from csat.web.incidents.mapping_forms import MapForm, MapPages, add_place_fields
from csat.words import N_

blueprint = Blueprint("json_mapping", __name__, url_prefix="/admin/api/maps")
EXAMPLE_SYSTEMS = {"servicenow": "ServiceNow", "jira": "Jira Service Management", "glpi": "GLPI", "zammad": "Zammad"}


@add_place_fields
class JsonMapForm(MapForm):
    kind = MESSAGE_MAPS
    text_fields = (*MapForm.text_fields, "items")

    source = StringField(_l("System the messages come from"), [*require_input(), limit_length(60)])
    items = StringField(_l("Where the incidents stand"), [limit_length(200)])


PAGES = MapPages(
    MESSAGE_MAPS,
    JsonMapForm,
    "incidents/json_mapping.html",
    title=N_("Messages of %(source)s"),
    back=("api_keys.list_api_keys", N_("Ticket systems")),
    text_help=N_("The manual has a map for each of the usual systems; change what is different at yours."),
    usual={"date_order": "ymd"},
    said=N_("The map for %(source)s is kept. Try it with a message of that system."),
    next_url=lambda row: url_for("json_sample.try_sample", source=row.source),
)


@blueprint.route("/new", methods=["GET", "POST"])
@open_to("api")
def create_map() -> ResponseReturnValue:
    """Say how a system's messages are read, beginning with one of those we know, or with nothing."""
    like = request.args.get("like", "")
    begun = None
    if like in EXAMPLE_SYSTEMS:  # never a name out of an address as a file's
        begun = MESSAGE_MAPS.parse_map((PROJECT_ROOT / "docs/examples" / f"{like}.toml").read_text("utf-8"))
    return PAGES.edit_by_form(None, begun, examples=EXAMPLE_SYSTEMS, like=like)


@blueprint.route("/<int:key>", methods=["GET", "POST"])
@open_to("api")
def edit_map(key: int) -> ResponseReturnValue:
    """Change how a system's messages are read."""
    return PAGES.edit_by_form(key, plain=ButtonForm())


@blueprint.route("/new/text", methods=["GET", "POST"], endpoint="create_map_text")
@blueprint.route("/<int:key>/text", methods=["GET", "POST"])
@open_to("api")
def edit_map_text(key: int | None = None) -> ResponseReturnValue:
    """Make a map by pasting its text, or change a kept one as the text it is."""
    return PAGES.edit_by_text(key)


@blueprint.post("/<int:key>/drop")
@open_to("api")
def delete_map(key: int) -> Response:
    """Read a system's messages in our own format again."""
    row = MESSAGE_MAPS.get_map(key)
    MESSAGE_MAPS.delete_map(row, current_person(), clock.now())
    flash(gettext("Messages of %(source)s are read in our own format from now on.", source=row.source))
    return redirect(url_for("api_keys.list_api_keys"))
