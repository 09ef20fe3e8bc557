"""Importing incidents: upload, see how the file will be read, confirm; and the maps that say how to read."""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, fields
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
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
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotFound
from csat.procedure.incidents import table_import, table_mapping
from csat.procedure.incidents.incidents import FIELD_LABELS
from csat.procedure.incidents.table_mapping import DATE_ORDERS, DELIMITERS, ENCODINGS, IncidentMap, MapWrong
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.errors import describe_refusal
from csat.web.formatting import operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, require_input, set_choices
from csat.web.jobs import register_job_links
from csat.words import N_

blueprint = Blueprint("incident_import", __name__, url_prefix="/desk/incidents")
PREVIEW_ROWS = 10  # rows shown before an import
UPLOAD_MEDIA_TYPE = "text/csv; for=incidents"
MAX_BAD_ROWS = 200  # bad rows shown; all are counted


# --- a file ------------------------------------------------------------------------------------------


class IncidentUploadForm(StaffForm):
    map = SelectField(_l("How to read it"))
    file = FileField(_l("CSV file"))


@blueprint.route("/import", methods=["GET", "POST"])
@open_to("incidents")
def upload_incidents() -> str | Response:
    """Choose a file and the map that reads it."""
    maps = table_mapping.list_maps()
    form = IncidentUploadForm()
    set_choices(form.map, [(str(row.id), row.source) for row in maps])
    if form.validate_on_submit() and form.file.data:
        kept = form.take(_store_upload, table_mapping.get_map(int(form.map.data)), form.file.data)
        if kept:
            return redirect(url_for(".preview_import", key=kept.id, map_key=int(form.map.data)))
    elif form.is_submitted():
        form.file.errors = [*form.file.errors, gettext("Please choose a file.")]
    return render_template("incidents/upload.html", form=form, maps=maps)


@blueprint.route("/import/<int:key>/<int:map_key>", methods=["GET", "POST"])
@open_to("incidents")
def preview_import(key: int, map_key: int) -> str | Response:
    """How a file will be read: its first rows, what is bad in it; the button imports it."""
    kept = _own_upload(key)
    made = table_mapping.parse_map(table_mapping.get_map(map_key).text)
    form = ButtonForm()
    if form.validate_on_submit():
        arguments = {"place": kept.place, "map": map_key, "by": current_person().id, "name": kept.name}
        job = jobs.queue_job("import_incidents", arguments, current_person(), clock.now())
        return redirect(url_for("jobs.show_job", key=job.id))
    reading = table_import.read_table(_read_upload(kept), made, operator_zone(), clock.now())
    rows = list(reading.last.values())[:PREVIEW_ROWS]
    return render_template(
        "incidents/preview.html",
        form=form,
        kept=kept,
        made=made,
        reading=reading,
        rows=rows,
        shown=[name for name in FIELD_LABELS if name in made.columns and name != "state"],
        labels=FIELD_LABELS,
        bad_rows=[
            (bad.line, made.columns.get(bad.field, bad.field), describe_refusal(bad.why))
            for bad in reading.bad[:MAX_BAD_ROWS]
        ],
        known=table_import.count_known_incidents(reading, made),
    )


@register_job_links("import_incidents", N_("Import of incidents"))
def _import_links(job: Job) -> list[tuple[str, str]]:
    return [(url_for("incident_import.show_import", key=job.id), gettext("What became of the rows"))]


@blueprint.get("/imports/<int:key>")
@open_to("incidents")
def show_import(key: int) -> str | Response:
    """What became of an import: numbers, and the rows that were left out."""
    job = jobs.job_for(current_person(), key)
    if job.kind != "import_incidents":
        raise NotFound
    if job.state != JobState.DONE:
        return redirect(url_for("jobs.show_job", key=key))
    outcome = job.outcome or {}
    bad_rows = [
        (bad["line"], bad["column"], _translate_sentence(bad["sentence"], bad["facts"]))
        for bad in outcome["bad_rows"]
    ]
    return render_template("incidents/imported.html", job=job, outcome=outcome, bad_rows=bad_rows)


def _translate_sentence(sentence: str, facts: dict[str, str]) -> str:
    """A sentence that a job has kept, in the reader's language."""
    told = {name: gettext(fact) if fact else fact for name, fact in facts.items()}
    return gettext(sentence) % told if told else gettext(sentence)


def _store_upload(row: ImportMap, uploaded: Any) -> StoredFile:
    """Keep an uploaded file until it is imported; raise FileUnusable when its map cannot read it at all."""
    content = uploaded.read()
    table_import.read_table(content, table_mapping.parse_map(row.text), operator_zone(), clock.now())
    _delete_abandoned()
    place = files.keep_file(current_config().files, content)
    with write():
        return StoredFile.create(
            place=place,
            name=PurePosixPath(uploaded.filename or "").name[:200],
            media_type=UPLOAD_MEDIA_TYPE,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            stored_by=current_person(),
            stored_at=clock.now(),
        )


def _delete_abandoned() -> None:
    """Delete what was uploaded and never imported, a day later: it holds personal details."""
    yesterday = clock.now() - timedelta(days=1)
    for kept in StoredFile.select().where(
        StoredFile.media_type == UPLOAD_MEDIA_TYPE, StoredFile.stored_at < yesterday
    ):
        files.delete_file(current_config().files, kept.place)
        with write():
            kept.delete_instance()


def _own_upload(key: int) -> StoredFile:
    return get_or_refuse(
        StoredFile, key, StoredFile.stored_by == current_person(), StoredFile.media_type == UPLOAD_MEDIA_TYPE
    )


def _read_upload(kept: StoredFile) -> bytes:
    try:
        return files.read_file(current_config().files, kept.place)
    except FileNotFoundError as gone:  # imported already, and deleted
        raise NotFound from gone


# --- maps --------------------------------------------------------------------------------------------


class TableMapForm(StaffForm):
    source = StringField(_l("System the file comes from"), [*require_input(), limit_length(60)])
    date_order = SelectField(_l("Order of a date"))
    zone = StringField(_l("Time zone of the times"))
    encoding = SelectField(_l("Encoding"))
    delimiter = SelectField(_l("Cells are separated by"))
    date_formats = TextAreaField(_l("Date formats"))
    unknown = TextAreaField(_l("Words that mean unknown"))
    major = TextAreaField(_l("Priorities that count as major"))
    closed_states = TextAreaField(_l("States that count as closed"))

    def offer(self) -> TableMapForm:
        """Give the selects their choices."""
        orders = [(order, gettext(table_import.DATE_ORDER_LABELS[order])) for order in DATE_ORDERS]
        names = {",": gettext("comma"), ";": gettext("semicolon"), "\t": gettext("tab"), "|": "|"}
        set_choices(self.date_order, orders)
        set_choices(self.encoding, [(name, name) for name in ENCODINGS])
        set_choices(self.delimiter, [(mark, names[mark]) for mark in DELIMITERS])
        return self

    def text(self) -> str:
        """What was filled in, as the text of a map; raise MapWrong."""
        given: dict[str, object] = {
            name: self[name].data.strip() for name in ("source", "date_order", "zone", "encoding")
        }
        given["delimiter"] = self.delimiter.data
        for name in LIST_FIELDS:
            given[name] = [line.strip() for line in self[name].data.splitlines() if line.strip()]
        given["columns"] = {name: self[column_field_name(name)].data.strip() for name in FIELD_LABELS}
        return table_mapping.format_map(table_mapping.build_map(given))

    @property
    def columns(self) -> list[Any]:
        """The fields for the headings, in the order of an incident's fields."""
        return [self[column_field_name(name)] for name in FIELD_LABELS]


LIST_FIELDS = ("date_formats", "unknown", "major", "closed_states")


def column_field_name(name: str) -> str:
    """What the form calls the heading of a field."""
    return f"column_{name}"


for _name, _label in FIELD_LABELS.items():
    setattr(TableMapForm, column_field_name(_name), StringField(_l(_label), [limit_length(200)]))


class TableMapTextForm(StaffForm):
    text = TextAreaField(_l("The map as TOML"), require_input())


@blueprint.get("/maps")
@open_to("incidents")
def list_maps() -> str:
    """The maps that are kept, one for each system."""
    return render_template("incidents/table_mappings.html", maps=table_mapping.list_maps())


@blueprint.route("/maps/new", methods=["GET", "POST"])
@open_to("incidents")
def create_map() -> str | Response:
    """Make a map by filling in which column is what."""
    return _edit_by_form(None)


@blueprint.route("/maps/<int:key>", methods=["GET", "POST"])
@open_to("incidents")
def edit_map(key: int) -> str | Response:
    """Change a kept map by its form."""
    return _edit_by_form(table_mapping.get_map(key))


@blueprint.route("/maps/<int:key>/text", methods=["GET", "POST"])
@open_to("incidents")
def edit_map_text(key: int) -> str | Response:
    """Change a kept map as the text it is."""
    row = table_mapping.get_map(key)
    return _edit_by_text(TableMapTextForm(data={"text": row.text}), row)


@blueprint.route("/maps/new/text", methods=["GET", "POST"])
@open_to("incidents")
def create_map_text() -> str | Response:
    """Make a map by pasting its text."""
    return _edit_by_text(TableMapTextForm(), None)


def _edit_by_form(row: ImportMap | None) -> str | Response:
    form = TableMapForm(
        data=_form_data(table_mapping.parse_map(row.text)) if row else _form_data(None)
    ).offer()
    if form.validate_on_submit():
        try:
            kept = table_mapping.save_map(form.text(), current_person(), clock.now(), row)
        except MapWrong as refusal:
            form.object_to(refusal)
        else:
            flash(gettext("The map for %(source)s is kept.", source=kept.source))
            return redirect(url_for(".list_maps"))
    return render_template("incidents/table_mapping.html", form=form, row=row)


def _edit_by_text(form: TableMapTextForm, row: ImportMap | None) -> str | Response:
    if form.validate_on_submit():
        kept = form.take(
            table_mapping.save_map, form.text.data.replace("\r\n", "\n"), current_person(), clock.now(), row
        )
        if kept:
            flash(gettext("The map for %(source)s is kept.", source=kept.source))
            return redirect(url_for(".list_maps"))
    return render_template("incidents/table_mapping_text.html", form=form, row=row)


def _form_data(made: IncidentMap | None) -> dict[str, object]:
    """A map as its form shows it; without one, what most systems export."""
    if made is None:
        return {"date_order": "ymd", "encoding": "utf-8", "delimiter": ",", "unknown": "?"}
    shown: dict[str, object] = {
        each.name: getattr(made, each.name)
        for each in fields(IncidentMap)
        if each.default is MISSING or isinstance(each.default, str)
    }
    shown |= {name: "\n".join(word for word in getattr(made, name) if word) for name in LIST_FIELDS}
    return shown | {column_field_name(name): heading for name, heading in made.columns.items()}
