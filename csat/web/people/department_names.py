"""What the departments are called: QA's page. Heads and members are the administrator's."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from csat import clock
from csat.models.people import Department
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.people import departments
from csat.web.access import current_person, open_to
from csat.web.forms import StaffForm, limit_length, render_form, require_input, submit

blueprint = Blueprint("department_names", __name__, url_prefix="/qa/classification")


class DepartmentNameForm(StaffForm):
    name = StringField(_l("Name in Chinese"), [*require_input(), limit_length(departments.MAX_NAME_LENGTH)])
    name_en = StringField(_l("Name in English"), [limit_length(departments.MAX_NAME_LENGTH)])


@blueprint.get("/departments")
@open_to("classification")
def list_names() -> str:
    """All departments with their names of before, and who named them."""
    changes = departments.find_last_renamings()
    return render_template(
        "people/department_names.html",
        found=departments.list_departments() + departments.list_departments(retired=True),
        former=departments.list_former_names(),
        changes=changes,
        names=audit.find_actor_names(list(changes.values())),
    )


@blueprint.route("/departments/<int:key>", methods=["GET", "POST"])
@open_to("classification")
def rename_department(key: int) -> ResponseReturnValue:
    """Change what a department is called."""
    one = get_or_refuse(Department, key)
    form = DepartmentNameForm(obj=one)
    done = submit(
        form,
        lambda: departments.rename_department(one, form.name.data, form.name_en.data, current_person(), clock.now()),
        said=gettext("Saved. Figures and pages use the new name from now on."),
        to=url_for(".list_names"),
    )
    return done or render_form(
        "people/department_name.html", form, one=one, former=departments.list_former_names().get(key, [])
    )
