"""Settings that administrators change, each with its limits."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FloatField, IntegerField
from wtforms.validators import InputRequired

from csat import clock
from csat.procedure import settings
from csat.web.access import me, open_to
from csat.web.forms import StaffForm

room = Blueprint("settings", __name__)


class SettingsForm(StaffForm):
    """One field for each rule of the procedure."""


for name, rule in settings.RULES.items():
    kind = IntegerField if float(rule.default).is_integer() else FloatField
    bounds = {
        "step": "1" if kind is IntegerField else "0.01",
        "min": f"{rule.least:g}",
        "max": f"{rule.most:g}",
    }
    needed = InputRequired(_l("Please enter a number."))
    setattr(SettingsForm, name, kind(_l(rule.purpose), [needed], render_kw={"type": "number", **bounds}))


@room.route("/admin/settings", methods=["GET", "POST"])
@open_to("settings")
def index() -> Any:
    """Show the settings and change them, all at once."""
    form = SettingsForm(data={name: _shown(name) for name in settings.RULES})
    if form.validate_on_submit():
        values = {name: form[name].data for name in settings.RULES}
        if form.take(settings.change_all, values, me(), clock.now()):
            flash(gettext("Saved. The new values count from now on; what was due before stays due."))
            return redirect(url_for(".index"))
    return render_template("settings/index.html", form=form, rules=settings.RULES)


def _shown(name: str) -> float:
    value = settings.value(name)
    return int(value) if float(value).is_integer() else value
