"""Issue types: what QA classifies feedback by, worded, ordered and retired."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from csat import clock
from csat.procedure.core import audit
from csat.procedure.risks import issue_types, points
from csat.web.access import current_person, open_to
from csat.web.formatting import localised_text
from csat.web.forms import StaffForm, bilingual, press_button, render_form, set_choices, submit

blueprint = Blueprint("issue_types", __name__, url_prefix="/qa/classification")


@bilingual(
    "hint", _l("When to use it, in Chinese"), _l("When to use it, in English"), issue_types.MAX_HINT_LENGTHS, rows=2
)
@bilingual("name", _l("Name in Chinese"), _l("Name in English"), issue_types.MAX_NAME_LENGTHS, StringField)
class IssueTypeForm(StaffForm):
    domain = SelectField(_l("Risk domain"))

    def offer_domains(self) -> None:
        """Fill the select with the eight domains."""
        set_choices(self.domain, [(one.code, localised_text(one.name)) for one in points.list_domains()])


class NewIssueTypeForm(IssueTypeForm):
    code = StringField(_l("Code"), render_kw={"autocomplete": "off", "spellcheck": "false"})


@blueprint.get("/issue-types")
@open_to("classification")
def list_types() -> str:
    """All types by domain, with how much feedback carries each."""
    changes = issue_types.find_last_changes()
    return render_template(
        "risks/issue_types.html",
        groups=issue_types.list_counted_types(),
        changes=changes,
        names=audit.find_actor_names(list(changes.values())),
    )


@blueprint.route("/issue-types/new", methods=["GET", "POST"])
@open_to("classification")
def add_type() -> ResponseReturnValue:
    """Add a type to a domain."""
    form = NewIssueTypeForm()
    form.offer_domains()
    done = submit(
        form,
        lambda: issue_types.add_type(
            points.get_domain(form.domain.data),
            form.by_language("name"),
            form.by_language("hint"),
            form.code.data or "",
            current_person(),
            clock.now(),
        ),
        said=lambda made: gettext(
            "“%(name)s” is added, with the code %(code)s.", name=localised_text(made.name), code=made.code
        ),
        to=url_for(".list_types"),
    )
    return done or render_form("risks/issue_type_new.html", form)


@blueprint.route("/issue-types/<code>", methods=["GET", "POST"])
@open_to("classification")
def edit_type(code: str) -> ResponseReturnValue:
    """Reword a type, or move it to another domain."""
    found = issue_types.get_type(code)
    words = {f"{name}_{language}": text for name in ("name", "hint") for language, text in getattr(found, name).items()}
    form = IssueTypeForm(data={**words, "domain": found.domain.code})
    form.offer_domains()

    def save() -> None:
        to, name, hint = points.get_domain(form.domain.data), form.by_language("name"), form.by_language("hint")
        issue_types.change_type(found, to, name, hint, current_person(), clock.now())

    done = submit(form, save, said=gettext("Saved."), to=url_for(".list_types"))
    counted = next(one for _, rows in issue_types.list_counted_types() for one in rows if one.type.id == found.id)
    return done or render_form("risks/issue_type.html", form, counted=counted)


@blueprint.post("/issue-types/<code>/up")
@open_to("classification")
def move_up(code: str) -> Response:
    """Put a type before its neighbour."""
    return _shift_type(code, down=False)


@blueprint.post("/issue-types/<code>/down")
@open_to("classification")
def move_down(code: str) -> Response:
    """Put a type behind its neighbour."""
    return _shift_type(code, down=True)


@blueprint.post("/issue-types/<code>/retire")
@open_to("classification")
def retire_type(code: str) -> Response:
    """Offer a type no longer, or again."""
    found = issue_types.get_type(code)
    turn = issue_types.restore_type if found.retired_at else issue_types.retire_type
    return press_button(turn, found, current_person(), clock.now(), to=url_for(".edit_type", code=code))


def _shift_type(code: str, down: bool) -> Response:
    found, to = issue_types.get_type(code), url_for(".list_types", _anchor=code)
    return press_button(issue_types.shift_type, found, down, current_person(), clock.now(), to=to)
