"""How the demo's clients answer: ratings around a mood, and words that fit them."""

from __future__ import annotations

import random

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
SPEAKS, SPEAKS_UNHAPPY = 0.16, 0.75


class ClientVoice:
    """Answers of one respondent after the other, all from one set of dice."""

    def __init__(self, content: Json, dice: random.Random) -> None:
        self.comments, self.speech, self.dice = content["comment"], content["speech"], dice

    def answers(
        self, questions: list[Question], mood: float, language: str, department: str, steady: bool = False
    ) -> dict[str, GivenAnswer]:
        """One filled form; `mood` is on the scale 1–5, `steady` records know no bad day."""
        today = mood if steady else self.dice.gauss(mood, MOODINESS)
        if not steady and mood < 4 and self.dice.random() < 0.12:
            today -= 1.2
        parts = {q.code: self._rating(q, today) for q in questions if q.kind == Kind.RATING}
        overall = _clip(today + self.dice.gauss(0, 0.25))
        given: dict[str, GivenAnswer] = {}
        for question in questions:
            answer = self._answer(question, parts, overall)
            if answer is not None:
                given[question.code] = answer
        self._speak(questions, given, overall, language, department, steady)
        return given

    def _answer(self, question: Question, parts: dict[str, int], overall: int) -> GivenAnswer | None:
        if question.kind == Kind.RATING:
            if question.offers_na and self.dice.random() < 0.15:
                return GivenAnswer(not_applicable=True)
            return GivenAnswer(
                value=overall if question.dimension == Dimension.OVERALL else parts[question.code]
            )
        if question.kind == Kind.RECOMMEND:
            return GivenAnswer(value=min(10, max(0, round(overall * 2 + self.dice.gauss(-0.3, 0.9)))))
        if question.kind == Kind.YES_NO:
            return GivenAnswer(value=int(self.dice.random() < 0.25 + 0.14 * overall))
        return None

    def _rating(self, question: Question, today: float) -> int:
        offset = DIMENSION_OFFSETS.get(question.dimension, 0.0) if question.dimension else 0.0
        strain = 0.35 if question.dimension == Dimension.RESOLUTION and today < 3.6 else 0.0
        return _clip(today + offset - strain + self.dice.gauss(0, NOISE))

    def _speak(
        self,
        questions: list[Question],
        given: dict[str, GivenAnswer],
        overall: int,
        language: str,
        department: str,
        steady: bool,
    ) -> None:
        texts = [question for question in questions if question.kind == Kind.TEXT]
        if steady or not texts or self.dice.random() > (SPEAKS_UNHAPPY if overall <= 3 else SPEAKS):
            return
        fitting = [
            comment
            for comment in self.comments
            if overall in comment["moods"] and comment.get("department", "") in ("", department)
        ]
        if not fitting:
            return
        comment = self.dice.choice(fitting)
        place = next((q for q in texts if q.code == "most_satisfied"), texts[0])
        if not comment.get("praise"):
            place = next((q for q in texts if q.code == "to_improve"), texts[0])
        given[place.code] = GivenAnswer(words=self._said(comment, language, overall))

    def _said(self, comment: Json, language: str, overall: int) -> str:
        manner = "praise" if comment.get("praise") else "unhappy" if overall <= 3 else "content"
        speech = self.speech[manner][language]
        return self.dice.choice(speech["opens"]) + comment[language] + self.dice.choice(speech["closes"])


def _clip(value: float) -> int:
    return min(5, max(1, round(value)))
