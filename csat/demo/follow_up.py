"""The demo's checks after closing: the mail leaves, many clients answer, some say that it is not solved."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from csat.adapters import sealing
from csat.models.answers import Response
from csat.models.effect import ClosingCheck
from csat.models.feedback import Feedback, FeedbackOrigin
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.models.people import Person
from csat.procedure.feedback import classification, follow_up
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.mail import outbox
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import verdicts
from csat.procedure.survey import submission

if TYPE_CHECKING:
    from csat.demo.feedback import WholeStory

COMES_BACK, ANSWERS, UNSOLVED = 0.08, 0.6, 0.12
BOUNCE_ANSWER = "550 5.1.1 no such mailbox"


def send_follow_up(story: WholeStory, closed: Feedback, now: datetime) -> None:
    """The mail to who raised a closed matter leaves; it comes back, is answered, or is left unread."""
    check = follow_up.find_follow_up(closed)
    if check is None or check.invitation is None:
        return
    dice, token = random.Random(f"check:{closed.title}:{now}"), _sent(check, now)
    chance = dice.random()
    if token and chance < COMES_BACK:
        mail = OutboxMessage.get(OutboxMessage.invitation == check.invitation)
        outbox.record_bounce(mail.message_id, BOUNCE_ANSWER, now)
    elif token and chance < COMES_BACK + ANSWERS:
        contact = check.invitation.contact
        name = contact.name if contact else ""
        story.at(now + timedelta(hours=dice.uniform(3, 90)), answer_follow_up, token, name, _said(dice))


def answer_follow_up(now: datetime, token: str, name: str, said: dict[str, GivenAnswer]) -> None:
    """The client says whether it is solved."""
    submission.submit_response(
        token, submission.FilledForm(said, anonymous=False, code="", name=name), now, sealing.seal_bytes
    )


def take_up_again(story: WholeStory, response: Response, qa: Person, now: datetime) -> bool:
    """What is not solved is taken up again; False for any other response."""
    closed = follow_up.find_checked_feedback(response)
    if closed is None or not verdicts.find_actionable([response]):
        return False
    department, comment = closed.department, _comment(story, closed)
    if department is None or comment is None:
        return False
    again = classification.create_feedback(
        closed.title,
        "",
        FeedbackOrigin.RESPONSE,
        response.client,
        closed.issue_type,
        closed.severity,
        response.quarter,
        qa,
        now,
        department=department,
        supervisor=story.cast.people["qa2"],
        sources=[SourcePassage(response)],
    )
    story.plan_again(again, comment, story.cast.owners[department.id], now)
    return True


def _sent(check: ClosingCheck, now: datetime) -> str:
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


def _said(dice: random.Random) -> dict[str, GivenAnswer]:
    solved = dice.random() >= UNSOLVED
    handling = dice.choice((3, 4, 4, 5, 5) if solved else (1, 2, 2, 3))
    return {"solved": GivenAnswer(value=int(solved)), "handling": GivenAnswer(value=handling)}


def _comment(story: WholeStory, closed: Feedback) -> dict[str, object] | None:
    """The story's comment of which a feedback was made."""
    all_ = story.content["comment"]
    return next((one for one in all_ if closed.title.startswith(one.get("title", "?"))), None)
