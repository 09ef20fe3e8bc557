"""Half-filled forms, as ciphertext in a store of their own that no back-up takes (design, anonymity 7)."""

from __future__ import annotations

from peewee import AutoField, BlobField, CharField, DateField, Model

from csat.database import drafts


class Draft(Model):
    """What somebody saved to finish later; the key to it lies in the link's token and the code, not here."""

    id = AutoField()
    place = CharField(max_length=64, index=True)  # the link's
    slot = CharField(max_length=64, unique=True)  # what its key says of link and code together
    sealed = BlobField()
    last_day = DateField()

    class Meta:
        database = drafts
        table_name = "half_filled"
        legacy_table_names = False
