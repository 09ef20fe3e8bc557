"""A due date moves once at most, with a reason that the supervisor accepts; the old one stays on record (P9)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, tzinfo

from csat.models.base import expect_value
from csat.models.feedback import DueDate, DueMove, Feedback, Step
from csat.models.people import Person
from csat.procedure.core.guards import need_text
from csat.procedure.core.refusals import InputWrong, OutOfOrder
from csat.procedure.feedback.access import refuse_other_supervisor
from csat.procedure.feedback.steps import take_step
from csat.procedure.feedback.view import FeedbackView
from csat.words import N_


class DueNotLater(InputWrong):
    sentence = N_("Please choose a day after today, and after the one by which it is due now.")


class ClosingBeforeCall(InputWrong):
    sentence = N_("The client is called back before a feedback is closed. Please ask for an earlier day.")


class DueMovedAlready(OutOfOrder):
    sentence = N_("This due date was moved once already; it does not move again.")


class DueLaterAlready(OutOfOrder):
    sentence = N_("Its severity was changed since, and by that it is due no earlier already. Please keep the due date.")


def ask_due_move(
    feedback: Feedback, about: DueDate, day: date, reason: str, by: Person, now: datetime, zone: tzinfo
) -> None:
    """Ask the supervisor to let a due date move to the end of another day."""
    reason, after = need_text(reason), datetime.combine(day, time(23, 59, 59), zone)
    detail: dict[str, object] = {}
    with take_step(Step.ASK_DUE, feedback, by, now, reason, detail, about=about) as fresh:
        if about not in FeedbackView(fresh).movable_dues:
            raise DueMovedAlready
        before = get_due(fresh, about)
        if after <= max(before, now) or day <= now.astimezone(zone).date():
            raise DueNotLater(field="day")
        if about == DueDate.CALL_BACK and after > fresh.close_due_at:
            raise ClosingBeforeCall(field="day")
        made = DueMove.create(
            feedback=fresh, about=about, before=before, after=after, reason=reason, asked_by=by, asked_at=now
        )
        detail.update(_describe_move(made))


def move_due(feedback: Feedback, by: Person, now: datetime) -> None:
    """Let the due date move, as the named supervisor; verdicts, overdue and mails go by the new one from now on."""
    detail: dict[str, object] = {}
    with take_step(Step.MOVE_DUE, feedback, by, now, "", detail) as fresh:
        asked = _decide(fresh, True, by, now)
        asked.before = get_due(fresh, asked.about)  # a changed severity may have computed it anew since it was asked
        if asked.after <= asked.before:
            raise DueLaterAlready
        asked.save()
        detail.update(_describe_move(asked))
        setattr(fresh, f"{asked.about}_due_at", asked.after)


def keep_due(feedback: Feedback, reason: str, by: Person, now: datetime) -> None:
    """Keep the due date as it is, as the named supervisor, with the reason."""
    detail: dict[str, object] = {}
    with take_step(Step.KEEP_DUE, feedback, by, now, need_text(reason), detail) as fresh:
        detail.update(_describe_move(_decide(fresh, False, by, now)))


def get_due(feedback: Feedback, about: DueDate) -> datetime:
    """One of the two due dates of a feedback, as it stands now."""
    return feedback.call_back_due_at if about == DueDate.CALL_BACK else feedback.close_due_at


def find_accepted_moves(feedback: Feedback) -> dict[DueDate, DueMove]:
    """The moves that were accepted, by the due date."""
    rows = DueMove.select().where(DueMove.feedback == feedback, DueMove.accepted)
    return {row.about: row for row in rows}


def list_standing_moves(rows: Iterable[Feedback]) -> list[tuple[Feedback, DueMove]]:
    """The accepted moves by which some feedback is due now: not those before its severity was changed."""
    found = {row.id: row for row in rows}
    moves = DueMove.select().where(DueMove.accepted).order_by(DueMove.id)
    told = [(found[move.feedback_id], move) for move in moves if move.feedback_id in found]
    return [(row, move) for row, move in told if get_due(row, move.about) == move.after]


def is_late_by_first(feedback: Feedback, move: DueMove, now: datetime) -> bool:
    """Whether it would be late by the due date before the move, and is not by the new one."""
    calls = move.about == DueDate.CALL_BACK
    reached = feedback.called_back_at if calls else feedback.closed_at
    return move.before < (reached or now) <= move.after


def _decide(feedback: Feedback, accepted: bool, by: Person, now: datetime) -> DueMove:
    refuse_other_supervisor(feedback, by)
    asked = expect_value(FeedbackView(feedback).waiting_due_move)
    asked.accepted, asked.decided_by, asked.decided_at = accepted, by, now
    asked.save()
    return asked


def _describe_move(move: DueMove) -> dict[str, object]:
    return {"about": move.about, "moved": [move.before.isoformat(), move.after.isoformat()]}
