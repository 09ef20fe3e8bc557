"""Markings 'handed over' without a link, from before one was needed: QA looks, and takes them back (P1)."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from csat import clock
from csat.procedure.campaigns import unproven_deliveries
from csat.web.access import current_person, open_to
from csat.web.forms import StaffForm, build_text_area, render_form, submit
from csat.web.pagination import paginate

blueprint = Blueprint("unproven", __name__, url_prefix="/qa/handed-over")


class TakeBackForm(StaffForm):
    reason = build_text_area(_l("Reason"), rows=2)


@blueprint.get("")
@open_to("review")
def list_deliveries() -> str:
    """What counts as handed over though no link was in hand."""
    listed = paginate(unproven_deliveries.select_unproven_deliveries())
    return render_template("review/unproven.html", listed=listed)


@blueprint.route("/<int:key>", methods=["GET", "POST"])
@open_to("review")
def take_back(key: int) -> ResponseReturnValue:
    """Take one back, with the reason."""
    attempt, form = unproven_deliveries.get_unproven_delivery(key), TakeBackForm()
    done = submit(
        form,
        lambda: unproven_deliveries.take_back_delivery(attempt, form.reason.data, current_person(), clock.now()),
        said=gettext("It is taken back, and on record."),
        to=url_for(".list_deliveries"),
    )
    return done or render_form("review/unproven_back.html", form, attempt=attempt)
