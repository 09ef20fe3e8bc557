"""What a letter may retell (decision 0100): nothing that was taken from an answer without a name."""

from __future__ import annotations

from csat.models.answers import Response, Verdict
from csat.models.feedback import ActionFeedback, Feedback
from csat.procedure.letters import facts as letter_material
from tests.builders import a_client
from tests.letters import Q3, ZONE, a_feedback, a_proposal, an_action, answers, said


def test_an_anonymous_matter_is_not_told_nor_counted(cast, client):
    secret = answers(client, 1, 1, 1, anonymous=True)
    for one in secret:
        taken = a_feedback(client, "The night shift sleeps", cast, sources=[one])
        an_action(taken, "Wake the night shift", cast)
    told = letter_material.gather_facts(client, Q3, ZONE)
    assert (told.matters, told.measures) == ((), ())
    assert "night shift" not in said(a_proposal(cast, client))


def test_a_matter_with_and_without_a_name_is_not_told(cast, client):
    (named,), (secret,) = answers(client, 2), answers(client, 1, anonymous=True)
    a_feedback(client, "Both said this", cast, sources=[named, secret])
    assert letter_material.gather_facts(client, Q3, ZONE).matters == ()


def test_what_is_linked_with_an_anonymous_matter_is_the_same_matter(cast, client):
    """QA put down by hand what somebody said without a name, and linked the two."""
    (secret,) = answers(client, 1, anonymous=True)
    top = a_feedback(client, "Nobody answers at night", cast, sources=[secret])
    linked = a_feedback(client, "Nights are understaffed", cast)
    an_action(linked, "Two people at night", cast)
    Feedback.update(linked_to=top).where(Feedback.id == linked.id).execute()
    told = letter_material.gather_facts(client, Q3, ZONE)
    assert (told.matters, told.measures) == ((), ())
    Feedback.update(linked_to=None).where(Feedback.id == linked.id).execute()
    Feedback.update(linked_to=linked).where(Feedback.id == top.id).execute()
    assert letter_material.gather_facts(client, Q3, ZONE).matters == ()


def test_an_action_shared_with_an_anonymous_matter_is_not_told(cast, client):
    (named,), (secret,) = answers(client, 2), answers(a_client("别家"), 1, anonymous=True)
    shared = an_action(a_feedback(client, "Slow", cast, sources=[named]), "Shared remedy", cast)
    ActionFeedback.create(action=shared, feedback=a_feedback(a_client("丙"), "Slow too", cast, sources=[secret]))
    told = letter_material.gather_facts(client, Q3, ZONE)
    assert len(told.matters) == 1 and told.measures == ()


def test_what_was_refused_or_waits_is_not_told(cast, client):
    (named,) = answers(client, 2)
    a_feedback(client, "Slow", cast, sources=[named])
    Response.update(verdict=Verdict.REFUSED).execute()
    assert letter_material.gather_facts(client, Q3, ZONE).matters == ()
