"""A draft is the next version in work: one at a time, kept with what lies beside it, given up on record (Q7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from csat.models.questionnaires import Kind, Questionnaire, QuestionnaireDraft
from csat.models.records import AuditEntry
from csat.procedure.authoring import draft_acts, draft_work, drafts, editing
from csat.procedure.authoring.draft_acts import Act
from csat.procedure.core.refusals import NotFound
from csat.procedure.questionnaires import questionnaires
from tests.builders import NOW
from tests.procedure.questionnaires.forms import choice, shipped_form, words


@pytest.fixture
def draft(cast):
    return drafts.start_draft("security", cast.qa, NOW)


def test_there_is_one_draft_that_begins_as_the_newest_version(draft, cast):
    assert drafts.start_draft("security", cast.qa2, NOW) == draft and draft.made_by == cast.qa
    asked = [question.code for question in questionnaires.questions_of(draft.based_on)]
    assert [question.code for question in drafts.read_draft(draft).questions] == asked
    with pytest.raises(NotFound):
        drafts.start_draft("never", cast.qa, NOW)


@pytest.mark.parametrize("code", ["", "a", "Training", "1st", "a-b", "a" * 41])
def test_a_new_questionnaire_needs_a_sound_code(cast, code):
    with pytest.raises(drafts.CodeMalformed):
        drafts.start_questionnaire(code, None, cast.qa, NOW)


def test_a_new_questionnaire_begins_blank_or_as_a_copy_with_keys_of_its_own(cast):
    blank = drafts.read_draft(drafts.start_questionnaire("blank", None, cast.qa, NOW))
    assert [section.questions for section in blank.sections] == [()]
    source = shipped_form("service")
    copy = drafts.read_draft(drafts.start_questionnaire("copy", source, cast.qa, NOW))
    assert copy.code == "copy" and not {one.key for one in copy.questions} & {one.key for one in source.questions}
    with pytest.raises(drafts.CodeTaken):
        drafts.start_questionnaire("service", None, cast.qa, NOW)


def test_who_saves_an_older_state_is_refused(draft, cast):
    stale = drafts.get_draft("security")
    drafts.save_draft(draft, drafts.read_draft(draft), cast.qa, NOW)
    with pytest.raises(drafts.DraftChanged):
        drafts.save_draft(stale, drafts.read_draft(stale), cast.qa2, NOW)


def test_what_lies_beside_a_form_outlives_others_savings(draft, cast):
    key = drafts.read_draft(draft).questions[0].key
    draft_acts.save_page("security", {}, Act("remove", key), cast.qa, NOW)
    saved = drafts.get_draft("security")
    drafts.save_draft(saved, drafts.read_draft(saved), cast.qa2, NOW)
    work = draft_work.read_work(drafts.get_draft("security"))
    assert [one.item.key for one in work.removed] == [key]
    back = draft_acts.save_page("security", {}, Act("undo"), cast.qa2, NOW)
    assert back.key == key and drafts.read_draft(back.draft).questions[0].key == key


def test_a_page_without_changes_leaves_saver_and_time_as_they_were(draft, cast):
    draft_acts.save_page("security", {}, Act("save"), cast.qa2, NOW + timedelta(hours=1))
    again = drafts.get_draft("security")
    assert (again.saved_by, again.saved_at, again.revision) == (cast.qa, NOW, draft.revision)


@pytest.mark.parametrize("act", ["up", "copy", "remove", "restore", "undo", "take", "option_add", "move", "add"])
def test_an_act_on_what_is_gone_is_refused_with_a_sentence(draft, cast, act):
    saved = draft_acts.save_page("security", {}, Act(act, "gone", "x"), cast.qa, NOW)
    assert isinstance(saved.refusal, editing.ItemGone) and saved.draft.revision == draft.revision


def test_what_another_kind_had_is_kept_but_not_shown(draft, cast):
    form = drafts.read_draft(draft)
    key = form.questions[0].key
    chosen = editing.change_question(form, key, lambda one: replace(one, **choice("a", "b")))
    text = editing.change_question(chosen, key, lambda one: replace(one, kind=Kind.TEXT, text=words("一", "1")))
    saved = drafts.save_draft(draft, text, cast.qa, NOW)
    assert drafts.read_draft(saved).questions[0].options == ()
    assert len(draft_work.read_work(saved).form.questions[0].options) == 2


def test_a_draft_is_given_up_on_record_and_a_questionnaire_never_published_goes_with_it(draft, cast):
    fresh = drafts.start_questionnaire("fresh", None, cast.qa, NOW)
    for one in (draft, fresh):
        drafts.discard_draft(drafts.get_draft(one.questionnaire.code), cast.qa, NOW)
    assert not QuestionnaireDraft.select().exists()
    assert {form.code for form in Questionnaire.select()} == set(questionnaires.SHIPPED_CODES)
    assert AuditEntry.select().where(AuditEntry.action == "draft discarded").count() == 2
