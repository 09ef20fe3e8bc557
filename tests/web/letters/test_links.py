"""The reader's page: in either language, without an account, and until its time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.models.letters import Letter, LetterLink
from csat.procedure.core import jobs, settings
from tests.builders import NOW
from tests.web.letters.steps import a_way_in

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_the_readers_page_switches_its_language_and_gives_the_pdf(page, cast, client):
    path = a_way_in(page, cast, client)
    page.sign_out().get(path, headers={"Accept-Language": "en"})
    assert "All is well." in page.text
    page.follow("中文")
    assert "都好。" in page.text
    for language in ("zh", "en"):
        answer = page.browser.get(f"{path}/{language}.pdf")
        assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.data.startswith(b"%PDF")
    link = LetterLink.get()
    assert (link.openings, link.downloads, link.read_at) == (1, 2, None)


def test_looking_at_it_as_a_mail_scanner_does_says_nothing_of_reading(page, cast, client):
    path = a_way_in(page, cast, client)
    page.sign_out()
    page.browser.head(path)
    assert LetterLink.get().openings == 0
    for _ in range(3):
        page.get(path)
    link = LetterLink.get()
    assert link.openings == 3 and link.read_at is None


def test_a_link_that_nobody_knows_is_404_and_one_that_died_410(page, cast, client):
    path = a_way_in(page, cast, client)
    page.sign_out().get("/letter/unknown", 404)
    page.get(path[:-1], 404)
    page.get(f"{path}/fr.pdf", 404)
    later = NOW + timedelta(days=settings.get_whole_number("letter_days"))
    with clock.freeze_at(later):
        page.get(path, 410)
        page.post(path, token=False, status=410)
    letter = Letter.get()
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}").fill("Withdraw")
    page.sign_out().get(path, 410)
    assert "withdr" in page.text
    page.get(f"{path}/zh.pdf", 410)


def test_a_replaced_letter_says_so_to_its_reader(page, cast, client):
    path = a_way_in(page, cast, client)
    old = Letter.get()
    page.sign_in_as(cast.qa).get(f"/letters/{old.id}").fill("Begin a correction")
    page.fill("Save and look at the letter", heard_en="Corrected.")
    page.fill("Release it to the project manager")
    page.sign_in_as(cast.manager).get(f"/letters/{Letter.select().order_by(Letter.id.desc()).get().id}")
    page.fill("Send the letter")
    jobs.run_waiting_jobs()
    page.sign_out().get(f"{path}?lang=en")
    assert "A later letter replaces this one" in page.text and "Corrected." not in page.text
