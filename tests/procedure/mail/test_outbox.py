"""The outbox: one mail for each purpose, or the reason why not; no token or text in the store (P5, F3)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from csat.adapters import bounces
from csat.commands.mail import SendingRound
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.asking import Attempt, AttemptOutcome, Campaign, CampaignState, Invitation, InvitationState, Link
from csat.models.clients import Contact, Incident
from csat.models.outbox import MailState, MailWording, OptOutLink, OutboxMessage, Why, Wording
from csat.models.records import AuditDetail
from csat.procedure.campaigns import counts, desk, invitation_states, invitations
from csat.procedure.clients import opt_out
from csat.procedure.core import tokens
from csat.procedure.core.bilingual import TextTooLong
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import HandlerMayNotRecord, LinkUnknown, OutOfOrder
from csat.procedure.mail import invitations as by_mail
from csat.procedure.mail import outbox, sending_rules, templates
from tests.builders import (
    NOW,
    ZONE,
    a_campaign,
    a_client,
    a_closed_incident,
    a_contact,
    an_incident,
    an_invitation,
    change_stored_contacts,
    hand_over,
)
from tests.mail_server import a_mail_server, mail_config, send_due_mails

E = InvitationState


@pytest.fixture
def send(config):
    """Let the worker send what is due; the mails that arrived."""
    return partial(send_due_mails, config)


def invited(campaign: Campaign | None = None, name: str = "王女士", **contact) -> Invitation:
    details = {"email": f"p{Contact.select().count()}@client.example", **contact}
    person = a_contact(a_client(f"客户{Contact.select().count()}"), name, **details)
    return an_invitation(campaign or a_campaign("company"), person, state=E.MADE)


def sent(invitation: Invitation, cast, send) -> OutboxMessage:
    """The invitation went by mail."""
    by_mail.queue_invitation(invitation, cast.desk, NOW)
    send()
    return OutboxMessage.get(OutboxMessage.invitation == invitation)


def test_an_invitation_is_queued_once(cast):
    invitation = invited()
    assert by_mail.queue_invitation(invitation, cast.desk, NOW)
    assert not by_mail.queue_invitation(invitation, cast.desk, NOW)
    assert OutboxMessage.select().count() == 1


def test_the_store_keeps_neither_token_nor_text_nor_address(cast, send, config):
    by_mail.queue_invitation(invited(), cast.desk, NOW)
    (arrived,) = send()
    token = arrived.text.partition("/s/")[2][: len(tokens.make_token())]
    opting = arrived.mail["List-Unsubscribe"].rpartition("/")[2].rstrip(">")
    assert Link.get().token_hash == tokens.hash_token(token)
    assert OptOutLink.get().token_hash == tokens.hash_token(opting)
    kept = b"".join(path.read_bytes() for path in config.instance.rglob("*") if path.is_file())
    assert token.encode() not in kept and opting.encode() not in kept
    row = repr(list(OutboxMessage.select().tuples())) + repr(list(AuditDetail.select().tuples()))
    assert "client.example" not in row


@pytest.mark.parametrize(
    ("change", "why"),
    [({"email": ""}, Why.NO_ADDRESS), ({"opted_out_at": NOW}, Why.OPTED_OUT), ({"retired_at": NOW}, Why.RETIRED)],
)
def test_what_cannot_go_is_held_back_and_says_why(cast, config, change, why):
    by_mail.queue_invitation(invited(), cast.desk, NOW)
    change_stored_contacts(**change)
    with a_mail_server() as server:
        assert SendingRound(mail_config(config, server)).send().held == 1
    message = OutboxMessage.get()
    assert (message.state, message.why, server.mails) == (MailState.HELD, why, [])
    with pytest.raises(sending_rules.MailHeldBack) as refused:
        outbox.resend_mail(message, cast.desk, NOW)
    assert refused.value.facts["reason"] is why


def test_a_campaign_that_closed_meanwhile_holds_its_mails_back(cast, send):
    by_mail.queue_invitation(invited(), cast.desk, NOW)
    Campaign.update(state=CampaignState.CLOSED).execute()
    assert not send() and OutboxMessage.get().why == Why.OVER


def test_a_withdrawn_invitation_is_not_sent(cast, send):
    invitation = invited()
    by_mail.queue_invitation(invitation, cast.desk, NOW)
    invitations.withdraw_invitation(invitation, cast.desk, NOW)
    assert not send() and OutboxMessage.get().why == Why.ENDED


def test_who_handled_an_incident_does_not_send_its_survey(cast):
    contact = a_contact(a_client())
    incident = an_incident(client=contact.client, assigned_to=cast.desk)
    invitation = an_invitation(a_campaign(), contact, incident=incident, state=E.MADE)
    with pytest.raises(HandlerMayNotRecord):
        by_mail.queue_invitation(invitation, cast.desk, NOW)
    other = an_invitation(invitation.campaign, a_contact(contact.client, "赵先生"), state=E.MADE)
    plan = by_mail.plan_mailing(invitation.campaign, None, True, cast.desk, NOW)
    assert plan.ready == (other,) and plan.left_out == ((invitation, Why.HANDLED),)
    assert by_mail.send_invitations(invitation.campaign, None, True, cast.desk, NOW) == 1  # the others go


def test_a_whole_campaign_goes_and_who_has_no_address_is_told(cast):
    campaign = a_campaign("company")
    for number in range(3):
        invited(campaign, f"联系人{number}", language="en" if number else "zh")
    invited(campaign, "无址", email="")
    plan = by_mail.plan_mailing(campaign, None, True, cast.qa, NOW)
    assert len(plan.ready) == 3 and plan.lacking == 1 and plan.languages == {"zh": 1, "en": 2}
    assert sum(number for number, _ in plan.promises) == 3
    assert not by_mail.plan_mailing(campaign, None, False, cast.qa, NOW).ready  # nobody's channel is mail yet
    assert by_mail.send_invitations(campaign, None, True, cast.qa, NOW) == 3
    assert not by_mail.plan_mailing(campaign, None, True, cast.qa, NOW).ready
    with pytest.raises(by_mail.NobodyToMail):
        by_mail.send_invitations(campaign, None, True, cast.qa, NOW)


def test_a_manager_sends_to_their_own_clients_only(cast):
    campaign = a_campaign("company")
    mine, other = invited(campaign), invited(campaign)
    plan = by_mail.plan_mailing(campaign, {mine.client_id}, True, cast.manager, NOW)
    assert list(plan.ready) == [mine] and other not in plan.ready


# --- what comes back -----------------------------------------------------------------------------------


def a_bounce(message: OutboxMessage, action: str = "failed", status: str = "5.1.1") -> bytes:
    """What a mail server writes when it cannot deliver."""
    return f"""From: MAILER-DAEMON@mx.client.example
To: survey+{message.message_id}@us.example
Subject: Undelivered mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.client.example

Final-Recipient: rfc822; p0@client.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 <p0@client.example> is unknown

--x--
""".encode()


def test_a_bounce_makes_the_invitation_undelivered_and_says_why(cast, send, zone):
    invitation = invited()
    message = sent(invitation, cast, send)
    before = compute_quarter_figures(Quarter(2026, 3), NOW, zone, Audience.RESPONSE_READERS).asked
    assert before.delivered == 1
    bounce = bounces.parse_bounce(a_bounce(message))
    assert bounce.for_good and "550" in bounce.answer and "client.example" not in bounce.answer
    assert outbox.record_bounce(bounce.message_id, bounce.answer, NOW)
    assert not outbox.record_bounce(bounce.message_id, bounce.answer, NOW)  # the same bounce again
    assert OutboxMessage.get().state == MailState.BACK
    assert Invitation.get().state == E.MADE
    assert counts.count_campaign(invitation.campaign).total.delivered == 0
    assert compute_quarter_figures(Quarter(2026, 3), NOW, zone, Audience.RESPONSE_READERS).asked.delivered == 0
    assert invitation_states.shown_state(invitation) == E.MADE


def test_a_bounce_leaves_delivered_what_was_handed_over_in_another_way(cast, send):
    invitation = invited()
    message = sent(invitation, cast, send)
    hand_over(invitation, cast.desk, NOW + timedelta(hours=1))
    outbox.record_bounce(message.message_id, "550", NOW + timedelta(hours=2))
    assert Invitation.get().state == E.SENT
    assert counts.count_campaign(invitation.campaign).total.delivered == 1


def test_a_bounce_brings_the_incident_back_to_the_desk(cast, send):
    contact = a_contact(a_client())
    incident = a_closed_incident("INC1", 0, contact, ZONE)
    invitation = an_invitation(a_campaign(), contact, incident=incident, state=E.MADE)
    message = sent(invitation, cast, send)
    assert Incident.get().surveyed_at == NOW
    outbox.record_bounce(message.message_id, "550", NOW)
    assert Incident.get().surveyed_at is None
    assert desk.list_due_incidents(NOW, ZONE).count() == 1


def test_a_delay_and_a_note_of_absence_are_no_bounces(cast, send):
    message = sent(invited(), cast, send)
    assert not bounces.parse_bounce(a_bounce(message, "delayed", "4.4.1")).for_good
    absent = f"To: survey+{message.message_id}@us.example\nAuto-Submitted: auto-replied\n\nI am away. 5.1.1\n"
    assert bounces.parse_bounce(absent.encode()) is None
    assert bounces.parse_bounce(b"\xff\x00 nonsense") is None
    assert bounces.parse_bounce(b"To: someone@us.example\n\nhello") is None


def test_nobody_can_invent_a_bounce_by_counting(cast, send):
    sent(invited(), cast, send)
    assert not outbox.record_bounce("a" * 24, "550", NOW)


def test_after_a_bounce_the_corrected_address_gets_a_new_mail(cast, send):
    invitation = invited()
    first = sent(invitation, cast, send).message_id
    outbox.record_bounce(first, "550", NOW)
    change_stored_contacts(email="right@client.example")
    assert by_mail.queue_invitation(Invitation.get(), cast.desk, NOW)
    assert send()[0].to == "right@client.example"
    assert OutboxMessage.get().message_id != first
    assert Attempt.select().where(Attempt.outcome == AttemptOutcome.HANDED_OVER).count() == 2
    assert counts.count_campaign(invitation.campaign).total.delivered == 1


def test_a_mail_that_went_is_not_sent_again_by_a_second_click(cast, send):
    message = sent(invited(), cast, send)
    for verb in (outbox.resend_mail, outbox.count_as_sent):
        with pytest.raises(OutOfOrder):
            verb(message, cast.desk, NOW)


# --- opting out ----------------------------------------------------------------------------------------


def test_opting_out_works_with_its_own_link_only_and_back(cast):
    contact = a_contact(a_client())
    token = opt_out.make_opt_out_link(contact)
    opt_out.opt_out_contact(token, NOW)
    opt_out.opt_out_contact(token, NOW + timedelta(days=1))  # harmless
    assert Contact.get().opted_out_at == NOW
    opt_out.opt_in_contact(token, NOW)
    assert Contact.get().opted_out_at is None
    for other in (tokens.make_token(), "short", ""):
        with pytest.raises(LinkUnknown):
            opt_out.opt_out_contact(other, NOW)


def test_opting_out_holds_for_all_that_count_as_the_same_contact(cast):
    root = a_contact(a_client())
    twin = a_contact(root.client, counts_as=root)
    opt_out.opt_out_contact(opt_out.make_opt_out_link(twin), NOW)
    assert [one.opted_out_at for one in Contact.select()] == [NOW, NOW]


# --- words ---------------------------------------------------------------------------------------------


def test_the_words_that_ship_are_whole():
    for wording in Wording:
        words = templates.load_shipped_template(wording)
        templates.check_template(wording, words.subject, words.body)


@pytest.mark.parametrize(
    ("field", "text", "refusal"),
    [
        ("body", "{link} {promise} {nothing}", templates.PlaceholderUnknown),
        ("body", "{link.__class__} {promise}", templates.PlaceholderUnknown),
        ("body", "{link}", templates.PlaceholderMissing),
        ("body", "{link} {promise} {", templates.BraceUnmatched),
        ("subject", "{promise}", templates.PlaceholderUnknown),
        ("subject", "x" * 151, TextTooLong),
    ],
)
def test_words_with_wrong_blanks_are_refused_at_their_field(cast, field, text, refusal):
    good = {"subject": "S", "body": "{link} {promise}"}
    both = [{"zh": {**good, field: text}[part], "en": good[part]} for part in good]
    with pytest.raises(refusal) as refused:
        templates.change_template(Wording.INVITATION, *both, cast.qa, NOW)
    assert refused.value.field == f"{field}_zh"
    assert not MailWording.select().exists()


def test_words_of_qa_stand_in_the_mail_and_can_be_taken_back(cast, send):
    same = {"zh": "请说说 {name}", "en": "Tell us {name}"}
    body = {"zh": "你好\n\n{link}\n\n{promise}", "en": "Hello\n\n{link}\n\n{promise}"}
    templates.change_template(Wording.INVITATION, same, body, cast.qa, NOW)
    invitation = invited(name="<b>{link}</b>", language="en")
    by_mail.queue_invitation(invitation, cast.desk, NOW)
    (arrived,) = send()
    assert arrived.mail["Subject"] == "Tell us <b>{link}</b>"  # a brace in a name is no blank
    assert arrived.text.startswith("Hello") and "<b>" not in arrived.html
    templates.restore_template(Wording.INVITATION, cast.qa, NOW)
    assert templates.find_template(Wording.INVITATION).shipped


def test_a_mail_has_the_contacts_language_and_can_be_opted_out_of_by_one_click(cast, send):
    campaign = a_campaign("company")
    for name, language in (("王女士", "zh"), ("Ms Lee", "en")):
        by_mail.queue_invitation(invited(campaign, name, language=language), cast.desk, NOW)
    chinese, english = send()
    assert chinese.mail["Content-Language"] == "zh-Hans" and "您好" in chinese.text
    assert english.mail["Content-Language"] == "en" and "Dear Ms Lee" in english.text
    assert english.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/mail/" in english.text and "/mail/" in english.html
    assert "we do not keep who gave which answer" in english.text  # the form's own promise
    assert english.mail["From"].addresses[0].addr_spec == "survey@us.example"
