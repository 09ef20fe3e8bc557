"""What the pages for people without an account share: they take little, and know nobody."""

from __future__ import annotations

from flask import g, request
from flask_login import AnonymousUserMixin

from csat.web.access import MAX_PUBLIC_BYTES


def open_public_page() -> None:
    """Before a public page: limit what is sent, and do not look who may be signed in on this device."""
    request.max_content_length = request.max_form_memory_size = MAX_PUBLIC_BYTES
    g._login_user = AnonymousUserMixin()  # flask_login would read the session, and note that it was seen
