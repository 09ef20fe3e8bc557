"""The respondent's pages: looking spends nothing, nothing typed is lost, nobody is followed (Q1–Q6)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial

import pytest

from csat import clock, create_app, database
from csat.adapters import sealing
from csat.config import PROJECT_ROOT
from csat.models.answers import Mailbox, Response
from csat.models.asking import Campaign, Invitation, InvitationState, Link, Naming, Occasion
from csat.models.drafts import Draft
from csat.models.roles import Role
from csat.procedure.campaigns import campaigns, links
from csat.procedure.core import tokens
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import drafts, mailbox, receipts
from tests.builders import NOW, a_campaign, a_client, a_link, a_person, an_incident, an_invitation, another_contact
from tests.page import Page

WORDS = "同一个故障报了三次 <b>&\nTwice"
GONE = {
    InvitationState.DONE: "This survey is answered already",
    InvitationState.LATE: "This survey is over",
    InvitationState.VOID: "This survey was withdrawn",
}


def a_survey(config, form: str = "incident", **more) -> str:
    """The address of an open survey."""
    campaign = a_campaign(form, sealing.create_key(config.keys), **more)
    contact = another_contact(a_client(f"客户{Campaign.select().count()}"), language="en")
    return f"/s/{a_link(an_invitation(campaign, contact))}"


def ticked(form: str = "incident", rating: str = "4", **more: str) -> dict[str, str]:
    """Every question of a form answered."""
    values = {"rating": rating, "recommend": "9", "yes_no": "yes", "text": WORDS}
    questions = questionnaires.questions_of(questionnaires.get_newest_version(form))
    return {f"q-{one.code}": values[one.kind] for one in questions} | {"who": "anonymous"} | more


def switch(page: Page, address: str, **more: str) -> None:
    """Press the language button, which stands above the form it belongs to."""
    hidden = {name: page.value(name) for name in ("code", "opened", "lang", "kept")}
    page.post(address, hidden | more | {"do": "language"}, token=False)


def code_on(page: Page) -> str:
    return re.search(r'class="code">([^<]+)<', page.html)[1]


def test_looking_spends_nothing(app, config, page):
    address = a_survey(config)
    for _ in range(5):
        assert page.browser.head(address).status_code == 200
        page.get(address)
    assert Invitation.get().state == InvitationState.SENT
    assert Mailbox.select().count() == Draft.select().count() == 0


def test_an_anonymous_answer_gets_thanks_and_a_code_once(app, config, page):
    address = a_survey(config)
    page.get(address).fill("do=submit", 200, **ticked())
    assert page.heading == "Thank you"
    assert receipts.get_receipt_page(code_on(page)).sealed
    page.get(address, 410)
    assert page.heading == GONE[InvitationState.DONE]


def test_a_named_answer_keeps_words_as_they_were_written(app, config, page):
    page.get(a_survey(config)).fill("do=submit", 200, **ticked(who="named", name="王女士", reach="8888"))
    response = Response.get()
    assert (response.respondent_name, response.anonymous) == ("王女士", False)
    assert WORDS in {row.words for row in response.answers}


def test_who_leaves_a_name_is_not_told_to_be_unknown(app, config, page):
    page.get(a_survey(config)).fill("do=submit", 200, **ticked(who="named", name="王女士"))
    assert "without saying who you are" not in page.text
    code = code_on(page)
    receipts.ask_respondent(Response.get(), "哪一天？", a_person(), NOW)
    page.get("/receipt").fill(code=code)
    assert "Your answer is with our quality control group" in page.text
    assert "opened" not in page.text and "without your name" not in page.text


def test_every_page_names_the_same_last_day(app, config, page, zone):
    closes = campaigns.closing_instant_of(date(2026, 9, 30), zone)
    address = a_survey(config, closes_at=closes, occasion=Occasion.YEARLY)
    page.get(address)
    assert "once 30 Sep 2026 is over" in page.text
    page.fill("do=submit", 200, **ticked())
    code = code_on(page)
    assert "once 30 Sep 2026 is over" in page.text and "Oct" not in page.text
    page.get("/receipt").fill(code=code)
    assert "once 30 Sep 2026 is over" in page.text and "Oct" not in page.text
    page.sign_in_as(a_person("程远", Role.QA))
    for of_staff in ("/campaigns/", f"/campaigns/{Campaign.get().id}", f"/campaigns/{Campaign.get().id}/close"):
        page.get(of_staff)
        assert "30 Sep 2026" in page.text and "1 Oct" not in page.text
    last = links.build_survey_request(Invitation.get()).campaign.last_moment
    assert last.astimezone(zone).date() == date(2026, 9, 30)


def test_a_double_click_gives_one_answer_and_one_code(app, config, page):
    address = a_survey(config)
    sent = ticked(code=page.get(address).value("code"), do="submit")
    first = code_on(page.post(address, sent, token=False))
    assert code_on(page.post(address, sent, token=False)) == first
    assert Mailbox.select().count() == 1


def test_what_is_wrong_is_said_at_the_top_and_at_the_question(app, config, page):
    page.get(a_survey(config)).fill("do=submit", 422, **{"q-overall": "2", "q-opinions": WORDS})
    assert 'href="#q-timeliness-0"' in page.html and 'role="alert"' in page.html
    assert "Please choose one, or “not applicable”." in page.errors
    assert page.value("q-overall") == "2" and page.value("q-opinions") == WORDS
    assert page.text.count("Please choose whether you answer with or without your name.") == 2
    assert Invitation.get().state == InvitationState.SENT


def test_a_name_is_needed_to_answer_by_name(app, config, page):
    page.get(a_survey(config)).fill("do=submit", 422, **ticked(who="named", name="  "))
    assert "Please leave your name, or answer without it." in page.text


@pytest.mark.parametrize("wrong", ["0", "6", "x", "١", "5 ", "55555", ""])
def test_only_what_is_offered_can_be_chosen(app, config, page, wrong):
    status = 200 if wrong == "5 " else 422
    page.get(a_survey(config)).fill("do=submit", status, **ticked(**{"q-overall": wrong}))


def test_the_language_is_switched_without_losing_an_answer(app, config, page):
    address = a_survey(config)
    switch(page.get(address), address, **ticked(name="王"))
    assert 'lang="zh-Hans"' in page.html
    assert page.value("q-overall") == "4" and page.value("q-opinions") == WORDS
    assert page.value("who") == "anonymous" and page.value("name") == "王"
    switch(page, address, **ticked())
    assert '<html lang="en">' in page.html and page.value("q-opinions") == WORDS


def test_the_code_on_the_page_stays_the_same_for_one_form(app, config, page):
    address = a_survey(config)
    before = page.get(address).value("code")
    switch(page, address)
    assert page.value("code") == before
    assert page.fill("do=save").value("code") == before
    assert page.fill("do=submit", 422).value("code") == before


# --- saving, and going on later ------------------------------------------------------------------------


def test_a_half_filled_form_is_finished_later_even_after_a_restart(app, config, page):
    address = a_survey(config)
    page.get(address).fill("do=save", 200, **{"q-overall": "2", "q-opinions": WORDS})
    code = code_on(page)
    database.close_store()
    page = Page(create_app(config))
    page.get(address).fill("do=continue", 200, continuation=code.upper().replace("-", " "))
    assert page.value("q-overall") == "2" and page.value("q-opinions") == WORDS
    page.fill("do=submit", 200, **ticked())
    assert Draft.select().count() == 0


def test_the_link_alone_does_not_show_what_was_saved(app, config, page):
    address = a_survey(config)
    page.get(address).fill("do=save", 200, **{"q-opinions": WORDS})
    page.get(address)
    assert "Twice" not in page.html and "half-filled form waits" in page.text
    page.fill("do=continue", 422, continuation="aaaaa-aaaaa")
    assert "Twice" not in page.html and "does not fit" in page.text


def test_saving_again_keeps_the_code(app, config, page):
    page.get(a_survey(config)).fill("do=save", 200, **{"q-opinions": "one"})
    code = code_on(page)
    page.fill("do=save", 200, **{"q-opinions": "two"})
    assert code_on(page) == code
    assert Draft.select().count() == 1


def test_saving_without_the_code_of_before_loses_nothing(app, config, page):
    """Another device, or an earlier code forgotten: both forms wait, each for its code."""
    address = a_survey(config)
    said = {code_on(page.get(address).fill("do=save", 200, **{"q-opinions": words})): words for words in ("one", "two")}
    for code, words in said.items():
        assert page.get(address).fill("do=continue", 200, continuation=code).value("q-opinions") == words


def test_of_many_forms_on_one_link_the_oldest_goes(db):
    key, lock = (lambda token, code: code.encode()), (lambda secret, plain: plain)
    codes = [drafts.make_continuation_code() for _ in range(drafts.MAX_DRAFTS_PER_LINK + 2)]
    for code in codes:
        drafts.save_draft("token", code, {"q": [code]}, NOW, key, lock)
    kept = [drafts.load_draft("token", code, key, lock) for code in codes]
    assert kept == [None, None, *({"q": [code]} for code in codes[2:])]
    drafts.delete_drafts("token")
    assert not drafts.has_draft("token")


def test_what_nobody_finishes_is_swept_after_fourteen_days(app, config, page):
    page.get(a_survey(config)).fill("do=save", 200, **{"q-opinions": "one"})
    assert drafts.delete_expired_drafts(NOW + timedelta(days=14)) == 0
    assert drafts.delete_expired_drafts(NOW + timedelta(days=15)) == 1


# --- links that take nothing any more ------------------------------------------------------------------


@pytest.mark.parametrize("state", GONE)
def test_a_dead_link_has_its_own_page(app, config, page, state):
    address = a_survey(config)
    Invitation.update(state=state).execute()
    Link.update(spent=state == InvitationState.DONE).execute()
    assert page.get(address, 410).heading == GONE[state]


def test_a_link_made_after_the_answer_shows_the_form_and_loses_nothing_typed(app, config, page):
    page.get(a_survey(config)).fill("do=submit", 200, **ticked())
    later = f"/s/{a_link(Invitation.get())}"
    page.get(later).fill("do=submit", 410, **ticked())
    assert page.heading == GONE[InvitationState.DONE] and "Twice" in page.text


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 500, "%00", "<b>"])
def test_unknown_and_malformed_links_get_one_page(app, page, token):
    assert page.get(f"/s/{token}", 404).heading == "We do not know this link"
    assert page.browser.post(f"/s/{token}", data={"do": "submit"}).status_code == 404


@pytest.mark.parametrize("do", ["submit", "save", "language"])
def test_what_was_typed_too_late_is_shown_to_be_copied(app, config, page, do):
    address = a_survey(config)
    with clock.freeze_at(NOW + timedelta(days=40)):
        page.post(address, ticked(do=do, lang="en"), 410, token=False)
    assert page.heading == "This survey is over"
    assert "同一个故障报了三次 <b>& Twice" in page.text and "4 Satisfied" in page.text


# --- nobody is followed --------------------------------------------------------------------------------


def test_public_pages_set_no_cookie_and_tell_nobody(app, config, page):
    """Also on the device of somebody who is signed in."""
    page.sign_in_as(a_person())
    address = a_survey(config)
    for response in (
        page.browser.get(address),
        page.browser.post(address, data=ticked(do="save")),
        page.browser.post(address, data=ticked(do="submit")),
        page.browser.get("/receipt"),
    ):
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"


def test_public_pages_take_little(app, config, page):
    big = {"q-opinions": "x" * 300_000, "do": "submit"}
    for address in (a_survey(config), "/receipt"):
        assert page.browser.post(address, data=big).status_code == 413
        assert page.browser.post(address, data=big, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize("form", questionnaires.SHIPPED_CODES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_form_with_its_stylesheet_is_at_most_40_kilobytes(app, config, page, form, lang):
    page.get(f"{a_survey(config, form)}?lang={lang}")
    style = (PROJECT_ROOT / "static" / "look.css").read_bytes()
    assert len(page.html.encode()) + len(style) <= 40 * 1024
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', page.html)
    assert all(link.startswith("/") for link in loaded)
    page.fill("do=submit", 422)
    assert len(page.html.encode()) + len(style) <= 40 * 1024


def test_a_form_made_once_shows_nothing_of_another_reader(app, config, page):
    first, second = a_survey(config), a_survey(config)
    page.get(first).fill("do=submit", 422, **{"q-opinions": "mine alone"})
    assert "mine alone" not in page.get(second).html
    assert page.get(first).html.split("<h2>")[1] == page.get(second).html.split("<h2>")[1]


@pytest.mark.parametrize("naming", Naming)
def test_the_form_offers_what_the_campaign_offers(app, config, page, naming):
    page.get(a_survey(config, naming=naming))
    assert ('name="who"' in page.html) == (naming == Naming.BOTH)
    assert ('name="name"' in page.html) == (naming != Naming.ANONYMOUS)
    assert ('name="name_client"' in page.html) == (naming != Naming.NAMED)


def test_an_incident_says_what_it_is_about(app, config, page):
    campaign = a_campaign(public_key=sealing.create_key(config.keys))
    incident = an_incident("INC0042", title="VPN down")
    page.get(f"/s/{a_link(an_invitation(campaign, None, incident=incident))}")
    assert "INC0042: VPN down" in page.text


# --- the receipt ---------------------------------------------------------------------------------------


def test_the_receipt_is_looked_up_by_post_and_answers_a_question(app, config, page):
    campaign, client = a_campaign(public_key=sealing.create_key(config.keys)), a_client()
    codes = []
    for number in range(3):
        contact = another_contact(client, name=f"联系人{number}", language="en")
        page.get(f"/s/{a_link(an_invitation(campaign, contact))}").fill("do=submit", 200, **ticked())
        codes.append(code_on(page))
    assert "sealed" in page.get("/receipt").fill("do=look", 200, code=codes[0]).text
    assert codes[0] not in page.path
    mailbox.release_answers(campaign, partial(sealing.open_sealed, config.keys), NOW)
    page.get("/receipt").fill("do=look", 200, code=codes[0].upper())
    assert "has been opened" in page.text and "4 Satisfied" not in page.text
    response = Response.get(Response.receipt_hash == tokens.derive_number(codes[0], "receipt"))
    receipts.ask_respondent(response, "Which day?", a_person(), NOW)
    page.get("/receipt").fill("do=look", 200, code=codes[0])
    page.fill("do=answer", 422, words=" ")
    page.fill("do=answer", 200, words="Wednesday\nat noon")
    assert "Wednesday at noon" in page.text and "Thank you" in page.text


def test_a_wrong_code_is_kept_and_explained(app, page):
    page.get("/receipt").fill("do=look", 422, code="abcde-1")
    assert page.value("code") == "abcde-1" and "letter by letter" in page.text


def test_receipt_codes_are_not_read_from_the_address(app, page):
    assert page.get("/receipt?code=aaaaa-aaaaa-aaaaa-aaaaa").value("code") == ""


def test_when_something_breaks_the_answer_can_be_sent_again_and_the_log_keeps_no_address(
    app, config, page, monkeypatch, caplog
):
    address = a_survey(config)
    form = ticked() | {"do": "submit", "lang": "en"}
    with monkeypatch.context() as patch:
        patch.setattr("csat.procedure.survey.submission.submit_response", lambda *_: 1 / 0)
        answer = app.test_client().post(address, data=form)
    assert answer.status_code == 500 and "Send it once more" in answer.text
    assert 'name="q-overall" value="4"' in answer.text and "Twice" in answer.text
    assert "ZeroDivisionError" in caplog.text and address not in caplog.text
    app.test_client().post(address, data=form)
    assert Mailbox.select().count() == 1


def test_who_is_known_is_asked_for_no_name_where_only_named_answers_are_taken(page):
    contact = another_contact(a_client(), "王女士", language="en")
    token = a_link(an_invitation(a_campaign("check", naming=Naming.NAMED), contact))
    page.get(f"/s/{token}")
    assert "which we know from this invitation" in page.text and "(optional)" in page.text
    page.fill("do=submit", **{"q-solved": "yes", "q-handling": "4", "q-opinions": "谢谢"})
    assert Response.get().respondent_name == "王女士"
