"""Feedback's pages: the board, each step by its form, confirmation."""

from __future__ import annotations

from datetime import timedelta

from csat import clock
from csat.models.answers import Message, MessageKind, Verdict
from csat.models.feedback import Feedback, FeedbackState, Severity
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.feedback import callbacks
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.survey import receipts
from tests.builders import NOW, a_client, a_contact, a_person, a_response
from tests.feedback_builders import a_feedback, assigned, called_back, done, in_every_state, staffed


def state(found):
    return Feedback.get_by_id(found.id).state


def test_the_whole_way_by_its_forms(page, cast):
    contact = a_contact(a_client())
    response = a_response(contact=contact, client=contact.client, verdict=Verdict.VALID)
    found = a_feedback(cast, sources=[SourcePassage(response)])
    address = f"/feedback/{found.id}"

    page.sign_in_as(cast.qa).get(address)
    assert "Quality control group assigns it" in page.text
    page.fill("Assign", department=str(cast.department.id), supervisor=str(cast.qa.id))

    page.sign_in_as(cast.owner).get("/feedback/").follow("同一故障反复发生")
    assert contact.telephone not in page.html
    page.fill("Show in full " + contact.name)
    assert contact.telephone in page.html
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1
    page.get(address).fill("Save the call-back", outcome="reached", words="客户要根本原因")
    page.fill("Propose the plan", 422, cause="电源老化")
    assert page.errors == ["Please plan at least one action."]
    plan = {"actions-0-what": "更换模块", "actions-0-owner": str(cast.engineer.id), "actions-0-due": "2026-10-05"}
    page.fill("Propose the plan", 422, **{"actions-0-what": "更换模块"})
    assert page.errors == ["Please fill this in."] * 2 and page.value("cause") == "电源老化"
    page.fill("do=more", **plan)
    assert page.value("actions-0-what") == "更换模块" and page.value("actions-2-what") == ""
    page.fill("Propose the plan", **plan)
    assert "The QA supervisor accepts" in page.text

    page.sign_in_as(cast.qa2).get(address)
    assert "Accept the plan" not in page.text
    page.sign_in_as(cast.qa).get(address).fill("Send back", reason="缺预防措施")
    page.sign_in_as(cast.owner).get(address)
    assert page.value("cause") == "电源老化" and page.value("actions-0-what") == "更换模块"
    page.fill("Propose the plan", **plan)
    page.sign_in_as(cast.qa).get(address).fill("Accept")

    page.sign_in_as(cast.owner).get(address).fill("Start")
    page.fill("Action done", 422, evidence=" ")
    assert page.errors == ["Please fill this in."]
    page.fill("Action done", evidence="验收单")
    page.fill("Done", words="模块已更换")
    assert state(found) == FeedbackState.DONE

    page.sign_in_as(cast.improvement).get("/improvement/").follow("同一故障反复发生")
    page.fill("Return", words="没有复查")
    page.sign_in_as(cast.owner).get(address)
    assert "It was returned." in page.text and "What was achieved" not in page.text
    page.fill("Ask the supervisor", 422, kind="add", what="复查", reason="没有复查")
    assert page.errors == ["Please fill this in."] and page.value("what") == "复查"
    page.fill("Ask the supervisor", owner=str(cast.owner.id), due="2026-10-09")
    page.sign_in_as(cast.qa).get(address).fill("Change the plan")
    page.sign_in_as(cast.owner).get(address).fill("Action done", evidence="复查单")
    page.fill("Done", words="已复查")
    page.sign_in_as(cast.improvement).get(address).fill("Confirm", words="一个月未再发生")
    assert state(found) == FeedbackState.CONFIRMED
    assert "it is closed" in page.text and "In time" in page.text


def test_an_anonymous_client_gets_a_reply(page, cast):
    response = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=5, opinions="太慢", rated=2)
    found = assigned(cast, sources=[SourcePassage(response)])
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "The client answered anonymously" in page.text and "Whom to call" not in page.text
    assert "Save the call-back" not in page.text
    assert "/qa/" not in page.html  # the department never sees the response
    page.fill("Send the reply", words="我们在换模块。")
    assert Message.get().words == "我们在换模块。" and state(found) == FeedbackState.CALLED_BACK


def test_the_department_reads_what_the_client_answered_on_the_receipt_page(page, cast):
    response = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=5, opinions="太慢", rated=2)
    found = assigned(cast, sources=[SourcePassage(response)])
    receipts.ask_respondent(response, "是哪一天？", cast.qa, NOW)
    Message.create(response=response, position=2, kind=MessageKind.ANSWER, words="是周三。")
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "是哪一天？" in page.text and "是周三。" in page.text and "/qa/" not in page.html


def test_only_those_of_the_department_take_its_steps(page, cast):
    found = assigned(cast)
    elsewhere = a_person("别部门", Role.DEPARTMENT, Role.QA, department=staffed("软件部"))
    page.sign_in_as(elsewhere).get(f"/feedback/{found.id}")
    assert "Save the call-back" not in page.text
    page.post(f"/feedback/{found.id}/call-back", {"outcome": "reached", "words": "打过"}, status=403)
    assert state(found) == FeedbackState.ASSIGNED


def test_a_department_sees_nothing_of_others(page, cast):
    found = a_feedback(cast)
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}", status=404)
    page.post(f"/feedback/{found.id}/explain", {"words": "不行"}, status=404)
    page.get("/feedback/")
    assert "There is no feedback for you to see yet" in page.text


def test_a_step_out_of_order_says_who_acts_next_and_keeps_what_was_typed(page, cast):
    found = called_back(cast)
    page.sign_in_as(cast.owner).post(f"/feedback/{found.id}/finish", {"words": "好了，共三台"}, status=422)
    assert page.errors == [
        "This feedback stands at “Called back”, so this step is not possible. "
        "Next: The department finds the cause and proposes actions."
    ]
    assert "好了，共三台" in page.text
    page.get(f"/feedback/{found.id}").fill("Explain", 422, words="")
    callbacks.pass_on_feedback(found, None, "不归我们", cast.owner, NOW)
    page.post(f"/feedback/{found.id}/explain", {"words": "不行"}, status=404)


def test_after_passing_on_one_comes_back_to_ones_board(page, cast):
    found, other = assigned(cast), staffed("软件部")
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    page.fill("Pass on", department=str(other.id), reason="不是网络")
    assert page.path == "/feedback/" and "Passed on" in page.text


def test_who_took_part_reads_why_they_may_not_confirm(page, cast, zone):
    both = a_person("转岗", Role.IMPROVEMENT, department=cast.department)
    found = done(cast, zone)
    page.sign_in_as(both).get(f"/feedback/{found.id}")
    assert "somebody else must confirm" in page.text and "Evidence that it works" not in page.text
    page.post(f"/improvement/{found.id}/confirm", {"words": "有效"}, status=422)
    assert state(found) == FeedbackState.DONE


def test_qa_changes_type_and_severity_and_the_history_says_so(page, cast):
    found = assigned(cast)
    page.sign_in_as(cast.qa).get(f"/feedback/{found.id}")
    page.fill("Change", severity="critical", reason="影响生产")
    assert Feedback.get_by_id(found.id).severity == Severity.CRITICAL and "影响生产" in page.text


def test_the_board_is_narrowed_and_never_trips(page, cast):
    found = assigned(cast, severity=Severity.MAJOR, client=a_client())
    page.sign_in_as(cast.qa)
    for query, seen in (
        ("", True),
        ("state=assigned&severity=major&quarter=20263&q=故障", True),
        (f"department={cast.department.id}&client={found.client_id}&type={found.issue_type_id}", True),
        ("view=board", True),
        ("view=board&state=assigned", True),
        ("mine=1", False),
        ("overdue=1", False),
        ("state=done", False),
        ("q=别的", False),
        ("department=x&state=y&severity=z&client=99999999999999999999&page=-4&quarter=²", True),
    ):
        page.get(f"/feedback/?{query}")
        assert (f"/feedback/{found.id}" in page.links()) is seen, query
    with clock.freeze_at(NOW + timedelta(days=4)):
        page.sign_in_as(cast.qa).get("/feedback/?overdue=1")
        assert "Overdue" in page.text and f"/feedback/{found.id}" in page.links()


def test_lists_go_on_over_pages(page, cast):
    for _ in range(51):
        a_feedback(cast)
    page.sign_in_as(cast.qa).get("/feedback/?severity=minor")
    page.follow("Next page")
    assert "Page 2 of 2" in page.text and "severity=minor" in page.path


def test_the_page_of_each_state_reads_well_to_everybody(page, cast, zone):
    everything = in_every_state(cast, zone)
    for person in (cast.qa, cast.owner, cast.improvement, cast.director):
        page.sign_in_as(person, "zh")
        for found in everything:
            seen = person != cast.owner or found.department is not None
            page.get(f"/feedback/{found.id}", status=200 if seen else 404)
        page.get("/feedback/").get("/feedback/?view=board")
