"""Keeping the file of an upload until it is confirmed, and deleting it."""

from __future__ import annotations

from collections.abc import Iterable

from csat import clock
from csat.adapters import files
from csat.models.work import StoredFile
from csat.procedure.core import uploads
from csat.procedure.core.uploads import UploadKind, forget_files
from csat.web.access import current_person
from csat.web.app import current_config


def keep_upload(kind: UploadKind, content: bytes, name: str) -> StoredFile:
    """Keep what this person uploaded; what nobody came back to goes at the same time."""
    delete_uploads(uploads.list_abandoned_uploads(clock.now()))
    place = files.keep_file(current_config().files, content)
    return uploads.store_upload(kind, place, name, content, current_person(), clock.now())


def delete_uploads(gone: Iterable[StoredFile]) -> None:
    """Forget these uploads, and delete their files."""
    files.delete_files(current_config().files, forget_files(gone))
