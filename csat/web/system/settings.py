"""Settings that administrators change, each with its limits."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FloatField, IntegerField, StringField
from wtforms.validators import InputRequired, ValidationError

from csat import clock, database
from csat.adapters import backup
from csat.procedure.core import settings
from csat.procedure.upkeep import backups
from csat.web.access import me, open_to
from csat.web.forms import StaffForm, at_most

blueprint = Blueprint("settings", __name__)


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


class ProviderForm(StaffForm):
    """Who asks."""

    zh = StringField(_l("Name in Chinese"), [at_most(60)])
    en = StringField(_l("Name in English"), [at_most(60)])


class CopyForm(StaffForm):
    """Where back-ups are copied to."""

    folder = StringField(_l("Second folder"), [at_most(400)], render_kw={"autocomplete": "off"})

    def validate_folder(self, field: Any) -> None:
        """A folder of the server that can be written to, and that is neither the store's nor the keys'."""
        config = current_app.config["CSAT"]
        problem = backup.problem_of_copies((field.data or "").strip(), (config.instance, config.keys))
        if problem:
            raise ValidationError(gettext(problem))


@blueprint.route("/admin/settings", methods=["GET", "POST"])
@open_to("settings")
def index() -> Any:
    """Show the settings and change them, all at once."""
    form = SettingsForm(data={name: _shown(name) for name in settings.RULES})
    if form.validate_on_submit():
        values = {name: form[name].data for name in settings.RULES}
        if form.take(settings.change_all, values, me(), clock.now()):
            flash(gettext("Saved. The new values count from now on; what was due before stays due."))
            return redirect(url_for(".index"))
    return _page(form, _named())


@blueprint.post("/admin/settings/provider")
@open_to("settings")
def provider() -> Any:
    """Say who asks."""
    form = ProviderForm()
    if form.validate_on_submit():
        names = {"zh": form.zh.data or "", "en": form.en.data or ""}
        settings.name_provider(names, me(), clock.now())
        flash(gettext("Saved. The name stands on every form and report from now on."))
        return redirect(url_for(".index"))
    return _page(_rules(), form)


@blueprint.post("/admin/settings/back-ups")
@open_to("settings")
def copies() -> Any:
    """Say where the daily round copies back-ups to (D6)."""
    form = CopyForm()
    if form.validate_on_submit():
        settings.copy_backups_to((form.folder.data or "").strip(), me(), clock.now())
        flash(gettext("Saved. The next back-up is copied there."))
        return redirect(url_for(".index"))
    return _page(_rules(), _named(), form)


def _page(form: SettingsForm, named: ProviderForm, copies: CopyForm | None = None) -> str:
    return render_template(
        "system/settings.html",
        form=form,
        named=named,
        rules=settings.RULES,
        copies=copies or CopyForm(formdata=None, folder=settings.backup_copy()),
        ours=database.is_sqlite(),
        newest=backups.last_backup(good=False),
        good=backups.last_backup(),
        drill=next(iter(backups.last_drills(1)), None),
    )


def _rules() -> SettingsForm:
    return SettingsForm(formdata=None, data={name: _shown(name) for name in settings.RULES})


def _named() -> ProviderForm:
    return ProviderForm(formdata=None, data=settings.provider())


def _shown(name: str) -> float:
    value = settings.value(name)
    return int(value) if float(value).is_integer() else value
