"""The command that opens the quarter's campaign."""

from __future__ import annotations

from csat.models.asking import Campaign, Invitation
from tests.builders import a_client, a_contact, a_person


def test_the_quarters_campaign_invites_everybody_proposed_and_names_the_gaps(run):
    client = a_client("华东物流", manager=a_person("程远"))
    a_contact(client, "王女士")
    a_contact(client, "张先生", email="", telephone="")
    a_client("城建集团")
    done = run("campaign", "open", "2026Q3")
    assert done.exit_code == 0, done.output
    assert "2 contacts of 1 clients invited" in done.output
    assert "gap: 城建集团: no contact" in done.output
    assert "gap: 城建集团: in nobody's care" in done.output
    assert "gap: 华东物流: 张先生: no e-mail and no telephone" in done.output
    assert Invitation.select().count() == 2
    assert len(bytes(Campaign.get().public_key)) == 32
    again = run("campaign", "open", "2026Q3")
    assert again.exit_code == 1 and "2026Q3" in again.stderr
    assert run("campaign", "open", "third").exit_code == 2
