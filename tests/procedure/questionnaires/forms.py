"""Forms as data for the stories of editing and publishing: the shipped ones, and one changed in a place."""

from __future__ import annotations

from dataclasses import replace

from csat.content import load_content
from csat.models.base import Localised
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.questionnaires.content import FormContent, OptionContent, QuestionContent, read_content

SHIPPED = ("incident", "company", "security", "service", "check")


def shipped_form(code: str) -> FormContent:
    """A form that ships, as data."""
    return read_content(load_content(f"questionnaires/{code}"))


def words(zh: str, en: str) -> Localised:
    """A text in both languages."""
    return Localised(zh=zh, en=en)


def change_question(form: FormContent, code: str, /, **changed: object) -> FormContent:
    """The form with a question changed."""
    return map_questions(form, lambda one: [replace(one, **changed) if one.code == code else one])


def find_question(form: FormContent, key: str) -> QuestionContent | None:
    """The question with this key."""
    return next((question for question in form.questions if question.key == key), None)


def drop_question(form: FormContent, code: str) -> FormContent:
    """The form without a question."""
    return map_questions(form, lambda one: [] if one.code == code else [one])


def add_question(form: FormContent, **given: object) -> FormContent:
    """The form with one more rating (or what is given) at the end of its first section."""
    added = {
        "code": "informed",
        "dimension": Dimension.TIMELINESS,
        "text": words("您对进展的告知满意吗？", "How well were you informed?"),
        **given,
    }
    first, *rest = form.sections
    grown = replace(first, questions=(*first.questions, QuestionContent(**added)))
    return replace(form, sections=(grown, *rest))


def map_questions(form: FormContent, change: object) -> FormContent:
    """The form with every question replaced by what `change` makes of it."""
    return replace(
        form,
        sections=tuple(
            replace(section, questions=tuple(new for old in section.questions for new in change(old)))
            for section in form.sections
        ),
    )


def choice(*codes: str, **given: object) -> dict[str, object]:
    """What makes a question a choice among options with these codes."""
    options = tuple(OptionContent(code, words(f"选项{code}", f"Option {code}")) for code in codes)
    return {"kind": Kind.CHOICE_ONE, "dimension": None, "options": options, **given}
