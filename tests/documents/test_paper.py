"""The form on paper: every question with its boxes, the code on each page, nothing that names the person unasked."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace

import pikepdf
import pytest

from csat.documents import paper
from csat.documents.paper import PaperSurvey
from csat.models.asking import Naming
from csat.models.base import Localised
from csat.models.questionnaires import Kind
from csat.procedure.campaigns import links, paper_forms
from csat.procedure.campaigns.slips import Slip
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW, ZONE, a_campaign, a_client, a_contact, an_invitation

PROVIDER = Localised({"zh": "华信安全", "en": "Huaxin Security"})


@pytest.fixture
def form(cast):
    contact = a_contact(a_client("华东物流"), "王女士")
    asked = an_invitation(a_campaign("security", title="年度调查"), contact, state="made")
    return paper_forms.print_contact_forms([Slip(asked, False, False)], cast.desk, NOW)[0]


def survey_of(form):
    version = form.invitation.campaign.version
    return PaperSurvey(version.title, version.intro, questionnaires.questions_of(version))


def rendered(form, language, survey=None, **more):
    languages = paper.list_languages(language)
    asked = links.build_survey_request(form.invitation)
    told = paper.build_handling(
        form, asked, f"https://a.example/s/{form.token}", "https://a.example/s/", languages, ZONE, **more
    )
    return paper.render_forms([(survey or survey_of(form), told, languages)] * 2, PROVIDER, ZONE)


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_question_and_choice_stands_on_it(form, language):
    pages = text_of(rendered(form, language)).split("\f")[:-1]
    text = squeezed("".join(pages[: len(pages) // 2]))
    for question in survey_of(form).questions:
        for one in paper.list_languages(language):
            assert squeezed(question.text[one]) in text
    assert "https" not in text and "a.example/s/" in text
    assert all(form.code in page for page in pages)
    half = len(pages) // 2
    words = "第{}页，共{}页" if language != "en" else "Page{}of{}"
    for number, page in enumerate(pages):  # each form has a numbering of its own
        assert words.format(number % half + 1, half) in squeezed(page)


def test_a_name_stands_there_only_if_asked_for(form):
    assert "王女士" not in text_of(rendered(form, "zh")) and "王女士" in text_of(rendered(form, "zh", with_name=True))


@pytest.mark.parametrize(
    ("naming", "there", "missing"),
    [
        (Naming.ANONYMOUS, ["types it in by its code", "handwriting"], ["Your name"]),
        (Naming.NAMED, ["answered by name", "Your name"], ["handwriting", "Without my name"]),
        (Naming.BOTH, ["Without my name", "Your name", "types it in by its code"], []),
    ],
)
def test_the_promise_and_the_name_are_what_the_campaign_offers(form, naming, there, missing):
    form.invitation.campaign.naming = naming
    text = " ".join(text_of(rendered(form, "en")).split())
    assert all(words in text for words in there) and not any(words in text for words in missing)


def test_strange_texts_are_words_only(form):
    survey = survey_of(form)
    survey.questions[0].text = {"zh": "<b>粗</b>", "en": "<script>x</script> & more"}
    assert "<script>x</script> & more" in text_of(rendered(form, "en", survey))


def test_a_draft_with_nothing_written_is_a_sheet_too(form):
    bare = replace(
        survey_of(form), title=Localised({"zh": "", "en": ""}), intro=Localised({"zh": "", "en": ""}), questions=[]
    )
    text = text_of(paper.render_sample(bare, ("zh",), Localised({}), ZONE))
    assert "样张" in text and form.code not in text


def test_it_is_tagged_and_archivable(form):
    with pikepdf.open(io.BytesIO(rendered(form, "zh"))) as pdf:
        assert str(pdf.Root.Lang) == "zh-Hans" and pdf.Root.MarkInfo.Marked
        assert b"pdfuaid:part" in pdf.Root.Metadata.read_bytes()
        assert {Kind.RATING, Kind.TEXT} <= {one.kind for one in survey_of(form).questions}
