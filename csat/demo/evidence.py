"""The demo's evidence: acceptance records and photographs on some actions."""

from __future__ import annotations

import hashlib
import random
from datetime import datetime
from importlib.resources import files as package_files

from csat.adapters import content_type, files
from csat.demo.timeline import Timeline
from csat.models.feedback import Action
from csat.procedure.people.attachments import FileToAttach


def create_evidence(timeline: Timeline, now: datetime, action: Action) -> list[FileToAttach]:
    """The files that show that an action was done; most actions have none. They differ by name only."""
    dice, names = random.Random(f"evidence:{action.what}:{now}"), timeline.content["evidence"]
    if not timeline.happens("evidence", dice):
        return []
    kept = [_keep(timeline, "record.docx", f"{names['record']}-{now:%Y%m%d}")]
    if timeline.happens("photograph", dice):
        kept.append(_keep(timeline, "photograph.png", f"{names['photograph']}-{now:%Y%m%d}"))
    return kept


def _keep(timeline: Timeline, shipped: str, name: str) -> FileToAttach:
    content = (package_files("csat.demo") / shipped).read_bytes()
    kind = content_type.recognise_file(content)
    place, digest = files.keep_file(timeline.config.files, content), hashlib.sha256(content).hexdigest()
    return FileToAttach(place, content_type.clean_file_name(name, kind), kind.media_type, len(content), digest)
