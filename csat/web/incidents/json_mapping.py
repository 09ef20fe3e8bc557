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
from csat.config import HOUSE
from csat.models.clients import IntakeMap
from csat.procedure.core.refusals import Refusal
from csat.procedure.incidents import api_import, api_keys, json_mapping, table_import
from csat.procedure.incidents.api_import import Item
from csat.procedure.incidents.incidents import INSTANTS
from csat.procedure.incidents.json_mapping import NAMES, MessageMap
from csat.procedure.incidents.table_mapping import DATE_ORDERS, IncidentMap, MapWrong
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.formatting import instant, zone
from csat.web.forms import PlainForm, StaffForm, at_most, choose, needed

blueprint = Blueprint("intake_maps", __name__, url_prefix="/admin/api")
EXAMPLES = {"servicenow": "ServiceNow", "jira": "Jira Service Management", "glpi": "GLPI", "zammad": "Zammad"}
LISTS = ("date_formats", "unknown", "major", "closed_states")
SHOWN = 20  # incidents of a sample that are shown; all are counted


class MapForm(StaffForm):
    source = StringField(_l("System the messages come from"), [*needed(), at_most(60)])
    items = StringField(_l("Where the incidents stand"), [at_most(200)])
    date_order = SelectField(_l("Order of a date"))
    zone = StringField(_l("Time zone of the times"))
    date_formats = TextAreaField(_l("Date formats"))
    unknown = TextAreaField(_l("Words that mean unknown"))
    major = TextAreaField(_l("Priorities that count as major"))
    closed_states = TextAreaField(_l("States that count as closed"))

    def offer(self) -> MapForm:
        """Give the select its choices."""
        choose(self.date_order, [(order, gettext(table_import.ORDERS[order])) for order in DATE_ORDERS])
        return self

    def text(self) -> str:
        """What was filled in, as the text of a map; raise MapWrong."""
        given: dict[str, Any] = {
            name: (self[name].data or "").strip() for name in ("source", "items", "date_order", "zone")
        }
        for name in LISTS:
            given[name] = [line.strip() for line in (self[name].data or "").splitlines() if line.strip()]
        given[json_mapping.TABLE] = {name: (self[place(name)].data or "").strip() for name in NAMES}
        return json_mapping.to_text(json_mapping.checked(given))

    @property
    def places(self) -> list[Any]:
        """The fields for the paths, in the order of an incident's fields."""
        return [self[place(name)] for name in NAMES]


def place(name: str) -> str:
    """What the form calls the path of a field."""
    return f"place_{name}"


for _name, _label in NAMES.items():
    setattr(MapForm, place(_name), StringField(_l(_label), [at_most(200)]))


class MapTextForm(StaffForm):
    text = TextAreaField(_l("The map as TOML"), needed(), render_kw={"rows": 24})


@blueprint.route("/maps/new", methods=["GET", "POST"])
@open_to("api")
def new_map() -> str | Response:
    """Say how a system's messages are read, beginning with one of those we know, or with nothing."""
    like = request.args.get("like", "")
    begun = json_mapping.parse(_example(like)) if like in EXAMPLES else None
    return _guided(None, begun, like)


@blueprint.route("/maps/<int:key>", methods=["GET", "POST"])
@open_to("api")
def edit_map(key: int) -> str | Response:
    """Change how a system's messages are read."""
    row = json_mapping.map_at(key)
    return _guided(row, json_mapping.parse(row.text))


@blueprint.route("/maps/new/text", methods=["GET", "POST"])
@open_to("api")
def new_map_text() -> str | Response:
    """Make a map by pasting its text."""
    return _as_text(MapTextForm(), None)


@blueprint.route("/maps/<int:key>/text", methods=["GET", "POST"])
@open_to("api")
def map_text(key: int) -> str | Response:
    """Change a map as the text it is."""
    row = json_mapping.map_at(key)
    return _as_text(MapTextForm(data={"text": row.text}), row)


@blueprint.post("/maps/<int:key>/drop")
@open_to("api")
def drop_map(key: int) -> Response:
    """Read a system's messages in our own format again."""
    row = json_mapping.map_at(key)
    json_mapping.drop(row, me(), clock.now())
    flash(gettext("Messages of %(source)s are read in our own format from now on.", source=row.source))
    return redirect(url_for("api_keys.index"))


def _guided(row: IntakeMap | None, begun: MessageMap | None, like: str = "") -> str | Response:
    form = MapForm(data=_shown(begun)).offer()
    if form.validate_on_submit():
        try:
            kept = json_mapping.keep(form.text(), me(), clock.now(), row)
        except MapWrong as refusal:
            form.object_to(refusal)
        else:
            return _kept(kept)
    return render_template(
        "incidents/json_mapping.html", form=form, row=row, examples=EXAMPLES, like=like, plain=PlainForm()
    )


def _as_text(form: MapTextForm, row: IntakeMap | None) -> str | Response:
    if form.validate_on_submit():
        text = (form.text.data or "").replace("\r\n", "\n")
        kept = form.take(json_mapping.keep, text, me(), clock.now(), row)
        if kept:
            return _kept(kept)
    return render_template("incidents/json_mapping_text.html", form=form, row=row)


def _kept(row: IntakeMap) -> Response:
    flash(gettext("The map for %(source)s is kept. Try it with a message of that system.", source=row.source))
    return redirect(url_for(".try_out", source=row.source))


def _shown(made: MessageMap | None) -> dict[str, Any]:
    """A map as its form shows it; without one, what most systems send."""
    if made is None:
        return {"date_order": "ymd"}
    shown: dict[str, Any] = {
        each.name: getattr(made.reads, each.name)
        for each in fields(IncidentMap)
        if each.default is MISSING or isinstance(each.default, str)
    }
    shown |= {name: "\n".join(word for word in getattr(made.reads, name) if word) for name in LISTS}
    places = {place(name): path for name, path in made.reads.columns.items()}
    return shown | {"items": made.items} | places


def _example(name: str) -> str:
    return (HOUSE / "docs/examples" / f"{name}.toml").read_text("utf-8")


# --- a sample ----------------------------------------------------------------------------------------


class TryForm(StaffForm):
    source = SelectField(_l("System"))
    body = TextAreaField(_l("A message as the system sends it"), needed(), render_kw={"rows": 14})


@blueprint.route("/try", methods=["GET", "POST"])
@open_to("api")
def try_out() -> str:
    """Paste a message and see how it would be read; nothing is stored."""
    form = TryForm(source=request.args.get("source", ""))
    choose(form.source, [(source, source) for source in api_keys.sources()], gettext("Our own format"))
    items: list[Item] = []
    if form.validate_on_submit():
        items = _read(form)
    return render_template(
        "incidents/json_sample.html",
        form=form,
        items=[(item, _facts(item), say(item.refusal) if item.refusal else "") for item in items[:SHOWN]],
        labels=NAMES,
        count=len(items),
        refused=sum(1 for item in items if item.refusal),
    )


def _read(form: TryForm) -> list[Item]:
    source = form.source.data or ""
    try:
        message = json.loads(form.body.data or "")
        items = api_import.read(message, json_mapping.of_source(source), zone())
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
        form.body.errors = [say(refusal)]
        return []
    api_import.check(items, source, clock.now())
    return items


def _facts(item: Item) -> list[tuple[str, str]]:
    """What an item would say of its incident: (field's label, value) in the order of the fields."""
    told: dict[str, Any] = {"number": item.number, **item.fields, **item.reach}
    if item.on_arrival:
        told["closed_at"] = gettext("when the message arrives, unless we know the closing already")
    elif told.get("closed_at", ...) is None:
        told["closed_at"] = gettext("not closed")
    labels = {**NAMES, "major": _l("Counts as major")}
    return [(gettext(str(labels[name])), _told(name, told[name])) for name in labels if name in told]


def _told(name: str, value: Any) -> str:
    if name == "major":
        return gettext("yes") if value else gettext("no")
    return instant(value) if name in INSTANTS and not isinstance(value, str) and value else str(value or "–")
