"""Stories about the client's letter (P13): proposed, released, taken back, corrected; and who sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.documents.letters import compose as documents
from csat.documents.letters import figures, proposals
from csat.models.letters import Letter, LetterState
from csat.models.roles import Role
from csat.procedure.core.refusals import NotFound, OutOfOrder, ValueMissing
from csat.procedure.letters import board, letters, sending
from tests.builders import NOW, a_client, a_person, how_many_wait
from tests.letters import Q3, ZONE, a_proposal, a_ready_letter, a_sent_letter, an_issued_report, answers, worded

TODAY = NOW.date()


def test_there_is_no_letter_before_the_report_is_issued(cast, client):
    with pytest.raises(letters.ReportNotIssued):
        letters.get_issued_report(Q3)
    assert board.list_quarters() == []


def test_a_client_gets_one_letter_a_quarter(cast, client):
    letter = a_proposal(cast, client)
    assert letter.number == f"L-2026Q3-{client.id}-1"
    with pytest.raises(letters.LetterExists):
        a_proposal(cast, client)


def test_a_letter_with_gaps_is_not_released(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    letters.save_words(letter, {**letter.words, "done": {"zh": "做了。", "en": ""}}, cast.qa, NOW)
    with pytest.raises(ValueMissing) as refused:
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert refused.value.field == "done_en"


def test_a_missed_commitment_needs_reason_and_remedy(cast, client):
    answers(client, 1, 1, 2)
    letter = a_proposal(cast, client)
    assert "satisfaction" in {one["code"] for one in letter.facts["missed"]}
    worded(letter, cast)
    missed = {**letter.words["missed"], "satisfaction": {"reason": {"zh": "忙。", "en": "Busy."}, "remedy": {}}}
    letters.save_words(letter, {**letter.words, "missed": missed}, cast.qa, NOW)
    with pytest.raises(ValueMissing) as refused:
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert refused.value.field == "remedy_satisfaction_zh"


def test_a_client_in_nobodys_care_gets_no_letter_released(cast):
    letter = worded(a_proposal(cast, a_client("无人")), cast)
    with pytest.raises(letters.NoProjectManager):
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)


def test_a_letter_of_old_figures_is_not_released(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    newer = an_issued_report(cast, NOW + timedelta(days=1), "Two more answers")
    with pytest.raises(letters.OldFigures):
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    facts, words = proposals.draft_proposal(client, newer, ZONE, NOW)
    letters.refresh_letter(letter, newer, facts, words, cast.qa, NOW)
    worded(letter, cast)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert letter.state == LetterState.READY


def test_a_ready_letter_is_taken_back_with_a_reason(cast, client):
    letter = a_ready_letter(cast, client)
    with pytest.raises(ValueMissing):
        letters.take_back_letter(letter, " ", cast.qa, NOW)
    letters.take_back_letter(letter, "数字有误", cast.qa, NOW)
    assert letter.state == LetterState.DRAFT and letter.document is None
    with pytest.raises(OutOfOrder):  # it was released once: it stays on record
        letters.discard_letter(letter, cast.qa, NOW)
    with pytest.raises(OutOfOrder):
        sending.complete_document(letter, cast.manager, NOW)


def test_a_draft_that_nobody_saw_can_be_thrown_away(cast, client):
    letters.discard_letter(a_proposal(cast, client), cast.qa, NOW)
    assert not Letter.select().exists()


def test_the_manager_sees_own_clients_letters_once_released(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    with pytest.raises(NotFound):
        letters.letter_for(cast.manager, letter.id, TODAY)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert letters.letter_for(cast.manager, letter.id, TODAY) == letter
    for other in (a_person("别人", Role.MANAGER), cast.desk, cast.owner, cast.admin, cast.improvement):
        with pytest.raises(NotFound):
            letters.letter_for(other, letter.id, TODAY)
    for reader in (cast.qa2, cast.director):
        assert letters.letter_for(reader, letter.id, TODAY) == letter
        with pytest.raises(NotFound):
            sending.letter_to_send_for(reader, letter.id, TODAY)


def test_what_waits_is_counted_for_whoever_acts_next(cast, client):
    an_issued_report(cast)
    a_client("无人负责")  # nobody could send its letter
    assert (how_many_wait("letters", cast.qa), how_many_wait("letters", cast.director)) == (1, 0)  # to propose
    letter = worded(a_proposal(cast, client), cast)
    assert (how_many_wait("letters", cast.qa), how_many_wait("letters", cast.manager)) == (1, 0)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert (how_many_wait("letters", cast.qa), how_many_wait("letters", cast.manager)) == (0, 1)
    assert how_many_wait("letters", cast.director) == 0


def test_a_correction_is_a_new_letter_that_says_what_it_replaces(cast, client):
    old = a_sent_letter(cast, client)
    facts = figures.collect_facts(client, old.report)
    new = letters.correct_letter(old, old.report, facts, cast.qa, NOW)
    assert new.version == 2 and new.words == old.words and new.state == LetterState.DRAFT
    assert letters.find_replacement(old) is None
    with pytest.raises(letters.LetterExists):
        letters.correct_letter(old, old.report, facts, cast.qa, NOW)
    letters.release_letter(new, documents.compose_letter(new, ZONE), cast.qa, NOW, TODAY)
    sent = sending.complete_document(new, cast.manager, NOW)
    assert sent["letter"]["replaces"]["number"] == old.number
    assert f"({old.number})" in documents.render_body(sent, "en")
    sending.send_letter(new, sent, {}, [], cast.manager, NOW)
    assert letters.find_replacement(old) == new
    assert Letter.get_by_id(old.id).document == old.document
