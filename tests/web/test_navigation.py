"""The rail and the daily digest tell of the same work."""

from __future__ import annotations

from flask import url_for

from csat.procedure.digest import QUEUES
from csat.web.navigation import GROUPS


def test_the_digest_counts_what_the_rail_counts(app):
    counted = [place for _, places in GROUPS for place in places if place.waits]
    rail = {(place.label, place.right, place.waits) for place in counted}
    assert {(queue.label, queue.right, queue.count) for queue in QUEUES} == rail


def test_the_digest_leads_where_the_rail_leads(app):
    with app.test_request_context():
        paths = {place.label: url_for(place.endpoint) for _, places in GROUPS for place in places}
    assert all(paths[queue.label] == queue.path for queue in QUEUES)
