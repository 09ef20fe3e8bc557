"""The rail and the daily digest tell of the same work."""

from __future__ import annotations

from flask import url_for

from csat.models.roles import Role
from csat.procedure.worklists.digest import WORKLISTS
from csat.web.navigation import MENU_GROUPS
from tests.builders import a_person


def test_the_digest_counts_what_the_rail_counts(app):
    counted = [place for _, places in MENU_GROUPS for place in places if place.waits]
    rail = {(place.label, place.right, place.waits) for place in counted}
    assert {(queue.label, queue.right, queue.count) for queue in WORKLISTS} == rail


def test_the_digest_leads_where_the_rail_leads(app):
    with app.test_request_context():
        paths = {place.label: url_for(place.endpoint) for _, places in MENU_GROUPS for place in places}
    assert all(paths[queue.label] == queue.path for queue in WORKLISTS)


def test_not_found_speaks_the_language_of_the_account(page):
    page.sign_in_as(a_person("何静", Role.QA), locale="zh")
    page.browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page.get("/nowhere", 404)
    assert "操作没有成功" in page.text


def test_not_found_sets_no_cookie_for_strangers(app):
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 404 and "Set-Cookie" not in answer.headers
