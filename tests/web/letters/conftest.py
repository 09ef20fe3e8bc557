"""What the stories about letters on the web share."""

from __future__ import annotations

import dataclasses

import pytest

from tests.builders import a_client
from tests.mail_server import a_mail_server


@pytest.fixture
def client(cast):
    made = a_client("华东物流", manager=cast.manager)
    made.name_en = "East China Logistics"
    made.save()
    return made


@pytest.fixture
def server(app):
    """A mail server that the house is set up with."""
    with a_mail_server() as server:
        app.config["CSAT"] = dataclasses.replace(app.config["CSAT"], smtp_url=server.url, mail_from="survey@us.example")
        yield server
