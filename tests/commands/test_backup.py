"""Stories about back-ups by command: made while the system runs, kept, checked, restored, rehearsed (D6)."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tarfile
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from csat import clock, database
from csat.adapters import backup as adapter
from csat.adapters import files, sealing
from csat.adapters.backup_cipher import CIPHERED, BackupCorrupt, KeyAbsent
from csat.adapters.files import hash_file
from csat.commands import csat as commands
from csat.commands.backup import delete_old_backups, write_backup
from csat.models.access import Session, WelcomeLink
from csat.models.answers import Mailbox, Release, Response
from csat.models.asking import Campaign, CampaignState, Invitation, InvitationState, Link
from csat.models.clients import Client
from csat.models.drafts import Draft
from csat.models.evidence import Evidence
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.records import AuditDetail, AuditEntry, BackupKind, BackupRecord
from csat.models.work import StoredFile
from csat.procedure.core import audit, settings, tokens, uploads
from csat.procedure.feedback import evidence
from csat.procedure.mail import outbox
from csat.procedure.people import attachments
from csat.procedure.people.attachments import FileToAttach
from csat.procedure.survey import mailbox, submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import (
    NOW,
    a_campaign,
    a_client,
    a_draft,
    a_link,
    a_person,
    an_account,
    an_invitation,
    another_contact,
    some_answers,
)
from tests.command_line import run
from tests.feedback_builders import TODAY, assigned
from tests.files import PDF, a_png


@pytest.fixture
def campaign(db, config) -> Campaign:
    return a_campaign(public_key=sealing.create_key(config.keys))


def answer(campaign: Campaign, anonymous: bool = True) -> Invitation:
    client = Client.get_or_none() or a_client()
    contact = another_contact(client, name=f"联系人{Invitation.select().count()}")
    invitation = an_invitation(campaign, contact)
    answers = some_answers(campaign.version.questionnaire.code)
    form = FilledForm(answers, anonymous, tokens.make_submission_code(), name="" if anonymous else "王")
    submission.submit_response(a_link(invitation), form, NOW, sealing.seal_bytes)
    return Invitation.get_by_id(invitation.id)


def a_file(config, content: bytes = b"evidence") -> str:
    place, facts = files.keep_file(config.files, content), {"name": "a.pdf", "media_type": "application/pdf"}
    StoredFile.create(place=place, size=len(content), sha256="", stored_at=NOW, **facts)
    return place


def elsewhere(config, folder: Path):
    """Another, empty instance with the same keys."""
    return replace(config, instance=folder, database=f"sqlite:///{folder / 'csat.sqlite'}", files=folder / "files")


def opened_up(config, file: Path, folder: Path) -> bytes:
    """Every byte that is inside a back-up."""
    adapter.read_backup(file, adapter.load_key(config.keys), folder)
    return b"".join(place.read_bytes() for place in folder.rglob("*") if place.is_file())


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "a.backup"


@pytest.fixture
def other(config, tmp_path):
    return elsewhere(config, tmp_path / "other")


@pytest.fixture
def second(tmp_path) -> Path:
    """Where copies go."""
    (tmp_path / "second").mkdir()
    return tmp_path / "second"


# --- making ------------------------------------------------------------------------------------------


def test_a_back_up_is_one_command_and_on_record(campaign, config, file):
    place = a_file(config)
    done = run(config, "backup", file)
    assert done.exit_code == 0 and "Who loses it loses every back-up" in done.output
    assert file.stat().st_mode & 0o077 == 0
    manifest = adapter.read_backup(file, adapter.load_key(config.keys))
    assert set(manifest["parts"]) == {"store.sqlite", f"files/{place[:2]}/{place}"}
    assert manifest["counts"]["client"] == Client.select().count()
    assert manifest["migrations"] == database.list_known_migrations()
    kept = BackupRecord.get()
    assert (kept.kind, kept.ok, kept.size) == (BackupKind.BACKUP, True, file.stat().st_size)
    assert kept.sha256 == hash_file(file) and kept.seconds >= 1 and kept.copied is None
    assert AuditEntry.select().where(AuditEntry.action == "back-up made").exists()
    assert "Who loses" not in run(config, "backup", file).output


def test_what_is_not_to_be_inside_is_not(campaign, config, file, tmp_path):
    """Half-filled forms, keys, what was deleted, files that nothing refers to; the rest is ciphertext."""
    a_draft("t" * 43, {"q": ["half"]})
    draft = Draft.get()
    gone = Client.create(name="已经删除的客户单位")
    kept = Client.create(name="留下来的客户单位")
    gone.delete_instance()
    forgotten = files.keep_file(config.files, b"an upload nobody refers to")
    run(config, "backup", file)
    inside = opened_up(config, file, tmp_path / "inside")
    assert kept.name.encode() in inside and kept.name.encode() not in file.read_bytes()
    assert bytes(draft.sealed)[24:88] not in inside and draft.place.encode() not in inside
    assert gone.name.encode() not in inside
    assert b"an upload nobody refers to" not in inside and forgotten.encode() not in inside
    (key,) = sealing.list_kept_keys(config.keys)
    for secret in (key.read_bytes(), (config.keys / "secret_key").read_bytes()):
        assert secret not in inside


def test_no_readable_copy_stays_behind(campaign, config, file):
    run(config, "backup", file)
    assert not list(config.instance.glob("*.tmp")) and [file] == list(file.parent.glob("a.backup*"))


def test_a_back_up_while_others_write_is_of_one_moment(campaign, config, file, tmp_path):
    """Each writer adds clients in pairs: a back-up never holds half a pair."""
    enough, failures = threading.Event(), []

    def keep_writing(name: str) -> None:
        try:
            for number in range(400):
                if enough.is_set():
                    break
                with database.write():
                    Client.create(name=f"{name} {number} left")
                    Client.create(name=f"{name} {number} right")
        except Exception as error:
            failures.append(error)
        finally:
            database.close_store()

    writers = [threading.Thread(target=keep_writing, args=(f"writer{number}",)) for number in range(3)]
    for writer in writers:
        writer.start()
    with clock.freeze_at(NOW):
        backups_made = [write_backup(config, tmp_path / f"{number}.backup")[1] for number in range(3)]
    enough.set()
    for writer in writers:
        writer.join()
    assert not failures
    for number, manifest in enumerate(backups_made):
        other = elsewhere(config, tmp_path / f"restored{number}")
        assert run(other, "restore", tmp_path / f"{number}.backup").exit_code == 0
        with closing(sqlite3.connect(other.instance / "csat.sqlite")) as store:
            left, right = (
                store.execute("SELECT count(*) FROM client WHERE name LIKE ?", (f"%{side}",)).fetchone()[0]
                for side in ("left", "right")
            )
        assert left == right and left + right <= manifest["counts"]["client"]


def test_a_missing_file_is_named_and_the_rest_backed_up(campaign, config, file):
    place = a_file(config)
    files.delete_file(config.files, place)
    done = run(config, "backup", file)
    assert done.exit_code == 0 and place in done.output
    assert adapter.read_backup(file, adapter.load_key(config.keys))["missing"] == [place]


def test_it_does_not_overwrite_what_is_no_back_up(campaign, config, file):
    file.write_text("the accounts of 2026")
    refused = run(config, "backup", file)
    assert refused.exit_code == 1 and "is no back-up" in refused.output and refused.output.count("\n") == 1
    assert file.read_text() == "the accounts of 2026"
    assert run(config, "backup", file.parent / "nowhere" / "a.backup").exit_code == 1
    assert [kept.ok for kept in BackupRecord.select()] == [False]


def test_on_postgresql_pg_dump_is_named_in_one_line(config, file, postgres):
    environment = {"CSAT_INSTANCE": str(config.instance), "CSAT_DATABASE": postgres("backup")}
    refused = CliRunner(env=environment).invoke(commands, ["backup", str(file)])
    database.close_store()
    assert refused.exit_code == 1 and "pg_dump" in refused.output and refused.output.count("\n") == 1


# --- damage ------------------------------------------------------------------------------------------


def test_any_damaged_byte_is_found(campaign, config, file):
    run(config, "backup", file)
    whole, key = file.read_bytes(), adapter.load_key(config.keys)
    for at in [0, 20, 40, 60, len(whole) // 3, len(whole) // 2, len(whole) - 1]:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises((BackupCorrupt, KeyAbsent)):
            adapter.read_backup(file, key)
    for cut in (0, 10, 30, 60, CIPHERED + 47, len(whole) - 1):
        file.write_bytes(whole[:cut])
        with pytest.raises(BackupCorrupt):
            adapter.read_backup(file, key)
    file.write_bytes(whole + b"more")
    with pytest.raises(BackupCorrupt):
        adapter.read_backup(file, key)


def test_damage_and_a_lost_key_are_one_clear_line(campaign, config, file, tmp_path, other):
    run(config, "backup", file)
    whole = bytearray(file.read_bytes())
    whole[-100] ^= 1
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(whole)
    for command in ("restore", "restore-drill"):
        place = other if command == "restore" else config
        refused = run(place, command, damaged)
        assert refused.exit_code == 1 and "no whole back-up" in refused.output
    adapter.locate_key(config.keys).unlink()
    refused = run(other, "restore", file)
    assert refused.exit_code == 1 and "key of this back-up" in refused.output
    assert not (other.instance / "csat.sqlite").exists() and not list(other.instance.glob("*.tmp"))


# --- restoring ---------------------------------------------------------------------------------------


def test_what_was_backed_up_comes_back_and_goes_on(campaign, config, file, other):
    answer(campaign, anonymous=False)
    for _ in range(3):
        answer(campaign)
    place = a_file(config, b"the evidence")
    run(config, "backup", file)
    done = run(other, "restore", file)
    assert done.exit_code == 0 and "Restored as of 20" in done.output and "lost" not in done.output
    assert (other.files / place[:2] / place).read_bytes() == b"the evidence"
    assert sorted(one.name for one in other.instance.iterdir() if one.suffix == ".tmp") == []
    assert Response.get().respondent_name == "王" and Mailbox.select().count() == 3
    assert audit.find_first_broken_entry() is None
    assert BackupRecord.select().where(BackupRecord.kind == BackupKind.RESTORE).count() == 1
    released = mailbox.release_answers(Campaign.get(), partial(sealing.open_sealed, other.keys), NOW)
    assert released is not None and released.number == 3


def test_a_store_in_use_is_left_alone(campaign, config, file, other):
    run(config, "backup", file)
    database.close_store()
    before = (config.instance / "csat.sqlite").read_bytes()
    refused = run(config, "restore", file)
    assert refused.exit_code == 1 and "Stop the service, move it away" in refused.output
    assert (config.instance / "csat.sqlite").read_bytes() == before
    other.instance.mkdir()
    (other.instance / "csat.sqlite-wal").write_bytes(b"a log that was left")
    assert run(other, "restore", file).exit_code == 1


def test_without_its_key_sealed_answers_are_lost_and_invitations_open_again(campaign, config, file, other):
    named = answer(campaign, anonymous=False)
    sealed = [answer(campaign) for _ in range(2)]
    over = a_campaign(form="company", public_key=sealing.create_key(config.keys))
    answer(over)
    Campaign.update(state=CampaignState.CLOSED, closed_at=NOW).where(Campaign.id == over.id).execute()
    run(config, "backup", file)
    for key in sealing.list_kept_keys(config.keys):
        key.unlink()
    done = run(other, "restore", file)
    assert "2 sealed answers lost; 2 invitations are open again" in done.output
    assert "1 sealed answers lost; it is over" in done.output
    assert Mailbox.select().count() == 0
    assert {one.campaign_id: one.void for one in Release.select()} == {campaign.id: 2, over.id: 1}
    states = {one.id: one.state for one in Invitation.select().where(Invitation.campaign == campaign)}
    assert states[named.id] == InvitationState.DONE
    assert [states[one.id] for one in sealed] == [InvitationState.SENT] * 2
    fresh = bytes(Campaign.get_by_id(campaign.id).public_key)
    assert fresh != bytes(campaign.public_key) and sealing.is_key_kept(other.keys, fresh)
    assert not Link.select().where(Link.spent, Link.invitation.in_([one.id for one in sealed])).exists()
    form = FilledForm(some_answers(), True, tokens.make_submission_code())
    submission.submit_response(a_link(Invitation.get_by_id(sealed[0].id)), form, NOW, sealing.seal_bytes)
    assert Mailbox.get().campaign_id == campaign.id


def test_the_keys_that_every_restore_needs_are_exported_apart_from_the_campaigns(campaign, config, file, tmp_path):
    """On a new machine: put them into its keys folder, and restore."""
    answer(campaign)
    run(config, "backup", file)
    assert "3 keys" in run(config, "keys", "export", "--lasting", tmp_path / "keys.tar").output
    other = replace(elsewhere(config, tmp_path / "other"), keys=tmp_path / "other keys")
    with tarfile.open(tmp_path / "keys.tar") as exported:
        exported.extractall(other.keys, filter="data")
    done = run(other, "restore", file)
    assert "1 sealed answers lost; 1 invitations are open again" in done.output
    assert "audit_key" not in done.output
    assert run(other, "audit", "verify").exit_code == 0


def test_a_history_that_cannot_be_proved_is_said_to_be_so(campaign, config, file, other):
    """Without the history's key a drill fails; a restore goes on, and says so."""
    run(config, "backup", file)
    (config.keys / "audit_key").unlink()
    refused = run(config, "restore-drill", file)
    assert refused.exit_code == 1 and "audit_key" in refused.output
    done = run(other, "restore", file)
    assert done.exit_code == 0 and "audit_key" in done.output


def test_sign_ins_are_void_and_mail_that_may_have_gone_is_unclear(campaign, config, file, other):
    account = an_account(a_person())
    Session.create(token_hash="x" * 64, account=account, made_at=NOW, seen_at=NOW, proved_at=NOW)
    for name, used in (("u", None), ("v", NOW)):
        WelcomeLink.create(token_hash=name * 64, account=account, expires_at=NOW, used_at=used)
    invitation = an_invitation(campaign, another_contact(a_client()))
    outbox.queue_mail(MailKind.ASK, "ask:1", NOW, invitation=invitation)
    outbox.queue_mail(MailKind.DIGEST, "digest:1", NOW, person=account.person)
    run(config, "backup", file)
    run(other, "restore", file)
    assert not Session.select().exists() and WelcomeLink.select().count() == 1
    states = {one.kind: one.state for one in OutboxMessage.select()}
    assert states == {MailKind.ASK: MailState.TORN, MailKind.DIGEST: MailState.WAIT}


def test_a_back_up_of_a_newer_release_is_refused(campaign, config, file, monkeypatch, other):
    run(config, "backup", file)
    monkeypatch.setattr(database, "list_known_migrations", lambda: ["0001_the_house"])
    refused = run(other, "restore", file)
    assert refused.exit_code == 1 and "newer release" in refused.output


# --- the drill ---------------------------------------------------------------------------------------


def test_the_drill_restores_checks_records_and_cleans_up(campaign, config, file):
    for _ in range(2):
        answer(campaign)
    answer(campaign, anonymous=False)
    run(config, "backup", file)
    keys = sealing.list_kept_keys(config.keys)
    done = run(config, "restore-drill", file)
    assert done.exit_code == 0, done.output
    for line in ("history       whole", "rendered", "2 answers wait; keys are here for 2", "All well in"):
        assert line in done.output
    assert "without keys  campaign" in done.output and "2 sealed answers lost" in done.output
    assert not list(config.instance.glob("*.tmp")) and sealing.list_kept_keys(config.keys) == keys
    drill = BackupRecord.select().where(BackupRecord.kind == BackupKind.DRILL).get()
    assert drill.ok and drill.seconds >= 1 and drill.sha256 == hash_file(file)
    assert Mailbox.select().count() == 2 and not Release.select().exists()


def test_the_drill_says_when_the_keys_are_gone(campaign, config, file):
    answer(campaign)
    run(config, "backup", file)
    sealing.destroy_key(config.keys, bytes(campaign.public_key))
    assert "1 answers wait; keys are here for 0" in run(config, "restore-drill", file).output


def test_a_drill_that_fails_is_on_record_too(campaign, config, file):
    AuditDetail.update(detail="{}").where(AuditDetail.id == AuditDetail.select().limit(1)).execute()
    run(config, "backup", file)
    refused = run(config, "restore-drill", file)
    assert refused.exit_code == 1 and "history" in refused.output
    drill = BackupRecord.select().where(BackupRecord.kind == BackupKind.DRILL).get()
    assert not drill.ok and "entry 1 " in drill.why


# --- every day ---------------------------------------------------------------------------------------


def backups_in(config) -> list[str]:
    return sorted(place.name for place in (config.instance / "backups").iterdir())


def test_the_daily_round_backs_up_once_a_day_after_the_release(campaign, config, second):
    for _ in range(3):
        answer(campaign)
    settings.set_backup_folder(str(second), None, NOW)
    done = run(config, "daily")
    assert "Backed up: " in done.output, done.output
    assert backups_in(config) == ["csat-2026-09-14.backup"]
    copy = second / "csat-2026-09-14.backup"
    assert copy.read_bytes() == (config.instance / "backups" / copy.name).read_bytes()
    assert adapter.read_backup(copy, adapter.load_key(config.keys))["counts"]["mailbox"] == 0
    assert "There is a back-up of today already" in run(config, "daily").output
    copy.unlink()
    assert "There is a back-up of today already" in run(config, "daily").output
    assert copy.exists()
    assert BackupRecord.get().copied is True


def test_an_upload_that_nobody_wanted_is_in_no_back_up_for_ever(campaign, config):
    clients, incidents = uploads.UploadKind.CLIENTS, uploads.UploadKind.INCIDENTS
    aged = {days: files.keep_file(config.files, b"all contacts %d" % days) for days in (15, 13, 2)}
    for days, kind in ((15, clients), (13, clients), (2, incidents)):
        stored = uploads.store_upload(kind, aged[days], "a.csv", b"", a_person(), clock.now())
        StoredFile.update(stored_at=NOW - timedelta(days=days)).where(StoredFile.id == stored.id).execute()
    run(config, "daily")
    made = config.instance / "backups" / "csat-2026-09-14.backup"
    held = adapter.read_backup(made, adapter.load_key(config.keys))
    assert [name[-32:] for name in held["parts"] if name != adapter.STORE] == [aged[13]]
    assert not any((config.files / aged[days][:2] / aged[days]).exists() for days in (15, 2))


def test_a_second_folder_that_is_gone_is_told_and_the_back_up_stays(campaign, config, tmp_path):
    settings.set_backup_folder(str(tmp_path / "not mounted"), None, NOW)
    done = run(config, "daily")
    assert done.exit_code == 1 and "back up failed" in done.output
    assert backups_in(config) == ["csat-2026-09-14.backup"]
    kept = BackupRecord.get()
    assert kept.ok and kept.copied is False and "not mounted" in kept.why


def test_old_back_ups_go_after_35_days_but_never_the_newest(tmp_path):
    today = NOW.date()
    for days in (0, 35, 36, 400):
        (tmp_path / f"csat-{today - timedelta(days=days)}.backup").touch()
    (tmp_path / f"csat-{today - timedelta(days=90)}-update.backup").touch()
    (tmp_path / "csat-by-hand.backup").touch()
    (tmp_path / f"csat-{today}.backup.new").touch()
    assert delete_old_backups(tmp_path, today) == 3
    left = {place.name for place in tmp_path.iterdir()}
    assert left == {"csat-by-hand.backup", f"csat-{today}.backup", f"csat-{today - timedelta(days=35)}.backup"}
    assert delete_old_backups(tmp_path, today + timedelta(days=400)) == 1
    assert f"csat-{today}.backup" in {place.name for place in tmp_path.iterdir()}


def test_a_campaign_that_is_over_loses_its_key_with_a_back_up(campaign, config, file):
    """Not while it is open, nor while an answer waits in it; and only once a back-up holds the release."""
    for _ in range(3):
        answer(campaign)
    waits = a_campaign(form="company", public_key=sealing.create_key(config.keys))
    answer(waits)
    going_on = a_campaign(form="service", public_key=sealing.create_key(config.keys))
    Campaign.update(closes_at=NOW).where(Campaign.id.in_([campaign.id, waits.id])).execute()
    done = run(config, "daily")
    assert f"Campaign {campaign.id} is over and backed up" in done.output
    kept = {one.id: sealing.is_key_kept(config.keys, bytes(one.public_key)) for one in (campaign, waits, going_on)}
    assert kept == {campaign.id: False, waits.id: True, going_on.id: True}
    entry = AuditEntry.get(AuditEntry.action == "campaign key destroyed")
    assert entry.subject == f"campaign:{campaign.id}"


def test_a_failed_back_up_destroys_no_key(campaign, config, file, monkeypatch):
    Campaign.update(state=CampaignState.CLOSED, closed_at=NOW).execute()

    def damaged(place: Path, key: bytes, into: Path | None = None) -> dict:
        raise BackupCorrupt(str(place))

    monkeypatch.setattr(adapter, "read_backup", damaged)
    assert run(config, "backup", file).exit_code == 1
    assert sealing.is_key_kept(config.keys, bytes(campaign.public_key)) and not file.exists()


def test_a_copy_needs_room(campaign, config, file, monkeypatch, second):
    """A full disk is one line, and leaves nothing half-done."""

    def full(*arguments, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    refused = run(config, "backup", file, "--copy-to", second)
    assert refused.exit_code == 1 and "No space left" in refused.output
    assert not list(second.iterdir())


def a_kept_file(config, content: bytes, name: str) -> FileToAttach:
    digest = hashlib.sha256(content).hexdigest()
    return FileToAttach(files.keep_file(config.files, content), name, "application/pdf", len(content), digest)


def test_evidence_survives_the_loss_of_the_machine(cast, config, file, other):
    """It is in every back-up, withdrawn or not, and comes back with its bytes (D6)."""
    found = assigned(cast)
    both = [a_kept_file(config, PDF, "分析.pdf"), a_kept_file(config, a_png(), "现场.png")]
    evidence.attach_files(found, None, "", cast.owner, NOW, both)
    withdrawn = Evidence.get()
    attachments.withdraw_attachment(cast.owner, withdrawn.id, "附错了", TODAY, NOW)
    assert run(config, "backup", file).exit_code == 0
    parts = adapter.read_backup(file, adapter.load_key(config.keys))["parts"]
    assert {f"files/{one.place[:2]}/{one.place}" for one in both} <= set(parts)

    assert run(other, "restore", file).exit_code == 0
    for one in Evidence.select():
        content = files.read_file(other.files, one.file.place)
        assert hashlib.sha256(content).hexdigest() == one.file.sha256 and len(content) == one.file.size
    assert Evidence.get_by_id(withdrawn.id).withdrawn_because == "附错了"
