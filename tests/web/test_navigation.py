"""The rail and the daily digest tell of the same work."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import url_for

from csat import clock
from csat.models.people import Membership
from csat.models.risks import Standing
from csat.models.roles import Role
from csat.procedure.commitments import commitments, measurements
from csat.procedure.commitments.measurements import EnteredFigure
from csat.procedure.core.quarter import Quarter
from csat.procedure.risks import assessments, points
from csat.procedure.risks.assessments import AssessmentDraft
from csat.procedure.worklists.worklists import WORKLISTS, list_waiting
from csat.web.navigation import MENU_GROUPS
from tests.builders import NOW, a_person
from tests.feedback_builders import assigned

pytestmark = pytest.mark.usefixtures("counted_rail")


def assessed_before(cast, zone: ZoneInfo) -> None:
    """The department assessed the one point that is its own for the second quarter, in the third."""
    domain = points.list_domains()[0]
    point = points.points_of(domain)[0].id
    points.assign_points(domain, {(point, cast.department.id)}, cast.qa, NOW)
    drafts = {point: AssessmentDraft(Standing.IN_PLACE, "巡检记录", "")}
    assessments.assess_points(cast.department, Quarter(2026, 2), drafts, cast.owner, NOW, zone)


def measured_before(cast, zone: ZoneInfo) -> None:
    """The department entered its one commitment for the second quarter."""
    one = commitments.get_commitment("availability")
    commitments.edit_commitment(one, one.name, one.description, cast.department, cast.qa, NOW)
    one = commitments.get_commitment("availability")
    measurements.enter_measurement(one, Quarter(2026, 2), EnteredFigure(99.95), "月报", cast.owner, NOW, zone)


def test_the_digest_counts_what_the_rail_counts_and_leads_there(app):
    with app.test_request_context():
        rail = {url_for(place.endpoint): place.worklist for _, places in MENU_GROUPS for place in places}
    assert [rail[one.path] for one in WORKLISTS.values()] == list(WORKLISTS.values())
    assert sum(one is not None for one in rail.values()) == len(WORKLISTS)


def test_rail_digest_and_pages_turn_the_day_and_the_quarter_where_the_provider_is(page, cast, zone):
    """At two in the morning of 1 October in Shanghai it is still the third quarter by UTC."""
    now, newcomer = datetime(2026, 10, 1, 2, tzinfo=zone), a_person("新人", Role.DEPARTMENT)
    Membership.create(person=newcomer, department=cast.department, since=now.date())
    assessed_before(cast, zone)
    measured_before(cast, zone)
    assigned(cast)
    expected = {"Feedback": 1, "Commitments": 1, "Service risks": 1}
    with clock.freeze_at(now):
        assert {one.label: number for one, number in list_waiting(newcomer, now, zone)} == expected
        page.sign_in_as(newcomer).get("/commitments/")
        assert "Enter for Q3 2026: Availability of core systems" in page.text
        for place in ("Feedback 1 overdue 1", "Commitments 1", "Service risks 1"):
            page.follow(place)


def test_not_found_speaks_the_language_of_the_account(page):
    page.sign_in_as(a_person("何静", Role.QA), locale="zh")
    page.browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page.get("/nowhere", 404)
    assert "操作没有成功" in page.text


def test_not_found_sets_no_cookie_for_strangers(app):
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404 and "Set-Cookie" not in answer.headers
