"""Questionnaires: forms, their versions and questions. A published version never changes.

What QA works on is a draft of its own until it is published; what is said of a form each quarter, a review (P14).
"""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, ModelSelect, TextField

from csat.models.base import CodeField, InstantField, JsonField, LocalisedField, Table
from csat.models.people import Person


class Kind(StrEnum):
    RATING = "rating"
    RECOMMEND = "recommend"
    YES_NO = "yes_no"
    CHOICE_ONE = "choice_one"
    CHOICE_MANY = "choice_many"
    TEXT = "text"


class Dimension(StrEnum):
    """What a rating is about: the unit of comparison between questionnaires (§4)."""

    OVERALL = "overall"
    VALUE = "value"
    TIMELINESS = "timeliness"
    EXPERTISE = "expertise"
    ATTITUDE = "attitude"
    RESOLUTION = "resolution"
    CONVENIENCE = "convenience"
    DELIVERY = "delivery"
    SECURITY = "security"
    RELIABILITY = "reliability"
    FOLLOWUP = "followup"


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Questionnaire(Table):
    code = CharField(max_length=40, unique=True)
    retired_at = InstantField(null=True)

    versions: ModelSelect[QuestionnaireVersion]


class QuestionnaireVersion(Table):
    """One edition of a form; `content_hash` tells whether shipped content is new."""

    questionnaire = ForeignKeyField(Questionnaire, backref="versions")
    number = IntegerField()
    state = CodeField(VersionState)
    title = LocalisedField()
    intro = LocalisedField()
    minutes = IntegerField()
    content_hash = CharField(max_length=64, default="")
    published_at = InstantField(null=True)
    published_by = ForeignKeyField(Person, null=True)
    in_force_at = InstantField(null=True)  # published: from when new campaigns use it
    reason = TextField(default="")  # why it is as it is, said when it was published

    questionnaire_id: int
    questions: ModelSelect[Question]

    class Meta:
        indexes = ((("questionnaire", "number"), True),)


class Question(Table):
    """A question of one version. Its code keeps kind and dimension for ever, across versions."""

    version = ForeignKeyField(QuestionnaireVersion, backref="questions")
    position = IntegerField()
    section = LocalisedField()
    code = CharField(max_length=40)
    kind = CodeField(Kind)
    dimension = CodeField(Dimension, null=True)
    text = LocalisedField()
    help = LocalisedField()
    required = BooleanField()
    offers_na = BooleanField()
    labels = JsonField(null=True)  # {"zh": [five], "en": [five]} where they differ from ours
    options = JsonField(null=True)  # [{"code": …, "zh": …, "en": …}] of a choice

    version_id: int

    class Meta:
        indexes = ((("version", "code"), True), (("version", "position"), True))


class QuestionnaireDraft(Table):
    """The next version of a questionnaire while QA works on it: one at a time, in rows of its own (Q7).

    `content` is what procedure/questionnaires/content.py writes; `revision` counts the savings.
    """

    questionnaire = ForeignKeyField(Questionnaire, unique=True, backref="drafts")
    based_on = ForeignKeyField(QuestionnaireVersion, null=True, backref="drafts")  # None: from scratch
    content = JsonField()
    revision = IntegerField(default=1)
    reason = TextField(default="")
    starts_on = DateField(null=True)  # from which day new campaigns use it; None: at once
    made_by = ForeignKeyField(Person, null=True, backref="+")
    made_at = InstantField()
    saved_by = ForeignKeyField(Person, null=True, backref="+")
    saved_at = InstantField()

    questionnaire_id: int
    based_on_id: int | None
    saved_by_id: int | None


class PreviewLink(Table):
    """A link that shows a form as a respondent sees it, to anybody, for some days. It keeps nothing."""

    token_hash = CharField(max_length=64, unique=True)
    draft = ForeignKeyField(QuestionnaireDraft, null=True, backref="preview_links")  # one of the two
    version = ForeignKeyField(QuestionnaireVersion, null=True, backref="preview_links")
    made_by = ForeignKeyField(Person, backref="+")
    made_at = InstantField()
    expires_at = InstantField()

    draft_id: int | None
    version_id: int | None


class ReviewDecision(StrEnum):
    """What QA decides of a questionnaire, or of one of its questions, after a quarter (P14)."""

    KEEP = "keep"
    CHANGE = "change"
    DROP = "drop"


class QuestionnaireReview(Table):
    """QA looked at what a quarter's answers tell of a form, and decided; rows are only added."""

    questionnaire = ForeignKeyField(Questionnaire, backref="reviews")
    quarter = IntegerField()
    decision = CodeField(ReviewDecision)
    note = TextField()
    marks = JsonField()  # {question's code: decision} of those that are not simply kept
    by = ForeignKeyField(Person, backref="+")
    at = InstantField()

    questionnaire_id: int
    by_id: int
