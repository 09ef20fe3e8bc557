"""The commands about campaigns: opening the quarter's, and listing what was marked without a link."""

from __future__ import annotations

from csat.models.asking import Attempt, AttemptOutcome, Campaign, Invitation
from tests.builders import NOW, a_campaign, a_client, a_contact, a_person, an_incident, an_invitation


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


def test_what_was_marked_without_a_link_is_listed_and_left_as_it_is(run):
    asked = an_invitation(a_campaign(), a_contact(a_client()), incident=an_incident("INC7"))
    Attempt.create(invitation=asked, by=a_person("苏岚"), at=NOW, outcome=AttemptOutcome.HANDED_OVER)
    done = run("campaign", "handed-over")
    assert "incident INC7: marked by 苏岚 at 2026-09-14 10:00" in done.output
    assert "1 marked as handed over without a link." in done.output
    assert Attempt.get().undone_at is None
