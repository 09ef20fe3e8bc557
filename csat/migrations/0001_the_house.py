"""The first tables of the house, as they were when it was built."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def up(migrator, db):
    class Person(Model):
        name = CharField(max_length=120)
        email = CharField(max_length=200, default="")
        telephone = CharField(max_length=40, default="")
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "person"

    db.create_tables([Person])

    class Account(Model):
        person = ForeignKeyField(Person, unique=True)
        user_name = CharField(unique=True, max_length=80)
        password_hash = TextField(null=True)
        locale = CharField(max_length=2, default="zh")
        made_at = BigIntegerField()
        last_sign_in_at = BigIntegerField(null=True)
        closed_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "account"

    db.create_tables([Account])

    class Action(Model):
        kind = CharField(max_length=24)
        what = TextField()
        owner = ForeignKeyField(Person)
        made_by = ForeignKeyField(Person)
        due = DateField()
        done_at = BigIntegerField(null=True)
        done_in_time = BooleanField(null=True)
        evidence = TextField(default="")

        class Meta:
            database = db
            table_name = "action"

    db.create_tables([Action])

    class Client(Model):
        name = CharField(unique=True, max_length=200)
        name_en = CharField(max_length=200, default="")
        tier = CharField(max_length=24, default="ordinary")
        counts_as = ForeignKeyField("self", null=True)
        note = TextField(default="")
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "client"

    db.create_tables([Client])

    class Department(Model):
        name = CharField(unique=True, max_length=120)
        name_en = CharField(max_length=120, default="")
        head = ForeignKeyField(Person, null=True)
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "department"

    db.create_tables([Department])

    class RiskDomain(Model):
        code = CharField(unique=True, max_length=40)
        position = IntegerField()
        name = TextField()

        class Meta:
            database = db
            table_name = "risk_domain"

    db.create_tables([RiskDomain])

    class IssueType(Model):
        code = CharField(unique=True, max_length=40)
        position = IntegerField()
        name = TextField()
        hint = TextField()
        domain = ForeignKeyField(RiskDomain)
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "issue_type"

    db.create_tables([IssueType])

    class Feedback(Model):
        title = CharField(max_length=200)
        words = TextField(default="")
        origin = CharField(max_length=24)
        quarter = IntegerField(index=True)
        client = ForeignKeyField(Client, null=True)
        department = ForeignKeyField(Department, null=True)
        issue_type = ForeignKeyField(IssueType)
        severity = CharField(max_length=24)
        state = CharField(index=True, max_length=24, default="new")
        supervisor = ForeignKeyField(Person, null=True)
        created_by = ForeignKeyField(Person)
        created_at = BigIntegerField()
        call_back_due_at = BigIntegerField()
        close_due_at = BigIntegerField()
        called_back_at = BigIntegerField(null=True)
        called_back_in_time = BooleanField(null=True)
        closed_at = BigIntegerField(null=True)
        closed_in_time = BooleanField(null=True)
        passed_on = IntegerField(default=0)
        linked_to = ForeignKeyField("self", null=True)
        recurred = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "feedback"

    db.create_tables([Feedback])

    class ActionFeedback(Model):
        action = ForeignKeyField(Action)
        feedback = ForeignKeyField(Feedback)

        class Meta:
            database = db
            table_name = "action_feedback"
            indexes = ((("action", "feedback"), True),)

    db.create_tables([ActionFeedback])

    class Contact(Model):
        client = ForeignKeyField(Client)
        name = CharField(max_length=120)
        email = CharField(max_length=200, default="")
        telephone = CharField(max_length=40, default="")
        language = CharField(max_length=2, default="zh")
        opted_out_at = BigIntegerField(null=True)
        counts_as = ForeignKeyField("self", null=True)
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "contact"

    db.create_tables([Contact])

    class Alias(Model):
        source = CharField(max_length=60)
        kind = CharField(max_length=24)
        name = CharField(max_length=200)
        person = ForeignKeyField(Person, null=True)
        department = ForeignKeyField(Department, null=True)
        client = ForeignKeyField(Client, null=True)
        contact = ForeignKeyField(Contact, null=True)

        class Meta:
            database = db
            table_name = "alias"
            indexes = ((("source", "kind", "name"), True),)

    db.create_tables([Alias])

    class Questionnaire(Model):
        code = CharField(unique=True, max_length=40)
        retired_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "questionnaire"

    db.create_tables([Questionnaire])

    class QuestionnaireVersion(Model):
        questionnaire = ForeignKeyField(Questionnaire)
        number = IntegerField()
        state = CharField(max_length=24)
        title = TextField()
        intro = TextField()
        minutes = IntegerField()
        content_hash = CharField(max_length=64, default="")
        published_at = BigIntegerField(null=True)
        published_by = ForeignKeyField(Person, null=True)

        class Meta:
            database = db
            table_name = "questionnaire_version"
            indexes = ((("questionnaire", "number"), True),)

    db.create_tables([QuestionnaireVersion])

    class Campaign(Model):
        occasion = CharField(max_length=24)
        title = CharField(max_length=200)
        version = ForeignKeyField(QuestionnaireVersion)
        quarter = IntegerField(index=True)
        naming = CharField(max_length=24)
        state = CharField(max_length=24, default="open")
        k = IntegerField()
        public_key = BlobField()
        opened_by = ForeignKeyField(Person, null=True)
        opened_at = BigIntegerField()
        closes_at = BigIntegerField()
        closed_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "campaign"

    db.create_tables([Campaign])

    class Incident(Model):
        source = CharField(max_length=60)
        number = CharField(max_length=60)
        title = CharField(max_length=300, default="")
        client = ForeignKeyField(Client, null=True)
        contact = ForeignKeyField(Contact, null=True)
        department = ForeignKeyField(Department, null=True)
        assigned_to = ForeignKeyField(Person, null=True)
        resolved_by = ForeignKeyField(Person, null=True)
        priority = CharField(max_length=60, default="")
        major = BooleanField(default=False)
        category = CharField(max_length=120, default="")
        reported_by = CharField(max_length=60, default="")
        opened_at = BigIntegerField(null=True)
        responded_at = BigIntegerField(null=True)
        resolved_at = BigIntegerField(null=True)
        closed_at = BigIntegerField(null=True)
        first_closed_at = BigIntegerField(index=True, null=True)
        quarter = IntegerField(index=True, null=True)
        survey_due_at = BigIntegerField(null=True)
        surveyed_at = BigIntegerField(null=True)
        skipped_because = CharField(max_length=60, default="")

        class Meta:
            database = db
            table_name = "incident"
            indexes = ((("source", "number"), True),)

    db.create_tables([Incident])

    class Response(Model):
        id = BigIntegerField(primary_key=True)
        version = ForeignKeyField(QuestionnaireVersion)
        quarter = IntegerField(index=True)
        client = ForeignKeyField(Client, null=True)
        channel = CharField(max_length=24)
        anonymous = BooleanField()
        duration = CharField(null=True, max_length=24)
        verdict = CharField(index=True, max_length=24, default="pending")
        receipt_hash = BigIntegerField(unique=True, null=True)
        campaign = ForeignKeyField(Campaign, null=True)
        contact = ForeignKeyField(Contact, null=True)
        incident = ForeignKeyField(Incident, null=True)
        manager = ForeignKeyField(Person, null=True)
        department = ForeignKeyField(Department, null=True)
        engineer = ForeignKeyField(Person, null=True)
        recorder = ForeignKeyField(Person, null=True)
        received_at = BigIntegerField(null=True)
        respondent_name = CharField(max_length=120, default="")
        respondent_reach = CharField(max_length=200, default="")

        class Meta:
            database = db
            table_name = "response"

    db.create_tables([Response])

    class Question(Model):
        version = ForeignKeyField(QuestionnaireVersion)
        position = IntegerField()
        section = TextField()
        code = CharField(max_length=40)
        kind = CharField(max_length=24)
        dimension = CharField(null=True, max_length=24)
        text = TextField()
        help = TextField()
        required = BooleanField()
        offers_na = BooleanField()
        labels = TextField(null=True)
        options = TextField(null=True)

        class Meta:
            database = db
            table_name = "question"
            indexes = ((("version", "code"), True), (("version", "position"), True))

    db.create_tables([Question])

    class Answer(Model):
        id = BigIntegerField(primary_key=True)
        response = ForeignKeyField(Response)
        question = ForeignKeyField(Question)
        value = IntegerField(null=True)
        words = TextField(null=True)
        not_applicable = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "answer"
            indexes = ((("response", "question"), True),)

    db.create_tables([Answer])

    class Invitation(Model):
        campaign = ForeignKeyField(Campaign)
        client = ForeignKeyField(Client, null=True)
        contact = ForeignKeyField(Contact, null=True)
        incident = ForeignKeyField(Incident, unique=True, null=True)
        manager = ForeignKeyField(Person, null=True)
        department = ForeignKeyField(Department, null=True)
        engineer = ForeignKeyField(Person, null=True)
        channel = CharField(max_length=24, default="link")
        state = CharField(index=True, max_length=24, default="made")

        class Meta:
            database = db
            table_name = "invitation"

    db.create_tables([Invitation])

    class Attempt(Model):
        invitation = ForeignKeyField(Invitation)
        by = ForeignKeyField(Person, null=True)
        at = BigIntegerField()
        outcome = CharField(max_length=24)
        again_at = BigIntegerField(null=True)
        note = TextField(default="")

        class Meta:
            database = db
            table_name = "attempt"

    db.create_tables([Attempt])

    class AuditEntry(Model):
        at = BigIntegerField()
        actor = CharField(max_length=80)
        action = CharField(index=True, max_length=60)
        subject = CharField(max_length=80)
        digest = CharField(max_length=64)
        seal = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "audit_entry"

    db.create_tables([AuditEntry])

    class AuditDetail(Model):
        entry = ForeignKeyField(AuditEntry, unique=True)
        salt = CharField(max_length=32)
        detail = TextField()

        class Meta:
            database = db
            table_name = "audit_detail"

    db.create_tables([AuditDetail])

    class CallBack(Model):
        feedback = ForeignKeyField(Feedback)
        by = ForeignKeyField(Person)
        at = BigIntegerField()
        outcome = CharField(max_length=24)
        words = TextField()

        class Meta:
            database = db
            table_name = "call_back"

    db.create_tables([CallBack])

    class CampaignCount(Model):
        campaign = ForeignKeyField(Campaign)
        client = ForeignKeyField(Client, null=True)
        state = CharField(max_length=24)
        number = IntegerField()

        class Meta:
            database = db
            table_name = "campaign_count"

    db.create_tables([CampaignCount])

    class ClientCare(Model):
        client = ForeignKeyField(Client)
        person = ForeignKeyField(Person)
        since = DateField()
        until = DateField(null=True)

        class Meta:
            database = db
            table_name = "client_care"

    db.create_tables([ClientCare])

    class Dismissal(Model):
        response = ForeignKeyField(Response, unique=True)
        reason = TextField()
        by = ForeignKeyField(Person)
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "dismissal"

    db.create_tables([Dismissal])

    class FeedbackSource(Model):
        id = BigIntegerField(primary_key=True)
        feedback = ForeignKeyField(Feedback)
        response = ForeignKeyField(Response)
        answer = ForeignKeyField(Answer, null=True)
        starts = IntegerField(null=True)
        ends = IntegerField(null=True)

        class Meta:
            database = db
            table_name = "feedback_source"

    db.create_tables([FeedbackSource])

    class FeedbackStep(Model):
        feedback = ForeignKeyField(Feedback)
        step = CharField(max_length=24)
        state = CharField(max_length=24)
        by = ForeignKeyField(Person)
        at = BigIntegerField()
        words = TextField(default="")
        department = ForeignKeyField(Department, null=True)

        class Meta:
            database = db
            table_name = "feedback_step"

    db.create_tables([FeedbackStep])

    class ImportMap(Model):
        source = CharField(unique=True, max_length=60)
        text = TextField()
        changed_by = ForeignKeyField(Person, null=True)
        changed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "import_map"

    db.create_tables([ImportMap])

    class Job(Model):
        kind = CharField(max_length=40)
        arguments = TextField()
        state = CharField(index=True, max_length=24, default="waiting")
        progress = IntegerField(default=0)
        total = IntegerField(default=0)
        asked_by = ForeignKeyField(Person, null=True)
        asked_at = BigIntegerField()
        started_at = BigIntegerField(null=True)
        ended_at = BigIntegerField(null=True)
        outcome = TextField(null=True)
        refusal = TextField(default="")

        class Meta:
            database = db
            table_name = "job"

    db.create_tables([Job])

    class Link(Model):
        token_hash = CharField(unique=True, max_length=64)
        invitation = ForeignKeyField(Invitation)

        class Meta:
            database = db
            table_name = "link"

    db.create_tables([Link])

    class Mailbox(Model):
        id = BigIntegerField(primary_key=True)
        campaign = ForeignKeyField(Campaign)
        sealed = BlobField()

        class Meta:
            database = db
            table_name = "mailbox"

    db.create_tables([Mailbox])

    class Membership(Model):
        person = ForeignKeyField(Person)
        department = ForeignKeyField(Department)
        since = DateField()
        until = DateField(null=True)

        class Meta:
            database = db
            table_name = "membership"

    db.create_tables([Membership])

    class Message(Model):
        id = BigIntegerField(primary_key=True)
        response = ForeignKeyField(Response)
        position = IntegerField()
        kind = CharField(max_length=24)
        words = TextField()
        by = ForeignKeyField(Person, null=True)
        at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "message"

    db.create_tables([Message])

    class Release(Model):
        campaign = ForeignKeyField(Campaign)
        at = BigIntegerField()
        number = IntegerField()
        without_client = IntegerField()
        void = IntegerField(default=0)

        class Meta:
            database = db
            table_name = "release"

    db.create_tables([Release])

    class Report(Model):
        quarter = IntegerField()
        version = IntegerField()
        state = CharField(max_length=24, default="draft")
        cut_off_at = BigIntegerField()
        prepared_by = ForeignKeyField(Person)
        prepared_at = BigIntegerField()
        document = TextField(null=True)
        remarks = TextField(null=True)
        changes = TextField(default="")
        issued_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "report"
            indexes = ((("quarter", "version"), True),)

    db.create_tables([Report])

    class StoredFile(Model):
        place = CharField(unique=True, max_length=64)
        name = CharField(max_length=200)
        media_type = CharField(max_length=100)
        size = IntegerField()
        sha256 = CharField(max_length=64)
        stored_by = ForeignKeyField(Person, null=True)
        stored_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "stored_file"

    db.create_tables([StoredFile])

    class ReportFile(Model):
        report = ForeignKeyField(Report)
        language = CharField(max_length=2)
        file = ForeignKeyField(StoredFile)

        class Meta:
            database = db
            table_name = "report_file"
            indexes = ((("report", "language"), True),)

    db.create_tables([ReportFile])

    class ReportOpening(Model):
        report = ForeignKeyField(Report)
        person = ForeignKeyField(Person)
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "report_opening"
            indexes = ((("report", "person"), True),)

    db.create_tables([ReportOpening])

    class ReportReviewer(Model):
        report = ForeignKeyField(Report)
        person = ForeignKeyField(Person)

        class Meta:
            database = db
            table_name = "report_reviewer"
            indexes = ((("report", "person"), True),)

    db.create_tables([ReportReviewer])

    class ReportWord(Model):
        report = ForeignKeyField(Report)
        person = ForeignKeyField(Person)
        word = CharField(max_length=24)
        comment = TextField(default="")
        at = BigIntegerField()
        void = BooleanField(default=False)

        class Meta:
            database = db
            table_name = "report_word"

    db.create_tables([ReportWord])

    class RoleGrant(Model):
        person = ForeignKeyField(Person)
        role = CharField(max_length=24)
        granted_by = ForeignKeyField(Person, null=True)
        granted_at = BigIntegerField()
        ended_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "role_grant"

    db.create_tables([RoleGrant])

    class Session(Model):
        token_hash = CharField(unique=True, max_length=64)
        account = ForeignKeyField(Account)
        made_at = BigIntegerField()
        seen_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "session"

    db.create_tables([Session])

    class Setting(Model):
        name = CharField(unique=True, max_length=60)
        value = TextField()
        changed_by = ForeignKeyField(Person, null=True)
        changed_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "setting"

    db.create_tables([Setting])

    class Tally(Model):
        quarter = IntegerField()
        client = IntegerField()
        manager = IntegerField()
        department = IntegerField()
        engineer = IntegerField()
        recorder = IntegerField()
        channel = CharField(max_length=24)
        questionnaire = CharField(max_length=40)
        question = CharField(max_length=40)
        dimension = CharField(max_length=24)
        value = IntegerField()
        overall = IntegerField()
        anonymous = BooleanField()
        n = IntegerField()

        class Meta:
            database = db
            table_name = "tally"
            indexes = (
                (
                    (
                        "quarter",
                        "client",
                        "manager",
                        "department",
                        "engineer",
                        "recorder",
                        "channel",
                        "questionnaire",
                        "question",
                        "dimension",
                        "value",
                        "overall",
                        "anonymous",
                    ),
                    True,
                ),
            )

    db.create_tables([Tally])

    class Throttle(Model):
        key = CharField(unique=True, max_length=64)
        failures = IntegerField(default=0)
        last_at = BigIntegerField()

        class Meta:
            database = db
            table_name = "throttle"

    db.create_tables([Throttle])

    class Verification(Model):
        response = ForeignKeyField(Response)
        verdict = CharField(max_length=24)
        reason = TextField(default="")
        by = ForeignKeyField(Person)
        at = BigIntegerField()

        class Meta:
            database = db
            table_name = "verification"

    db.create_tables([Verification])

    class WelcomeLink(Model):
        token_hash = CharField(unique=True, max_length=64)
        account = ForeignKeyField(Account)
        expires_at = BigIntegerField()
        used_at = BigIntegerField(null=True)

        class Meta:
            database = db
            table_name = "welcome_link"

    db.create_tables([WelcomeLink])
