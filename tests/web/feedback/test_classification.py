"""QA takes problems out of a comment, links what is the same, and reads the history in words (P8, P9)."""

from __future__ import annotations

import pytest

from csat.models.answers import Verdict
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackSource, IssueType, Severity
from csat.procedure.feedback import classification
from tests.builders import NOW, a_client, a_response

COMMENT = "等了一天才有人来。一个月报了三次，每次都说修好了。"


def a_comment(words=COMMENT):
    return a_response(verdict=Verdict.VALID, ratings={"overall": 4}, opinions=words, client=a_client())


def of_type(code):
    return str(IssueType.get(IssueType.code == code).id)


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


def a_matter(cast, client, title):
    return classification.create_feedback(
        title, "", FeedbackOrigin.MEETING, client, IssueType.get(IssueType.code == "slow_reply"),
        Severity.MINOR, 20263, cast.qa, NOW,
    )  # fmt: skip


def test_the_same_matter_is_linked_and_unlinked_on_its_page(page, cast):
    client = a_client()
    one, two = a_matter(cast, client, "甲"), a_matter(cast, client, "乙")
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
    one, two = a_matter(cast, client, "甲"), a_matter(cast, client, "乙")
    page.sign_in_as(cast.improvement).post(f"/feedback/{two.id}/link", {"other": one.id}, 403)
    page.sign_in_as(cast.qa).post(f"/feedback/{two.id}/link", {"other": two.id}, 422)
    page.post(f"/feedback/{two.id}/link", {"other": "x"}, 422)
    page.post(f"/feedback/{two.id}/unlink", {"reason": "没有"}, 422)


@pytest.mark.parametrize(
    "language, said", [("en", ("Slow reply → Schedule", "Minor → Critical")), ("zh", ("响应慢 → 进度", "一般 → 严重"))]
)
def test_the_history_names_type_and_severity_in_the_readers_language(page, cast, language, said):
    found = a_matter(cast, a_client(), "甲")
    schedule = IssueType.get(IssueType.code == "schedule")
    classification.reclassify_feedback(found, schedule, Severity.CRITICAL, "影响生产", cast.qa, NOW)
    page.sign_in_as(cast.qa, language).get(f"/feedback/{found.id}")
    assert all(words in page.text for words in said) and "slow_reply" not in page.text


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
