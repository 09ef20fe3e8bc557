"""A refusal put down wrongly is put right by two people after the minutes to take it back (P2, P11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.asking import Attempt, AttemptOutcome, Campaign, Invitation, InvitationState
from csat.models.clients import Incident
from csat.models.corrections import CorrectionState, RefusalCorrection
from csat.models.people import Membership
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.campaigns import desk, incident_surveys, response_counts
from csat.procedure.campaigns.invitation_states import CampaignOver
from csat.procedure.core.refusals import AffectedMayNotDecide, HandlerMayNotRecord, NotFound, ValueMissing
from csat.procedure.review.corrections import (
    CorrectionDecided,
    CorrectionNeedsSecondPerson,
    CorrectionWaits,
    NotTheCorrector,
)
from csat.procedure.survey import refusal_corrections, taking_back
from csat.procedure.survey.taking_back import RecordInUse, TakenBackAlready
from csat.procedure.upkeep import retention
from csat.procedure.worklists.worklists import WORKLISTS
from tests.builders import LONG_AGO, NOW, ZONE, a_client, a_closed_incident, a_contact, a_person

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def refused(cast) -> Attempt:
    """A refusal about an incident that closed thirty hours ago, recorded just now."""
    incident = a_closed_incident("INC1", 30, a_contact(a_client()), ZONE)
    return incident_surveys.record_attempt(incident, AttemptOutcome.REFUSED, lambda: b"key", cast.desk, NOW, ZONE)


def proposed(refused, cast, why="按错了按钮") -> RefusalCorrection:
    return refusal_corrections.propose_correction(refused, why, cast.desk, LATER)


def due(now) -> list[str]:
    return [one.number for one in desk.list_due_incidents(now, ZONE)]


def test_confirmed_it_counts_nowhere_and_the_incident_is_due_with_the_time_it_had(cast, refused):
    until = Incident.get().survey_due_at
    made = proposed(refused, cast)
    assert due(LATER) == [] and WORKLISTS["corrections"].count(cast.qa, LATER, ZONE) == 1
    refusal_corrections.confirm_correction(made, cast.qa, LATER, "听了录音")
    again, kept = Incident.get(), Attempt.get()
    assert due(LATER) == ["INC1"] and (again.surveyed_at, again.survey_due_at) == (None, until)
    assert (kept.undone_at, kept.undone_by) == (LATER, cast.qa)
    assert Invitation.get().state == InvitationState.MADE and WORKLISTS["corrections"].count(cast.qa, LATER, ZONE) == 0
    (counts,) = response_counts.count_responses(Campaign.id == refused.invitation.campaign_id).values()
    assert [(one.delivered, one.refused) for one in counts.values()] == [(0, 0)]
    assert AuditEntry.get(AuditEntry.action == "refusal corrected").subject == f"invitation:{refused.invitation_id}"
    with pytest.raises(TakenBackAlready):
        proposed(refused, cast)


def test_after_its_two_days_it_is_overdue(cast, refused):
    made, days = proposed(refused, cast), NOW + timedelta(days=5)
    refusal_corrections.confirm_correction(made, cast.director, days)
    (row,) = desk.describe_incidents(list(desk.list_due_incidents(days, ZONE)), days, ZONE)
    assert row.overdue and row.incident.survey_due_at == Incident.get().first_closed_at + timedelta(hours=48)


def test_not_confirmed_or_withdrawn_it_stays_and_can_be_proposed_again(cast, refused):
    made = proposed(refused, cast)
    with pytest.raises(CorrectionWaits):
        proposed(refused, cast)
    with pytest.raises(ValueMissing):
        refusal_corrections.reject_correction(made, cast.qa, LATER, " ")
    refusal_corrections.reject_correction(made, cast.qa, LATER, "客户确实拒绝")
    with pytest.raises(CorrectionDecided):
        refusal_corrections.confirm_correction(made, cast.qa2, LATER)
    again = proposed(refused, cast)
    with pytest.raises(NotTheCorrector):
        refusal_corrections.withdraw_correction(again, cast.qa, LATER)
    refusal_corrections.withdraw_waiting(refused, cast.desk, LATER)
    states = [one.state for one in refusal_corrections.list_decided(refused)]
    assert states == [CorrectionState.REJECTED, CorrectionState.WITHDRAWN]
    assert due(LATER) == [] and Attempt.get().undone_at is None


def test_the_recorder_or_quality_control_proposes_and_somebody_else_decides(cast, refused):
    with pytest.raises(NotFound):
        refusal_corrections.propose_correction(refused, "不是拒绝", a_person("林岚", Role.DESK), LATER)
    made = refusal_corrections.propose_correction(refused, "客户来电说愿意", cast.qa, LATER)
    with pytest.raises(CorrectionNeedsSecondPerson):
        refusal_corrections.confirm_correction(made, cast.qa, LATER)
    with pytest.raises(CorrectionNeedsSecondPerson):  # nor who recorded it, be they of QA
        refusal_corrections.confirm_correction(made, cast.desk, LATER)
    with pytest.raises(NotFound):
        refusal_corrections.correction_for(cast.desk, made.id)
    refusal_corrections.confirm_correction(made, cast.qa2, LATER)
    assert due(LATER) == ["INC1"]


def test_whom_the_incident_is_about_neither_proposes_nor_decides(cast, refused):
    made = proposed(refused, cast)
    Membership.create(person=cast.qa2, department=cast.department, since=LONG_AGO)
    Invitation.update(department=cast.department, engineer=cast.engineer).execute()
    with pytest.raises(AffectedMayNotDecide):
        refusal_corrections.confirm_correction(made, cast.qa2, LATER)
    Incident.update(resolved_by=cast.director).execute()
    with pytest.raises(HandlerMayNotRecord):
        refusal_corrections.confirm_correction(made, cast.director, LATER)


def test_what_waits_is_not_taken_back_meanwhile(cast, refused):
    refusal_corrections.propose_correction(refused, "客户来电说愿意", cast.qa, NOW)
    with pytest.raises(RecordInUse):
        taking_back.take_back(refused, cast.desk, NOW + timedelta(minutes=5))


def test_a_campaign_that_is_over_keeps_its_refusals(cast, refused):
    made, over = proposed(refused, cast), NOW + timedelta(days=400)
    with pytest.raises(CampaignOver):
        refusal_corrections.confirm_correction(made, cast.qa, over)
    refusal_corrections.reject_correction(made, cast.qa, over, "活动已结束")


def test_the_words_forget_the_contact_too(cast, refused):
    made = proposed(refused, cast, "王女士说她没有拒绝")
    retention.erase_contact(refused.invitation.contact, cast.admin, LATER)
    assert RefusalCorrection.get_by_id(made.id).reason == "———说她没有拒绝"
