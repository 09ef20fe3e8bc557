"""Entering by hand, and following it (P15): nothing typed is lost, and nobody sees more than is theirs."""

from __future__ import annotations

from io import BytesIO

import pytest

from csat.models.evidence import Evidence
from csat.models.feedback import Feedback, FeedbackState
from csat.models.praise import Praise
from csat.procedure.feedback import notes, view
from tests.builders import NOW, a_client, a_contact, an_incident
from tests.feedback_builders import TODAY, a_feedback, closed, of_type
from tests.files import JPEG

WORDS = "三天没人理"


def fill_in(page, client, **more):
    page.fill(
        "Enter",
        **{
            "origin": "telephone",
            "client": str(client.id),
            "title": "没有回音",
            "words": WORDS,
            "issue_type": str(of_type("slow_reply").id),
            "severity": "major",
            **more,
        },
    )


@pytest.mark.parametrize("role", ["desk", "manager", "qa", "owner"])
def test_feedback_from_elsewhere_is_entered_and_followed(page, cast, role):
    client = a_client(manager=cast.manager)
    person = getattr(cast, role)
    an_incident("INC7", client=client, resolved_by=cast.owner)
    page.sign_in_as(person).get("/feedback/new")
    fill_in(page, client, incident="INC7", said_by="门卫", files=(BytesIO(JPEG), "letter.jpg"))
    made = Feedback.get()
    assert (made.client, made.incident.number, made.said_by, made.said_on) == (client, "INC7", "门卫", TODAY)
    assert f"{made.number} is entered" in page.text and Evidence.get().about == f"feedback:{made.id}"
    page.get("/feedback/entered")
    assert made.title in page.text and "has not given it to a department yet" in page.text


def test_contacts_and_incidents_of_the_client_are_offered_and_nothing_typed_is_lost(page, cast):
    client = a_client()
    contact = a_contact(client)
    an_incident("INC7", client=client, title="专线中断")
    page.sign_in_as(cast.desk).get("/feedback/new")
    page.fill("Show this client's contacts and incidents", client=str(client.id), title="没有回音", words=WORDS)
    assert Feedback.select().count() == 0 and page.value("words") == WORDS and page.value("title") == "没有回音"
    assert "INC7" in page.text and "专线中断" in page.text
    fill_in(page, client, contact=str(contact.id))
    assert Feedback.get().contact == contact


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"incident": "INC404"}, "You see no incident with the number “INC404”"),
        ({"said_on": "2999-01-01"}, "This day is still to come"),
        ({"said_on": "yesterday"}, "Not a valid date"),
        ({"title": ""}, "Please fill this in."),
        ({"said_on": ""}, "Please fill this in."),
        ({"client": "x"}, "Invalid"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(page, cast, wrong, said):
    page.sign_in_as(cast.desk).get("/feedback/new")
    fields = {"origin": "email", "title": "没有回音", "words": WORDS, "severity": "minor", **wrong}
    page.fill("Enter", 422, issue_type=str(of_type("slow_reply").id), **fields)
    assert any(said in error for error in page.errors), page.errors
    assert page.value("words") == WORDS and Feedback.select().count() == 0


def test_a_manager_and_a_department_are_offered_their_own_only(page, cast):
    mine, other = a_client(manager=cast.manager), a_client("别家公司")
    page.sign_in_as(cast.manager).get("/feedback/new")
    assert mine.name in page.text and other.name not in page.text
    page.post("/feedback/new", {"client": str(other.id), "do": "offer"})
    assert a_contact(other, "外人").name not in page.text
    page.sign_in_as(cast.owner).get("/feedback/new")
    page.fill("Show this client's contacts and incidents", client=str(other.id))
    assert "外人" not in page.text


def test_who_entered_it_sees_its_state_and_no_more(page, cast, zone):
    done = closed(cast, zone, by=cast.desk)
    a_feedback(cast, title="别人登记的")
    page.sign_in_as(cast.desk).get("/feedback/entered")
    assert done.number in page.text and "Closed: it was dealt with" in page.text
    for hidden in ("别人登记的", "电源模块老化", "更换电源模块", "一个月未再发生"):
        assert hidden not in page.text
    page.get(f"/feedback/{done.id}", 403)
    assert Feedback.get_by_id(done.id).state == FeedbackState.CONFIRMED


def test_praise_is_entered_with_the_people_of_the_department(page, cast):
    page.sign_in_as(cast.desk).get("/feedback/praise/new")
    page.fill("Show contacts, incidents and people", department=str(cast.department.id), words="谢谢高工")
    assert "高工" in page.text and page.value("words") == "谢谢高工" and Praise.select().count() == 0
    page.fill("Enter", origin="email", persons=[str(cast.engineer.id)])
    made = Praise.get()
    assert [one.person for one in made.persons] == [cast.engineer] and made.words == "谢谢高工"
    assert "shown to the department" in page.text
    page.get("/feedback/praise/new")
    page.fill("Enter", 422, origin="email", words="谢谢")
    assert page.errors and page.value("words") == "谢谢"


def test_who_entered_it_leaves_notes_until_it_is_closed(page, cast, zone):
    mine = closed(cast, zone, by=cast.desk)
    open_one = a_feedback(cast, title="没有回音", by=cast.desk)
    notes.add_note(open_one, "部门内部说明", cast.qa, NOW)
    page.sign_in_as(cast.desk).get("/feedback/entered").follow("没有回音")
    page.fill("Add the note", 422, words=" ")
    page.fill("Add the note", words="客户又来电话，<b>很急</b>")
    assert "&lt;b&gt;很急" in page.html and "部门内部说明" not in page.text
    assert [one.by for one in notes.list_notes(view.list_history(open_one))] == [cast.desk, cast.qa]
    page.post(f"/feedback/entered/{mine.id}", {"words": "太迟了"}, 422)
    assert "太迟了" in page.text and "Add the note" not in page.text
    page.sign_in_as(cast.manager).get(f"/feedback/entered/{open_one.id}", status=404)
