"""Settings that administrators change, each with its limits."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, FloatField, IntegerField, StringField, TelField
from wtforms.validators import InputRequired, ValidationError

from csat import clock, database
from csat.adapters import backup
from csat.models.base import expect_value
from csat.models.feedback import Severity
from csat.procedure.core import settings
from csat.procedure.feedback import due_days
from csat.procedure.incidents import beginning
from csat.procedure.incidents.beginning import BeginningMoved
from csat.procedure.upkeep import backups
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.formatting import operator_zone
from csat.web.forms import NamedForm, StaffForm, limit_length, submit

blueprint = Blueprint("settings", __name__)


class SettingsForm(StaffForm):
    """One field for each rule of the procedure."""


# Due days are QA's to set: csat/web/feedback/due_days.py.
ADMIN_RULES = {name: rule for name, rule in settings.SETTING_RULES.items() if name not in due_days.DUE_DAY_SETTINGS}

for name, rule in ADMIN_RULES.items():
    kind = IntegerField if float(rule.default).is_integer() else FloatField
    bounds = {"step": "1" if kind is IntegerField else "0.01", "min": f"{rule.least:g}", "max": f"{rule.most:g}"}
    needed = InputRequired(_l("Please enter a number."))
    setattr(SettingsForm, name, kind(_l(rule.purpose), [needed], render_kw={"type": "number", **bounds}))


class ProviderForm(StaffForm):
    """Who asks."""

    zh = StringField(_l("Name in Chinese"), [limit_length(60)])
    en = StringField(_l("Name in English"), [limit_length(60)])
    telephone = TelField(_l("Telephone for clients"), [limit_length(40)])
    email = EmailField(_l("E-mail for clients"), [limit_length(200)])


class BeginningForm(NamedForm):
    """Since when we ask."""

    day = DateField(_l("First day"), [InputRequired(_l("Please enter a date."))])


class BackupCopyForm(StaffForm):
    """Where back-ups are copied to."""

    folder = StringField(_l("Second folder"), [limit_length(400)], render_kw={"autocomplete": "off"})

    def validate_folder(self, field: Any) -> None:
        """A folder of the server that can be written to, and that is neither the store's nor the keys'."""
        config = current_config()
        problem = backup.find_copy_problem((field.data or "").strip(), (config.instance, config.keys))
        if problem:
            raise ValidationError(gettext(problem))


@blueprint.route("/admin/settings", methods=["GET", "POST"])
@open_to("settings")
def edit_settings() -> ResponseReturnValue:
    """Show the settings and change them, all at once."""
    form = SettingsForm(data=_current_values())

    def save() -> None:
        values = {name: form[name].data for name in ADMIN_RULES}
        settings.change_settings(values, current_person(), clock.now())

    said = gettext("Saved. The new values count from now on; what was due before stays due.")
    return submit(form, save, said, url_for(".edit_settings")) or _render_settings(form=form)


@blueprint.post("/admin/settings/provider")
@open_to("settings")
def save_provider_name() -> ResponseReturnValue:
    """Say who asks."""
    form = ProviderForm()

    def save() -> None:
        names, by, now = {"zh": form.zh.data or "", "en": form.en.data or ""}, current_person(), clock.now()
        settings.set_provider_contact(form.telephone.data or "", form.email.data or "", by, now)
        settings.set_provider_names(names, by, now)

    said = gettext("Saved. The name stands on every form and report from now on.")
    return submit(form, save, said, url_for(".edit_settings")) or _render_settings(named=form)


@blueprint.post("/admin/settings/beginning")
@open_to("settings")
def save_beginning() -> ResponseReturnValue:
    """Say from which day on closed incidents are surveyed (P1)."""
    form = BeginningForm()

    def save() -> BeginningMoved:
        day = expect_value(form.day.data)
        return beginning.set_beginning(day, current_person(), clock.now(), operator_zone())

    return submit(form, save, _describe_moved, url_for(".edit_settings")) or _render_settings(begins=form)


def _describe_moved(moved: BeginningMoved) -> str:
    history = ngettext(
        "%(num)s closed incident became history", "%(num)s closed incidents became history", moved.history
    )
    due = ngettext("%(num)s is to be surveyed again", "%(num)s are to be surveyed again", moved.due)
    return gettext("Saved. %(history)s; %(due)s.", history=history, due=due)


@blueprint.post("/admin/settings/back-ups")
@open_to("settings")
def save_backup_folder() -> ResponseReturnValue:
    """Say where the daily round copies back-ups to (D6)."""
    form = BackupCopyForm()
    done = submit(
        form,
        lambda: settings.set_backup_folder((form.folder.data or "").strip(), current_person(), clock.now()),
        said=gettext("Saved. The next back-up is copied there."),
        to=url_for(".edit_settings"),
    )
    return done or _render_settings(copies=form)


def _render_settings(
    form: SettingsForm | None = None,
    named: ProviderForm | None = None,
    copies: BackupCopyForm | None = None,
    begins: BeginningForm | None = None,
) -> str:
    return render_template(
        "system/settings.html",
        form=form or SettingsForm(formdata=None, data=_current_values()),
        named=named
        or ProviderForm(formdata=None, data={**settings.get_provider_names(), **settings.get_provider_contact()}),
        rules=ADMIN_RULES,
        due_days=due_days.get_due_days(),
        severities=list(Severity),
        name_setting=due_days.name_setting,
        begins=begins or BeginningForm(formdata=None, day=beginning.get_beginning()),
        history=beginning.count_history(),
        copies=copies or BackupCopyForm(formdata=None, folder=settings.get_backup_folder()),
        ours=database.is_sqlite(),
        newest=backups.find_last_backup(good=False),
        good=backups.find_last_backup(),
        drill=next(iter(backups.list_last_drills(1)), None),
    )


def _current_values() -> dict[str, float]:
    """The settings as a number field shows them: 48, not 48.0."""
    values = {name: settings.get_number(name) for name in ADMIN_RULES}
    return {name: int(value) if float(value).is_integer() else value for name, value in values.items()}
