"""One press of a button in the editor: what was typed is taken in first, then one thing is done (Q7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from csat.database import write
from csat.models.people import Person
from csat.models.questionnaires import Kind, QuestionnaireDraft
from csat.procedure.authoring import draft_work, drafts, editing
from csat.procedure.authoring.draft_work import DraftWork, Merged, Sent
from csat.procedure.authoring.form_history import FormHistory, read_history
from csat.procedure.core.guards import LARGEST_KEY
from csat.procedure.core.refusals import Refusal
from csat.procedure.questionnaires.content import FormContent, QuestionContent


@dataclass(frozen=True)
class Act:
    """What is to be done: to which item, and what more one must know (a section, a kind, an option's place)."""

    verb: str
    key: str = ""
    detail: str = ""

    @property
    def number(self) -> int:
        """The detail as a number; one that nothing has, where it is none."""
        short = self.detail.isascii() and self.detail.isdecimal() and len(self.detail) < 19
        return int(self.detail) if short else LARGEST_KEY


@dataclass(frozen=True)
class Saved:
    """What became of it: where the reader was at work, what clashed, and why the act was refused, if it was."""

    draft: QuestionnaireDraft
    merged: Merged
    key: str
    refusal: Refusal | None = None


Doing = Callable[[Merged, Act, FormHistory], tuple[DraftWork, str]]


def save_page(code: str, sent: Mapping[str, Sent], act: Act, by: Person, now: datetime) -> Saved:
    """Take in all that a page sent, then do one thing; what is refused leaves what was typed in the draft."""
    with write():
        draft = drafts.get_draft(code)
        before = draft_work.read_work(draft)
        merged = draft_work.merge_sent(before, sent, by, now)
        work, key, refusal = merged.work, next(iter((*merged.clashes, *merged.changed)), ""), None
        if act.verb in ACTS:
            try:
                work, key = ACTS[act.verb](merged, act, read_history(code))
            except Refusal as refused:
                refusal, key = refused, act.key
        if work != before:
            draft = save_work(draft, draft_work.mark_touched(before, work, by, now), by, now)
    return Saved(draft, merged, key, refusal)


def save_work(draft: QuestionnaireDraft, work: DraftWork, by: Person, now: datetime) -> QuestionnaireDraft:
    """Keep a draft with all that lies beside its form."""
    draft.content = {**draft.content, **draft_work.write_beside(work)}
    draft.reason = work.reason
    return drafts.save_draft(draft, work.form, by, now)


def _on_form(do: Callable[[FormContent, Act], FormContent]) -> Doing:
    """An act that leaves its item in the form."""
    return lambda merged, act, _: (replace(merged.work, form=do(merged.work.form, act)), act.key)


def _move(step: int) -> Doing:
    def move(form: FormContent, act: Act) -> FormContent:
        is_section = any(section.key == act.key for section in form.sections)
        return (editing.move_section if is_section else editing.move_question)(form, act.key, step)

    return _on_form(move)


def _making(make: Callable[[FormContent, Act, FormHistory], tuple[FormContent, str]]) -> Doing:
    """An act that leads to an item that is new in the form."""

    def do(merged: Merged, act: Act, history: FormHistory) -> tuple[DraftWork, str]:
        form, key = make(merged.work.form, act, history)
        return replace(merged.work, form=form), key

    return do


def _add(form: FormContent, act: Act, history: FormHistory) -> tuple[FormContent, str]:
    kind = Kind(act.detail) if act.detail in set(Kind) else Kind.RATING
    return editing.add_question(form, act.key, kind, history.natures)


def _restore(form: FormContent, act: Act, history: FormHistory) -> tuple[FormContent, str]:
    if history.newest is None:
        raise editing.ItemGone
    return editing.restore_question(form, history.newest, act.key)


def _on_options(change: Callable[[QuestionContent, int], QuestionContent]) -> Doing:
    def do(merged: Merged, act: Act, _: FormHistory) -> tuple[DraftWork, str]:
        if act.key in merged.moved_on:  # the place that the page showed may be another option's now
            raise drafts.DraftChanged
        form = editing.change_question(merged.work.form, act.key, lambda question: change(question, act.number))
        return replace(merged.work, form=form), act.key

    return do


def _remove(merged: Merged, act: Act, _: FormHistory) -> tuple[DraftWork, str]:
    return draft_work.remove_item(merged.work, act.key), "removed"


def _undo(merged: Merged, act: Act, _: FormHistory) -> tuple[DraftWork, str]:
    return draft_work.undo_removal(merged.work)


def _take_other(merged: Merged, act: Act, _: FormHistory) -> tuple[DraftWork, str]:
    return draft_work.take_rival(merged.work, act.key, act.number), act.key


def _drop_other(merged: Merged, act: Act, _: FormHistory) -> tuple[DraftWork, str]:
    return draft_work.drop_rival(merged.work, act.key, act.number), act.key


ACTS: dict[str, Doing] = {
    "up": _move(-1),
    "down": _move(1),
    "move": _on_form(lambda form, act: editing.move_to_section(form, act.key, act.detail)),
    "copy": _making(lambda form, act, history: editing.copy_question(form, act.key, history.natures)),
    "add": _making(_add),
    "section": _making(lambda form, act, _: editing.add_section(form)),
    "restore": _making(_restore),
    "remove": _remove,
    "undo": _undo,
    "option_add": _on_options(lambda question, _: editing.add_option(question)),
    "option_up": _on_options(lambda question, at: editing.move_option(question, at, -1)),
    "option_down": _on_options(lambda question, at: editing.move_option(question, at, 1)),
    "option_remove": _on_options(editing.remove_option),
    "labels": _on_form(
        lambda form, act: editing.change_question(form, act.key, lambda question: replace(question, labels=()))
    ),
    "take": _take_other,
    "drop": _drop_other,
}
