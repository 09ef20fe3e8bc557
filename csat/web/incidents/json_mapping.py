"""How the messages of ticket systems are read: a map for each, and a sample that is only looked at."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField

from csat import clock
from csat.config import PROJECT_ROOT
from csat.models.clients import IntakeMap
from csat.procedure.core.refusals import Refusal
from csat.procedure.incidents import api_import, api_keys, json_mapping, table_import
from csat.procedure.incidents.api_import import MessageItem
from csat.procedure.incidents.incidents import TIME_FIELDS
from csat.procedure.incidents.json_mapping import MESSAGE_FIELD_LABELS, MessageMap
from csat.procedure.incidents.table_mapping import DATE_ORDERS, IncidentMap, MapWrong
from csat.web.access import current_person, open_to
from csat.web.errors import describe_refusal
from csat.web.formatting import format_instant, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, require_input, set_choices

blueprint = Blueprint("json_mapping", __name__, url_prefix="/admin/api")
EXAMPLE_SYSTEMS = {
    "servicenow": "ServiceNow",
    "jira": "Jira Service Management",
    "glpi": "GLPI",
    "zammad": "Zammad",
}
LIST_FIELDS = ("date_formats", "unknown", "major", "closed_states")
SAMPLE_SIZE = 20  # incidents of a sample that are shown; all are counted


class JsonMapForm(StaffForm):
    source = StringField(_l("System the messages come from"), [*require_input(), limit_length(60)])
    items = StringField(_l("Where the incidents stand"), [limit_length(200)])
    date_order = SelectField(_l("Order of a date"))
    zone = StringField(_l("Time zone of the times"))
    date_formats = TextAreaField(_l("Date formats"))
    unknown = TextAreaField(_l("Words that mean unknown"))
    major = TextAreaField(_l("Priorities that count as major"))
    closed_states = TextAreaField(_l("States that count as closed"))

    def offer(self) -> JsonMapForm:
        """Give the select its choices."""
        set_choices(
            self.date_order,
            [(order, gettext(table_import.DATE_ORDER_LABELS[order])) for order in DATE_ORDERS],
        )
        return self

    def text(self) -> str:
        """What was filled in, as the text of a map; raise MapWrong."""
        given: dict[str, object] = {
            name: (self[name].data or "").strip() for name in ("source", "items", "date_order", "zone")
        }
        for name in LIST_FIELDS:
            given[name] = [line.strip() for line in (self[name].data or "").splitlines() if line.strip()]
        given[json_mapping.FIELDS_TABLE] = {
            name: (self[path_field_name(name)].data or "").strip() for name in MESSAGE_FIELD_LABELS
        }
        return json_mapping.format_map(json_mapping.build_map(given))

    @property
    def places(self) -> list[Any]:
        """The fields for the paths, in the order of an incident's fields."""
        return [self[path_field_name(name)] for name in MESSAGE_FIELD_LABELS]


def path_field_name(name: str) -> str:
    """What the form calls the path of a field."""
    return f"place_{name}"


for _name, _label in MESSAGE_FIELD_LABELS.items():
    setattr(JsonMapForm, path_field_name(_name), StringField(_l(_label), [limit_length(200)]))


class JsonMapTextForm(StaffForm):
    text = TextAreaField(_l("The map as TOML"), require_input(), render_kw={"rows": 24})


@blueprint.route("/maps/new", methods=["GET", "POST"])
@open_to("api")
def create_map() -> str | Response:
    """Say how a system's messages are read, beginning with one of those we know, or with nothing."""
    like = request.args.get("like", "")
    begun = json_mapping.parse_map(_read_example(like)) if like in EXAMPLE_SYSTEMS else None
    return _edit_by_form(None, begun, like)


@blueprint.route("/maps/<int:key>", methods=["GET", "POST"])
@open_to("api")
def edit_map(key: int) -> str | Response:
    """Change how a system's messages are read."""
    row = json_mapping.get_map(key)
    return _edit_by_form(row, json_mapping.parse_map(row.text))


@blueprint.route("/maps/new/text", methods=["GET", "POST"])
@open_to("api")
def create_map_text() -> str | Response:
    """Make a map by pasting its text."""
    return _edit_by_text(JsonMapTextForm(), None)


@blueprint.route("/maps/<int:key>/text", methods=["GET", "POST"])
@open_to("api")
def edit_map_text(key: int) -> str | Response:
    """Change a map as the text it is."""
    row = json_mapping.get_map(key)
    return _edit_by_text(JsonMapTextForm(data={"text": row.text}), row)


@blueprint.post("/maps/<int:key>/drop")
@open_to("api")
def delete_map(key: int) -> Response:
    """Read a system's messages in our own format again."""
    row = json_mapping.get_map(key)
    json_mapping.delete_map(row, current_person(), clock.now())
    flash(gettext("Messages of %(source)s are read in our own format from now on.", source=row.source))
    return redirect(url_for("api_keys.list_api_keys"))


def _edit_by_form(row: IntakeMap | None, begun: MessageMap | None, like: str = "") -> str | Response:
    form = JsonMapForm(data=_form_data(begun)).offer()
    if form.validate_on_submit():
        try:
            kept = json_mapping.save_map(form.text(), current_person(), clock.now(), row)
        except MapWrong as refusal:
            form.object_to(refusal)
        else:
            return _redirect_to_sample(kept)
    return render_template(
        "incidents/json_mapping.html",
        form=form,
        row=row,
        examples=EXAMPLE_SYSTEMS,
        like=like,
        plain=ButtonForm(),
    )


def _edit_by_text(form: JsonMapTextForm, row: IntakeMap | None) -> str | Response:
    if form.validate_on_submit():
        text = (form.text.data or "").replace("\r\n", "\n")
        kept = form.take(json_mapping.save_map, text, current_person(), clock.now(), row)
        if kept:
            return _redirect_to_sample(kept)
    return render_template("incidents/json_mapping_text.html", form=form, row=row)


def _redirect_to_sample(row: IntakeMap) -> Response:
    flash(gettext("The map for %(source)s is kept. Try it with a message of that system.", source=row.source))
    return redirect(url_for(".try_sample", source=row.source))


def _form_data(made: MessageMap | None) -> dict[str, object]:
    """A map as its form shows it; without one, what most systems send."""
    if made is None:
        return {"date_order": "ymd"}
    shown: dict[str, object] = {
        each.name: getattr(made.reads, each.name)
        for each in fields(IncidentMap)
        if each.default is MISSING or isinstance(each.default, str)
    }
    shown |= {name: "\n".join(word for word in getattr(made.reads, name) if word) for name in LIST_FIELDS}
    places = {path_field_name(name): path for name, path in made.reads.columns.items()}
    return shown | {"items": made.items} | places


def _read_example(name: str) -> str:
    return (PROJECT_ROOT / "docs/examples" / f"{name}.toml").read_text("utf-8")


# --- a sample ----------------------------------------------------------------------------------------


class SampleForm(StaffForm):
    source = SelectField(_l("System"))
    body = TextAreaField(_l("A message as the system sends it"), require_input(), render_kw={"rows": 14})


@blueprint.route("/try", methods=["GET", "POST"])
@open_to("api")
def try_sample() -> str:
    """Paste a message and see how it would be read; nothing is stored."""
    form = SampleForm(source=request.args.get("source", ""))
    set_choices(
        form.source, [(source, source) for source in api_keys.list_sources()], gettext("Our own format")
    )
    items: list[MessageItem] = []
    if form.validate_on_submit():
        items = _parse_sample(form)
    return render_template(
        "incidents/json_sample.html",
        form=form,
        items=[
            (item, _describe_item(item), describe_refusal(item.refusal) if item.refusal else "")
            for item in items[:SAMPLE_SIZE]
        ],
        labels=MESSAGE_FIELD_LABELS,
        count=len(items),
        refused=sum(1 for item in items if item.refusal),
    )


def _parse_sample(form: SampleForm) -> list[MessageItem]:
    source = form.source.data or ""
    try:
        message = json.loads(form.body.data or "")
        items = api_import.read_message(message, json_mapping.find_map_of_source(source), operator_zone())
    except json.JSONDecodeError as error:
        form.body.errors = [
            gettext(
                "This is no JSON: see line %(line)s, column %(column)s.",
                line=error.lineno,
                column=error.colno,
            )
        ]
        return []
    except (RecursionError, ValueError):
        form.body.errors = [
            gettext("This JSON cannot be read: it is nested too deep, or holds a number that is none.")
        ]
        return []
    except Refusal as refusal:
        form.body.errors = [describe_refusal(refusal)]
        return []
    api_import.check_items(items, source, clock.now())
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
    return (
        format_instant(value)
        if name in TIME_FIELDS and not isinstance(value, str) and value
        else str(value or "–")
    )
