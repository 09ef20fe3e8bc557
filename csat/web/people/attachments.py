"""Files that come with a form as evidence, and the way they go out again: as downloads, to who may see them.

A form has `files = files_field(…)`, its template `files(form.files)` out of parts/evidence.html, its view
`@takes_files`; its step is taken by `take_with_files`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from csat import clock
from csat.adapters import content_type, files
from csat.adapters.content_type import FileRefused
from csat.models.work import StoredFile
from csat.procedure.core import settings
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people import attachments
from csat.procedure.people.attachments import FileToAttach
from csat.web.access import STAFF, current_person, open_to, takes_files
from csat.web.app import current_config
from csat.web.downloads import read_stored, send_content
from csat.web.formatting import local_today
from csat.web.forms import StaffForm, limit_length, require_input
from csat.web.params import safe_path

__all__ = ["build_files_field", "submit_with_files", "takes_files"]

blueprint = Blueprint("attachments", __name__, url_prefix="/files")

MEGABYTE = 1024 * 1024
DOWNLOAD_POLICY = "default-src 'none'; sandbox"
FILE_TOO_LARGE = _l(
    "%(name)s: this file is larger than %(most)s MB. Please make it smaller, or save it as PDF."
)
TOO_MANY_FILES = _l("Please choose at most %(most)s files at once.")


@blueprint.app_template_global("evidence_limits")
def upload_limits() -> dict[str, int]:
    """How many files at once, and how large each."""
    return {"files": attachments.MAX_FILES_AT_ONCE, "megabytes": settings.get_whole_number("evidence_mb")}


# --- coming in -----------------------------------------------------------------------------------------


def build_files_field(label: object = None) -> MultipleFileField:
    """A field for files of evidence; none need be chosen."""
    return MultipleFileField(label or _l("Files"), render_kw={"accept": content_type.ACCEPTED_ENDINGS})


def submit_with_files(form: StaffForm, verb: Callable[[list[FileToAttach]], object]) -> Any:
    """Take a step with the files of its form; what is refused is said there and leaves no file behind."""
    kept = _store_files(form)
    if kept is None:
        return None
    done = None
    try:
        done = form.take(verb, kept)
    finally:
        if not done:
            _delete_files(kept)
    return done


def _store_files(form: StaffForm) -> list[FileToAttach] | None:
    """The chosen files, checked and put into their places; None when one is refused."""
    chosen: Sequence[FileStorage] = form["files"].data or []
    errors = (
        [gettext(TOO_MANY_FILES, most=attachments.MAX_FILES_AT_ONCE)]
        if len(chosen) > attachments.MAX_FILES_AT_ONCE
        else []
    )
    read = [] if errors else [_read_upload(one) for one in chosen]
    errors += [one for one in read if isinstance(one, str)]
    if errors:
        form["files"].errors = [*form["files"].errors, *errors]
        return None
    return [_store_file(*one) for one in read if not isinstance(one, str)]


def _read_upload(chosen: FileStorage) -> tuple[bytes, str, str] | str:
    """A file's content, name and media type; or why it is not taken."""
    most = settings.get_whole_number("evidence_mb")
    content = chosen.stream.read(most * MEGABYTE + 1)
    name = _display_name(chosen.filename)
    if len(content) > most * MEGABYTE:
        return gettext(FILE_TOO_LARGE, name=name, most=most)
    try:
        kind = content_type.recognise_file(content)
    except FileRefused as refused:
        return f"{name}: {gettext(refused.sentence)}"
    return content, content_type.clean_file_name(chosen.filename or "", kind), kind.media_type


def _display_name(name: str | None) -> str:
    return " ".join((name or "").split())[:80]


def _store_file(content: bytes, name: str, media_type: str) -> FileToAttach:
    place = files.keep_file(current_config().files, content)
    return FileToAttach(place, name, media_type, len(content), hashlib.sha256(content).hexdigest())


def _delete_files(kept: Sequence[FileToAttach]) -> None:
    for one in kept:
        files.delete_file(current_config().files, one.place)


# --- going out -----------------------------------------------------------------------------------------


@blueprint.get("/<int:key>")
@open_to(STAFF)
def download_attachment(key: int) -> Response:
    """A piece of evidence, to who may see what it is about; never shown, only saved. It goes on record."""
    return _send_attachment(attachments.open_attachment(current_person(), key, local_today(), clock.now()))


class WithdrawAttachmentForm(StaffForm):
    reason = TextAreaField(
        _l("Why it is withdrawn"), [*require_input(), limit_length(1000)], render_kw={"rows": 2}
    )


@blueprint.route("/<int:key>/withdraw", methods=["GET", "POST"])
@open_to(STAFF)
def withdraw_attachment(key: int) -> ResponseReturnValue:
    """Withdraw a file that was attached by mistake, with the reason."""
    found, form = attachments.attachment_for(current_person(), key, local_today()), WithdrawAttachmentForm()
    if not attachments.may_change_attachments(current_person(), found.about, local_today()):
        raise NotPermitted
    back = safe_path(request.args.get("back", "")) or url_for("home.open_start_page")
    if form.validate_on_submit():
        reason = form.reason.data or ""
        if form.take(
            attachments.withdraw_attachment, current_person(), key, reason, local_today(), clock.now()
        ):
            flash(gettext("The file is withdrawn; that and the reason stay on record."))
            return redirect(back)
    page = render_template("parts/withdraw.html", form=form, found=found, back=back)
    return page, 422 if form.errors else 200


def _send_attachment(file: StoredFile) -> Response:
    name = f"evidence-{file.id}.{file.name.rpartition('.')[2]}"
    answer = send_content(read_stored(file), name, file.media_type, file.name)
    answer.headers["Content-Security-Policy"] = DOWNLOAD_POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
