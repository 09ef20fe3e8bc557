"""The promise against somebody who has every byte of the store, and knows who has answered (D1)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from csat import database
from csat.adapters import sealing
from csat.commands import mailbox as mailbox_commands
from csat.commands.forensics import AnonymityDrill
from csat.database import ScrubIncomplete
from csat.models.answers import Answer, Mailbox, Response
from csat.models.asking import Campaign, CampaignState, Invitation, InvitationState, Link
from csat.models.base import Table
from csat.models.records import AuditEntry
from csat.models.work import Job, JobState
from csat.procedure.core import jobs, tokens
from csat.procedure.survey import drafts, mailbox, receipts, submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import NOW, a_campaign, a_client, a_draft, a_link, an_invitation, another_contact, some_answers
from tests.command_line import run

WORDS = ["第一个人的原话", "words of the second", "palabras de la tercera"]


@pytest.fixture
def unseal(config):
    return partial(sealing.open_sealed, config.keys)


@pytest.fixture
def campaign(db, config) -> Campaign:
    return a_campaign(public_key=sealing.create_key(config.keys))


def answer_all(campaign: Campaign) -> tuple[list[str], list[str]]:
    """Three people of one client answer, each in words of their own; their tokens and codes."""
    client, links, codes = a_client(), [], []
    for number, words in enumerate(WORDS):
        links.append(a_link(an_invitation(campaign, another_contact(client, name=f"联系人{number}"))))
        codes.append(tokens.make_submission_code())
        a_draft(links[-1], {"q-opinions": [words], "who": ["anonymous"]})
        form = FilledForm(some_answers(words=words), True, codes[-1])
        submission.submit_response(links[-1], form, NOW, sealing.seal_bytes)
        drafts.delete_drafts(links[-1])
    return links, codes


def every_byte(config) -> bytes:
    """All files of the instance but the keys: stores, logs, indexes of logs, locks."""
    files = [path for path in config.instance.rglob("*") if path.is_file() and config.keys not in path.parents]
    return b"".join(path.read_bytes() for path in files)


def test_before_the_release_nothing_of_an_answer_can_be_read(campaign, config):
    links, codes = answer_all(campaign)
    store = every_byte(config)
    for words in WORDS:
        assert words.encode() not in store
    for secret in links + codes:
        assert secret.encode() not in store and secret.replace("-", "").encode() not in store


def test_neither_tokens_nor_codes_are_ever_written_down(campaign, config, unseal):
    links, codes = answer_all(campaign)
    mailbox.release_answers(campaign, unseal, NOW)
    receipts.get_receipt_page(codes[0])
    store = every_byte(config)
    for secret in links + codes:
        assert secret.encode() not in store


def test_after_the_release_the_sealed_answers_are_overwritten(campaign, config, unseal):
    answer_all(campaign)
    sealed = [bytes(row.sealed) for row in Mailbox.select()]
    mailbox.release_answers(campaign, unseal, NOW)
    log = Path(f"{database.store.database}-wal")
    assert not log.exists() or log.stat().st_size == 0
    store = every_byte(config)
    for one in sealed:
        assert one[64:96] not in store and one[-48:-16] not in store


def test_nothing_that_is_kept_leads_from_a_response_to_a_person(campaign, config, unseal):
    """No value that an anonymous response, its answers or their keys hold stands in any other row."""
    answer_all(campaign)
    mailbox.release_answers(campaign, unseal, NOW)
    own = {str(value) for row in Response.select().tuples() for value in row if _is_key(value)}
    own |= {str(row.id) for row in Answer.select(Answer.id)}
    assert len(own) >= 3 * (2 + len(some_answers()))
    for table in Table.__subclasses__():
        if table in (Response, Answer):
            continue
        for row in table.select().tuples():
            assert not own & set(map(str, row)), table


def _is_key(value: object) -> bool:
    return isinstance(value, int) and value > 1 << 40


def test_a_submission_leaves_no_audit_row_and_no_instant(campaign):
    before = AuditEntry.select().count()
    answer_all(campaign)
    assert AuditEntry.select().count() == before
    for table in (Invitation, Link, Mailbox):
        assert not [name for name, field in table._meta.fields.items() if "Instant" in type(field).__name__]


def test_rows_of_answered_and_open_invitations_have_the_same_length():
    """An answer rewrites its invitation's row in place: nothing moves, nothing is left behind."""
    assert {len(state.value) for state in InvitationState} == {4}


# --- readers that keep the store busy ------------------------------------------------------------------


@contextmanager
def a_busy_reader(path: str) -> Iterator[None]:
    """Somebody who holds an old snapshot, so that the log cannot be emptied."""
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM invitation").fetchall()
        yield


def test_a_busy_reader_is_reported_and_the_next_round_tries_again(campaign, unseal):
    answer_all(campaign)
    database.store.execute_sql("PRAGMA busy_timeout = 20")
    with a_busy_reader(database.store.database), pytest.raises(ScrubIncomplete):
        mailbox.release_answers(campaign, unseal, NOW)
    assert Response.select().count() == 3
    assert Path(f"{database.store.database}-wal").stat().st_size > 0
    assert mailbox.release_due_campaigns(NOW, unseal) == []
    assert Path(f"{database.store.database}-wal").stat().st_size == 0


def test_a_reader_that_leaves_in_time_is_waited_for(campaign, unseal, monkeypatch):
    answer_all(campaign)
    tries = []

    def busy_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ScrubIncomplete
        database.scrub()

    monkeypatch.setattr(mailbox, "scrub", busy_once)
    assert mailbox.release_answers(campaign, unseal, NOW).number == 3
    assert len(tries) == 2


# --- the attacker --------------------------------------------------------------------------------------


@pytest.mark.fault
def test_the_attacker_does_not_beat_chance(db, tmp_path):
    outcome = AnonymityDrill(tmp_path / "keys", NOW).play(60)
    assert mailbox_commands.is_promise_kept(outcome)
    for score in outcome.scores.values():
        spread = (score.guesses * (1 / 3) * (2 / 3)) ** 0.5
        assert score.hits <= score.guesses / 3 + 5 * spread, score


@pytest.mark.fault
def test_the_attacker_is_a_real_one(db, tmp_path, monkeypatch):
    """Were the mailbox key and the receipt the same hash, he would find everybody."""
    monkeypatch.setattr(tokens, "derive_number", lambda code, purpose: hash(code) >> 1)
    outcome = AnonymityDrill(tmp_path / "keys", NOW).play(30)
    score = outcome.scores["key or receipt equals a mailbox key"]
    assert score.hits == score.guesses > 0


@pytest.mark.fault
def test_the_attacker_reads_what_is_not_sealed(db, tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "seal_bytes", lambda key, plain: plain)
    monkeypatch.setattr(sealing, "open_sealed", lambda folder, key, sealed: sealed)
    assert AnonymityDrill(tmp_path / "keys", NOW).play(30).readable_before > 0


def test_the_attack_is_a_command_and_leaves_the_store_alone(campaign, config):
    before = Invitation.select().count(), Campaign.select().count()
    done = run(config, "anonymity", "attack", "--people", "40")
    assert done.exit_code == 0, done.output
    fewest = done.output.partition("fewest people behind answers that look alike: ")[2][:2]
    assert "1/k" in done.output and int(fewest) >= 3  # by chance four
    assert (Invitation.select().count(), Campaign.select().count()) == before


def test_release_is_a_command(campaign, config):
    assert "stays sealed" in run(config, "release").output
    answer_all(campaign)
    done = run(config, "release")
    assert (done.exit_code, "3 opened" in done.output) == (0, True), done.output


@pytest.mark.parametrize("of_one", [True, False])
def test_release_is_a_job(campaign, config, monkeypatch, of_one):
    monkeypatch.setenv("CSAT_INSTANCE", str(config.instance))
    answer_all(campaign)
    job = jobs.queue_job("release", {"campaign": campaign.id} if of_one else {}, None, NOW)
    jobs.run_job(jobs.claim_next_job())
    done = Job.get_by_id(job.id)
    assert (done.state, done.outcome) == (JobState.DONE, {"opened": 3, "without_client": 0, "void": 0, "releases": [1]})


def test_a_lost_key_is_one_clear_line(campaign, config):
    answer_all(campaign)
    sealing.destroy_key(config.keys, bytes(campaign.public_key))
    refused = run(config, "release")
    assert refused.exit_code == 1 and "private key" in refused.output
    daily = run(config, "daily")
    assert daily.exit_code == 1 and "private key" in daily.output and "deleted" in daily.output
    assert "3 void" in run(config, "release", "--give-up-lost").output


def test_the_daily_round_closes_releases_and_sweeps(campaign, config):
    answer_all(campaign)
    Campaign.update(closes_at=NOW).execute()
    done = run(config, "daily")
    assert "1 campaigns closed." in done.output and "3 anonymous answers opened." in done.output
    assert Campaign.get().state == CampaignState.CLOSED


def test_keys_are_exported_to_a_new_file_of_ones_own(campaign, config, tmp_path):
    file = tmp_path / "keys.tar"
    assert "1 keys" in run(config, "keys", "export", file).output
    assert file.stat().st_mode & 0o077 == 0
    assert run(config, "keys", "export", file).exit_code == 1


def test_the_private_half_is_its_owners_alone(campaign, config):
    (key,) = sealing.list_kept_keys(config.keys)
    assert key.stat().st_mode & 0o077 == 0
    sealing.destroy_key(config.keys, bytes(campaign.public_key))
    assert sealing.list_kept_keys(config.keys) == []
