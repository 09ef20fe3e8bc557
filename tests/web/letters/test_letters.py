"""Letters on the pages (P13): QA words them, the manager sends them, the client reads without an account."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import timedelta

import pikepdf
import pytest

from csat import clock
from csat.commands.mail import SendingRound
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterLink, LetterState
from csat.models.outbox import MailState, OutboxMessage
from csat.models.roles import Role
from csat.procedure.core import jobs, settings
from tests.builders import NOW, a_client, a_contact, a_person
from tests.cast import Cast
from tests.letters import a_ready_letter, a_sent_letter, an_issued_report, answers
from tests.mail_server import a_mail_server
from tests.page import Page

pytestmark = pytest.mark.usefixtures("rendered_once")


@pytest.fixture(autouse=True)
def environment(config, monkeypatch):
    """Works read their folders from the environment, as in the worker."""
    monkeypatch.setenv("CSAT_INSTANCE", str(config.instance))


@pytest.fixture
def client(cast):
    made = a_client("华东物流", manager=cast.manager)
    made.name_en = "East China Logistics"
    made.save()
    return made


@pytest.fixture
def server(app):
    """A mail server that the house is set up with."""
    with a_mail_server() as server:
        app.config["CSAT"] = dataclasses.replace(
            app.config["CSAT"], smtp_url=server.url, mail_from="survey@us.example"
        )
        yield server


def a_way_in(page: Page, cast: Cast, client) -> str:
    """The manager sends the letter without mails and makes a link; its path."""
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}").fill("Send the letter")
    jobs.run_waiting_jobs()
    page.get(f"/letters/{letter.id}").fill("Make a link")
    return shown_link(page)


def shown_link(page: Page) -> str:
    """The path of the link that the page shows this once."""
    return re.search(r'value="http://localhost(/letter/[\w-]{43})"', page.html)[1]


def test_a_letter_sent_to_nobody_says_so_until_there_is_a_link(page, cast, client):
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    assert "nobody can open it until you have made a link" in page.text
    page.fill("Send the letter")
    jobs.run_waiting_jobs()
    for path in ("/letters/", "/letters/?state=to_hand_over", f"/letters/{letter.id}"):
        page.get(path)
        assert "Sent, to be handed over" in page.text and client.name_en in page.text
    page.get("/letters/").follow("Make a link").fill("Make a link")
    for path in ("/letters/", f"/letters/{letter.id}"):
        assert "Sent, to be handed over" not in without_choices(page.get(path))
    assert client.name_en not in page.get("/letters/?state=to_hand_over").text


def without_choices(page: Page) -> str:
    """The page's words without the lists that one chooses from."""
    return re.sub(r"<select.*?</select>", "", page.html, flags=re.S)


def test_a_letter_on_its_way_by_mail_need_not_be_handed_over(page, cast, client):
    a_sent_letter(cast, client, [a_contact(client)])
    assert "Sent, to be handed over" not in without_choices(page.sign_in_as(cast.manager).get("/letters/"))
    OutboxMessage.update(state=MailState.FAIL).execute()
    assert "Sent, to be handed over" in without_choices(page.get("/letters/"))


# --- the whole way -----------------------------------------------------------------------------------------


def test_from_the_proposal_to_the_reader(page, cast, client):
    answers(client, 5, 5, 5, 4)
    an_issued_report(cast)
    page.sign_in_as(cast.qa).get("/letters/")
    assert "1 of 1 clients have no letter" in page.text
    page.fill("Propose all of them")
    jobs.run_waiting_jobs()
    page.get(page.path)
    assert "1 letter was proposed." in page.text
    page.follow("To the letters").follow("Word it")
    assert page.value("worked_en").startswith("You rate us best for")
    page.fill(
        "Save and look at the letter", worked_en="You like how we talk to you.", heard_zh="我们听到了。"
    )
    assert "You like how we talk to you." in page.text and "100.0%" in page.text
    page.fill("Release it to the project manager")
    assert "The project manager sends it." in page.text
    assert "Look at it and send" not in page.get("/letters/").text

    page.sign_in_as(cast.manager).get("/letters/").follow("Look at it and send")
    page.fill("Send the letter")
    jobs.run_waiting_jobs()
    page.get(page.path).follow("To the letter")
    assert "No link was made yet" in page.text and "SHA-256" in page.text
    page.fill("Make a link")
    page.sign_out().get(f"{shown_link(page)}?lang=en")
    assert "You like how we talk to you." in page.text and cast.manager.name in page.text
    page.fill("I have read it")
    assert "your project manager sees that the letter was read" in page.text
    page.sign_in_as(cast.qa).get(f"/letters/{Letter.get().id}")
    assert "Said to be read1" in page.text.replace("read 1", "read1")


def test_the_letter_goes_by_mail_in_the_contacts_language(app, page, cast, client, server):
    a_contact(client, "Ms Li", email="li@client.example", language="en")
    silent = a_contact(client, "不扰", email="no@client.example", opted_out_at=NOW)
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    assert "wants no mail from us" in page.text and "l***@client.example" in page.text
    chosen = re.findall(r'name="contact" value="(\d+)"', page.html)
    assert str(silent.id) not in chosen
    page.fill("Send the letter", contact=chosen)
    jobs.run_job(jobs.claim_next_job())
    SendingRound(app.config["CSAT"]).send()
    assert OutboxMessage.get().state == MailState.DONE
    mail = server.mails[0].mail
    text = mail.get_body(("plain",)).get_content()
    assert "Q3 2026" in mail["Subject"] and "East China Logistics" in text
    path = re.search(r"http://localhost(/letter/[\w-]{43})", text)[1]
    assert "No more surveys" not in text
    page.sign_out().get(path)
    assert page.html.startswith("<!doctype html>") and 'lang="en"' in page.html
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    assert "1 of 1 links" in page.text and "Ms Li" in page.text


# --- the reader's page -------------------------------------------------------------------------------------


def test_the_readers_page_switches_its_language_and_gives_the_pdf(page, cast, client):
    path = a_way_in(page, cast, client)
    page.sign_out().get(path, headers={"Accept-Language": "en"})
    assert "All is well." in page.text
    page.follow("中文")
    assert "都好。" in page.text
    for language in ("zh", "en"):
        answer = page.browser.get(f"{path}/{language}.pdf")
        assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        with pikepdf.open(io.BytesIO(answer.data)) as pdf:
            assert len(pdf.pages) == 1
    link = LetterLink.get()
    assert (link.openings, link.downloads, link.read_at) == (1, 2, None)


def test_looking_at_it_as_a_mail_scanner_does_says_nothing_of_reading(page, cast, client):
    path = a_way_in(page, cast, client)
    page.sign_out()
    page.browser.head(path)
    assert LetterLink.get().openings == 0
    for _ in range(3):
        page.get(path)
    link = LetterLink.get()
    assert link.openings == 3 and link.read_at is None


def test_a_link_that_nobody_knows_is_404_and_one_that_died_410(page, cast, client):
    path = a_way_in(page, cast, client)
    page.sign_out().get("/letter/unknown", 404)
    page.get(path[:-1], 404)
    page.get(f"{path}/fr.pdf", 404)
    later = NOW + timedelta(days=settings.get_whole_number("letter_days"))
    with clock.freeze_at(later):
        page.get(path, 410)
        page.post(path, token=False, status=410)
    letter = Letter.get()
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}").fill("Withdraw")
    page.sign_out().get(path, 410)
    assert "withdr" in page.text
    page.get(f"{path}/zh.pdf", 410)


def test_a_replaced_letter_says_so_to_its_reader(page, cast, client):
    path = a_way_in(page, cast, client)
    old = Letter.get()
    page.sign_in_as(cast.qa).get(f"/letters/{old.id}").fill("Begin a correction")
    page.fill("Save and look at the letter", heard_en="Corrected.")
    page.fill("Release it to the project manager")
    page.sign_in_as(cast.manager).get(f"/letters/{Letter.select().order_by(Letter.id.desc()).get().id}")
    page.fill("Send the letter")
    jobs.run_waiting_jobs()
    page.sign_out().get(f"{path}?lang=en")
    assert "A later letter replaces this one" in page.text and "Corrected." not in page.text


# --- refusals ----------------------------------------------------------------------------------------------


def test_what_was_typed_stays_when_it_is_too_long(page, cast, client):
    an_issued_report(cast)
    page.sign_in_as(cast.qa).get("/letters/").fill("Propose")
    page.fill("Save and look at the letter", worked_en="Long. " * 70)
    assert page.value("worked_en").startswith("Long. Long.")
    assert "characters too long for a letter of one page: at most 350 fit here" in " ".join(page.errors)


def test_what_a_colleague_worded_meanwhile_is_not_typed_over_unseen(app, page, cast, client):
    letter = a_ready_letter(cast, client)
    Letter.update(state=LetterState.DRAFT).execute()
    words = f"/letters/{letter.id}/words"
    slow = Page(app).sign_in_as(cast.qa2).get(words)
    page.sign_in_as(cast.qa).get(words)
    with clock.freeze_at(NOW + timedelta(hours=1)):
        page.fill("Save and look at the letter", heard_en="An hour of work.")
    slow.fill("Save and look at the letter", worked_en="Mine.")
    assert f"{cast.qa.name} changed this letter while you were typing" in slow.text
    assert slow.value("worked_en") == "Mine."
    assert Letter.get().words["heard"]["en"] == "An hour of work."
    slow.fill("Save and look at the letter", heard_en="Both of ours.")
    kept = Letter.get().words
    assert (kept["heard"]["en"], kept["worked"]["en"]) == ("Both of ours.", "Mine.")


def test_what_was_typed_while_a_colleague_acted_is_refused_and_still_there(app, page, cast, client):
    letter = a_ready_letter(cast, client)
    slow = Page(app).sign_in_as(cast.qa2).get(f"/letters/{letter.id}")
    page.sign_in_as(cast.qa).get(f"/letters/{letter.id}").fill("Make it a draft again", reason="Too early")
    typing = Page(app).sign_in_as(cast.qa2).get(f"/letters/{letter.id}/words")
    slow.fill("Make it a draft again", 422, reason="The name is wrong")
    assert "The name is wrong" in slow.text and slow.errors
    page.get(f"/letters/{letter.id}").fill("Release it to the project manager")
    typing.fill("Save and look at the letter", heard_en="An hour of work.")
    assert typing.value("heard_en") == "An hour of work."
    assert "This step is not possible now" in typing.text
    assert Letter.get().words["heard"]["en"] != "An hour of work."


@pytest.mark.parametrize(
    ("locale", "why"), [("en", "does not want to be asked any more"), ("zh", "不希望再")]
)
def test_a_mail_that_may_not_go_any_more_says_why_in_the_managers_language(
    page, cast, client, server, locale, why
):
    contact = a_contact(client)
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager, locale).get(f"/letters/{letter.id}")
    page.post(f"/letters/{letter.id}/send", {"contact": str(contact.id)})
    Contact.update(opted_out_at=NOW).execute()
    jobs.run_waiting_jobs()
    page.get(page.path)
    assert why in page.text and "opted_out" not in page.text
    assert Letter.get().state == LetterState.READY


def test_a_letter_with_a_gap_is_not_released(page, cast, client):
    an_issued_report(cast)
    page.sign_in_as(cast.qa).get("/letters/").fill("Propose")
    page.fill("Save and look at the letter", done_zh="")
    page.fill("Release it to the project manager", 422)
    assert Letter.get().state == LetterState.DRAFT
    assert "Please fill this in." in page.errors and 'id="done_zh-error"' in page.html
    page.fill("Save and look at the letter", done_zh="都做好了。").fill("Release it to the project manager")
    assert Letter.get().state == LetterState.READY


def test_the_preview_on_paper_is_one_page(page, cast, client):
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.manager)
    answer = page.browser.get(f"/letters/{letter.id}/preview/zh.pdf")
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) == 1


def test_quality_control_takes_a_ready_letter_back(page, cast, client):
    letter = a_ready_letter(cast, client)
    page.sign_in_as(cast.qa).get(f"/letters/{letter.id}").fill("Make it a draft again", reason="数字有误")
    assert "数字有误" in page.text
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}", 404)


def test_a_colleagues_client_is_not_there(page, cast, client):
    letter = a_sent_letter(cast, client)
    page.sign_in_as(a_person("别人", Role.MANAGER)).get(f"/letters/{letter.id}", 404)
    page.post(f"/letters/{letter.id}/link", status=404)
    page.post(f"/letters/{letter.id}/send", status=404)
    page.sign_in_as(cast.director).get(f"/letters/{letter.id}")
    assert "Make a link" not in page.text
    page.post(f"/letters/{letter.id}/link", status=403)


def test_a_contact_of_another_client_is_refused(page, cast, client):
    letter, stranger = a_sent_letter(cast, client), a_contact(a_client("别家"))
    page.sign_in_as(cast.manager).get(f"/letters/{letter.id}")
    page.post(f"/letters/{letter.id}/link", {"contact": stranger.id}, 404)
    page.post(f"/letters/{letter.id}/send", {"contact": stranger.id}, 404)
    assert not LetterLink.select().exists() and not OutboxMessage.select().exists()


def test_before_any_report_the_page_says_when_letters_begin(page, cast, client):
    page.sign_in_as(cast.qa).get("/letters/")
    assert "No quarterly report is issued yet" in page.text
    page.post("/letters/propose", {"quarter": "2026Q3"}, 409)
    page.post("/letters/propose", {"quarter": "rubbish"}, 404)


def test_the_list_is_narrowed_by_state_and_name(page, cast, client):
    a_client("乙公司", manager=cast.manager)
    a_ready_letter(cast, client)
    page.sign_in_as(cast.qa).get("/letters/?state=ready")
    assert "East China Logistics" in page.text and "乙公司" not in page.text
    page.get("/letters/?search=乙")
    assert "乙公司" in page.text and "East China Logistics" not in page.text
    page.get("/letters/?search=nobody")
    assert "No letter fits what you look for" in page.text
