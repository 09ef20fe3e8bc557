"""What the stories of several rooms share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from csat.web import navigation
from tests.mail_server import Post, a_mail_server, mail_config
from tests.page import Page


@pytest.fixture
def admin(page, cast) -> Page:
    """The browser of an administrator."""
    return page.sign_in_as(cast.admin)


@pytest.fixture
def without_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No counts in the rail: hundreds of refused requests would each count what waits, which is not their story."""
    monkeypatch.setattr(navigation, "_read_standing", lambda worklist: (0, 0))


@pytest.fixture
def server(app) -> Iterator[Post]:
    """A mail server that the house is set up with."""
    with a_mail_server() as server:
        app.config["CSAT"] = mail_config(app.config["CSAT"], server)
        yield server
