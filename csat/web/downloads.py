"""Files that are saved, never shown: made just now, or kept in the store's folder."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, send_file

from csat.adapters import files
from csat.models.work import StoredFile
from csat.web.app import current_config


def send_content(content: bytes, name: str, media_type: str, full_name: str = "") -> Response:
    """A file out of memory. `name` is ASCII; browsers that can take `full_name`, in any script, instead."""
    named = f'attachment; filename="{name}"'  # shown in the browser it could run as a page of ours
    if full_name:
        named += f"; filename*=UTF-8''{quote(full_name, safe='')}"
    return Response(content, content_type=media_type, headers={"Content-Disposition": named})


def send_stored(file: StoredFile) -> Response:
    """A kept file under its own name."""
    return send_content(read_stored(file), file.name, file.media_type)


def stream_stored(file: StoredFile, media_type: str = "") -> Response:
    """A kept file that may be too large for memory, a piece at a time."""
    content = files.open_file(current_config().files, file.place)
    answer = send_file(content, media_type or file.media_type, as_attachment=True, download_name=file.name)
    answer.content_length = file.size
    return answer


def read_stored(file: StoredFile) -> bytes:
    """The content of a kept file."""
    return files.read_file(current_config().files, file.place)
