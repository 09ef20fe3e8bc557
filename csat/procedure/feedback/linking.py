"""Feedback that is the same matter is linked, all to the one that counts (P9); both ways are on record."""

from __future__ import annotations

from datetime import datetime

from csat.database import write
from csat.models.feedback import Feedback, Step
from csat.models.people import Person
from csat.procedure.clients.merging import client_family
from csat.procedure.core.guards import need_text
from csat.procedure.core.refusals import InputWrong, OutOfOrder
from csat.procedure.feedback import recurrence
from csat.procedure.feedback.steps import add_history_entry, take_step
from csat.procedure.feedback.workflow import OPEN_FEEDBACK_STATES
from csat.procedure.people import separation_of_duties
from csat.words import N_


class NotTheSameMatter(InputWrong):
    sentence = N_("Only open feedback of the same client and type can be linked as the same matter.")


class NotLinked(OutOfOrder):
    sentence = N_("This feedback is linked to no other.")


def find_linked_group(feedback: Feedback) -> list[Feedback]:
    """All that is the same matter, the one that counts first; only itself if it is linked to none."""
    top = Feedback.get_by_id(feedback.id).matter_id  # as the store says: a page may be older
    same = Feedback.select().where(Feedback.in_matters([top]))
    return sorted(same, key=lambda one: (one.id != top, one.id))


def list_link_candidates(feedback: Feedback) -> list[Feedback]:
    """Open feedback of the same client (merged ones are one) and type that is not linked with it yet."""
    if feedback.client_id is None or feedback.state not in OPEN_FEEDBACK_STATES:
        return []
    same = Feedback.select().where(
        Feedback.client.in_(client_family(feedback.client_id)),
        Feedback.issue_type == feedback.issue_type_id,
        Feedback.state.in_(OPEN_FEEDBACK_STATES),
        Feedback.id.not_in([one.id for one in find_linked_group(feedback)]),
    )
    return list(same.order_by(Feedback.id))


def link_feedback(feedback: Feedback, other: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Say that this feedback is the same matter as another: it counts as that one from now on (P9)."""
    for one in (feedback, other):
        separation_of_duties.ensure_may_reclassify(by, one)
    with write():
        if other.id not in {one.id for one in list_link_candidates(Feedback.get_by_id(feedback.id))}:
            raise NotTheSameMatter(field="other")
        top, joining = find_linked_group(other)[0], find_linked_group(feedback)
        with take_step(Step.LINK, feedback, by, now, reason, _describe_other(other), other=other.id) as fresh:
            fresh.linked_to = top
            Feedback.update(linked_to=top).where(Feedback.id.in_([one.id for one in joining])).execute()
        add_history_entry(Step.LINK, other, by, now, reason, _describe_other(feedback))


def unlink_feedback(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Say that this feedback is a matter of its own after all; the others stay linked among themselves."""
    reason = need_text(reason)
    with write():
        others = [one for one in find_linked_group(feedback) if one.id != feedback.id]
        if not others:
            raise NotLinked
        for one in (feedback, *others):  # what counts is not decided by who dealt with any of it (I4)
            separation_of_duties.ensure_may_reclassify(by, one)
        with take_step(Step.UNLINK, feedback, by, now, reason, _describe_other(others[0]), other=others[0].id) as fresh:
            if fresh.linked_to is None:
                _promote_eldest(others)
            fresh.linked_to = None
        add_history_entry(Step.UNLINK, others[0], by, now, reason, _describe_other(feedback))
        for one in (feedback, Feedback.get_by_id(others[0].id)):  # either may count by itself now
            recurrence.update_recurrences(one, by, now)


def _promote_eldest(others: list[Feedback]) -> None:
    """When the one that counted leaves its group, the eldest of the others counts."""
    eldest, rest = others[0], [one.id for one in others[1:]]
    Feedback.update(linked_to=None).where(Feedback.id == eldest.id).execute()
    Feedback.update(linked_to=eldest).where(Feedback.id.in_(rest)).execute()


def _describe_other(other: Feedback) -> dict[str, int]:
    return {"feedback": other.id}
