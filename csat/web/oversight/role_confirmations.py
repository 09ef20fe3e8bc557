"""Each quarter: may everybody still do what they may? Confirmed by ticks, with the last sign-in in view (D4)."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.utils import redirect

from csat import clock
from csat.procedure.oversight import confirmations
from csat.web.access import current_person, open_to
from csat.web.formatting import operator_zone
from csat.web.forms import ButtonForm
from csat.web.params import current_quarter, ticked_keys

blueprint = Blueprint("role_confirmations", __name__, url_prefix="/admin/roles")


@blueprint.route("/", methods=["GET", "POST"])
@open_to("accounts.second")
def list_accounts() -> ResponseReturnValue:
    """The accounts that wait for a look; sent, the ticked ones are confirmed."""
    by, now, form = current_person(), clock.now(), ButtonForm()
    if form.validate_on_submit():
        ticked = ticked_keys("account")
        if ticked:
            number = confirmations.confirm_roles(ticked, by, now, operator_zone())
            said = ngettext(
                "The roles of %(num)s account are confirmed.", "The roles of %(num)s accounts are confirmed.", number
            )
            flash(said)
            return redirect(url_for(".list_accounts"))
        form.form_errors.append(gettext("Please tick at least one account."))
    waiting = confirmations.list_to_confirm(by, now, operator_zone())
    return render_template("oversight/role_confirmations.html", form=form, waiting=waiting, quarter=current_quarter())
