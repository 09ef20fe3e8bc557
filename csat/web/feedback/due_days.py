"""Due days by severity (I2): QA's page."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired

from csat import clock
from csat.models.feedback import Severity
from csat.procedure.core import settings
from csat.procedure.feedback import due_days
from csat.web.access import current_person, open_to
from csat.web.forms import StaffForm, render_form, submit

blueprint = Blueprint("due_days", __name__, url_prefix="/qa/classification")


class DueDaysForm(StaffForm):
    """One field for each step and severity."""


STEP_LABELS = {due_days.CALL_BACK: _l("Call back within (days)"), due_days.CLOSE: _l("Close within (days)")}

for name in due_days.DUE_DAY_SETTINGS:
    rule = settings.SETTING_RULES[name]
    look = {"type": "number", "step": "1", "min": f"{rule.least:g}", "max": f"{rule.most:g}"}
    needed = InputRequired(_l("Please enter a whole number of days."))
    label = next(said for step, said in STEP_LABELS.items() if name.startswith(step))
    setattr(DueDaysForm, name, IntegerField(label, [needed], render_kw=look))


@blueprint.route("/due-days", methods=["GET", "POST"])
@open_to("classification")
def edit_due_days() -> ResponseReturnValue:
    """Show the days and change them, all at once."""
    form = DueDaysForm(data=due_days.get_due_days())

    def save() -> None:
        days = {name: form[name].data for name in due_days.DUE_DAY_SETTINGS}
        due_days.change_due_days(days, current_person(), clock.now())

    said = gettext("Saved. The new days count for feedback from now on; what was due before stays due.")
    return submit(form, save, said, url_for(".edit_due_days")) or render_form(
        "feedback/due_days.html",
        form,
        severities=list(Severity),
        steps=(due_days.CALL_BACK, due_days.CLOSE),
        name_setting=due_days.name_setting,
        rules=settings.SETTING_RULES,
        change=settings.find_last_change(*due_days.DUE_DAY_SETTINGS),
    )
