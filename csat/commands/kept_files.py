"""Files that works write for the pages: kept with their checksum, gone when what they are for is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from csat.adapters import files
from csat.models.people import Person
from csat.models.work import StoredFile
from csat.procedure.core.uploads import forget_files

WORK_PREFIX = "making-"  # folders in which files grow; what a killed worker left is swept


class FileKeeper:
    """Keeps finished files; their rows are for whoever asked for them to save."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: list[str] = []

    def keep(self, made: Path, name: str, media_type: str, by: Person, now: datetime) -> StoredFile:
        """Keep a file that grew beside the others."""
        size, sha256 = made.stat().st_size, files.hash_file(made)
        self._places.append(files.adopt_file(self._folder, made))
        return StoredFile(
            place=self._places[-1],
            name=name,
            media_type=media_type,
            size=size,
            sha256=sha256,
            stored_by=by,
            stored_at=now,
        )

    def keep_pdf(self, content: bytes, name: str, by: Person, now: datetime) -> StoredFile:
        """Keep a PDF that was rendered in memory."""
        with growing_file(self._folder) as made:
            made.write_bytes(content)
            return self.keep(made, name, "application/pdf", by, now)

    def delete_all(self) -> None:
        """Delete what was kept."""
        files.delete_files(self._folder, self._places)


def delete_kept_files(folder: Path, gone: Iterable[StoredFile]) -> int:
    """Forget kept files whose time is over, and delete them; how many."""
    places = forget_files(gone)
    files.delete_files(folder, places)
    return len(places)


@contextmanager
def keep_or_delete_files(folder: Path) -> Iterator[FileKeeper]:
    """Keep files in a folder, and delete them again if what they are kept for is refused."""
    keeper = FileKeeper(folder)
    try:
        yield keeper
    except BaseException:  # also when the worker is stopped: no row would ever lead to these files
        keeper.delete_all()
        raise


@contextmanager
def growing_file(folder: Path) -> Iterator[Path]:
    """A place beside the kept files, which only their owner can read, gone when something goes wrong."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=WORK_PREFIX, dir=folder) as beside:
        yield Path(beside) / "made"
