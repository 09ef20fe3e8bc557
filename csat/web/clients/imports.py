"""Clients and contacts out of a table: looked at first, then imported whole or not at all."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.file import FileField, FileRequired

from csat import clock
from csat.adapters import table_reader
from csat.models.work import StoredFile
from csat.procedure.clients import imports
from csat.procedure.core import uploads
from csat.procedure.core.uploads import UploadKind
from csat.web.access import current_person, open_to
from csat.web.downloads import read_stored, send_content
from csat.web.errors import describe_refusal, translate_sentence
from csat.web.formatting import local_today
from csat.web.forms import ButtonForm, StaffForm, submit
from csat.web.uploads import delete_uploads, keep_upload

blueprint = Blueprint("client_import", __name__)


class ClientUploadForm(StaffForm):
    table = FileField(_l("File"), [FileRequired(_l("Please choose a file."))])


@blueprint.route("/admin/clients/import", methods=["GET", "POST"])
@open_to("clients")
def upload_clients() -> ResponseReturnValue:
    """Take a file with clients and contacts; nothing is imported before it was looked at."""
    form = ClientUploadForm()
    if form.validate_on_submit():
        content, name = form.table.data.read(), form.table.data.filename or ""
        try:
            table_reader.read_table(content, imports.MOST_ROWS)
        except table_reader.TableUnreadable as error:
            form.table.errors = [translate_sentence(error.sentence, error.facts)]
        else:
            return redirect(url_for(".preview_import", key=_replace_upload(content, name).id))
    return render_template("clients/import.html", form=form, columns=imports.COLUMNS)


@blueprint.get("/admin/clients/import/template.csv")
@open_to("clients")
def download_template() -> Response:
    """An empty table with our headings and one example, as Excel and WPS read it."""
    language = current_user.account.locale
    text = imports.build_template(language)
    return send_content(text.encode("utf-8-sig"), "clients.csv", "text/csv; charset=utf-8")


@blueprint.get("/admin/clients/import/<int:key>")
@open_to("clients")
def preview_import(key: int) -> str:
    """What the file would change, or which rows stand in its way."""
    return _render_preview(_own_upload(key), ButtonForm(formdata=None))


@blueprint.post("/admin/clients/import/<int:key>")
@open_to("clients")
def confirm_import(key: int) -> ResponseReturnValue:
    """Import the file that was looked at: all of it or nothing."""
    stored, form = _own_upload(key), ButtonForm()
    table = _read_table(stored)

    def bring_in() -> dict[str, int]:
        counts = imports.import_clients(table.head, table.rows, local_today(), current_person(), clock.now())
        delete_uploads([stored])
        return counts

    return submit(form, bring_in, _describe_import, url_for("clients.list_clients")) or _render_preview(stored, form)


@blueprint.post("/admin/clients/import/<int:key>/discard")
@open_to("clients")
def discard_upload(key: int) -> ResponseReturnValue:
    """Forget the uploaded file."""
    delete_uploads([_own_upload(key)])
    return redirect(url_for(".upload_clients"))


def _own_upload(key: int) -> StoredFile:
    return uploads.upload_for(current_person(), UploadKind.CLIENTS, key)


def _replace_upload(content: bytes, name: str) -> StoredFile:
    delete_uploads(uploads.list_uploads(current_person(), UploadKind.CLIENTS))  # it is full of personal details (D5)
    return keep_upload(UploadKind.CLIENTS, content, name)


def _read_table(stored: StoredFile) -> table_reader.UploadedTable:
    return table_reader.read_table(read_stored(stored), imports.MOST_ROWS)


def _render_preview(stored: StoredFile, form: ButtonForm) -> str:
    table = _read_table(stored)
    made = imports.plan_import(table.head, table.rows, local_today())
    problems = [(problem, describe_refusal(problem.refusal)) for problem in made.problems]
    return render_template(
        "clients/preview.html", stored=stored, made=made, counts=made.count_changes(), problems=problems, form=form
    )


def _describe_import(counts: dict[str, int]) -> str:
    return gettext(
        "Imported: %(clients_new)s clients new, %(clients_changed)s changed; "
        "%(contacts_new)s contacts new, %(contacts_changed)s changed.",
        **counts,
    )
