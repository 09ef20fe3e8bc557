"""Two answers at the same instant, and processes that die: one response, nothing lost (Q2, Q3)."""

from __future__ import annotations

import multiprocessing
import threading

import pytest

from csat import clock, database
from csat.adapters import sealing
from csat.models.answers import Mailbox, Response
from csat.models.asking import Invitation, InvitationState
from csat.models.drafts import Draft
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkUsed
from csat.procedure.survey import drafts as half_filled
from csat.procedure.survey import submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import NOW, a_campaign, a_client, a_contact, a_draft, a_link, an_invitation, some_answers

AT_ONCE = 6


@pytest.fixture
def token(db, config) -> str:
    campaign = a_campaign(public_key=sealing.create_key(config.keys))
    return a_link(an_invitation(campaign, a_contact(a_client())))


def form(anonymous: bool, code: str = "") -> FilledForm:
    return FilledForm(some_answers(), anonymous, code or tokens.make_submission_code(), name="" if anonymous else "王")


def try_to_send(token: str, filled: FilledForm) -> str:
    try:
        return submission.submit_response(token, filled, NOW, sealing.seal_bytes).code
    except LinkUsed:
        return "used"


def at_the_same_instant(token: str, forms: list[FilledForm]) -> list[str]:
    """What each of some threads gets that send at once."""
    gate, outcomes = threading.Barrier(len(forms)), []

    def send(filled: FilledForm) -> None:
        gate.wait()
        outcomes.append(try_to_send(token, filled))
        database.close_store()

    threads = [threading.Thread(target=send, args=(one,)) for one in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("anonymous", [True, False])
def test_of_two_answers_at_the_same_instant_one_counts(token, anonymous):
    outcomes = at_the_same_instant(token, [form(anonymous) for _ in range(AT_ONCE)])
    assert outcomes.count("used") == AT_ONCE - 1
    assert Mailbox.select().count() + Response.select().count() == 1


@pytest.mark.parametrize("anonymous", [True, False])
def test_a_double_click_gets_the_same_thanks_each_time(token, anonymous):
    same = form(anonymous)
    assert at_the_same_instant(token, [same] * AT_ONCE) == [same.code] * AT_ONCE
    assert Mailbox.select().count() + Response.select().count() == 1


def _another_process(url: str, drafts: str, token: str, code: str, gate, outcomes) -> None:
    database.open_store(url, drafts)
    filled = form(True, code)
    gate.wait()
    with clock.freeze_at(NOW):
        outcomes.put(try_to_send(token, filled))
    database.close_store()


@pytest.mark.fault
@pytest.mark.parametrize("same_code", [True, False])
def test_processes_too_are_kept_apart(token, config, same_code):
    database.close_store()
    context = multiprocessing.get_context("spawn")
    gate, outcomes = context.Barrier(3), context.Queue()
    codes = [tokens.make_submission_code()] * 3 if same_code else [tokens.make_submission_code() for _ in range(3)]
    processes = [
        context.Process(target=_another_process, args=(config.database, config.drafts, token, code, gate, outcomes))
        for code in codes
    ]
    for process in processes:
        process.start()
    got = sorted(outcomes.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    outcomes.close()
    database.open_store(config.database, config.drafts)
    assert Mailbox.select().count() == 1
    assert got == codes if same_code else got.count("used") == 2


def test_an_answer_that_cannot_be_stored_spends_nothing(token, monkeypatch):
    """The write is one: without the answer, the invitation is still open."""
    monkeypatch.setattr(Mailbox, "insert", lambda **row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        submission.submit_response(token, form(True), NOW, sealing.seal_bytes)
    assert Invitation.get().state == InvitationState.SENT


@pytest.mark.fault
def test_what_was_saved_outlives_a_crash(token, config):
    """Killed right after the save was acknowledged, the next process finds it."""
    code, typed = half_filled.make_continuation_code(), {"q-opinions": ["字" * 2000]}
    process = multiprocessing.get_context("spawn").Process(
        target=_save_and_die, args=(config.database, config.drafts, token, code, typed)
    )
    process.start()
    process.join()
    assert process.exitcode == -9
    assert half_filled.load_draft(token, code, sealing.derive_draft_key, sealing.decrypt_with_key) == typed


def _save_and_die(url: str, drafts: str, token: str, code: str, typed: dict) -> None:
    import os
    import signal

    database.open_store(url, drafts)
    half_filled.save_draft(token, code, typed, NOW, sealing.derive_draft_key, sealing.encrypt_with_key)
    os.kill(os.getpid(), signal.SIGKILL)


def test_drafts_are_ciphertext_under_a_place_the_store_does_not_know(token):
    a_draft(token, {"q": ["geheim"]})
    draft = Draft.get()
    assert b"geheim" not in bytes(draft.sealed)
    assert draft.place not in (token, tokens.hash_token(token))
    another = half_filled.make_continuation_code()
    assert half_filled.load_draft(token, another, sealing.derive_draft_key, sealing.decrypt_with_key) is None
