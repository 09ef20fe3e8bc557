"""What became of what somebody entered by hand (P15): its state, and no more of what others did about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from peewee import JOIN, ModelSelect

from csat.models.clients import Client, Incident
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackState, FeedbackStep, Step
from csat.models.outbox import MailKind
from csat.models.people import Person
from csat.models.praise import Praise
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.mail import outbox
from csat.words import N_

NEW, ASSIGNED, CALLED_BACK, PLANNED, IN_PROGRESS, DONE, EXPLAINED, CONFIRMED = FeedbackState
STATE_SENTENCES = {
    NEW: N_("The quality control group has not given it to a department yet."),
    ASSIGNED: N_("A department has it, and contacts the client."),
    CALLED_BACK: N_("The client was contacted; the department works out what to do."),
    PLANNED: N_("It is decided what will be done."),
    IN_PROGRESS: N_("The department is carrying out what was decided."),
    DONE: N_("The department is done; the service improvement group checks it."),
    EXPLAINED: N_("The department explained it to the client; the service improvement group checks it."),
}
CLOSED_SENTENCES = {
    Step.FINISH: N_("Closed: it was dealt with, and that was checked."),
    Step.EXPLAIN: N_("Closed: it was explained to the client, and that was checked."),
}


def select_entered(person: Person) -> ModelSelect[Feedback]:
    """The feedback that a person entered by hand, the latest first."""
    query = Feedback.select(Feedback, Client, Incident).join(Client, JOIN.LEFT_OUTER)
    query = query.join_from(Feedback, Incident, JOIN.LEFT_OUTER)
    mine = Feedback.created_by == person, Feedback.origin != FeedbackOrigin.RESPONSE
    return query.where(*mine).order_by(Feedback.id.desc())


def entered_for(person: Person, key: int) -> Feedback:
    """A feedback that this person entered by hand; raise NotFound for any other."""
    return get_or_refuse(select_entered(person), key)


def list_own_notes(feedback: Feedback, person: Person) -> list[FeedbackStep]:
    """The notes that a person left on a feedback, the newest first; what others wrote is for those at work on it."""
    own = FeedbackStep.feedback == feedback, FeedbackStep.step == Step.NOTE, FeedbackStep.by == person
    return list(FeedbackStep.select().where(*own).order_by(FeedbackStep.id.desc()))


def list_entered_praise(person: Person) -> list[Praise]:
    """The praise that a person entered by hand, the latest first; what was withdrawn is among it."""
    mine = Praise.created_by == person, Praise.response.is_null()
    return list(Praise.select().where(*mine).order_by(Praise.id.desc()))


def describe_states(entered: Iterable[Feedback]) -> dict[int, str]:
    """Where each of them stands, in a sentence to translate."""
    rows = list(entered)
    steps = FeedbackStep.select().where(
        FeedbackStep.feedback.in_([one.id for one in rows]), FeedbackStep.step.in_(list(CLOSED_SENTENCES))
    )
    ends = {row.feedback_id: row.step for row in steps.order_by(FeedbackStep.id)}  # the last one counts
    return {
        one.id: CLOSED_SENTENCES[ends.get(one.id, Step.FINISH)]
        if one.state == CONFIRMED
        else STATE_SENTENCES[one.state]
        for one in rows
    }


def tell_entrant(feedback: Feedback, by: Person, now: datetime, zone: tzinfo) -> bool:
    """Queue the one mail that says to who entered it by hand that it is closed; whether there is one."""
    entrant = feedback.created_by
    if feedback.origin == FeedbackOrigin.RESPONSE or entrant.id == by.id or entrant.retired_at is not None:
        return False
    purpose, at = f"closed:{feedback.id}", outbox.next_working_time(now, zone)
    return outbox.queue_mail(MailKind.CLOSED, purpose, now, next_at=at, person=entrant, feedback=feedback)
