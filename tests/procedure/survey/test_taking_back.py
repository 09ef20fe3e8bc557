"""What one has just recorded is taken back, on record; nothing counts it any more (P2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.answers import Answer, Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    Campaign,
    Channel,
    Invitation,
    InvitationState,
    Link,
    Naming,
    Occasion,
)
from csat.models.check_calls import CheckCall
from csat.models.clients import Incident
from csat.models.effect import ClosingCheck
from csat.models.records import AuditEntry
from csat.procedure.campaigns import desk, incident_surveys, invitations, response_counts
from csat.procedure.campaigns.invitation_states import is_open, list_history, shown_state
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.procedure.incidents import survey_cooldown
from csat.procedure.review import check_calls, corrections, verdicts
from csat.procedure.survey import submission, taking_back
from csat.procedure.survey.taking_back import RecordInUse, TakenBackAlready, TooLateToTakeBack
from tests.builders import (
    NOW,
    ZONE,
    a_campaign,
    a_client,
    a_closed_incident,
    a_contact,
    a_link,
    an_invitation,
    some_answers,
)
from tests.feedback_builders import assigned

SOON = NOW + timedelta(minutes=14)
TOO_LATE = NOW + timedelta(minutes=15)


def key():
    return b"public"


@pytest.fixture
def incident(cast):
    return a_closed_incident("INC1", 30, a_contact(a_client()), ZONE)


def tried(incident, cast, outcome, **more) -> Attempt:
    return incident_surveys.record_attempt(incident, outcome, key, cast.desk, NOW, ZONE, **more)


def recorded(invitation: Invitation, by) -> tuple[Response, Attempt]:
    response = submission.record_response(invitation, some_answers(), Channel.TELEPHONE, by, NOW)
    return response, Attempt.get(Attempt.outcome == AttemptOutcome.ANSWERED)


def called(incident, cast) -> tuple[Response, Attempt]:
    """A telephone survey of an incident, just recorded."""
    return recorded(incident_surveys.ensure_invitation(incident, key, cast.desk, NOW, ZONE), cast.desk)


def due() -> list[str]:
    return [one.number for one in desk.list_due_incidents(SOON, ZONE)]


def counted(campaign) -> tuple[int, int, int, int]:
    one = sum_of(response_counts.count_responses(Campaign.id == campaign.id)[campaign.id])
    return one.delivered, one.refused, one.unreachable, one.answered


def sum_of(by_client):
    (one,) = by_client.values()
    return one


def test_a_refusal_is_taken_back_and_the_incident_is_due_again_with_its_time_left(cast, incident):
    until = incident.survey_due_at
    attempt = tried(incident, cast, AttemptOutcome.REFUSED)
    assert due() == [] and counted(attempt.invitation.campaign) == (1, 1, 0, 0)
    taking_back.take_back(attempt, cast.desk, SOON, "按错了")
    again = Incident.get()
    assert due() == ["INC1"] and again.surveyed_at is None and again.survey_due_at == until
    assert Invitation.get().state == InvitationState.MADE and is_open(Invitation.get())
    assert counted(attempt.invitation.campaign) == (0, 0, 0, 0)
    (kept,) = list_history([attempt.invitation])
    assert (kept.undone_at, kept.undone_by) == (SOON, cast.desk)
    entry = AuditEntry.get(AuditEntry.action == "record taken back")
    assert entry.subject == f"invitation:{attempt.invitation_id}" and "按错了" in entry.details.get().detail
    assert tried(incident, cast, AttemptOutcome.BUSY) and recorded(Invitation.get(), cast.desk)


def test_an_attempt_that_is_taken_back_is_as_if_it_had_not_been(cast, incident):
    later = tried(incident, cast, AttemptOutcome.LATER, again_at=NOW + timedelta(hours=3))
    assert due() == []
    taking_back.take_back(later, cast.desk, SOON)
    assert due() == ["INC1"] and not list(desk.list_later_calls(SOON))
    wrong = tried(incident, cast, AttemptOutcome.WRONG_NUMBER)
    assert desk.count_due_incidents(SOON, ZONE)["gap"] == 1 and counted(wrong.invitation.campaign)[2] == 1
    taking_back.take_back(wrong, cast.desk, SOON)
    (row,) = desk.describe_incidents([incident], SOON, ZONE)
    assert row.gap is None and row.attempts == () and desk.count_due_incidents(SOON, ZONE)["gap"] == 0
    assert [one.outcome for one in desk.list_attempts(incident)] == [AttemptOutcome.LATER, AttemptOutcome.WRONG_NUMBER]


def test_a_record_goes_and_leaves_only_that_it_was_taken_back(cast, incident):
    token = a_link(incident_surveys.ensure_invitation(incident, key, cast.desk, NOW, ZONE))
    response, attempt = called(incident, cast)
    assert taking_back.find_record(attempt) == response and Link.get().spent
    taking_back.take_back(attempt, cast.desk, SOON)
    assert not Response.select().exists() and not Answer.select().exists()
    assert due() == ["INC1"] and counted(attempt.invitation.campaign) == (0, 0, 0, 0)
    assert submission.get_link(token).invitation.state == InvitationState.MADE and not Link.get().spent
    assert called(incident, cast)[0] == Response.get()


def test_what_was_delivered_before_stays_so(cast, incident):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    asked = incident_surveys.ensure_invitation(incident, key, cast.desk, NOW, ZONE)
    earlier = NOW - timedelta(hours=1)
    Attempt.create(invitation=asked, by=cast.desk, at=earlier, outcome=AttemptOutcome.HANDED_OVER)
    Invitation.update(state=InvitationState.SENT).execute()
    Incident.update(surveyed_at=earlier).execute()
    refused = invitations.record_attempt(asked, AttemptOutcome.REFUSED, cast.desk, NOW)
    taking_back.take_back(refused, cast.desk, SOON)
    assert Invitation.get().state == InvitationState.SENT and shown_state(asked) == InvitationState.SENT
    assert Incident.get().surveyed_at == earlier and survey_cooldown.was_surveyed_lately(incident.contact, NOW)


def test_an_anonymous_answer_that_came_before_a_refusal_is_not_told_by_taking_it_back(cast, incident):
    asked = incident_surveys.ensure_invitation(incident, key, cast.desk, NOW, ZONE)
    assert asked.campaign.naming == Naming.BOTH
    Invitation.update(state=InvitationState.DONE).execute()
    taking_back.take_back(invitations.record_attempt(asked, AttemptOutcome.REFUSED, cast.desk, NOW), cast.desk, SOON)
    assert Invitation.get().state == InvitationState.DONE and shown_state(asked) == InvitationState.MADE


def test_no_rest_follows_a_survey_that_was_taken_back(cast, incident):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    attempt = tried(incident, cast, AttemptOutcome.REFUSED)
    assert survey_cooldown.was_surveyed_lately(incident.contact, SOON)
    taking_back.take_back(attempt, cast.desk, SOON)
    assert not survey_cooldown.was_surveyed_lately(incident.contact, SOON)


def test_only_the_recorder_and_only_for_some_minutes(cast, incident):
    attempt = tried(incident, cast, AttemptOutcome.NOBODY)
    with pytest.raises(NotFound):
        taking_back.take_back(attempt, cast.manager, SOON)
    with pytest.raises(TooLateToTakeBack):
        taking_back.take_back(attempt, cast.desk, TOO_LATE)
    assert taking_back.list_recent_records(cast.desk, SOON) and not taking_back.list_recent_records(cast.desk, TOO_LATE)
    settings.change_setting("undo_minutes", 60, "command:test", NOW)
    taking_back.take_back(attempt, cast.desk, TOO_LATE)
    with pytest.raises(TakenBackAlready):
        taking_back.take_back(attempt, cast.desk, TOO_LATE)
    assert not taking_back.list_recent_records(cast.desk, SOON)


def test_a_link_that_was_handed_over_is_withdrawn_not_taken_back(cast, incident):
    asked = incident_surveys.ensure_invitation(incident, key, cast.desk, NOW, ZONE)
    handed = Attempt.create(invitation=asked, by=cast.desk, at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    with pytest.raises(NotFound):
        taking_back.take_back(handed, cast.desk, SOON)


def verified(response, cast):
    verdicts.accept_response(response, cast.qa, NOW)


def corrected(response, cast):
    answers = some_answers(rated=2)
    corrections.propose_correction(response, answers, "听错了", cast.qa, NOW)


def checked(response, cast):
    check_calls.request_check_call(response, cast.qa, NOW)


@pytest.mark.parametrize("begin", [verified, corrected, checked])
def test_what_a_colleague_has_begun_to_work_with_stays(cast, incident, begin):
    response, attempt = called(incident, cast)
    begin(response, cast)
    with pytest.raises(RecordInUse):
        taking_back.take_back(attempt, cast.desk, SOON)
    assert Response.get() == response and Attempt.get().undone_at is None and Incident.get().surveyed_at == NOW


def test_the_sample_of_check_calls_draws_another_record(cast, incident):
    settings.change_setting("check_least", 1, "command:test", NOW)
    response, attempt = called(incident, cast)
    check_calls.draw_sample(Quarter(2026, 3), NOW)
    assert CheckCall.get().response == response
    taking_back.take_back(attempt, cast.desk, SOON)
    assert not CheckCall.select().exists()
    again, _ = called(incident, cast)
    check_calls.draw_sample(Quarter(2026, 3), NOW)
    assert [call.response for call in CheckCall.select()] == [again]


def test_a_check_after_closing_waits_again(cast):
    asked = an_invitation(a_campaign("check", occasion=Occasion.CHECK), a_contact(a_client()))
    ClosingCheck.create(feedback=assigned(cast), invitation=asked, at=NOW)
    submission.record_response(asked, some_answers("check"), Channel.TELEPHONE, cast.desk, NOW)
    taking_back.take_back(Attempt.get(), cast.desk, SOON)
    assert ClosingCheck.get().response is None and Invitation.get().state == InvitationState.MADE


def test_after_the_minutes_the_recorder_proposes_a_correction_and_another_decides(cast, incident):
    response, attempt = called(incident, cast)
    assert [one.response for one in taking_back.list_recent_records(cast.desk, TOO_LATE)] == [response]
    assert taking_back.list_records_of(incident, cast.desk, NOW + timedelta(days=9))[0].response == response
    made = corrections.propose_correction(response, some_answers(rated=2), "客户改口", cast.desk, TOO_LATE)
    corrections.confirm_correction(made, cast.qa, TOO_LATE)
    assert corrections.answers_by_code(response)["overall"].value == 2
