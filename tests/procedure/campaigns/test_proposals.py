"""Whom to ask, and what it would mean (P3)."""

from __future__ import annotations

from datetime import date

import pytest

from csat.models.asking import Invitation
from csat.models.clients import Contact, Tier
from csat.procedure.campaigns import campaigns, invitations, proposals
from csat.procedure.campaigns.proposals import AskingGap
from csat.procedure.clients import clients
from csat.procedure.core.refusals import NotFound
from tests.builders import NOW, ZONE, a_client, a_contact, a_person
from tests.procedure.campaigns.rounds import a_round


def test_the_proposal_is_exactly_the_important_and_core_clients_in_care(engine_db, zone):
    manager, other = a_person("程远"), a_person("别人")
    core = a_client("核心", Tier.CORE, manager)
    important = a_client("重要", Tier.IMPORTANT, manager)
    a_client("普通", Tier.ORDINARY, manager)
    a_client("别人的", Tier.CORE, other)
    a_client("旧的", Tier.CORE, manager, retired_at=NOW)
    moved = a_client("移交", Tier.CORE, manager)
    clients.put_in_care(moved, other, date(2026, 9, 14), "command:test", NOW)
    assert {one.client for one in proposals.list_proposals(manager, zone, NOW)} == {core, important}
    orphan = a_client("没人管", Tier.IMPORTANT)
    everybody = {one.client.name: one for one in proposals.list_proposals(None, zone, NOW)}
    assert set(everybody) == {"核心", "重要", "别人的", "移交", "没人管"}
    assert (AskingGap.NO_MANAGER, "") in everybody[orphan.name].missing


def test_the_proposal_says_what_is_missing(db, zone):
    client = a_client(manager=a_person("程远"))
    a_contact(client, "可以问")
    a_contact(client, "没有地址", email="", telephone="")
    a_contact(client, "不愿意", email="no@client.example", telephone="", opted_out_at=NOW)
    a_contact(client, "已离开", retired_at=NOW)
    (one,) = proposals.list_proposals(None, zone, NOW)
    assert {contact.name for contact in one.contacts} == {"可以问", "没有地址"}
    assert set(one.missing) == {(AskingGap.NO_ADDRESS, "没有地址"), (AskingGap.OPTED_OUT, "不愿意")}
    Contact.update(retired_at=NOW).execute()
    (one,) = proposals.list_proposals(None, zone, NOW)
    assert one.missing[0] == (AskingGap.NO_CONTACT, "")


def test_only_who_is_marked_is_asked_each_quarter(engine_db, zone):
    client = a_client(manager=a_person("程远"))
    a_contact(client, "每季")
    a_contact(client, "只报过事件", asked_each_quarter=False)
    (one,) = proposals.list_proposals(None, zone, NOW)
    assert [contact.name for contact in one.marked] == ["每季"] and len(one.contacts) == 2 and not one.missing
    Contact.update(asked_each_quarter=False).execute()
    (one,) = proposals.list_proposals(None, zone, NOW)
    assert not one.marked and one.missing == ((AskingGap.NOBODY_MARKED, ""),)
    (other,) = proposals.build_proposals([client], NOW.date())
    assert not other.missing  # of other occasions the mark says nothing


def test_the_consequences_are_said_before(db, zone):
    campaign, client = a_round(zone), a_client()
    contacts = [a_contact(client, name) for name in "甲乙丙"]
    assert proposals.preview_consequences(campaign, contacts[:2]) == [(client, 2, False)]
    invitations.invite_contacts(campaign, contacts[:2], None, NOW, zone)
    assert proposals.preview_consequences(campaign, contacts[2:]) == [(client, 3, True)]
    invitations.withdraw_invitation(Invitation.get(), None, NOW)
    assert proposals.preview_consequences(campaign, contacts[2:]) == [(client, 2, False)]


def test_a_manager_asks_in_their_own_care_only(cast, zone):
    mine = a_contact(a_client("我的", manager=cast.manager))
    others = a_contact(a_client("别人的", manager=a_person("别人")))
    assert proposals.get_contacts_to_ask(cast.manager, [mine.id], zone, NOW) == [mine]
    with pytest.raises(NotFound):
        proposals.get_contacts_to_ask(cast.manager, [mine.id, others.id], zone, NOW)
    assert len(proposals.get_contacts_to_ask(cast.qa, [mine.id, others.id], zone, NOW)) == 2
    invitation = invitations.invite_contact(a_round(zone), others, None, NOW, zone=ZONE)
    with pytest.raises(NotFound):
        campaigns.invitation_for(cast.manager, invitation.id, zone, NOW)
    assert campaigns.invitation_for(cast.desk, invitation.id, zone, NOW) == invitation
