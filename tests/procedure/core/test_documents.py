"""What reports and letters share: their state is read anew before each step, their PDFs are found again."""

from __future__ import annotations

import pytest

from csat.models.letters import Letter, LetterState
from csat.procedure.core import documents
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import OutOfOrder
from tests.builders import NOW
from tests.letters import Q3, a_proposal, a_sent_letter, an_issued_report


def test_a_step_that_another_person_took_meanwhile_is_refused(cast, client):
    shown = a_proposal(cast, client)
    Letter.update(state=LetterState.READY, taken_back="neu").where(Letter.id == shown.id).execute()
    with pytest.raises(OutOfOrder):
        documents.require_state(shown, LetterState.DRAFT)
    documents.require_state(shown, LetterState.READY)
    assert shown.taken_back == "neu"
    Letter.get_by_id(shown.id).delete_instance()
    with pytest.raises(OutOfOrder):  # what was thrown away has no state
        documents.require_state(shown, LetterState.READY)


def test_the_kept_files_are_found_by_language(cast, client):
    letter = a_sent_letter(cast, client)
    found = documents.find_files(letter)
    assert set(found) == {"zh", "en"} and found["zh"] != found["en"]


def test_the_newest_issued_version_comes_first(cast):
    first, second = an_issued_report(cast), an_issued_report(cast, NOW, "Two more answers")
    assert list(documents.select_issued_reports(Q3)) == [second, first]
    assert not documents.select_issued_reports(Quarter(2026, 2)).exists()
