"""Answers to an older version of a form, stored among answers to a newer one without standing out.

A question's code keeps its kind and dimension for ever (Q7), so what the newer form asks too is stored
with its question; what it does not ask is dropped (decision 0010).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from csat.models.questionnaires import Kind, Question
from csat.procedure.questionnaires.answers import Answers, GivenAnswer
from csat.procedure.survey.k_anonymity import OpenedAnswer


def map_answers(questions: Sequence[Question], opened: Sequence[OpenedAnswer]) -> dict[int, Answers]:
    """By place: the answers as the form with these questions asks for them."""
    asked = {question.code: question for question in questions}
    kept = {one.place: _keep_asked_answers(asked, one.content.answers) for one in opened}
    groups: dict[int | None, list[int]] = defaultdict(list)
    for one in opened:
        groups[one.client].append(one.place)
    for places in groups.values():
        for code in [question.code for question in questions if question.required]:
            # Somebody of the group was not asked yet: their blank would tell whose answer came from before.
            if any(code not in kept[place] for place in places):
                for place in places:
                    kept[place].pop(code, None)
    return dict(kept)


def _keep_asked_answers(asked: dict[str, Question], answers: Answers) -> dict[str, GivenAnswer]:
    """What a form asks of some answers, as far as it offers that choice."""
    found = {}
    for code, given in answers.items():
        if code in asked and (fits := _keep_offered_choice(asked[code], given)) is not None:
            found[code] = fits
    return found


def _keep_offered_choice(question: Question, given: GivenAnswer) -> GivenAnswer | None:
    if given.not_applicable:
        return given if question.offers_na else None
    if question.kind not in (Kind.CHOICE_ONE, Kind.CHOICE_MANY):
        return given
    known = {option["code"] for option in question.options or ()}
    chosen = [code for code in (given.words or "").split(",") if code in known]
    return GivenAnswer(words=",".join(chosen)) if chosen else None
