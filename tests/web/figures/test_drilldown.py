"""A number on an analysis page opens a list of exactly that many, whatever else the list could hold."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from csat import clock
from csat.models.asking import Channel
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.clients import Incident
from csat.models.feedback import Feedback, Severity
from csat.procedure.review import tally, verdicts
from tests.builders import NOW, a_client, a_contact, an_incident
from tests.builders import a_response as a_waiting_response
from tests.feedback_builders import a_feedback, assigned, called_back, closed
from tests.figures.stores import a_response
from tests.page import Page

Q = "quarter=2026Q3"
LATER = NOW + timedelta(days=10)  # past the closing of what is critical, past the call-back of more


@pytest.fixture
def busy(cast, zone):
    """Feedback past its closing, late for its call-back only, linked, closed, and of a part of a client."""
    client, other = a_client("华东物流"), a_client("城建集团")
    part = a_client("华东物流太仓仓", counts_as=client)
    first = called_back(cast, severity=Severity.CRITICAL, client=client)
    assigned(cast, severity=Severity.CRITICAL, client=client, linked_to=first)
    called_back(cast, severity=Severity.CRITICAL, client=part)
    assigned(cast, severity=Severity.CRITICAL, client=other)
    for _ in range(3):
        assigned(cast, severity=Severity.MAJOR, client=client)  # the call-back is late, the closing is not
    assigned(cast, severity=Severity.SUGGESTION, client=client)
    closed(cast, zone, severity=Severity.MINOR, client=client)
    a_feedback(cast, severity=Severity.CRITICAL, quarter=20262, client=client)
    for _ in range(3):
        a_response(client=client, department=cast.department, engineer=cast.engineer)
    tally.rebuild_tally()
    return client


def numbered(page: Page, *where: str) -> list[tuple[str, int]]:
    """The links on the page to one of these places that begin with a number."""
    found = []
    for one in page.tree.iter("a"):
        said = re.match(r"\s*(\d+)", "".join(one.itertext()))
        if said and any(one.get("href", "").startswith(f"{place}?") for place in where):
            found.append((one.get("href", ""), int(said[1])))
    return found


def listed(page: Page) -> int:
    """How many rows the table of the page has."""
    return max(len(page.rows()) - 1, 0)


def test_each_number_of_feedback_opens_as_many(page, cast, busy):
    pages = ["", f"clients/{busy.id}", "departments", f"departments/{cast.department.id}"]
    with clock.freeze_at(LATER):
        page.sign_in_as(cast.qa)
        for name in pages:
            links = numbered(page.get(f"/qa/{name}?{Q}"), "/feedback/")
            assert links, name
            for address, number in links:
                assert listed(page.get(address)) == number, (name, address)


def test_the_overdue_figure_leaves_out_late_call_backs_and_what_is_linked(page, cast, busy):
    with clock.freeze_at(LATER):
        page.sign_in_as(cast.qa).get(f"/qa/?{Q}").follow("3 overdue")
        assert listed(page) == 3 and "overdue=close" in page.path
        assert page.value("overdue") == "close" and page.value("once") == "1"
        assert listed(page.get("/feedback/?overdue=1&quarter=20263")) == 7  # late call-backs and linked ones
        page.get(f"/qa/?{Q}").follow("7 of 8")
        assert listed(page) == 7
    assert Feedback.select().where(Feedback.linked_to.is_null(False)).count() == 1


def test_the_printed_list_says_how_it_was_narrowed(page, cast, busy):
    with clock.freeze_at(LATER):
        page.sign_in_as(cast.qa).get("/feedback/print?overdue=close&once=1&open=1&quarter=20263")
    for said in ("Overdue for closing", "Not closed", "Same matter counted once"):
        assert said in page.text
    assert listed(page) == 3


def test_what_stands_out_opens_as_many_as_it_says(page, cast, busy):
    for ahead in (LATER, LATER + timedelta(days=30)):  # while the quarter runs, and after it
        with clock.freeze_at(ahead):
            page.sign_in_as(cast.qa).get(f"/qa/?{Q}")
            (remark,) = [one for one in page.tree.iter("a") if "most of the overdue" in "".join(one.itertext())]
            number = int(re.search(r": (\d+) of", "".join(remark.itertext()))[1])
            assert listed(page.get(remark.get("href"))) == number > 0


def test_what_waits_opens_the_queue_of_its_quarter(page, cast):
    for quarter, number in ((20262, 1), (20263, 2)):
        for _ in range(number):
            a_waiting_response(quarter=quarter)
            verdicts.propose_refusal(a_waiting_response(quarter=quarter), "两份一样", cast.qa, NOW)
    page.sign_in_as(cast.qa).get("/qa/?quarter=2026Q2").follow("1 response")
    assert page.path.startswith("/qa/review?") and listed(page) == 1 and page.value("quarter") == "2026Q2"
    page.follow("Begin with the first")
    assert "quarter=2026Q2" in page.path
    page.get("/qa/review?quarter=2025Q4")
    assert listed(page) == 0 and page.value("quarter") == "2025Q4"
    assert "No waiting response fits this search." in page.text
    page.get("/qa/?quarter=2026Q3")
    (doubted,) = [one for one in page.links() if one.startswith("/qa/refusals?")]
    assert listed(page.get(doubted)) == 2 and listed(page.get("/qa/refusals")) == 3
    assert listed(page.get("/qa/review")) == 3 and listed(page.get("/qa/review?quarter=odd")) == 3


def test_incidents_that_are_overdue_open_as_many(page, cast, busy):
    contact = a_contact(busy)
    for at in range(3):
        made = an_incident(f"INC{at}", busy, contact=contact, department=cast.department)
        late = {"quarter": 20263, "first_closed_at": NOW, "survey_due_at": NOW + timedelta(hours=48 * at)}
        Incident.update(**late).where(Incident.id == made.id).execute()
    with clock.freeze_at(NOW + timedelta(days=3)):
        page.sign_in_as(cast.qa)
        for name in ("", f"clients/{busy.id}", f"departments/{cast.department.id}"):
            links = numbered(page.get(f"/qa/{name}?{Q}"), "/qa/incidents")
            assert any("state=overdue" in address and number == 2 for address, number in links), name


def test_a_dimension_leads_to_its_ratings_in_each_response(page, cast):
    client = a_client("华东物流")
    a_response("company", client=client, answers={"expectation": 2, "value": 4})
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"/qa/responses?{Q}&dimension=value")
    head, row = page.rows()
    at = head.index("Ratings: Expectation and value")
    assert row[at] == "2, 4" and row[head.index("Overall")] == "5" and "The client's words" in head
    page.follow("Without this condition (Dimension)")
    assert "Ratings: Expectation and value" not in page.text and listed(page) == 1
    page.get(f"/qa/responses?{Q}&questionnaire=company&question=expectation&value=2")
    assert page.rows()[1][page.rows()[0].index("Answer")] == "2"


def test_the_heat_map_tells_ratings_and_responses_apart(page, cast):
    client = a_client("华东物流")
    for rating in (5, 5, 2):
        a_response("company", client=client, answers={"expectation": rating})
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"/qa/?{Q}")
    assert "5 of 6 ratings, n = 3" in page.text and "n, the number of responses" in page.text


def test_recorders_lead_to_the_check_calls_of_the_quarter(page, cast):
    client = a_client("华东物流")
    by_phone = {"channel": Channel.TELEPHONE, "recorder": cast.desk, "client": client, "quarter": 20262}
    for _ in range(12):
        a_response(ratings=5, **by_phone)
        a_response(ratings=2, quarter=20261, client=client)
    told = {"by": cast.qa, "at": NOW, "outcome": CheckOutcome.CONFIRMED}
    CheckCall.create(response=a_response(**by_phone), quarter=20262, drawn_at=NOW, **told)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get("/qa/recorders?quarter=2026Q2")
    assert "far above the same clients by link" in page.text and "what all clients filled in" in page.text
    checks = [one for one in page.links() if one.startswith("/qa/check-calls")]
    assert "/qa/check-calls?quarter=2026Q2#told" in checks and "/qa/check-calls?quarter=2026Q2" in checks
    assert "no call has told anything yet" not in page.text
    assert "are far better than what the same clients say by link" in page.get("/qa/?quarter=2026Q2").text


def test_a_recorder_without_results_says_that_no_call_told_anything(page, cast):
    record = a_response(channel=Channel.TELEPHONE, recorder=cast.desk)
    CheckCall.create(response=record, quarter=20263, drawn_at=NOW)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"/qa/recorders?{Q}")
    assert "no call has told anything yet" in page.text
