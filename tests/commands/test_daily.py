"""The daily round and the mail commands: safe to run twice, one failing step stops no other."""

from __future__ import annotations

import mailbox
from datetime import timedelta

import pytest

from csat import clock, database
from csat.commands import daily
from csat.commands import mail as commands
from csat.models.asking import Campaign, CampaignState, Channel, Invitation, InvitationState, Naming
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.models.work import Job
from csat.procedure.core.refusals import StillSealed
from csat.procedure.mail import invitations, outbox
from tests.builders import NOW, a_campaign, a_client, a_contact, a_person, an_account, an_incident, an_invitation
from tests.cast import a_cast
from tests.procedure.mail.test_outbox import a_bounce

DAY = timedelta(days=1)


@pytest.fixture
def asked(db) -> Invitation:
    """A contact to whom the invitation went by mail."""
    invitation = an_invitation(
        a_campaign("company", naming=Naming.NAMED),
        a_contact(a_client()),
        state=InvitationState.MADE,
        channel=Channel.EMAIL,
    )
    invitations.queue_invitation(invitation, a_person("苏岚"), NOW)
    return invitation


def test_the_round_says_what_each_step_came_to_and_a_second_one_finds_nothing(run, server, asked):
    cast = a_cast()
    an_account(cast.desk)
    an_incident(first_closed_at=NOW, survey_due_at=NOW + 2 * DAY, quarter=20263)
    run("mail", "send", server=server)
    with clock.freeze_at(NOW + 5 * DAY):
        first = run("daily", server=server)
        assert first.exit_code == 0, first.output
        assert "1 reminders queued." in first.output and "1 digests queued." in first.output
        assert "2 mails are due" in first.output
        second = run("daily", server=server)
        assert "0 reminders queued." in second.output and "0 digests queued." in second.output
        assert run("mail", "send", server=server).output.startswith("2 mails gone through")
    assert [one.to for one in server.mails].count("wang@client.example") == 2
    assert Job.select().where(Job.kind == "send_mail").count() == 1  # asked for once


def test_expiry_comes_before_reminders(run, server, asked):
    run("mail", "send", server=server)
    Campaign.update(closes_at=NOW + 5 * DAY).execute()
    with clock.freeze_at(NOW + 5 * DAY):
        done = run("daily", server=server)
    assert "1 campaigns closed." in done.output and "0 reminders queued." in done.output
    assert Campaign.get().state == CampaignState.CLOSED


def test_a_step_that_fails_is_one_line_and_stops_no_other(run, monkeypatch):
    def open_answers(config, now):
        raise StillSealed(k=3)

    def queue_digests(config, now):
        raise ZeroDivisionError("王女士 wang@client.example")

    steps = [
        {"open_answers": open_answers, "queue_digests": queue_digests}.get(one.__name__, one) for one in daily.STEPS
    ]
    monkeypatch.setattr(daily, "STEPS", tuple(steps))
    done = run("daily")
    assert done.exit_code == 1
    lines = [line for line in done.stderr.splitlines() if "failed" in line]
    assert lines == [
        "open answers failed: Fewer than 3 anonymous answers wait, so they stay sealed.",
        "queue digests failed: ZeroDivisionError; the log has more",
    ]
    assert "campaigns closed." in done.stdout and "mails are due" in done.stdout


def test_two_rounds_at_once_are_one(run):
    with database.only_one("daily"):
        done = run("daily")
    assert (done.exit_code, done.stdout) == (0, "The daily round is running already.\n")


def test_without_mail_the_round_does_the_rest_and_holds_back_what_it_cannot_send(run, asked):
    done = run("daily")
    assert done.exit_code == 0 and "No reminders: mail is not set up." in done.output
    sent = run("mail", "send")
    assert sent.exit_code == 1 and "CSAT_SMTP_URL" in sent.stderr
    assert OutboxMessage.get().why == Why.NO_MAIL


def test_an_unknown_host_is_one_clear_line(run, asked, monkeypatch):
    monkeypatch.setenv("CSAT_SMTP_URL", "smtp://mail.invalid")
    monkeypatch.setenv("CSAT_MAIL_FROM", "survey@us.example")
    done = run("mail", "send")
    assert done.exit_code == 1 and done.stderr.startswith("The mail server could not be reached.")
    assert "(mail.invalid: " in done.stderr and "Errno" not in done.stderr
    assert len(done.stderr.splitlines()) == 1 and OutboxMessage.get().state == MailState.WAIT


def test_a_wrong_address_of_the_mail_server_is_said_without_its_password(run, monkeypatch):
    monkeypatch.setenv("CSAT_SMTP_URL", "smtp://user:a secret@:25")
    done = run("mail", "send")
    assert done.exit_code == 1 and "CSAT_SMTP_URL" in done.stderr and "secret" not in done.output


def test_bounces_are_taken_in_from_a_maildir_an_mbox_a_file_and_a_pipe(run, server, asked, tmp_path):
    run("mail", "send", server=server)
    bounce = a_bounce(OutboxMessage.get())
    folder = mailbox.Maildir(tmp_path / "maildir")
    folder.add(bounce)
    folder.add(b"Subject: hello\n\nno bounce\n")
    folder.close()
    box = mailbox.mbox(tmp_path / "box")
    box.add(bounce)
    box.close()
    (tmp_path / "one").write_bytes(bounce)
    first = run("mail", "bounces", tmp_path / "maildir")
    assert "1 bounces taken in, 0 were known, 1 mails were no bounces for good." in first.output
    assert OutboxMessage.get().state == MailState.BACK and Invitation.get().state == InvitationState.MADE
    again = run("mail", "bounces", tmp_path / "box", tmp_path / "one")
    assert "0 bounces taken in, 2 were known" in again.output
    assert "1 were known" in run("mail", "bounces", input=bounce).output
    run("mail", "bounces", "--remove", tmp_path / "maildir")
    assert not list((tmp_path / "maildir" / "new").iterdir())


def test_neither_output_nor_log_holds_an_address_or_a_text(run, server, asked, caplog, monkeypatch):
    server.fails["*"] = "refuse"
    done = run("mail", "send", server=server)
    assert "client.example" not in done.output + caplog.text

    def broken(*given):
        raise ValueError("wang@client.example")

    monkeypatch.setattr(commands.documents, "write_mail", broken)
    outbox.resend_mail(OutboxMessage.get(), a_person("乔安"), NOW)
    done = run("mail", "send", server=server)
    assert OutboxMessage.get().why == Why.BROKEN
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith("csat"))
    assert "client.example" not in done.output + ours


def test_an_idle_worker_sends_what_is_due(run, server, asked):
    outbox.wake_sender(NOW)
    outbox.wake_sender(NOW)
    assert Job.select().count() == 1
    with database.only_one("mail"):  # somebody sends already
        Job.delete().execute()
        outbox.wake_sender(NOW)
    assert not Job.select().exists()
    assert OutboxMessage.select().where(OutboxMessage.kind == MailKind.ASK).count() == 1
