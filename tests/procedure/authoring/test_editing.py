"""Any sequence of acts keeps each section and question exactly once, and undoing a removal restores its place (Q7)."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.models.questionnaires import Kind
from csat.procedure.authoring import editing
from csat.procedure.core.refusals import Refusal
from csat.procedure.questionnaires.content import FormContent, QuestionContent, SectionContent
from tests.procedure.questionnaires.forms import find_question, shipped_form


def form_of(*sections):
    """A form whose sections have questions of these codes, which are their keys as well."""
    return FormContent(
        "story",
        sections=tuple(
            SectionContent(f"s{n}", questions=tuple(QuestionContent(code, code) for code in codes.split()))
            for n, codes in enumerate(sections)
        ),
    )


def codes_of(form):
    return [" ".join(question.code for question in section.questions) for section in form.sections]


def keys_of(form):
    return [key for one in form.sections for key in (one.key, *(question.key for question in one.questions))]


def pick(data, keys):
    return data.draw(st.sampled_from(keys)) if keys else "gone"


def do_anything(data, form, removed):
    """One act of whatever kind: the form, and what was taken out of it."""
    sections, questions = [one.key for one in form.sections], [one.key for one in form.questions]
    key, section, step = pick(data, questions), pick(data, sections), data.draw(st.sampled_from([-1, 1]))
    kind = data.draw(st.sampled_from(Kind))
    acts = {
        "up": lambda: editing.move_question(form, key, step),
        "to": lambda: editing.move_to_section(form, key, section),
        "section up": lambda: editing.move_section(form, section, step),
        "copy": lambda: editing.copy_question(form, key)[0],
        "add": lambda: editing.add_question(form, section, kind)[0],
        "add section": lambda: editing.add_section(form)[0],
    }
    takes = {
        "remove": lambda: editing.remove_question(form, key),
        "remove section": lambda: editing.remove_section(form, section),
    }
    verb = data.draw(st.sampled_from([*acts, *takes]))
    if verb in acts:
        return acts[verb](), removed
    form, taken = takes[verb]()
    return form, [*removed, taken]


@given(st.data())
def test_any_acts_keep_every_key_exactly_once(data):
    form, removed = form_of("a b c", "d", ""), []
    for _ in range(data.draw(st.integers(0, 12))):
        before = keys_of(form) + [key for one in removed for key in keys_of_removed(one)]
        with suppress(Refusal):
            form, removed = do_anything(data, form, removed)
        after = keys_of(form) + [key for one in removed for key in keys_of_removed(one)]
        assert max(Counter(after).values()) == 1 and set(before) <= set(after)
        assert len({question.code for question in form.questions}) == len(form.questions)


def keys_of_removed(removed):
    questions = removed.item.questions if isinstance(removed.item, SectionContent) else ()
    return [removed.item.key, *(question.key for question in questions)]


@given(st.data())
def test_removals_are_undone_one_by_one_each_to_its_place(data):
    form = form_of("a b c", "d e", "", "f")
    seen, removed = [form], []
    for _ in range(data.draw(st.integers(0, 6))):
        if data.draw(st.booleans()) and len(form.sections) > 1:
            form, taken = editing.remove_section(form, pick(data, [one.key for one in form.sections]))
        elif form.questions:
            form, taken = editing.remove_question(form, pick(data, [one.key for one in form.questions]))
        else:
            break
        seen.append(form)
        removed.append(taken)
    for taken in reversed(removed):
        assert seen.pop() == form
        form = editing.put_back(form, taken)
    assert form == seen.pop()


@pytest.mark.parametrize(
    ("key", "step", "leads_to"),
    [
        ("b", -1, ["b a", "c", ""]),
        ("b", 1, ["a", "b c", ""]),
        ("c", -1, ["a b c", "", ""]),
        ("c", 1, ["a b", "", "c"]),
        ("a", -1, ["a b", "c", ""]),
    ],
)
def test_a_question_moves_within_its_section_and_across_the_border(key, step, leads_to):
    assert codes_of(editing.move_question(form_of("a b", "c", ""), key, step)) == leads_to


def test_a_question_moves_to_the_end_of_a_chosen_section():
    form = form_of("a b", "c")
    assert codes_of(editing.move_to_section(form, "a", "s1")) == ["b", "c a"]
    assert editing.move_to_section(form, "a", "s0") is form
    with pytest.raises(editing.ItemGone):
        editing.move_to_section(form, "a", "elsewhere")


def test_a_section_moves_with_its_questions():
    assert codes_of(editing.move_section(form_of("a", "b", "c"), "s2", -1)) == ["a", "c", "b"]
    assert codes_of(editing.move_section(form_of("a", "b"), "s0", -1)) == ["a", "b"]


def test_a_copy_stands_behind_with_a_code_that_nobody_ever_had():
    form, key = editing.copy_question(form_of("speed tone", "speed_2"), "speed", taken={"speed_3": None})
    assert codes_of(form) == ["speed speed_4 tone", "speed_2"] and find_question(form, key).code == "speed_4"
    again, _ = editing.copy_question(form, key)
    assert "speed_3" in codes_of(again)[0]  # not speed_4_2


def test_a_question_that_was_left_out_returns_to_its_neighbours():
    before = shipped_form("security")
    form, _ = editing.remove_question(before, next(one.key for one in before.questions if one.code == "plan"))
    restored, key = editing.restore_question(form, before, "plan")
    assert [one.code for one in restored.questions] == [one.code for one in before.questions]
    assert codes_of(restored) == codes_of(before) and key != restored.questions[0].key
    for code in ("plan", "never"):
        with pytest.raises(editing.ItemGone):
            editing.restore_question(restored, before, code)


def test_the_sixty_first_question_is_refused():
    full = form_of(" ".join(f"q{n}" for n in range(60)))
    for act in (editing.add_question, editing.copy_question):
        with pytest.raises(editing.TooManyQuestions):
            act(full, *(("s0", Kind.TEXT) if act is editing.add_question else ("q3",)))
    assert len(editing.move_question(full, "q3", 1).questions) == 60


def test_the_last_section_stays():
    with pytest.raises(editing.LastSection):
        editing.remove_section(form_of("a"), "s0")


def test_a_place_that_is_gone_is_the_end():
    form, a = editing.remove_question(form_of("a", "b c"), "a")
    form, _ = editing.remove_section(form, "s0")
    assert codes_of(editing.put_back(form, a)) == ["b c a"]
    form, c = editing.remove_question(form_of("a b c d"), "c")
    form = editing.remove_question(form, "b")[0]
    assert codes_of(editing.put_back(form, c)) == ["a d c"]


def test_options_are_added_moved_and_removed():
    question = editing.add_option(editing.add_option(editing.add_option(QuestionContent(kind=Kind.CHOICE_ONE))))
    moved = editing.move_option(question, 2, -1)
    assert [one.code for one in moved.options] == ["option_1", "option_3", "option_2"]
    left = editing.remove_option(moved, 0)
    assert [one.code for one in left.options] == ["option_3", "option_2"]
    assert editing.remove_option(left, 9) == editing.move_option(left, 9, 1) == left
    with pytest.raises(editing.TooManyOptions):
        editing.add_option(replace(question, options=question.options * 10))
