"""How much waits at each step for a person: the numbers beside the rail."""

from __future__ import annotations

from datetime import UTC

from csat import clock
from csat.models.answers import Response, Verdict
from csat.models.asking import Invitation
from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackState
from csat.models.outbox import MailState, OutboxMessage
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.people import permissions
from csat.procedure.people.permissions import roles_of


def count_surveys_due(person: Person) -> int:
    """Closed incidents that are still to be surveyed (P1)."""
    return (
        Incident.select()
        .where(
            Incident.first_closed_at.is_null(False),
            Incident.surveyed_at.is_null(),
            Incident.skipped_because == "",
        )
        .count()
    )


def count_unclear_mails(person: Person) -> int:
    """Mails of which somebody has to say whether they count as sent."""
    unclear = OutboxMessage.select().join(Invitation).where(OutboxMessage.state == MailState.TORN)
    if not roles_of(person) & {Role.DESK, Role.QA}:
        unclear = unclear.where(Invitation.manager == person)
    return unclear.count()


def count_follow_ups_to_hand_over(person: Person) -> int:
    """Checks after closing that no mail brings to the client (P4)."""
    from csat.procedure.feedback import follow_up

    return follow_up.select_to_hand_over(person, clock.now(), UTC).count()


def count_untriaged(person: Person) -> int:
    """Named responses that the desk has not sorted yet (P6)."""
    from csat.procedure.review import triage

    return triage.list_untriaged().count()


def count_to_verify(person: Person) -> int:
    """Responses without a verdict (P7)."""
    return Response.select().where(Response.verdict == Verdict.PENDING).count()


def count_check_calls(person: Person) -> int:
    """Records that wait for their check call (P7); one's own are a colleague's to call."""
    from csat.procedure.review import check_calls

    return check_calls.list_open_calls().where(Response.recorder != person).count()


def count_refusals_to_second(person: Person) -> int:
    """Refusals that wait for a second person (P7)."""
    return Response.select().where(Response.verdict == Verdict.DOUBTED).count()


def count_corrections_to_second(person: Person) -> int:
    """Corrections of records that wait for a second person (P11)."""
    from csat.procedure.review import corrections

    return corrections.list_waiting_corrections().count()


def count_answered_receipts(person: Person) -> int:
    """Responses whose client has answered us on the receipt page, and nobody has spoken since (Q4)."""
    from csat.procedure.survey import receipts

    return receipts.select_answered_receipts().count()


def count_to_classify(person: Person) -> int:
    """Valid responses proposed as feedback (P9)."""
    from csat.procedure.review import verdicts

    return verdicts.select_proposals().count()


def count_feedback_turns(person: Person) -> int:
    """Feedback whose next step is this person's: what their board shows first."""
    from csat.procedure.feedback import access
    from csat.procedure.feedback import board as feedback_board

    today = clock.now().date()
    turn = feedback_board.my_turn_condition(person, today)
    return access.select_visible(person, today).where(turn).count()


def count_overdue_feedback(person: Person) -> int:
    """Overdue feedback that a person has to do with (I2)."""
    from csat.procedure.feedback import board

    now = clock.now()
    return board.count_pressing_concerns(person, now.date(), now).overdue


def count_feedback_due_soon(person: Person) -> int:
    """Feedback that a person has to do with and that is due before long (I2)."""
    from csat.procedure.feedback import board as feedback_board

    now = clock.now()
    return feedback_board.count_pressing_concerns(person, now.date(), now).soon


def count_to_confirm(person: Person) -> int:
    """Feedback done or explained that the improvement group has to confirm (P10)."""
    return Feedback.select().where(Feedback.state.in_([FeedbackState.DONE, FeedbackState.EXPLAINED])).count()


def count_letters(person: Person) -> int:
    """Letters that wait for this person: ready ones for a manager to send, drafts for QA to word (P13)."""
    from csat.procedure.letters import letters

    return letters.count_waiting_letters(person, clock.now().date())


def count_reports_to_sign(person: Person) -> int:
    """Reports in review that wait for this person's word (R1)."""
    from csat.procedure.reports import review

    return review.select_reports_to_sign(person).count()


def count_risk_points(person: Person) -> int:
    """Points of the quarter that is over which wait for the person's department; for QA, what to review."""
    from csat.procedure.risks import assessments

    number = (
        len(assessments.list_unassessed_points(person, clock.now(), UTC))
        if permissions.has_permission(person, "risks.assess")
        else 0
    )
    return number + (
        len(assessments.list_assessments_to_review())
        if permissions.has_permission(person, "risks.review")
        else 0
    )


def count_commitments(person: Person) -> int:
    """Measurements to enter for the quarter that is over; for QA, those to accept, and misses to answer."""
    from csat.procedure.commitments import measurements, missed

    number = 0
    if permissions.has_permission(person, "commitments.measure"):
        number += len(measurements.list_to_enter(person, clock.now(), UTC))
    if permissions.has_permission(person, "commitments.edit"):
        number += len(measurements.list_to_accept()) + len(missed.list_unanswered())
    return number
