"""A form as data: there and back without loss, from the file, from a version, into a draft."""

from __future__ import annotations

import pytest

from csat.content import load_content
from csat.models.questionnaires import Kind
from csat.procedure.questionnaires import content, questionnaires
from tests.builders import NOW
from tests.procedure.questionnaires.forms import SHIPPED, shipped_form

COLUMNS = (
    "position",
    "section",
    "code",
    "kind",
    "dimension",
    "text",
    "help",
    "required",
    "offers_na",
    "labels",
    "options",
)


@pytest.mark.parametrize("code", SHIPPED)
def test_what_ships_is_written_as_it_was_read_and_as_it_was_published(db, code):
    shipped = load_content(f"questionnaires/{code}")
    version = questionnaires.get_version_in_force(code, NOW)
    for form in (shipped_form(code), content.read_version(version)):
        assert content.write_content(form, shipped["minutes"]) == shipped


def test_a_kept_draft_keeps_its_keys_and_its_unfinished_parts():
    choice = content.QuestionContent(code="why", kind=Kind.CHOICE_ONE, options=(content.OptionContent("a"),))
    scale = content.QuestionContent(labels=tuple(content.blank_text() for _ in range(5)))
    sections = (content.SectionContent(questions=(choice, scale)), content.SectionContent())
    form = content.FormContent("new", sections=sections)
    assert content.read_content(content.write_content(form, 1, keys=True)) == form


def test_a_copy_has_another_code_and_keys_of_its_own():
    form = shipped_form("incident")
    copy = content.copy_content(form, "other")
    assert copy.code == "other" and not {q.key for q in copy.questions} & {q.key for q in form.questions}
    assert content.write_content(content.copy_content(copy, form.code), 2) == content.write_content(form, 2)


def test_questions_that_are_in_no_table_are_those_a_version_has(db):
    version = questionnaires.get_version_in_force("company", NOW)
    built = content.build_questions(content.read_version(version))
    stored = questionnaires.questions_of(version)
    assert [[getattr(row, name) for name in COLUMNS] for row in built] == [
        [getattr(row, name) for name in COLUMNS] for row in stored
    ]
