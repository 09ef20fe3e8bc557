"""A manager's quarter: a card for each client in care, and what may be told on it (P3, F4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.asking import Attempt, AttemptOutcome, InvitationState
from csat.models.clients import Tier
from csat.procedure.campaigns.progress import NotAskedReason
from csat.procedure.worklists.own_clients import build_own_quarter
from tests.builders import NOW, a_client, a_contact, a_person, an_invitation
from tests.letters import a_feedback
from tests.procedure.campaigns.rounds import Q3, a_round


@pytest.fixture
def soon(zone):
    return Q3.end(zone) - timedelta(days=5)


def handed_over(campaign, client, states) -> None:
    for number, state in enumerate(states):
        one = an_invitation(campaign, a_contact(client, f"{client.name}{number}"), state=state)
        Attempt.create(invitation=one, at=NOW, outcome=AttemptOutcome.HANDED_OVER)


def test_each_client_in_care_has_a_card_those_not_asked_first(cast, zone, soon):
    asked, other = a_client("已问", Tier.CORE, cast.manager), a_client("未问", Tier.IMPORTANT, cast.manager)
    plain = a_client("普通", Tier.ORDINARY, cast.manager)
    a_client("别人的", Tier.CORE, a_person("别人"))
    a_contact(other, asked_each_quarter=False)
    handed_over(a_round(zone), asked, [InvitationState.SENT] * 2)
    own = build_own_quarter(cast.manager, soon, zone)
    assert [card.client for card in own.cards] == [other, asked, plain]
    assert [card.reason for card in own.cards] == [NotAskedReason.UNMARKED, None, None]
    assert own.pressing and own.unasked == own.to_invite == own.to_mend == [own.cards[0]]


def test_how_many_answered_is_told_only_where_it_hides_who_did(cast, zone, soon):
    done, sent = InvitationState.DONE, InvitationState.SENT
    few, many = a_client("两位", Tier.CORE, cast.manager), a_client("四位", Tier.CORE, cast.manager)
    campaign = a_round(zone)
    handed_over(campaign, few, [done, sent])
    handed_over(campaign, many, [done, done, sent, sent])
    handed_over(campaign, a_client("别人的", Tier.CORE), [sent] * 3)
    told = {card.client: card.line.answered for card in build_own_quarter(cast.manager, soon, zone).cards}
    assert told[few] is None  # with two asked, 'one answered' would nearly name them


def test_open_and_overdue_feedback_of_joined_clients_counts_on_the_card(cast, zone):
    client = a_client("合并后", Tier.CORE, cast.manager)
    part = a_client("并入者", Tier.CORE, cast.manager, counts_as=client)
    a_feedback(client, "处理太慢", cast)
    a_feedback(part, "也太慢", cast)
    (card,) = build_own_quarter(cast.manager, NOW, zone).cards
    assert card.feedback == (2, 0)
    (card,) = build_own_quarter(cast.manager, NOW + timedelta(days=400), zone).cards
    assert card.feedback == (2, 2)
