"""What is filled in where a feedback is made of a response: from the check, the desk's sorting, and what it repeats."""

from __future__ import annotations

from csat.models.access import RoleGrant
from csat.models.answers import Verdict
from csat.models.effect import ClosingCheck
from csat.models.people import Person
from csat.procedure.feedback import prefill
from csat.procedure.review import triage
from tests.builders import NOW, a_client, a_contact, a_response
from tests.feedback_builders import closed, of_type


def test_a_check_speaks_of_the_matter_that_it_is_about(cast, zone):
    found = closed(cast, zone)
    response = a_response(verdict=Verdict.VALID, department=None)
    ClosingCheck.update(response=response).where(ClosingCheck.feedback == found).execute()
    said = prefill.suggest_classification(response, cast.qa2)
    assert (said.issue_type, said.department, said.supervisor) == (found.issue_type_id, cast.department.id, cast.qa.id)


def test_the_desks_sorting_and_what_it_would_repeat_are_filled_in(cast, zone):
    client, kind = a_client(), of_type("slow_reply")
    response = a_response(contact=a_contact(client), client=client, verdict=Verdict.VALID)
    assert prefill.suggest_classification(response, cast.qa2).as_fields()["issue_type"] == ""
    triage.triage_response(response, kind, "三天没有回音", cast.desk, NOW)
    alone = prefill.suggest_classification(response, cast.qa2)
    assert (alone.title, alone.issue_type, alone.supervisor) == ("三天没有回音", kind.id, cast.qa2.id)
    closed(cast, zone, client=client)
    again = prefill.suggest_classification(response, cast.qa2)
    assert (again.department, again.supervisor) == (cast.department.id, cast.qa.id)


def test_a_supervisor_who_left_is_not_filled_in(cast, zone):
    found = closed(cast, zone)
    response = a_response(verdict=Verdict.VALID)
    ClosingCheck.update(response=response).where(ClosingCheck.feedback == found).execute()
    RoleGrant.update(ended_at=NOW).where(RoleGrant.person == Person.get_by_id(cast.qa.id)).execute()
    assert prefill.suggest_classification(response, cast.qa2).supervisor == cast.qa2.id
