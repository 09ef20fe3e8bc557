"""Drafts and versions as forms to be tried, however unfinished (Q7)."""

from __future__ import annotations

from csat.models.questionnaires import Kind
from csat.procedure.authoring.previews import MISSING_OPTION, MISSING_TEXT, build_preview
from csat.procedure.questionnaires.content import FormContent, QuestionContent, SectionContent
from tests.procedure.questionnaires.forms import change_question, shipped_form, words


def test_a_finished_form_is_previewed_word_for_word():
    form = shipped_form("security")
    preview = build_preview(form, 5)
    assert [(one.code, one.text, one.help) for one in preview.questions] == [
        (one.code, one.text, one.help) for one in form.questions
    ]
    assert (preview.version.title, preview.version.intro, preview.version.minutes) == (form.title, form.intro, 5)


def test_what_is_missing_is_marked_in_its_language_only():
    form = change_question(shipped_form("security"), "overall", text=words("总体？", " "), help=words("", "Why"))
    shown = build_preview(form, 5).questions[0]
    assert shown.text == words("总体？", MISSING_TEXT["en"]) and shown.help == words(MISSING_TEXT["zh"], "Why")


def test_codes_that_cannot_tell_questions_apart_are_replaced():
    codes = ("a", "", "a", "na", "b c", "b")
    form = FormContent("x", sections=(SectionContent(questions=tuple(QuestionContent(code=one) for one in codes)),))
    assert [one.code for one in build_preview(form, 1).questions] == ["a", "_2", "_3", "_4", "_5", "b"]


def test_a_choice_without_options_offers_a_mark():
    form = FormContent("x", sections=(SectionContent(questions=(QuestionContent(kind=Kind.CHOICE_ONE),)),))
    assert [one["en"] for one in build_preview(form, 1).questions[0].options] == [MISSING_OPTION["en"]]
