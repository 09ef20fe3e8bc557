"""Two people on one draft: nobody overwrites anybody, and nothing that was typed is lost (Q7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.models.people import Person
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.authoring import draft_fields, draft_work, editing
from csat.procedure.authoring.draft_work import REASON, DraftWork, Sent, merge_sent
from csat.procedure.questionnaires.content import OptionContent, QuestionContent
from tests.builders import NOW
from tests.procedure.questionnaires.forms import SHIPPED, find_question, shipped_form, words

ANN, BEN = Person(id=1, name="Ann"), Person(id=2, name="Ben")
LATER = NOW + timedelta(minutes=2)


def a_work(form="incident", **more):
    return DraftWork(shipped_form(form), **more)


def open_page(work):
    """What a page shows of a draft, as it would send it back untouched."""
    return {key: Sent(fields, draft_fields.digest_fields(fields)) for key, fields in work.all_fields().items()}


def typed(page, key, **fields):
    """The page after somebody typed into an item."""
    return {**page, key: replace(page[key], fields={**page[key].fields, **fields})}


def text_of(work, key):
    return find_question(work.form, key).text["zh"]


@pytest.mark.parametrize("code", SHIPPED)
def test_a_page_that_nobody_touched_changes_nothing(code):
    work = a_work(code)
    merged = merge_sent(work, open_page(work), ANN, NOW)
    assert merged.work == work and not merged.changed and not merged.clashes and not merged.moved_on


def test_what_two_people_type_at_different_places_goes_together():
    work = a_work()
    one, two = work.form.questions[0].key, work.form.questions[1].key
    page = open_page(work)
    after = merge_sent(work, typed(page, one, text_zh="甲改"), ANN, NOW).work
    after = merge_sent(after, typed(page, two, text_zh="乙改"), BEN, LATER).work
    assert (text_of(after, one), text_of(after, two), after.rivals) == ("甲改", "乙改", ())


def a_clash():
    """Both changed the first question; Ben had not seen what Ann wrote."""
    work = a_work()
    key, page = work.form.questions[0].key, open_page(work)
    after = merge_sent(work, typed(page, key, text_zh="甲改"), ANN, NOW).work
    return key, merge_sent(after, typed(page, key, text_zh="乙改", code="other"), BEN, LATER)


def test_what_two_people_type_at_one_place_stands_side_by_side():
    key, merged = a_clash()
    assert text_of(merged.work, key) == "甲改" and merged.clashes == (key,)
    (rival,) = merged.work.rivals
    assert (rival.key, rival.by, rival.at, rival.fields["text_zh"]) == (key, BEN.id, LATER, "乙改")


def test_what_stands_beside_is_taken_over_whole_or_put_aside():
    key, merged = a_clash()
    taken = draft_work.take_rival(merged.work, key, BEN.id)
    assert (text_of(taken, key), find_question(taken.form, key).code, taken.rivals) == ("乙改", "other", ())
    dropped = draft_work.drop_rival(merged.work, key, BEN.id)
    assert (text_of(dropped, key), dropped.rivals) == ("甲改", ())
    with pytest.raises(editing.ItemGone):
        draft_work.take_rival(dropped, key, BEN.id)


def test_typing_on_in_a_page_that_clashed_keeps_the_latest_only():
    key, merged = a_clash()
    again = {key: Sent({"text_zh": "乙再改"}, "what his page showed")}
    work = merge_sent(merged.work, again, BEN, LATER).work
    assert [one.fields["text_zh"] for one in work.rivals] == ["乙再改"]
    came_round = {key: Sent({"text_zh": "甲改"}, "what his page showed")}
    assert merge_sent(work, came_round, BEN, LATER).work.rivals == ()


def test_moving_and_adding_do_not_clash_with_typing():
    work = a_work()
    key, page = work.form.questions[0].key, open_page(work)
    form, fresh = editing.add_question(editing.move_question(work.form, key, 1), work.form.sections[0].key, Kind.TEXT)
    after = merge_sent(replace(work, form=form), typed(page, key, help_zh="帮助"), BEN, NOW).work
    assert find_question(after.form, key).help["zh"] == "帮助" and find_question(after.form, fresh)
    assert [one.key for one in after.form.questions] == [one.key for one in form.questions]


def test_what_was_typed_into_something_removed_comes_back_with_it():
    work = a_work()
    section, key, page = work.form.sections[1].key, work.form.questions[1].key, open_page(work)
    without = draft_work.remove_item(work, section)
    merged = merge_sent(without, typed(page, key, text_zh="乙改"), BEN, NOW)
    assert find_question(merged.work.form, key) is None and merged.changed == (key,)
    back, what = draft_work.undo_removal(merged.work)
    assert what == section and text_of(back, key) == "乙改"
    with pytest.raises(editing.ItemGone):
        draft_work.undo_removal(back)


def test_what_was_typed_for_another_draft_can_be_put_back():
    page = open_page(a_work())
    key = next(key for key, one in page.items() if one.fields.get("code") == "opinions")
    merged = merge_sent(a_work(), typed(page, key, text_zh="乙改"), BEN, NOW)
    assert [one.item.text["zh"] for one in merged.work.removed] == ["乙改"]  # and only what was changed


def test_a_page_that_lists_fewer_options_does_not_remove_those_of_others():
    question = QuestionContent(kind=Kind.CHOICE_ONE, options=(OptionContent("a"), OptionContent("b")))
    form = shipped_form("check")
    form = replace(form, sections=(replace(form.sections[0], questions=(question,)),))
    work = DraftWork(form)
    page = typed(open_page(work), question.key, option_0_zh="乙改")
    more = replace(work, form=editing.change_question(form, question.key, editing.add_option))
    merged = merge_sent(more, page, BEN, NOW)
    assert merged.clashes == (question.key,) and len(merged.work.form.questions[0].options) == 3
    assert merge_sent(work, page, BEN, NOW).work.form.questions[0].options[0].text["zh"] == "乙改"


def test_the_reason_and_the_title_are_kept_like_everything_else():
    work = a_work(reason="旧")
    page = typed(typed(open_page(work), REASON, reason="新"), "head", title_en="Title")
    after = merge_sent(work, page, ANN, NOW).work
    assert (after.reason, after.form.title["en"]) == ("新", "Title")


def test_it_is_known_who_changed_what_and_when():
    work = a_work()
    key = work.form.questions[0].key
    after = merge_sent(work, typed(open_page(work), key, text_zh="甲改"), ANN, NOW).work
    assert draft_work.mark_touched(work, after, ANN, NOW).touched == {key: (ANN.id, NOW)}


TEXT = st.text(max_size=30)
QUESTIONS = st.builds(
    QuestionContent,
    key=st.just("k"),
    code=TEXT,
    kind=st.sampled_from(Kind),
    dimension=st.none() | st.sampled_from(Dimension),
    text=st.builds(words, TEXT, TEXT),
    help=st.builds(words, TEXT, TEXT),
    required=st.booleans(),
    offers_na=st.booleans(),
    labels=st.just(()) | st.tuples(*[st.builds(words, TEXT, TEXT)] * 5),
    options=st.lists(st.builds(OptionContent, TEXT, st.builds(words, TEXT, TEXT)), max_size=4).map(tuple),
)


@given(QUESTIONS)
def test_a_question_comes_back_from_its_fields_as_it_was(question):
    fields = draft_fields.question_fields(question)
    again = draft_fields.question_fields(draft_fields.take_question(question, draft_fields.clean_fields(fields)))
    assert draft_fields.digest_fields(again) == draft_fields.digest_fields(fields)
    shown = {name: text for name, text in fields.items() if name not in ("code", "kind", "dimension")}  # when locked
    kept = draft_fields.take_question(question, shown)
    assert (kept.code, kept.kind, kept.dimension) == (question.code, question.kind, question.dimension)
