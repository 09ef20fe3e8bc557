"""The code of a printed form opens the survey online; who guesses codes has to wait (P5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat import clock
from csat.models.access import Throttle
from csat.models.answers import Response
from csat.procedure.campaigns import paper_forms
from csat.procedure.core.refusals import SignInThrottled
from csat.procedure.survey import code_guesses
from tests.builders import NOW, ZONE, a_campaign, a_client, filled_in


@pytest.fixture(autouse=True)
def nobody_guessed(monkeypatch):
    monkeypatch.setattr(code_guesses, "_wrong", {})


@pytest.fixture
def code(cast) -> str:
    return paper_forms.print_stack(a_campaign("company"), a_client(), 1, cast.desk, NOW, ZONE)[0].code


def test_a_code_opens_the_survey_and_takes_one_answer(page, code):
    page.get("/s/")
    page.fill("Open the survey", code=f" {code.upper()} ")
    assert page.path == f"/s/{code}"
    page.fill("Submit", **filled_in("company"), who="named", name="王女士")
    assert Response.get().respondent_name == "王女士"
    page.get("/s/")
    page.fill("Open the survey", 410, code=code)
    assert "is with us already" in page.text


def test_typed_into_the_address_it_is_known_too(page, code):
    page.get(f"/s/{code.replace('-', '').upper()}")
    assert page.path == f"/s/{code}"


def test_a_wrong_code_stays_in_its_field(page, code):
    page.get("/s/")
    for wrong in ("abcd-efgh-jkmn", "", "<b>"):
        page.fill("Open the survey", 422, code=wrong)
        assert page.value("code") == wrong and "letter by letter" in page.text


def test_who_guesses_waits_and_nobody_else(page, code, monkeypatch):
    monkeypatch.setattr(code_guesses, "FREE_GUESSES", 2)
    page.get("/s/")
    page.fill("Open the survey", 422, code="abcd-efgh-jkmn")
    page.get("/s/abcdefghjkmn", status=404)
    page.get("/s/")
    page.fill("Open the survey", 429, code=code)
    assert "Please wait (1 min)" in page.text and page.value("code") == code
    page.get(f"/s/{code}", status=429)
    code_guesses.refuse_guessing("192.0.2.7", NOW)
    with clock.freeze_at(NOW + timedelta(minutes=2)):
        page.get(f"/s/{code}")
    assert not Throttle.select().exists()  # it is known of nobody


def test_the_wait_grows_to_a_quarter_of_an_hour_and_is_forgotten():
    for number in range(code_guesses.FREE_GUESSES + 9):
        code_guesses.count_wrong_code("192.0.2.7", NOW)
        if number + 1 < code_guesses.FREE_GUESSES:
            code_guesses.refuse_guessing("192.0.2.7", NOW)
    with pytest.raises(SignInThrottled) as told:
        code_guesses.refuse_guessing("192.0.2.7", NOW)
    assert told.value.facts == {"minutes": code_guesses.LONGEST_WAIT}
    code_guesses.count_wrong_code("192.0.2.8", NOW + timedelta(hours=2))
    code_guesses.refuse_guessing("192.0.2.7", NOW)


def test_who_filled_a_form_in_while_others_guessed_loses_nothing(page, code, monkeypatch):
    page.get(f"/s/{code}")
    monkeypatch.setattr(code_guesses, "refuse_guessing", refuse)
    page.fill("Submit", 429, **filled_in("company", words="打了很久的话"), who="named", name="王女士")
    assert "Nothing you entered is lost" in page.text and not Response.select().exists()
    monkeypatch.undo()
    page.fill("Send it once more")
    assert Response.get().respondent_name == "王女士"


def refuse(address, now):
    raise SignInThrottled(minutes=4)


def test_a_crowd_of_guessers_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(code_guesses, "MOST_REMEMBERED", 3)
    monkeypatch.setattr(code_guesses, "FREE_GUESSES", 1)
    for number in (1, 2, 3, 1, 4):
        code_guesses.count_wrong_code(f"192.0.2.{number}", NOW)
    assert len(code_guesses._wrong) == 3
    code_guesses.refuse_guessing("192.0.2.2", NOW)  # the one that was quiet for longest is forgotten
    with pytest.raises(SignInThrottled):
        code_guesses.refuse_guessing("192.0.2.1", NOW)
