"""Mail servers that fail, each in its way: nothing is lost, or goes twice without a person's word."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from csat import clock
from csat.adapters import mail as adapter
from csat.adapters.mail import MailServer
from csat.commands.mail import SendingAlready, SendingRound
from csat.database import only_one
from csat.models.asking import Attempt, AttemptOutcome, Channel, Invitation, InvitationState, Naming
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.procedure.mail import invitations, outbox
from tests.builders import NOW, a_campaign, a_client, a_contact, a_person, an_invitation
from tests.mail_server import KNOWN, Post, a_certificate, a_mail_server, knows_us, mail_config

TO = "wang@client.example"
pytestmark = pytest.mark.fault


@pytest.fixture
def sender(db):
    return a_person("苏岚")


@pytest.fixture
def asked(sender) -> None:
    """A contact's invitation waits to go by mail."""
    campaign, contact = a_campaign("company", naming=Naming.NAMED), a_contact(a_client())
    invitation = an_invitation(campaign, contact, state=InvitationState.MADE, channel=Channel.EMAIL)
    invitations.queue_invitation(invitation, sender, NOW)


@pytest.fixture
def send(config, server):
    """One round of the worker through the server."""
    return lambda: SendingRound(mail_config(config, server)).send()


def queue_some(number: int, sender) -> None:
    """Invitations to p0@client.example and so on."""
    campaign, client = a_campaign("company"), a_client()
    for at in range(number):
        contact = a_contact(client, f"联系人{at}", email=f"p{at}@client.example")
        invitations.queue_invitation(an_invitation(campaign, contact, state=InvitationState.MADE), sender, NOW)


def the_mail() -> OutboxMessage:
    return OutboxMessage.get()


def test_a_mail_arrives_and_the_invitation_is_handed_over_by_who_sent_it(asked, sender, server, send):
    assert send().gone == 1
    (arrived,) = server.mails
    assert arrived.to == TO and "/s/" in arrived.text and "/s/" in arrived.html
    assert arrived.back_to == f"survey+{the_mail().message_id}@us.example"
    assert arrived.mail["Message-ID"] == f"<{the_mail().message_id}@us.example>"
    assert the_mail().state == MailState.DONE
    attempt = Attempt.get()
    assert (attempt.outcome, attempt.by, attempt.at) == (AttemptOutcome.HANDED_OVER, sender, NOW)
    assert Invitation.get().state == InvitationState.SENT


@pytest.mark.parametrize("how", ["middle", "lost", "after"])
def test_a_connection_that_breaks_at_the_mail_never_makes_two_of_it(asked, sender, how, server, send):
    server.fails["*"] = how
    send()
    server.fails.clear()
    first = len(server.mails)
    state = the_mail().state
    assert state in ((MailState.TORN, MailState.WAIT) if how == "middle" else (MailState.TORN,))
    if state == MailState.TORN:
        assert send().gone == 0 and len(server.mails) == first
        assert Invitation.get().state == InvitationState.MADE
        outbox.resend_mail(the_mail(), sender, NOW)
    with clock.freeze_at(NOW + timedelta(hours=1)):
        assert send().gone == 1
    assert len({one.mail["Message-ID"] for one in server.mails}) == 1  # a mailbox can tell the copy
    assert the_mail().state == MailState.DONE


def test_an_unclear_mail_can_count_as_sent(asked, sender, server, send):
    server.fails["*"] = "after"
    assert send().unclear == 1
    outbox.count_as_sent(the_mail(), sender, NOW)
    assert Invitation.get().state == InvitationState.SENT and the_mail().state == MailState.DONE


def test_what_a_dead_sender_was_sending_is_unclear(asked, sender, server, send):
    outbox.claim_next_mail(NOW)  # and here the machine loses its power
    done = send()
    assert done.unclear == 1 and not server.mails and the_mail().state == MailState.TORN


@pytest.mark.parametrize(("how", "why"), [("refuse", "550"), ("spam", "554")])
def test_what_is_refused_for_good_is_not_tried_again_and_says_why(asked, sender, how, why, server, send):
    server.fails[TO] = how
    assert send().refused == 1
    assert send().gone == 0
    known = the_mail()
    assert (known.state, known.why) == (MailState.FAIL, Why.REFUSED)
    assert why in known.answer and TO not in known.answer  # no address in what is kept
    assert Invitation.get().state == InvitationState.MADE and not Attempt.select().exists()


def test_what_is_not_taken_for_now_is_tried_again_and_given_up_at_last(asked, sender, server, send):
    server.fails[TO] = "later"
    now = NOW
    for _ in range(len(outbox.RETRY_PAUSES)):
        with clock.freeze_at(now):
            assert send().waiting == 1
            assert send().waiting == 0  # its time has not come
        assert (the_mail().state, the_mail().why) == (MailState.WAIT, Why.LATER)
        now = the_mail().next_at
    with clock.freeze_at(now):
        assert send().refused == 0
    assert the_mail().state == MailState.FAIL


def test_greylisting_lets_the_second_try_through(asked, sender, server, send):
    server.fails[TO] = "later"
    send()
    server.fails.clear()
    with clock.freeze_at(NOW + timedelta(minutes=6)):
        assert send().gone == 1


def test_one_bad_recipient_does_not_stop_the_others(sender, server, send):
    queue_some(3, sender)
    server.fails["p1@client.example"] = "refuse"
    done = send()
    assert (done.gone, done.refused) == (2, 1)
    assert [one.to for one in server.mails] == ["p0@client.example", "p2@client.example"]


def test_a_server_that_ends_the_connection_between_mails_is_called_once_more(sender, server, send):
    queue_some(2, sender)
    server.fails["p1@client.example"] = "shut"
    done = send()
    assert server.tries.count("p1@client.example") == 2
    assert (done.gone, done.waiting) == (1, 1)


def test_an_unknown_host_keeps_everything_waiting_and_is_asked_once(config, sender):
    queue_some(3, sender)
    done = SendingRound(mail_config(config, Post("smtp://mail.invalid:25"))).send()
    assert done.waiting == 1 and done.trouble
    assert {row.state for row in OutboxMessage.select()} == {MailState.WAIT}
    assert not outbox.select_due_mails(NOW) and outbox.select_due_mails(NOW + timedelta(minutes=5))
    assert {row.why for row in OutboxMessage.select()} == {Why.NO_SERVER}


def test_without_a_mail_server_what_is_queued_is_held_back_and_says_so(config, asked):
    assert SendingRound(config).send().held == 1
    assert (the_mail().state, the_mail().why) == (MailState.HELD, Why.NO_MAIL)


def test_two_senders_at_once_are_one(config, asked):
    with only_one("mail"), pytest.raises(SendingAlready):
        SendingRound(config).send()
    assert the_mail().state == MailState.WAIT


# --- encryption and sign-in ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return a_certificate(tmp_path_factory.mktemp("certificate"))


def test_a_server_that_demands_tls_and_a_sign_in_gets_both(certificate):
    shown, trusted = certificate
    options = {"tls_context": shown, "require_starttls": True, "auth_required": True, "authenticator": knows_us}
    with a_mail_server(**options) as server:
        port = server.url.rpartition(":")[2]
        user, word = KNOWN[0], KNOWN[1].replace(" ", "%20")
        with MailServer(f"smtp://{user}:{word}@localhost:{port}", trusted) as line:
            line.send(b"Subject: x\r\n\r\n.dot\r\n", "survey@us.example", TO)
        with MailServer(f"smtp://{user}:wrong@localhost:{port}", trusted) as line, pytest.raises(adapter.SignInRefused):
            line.send(b"Subject: x\r\n\r\nx\r\n", "survey@us.example", TO)
    assert server.mails[0].mail.get_content().strip() == ".dot"


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(certificate):
    shown, _ = certificate
    refused = pytest.raises(adapter.EncryptionMissing)
    with a_mail_server(tls_context=shown) as server, MailServer(server.url) as line, refused:
        line.send(b"Subject: x\r\n\r\nx\r\n", "survey@us.example", TO)
    assert not server.mails


def test_beyond_this_machine_nothing_travels_in_the_clear(monkeypatch):
    monkeypatch.setattr(adapter, "OURSELVES", ())
    with a_mail_server() as server:
        with MailServer(server.url) as line, pytest.raises(adapter.EncryptionMissing):
            line.send(b"Subject: x\r\n\r\nx\r\n", "survey@us.example", TO)
        with MailServer(f"{server.url}?tls=none") as line:  # a relay in one's own network, on purpose
            line.send(b"Subject: x\r\n\r\nx\r\n", "survey@us.example", TO)
    assert len(server.mails) == 1


def test_a_port_where_nobody_listens_is_no_server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with MailServer(f"smtp://127.0.0.1:{port}") as line, pytest.raises(adapter.ServerUnreachable):
        line.send(b"Subject: x\r\n\r\nx\r\n", "survey@us.example", TO)


def test_an_address_that_no_server_takes_is_refused_not_tried_for_ever():
    with a_mail_server() as server, MailServer(server.url) as line, pytest.raises(adapter.PermanentlyRefused):
        line.send(b"Subject: x\r\n\r\nx\r\n", "survey@us.example", "王@client.example")
