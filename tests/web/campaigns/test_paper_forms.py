"""Printed forms: for one contact or as a stack, downloaded once, handed over by number; samples (P5)."""

from __future__ import annotations

import io
from datetime import timedelta

import pikepdf
import pytest

from csat import database
from csat.adapters import files
from csat.models.asking import Campaign, Channel, Invitation, InvitationState, Link, Occasion
from csat.models.records import AuditEntry
from csat.models.work import StoredFile
from csat.procedure.authoring import drafts
from csat.procedure.core import jobs, uploads
from csat.procedure.questionnaires import questionnaires
from csat.procedure.upkeep import backups
from tests.builders import NOW, a_campaign, a_client, a_contact, an_invitation


@pytest.fixture
def campaign(cast):
    campaign = a_campaign("incident", occasion=Occasion.EVENT)
    an_invitation(campaign, a_contact(a_client(manager=cast.manager)), state=InvitationState.MADE)
    an_invitation(campaign, a_contact(a_client("城建集团"), "Ms Zhao", language="en"), state=InvitationState.MADE)
    return campaign


def file_link(page):
    return next(link for link in page.links() if "/paper/files/" in link)


def downloaded(page, address, **fields):
    page.post(address, fields)
    jobs.run_waiting_jobs()
    page.get(page.path)
    assert "only this browser can open it" in page.text
    answer = page.browser.get(file_link(page))
    assert answer.mimetype == "application/pdf" and "no-store" in answer.headers["Cache-Control"]
    with pikepdf.open(io.BytesIO(answer.get_data())) as pdf:
        return len(pdf.pages), str(pdf.Root.Lang)


def test_a_contacts_form_is_sent_once_and_handed_over(page, cast, campaign):
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}")
    page.get(f"/campaigns/{campaign.id}/paper")
    english = str(Invitation.select().order_by(Invitation.id.desc()).get().id)
    page.fill("The ticked forms are handed over", invitation=[english])
    assert "0 forms are marked" in page.text  # nothing is printed yet
    pages, language = downloaded(page, f"/campaigns/{campaign.id}/paper", do="print", invitation=english, lang="own")
    assert pages >= 1 and language == "en"
    asked = Invitation.get_by_id(english)
    assert asked.channel == Channel.PAPER and Link.select().where(Link.invitation == asked).count() == 2
    assert AuditEntry.select().where(AuditEntry.action == "forms printed").count() == 1
    page.get(f"/campaigns/{campaign.id}/paper")
    assert "printed, not handed over" in page.text
    page.fill("The ticked forms are handed over", invitation=[english])
    assert Invitation.get_by_id(english).state == InvitationState.SENT


def test_a_printed_file_is_sealed_to_the_browser_that_asked_and_enters_no_backup(page, cast, campaign, app):
    page.sign_in_as(cast.manager).get(f"/campaigns/{campaign.id}/paper")
    downloaded(page, f"/campaigns/{campaign.id}/paper/stack", client=Invitation.get().client_id, number=1, lang="zh")
    kept, address = StoredFile.get(), file_link(page)
    assert b"%PDF" not in files.read_file(app.config["CSAT"].files, kept.place)
    assert kept not in backups.list_files(database.store) and uploads.list_abandoned_uploads(NOW + timedelta(days=2))
    page.sign_out()
    page.sign_in_as(cast.manager).get(address, status=409)
    assert "only in the browser that asked" in page.text
    page.sign_in_as(cast.desk).get(address, status=404)


def test_a_stack_names_nobody_and_is_handed_over_by_number(page, cast, campaign):
    client = Invitation.get().client
    page.sign_in_as(cast.manager).get(f"/campaigns/{campaign.id}/paper")
    downloaded(page, f"/campaigns/{campaign.id}/paper/stack", client=client.id, number=3, lang="both")
    stack = Invitation.select().where(Invitation.contact.is_null())
    assert {(one.client, one.channel, one.manager) for one in stack} == {(client, Channel.PAPER, cast.manager)}
    page.get(f"/campaigns/{campaign.id}/paper")
    page.fill("Handed over", 422, number="9")
    page.fill("Handed over", number="2")
    assert "2 forms are marked as handed over." in page.text
    assert [row[1:3] for row in page.rows() if row[0] == client.name and len(row) == 4] == [["3", "2"]]


def test_what_cannot_be_printed_is_said(page, cast, campaign):
    page.sign_in_as(cast.manager).get(f"/campaigns/{campaign.id}/paper")
    page.fill("Print the forms (PDF)", 422)
    assert "Please tick at least one contact." in page.text
    page.fill("Print the stack (PDF)", 422, number="51")
    assert "Please enter a number from 1 to 50." in page.text and page.value("number") == "51"
    stranger = Invitation.select().order_by(Invitation.id.desc()).get()
    page.post(f"/campaigns/{campaign.id}/paper", {"invitation": stranger.id, "do": "print", "lang": "own"}, status=404)
    page.post(
        f"/campaigns/{campaign.id}/paper/stack", {"client": stranger.client_id, "number": 2, "lang": "zh"}, status=422
    )
    assert not Link.select().exists()


def test_about_incidents_nothing_is_printed(page, cast, campaign):
    Campaign.update(occasion=Occasion.INCIDENT).execute()
    page.sign_in_as(cast.desk).get(f"/campaigns/{campaign.id}/paper", status=409)
    assert "about an incident" in page.text.lower()


@pytest.mark.parametrize("language", ["zh", "en", "both", "xx"])
def test_a_sample_has_no_code_and_makes_none(page, cast, language):
    version = questionnaires.get_version_in_force("incident", NOW)
    page.sign_in_as(cast.qa)
    drafts.start_draft("incident", cast.qa, NOW)
    for address in (f"/questionnaires/{version.id}/paper", "/questionnaires/incident/draft/paper"):
        answer = page.browser.get(f"{address}?lang={language}")
        assert answer.mimetype == "application/pdf" and answer.get_data().startswith(b"%PDF")
    assert not Link.select().exists() and not Invitation.select().exists()
