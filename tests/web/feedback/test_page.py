"""The page of one feedback: the next step first, what stands behind it, notes, and the way back to the list."""

from __future__ import annotations

from csat.models.answers import Verdict
from csat.models.clients import Incident
from csat.models.effect import Recurrence
from csat.models.feedback import Feedback
from csat.models.outbox import OutboxMessage
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.people import departments
from tests.builders import NOW, a_client, a_contact, a_department, a_response
from tests.feedback_builders import (
    assigned,
    called_back,
    change_asked,
    closed,
    due_asked,
    in_progress,
    proposed,
    staffed,
)


def an_incident(client, **more) -> Incident:
    return Incident.create(
        source="itsm", number="INC001208", title="专线反复中断", client=client, closed_at=NOW, **more
    )


def test_the_department_reads_incident_and_questionnaire_of_who_gave_a_name(page, cast):
    client = a_client()
    response = a_response(contact=a_contact(client), client=client, verdict=Verdict.VALID, incident=an_incident(client))
    found = assigned(cast, sources=[SourcePassage(response)])
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    title = QuestionnaireVersion.get_by_id(response.version_id).title
    for said in ("INC001208", "专线反复中断", "closed 14 Sep 2026", title.in_("en"), found.words):
        assert said in page.text
    assert "/qa/" not in page.html and "/incidents/" not in page.html


def test_of_an_anonymous_one_it_reads_no_incident(page, cast):
    response = a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=5)
    incident = an_incident(a_client())
    type(response).update(incident=incident).where(type(response).id == response.id).execute()  # which never happens
    found = assigned(cast, sources=[SourcePassage(response)])
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "INC001208" not in page.text


def test_what_a_check_says_is_not_solved_is_read_by_the_department_that_has_it_now(page, cast, zone):
    earlier, software = closed(cast, zone), staffed()
    found = assigned(cast)
    Feedback.update(department=software).where(Feedback.id == found.id).execute()
    worker = page.sign_in_as(departments.list_workers(software, NOW)[0])
    worker.get(f"/feedback/{earlier.id}", status=404)
    row = Recurrence.create(feedback=found, earlier=earlier, told=False)
    worker.get(f"/feedback/{earlier.id}", status=404)  # of the same type only: another department's
    Recurrence.update(told=True).where(Recurrence.id == row.id).execute()
    worker.get(f"/feedback/{found.id}")
    assert "The client says: not solved" in page.text and "Done then: 更换电源模块" in page.text
    worker.get(f"/feedback/{earlier.id}")
    assert "Add the note" not in page.text and page.text.count("更换电源模块") >= 1
    worker.get("/feedback/")
    assert f"/feedback/{earlier.id}" not in page.links()


def test_one_contact_is_proposed_and_the_others_wait_behind_it(page, cast):
    client = a_client()
    a_contact(client, "安女士")
    said = a_contact(client, "吴敏", position="网络主管")
    a_contact(client, "周洁")
    found = assigned(cast, client=client)
    Feedback.update(contact=said).where(Feedback.id == found.id).execute()
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert page.text.index("吴敏 网络主管") < page.text.index("Another contact (2)") < page.text.index("安女士")


def test_everybody_at_work_on_it_leaves_notes(page, cast):
    found = assigned(cast)
    before = OutboxMessage.select().count()
    for person in (cast.owner, cast.qa, cast.improvement, cast.director):
        page.sign_in_as(person).get(f"/feedback/{found.id}").fill("Add the note", words=f"{person.name}记")
        assert f"{person.name}记" in page.text
    page.get(f"/feedback/{found.id}").fill("Add the note", 422, words="长" * 2001)
    assert page.errors == ["Please use at most 2000 characters."] and "长" * 2001 in page.html
    assert OutboxMessage.select().count() == before


def test_the_director_assigns_again_and_the_page_says_who_cannot_be_chosen(page, cast):
    found, software = assigned(cast), staffed()
    a_department("空部门", "Empty")
    page.sign_in_as(cast.director).get(f"/feedback/{found.id}")
    assert "nobody belongs to them who deals with feedback: Empty." in page.text
    page.fill("Assign", 422, department=str(software.id), supervisor=str(cast.qa.id), reason="")
    page.fill("Assign", reason="是软件的事")
    assert Feedback.get_by_id(found.id).department == software
    page.sign_in_as(cast.owner).get("/feedback/")
    assert "1 feedback left your department" in page.text and "是软件的事" in page.text


def test_the_supervisor_answers_what_is_asked_on_the_page(page, cast):
    found = due_asked(cast, called_back(cast))
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "Asked of the supervisor" in page.text and "备件未到" in page.text and "Move the due date" not in page.text
    page.sign_in_as(cast.qa2).get(f"/feedback/{found.id}")
    assert "Move the due date" not in page.text
    page.sign_in_as(cast.qa).get("/feedback/?mine=1").follow("同一故障反复发生")
    page.fill("Move the due date")
    assert "moved once; before: 14 Oct 2026" in page.text
    changing = change_asked(cast, in_progress(cast))
    page.get(f"/feedback/{changing.id}").fill("Keep the plan", reason="照原方案")
    assert "Plan kept as it was" in page.text and "照原方案" in page.text


def test_one_comes_back_to_the_list_one_came_from(page, cast):
    found = proposed(cast)
    page.sign_in_as(cast.qa).get("/feedback/?mine=1&severity=minor").follow("同一故障反复发生")
    page.fill("Send back", reason="缺预防措施").follow("Back to the list")
    assert page.path == "/feedback/?mine=1&severity=minor" and found.number
