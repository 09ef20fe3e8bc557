"""Texts in two languages are refused at the very field that is wrong."""

from __future__ import annotations

import pytest

from csat.procedure.core import bilingual
from csat.procedure.core.refusals import ValueMissing

TEXTS = {"name": {"zh": "名", "en": "Name"}, "words": {"zh": "话", "en": "Words"}}


def test_fields_run_one_language_after_the_other():
    assert [field for field, _ in bilingual.list_fields(TEXTS)] == ["name_zh", "words_zh", "name_en", "words_en"]


def test_the_first_gap_is_named():
    bilingual.refuse_missing_texts(TEXTS)
    with pytest.raises(ValueMissing) as refused:
        bilingual.refuse_missing_texts({**TEXTS, "words": {"zh": "话", "en": ""}})
    assert refused.value.field == "words_en"


def test_a_text_may_be_as_long_as_allowed_and_no_longer():
    bilingual.refuse_long_text("name_zh", "名名", 2)
    with pytest.raises(bilingual.TextTooLong) as refused:
        bilingual.refuse_long_text("name_zh", "名名名", 2)
    assert (refused.value.field, refused.value.facts) == ("name_zh", {"most": 2})
