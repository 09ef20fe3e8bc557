"""Prevention points, which departments assess them, and their assessments (§10)."""

from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator, db):
    class Known(Model):
        class Meta:
            database = db

    class RiskDomain(Known):
        class Meta:
            table_name = "risk_domain"

    class Department(Known):
        class Meta:
            table_name = "department"

    class Person(Known):
        class Meta:
            table_name = "person"

    class PreventionPoint(Known):
        domain = ForeignKeyField(RiskDomain, backref="+")
        code = CharField(max_length=40)
        position = IntegerField()
        text = TextField()

        class Meta:
            table_name = "prevention_point"
            indexes = ((("domain", "code"), True),)

    class PointDuty(Known):
        point = ForeignKeyField(PreventionPoint, backref="+")
        department = ForeignKeyField(Department, backref="+")

        class Meta:
            table_name = "point_duty"
            indexes = ((("point", "department"), True),)

    class Assessment(Known):
        point = ForeignKeyField(PreventionPoint, backref="+")
        department = ForeignKeyField(Department, backref="+")
        quarter = IntegerField(index=True)
        standing = CharField(max_length=24)
        evidence = TextField()
        next_step = TextField()
        due = DateField(null=True)
        by = ForeignKeyField(Person, backref="+")
        at = BigIntegerField()
        reviewed_by = ForeignKeyField(Person, null=True, backref="+")
        reviewed_at = BigIntegerField(null=True)
        returned = TextField()

        class Meta:
            table_name = "assessment"

    db.create_tables([PreventionPoint, PointDuty, Assessment])
