"""Files kept for some days, of one person alone: uploaded tables until they are confirmed, printed forms (D5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_
from pathlib import PurePosixPath

from csat.database import write
from csat.models.people import Person
from csat.models.work import StoredFile
from csat.procedure.core.guards import get_or_refuse


class UploadKind(StrEnum):
    """What waits. The values are no media types that anybody is served: they mark it."""

    CLIENTS = "application/x-csat-upload"
    INCIDENTS = "text/csv; for=incidents"
    FORMS = "application/pdf; for=printing"  # sealed to the browser that asked for them (decision 0183)


# Then what nobody confirmed or discarded goes: it is full of personal details (D5).
UPLOAD_LASTS = {
    UploadKind.CLIENTS: timedelta(days=14),
    UploadKind.INCIDENTS: timedelta(days=1),
    UploadKind.FORMS: timedelta(days=1),
}


def store_upload(kind: UploadKind, place: str, name: str, content: bytes, by: Person, now: datetime) -> StoredFile:
    """Remember a file that was put in a place."""
    with write():
        return StoredFile.create(
            place=place,
            name=PurePosixPath(name).name[-200:],  # its end tells the kind of file
            media_type=kind,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            stored_by=by,
            stored_at=now,
        )


def upload_for(person: Person, kind: UploadKind, key: int) -> StoredFile:
    """A person's own file; raise NotFound for any other."""
    return get_or_refuse(StoredFile, key, StoredFile.stored_by == person, StoredFile.media_type == kind)


def list_uploads(person: Person, kind: UploadKind) -> list[StoredFile]:
    """What a person brought and neither confirmed nor discarded."""
    return list(StoredFile.select().where(StoredFile.stored_by == person, StoredFile.media_type == kind))


def list_abandoned_uploads(now: datetime) -> list[StoredFile]:
    """The uploads of each kind that nobody came back to in time."""
    too_old = [
        (StoredFile.media_type == kind) & (StoredFile.stored_at < now - lasts) for kind, lasts in UPLOAD_LASTS.items()
    ]
    return list(StoredFile.select().where(reduce(or_, too_old)))


def forget_files(gone: Iterable[StoredFile]) -> list[str]:
    """Forget files; return their places, for who owns their folder to delete them there."""
    rows = list(gone)
    with write():
        StoredFile.delete().where(StoredFile.id.in_([one.id for one in rows])).execute()
    return [one.place for one in rows]
