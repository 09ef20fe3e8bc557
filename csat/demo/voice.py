"""How the demo's clients answer: ratings around a mood, and words that fit them."""

from __future__ import annotations

from csat.demo.timeline import Timeline
from csat.models.base import Json
from csat.models.questionnaires import Dimension, Kind, Question
from csat.procedure.questionnaires.answers import GivenAnswer

# Resolution and timeliness fall first when a client is unhappy; people stay polite about attitude.
DIMENSION_OFFSETS = {
    Dimension.ATTITUDE: 0.3,
    Dimension.EXPERTISE: 0.15,
    Dimension.RESOLUTION: -0.1,
    Dimension.TIMELINESS: -0.1,
}
NOISE, MOODINESS = 0.45, 0.75


def fill_form(
    timeline: Timeline, questions: list[Question], mood: float, language: str, department: str, steady: bool = False
) -> dict[str, GivenAnswer]:
    """One filled form; `mood` is on the scale 1–5, `steady` records know no bad day and no words."""
    today = mood if steady else timeline.dice.gauss(mood, MOODINESS)
    if not steady and mood < 4 and timeline.happens("bad_day"):
        today -= 1.2
    parts = {q.code: _rate(timeline, q, today) for q in questions if q.kind == Kind.RATING}
    overall = _clip(today + timeline.dice.gauss(0, 0.25))
    given: dict[str, GivenAnswer] = {}
    for question in questions:
        answer = _answer(timeline, question, parts, overall)
        if answer is not None:
            given[question.code] = answer
    if not steady:
        given |= _speak(timeline, questions, overall, language, department)
    return given


def _answer(timeline: Timeline, question: Question, parts: dict[str, int], overall: int) -> GivenAnswer | None:
    dice = timeline.dice
    if question.kind == Kind.RATING:
        if question.offers_na and timeline.happens("not_applicable"):
            return GivenAnswer(not_applicable=True)
        return GivenAnswer(value=overall if question.dimension == Dimension.OVERALL else parts[question.code])
    if question.kind == Kind.RECOMMEND:
        return GivenAnswer(value=min(10, max(0, round(overall * 2 + dice.gauss(-0.3, 0.9)))))
    if question.kind == Kind.YES_NO:
        return GivenAnswer(value=int(dice.random() < 0.25 + 0.14 * overall))
    return None


def _rate(timeline: Timeline, question: Question, today: float) -> int:
    offset = DIMENSION_OFFSETS.get(question.dimension, 0.0) if question.dimension else 0.0
    strain = 0.35 if question.dimension == Dimension.RESOLUTION and today < 3.6 else 0.0
    return _clip(today + offset - strain + timeline.dice.gauss(0, NOISE))


def _speak(
    timeline: Timeline, questions: list[Question], overall: int, language: str, department: str
) -> dict[str, GivenAnswer]:
    """What somebody writes besides, if anything: a comment that fits the rating and the department."""
    texts = [question for question in questions if question.kind == Kind.TEXT]
    if not texts or not timeline.happens("speaks_unhappy" if overall <= 3 else "speaks"):
        return {}
    fitting = [
        comment
        for comment in timeline.content["comment"]
        if overall in comment["moods"] and comment.get("department", department) == department
    ]
    if not fitting:
        return {}
    comment = timeline.dice.choice(fitting)
    code = "most_satisfied" if comment.get("praise") else "to_improve"
    place = next((question for question in texts if question.code == code), texts[0])
    return {place.code: GivenAnswer(words=_word(timeline, comment, language, overall))}


def _word(timeline: Timeline, comment: Json, language: str, overall: int) -> str:
    manner = "praise" if comment.get("praise") else "unhappy" if overall <= 3 else "content"
    speech = timeline.content["speech"][manner][language]
    opening = timeline.dice.choice(speech["opens"])
    return f"{opening}{comment[language]}{timeline.dice.choice(speech['closes'])}"


def _clip(value: float) -> int:
    return min(5, max(1, round(value)))
