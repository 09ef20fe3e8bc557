"""Mails that came back: which one of ours it was, and what the other server said (VERP, RFC 3464)."""

from __future__ import annotations

import email
import mailbox
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from typing import Any

from csat.adapters.mail import PermanentlyRefused

RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
OUR_ADDRESS = re.compile(r"\+([a-z2-7]{24})@", re.IGNORECASE)
OUR_MESSAGE_ID = re.compile(r"^Message-ID:\s*<([a-z2-7]{24})@", re.IGNORECASE | re.MULTILINE)
REFUSAL_LINE = re.compile(r"\b5\d\d[ -]\S|\b5\.\d{1,3}\.\d{1,3}\b")
MOST_CHARACTERS = 256 * 1024  # of a mail that are looked through: strangers write to this address too


@dataclass(frozen=True)
class Bounce:
    """One of our mails came back: for good, or only late. `answer` has no address in it."""

    message_id: str
    for_good: bool
    answer: str


def parse_bounce(content: bytes) -> Bounce | None:
    """What a mail says of one of ours, or None where it is no bounce: an answer, a note of absence."""
    mail = email.message_from_bytes(content[: 4 * MOST_CHARACTERS], policy=default)
    try:
        message_id = _ours(mail, content)
        if not message_id or str(mail.get("Auto-Submitted", "")).lower().startswith("auto-replied"):
            return None
        said = _status(mail) or _plain(mail)
    except (ValueError, LookupError, AttributeError, IndexError):  # a mail that the parser cannot follow
        return None
    if said is None:
        return None
    return Bounce(message_id.lower(), said[0], PermanentlyRefused(said[1]).answer)


def read_mails(path: Path) -> Iterator[bytes]:
    """The mails in a Maildir, an mbox file, or a file with one mail."""
    if path.is_dir():
        with closing(mailbox.Maildir(path, create=False)) as folder:
            yield from (one.as_bytes() for one in folder)
        return
    with path.open("rb") as file:
        is_mbox = file.read(5) == b"From "
    if not is_mbox:
        yield path.read_bytes()
        return
    with closing(mailbox.mbox(path, create=False)) as box:
        yield from (one.as_bytes() for one in box)


def _ours(mail: EmailMessage | Message, content: bytes) -> str:
    """The name of our mail: from the address it came back to, else from the copy in the bounce."""
    for header in RECIPIENTS:
        for value in mail.get_all(header, []):
            if found := OUR_ADDRESS.search(str(value)):
                return found[1]
    body = content.partition(b"\n\n")[2] or content.partition(b"\r\n\r\n")[2]
    found = OUR_MESSAGE_ID.search(body[:MOST_CHARACTERS].decode("latin-1"))
    return found[1] if found else ""


def _status(mail: EmailMessage | Message) -> tuple[bool, str] | None:
    """(for good, what was said) from the part made for machines."""
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks: Any = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            action = str(block.get("Action", "")).strip().lower()
            if action:
                status, said = str(block.get("Status", "")), str(block.get("Diagnostic-Code", ""))
                return action == "failed", f"{status} {said.partition(';')[2] or said}"
    return None


def _plain(mail: EmailMessage | Message) -> tuple[bool, str] | None:
    """The same from words, of servers that write no such part: only where it is plainly a bounce."""
    sender = str(mail.get("From", "")).lower()
    if "mailer-daemon" not in sender and "postmaster" not in sender:
        return None
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            words = part.get_payload(decode=True)
            lines = words.decode("latin-1")[:MOST_CHARACTERS].splitlines() if isinstance(words, bytes) else []
            said = next((line for line in lines if REFUSAL_LINE.search(line)), None)
            return None if said is None else (True, said)
    return None
