"""Importing incidents: upload, see how the file will be read, confirm; and the maps that say how to read."""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField

from csat import clock
from csat.adapters import files
from csat.database import write
from csat.models.clients import ImportMap
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import jobs
from csat.procedure.core.refusals import NotFound
from csat.procedure.incidents import table_import, table_mapping
from csat.procedure.incidents.incidents import FIELDS
from csat.procedure.incidents.table_mapping import DATE_ORDERS, DELIMITERS, ENCODINGS, IncidentMap, MapWrong
from csat.web.access import me, open_to
from csat.web.errors import say
from csat.web.formatting import zone
from csat.web.forms import PlainForm, StaffForm, at_most, choose, needed
from csat.web.jobs import leads_to
from csat.words import N_

blueprint = Blueprint("incident_import", __name__, url_prefix="/desk/incidents")
FIRST = 10  # rows shown before an import
UPLOAD = "text/csv; for=incidents"
WORST = 200  # bad rows shown; all are counted


# --- a file ------------------------------------------------------------------------------------------


class UploadForm(StaffForm):
    map = SelectField(_l("How to read it"))
    file = FileField(_l("CSV file"))


@blueprint.route("/import", methods=["GET", "POST"])
@open_to("incidents")
def upload() -> str | Response:
    """Choose a file and the map that reads it."""
    maps = table_mapping.kept_maps()
    form = UploadForm()
    choose(form.map, [(str(row.id), row.source) for row in maps])
    if form.validate_on_submit() and form.file.data:
        kept = form.take(_keep, table_mapping.map_of(int(form.map.data)), form.file.data)
        if kept:
            return redirect(url_for(".preview", key=kept.id, map_key=int(form.map.data)))
    elif form.is_submitted():
        form.file.errors = [*form.file.errors, gettext("Please choose a file.")]
    return render_template("incidents/upload.html", form=form, maps=maps)


@blueprint.route("/import/<int:key>/<int:map_key>", methods=["GET", "POST"])
@open_to("incidents")
def preview(key: int, map_key: int) -> str | Response:
    """How a file will be read: its first rows, what is bad in it; the button imports it."""
    kept = _own_file(key)
    made = table_mapping.parse(table_mapping.map_of(map_key).text)
    form = PlainForm()
    if form.validate_on_submit():
        arguments = {"place": kept.place, "map": map_key, "by": me().id, "name": kept.name}
        job = jobs.ask("import_incidents", arguments, me(), clock.now())
        return redirect(url_for("jobs.show", key=job.id))
    reading = table_import.read(_content(kept), made, zone(), clock.now())
    rows = list(reading.last.values())[:FIRST]
    return render_template(
        "incidents/preview.html",
        form=form,
        kept=kept,
        made=made,
        reading=reading,
        rows=rows,
        shown=[name for name in FIELDS if name in made.columns and name != "state"],
        labels=FIELDS,
        bad_rows=[
            (bad.line, made.columns.get(bad.field, bad.field), say(bad.why)) for bad in reading.bad[:WORST]
        ],
        known=table_import.known_already(reading, made),
    )


@leads_to("import_incidents", N_("Import of incidents"))
def _result(job: Job) -> list[tuple[str, str]]:
    return [(url_for("incident_import.imported", key=job.id), gettext("What became of the rows"))]


@blueprint.get("/imports/<int:key>")
@open_to("incidents")
def imported(key: int) -> str | Response:
    """What became of an import: numbers, and the rows that were left out."""
    job = jobs.job_for(me(), key)
    if job.kind != "import_incidents":
        raise NotFound
    if job.state != JobState.DONE:
        return redirect(url_for("jobs.show", key=key))
    outcome = job.outcome or {}
    bad_rows = [
        (bad["line"], bad["column"], _said(bad["sentence"], bad["facts"])) for bad in outcome["bad_rows"]
    ]
    return render_template("incidents/imported.html", job=job, outcome=outcome, bad_rows=bad_rows)


def _said(sentence: str, facts: dict[str, str]) -> str:
    """A sentence that a job has kept, in the reader's language."""
    told = {name: gettext(fact) if fact else fact for name, fact in facts.items()}
    return gettext(sentence) % told if told else gettext(sentence)


def _keep(row: ImportMap, uploaded: Any) -> StoredFile:
    """Keep an uploaded file until it is imported; raise FileUnusable when its map cannot read it at all."""
    content = uploaded.read()
    table_import.read(content, table_mapping.parse(row.text), zone(), clock.now())
    _forget_abandoned()
    place = files.keep(current_app.config["CSAT"].files, content)
    with write():
        return StoredFile.create(
            place=place,
            name=PurePosixPath(uploaded.filename or "").name[:200],
            media_type=UPLOAD,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            stored_by=me(),
            stored_at=clock.now(),
        )


def _forget_abandoned() -> None:
    """Delete what was uploaded and never imported, a day later: it holds personal details."""
    yesterday = clock.now() - timedelta(days=1)
    for kept in StoredFile.select().where(StoredFile.media_type == UPLOAD, StoredFile.stored_at < yesterday):
        files.forget(current_app.config["CSAT"].files, kept.place)
        with write():
            kept.delete_instance()


def _own_file(key: int) -> StoredFile:
    kept = StoredFile.get_or_none(
        StoredFile.id == key, StoredFile.stored_by == me(), StoredFile.media_type == UPLOAD
    )
    if kept is None:
        raise NotFound
    return kept


def _content(kept: StoredFile) -> bytes:
    try:
        return files.read(current_app.config["CSAT"].files, kept.place)
    except FileNotFoundError as gone:  # imported already, and deleted
        raise NotFound from gone


# --- maps --------------------------------------------------------------------------------------------


class MapForm(StaffForm):
    source = StringField(_l("System the file comes from"), [*needed(), at_most(60)])
    date_order = SelectField(_l("Order of a date"))
    zone = StringField(_l("Time zone of the times"))
    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Cells are separated by"))
    date_formats = TextAreaField(_l("Date formats"))
    unknown = TextAreaField(_l("Words that mean unknown"))
    major = TextAreaField(_l("Priorities that count as major"))
    closed_states = TextAreaField(_l("States that count as closed"))

    def offer(self) -> MapForm:
        """Give the selects their choices."""
        orders = [(order, gettext(table_import.ORDERS[order])) for order in DATE_ORDERS]
        names = {",": gettext("comma"), ";": gettext("semicolon"), "\t": gettext("tab"), "|": "|"}
        choose(self.date_order, orders)
        choose(self.encoding, [(name, name) for name in ENCODINGS])
        choose(self.delimiter, [(mark, names[mark]) for mark in DELIMITERS])
        return self

    def text(self) -> str:
        """What was filled in, as the text of a map; raise MapWrong."""
        given: dict[str, Any] = {
            name: self[name].data.strip() for name in ("source", "date_order", "zone", "encoding")
        }
        given["delimiter"] = self.delimiter.data
        for name in LISTS:
            given[name] = [line.strip() for line in self[name].data.splitlines() if line.strip()]
        given["columns"] = {name: self[column(name)].data.strip() for name in FIELDS}
        return table_mapping.to_text(table_mapping.checked(given))

    @property
    def columns(self) -> list[Any]:
        """The fields for the headings, in the order of an incident's fields."""
        return [self[column(name)] for name in FIELDS]


LISTS = ("date_formats", "unknown", "major", "closed_states")


def column(name: str) -> str:
    """What the form calls the heading of a field."""
    return f"column_{name}"


for _name, _label in FIELDS.items():
    setattr(MapForm, column(_name), StringField(_l(_label), [at_most(200)]))


class MapTextForm(StaffForm):
    text = TextAreaField(_l("The map as TOML"), needed())


@blueprint.get("/maps")
@open_to("incidents")
def maps() -> str:
    """The maps that are kept, one for each system."""
    return render_template("incidents/table_mappings.html", maps=table_mapping.kept_maps())


@blueprint.route("/maps/new", methods=["GET", "POST"])
@open_to("incidents")
def new_map() -> str | Response:
    """Make a map by filling in which column is what."""
    return _guided(None)


@blueprint.route("/maps/<int:key>", methods=["GET", "POST"])
@open_to("incidents")
def edit_map(key: int) -> str | Response:
    """Change a kept map by its form."""
    return _guided(table_mapping.map_of(key))


@blueprint.route("/maps/<int:key>/text", methods=["GET", "POST"])
@open_to("incidents")
def map_text(key: int) -> str | Response:
    """Change a kept map as the text it is."""
    row = table_mapping.map_of(key)
    return _as_text(MapTextForm(data={"text": row.text}), row)


@blueprint.route("/maps/new/text", methods=["GET", "POST"])
@open_to("incidents")
def new_map_text() -> str | Response:
    """Make a map by pasting its text."""
    return _as_text(MapTextForm(), None)


def _guided(row: ImportMap | None) -> str | Response:
    form = MapForm(data=_shown(table_mapping.parse(row.text)) if row else _shown(None)).offer()
    if form.validate_on_submit():
        try:
            kept = table_mapping.keep(form.text(), me(), clock.now(), row)
        except MapWrong as refusal:
            form.object_to(refusal)
        else:
            flash(gettext("The map for %(source)s is kept.", source=kept.source))
            return redirect(url_for(".maps"))
    return render_template("incidents/table_mapping.html", form=form, row=row)


def _as_text(form: MapTextForm, row: ImportMap | None) -> str | Response:
    if form.validate_on_submit():
        kept = form.take(table_mapping.keep, form.text.data.replace("\r\n", "\n"), me(), clock.now(), row)
        if kept:
            flash(gettext("The map for %(source)s is kept.", source=kept.source))
            return redirect(url_for(".maps"))
    return render_template("incidents/table_mapping_text.html", form=form, row=row)


def _shown(made: IncidentMap | None) -> dict[str, Any]:
    """A map as its form shows it; without one, what most systems export."""
    if made is None:
        return {"date_order": "ymd", "encoding": "utf-8", "delimiter": ",", "unknown": "?"}
    shown: dict[str, Any] = {
        each.name: getattr(made, each.name)
        for each in fields(IncidentMap)
        if each.default is MISSING or isinstance(each.default, str)
    }
    shown |= {name: "\n".join(word for word in getattr(made, name) if word) for name in LISTS}
    return shown | {column(name): heading for name, heading in made.columns.items()}
