"""A draft as the editor shows it: its items with what is wrong, missing, new, or written by somebody else beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from csat.models.people import Person
from csat.models.questionnaires import Kind, ReviewDecision
from csat.procedure.authoring import draft_fields
from csat.procedure.authoring.checks import Check, CheckState
from csat.procedure.authoring.draft_fields import HEAD, Fields
from csat.procedure.authoring.draft_work import REASON, DraftWork, Sent
from csat.procedure.authoring.form_history import FormHistory
from csat.procedure.authoring.text_checks import list_texts
from csat.procedure.questionnaires.comparison import PART_LABELS, Change, ChangeKind, Part, compare_forms
from csat.procedure.questionnaires.content import (
    LANGUAGES,
    FormContent,
    QuestionContent,
    SectionContent,
    drop_idle_parts,
)
from csat.web.errors import translate_sentence
from csat.web.formatting import translate_term
from csat.web.language import current_locale
from csat.words import N_

KEY_PATTERN = re.compile(rf"[0-9a-f]{{8}}|{HEAD}|{REASON}")
LOCKED_FIELDS = ("code", "kind", "dimension")
CHANGE_TAGS = {
    ChangeKind.ADDED: ("good", N_("New")),
    ChangeKind.REWORDED: ("warn", N_("Edited")),
    ChangeKind.CHANGED: ("warn", N_("Edited")),
    ChangeKind.MOVED: ("warn", N_("Moved")),
    ChangeKind.REMOVED: ("bad", N_("Removed")),
}
MISSING_TAGS = {"zh": N_("lacks Chinese"), "en": N_("lacks English")}
FIELD_LABELS = {
    "text_zh": N_("Question (Chinese)"),
    "text_en": N_("Question (English)"),
    "help_zh": N_("Help (Chinese)"),
    "help_en": N_("Help (English)"),
    "title_zh": N_("Title (Chinese)"),
    "title_en": N_("Title (English)"),
    "intro_zh": N_("Introduction (Chinese)"),
    "intro_en": N_("Introduction (English)"),
    "code": N_("Code"),
    "kind": N_("Kind of question"),
    "dimension": N_("Dimension"),
    "required": N_("Must be answered"),
    "na": N_("Offers “not applicable”"),
    REASON: N_("Why this version"),
}


@dataclass(frozen=True)
class OtherText:
    """What somebody typed beside what stands: who, when, and the fields that differ."""

    person: int
    name: str
    at: datetime
    fields: list[tuple[str, str]]


@dataclass(frozen=True)
class Sheet:
    """An item of the form: its fields as shown, their digest, and all that is to be said of it."""

    key: str
    fields: Fields
    faults: Mapping[str, list[str]]  # by field: what must be put right
    hints: Mapping[str, list[str]]  # by field: what should be known
    others: list[OtherText]
    missing: frozenset[str]  # the fields that are still to be written
    tags: list[tuple[str, str]]
    item: FormContent | SectionContent | QuestionContent | None = None
    number: int = 0
    locked: bool = False
    fixed_options: frozenset[str] = frozenset()
    questions: tuple[Sheet, ...] = ()

    @property
    def was(self) -> str:
        return draft_fields.digest_fields(self.fields)


@dataclass(frozen=True)
class EditorPage:
    """The whole draft."""

    head: Sheet
    reason: Sheet
    sections: list[Sheet]
    changes: list[Change]
    missing: int

    @property
    def questions(self) -> int:
        """How many questions there are."""
        return sum(len(section.questions) for section in self.sections)


def build_page(
    work: DraftWork, history: FormHistory, checks: Iterable[Check], marks: Mapping[str, ReviewDecision]
) -> EditorPage:
    """What the editor shows of a draft; `marks`: what the newest review says of questions, by code (P14)."""
    return _Builder(work, history, checks, marks).build()


def parse_sent(sent: MultiDict[str, str]) -> dict[str, Sent]:
    """What a page of the editor sent, by item. Of a tick box, sent after its blank twin, the last counts."""
    fields: dict[str, dict[str, str]] = {}
    for name in sent:
        key, colon, field = name.partition(":")
        if colon and KEY_PATTERN.fullmatch(key):
            fields.setdefault(key, {})[field] = sent.getlist(name)[-1]
    return {key: Sent(typed, typed.pop("was")) for key, typed in fields.items() if "was" in typed}


def shown_changes(changes: Iterable[Change]) -> list[Change]:
    """Each difference once: in the reader's language if it is one there, else in the other."""
    chosen: dict[tuple[object, ...], Change] = {}
    for change in changes:
        place = (change.kind, change.part, change.code, change.number)
        if place not in chosen or change.language == current_locale():
            chosen[place] = change
    return list(chosen.values())


class _Builder:
    def __init__(
        self, work: DraftWork, history: FormHistory, checks: Iterable[Check], marks: Mapping[str, ReviewDecision]
    ) -> None:
        self.work, self.history, self.marks = work, history, marks
        self.form = drop_idle_parts(work.form)
        self.changes = shown_changes(compare_forms(history.newest, self.form)) if history.newest else []
        self.said: dict[tuple[CheckState, str], dict[str, list[str]]] = {}
        for check in checks:
            if check.field:
                beside = self.said.setdefault((check.state, _key_of(check.anchor)), {}).setdefault(check.field, [])
                beside.append(translate_sentence(check.sentence, check.facts))
        self.missing = [
            (_key_of(one.anchor), f"{one.field}_{language}", language)
            for one in list_texts(self.form)
            for language in one.blank_languages
        ]
        people = Person.select().where(Person.id.in_([one.by for one in work.rivals]))
        self.names = {person.id: person.name for person in people}

    def build(self) -> EditorPage:
        numbers = count(1)
        head = self._sheet(HEAD, draft_fields.head_fields(self.form), self.form)
        reason = self._sheet(REASON, {REASON: self.work.reason}, None)
        sections = [self._section(n, section, numbers) for n, section in enumerate(self.form.sections, 1)]
        return EditorPage(head, reason, sections, self.changes, len(self.missing))

    def _section(self, number: int, section: SectionContent, numbers: count[int]) -> Sheet:
        questions = tuple(self._question(next(numbers), question) for question in section.questions)
        fields = draft_fields.section_fields(section)
        return replace(self._sheet(section.key, fields, section), number=number, questions=questions)

    def _question(self, number: int, question: QuestionContent) -> Sheet:
        locked = self.history.is_locked(question, self.form)
        fields = draft_fields.question_fields(question)
        hidden = {*(LOCKED_FIELDS if locked else ()), *(("na",) if _has_no_na(question) else ())}
        shown = {name: text for name, text in fields.items() if name not in hidden}
        fixed = frozenset(self._published_options(question.code))
        sheet = self._sheet(question.key, shown, question)
        tags = [*sheet.tags, *self._review_tags(question.code)]
        return replace(sheet, number=number, locked=locked, fixed_options=fixed, tags=tags)

    def _review_tags(self, code: str) -> list[tuple[str, str]]:
        mark = self.marks.get(code)
        return [("warn", gettext("Review: %(decision)s", decision=translate_term(mark)))] if mark else []

    def _published_options(self, code: str) -> list[str]:
        known = self.history.newest.questions if self.history.newest else []
        return [option.code for question in known if question.code == code for option in question.options]

    def _sheet(self, key: str, fields: Fields, item: FormContent | SectionContent | QuestionContent | None) -> Sheet:
        missing = {field: language for place, field, language in self.missing if place == key}
        kinds = dict.fromkeys(CHANGE_TAGS[change.kind] for change in self.changes if _key_of(change.anchor) == key)
        tags = [*kinds, *(("bad", MISSING_TAGS[one]) for one in LANGUAGES if one in missing.values())]
        texts = [(look, gettext(text)) for look, text in tags]
        faults, hints = (self.said.get((state, key), {}) for state in (CheckState.WRONG, CheckState.WARN))
        return Sheet(key, fields, faults, hints, self._others(key), frozenset(missing), texts, item)

    def _others(self, key: str) -> list[OtherText]:
        stands = self.work.fields_of(key) or {}
        return [
            OtherText(
                rival.by,
                self.names.get(rival.by, "–"),
                rival.at,
                [(label_field(name), text) for name, text in rival.fields.items() if stands.get(name, "") != text],
            )
            for rival in self.work.rivals
            if rival.key == key
        ]


def name_place(change: Change) -> str:
    """What a difference is about: a question by its number, a section, the title."""
    part = gettext(PART_LABELS[change.part])
    if not change.code:
        return gettext("Section %(number)s", number=change.number) if change.number else part
    numbered = N_("Former question %(number)s") if change.kind == ChangeKind.REMOVED else N_("Question %(number)s")
    told = [gettext(numbered, number=change.number), change.code]
    return " · ".join(told if change.part in (Part.QUESTION, Part.TEXT) else [*told, part])


def label_field(name: str) -> str:
    """What a field is called."""
    if name in FIELD_LABELS:
        return gettext(FIELD_LABELS[name])
    if name.startswith("label_"):
        return gettext("Scale label %(number)s", number=name.split("_")[1])
    return gettext("Options") if name == "options" else gettext("Option %(number)s", number=_option_number(name))


def _key_of(anchor: str) -> str:
    """The item at which a finding stands: title and introduction are one."""
    return HEAD if anchor in ("title", "intro") else anchor


def _option_number(name: str) -> int:
    return int("".join(filter(str.isdecimal, name)) or 0) + 1


def _has_no_na(question: QuestionContent) -> bool:
    """Words can be left blank: 'not applicable' is offered only to take it away."""
    return question.kind == Kind.TEXT and not question.offers_na
