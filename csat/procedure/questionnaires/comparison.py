"""What a version changes against another, and what each change does to comparability (Q7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from csat.models.base import Localised
from csat.models.questionnaires import Kind
from csat.procedure.questionnaires.content import LANGUAGES, FormContent, QuestionContent, SectionContent
from csat.words import N_


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"
    CHANGED = "changed"


class Part(StrEnum):
    """What of a form a change is about."""

    TITLE = "title"
    INTRO = "intro"
    SECTION = "section"
    QUESTION = "question"
    TEXT = "text"
    HELP = "help"
    LABELS = "labels"
    OPTIONS = "options"
    REQUIRED = "required"
    NOT_APPLICABLE = "na"
    KIND = "kind"


CHANGE_LABELS = {
    ChangeKind.ADDED: N_("added"),
    ChangeKind.REMOVED: N_("removed"),
    ChangeKind.REWORDED: N_("reworded"),
    ChangeKind.MOVED: N_("moved"),
    ChangeKind.CHANGED: N_("changed"),
}
PART_LABELS = {
    Part.TITLE: N_("Title"),
    Part.INTRO: N_("Introduction"),
    Part.SECTION: N_("Section"),
    Part.QUESTION: N_("Question"),
    Part.TEXT: N_("Wording"),
    Part.HELP: N_("Help"),
    Part.LABELS: N_("Scale labels"),
    Part.OPTIONS: N_("Options"),
    Part.REQUIRED: N_("Required"),
    Part.NOT_APPLICABLE: N_("Not applicable"),
    Part.KIND: N_("Kind or dimension"),
}

BEGINS = N_("Its trend begins with this version.")
ENDS = N_("Its trend ends with the version before; the answers so far stay.")
COMPARE_WITH_CARE = N_("Same code: the trend goes on; compare across the change with care.")
SCALE_CHANGED = N_("Same code: the trend goes on, but the scale reads differently; compare only with a note.")
NO_EFFECT = N_("No effect on the figures.")
PLACE_CHANGED = N_("Same code: the trend goes on; another place can shift the answers slightly.")
CHOICES_CHANGED = N_("Same code: counted on by option; an option removed ends, a new one begins.")
MORE_BLANKS = N_("Same code: the trend goes on; who answers may change, since it can be left blank now.")
FEWER_BLANKS = N_("Same code: the trend goes on; who answers may change, since it must be answered now.")
NA_OFFERED = N_("Same code: the trend goes on; “not applicable” does not count in the rate.")
NA_WITHDRAWN = N_("Same code: the trend goes on; who chose “not applicable” must rate now.")
NATURE_CHANGED = N_("A code keeps kind and dimension for ever: this cannot be published. Use a new code.")


@dataclass(frozen=True)
class Change:
    """One difference. `anchor` is the key of the question or section in the newer form; '' for what is gone."""

    kind: ChangeKind
    part: Part
    effect: str  # an English msgid
    code: str = ""  # the question's, if it is about one
    number: int = 0  # its place: in the newer form, of what is removed in the older one
    anchor: str = ""
    language: str = ""  # of `before` and `after`, which are texts of the form
    before: str = ""
    after: str = ""
    was: int = 0  # of what is moved: its place in the older form

    @property
    def place(self) -> tuple[bool, int, str, str, str]:
        """Where it belongs: the same for both languages of one difference."""
        return bool(self.code), self.number, self.code, self.part, self.kind


def compare_forms(before: FormContent, after: FormContent) -> list[Change]:
    """All differences between two versions of a form, in the newer one's order; what is gone stands last."""
    return [
        *_compare_text(Part.TITLE, before.title, after.title, NO_EFFECT, anchor="title"),
        *_compare_text(Part.INTRO, before.intro, after.intro, NO_EFFECT, anchor="intro"),
        *_compare_sections(before, after),
        *_compare_questions(before, after),
        *_list_removed(before, after),
    ]


def _compare_text(
    part: Part, before: Localised, after: Localised, effect: str, code: str = "", number: int = 0, anchor: str = ""
) -> Iterator[Change]:
    for language in LANGUAGES:
        old, new = before.get(language, ""), after.get(language, "")
        if old.strip() != new.strip():
            yield Change(ChangeKind.REWORDED, part, effect, code, number, anchor, language, old, new)


def _compare_sections(before: FormContent, after: FormContent) -> Iterator[Change]:
    counterparts = _match_sections(before, after)
    for number, section in enumerate(after.sections, 1):
        older = counterparts[section.key]
        if older is not None:
            yield from _compare_text(Part.SECTION, older.title, section.title, NO_EFFECT, "", number, section.key)
        else:
            yield from _name_section(ChangeKind.ADDED, section, number, section.key)
    kept = [one.key for one in counterparts.values() if one]
    for number, section in enumerate(before.sections, 1):
        if section.key not in kept:
            yield from _name_section(ChangeKind.REMOVED, section, number, "")


def _name_section(kind: ChangeKind, section: SectionContent, number: int, anchor: str) -> Iterator[Change]:
    for language in LANGUAGES:
        title = section.title.get(language, "")
        old, new = (title, "") if kind == ChangeKind.REMOVED else ("", title)
        yield Change(kind, Part.SECTION, NO_EFFECT, "", number, anchor, language, old, new)


def _match_sections(before: FormContent, after: FormContent) -> dict[str, SectionContent | None]:
    """By the newer section's key: the older one with which it shares most questions, each once; None if none."""
    places = {question.code: section for section in before.sections for question in section.questions}
    shared = Counter(
        (new.key, places[question.code].key)
        for new in after.sections
        for question in new.questions
        if question.code in places
    )
    older = {section.key: section for section in before.sections}
    found: dict[str, SectionContent | None] = {section.key: None for section in after.sections}
    for (new, old), _ in shared.most_common():
        if found[new] is None and old in older:
            found[new] = older.pop(old)
    return found


def _compare_questions(before: FormContent, after: FormContent) -> Iterator[Change]:
    known = {question.code: question for question in before.questions}
    places = {question.code: number for number, question in enumerate(before.questions, 1)}
    moved = _find_moved(before, after)
    for number, question in enumerate(after.questions, 1):
        older = known.pop(question.code, None)
        if older is None:
            yield from _name_question(ChangeKind.ADDED, question, number, BEGINS)
            continue
        if question.code in moved:
            place = (question.code, number, question.key)
            yield Change(ChangeKind.MOVED, Part.QUESTION, PLACE_CHANGED, *place, was=places[question.code])
        yield from _compare_question(older, question, number)


def _list_removed(before: FormContent, after: FormContent) -> Iterator[Change]:
    kept = {question.code for question in after.questions}
    for number, question in enumerate(before.questions, 1):
        if question.code not in kept:
            yield from _name_question(ChangeKind.REMOVED, question, number, ENDS)


def _name_question(kind: ChangeKind, question: QuestionContent, number: int, effect: str) -> Iterator[Change]:
    gone = kind == ChangeKind.REMOVED
    anchor = "" if gone else question.key
    for language in LANGUAGES:
        text = question.text.get(language, "")
        old, new = (text, "") if gone else ("", text)
        yield Change(kind, Part.QUESTION, effect, question.code, number, anchor, language, old, new)


def _find_moved(before: FormContent, after: FormContent) -> set[str]:
    """Codes of both forms that stand in another order or under another section; as few as explain it."""
    new_codes = [question.code for question in after.questions]
    old = [question.code for question in before.questions if question.code in new_codes]
    new = [code for code in new_codes if code in old]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    in_order = {code for block in blocks for code in old[block.a : block.a + block.size]}
    counterparts = _match_sections(before, after)
    places = {question.code: section.key for section in before.sections for question in section.questions}
    elsewhere = {
        question.code
        for section in after.sections
        for question in section.questions
        if (older := counterparts[section.key]) is not None and places.get(question.code) not in (None, older.key)
    }
    return (set(old) - in_order) | elsewhere


def _compare_question(older: QuestionContent, newer: QuestionContent, number: int) -> Iterator[Change]:
    place = (newer.code, number, newer.key)
    if (older.kind, older.dimension) != (newer.kind, newer.dimension):
        yield Change(ChangeKind.CHANGED, Part.KIND, NATURE_CHANGED, *place)
    yield from _compare_text(Part.TEXT, older.text, newer.text, COMPARE_WITH_CARE, *place)
    yield from _compare_text(Part.HELP, older.help, newer.help, COMPARE_WITH_CARE, *place)
    if newer.kind == Kind.RATING:
        yield from _compare_text(Part.LABELS, _join_labels(older), _join_labels(newer), SCALE_CHANGED, *place)
    yield from _compare_text(Part.OPTIONS, _join_options(older), _join_options(newer), CHOICES_CHANGED, *place)
    if older.required != newer.required:
        effect = FEWER_BLANKS if newer.required else MORE_BLANKS
        yield Change(ChangeKind.CHANGED, Part.REQUIRED, effect, *place)
    if older.offers_na != newer.offers_na:
        effect = NA_OFFERED if newer.offers_na else NA_WITHDRAWN
        yield Change(ChangeKind.CHANGED, Part.NOT_APPLICABLE, effect, *place)


def _join_labels(question: QuestionContent) -> Localised:
    return _join_texts([label for label in question.labels])


def _join_options(question: QuestionContent) -> Localised:
    named = [
        Localised({one: f"{option.code}: {option.text.get(one, '')}" for one in LANGUAGES})
        for option in question.options
    ]
    return _join_texts(named)


def _join_texts(texts: list[Localised]) -> Localised:
    return Localised({language: " / ".join(text.get(language, "") for text in texts) for language in LANGUAGES})
