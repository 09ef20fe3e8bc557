"""What a preview shows around its questions (Q7)."""

from __future__ import annotations

import pytest

from csat.models.asking import Campaign, Invitation, Naming
from csat.models.clients import Client, Contact
from csat.procedure.campaigns import links, samples
from csat.procedure.campaigns.promise import build_promise
from csat.procedure.campaigns.samples import SampleNames
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW, ZONE, a_campaign, a_client, a_contact, an_invitation

NAMES = SampleNames("单位", "联系人", "事件", "问题", "zh")


def a_sample(code: str, naming: Naming = Naming.BOTH):
    version = questionnaires.get_newest_version(code)
    return samples.build_sample_request(version, code, naming, NAMES, NOW, ZONE)


@pytest.mark.parametrize("naming", Naming)
def test_the_promise_is_that_of_a_campaign_that_asks_many(db, naming):
    asked = a_sample("company", naming)
    client, campaign = a_client(), a_campaign("company", naming=naming, closes_at=asked.campaign.closes_at)
    for number in range(asked.invited):
        invitation = an_invitation(campaign, a_contact(client, name=f"联系人{number}"))
    assert build_promise(asked) == build_promise(links.build_survey_request(invitation))


def test_each_form_has_its_occasion_and_nothing_of_it_is_stored(db):
    incident, check, other = (a_sample(code) for code in ("incident", "check", "security"))
    assert incident.invitation.incident.title == "事件" and check.matter.issue_type.name.in_("zh") == "问题"
    assert other.invitation.incident is other.matter is None
    assert samples.list_namings("check") == [Naming.NAMED] and samples.list_namings("security")[0] == Naming.BOTH
    assert not any(table.select().exists() for table in (Campaign, Invitation, Client, Contact))
