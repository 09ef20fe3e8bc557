"""The pages of praise and of one's own work (P16): each reader sees what is theirs."""

from __future__ import annotations

import pytest

from csat.models.answers import Verdict
from csat.models.praise import Praise
from csat.models.roles import Role
from csat.procedure.feedback import praise
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.feedback.entering import Telling
from tests.builders import NOW, ZONE, a_client, a_contact, a_person, a_response, an_incident
from tests.feedback_builders import TODAY, closed

THANKS = "高工反应很快，一次就解决了。"


def thanked(**more):
    return a_response(opinions=THANKS, verdict=Verdict.VALID, **more)


def told(cast, words=THANKS, **more) -> Praise:
    telling = Telling(**{"origin": "email", "said_on": TODAY, **more})
    return praise.enter_praise(telling, words, cast.department, [cast.engineer], cast.desk, NOW, ZONE)


def test_qa_takes_praise_from_a_response_in_one_step(page, cast):
    client = a_client()
    response = thanked(contact=a_contact(client), engineer=cast.engineer, department=cast.department)
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}")
    page.follow("It is praise")
    assert page.value("words") == THANKS and page.value("persons") == str(cast.engineer.id)
    page.fill("Put down as praise")
    made = Praise.get()
    assert (made.client, made.department) == (client, cast.department) and "P-0001 is entered" in page.text
    assert [one.person for one in made.persons] == [cast.engineer]


def test_of_an_anonymous_response_nobody_can_be_named(page, cast):
    response = thanked(anonymous=True)
    page.sign_in_as(cast.qa).get(f"/qa/proposals/{response.id}/praise")
    assert "names nobody" in page.text and "Show its people" not in page.text
    page.fill("Put down as praise", 422, words="没说过的话", department=str(cast.department.id))
    assert "does not stand in the client's comment" in page.errors[0] and page.value("words") == "没说过的话"
    page.fill("Put down, and make a feedback of the rest", words=THANKS)
    assert Praise.get().department == cast.department and page.path == f"/qa/proposals/{response.id}"


def test_each_reader_sees_the_praise_that_is_theirs(page, cast):
    client = a_client(manager=cast.manager)
    told(cast, "王女士说谢谢", client=client, said_by="王女士")
    for person, words in ((cast.qa, "王女士说谢谢"), (cast.owner, "＊＊说谢谢"), (cast.manager, "＊＊说谢谢")):
        page.sign_in_as(person).get("/feedback/praise")
        assert words in page.text and client.name in page.text, person.name
    page.sign_in_as(a_person("别的经理", Role.MANAGER)).get("/feedback/praise?quarter=2026Q3")
    assert "No praise so far" in page.text


def test_qa_withdraws_praise_with_a_reason(page, cast):
    made = told(cast)
    page.sign_in_as(cast.qa).get("/feedback/praise")
    page.follow(f"Withdraw {made.number}")
    page.fill("Withdraw", 422)
    page.fill("Withdraw", reason="是投诉")
    assert Praise.get_by_id(made.id).withdrawn_because == "是投诉" and "stays on record" in page.text
    page.get(f"/feedback/praise/{made.id}/withdraw", 404)
    page.sign_in_as(cast.owner).get(f"/feedback/praise/{made.id}/withdraw", 403)


def test_somebody_of_a_department_reads_what_is_about_their_own_work(page, cast, zone):
    told(cast, "王女士说谢谢高工", said_by="王女士")
    incident = an_incident("INC9", resolved_by=cast.engineer)
    contact = a_contact(a_client(), "李先生")
    response = a_response(contact=contact, incident=incident, verdict=Verdict.VALID, respondent_name="李先生")
    closed(cast, zone, sources=[SourcePassage(response)], words="李先生等了三天")
    engineer = a_person("同事", Role.DEPARTMENT, department=cast.department)
    page.sign_in_as(engineer).get("/feedback/own")
    assert "INC9" not in page.text and "谢谢" not in page.text
    type(incident).update(assigned_to=engineer).execute()
    page.get("/feedback/own")
    assert "INC9" in page.text and "＊＊等了三天" in page.text and "李先生" not in page.text


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_empty_pages_explain_themselves(page, cast, locale):
    page.sign_in_as(cast.owner, locale)
    for path in ("/feedback/own", "/feedback/praise", "/feedback/entered"):
        page.get(path)
        assert page.heading
