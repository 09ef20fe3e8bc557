"""Settings keep to their limits, and only what changes goes on record."""

from __future__ import annotations

import pytest

from csat.models.records import AuditEntry
from csat.procedure.core import settings
from csat.procedure.core.settings import SettingWrong
from tests.builders import NOW

BY = "command:test"


def changes() -> int:
    return AuditEntry.select().where(AuditEntry.action == "setting changed").count()


@pytest.mark.parametrize("to", [0, 241])
def test_a_value_outside_its_limits_is_refused_at_its_field(db, to):
    with pytest.raises(SettingWrong) as refusal:
        settings.change_setting("survey_hours", to, BY, NOW)
    assert refusal.value.field == "survey_hours" and settings.get_whole_number("survey_hours") == 48


def test_of_several_all_or_none_are_changed(db):
    with pytest.raises(SettingWrong):
        settings.change_settings({"rest_days": 30, "survey_hours": 0}, BY, NOW)
    assert settings.get_number("rest_days") == 0
    settings.change_settings({"rest_days": 365, "survey_hours": 1}, BY, NOW)
    assert (settings.get_number("rest_days"), settings.get_number("survey_hours")) == (365, 1)


def test_what_stays_as_it_is_goes_on_no_record(db):
    settings.change_setting("survey_hours", 48, BY, NOW)
    settings.set_backup_folder("", BY, NOW)
    settings.set_provider_names({}, BY, NOW)
    assert changes() == 0
    for _ in range(2):
        settings.change_setting("survey_hours", 24, BY, NOW)
        settings.set_backup_folder("/backup", BY, NOW)
        settings.set_provider_names({"zh": " 华信 ", "en": "Huaxin"}, BY, NOW)
    assert changes() == 3
    assert settings.get_provider_names() == {"zh": "华信", "en": "Huaxin"}
    assert (settings.get_backup_folder(), settings.get_whole_number("survey_hours")) == ("/backup", 24)
