"""Which links were there when their invitation was answered; which answers came after a report."""

from peewee import AutoField, BooleanField, CharField, ForeignKeyField, IntegerField, Model


def up(migrator, db):
    class Known(Model):
        id = AutoField()

        class Meta:
            database = db

    class Invitation(Known):
        state = CharField(max_length=24)

        class Meta:
            table_name = "invitation"

    class Link(Known):
        invitation = ForeignKeyField(Invitation, backref="+")
        spent = BooleanField(default=False)

        class Meta:
            table_name = "link"

    migrator.migrate(
        migrator.add_column("link", "spent", BooleanField(default=False)),
        migrator.add_column("response", "step", IntegerField(null=True)),
    )
    # Which of them were made later is not known: until now they all said 'used'.
    answered = Invitation.select(Invitation.id).where(Invitation.state == "done")
    Link.update(spent=True).where(Link.invitation.in_(answered)).execute()
