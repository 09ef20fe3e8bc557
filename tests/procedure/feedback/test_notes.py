"""Notes, by everybody at work on a feedback (P9)."""

from __future__ import annotations

import pytest

from csat.models.feedback import Step
from csat.models.outbox import OutboxMessage
from csat.procedure.core.bilingual import TextTooLong
from csat.procedure.core.refusals import ValueMissing
from csat.procedure.feedback import notes, view
from csat.procedure.feedback.workflow import StepNotPossible
from tests.builders import NOW
from tests.feedback_builders import assigned, closed


def test_a_note_stands_in_the_history_and_is_told_to_nobody(cast):
    found = assigned(cast)
    before = OutboxMessage.select().count()
    for person in (cast.owner, cast.qa, cast.improvement, cast.director):
        notes.add_note(found, f" {person.name}：已联系厂家 ", person, NOW)
    kept = notes.list_notes(view.list_history(found))
    assert [one.words for one in kept][-1] == "邓宁：已联系厂家" and len(kept) == 4
    assert kept[0].step == Step.NOTE and OutboxMessage.select().count() == before


def test_neither_nothing_nor_a_novel_nor_after_the_end(cast, zone):
    found = assigned(cast)
    with pytest.raises(ValueMissing):
        notes.add_note(found, "  ", cast.qa, NOW)
    with pytest.raises(TextTooLong):
        notes.add_note(found, "长" * (notes.MAX_NOTE_LENGTH + 1), cast.qa, NOW)
    with pytest.raises(StepNotPossible):
        notes.add_note(closed(cast, zone), "晚了", cast.qa, NOW)
