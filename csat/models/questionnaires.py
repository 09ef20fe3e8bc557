"""Questionnaires: forms, their versions and questions. A published version never changes."""

from __future__ import annotations

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField, ModelSelect

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

    questionnaire_id: int

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

    class Meta:
        indexes = ((("version", "code"), True), (("version", "position"), True))
