"""Nothing that any reader without single responses can open moves with one verdict on an anonymous answer (F4)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from csat.commands import csat
from csat.documents.tables import build_table
from csat.figures.audience import Audience
from csat.models.answers import Verdict
from csat.models.roles import Role
from csat.procedure.archive import exports
from csat.procedure.archive.exports import ExportRequest, FileFormat
from csat.procedure.people.permissions import PERMISSION_MATRIX
from csat.procedure.review import tally, verdicts
from csat.web.access import ANYONE, STAFF
from tests.builders import NOW, a_client
from tests.figures.stores import Q3, a_response
from tests.page import Page
from tests.web.test_access import audience, filled, rules

OTHERS = [role for role in Role if role not in PERMISSION_MATRIX["responses.read"]]
# What differs from one opening to the next by itself: a fresh code, and one's own acts.
RESTLESS = ("/questionnaires/<int:key>/preview/form", "/admin/audit/mine")
TOKENS = re.compile(r'name="csrf_token"[^>]*>|nonce="[^"]*"|value="[\w.-]{60,}"')


@pytest.fixture
def waiting(app, cast):
    """Three named and four anonymous answers of a client count; one more anonymous one waits for its verdict."""
    client = a_client(manager=cast.manager)
    about = {"manager": cast.manager, "department": cast.department, "engineer": cast.engineer}
    for _ in range(3):
        a_response(client=client, **about)
    for _ in range(4):
        a_response(client=client, anonymous=True)
    tally.rebuild_tally()
    return a_response(client=client, ratings=1, anonymous=True, verdict=Verdict.PENDING)


def read_pages(app, page: Page, role: Role, places: tuple[str, ...]) -> dict[str, str]:
    """Every page that a role may open, without what differs from one opening to the next."""
    read = {}
    for rule in rules(app):
        rights = audience(app, rule)
        if "GET" not in rule.methods or ANYONE in rights or rule.rule in RESTLESS:
            continue
        if not rule.rule.startswith(places):
            continue
        if STAFF in rights or any(role in PERMISSION_MATRIX[right] for right in rights):
            response = page.browser.get(filled(rule))
            if response.status_code == 200 and response.mimetype == "text/html":
                read[rule.rule] = TOKENS.sub("", response.text)
    return read


def read_exports(cast, role: Role, zone) -> dict[str, Any]:
    by = cast.holding(role)
    wanted = [ExportRequest(what, Q3, FileFormat.CSV, "en", by) for what in exports.list_offered_kinds(by)]
    return {one.what: [list(map(str, row)) for row in build_table(one, NOW, zone).rows] for one in wanted}


def read_commands(app) -> dict[str, Any]:
    printed = json.loads(app.test_cli_runner().invoke(csat, ["figures", "2026Q3", "--json"]).output)
    table = app.test_cli_runner().invoke(csat, ["figures", "2026Q3"]).output
    return {"figures": printed["figures"], "commitments": printed["commitments"], "table": table}


# The whole walk is a drill: forms and master data render slowly and hold no figure.
FIGURES_STAND_AT = ("/commitments", "/exports", "/reports", "/my-clients", "/letters", "/risks", "/feedback")


@pytest.mark.parametrize(
    "places", [FIGURES_STAND_AT, pytest.param(("/",), marks=pytest.mark.fault)], ids=["figures", "every page"]
)
@pytest.mark.parametrize("role", OTHERS)
def test_one_verdict_moves_nothing_that_they_can_read(app, page, cast, waiting, zone, role, places):
    """All of it is read before and after an anonymous response is found valid."""
    page.sign_in_as(cast.holding(role))
    before = read_pages(app, page, role, places), read_exports(cast, role, zone), read_commands(app)
    verdicts.accept_response(waiting, cast.qa, NOW)
    after = read_pages(app, page, role, places), read_exports(cast, role, zone), read_commands(app)
    assert before[0] or role in (Role.DESK, Role.ADMIN)  # who has no page of figures
    assert [path for path in before[0] if before[0][path] != after[0][path]] == []
    assert before[1:] == after[1:]


def test_the_same_walk_finds_what_moves_where_the_rule_is_off(app, page, cast, waiting, zone, monkeypatch):
    monkeypatch.setattr(Audience, "hides_anonymous", property(lambda self: False))
    page.sign_in_as(cast.manager)
    before = page.get("/commitments/satisfaction?quarter=2026Q3").text, read_exports(cast, Role.MANAGER, zone)
    verdicts.accept_response(waiting, cast.qa, NOW)
    after = page.get("/commitments/satisfaction?quarter=2026Q3").text, read_exports(cast, Role.MANAGER, zone)
    assert before[0] != after[0] and before[1] != after[1]


def test_live_figures_say_that_they_count_named_answers_alone(page, cast, waiting):
    page.sign_in_as(cast.manager).get("/commitments/?quarter=2026Q3")
    assert "Named answers n = 3; anonymous answers count once the quarter’s report is issued" in page.text
    page.sign_in_as(cast.manager, "zh").get("/commitments/satisfaction?quarter=2026Q3")
    assert "实名答卷 n = 3；匿名答卷在季度报告发布后计入" in page.text
    page.sign_in_as(cast.director).get("/commitments/?quarter=2026Q3")
    assert "Named answers n" not in page.text
