"""A message of a ticket system that is only looked at: how it would be read, and what would be refused."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField

from csat import clock
from csat.procedure.core.refusals import Refusal
from csat.procedure.incidents import api_import, api_keys
from csat.procedure.incidents.api_import import MessageItem
from csat.procedure.incidents.fields import TIME_FIELDS
from csat.procedure.incidents.json_mapping import MESSAGE_FIELD_LABELS, MESSAGE_MAPS
from csat.web.access import open_to
from csat.web.errors import describe_refusal
from csat.web.formatting import format_instant, operator_zone
from csat.web.forms import StaffForm, require_input, set_choices

blueprint = Blueprint("json_sample", __name__, url_prefix="/admin/api")
SAMPLE_SIZE = 20  # incidents of a sample that are shown; all are counted


class SampleForm(StaffForm):
    source = SelectField(_l("System"))
    body = TextAreaField(_l("A message as the system sends it"), require_input(), render_kw={"rows": 14})


@blueprint.route("/try", methods=["GET", "POST"])
@open_to("api")
def try_sample() -> str:
    """Paste a message and see how it would be read; nothing is stored."""
    form = SampleForm(source=request.args.get("source", ""))
    set_choices(form.source, [(source, source) for source in api_keys.list_sources()], gettext("Our own format"))
    items = _parse_sample(form) if form.validate_on_submit() else []
    return render_template(
        "incidents/json_sample.html",
        form=form,
        items=[
            (one, _describe_item(one), describe_refusal(one.refusal) if one.refusal else "")
            for one in items[:SAMPLE_SIZE]
        ],
        labels=MESSAGE_FIELD_LABELS,
        count=len(items),
        refused=sum(1 for item in items if item.refusal),
    )


def _parse_sample(form: SampleForm) -> list[MessageItem]:
    source = form.source.data or ""
    try:
        message = api_import.parse_json(form.body.data or "")
        items = api_import.read_message(message, MESSAGE_MAPS.find_map_of_source(source), operator_zone())
    except Refusal as refusal:
        form.body.errors = [describe_refusal(refusal)]
        return []
    api_import.check_items(items, source, clock.now())  # the store is not asked: looking makes nothing
    return items


def _describe_item(item: MessageItem) -> list[tuple[str, str]]:
    """What an item would say of its incident: (field's label, value) in the order of the fields."""
    told: dict[str, object] = {"number": item.number, **item.fields, **item.reach}
    if item.on_arrival:
        told["closed_at"] = gettext("when the message arrives, unless we know the closing already")
    elif told.get("closed_at", ...) is None:
        told["closed_at"] = gettext("not closed")
    labels = {**MESSAGE_FIELD_LABELS, "major": _l("Counts as major")}
    return [(gettext(str(labels[name])), _format_value(name, told[name])) for name in labels if name in told]


def _format_value(name: str, value: Any) -> str:
    if name == "major":
        return gettext("yes") if value else gettext("no")
    return format_instant(value) if name in TIME_FIELDS and not isinstance(value, str) and value else str(value or "–")
