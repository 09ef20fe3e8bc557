"""The keys of ticket systems: made, shown once, revoked; and from here to how their messages are read."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import StringField

from csat import clock
from csat.procedure.core import settings
from csat.procedure.incidents import api_import, api_keys, json_mapping
from csat.web.access import me, open_to
from csat.web.forms import PlainForm, StaffForm, at_most, needed

blueprint = Blueprint("api_keys", __name__, url_prefix="/admin/api")


@blueprint.get("")
@open_to("api")
def index() -> str:
    """The keys, and for each system how its messages are read."""
    return render_template(
        "system/api_keys.html",
        keys=list(api_keys.listed()),
        maps=json_mapping.kept_maps(),
        address=_address(),
        limit=settings.whole("api_requests"),
        most=api_import.MOST,
        plain=PlainForm(),
    )


class KeyForm(StaffForm):
    name = StringField(_l("What sends with this key"), [*needed(), at_most(60)])
    source = StringField(_l("System its incidents are known by"), [*needed(), at_most(60)])


@blueprint.route("/keys/new", methods=["GET", "POST"])
@open_to("api")
def new_key() -> str:
    """Make a key; it is shown now and never again."""
    form = KeyForm()
    if form.validate_on_submit():
        made = form.take(api_keys.make, form.name.data, form.source.data, me(), clock.now())
        if made:
            key, text = made
            return render_template("system/api_key.html", key=key, text=text, address=_address())
    return render_template("system/api_key_new.html", form=form, sources=api_keys.sources())


@blueprint.post("/keys/<int:key>/revoke")
@open_to("api")
def revoke(key: int) -> Response:
    """Let a key open nothing any more."""
    row = api_keys.key_at(key)
    api_keys.revoke(row, me(), clock.now())
    flash(gettext("The key of %(name)s opens nothing any more.", name=row.name))
    return redirect(url_for(".index"))


def _address() -> str:
    return f"{current_app.config['CSAT'].base_url}{url_for('api.receive')}"
