"""Records: the audit history (D3), whose detail can lawfully be erased, and the back-ups made (D6)."""

from __future__ import annotations

from enum import StrEnum

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from csat.models.base import CodeField, InstantField, Table


class AuditEntry(Table):
    """A link of the chain: `seal` is the hash over this row and the seal before it."""

    at = InstantField()
    actor = CharField(max_length=80)
    action = CharField(max_length=60, index=True)
    subject = CharField(max_length=80)
    digest = CharField(max_length=64)
    seal = CharField(max_length=64)


class AuditDetail(Table):
    """What the digest of an entry was made of: erasable without breaking the chain."""

    entry = ForeignKeyField(AuditEntry, unique=True, backref="details")
    salt = CharField(max_length=32)
    detail = TextField()  # JSON as it was hashed, byte for byte

    entry_id: int


class BackupKind(StrEnum):
    BACKUP = "backup"
    DRILL = "drill"  # a back-up restored beside the store, to see that it can be
    RESTORE = "restore"  # for real: this store came out of it


class BackupRecord(Table):
    """A back-up made, or one restored: measured for §9. `copied` None: there was nothing to copy to."""

    kind = CodeField(BackupKind)
    at = InstantField(index=True)
    name = CharField(max_length=200)
    size = BigIntegerField(default=0)
    sha256 = CharField(max_length=64, default="")
    ok = BooleanField()
    seconds = IntegerField(default=0)
    copied = BooleanField(null=True)
    why = TextField(default="")  # it went wrong
