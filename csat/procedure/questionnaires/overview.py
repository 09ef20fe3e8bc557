"""All questionnaires at a glance: what is in force, what comes, what is in work, what is out of use (Q7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from csat.models.base import Localised
from csat.models.people import Person
from csat.models.questionnaires import Questionnaire, QuestionnaireDraft, QuestionnaireVersion, VersionState
from csat.procedure.questionnaires import drafts, questionnaires


@dataclass(frozen=True)
class QuestionnaireOverview:
    """A questionnaire, its versions (the newest first), and the draft of its next one."""

    form: Questionnaire
    versions: tuple[QuestionnaireVersion, ...]
    in_force: QuestionnaireVersion | None
    draft: QuestionnaireDraft | None

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
    """All questionnaires, those out of use last."""
    versions = questionnaires.list_versions()
    started = QuestionnaireDraft.select(QuestionnaireDraft, Person).left_outer_join(
        Person, on=QuestionnaireDraft.saved_by
    )
    in_work = {draft.questionnaire_id: draft for draft in started}
    forms = sorted(Questionnaire.select(), key=lambda form: (form.retired_at is not None, form.id))
    return [
        QuestionnaireOverview(
            form=form,
            versions=tuple(version for version in versions if version.questionnaire_id == form.id),
            in_force=questionnaires.find_version_in_force(form.code, now),
            draft=in_work.get(form.id),
        )
        for form in forms
    ]


def find_neighbours(version: QuestionnaireVersion) -> list[QuestionnaireVersion]:
    """The other published versions of its questionnaire, the newest first."""
    published = QuestionnaireVersion.state == VersionState.PUBLISHED
    others = version.questionnaire.versions.where(published, QuestionnaireVersion.id != version.id)
    return list(others.order_by(QuestionnaireVersion.number.desc()))


def find_predecessor(version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    """The version before this one."""
    return next((one for one in find_neighbours(version) if one.number < version.number), None)
