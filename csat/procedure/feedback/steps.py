"""Taking a step of a feedback, the one way for every verb: in its order, on record, and who acts next is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from csat.database import write
from csat.models.feedback import Feedback, FeedbackStep, Step
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.feedback import turn_notices
from csat.procedure.feedback.workflow import refuse_impossible_step
from csat.words import N_

# What the history calls a step.
AUDIT_ACTIONS = {
    Step.ASSIGN: N_("feedback assigned"),
    Step.RECLASSIFY: N_("feedback classified anew"),
    Step.SUPERVISE: N_("supervisor of a feedback changed"),
    Step.CALL_BACK: N_("client called back"),
    Step.REPLY: N_("reply to a feedback given"),
    Step.PROPOSE: N_("plan proposed"),
    Step.ACCEPT: N_("plan accepted"),
    Step.SEND_BACK: N_("plan sent back"),
    Step.START: N_("work on a feedback started"),
    Step.ACTION: N_("action done"),
    Step.FINISH: N_("feedback reported as done"),
    Step.RETURN: N_("feedback returned"),
    Step.PASS_ON: N_("feedback passed on"),
    Step.EXPLAIN: N_("feedback explained to the client"),
    Step.CONFIRM: N_("feedback confirmed"),
    Step.RECUR: N_("feedback recurred"),
    Step.LIFT: N_("feedback no repeat after all"),
    Step.LINK: N_("feedback linked"),
    Step.UNLINK: N_("feedback unlinked"),
    Step.EVIDENCE: N_("evidence added to a feedback"),
    Step.NOTE: N_("note left on a feedback"),
    Step.ASK_DUE: N_("another due date of a feedback asked for"),
    Step.MOVE_DUE: N_("due date of a feedback moved"),
    Step.KEEP_DUE: N_("due date of a feedback kept"),
    Step.ASK_CHANGE: N_("change of a plan asked for"),
    Step.CHANGE_PLAN: N_("plan changed"),
    Step.KEEP_PLAN: N_("plan kept as it was"),
}


@contextmanager
def take_step(
    step: Step,
    feedback: Feedback,
    by: Person,
    now: datetime,
    words: str = "",
    detail: Mapping[str, object] | None = None,
    **facts: object,
) -> Iterator[Feedback]:
    """Take one step, on record: yields the feedback as stored, keeps what the verb changes; or StepNotPossible."""
    with write():
        fresh = Feedback.get_by_id(feedback.id)  # the page that asks may have been open for days
        refuse_impossible_step(step, fresh)
        before, holders = fresh.state, turn_notices.find_holders(fresh)
        yield fresh
        fresh.save()
        entry = add_history_entry(step, fresh, by, now, words, detail)
        audit.record(by, AUDIT_ACTIONS[step], fresh, now, before=before, after=fresh.state, **facts)
        turn_notices.tell_new_holders(fresh, holders, entry, by, now)
    for name in fresh._meta.fields:  # the caller goes on with its own record
        setattr(feedback, name, fresh.__data__[name])


def add_history_entry(
    step: Step,
    feedback: Feedback,
    by: Person,
    now: datetime,
    words: str = "",
    detail: Mapping[str, object] | None = None,
) -> FeedbackStep:
    """Add a row to the history of a feedback, with the department that has it now."""
    return FeedbackStep.create(
        feedback=feedback,
        step=step,
        state=feedback.state,
        by=by,
        at=now,
        words=words.strip(),
        department=feedback.department_id,
        detail=detail or None,
    )
