"""Back-ups and restores on record (D6), what a back-up says of itself, what a restored store must do first.

A copy of the store is questioned apart from it: `other` is its opened file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, tzinfo

from peewee import SQL, SqliteDatabase, Table, chunked, fn

from csat import database, models
from csat.database import write
from csat.models.access import Session, WelcomeLink
from csat.models.answers import Mailbox
from csat.models.asking import Campaign, CampaignState, Invitation, InvitationState, Link
from csat.models.base import Condition, Json
from csat.models.outbox import QUEUED_STATES, MailState, OutboxMessage, Why
from csat.models.records import AuditEntry, BackupKind, BackupRecord
from csat.models.work import StoredFile
from csat.procedure.archive import exports
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.uploads import UploadKind
from csat.procedure.mail import outbox
from csat.procedure.survey import mailbox
from csat.procedure.survey.settlement import list_unnamed_invitations
from csat.words import N_

BACKUP_LASTS = timedelta(days=35)  # no longer, since what was erased lives on in them (D5)
A_DAY = timedelta(days=1)

# What the history calls them.
AUDIT_ACTIONS = {
    BackupKind.BACKUP: N_("back-up made"),
    BackupKind.DRILL: N_("restore drill held"),
    BackupKind.RESTORE: N_("store restored"),
}
HasKey = Callable[[bytes], bool]  # whether a campaign's private key is here, by its public half


@dataclass
class BackupOutcome:
    """How a back-up or a restore went; filled in as it goes."""

    name: str
    ok: bool = True
    seconds: float = 0
    size: int = 0
    sha256: str = ""
    why: str = ""
    copied: bool | None = None


@dataclass(frozen=True)
class LostCampaign:
    """What a restore without a campaign's key costs: sealed answers, and invitations that are open again."""

    campaign: Campaign
    answers: int
    goes_on: bool
    reopened: int


# --- on record ---------------------------------------------------------------------------------------


def record_backup(kind: BackupKind, done: BackupOutcome, by: audit.Actor, now: datetime) -> BackupRecord:
    """Put down how a back-up, a drill or a restore went."""
    seconds = -int(-done.seconds // 1)  # a second begun is a second
    values = {**asdict(done), "name": done.name[-200:], "seconds": seconds}
    with write():
        kept = BackupRecord.create(kind=kind, at=now, **values)
        audit.record(by, AUDIT_ACTIONS[kind], "store", now, name=done.name, ok=done.ok, sha256=done.sha256)
    return kept


def record_copy(name: str) -> None:
    """The copy that failed when a back-up was made was made later."""
    with write():
        BackupRecord.update(copied=True, why="").where(BackupRecord.name == name, BackupRecord.ok).execute()


def count_backup_days(quarter: Quarter, zone: tzinfo, now: datetime) -> tuple[int, int]:
    """On how many local days of a quarter a good back-up was made, and of how many days (§9, daily_backup).

    Neither days to come count nor those before this store's first entry; today once it has its back-up.
    """
    made = BackupRecord.select(BackupRecord.at).where(BackupRecord.kind == BackupKind.BACKUP, BackupRecord.ok)
    good = {row.at.astimezone(zone).date() for row in made.where(_quarter_condition(quarter, zone))}
    first = AuditEntry.select(AuditEntry.at).order_by(AuditEntry.at).first()
    if first is None:  # the store did not exist yet
        return 0, 0
    begins = max(quarter.start(zone), first.at).astimezone(zone).date()
    today = now.astimezone(zone).date()
    ends = min(quarter.end(zone).astimezone(zone).date(), today + A_DAY if today in good else today)
    return len([day for day in good if begins <= day < ends]), max(0, (ends - begins).days)


def list_last_drills(number: int = 8) -> list[BackupRecord]:
    """The last restore drills and restores, the newest first: how long recovery takes (§9, recovery_time)."""
    query = BackupRecord.select().where(BackupRecord.kind != BackupKind.BACKUP)
    return list(query.order_by(BackupRecord.at.desc(), BackupRecord.id.desc()).limit(number))


def list_recoveries(quarter: Quarter, zone: tzinfo) -> list[BackupRecord]:
    """The drills and restores of a quarter, oldest first."""
    held = BackupRecord.select().where(BackupRecord.kind != BackupKind.BACKUP)
    return list(held.where(_quarter_condition(quarter, zone)).order_by(BackupRecord.at))


def find_last_backup(good: bool = True) -> BackupRecord | None:
    """The newest back-up on record: the newest good one, or the newest try."""
    query = BackupRecord.select().where(BackupRecord.kind == BackupKind.BACKUP)
    if good:
        query = query.where(BackupRecord.ok)
    return query.order_by(BackupRecord.at.desc(), BackupRecord.id.desc()).first()


def find_expired_days(days: Iterable[date], today: date) -> list[date]:
    """Of the days on which back-ups were made, those to delete now: never the newest."""
    known = sorted(days)  # the newest stays however old: if none is made any more, it is all there is
    return [day for day in known[:-1] if day < today - BACKUP_LASTS]


def _quarter_condition(quarter: Quarter, zone: tzinfo) -> Condition:
    return (BackupRecord.at >= quarter.start(zone)) & (BackupRecord.at < quarter.end(zone))


# --- what a back-up says of itself -------------------------------------------------------------------


def describe_store(other: SqliteDatabase) -> Json:
    """What the manifest says of a copy of the store."""
    last = AuditEntry.select(AuditEntry.seal).order_by(AuditEntry.id.desc()).limit(1).execute(other)
    return {
        "migrations": database.list_applied_migrations(other),
        "counts": count_rows(other),
        "settled": list_settled_campaigns(other),
        "last_seal": next((entry.seal for entry in last), ""),
    }


def count_rows(other: SqliteDatabase, names: Iterable[str] | None = None) -> dict[str, int]:
    """How many rows each table of a copy has: the tables of these names, or all of ours."""
    if names is None:
        names = [table._meta.table_name for table in models.all_tables()]
    query = {name: Table(name).select(fn.COUNT(SQL("1")).alias("n")) for name in names}
    return {name: one.execute(other)[0]["n"] for name, one in query.items()}


def list_files(other: SqliteDatabase) -> list[StoredFile]:
    """The files that a copy of the store refers to, but for exports and printed forms: who made them has them (D5)."""
    passing = exports.export_condition() | (StoredFile.media_type == UploadKind.FORMS)
    kept = StoredFile.select().where(~passing)
    return list(kept.order_by(StoredFile.id).execute(other))


def is_file_referenced(stored: StoredFile) -> bool:
    """Whether the store itself still refers to a file of its copy."""
    return StoredFile.select().where(StoredFile.id == stored.id).exists()


def list_settled_campaigns(other: SqliteDatabase) -> list[int]:
    """Campaigns of a copy that are closed with nothing left to open: their last release is in it."""
    settled = Campaign.select(Campaign.id).where(_settled_condition())
    return [row.id for row in settled.order_by(Campaign.id).execute(other)]


def list_keys_to_destroy(covered: Iterable[int], kept: HasKey) -> list[Campaign]:
    """Campaigns whose last release a verified back-up holds, and whose key is still here (anonymity 3)."""
    settled = Campaign.select().where(Campaign.id.in_(list(covered)), _settled_condition())
    return [campaign for campaign in settled if kept(bytes(campaign.public_key))]


def _settled_condition() -> Condition:
    sealed = Mailbox.select(Mailbox.campaign)
    return (Campaign.state == CampaignState.CLOSED) & Campaign.id.not_in(sealed)


def record_key_destroyed(campaign: Campaign, by: audit.Actor, now: datetime) -> None:
    """Put down that a campaign's private key is gone."""
    audit.record(by, "campaign key destroyed", campaign, now)


# --- a restored store --------------------------------------------------------------------------------


def void_lost_answers(
    kept: HasKey, make_key: Callable[[], bytes], by: audit.Actor, now: datetime
) -> list[LostCampaign]:
    """Count sealed answers whose key is gone as lost, and let open campaigns go on with a new key (anonymity 3)."""
    # Keys are made before the transaction: it takes no file work inside (design, 'Writing').
    keyless = [campaign for campaign in Campaign.select() if not kept(bytes(campaign.public_key))]
    fresh = {campaign.id: make_key() for campaign in keyless if not campaign.is_over(now)}
    with write():
        for campaign in keyless:
            if campaign.id in fresh:
                Campaign.update(public_key=fresh[campaign.id]).where(Campaign.id == campaign.id).execute()
        return [lost for one in keyless if (lost := _void_campaign(one, one.id in fresh, by, now)) is not None]


def revive_restored_store(by: audit.Actor, now: datetime) -> None:
    """What must not simply go on as it was: sign-ins, welcome links, and mail that may have gone since."""
    with write():
        Session.delete().execute()  # some were ended after the copy was made, and would be alive again
        WelcomeLink.delete().where(WelcomeLink.used_at.is_null()).execute()
        _mark_mail_unclear(now)


def _void_campaign(campaign: Campaign, goes_on: bool, by: audit.Actor, now: datetime) -> LostCampaign | None:
    lost = mailbox.void_answers(campaign, now)
    if lost is None:
        return None
    reopened = _reopen_invitations(campaign) if goes_on else 0
    audit.record(by, "sealed answers lost", campaign, now, number=lost.void)
    return LostCampaign(campaign, lost.void, goes_on, reopened)


def _reopen_invitations(campaign: Campaign) -> int:
    # Who wrote the lost answers is unknown: all that were answered without a name are open again, for new links.
    unnamed = [one.id for one in list_unnamed_invitations(campaign, [InvitationState.DONE])]
    for some in chunked(unnamed, 500):
        Invitation.update(state=InvitationState.SENT).where(Invitation.id.in_(some)).execute()
        Link.update(spent=False).where(Link.invitation.in_(some)).execute()
    return len(unnamed)


def _mark_mail_unclear(now: datetime) -> None:
    """Mail to clients that waited may have gone after the back-up was made: a person decides."""
    open_ = OutboxMessage.state.in_(QUEUED_STATES)
    for message in OutboxMessage.select().where(open_, OutboxMessage.kind.in_(outbox.SURVEY_MAIL_KINDS)):
        outbox.settle_mail(message, MailState.TORN, now, Why.CUT_OFF)
