"""The editor as one uses it: without a script, and two at a time (Q7)."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from csat import clock
from csat.models.questionnaires import Questionnaire, QuestionnaireDraft
from csat.models.roles import Role
from csat.procedure.authoring import draft_work, drafts, editing
from csat.procedure.people import sessions
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import write_content
from tests.page import Page
from tests.procedure.questionnaires.forms import map_questions, shipped_form
from tests.web.people.test_sign_in import GOOD, somebody

EDITOR = "/questionnaires/security/draft"
LONG = "长" * 5000


@pytest.fixture
def editor(page, cast):
    """QA at the next version of the security questionnaire, which was cut down to what stories need."""
    kept = {"overall", "understanding", "plan", "value", "other"}
    small = map_questions(shipped_form("security"), lambda one: [one] if one.code in kept else [])
    small = replace(small, sections=tuple(section for section in small.sections if section.questions))
    questionnaires.publish_version(write_content(small, 2), None, clock.now())
    return page.sign_in_as(cast.qa).post(f"{EDITOR}/start")


@pytest.fixture
def colleague(editor, app, cast):
    """Another of QA, who opens the same draft now."""
    return Page(app).sign_in_as(cast.qa2).get(EDITOR)


def form():
    return drafts.read_draft(drafts.get_draft("security"))


def question(code):
    return next(question for question in form().questions if question.code == code)


def codes():
    return [question.code for question in form().questions]


def press(editor, do, /, **typed):
    """Type (code__text_zh=…), then press a button."""
    keys = {"reason": "reason", **{one.code: one.key for one in form().questions}}
    fields = {f"{keys[name]}:{field}": text for (name, field), text in ((k.split("__"), v) for k, v in typed.items())}
    return editor.fill(f"do={do}", **fields)


def test_a_draft_is_begun_from_the_list_and_from_a_version(page, cast):
    page.sign_in_as(cast.qa)
    version = Questionnaire.get(code="service").versions.get()
    page.get(f"/questionnaires/{version.id}").fill("Change")
    assert page.path == "/questionnaires/service/draft" and "draft of version 2" in page.text
    assert page.get("/questionnaires/").follow("Edit the draft").path == "/questionnaires/service/draft"
    assert QuestionnaireDraft.select().count() == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_untouched_draft_is_saved_as_it_was(page, cast, language):
    page.sign_in_as(cast.qa, language).post(f"{EDITOR}/start")
    before = QuestionnaireDraft.get()
    page.fill("do=save")
    assert QuestionnaireDraft.get().content == before.content and QuestionnaireDraft.get().revision == before.revision


def test_a_button_saves_what_was_typed_and_comes_back_to_its_question(editor):
    key = question("plan").key
    press(editor, f"up:{key}", overall__text_zh="改了", plan__help_en="Help")
    assert question("overall").text["zh"] == "改了" and question("plan").help["en"] == "Help"
    assert editor.path == f"{EDITOR}?open={key}"
    assert codes().index("plan") < codes().index("understanding")


def test_a_question_goes_to_a_chosen_section(editor):
    key, last = question("overall").key, form().sections[-1]
    editor.fill(f"do=move:{key}", **{f"to-{key}": last.key})
    assert codes()[-1] == "overall"


def test_a_question_is_added_worded_and_copied(editor):
    section = form().sections[1].key
    editor.fill(f"do=add:{section}", **{f"kind-{section}": "choice_one"})
    fresh = form().sections[1].questions[-1]
    assert (fresh.kind, fresh.code, len(fresh.options)) == ("choice_one", "question_2", 2)
    assert "lacks English" in editor.text and "New" in editor.text
    press(editor, f"option_add:{fresh.key}", question_2__text_zh="哪一项？", question_2__option_0_zh="甲")
    press(editor, f"option_up:{fresh.key}:2")
    assert [one.code for one in question("question_2").options] == ["option_1", "option_3", "option_2"]
    press(editor, f"copy:{fresh.key}", question_2__code="channel")
    assert [one.code for one in form().sections[1].questions[-2:]] == ["channel", "channel_2"]
    assert question("channel_2").text["zh"] == "哪一项？"


def test_the_last_removal_is_undone_even_after_going_away(editor):
    before, key = codes(), question("plan").key
    press(editor, f"remove:{key}", plan__text_en="Changed before")
    assert "plan" not in codes() and "Changed before" in editor.get("/questionnaires/").get(EDITOR).text
    editor.fill("do=undo")
    assert codes() == before and question("plan").text["en"] == "Changed before"


def test_a_section_goes_with_its_questions_and_the_last_one_stays(editor):
    for section in form().sections[1:]:
        editor.fill(f"do=remove:{section.key}")
    editor.fill(f"do=remove:{form().sections[0].key}")
    assert "needs at least one section" in editor.text and len(form().sections) == 1


def test_a_question_of_the_version_before_is_restored(editor):
    before = codes()
    editor.fill(f"do=remove:{question('plan').key}")
    editor.fill("do=restore:plan")
    assert codes() == before and "Nothing differs yet." in editor.text


def test_a_published_code_keeps_kind_and_dimension(editor):
    key = question("overall").key
    assert f'name="{key}:code"' not in editor.html and "fixed since they were first published" in editor.text
    section = form().sections[0].key
    editor.fill(f"do=add:{section}", **{f"kind-{section}": "rating"})
    editor.fill(f"do=remove:{question('other').key}")
    press(editor, "save", question_2__code="other")
    assert any("was of the kind “Own words” before" in error for error in editor.errors)


def test_words_of_a_scale_are_set_and_taken_back(editor):
    key = question("overall").key
    press(
        editor, "save", **{f"overall__label_{n}_{language}": f"{n}" for n in range(1, 6) for language in ("zh", "en")}
    )
    assert [label["zh"] for label in question("overall").labels] == list("12345")
    editor.fill(f"do=labels:{key}")
    assert question("overall").labels == ()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("text_zh", LONG, "4700 over the 300 characters that fit"),
        ("help_en", "x" * 501, "1 over the 500 characters"),
        ("label_1_en", "x" * 21, "1 over the 20 characters"),
        ("code", "Zwei Wörter", "small letters"),
        ("code", "overall", "is used twice"),
        ("dimension", "", "is a rating without a dimension"),
        ("dimension", "overall", "exactly one is needed"),
    ],
)
def test_what_cannot_be_published_stays_as_typed_with_a_sentence_beside_it(editor, field, typed, said):
    section = form().sections[0].key
    editor.fill(f"do=add:{section}", **{f"kind-{section}": "rating"})
    key = question("question_2").key
    press(editor, "save", **{f"question_2__{field}": typed, "plan__text_en": "Kept"})
    assert editor.value(f"{key}:{field}") == typed and question("plan").text["en"] == "Kept"
    assert any(said in error for error in editor.errors)


def test_markup_is_shown_as_typed_and_said_to_be_so(editor):
    typed = '<b>Fett</b> <script>alert("1")</script>'
    press(editor, "save", plan__text_en=typed)
    assert typed not in editor.html and typed in unescape(editor.html)
    assert editor.text.count("looks like HTML") == 2, "in the check list, and beside the field"


def test_the_fields_that_are_still_to_be_written_are_marked(editor):
    key = question("plan").key
    press(editor, "save", plan__text_en=" ", plan__help_zh="")
    labels = {label.get("for"): "".join(label.itertext()) for label in editor.tree.iter("label")}
    marked = {name for name, words in labels.items() if name and "missing" in words}
    assert marked == {f"{key}-text_en", f"{key}-help_zh"}


def test_one_comes_back_to_where_one_was_though_the_script_had_saved_it(editor):
    key = question("plan").key
    assert editor.fill("do=save", at=key).path == f"{EDITOR}?open={key}"


def test_a_question_that_is_moved_as_a_row_stays_a_row(editor):
    editor.fill(f"do=up:{question('plan').key}")
    assert editor.path == EDITOR and codes().index("plan") < codes().index("understanding")


def fill_up():
    """Let the draft have sixty questions."""
    draft = drafts.get_draft("security")
    full = form()
    while len(full.questions) < 60:
        full, _ = editing.copy_question(full, full.questions[1].key)
    drafts.save_draft(draft, full, draft.saved_by, clock.now())


def test_the_sixty_first_question_is_refused_and_nothing_typed_is_lost(editor):
    fill_up()
    section = form().sections[0].key
    editor.get(EDITOR)
    press(editor, f"add:{section}", plan__text_zh="仍在")
    assert editor.text.count("at most 60 questions") == 2, "above, and in the deck, which is always seen"
    assert question("plan").text["zh"] == "仍在" and len(codes()) == 60


def test_two_people_at_different_places_both_stay(editor, colleague):
    press(editor, "save", plan__text_zh="甲改")
    press(colleague, f"down:{question('value').key}", value__text_zh="乙改")
    assert question("plan").text["zh"] == "甲改" and question("value").text["zh"] == "乙改"
    assert "works on this draft too" in editor.get(EDITOR).text


def test_two_people_at_one_place_see_both_and_one_of_them_decides(editor, colleague, cast):
    press(editor, "save", plan__text_zh="甲改")
    press(colleague, "publish", plan__text_zh="乙改")
    assert question("plan").text["zh"] == "甲改" and "乙改" in colleague.text and cast.qa2.name in colleague.text
    assert colleague.path.startswith(EDITOR), "who did not see the other's words does not publish them"
    key = question("plan").key
    editor.get(EDITOR).fill(f"do=take:{key}:{cast.qa2.id}")
    assert question("plan").text["zh"] == "乙改" and "written twice" not in editor.text


def test_what_a_colleague_removed_meanwhile_is_undone_with_what_was_typed(editor, colleague):
    editor.fill(f"do=remove:{question('plan').key}")
    key = next(one.item.key for one in draft_work.read_work(drafts.get_draft("security")).removed)
    colleague.fill("do=save", **{f"{key}:text_zh": "乙改"}).fill("do=undo")
    assert question("plan").text["zh"] == "乙改"


def test_what_was_typed_is_shown_when_the_draft_is_gone(editor, colleague):
    key = question("plan").key
    editor.get(f"{EDITOR}/discard").fill("Discard the draft")
    colleague.fill("do=save", 409, **{f"{key}:text_zh": "乙改"})
    assert "乙改" in colleague.text and QuestionnaireDraft.select().count() == 0


def autosave(page, **typed):
    """What the page's script would send, and what it is told."""
    keys = {one.code: one.key for one in form().questions}
    fields = {name: page.value(name) for name in all_names(page)}
    fields |= {f"{keys[name]}:{field}": text for (name, field), text in ((k.split("__"), v) for k, v in typed.items())}
    return page.browser.post(EDITOR, data={**fields, "do": "autosave"})


def all_names(page):
    names = [field.get("name") for field in page.tree.iter() if field.tag in ("input", "textarea", "select")]
    return [name for name in names if name and (":" in name or name == "csrf_token")]


def test_a_page_that_saves_by_itself_never_clashes_with_itself(editor):
    key = question("plan").key
    told = autosave(editor, plan__text_zh="一").get_json()
    assert told["said"] == "Saved at 10:00." and list(told["was"]) == [key]
    press(editor, "save", plan__text_zh="二", plan__was=told["was"][key])
    assert question("plan").text["zh"] == "二" and not draft_work.read_work(drafts.get_draft("security")).rivals


def test_a_page_that_saves_by_itself_is_told_of_a_clash(editor, colleague):
    press(editor, "save", plan__text_zh="甲改")
    told = autosave(colleague, plan__text_zh="乙改").get_json()
    assert told["clash"] and told["was"] == {} and question("plan").text["zh"] == "甲改"


def test_sixty_long_questions_survive_an_expired_session(page):
    account = somebody(Role.QA)
    page.sign_in_as(account.person).post(f"{EDITOR}/start")
    fill_up()
    page.get(EDITOR)
    words = {f"{key}:text_zh": f"{n:02}" + "问" * 998 for n, key in enumerate(one.key for one in form().questions)}
    sessions.sign_out(account, clock.now())
    page.fill("do=save", 401, **words)
    page.fill("Sign in", user_name=account.user_name, password=GOOD)
    assert page.heading == "Send it once more?"
    page.fill("Send")
    assert [one.text["zh"] for one in form().questions] == list(words.values())


def test_a_questionnaire_begins_blank_or_as_a_copy(page, cast):
    page.sign_in_as(cast.qa).get("/questionnaires/new")
    page.fill("Begin the draft", 422, code="Training!")
    assert "small letters" in page.text
    page.fill("Begin the draft", 422, code="security")
    assert "already" in page.text
    page.fill("Begin the draft", code="training", source="service")
    assert (
        page.path == "/questionnaires/training/draft" and "Nothing of this questionnaire is published yet" in page.text
    )
    page.get("/questionnaires/new").fill("Begin the draft", code="blank")
    assert "This section has no question yet" in page.text
    page.fill("do=save", **{"head:title_zh": "培训"})
    assert "lacks English" in page.text


def test_publishing_and_preview_save_first_and_lead_on(editor):
    press(editor, "preview", plan__text_zh="先存")
    assert editor.path == f"{EDITOR}/preview" and question("plan").text["zh"] == "先存"
    press(editor.get(EDITOR), "publish", plan__text_en="Saved too", reason__reason="改")
    assert editor.path == f"{EDITOR}/publish" and question("plan").text["en"] == "Saved too"
    assert drafts.get_draft("security").reason == "改"
