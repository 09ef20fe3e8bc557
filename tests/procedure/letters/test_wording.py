"""What a letter's words must keep to (P13): both languages, one page."""

from __future__ import annotations

import pytest

from csat.models.letters import Letter
from csat.procedure.letters import wording
from tests.letters import a_proposal, worded


def test_quality_control_words_it_in_both_languages(cast, client):
    letter = worded(a_proposal(cast, client), cast, heard="  您说得对。\n\n 我们听到了。 ")
    assert Letter.get_by_id(letter.id).words["heard"]["en"] == "您说得对。\n我们听到了。"


def test_what_is_too_long_is_refused_with_how_much(cast, client):
    letter = a_proposal(cast, client)
    with pytest.raises(wording.SectionTooLong) as refused:
        worded(letter, cast, worked="长" * 200)
    assert refused.value.field == "worked_zh" and refused.value.facts["number"] == 30
    with pytest.raises(wording.SectionTooLong) as refused:
        worded(letter, cast, worked="Too long. " * 36)
    assert refused.value.field == "worked_zh" or refused.value.facts["most"] == 350


def test_a_new_line_takes_its_room(cast):
    assert wording.measure_length("你好", "zh") == 2
    assert wording.measure_length("你好\n你好", "zh") == 4 + wording.LINE_WIDTHS["zh"]
    assert wording.measure_length("ab", "zh") == 1 and wording.measure_length("你好", "en") == 4
