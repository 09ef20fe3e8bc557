"""Stories about the letter on the web, from the proposal to its reader."""

from __future__ import annotations

import io

import pikepdf
import pytest

from csat.models.letters import Letter
from csat.procedure.core import jobs
from tests.letters import a_ready_letter, an_issued_report, answers
from tests.web.letters.steps import shown_link

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_from_the_proposal_to_the_reader(page, cast, client):
    answers(client, 5, 5, 5, 4)
    an_issued_report(cast)
    page.sign_in_as(cast.qa).get("/letters/")
    assert "1 of 1 clients have no letter" in page.text
    page.fill("Propose all of them")
    jobs.run_waiting_jobs()
    page.get(page.path)
    assert "1 letter was proposed." in page.text
    page.follow("To the letters").follow("Word it")
    assert page.value("worked_en").startswith("You rate us best for")
    page.fill("Save and look at the letter", worked_en="You like how we talk to you.", heard_zh="我们听到了。")
    assert "You like how we talk to you." in page.text and "100.0%" in page.text
    page.fill("Release it to the project manager")
    assert "The project manager sends it." in page.text
    assert "Look at it and send" not in page.get("/letters/").text

    page.sign_in_as(cast.manager).get("/letters/").follow("Look at it and send")
    page.fill("Send the letter")
    jobs.run_waiting_jobs()
    page.get(page.path).follow("To the letter")
    assert "No link was made yet" in page.text and "SHA-256" in page.text
    page.fill("Make a link")
    page.sign_out().get(f"{shown_link(page)}?lang=en")
    assert "You like how we talk to you." in page.text and cast.manager.name in page.text
    page.fill("I have read it")
    assert "your project manager sees that the letter was read" in page.text
    page.sign_in_as(cast.qa).get(f"/letters/{Letter.get().id}")
    assert "Said to be read1" in page.text.replace("read 1", "read1")


def test_the_preview_on_paper_is_one_page(page, cast, client):
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager)
    answer = page.browser.get(f"/letters/{letter.id}/preview/zh.pdf")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) == 1


def test_quality_control_takes_a_ready_letter_back(page, cast, client):
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.qa).get(f"/letters/{letter.id}").fill("Make it a draft again", reason="数字有误")
    assert "数字有误" in page.text
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}", 404)
