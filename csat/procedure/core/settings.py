"""What people change in the administration pages: name, default, and the range in which it makes sense."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, TypeVar

from peewee import JOIN

from csat.database import write
from csat.models.base import Localised
from csat.models.people import Person
from csat.models.work import Setting
from csat.procedure.core import audit
from csat.procedure.core.contact_details import parse_email, parse_telephone
from csat.procedure.core.refusals import InputWrong
from csat.words import N_


class SettingWrong(InputWrong):
    sentence = N_("Please enter a number from %(least)s to %(most)s.")


@dataclass(frozen=True)
class SettingRule:
    """A setting: its default, its limits, and what it is for."""

    default: float
    least: float
    most: float
    purpose: str


SETTING_RULES: dict[str, SettingRule] = {
    "survey_hours": SettingRule(48, 1, 240, N_("Hours within which a closed incident is surveyed (P1)")),
    "rest_days": SettingRule(0, 0, 365, N_("Days of rest between surveys of one contact; 0 means none (P1)")),
    "survey_mail_hours": SettingRule(2, 0, 47, N_("Hours after closing until the survey mail goes by itself (P1)")),
    "again_busy": SettingRule(15, 1, 1440, N_("Minutes until a busy line is called again (P2)")),
    "again_nobody": SettingRule(120, 1, 1440, N_("Minutes until a call that nobody answered is repeated (P2)")),
    "undo_minutes": SettingRule(
        15, 0, 240, N_("Minutes within which one's own record at the desk can be taken back (P2)")
    ),
    "anonymous_least": SettingRule(3, 3, 50, N_("Fewest anonymous answers opened or shown together (F4)")),
    "campaign_days": SettingRule(15, 1, 120, N_("Days a campaign stays open")),
    "round_notice_days": SettingRule(14, 1, 60, N_("Days before a quarter's end from which its survey is prompted")),
    "check_share": SettingRule(10, 0, 100, N_("Percent of each recorder's records drawn for check calls (P7)")),
    "check_least": SettingRule(3, 0, 100, N_("Fewest check calls for each recorder and quarter (P7)")),
    "paper_double_share": SettingRule(10, 0, 100, N_("Percent of printed forms that two colleagues type in (P5)")),
    "call_back_critical": SettingRule(1, 1, 365, N_("Days to call back: critical (I2)")),
    "call_back_major": SettingRule(3, 1, 365, N_("Days to call back: major (I2)")),
    "call_back_minor": SettingRule(7, 1, 365, N_("Days to call back: minor (I2)")),
    "call_back_suggestion": SettingRule(14, 1, 365, N_("Days to call back: suggestion (I2)")),
    "close_critical": SettingRule(7, 1, 365, N_("Days to close: critical (I2)")),
    "close_major": SettingRule(15, 1, 365, N_("Days to close: major (I2)")),
    "close_minor": SettingRule(30, 1, 365, N_("Days to close: minor (I2)")),
    "close_suggestion": SettingRule(60, 1, 365, N_("Days to close: suggestion (I2)")),
    "api_requests": SettingRule(120, 1, 6000, N_("Messages a minute that a ticket system may send")),
    "reminder_first": SettingRule(5, 0, 60, N_("Days until the first reminder by mail; 0 sends none")),
    "reminder_second": SettingRule(10, 0, 90, N_("Days until the second reminder by mail; 0 sends none")),
    "mails_contact": SettingRule(6, 1, 100, N_("Survey mails to one contact in 90 days, before reminders stop")),
    "mails_client": SettingRule(60, 1, 5000, N_("Survey mails to one client in 90 days, before reminders stop")),
    "letter_days": SettingRule(365, 1, 3650, N_("Days that the link of a letter to a client stays open (P13)")),
    "escalate_head": SettingRule(1, 0, 60, N_("Days overdue until the department's head is told (I2)")),
    "escalate_director": SettingRule(3, 0, 60, N_("Days overdue until the director is told (I2)")),
    "warn_days": SettingRule(2, 0, 30, N_("Days before it is due from which feedback is shown as due soon (I2)")),
    "evidence_mb": SettingRule(10, 1, 40, N_("Largest file of evidence, in megabytes")),
    "retention_years": SettingRule(
        3, 1, 30, N_("Years without activity after which personal details are overwritten (D5)")
    ),
    "export_days": SettingRule(7, 1, 90, N_("Days that an exported file is kept for who asked for it (D5)")),
    "work_starts": SettingRule(8, 0, 23, N_("Working hours start at (§7)")),
    "work_ends": SettingRule(19, 1, 24, N_("Working hours end at (§7)")),
}

V = TypeVar("V")

PROVIDER = "provider"
PROVIDER_CONTACT = "provider_contact"
BACKUP_COPY = "backup_copy"


def get_provider_names() -> Localised:
    """Who asks: the provider's name in both languages, {} until an administrator gave it."""
    return Localised(read_value(PROVIDER, dict[str, str]()))


def set_provider_names(names: Mapping[str, str], by: audit.Actor, now: datetime) -> None:
    """Say who asks, in both languages; it stands on every form and report."""
    store_value(PROVIDER, {}, {locale: name.strip() for locale, name in names.items()}, by, now)


class ProviderContact(TypedDict):
    """Where clients turn to when no project manager's own telephone or e-mail is known (P13)."""

    telephone: str
    email: str


def get_provider_contact() -> ProviderContact:
    """The provider's telephone and e-mail for clients; '' until an administrator gave them."""
    return read_value(PROVIDER_CONTACT, ProviderContact(telephone="", email=""))


def set_provider_contact(telephone: str, email: str, by: audit.Actor, now: datetime) -> None:
    """Say where clients turn to; raise at the field that cannot be used."""
    kept = {"telephone": parse_telephone(telephone), "email": parse_email(email)}
    store_value(PROVIDER_CONTACT, {}, kept, by, now)


def get_backup_folder() -> str:
    """The second folder, to which the daily round copies each back-up; '' for none (D6)."""
    return read_value(BACKUP_COPY, "")


def set_backup_folder(folder: str, by: audit.Actor, now: datetime) -> None:
    """Say where back-ups are copied to; '' for nowhere."""
    store_value(BACKUP_COPY, "", folder, by, now)


def get_secret_seed(name: str, now: datetime) -> str:
    """The seed of a draw: made once for this store and kept secret, for who knew it could tell what is drawn."""
    row, _ = Setting.get_or_create(name=name, defaults={"value": secrets.token_hex(16), "changed_at": now})
    return str(row.value)


def get_number(name: str) -> float:
    """The value of a setting now."""
    return read_value(name, SETTING_RULES[name].default)


def get_whole_number(name: str) -> int:
    """The value of a setting that is a whole number."""
    return int(get_number(name))


def change_setting(name: str, to: float, by: audit.Actor, now: datetime) -> None:
    """Change a setting; raise SettingWrong outside its limits."""
    rule = SETTING_RULES[name]
    if not rule.least <= to <= rule.most:
        raise SettingWrong(field=name, least=f"{rule.least:g}", most=f"{rule.most:g}")
    store_value(name, rule.default, to, by, now)


def change_settings(values: Mapping[str, float], by: audit.Actor, now: datetime) -> None:
    """Change several settings, all of them or none."""
    with write():
        for name, to in values.items():
            change_setting(name, to, by, now)


def read_value(name: str, default: V) -> V:
    """The value kept under a name, or the default while nobody changed it."""
    row = Setting.get_or_none(Setting.name == name)
    return default if row is None else row.value


def store_value(name: str, default: object, after: object, by: audit.Actor, now: datetime) -> None:
    """Keep a value under a name, on record with what it was."""
    with write():
        before = read_value(name, default)
        if before == after:  # the form sends all of them: only what changed goes on record
            return
        Setting.delete().where(Setting.name == name).execute()
        Setting.create(name=name, value=after, changed_by=None if isinstance(by, str) else by, changed_at=now)
        audit.record(by, "setting changed", f"setting:{name}", now, before=before, after=after)


def find_last_change(*names: str) -> Setting | None:
    """The latest change of these settings, with who made it; None while all are as shipped."""
    changes = Setting.select(Setting, Person).join(Person, JOIN.LEFT_OUTER).where(Setting.name.in_(names))
    return changes.order_by(Setting.changed_at.desc()).first()
