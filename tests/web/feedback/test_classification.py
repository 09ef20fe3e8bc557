"""QA takes problems out of a comment, links what is the same, and reads the history in words (P8, P9)."""

from __future__ import annotations

import pytest

from csat.models.answers import Response, Verdict
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackSource, FeedbackState, IssueType, Severity
from csat.procedure.feedback import classification
from csat.procedure.review import verdicts
from tests.builders import NOW, a_client, a_response
from tests.feedback_builders import a_feedback

COMMENT = "等了一天才有人来。一个月报了三次，每次都说修好了。"
AGAIN = COMMENT[9:]


def a_comment(words=COMMENT, **more):
    client = Client.get_or_none() or a_client()
    return a_response(verdict=Verdict.VALID, ratings={"overall": 4}, opinions=words, client=client, **more)


def of_type(code):
    return str(IssueType.get(IssueType.code == code).id)


def test_a_comment_becomes_a_feedback_with_its_department(page, cast):
    response = a_comment(AGAIN, department=cast.department)
    page.sign_in_as(cast.qa).get("/qa/proposals").follow("Begin with the first")
    assert page.value("words") == AGAIN
    assert page.value("department") == str(cast.department.id)
    page.fill("Create", title="反复故障", issue_type=of_type("slow_reply"), severity="major")
    made = Feedback.get()
    assert (made.state, made.client, made.supervisor) == (FeedbackState.ASSIGNED, response.client, cast.qa)
    source = FeedbackSource.get()
    assert (source.response, source.starts, source.ends) == (response, 0, len(made.words))
    assert page.path == "/qa/proposals" and "F-0001 is created." in page.text


def test_nothing_typed_is_lost_when_something_is_missing(page, cast):
    response = a_comment(AGAIN)
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Create", 422, title="反复故障", words="只要这一句", severity="critical")
    assert page.errors == ["Please fill this in."]
    assert page.value("title") == "反复故障" and page.value("words") == "只要这一句"


def test_several_feedbacks_from_one_response_can_be_the_same_matter(page, cast):
    response = a_comment(AGAIN)
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Create, and another from this response", title="甲", issue_type=of_type("slow_reply"), severity="minor")
    assert page.path == f"/qa/proposals/{response.id}"
    first = Feedback.get()
    page.fill("Create", title="乙", issue_type=of_type("slow_reply"), severity="minor", linked_to=str(first.id))
    assert Feedback.get(Feedback.title == "乙").linked_to == first


def test_a_proposal_is_dismissed_with_a_reason(page, cast):
    response = a_comment("没有")
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Dismiss with this reason", 422, reason="")
    page.fill("Dismiss with this reason", reason="没有内容")
    assert verdicts.select_proposals().count() == 0 and "Nothing is proposed." in page.text


def test_several_are_dismissed_for_one_reason(page, cast):
    responses = [a_comment("没有") for _ in range(2)]
    page.sign_in_as(cast.qa).get("/qa/proposals")
    page.fill("Dismiss the ticked", response=[str(one.id) for one in responses], reason="没有内容")
    assert "2 proposals are dismissed." in page.text and verdicts.select_proposals().count() == 0


def test_before_the_verdict_only_what_is_critical(page, cast):
    response = a_response(opinions="数据泄露了！")
    page.sign_in_as(cast.qa).get(f"/qa/review/{response.id}").follow("Make a critical feedback now")
    page.fill("Create", 422, title="泄露", issue_type=of_type("slow_reply"), severity="major")
    assert "only critical feedback" in page.errors[-1]
    page.fill("Create", severity="critical")
    assert Feedback.get().severity == "critical" and Response.get_by_id(response.id).verdict == Verdict.PENDING


def test_two_problems_are_taken_out_of_one_comment(page, cast):
    response = a_comment()
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Create, and another from this response", title="等待", words="等了一天才有人来",
              issue_type=of_type("slow_reply"), severity="minor")  # fmt: skip
    assert "<mark>等了一天才有人来</mark>" in page.html and "/feedback/1" in page.links()
    assert page.value("words") == "一个月报了三次，每次都说修好了"
    page.fill("Create", title="反复", issue_type=of_type("recurring_fault"), severity="major")
    first, second = FeedbackSource.select().order_by(FeedbackSource.feedback)
    assert (first.starts, first.ends) == (0, 8) and COMMENT[second.starts] == "一"
    page.get(f"/qa/review/{response.id}")
    assert page.html.count("<mark>") == 2 and "/feedback/2" in page.links()


def test_words_that_are_not_in_the_comment_are_refused_and_kept(page, cast):
    response = a_comment()
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Create", 422, title="甲", words="工程师很凶", issue_type=of_type("slow_reply"), severity="minor")
    assert "“工程师很凶” does not stand in the client's comment." in page.errors[-1]
    assert page.value("words") == "工程师很凶" and page.value("title") == "甲"
    assert Feedback.select().count() == 0


def test_passages_apart_and_line_breaks_of_a_browser_are_found(page, cast):
    response = a_comment("第一行\n第二行\n第三行")
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Create", title="甲", words="第三行\r\n第一行\r\n第二行", issue_type=of_type("slow_reply"),
              severity="minor")  # fmt: skip
    assert Feedback.get().words == "第三行\n第一行\n第二行"


def test_what_stands_in_a_comment_never_becomes_markup(page, cast):
    response = a_comment("<b onclick=x>坏</b>")
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.fill("Create", title="甲", words="<b onclick=x>", issue_type=of_type("slow_reply"), severity="minor")
    page.get(f"/qa/review/{response.id}")
    assert "<mark>&lt;b onclick=x&gt;</mark>" in page.html


def test_the_same_matter_is_linked_and_unlinked_on_its_page(page, cast):
    client = a_client()
    one, two = a_feedback(cast, client=client, title="甲"), a_feedback(cast, client=client, title="乙")
    page.sign_in_as(cast.qa).get(f"/feedback/{two.id}").fill("Link the two", 422)
    page.fill("Link the two", other=str(one.id))
    assert Feedback.get_by_id(two.id).linked_to == one
    assert "Linked as the same matter" in page.text and f"/feedback/{one.id}" in page.links()
    page.fill("Unlink", 422, reason="")
    page.fill("Unlink", reason="不是同一件事")
    assert Feedback.get_by_id(two.id).linked_to is None and "Link taken away" in page.text
    page.get(f"/feedback/{one.id}")
    assert "不是同一件事" in page.text


def test_a_link_is_qas_to_make(page, cast):
    client = a_client()
    one, two = a_feedback(cast, client=client, title="甲"), a_feedback(cast, client=client, title="乙")
    page.sign_in_as(cast.improvement).post(f"/feedback/{two.id}/link", {"other": one.id}, 403)
    page.sign_in_as(cast.qa).post(f"/feedback/{two.id}/link", {"other": two.id}, 422)
    page.post(f"/feedback/{two.id}/link", {"other": "x"}, 422)
    page.post(f"/feedback/{two.id}/unlink", {"reason": "没有"}, 422)


@pytest.mark.parametrize(
    "language, said", [("en", ("Slow reply → Schedule", "Minor → Critical")), ("zh", ("响应慢 → 进度", "一般 → 严重"))]
)
def test_the_history_names_type_and_severity_in_the_readers_language(page, cast, language, said):
    found = a_feedback(cast, client=a_client(), title="甲")
    schedule = IssueType.get(IssueType.code == "schedule")
    classification.reclassify_feedback(found, schedule, Severity.CRITICAL, "影响生产", cast.qa, NOW)
    page.sign_in_as(cast.qa, language).get(f"/feedback/{found.id}")
    assert all(words in page.text for words in said) and "slow_reply" not in page.text
