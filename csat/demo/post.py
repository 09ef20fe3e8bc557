"""The demo's post: mail leaves; clients answer it, opt out, leave it unread, or have no such mailbox (P1, P4)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from csat.adapters import sealing
from csat.demo.desk import Asking, answer, call
from csat.demo.timeline import LEFT_TO_DESK, Timeline
from csat.demo.working_hours import next_desk_time
from csat.models.asking import Occasion
from csat.models.base import expect_value
from csat.models.clients import Incident
from csat.models.effect import ClosingCheck
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.procedure.clients import opt_out
from csat.procedure.core.quarter import Quarter
from csat.procedure.mail import outbox
from csat.procedure.mail.outbox import PreparedMail
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import submission

BOUNCE_ANSWER = "550 5.1.1 no such mailbox"
BACK_AFTER = timedelta(minutes=6)


def deliver_mails(timeline: Timeline, now: datetime) -> None:
    """Let all that is due leave, and let those react whom it asks."""
    for letter in _send_all(now):
        if not letter.survey_token:
            continue
        if expect_value(letter.message.invitation).campaign.occasion == Occasion.CHECK:
            _react_to_check(timeline, now, letter)
        else:
            _react_to_survey(timeline, now, letter)


def _send_all(now: datetime) -> Iterator[PreparedMail]:
    """Send all that is due, as at a mail server that takes everything."""
    while (message := outbox.claim_next_mail(now)) is not None:
        letter = outbox.prepare_mail(message, now)
        if isinstance(letter, Why):
            outbox.settle_mail(message, MailState.HELD, now, letter)
            continue
        outbox.settle_mail(message, MailState.DONE, now)
        yield letter


# --- after an incident -------------------------------------------------------------------------------


def _react_to_survey(timeline: Timeline, now: datetime, letter: PreparedMail) -> None:
    """Some mailboxes are gone, some want no more; of the others many answer."""
    invitation, about = expect_value(letter.message.invitation), timeline.content["own_mail"]
    incident = expect_value(invitation.incident)
    asking, dice = _describe_asking(timeline, incident), random.Random(f"mail {incident.number}")
    if asking.contact.name in about["gone"]:
        timeline.at(now + BACK_AFTER, come_back, letter.message, asking, incident)
    elif asking.contact.name in about["opting_out"]:
        timeline.at(now + timedelta(hours=dice.uniform(0.2, 3)), want_no_more, letter.opt_out_token)
    elif timeline.happens("answers_mail", dice):
        answered_at = now + timedelta(hours=dice.uniform(0.3, 60))
        anonymous = timeline.happens("anonymous_link", dice)
        timeline.at(answered_at, answer, asking, letter.survey_token, anonymous)


def _describe_asking(timeline: Timeline, incident: Incident) -> Asking:
    quarter = Quarter.from_int(expect_value(incident.quarter))
    index = next(at for at in range(len(timeline.quarters) + 1) if timeline.quarter(at) == quarter)
    client = timeline.cast.client_named(expect_value(incident.client).name)
    return Asking(index, client, expect_value(incident.contact), expect_value(incident.department).name)


def come_back(timeline: Timeline, now: datetime, mail: OutboxMessage, asking: Asking, incident: Incident) -> None:
    """The mailbox is gone: the incident is the desk's again, which calls unless it is left to the visitor."""
    outbox.record_bounce(mail.message_id, BOUNCE_ANSWER, now)
    later = next_desk_time(now + timedelta(hours=1), timeline.zone, random.Random(f"back {incident.number}"))
    if now <= timeline.ends - LEFT_TO_DESK:
        timeline.at(later, call, asking, incident)


def want_no_more(timeline: Timeline, now: datetime, token: str) -> None:
    """A contact follows the link at the mail's foot: no surveys any more, at whichever card the address stands."""
    opt_out.opt_out_contact(token, now)


# --- after a closed feedback -------------------------------------------------------------------------


def _react_to_check(timeline: Timeline, now: datetime, letter: PreparedMail) -> None:
    """The check comes back, is answered, or is left unread."""
    invitation = expect_value(letter.message.invitation)
    closed = ClosingCheck.get(ClosingCheck.invitation == invitation).feedback
    dice, chances = random.Random(f"check:{closed.title}:{now}"), timeline.content["chances"]
    chance = dice.random()
    if chance < chances["mail_bounces"]:
        outbox.record_bounce(letter.message.message_id, BOUNCE_ANSWER, now)
    elif chance < chances["mail_bounces"] + chances["answers_follow_up"]:
        contact = invitation.contact
        name = contact.name if contact else ""
        answered_at = now + timedelta(hours=dice.uniform(3, 90))
        timeline.at(answered_at, answer_follow_up, letter.survey_token, name, _answer_check(timeline, dice))


def answer_follow_up(timeline: Timeline, now: datetime, token: str, name: str, answers: dict[str, GivenAnswer]) -> None:
    """The client says whether it is solved."""
    filled = submission.FilledForm(answers, anonymous=False, code="", name=name)
    submission.submit_response(token, filled, now, sealing.seal_bytes)


def _answer_check(timeline: Timeline, dice: random.Random) -> dict[str, GivenAnswer]:
    solved = not timeline.happens("still_unsolved", dice)
    handling = dice.choice((3, 4, 4, 5, 5) if solved else (1, 2, 2, 3))
    return {"solved": GivenAnswer(value=int(solved)), "handling": GivenAnswer(value=handling)}
