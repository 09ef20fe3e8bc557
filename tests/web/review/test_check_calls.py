"""The pages of the check calls: drawing, calling, what the calls told (P7)."""

from __future__ import annotations

from csat import clock
from csat.commands import daily
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.models.check_calls import CheckCall
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import check_calls, verdicts
from tests.builders import NOW, a_client, a_contact, a_person, a_response

MIXED = {"overall": 4}
Q3 = Quarter(2026, 3)


def a_record(recorder, **more):
    details = {"ratings": MIXED, "channel": Channel.TELEPHONE, "recorder": recorder, **more}
    return a_response(**details)


def test_an_empty_page_explains_itself(page, cast):
    page.sign_in_as(cast.qa).get("/qa/check-calls")
    assert "No call waits for this quarter." in page.text
    assert "10% of each recorder's records, and at least 3" in page.text
    page.fill("Draw now")
    assert "Nothing to add" in page.text


def test_a_sample_is_drawn_called_and_counted_by_recorder(page, cast):
    contact = a_contact(a_client())
    for _ in range(4):
        a_record(cast.desk, contact=contact, client=contact.client)
    page.sign_in_as(cast.qa).get("/qa/check-calls").fill("Draw now")
    assert "3 records are drawn." in page.text and "138****5678" in page.text
    calls = list(check_calls.list_open_calls(Q3))
    page.get(f"/qa/check-calls/{calls[0].id}").fill("Show in full")
    assert "13812345678" in page.text and "It is on record" in page.text
    page.get(f"/qa/check-calls/{calls[0].id}")
    assert "13812345678" not in page.html
    page.fill("Save the outcome", outcome="confirmed")
    assert page.path == "/qa/check-calls?quarter=2026Q3"
    assert [cast.desk.name, "4", "3", "1", "0", "0", "0.0%", "0.0%–79.3%"] in page.rows()
    page.get(f"/qa/check-calls/{calls[1].id}").fill("Save the outcome", 422, outcome="denies")
    assert page.errors == ["Please fill this in."]
    page.fill("Save the outcome", outcome="denies", words="没接过这个电话")
    assert page.path == f"/qa/review/{calls[1].response_id}"
    assert "Check call: denied" in page.text and "没接过这个电话" in page.text
    page.get("/qa/review?signal=check_denies")
    found = {link for link in page.links() if link.startswith("/qa/review/")}
    assert found == {f"/qa/review/{calls[1].response_id}?signal=check_denies"}
    page.get("/qa/check-calls")
    assert "50.0%" in page.text and "没接过这个电话" in page.text


def test_calls_of_another_quarter_are_not_forgotten(page, cast):
    a_record(cast.desk, quarter=20262)
    check_calls.draw_sample(Quarter(2026, 2), NOW)
    page.sign_in_as(cast.qa).get("/qa/check-calls").follow("1 call of Q2 2026 waits")
    assert page.path == "/qa/check-calls?quarter=2026Q2" and "1 call of" not in page.text


def test_ones_own_record_is_a_colleagues_to_call(page, cast):
    both = a_person("双职", Role.DESK, Role.QA)
    response = a_record(both)
    check_calls.draw_sample(Q3, NOW)
    call = check_calls.find_check_call(response)
    page.sign_in_as(both).get("/qa/check-calls")
    assert "Yours: a colleague calls" in page.text
    page.get(f"/qa/check-calls/{call.id}")
    assert "a colleague must make its check call" in page.text and "Save the outcome" not in page.text
    page.post(f"/qa/check-calls/{call.id}", {"outcome": "confirmed"}, 422)
    page.post(f"/qa/check-calls/{call.id}/number", status=403)
    assert CheckCall.get().outcome is None


def test_the_reviewer_lets_a_record_wait_for_a_call(page, cast):
    response = a_record(cast.desk)
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}")
    page.fill("Save and show the next", decision="call", reason="评分太整齐")
    assert verdicts.list_responses().count() == 1
    page.get("/qa/review")
    assert "Check call waits" in page.text
    page.get(f"/qa/review/{response.id}").follow("Check call")
    assert "评分太整齐" in page.text
    page.fill("Save the outcome", outcome="confirmed")
    page.get(f"/qa/review/{response.id}")
    assert "Confirmed as recorded" in page.text and "Wait for a check call" not in page.text


def test_answers_by_link_cannot_wait_for_a_call(page, cast):
    response = a_response(ratings=MIXED)
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}")
    assert "Wait for a check call" not in page.text
    page.post(f"/qa/review/{response.id}", {"decision": "call"}, 422)


def test_a_valid_record_whose_client_denies_it_can_still_be_doubted(page, cast):
    response = a_record(cast.desk)
    verdicts.accept_response(response, cast.qa, NOW)
    check_calls.draw_sample(Q3, NOW)
    call = check_calls.find_check_call(response)
    page.sign_in_as(cast.qa).get(f"/qa/check-calls/{call.id}")
    page.fill("Save the outcome", outcome="differs", words="说的是两分")
    page.fill("Save", decision="doubt", reason="回电核实不符")
    assert response.get_by_id(response.id).verdict == Verdict.DOUBTED


def test_the_daily_round_draws_and_completes_the_quarter_before(app, cast):
    for quarter, number in ((20262, 5), (20263, 5)):
        for _ in range(number):
            a_record(cast.desk, quarter=quarter)
    said = daily.draw_check_calls(app.config["CSAT"], clock.now())
    assert said == "3 records drawn for check calls." and {one.quarter for one in CheckCall.select()} == {20262}
    assert daily.draw_check_calls(app.config["CSAT"], clock.now()).startswith("0 ")
    assert AuditEntry.select().where(AuditEntry.action == "check calls drawn").count() == 1


def test_the_figures_hold_the_sample(app, cast, zone):
    a_record(cast.desk)
    check_calls.draw_sample(Q3, NOW)
    check_calls.record_check_call(check_calls.list_open_calls().get(), "differs", "不同", cast.qa, NOW)
    (one,) = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).check_calls
    assert (one.recorder, one.records, one.drawn) == (cast.desk.name, 1, 1)
    assert (one.rate.value, one.rate.n, one.rate.high) == (1.0, 1, 1.0)
