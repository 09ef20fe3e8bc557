"""What a questionnaire was before, and where it is in use: what the check list holds a draft against (Q7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from csat.models.answers import Mailbox
from csat.models.asking import Campaign, CampaignState
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion, VersionState
from csat.procedure.questionnaires.content import FormContent, QuestionContent, read_version

Nature = tuple[Kind, Dimension | None]


@dataclass(frozen=True)
class FormHistory:
    """Kind and dimension by code as ever published, the newest version, and those whose answers still come in."""

    natures: Mapping[str, Nature] = field(default_factory=dict)
    newest: FormContent | None = None
    newest_number: int = 0
    in_use: tuple[FormContent, ...] = ()

    def is_locked(self, question: QuestionContent, form: FormContent) -> bool:
        """Whether a question's code, kind and dimension are fixed: it was published so, and no other has its code."""
        alone = sum(other.code == question.code for other in form.questions) == 1
        return alone and self.natures.get(question.code) == (question.kind, question.dimension)


def read_history(code: str) -> FormHistory:
    """The history of the questionnaire with this code; an empty one where it was never published."""
    published = list(
        QuestionnaireVersion.select(QuestionnaireVersion, Questionnaire)
        .join(Questionnaire)
        .where(Questionnaire.code == code, QuestionnaireVersion.state == VersionState.PUBLISHED)
        .order_by(QuestionnaireVersion.number.desc())
    )
    if not published:
        return FormHistory()
    used = _find_used(published)
    return FormHistory(
        natures=_read_natures(published),
        newest=read_version(published[0]),
        newest_number=published[0].number,
        in_use=tuple(read_version(version) for version in published if version.id in used),
    )


def _read_natures(published: list[QuestionnaireVersion]) -> dict[str, Nature]:
    questions = Question.select().where(Question.version.in_([version.id for version in published]))
    return {question.code: (question.kind, question.dimension) for question in questions}


def _find_used(published: list[QuestionnaireVersion]) -> set[int]:
    """The versions of open campaigns, and of those whose sealed answers wait to be opened with a later one's."""
    waiting = Campaign.id.in_(Mailbox.select(Mailbox.campaign))
    used = Campaign.select(Campaign.version).where(
        Campaign.version.in_([version.id for version in published]), (Campaign.state == CampaignState.OPEN) | waiting
    )
    return {key for (key,) in used.tuples()}
