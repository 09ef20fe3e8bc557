"""Files that are kept for some days only: their rows go here, they by who owns their folder (D5)."""

from __future__ import annotations

from collections.abc import Iterable

from csat.database import write
from csat.models.work import StoredFile


def forget_files(gone: Iterable[StoredFile]) -> list[str]:
    """Forget files; return their places, for their owner to delete them there."""
    rows = list(gone)
    with write():
        StoredFile.delete().where(StoredFile.id.in_([one.id for one in rows])).execute()
    return [one.place for one in rows]
