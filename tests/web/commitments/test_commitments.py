"""The pages of the commitments: what is kept, what is entered and accepted, what is missed and answered."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest

from csat.models.commitments import CommitmentAnswer, CommitmentMiss, CommitmentTarget, Measurement
from csat.models.evidence import Evidence
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackState, IssueType
from csat.models.roles import Role
from csat.procedure.commitments import commitments, missed
from csat.procedure.core.quarter import Quarter
from tests.builders import NOW, a_client, a_department, a_person, an_incident, how_many_wait
from tests.files import PDF

Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)


def given_to(cast, *codes: str) -> None:
    """The department answers for these commitments."""
    for code in codes:
        one = commitments.get_commitment(code)
        commitments.edit_commitment(one, one.name, one.description, cast.department, cast.qa, NOW)


def closed_incident(number: str, minutes: float | None, quarter: int = 20262, **more):
    opened = NOW - timedelta(days=100)
    answered = None if minutes is None else opened + timedelta(minutes=minutes)
    more = {"opened_at": opened, "responded_at": answered, "first_closed_at": opened, **more}
    return an_incident(number, quarter=quarter, **more)


def row_of(page, name: str) -> list[str]:
    return next(row for row in page.rows() if row and row[0].startswith(name))


def test_all_ten_stand_on_the_list_with_targets_and_without_data(page, cast):
    page.sign_in_as(cast.director).get("/commitments/")
    assert row_of(page, "Availability of core systems")[1:5] == ["≥ 99.9%", "–", "–", "No data"]
    assert row_of(page, "Major problems solved")[1] == "≤ 2 h"
    assert row_of(page, "Key data backed up daily")[1] == "100%"  # more is impossible
    assert "0 reached, 0 missed, 10 without data" in page.text and "so far" in page.text
    assert "What waits" not in page.text


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_commitment_has_a_page_for_everybody_who_may_see_it(page, cast, locale):
    closed_incident("1", 12, major=True, resolved_at=NOW)
    readers = (cast.qa, cast.director, cast.manager, cast.owner, cast.improvement)
    for person in readers if locale == "zh" else readers[:1]:
        page.sign_in_as(person, locale).get("/commitments/?quarter=2026Q2")
        for one in commitments.list_commitments():
            page.get(f"/commitments/{one.code}?quarter=2026Q2")


@pytest.mark.parametrize("code", ["feedback_time", "improvement_done"])
def test_what_bears_nearly_the_name_of_a_figure_says_how_it_differs(page, cast, code):
    page.sign_in_as(cast.qa).get("/commitments/?quarter=2026Q2")
    name = commitments.get_commitment(code).name["en"]
    assert "due in the quarter, whenever" in row_of(page, name)[0]
    page.get(f"/commitments/{code}?quarter=2026Q2")
    assert "the overview counts" in page.text and "/qa/?quarter=2026Q2#feedback" in page.links()
    page.sign_in_as(cast.owner).get(f"/commitments/{code}?quarter=2026Q2")
    assert "the overview counts" in page.text and "/qa/?quarter=2026Q2#feedback" not in page.links()


def test_only_what_a_department_enters_wants_a_department(page, cast):
    page.sign_in_as(cast.qa).get("/commitments/availability")
    assert "no department yet" in page.text
    page.get("/commitments/solved")
    assert "no department yet" not in page.text and "measured by this system" in page.text


def test_a_figure_opens_the_incidents_that_missed(page, cast):
    client = a_client("华东物流")
    for number, minutes in (("IN-1", 10), ("IN-2", 45), ("IN-3", None)):
        closed_incident(number, minutes, client=client)
    page.sign_in_as(cast.qa).get("/commitments/first_response?quarter=2026Q2")
    assert "33.3%" in page.text and "45 min" in page.text
    page.follow("Not within the promise")
    assert "IN-2" in page.text and "IN-1" not in page.text and "IN-3" not in page.text
    page.follow("Without the times")
    assert "IN-3" in page.text and "IN-2" not in page.text
    page.sign_in_as(cast.director).get("/commitments/first_response/counted?quarter=2026Q2", 403)


def test_a_department_enters_with_evidence_and_qa_accepts(page, cast):
    given_to(cast, "availability")
    page.sign_in_as(cast.owner).get("/commitments/")
    assert how_many_wait("commitments", cast.owner) == 1
    page.follow("Enter for Q2 2026: Availability of core systems")
    page.fill("Enter", 422, value="99.95")
    assert page.errors == ["Please fill this in."] and page.value("value") == "99.95"
    page.fill("Enter", words="监控系统六月报表", files=(BytesIO(PDF), "六月.pdf"))
    assert "Entered." in page.text and "Waits for quality control" in page.text
    assert Evidence.get().about == f"measurement:{Measurement.get().id}"
    assert how_many_wait("commitments", cast.owner) == 0 and how_many_wait("commitments", cast.qa) == 1
    page.sign_in_as(cast.qa).get("/commitments/")
    page.follow("Accept or send back: Availability of core systems, Q2 2026").fill("Accept")
    assert "the figure counts from now on" in page.text and "99.95%" in page.text
    page.get("/commitments/?quarter=2026Q2")
    assert row_of(page, "Availability")[2:5] == ["99.95%", "–", "Reached"]


def test_another_department_and_qa_enter_nothing(page, cast):
    given_to(cast, "availability")
    stranger = a_person("外人", Role.DEPARTMENT, department=a_department("别的部"))
    page.sign_in_as(stranger).get("/commitments/availability/measure", 403)
    page.sign_in_as(cast.qa).get("/commitments/availability/measure", 403)
    page.sign_in_as(cast.owner).get("/commitments/recovery_time/measure", 403)
    page.get("/commitments/satisfaction/measure", 403)


def test_security_incidents_want_both_numbers_and_their_names(page, cast):
    given_to(cast, "security_incidents")
    page.sign_in_as(cast.owner).get("/commitments/security_incidents/measure")
    assert "1 Jan 2026 – 30 Jun 2026" in page.text
    page.fill("Enter", 422, numerator="2", base="400", words="台账")
    assert page.errors == ["Please fill this in."]
    page.fill("Enter", numerator="2", numerator_name="安全事件", base="400", base_name="运维事件", words="台账")
    assert Measurement.get().value == 0.5


def test_what_is_sent_back_says_why_and_is_entered_anew(page, cast):
    given_to(cast, "recovery_time")
    page.sign_in_as(cast.owner).get("/commitments/recovery_time/measure").fill("Enter", value="3", words="演练记录")
    page.sign_in_as(cast.qa).get("/commitments/recovery_time")
    page.fill("Send back", 422, why="")
    assert "Please fill this in." in page.errors
    page.fill("Send back", why="缺少依据")
    assert "缺少依据" in page.text and "Sent back" in page.text
    assert how_many_wait("commitments", cast.owner) == 1
    page.sign_in_as(cast.owner).get("/commitments/recovery_time/measure")
    assert "For this quarter 3 h was entered" in page.text


def test_a_missed_one_opens_an_action_that_flows_as_feedback_does(page, cast):
    given_to(cast, "first_response")
    closed_incident("1", 45)
    page.sign_in_as(cast.qa).get("/commitments/first_response?quarter=2026Q2").follow("Answer it")
    page.fill("Open the action", 422, words="")
    issue = str(IssueType.get().id)
    chosen = {"issue_type": issue, "severity": "major", "supervisor": str(cast.qa2.id)}
    page.fill("Open the action", words="夜间无人值班，要安排。", **chosen)
    made = Feedback.get()
    assert "F-0001 is opened" in page.text
    assert (made.origin, made.state) == (FeedbackOrigin.OBSERVATION, FeedbackState.ASSIGNED)
    assert made.department == cast.department
    assert CommitmentAnswer.get().feedback == made and not missed.list_unanswered()
    page.follow("F-0001 Commitment missed in Q2 2026: First response")
    page.sign_in_as(cast.manager).get("/commitments/first_response?quarter=2026Q2")
    assert "F-0001" in page.text and f"/feedback/{made.id}" not in page.links()


def test_a_missed_one_can_be_answered_by_a_reason(page, cast):
    closed_incident("1", 45)
    page.sign_in_as(cast.qa).get("/commitments/first_response/answer?quarter=2026Q2")
    page.fill("Save the reason", 422)
    page.fill("Save the reason", reason="客户系统停电，无法联系。")
    assert "客户系统停电" in page.text and CommitmentMiss.select().count() == 1
    page.get("/commitments/?quarter=2026Q2")
    assert "reason given" in row_of(page, "First response")[4]


def test_what_is_not_missed_wants_no_answer(page, cast):
    closed_incident("1", 5)
    page.sign_in_as(cast.qa).get("/commitments/first_response/answer?quarter=2026Q2")
    page.fill("Save the reason", 422, reason="没有")
    assert page.errors == ["This quarter is not missed, so there is nothing to answer."]


def test_a_target_has_its_day_and_a_quarter_that_is_over_wants_a_tick(page, cast):
    page.sign_in_as(cast.qa).get("/commitments/first_response/edit")
    page.fill("Set the target", target="20", since="2026-10-01")
    assert "≤ 20 min" in page.text and row_of(page, "Q3 2026")[1] == "≤ 30 min"
    page.get("/commitments/first_response/edit").fill("Set the target", 422, target="60", since="2026-05-01")
    assert "lies in a quarter that is over" in page.errors[0] and page.value("since") == "2026-05-01"
    page.fill("Set the target", target="60", since="2026-05-01", aware="y")
    assert row_of(page, "Q2 2026")[1] == "≤ 60 min" and row_of(page, "Q1 2026")[1] == "≤ 30 min"
    assert CommitmentTarget.select().where(CommitmentTarget.since == date(2026, 5, 1)).count() == 1
    page.get("/commitments/first_response/edit").fill("Set the target", 422, target="-1")


def test_qa_changes_words_and_department_and_takes_one_out_of_use(page, cast):
    page.sign_in_as(cast.qa).get("/commitments/")
    page.follow("No department answers for it yet: Recovery from a failure")
    page.fill("Save", name_en="Recovering", department=str(cast.department.id))
    assert page.heading == "Recovering" and "Infrastructure" in page.text
    page.follow("Edit").fill("Take out of use")
    assert "Out of use" in page.text
    page.follow("Recovering").follow("Edit").fill("Use it again")
    assert row_of(page, "Recovering")


def test_the_rail_leads_here_and_says_what_waits(page, cast, counted_rail):
    missed.record_verdict(commitments.get_commitment("solved"), Q2, "missed", NOW)
    page.sign_in_as(cast.qa).get("/commitments/")
    assert "Commitments 1" in page.text
    page.follow("Missed in Q2 2026, not answered yet: Problems solved")
