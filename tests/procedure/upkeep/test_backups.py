"""Back-ups as measurements (§9), and what they say of themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from peewee import PostgresqlDatabase, SqliteDatabase
from playhouse.db_url import connect
from playhouse.migrations import Runner

from csat import database
from csat.models.asking import CampaignState
from csat.models.records import AuditEntry, BackupKind, BackupRecord
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.upkeep import backups
from csat.procedure.upkeep.backups import BackupOutcome
from tests.builders import NOW, a_campaign

Q3 = Quarter(2026, 3)
MADE = BackupOutcome("a.backup", seconds=1.2, size=10, sha256="0" * 64)


def made(at: datetime, **more) -> BackupRecord:
    return backups.record_backup(BackupKind.BACKUP, BackupOutcome(**{**vars(MADE), **more}), None, at)


@pytest.fixture
def since_august(engine_db, zone) -> None:
    """A store whose history begins on 1 August, local time."""
    AuditEntry.update(at=datetime(2026, 7, 31, 16, 0, tzinfo=UTC)).execute()


def test_days_count_from_the_first_of_the_history_to_yesterday(since_august, zone):
    assert backups.count_backup_days(Q3, zone, NOW) == (0, 31 + 13)


def test_today_counts_once_it_has_its_back_up(since_august, zone):
    made(NOW)
    made(NOW + timedelta(hours=2))
    made(NOW - timedelta(days=3))
    made(NOW - timedelta(days=4), ok=False, why="the disk was full")
    assert backups.count_backup_days(Q3, zone, NOW + timedelta(hours=3)) == (2, 31 + 14)


def test_days_are_local_and_a_quarter_over_counts_whole(since_august, zone):
    made(datetime(2026, 9, 30, 15, 59, tzinfo=UTC))  # 23:59 in Shanghai
    made(datetime(2026, 9, 30, 16, 1, tzinfo=UTC))
    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert backups.count_backup_days(Q3, zone, later) == (1, 31 + 30)
    assert backups.count_backup_days(Quarter(2026, 4), zone, later) == (1, 61)
    assert backups.count_backup_days(Quarter(2026, 2), zone, later) == (0, 0)


def test_a_store_without_history_has_no_days(engine_db, zone):
    assert backups.count_backup_days(Quarter(2020, 1), zone, NOW) == (0, 0)


def test_drills_and_restores_tell_how_long_recovery_takes(engine_db, zone):
    made(NOW)
    for days, kind, seconds in ((1, BackupKind.DRILL, 2.1), (2, BackupKind.RESTORE, 61.0)):
        done = BackupOutcome("a.backup", seconds=seconds)
        backups.record_backup(kind, done, None, NOW - timedelta(days=days))
    assert [one.seconds for one in backups.list_last_drills()] == [3, 61]
    assert [one.kind for one in backups.list_recoveries(Q3, zone)] == [BackupKind.RESTORE, BackupKind.DRILL]
    assert not backups.list_recoveries(Quarter(2026, 4), zone)


def test_the_newest_try_and_the_newest_good_one(engine_db):
    assert backups.find_last_backup() is None
    good = made(NOW - timedelta(days=1))
    bad = made(NOW, ok=False)
    assert backups.find_last_backup() == good and backups.find_last_backup(good=False) == bad


def test_a_copy_says_how_much_it_holds_and_which_campaigns_are_over(db, tmp_path):
    a_campaign()
    over = a_campaign(form="company", state=CampaignState.CLOSED)
    database.copy_store(tmp_path / "copy.sqlite")
    a_campaign(form="service", state=CampaignState.CLOSED)
    with database.open_apart(tmp_path / "copy.sqlite") as other:
        assert database.is_store_sound(other)
        facts = backups.describe_store(other)
    assert facts["settled"] == [over.id] and facts["counts"]["campaign"] == 2
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert facts["last_seal"] == last.seal and facts["migrations"] == database.list_known_migrations()


def test_a_copy_for_which_there_is_no_room_is_an_error_of_the_disk(db, tmp_path):
    with pytest.raises(OSError, match="unable to open"):
        database.copy_store(tmp_path / "nowhere" / "copy.sqlite")


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path):
    """A database as it was before back-ups were on record."""
    if request.param == "sqlite":
        known: SqliteDatabase | PostgresqlDatabase = SqliteDatabase(str(tmp_path / "old.sqlite"))
    else:
        known = connect(request.getfixturevalue("postgres")("old"))
        known.execute_sql("DROP SCHEMA public CASCADE")
        known.execute_sql("CREATE SCHEMA public")
    Runner(known, str(database.MIGRATIONS)).up("0004_first_sorting")
    yield known
    known.close()


def test_the_migration_keeps_contacts_and_responses(old):
    mark = "?" if isinstance(old, SqliteDatabase) else "%s"

    def add(table: str, **row) -> None:
        columns, marks = ", ".join(row), ", ".join([mark] * len(row))
        old.execute_sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))

    add("client", id=1, name="华东物流", name_en="", tier="core", note="")
    add("contact", id=1, client_id=1, name="王", email="w@x.cn", telephone="", language="zh")
    add("questionnaire", id=1, code="x")
    version = {"number": 1, "state": "published", "title": "{}", "intro": "{}", "minutes": 2, "content_hash": ""}
    add("questionnaire_version", id=1, questionnaire_id=1, **version)
    named = {"respondent_name": "王", "respondent_reach": "", "contact_id": 1, "anonymous": False}
    add("response", id=5, version_id=1, quarter=20263, channel="link", verdict="valid", **named)
    Runner(old, str(database.MIGRATIONS)).up("0005_backups")
    assert old.execute_sql("SELECT name, known_since, erased_at FROM contact").fetchone() == ("王", None, None)
    assert old.execute_sql("SELECT respondent_name, erased_at FROM response").fetchone() == ("王", None)
    assert old.execute_sql("SELECT count(*) FROM backup_record").fetchone() == (0,)


def test_the_history_names_each_kind_of_act(db):
    for kind in BackupKind:
        backups.record_backup(kind, MADE, None, NOW)
    acts = {"back-up made", "restore drill held", "store restored"}
    assert acts <= set(audit.list_actions()) and audit.find_first_broken_entry() is None
