"""Which roles must have a second factor (D4)."""

from __future__ import annotations

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from csat import clock
from csat.models.roles import Role
from csat.procedure.people import factors
from csat.web.access import asks_proof, current_person, open_to
from csat.web.formatting import list_terms
from csat.web.forms import StaffForm, render_form, submit

blueprint = Blueprint("factor_roles", __name__)


class FactorRolesForm(StaffForm):
    roles = SelectMultipleField(_l("These roles must have one"))


@blueprint.route("/admin/settings/second-factor", methods=["GET", "POST"])
@open_to("settings")
@asks_proof
def edit_roles() -> ResponseReturnValue:
    """Show and change which roles must have a second factor, and who of them has none yet."""
    form = FactorRolesForm(data={"roles": sorted(role.value for role in factors.list_demanding_roles())})
    form.roles.choices = list_terms(Role)
    done = submit(
        form,
        lambda: factors.demand_of_roles(map(Role, form.roles.data or []), current_person(), clock.now()),
        said=gettext("Saved. Whoever holds one of these roles sets up a second factor at the next page they open."),
        to=url_for(".edit_roles"),
    )
    return done or render_form("people/factor_roles.html", form, without=factors.list_without_factor())
