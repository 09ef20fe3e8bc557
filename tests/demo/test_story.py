"""The demo's data fit each other, and two weeks of it come out the same from the same seed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.demo.story import fill_store, load_content
from csat.demo.timeline import QUARTERS
from csat.models.access import Account
from csat.models.asking import Invitation
from csat.models.clients import Incident
from csat.models.feedback import FeedbackOrigin, IssueType, Severity
from csat.models.people import Person
from csat.models.questionnaires import ReviewDecision
from csat.procedure.clients.manager_reach import find_reach
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents.beginning import get_beginning
from csat.procedure.questionnaires import questionnaires

# As the seed draws them: a change to the order of the dice tells another story than the manual shows.
FIRST_INCIDENTS = [
    ("INC000001", "夜间备份失败", "P2"),
    ("INC000002", "登录后页面空白", "P3"),
    ("INC000003", "手机端收不到通知", "P3"),
]


@pytest.fixture(scope="module")
def content() -> dict:
    return load_content()


def test_every_level_has_a_value_for_each_quarter(content):
    for one in [*content["department"], *content["client"]]:
        assert len(one["level"]) == QUARTERS + 1, one["name"]
    for figures in content["commitments"]["figures"].values():
        assert len(figures) == QUARTERS


def test_chances_are_shares(content):
    assert all(0 < chance < 1 for chance in content["chances"].values())


def test_comments_name_departments_types_and_severities_that_there_are(content, db):
    departments = {one["name"] for one in content["department"]}
    types = {row.code for row in IssueType.select()}
    for one in [comment for comment in content["comment"] if not comment.get("praise")]:
        assert one.get("department") in {None, *departments} and one["type"] in types
        assert Severity(one["severity"]) in content["feedback"]["days"]
        assert one["cause"] and one["corrective"] and one["preventive"]
    assert set(content["incident_titles"]) == departments


def test_open_cases_are_of_the_storys_comments_and_clients(content):
    titles = {one.get("title") for one in content["comment"]}
    clients = {one["name"] for one in content["client"]}
    for case in content["open"]["cases"]:
        assert case["title"] in titles and case["client"] in clients and FeedbackOrigin(case["origin"])
        assert not case["steps"] or case.get("assigned", True)


def test_who_is_in_the_mails_and_the_last_days_is_of_the_story(content):
    mail, clients = content["own_mail"], {one["name"]: set(one["contacts"]) for one in content["client"]}
    assert set(mail["gone"]) | set(mail["opting_out"]) <= set.union(*clients.values())
    for one in content["help_desks"]:
        assert one["client"] in clients and bool(one["telephone"]) != (one["name"] in mail["opting_out"])
        clients[one["client"]].add(one["name"])
    for one in content["last_days"]["incidents"]:
        assert one["contact"] in clients[one["client"]] and one["department"] in content["incident_titles"]
    entering = {case["by"] for case in [*content["open"]["cases"], *content["open"]["thanks"]] if "by" in case}
    accounts = {name for one in content["department"] for name in one.get("accounts", {}).values()}
    assert entering - accounts <= {one["user"] for one in [*content["staff"], *content["agent"]]}


def test_two_weeks_of_the_story(content, config, db):
    """Incidents close in order and are asked about once; everybody with an account is printed."""
    begins = Quarter.parse(content["first_quarter"]).start(config.timezone)
    heard = []
    short = {**content, "ends": begins + timedelta(days=14), "last_days": {"incidents": []}}
    cast = fill_store(config, short, "a bicycle under the old bridge", heard.append)
    rows = list(Incident.select().order_by(Incident.number))
    assert [(row.number, row.title, row.priority) for row in rows[:3]] == FIRST_INCIDENTS
    closed = [row.closed_at for row in rows]
    assert closed == sorted(closed) and 8 <= len(closed) <= 25
    assert heard == [Quarter.parse(content["first_quarter"])]
    asked = [row.incident_id for row in Invitation.select()]
    assert len(asked) == len(set(asked)) > len(closed) / 2
    assert {user for user, _, _ in cast.accounts} == {row.user_name for row in Account.select()}
    engineers = {one.id for department in cast.departments.values() for one in department.engineers}
    known = {one.id for one in cast.people.values()}
    assert Person.select().count() == len(cast.accounts) + len(engineers - known) and engineers & known
    assert get_beginning() == begins.astimezone(config.timezone).date()
    managers = [cast.people[one["user"]] for one in content["staff"] if one["role"] == "manager"]
    assert all(find_reach(one)["telephone"] and find_reach(one)["email"] for one in managers)


def test_what_reviews_mark_are_questions_of_the_questionnaire(content, db):
    told = content["questionnaire_review"]
    asked = questionnaires.questions_of(questionnaires.get_newest_version(told["changed"]["code"]))
    assert told["marks"].keys() <= {question.code for question in asked}
    assert questionnaires.get_newest_version(told["left"])
    assert {ReviewDecision(mark) for mark in told["marks"].values()} == {ReviewDecision.CHANGE}
