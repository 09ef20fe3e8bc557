"""Files that come with a form as evidence, and the way they go out again: as downloads, to who may see them.

A form has `files = build_files_field(…)`, its template `files(form.files)` out of parts/evidence.html, its view
`@takes_files`; its verb is called by `take_files`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import TextAreaField, ValidationError
from wtforms.form import BaseForm

from csat import clock
from csat.adapters import content_type, files
from csat.adapters.content_type import FileRefused
from csat.models.work import StoredFile
from csat.procedure.core import settings
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people import attachments
from csat.procedure.people.attachments import FileToAttach
from csat.web.access import STAFF, current_person, open_to
from csat.web.app import current_config
from csat.web.downloads import read_stored, send_content
from csat.web.formatting import local_today
from csat.web.forms import StaffForm, limit_length, render_form, require_input, submit
from csat.web.params import safe_path

Upload = tuple[bytes, str, str]  # content, name, media type
Made = TypeVar("Made")

blueprint = Blueprint("attachments", __name__, url_prefix="/files")

MEGABYTE = 1024 * 1024
DOWNLOAD_POLICY = "default-src 'none'; sandbox"
FILE_TOO_LARGE = _l("%(name)s: this file is larger than %(most)s MB. Please make it smaller, or save it as PDF.")
TOO_MANY_FILES = _l("Please choose at most %(most)s files at once.")


@blueprint.app_template_global("evidence_limits")
def upload_limits() -> dict[str, int]:
    """How many files at once, and how large each."""
    return {"files": attachments.MAX_FILES_AT_ONCE, "megabytes": settings.get_whole_number("evidence_mb")}


class FilesField(MultipleFileField):
    """Files of evidence, read and checked with the form; `uploads` are those that can be kept."""

    uploads: list[Upload]

    def pre_validate(self, form: BaseForm) -> None:
        """Refuse what is too many, too large, or of no kind that we keep; each file says why."""
        chosen: Sequence[FileStorage] = self.data or []
        if len(chosen) > attachments.MAX_FILES_AT_ONCE:
            raise ValidationError(gettext(TOO_MANY_FILES, most=attachments.MAX_FILES_AT_ONCE))
        read = [_read_upload(one) for one in chosen]
        self.errors = [*self.process_errors, *(one for one in read if isinstance(one, str))]
        self.uploads = [one for one in read if not isinstance(one, str)]


def build_files_field(label: object = None) -> FilesField:
    """A field for files of evidence; none need be chosen."""
    return FilesField(label or _l("Files"), render_kw={"accept": content_type.ACCEPTED_ENDINGS})


def take_files(form: StaffForm, verb: Callable[[list[FileToAttach]], Made]) -> Made:
    """Call a verb with the files of its form; when it refuses, none of them stays behind."""
    kept = [_store_file(*one) for one in form["files"].uploads]
    try:
        return verb(kept)
    except BaseException:
        for one in kept:
            files.delete_file(current_config().files, one.place)
        raise


def _read_upload(chosen: FileStorage) -> Upload | str:
    """A file's content, name and media type; or why it is not taken."""
    most = settings.get_whole_number("evidence_mb")
    content = chosen.stream.read(most * MEGABYTE + 1)  # one byte more tells that it is too large
    name = " ".join((chosen.filename or "").split())[:80]
    if len(content) > most * MEGABYTE:
        return gettext(FILE_TOO_LARGE, name=name, most=most)
    try:
        kind = content_type.recognise_file(content)
    except FileRefused as refused:
        return f"{name}: {gettext(refused.sentence)}"
    return content, content_type.clean_file_name(chosen.filename or "", kind), kind.media_type


def _store_file(content: bytes, name: str, media_type: str) -> FileToAttach:
    place = files.keep_file(current_config().files, content)
    return FileToAttach(place, name, media_type, len(content), hashlib.sha256(content).hexdigest())


@blueprint.get("/<int:key>")
@open_to(STAFF)
def download_attachment(key: int) -> Response:
    """A piece of evidence, to who may see what it is about; never shown, only saved. It goes on record."""
    return _send_attachment(attachments.open_attachment(current_person(), key, local_today(), clock.now()))


class WithdrawAttachmentForm(StaffForm):
    reason = TextAreaField(_l("Why it is withdrawn"), [*require_input(), limit_length(1000)], render_kw={"rows": 2})


@blueprint.route("/<int:key>/withdraw", methods=["GET", "POST"])
@open_to(STAFF)
def withdraw_attachment(key: int) -> ResponseReturnValue:
    """Withdraw a file that was attached by mistake, with the reason."""
    found, form = attachments.attachment_for(current_person(), key, local_today()), WithdrawAttachmentForm()
    if not attachments.may_change_attachments(current_person(), found.about, local_today()):
        raise NotPermitted
    back = safe_path(request.args.get("back", "")) or url_for("home.open_start_page")
    done = submit(
        form,
        lambda: attachments.withdraw_attachment(
            current_person(), key, form.reason.data or "", local_today(), clock.now()
        ),
        said=gettext("The file is withdrawn; that and the reason stay on record."),
        to=back,
    )
    return done or render_form("parts/withdraw.html", form, found=found, back=back)


def _send_attachment(file: StoredFile) -> Response:
    name = f"evidence-{file.id}.{file.name.rpartition('.')[2]}"
    answer = send_content(read_stored(file), name, file.media_type, file.name)
    answer.headers["Content-Security-Policy"] = DOWNLOAD_POLICY  # a file with a script in it, opened, runs nothing
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
