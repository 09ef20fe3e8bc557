"""A project manager's own pages: from the prompt of the round on, and named answers of clients in care."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.models.answers import Verdict
from csat.models.clients import ClientCare, Contact, Tier
from csat.models.records import AuditEntry
from csat.procedure.worklists.worklists import WORKLISTS
from tests.builders import NOW, ZONE, a_client, a_contact, a_person, a_response
from tests.letters import a_feedback, a_ready_letter, answers
from tests.procedure.campaigns.rounds import Q3


@pytest.fixture
def client(cast):
    client = a_client("华东物流", Tier.CORE, cast.manager)
    for name in ("王女士", "张先生", "刘女士"):
        a_contact(client, name)
    return client


@pytest.fixture
def late_september():
    with clock.freeze_at(Q3.end(ZONE) - timedelta(days=10)) as now:
        yield now


def waiting(cast) -> int:
    return WORKLISTS["own_clients"].count(cast.manager, clock.now(), ZONE)


def test_a_manager_begins_here_and_goes_from_the_prompt_to_the_last_client_asked(page, cast, client, late_september):
    page.sign_in_as(cast.manager).get("/")
    page.get("/my-clients/")
    assert "The company survey of 2026Q3 is not open yet" in page.text and waiting(cast) == 1
    assert "It will ask 1 client in your care. Contacts marked for it: 3." in page.text
    page.follow("Open the survey of 2026Q3")
    page.fill("Open the campaign")
    page.get("/my-clients/")
    assert "2026Q3: 1 of 1 clients not asked" in page.text
    page.follow("Check and invite the other 1 client").fill("do=invite")
    page.get("/my-clients/")
    assert "invited, nobody reached yet" in page.text
    page.follow("Send or hand over the links").fill("Link")
    page.fill("It is handed over")
    page.get("/my-clients/")
    assert "All clients to be asked in Q3 2026 were asked." in page.text and waiting(cast) == 0
    assert "1 of 1" not in page.text  # who has answered is nobody's to see


def test_a_client_without_a_marked_contact_leads_to_its_contacts(page, cast, client, late_september):
    Contact.update(asked_each_quarter=False).execute()
    page.sign_in_as(cast.manager).get("/my-clients/")
    assert "At 1 client nobody is marked yet." in page.text
    page.follow("Mark or add a contact").fill("Ask each quarter")
    page.get("/my-clients/")
    assert "nobody is marked" not in page.text


def test_a_ready_letter_is_what_comes_next(page, cast, client):
    a_ready_letter(cast, client)
    page.sign_in_as(cast.manager).get("/my-clients/")
    assert "1 letter waits to be sent" in page.text
    page.follow("Send the letter")
    assert page.heading.startswith("Letter to")


def test_sixty_clients_are_paged_and_found_and_none_says_whose_turn_it_is(page, cast):
    page.sign_in_as(cast.manager).get("/my-clients/")
    assert "No client is in your care yet." in page.text
    for number in range(60):
        a_client(f"客户{number:02d}", Tier.CORE, cast.manager)
    page.get("/my-clients/")
    assert page.html.count("<article") == 24
    page.get("/my-clients/?q=客户07")
    assert page.html.count("<article") == 1
    page.get("/my-clients/?q=nobody")
    assert "No client in your care has this in its name." in page.text


def test_own_named_answers_are_read_on_record_and_no_others(page, cast, client):
    own = a_response("company", "响应很快", client=client, manager=cast.manager, respondent_name="王女士",
                     respondent_reach="13812345678")  # fmt: skip
    other = a_response("company", client=client, manager=a_person("前任"))
    secret = a_response("company", "匿名的话", client=client, anonymous=True, verdict=Verdict.VALID)
    page.sign_in_as(cast.manager).get(f"/my-clients/{client.id}")
    assert "响应很快" in page.text and "匿名的话" not in page.html
    page.get(f"/my-clients/answers/{own.id}")
    assert "王女士" in page.text and "13812345678" not in page.html
    assert AuditEntry.select().where(AuditEntry.action == "named response opened").count() == 1
    for shut in (other, secret):
        page.get(f"/my-clients/answers/{shut.id}", 404)
    page.get("/my-clients/answers")
    assert len(page.rows()) == 2


def test_a_client_that_left_ones_care_is_gone_and_what_was_answered_in_it_stays(page, cast, client):
    own = a_response("company", client=client, manager=cast.manager)
    ClientCare.update(until=NOW.date()).execute()
    page.sign_in_as(cast.manager).get(f"/my-clients/{client.id}", 404)
    page.get(f"/my-clients/answers/{own.id}")


def test_the_page_of_a_client_shows_named_rates_and_the_state_of_all_feedback(page, cast, client):
    answers(client, 5, 2)
    answers(client, 1, 1, 1, anonymous=True)
    secret = a_response("company", client=client, verdict=Verdict.VALID, anonymous=True)
    a_feedback(client, "匿名说的", cast, sources=[secret])
    a_feedback(client, "电话里说的", cast)
    page.sign_in_as(cast.manager).get(f"/my-clients/{client.id}")
    assert "50.0% " in page.text and "电话里说的" in page.text and "匿名说的" not in page.html
    assert "not shown: an anonymous answer is behind it" in page.text
