"""How long a form takes, on the web and by telephone: computed from its words and its questions (§4).

The paces are our choice. Reading: 228 English words a minute, the mean of the International Reading Speed Texts, which
are read aloud (doi:10.1167/iovs.11-8284); silent reading is hardly faster (238: doi:10.1016/j.jml.2019.104047). 255
Chinese characters are set so that the forms that ship read about as long in both languages. Speaking on the telephone
is slower: 200 characters or 150 words. What answering takes beside the words is our estimate, set so that these forms
take what their authors counted with.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from csat.models.base import Localised
from csat.models.questionnaires import Kind
from csat.procedure.questionnaires.content import LANGUAGES, FormContent, QuestionContent

HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9’'-]*")


@dataclass(frozen=True)
class Pace:
    """How fast words pass (a minute), and seconds an answer takes beside them."""

    characters: int
    words: int
    answer: dict[Kind, float]


WEB = Pace(
    characters=255,
    words=228,
    answer={Kind.RATING: 5, Kind.RECOMMEND: 6, Kind.YES_NO: 4, Kind.CHOICE_ONE: 5, Kind.CHOICE_MANY: 8, Kind.TEXT: 30},
)
TELEPHONE = Pace(
    characters=200,
    words=150,
    answer={Kind.RATING: 5, Kind.RECOMMEND: 6, Kind.YES_NO: 4, Kind.CHOICE_ONE: 6, Kind.CHOICE_MANY: 10, Kind.TEXT: 30},
)
OPTIONAL_TEXT = 0.5  # of those who may write something, about half do


def count_minutes(form: FormContent, pace: Pace = WEB) -> int:
    """Whole minutes in the language in which it takes longer, rounded up: nobody is promised too little."""
    return max(1, math.ceil(max(count_seconds(form, language, pace) for language in LANGUAGES) / 60))


def count_seconds(form: FormContent, language: str, pace: Pace) -> float:
    """Seconds to take in all words of a form in a language, and to answer."""
    texts = [form.title, form.intro, *(section.title for section in form.sections)]
    answering = sum(_count_question(question, language, pace) for question in form.questions)
    return sum(_count_words(text, language, pace) for text in texts) + answering


def _count_question(question: QuestionContent, language: str, pace: Pace) -> float:
    texts = [question.text, question.help, *(option.text for option in question.options)]
    answer = pace.answer[question.kind]
    if question.kind == Kind.TEXT and not question.required:
        answer *= OPTIONAL_TEXT
    return answer + sum(_count_words(text, language, pace) for text in texts)


def _count_words(text: Localised, language: str, pace: Pace) -> float:
    written = text.get(language, "")
    return 60 * (len(HAN.findall(written)) / pace.characters + len(WORD.findall(written)) / pace.words)
