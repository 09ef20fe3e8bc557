"""Wording a letter on the web: what was typed is never lost, and a gap is not released."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from csat import clock
from csat.models.feedback import Action
from csat.models.letters import Letter, LetterState
from csat.procedure.letters import internal_texts, letters
from tests.builders import NOW
from tests.letters import a_feedback, a_proposal, a_ready_letter, an_action, an_issued_report, worded
from tests.page import Page

pytestmark = pytest.mark.usefixtures("rendered_once")
MISSED = ("reason_", "remedy_")


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


def test_a_letter_with_a_gap_is_not_released(page, cast, client):
    an_issued_report(cast)
    page.sign_in_as(cast.qa).get("/letters/").fill("Propose")
    page.fill("Save and look at the letter", done_zh="")
    page.fill("Release it to the project manager", 422)
    assert Letter.get().state == LetterState.DRAFT
    assert "Please fill this in." in page.errors and 'id="done_zh-error"' in page.html
    page.fill("Save and look at the letter", done_zh="都做好了。").fill("Release it to the project manager")
    assert Letter.get().state == LetterState.READY


def test_what_colleagues_wrote_for_one_another_goes_out_only_when_somebody_has_read_it(page, cast, client):
    taken = a_feedback(client, "Ticket lost twice", cast)
    an_action(taken, "Ask Bob why he forgot it again", cast)
    an_issued_report(cast)
    page.sign_in_as(cast.qa).get("/letters/").fill("Propose")
    assert "Ticket lost twice" in page.text and "Ask Bob why he forgot it again" in page.text
    answers = {name: "Too few people." for name in re.findall(r'name="(\w+)"', page.html) if name.startswith(MISSED)}
    chinese = {f"{section}_zh": "都好。" for section in ("heard", "worked", "done")}
    page.fill("Save and look at the letter", **answers, **chinese)
    page.fill("Release it to the project manager", 422)
    assert "The letter repeats what colleagues wrote for internal use" in " ".join(page.errors)
    page.fill("Save and look at the letter", read=True)
    page.fill("Release it to the project manager")
    assert Letter.get().state == LetterState.READY and Letter.get().internal_read_at


def test_what_is_worded_anew_is_read_anew(cast, client):
    letter = worded(a_proposal(cast, client), cast, done="Ask Bob why he forgot it again.")
    an_action(a_feedback(client, "慢", cast), "Ask Bob why he forgot it again", cast)
    assert internal_texts.find_internal_texts(letter, letter.words) == ["Ask Bob why he forgot it again"]
    letters.save_words(letter, letter.words, cast.qa, NOW, read=True)
    internal_texts.refuse_unread(letter)
    worded(letter, cast, done="We asked: Ask Bob why he forgot it.")
    with pytest.raises(internal_texts.InternalUnread):
        internal_texts.refuse_unread(letter)
    worded(letter, cast, done="We looked into it.")
    internal_texts.refuse_unread(letter)


def test_what_a_proposal_took_over_is_read_though_its_plan_was_replaced_since(cast, client):
    action = an_action(a_feedback(client, "慢", cast), "Ask Bob why he forgot it again", cast)
    letter = a_proposal(cast, client)
    Action.update(dropped_at=NOW).where(Action.id == action.id).execute()
    assert "Ask Bob why he forgot it again" in internal_texts.find_internal_texts(letter, letter.words)
    with pytest.raises(internal_texts.InternalUnread):
        internal_texts.refuse_unread(letter)
    worded(letter, cast, done="We looked into it.")
    internal_texts.refuse_unread(letter)
