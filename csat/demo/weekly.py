"""The demo's weekly round: answers are opened, verified and sorted, checked, taken up as feedback (P6–P9)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from csat.adapters import sealing
from csat.database import write
from csat.demo.feedback import classify_comment, find_comment, plan_steps
from csat.demo.timeline import QUARTERS, Timeline
from csat.models.answers import Response, Verdict
from csat.models.base import Json, expect_value
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType
from csat.models.questionnaires import Kind
from csat.procedure.campaigns import campaigns
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import classification, follow_up, praise
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.people.departments import list_members_on
from csat.procedure.review import check_calls, signals, triage, verdicts
from csat.procedure.survey import mailbox

WEEKS = 13  # of a quarter
LEFT_TO_VISITOR = timedelta(days=6)  # QA has not got to the last days' answers
DIFFERS_EVERY, MISSED_EVERY = 2, 9  # of the calls about the agent whose records are too good; of all others


def plan_weekly(timeline: Timeline) -> None:
    """Plan a quarter's rounds as it begins, after its incidents."""
    for index in range(QUARTERS + 1):
        quarter = timeline.quarter(index)
        timeline.at(quarter.start(timeline.zone), begin_quarter, quarter)


def begin_quarter(timeline: Timeline, now: datetime, quarter: Quarter) -> None:
    """Two steps each week: the daily round's, and QA's four hours later."""
    for week in range(WEEKS):
        round_at = quarter.start(timeline.zone) + timedelta(days=7 * week + 4, hours=6)
        timeline.at(round_at, release_answers)
        timeline.at(round_at + timedelta(hours=4), review_answers)


def release_answers(timeline: Timeline, now: datetime) -> None:
    """What the daily round does: close what is over, open what waits."""
    campaigns.close_expired_campaigns(now)
    keys = timeline.config.keys
    mailbox.release_due_campaigns(now, lambda public, sealed: sealing.open_sealed(keys, public, sealed), patient=True)


def review_answers(timeline: Timeline, now: datetime) -> None:
    """QA and the desk see to what came since the last time."""
    if now <= timeline.ends - LEFT_TO_VISITOR:
        _verify(timeline, now)
        _sort(timeline, now)
        _call_to_check(timeline, now)
        _take_feedback(timeline, now)


def _verify(timeline: Timeline, now: datetime) -> None:
    waiting = list(Response.select().where(Response.verdict == Verdict.PENDING))
    suspicious = signals.find_signals_by_response(waiting, timeline.zone)
    with write():
        for response in waiting:
            _decide(timeline, now, response, bool(suspicious.get(response.id)))


def _decide(timeline: Timeline, now: datetime, response: Response, suspicious: bool) -> None:
    qa, words = timeline.cast.people["qa"], timeline.content["refusal"]
    # By incident and instant, not by the story's dice: the order of responses differs from store to store.
    dice = random.Random(f"{response.incident_id}:{response.received_at}")
    recent = response.quarter >= int(timeline.reported_quarter)
    doubted = suspicious and recent and response.recorder == timeline.cast.too_good
    if doubted and timeline.happens("refused", dice):
        verdicts.propose_refusal(response, words["reason"], qa, now)
        verdicts.refuse_response(response, timeline.cast.people["qa2"], now, words["second"])
    else:
        verdicts.accept_response(response, qa, now)


def _sort(timeline: Timeline, now: datetime) -> None:
    """The desk sorts what came by name (P6)."""
    types = {row.code: row for row in IssueType.select()}
    desk, lines = timeline.cast.agents[0], timeline.content["first_sorting"]
    with write():
        for response in list(triage.list_untriaged()):
            comment = find_comment(timeline, _words_of(response))
            if comment is None or comment.get("praise"):
                triage.triage_response(response, None, lines["praise" if comment else "plain"], desk, now)
            else:
                triage.triage_response(response, types[comment["type"]], comment["title"], desk, now)


def _call_to_check(timeline: Timeline, now: datetime) -> None:
    """Make the calls drawn before, then draw: the quarter before in full, the running one as it runs (P7)."""
    quarter = Quarter.of(now, timeline.zone)
    with write():
        for one in list(check_calls.list_open_calls()):
            _make_check_call(timeline, now, one)
        check_calls.draw_sample(quarter.plus(-1), now)
        check_calls.draw_sample(quarter, now, running=True)


def _make_check_call(timeline: Timeline, now: datetime, one: CheckCall) -> None:
    # By the number of calls and not by the record: which are drawn differs from store to store.
    made = CheckCall.select().join(Response).where(CheckCall.at.is_null(False))
    number = made.where(Response.recorder == one.response.recorder).count() + 1
    doubtful = one.response.recorder == timeline.cast.too_good
    outcome = CheckOutcome.CONFIRMED
    if doubtful and number % DIFFERS_EVERY == 0:
        outcome = CheckOutcome.DIFFERS
    elif not doubtful and number % MISSED_EVERY == 0 and one.outcome is None:
        outcome = CheckOutcome.NOT_REACHED
    words = timeline.content["check_call"][outcome]
    check_calls.record_check_call(one, outcome, words, timeline.cast.people["qa2"], now)


def _take_feedback(timeline: Timeline, now: datetime) -> None:
    """QA takes feedback out of what was said, or sees nothing to act on (P9)."""
    for response in sorted(verdicts.select_proposals(), key=lambda one: (_words_of(one), one.client_id or 0)):
        if _take_up_again(timeline, now, response):
            continue
        comment = find_comment(timeline, _words_of(response))
        thanks = comment is not None and comment.get("praise") and not comment.get("dismissed")
        if thanks and response.department is not None:
            _praise(timeline, now, response)
        elif comment is None or comment.get("praise"):
            reason = timeline.content["dismissal"]["reason"]
            verdicts.dismiss_proposal(response, reason, timeline.cast.people["qa"], now)
        else:
            _take(timeline, now, response, comment)


def _praise(timeline: Timeline, now: datetime, response: Response) -> None:
    """Thanks for an incident go to its department, and to who handled it."""
    today = now.astimezone(timeline.zone).date()
    members = list_members_on(response.department, today)
    persons = [one for one in members if one.id == response.engineer_id]
    words, qa = _words_of(response), timeline.cast.people["qa"]
    praise.praise_response(response, words, response.department, persons, qa, now, timeline.zone)


def _take(timeline: Timeline, now: datetime, response: Response, comment: Json) -> None:
    """What a client wrote becomes feedback; lately one department falls behind."""
    about, answer = timeline.content["feedback"], next(one for one in response.answers if one.words)
    title = f"{comment['title']}：{response.incident.title}" if response.incident else comment["title"]
    source = SourcePassage(response, answer, 0, len(expect_value(answer.words)))
    taken = _create(timeline, now, response, comment, title, source)
    dice = random.Random(f"{comment['title']}:{now}:{response.client_id}")
    days = about["days"][taken.severity] * dice.uniform(0.6, 1.05)
    slow = timeline.cast.departments[about["slow"]].record.id == taken.department_id
    if slow and now > timeline.ends - timedelta(days=about["slow_days"]):
        days *= about["slower"]
    plan_steps(timeline, now, taken, comment, days, dice)


def _take_up_again(timeline: Timeline, now: datetime, response: Response) -> bool:
    """What a check after closing says is not solved is taken up again; False for any other response."""
    closed = follow_up.find_checked_feedback(response)
    if closed is None or not verdicts.find_actionable([response]):
        return False
    comments = [one for one in timeline.content["comment"] if "title" in one]
    comment = next((one for one in comments if closed.title.startswith(one["title"])), None)
    if comment is None:
        return False
    again = _create(timeline, now, response, comment, closed.title, SourcePassage(response))
    dice = random.Random(f"again:{again.title}:{now}")
    days = timeline.content["feedback"]["days"][again.severity] * dice.uniform(0.4, 0.8)
    plan_steps(timeline, now, again, comment, days, dice)
    return True


def _create(
    timeline: Timeline, now: datetime, response: Response, comment: Json, title: str, source: SourcePassage
) -> Feedback:
    return classification.create_feedback(
        title,
        (source.answer.words if source.answer else None) or "",
        FeedbackOrigin.RESPONSE,
        response.client,
        quarter=response.quarter,
        now=now,
        sources=[source],
        **classify_comment(timeline, comment),
    )


def _words_of(response: Response) -> str:
    return next((a.words for a in response.answers if a.words and a.question.kind == Kind.TEXT), "")
