"""Drafts of questionnaires, previews, quarterly reviews, and papers typed in by staff.

A version says from when campaigns use it; those published so far were used from their publication on.
"""

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Base(Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Person(Base):
        pass

    class Campaign(Base):
        pass

    class Invitation(Base):
        pass

    class Questionnaire(Base):
        pass

    class QuestionnaireVersion(Base):
        published_at = BigIntegerField(null=True)
        in_force_at = BigIntegerField(null=True)

    class QuestionnaireDraft(Base):
        questionnaire = ForeignKeyField(Questionnaire, unique=True)
        based_on = ForeignKeyField(QuestionnaireVersion, null=True)
        content = TextField()
        revision = IntegerField()
        reason = TextField()
        starts_on = DateField(null=True)
        made_by = ForeignKeyField(Person, null=True, backref="+")
        made_at = BigIntegerField()
        saved_by = ForeignKeyField(Person, null=True, backref="+")
        saved_at = BigIntegerField()

    class PreviewLink(Base):
        token_hash = CharField(max_length=64, unique=True)
        draft = ForeignKeyField(QuestionnaireDraft, null=True)
        version = ForeignKeyField(QuestionnaireVersion, null=True)
        made_by = ForeignKeyField(Person, backref="+")
        made_at = BigIntegerField()
        expires_at = BigIntegerField()

    class QuestionnaireReview(Base):
        questionnaire = ForeignKeyField(Questionnaire)
        quarter = IntegerField()
        decision = CharField(max_length=24)
        note = TextField()
        marks = TextField()
        by = ForeignKeyField(Person, backref="+")
        at = BigIntegerField()

    class PaperEntry(Base):
        invitation = ForeignKeyField(Invitation, unique=True)
        by = ForeignKeyField(Person, backref="+")
        last_day = DateField()

    class PaperComparison(Base):
        campaign = ForeignKeyField(Campaign)
        by = ForeignKeyField(Person, backref="+")
        compared = IntegerField()
        differing = IntegerField()

    migrator.migrate(
        migrator.add_column("questionnaire_version", "in_force_at", BigIntegerField(null=True)),
        migrator.add_column("questionnaire_version", "reason", TextField(default="")),
    )
    QuestionnaireVersion.update(in_force_at=QuestionnaireVersion.published_at).execute()
    db.create_tables([QuestionnaireDraft, PreviewLink, QuestionnaireReview, PaperEntry, PaperComparison])
