"""The demo's reviews of questionnaires: QA looks at each after its quarter and decides (P14).

Of the last quarter one is left for the visitor. Another is to be changed: its next version waits to be begun.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.demo.timeline import Timeline
from csat.figures.question_review import review_form
from csat.models.base import Json
from csat.models.questionnaires import ReviewDecision
from csat.procedure.questionnaires import review
from csat.procedure.questionnaires.review import DueReview


def plan_questionnaire_reviews(timeline: Timeline) -> None:
    """After each quarter, once its report has been prepared."""
    for quarter in timeline.quarters:
        timeline.at(quarter.end(timeline.zone) + timedelta(days=16, hours=10), review_questionnaires)


def review_questionnaires(timeline: Timeline, now: datetime) -> None:
    """QA decides on every questionnaire that is due."""
    words = timeline.content["questionnaire_review"]
    for due in review.list_due_reviews(now, timeline.zone):
        code, changed = due.questionnaire.code, words["changed"]
        if due.quarter == timeline.last_quarter and code == words["left"]:
            continue
        if code == changed["code"] and str(due.quarter) == changed["quarter"]:
            _decide(timeline, due, ReviewDecision.CHANGE, words["change"], words["marks"], now)
        else:
            _decide(timeline, due, ReviewDecision.KEEP, _tell_kept(due, words), {}, now)


def _decide(
    timeline: Timeline, due: DueReview, decision: ReviewDecision, note: str, marks: Json, now: datetime
) -> None:
    qa = timeline.cast.people["qa2"]
    marked = {code: ReviewDecision(mark) for code, mark in marks.items()}
    review.record_review(due.questionnaire, due.quarter, decision, note, marked, qa, now, timeline.zone)


def _tell_kept(due: DueReview, words: Json) -> str:
    """What QA writes of a form that stays as it is: true by what its page shows."""
    found = review_form(due.questionnaire.code, due.quarter)
    if found.hidden or not found.responses:
        return str(words["few"])
    hints = len(found.hints) + sum(len(one.hints) for one in found.questions)
    return str(words["kept"]).format(responses=found.responses, hints=hints)
