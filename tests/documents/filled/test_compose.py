"""A response as the filled questionnaire: every question in order, what was answered, what is known (P11)."""

from __future__ import annotations

import io
import subprocess

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.documents.filled import compose
from csat.documents.locale_format import LocaleFormat
from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.questionnaires import Kind, Question
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections, verdicts
from tests.builders import NOW, a_client, a_contact, a_response, an_incident
from tests.procedure.review.test_corrections import a_record, propose


@pytest.fixture
def chinese(zone):
    return LocaleFormat("zh", zone)


@pytest.fixture
def english(zone):
    return LocaleFormat("en", zone)


def one_of(response: Response, tongue: LocaleFormat, with_names: bool = True) -> compose.FilledQuestionnaire:
    (one,) = compose.collect_questionnaires([response.id], tongue, with_names)
    return one


def lines(one: compose.FilledQuestionnaire) -> list:
    return [line for _, asked in one.sections for line in asked]


def words_of(pdf: bytes, tmp_path) -> str:
    place = tmp_path / "a.pdf"
    place.write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-layout", place, "-"], capture_output=True, check=True)
    return said.stdout.decode()


@pytest.mark.parametrize("form", questionnaires.SHIPPED_CODES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_question_stands_in_it_in_order(db, zone, form, language):
    one = one_of(a_response(form), LocaleFormat(language, zone))
    asked = questionnaires.questions_of(questionnaires.get_newest_version(form))
    assert [line.text for line in lines(one)] == [question.text.in_(language) for question in asked]
    assert [line.number for line in lines(one)] == list(range(1, len(asked) + 1))
    titles = [title.in_(language) for title, _ in questionnaires.sections_of(asked[0].version)]
    assert [title for title, _ in one.sections] == titles


def test_each_kind_of_answer_shows_what_was_chosen_among_what(db, english):
    response = a_response("service", ratings={"channels": 0}, rated=2, opinions="Slow <b>again</b>")
    question = Question.get(Question.version == response.version, Question.code == "first_contact")
    Answer.create(response=response, question=question, value=0)
    by_kind = {line.kind: line for line in lines(one_of(response, english))}
    told = {line.text: line for line in lines(one_of(response, english))}
    assert [c.marked for c in by_kind[Kind.YES_NO].choices] == [False, True]
    ratings = [line for line in told.values() if line.kind == Kind.RATING]
    (not_applicable,) = [line for line in ratings if line.not_applicable]
    assert not_applicable.offers_na and not any(c.marked for c in not_applicable.choices)
    assert all([c.figure for c in line.choices if c.marked] == ["2"] for line in ratings if line is not not_applicable)
    assert by_kind[Kind.TEXT].words == "Slow <b>again</b>"


def test_a_blank_is_a_blank_and_a_zero_is_an_answer(db, english):
    response = a_response("company")
    question = Question.get(Question.version == response.version, Question.kind == Kind.RECOMMEND)
    blank = next(line for line in lines(one_of(response, english)) if line.kind == Kind.RECOMMEND)
    assert blank.is_blank and len(blank.choices) == 11
    Answer.create(response=response, question=question, value=0)
    zero = next(line for line in lines(one_of(response, english)) if line.kind == Kind.RECOMMEND)
    assert not zero.is_blank and [c.figure for c in zero.choices if c.marked] == ["0"]


def test_an_anonymous_one_shows_no_person_and_no_instant(cast, english):
    response = a_response(anonymous=True, client=None)
    verdicts.accept_response(response, cast.qa, NOW, "seems genuine")
    one = one_of(response, english)
    facts = dict(one.facts)
    assert facts["Respondent"] == "Somebody who stays anonymous" and facts["Client"] == "Client not named"
    assert set(facts) == {"Respondent", "Client", "Channel", "Quarter"}
    (remark,) = one.remarks
    assert (remark.state, remark.why, remark.who) == ("Valid", "seems genuine", "")
    assert "14 Sep" not in str(one) and cast.qa.name not in str(one)


def test_a_named_one_shows_who_masked_when_about_what_and_who_took_it_down(cast, english):
    contact = a_contact(a_client())
    incident = an_incident("INC7", contact.client, title="VPN down")
    about = {"client": contact.client, "contact": contact, "incident": incident, "respondent_name": "王女士"}
    response = a_response(**about, recorder=cast.desk, channel=Channel.TELEPHONE)
    facts = dict(one_of(response, english).facts)
    assert facts["Respondent"] == "王女士 · 138****5678 · w***@client.example"
    assert facts["Received"] == "14 Sep 2026, 10:00" and facts["Incident"] == "INC7 · VPN down"
    assert facts["Recorded by"] == cast.desk.name
    covered = dict(one_of(response, english, with_names=False).facts)["Respondent"]
    assert covered == "王*** · 138****5678 · w***@client.example"


def test_what_the_respondent_left_to_be_called_at_is_masked(db, english):
    response = a_response(respondent_name="王", respondent_reach="13812345678 或 wang@client.example")
    said = dict(one_of(response, english).facts)["Respondent"]
    assert "13812345678" not in said and "wang@" not in said and "138****5678" in said


def test_verdicts_reasons_and_corrections_stand_below(cast, english):
    response = a_record(cast, opinions="好")
    corrections.confirm_correction(propose(response, cast.qa, overall=GivenAnswer(2)), cast.qa2, NOW, "agreed")
    verdicts.propose_refusal(response, "denied", cast.qa, NOW)
    one = one_of(response, english)
    assert [(remark.what, remark.state, remark.why) for remark in one.remarks] == [
        ("Verdict", "Valid", ""),
        ("Verdict", "Refusal proposed", "denied"),
        ("Correction", "Proposed", "回电核实：客户说的是两分"),
        ("Correction", "Corrected", "agreed"),
    ]
    (line,) = [line for line in lines(one) if line.recorded is not None]
    assert line.recorded.startswith("5 ") and [c.figure for c in line.choices if c.marked] == ["2"]


def test_a_proposal_alone_changes_nothing_of_what_is_read(cast, english):
    response = a_record(cast)
    propose(response, cast.qa, overall=GivenAnswer(2))
    one = one_of(response, english)
    assert not [line for line in lines(one) if line.recorded is not None]
    assert one.state == Verdict.VALID and one.remarks[-1].state == "Proposed"


def test_the_pdf_holds_every_question_and_answer_in_either_language(db, zone, tmp_path):
    responses = [a_response("security", opinions="现场 <script> & 很快"), a_response("incident")]
    for language in ("zh", "en"):
        tongue = LocaleFormat(language, zone)
        pages = compose.collect_questionnaires([one.id for one in responses], tongue)
        pdf = compose.render_pdf(pages, tongue, "T", NOW)
        text = "".join(words_of(pdf, tmp_path).split())
        for one in pages:
            for line in lines(one):
                assert "".join(line.text.split()) in text, line.text
        assert "现场<script>&很快" in text


def test_the_pdf_has_a_bookmark_for_each_and_is_the_same_each_time(db, chinese):
    keys = [a_response().id for _ in range(3)]
    made = [compose.render_pdf(compose.collect_questionnaires(keys, chinese), chinese, "T", NOW) for _ in range(2)]
    assert made[0] == made[1]
    with pikepdf.open(io.BytesIO(made[0])) as pdf:
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == ["事件满意度调查问卷"] * 3
        assert pdf.Root.MarkInfo.Marked and str(pdf.Root.Lang) == "zh-Hans"


def test_keys_that_are_gone_are_left_out_and_the_order_is_the_one_asked_for(db, chinese):
    keys = sorted(a_response().id for _ in range(3))[::-1]
    assert [one.key for one in compose.collect_questionnaires([*keys, 17], chinese)] == keys


@settings(max_examples=15)
@given(words=st.text(min_size=1, max_size=60))
def test_whatever_a_client_writes_becomes_a_page(db, chinese, words):
    words = "".join(c for c in words if c.isprintable()).strip() or "x"
    response = a_response(opinions=words.encode("utf-8", "ignore").decode())
    pages = compose.collect_questionnaires([response.id], chinese)
    assert compose.render_pdf(pages, chinese, "T", NOW).startswith(b"%PDF")
