"""The pages of the survey mails that go by themselves: tried, switched on, and seen by the desk (P1)."""

from __future__ import annotations

from datetime import date

from csat.models.outbox import MailState
from csat.procedure.mail import outbox, survey_mails
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact
from tests.procedure.campaigns.rounds import key

PATH = "/admin/survey-mails"


def test_it_is_tried_then_switched_on_from_a_day(page, cast, server):
    page.sign_in_as(cast.admin).get("/admin/accounts").follow("To the survey mails")
    assert page.path == PATH and "must have taken a test mail" in page.text
    page.fill("Send me a test mail")
    assert survey_mails.find_test_mail().person == cast.admin
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.DONE, NOW)
    page.get(PATH).fill("Switch on", 422, first_day="2026-09-13")
    assert "This day has passed." in page.errors[0]
    page.fill("Switch on", first_day="2026-09-14")
    assert survey_mails.get_first_day() == date(2026, 9, 14)
    assert "To the survey mails" not in page.get("/admin/accounts").text
    page.get(PATH).fill("Switch off")
    assert survey_mails.get_first_day() is None


def test_without_a_mail_server_it_says_so(page, cast):
    page.sign_in_as(cast.admin).get(PATH)
    assert "No mail server is set up" in page.text and "Send me a test mail" not in page.text
    page.post(f"{PATH}/test", status=409)


def test_the_desk_reads_what_went_and_what_follows(page, cast):
    survey_mails.send_test_mail(cast.admin, NOW)
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.DONE, NOW)
    survey_mails.switch_on(date(2026, 9, 14), cast.admin, NOW, ZONE)
    a_closed_incident("INC1", 3, a_contact(a_client()), ZONE)
    a_closed_incident("INC2", 1, a_contact(a_client("城建集团")), ZONE)
    survey_mails.queue_survey_mails(NOW, ZONE, key)
    message = outbox.claim_next_mail(NOW)
    outbox.settle_mail(message, MailState.DONE, NOW)
    outbox.record_bounce(message.message_id, "550", NOW)
    page.sign_in_as(cast.desk).get("/desk/")
    assert "1 survey mail went by itself today; 1 came back." in page.text
    assert "1 more follows: no call is needed for it yet." in page.text
    page.follow("What went by itself")
    assert "INC1" in page.text and "INC2" not in page.text
    page.get("/desk/next-call")
    assert "INC1" in page.text  # INC2 is not to be called yet
    page.get(PATH, status=403)
