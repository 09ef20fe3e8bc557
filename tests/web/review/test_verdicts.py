"""QA's pages: the queue, one response, refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from csat import clock
from csat.models.answers import Message, MessageKind, Response, Verdict
from csat.models.asking import Channel
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import write_content
from csat.procedure.review import verdicts
from tests.builders import NOW, a_client, a_contact, a_response
from tests.procedure.questionnaires.forms import shipped_form, words

MIXED = {"overall": 4}


def verdict(response):
    return Response.get_by_id(response.id).verdict


def test_the_queue_names_what_waits_and_why_it_is_worth_reading(page, cast):
    client = a_client()
    a_response(client=client, opinions="太慢了", ratings={"attitude": 1})
    page.sign_in_as(cast.qa).get("/qa/review")
    assert "1 response waits" in page.text and client.name in page.text
    assert "Words or a low rating" in page.text


def test_one_is_verified_after_the_other(page, cast):
    first, second = a_response(ratings=MIXED), a_response()
    order = [one.id for one in verdicts.list_responses()]
    page.sign_in_as(cast.qa).get("/qa/review").follow("Begin with the first")
    assert "To be verified 1 / 2" in page.text
    page.fill("Save and show the next", decision="valid")
    assert page.path == f"/qa/review/{order[1]}" and "1 / 1" in page.text
    page.fill("Save and show the next", decision="valid")
    assert page.path == "/qa/review"
    assert verdict(first) == verdict(second) == Verdict.VALID


def test_later_leaves_it_and_goes_on(page, cast):
    a_response(), a_response()
    order = [one.id for one in verdicts.list_responses()]
    page.sign_in_as(cast.qa).get(f"/qa/review/{order[0]}").fill("Save and show the next", decision="later")
    assert page.path == f"/qa/review/{order[1]}"
    page.follow("Previous response")
    assert verdicts.list_responses().count() == 2


def test_the_page_shows_signals_and_masks_nothing_it_should_not_show(page, cast):
    contact = a_contact(a_client())
    response = a_response(contact=contact, client=contact.client, respondent_reach="13812345678")
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}")
    assert "All 6 ratings are 5." in page.text or "ratings are 5." in page.text
    assert contact.name in page.text and "13812345678" not in page.html and contact.email not in page.html


def test_an_anonymous_response_has_no_day_on_its_page(page, cast):
    response = a_response(anonymous=True, quarter=20262)
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}")
    assert "Q2 2026" in page.text and "2026 at" not in page.text and "Sep 2026" not in page.text


def test_a_refusal_needs_its_reason_and_then_a_second_person(page, cast):
    response = a_response()
    address = f"/qa/review/{response.id}"
    page.sign_in_as(cast.qa).get(address).fill("Save and show the next", 422, decision="doubt", reason="")
    assert page.errors == ["Please fill this in."]
    page.fill("Save and show the next", decision="doubt", reason="联系人否认填写")
    assert verdict(response) == Verdict.DOUBTED
    page.get("/qa/refusals")
    assert "Yours: a colleague decides" in page.text and "联系人否认填写" in page.text
    page.get(address).fill("Save", 422, decision="refuse")  # nor is it offered
    assert verdict(response) == Verdict.DOUBTED
    page.sign_in_as(cast.director).get("/qa/refusals").get(address).fill("Save", decision="refuse")
    assert verdict(response) == Verdict.REFUSED and page.path == "/qa/refusals"


def test_nothing_is_chosen_for_who_decides(page, cast):
    response = a_response()
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}").fill("Save and show the next", 422)
    assert page.errors == ["Please choose one."] and verdict(response) == Verdict.PENDING


def test_who_proposed_a_refusal_is_offered_to_withdraw_it_not_to_confirm_it(page, cast):
    response = a_response()
    verdicts.propose_refusal(response, "重复", cast.qa, NOW)
    page.sign_in_as(cast.qa2).get(f"/qa/review/{response.id}")
    assert "Refuse it, as the second person" in page.text and "Withdraw my proposal" not in page.text
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}")
    assert "Refuse it, as the second person" not in page.text
    page.fill("Save", decision="withdraw")
    assert verdict(response) == Verdict.PENDING


def test_a_refusal_can_be_taken_back(page, cast):
    response = a_response()
    verdicts.propose_refusal(response, "重复", cast.qa, NOW)
    verdicts.refuse_response(response, cast.qa2, NOW)
    page.sign_in_as(cast.qa2).get(f"/qa/review/{response.id}").fill("Save", decision="reopen", reason="新证据")
    assert verdict(response) == Verdict.PENDING


def test_the_director_and_improvement_read_and_decide_nothing(page, cast):
    response = a_response()
    for person in (cast.director, cast.improvement):
        page.sign_in_as(person).get(f"/qa/review/{response.id}")
        assert "Save" not in page.text
    page.post(f"/qa/review/{response.id}", {"decision": "valid"}, status=403)
    page.sign_in_as(cast.director).post(f"/qa/review/{response.id}", {"decision": "valid"}, status=422)
    assert verdict(response) == Verdict.PENDING


def test_plain_ones_are_accepted_together(page, cast):
    plain = [a_response(ratings=MIXED) for _ in range(3)]
    worth = a_response(ratings=MIXED, opinions="太慢")
    page.sign_in_as(cast.qa).get("/qa/review").follow("Show plain ones only, all ticked")
    page.fill("Accept the ticked")
    assert "3 responses are valid now." in page.text
    assert {verdict(one) for one in plain} == {Verdict.VALID} and verdict(worth) == Verdict.PENDING


def test_what_is_not_plain_is_not_accepted_by_a_tick(page, cast):
    worth = a_response(ratings=MIXED, opinions="太慢")
    own = a_response(ratings=MIXED, recorder=cast.qa, channel=Channel.TELEPHONE)
    page.sign_in_as(cast.qa).get("/qa/review")
    page.post("/qa/review", {"response": [worth.id, own.id, "x", 2**70]})
    assert "2 were left for reading." in page.text and verdict(worth) == verdict(own) == Verdict.PENDING


def test_the_queue_is_narrowed_by_client_form_and_signal_and_says_so(page, cast):
    client = a_client()
    a_response(client=client)
    a_response("company", ratings={"overall": 4})
    page.sign_in_as(cast.qa)
    for query, number in (
        ("", 2),
        (f"client={client.id}", 1),
        ("signal=same_ratings", 1),
        ("signal=hasty", 0),
        ("signal=unknown&client=x&questionnaire=999999999999999999", 0),
        ("plain=1", 1),
    ):
        page.get(f"/qa/review?{query}")
        assert len([link for link in page.links() if link.startswith("/qa/review/")]) == number + bool(number)
        if number == 1:
            assert "2 responses wait · 1 of them shown here" in page.text


def test_the_queue_calls_a_questionnaire_by_its_title_in_force(page, cast):
    a_response()
    form, now = shipped_form("incident"), clock.now()
    later = replace(form, title=words("新标题", "A title for later"))
    content, known = write_content(later, 2), questionnaires.get_questionnaire("incident")
    questionnaires.add_version(known, content, cast.qa, now, in_force_at=now + timedelta(days=1))
    assert "A title for later" not in page.sign_in_as(cast.qa).get("/qa/review").text
    assert form.title["en"] in page.text


def test_the_queue_is_ordered_by_signals_and_keeps_that_order_while_one_reads(page, cast):
    quiet = a_response(ratings={"overall": 4})
    loud = a_response(ratings={"overall": 1})  # far from the mean of its parts
    page.sign_in_as(cast.qa).get("/qa/review")
    page.fill("Show", sort="signals")
    assert "most signals first" in page.text
    order = [link for link in page.links() if link.startswith("/qa/review/")]
    assert f"/qa/review/{loud.id}?" in order[0]
    page.follow("Begin with the first").follow("Next response")
    assert page.path == f"/qa/review/{quiet.id}?sort=signals"


def test_qa_asks_an_anonymous_client_on_the_receipt_page(page, cast, counted_rail):
    response = a_response(anonymous=True, receipt_hash=5)
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}").fill("Ask the client", words="是哪一天？")
    assert Message.get().kind == MessageKind.QUESTION and "是哪一天？" in page.text
    Message.create(response=response, position=2, kind=MessageKind.ANSWER, words="是周三。")
    page.get("/qa/").follow("Answers on receipt pages 1")
    assert "是周三。" in page.text
    page.follow("Reply or ask again Client not named").fill("Only reply", words="谢谢，已经记下。")
    assert "No client has answered" in page.get("/qa/receipts").text
    named = a_response()
    page.get(f"/qa/review/{named.id}")
    assert "On the receipt page" not in page.text


def test_the_director_reads_the_name_of_who_answered_masked(page, cast):
    response = a_response(respondent_name="王小明", client=a_client())
    assert "王小明" in page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}").text
    shown = page.sign_in_as(cast.director).get(f"/qa/review/{response.id}").text
    assert "王***" in shown and "王小明" not in shown
