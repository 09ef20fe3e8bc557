"""The drill can fail: a state that nobody brought about, a form hidden from everybody, a number that lists nothing."""

from __future__ import annotations

import re
from random import Random
from types import SimpleNamespace

import pytest

from csat.models.answers import Response, Verdict
from csat.models.asking import InvitationState
from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackState
from csat.procedure.worklists.worklists import WORKLISTS
from csat.web.feedback import page as feedback_page
from tests.builders import (
    NOW,
    ZONE,
    a_campaign,
    a_client,
    a_closed_incident,
    a_contact,
    a_response,
    an_incident,
    an_invitation,
)
from tests.feedback_builders import a_feedback, a_stored_action, a_stored_feedback
from tests.robot.acts import Acts
from tests.robot.book import Book
from tests.robot.diligence import DILIGENCE
from tests.robot.ends import assert_decidable, assert_movable, assert_surveyable, check_rail, list_turns
from tests.robot.hands import Form, Hands, Seen


@pytest.fixture
def robot(app, cast):
    """Nobody plays: some of the cast look at what is there."""
    whose = (cast.desk, cast.qa, cast.owner, cast.improvement)
    people = {one.id: Hands(app, Random(1), lambda hands, what, seen: None, one) for one in whose}
    day = NOW.date()
    return SimpleNamespace(
        people=people, cast=cast, desk2=cast.desk, hands_of=lambda one: people[one.id], today=lambda: day
    )


# --- what counts -------------------------------------------------------------------------------------


def test_an_incident_that_counts_as_surveyed_without_a_deed_is_found(db):
    asked = an_invitation(a_campaign(), a_contact(a_client()), incident=an_incident("INC1"), state=InvitationState.MADE)
    book = Book()
    book.compare()
    Incident.update(surveyed_at=NOW).execute()
    with pytest.raises(AssertionError, match="INC1 counts as surveyed"):
        book.compare()
    book.reached[asked.id].add("handed over")
    book.compare()


@pytest.mark.parametrize(
    ("state", "words"), [(InvitationState.SENT, "delivered"), (InvitationState.DENY, "delivered"), ("done", "answered")]
)
def test_an_invitation_further_than_anybody_brought_it_is_found(db, state, words):
    an_invitation(a_campaign(), a_contact(a_client()), state=state)
    with pytest.raises(AssertionError, match=f"counts as {words}"):
        Book().compare()


def test_a_mail_that_came_back_is_no_reason_any_more(db):
    asked, book = an_invitation(a_campaign(), a_contact(a_client())), Book()
    book.mailed[asked.id] = 1
    book.reached[asked.id].add("mailed")
    book.compare()
    book.take_bounce(asked.id)
    with pytest.raises(AssertionError, match="counts as delivered"):
        book.compare()


def test_an_answer_that_nobody_gave_or_called_genuine_is_found(db):
    response, book = a_response(), Book()
    with pytest.raises(AssertionError, match="1 named answers, 0 were given"):
        book.compare()
    book.named[1] += 1
    book.compare()
    Response.update(verdict=Verdict.VALID).execute()
    with pytest.raises(AssertionError, match="counts as genuine"):
        book.compare()
    book.verdicts.add(response.id)
    book.compare()


def test_feedback_and_actions_that_are_done_by_nobody_are_found(db):
    book, one = Book(), a_stored_feedback(state=FeedbackState.CONFIRMED)
    with pytest.raises(AssertionError, match="nobody finished it"):
        book.compare()
    book.steps[one.id, "finish"] += 1
    with pytest.raises(AssertionError, match="nobody confirmed it|lost a step"):
        book.compare()
    Feedback.update(state=FeedbackState.IN_PROGRESS).execute()
    book.steps.clear()
    a_stored_action(one)
    with pytest.raises(AssertionError, match="nobody reported it"):
        book.compare()


@pytest.mark.parametrize(("status", "html"), [(500, "<p>broken"), (403, "<main>No.</main>"), (405, "<main></main>")])
def test_a_page_that_breaks_or_refuses_without_a_sentence_is_found(status, html):
    with pytest.raises(AssertionError):
        Book().check_answer("GET /", Seen(status, "/", html))


# --- who can move it ---------------------------------------------------------------------------------


def test_a_form_hidden_from_everybody_is_found(robot, cast, monkeypatch):
    key = a_feedback(cast).id
    assert_movable(key, list_turns(robot)[key])
    monkeypatch.setattr(feedback_page, "STEP_OFFERS", ())
    with pytest.raises(AssertionError, match="none of .* can move"):
        assert_movable(key, list_turns(robot)[key])
    with pytest.raises(AssertionError, match="on nobody's list"):
        assert_movable(key, [])


def test_a_response_that_nobody_can_decide_is_found(robot, cast):
    path, roles = f"/qa/review/{a_response().id}", ("qa",)
    assert_decidable(robot, "response", path, r"/qa/review/\d+$", roles)
    with pytest.raises(AssertionError, match="nobody can decide"):
        assert_decidable(robot, "response", path, "/no-such-form$", roles)


def test_an_incident_that_its_handler_alone_could_survey_is_found(robot, cast):
    incident = a_closed_incident("INC1", 1, a_contact(a_client()), ZONE)
    assert_surveyable(robot, incident)
    Incident.update(resolved_by=cast.desk).execute()
    with pytest.raises(AssertionError, match="nobody can survey"):
        assert_surveyable(robot, incident)


def test_a_number_of_the_rail_that_its_page_does_not_list_is_found(robot, cast, monkeypatch):
    hands = robot.hands_of(cast.qa)
    check_rail(robot, hands)
    monkeypatch.setitem(WORKLISTS["review"].__dict__, "count", lambda *_: 1)
    with pytest.raises(AssertionError, match="/qa/review says 1"):
        check_rail(robot, hands)


# --- what was played ---------------------------------------------------------------------------------


def test_the_robot_knows_how_to_work_off_every_place_of_the_rail():
    assert {one.path for one in WORKLISTS.values()} <= set(DILIGENCE)


def test_acts_that_never_happened_are_named(built):
    acts = Acts(built)
    assert "desk.create_link" in acts.list_missing() and "never: " in acts.summary()
    assert not [one for one in acts.known if re.match(r"settings|accounts", one)]
    form = Form("/desk/telephone/7", "post", [], [])
    acts.note(form, {"do": "record"}, Seen(422, "/desk/telephone/7", "<p>wrong"))
    assert "calls.call_contact" in acts.list_missing()
    acts.note(form, {"do": "record"}, Seen(200, "/desk/", "<p>done", redirected=True))
    assert acts.done["calls.call_contact record"] == 1 and "calls.call_contact" not in acts.list_missing()
