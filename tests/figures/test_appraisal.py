"""Stories about the appraisal sheet (P12): who is on it, what stands beside the rates, what is hidden."""

from __future__ import annotations

import pytest

from csat.figures.appraisal import Appraisal, AppraisalRow, compute_appraisal
from csat.figures.audience import Audience
from csat.models.clients import Client, ClientCare, Incident
from csat.models.feedback import Feedback, FeedbackSource, FeedbackState, Severity
from csat.procedure.feedback import linking
from csat.procedure.review import tally
from tests.builders import LONG_AGO, NOW, a_client, a_department, an_incident
from tests.feedback_builders import a_stored_feedback
from tests.figures.stores import Q3, a_response

pytestmark = pytest.mark.usefixtures("engine_db")

ABOUT = {"critical": 0, "major": 0, "minor": 0, "suggestion": 0}


def named(cast, client, rating=5, **more):
    """A response about an incident that the engineer handled."""
    facts = {"manager": cast.manager, "engineer": cast.engineer, "department": cast.department}
    incident = an_incident(f"INC{Incident.select().count()}", client)
    return a_response(ratings=rating, client=client, incident=incident, **{**facts, **more})


def a_matter(client, severity=Severity.MINOR, department=None, source=None, **more):
    made = a_stored_feedback(client=client, severity=severity, department=department, **more)
    if source is not None:
        FeedbackSource.create(feedback=made, response=source)
    return made


def sheet(zone, now=NOW) -> Appraisal:
    tally.rebuild_tally()
    return compute_appraisal(Q3, now, zone, Audience.RESPONSE_READERS)


def row(zone, sort, key, now=NOW) -> AppraisalRow:
    (found,) = [one for one in sheet(zone, now).of(sort) if one.key == str(key)]
    return found


def severities(one: AppraisalRow):
    return {name: getattr(one, name) for name in ABOUT}


def test_each_is_rated_by_the_answers_that_name_them(cast, client, zone):
    named(cast, client, 5)
    named(cast, client, 2)
    about = {"manager": cast.manager, "department": cast.department, "engineer": cast.engineer}
    for sort, who in about.items():
        one = row(zone, sort, who.id)
        assert (one.rate.value, one.rate.n, one.index.value) == (0.5, 2, 62.5)
        assert one.rate.id == f"satisfaction/{sort}/{who.id}" and one.rate.low < 0.5 < one.rate.high


def test_what_carries_no_incident_is_told_and_in_no_row_of_engineers(cast, client, zone):
    named(cast, client)
    a_response(client=client, manager=cast.manager)
    for _ in range(3):
        a_response(client=client, anonymous=True)
    whole = sheet(zone)
    assert (whole.without_incident, whole.without_manager) == (4, 3)
    numbers = [(one.sort, one.rate.n) for one in whole.rows]
    assert numbers == [("client", 5), ("manager", 2), ("department", 1), ("engineer", 1)]


def test_what_waits_for_company_is_not_told_either(cast, client, zone):
    waiting = a_response(client=client, anonymous=True)
    waiting.step = tally.WAITING_STEP
    waiting.save()
    whole = sheet(zone)
    assert (whole.without_incident, whole.without_manager) == (0, 0)


def test_feedback_is_counted_by_severity_for_each_whom_it_is_about(cast, client, zone):
    response = named(cast, client)
    a_matter(client, Severity.CRITICAL, cast.department, response)
    a_matter(client, Severity.MINOR)
    whole = sheet(zone)
    assert {one.sort: severities(one) for one in whole.rows} == {
        "client": {**ABOUT, "critical": 1, "minor": 1},
        "manager": {**ABOUT, "critical": 1, "minor": 1},
        "department": {**ABOUT, "critical": 1},
        "engineer": {**ABOUT, "critical": 1},
    }


def test_what_is_linked_counts_once(cast, client, zone):
    response = named(cast, client)
    other = a_department("应用部")
    one = a_matter(client, Severity.MAJOR, cast.department, response)
    two = a_matter(client, Severity.MINOR, other, response)
    three = a_matter(client, Severity.MINOR, other)
    for same in (two, three):
        linking.link_feedback(Feedback.get_by_id(same.id), Feedback.get_by_id(one.id), "同一件事", cast.qa, NOW)
    for sort, who in (("client", client), ("manager", cast.manager), ("engineer", cast.engineer)):
        assert severities(row(zone, sort, who.id)) == {**ABOUT, "major": 1}, sort
    assert severities(row(zone, "department", cast.department.id)) == {**ABOUT, "major": 1}
    assert severities(row(zone, "department", other.id)) == {**ABOUT, "minor": 1}


def test_handled_in_time_counts_what_is_closed_or_past_due(cast, client, zone):
    a_matter(client, state=FeedbackState.CONFIRMED, closed_at=NOW, closed_in_time=True)
    a_matter(client, close_due_at=NOW.replace(year=2025))
    a_matter(client)
    in_time = row(zone, "client", client.id).handled_in_time
    assert (in_time.good, in_time.of, in_time.value) == (1, 2, 0.5)


def test_merged_clients_are_one(cast, client, zone):
    branch = Client.create(name="华东物流分公司", counts_as=client)
    named(cast, branch)
    a_matter(branch, Severity.MAJOR)
    whole = sheet(zone)
    assert [(one.key, one.rate.n, one.major) for one in whole.of("client")] == [(str(client.id), 1, 1)]
    assert severities(whole.of("manager")[0]) == {**ABOUT, "major": 1}


def test_a_hidden_client_hides_its_feedback_and_its_managers_feedback(cast, client, zone):
    named(cast, client)
    a_response(client=client, anonymous=True)
    shown = a_client("城市银行")
    ClientCare.create(client=shown, person=cast.qa2, since=LONG_AGO)
    for _ in range(4):
        a_response(client=shown, anonymous=True)
    for about in (client, shown):
        a_matter(about, Severity.CRITICAL)
    hidden = row(zone, "client", client.id)
    assert hidden.rate.hidden and hidden.rate.value is None and hidden.index.hidden
    assert severities(hidden) == dict.fromkeys(ABOUT) and hidden.handled_in_time.hidden
    manager = row(zone, "manager", cast.manager.id)
    assert manager.rate.n == 1 and severities(manager) == dict.fromkeys(ABOUT)
    assert manager.handled_in_time.hidden and manager.handled_in_time.of is None


def test_a_client_with_feedback_alone_has_a_row_without_a_rate(cast, client, zone):
    a_matter(client)
    one = row(zone, "client", client.id)
    assert one.rate.value is None and not one.rate.hidden and one.minor == 1 and one.tier == "core"


def test_an_empty_quarter_has_an_empty_sheet(cast, zone):
    assert sheet(zone).rows == ()
