"""The demo's evidence: acceptance records and photographs on some actions; and actions that several share."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zipfile
import zlib
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from csat.adapters import content_type, files
from csat.config import Config
from csat.models.feedback import Action, Feedback
from csat.procedure.feedback import actions
from csat.procedure.people.attachments import FileToAttach

SHOWN, PHOTOGRAPHED = 0.4, 0.4
WORD_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATIONSHIPS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
WALL, RACK, UNIT, LIGHT, FAULT = (
    b"\xe4\xe6\xe3",
    b"\x2b\x30\x35",
    b"\x4a\x52\x59",
    b"\x5f\xd0\x8a",
    b"\xe0\xa0\x40",
)


def share_actions(taken: Feedback, plan: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], list[Action]]:
    """A plan, and what of it the department does already for other feedback, in the same words."""
    going = {action.what: action for action in actions.list_shareable_actions(taken)}
    shared = [going[line[1]] for line in plan if line[1] in going]
    return [line for line in plan if line[1] not in going], shared


def create_evidence(config: Config, action: Action, now: datetime) -> list[FileToAttach]:
    """The files that show that an action was done; most actions have none."""
    dice = random.Random(f"evidence:{action.what}:{now}")
    if dice.random() > SHOWN:
        return []
    kept = [_kept(config, _record(action, now), f"验收单-{now:%Y%m%d}.docx")]
    if dice.random() < PHOTOGRAPHED:
        kept.append(_kept(config, _photograph(dice), f"现场照片-{now:%Y%m%d}.png"))
    return kept


def _kept(config: Config, content: bytes, name: str) -> FileToAttach:
    kind = content_type.recognise_file(content)
    place, digest = files.keep_file(config.files, content), hashlib.sha256(content).hexdigest()
    return FileToAttach(
        place, content_type.clean_file_name(name, kind), kind.media_type, len(content), digest
    )


def _record(action: Action, now: datetime) -> bytes:
    """An acceptance record as an office file."""
    lines = [
        "措施验收单",
        f"措施：{action.what}",
        f"负责人：{action.owner.name}",
        f"完成日期：{now:%Y-%m-%d}",
    ]
    lines += ["检查结果：符合要求，现场已复测。", "验收人签字：已签（原件存部门档案）"]
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    document = f'<w:document xmlns:w="{WORD_NAMESPACE}"><w:body>{body}</w:body></w:document>'
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONSHIPS,
        "word/document.xml": document,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (now.year, now.month, now.day, 0, 0, 0)), text)
    return content.getvalue()


def _photograph(dice: random.Random) -> bytes:
    """A picture of a rack: its units, their lights."""
    side, inside = WALL * 60, 200
    rows = [WALL * (inside + 120)] * 20
    for _ in range(9):
        lights = b"".join(RACK * 4 + (FAULT if dice.random() < 0.06 else LIGHT) * 4 for _ in range(6))
        dark, plain = UNIT * (inside - 8), UNIT * (inside - 56)
        unit = [dark] * 6 + [plain + lights] * 4 + [dark] * 6
        rows += [side + RACK * 4 + row + RACK * 4 + side for row in unit] + [side + RACK * inside + side] * 3
    rows += [WALL * (inside + 120)] * 20
    head = struct.pack(">IIBBBBB", inside + 120, len(rows), 8, 2, 0, 0, 0)
    drawn = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", head), (b"IDAT", drawn), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
