"""First sorting on the desk's pages, and what QA sees of it (P6)."""

from __future__ import annotations

from csat.models.answers import Verdict
from csat.models.feedback import IssueType
from csat.models.sorting import Sorting
from csat.procedure.review import tally
from tests.builders import a_client, a_response, an_incident


def slow():
    return IssueType.get(IssueType.code == "slow_reply")


def test_words_are_read_one_by_one_and_lines_kept_together(page, cast):
    client = a_client()
    first = a_response(opinions="等了两天才回电", client=client)
    second = a_response(opinions="一切都好", client=client)
    page.sign_in_as(cast.desk).get("/desk/sorting")
    assert "等了两天才回电" in page.text and "With words 2" in page.text
    page.fill("Save what is filled in", **{f"r{first.id}-issue_type": str(slow().id), f"r{first.id}-summary": "回电慢"})
    assert "1 response is sorted." in page.text and "等了两天才回电" not in page.text
    assert Sorting.get().response == first
    page.get("/desk/sorting?show=done")
    page.fill("Save what is filled in", **{f"r{first.id}-summary": "回电很慢"})
    assert [row.summary for row in Sorting] == ["回电很慢"]
    page.get("/desk/sorting")
    assert "一切都好" in page.text and second.id


def test_what_cannot_be_kept_stays_with_its_reason(page, cast):
    response = a_response(opinions="太慢", client=a_client())
    page.sign_in_as(cast.desk).get("/desk/sorting")
    page.fill("Save what is filled in", 422, **{f"r{response.id}-issue_type": str(slow().id)})
    assert "Please fill this in." in page.text
    assert page.value(f"r{response.id}-issue_type") == str(slow().id)
    page.fill("Save what is filled in", 422, **{f"r{response.id}-summary": "长" * 201})
    assert "at most 200 characters" in page.text and "长" * 201 in page.html
    assert not Sorting.select().exists()


def test_ticks_survive_a_missing_line_and_none_at_all_is_said(page, cast):
    one, _two = [a_response(client=a_client(name)) for name in ("甲", "乙")]
    page.sign_in_as(cast.desk).get("/desk/sorting?show=plain")
    page.fill("Sort the ticked alike", 422, summary="", response=str(one.id))
    assert "Please fill this in." in page.text and page.value("response") == str(one.id)
    page.fill("Sort the ticked alike", 422, response=None)
    assert "Please tick at least one response." in page.text


def test_the_ticked_ones_get_one_line(page, cast):
    client = a_client()
    plain = {a_response(client=client).id for _ in range(3)}
    low = a_response(client=client, rated=2)
    page.sign_in_as(cast.desk).get("/desk/sorting?show=plain")
    page.fill("Sort the ticked alike")
    assert {row.response_id for row in Sorting} == plain and low.id not in plain
    assert {row.summary for row in Sorting} == {"No words, no problem"}


def test_who_handled_it_leaves_it_to_a_colleague(page, cast):
    a_response(opinions="修好了", incident=an_incident("INC1", resolved_by=cast.desk))
    page.sign_in_as(cast.desk).get("/desk/sorting")
    assert "You handled it: a colleague sorts it." in page.text
    assert "-summary" not in page.html


def test_anonymous_answers_never_come_to_the_desk(page, cast):
    response = a_response(opinions="匿名的话", anonymous=True)
    for show in ("words", "plain", "done"):
        page.sign_in_as(cast.desk).get(f"/desk/sorting?show={show}")
        assert "匿名的话" not in page.text
    page.post("/desk/sorting", {"response": str(response.id), f"r{response.id}-summary": "x"}, status=404)


def test_qa_reads_it_beside_its_own_classification(page, cast):
    response = a_response(opinions="回电慢", client=a_client(), verdict=Verdict.VALID)
    tally.add_to_tally(response)
    page.sign_in_as(cast.desk).get("/desk/sorting")
    line = {f"r{response.id}-issue_type": str(slow().id), f"r{response.id}-summary": "等太久"}
    page.fill("Save what is filled in", **line)
    page.sign_in_as(cast.qa)
    for path in ("/qa/proposals", f"/qa/proposals/{response.id}", f"/qa/review/{response.id}"):
        page.get(path)
        assert "Service desk's first sorting:" in page.text and "“等太久” (苏岚)" in page.text, path


def test_the_quarters_summary_reaches_qa(page, cast):
    a_response(client=a_client())
    page.sign_in_as(cast.desk).get("/desk/summary?quarter=2026Q3")
    assert "1 response is still to be sorted" in page.text
    page.fill("Save", text=" ")
    assert "Please fill this in." in page.text
    page.fill("Save", text="响应慢的最多")
    page.sign_in_as(cast.qa).get("/qa/?quarter=2026Q3")
    assert "响应慢的最多" in page.text
    page.get("/qa/?quarter=2026Q2")
    assert "响应慢的最多" not in page.text
