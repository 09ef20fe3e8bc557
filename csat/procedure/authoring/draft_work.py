"""A draft on the table: the form, what was removed from it, and what two people wrote at the same place (Q7).

Nobody overwrites anybody: what changed meanwhile stays, and what was typed without having seen it is kept beside it
until somebody takes it over or puts it aside. Different places, and moving, adding and removing, go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from csat.models.base import EPOCH, MICROSECOND, Json
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireDraft
from csat.procedure.authoring import draft_fields, editing
from csat.procedure.authoring.draft_fields import HEAD, Fields
from csat.procedure.authoring.editing import Removed
from csat.procedure.questionnaires.content import (
    FormContent,
    QuestionContent,
    SectionContent,
    read_content,
    write_content,
)

REASON = "reason"  # the key and only field of why this version is made
MAX_REMOVED = 20  # removals that can be undone, the last first
Item = QuestionContent | SectionContent


@dataclass(frozen=True)
class Sent:
    """What a page sent of one item, and the digest of what it had shown there."""

    fields: Fields
    was: str

    @property
    def changed(self) -> bool:
        return draft_fields.digest_fields(self.fields) != self.was


@dataclass(frozen=True)
class Rival:
    """What somebody typed where somebody else had changed the text meanwhile."""

    key: str
    by: int
    at: datetime
    fields: Fields


@dataclass(frozen=True)
class DraftWork:
    """A draft with all that editing it needs. `touched`: who changed which item last, and when."""

    form: FormContent
    reason: str = ""
    removed: tuple[Removed, ...] = ()
    rivals: tuple[Rival, ...] = ()
    touched: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)

    def fields_of(self, key: str) -> dict[str, str] | None:
        """The fields of an item, also of one that was removed."""
        return self.all_fields().get(key)

    def digest_of(self, key: str, sent: Fields) -> str:
        """The digest of what stands in the fields that a page sent of an item."""
        return draft_fields.digest_fields(draft_fields.pick_fields(self.fields_of(key) or {}, sent))

    def all_fields(self) -> dict[str, dict[str, str]]:
        """The fields of every item by its key, also of what was removed."""
        known = {HEAD: draft_fields.head_fields(self.form), REASON: {REASON: self.reason}}
        for item in _each_item((*self.form.sections, *(one.item for one in self.removed))):
            known[item.key] = _item_fields(item)
        return known


@dataclass(frozen=True)
class Merged:
    """What taking in a page led to. `clashes`: what was changed by both; `moved_on`: by others since it was shown."""

    work: DraftWork
    changed: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()
    moved_on: frozenset[str] = frozenset()


def merge_sent(work: DraftWork, sent: Mapping[str, Sent], by: Person, now: datetime) -> Merged:
    """Take in what somebody typed, item by item, without overwriting what they had not seen."""
    changed: list[str] = []
    clashes: list[str] = []
    moved_on: set[str] = set()
    for key, item in sent.items():
        if work.fields_of(key) is None:
            if item.changed:
                work, changed = _keep_lost(work, key, item), [*changed, key]
            continue
        stands = work.digest_of(key, item.fields)
        if stands != item.was:
            moved_on.add(key)
        if not item.changed:
            continue
        if stands in (item.was, draft_fields.digest_fields(item.fields)):
            work = _without_rival(_take(work, key, item.fields), key, by.id)
            changed.append(key)
        else:
            work = _without_rival(work, key, by.id)
            work = replace(work, rivals=(*work.rivals, Rival(key, by.id, now, draft_fields.clean_fields(item.fields))))
            clashes.append(key)
    return Merged(work, tuple(changed), tuple(clashes), frozenset(moved_on))


def take_rival(work: DraftWork, key: str, person: int) -> DraftWork:
    """Let what somebody typed beside it take the place of what stands."""
    for rival in work.rivals:
        if (rival.key, rival.by) == (key, person):
            return _without_rival(_take(work, key, rival.fields), key, person)
    raise editing.ItemGone


def drop_rival(work: DraftWork, key: str, person: int) -> DraftWork:
    """Put aside what somebody typed beside what stands."""
    return _without_rival(work, key, person)


def remove_item(work: DraftWork, key: str) -> DraftWork:
    """Take a question or section out; it can be put back."""
    is_section = any(section.key == key for section in work.form.sections)
    form, removed = (editing.remove_section if is_section else editing.remove_question)(work.form, key)
    return replace(work, form=form, removed=(*work.removed, removed)[-MAX_REMOVED:])


def undo_removal(work: DraftWork) -> tuple[DraftWork, str]:
    """Put back what was removed last; and its key."""
    if not work.removed:
        raise editing.ItemGone
    *before, last = work.removed
    return replace(work, form=editing.put_back(work.form, last), removed=tuple(before)), last.item.key


def mark_touched(before: DraftWork, after: DraftWork, by: Person, now: datetime) -> DraftWork:
    """The work with who changed what."""
    old, new = before.all_fields(), after.all_fields()
    fresh = {key: (by.id, now) for key in new if old.get(key) != new[key]}
    return replace(after, touched={key: who for key, who in {**before.touched, **fresh}.items() if key in new})


# --- in the store ------------------------------------------------------------------------------------


def read_work(draft: QuestionnaireDraft) -> DraftWork:
    """A draft with what was kept beside its form."""
    kept = draft.content
    return DraftWork(
        form=read_content(kept),
        reason=draft.reason,
        removed=tuple(_read_removed(one) for one in kept.get("removed", ())),
        rivals=tuple(
            Rival(one["key"], one["by"], _instant(one["at"]), one["fields"]) for one in kept.get("rivals", ())
        ),
        touched={key: (by, _instant(at)) for key, (by, at) in kept.get("touched", {}).items()},
    )


def write_beside(work: DraftWork) -> Json:
    """What is kept in a draft beside its form."""
    return {
        "removed": [_write_removed(one) for one in work.removed],
        "rivals": [
            {"key": one.key, "by": one.by, "at": _number(one.at), "fields": dict(one.fields)} for one in work.rivals
        ],
        "touched": {key: [by, _number(at)] for key, (by, at) in work.touched.items()},
    }


def _read_removed(data: Json) -> Removed:
    sections = read_content({"code": "", "title": {}, "intro": {}, "section": [data["section"]]}).sections
    item: Item = sections[0].questions[0] if data["single"] else sections[0]
    return Removed(item, data["from"], data["behind"])


def _write_removed(removed: Removed) -> Json:
    # A question travels in a section without a title, so that the form's own shape serves for both.
    single = isinstance(removed.item, QuestionContent)
    section = SectionContent(questions=(removed.item,)) if isinstance(removed.item, QuestionContent) else removed.item
    written = write_content(FormContent("", sections=(section,)), 0, keys=True)["section"][0]
    return {"single": single, "section": written, "from": removed.section, "behind": removed.behind}


def _number(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _instant(number: int) -> datetime:
    return EPOCH + number * MICROSECOND


# --- inside ------------------------------------------------------------------------------------------


def _each_item(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, SectionContent):
            yield from item.questions


def _item_fields(item: Item) -> dict[str, str]:
    if isinstance(item, SectionContent):
        return draft_fields.section_fields(item)
    return draft_fields.question_fields(item)


def _take(work: DraftWork, key: str, fields: Fields) -> DraftWork:
    typed = draft_fields.clean_fields(fields)
    if key == REASON:
        return replace(work, reason=typed.get(REASON, work.reason))
    if key == HEAD:
        return replace(work, form=draft_fields.take_head(work.form, typed))
    return replace(
        work,
        form=replace(work.form, sections=tuple(_change_section(one, key, typed) for one in work.form.sections)),
        removed=tuple(replace(one, item=_change_item(one.item, key, typed)) for one in work.removed),
    )


def _change_item(item: Item, key: str, typed: Fields) -> Item:
    if isinstance(item, SectionContent):
        return _change_section(item, key, typed)
    return _change_question(item, key, typed)


def _change_section(section: SectionContent, key: str, typed: Fields) -> SectionContent:
    own = draft_fields.take_section(section, typed) if section.key == key else section
    return replace(own, questions=tuple(_change_question(one, key, typed) for one in own.questions))


def _change_question(question: QuestionContent, key: str, typed: Fields) -> QuestionContent:
    return draft_fields.take_question(question, typed) if question.key == key else question


def _keep_lost(work: DraftWork, key: str, item: Sent) -> DraftWork:
    """What was changed on a page is kept among the removed, if the draft knows its item no more."""
    typed = draft_fields.clean_fields(item.fields)
    lost: Item = (
        draft_fields.take_question(QuestionContent(key=key), typed)
        if "text_zh" in typed
        else draft_fields.take_section(SectionContent(key=key), typed)
    )
    return replace(work, removed=(*work.removed, Removed(lost))[-MAX_REMOVED:])


def _without_rival(work: DraftWork, key: str, person: int) -> DraftWork:
    return replace(work, rivals=tuple(one for one in work.rivals if (one.key, one.by) != (key, person)))
