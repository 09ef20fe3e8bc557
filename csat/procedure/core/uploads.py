"""Uploaded tables between their preview and their confirmation: only who brought one can go on with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.database import write
from csat.models.people import Person
from csat.models.work import StoredFile
from csat.procedure.core.refusals import NotFound

PATIENCE = timedelta(days=14)
WAITING = "application/x-csat-upload"  # not a media type anybody is served: it marks what waits here


def keep(place: str, name: str, size: int, sha256: str, by: Person, now: datetime) -> StoredFile:
    """Remember a file that was put in a place."""
    with write():
        return StoredFile.create(
            place=place,
            name=name[-200:],
            media_type=WAITING,
            size=size,
            sha256=sha256,
            stored_by=by,
            stored_at=now,
        )


def upload_for(person: Person, key: int) -> StoredFile:
    """The upload a person brought; raise NotFound for any other."""
    stored = StoredFile.get_or_none(
        StoredFile.id == key, StoredFile.stored_by == person, StoredFile.media_type == WAITING
    )
    if stored is None:
        raise NotFound
    return stored


def uploads_of(person: Person) -> list[StoredFile]:
    """What a person brought and neither confirmed nor discarded."""
    return list(StoredFile.select().where(StoredFile.stored_by == person, StoredFile.media_type == WAITING))


def left_lying(now: datetime) -> list[StoredFile]:
    """Uploads that nobody confirmed or discarded for two weeks: they are full of personal details (D5)."""
    query = StoredFile.select().where(StoredFile.media_type == WAITING, StoredFile.stored_at < now - PATIENCE)
    return list(query)


def forget(stored: StoredFile) -> None:
    """Forget an upload; its owner deletes the file itself."""
    with write():
        StoredFile.delete().where(StoredFile.id == stored.id).execute()
