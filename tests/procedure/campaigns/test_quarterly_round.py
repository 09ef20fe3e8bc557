"""The quarterly round: when it is on, which clients are still to be asked, and when it is done (P3)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from csat.models.asking import Attempt, AttemptOutcome, Naming
from csat.models.clients import Contact, Tier
from csat.procedure.campaigns import campaigns, invitations, quarterly_round
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents.beginning import set_beginning
from tests.builders import NOW, a_client, a_contact, a_person, an_invitation
from tests.procedure.campaigns.rounds import Q3, a_round


@pytest.fixture
def end(zone) -> datetime:
    """Midnight where the provider is: the quarter's end."""
    return Q3.end(zone)


def standings(manager, now, zone):
    return [(str(one.round.quarter), *(client.name for client in one.unasked)) for one in
            quarterly_round.list_standings(manager, now, zone)]  # fmt: skip


def test_it_is_on_from_two_weeks_before_the_quarters_end_until_a_campaign_could_be_opened_no_more(cast, zone, end):
    a_contact(a_client("核心", Tier.CORE, cast.manager))
    begins, second = end - timedelta(days=14), timedelta(seconds=1)
    days = {begins - second: 0, begins: 1, end: 1, end + timedelta(days=15) - second: 1, end + timedelta(days=15): 0}
    assert {at: quarterly_round.count_unasked(cast.manager, at, zone) for at in days} == days
    (one,) = quarterly_round.list_standings(cast.manager, begins, zone)
    assert one.sentence % one.facts == "2026Q3 is not open yet; clients to ask: 1"
    settings.change_setting("round_notice_days", 30, cast.admin, NOW)
    assert quarterly_round.count_unasked(cast.manager, end - timedelta(days=30), zone) == 1


def test_only_own_important_and_core_clients_count_until_one_invitation_each_is_delivered(engine_db, zone, end):
    manager, now = a_person("程远"), end - timedelta(days=10)
    one, two = a_client("核心", Tier.CORE, manager), a_client("重要", Tier.IMPORTANT, manager)
    a_client("普通", Tier.ORDINARY, manager)
    a_client("别人的", Tier.CORE, a_person("别人"))
    a_client("旧的", Tier.CORE, manager, retired_at=NOW)
    campaign = a_round(zone)
    (standing,) = quarterly_round.list_standings(manager, now, zone)
    assert standing.sentence % standing.facts == "2026Q3: 2 of 2 clients not asked"
    reached, invited = (an_invitation(campaign, a_contact(client)) for client in (one, two))
    assert standings(manager, now, zone) == [("2026Q3", "核心", "重要")]  # invited is not asked
    Attempt.create(invitation=reached, at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    assert standings(manager, now, zone) == [("2026Q3", "重要")]
    gone = Attempt.create(invitation=invited, at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    assert quarterly_round.count_unasked(manager, now, zone) == 0
    Attempt.update(undone_at=NOW).where(Attempt.id == gone.id).execute()  # taken back
    assert standings(manager, now, zone) == [("2026Q3", "重要")]
    invitations.withdraw_invitation(reached, None, NOW)
    assert standings(manager, now, zone) == [("2026Q3", "核心", "重要")]


def test_a_closed_campaign_asks_nobody_any_more(cast, zone, end):
    a_contact(a_client("核心", Tier.CORE, cast.manager))
    campaign, now = a_round(zone, Naming.NAMED), end - timedelta(days=3)
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 1
    campaigns.close_campaign(campaign, cast.qa, now)
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 0


def test_where_everybody_wants_no_surveys_nothing_waits_and_where_nobody_is_known_it_does(cast, zone, end):
    client, now = a_client("核心", Tier.CORE, cast.manager), end - timedelta(days=3)
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 1
    a_contact(client, opted_out_at=NOW)
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 0
    a_contact(client, "同一信箱", telephone="", asked_each_quarter=False)  # the address that wants none
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 0
    a_contact(client, "另一位", email="x@y.example", telephone="", asked_each_quarter=False)  # who could be marked
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 1
    Contact.update(retired_at=NOW).where(Contact.name == "另一位").execute()
    assert quarterly_round.count_unasked(cast.manager, now, zone) == 0


def test_before_the_provider_began_there_was_no_round(cast, zone, end):
    a_contact(a_client("核心", Tier.CORE, cast.manager))
    set_beginning(Quarter(2026, 4).first_day, None, end + timedelta(days=2), zone)
    assert quarterly_round.count_unasked(cast.manager, end + timedelta(days=2), zone) == 0
