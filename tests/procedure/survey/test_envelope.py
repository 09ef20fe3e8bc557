"""A sealed answer has one size and opens as it was; people are told apart only as far as is sure."""

from __future__ import annotations

import pytest

from csat.models.asking import Channel
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import envelope
from csat.procedure.survey.envelope import Envelope


def test_the_fullest_answer_fits_for_every_form(db):
    for form in questionnaires.SHIPPED_CODES:
        version = questionnaires.get_newest_version(form)
        questions = questionnaires.questions_of(version)
        answers = {
            one.code: GivenAnswer(words="👩" * 2000) if one.kind == "text" else GivenAnswer(value=10)
            for one in questions
        }
        person = "caller:" + "源" * 60 + ":" + "人" * 60
        full = Envelope(2**63 - 1, 2**63 - 1, person, True, Channel.SLIP, None, answers)
        assert len(envelope.pack_envelope(full, questions)) == envelope.compute_envelope_size(questions)
        assert envelope.unpack_envelope(envelope.pack_envelope(full, questions)) == full


@pytest.mark.parametrize("plain", [b"", b"{}", b"[]", b"null", b'{"answers": {}, "channel": "link"}'])
def test_what_is_no_answer_is_refused(plain):
    with pytest.raises(ValueError):
        envelope.unpack_envelope(plain)
