"""Anonymous answers wait sealed and are opened in groups in which nobody stands out (design, anonymity)."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from copy import deepcopy
from datetime import timedelta
from functools import partial

import pytest

from csat import database
from csat.adapters import sealing
from csat.content import load_content
from csat.models.answers import Answer, Duration, Mailbox, Release, Response, Verdict
from csat.models.asking import Campaign, CampaignCount, CampaignState, Channel, Invitation, InvitationState
from csat.models.clients import Client
from csat.models.records import AuditEntry
from csat.procedure.campaigns import links
from csat.procedure.campaigns.counts import count_sealed_answers
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkExpired, OutOfOrder
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import envelope, mailbox, submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import NOW, a_campaign, a_client, a_link, an_incident, an_invitation, another_contact, some_answers


@pytest.fixture
def unseal(config):
    return partial(sealing.open_sealed, config.keys)


def campaign_with_key(config, **more) -> Campaign:
    return a_campaign(public_key=sealing.create_key(config.keys), **more)


def answer(campaign: Campaign, client: Client | None, contact=None, anonymous: bool = True, **more) -> str:
    """Somebody of a client answers; the code is returned."""
    number = Invitation.select().count()
    contact = contact or (another_contact(client, name=f"联系人{number}") if client else None)
    invitation = an_invitation(campaign, contact, client=client, channel=more.pop("channel", Channel.LINK))
    form = FilledForm(some_answers(), anonymous, tokens.make_submission_code(), name="" if anonymous else "王", **more)
    return submission.submit_response(a_link(invitation), form, NOW, sealing.seal_bytes).code


def answers(campaign: Campaign, client: Client | None, number: int, **more) -> list[str]:
    """So many people of a client answer."""
    return [answer(campaign, client, **more) for _ in range(number)]


def answered(config, number: int, **more) -> tuple[Campaign, Client]:
    """A campaign in which so many people of one client answered."""
    campaign, client = campaign_with_key(config, **more), a_client()
    answers(campaign, client, number)
    return campaign, client


def closed(campaign: Campaign) -> Campaign:
    campaign.state, campaign.closed_at = CampaignState.CLOSED, NOW
    campaign.save()
    return campaign


def test_fewer_than_k_stay_sealed(db, config, unseal):
    campaign, client = answered(config, 2)
    assert mailbox.release_answers(campaign, unseal, NOW) is None
    answer(campaign, client)
    assert mailbox.release_answers(campaign, unseal, NOW).number == 3
    assert count_sealed_answers(campaign) == 0


def test_released_answers_know_nothing_of_who_gave_them(db, config, unseal):
    campaign, client = campaign_with_key(config), a_client()
    codes = answers(campaign, client, 3)
    mailbox.release_answers(campaign, unseal, NOW)
    for response in Response.select():
        assert response.anonymous and response.client == client and response.quarter == 20263
        bare = (response.contact, response.incident, response.manager, response.department, response.engineer)
        assert set(bare) == {None}
        assert (response.recorder, response.received_at, response.campaign) == (None, None, None)
    hashes = {row.receipt_hash for row in Response.select()}
    assert hashes == {tokens.derive_number(code, "receipt") for code in codes}
    assert not hashes & {tokens.derive_number(code, "mailbox") for code in codes}
    assert Answer.select().count() == 3 * len(some_answers())


def test_a_client_shows_only_in_company(db, config, unseal):
    campaign, big = campaign_with_key(config), a_client("大客户")
    small = [a_client(f"小客户{number}") for number in range(3)]
    for client in [big, big, big, *small]:
        answer(campaign, client)
    done = mailbox.release_answers(campaign, unseal, NOW)
    shown = Counter(row.client_id for row in Response.select())
    assert shown == {big.id: 3, None: 3}
    assert done.without_client == 3


def test_the_one_without_company_waits(db, config, unseal):
    """Three of one client and one of another: opened together, the one without a client would be known."""
    campaign, big, small = campaign_with_key(config), a_client("大客户"), a_client("小客户")
    for client in (big, big, big, small):
        answer(campaign, client)
    assert mailbox.release_answers(campaign, unseal, NOW).number == 3
    assert count_sealed_answers(campaign) == 1
    assert {row.client_id for row in Response.select()} == {big.id}


def test_who_allows_it_is_shown_with_the_client(db, config, unseal):
    campaign = campaign_with_key(config)
    others = [a_client(f"客户{number}") for number in range(3)]
    willing = a_client("愿意署名的客户")
    answer(campaign, willing, name_client=True)
    for client in others:
        answer(campaign, client)
    mailbox.release_answers(campaign, unseal, NOW)
    assert Counter(row.client_id for row in Response.select()) == {willing.id: 1, None: 3}


def test_three_answers_of_one_person_are_not_three_people(db, config, unseal):
    campaign, client = campaign_with_key(config), a_client()
    contact = another_contact(client)
    for _ in range(3):
        answer(campaign, client, contact)
    assert mailbox.release_answers(campaign, unseal, NOW) is None


def test_no_person_writes_more_than_their_share_of_a_group(db, config, unseal):
    campaign, client = campaign_with_key(config), a_client()
    busy = another_contact(client)
    for contact in (busy, busy, busy, busy, None, None):
        answer(campaign, client, contact)
    assert mailbox.release_answers(campaign, unseal, NOW).number == 3
    assert count_sealed_answers(campaign) == 3


def test_callers_without_a_contact_count_by_their_name_in_the_ticket_system(db, config):
    campaign, client = a_campaign(), a_client()
    invitations = [
        an_invitation(campaign, None, client=client, incident=an_incident(f"I{at}", client, reported_by=name))
        for at, name in enumerate(["Caller 1", "Caller 1", "Caller 2", "", ""])
    ]
    assert len({envelope.identify_person(invitation) for invitation in invitations}) == 3


@pytest.mark.parametrize("what", ["another form", "opened later", "open still", "opened at once", None])
def test_only_closed_campaigns_of_the_same_form_before_it_leave_their_answers(db, config, unseal, what):
    other, client = answered(config, 1, opened_at=NOW - timedelta(days=90))
    other.state = CampaignState.OPEN if what == "open still" else CampaignState.CLOSED
    other.opened_at = {"opened later": NOW + timedelta(days=1), "opened at once": NOW}.get(what, other.opened_at)
    other.version = questionnaires.get_newest_version("company") if what == "another form" else other.version
    other.save()
    campaign = campaign_with_key(config)
    answers(campaign, client, 2)
    mailbox.release_answers(campaign, unseal, NOW)
    left = (count_sealed_answers(other), count_sealed_answers(campaign))
    assert left == ((0, 0) if what in ("opened at once", None) else (1, 2))


@pytest.mark.parametrize(("busy", "tries", "fails"), [(0, 1, False), (2, 3, False), (3, 3, True)])
def test_a_busy_store_is_scrubbed_at_the_third_try_at_last(monkeypatch, busy, tries, fails):
    seen = []

    def scrub():
        seen.append(1)
        if len(seen) <= busy:
            raise database.ScrubIncomplete

    monkeypatch.setattr(mailbox, "scrub", scrub)
    with pytest.raises(database.ScrubIncomplete) if fails else nullcontext():
        mailbox.scrub_with_retries()
    assert len(seen) == tries


def told_of_releases() -> list[tuple[str, str, dict[str, int]]]:
    """What the history says of every release: by whom, of what, how many."""
    entries = AuditEntry.select().where(AuditEntry.action == "answers released").order_by(AuditEntry.id)
    return [(one.actor, one.subject, json.loads(one.details.get().detail)) for one in entries]


def test_who_asked_for_a_release_is_on_record(cast, config, unseal):
    first, second, lost = (campaign_with_key(config) for _ in range(3))
    for campaign in (first, second, lost):
        for at in range(3 if campaign != lost else 1):
            answer(campaign, a_client(f"客户{campaign.id}-{at}"))
    sealing.destroy_key(config.keys, bytes(lost.public_key))
    released = mailbox.release_answers(first, unseal, NOW, cast.qa)
    assert (released.campaign, released.at, released.number, released.void) == (first, NOW, 3, 0)
    mailbox.release_due_campaigns(NOW, unseal, cast.qa2)
    mailbox.void_lost_answers(partial(sealing.is_key_kept, config.keys), NOW, cast.admin)
    assert told_of_releases() == [
        (f"person:{cast.qa.id}", f"campaign:{first.id}", {"number": 3, "void": 0}),
        (f"person:{cast.qa2.id}", f"campaign:{second.id}", {"number": 3, "void": 0}),
        (f"person:{cast.admin.id}", f"campaign:{lost.id}", {"number": 0, "void": 1}),
    ]
    empty = campaign_with_key(config)
    sealing.destroy_key(config.keys, bytes(empty.public_key))
    assert mailbox.void_lost_answers(partial(sealing.is_key_kept, config.keys), NOW) == []


def test_fewer_than_k_stay_even_where_one_of_them_is_damaged(db, config, unseal):
    campaign, _ = answered(config, 2)
    Mailbox.update(sealed=b"x" * 100).where(Mailbox.id == Mailbox.select().first().id).execute()
    assert mailbox.release_answers(campaign, unseal, NOW) is None and count_sealed_answers(campaign) == 2


def test_who_never_had_a_client_did_not_lose_one(db, config, unseal):
    campaign = campaign_with_key(config)
    for _ in range(2):
        answer(campaign, None, another_contact(a_client(f"客户{Invitation.select().count()}")))
    answer(campaign, a_client("小客户"))
    assert mailbox.release_answers(campaign, unseal, NOW).without_client == 1


def test_what_somebody_else_opened_meanwhile_is_not_stored_twice(db, config, unseal):
    campaign, _ = answered(config, 3)

    def slow_unseal(*facts):
        Mailbox.delete().where(Mailbox.id == Mailbox.select(Mailbox.id).limit(1)).execute()
        return unseal(*facts)

    with pytest.raises(OutOfOrder):
        mailbox.release_answers(campaign, slow_unseal, NOW)
    assert not Response.select().exists() and not Release.select().exists()


def test_what_was_opened_of_an_earlier_campaign_is_not_told_as_this_ones(db, config, unseal):
    before, client = answered(config, 3)
    closed(before)
    later = campaign_with_key(config, opened_at=NOW + timedelta(days=1))
    assert mailbox.release_answers(later, unseal, NOW) is None
    assert Release.get().campaign == before


def test_what_was_said_is_stored_as_it_was_said_in_batches(db, config, unseal, monkeypatch):
    monkeypatch.setattr(mailbox, "BATCH_SIZE", 2)
    campaign, client = campaign_with_key(config), a_client()
    answers(campaign, client, 3, duration=Duration.LONG)
    mailbox.release_answers(campaign, unseal, NOW)
    assert [(row.duration, row.version, row.verdict) for row in Response.select()] == [
        (Duration.LONG, campaign.version, Verdict.PENDING)
    ] * 3
    for response in Response.select():
        said = {row.question.code: GivenAnswer(row.value) for row in response.answers}
        assert said == some_answers() and {row.question.version for row in response.answers} == {campaign.version}


def test_what_waits_nowhere_cannot_be_voided(db, config):
    assert mailbox.void_answers(campaign_with_key(config), NOW) is None and not Release.select().exists()


def test_left_overs_join_the_next_campaign_of_the_same_form(db, config, unseal):
    (before, client), other = answered(config, 1), campaign_with_key(config)
    closed(before)
    assert mailbox.release_answers(before, unseal, NOW) is None
    later = campaign_with_key(config, quarter=20264, opened_at=NOW + timedelta(days=40))
    answers(later, client, 2)
    answer(other, client)
    assert mailbox.release_answers(later, unseal, NOW).number == 3
    assert {row.quarter for row in Response.select()} == {20264}
    assert count_sealed_answers(other) == 1


def test_closed_campaigns_are_opened_for_themselves_first(db, config, unseal):
    client, before = a_client(), campaign_with_key(config)
    later = campaign_with_key(config, quarter=20264, opened_at=NOW + timedelta(days=1))
    for campaign in (before, later):
        answers(campaign, client, 3)
    closed(before)
    assert [one.campaign for one in mailbox.release_due_campaigns(NOW, unseal)] == [before, later]
    assert Counter(row.quarter for row in Response.select()) == {20263: 3, 20264: 3}


@pytest.mark.parametrize("asked_for", ["what is due", "the campaign after them"])
def test_of_closed_campaigns_the_one_that_opened_first_is_opened_first(db, config, unseal, asked_for):
    later = campaign_with_key(config, opened_at=NOW + timedelta(days=1))
    before, client = campaign_with_key(config), a_client()
    for campaign in (before, later):
        answers(campaign, client, 3)
        closed(campaign)
    if asked_for == "what is due":
        mailbox.release_due_campaigns(NOW, unseal)
    else:
        mailbox.release_answers(campaign_with_key(config, opened_at=NOW + timedelta(days=2)), unseal, NOW)
    released = [(one.campaign, one.number) for one in Release.select().order_by(Release.id)]
    assert released == [(before, 3), (later, 3)]


def test_left_overs_of_an_older_version_are_stored_as_the_newer_form_asks(db, config, unseal):
    """The promise is 'with those of the next survey': what the newer form does not ask too is dropped, and
    what it newly demands is stored of nobody in the group, so that the old answer does not stand out."""
    before, client = answered(config, 1)
    closed(before)
    content = deepcopy(load_content("questionnaires/incident"))
    asked = [question for section in content["section"] for question in section["question"]]
    fresh = {**next(one for one in asked if one["code"] == "timeliness"), "code": "patience"}
    fresh["required"] = True
    kept = [one for one in asked if one["code"] != "attitude"]
    newer = questionnaires.publish_version(
        {**content, "section": [{**content["section"][0], "question": [*kept, fresh]}]}, None, NOW
    )
    later = campaign_with_key(config, opened_at=NOW + timedelta(days=1))
    assert later.version == newer
    answers(later, client, 2)
    (done,) = mailbox.release_due_campaigns(NOW, unseal)
    assert done.number == 3 and {row.version for row in Response.select()} == {newer}
    said = {frozenset(answer.question.code for answer in row.answers) for row in Response.select()}
    assert len(said) == 1 and not said.pop() & {"attitude", "patience"}


def test_the_larger_k_of_those_opened_together_counts(db, config, unseal):
    careful, client = answered(config, 1, k=5)
    closed(careful)
    later = campaign_with_key(config, opened_at=NOW + timedelta(days=1))
    answers(later, client, 3)
    assert mailbox.release_answers(later, unseal, NOW) is None
    answer(later, client)
    assert mailbox.release_answers(later, unseal, NOW).number == 5


def test_paper_is_told_only_of_a_group_all_on_paper(db, config, unseal):
    campaign = campaign_with_key(config)
    paper, mixed = a_client("纸质"), a_client("混合")
    answers(campaign, paper, 3, channel=Channel.SLIP)
    for channel in (Channel.SLIP, Channel.EMAIL, Channel.LINK):
        answer(campaign, mixed, channel=channel)
    mailbox.release_answers(campaign, unseal, NOW)
    shown = {(row.client.name, row.channel) for row in Response.select()}
    assert shown == {("纸质", Channel.SLIP), ("混合", Channel.LINK)}


def test_damaged_answers_are_counted_as_void(db, config, unseal):
    campaign, _ = answered(config, 4)
    damaged = Mailbox.select().first()
    Mailbox.update(sealed=b"x" * 100).where(Mailbox.id == damaged.id).execute()
    done = mailbox.release_answers(campaign, unseal, NOW)
    assert (done.number, done.void) == (3, 1)
    assert count_sealed_answers(campaign) == 0


def test_without_the_key_nothing_is_opened_and_nothing_is_lost(db, config, unseal):
    campaign, _ = answered(config, 3)
    sealing.destroy_key(config.keys, bytes(campaign.public_key))
    with pytest.raises(mailbox.KeyMissing) as refused:
        mailbox.release_answers(campaign, unseal, NOW)
    assert count_sealed_answers(campaign) == 3 and refused.value.opened == []
    (given_up,) = mailbox.void_lost_answers(partial(sealing.is_key_kept, config.keys), NOW)
    assert (given_up.void, given_up.number, given_up.without_client) == (3, 0, 0)
    assert count_sealed_answers(campaign) == 0


def test_what_is_lost_is_given_up_however_few(db, config):
    lost, found = campaign_with_key(config), campaign_with_key(config)
    for campaign in (lost, found):
        answer(campaign, a_client(f"客户{campaign.id}"))
    sealing.destroy_key(config.keys, bytes(lost.public_key))
    assert [one.void for one in mailbox.void_lost_answers(partial(sealing.is_key_kept, config.keys), NOW)] == [1]
    assert (count_sealed_answers(lost), count_sealed_answers(found)) == (0, 1)


def test_a_missing_key_stops_no_other_release(db, config, unseal):
    before, client = answered(config, 1)
    closed(before)
    sealing.destroy_key(config.keys, bytes(before.public_key))
    later = campaign_with_key(config, opened_at=NOW + timedelta(days=1))
    answers(later, client, 3)
    with pytest.raises(mailbox.KeyMissing) as refused:
        mailbox.release_due_campaigns(NOW, unseal)
    assert [one.campaign for one in refused.value.opened] == [later]
    assert (count_sealed_answers(before), count_sealed_answers(later)) == (1, 0)


def test_what_cannot_be_opened_stops_nobody_else_of_the_same_group(db, config, unseal):
    campaign, client, seen = campaign_with_key(config), a_client(), []
    answers(campaign, client, 4)

    def unseal_but_the_first(*facts):
        seen.append(facts)
        if len(seen) == 1:
            raise LookupError
        return unseal(*facts)

    with pytest.raises(mailbox.KeyMissing) as refused:
        mailbox.release_answers(campaign, unseal_but_the_first, NOW)
    assert [one.number for one in refused.value.opened] == [3] and count_sealed_answers(campaign) == 1


def test_only_one_release_runs_at_a_time(db, config, unseal):
    campaign = campaign_with_key(config)
    with database.only_one("release") as ours:
        assert ours
        with pytest.raises(mailbox.ReleaseRunning):
            mailbox.release_answers(campaign, unseal, NOW)


def test_a_failing_release_changes_nothing(db, config, unseal, monkeypatch):
    campaign, _ = answered(config, 3)
    monkeypatch.setattr(mailbox, "_store_answers", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mailbox.release_answers(campaign, unseal, NOW)
    assert (count_sealed_answers(campaign), Release.select().count()) == (3, 0)


def test_the_whole_way_on_each_engine(engine_db, tmp_path):
    campaign, client = a_campaign(public_key=sealing.create_key(tmp_path / "keys")), a_client()
    answers(campaign, client, 3)
    answer(campaign, client, anonymous=False)
    closed(campaign)
    done = mailbox.release_due_campaigns(NOW, partial(sealing.open_sealed, tmp_path / "keys"))
    assert [one.number for one in done] == [3]
    assert Response.select().count() == 4 and CampaignCount.get().number == 3


# --- after the last release --------------------------------------------------------------------------------


def test_after_the_last_release_nothing_says_who_answered(db, config, unseal):
    campaign, big, small = campaign_with_key(config), a_client("大客户"), a_client("小客户")
    answers(campaign, big, 3)
    late = a_link(an_invitation(campaign, another_contact(big), state=InvitationState.LATE))
    an_invitation(campaign, another_contact(small), state=InvitationState.LATE)
    an_invitation(campaign, another_contact(small), state=InvitationState.DENY)
    answer(campaign, small, anonymous=False)
    closed(campaign)
    mailbox.release_due_campaigns(NOW, unseal)
    states = Counter(row.state for row in Invitation.select())
    assert states == {InvitationState.OVER: 5, InvitationState.DENY: 1, InvitationState.DONE: 1}
    counts = {(row.client_id, row.state): row.number for row in CampaignCount.select()}
    assert counts == {(None, InvitationState.DONE): 3, (None, InvitationState.LATE): 2}
    with pytest.raises(LinkExpired):
        links.open_link(late, NOW)
    mailbox.release_due_campaigns(NOW, unseal)
    assert CampaignCount.select().count() == 2


def test_the_same_form_gets_the_same_thanks_after_release_and_close(db, config, unseal):
    campaign, client = campaign_with_key(config), a_client()
    token = a_link(an_invitation(campaign, another_contact(client)))
    form = FilledForm(some_answers(), True, tokens.make_submission_code())
    thanks = submission.submit_response(token, form, NOW, sealing.seal_bytes)
    answers(campaign, client, 2)
    mailbox.release_answers(campaign, unseal, NOW)
    assert submission.submit_response(token, form, NOW, sealing.seal_bytes) == thanks
    closed(campaign)
    mailbox.release_due_campaigns(NOW, unseal)
    assert submission.submit_response(token, form, NOW, sealing.seal_bytes) == thanks
    assert Response.select().count() == 3


def test_while_answers_wait_the_states_stay(db, config, unseal):
    campaign = campaign_with_key(config)
    answer(campaign, a_client())
    closed(campaign)
    mailbox.release_due_campaigns(NOW, unseal)
    assert CampaignCount.select().count() == 0


def test_the_daily_round_waits_for_colleagues_while_the_campaign_is_open(db, config, unseal):
    campaign = campaign_with_key(config)
    for name in ("华东物流", "城建集团", "第二医院"):
        answer(campaign, a_client(name))
    assert mailbox.release_due_campaigns(NOW, unseal, patient=True) == []
    closed(campaign)
    released = mailbox.release_due_campaigns(NOW, unseal, patient=True)
    assert [(one.number, one.without_client) for one in released] == [(3, 3)]
