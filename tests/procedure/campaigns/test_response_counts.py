"""Of whom a number of answers may be told: one definition for pages, figures and what is kept (F3, F4)."""

from __future__ import annotations

from functools import partial

import pytest

from csat.adapters import sealing
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.asking import Attempt, AttemptOutcome, CampaignCount, InvitationState
from csat.procedure.campaigns import campaigns, counts
from csat.procedure.survey import mailbox, settlement
from tests.builders import NOW, a_campaign, a_client, an_invitation, another_contact
from tests.procedure.campaigns.rounds import Q3, invited


def told(zone):
    figures = compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS)
    return {row.name["zh"]: row.answered for row in figures.asked_by_client}, figures.asked.answered


@pytest.mark.parametrize("over", [False, True])
def test_the_only_contact_of_a_client_is_told_nowhere_also_after_the_last_release(engine_db, zone, over):
    """A is asked 5, B 1: what is left beside A's own number would be B's."""
    campaign = a_campaign()
    invited(campaign, a_client("甲"), 3, 5)
    invited(campaign, a_client("乙"), 1, 1)
    if over:
        campaigns.close_campaign(campaign, None, NOW)
        settlement.settle_campaign(type(campaign).get_by_id(campaign.id))
        assert {row.client_id for row in CampaignCount.select()} == {None}
    counted = counts.count_campaign(campaign)
    assert {line.client.name: line.answered for line in counted.lines} == {"甲": None, "乙": None}
    assert (counted.few.answered, counted.total.answered) == (4, 4)
    assert told(zone) == ({"甲": None, "乙": None}, 4)


def test_nothing_is_kept_of_whom_nothing_may_be_told(engine_db):
    campaign = a_campaign()
    invited(campaign, a_client("乙"), 1, 2)
    campaigns.close_campaign(campaign, None, NOW)
    settlement.settle_campaign(type(campaign).get_by_id(campaign.id))
    assert CampaignCount.select().count() == 0
    assert counts.count_campaign(campaign).total.answered is None


def test_page_and_figures_together_betray_nobody(db, zone):
    """A client shown on one campaign's page and lumped on another's has no number over both."""
    client, other = a_client("甲"), a_client("丙")
    first, second = a_campaign(), a_campaign("company")
    invited(first, client, 2, 4)
    invited(second, client, 1, 1)
    invited(second, other, 2, 6)
    assert told(zone) == ({"甲": None, "丙": None}, 5)


def test_a_campaign_that_tells_nothing_hides_the_whole_of_its_quarter(db, zone):
    first, second = a_campaign(), a_campaign("company")
    invited(first, a_client("甲"), 2, 4)
    invited(second, a_client("乙"), 1, 2)
    assert told(zone) == ({"甲": 2, "乙": None}, None)


def test_who_refused_after_an_anonymous_answer_is_not_told(db, zone):
    campaign = a_campaign()
    (one,) = invited(campaign, a_client("甲"), 1, 1)
    Attempt.create(invitation=one, at=NOW, outcome=AttemptOutcome.REFUSED)
    invited(campaign, a_client("乙"), 1, 4)
    assert {line.client.name: line.answered for line in counts.count_campaign(campaign).lines} == {"甲": 0, "乙": 1}
    assert told(zone) == ({"甲": 0, "乙": 1}, 1)


def test_an_answer_by_an_unmarked_link_delivers_nothing_that_can_be_seen(db, zone):
    campaign = a_campaign()
    for state in (InvitationState.MADE, InvitationState.DONE):
        an_invitation(campaign, another_contact(a_client(f"客户{state}")), state=state)
    assert [
        row.delivered for row in compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).asked_by_client
    ] == [0, 0]


def test_who_was_never_reached_is_counted(engine_db, zone):
    campaign, client = a_campaign(), a_client()
    nobody, wrong, later, reached = (an_invitation(campaign, another_contact(client, f"第{n}位")) for n in range(4))
    for one, outcomes in (
        (nobody, (AttemptOutcome.NOBODY, AttemptOutcome.BUSY)),
        (wrong, (AttemptOutcome.WRONG_NUMBER,)),
        (later, (AttemptOutcome.NOBODY, AttemptOutcome.LATER)),
        (reached, (AttemptOutcome.BUSY, AttemptOutcome.HANDED_OVER)),
    ):
        for outcome in outcomes:
            Attempt.create(invitation=one, at=NOW, outcome=outcome)
    assert compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS).asked.unreachable == 2


def test_settling_on_the_way_of_a_release_keeps_the_same(db, config, zone):
    campaign = a_campaign(public_key=sealing.create_key(config.keys))
    invited(campaign, a_client("甲"), 0, 5)
    before = counts.count_campaign(campaign).total
    campaigns.close_campaign(campaign, None, NOW)
    mailbox.release_due_campaigns(NOW, partial(sealing.open_sealed, config.keys))
    assert counts.count_campaign(campaign).total == before
