"""Praise (P16): shown to who earned it and counted; nothing else counts it."""

from __future__ import annotations

import pytest

from csat.figures.appraisal import compute_appraisal
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.figures.risks import compute_risk_figures
from csat.models.answers import Response, Verdict
from csat.models.feedback import FeedbackOrigin
from csat.models.praise import Praise
from csat.models.records import AuditEntry
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import ValueMissing
from csat.procedure.feedback import praise, praise_view
from csat.procedure.feedback.board import FeedbackFilter, search_board
from csat.procedure.feedback.entering import Telling
from csat.procedure.review import verdicts
from csat.procedure.worklists import worklists
from tests.builders import NOW, ZONE, a_client, a_contact, a_department, a_person, a_response, an_incident
from tests.feedback_builders import TODAY

Q3 = Quarter(2026, 3)
THANKS = "高工反应很快，一次就解决了。"


def thanked(client=None, **more) -> Response:
    """A valid response with words of praise."""
    contact = None if more.get("anonymous") else a_contact(client or a_client(), "王女士")
    return a_response(opinions=THANKS, contact=contact, client=client, verdict=Verdict.VALID, **more)


def take(cast, response=None, words=THANKS, persons=None, by=None, department=None) -> Praise:
    persons = [cast.engineer] if persons is None else persons
    return praise.praise_response(
        response or thanked(), words, department or cast.department, persons, by or cast.qa, NOW, ZONE
    )


def told(cast, by=None, persons=(), **more) -> Praise:
    telling = Telling(**{"origin": FeedbackOrigin.EMAIL, "said_on": TODAY, **more})
    return praise.enter_praise(telling, THANKS, cast.department, persons, by or cast.desk, NOW, ZONE)


def seen_by(person) -> set[Praise]:
    return set(praise_view.select_praise(person, NOW, ZONE))


def test_praise_from_a_response_carries_its_client_incident_and_people(cast):
    client = a_client()
    response = thanked(client, incident=an_incident(client=client))
    made = take(cast, response)
    assert (made.client, made.incident, made.response, made.quarter) == (client, response.incident, response, 20263)
    assert made.contact is None  # the response leads to it, as long as it may
    assert praise_view.list_praised([made]) == {made.id: [cast.engineer]}
    assert AuditEntry.select().where(AuditEntry.action == "praise put down").count() == 1


def test_what_became_praise_is_proposed_no_more_until_that_is_withdrawn(cast):
    response = thanked()
    assert verdicts.select_proposals().count() == 1
    made = take(cast, response)
    assert verdicts.select_proposals().count() == 0 and praise_view.praise_of(response) == [made]
    praise.withdraw_praise(made, "是投诉", cast.qa, NOW)
    assert verdicts.select_proposals().count() == 1 and praise_view.praise_of(response) == []
    with pytest.raises(praise.PraiseWithdrawn):
        praise.withdraw_praise(made, "再撤", cast.qa, NOW)


def test_praise_changes_nothing_but_itself(cast, zone):
    """No figure, list or count of feedback, commitments, risks or work knows of it."""

    def everything():
        figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
        board = search_board(cast.qa, FeedbackFilter(), TODAY, NOW).count()
        waits = [worklists.list_waiting(one, NOW, zone) for one in (cast.owner, cast.improvement, cast.director)]
        return (
            figures,
            compute_appraisal(Q3, NOW, zone, Audience.RESPONSE_READERS, figures),
            compute_risk_figures(Q3),
            board,
            waits,
        )

    response = thanked()
    before = everything()
    take(cast, response)
    told(cast, client=response.client)
    assert everything() == before


@pytest.mark.parametrize("verdict", [Verdict.PENDING, Verdict.DOUBTED, Verdict.REFUSED])
def test_praise_stands_on_valid_responses_only(cast, verdict):
    response = thanked()
    made = take(cast, response)
    Response.update(verdict=verdict).where(Response.id == response.id).execute()
    assert made not in seen_by(cast.qa) and praise_view.list_own_praise(cast.engineer) == []
    with pytest.raises(praise.ResponseNotValid):
        take(cast, response)


def test_only_the_clients_own_words_are_taken(cast):
    with pytest.raises(praise.WordsNotTheirs) as refused:
        take(cast, words="好得不得了")
    assert refused.value.field == "words"
    assert take(cast, thanked(a_client("别家公司")), "“一次就解决了”").words == "一次就解决了"


def test_nobody_praises_themselves_or_people_of_another_department(cast):
    with pytest.raises(praise.PraiseOfOneself):
        told(cast, by=cast.owner, persons=[cast.owner])
    with pytest.raises(praise.NotOfDepartment):
        told(cast, persons=[a_person("外人", department=a_department("软件部"))])
    with pytest.raises(ValueMissing):
        praise.enter_praise(Telling(FeedbackOrigin.EMAIL, TODAY), THANKS, None, [], cast.desk, NOW, ZONE)
    assert told(cast, by=cast.owner, persons=[cast.engineer]).created_by == cast.owner
    assert Praise.select().count() == 1


def test_anonymous_praise_goes_to_the_department_and_names_nobody(cast):
    secret = thanked(a_client(manager=cast.manager), anonymous=True)
    with pytest.raises(praise.NobodyNamed):
        take(cast, secret)
    made = take(cast, secret, persons=[])
    assert (made.contact, made.said_on, made.incident) == (None, None, None)
    assert made in seen_by(cast.owner) and made in seen_by(cast.qa)
    assert made not in seen_by(cast.manager) and praise_view.list_told(20263) == []


def test_everybody_sees_the_praise_that_is_theirs(cast):
    client = a_client(manager=cast.manager)
    made = told(cast, client=client, persons=[cast.engineer])
    other = a_person("外人", department=a_department("软件部"))
    for person in (cast.qa, cast.improvement, cast.director, cast.owner, cast.manager):
        assert seen_by(person) == {made}, person.name
    for person in (cast.desk, cast.admin, other, a_person("别的经理")):
        assert seen_by(person) == set(), person.name
    assert praise_view.list_own_praise(cast.engineer) == [made]
    assert praise_view.list_own_praise(cast.owner) == []


def test_it_is_counted_by_quarter_department_and_client(cast):
    client = a_client()
    told(cast, client=client)
    take(cast, thanked(client))
    told(cast)
    assert praise_view.count_by_department(cast.qa, NOW, ZONE) == [(20263, cast.department, 3)]
    assert praise_view.count_by_client(cast.qa, NOW, ZONE) == [(20263, client, 2)]
    assert praise_view.count_by_client(cast.desk, NOW, ZONE) == []


def test_retold_it_names_nobody_who_said_it(cast):
    made = told(cast, said_by="王女士")
    Praise.update(words="王女士（13812345678）说：谢谢").where(Praise.id == made.id).execute()
    assert praise_view.retell(Praise.get_by_id(made.id)) == "＊＊（138****5678）说：谢谢"
