"""Uploaded tables between their preview and their confirmation: only who brought one can go on with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.database import write
from csat.models.people import Person
from csat.models.work import StoredFile
from csat.procedure.core.guards import get_or_refuse

UPLOAD_LASTS = timedelta(days=14)
UPLOAD_MEDIA_TYPE = (
    "application/x-csat-upload"  # not a media type anybody is served: it marks what waits here
)


def store_upload(place: str, name: str, size: int, sha256: str, by: Person, now: datetime) -> StoredFile:
    """Remember a file that was put in a place."""
    with write():
        return StoredFile.create(
            place=place,
            name=name[-200:],
            media_type=UPLOAD_MEDIA_TYPE,
            size=size,
            sha256=sha256,
            stored_by=by,
            stored_at=now,
        )


def upload_for(person: Person, key: int) -> StoredFile:
    """The upload a person brought; raise NotFound for any other."""
    return get_or_refuse(
        StoredFile, key, StoredFile.stored_by == person, StoredFile.media_type == UPLOAD_MEDIA_TYPE
    )


def list_uploads(person: Person) -> list[StoredFile]:
    """What a person brought and neither confirmed nor discarded."""
    return list(
        StoredFile.select().where(StoredFile.stored_by == person, StoredFile.media_type == UPLOAD_MEDIA_TYPE)
    )


def list_abandoned_uploads(now: datetime) -> list[StoredFile]:
    """Uploads that nobody confirmed or discarded for two weeks: they are full of personal details (D5)."""
    query = StoredFile.select().where(
        StoredFile.media_type == UPLOAD_MEDIA_TYPE, StoredFile.stored_at < now - UPLOAD_LASTS
    )
    return list(query)


def delete_upload(stored: StoredFile) -> None:
    """Forget an upload; its owner deletes the file itself."""
    with write():
        StoredFile.delete().where(StoredFile.id == stored.id).execute()
