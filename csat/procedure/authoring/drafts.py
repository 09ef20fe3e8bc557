"""Drafts: the next version of a questionnaire in work, one at a time; the published one stays as it is (Q7)."""

from __future__ import annotations

import re
from datetime import datetime

from csat.database import write
from csat.models.base import Json
from csat.models.people import Person
from csat.models.questionnaires import PreviewLink, Questionnaire, QuestionnaireDraft, QuestionnaireVersion
from csat.procedure.core import audit
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import (
    FormContent,
    SectionContent,
    copy_content,
    drop_idle_parts,
    read_content,
    read_version,
    write_content,
)
from csat.words import N_

CODE_PATTERN = re.compile(r"[a-z][a-z0-9_]{1,39}")


class CodeMalformed(InputWrong):
    sentence = N_("Please write a code of 2 to 40 small letters, digits and _, beginning with a letter.")


class CodeTaken(InputWrong):
    sentence = N_("There is a questionnaire with this code already. Please choose another code.")


class DraftChanged(Refusal):
    sentence = N_("Somebody else changed this draft meanwhile. Nothing of theirs was overwritten.")


def start_draft(code: str, by: Person, now: datetime) -> QuestionnaireDraft:
    """The draft of a questionnaire's next version: the one in work, or a new one out of its newest version."""
    form = questionnaires.get_questionnaire(code)
    with write():
        if known := QuestionnaireDraft.get_or_none(questionnaire=form):
            return known
        newest = questionnaires.get_newest_version(code)
        return _create_draft(form, read_version(newest), by, now, based_on=newest)


def start_questionnaire(code: str, source: FormContent | None, by: Person, now: datetime) -> QuestionnaireDraft:
    """The draft of a questionnaire that is new: blank, or beginning as a copy of another form."""
    if not CODE_PATTERN.fullmatch(code):
        raise CodeMalformed(field="code")
    with write():
        if Questionnaire.get_or_none(Questionnaire.code == code):
            raise CodeTaken(field="code")
        form = Questionnaire.create(code=code)
        blank = FormContent(code, sections=(SectionContent(),))
        return _create_draft(form, blank if source is None else copy_content(source, code), by, now)


def get_draft(code: str) -> QuestionnaireDraft:
    """The draft of a questionnaire; raise NotFound where nobody works on one."""
    query = QuestionnaireDraft.select(QuestionnaireDraft, Questionnaire).join(Questionnaire)
    return found_or_refuse(query.where(Questionnaire.code == code).first())


def read_draft(draft: QuestionnaireDraft) -> FormContent:
    """The form as far as the draft has it: as it would be published, shown or printed."""
    return drop_idle_parts(read_content(draft.content))


def save_draft(draft: QuestionnaireDraft, content: FormContent, by: Person, now: datetime) -> QuestionnaireDraft:
    """Keep what a draft has become; raise DraftChanged if it is not any more as it was when it was read."""
    with write():
        kept: Json = {
            "content": {**draft.content, **write_content(content, 0, keys=True)},  # with what is kept beside the form
            "reason": draft.reason,
            "starts_on": draft.starts_on,
        }
        changed = QuestionnaireDraft.update(**kept, revision=draft.revision + 1, saved_by=by, saved_at=now)
        same = (QuestionnaireDraft.id == draft.id) & (QuestionnaireDraft.revision == draft.revision)
        if not changed.where(same).execute():
            raise DraftChanged
    return QuestionnaireDraft.get_by_id(draft.id)


def discard_draft(draft: QuestionnaireDraft, by: Person, now: datetime) -> None:
    """Give a draft up, on record; a questionnaire that was never published goes with it."""
    with write():
        audit.record(by, "draft discarded", draft.questionnaire, now, code=draft.questionnaire.code)
        delete_draft(draft)
        if not draft.questionnaire.versions.exists():
            draft.questionnaire.delete_instance()


def delete_draft(draft: QuestionnaireDraft) -> None:
    """Take a draft away, in the caller's transaction; the links that showed it say that the preview is over."""
    PreviewLink.update(draft=None).where(PreviewLink.draft == draft).execute()
    draft.delete_instance()


def _create_draft(
    form: Questionnaire, content: FormContent, by: Person, now: datetime, based_on: QuestionnaireVersion | None = None
) -> QuestionnaireDraft:
    audit.record(by, "draft begun", form, now, code=form.code)
    return QuestionnaireDraft.create(
        questionnaire=form,
        based_on=based_on,
        content=write_content(content, 0, keys=True),
        made_by=by,
        made_at=now,
        saved_by=by,
        saved_at=now,
    )
