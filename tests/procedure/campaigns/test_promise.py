"""What is said above the form follows the facts (Q1)."""

from __future__ import annotations

from csat.models.asking import Naming
from csat.procedure.campaigns import links
from csat.procedure.campaigns.promise import build_promise
from tests.builders import NOW, a_campaign, a_client, a_contact, a_link, an_invitation


def test_the_promise_follows_the_facts(db):
    client = a_client()
    for naming in Naming:
        campaign = a_campaign(naming=naming)
        token = a_link(an_invitation(campaign, a_contact(client, name=naming)))
        said = " ".join(sentence % facts for sentence, facts in build_promise(links.open_link(token, NOW)))
        assert ("leave your name" in said) == (naming == Naming.BOTH)
        assert ("few were asked" in said) == (naming != Naming.NAMED)
        assert ("at least 3" in said) == (naming != Naming.NAMED)


def test_where_many_are_asked_nobody_is_warned_of_being_few(db):
    client, campaign = a_client(), a_campaign()
    for number in range(6):  # twice k
        invitation = an_invitation(campaign, a_contact(client, name=f"联系人{number}"))
    sentences = build_promise(links.open_link(a_link(invitation), NOW))
    assert len(sentences) == 3
    assert "few were asked" not in sentences[2][0]
