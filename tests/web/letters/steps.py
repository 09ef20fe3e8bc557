"""The steps of a letter on the web, up to where a story begins."""

from __future__ import annotations

import re

import pytest

from csat.procedure.core import jobs
from tests.cast import Cast
from tests.letters import a_ready_letter
from tests.page import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


def a_way_in(page: Page, cast: Cast, client) -> str:
    """The manager sends the letter without mails and makes a link; its path."""
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}").fill("Send the letter")
    jobs.run_waiting_jobs()
    page.get(f"/letters/{letter.id}").fill("Make a link")
    return shown_link(page)


def shown_link(page: Page) -> str:
    """The path of the link that the page shows this once."""
    return re.search(r'value="http://localhost(/letter/[\w-]{43})"', page.html)[1]


def without_choices(page: Page) -> str:
    """The page's words without the lists that one chooses from."""
    return re.sub(r"<select.*?</select>", "", page.html, flags=re.S)
