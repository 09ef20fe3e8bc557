"""What a version changes against another (Q7)."""

from __future__ import annotations

from dataclasses import replace

from csat.procedure.questionnaires import comparison
from csat.procedure.questionnaires.comparison import ChangeKind, Part, compare_forms
from csat.procedure.questionnaires.content import SectionContent, copy_content
from tests.procedure.questionnaires.forms import (
    add_question,
    change_question,
    choice,
    drop_question,
    find_question,
    shipped_form,
    words,
)

FORM = shipped_form("security")


def told(after, before=FORM):
    return [(one.kind, one.part, one.code) for one in compare_forms(before, after)]


def test_the_same_form_with_other_keys_differs_in_nothing():
    assert compare_forms(FORM, copy_content(FORM, FORM.code)) == []


def test_a_reworded_question_shows_both_wordings_in_its_language():
    text = words(find_question(FORM, FORM.questions[5].key).text["zh"], "New words")
    [found] = compare_forms(FORM, change_question(FORM, "plan", text=text))
    assert (found.kind, found.part, found.code, found.number, found.language) == ("reworded", "text", "plan", 6, "en")
    assert (found.after, found.effect) == ("New words", comparison.COMPARE_WITH_CARE)
    assert found.before == FORM.questions[5].text["en"]


def test_added_and_removed_questions_begin_and_end_a_trend():
    found = compare_forms(FORM, add_question(drop_question(FORM, "plan")))
    assert {(one.kind, one.code, one.effect) for one in found} == {
        (ChangeKind.ADDED, "informed", comparison.BEGINS),
        (ChangeKind.REMOVED, "plan", comparison.ENDS),
    }


def test_a_question_moved_down_is_one_move():
    first, *rest = FORM.sections
    moved = replace(first, questions=(*first.questions[1:], first.questions[0]))
    [found] = compare_forms(FORM, replace(FORM, sections=(moved, *rest)))
    assert (found.kind, found.code, found.was, found.number) == (ChangeKind.MOVED, "overall", 1, 4)


def test_a_question_moved_over_the_border_of_its_section_is_moved():
    first, second, *rest = FORM.sections
    shorter = replace(first, questions=first.questions[:-1])
    longer = replace(second, questions=(first.questions[-1], *second.questions))
    assert told(replace(FORM, sections=(shorter, longer, *rest))) == [(ChangeKind.MOVED, Part.QUESTION, "recommend")]


def test_sections_are_retitled_added_and_removed():
    first, *rest = FORM.sections
    retitled = replace(first, title=words(first.title["zh"], "All in all"))
    assert told(replace(FORM, sections=(retitled, *rest))) == [(ChangeKind.REWORDED, Part.SECTION, "")]
    grown = replace(FORM, sections=(SectionContent(title=words("新", "New")), *FORM.sections))
    assert told(grown) == [(ChangeKind.ADDED, Part.SECTION, "")] * 2
    assert told(FORM, before=grown) == [(ChangeKind.REMOVED, Part.SECTION, "")] * 2


def test_scale_options_and_rules_of_a_question_are_told_apart():
    before = add_question(FORM, **choice("a", "b"))
    after = change_question(before, "informed", **choice("a", "c"), required=False, offers_na=True)
    assert set(told(change_question(after, "value", labels=()), before)) == {
        (ChangeKind.REWORDED, Part.LABELS, "value"),
        (ChangeKind.REWORDED, Part.OPTIONS, "informed"),
        (ChangeKind.CHANGED, Part.REQUIRED, "informed"),
        (ChangeKind.CHANGED, Part.NOT_APPLICABLE, "informed"),
    }


def test_another_dimension_is_said_to_be_impossible():
    [found] = compare_forms(FORM, change_question(FORM, "plan", dimension=None))
    assert (found.part, found.effect) == (Part.KIND, comparison.NATURE_CHANGED)


def test_title_and_introduction_are_compared():
    after = replace(FORM, title=words("新标题", FORM.title["en"]), intro=words("新", "New"))
    assert told(after) == [(ChangeKind.REWORDED, Part.TITLE, "")] + [(ChangeKind.REWORDED, Part.INTRO, "")] * 2
