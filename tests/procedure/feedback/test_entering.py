"""Feedback entered by hand (P15): who said it, when, about which incident; it enters no rate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.evidence import Evidence
from csat.models.feedback import FeedbackOrigin, FeedbackState, Severity
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, ValueMissing
from csat.procedure.feedback import entering
from csat.procedure.feedback.entering import Telling
from csat.procedure.people.attachments import FileToAttach
from tests.builders import NOW, ZONE, a_client, a_contact, a_department, a_person, a_response, an_incident
from tests.feedback_builders import TODAY, of_type

PHOTO = FileToAttach("ab/c", "来信.png", "image/png", 3, "0" * 64)


def enter(by, files=(), **told):
    telling = Telling(**{"origin": FeedbackOrigin.EMAIL, "said_on": TODAY, **told})
    what = ("没有回音", "三天没人理", of_type("slow_reply"), Severity.MAJOR)
    return entering.enter_feedback(telling, *what, by, NOW, ZONE, files)


def test_it_carries_who_said_it_when_about_which_incident_and_a_file(cast):
    client = a_client()
    contact, incident = a_contact(client), an_incident(client=client)
    made = enter(cast.desk, [PHOTO], contact=contact, incident=incident, said_on=TODAY - timedelta(days=3))
    assert (made.client, made.contact, made.incident) == (client, contact, incident)
    assert (made.said_on, made.state, made.department) == (TODAY - timedelta(days=3), FeedbackState.NEW, None)
    assert Evidence.get().about == f"feedback:{made.id}"


def test_what_is_entered_moves_no_rate(cast, zone):
    client = a_client()
    a_response(client=client, verdict="valid")
    before = compute_quarter_figures(Quarter(2026, 3), NOW, zone, Audience.RESPONSE_READERS)
    enter(cast.desk, client=client, incident=an_incident(client=client))
    after = compute_quarter_figures(Quarter(2026, 3), NOW, zone, Audience.RESPONSE_READERS)
    for name in ("satisfaction", "clients", "questionnaires", "dimensions", "asked", "verdicts", "heat"):
        assert getattr(after, name) == getattr(before, name), name
    assert (before.feedback.total, after.feedback.total) == (0, 1)


def test_a_day_to_come_and_no_day_are_refused(cast):
    with pytest.raises(entering.DayAhead) as refused:
        enter(cast.desk, said_on=TODAY + timedelta(days=1))
    assert refused.value.field == "said_on"
    with pytest.raises(ValueMissing):
        enter(cast.desk, said_on=None)


def test_contact_and_incident_are_of_the_client_that_is_named(cast):
    client, other = a_client(), a_client("别家公司")
    for wrong, refusal in (
        ({"contact": a_contact(other)}, entering.ContactOfOtherClient),
        ({"incident": an_incident(client=other)}, entering.IncidentOfOtherClient),
    ):
        with pytest.raises(refusal):
            enter(cast.desk, client=client, **wrong)
    joined = a_client("华东物流旧", counts_as=client)
    assert enter(cast.desk, client=client, contact=a_contact(joined)).client == client


def test_a_manager_enters_for_clients_in_care_and_for_no_others(cast):
    mine, other = a_client(manager=cast.manager), a_client("别家公司")
    assert enter(cast.manager, client=mine).client == mine
    assert enter(cast.manager).client is None
    with pytest.raises(NotFound):
        enter(cast.manager, client=other)
    with pytest.raises(NotFound):
        enter(cast.manager, contact=a_contact(other))


def test_everybody_finds_the_incidents_that_they_may_see(cast):
    client = a_client(manager=cast.manager)
    an_incident("MINE", resolved_by=cast.owner)
    an_incident("OURS", department=cast.department)
    an_incident("CARE", client=client)
    an_incident("OTHER", client=a_client("别家公司"), department=a_department("软件部"))

    def seen(person):
        return {one.number for one in entering.select_incidents(person, NOW, ZONE)}

    assert seen(cast.desk) == seen(cast.qa) == {"MINE", "OURS", "CARE", "OTHER"}
    assert seen(cast.owner) == {"MINE", "OURS"} and seen(cast.manager) == {"CARE"}
    with pytest.raises(entering.IncidentNotFound):
        entering.find_incident(cast.owner, "OTHER", None, NOW, ZONE)
    assert entering.find_incident(cast.owner, " ", None, NOW, ZONE) is None


def test_a_number_that_two_systems_know_needs_the_client(cast):
    client = a_client()
    mine = an_incident("INC1", client=client)
    type(mine).create(source="other", number="INC1", client=a_client("别家公司"))
    with pytest.raises(entering.IncidentUnclear):
        entering.find_incident(cast.desk, "INC1", None, NOW, ZONE)
    assert entering.find_incident(cast.desk, "INC1", client, NOW, ZONE) == mine


def test_the_latest_incidents_of_the_client_are_offered(cast):
    client = a_client()
    for number in range(12):
        an_incident(f"INC{number}", client=client, opened_at=NOW + timedelta(hours=number))
    offered = entering.list_recent_incidents(cast.desk, client, NOW, ZONE)
    assert [one.number for one in offered][:2] == ["INC11", "INC10"] and len(offered) == 10
    assert entering.list_recent_incidents(cast.owner, client, NOW, ZONE) == []


def test_contacts_are_named_to_who_sees_contacts_and_to_nobody_else(cast):
    client = a_client()
    here = a_contact(client)
    a_contact(client, "离职", retired_at=NOW)
    assert entering.list_contacts(cast.desk, client) == [here]
    assert entering.list_contacts(cast.owner, client) == [] == entering.list_contacts(cast.desk, None)
    with pytest.raises(NotFound):
        enter(cast.owner, client=client, contact=here)  # a key that was guessed


def test_who_works_in_a_department_can_name_any_client(cast):
    a_client("甲"), a_client("乙")
    both = a_person("两职", Role.MANAGER, Role.DEPARTMENT, department=cast.department)
    assert entering.select_clients(both, NOW, ZONE).count() == 2
    assert entering.select_clients(cast.manager, NOW, ZONE).count() == 0
