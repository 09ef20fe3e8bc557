"""The client's words that a feedback was taken from: found in the comments, and marked there (P8, P9)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from csat.models.answers import Answer, Response
from csat.models.feedback import Feedback, FeedbackSource
from csat.procedure.core.refusals import InputWrong
from csat.procedure.feedback.classification import SourcePassage
from csat.words import N_

QUOTATION_MARKS = "\"'“”‘’「」『』"
IGNORED_CHARACTERS = " \t\r\n,.;:!?、，。；：！？…—–-" + QUOTATION_MARKS  # what alone is no words


class PassageNotInComment(InputWrong):
    sentence = N_(
        "“%(words)s” does not stand in the client's comment. Take words from the comment, one passage "
        "a line, or leave this empty and say it in the title."
    )


@dataclass(frozen=True)
class CommentSegment:
    """A piece of a comment: what was made of it, and which of these end here."""

    text: str
    taken: tuple[Feedback, ...] = ()
    ending: tuple[Feedback, ...] = ()


def find_passages(response: Response, comments: Iterable[Answer], words: str) -> list[SourcePassage]:
    """Where the words stand in the comments, as a whole or line by line; raise PassageNotInComment if nowhere."""
    comments = list(comments)
    if not words.strip():
        return [SourcePassage(response)]
    taken = {answer.id: [span[:2] for span in _list_sources(answer)] for answer in comments}
    whole = _find_passage(response, comments, words, taken)
    if whole is not None:
        return [whole]
    found = []
    for line in filter(lambda line: line.strip(IGNORED_CHARACTERS), words.splitlines()):
        source = _find_passage(response, comments, line, taken)
        if source is None:
            raise PassageNotInComment(field="words", words=line.strip())
        found.append(source)
    return found


def join_passages(sources: Iterable[SourcePassage]) -> str:
    """The words as they stand in the comments, one passage a line."""
    taken = [(one.answer.words or "", one) for one in sources if one.answer is not None]
    return "\n".join(words[one.starts or 0 : one.ends or 0] for words, one in taken)


def split_comment(answer: Answer) -> list[CommentSegment]:
    """A comment cut where words were taken from it, with the feedback made of each piece."""
    text, spans = answer.words or "", _list_sources(answer)
    cuts = sorted({0, len(text), *(at for starts, ends, _ in spans for at in (starts, ends))})
    return [
        CommentSegment(
            text[starts:ends],
            tuple(one for begins, stops, one in spans if begins <= starts and ends <= stops),
            tuple(one for _, stops, one in spans if stops == ends),
        )
        for starts, ends in zip(cuts, cuts[1:], strict=False)
    ]


def find_unused_text(comments: Iterable[Answer]) -> str:
    """What nobody took from the comments yet, one passage a line; all of them if everything is taken."""
    comments = list(comments)
    segments = [one for answer in comments for one in split_comment(answer)]
    pieces = [one.text.strip(IGNORED_CHARACTERS) for one in segments if not one.taken]
    free = "\n".join(filter(None, pieces))
    if free and any(one.taken for one in segments):
        return free
    return "\n".join((answer.words or "").strip() for answer in comments)


def _list_sources(answer: Answer) -> list[tuple[int, int, Feedback]]:
    rows = FeedbackSource.select(FeedbackSource, Feedback).join(Feedback)
    rows = rows.where(FeedbackSource.answer == answer, FeedbackSource.starts.is_null(False))
    length = len(answer.words or "")  # words may have been overwritten since: what is beyond them is gone
    spans = [(row.starts or 0, min(row.ends or 0, length), row.feedback) for row in rows.order_by(Feedback.id)]
    return [span for span in spans if span[0] < span[1]]


def _find_passage(
    response: Response, comments: list[Answer], words: str, taken: dict[int, list[tuple[int, int]]]
) -> SourcePassage | None:
    """The first place of these words that nobody took yet, else the first place."""
    places = [
        (answer, match.start(), match.end())
        for answer in comments
        for pattern in _build_patterns(words)
        for match in pattern.finditer(answer.words or "")
    ]
    for answer, starts, ends in places:
        if not any(begins < ends and starts < stops for begins, stops in taken[answer.id]):
            taken[answer.id].append((starts, ends))
            return SourcePassage(response, answer, starts, ends)
    return SourcePassage(response, *places[0]) if places else None


def _build_patterns(words: str) -> list[re.Pattern[str]]:
    """As typed, and without the quotation marks put around it; line breaks and spaces are all one."""
    tried = dict.fromkeys(part for part in (words.strip(), words.strip().strip(QUOTATION_MARKS).strip()) if part)
    return [re.compile(r"\s+".join(map(re.escape, part.split()))) for part in tried]
