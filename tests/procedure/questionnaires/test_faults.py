"""What is wrong in a field of a form in work, what is still to be written, and which questions are fixed (Q7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from csat.models.questionnaires import Dimension, Kind
from csat.procedure.questionnaires import faults, limits
from csat.procedure.questionnaires.content import OptionContent
from tests.procedure.questionnaires.forms import add_question, change_question, choice, shipped_form, words

FORM = shipped_form("security")
NATURES = {question.code: (question.kind, question.dimension) for question in FORM.questions}


def found(form, natures=NATURES):
    return [(fault.name, fault.sentence) for fault in faults.find_faults(form, natures)]


def test_nothing_is_wrong_with_what_ships_and_nothing_is_missing():
    assert found(FORM) == [] and faults.count_missing(FORM) == 0


@pytest.mark.parametrize(
    ("changed", "field", "most"),
    [
        ({"text": words("长" * 301, "x")}, "text_zh", limits.MAX_QUESTION),
        ({"help": words("长", "x" * 501)}, "help_en", limits.MAX_HELP),
        ({"labels": (words("一", "1"),) * 4 + (words("五" * 21, "5"),)}, "label_5_zh", limits.MAX_LABEL),
    ],
)
def test_a_text_that_is_too_long_says_how_long_it_is(changed, field, most):
    (fault,) = faults.find_faults(change_question(FORM, "plan", **changed), NATURES)
    assert (fault.name, fault.facts["most"]) == (field, most) and fault.facts["length"] == most + 1


def test_title_introduction_and_section_have_their_limits():
    first = replace(FORM.sections[0], title=words("长" * 81, "x"))
    form = replace(FORM, title=words("长" * 101, "x"), intro=words("x", "x" * 1001), sections=(first,))
    assert [name for name, _ in found(form)] == ["title_zh", "intro_en", "title_zh"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"code": "Zwei"}, faults.CodeMalformed.sentence),
        ({"code": "other", "dimension": None}, faults.CODE_OTHER_NATURE),
        ({"code": "overall", "dimension": Dimension.VALUE}, faults.CODE_OTHER_DIMENSION),
    ],
)
def test_a_code_is_well_formed_and_keeps_what_it_was_published_as(given, sentence):
    form = add_question(replace(FORM, sections=FORM.sections[1:2]), **given)
    assert found(form) == [("code", sentence)]


def test_a_code_used_twice_is_marked_at_both_and_a_blank_one_at_none():
    assert found(add_question(FORM, code="plan", dimension=Dimension.DELIVERY)) == [("code", faults.CODE_TWICE)] * 2
    assert found(add_question(FORM, code="")) == []


def test_options_have_codes_of_their_own():
    options = tuple(OptionContent(code, words("甲", "A")) for code in ("a", "a", "B", "na", ""))
    form = add_question(FORM, **choice(options=options, offers_na=True, code="way"))
    assert [sentence for _, sentence in found(form)] == [
        faults.OPTION_TWICE,
        faults.OPTION_TWICE,
        faults.OPTION_MALFORMED,
        faults.OPTION_RESERVED,
    ]


def test_what_is_missing_is_counted_by_language():
    form = change_question(FORM, "plan", text=words("方案", ""), help=words("", "Help"))
    question = next(one for one in form.questions if one.code == "plan")
    assert faults.list_missing(question) == ["zh", "en"] and faults.count_missing(form) == 2


def test_a_question_is_fixed_as_it_was_published_and_if_no_other_has_its_code():
    plan = next(one for one in FORM.questions if one.code == "plan")
    assert faults.is_locked(plan, FORM, NATURES) and not faults.is_locked(plan, FORM, {})
    assert not faults.is_locked(replace(plan, kind=Kind.TEXT, dimension=None), FORM, NATURES)
    assert not faults.is_locked(plan, add_question(FORM, code="plan"), NATURES)
