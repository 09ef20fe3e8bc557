"""The keys of ticket systems: made, shown once, revoked; and from here to how their messages are read."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField

from csat import clock
from csat.procedure.core import settings
from csat.procedure.incidents import api_import, api_keys
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS
from csat.web.access import asks_proof, current_person, open_to
from csat.web.app import current_config
from csat.web.forms import ButtonForm, StaffForm, limit_length, require_input

blueprint = Blueprint("api_keys", __name__, url_prefix="/admin/api")


@blueprint.get("")
@open_to("api")
def list_api_keys() -> str:
    """The keys, and for each system how its messages are read."""
    return render_template(
        "system/api_keys.html",
        keys=list(api_keys.list_api_keys()),
        maps=MESSAGE_MAPS.list_maps(),
        address=_import_url(),
        limit=settings.get_whole_number("api_requests"),
        most=api_import.MAX_INCIDENTS,
        plain=ButtonForm(),
    )


class ApiKeyForm(StaffForm):
    name = StringField(_l("What sends with this key"), [*require_input(), limit_length(60)])
    source = StringField(_l("System its incidents are known by"), [*require_input(), limit_length(60)])


@blueprint.route("/keys/new", methods=["GET", "POST"])
@open_to("api")
@asks_proof
def create_api_key() -> str:
    """Make a key; it is shown now and never again."""
    form = ApiKeyForm()
    if form.validate_on_submit():
        names = (form.name.data, form.source.data)
        if made := form.take(api_keys.make_api_key, *names, current_person(), clock.now()):
            return render_template("system/api_key.html", key=made[0], text=made[1], address=_import_url())
    return render_template("system/api_key_new.html", form=form, sources=api_keys.list_sources())


@blueprint.post("/keys/<int:key>/revoke")
@open_to("api")
def revoke_api_key(key: int) -> Response:
    """Let a key open nothing any more."""
    row = api_keys.get_api_key(key)
    api_keys.revoke_api_key(row, current_person(), clock.now())
    flash(gettext("The key of %(name)s opens nothing any more.", name=row.name))
    return redirect(url_for(".list_api_keys"))


def _import_url() -> str:
    return f"{current_config().base_url}{url_for('api.receive_incidents')}"
