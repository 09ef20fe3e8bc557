"""Publishing a draft as the next version, from a day on; taking a questionnaire out of use and back (Q7, P14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from csat.database import write
from csat.models.asking import Campaign, CampaignState
from csat.models.base import Localised
from csat.models.people import Person
from csat.models.questionnaires import Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from csat.procedure.authoring import checking
from csat.procedure.authoring.checking import Measure
from csat.procedure.authoring.drafts import delete_draft, read_draft
from csat.procedure.authoring.form_history import read_history
from csat.procedure.core import retirement
from csat.procedure.core.guards import need_text
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import clean_text
from csat.procedure.questionnaires.content import (
    LANGUAGES,
    FormContent,
    OptionContent,
    QuestionContent,
    SectionContent,
    drop_idle_parts,
    write_content,
)
from csat.procedure.questionnaires.form_length import count_minutes
from csat.words import N_

LONGEST_AHEAD = timedelta(days=366)


class DraftGone(Refusal):
    sentence = N_("This draft is gone: it was published or given up meanwhile. The list shows what became of it.")


class DraftChangedMeanwhile(Refusal):
    sentence = N_(
        "Somebody changed this draft while you looked at the check list. Please look through it again, then publish."
    )


class ChecksFailed(Refusal):
    sentence = N_("Not published: the check list names what must be put right first.")


class StartsTooEarly(InputWrong):
    sentence = N_("This day has passed. Please choose today or a later one.")


class StartsTooLate(InputWrong):
    sentence = N_("This day is more than a year ahead. Please choose an earlier one.")


class QuestionnaireRetired(Refusal):
    sentence = N_("This questionnaire is out of use. Please take it back into use first.")


class QuestionnaireNeeded(Refusal):
    """The procedure asks with this questionnaire by itself; `sentence` says when."""


class IncidentNeeded(QuestionnaireNeeded):
    sentence = N_("Every closed incident is surveyed with this questionnaire, so it stays in use.")


class CompanyNeeded(QuestionnaireNeeded):
    sentence = N_("Each quarter's campaign asks with this questionnaire, so it stays in use.")


class CheckNeeded(QuestionnaireNeeded):
    sentence = N_("The client is asked with this questionnaire whenever feedback closes, so it stays in use.")


NEEDED: dict[str, type[QuestionnaireNeeded]] = {
    questionnaires.INCIDENT_CODE: IncidentNeeded,
    questionnaires.COMPANY_CODE: CompanyNeeded,
    questionnaires.CHECK_CODE: CheckNeeded,
}


def publish_draft(
    draft: QuestionnaireDraft,
    reason: str,
    starts_on: date | None,
    by: Person,
    now: datetime,
    zone: tzinfo,
    measure: Measure,
) -> QuestionnaireVersion:
    """Publish the draft as it was read, for new campaigns from a local day on (None: at once).

    Raise ChecksFailed where something is wrong, DraftGone or DraftChangedMeanwhile where somebody was quicker.
    """
    reason = need_text(reason, "reason")
    in_force_at = _find_start(starts_on, now, zone)
    form = tidy_form(read_draft(draft))
    sizes = {language: measure(form, language) for language in LANGUAGES}  # rendering: not while others wait to write
    with write():
        _refuse_changed_draft(draft)
        questionnaire = Questionnaire.get_by_id(draft.questionnaire_id)
        if questionnaire.retired_at is not None:
            raise QuestionnaireRetired
        checks = checking.check_form(form, read_history(form.code), lambda form, language: sizes[language])
        if not checking.is_publishable(checks):
            raise ChecksFailed
        content = write_content(form, count_minutes(form))
        version = questionnaires.add_version(questionnaire, content, by, now, in_force_at, reason)
        delete_draft(draft)
    return version


def tidy_form(form: FormContent) -> FormContent:
    """The form without idle parts, control characters, and blanks around its texts."""
    bare = drop_idle_parts(form)
    return replace(
        bare, title=_tidy(bare.title), intro=_tidy(bare.intro), sections=tuple(map(_tidy_section, bare.sections))
    )


def list_running_campaigns(questionnaire: Questionnaire) -> list[Campaign]:
    """The open campaigns that ask with a version of this questionnaire: they keep it to their end."""
    query = Campaign.select(Campaign, QuestionnaireVersion).join(QuestionnaireVersion)
    running = query.where(QuestionnaireVersion.questionnaire == questionnaire, Campaign.state == CampaignState.OPEN)
    return list(running.order_by(Campaign.opened_at, Campaign.id))


def retire_questionnaire(questionnaire: Questionnaire, by: Person, now: datetime) -> None:
    """Offer a questionnaire for no new campaign, on record; refuse those that the procedure asks with by itself."""
    if needed := NEEDED.get(questionnaire.code):
        raise needed
    retirement.retire_record(questionnaire, by, now)


def restore_questionnaire(questionnaire: Questionnaire, by: Person, now: datetime) -> None:
    """Take a questionnaire back into use, on record."""
    retirement.restore_record(questionnaire, by, now)


def _find_start(starts_on: date | None, now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).date()
    if starts_on is None or starts_on == today:
        return now
    if starts_on < today:
        raise StartsTooEarly(field="starts_on")
    if starts_on > today + LONGEST_AHEAD:
        raise StartsTooLate(field="starts_on")
    return datetime.combine(starts_on, time.min, tzinfo=zone)


def _refuse_changed_draft(draft: QuestionnaireDraft) -> None:
    current = QuestionnaireDraft.get_or_none(QuestionnaireDraft.id == draft.id)
    if current is None:
        raise DraftGone
    if current.revision != draft.revision:
        raise DraftChangedMeanwhile


def _tidy_section(section: SectionContent) -> SectionContent:
    return replace(section, title=_tidy(section.title), questions=tuple(map(_tidy_question, section.questions)))


def _tidy_question(question: QuestionContent) -> QuestionContent:
    return replace(
        question,
        text=_tidy(question.text),
        help=_tidy(question.help),
        labels=tuple(map(_tidy, question.labels)),
        options=tuple(OptionContent(option.code, _tidy(option.text)) for option in question.options),
    )


def _tidy(text: Localised) -> Localised:
    return Localised({language: clean_text(text.get(language, "")) for language in LANGUAGES})
