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
def counted_rail() -> None:
    """The rail counts what waits, as it does for people; asked for by stories that look at it."""


@pytest.fixture(autouse=True)
def uncounted_rail(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the counts out of the rail: on every page of every story they would take half of the time."""
    if "counted_rail" not in request.fixturenames:
        monkeypatch.setattr(navigation, "_read_standing", lambda worklist: (0, 0))


@pytest.fixture
def server(app) -> Iterator[Post]:
    """A mail server that the house is set up with."""
    with a_mail_server() as server:
        app.config["CSAT"] = mail_config(app.config["CSAT"], server)
        yield server
