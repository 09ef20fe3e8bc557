"""A form as data: what a TOML file, a draft and a published version have in common (§4, Q7).

A draft can be unfinished in every way; whether it may be published stands in `checking`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from csat.models.base import Json, Localised
from csat.models.questionnaires import Dimension, Kind, Question, QuestionnaireVersion
from csat.procedure.questionnaires import questionnaires

LANGUAGES = ("zh", "en")
CHOICES = (Kind.CHOICE_ONE, Kind.CHOICE_MANY)


def make_key() -> str:
    """A name for a section or question of a draft that stays when its code and its place change."""
    return secrets.token_hex(4)


def blank_text() -> Localised:
    """A text that is still to be written."""
    return Localised({language: "" for language in LANGUAGES})


@dataclass(frozen=True)
class OptionContent:
    """What can be chosen; its code is what answers keep."""

    code: str = ""
    text: Localised = field(default_factory=blank_text)


@dataclass(frozen=True)
class QuestionContent:
    """A question, as far as it is written. `labels`: five words a language for the scale, or () for ours."""

    key: str = field(default_factory=make_key)
    code: str = ""
    kind: Kind = Kind.RATING
    dimension: Dimension | None = None
    text: Localised = field(default_factory=blank_text)
    help: Localised = field(default_factory=blank_text)
    required: bool = True
    offers_na: bool = False
    labels: tuple[Localised, ...] = ()
    options: tuple[OptionContent, ...] = ()


@dataclass(frozen=True)
class SectionContent:
    """Some questions under a title."""

    key: str = field(default_factory=make_key)
    title: Localised = field(default_factory=blank_text)
    questions: tuple[QuestionContent, ...] = ()


@dataclass(frozen=True)
class FormContent:
    """A whole form. `minutes` is what the file said; what a draft takes is computed (`checking`)."""

    code: str
    title: Localised = field(default_factory=blank_text)
    intro: Localised = field(default_factory=blank_text)
    sections: tuple[SectionContent, ...] = ()

    @property
    def questions(self) -> list[QuestionContent]:
        """All questions in their order."""
        return [question for section in self.sections for question in section.questions]


def read_content(data: Json) -> FormContent:
    """A form out of the shape of a TOML file; raise KeyError, TypeError or ValueError where it is none."""
    sections = tuple(
        SectionContent(
            key=section.get("key") or make_key(),
            title=_read_text(section["title"]),
            questions=tuple(_read_question(question) for question in section.get("question", ())),
        )
        for section in data.get("section", ())
    )
    return FormContent(str(data["code"]), _read_text(data["title"]), _read_text(data["intro"]), sections)


def write_content(form: FormContent, minutes: int, keys: bool = False) -> Json:
    """The form in the shape of a TOML file: to be published or exported; with `keys`, to be kept as a draft."""
    return {
        "code": form.code,
        "minutes": minutes,
        "title": dict(form.title),
        "intro": dict(form.intro),
        "section": [
            {
                **({"key": section.key} if keys else {}),
                "title": dict(section.title),
                "question": [_write_question(question, keys) for question in section.questions],
            }
            for section in form.sections
        ],
    }


def read_version(version: QuestionnaireVersion) -> FormContent:
    """The form that a version is."""
    sections = tuple(
        SectionContent(title=title, questions=tuple(_read_row(row) for row in rows))
        for title, rows in questionnaires.sections_of(version)
    )
    return FormContent(version.questionnaire.code, version.title, version.intro, sections)


def build_questions(form: FormContent) -> list[Question]:
    """The form's questions as rows that are in no table: to be shown, printed or tried, not answered."""
    return [
        Question(position=position, section=section.title, **columns_of(question))
        for position, (section, question) in enumerate(_each(form), 1)
    ]


def columns_of(question: QuestionContent) -> Json:
    """What a row of `question` holds of it, but for its version, section and place."""
    return {
        "code": question.code,
        "kind": question.kind,
        "dimension": question.dimension,
        "text": question.text,
        "help": question.help,
        "required": question.required,
        "offers_na": question.offers_na,
        "labels": _write_labels(question) or None,
        "options": [{"code": option.code, **option.text} for option in question.options] or None,
    }


def drop_idle_parts(form: FormContent) -> FormContent:
    """The form without what its questions had as another kind: a draft keeps that, should the kind be set back."""
    return replace(
        form,
        sections=tuple(
            replace(section, questions=tuple(_drop_idle(question) for question in section.questions))
            for section in form.sections
        ),
    )


def _drop_idle(question: QuestionContent) -> QuestionContent:
    rates, chooses = question.kind == Kind.RATING, question.kind in CHOICES
    return replace(
        question,
        dimension=question.dimension if rates else None,
        labels=question.labels if rates else (),
        options=question.options if chooses else (),
    )


def copy_content(form: FormContent, code: str) -> FormContent:
    """The same form under another code, with keys of its own."""
    return replace(
        form,
        code=code,
        sections=tuple(
            replace(
                section,
                key=make_key(),
                questions=tuple(replace(question, key=make_key()) for question in section.questions),
            )
            for section in form.sections
        ),
    )


def _each(form: FormContent) -> Iterator[tuple[SectionContent, QuestionContent]]:
    return ((section, question) for section in form.sections for question in section.questions)


def _read_text(data: Json) -> Localised:
    return Localised({language: str(data.get(language, "")) for language in LANGUAGES})


def _read_question(data: Json) -> QuestionContent:
    labels = data.get("labels") or {}
    return QuestionContent(
        key=data.get("key") or make_key(),
        code=str(data["code"]),
        kind=Kind(data["kind"]),
        dimension=Dimension(data["dimension"]) if data.get("dimension") else None,
        text=_read_text(data["text"]),
        help=_read_text(data.get("help", {})),
        required=bool(data["required"]),
        offers_na=bool(data["na"]),
        labels=tuple(Localised(zip(LANGUAGES, pair, strict=True)) for pair in _pair_labels(labels)),
        options=tuple(OptionContent(str(one["code"]), _read_text(one)) for one in data.get("options") or ()),
    )


def _pair_labels(labels: Json) -> list[tuple[str, str]]:
    return list(zip(*(labels[language] for language in LANGUAGES), strict=True)) if labels else []


def _read_row(row: Question) -> QuestionContent:
    return _read_question(
        {
            "code": row.code,
            "kind": row.kind,
            "dimension": row.dimension,
            "text": row.text,
            "help": row.help,
            "required": row.required,
            "na": row.offers_na,
            "labels": row.labels,
            "options": row.options,
        }
    )


def _write_question(question: QuestionContent, keys: bool) -> Json:
    written: Json = {
        **({"key": question.key} if keys else {}),
        "code": question.code,
        "kind": str(question.kind),
        "required": question.required,
        "na": question.offers_na,
        "text": dict(question.text),
    }
    if question.dimension:
        written["dimension"] = str(question.dimension)
    if any(question.help.values()):
        written["help"] = dict(question.help)
    if question.labels:
        written["labels"] = _write_labels(question)
    if question.options:
        written["options"] = [{"code": option.code, **option.text} for option in question.options]
    return written


def _write_labels(question: QuestionContent) -> Json:
    return {language: [label[language] for label in question.labels] for language in LANGUAGES if question.labels}
