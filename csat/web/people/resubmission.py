"""Nothing typed is lost: what was sent by somebody signed out meanwhile is shown and can be sent again.

A page of somebody else could have sent it in the reader's name. Hence it is kept only when it comes from
our own pages, and it is never sent on by itself: the reader sees what it is and where it goes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Request, current_app
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import ValidationError

from csat.web.access import MAX_STAFF_BYTES
from csat.web.params import safe_path

MAX_KEPT_LENGTH = 1024 * 1024  # characters: more than anybody types, in a form of sixty questions too
SECRET_FIELDS = ("password", "csrf_token")  # parts of names: what has one is never shown or sent on


@dataclass(frozen=True)
class HeldSubmission:
    """What was sent: where to, its fields, and whether files went with it, which cannot be kept."""

    to: str
    fields: tuple[tuple[str, str], ...]
    files: bool = False

    @classmethod
    def of(cls, request: Request) -> HeldSubmission | None:
        """What a request sent, if it came from a page of ours and is not too much to keep."""
        if (request.content_length or 0) > MAX_STAFF_BYTES or not _is_from_our_page(request):
            return None
        sent = request.form.items(multi=True)
        fields = tuple((name, text) for name, text in sent if not any(word in name for word in SECRET_FIELDS))
        if sum(len(text) for _, text in fields) > MAX_KEPT_LENGTH:
            return None
        query = request.query_string.decode("latin-1")
        to = safe_path(f"{request.path}?{query}" if query else request.path)
        files = any(upload.filename for upload in request.files.values())
        return cls(to, fields, files) if to else None

    @classmethod
    def parse(cls, text: str) -> HeldSubmission | None:
        """What `str` wrote, if it is whole and stays on our site."""
        try:
            to, fields, files = json.loads(text)
            pairs = tuple((str(name), str(value)) for name, value in fields)
        except (ValueError, TypeError):
            return None
        return cls(to, pairs, bool(files)) if safe_path(to) else None

    def __str__(self) -> str:
        return json.dumps([self.to, self.fields, self.files], ensure_ascii=False)

    def shown(self) -> list[tuple[str, str]]:
        """The fields that say something, under readable names."""
        return [(name.replace("_", " ").replace("-", " "), text) for name, text in self.fields if text.strip()]


def sign_holding() -> str:
    """A word of ours that something was kept: with it the sign-in takes more than from strangers."""
    return _holding_signer().dumps("kept")


def is_holding(word: str) -> bool:
    """Whether `sign_holding` gave this word within a day."""
    try:
        _holding_signer().loads(word, max_age=24 * 3600)
    except BadData:
        return False
    return True


def _holding_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="kept submission")


def _is_from_our_page(request: Request) -> bool:
    """Whether the form stood on a page of ours: by the browser's word, the session's or our signature's."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "null")
    if origin != "null" and urlsplit(origin).netloc != request.host:
        return False
    return _is_signed_by_us(request.form.get("csrf_token", ""))


def _is_signed_by_us(token: str) -> bool:
    try:
        validate_csrf(token)
    except ValidationError:
        pass
    else:
        return True
    signer = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token")  # as Flask-WTF signs
    try:
        signer.loads(token)
    except BadData:
        return False
    return True
