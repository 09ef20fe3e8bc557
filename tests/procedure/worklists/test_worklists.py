"""What waits for whom: every number is that of the rule's own room."""

from __future__ import annotations

from datetime import timedelta

from csat.procedure.feedback import callbacks
from csat.procedure.worklists.worklists import WORKLISTS, list_waiting
from tests.builders import NOW, ZONE, a_campaign, a_response, how_many_wait
from tests.feedback_builders import assigned


def test_each_sees_what_waits_for_their_roles_only(cast):
    assigned(cast)
    assert [one.label for one, _ in list_waiting(cast.owner, NOW, ZONE)] == ["Feedback"]
    assert list_waiting(cast.admin, NOW, ZONE) == []
    assert len({one.path for one in WORKLISTS.values()}) == len(WORKLISTS)


def test_explained_feedback_is_the_turn_of_improvement(cast):
    callbacks.explain_feedback(assigned(cast), "已与客户说明", cast.owner, NOW)
    assert how_many_wait("feedback", cast.improvement) == how_many_wait("confirmation", cast.improvement) == 1
    assert how_many_wait("feedback", cast.owner) == 0


def test_questionnaires_to_review_wait_for_qa_and_are_late_after_a_month(cast):
    for code in ("incident", "company"):
        a_campaign(code, quarter=20262)
        a_response(code, quarter=20262)
    assert how_many_wait("questionnaire_reviews", cast.qa) == 2
    work = WORKLISTS["questionnaire_reviews"]
    assert [work.read_standing(cast.qa, at, ZONE) for at in (NOW - timedelta(days=60), NOW)] == [(2, 0), (2, 2)]
