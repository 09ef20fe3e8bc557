"""Importing incidents: upload, see how the file will be read, confirm."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectField

from csat import clock
from csat.models.clients import ImportMap
from csat.models.work import Job, JobState, StoredFile
from csat.procedure.core import jobs, uploads
from csat.procedure.core.refusals import NotFound
from csat.procedure.core.uploads import UploadKind
from csat.procedure.incidents import table_import
from csat.procedure.incidents.fields import FIELD_LABELS
from csat.procedure.incidents.mapping import TABLE_MAPS
from csat.web.access import current_person, open_to
from csat.web.downloads import read_stored
from csat.web.errors import describe_refusal, translate_sentence
from csat.web.formatting import operator_zone
from csat.web.forms import ButtonForm, StaffForm
from csat.web.jobs import register_job_links
from csat.web.uploads import keep_upload
from csat.words import N_

blueprint = Blueprint("incident_import", __name__, url_prefix="/desk/incidents")
PREVIEW_ROWS = 10  # rows shown before an import
MAX_BAD_ROWS = 200  # bad rows shown; all are counted


class IncidentUploadForm(StaffForm):
    map = SelectField(
        _l("How to read it"), choices=lambda: [SelectChoice(str(row.id), row.source) for row in TABLE_MAPS.list_maps()]
    )
    file = FileField(_l("CSV file"))


@blueprint.route("/import", methods=["GET", "POST"])
@open_to("incidents")
def upload_incidents() -> str | Response:
    """Choose a file and the map that reads it."""
    form = IncidentUploadForm()
    if form.validate_on_submit() and form.file.data:
        kept = form.take(_keep_readable, TABLE_MAPS.get_map(int(form.map.data)), form.file.data)
        if kept:
            return redirect(url_for(".preview_import", key=kept.id, map_key=int(form.map.data)))
    elif form.is_submitted():
        form.file.errors = [*form.file.errors, gettext("Please choose a file.")]
    return render_template("incidents/upload.html", form=form, maps=TABLE_MAPS.list_maps())


@blueprint.route("/import/<int:key>/<int:map_key>", methods=["GET", "POST"])
@open_to("incidents")
def preview_import(key: int, map_key: int) -> str | Response:
    """How a file will be read: its first rows, what is bad in it; the button imports it."""
    kept = uploads.upload_for(current_person(), UploadKind.INCIDENTS, key)
    made = TABLE_MAPS.parse_map(TABLE_MAPS.get_map(map_key).text)
    form = ButtonForm()
    if form.validate_on_submit():
        arguments = {"place": kept.place, "map": map_key, "by": current_person().id, "name": kept.name}
        job = jobs.queue_job("import_incidents", arguments, current_person(), clock.now())
        return redirect(url_for("jobs.show_job", key=job.id))
    reading = table_import.read_table(_read_upload(kept), made, operator_zone(), clock.now())
    return render_template(
        "incidents/preview.html",
        form=form,
        kept=kept,
        made=made,
        reading=reading,
        rows=list(reading.last.values())[:PREVIEW_ROWS],
        shown=[name for name in FIELD_LABELS if name in made.places and name != "state"],
        labels=FIELD_LABELS,
        bad_rows=[
            (bad.line, made.place_of(bad.field), describe_refusal(bad.why)) for bad in reading.bad[:MAX_BAD_ROWS]
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
        (bad["line"], bad["column"], translate_sentence(bad["sentence"], bad["facts"])) for bad in outcome["bad_rows"]
    ]
    return render_template("incidents/imported.html", job=job, outcome=outcome, bad_rows=bad_rows)


def _keep_readable(row: ImportMap, uploaded: FileStorage) -> StoredFile:
    """Keep an uploaded file until it is imported; raise FileUnusable when its map cannot read it at all."""
    content = uploaded.read()
    table_import.read_table(content, TABLE_MAPS.parse_map(row.text), operator_zone(), clock.now())
    return keep_upload(UploadKind.INCIDENTS, content, uploaded.filename or "")


def _read_upload(kept: StoredFile) -> bytes:
    try:
        return read_stored(kept)
    except FileNotFoundError as gone:  # imported already, and deleted
        raise NotFound from gone
