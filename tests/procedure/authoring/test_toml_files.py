"""A form as a TOML file, there and back (Q7)."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.models.questionnaires import Questionnaire, QuestionnaireDraft
from csat.procedure.authoring import drafts, toml_files, toml_shape
from csat.procedure.questionnaires.content import write_content
from tests.builders import NOW
from tests.procedure.authoring.random_forms import any_forms
from tests.procedure.questionnaires.forms import SHIPPED, add_question, shipped_form

SECURITY = (files("csat.content") / "questionnaires/security.toml").read_bytes()


@pytest.mark.parametrize("code", SHIPPED)
def test_what_ships_comes_out_again_byte_for_byte(code):
    shipped = (files("csat.content") / f"questionnaires/{code}.toml").read_bytes()
    minutes = {"incident": 2, "company": 4, "check": 1}.get(code, 5)
    assert toml_files.write_toml(toml_files.parse_toml(shipped), minutes).encode() == shipped


@given(any_forms)
def test_a_form_comes_back_as_it_was_exported(form):
    back = toml_files.parse_toml(toml_files.write_toml(form, 3).encode())
    assert write_content(back, 3) == write_content(form, 3)


def changed(old: str, new: str) -> bytes:
    assert old.encode() in SECURITY
    return SECURITY.replace(old.encode(), new.encode(), 1)


@pytest.mark.parametrize(
    ("content", "refusal", "facts"),
    [
        (b"x" * 300_000, toml_files.FileTooLarge, {"size": 293}),
        ("标题".encode("gbk"), toml_files.FileNotUtf8, {}),
        (b"code = 'a'\nthis is no toml", toml_files.FileNotToml, {"line": 2}),
        (b"code = " + b"[" * 100_000, toml_files.FileNotToml, {"line": 1}),
        (b"code = 'ab'\ntitle = {", toml_files.FileNotToml, {"line": 2}),
        (b"", toml_shape.KeyMissing, {"key": "code"}),
        (b"minutes = " + b"9" * 5000, toml_files.FileNotToml, {"line": 1}),
        (b"a = 1\n" + b".".join([b"a"] * 60_000) + b" = 1", toml_files.FileNotToml, {"line": 2}),  # minutes of work
        (b"code = 'ab'", toml_shape.KeyMissing, {"key": "title"}),
        (SECURITY + b"\n[[section]]\ntitle = {}" * 400, toml_files.FormTooLarge, {"number": 425, "most": 400}),
        (changed('kind = "rating"', ""), toml_shape.KeyMissing, {"key": "kind", "place": "section[1].question[1]"}),
        (changed('kind = "rating"', 'kind = "stars"'), toml_shape.ValueUnknown, {"value": "stars", "key": "kind"}),
        (changed('= "value"', '= "price"'), toml_shape.ValueUnknown, {"value": "price", "key": "dimension"}),
        (changed("required = true", 'required = "yes"'), toml_shape.ValueUnfit, {"key": "required"}),
        (changed("required = true", "requierd = true\nrequired = true"), toml_shape.KeyUnknown, {"key": "requierd"}),
        (changed('code = "security"', 'code = "Sicher heit"'), toml_shape.FormCodeMalformed, {"value": "Sicher heit"}),
        (changed('["远不如", ', "["), toml_shape.ValueUnfit, {"key": "zh"}),
        (b"code = 'ab'\ntitle = 'x'\nintro = {}\nsection = []", toml_shape.ValueUnfit, {"key": "title"}),
        (b"code = 'ab'\ntitle = {}\nintro = {}\nsection = [1]", toml_shape.ValueUnfit, {"place": "section[1]"}),
        (b"code = 'ab'\ntitle = {zh = 1}\nintro = {}\nsection = []", toml_shape.ValueUnfit, {"place": "title"}),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_what_is_wrong(content, refusal, facts):
    with pytest.raises(refusal) as refused:
        toml_files.parse_toml(content)
    assert facts.items() <= refused.value.facts.items() and refused.value.field == "file"


@given(st.binary(max_size=200) | st.sampled_from([SECURITY]).flatmap(lambda file: st.builds(cut, st.integers(0, 9000))))
def test_whatever_is_uploaded_is_a_form_or_refused(content):
    try:
        toml_files.parse_toml(content)
    except toml_files.InputWrong as refusal:
        assert str(refusal)


def cut(length: int) -> bytes:
    return SECURITY[:length]


def test_a_text_that_is_missing_and_a_code_used_twice_are_left_to_the_check_list():
    form = toml_files.parse_toml(changed('code = "plan"', 'code = "progress"').replace(b", en = ", b", en = ", 1))
    assert [question.code for question in form.questions].count("progress") == 2


def test_a_file_with_a_byte_order_mark_is_read():
    assert toml_files.parse_toml(b"\xef\xbb\xbf" + SECURITY).code == "security"


def test_an_import_begins_a_new_questionnaire(db, cast):
    form = toml_files.parse_toml(changed('code = "security"', 'code = "training"'))
    draft = toml_files.import_form(form, cast.qa, NOW)
    assert drafts.get_draft("training") == draft and draft.based_on is None
    assert write_content(drafts.read_draft(draft), 5) == write_content(form, 5)


def test_an_import_becomes_the_draft_of_a_known_questionnaire(db, cast):
    form = add_question(shipped_form("security"))
    draft = toml_files.import_form(form, cast.qa, NOW)
    assert draft.based_on.number == 1 and len(drafts.read_draft(draft).questions) == len(form.questions)
    assert Questionnaire.select().count() == 5


def test_an_import_never_takes_the_place_of_a_draft_in_work(db, cast):
    before = drafts.start_draft("security", cast.qa2, NOW)
    with pytest.raises(toml_files.DraftInWork):
        toml_files.import_form(shipped_form("security"), cast.qa, NOW)
    assert QuestionnaireDraft.get() == before
