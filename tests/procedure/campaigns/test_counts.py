"""A campaign in numbers: nobody learns who has answered (F3, F4)."""

from __future__ import annotations

import pytest

from csat.models.asking import AttemptOutcome, Invitation, InvitationState, Naming
from csat.procedure.campaigns import counts, invitations
from tests.builders import NOW, ZONE, a_client, a_contact, a_response, hand_over
from tests.procedure.campaigns.rounds import a_round, invited


def lines(campaign):
    counted = counts.count_campaign(campaign)
    return {line.client.name: line.answered for line in counted.lines}, counted.few, counted.total


@pytest.mark.parametrize(
    ("asked", "own", "few", "total"),
    [
        ({"四人": (2, 4), "两人": (1, 2), "一人": (1, 1)}, {"四人": 2, "两人": None, "一人": None}, 2, 4),
        ({"五人": (3, 5), "四人": (2, 4), "一人": (1, 1)}, {"五人": 3, "四人": None, "一人": None}, 3, 6),
        ({"两人": (1, 2)}, {"两人": None}, None, None),  # fewer than k in all
    ],
)
def test_a_client_shows_its_answers_where_no_subtraction_tells_of_fewer_than_k(engine_db, zone, asked, own, few, total):
    campaign = a_round(zone)
    for name, numbers in asked.items():
        invited(campaign, a_client(name), *numbers)
    shown, together, whole = lines(campaign)
    assert (shown, together.answered, whole.answered) == (own, few, total)
    assert whole.invited == sum(number for _, number in asked.values())


def test_who_refused_or_answered_by_name_hides_nobody(db, zone):
    campaign, client = a_round(zone), a_client()
    invited(campaign, client, 1, 3)
    assert lines(campaign)[0] == {client.name: 1}
    answered = Invitation.get(Invitation.state == InvitationState.DONE)
    a_response("company", campaign=campaign, client=client, contact=answered.contact)
    assert lines(campaign)[0] == {client.name: None}


def test_a_named_campaign_hides_nothing(db, zone):
    campaign = a_round(zone, Naming.NAMED)
    invited(campaign, a_client("一人"), 1, 1)
    assert lines(campaign)[0] == {"一人": 1}


def test_each_contact_reached_is_counted_and_each_that_refused(engine_db, zone):
    campaign, client = a_round(zone), a_client()
    asked = [invitations.invite_contact(campaign, a_contact(client, name), None, NOW, zone=ZONE) for name in "甲乙丙"]
    hand_over(asked[0], None, NOW)
    hand_over(asked[1], None, NOW)
    for one in asked[1:]:
        invitations.record_attempt(one, AttemptOutcome.REFUSED, None, NOW)
    (line,) = counts.count_campaign(campaign).lines
    assert (line.invited, line.delivered, line.refused) == (3, 3, 2)
