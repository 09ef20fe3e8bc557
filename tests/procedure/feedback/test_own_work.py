"""What clients said of one's own work: by name, about one's own incidents, by nobody's name (F4, D2)."""

from __future__ import annotations

from csat.models.answers import Response, Verdict
from csat.models.feedback import Feedback
from csat.procedure.feedback import own_work
from csat.procedure.feedback.classification import SourcePassage
from tests.builders import a_client, a_contact, a_response, an_incident
from tests.feedback_builders import anonymous, assigned, closed, explained_away


def handled(cast, **more):
    return an_incident(**{"number": "INC9", "resolved_by": cast.engineer, **more})


def named(cast, incident, client="华东物流", **more) -> Response:
    contact = a_contact(a_client(client), "王女士")
    return a_response(contact=contact, incident=incident, verdict=Verdict.VALID, respondent_name="王芳", **more)


def seen_by(person) -> list[Feedback]:
    return [one.feedback for one in own_work.list_own_feedback(person)]


def test_closed_feedback_about_ones_own_incident_is_seen_by_its_handlers_alone(cast, zone):
    response = named(cast, handled(cast, assigned_to=cast.owner))
    found = closed(cast, zone, sources=[SourcePassage(response)])
    assert seen_by(cast.engineer) == seen_by(cast.owner) == [found] and seen_by(cast.qa) == []
    (told,) = own_work.list_own_feedback(cast.engineer)
    assert told.incident == response.incident and told.actions == ("更换电源模块", "同型号逐台检查")


def test_what_is_still_open_is_nobodys_reading(cast):
    assigned(cast, sources=[SourcePassage(named(cast, handled(cast)))])
    assert seen_by(cast.engineer) == []


def test_what_was_entered_about_the_incident_is_seen_too(cast, zone):
    found = closed(cast, zone)
    Feedback.update(incident=handled(cast)).where(Feedback.id == found.id).execute()
    assert seen_by(cast.engineer) == [found]


def test_nothing_that_an_anonymous_or_refused_response_is_behind(cast, zone):
    incident = handled(cast)
    secret = a_response(anonymous=True, verdict=Verdict.VALID)
    closed(cast, zone, sources=[SourcePassage(named(cast, incident)), SourcePassage(secret)])
    response = named(cast, incident, "别家公司")
    explained_away(cast, assigned(cast, sources=[SourcePassage(response)]))
    Response.update(verdict=Verdict.REFUSED).where(Response.id == response.id).execute()
    assert seen_by(cast.engineer) == []


def test_nothing_that_is_linked_to_what_was_said_anonymously(cast, zone):
    found = closed(cast, zone, sources=[SourcePassage(named(cast, handled(cast)))])
    secret, _ = anonymous(cast)
    Feedback.update(linked_to=secret).where(Feedback.id == found.id).execute()
    assert seen_by(cast.engineer) == []


def test_who_said_it_is_covered(cast, zone):
    found = closed(
        cast, zone, sources=[SourcePassage(named(cast, handled(cast)))], words="王芳和王女士等了三天，回电 13812345678"
    )
    Feedback.update(said_by="李先生", title="李先生没有回音").where(Feedback.id == found.id).execute()
    (told,) = own_work.list_own_feedback(cast.engineer)
    assert told.words == "＊＊和＊＊等了三天，回电 138****5678" and told.title == "＊＊没有回音"
