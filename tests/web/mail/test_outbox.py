"""Mail on the pages: sending a campaign, what came back, QA's words, and opting out without signing in."""

from __future__ import annotations

import dataclasses

import pytest

from csat.commands.mail import SendingRound
from csat.models.asking import Channel, Invitation, InvitationState
from csat.models.clients import Contact, Incident
from csat.models.outbox import MailState, MailWording, OptOutLink, OutboxMessage
from csat.models.records import AuditEntry
from csat.models.work import Job
from csat.procedure.clients import opt_out
from csat.procedure.core import audit, jobs, tokens
from csat.procedure.mail import outbox
from tests.builders import NOW, ZONE, a_campaign, a_client, a_closed_incident, a_contact, an_invitation


@pytest.fixture
def campaign(cast):
    made, client = a_campaign("company"), a_client(manager=cast.manager)
    for at, language in enumerate(("zh", "zh", "en")):
        contact = a_contact(client, f"联系人{at}", email=f"p{at}@client.example", language=language)
        an_invitation(made, contact, state=InvitationState.MADE)
    nobody = a_contact(client, "无址", email="")
    an_invitation(made, nobody, state=InvitationState.MADE)
    return made


def work(app) -> None:
    """The worker does what it was asked for."""
    SendingRound(app.config["CSAT"]).send()


@pytest.fixture
def run_job(app, page, cast, campaign, monkeypatch):
    """Ask for mail to everybody, and let the worker do it as a job; the job's page."""

    def run_job():
        page.sign_in_as(cast.qa).post(f"/campaigns/{campaign.id}/mail", {"whom": "all"})
        monkeypatch.setattr("csat.commands.mail.load_config", lambda: app.config["CSAT"])
        jobs.run_waiting_jobs()
        return page.get(f"/jobs/{Job.get().id}")

    return run_job


def test_a_campaign_goes_out_by_mail_after_saying_what_it_means(app, page, cast, campaign, server):
    page.sign_in_as(cast.manager).get(f"/campaigns/{campaign.id}")
    page.follow("Send by e-mail")
    assert "3 mails" in page.text and "in English 1, in Chinese 2" in page.text
    assert "1 has no e-mail address" in page.text and "无址" in page.text
    assert "survey@us.example" in page.text
    assert "we do not keep who gave which answer" in page.text  # what they are promised
    assert not OutboxMessage.select().exists()  # looking sends nothing
    page.fill("Send now")
    assert page.path.startswith("/jobs/") and page.heading == "Mail is being sent"
    assert Job.get().kind == "send_mail" and Job.get().asked_by == cast.manager
    work(app)
    assert sorted(one.to for one in server.mails) == [f"p{at}@client.example" for at in range(3)]
    page.get(f"/campaigns/{campaign.id}")
    assert page.text.count("E-mail: Sent") == 3 and page.text.count("Handed over") >= 3
    link = server.mails[0].text.partition("http://localhost")[2].split()[0]
    page.sign_out().get(link)
    assert Invitation.select().where(Invitation.channel == Channel.EMAIL).count() == 3


def test_without_a_mail_server_the_page_says_what_to_do(page, cast, campaign):
    page.sign_in_as(cast.qa).get(f"/campaigns/{campaign.id}/mail")
    assert "No mail server is set up" in page.text and "CSAT_SMTP_URL" in page.text
    assert "Send now" not in page.text
    page.post(f"/campaigns/{campaign.id}/mail", {"whom": "all"})
    assert not OutboxMessage.select().exists()
    invitation = Invitation.get()
    page.post(f"/campaigns/invitations/{invitation.id}/mail", status=409)
    assert "No mail server is set up" in page.text


def test_a_campaign_with_nobody_left_says_so(page, cast, server):
    empty = a_campaign("company")
    page.sign_in_as(cast.qa).get(f"/campaigns/{empty.id}/mail")
    assert "Nobody is left to be written to" in page.text
    page.post(f"/campaigns/{empty.id}/mail", {"whom": "all"})
    assert "Nobody is left to be written to" in page.text and not Job.select().exists()


def test_one_contact_by_mail_and_the_channel_of_another(app, page, cast, campaign, server):
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}")
    first, second = Invitation.select().order_by(Invitation.id).limit(2)
    page.post(f"/campaigns/invitations/{first.id}/mail")
    assert "The mail is queued." in page.text and "E-mail: Queued" in page.text
    page.post(f"/campaigns/invitations/{second.id}/channel", {"channel": "slip"})
    assert Invitation.get_by_id(second.id).channel == Channel.SLIP
    page.post(f"/campaigns/invitations/{second.id}/channel", {"channel": "pigeon"}, status=404)
    work(app)
    page.post(f"/campaigns/invitations/{first.id}/channel", {"channel": "slip"}, status=409)
    assert "delivered already" in page.text


def test_a_contact_without_an_address_is_refused_with_the_reason(page, cast, campaign, server):
    nobody = Invitation.get(Invitation.contact == Contact.get(Contact.email == ""))
    page.sign_in_as(cast.desk).post(f"/campaigns/invitations/{nobody.id}/mail", status=409)
    assert "This mail cannot be sent now: There is no e-mail address." in page.text


def test_a_manager_sends_and_sees_mails_of_their_own_clients_only(page, cast, campaign, server):
    other = an_invitation(campaign, a_contact(a_client("城建集团")), state=InvitationState.MADE)
    page.sign_in_as(cast.manager).post(f"/campaigns/invitations/{other.id}/mail", status=404)
    page.post(f"/campaigns/{campaign.id}/mail", {"whom": "all"})
    assert OutboxMessage.select().count() == 3
    outbox.queue_mail("ask", "ask:other", NOW, invitation=other)
    OutboxMessage.update(state=MailState.FAIL).execute()
    page.get("/campaigns/mail")
    assert "联系人0" in page.text and "王女士" not in page.text
    key = OutboxMessage.get(OutboxMessage.purpose == "ask:other").id
    page.post(f"/campaigns/mail/{key}/again", status=404)


def test_what_is_refused_and_what_comes_back_shows_with_its_reason(app, page, cast, campaign, server):
    server.fails["p0@client.example"] = "refuse"
    page.sign_in_as(cast.qa).post(f"/campaigns/{campaign.id}/mail", {"whom": "all"})
    work(app)
    came_back = OutboxMessage.get(OutboxMessage.state == MailState.DONE)
    outbox.record_bounce(came_back.message_id, "5.1.1 unknown", NOW)
    page.get(f"/campaigns/{campaign.id}")
    assert "E-mail: Not accepted. The mail server refused it." in page.text and "550" in page.text
    assert "E-mail: Came back. It came back undelivered. (5.1.1 unknown)" in page.text
    page.get("/campaigns/mail")
    assert "Not accepted" in page.text and "Came back" in page.text
    assert "p0@client.example" not in page.html  # addresses stay masked
    page.get("/campaigns/mail?state=back")
    assert "550" not in page.text


@pytest.mark.parametrize(
    ("how", "decision", "said"),
    [("after", "Count as sent", "The mail counts as sent."), ("lost", "Send again", "The mail is queued again.")],
)
def test_an_unclear_mail_waits_for_a_person(app, page, cast, campaign, server, how, decision, said):
    server.fails["p0@client.example"] = how
    page.sign_in_as(cast.qa).post(f"/campaigns/{campaign.id}/mail", {"whom": "all"})
    work(app)
    page.get("/campaigns/mail")
    assert "Unclear" in page.text and "nobody knows whether it arrived" in page.text
    server.fails.clear()
    page.fill(decision)
    assert said in page.text
    work(app)
    assert [one.to for one in server.mails].count("p0@client.example") == 1
    assert "Nothing is to be done here" in page.get("/campaigns/mail").text
    assert OutboxMessage.select().where(OutboxMessage.state == MailState.DONE).count() == 3


# --- the words -----------------------------------------------------------------------------------------


def test_qa_changes_the_words_after_a_look(page, cast):
    page.sign_in_as(cast.qa).get("/campaigns/mail-wording")
    page.follow("Invitation to a campaign")
    body = "Hello {name}!\n\n{link}\n\n{promise}"
    page.fill("do=look", subject_en="How are we doing, {name}?", body_en=body)
    assert "How are we doing, Ms Wang?" in page.text and not MailWording.select().exists()
    page.fill("do=keep")
    assert "Saved." in page.text and "our own" in page.text
    page.follow("Invitation to a campaign")
    assert page.value("body_en") == body or page.value("body_en").replace("\r\n", "\n") == body
    page.follow("Back to what ships")
    page.fill("Take the words that ship")
    assert not MailWording.select().exists()


def test_a_wrong_blank_is_said_beside_its_field_and_nothing_typed_is_lost(page, cast):
    page.sign_in_as(cast.qa).get("/campaigns/mail-wording/reminder")
    page.fill("do=keep", body_en="Hello {nmae}, {link} {promise}")
    assert page.errors == ["{nmae} is none of the blanks of this mail. Please take one from the list."]
    assert page.value("body_en") == "Hello {nmae}, {link} {promise}"


# --- opting out ----------------------------------------------------------------------------------------


def test_looking_at_the_link_changes_nothing_and_a_button_does(page, cast):
    token = opt_out.make_opt_out_link(a_contact(a_client(), language="en"))
    page.get(f"/mail/{token}")
    assert "w***@client.example" in page.text and "Set-Cookie" not in page.headers
    assert Contact.get().opted_out_at is None
    page.fill("No more surveys, please")
    assert page.heading == "You get no surveys from us" and Contact.get().opted_out_at == NOW
    page.fill("You may ask me again")
    assert "You may be asked again." in page.text and Contact.get().opted_out_at is None
    opted = AuditEntry.select().where(AuditEntry.action.startswith("contact opted"))
    assert [row.actor for row in opted] == ["contact", "contact"]
    assert audit.find_first_broken_entry() is None


def test_a_mail_programs_own_button_opts_out_with_one_click(page, cast):
    token = opt_out.make_opt_out_link(a_contact(a_client()))
    page.post(f"/mail/{token}", {"List-Unsubscribe": "One-Click"}, token=False)
    assert Contact.get().opted_out_at == NOW


def test_it_speaks_the_contacts_language_and_can_be_switched(page, cast):
    token = opt_out.make_opt_out_link(a_contact(a_client(), language="en"))
    page.sign_out().get(f"/mail/{token}", headers={"Accept-Language": "zh"})
    assert "Surveys by e-mail" in page.text
    page.get(f"/mail/{token}?lang=zh")
    assert 'lang="zh-Hans"' in page.html


def test_other_tokens_get_one_page(page, cast):
    contact = a_contact(a_client())
    invitation = an_invitation(a_campaign(), contact)
    for token in (tokens.make_token(), "short", f"{invitation.id}"):
        page.get(f"/mail/{token}", 404)
        page.post(f"/mail/{token}", {"do": "out"}, status=404, token=False)
    assert not OptOutLink.select().exists() and Contact.get().opted_out_at is None
    page.get(f"/s/{opt_out.make_opt_out_link(contact)}", 404)  # nor does such a link open a survey


def test_a_desk_agent_sends_an_incidents_survey_by_mail(app, page, cast, server):
    incident = a_closed_incident("INC1", 0, a_contact(a_client()), ZONE)
    page.sign_in_as(cast.desk).get(f"/desk/{incident.id}")
    page.fill("Send the link by e-mail")
    assert page.path == f"/desk/{incident.id}" and "E-mail: Queued" in page.text
    assert Incident.get().surveyed_at is None  # not before the server took it
    work(app)
    (arrived,) = server.mails
    assert "INC1" in arrived.mail["Subject"] and Incident.get().surveyed_at == NOW
    page.get(f"/desk/{incident.id}")
    assert "This incident is surveyed." in page.text


def test_who_handled_the_incident_cannot_send_its_survey(page, cast, server):
    incident = a_closed_incident("INC1", 0, a_contact(a_client()), ZONE, resolved_by=cast.desk)
    page.sign_in_as(cast.desk).post(f"/campaigns/mail/incident/{incident.id}", status=403)
    assert "You handled this incident" in page.text and not OutboxMessage.select().exists()


def test_the_worker_sends_when_asked(server, run_job):
    page = run_job()
    assert "Done" in page.text and len(server.mails) == 3
    page.follow("What was held back or refused")


def test_a_mail_server_that_cannot_be_had_is_said_where_one_waits(app, run_job):
    app.config["CSAT"] = dataclasses.replace(
        app.config["CSAT"], smtp_url="smtp://mail.invalid", mail_from="survey@us.example"
    )
    page = run_job()
    assert "The mail server could not be reached. The mails stay queued" in page.text
    assert "(mail.invalid: " in page.text and "Errno" not in page.text
    page.follow("To the campaign")
    assert page.text.count("E-mail: Queued. The mail server could not be reached.") == 3


def test_a_mail_server_without_encryption_is_told_in_words(server, monkeypatch, run_job):
    monkeypatch.setattr("csat.adapters.mail.OURSELVES", ())  # beyond this machine
    page = run_job()
    assert "offers no safe connection. The mails stay queued" in page.text and "no_tls" not in page.text
    assert not server.mails
