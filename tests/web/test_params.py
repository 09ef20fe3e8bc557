"""What an address asks for: what makes no sense there is nothing asked, or a 404."""

from __future__ import annotations

from datetime import date

import pytest

from csat.models.clients import Tier
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.web import params


def test_the_quarter_asked_for_is_strict_where_a_page_stands_on_it(app):
    with app.test_request_context("/?quarter=2026Q1"):
        assert params.requested_quarter() == params.parse_quarter() == Quarter(2026, 1)
    with app.test_request_context("/"):
        assert params.requested_quarter() == params.current_quarter() == Quarter(2026, 3)
        assert params.requested_quarter(default=Quarter(2025, 1)) == Quarter(2025, 1)
    with app.test_request_context("/?quarter=soon"):
        assert params.parse_quarter() is params.parse_quarter_code() is None
        with pytest.raises(NotFound):
            params.requested_quarter()


@pytest.mark.parametrize("asked", ["", "x", "-1", "1.5", "٣", "9" * 19])
def test_what_is_no_key_is_nothing(app, asked):
    with app.test_request_context("/", query_string={"client": asked, "tier": asked, "day": asked}):
        assert params.parse_number("client") is None
        assert params.parse_code(Tier, "tier") is None and params.parse_day("day") is None
        assert params.parse_choice("client", ("a", "b"), "a") == "a"


def test_what_makes_sense_is_read(app):
    with app.test_request_context("/?client=7&tier=core&day=2026-09-30"):
        assert (params.parse_number("client"), params.parse_code(Tier, "tier")) == (7, Tier.CORE)
        assert params.parse_day("day") == date(2026, 9, 30)


def test_what_was_ticked_are_keys_only(app):
    sent = {"contact": ["3", "x", "0", "-1", str(2**63), str(2**63 - 1)]}
    with app.test_request_context("/", method="POST", data=sent):
        assert params.ticked_keys("contact") == [3, 2**63 - 1]


@pytest.mark.parametrize("path", ["//else.example", "https://else.example", "/\\else.example", "/a b", "", None])
def test_no_address_leads_elsewhere(path):
    assert params.safe_path(path) == "" and params.safe_path("/desk/?only=today") == "/desk/?only=today"
