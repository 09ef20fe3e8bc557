"""The settings page: where back-ups are copied to and how the last ones went (D6), and the beginning (P1)."""

from __future__ import annotations

from csat.models.records import AuditEntry, BackupKind
from csat.procedure.core import settings
from csat.procedure.upkeep import backups
from csat.procedure.upkeep.backups import BackupOutcome
from tests.builders import NOW, a_client, a_closed_incident, a_contact


def test_the_second_folder_is_a_setting_on_record(admin, tmp_path):
    admin.get("/admin/settings").fill("Save the folder", folder=str(tmp_path))
    assert settings.get_backup_folder() == str(tmp_path)
    assert AuditEntry.select().where(AuditEntry.subject == "setting:backup_copy").exists()
    admin.fill("Save the folder", folder="")
    assert settings.get_backup_folder() == ""


def test_a_folder_that_cannot_be_used_is_refused_at_the_field(admin, config, tmp_path):
    for folder, why in (
        ("backups", "whole path"),
        (str(config.instance / "files"), "apart from the store"),
        (str(config.keys), "apart from the store"),
        (str(tmp_path / "nowhere"), "cannot write"),
    ):
        admin.get("/admin/settings").fill("Save the folder", folder=folder)
        (error,) = admin.errors
        assert why in error
    assert settings.get_backup_folder() == ""


def test_the_page_says_how_the_last_ones_went(admin):
    assert admin.get("/admin/settings").text.count("none yet") == 2
    backups.record_backup(BackupKind.BACKUP, BackupOutcome("a", copied=False, seconds=1), None, NOW)
    backups.record_backup(BackupKind.BACKUP, BackupOutcome("b", ok=False, why="no room"), None, NOW)
    backups.record_backup(BackupKind.DRILL, BackupOutcome("a", seconds=2), None, NOW)
    text = admin.get("/admin/settings").text
    assert "not copied" in text and "no room" in text and "2 seconds" in text and "all well" in text


def test_the_beginning_is_a_day_with_its_effect_said(admin, zone):
    a_closed_incident("INC1", 72, a_contact(a_client()), zone)
    assert "No day is set yet" in admin.get("/admin/settings").text
    admin.fill("Save the first day", day="2026-09-15")
    assert "This day is still to come." in admin.errors[0]
    admin.fill("Save the first day", day="2026-09-14")
    assert "1 closed incident became history; 0 are to be surveyed again." in admin.text
    assert "1 closed incident is history now." in admin.text
