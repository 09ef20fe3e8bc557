"""Reminders: after five and ten days, to those who have not answered, and nobody sees who that is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playhouse.migrations import Runner

from csat import clock, database
from csat.models.asking import Attempt, Campaign, CampaignState, Invitation, InvitationState, Link, Naming
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterFile, LetterLink
from csat.models.outbox import MailKind, MailState, MailWording, OptOutLink, OutboxMessage, Why
from csat.models.records import AuditDetail, AuditEntry
from csat.procedure.campaigns import counts
from csat.procedure.core import settings
from csat.procedure.mail import cleanup, invitations, outbox, reminders, sending_rules
from csat.procedure.survey import submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import NOW, ZONE, a_campaign, a_client, a_contact, a_link, an_invitation, some_answers
from tests.mail_server import send_due_mails

DAY = timedelta(days=1)


@pytest.fixture
def go(config):
    """Let the worker send at an instant; the addresses that mails went to."""

    def go(now=NOW, fails=None) -> list[str]:
        with clock.freeze_at(now):
            return sorted(one.to for one in send_due_mails(config, fails))

    return go


def asked(cast, go, people: int = 4, **more) -> list[Invitation]:
    """A campaign whose invitations all went by mail."""
    campaign, client = a_campaign("company", **more), a_client(f"客户{Contact.select().count()}")
    ways = [{"email": f"p{at}@client.example", "telephone": f"1380000000{at}"} for at in range(people)]
    contacts = [a_contact(client, f"联系人{at}", **way) for at, way in enumerate(ways)]
    made = [an_invitation(campaign, contact, state=InvitationState.MADE) for contact in contacts]
    invitations.send_invitations(campaign, None, True, cast.qa, NOW)
    go()
    return made


def answer(invitation: Invitation, anonymous: bool = True) -> None:
    filled = FilledForm(some_answers("company"), anonymous, "", name="" if anonymous else "王")
    submission.submit_response(a_link(invitation), filled, NOW + DAY, lambda key, plain: plain)


def rounds(now) -> int:
    return reminders.queue_reminders(now, ZONE)


@pytest.fixture
def remind(go):
    """Queue the reminders of an instant, and let the worker send them; where they went."""

    def remind(days: int, fails=None) -> list[str]:
        rounds(NOW + days * DAY)
        return go(NOW + days * DAY, fails)

    return remind


def reminded() -> list[OutboxMessage]:
    return list(OutboxMessage.select().where(OutboxMessage.kind == MailKind.REMIND).order_by(OutboxMessage.id))


@pytest.mark.parametrize("naming", list(Naming))
def test_only_who_has_not_answered_is_written_to_after_five_and_ten_days(cast, go, naming, remind):
    first, *_ = asked(cast, go, 3, naming=naming)
    answer(first, anonymous=naming != Naming.NAMED)
    assert rounds(NOW + 5 * DAY - timedelta(seconds=1)) == 0
    assert remind(5) == ["p1@client.example", "p2@client.example"]
    assert rounds(NOW + 9 * DAY) == 0
    assert remind(10) == ["p1@client.example", "p2@client.example"]
    assert rounds(NOW + 20 * DAY) == 0


def test_a_round_queued_twice_is_one_and_after_a_pause_two_do_not_come_at_once(cast, go):
    asked(cast, go)
    assert [rounds(NOW + days * DAY) for days in (12, 12, 13, 17)] == [4, 0, 0, 4]
    assert [row.number for row in reminded()] == [1] * 4 + [2] * 4


def test_the_days_are_settings_and_zero_is_none(cast, go):
    asked(cast, go, 1)
    settings.change_setting("reminder_first", 0, cast.admin, NOW)
    assert [rounds(NOW + days * DAY) for days in (5, 10)] == [0, 1]
    assert reminded()[0].number == reminders.SECOND
    settings.change_setting("reminder_second", 0, cast.admin, NOW)
    asked(cast, go, 1)
    assert rounds(NOW + 20 * DAY) == 0


def test_what_came_back_is_not_reminded_of(cast, go):
    first, _ = asked(cast, go, 2)
    message = OutboxMessage.get(OutboxMessage.invitation == first)
    outbox.record_bounce(message.message_id, "550", NOW)
    assert rounds(NOW + 5 * DAY) == 1


def test_a_campaign_that_is_over_reminds_nobody(cast, go):
    (one,) = asked(cast, go, 1)
    Campaign.update(state=CampaignState.CLOSED).execute()
    assert rounds(NOW + 5 * DAY) == 0
    Campaign.update(state=CampaignState.OPEN).execute()
    rounds(NOW + 5 * DAY)
    Campaign.update(closes_at=NOW + 5 * DAY).execute()
    assert go(NOW + 5 * DAY) == []
    assert reminded()[0].why == Why.OVER


def test_who_opted_out_meanwhile_is_not_reminded_and_the_page_says_why(cast, go):
    first, _ = asked(cast, go, 2)
    rounds(NOW + 5 * DAY)
    Contact.update(opted_out_at=NOW).where(Contact.id == first.contact_id).execute()
    assert go(NOW + 5 * DAY) == ["p1@client.example"]
    (one,) = invitations.list_reminder_rounds(first.campaign)
    assert one.held == ((Why.OPTED_OUT, 1),) and one.gone_through == 1


# --- caps ----------------------------------------------------------------------------------------------


def test_reminders_stop_at_the_contacts_cap_over_90_days(cast, go, remind):
    settings.change_setting("mails_contact", 2, cast.admin, NOW)
    asked(cast, go, 1)
    assert len(remind(5)) == 1
    assert remind(10) == []
    assert (reminded()[1].state, reminded()[1].why) == (MailState.HELD, Why.CONTACT_CAP)


def test_reminders_stop_at_the_clients_cap(cast, go, remind):
    settings.change_setting("mails_client", 5, cast.admin, NOW)
    asked(cast, go, 3)
    assert len(remind(5)) == 2
    assert [row.why for row in reminded()] == [None, None, Why.CLIENT_CAP]


def test_mails_older_than_90_days_count_no_more(cast, go, remind):
    settings.change_setting("mails_contact", 1, cast.admin, NOW)
    asked(cast, go, 1, closes_at=NOW + 200 * DAY)
    OutboxMessage.update(made_at=NOW - sending_rules.CAP_PERIOD).execute()
    assert len(remind(5)) == 1


def test_a_cap_does_not_hold_invitations_back(cast, go):
    settings.change_setting("mails_contact", 1, cast.admin, NOW)
    first, _ = asked(cast, go, 2)
    again = an_invitation(a_campaign("company"), first.contact, state=InvitationState.MADE)
    invitations.queue_invitation(again, cast.qa, NOW)
    assert len(go()) == 1


# --- unseen --------------------------------------------------------------------------------------------


def left_by(invitation: Invitation) -> dict:
    """Everything the store keeps of an invitation, but for its state, and what is different by chance."""
    chance = ("id", "message_id", "purpose", "invitation", "token_hash", "contact")
    kept = {}
    for table, condition in (
        (OutboxMessage, OutboxMessage.invitation == invitation),
        (Link, Link.invitation == invitation),
        (OptOutLink, OptOutLink.contact == invitation.contact_id),
        (Attempt, Attempt.invitation == invitation),
    ):
        rows = table.select().where(condition).order_by(table.id).dicts()
        kept[table.__name__] = [{k: v for k, v in row.items() if k not in chance} for row in rows]
    return kept


@pytest.mark.parametrize("how", ["", "refuse", "later", "after"])
def test_nothing_that_is_kept_tells_who_was_reminded(cast, go, how, remind):
    """Answered or not, and whatever the mail server did to those who were written to: the rows are alike."""
    made = asked(cast, go, 4)
    for one in made[:2]:
        Invitation.update(state=InvitationState.DONE).where(Invitation.id == one.id).execute()
    now = NOW
    for days in (5, 10):
        now = NOW + days * DAY
        went = remind(days, {"p3@client.example": how})
        assert "p2@client.example" in went and "p0@client.example" not in went
        while outbox.select_due_mails(now + DAY):  # what the server does not take for now is given up at last
            now += DAY
            go(now, {"p3@client.example": how})
    go(now)  # and a stale one is looked at
    kept = [left_by(one) for one in made]
    assert len(kept[0]["OutboxMessage"]) == 3 and len(kept[0]["Link"]) == 3
    assert kept[0] == kept[1] == kept[2] == kept[3]


def test_the_order_of_links_does_not_tell_which_reminder_took_several_tries(cast, go, remind):
    made = asked(cast, go, 12)
    remind(5, {"p3@client.example": "later"})
    go(NOW + 5 * DAY + timedelta(minutes=10))
    links = [row.invitation_id for row in Link.select().order_by(Link.id)]
    assert sorted(links) == sorted([one.id for one in made] * 2)
    assert links != [*[one.id for one in made], *[one.id for one in made if one != made[3]], made[3].id]


def test_a_bounced_reminder_is_put_down_only_where_names_are_known(cast, go, remind):
    for naming, state in ((Naming.BOTH, MailState.DONE), (Naming.NAMED, MailState.BACK)):
        (one,) = asked(cast, go, 1, naming=naming)
        remind(5)
        message = OutboxMessage.get(OutboxMessage.invitation == one, OutboxMessage.kind == MailKind.REMIND)
        outbox.record_bounce(message.message_id, "550", NOW + 5 * DAY)
        assert OutboxMessage.get_by_id(message.id).state == state
        assert Invitation.get_by_id(one.id).state == InvitationState.SENT  # the first mail was delivered


def test_the_history_knows_of_a_round_but_not_of_people(cast, go, remind):
    made = asked(cast, go, 3)
    before = AuditEntry.select().count()
    remind(5)
    (entry,) = list(AuditEntry.select().order_by(AuditEntry.id).offset(before).limit(99))
    assert (entry.action, entry.subject) == ("reminders queued", f"campaign:{made[0].campaign_id}")
    assert AuditDetail.select().where(AuditDetail.entry == entry).get().detail == '{"number":3}'


def test_the_list_of_troubles_shows_no_reminder_but_those_held_back(cast, go):
    asked(cast, go, 2)
    rounds(NOW + 5 * DAY)
    OutboxMessage.update(state=MailState.FAIL).where(OutboxMessage.kind == MailKind.REMIND).execute()
    assert not list(invitations.select_mail_troubles(None))


def test_a_named_answer_needs_no_secret_and_no_row(cast, go):
    first, second = asked(cast, go, 2)
    answer(first, anonymous=False)
    assert rounds(NOW + 5 * DAY) == 1
    assert reminded()[0].invitation_id == second.id


def test_reminders_and_digests_are_forgotten_when_they_no_longer_count(cast, go, remind):
    asked(cast, go, 2)
    remind(5)
    assert cleanup.delete_old_mails(NOW + 6 * DAY) == 0
    assert cleanup.delete_old_mails(NOW + 5 * DAY + sending_rules.CAP_PERIOD + DAY) == 2
    assert OutboxMessage.select().where(OutboxMessage.kind == MailKind.ASK).count() == 2


def test_an_answer_that_came_before_the_mail_left_gets_no_mail_and_leaves_the_same_rows(cast, go):
    campaign, client = a_campaign("company"), a_client()
    answered, open_ = (
        an_invitation(campaign, a_contact(client, f"人{at}", email=f"q{at}@client.example"), state=state)
        for at, state in enumerate((InvitationState.DONE, InvitationState.MADE))
    )
    invitations.send_invitations(campaign, None, True, cast.qa, NOW)
    assert go() == ["q1@client.example"]
    assert left_by(answered) == left_by(open_)
    assert counts.count_campaign(campaign).total.delivered == 2


def test_what_the_night_queues_goes_when_the_working_day_begins(cast, go):
    asked(cast, go, 1)
    night = NOW + 6 * DAY - timedelta(hours=8)  # two o'clock in Shanghai
    assert rounds(night) == 1
    assert go(night) == [] and go(night + timedelta(hours=5, minutes=59)) == []
    assert len(go(night + timedelta(hours=6))) == 1


def test_the_whole_round_on_each_engine(engine_db, cast, go, remind):
    settings.change_setting("mails_client", 6, "command:test", NOW)
    first, second, *_ = asked(cast, go, 4)
    Invitation.update(state=InvitationState.DONE).where(Invitation.id == first.id).execute()
    for days in (5, 10):
        remind(days)
    rounds_ = invitations.list_reminder_rounds(second.campaign)
    assert [(one.number, one.gone_through, one.held) for one in rounds_] == [
        (1, 2, ((Why.CLIENT_CAP, 2),)),
        (2, 0, ((Why.CLIENT_CAP, 4),)),
    ]
    assert rounds_[0].day == NOW + 5 * DAY
    cleanup.shuffle_links(second.campaign)
    assert len(invitations.select_mail_troubles(None)) == 6 and not invitations.select_mail_troubles({0}).count()


def test_the_migration_adds_the_tables_beside_what_is_there(engine_db, cast):
    contact = a_contact(a_client())
    invitation = an_invitation(a_campaign("company"), contact, state=InvitationState.MADE)
    database.store.drop_tables([LetterLink, LetterFile, OutboxMessage, Letter, OptOutLink, MailWording])
    database.store.execute_sql("ALTER TABLE report_file DROP COLUMN made_by")
    runner = Runner(database.store.obj, str(database.MIGRATIONS))
    outbox_made_or_widened = ("0002_the_outbox", "0010_letters", "0014_issued_reports")
    runner.History.delete().where(runner.History.name.in_(outbox_made_or_widened)).execute()
    assert tuple(runner.up()) == outbox_made_or_widened
    assert invitations.queue_invitation(Invitation.get_by_id(invitation.id), cast.desk, NOW)
    assert OutboxMessage.get().invitation == invitation
