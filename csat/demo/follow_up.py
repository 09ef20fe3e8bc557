"""The demo's checks after closing: the mail leaves, many clients answer, some say that it is not solved."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from csat.adapters import sealing
from csat.demo.timeline import Timeline
from csat.models.effect import ClosingCheck
from csat.models.feedback import Feedback
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.procedure.feedback import follow_up
from csat.procedure.mail import outbox
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import submission

BOUNCE_ANSWER = "550 5.1.1 no such mailbox"


def send_follow_up(timeline: Timeline, now: datetime, closed: Feedback) -> None:
    """The mail to who raised a closed matter leaves; it comes back, is answered, or is left unread."""
    check = follow_up.find_follow_up(closed)
    if check is None or check.invitation is None:
        return
    dice, token = random.Random(f"check:{closed.title}:{now}"), _send_mails(check, now)
    chance, chances = dice.random(), timeline.content["chances"]
    if token and chance < chances["mail_bounces"]:
        mail = OutboxMessage.get(OutboxMessage.invitation == check.invitation)
        outbox.record_bounce(mail.message_id, BOUNCE_ANSWER, now)
    elif token and chance < chances["mail_bounces"] + chances["answers_follow_up"]:
        contact = check.invitation.contact
        name = contact.name if contact else ""
        answered_at = now + timedelta(hours=dice.uniform(3, 90))
        timeline.at(answered_at, answer_follow_up, token, name, _answer(timeline, dice))


def answer_follow_up(timeline: Timeline, now: datetime, token: str, name: str, answers: dict[str, GivenAnswer]) -> None:
    """The client says whether it is solved."""
    filled = submission.FilledForm(answers, anonymous=False, code="", name=name)
    submission.submit_response(token, filled, now, sealing.seal_bytes)


def _send_mails(check: ClosingCheck, now: datetime) -> str:
    """Send all that is due, as at a mail server that takes everything; the token of this check."""
    found = ""
    while (message := outbox.claim_next_mail(now)) is not None:
        letter = outbox.prepare_mail(message, now)
        if isinstance(letter, Why):
            outbox.settle_mail(message, MailState.HELD, now, letter)
            continue
        outbox.settle_mail(message, MailState.DONE, now)
        if message.invitation_id == check.invitation_id:
            found = letter.survey_token
    return found


def _answer(timeline: Timeline, dice: random.Random) -> dict[str, GivenAnswer]:
    solved = not timeline.happens("still_unsolved", dice)
    handling = dice.choice((3, 4, 4, 5, 5) if solved else (1, 2, 2, 3))
    return {"solved": GivenAnswer(value=int(solved)), "handling": GivenAnswer(value=handling)}
