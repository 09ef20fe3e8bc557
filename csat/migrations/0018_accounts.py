"""Nobody becomes somebody else: second factors, what takes a second person, notices, roles confirmed each quarter.

Who is signed in stays so; their last proof is when they signed in. Links made so far were shown to who made them.
"""

from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Person(Base):
        pass

    class Account(Base):
        pass

    class Session(Base):
        made_at = BigIntegerField()
        proved_at = BigIntegerField()

    class WelcomeLink(Base):
        displayed = BooleanField()

    class SecondFactor(Base):
        account = ForeignKeyField(Account, unique=True)
        sealed = TextField()
        waiting = TextField()
        confirmed_at = BigIntegerField(null=True)
        last_step = IntegerField()

    class RecoveryCode(Base):
        account = ForeignKeyField(Account)
        code_hash = CharField(max_length=64)
        used_at = BigIntegerField(null=True)

    class AccountRequest(Base):
        kind = CharField(max_length=24)
        person = ForeignKeyField(Person, backref="+")
        role = CharField(max_length=24, null=True)
        email = CharField(max_length=200)
        asked_by = ForeignKeyField(Person, backref="+")
        asked_at = BigIntegerField()
        decided_by = ForeignKeyField(Person, null=True, backref="+")
        decided_at = BigIntegerField(null=True)
        accepted = BooleanField(null=True)
        used_at = BigIntegerField(null=True)

    class AccountNotice(Base):
        reader = ForeignKeyField(Person, backref="+")
        person = ForeignKeyField(Person, backref="+")
        kind = CharField(max_length=24)
        role = CharField(max_length=24, null=True)
        by = ForeignKeyField(Person, null=True, backref="+")
        at = BigIntegerField()
        mailed_at = BigIntegerField(null=True)
        read_at = BigIntegerField(null=True)

    class RoleConfirmation(Base):
        account = ForeignKeyField(Account)
        quarter = IntegerField()
        roles = CharField(max_length=120)
        confirmed_by = ForeignKeyField(Person, backref="+")
        confirmed_at = BigIntegerField()

        class Meta:
            indexes = ((("account", "quarter"), True),)

    def key_of(table: Any) -> ForeignKeyField:
        return ForeignKeyField(table, field=table._meta.primary_key, null=True, backref="+")

    migrator.migrate(
        migrator.add_column("account", "previous_sign_in_at", BigIntegerField(null=True)),
        migrator.add_column("role_grant", "second_id", key_of(Person)),
        migrator.add_column("session", "proved_at", BigIntegerField(default=0)),
        migrator.add_column("session", "address", CharField(max_length=60, default="")),
        migrator.add_column("session", "browser", CharField(max_length=60, default="")),
        migrator.add_column("welcome_link", "made_by_id", key_of(Person)),
        migrator.add_column("welcome_link", "displayed", BooleanField(default=False)),
    )
    db.create_tables([SecondFactor, RecoveryCode, AccountRequest, AccountNotice, RoleConfirmation])
    Session.update(proved_at=Session.made_at).execute()
    WelcomeLink.update(displayed=True).execute()
