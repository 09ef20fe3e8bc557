"""The files of a feedback and of its actions (I1): added and withdrawn on record, until it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from peewee import ModelSelect

from csat.models.base import Table
from csat.models.evidence import Evidence
from csat.models.feedback import Action, ActionFeedback, Feedback, Step
from csat.models.people import Person
from csat.procedure.core.refusals import InputWrong
from csat.procedure.feedback.access import may_work_on
from csat.procedure.feedback.steps import add_history_entry, take_step
from csat.procedure.feedback.workflow import OPEN_FEEDBACK_STATES
from csat.procedure.people import attachments
from csat.procedure.people.attachments import AttachmentRules, FileToAttach
from csat.words import N_


class NoFile(InputWrong):
    sentence = N_("Please choose a file.")


def attach_files(
    feedback: Feedback, action: Action | None, words: str, by: Person, now: datetime, files: Sequence[FileToAttach]
) -> None:
    """Add evidence to a feedback, or to one of its actions, until it is confirmed."""
    if not files:
        raise NoFile(field="files")
    detail: dict[str, object] = {}
    with take_step(Step.EVIDENCE, feedback, by, now, words, detail) as fresh:
        detail.update(store_files(action or fresh, files, by, now, words))


def store_files(
    record: Table, files: Sequence[FileToAttach], by: Person, now: datetime, words: str = ""
) -> dict[str, object]:
    """Attach files inside the transaction of a step; what the history notes of it."""
    made = attachments.attach_files(record, files, by, now, words)
    return {"files": [one.id for one in made]} if made else {}


def select_served(kind: str, key: int) -> ModelSelect[Feedback]:
    """A query of the feedback that an action serves; of a 'feedback' itself."""
    query = Feedback.select().order_by(Feedback.id)
    if kind == "feedback":
        return query.where(Feedback.id == key)
    return query.join(ActionFeedback).where(ActionFeedback.action == key)


def _register(kind: str) -> None:
    def is_own(person: Person, key: int, today: date) -> bool:
        return any(may_work_on(person, one, today) for one in select_served(kind, key))

    def is_open(key: int) -> bool:
        # Until the first that an action serves is confirmed: on what was judged nothing changes any more.
        return all(one.state in OPEN_FEEDBACK_STATES for one in select_served(kind, key))

    def record_withdrawal(found: Evidence, by: Person, now: datetime) -> None:
        for feedback in select_served(kind, int(found.about.partition(":")[2])):
            noted = {"files": [found.id]}
            add_history_entry(Step.WITHDRAW, feedback, by, now, found.withdrawn_because, noted)

    attachments.register_attachments(kind, AttachmentRules(is_own, is_open, record_withdrawal))


for one in ("feedback", "action"):
    _register(one)
