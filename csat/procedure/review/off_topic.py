"""Comments about what a questionnaire does not ask: what its next version might ask about (P14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from csat.models.answers import Answer, Response
from csat.models.people import Person
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.people import permissions
from csat.procedure.questionnaires import topics
from csat.procedure.review.tally import counted_condition


@dataclass(frozen=True)
class OffTopicComment:
    """A comment whose words point to no dimension that its form asks; `topics`: to which others they point."""

    response: int
    words: str  # addresses and numbers masked
    topics: tuple[Dimension, ...]


@dataclass(frozen=True)
class ReadComments:
    """How many comments of a quarter say something, and those about what the form does not ask."""

    said: int
    off_topic: list[OffTopicComment]


def read_comments(person: Person, questionnaire: Questionnaire, quarter: Quarter) -> ReadComments:
    """The comments of a quarter's counted responses, in an order that tells nothing; raise NotPermitted."""
    if not permissions.has_permission(person, "responses.read"):
        raise NotPermitted
    telling = [one for one in _select_comments(questionnaire, quarter) if topics.says_something(one.words or "")]
    found = sorted(_find_off_topic(questionnaire, telling), key=lambda one: one.response)  # a random key
    return ReadComments(len(telling), found)


def _find_off_topic(questionnaire: Questionnaire, comments: Iterable[Answer]) -> Iterator[OffTopicComment]:
    asked = _read_asked_dimensions(questionnaire)
    for answer in comments:
        words = answer.words or ""
        about = topics.find_topics(words)
        if not about & asked[answer.response.version_id]:
            named = tuple(one for one in Dimension if one in about)
            yield OffTopicComment(answer.response_id, mask_text(" ".join(words.split())), named)


def _select_comments(questionnaire: Questionnaire, quarter: Quarter) -> Iterator[Answer]:
    query = (
        Answer.select(Answer, Response)
        .join(Question)
        .switch(Answer)
        .join(Response)
        .join(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire == questionnaire, Response.quarter == int(quarter))
        .where(counted_condition(), Question.kind == Kind.TEXT, Answer.words.is_null(False))
    )
    return iter(query)


def _read_asked_dimensions(questionnaire: Questionnaire) -> dict[int, set[Dimension]]:
    """What each version asks about; the overall question is about everything, and so about nothing."""
    rows = (
        Question.select(Question.version, Question.dimension)
        .join(QuestionnaireVersion)
        .where(QuestionnaireVersion.questionnaire == questionnaire, Question.dimension.is_null(False))
        .tuples()
    )
    found: dict[int, set[Dimension]] = defaultdict(set)
    for version, dimension in rows:
        found[version].add(Dimension(dimension))
    return found
