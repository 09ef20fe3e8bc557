"""A week of the desk: mails that go by themselves, a bounce, an opt-out by address, a call that breaks off, a wrong
button taken back, and a weekend (P1, P2, §7). Monday in Chinese on a phone, then in English on a desktop."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from csat import clock
from csat.adapters import sealing
from csat.commands.mail import SendingRound
from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Channel, Link
from csat.models.clients import Contact, Incident
from csat.models.outbox import MailState, OutboxMessage
from csat.models.roles import Role
from csat.procedure.incidents import incidents
from csat.procedure.mail import outbox, survey_mails
from tests.browser.conftest import DESKTOP, PHONE, House
from tests.browser.walk import Visitor
from tests.builders import NOW, ZONE, a_client, a_closed_incident, a_contact, a_person
from tests.cast import Cast, a_cast
from tests.mail_server import Post

pytestmark = pytest.mark.browser

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THURSDAY, FRIDAY, SATURDAY = NOW + 3 * DAY, NOW + 4 * DAY + 6 * HOUR, NOW + 5 * DAY  # Friday at four
BY_MAIL = {"telephone": ""}
BY_TELEPHONE = {"email": ""}


@pytest.fixture
def cast(post: Post, house: House) -> Cast:
    """Survey mails are switched on; five incidents closed on Monday morning."""
    cast = a_cast()
    survey_mails.send_test_mail(cast.admin, NOW)
    SendingRound(house.config).send()
    survey_mails.switch_on(NOW.astimezone(ZONE).date(), cast.admin, NOW, ZONE)
    client = a_client("华东物流")
    wang = a_contact(client, "王女士", **BY_MAIL)
    gone = a_contact(client, "张先生", email="gone@client.example", telephone="13812345601")
    anna = a_contact(client, "Anna", email="anna@client.example", language="en", **BY_MAIL)
    desk, shift = (a_contact(client, name, **BY_TELEPHONE) for name in ("总机", "值班台"))
    shift.telephone = "13812345602"
    shift.save()
    closed = ((1, wang, 3), (2, gone, 3), (3, anna, 3), (4, desk, 9), (5, shift, 8))
    for number, contact, hours in closed:
        a_closed_incident(f"INC{number}", hours, contact, ZONE)
    let_mails_go(house)
    return cast


def let_mails_go(house: House) -> None:
    """What the worker does by itself each minute."""
    survey_mails.queue_survey_mails(clock.now(), ZONE, lambda: sealing.create_key(house.config.keys))
    SendingRound(house.config).send()


def incident(number: int) -> Incident:
    return Incident.get(Incident.number == f"INC{number}")


def link_in(post: Post, to: str, kind: str) -> str:
    """The link of this kind in the last mail to an address."""
    mail = next(one for one in reversed(post.mails) if one.to == to)
    return re.search(rf"http://localhost(/{kind}/[\w-]{{43}})", mail.text)[1]


def test_a_week_of_the_desk(post: Post, house: House, cast: Cast, browser: Browser):
    (back,) = [one for one in OutboxMessage.select() if one.invitation and one.invitation.contact.name == "张先生"]
    outbox.record_bounce(back.message_id, "550 no such mailbox", NOW)
    agent = Visitor(browser, house, "zh", PHONE).enter(cast.desk)
    call_and_put_right(agent)
    ask_whose_mail_came_back(agent)
    agent.close()
    answered_and_opted_out(browser, house, post)
    with clock.freeze_at(THURSDAY):
        close_the_other_card(browser, house)
    with clock.freeze_at(FRIDAY):
        close_now(7, Contact.get(Contact.name == "总机"))
        colleague = Visitor(browser, house, "en", DESKTOP).enter(a_person("林晓", Role.DESK))
        colleague.open("/desk/")
        assert "due on Sunday, 20 Sep 2026, a day off" in colleague.said
    with clock.freeze_at(SATURDAY):
        call_on_a_day_off(browser, house, cast)
    count_by_hand()


def call_and_put_right(agent: Visitor) -> None:
    """Only those are called whom no mail reached: one call breaks off, after another the wrong button is pressed."""
    agent.open("/desk/")
    assert "今日已自动发出 3 封调查邮件" in agent.said and "1 封被退回" in agent.said
    assert [f"INC{number}" in agent.said for number in range(1, 6)] == [False, True, False, True, True]
    agent.follow(f"/desk/telephone/{incident(4).id}")
    agent.choose("q-overall", "4")
    agent.send(f"/desk/telephone/{incident(4).id}", "broken")
    agent.open(f"/desk/telephone/{incident(5).id}")
    agent.send(f"/desk/telephone/{incident(5).id}", "refused")  # but they would answer
    assert incident(5).surveyed_at
    agent.open("/desk/")
    slip = Attempt.get(Attempt.outcome == AttemptOutcome.REFUSED)
    agent.send(f"/desk/records/{slip.id}/take-back")
    assert not incident(5).surveyed_at
    agent.follow(f"/desk/telephone/{incident(5).id}")
    agent.rate_all("5")
    agent.send(f"/desk/telephone/{incident(5).id}", "record")


def ask_whose_mail_came_back(agent: Visitor) -> None:
    """The incident is back with the time it has left; its link is read out, then handed over."""
    agent.open("/desk/")
    agent.follow(f"/desk/{incident(2).id}")
    assert "550 no such mailbox" in agent.said and not incident(2).surveyed_at
    agent.send(f"/desk/{incident(2).id}/link")
    agent.send("/handed-over")


def answered_and_opted_out(browser: Browser, house: House, post: Post) -> None:
    """One answers by the mail's link; another wants no more mails, by the link at the foot of hers."""
    guest = Visitor(browser, house, "zh", PHONE)
    guest.open(path := link_in(post, "wang@client.example", "s"))
    guest.rate_all("4")
    guest.choose("who", "anonymous")
    guest.send(path, "submit")
    guest.close()
    anna = Visitor(browser, house, "en", DESKTOP)
    anna.open(link_in(post, "anna@client.example", "mail"))
    anna.press("No more surveys, please")
    anna.close()


def close_the_other_card(browser: Browser, house: House) -> None:
    """Her address stands at another client too: nobody mails, calls or makes a link; one step closes it."""
    other = a_contact(a_client("和风酒店"), "Anna F.", email="Anna@client.example", telephone="13812345603")
    close_now(6, other)
    let_mails_go(house)
    assert not OutboxMessage.select().where(OutboxMessage.state == MailState.WAIT).exists()
    agent = Visitor(browser, house, "en", DESKTOP).enter(a_person("周宁", Role.DESK))
    agent.open("/desk/?only=opted_out")
    assert "INC6" in agent.said and not agent.page.locator('main a[href*="/desk/telephone/"]').count()
    agent.press("Close as refused: INC6")
    assert incident(6).surveyed_at
    agent.close()


def close_now(number: int, contact: Contact) -> None:
    """An incident closes at the moment at which the week stands."""
    fields = {"client": contact.client, "contact": contact, "closed_at": clock.now()}
    incidents.upsert_incident("tickets", f"INC{number}", fields, "test", clock.now(), ZONE)


def call_on_a_day_off(browser: Browser, house: House, cast: Cast) -> None:
    """Who works on Saturday records a call; QA sees that it was a day off, and decides."""
    agent = Visitor(browser, house, "en", DESKTOP).enter(cast.desk)
    agent.open("/desk/next-call")
    assert "INC7" in agent.page.locator("h1").inner_text()
    agent.rate_all("5")
    agent.send(f"/desk/telephone/{incident(7).id}", "record")
    agent.close()
    record = Response.get(Response.incident == incident(7))
    qa = Visitor(browser, house, "zh", DESKTOP).enter(cast.qa)
    qa.open(f"/qa/review/{record.id}")
    assert "休息日记录" in qa.said
    qa.close()


def count_by_hand() -> None:
    """Six asked and one closed as refused; three records, one of them of a single answer; no link was made up."""
    surveyed = {one.number: bool(one.surveyed_at) for one in Incident.select()}
    assert surveyed == {f"INC{number}": True for number in range(1, 8)}
    records = Response.select().where(Response.channel == Channel.TELEPHONE)
    assert {one.incident.number: len(one.answers) for one in records} == {"INC4": 1, "INC5": 7, "INC7": 7}
    handed = Attempt.select().where(Attempt.outcome == AttemptOutcome.HANDED_OVER)
    by_hand = [one for one in handed if one.by]
    assert [one.invitation.incident.number for one in by_hand] == ["INC2"] and handed.count() == 4
    shown = Link.select().where(Link.invitation == by_hand[0].invitation, Link.by_hand)
    assert [one.shown_to for one in shown] == [by_hand[0].by]
    assert [one.outcome for one in Attempt.select().where(Attempt.undone_at.is_null(False))] == ["refused"]
