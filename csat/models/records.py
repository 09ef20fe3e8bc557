"""Records: the audit history (D3). The chain stays for ever; the readable detail can lawfully be erased."""

from __future__ import annotations

from peewee import CharField, ForeignKeyField, TextField

from csat.models.base import InstantField, Table


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
    detail = TextField()
