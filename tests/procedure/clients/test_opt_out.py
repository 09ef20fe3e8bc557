"""Opting out holds for an address, on whichever card it stands, and for every way of asking (P2, P5)."""

from __future__ import annotations

import pytest

from csat import database
from csat.models.clients import Contact
from csat.models.outbox import Why
from csat.procedure.campaigns import desk, invitations, phone_attempts, slips
from csat.procedure.campaigns.proposals import AskingGap, find_gap, list_proposals
from csat.procedure.clients import opt_out
from csat.procedure.mail import sending_rules
from tests.builders import NOW, ZONE, a_campaign, a_client, a_closed_incident, a_contact, an_invitation

SAME = [
    ({"email": "wang@client.example", "telephone": ""}, {"email": " Wang@Client.Example ", "telephone": "1"}),
    ({"email": "", "telephone": "138 1234-5678"}, {"email": "x@y.example", "telephone": "+86 (138) 12345678"}),
    ({"email": "", "telephone": "0086 138 1234 5678"}, {"email": "", "telephone": "13812345678"}),
]
OTHER = [
    ({"email": "", "telephone": ""}, {"email": "", "telephone": ""}),
    ({"email": "wang@client.example", "telephone": ""}, {"email": "wang@other.example", "telephone": ""}),
    ({"email": "", "telephone": "010 8612 3456 转 1"}, {"email": "", "telephone": "010 8612 3456 转 2"}),
    ({"email": "", "telephone": "8612345678"}, {"email": "", "telephone": "12345678"}),
    ({"email": "a@client.example", "telephone": "010 8888 0000"}, {"email": "", "telephone": "01088880000"}),
    ({"email": "", "telephone": "400-810-0000"}, {"email": "", "telephone": "4008100000"}),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_one_address_is_one_wish(engine_db, first, second):
    client = a_client()
    out = a_contact(client, "王女士", opted_out_at=NOW, **first)
    twin = a_contact(a_client("城建集团"), "王敏", **second)
    assert opt_out.is_opted_out(twin) and opt_out.find_opted_out([out.id, twin.id]) == {out.id, twin.id}


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_other_addresses_are_others(engine_db, first, second):
    client = a_client()
    a_contact(client, "王女士", opted_out_at=NOW, **first)
    assert not opt_out.is_opted_out(a_contact(client, "王敏", **second))


def test_a_wish_is_looked_up_by_indexes_in_one_query(db, monkeypatch):
    card = a_contact(a_client())
    asked, run = [], database.store.obj.execute_sql
    monkeypatch.setattr(
        database.store.obj, "execute_sql", lambda *told, **more: asked.append(told) or run(*told, **more)
    )
    assert not opt_out.is_opted_out(card)
    ((query, values),) = asked
    plan = [row[3] for row in run(f"EXPLAIN QUERY PLAN {query}", values)]
    assert {"contact_email_key", "contact_telephone_key"} <= set(" ".join(plan).split())
    assert not [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step]


def test_nothing_asks_whose_address_opted_out_elsewhere(cast, zone):
    client = a_client(manager=cast.manager)
    twin = a_contact(client, "王敏")
    asked = an_invitation(a_campaign(), twin)
    due = a_closed_incident("INC1", 1, twin, zone)
    a_contact(a_client("城建集团"), "王女士", opted_out_at=NOW)
    with pytest.raises(invitations.ContactOptedOut):
        invitations.invite_contact(a_campaign(), twin, cast.manager, NOW, zone=ZONE)
    with pytest.raises(invitations.ContactOptedOut):
        invitations.make_link(asked, cast.desk, NOW)
    assert sending_rules.find_invitation_hold_reason(asked, NOW) == Why.OPTED_OUT
    assert find_gap(twin) == AskingGap.OPTED_OUT and desk.find_incident_gap(due) == AskingGap.OPTED_OUT
    assert phone_attempts.find_next_call(desk.select_still_due(), cast.desk, NOW) is None
    assert slips.list_slips(asked.campaign, None) == []
    assert list_proposals(cast.manager, zone, NOW)[0].contacts == ()


def test_an_unknown_contact_is_no_wish(db, zone):
    a_contact(a_client(), opted_out_at=NOW)
    a_closed_incident("INC1", 1, zone=zone, client=a_client("城建集团"))
    assert desk.count_due_incidents(NOW, zone)["gap"] == 1


def test_who_opts_in_again_can_be_asked_at_every_card(db):
    first, twin = a_contact(a_client()), a_contact(a_client("城建集团"))
    token = opt_out.make_opt_out_link(first)
    opt_out.opt_out_contact(opt_out.make_opt_out_link(twin), NOW)
    assert opt_out.is_opted_out(Contact.get_by_id(first.id))
    opt_out.opt_in_contact(token, NOW)
    assert not any(opt_out.is_opted_out(one) for one in Contact.select())


def test_a_switchboard_number_opts_out_its_own_person_on_every_card_and_nobody_else(engine_db):
    client, board = a_client(), {"telephone": "010-8888 0000"}
    out = a_contact(client, "Wang Min", email="wang@client.example", **board)
    again = a_contact(a_client("城建集团"), " wang min ", email="", **board)
    colleague = a_contact(client, "李工", email="", **board)
    opt_out.opt_out_contact(opt_out.make_opt_out_link(out), NOW)
    assert opt_out.find_opted_out([out.id, again.id, colleague.id]) == {out.id, again.id}
    assert find_gap(colleague) is None and find_gap(again) == AskingGap.OPTED_OUT
    opt_out.opt_out_contact(opt_out.make_opt_out_link(colleague), NOW)
    opt_out.opt_in_contact(opt_out.make_opt_out_link(again), NOW)
    assert opt_out.find_opted_out([out.id, again.id, colleague.id]) == {colleague.id}
