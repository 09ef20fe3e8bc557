"""Notes on a feedback, by everybody at work on it and by who entered it (P9, P15): in its history, told to nobody."""

from __future__ import annotations

from datetime import datetime

from csat.models.feedback import Feedback, FeedbackStep, Step
from csat.models.people import Person
from csat.procedure.core.bilingual import refuse_long_text
from csat.procedure.core.guards import need_text
from csat.procedure.feedback.steps import take_step

MAX_NOTE_LENGTH = 2000  # characters


def add_note(feedback: Feedback, words: str, by: Person, now: datetime) -> None:
    """Leave a note, until the feedback is closed; who may read it, or entered it, may leave one."""
    words = need_text(words, "words")
    refuse_long_text("words", words, MAX_NOTE_LENGTH)
    with take_step(Step.NOTE, feedback, by, now, words):
        pass


def list_notes(history: list[FeedbackStep]) -> list[FeedbackStep]:
    """The notes in a history, the newest first."""
    return [step for step in history if step.step == Step.NOTE]
