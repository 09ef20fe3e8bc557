"""The quarter's letters on the web: how far each is, and which are still to be handed over."""

from __future__ import annotations

import pytest

from csat.models.outbox import MailState, OutboxMessage
from csat.procedure.core import jobs
from tests.builders import a_client, a_contact
from tests.letters import a_ready_letter, a_sent_letter
from tests.web.letters.steps import without_choices

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_a_letter_sent_to_nobody_says_so_until_there_is_a_link(page, cast, client):
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    assert "nobody can open it until you have made a link" in page.text
    page.fill("Send the letter")
    jobs.run_waiting_jobs()
    for path in ("/letters/", "/letters/?state=to_hand_over", f"/letters/{letter.id}"):
        page.get(path)
        assert "Sent, to be handed over" in page.text and client.name_en in page.text
    page.get("/letters/").follow("Make a link").fill("Make a link")
    for path in ("/letters/", f"/letters/{letter.id}"):
        assert "Sent, to be handed over" not in without_choices(page.get(path))
    assert client.name_en not in page.get("/letters/?state=to_hand_over").text


def test_a_letter_on_its_way_by_mail_need_not_be_handed_over(page, cast, client):
    a_sent_letter(cast, client, [a_contact(client)])
    assert "Sent, to be handed over" not in without_choices(page.sign_in_as(cast.manager).get("/letters/"))
    OutboxMessage.update(state=MailState.FAIL).execute()
    assert "Sent, to be handed over" in without_choices(page.get("/letters/"))


def test_before_any_report_the_page_says_when_letters_begin(page, cast, client):
    page.sign_in_as(cast.qa).get("/letters/")
    assert "No quarterly report is issued yet" in page.text
    page.post("/letters/propose", {"quarter": "2026Q3"}, 409)
    page.post("/letters/propose", {"quarter": "rubbish"}, 404)


def test_the_list_is_narrowed_by_state_and_name(page, cast, client):
    a_client("乙公司", manager=cast.manager)
    a_ready_letter(cast, client)
    page.sign_in_as(cast.qa).get("/letters/?state=ready")
    assert "East China Logistics" in page.text and "乙公司" not in page.text
    page.get("/letters/?search=乙")
    assert "乙公司" in page.text and "East China Logistics" not in page.text
    page.get("/letters/?search=nobody")
    assert "No letter fits what you look for" in page.text
