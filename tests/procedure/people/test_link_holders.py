"""Who had links of a survey in hand neither opens nor reads its anonymous answers (D7)."""

from __future__ import annotations

from functools import partial

import pytest

from csat.adapters import sealing
from csat.models.answers import Release, ReleaseHolder, Response, Verdict
from csat.models.asking import Campaign
from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.archive import bundles
from csat.procedure.archive import search as archive
from csat.procedure.archive.search import ArchiveFilter
from csat.procedure.core import tokens
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import HolderMayNotRead, HolderMayNotRelease
from csat.procedure.people import link_holders
from csat.procedure.review import drilldown, verdicts
from csat.procedure.review.drilldown import DrilldownCell
from csat.procedure.review.signals import find_signals
from csat.procedure.survey import mailbox, submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import NOW, a_campaign, a_client, a_link, an_invitation, another_contact, hand_over, some_answers


@pytest.fixture
def unseal(config):
    return partial(sealing.open_sealed, config.keys)


def a_survey(config, holder: Person, by_hand: int, by_mail: int) -> Campaign:
    """A campaign in which all answer without a name, some of them by links that a colleague had in hand."""
    campaign, client = (
        a_campaign(public_key=sealing.create_key(config.keys)),
        a_client(f"客户{Client.select().count()}"),
    )
    for number in range(by_hand + by_mail):
        invitation = an_invitation(campaign, another_contact(client, f"联系人{number}"))
        token = hand_over(invitation, holder) if number < by_hand else a_link(invitation)
        form = FilledForm(some_answers(), True, tokens.make_submission_code())
        submission.submit_response(token, form, NOW, sealing.seal_bytes)
    return campaign


def test_who_held_a_link_does_not_open_the_answers_and_a_colleague_does(cast, config, unseal):
    campaign = a_survey(config, cast.qa, by_hand=1, by_mail=3)
    with pytest.raises(HolderMayNotRelease):
        mailbox.release_due_campaigns(NOW, unseal, cast.qa)
    assert mailbox.list_kept_from(cast.qa) == [campaign] and mailbox.list_kept_from(cast.qa2) == []
    (opened,) = mailbox.release_due_campaigns(NOW, unseal, cast.qa2)
    assert opened.number == 4


def test_what_others_may_open_is_opened_by_who_held_links_elsewhere(cast, config, unseal):
    held = a_survey(config, cast.qa, by_hand=1, by_mail=3)
    other = a_survey(config, cast.manager, by_hand=0, by_mail=3)
    opened = mailbox.release_due_campaigns(NOW, unseal, cast.qa)
    assert [one.campaign for one in opened] == [other] and mailbox.list_kept_from(cast.qa) == [held]


def test_the_nightly_round_is_nobody_and_opens_all(cast, config, unseal):
    a_survey(config, cast.qa, by_hand=3, by_mail=0)
    (opened,) = mailbox.release_due_campaigns(NOW, unseal, "command:root")
    assert opened.number == 3


def test_who_held_a_link_reads_and_decides_none_of_the_answers(cast, config, unseal, zone):
    campaign = a_survey(config, cast.qa, by_hand=1, by_mail=3)
    mailbox.release_due_campaigns(NOW, unseal)
    named = verdicts.list_responses().first()
    Response.update(anonymous=False).where(Response.id == named.id).execute()
    one = Response.get(Response.anonymous)
    for verb in (verdicts.response_for, lambda by, key: verdicts.accept_response(Response.get_by_id(key), by, NOW)):
        with pytest.raises(HolderMayNotRead):
            verb(cast.qa, one.id)
    assert verdicts.response_for(cast.qa, named.id) == named
    assert verdicts.response_for(cast.qa2, one.id) == one
    assert list(verdicts.list_responses(reader=cast.qa)) == [named] and verdicts.list_responses().count() == 4
    assert verdicts.count_kept_from(cast.qa, Verdict.PENDING) == 3
    assert verdicts.accept_unremarkable([one], cast.qa, NOW, zone) == 0
    assert list(archive.search_responses(ArchiveFilter(), cast.qa)) == [named]
    Response.update(verdict=Verdict.VALID).execute()
    seen = drilldown.list_responses(cast.qa, DrilldownCell(campaign.quarter))
    assert {row.id for row in seen} <= {named.id}
    assert {row.id for row in verdicts.list_proposals(reader=cast.qa)} <= {named.id}


def test_a_bundle_of_the_quarter_is_neither_made_nor_fetched_by_who_held_a_link(cast, config, unseal):
    campaign = a_survey(config, cast.improvement, by_hand=1, by_mail=3)
    mailbox.release_due_campaigns(NOW, unseal)
    with pytest.raises(HolderMayNotRead):
        bundles.queue_bundles(Quarter.from_int(campaign.quarter), "zh", cast.improvement, NOW)


def test_links_that_went_by_mail_were_in_nobodys_hand(cast, config, unseal):
    a_survey(config, cast.qa, by_hand=0, by_mail=3)
    mailbox.release_due_campaigns(NOW, unseal, cast.qa)
    assert link_holders.readable_conditions(cast.qa) == () and verdicts.list_responses(reader=cast.qa).count() == 3


@pytest.mark.parametrize(("by_hand", "by_mail", "told"), [(3, 3, [3]), (3, 0, [3]), (2, 4, []), (4, 2, [])])
def test_a_release_tells_how_many_came_through_one_hand_where_that_tells_nobody(
    cast, config, unseal, by_hand, by_mail, told
):
    a_survey(config, cast.desk, by_hand, by_mail)
    mailbox.release_due_campaigns(NOW, unseal)
    assert [one.number for one in ReleaseHolder.select()] == told
    assert all(one.person == cast.desk and one.release == Release.get() for one in ReleaseHolder.select())


def test_three_through_one_hand_are_a_signal_on_the_anonymous_answers(cast, config, unseal, zone):
    a_survey(config, cast.desk, by_hand=3, by_mail=3)
    mailbox.release_due_campaigns(NOW, unseal)
    one = Response.get(Response.anonymous)
    (signal,) = [each for each in find_signals(one, zone) if each.code == "links_in_hand"]
    assert signal.params == {"number": 3, "name": cast.desk.name}
