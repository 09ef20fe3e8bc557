"""Printed forms are typed in: by code, with nothing lost, and nothing shown again (P5)."""

from __future__ import annotations

import pytest

from csat.adapters import sealing
from csat.models.answers import Answer, Mailbox, Response
from csat.models.asking import Campaign, CampaignState, Channel, Naming
from csat.models.paper import PaperComparison
from csat.models.records import AuditEntry
from csat.procedure.campaigns import paper_forms
from csat.procedure.core import settings
from tests.builders import NOW, ZONE, a_campaign, a_client, filled_in


@pytest.fixture
def campaign(cast, config) -> Campaign:
    settings.change_setting("paper_double_share", 0, None, NOW)
    return a_campaign("company", public_key=sealing.create_key(config.keys))


@pytest.fixture
def code(cast, campaign) -> str:
    client = a_client(manager=cast.manager)
    return paper_forms.print_stack(campaign, client, 1, cast.desk, NOW, ZONE)[0].code


def opened(page, person, code):
    page.sign_in_as(person).get("/campaigns/paper")
    return page.fill("Open the form", code=code.upper().replace("-", " "))


def typed(**more):
    return {**filled_in("company"), **more}


def test_a_form_without_a_name_is_sealed_and_shown_no_more(page, cast, code):
    opened(page, cast.desk, code)
    before = AuditEntry.select().count()
    page.fill("Enter the form", **typed(who="anonymous"))
    assert page.path == "/campaigns/paper" and "entered and sealed" in page.text
    assert Mailbox.select().count() == 1 and not Response.select().exists()
    assert AuditEntry.select().count() == before and code not in page.html


def test_a_form_with_a_name_goes_to_qa(page, cast, code):
    opened(page, cast.manager, code)
    page.fill("Enter the form", 422, **typed(who="named"))
    assert "Please fill this in." in page.errors
    page.fill("Enter the form", name="王女士")
    assert "QA verifies it." in page.text
    assert (Response.get().channel, Response.get().recorder) == (Channel.PAPER, cast.manager)


def test_what_is_missing_is_said_and_nothing_is_lost(page, cast, code):
    opened(page, cast.desk, code)
    page.fill("Enter the form", 422, **{**typed(), "q-overall": None, "who": None})
    assert "Please choose one." in page.text and "Please choose what the form says." in page.text
    assert page.value("code").replace(" ", "") == code.replace("-", "").upper()
    page.fill("Enter the form", **{"q-overall": "", "who": "anonymous"})  # it is blank on the paper
    assert Mailbox.select().count() == 1


def test_blank_on_paper_is_no_answer(page, cast, code):
    opened(page, cast.desk, code)
    page.fill("Enter the form", **typed(who="named", name="王", **{"q-overall": ""}))
    codes = {row.question.code for row in Answer}
    assert codes and "overall" not in codes


@pytest.mark.parametrize(
    ("naming", "there", "missing"), [("anonymous", "name_client", "name"), ("named", "name", "who")]
)
def test_the_page_asks_only_what_the_campaign_offers(page, cast, code, naming, there, missing):
    Campaign.update(naming=Naming(naming)).execute()
    opened(page, cast.desk, code)
    assert f'name="{there}"' in page.html and f'name="{missing}"' not in page.html


def test_a_code_that_takes_nothing_says_why(page, cast, code, campaign):
    page.sign_in_as(cast.desk).get("/campaigns/paper")
    page.fill("Open the form", 422, code="abcd efgh jkmn")
    assert "We know no printed form with this code." in page.errors[0] and page.value("code") == "abcd efgh jkmn"
    page.fill("Open the form", 422, code="")
    Campaign.update(state=CampaignState.CLOSED).execute()
    page.fill("Open the form", 422, code=code)
    assert "The last day of this survey has passed" in page.text


def test_what_was_typed_stays_when_the_campaign_ends_meanwhile_or_the_button_is_pressed_twice(page, cast, code):
    opened(page, cast.desk, code)
    sent = {"code": page.value("code"), **typed(who="anonymous"), "do": "save"}
    Campaign.update(state=CampaignState.CLOSED).execute()
    page.post("/campaigns/paper", sent, status=422)
    assert "The last day of this survey has passed" in page.text and [page.value("q-overall")] == sent["q-overall"]
    Campaign.update(state=CampaignState.OPEN).execute()
    page.post("/campaigns/paper", sent)
    page.post("/campaigns/paper", sent, status=422)
    assert "If you have just sent it, nothing more is needed." in page.text and Mailbox.select().count() == 1


def test_typed_twice_the_paper_decides(page, cast, code):
    settings.change_setting("paper_double_share", 100, None, NOW)
    opened(page, cast.desk, code)
    page.fill("Enter the form", **typed(who="anonymous", **{"q-overall": "5"}))
    assert "drawn to be typed twice" in page.text and not Mailbox.select().exists()
    page.fill("Open the form", 422, code=code)
    assert "please pass the paper on" in page.text
    opened(page, cast.qa, code)
    page.fill("Enter the form", 422, **typed(who="anonymous", **{"q-overall": "2"}))
    assert "Typed twice, and not the same" in page.text
    (row,) = [row for row in page.rows() if "5 Very satisfied" in row]
    assert row[2] == "2 Dissatisfied" and row[0].startswith("1. ") and 'href="#q-overall-0"' in page.html
    page.fill("It is as on the paper: enter it")
    assert PaperComparison.get().differing == 1 and Mailbox.select().count() == 1
    page.get("/qa/check-calls")
    assert [cast.desk.name, "1"] == next(row for row in page.rows() if row[0] == cast.desk.name)[:2]


def test_who_has_nothing_to_do_with_campaigns_enters_none(page, cast):
    page.sign_in_as(cast.director).get("/campaigns/paper", status=403)
