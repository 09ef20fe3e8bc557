"""The check list before publishing (Q7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csat.models.questionnaires import Dimension, Kind
from csat.procedure.authoring import checking
from csat.procedure.authoring import history_checks as history
from csat.procedure.authoring import question_checks as questions
from csat.procedure.authoring import text_checks as texts
from csat.procedure.authoring.checks import CheckState
from csat.procedure.authoring.form_history import FormHistory
from csat.procedure.questionnaires import form_length
from csat.procedure.questionnaires.content import OptionContent, SectionContent
from tests.procedure.questionnaires.forms import (
    SHIPPED,
    add_question,
    change_question,
    choice,
    drop_question,
    map_questions,
    shipped_form,
    words,
)

FORM = shipped_form("security")
NEVER = FormHistory()
CHECK = shipped_form("check")
LONG = words("长" * 301, "Fits")
SAME_IN_ENGLISH = OptionContent("a", words("甲", "A")), OptionContent("b", words("乙", "A"))


def list_found(form, state, before=NEVER, measure=None):
    return [one for one in checking.check_form(form, before, measure) if one.state == state]


def sentences(form, state=CheckState.WRONG, before=NEVER, measure=None):
    return [one.sentence for one in list_found(form, state, before, measure)]


@pytest.mark.parametrize("code", SHIPPED)
def test_nothing_is_wrong_with_what_ships(code):
    form = shipped_form(code)
    checks = checking.check_form(form, FormHistory(), lambda form, language: 25_000)
    assert {one.state for one in checks} == {CheckState.OK} and checking.is_publishable(checks)


def in_section(form, **changed):
    first, *rest = form.sections
    return replace(form, sections=(replace(first, **changed), *rest))


WRONG = [
    (replace(FORM, title=words("", "Title")), texts.TITLE["zh"]),
    (replace(FORM, intro=words("说明", " ")), texts.INTRO["en"]),
    (in_section(FORM, title=words("总体", "")), texts.SECTION["en"]),
    (change_question(FORM, "plan", text=words("方案", "")), texts.QUESTION["en"]),
    (change_question(FORM, "plan", help=words("", "Help")), texts.HELP["zh"]),
    (change_question(FORM, "value", labels=(words("一", "1"),) * 4 + (words("五", ""),)), texts.LABEL["en"]),
    (add_question(FORM, **choice("a", options=(OptionContent("a"),) * 2)), texts.OPTION["zh"]),
    (change_question(FORM, "plan", text=LONG), texts.TOO_LONG),
    (drop_question(FORM, "overall"), questions.NO_OVERALL),
    (add_question(FORM, dimension=Dimension.OVERALL), questions.MANY_OVERALL),
    (change_question(FORM, "overall", required=False), questions.OVERALL_OPTIONAL),
    (change_question(FORM, "overall", offers_na=True), questions.OVERALL_OPTIONAL),
    (change_question(FORM, "plan", code="Plan B"), questions.CODE_WRONG),
    (change_question(FORM, "plan", code="progress"), questions.CODE_TWICE),
    (change_question(FORM, "plan", dimension=None), questions.NO_DIMENSION),
    (change_question(FORM, "other", offers_na=True), questions.TEXT_NA),
    (change_question(FORM, "value", labels=(words("一", "1"),) * 3), questions.LABELS_WRONG),
    (add_question(FORM, **choice("a")), questions.FEW_OPTIONS),
    (add_question(FORM, **choice(*map(str, range(31)))), questions.MANY_OPTIONS),
    (add_question(FORM, **choice("a", "b,c")), questions.OPTION_CODE_WRONG),
    (add_question(FORM, **choice("a", "na")), questions.OPTION_CODE_WRONG),
    (add_question(FORM, **choice("a", "a")), questions.OPTION_TWICE),
    (
        add_question(FORM, **choice("a", "b", options=(OptionContent("a", words("甲", "A")),) * 2)),
        questions.OPTION_TEXT_TWICE,
    ),
    (replace(FORM, sections=(*FORM.sections, SectionContent(title=words("空", "Empty")))), questions.SECTION_EMPTY),
    (in_section(FORM, title=FORM.sections[1].title), questions.SECTIONS_SAME),
    (drop_question(CHECK, "solved"), questions.CHECK_FIRST),
    (add_question(change_question(CHECK, "solved", required=False)), questions.CHECK_FIRST),
    (change_question(CHECK, "handling", required=False), questions.CHECK_HANDLING),
    (add_question(CHECK, dimension=Dimension.OVERALL), questions.CHECK_OVERALL),
]


@pytest.mark.parametrize(("form", "sentence"), WRONG, ids=[sentence[:50] for _, sentence in WRONG])
def test_what_is_wrong_is_said(form, sentence):
    assert sentence in sentences(form)


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"text": LONG}, "text_zh", texts.TOO_LONG),
        ({"help": words("长", "x" * 501)}, "help_en", texts.TOO_LONG),
        ({"labels": (words("一", "1"),) * 4 + (words("五" * 21, "5"),)}, "label_5_zh", texts.TOO_LONG),
        ({"code": "Zwei"}, "code", questions.CODE_WRONG),
        ({"code": "progress"}, "code", questions.CODE_TWICE),
        ({"dimension": Dimension.VALUE}, "code", history.DIMENSION_CHANGED),
        (choice("way", "way"), "option_1_code", questions.OPTION_TWICE),
        (choice("way", "Way"), "option_1_code", questions.OPTION_CODE_WRONG),
        (choice("way"), "options", questions.FEW_OPTIONS),
        (choice("way") | {"options": SAME_IN_ENGLISH}, "option_1_en", questions.OPTION_TEXT_TWICE),
        ({"dimension": None}, "dimension", questions.NO_DIMENSION),
        ({"dimension": Dimension.OVERALL}, "dimension", questions.MANY_OVERALL),
        ({"kind": Kind.TEXT, "dimension": None, "offers_na": True}, "na", questions.TEXT_NA),
    ],
)
def test_what_is_wrong_in_one_field_names_it_for_the_editor(changed, field, sentence):
    before = FormHistory(newest=FORM, natures={one.code: (one.kind, one.dimension) for one in FORM.questions})
    found = list_found(change_question(FORM, "plan", **changed), CheckState.WRONG, before)
    assert (field, sentence) in {(one.field, one.sentence) for one in found}


def test_a_question_is_fixed_as_it_was_published_and_if_no_other_has_its_code():
    plan = next(one for one in FORM.questions if one.code == "plan")
    known = FormHistory(natures={"plan": (plan.kind, plan.dimension)})
    assert known.is_locked(plan, FORM) and not NEVER.is_locked(plan, FORM)
    assert not known.is_locked(replace(plan, kind=Kind.TEXT, dimension=None), FORM)
    assert not known.is_locked(plan, add_question(FORM, code="plan"))


def test_a_missing_text_leads_to_its_question():
    plan = next(one for one in FORM.questions if one.code == "plan")
    [found] = list_found(change_question(FORM, "plan", text=words("方案", "")), CheckState.WRONG)
    assert found.anchor == plan.key and found.facts["number"] == 6


def test_sixty_questions_fit_and_not_one_more():
    def grow(n):
        return add_many(FORM, n - len(FORM.questions))

    assert sentences(grow(60)) == [] and sentences(grow(61)) == [questions.QUESTIONS_MANY]


def add_many(form, n):
    for number in range(n):
        form = add_question(form, code=f"more_{number}")
    return form


@pytest.mark.parametrize(("size", "fits"), [(39_999, True), (40_000, False)])
def test_the_page_stays_under_40_kilobytes_in_the_longer_language(size, fits):
    measured = {"zh": size, "en": 10}
    found = checking.check_form(FORM, FormHistory(), lambda form, language: measured[language])
    assert checking.is_publishable(found) is fits


def test_what_looks_like_html_is_only_a_warning():
    form = change_question(FORM, "plan", text=words("方案 < 5 天", "Our <b>plan</b>"))
    [found] = list_found(form, CheckState.WARN)
    assert (found.sentence, found.facts["text"]) == (texts.LOOKS_LIKE_HTML, "<b>")


BEFORE = FormHistory(
    natures={one.code: (one.kind, one.dimension) for one in FORM.questions}
    | {"gone": (Kind.TEXT, None), "bare": (Kind.RATING, None)},
    newest=FORM,
    newest_number=1,
)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (FORM, history.SAME_AS_BEFORE),
        (change_question(FORM, "plan", kind=Kind.YES_NO, dimension=None), history.KIND_CHANGED),
        (change_question(FORM, "plan", dimension=Dimension.VALUE), history.DIMENSION_CHANGED),
        (add_question(FORM, code="bare"), history.HAD_NO_DIMENSION),
        (add_question(FORM, code="gone"), history.KIND_CHANGED),  # of a version before the last one
    ],
)
def test_a_code_keeps_its_kind_and_dimension_for_ever(form, sentence):
    assert sentence in sentences(form, before=BEFORE)


def test_a_changed_kind_says_what_it_was():
    form = change_question(FORM, "plan", kind=Kind.YES_NO, dimension=None)
    [found] = list_found(form, CheckState.WRONG, BEFORE)
    assert found.facts == {"number": 6, "code": "plan", "before": Kind.RATING}


def test_a_trend_that_ends_is_said():
    form = map_questions(FORM, lambda one: [] if one.dimension == Dimension.DELIVERY else [one])
    found = {one.sentence: one.facts for one in list_found(form, CheckState.WARN, BEFORE)}
    assert found == {history.DIMENSION_DROPPED: {"dimension": Dimension.DELIVERY}}


@pytest.mark.parametrize("code", ["most_satisfied", "to_improve"])
def test_a_code_that_the_report_reads_is_missed(code):
    assert sentences(drop_question(FORM, code), CheckState.WARN, BEFORE) == [history.COMMENTS_UNSORTED]


def test_what_sealed_answers_would_lose_is_said():
    asked = add_question(FORM, code="place", **choice("hall", "desk"))
    before = replace(BEFORE, newest=asked, in_use=(asked,))
    fewer = add_question(FORM, code="place", **choice("hall", "other"))
    [found] = list_found(fewer, CheckState.WARN, before)
    assert (found.sentence, found.facts) == (history.OPTION_DROPPED, {"code": "place", "option": "desk"})
    assert sentences(FORM, CheckState.WARN, before) == [history.QUESTION_DROPPED]


@pytest.mark.parametrize(
    ("code", "minutes"), [("incident", 2), ("company", 4), ("security", 5), ("service", 5), ("check", 1)]
)
def test_the_computed_length_is_that_of_the_files(code, minutes):
    assert form_length.count_minutes(shipped_form(code)) == minutes


def test_a_call_after_an_incident_stays_short():
    form = add_many(shipped_form("incident"), 9)
    assert sentences(form, CheckState.WARN) == [checking.CALL_TOO_LONG]
    assert sentences(replace(form, code="other"), CheckState.WARN) == []


def test_what_a_question_keeps_of_another_kind_is_not_looked_at():
    form = change_question(FORM, "recommend", dimension=Dimension.OVERALL, labels=(words("", ""),), offers_na=True)
    assert sentences(form) == []
