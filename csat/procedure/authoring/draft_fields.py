"""The texts and marks of a form in work as flat fields: what the editor shows, takes in, and compares (Q7).

A field's name says what it is: text_zh, code, option_2_en. What is not among the fields that were sent stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count

from csat.models.base import Localised, canonical
from csat.models.questionnaires import Dimension, Kind
from csat.procedure.questionnaires.answers import clean_text
from csat.procedure.questionnaires.content import (
    CHOICES,
    LANGUAGES,
    FormContent,
    OptionContent,
    QuestionContent,
    SectionContent,
)

Fields = Mapping[str, str]
HEAD = "head"  # the key of title and intro
SCALE = range(1, 6)
LONG_TEXTS = ("text_", "help_", "intro_", "reason")  # fields in which a line can end
YES = "1"


def clean_fields(fields: Fields) -> dict[str, str]:
    """Fields as they are kept: nothing that cannot be seen, and lines only where lines can be typed."""
    return {name: _clean(name, text) for name, text in fields.items()}


def digest_fields(fields: Fields) -> str:
    """What tells whether fields are the same."""
    return hashlib.sha256(canonical(clean_fields(fields)).encode()).hexdigest()[:16]


def pick_fields(kept: Fields, sent: Fields) -> dict[str, str]:
    """Of what is kept, the fields that were sent: a page leaves out what is locked."""
    return {name: text for name, text in kept.items() if name in sent or name.startswith("option_")}


def head_fields(form: FormContent) -> dict[str, str]:
    """Title and intro."""
    return {**_spread("title", form.title), **_spread("intro", form.intro)}


def take_head(form: FormContent, fields: Fields) -> FormContent:
    """The form with title and intro as sent."""
    return replace(form, title=_gather("title", fields, form.title), intro=_gather("intro", fields, form.intro))


def section_fields(section: SectionContent) -> dict[str, str]:
    """A section's title."""
    return _spread("title", section.title)


def take_section(section: SectionContent, fields: Fields) -> SectionContent:
    """The section with its title as sent."""
    return replace(section, title=_gather("title", fields, section.title))


def question_fields(question: QuestionContent) -> dict[str, str]:
    """All that a question of its kind has."""
    fields = {
        **_spread("text", question.text),
        **_spread("help", question.help),
        "code": question.code,
        "kind": question.kind.value,
        "required": YES if question.required else "",
        "na": YES if question.offers_na else "",
    }
    if question.kind == Kind.RATING:
        fields["dimension"] = question.dimension.value if question.dimension else ""
        fields.update(_label_fields(question))
    if question.kind in CHOICES:
        fields["options"] = str(len(question.options))  # so that one more or less is a difference
        for at, option in enumerate(question.options):
            fields.update({f"option_{at}_code": option.code, **_spread(f"option_{at}", option.text)})
    return fields


def take_question(question: QuestionContent, fields: Fields) -> QuestionContent:
    """The question with these fields as sent; what makes no sense (an unknown kind) stays as it was."""
    return replace(
        question,
        text=_gather("text", fields, question.text),
        help=_gather("help", fields, question.help),
        code=fields.get("code", question.code),
        kind=Kind(fields["kind"]) if fields.get("kind") in set(Kind) else question.kind,
        dimension=_take_dimension(question, fields),
        required=fields.get("required", YES if question.required else "") == YES,
        offers_na=fields.get("na", YES if question.offers_na else "") == YES,
        labels=_take_labels(question, fields),
        options=tuple(_list_options(fields)) if "options" in fields else question.options,
    )


def _clean(name: str, text: str) -> str:
    return clean_text(text) if name.startswith(LONG_TEXTS) else " ".join(clean_text(text).split())


def _spread(name: str, text: Localised) -> dict[str, str]:
    return {f"{name}_{language}": text.get(language, "") for language in LANGUAGES}


def _gather(name: str, fields: Fields, before: Localised) -> Localised:
    return Localised({language: fields.get(f"{name}_{language}", before.get(language, "")) for language in LANGUAGES})


def _label_fields(question: QuestionContent) -> dict[str, str]:
    labels = question.labels or [Localised() for _ in SCALE]
    return {
        name: text
        for n, label in zip(SCALE, labels, strict=False)
        for name, text in _spread(f"label_{n}", label).items()
    }


def _take_labels(question: QuestionContent, fields: Fields) -> tuple[Localised, ...]:
    if "label_1_zh" not in fields:
        return question.labels
    labels = tuple(_gather(f"label_{n}", fields, Localised()) for n in SCALE)
    return labels if any(any(label.values()) for label in labels) else ()


def _take_dimension(question: QuestionContent, fields: Fields) -> Dimension | None:
    chosen = fields.get("dimension", question.dimension)
    return Dimension(chosen) if chosen in set(Dimension) else None


def _list_options(fields: Fields) -> Iterator[OptionContent]:
    for at in count():
        if f"option_{at}_code" not in fields and f"option_{at}_zh" not in fields:
            return
        yield OptionContent(fields.get(f"option_{at}_code", ""), _gather(f"option_{at}", fields, Localised()))
