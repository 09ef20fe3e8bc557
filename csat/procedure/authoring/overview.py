"""All questionnaires at a glance: what is in force, what comes, what is in work, what is out of use (Q7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import fn

from csat.models.base import Localised
from csat.models.people import Person
from csat.models.questionnaires import Question, Questionnaire, QuestionnaireDraft, QuestionnaireVersion, VersionState
from csat.procedure.authoring import drafts
from csat.procedure.questionnaires import questionnaires


@dataclass(frozen=True)
class QuestionnaireOverview:
    """A questionnaire, its versions (the newest first), and the draft of its next one."""

    form: Questionnaire
    versions: tuple[QuestionnaireVersion, ...]
    in_force: QuestionnaireVersion | None
    draft: QuestionnaireDraft | None
    question_counts: Mapping[int, int]  # by the version's key

    @property
    def coming(self) -> QuestionnaireVersion | None:
        """The version that will be in force from a later day on, if nothing newer is in force by then."""
        newest = self.versions[0] if self.versions else None
        return None if newest == self.in_force else newest

    @property
    def title(self) -> Localised:
        """What it is called: as in force, else as it will be, else as far as the draft has it."""
        shown = self.in_force or self.coming
        if shown is not None:
            return shown.title
        return drafts.read_draft(self.draft).title if self.draft else Localised()


def list_questionnaires(now: datetime) -> list[QuestionnaireOverview]:
    """All questionnaires, those out of use last; as many queries for a hundred versions as for one."""
    versions = questionnaires.list_versions()
    counts = dict(Question.select(Question.version, fn.COUNT(Question.id)).group_by(Question.version).tuples())
    started = QuestionnaireDraft.select(QuestionnaireDraft, Person).left_outer_join(
        Person, on=QuestionnaireDraft.saved_by
    )
    in_work = {draft.questionnaire_id: draft for draft in started}
    forms = sorted(Questionnaire.select(), key=lambda form: (form.retired_at is not None, form.id))
    own = {form.id: tuple(version for version in versions if version.questionnaire_id == form.id) for form in forms}
    return [
        QuestionnaireOverview(
            form, own[form.id], questionnaires.pick_version_in_force(own[form.id], now), in_work.get(form.id), counts
        )
        for form in forms
    ]


def list_other_versions(version: QuestionnaireVersion) -> list[QuestionnaireVersion]:
    """The other published versions of its questionnaire, the newest first."""
    published = QuestionnaireVersion.state == VersionState.PUBLISHED
    others = version.questionnaire.versions.where(published, QuestionnaireVersion.id != version.id)
    return list(others.order_by(QuestionnaireVersion.number.desc()))
