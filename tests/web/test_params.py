"""What an address asks for: what makes no sense there is nothing asked, or a 404."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from csat.models.clients import Tier
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound
from csat.web import params
from csat.web.app import trust_proxies


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


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:50123", "192.0.2.7"),  # each connection has another port, and would be another guesser
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2", "2001:db8::/64"),
        ("[2001:db8::1:2]:443", "2001:db8::/64"),
        ("unknown", "unknown"),
        (None, ""),
    ],
)
def test_guesses_are_counted_by_address_or_by_network_of_ipv6(app, told, counted):
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": told}):
        assert params.client_network() == counted


@pytest.mark.parametrize(("hops", "counted"), [(0, "127.0.0.1"), (1, "192.0.2.7"), (2, "203.0.113.9")])
def test_only_the_trusted_proxies_say_whose_guess_it_is(hops, counted):
    app = Flask(__name__)
    trust_proxies(app, hops)
    app.add_url_rule("/", view_func=params.client_network)
    told = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9, 192.0.2.7"}  # what stands before is the visitor's own tale
    assert app.test_client().get("/", headers=told).text == counted
