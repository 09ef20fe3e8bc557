"""The pages of the survey mails that go by themselves: tried, switched on, and seen by the desk (P1)."""

from __future__ import annotations

from datetime import date

from csat.models.clients import Incident
from csat.models.outbox import MailState, OutboxMessage
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


def test_the_desk_reads_what_went_and_what_follows(page, cast, server):
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


def test_without_a_mail_server_nothing_follows_by_itself_so_the_desk_calls(page, cast):
    survey_mails.send_test_mail(cast.admin, NOW)
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.DONE, NOW)
    survey_mails.switch_on(date(2026, 9, 14), cast.admin, NOW, ZONE)  # and then the server is taken away
    a_closed_incident("INC1", 1, a_contact(a_client()), ZONE)
    page.sign_in_as(cast.desk).get("/desk/")
    assert "no call is needed" not in page.text
    assert "INC1" in page.get("/desk/next-call").heading


def test_many_are_asked_at_once_after_the_consequences_are_said(page, cast, server):
    wang = a_contact(a_client())
    for number in ("INC1", "INC2"):
        a_closed_incident(number, 3, wang, ZONE)
    a_closed_incident("INC3", 3, a_contact(a_client("城建集团"), email="", telephone="010 1234567"), ZONE)
    mine = a_closed_incident("INC4", 3, wang, ZONE, assigned_to=cast.desk)
    page.sign_in_as(cast.desk).get("/desk/").follow("Send many by mail")
    assert [row[1] for row in page.rows()[1:]] == ["INC1", "INC2"]
    page.fill("See what it means", 422)
    assert "Please tick at least one incident." in page.text
    keys = [str(one.id) for one in Incident.select().where(Incident.number.in_(["INC1", "INC2"]))]
    page.fill("See what it means", incident=keys)
    assert "2 mails are about to be sent, to 1 person" in page.text and "王女士 (2)" in page.text
    assert not OutboxMessage.select().exists()
    page.fill("Send these mails")
    assert "2 survey mails are queued." in page.text
    assert {one.by for one in OutboxMessage.select()} == {cast.desk}
    page.post("/desk/mails/many", {"incident": mine.id, "do": "send"})
    assert "1 ticked incident is left out" in page.text and len(OutboxMessage.select()) == 2


def test_what_a_colleague_asked_about_meanwhile_is_left_out_and_the_rest_goes(page, cast, server):
    for number in ("INC1", "INC2"):
        a_closed_incident(
            number, 3, a_contact(a_client(f"客户 {number}"), telephone="", email=f"{number}@x.example"), ZONE
        )
    keys = [str(one.id) for one in Incident.select()]
    page.sign_in_as(cast.desk).get("/desk/mails/many").fill("See what it means", incident=keys)
    Incident.update(surveyed_at=NOW).where(Incident.number == "INC1").execute()
    page.fill("Send these mails")
    assert "1 ticked incident is left out: it was asked about meanwhile" in page.text
    assert "1 survey mail is queued." in page.text and OutboxMessage.get().invitation.incident.number == "INC2"
