"""Questionnaires: loading what ships, finding the version in force (§4, P14)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from peewee import ModelSelect

from csat.content import load_content
from csat.database import write
from csat.models.base import Localised, canonical
from csat.models.questionnaires import Kind, Question, Questionnaire, QuestionnaireVersion, VersionState
from csat.procedure.core import audit
from csat.procedure.core.guards import found_or_refuse, get_or_refuse
from csat.procedure.core.refusals import Refusal
from csat.words import N_

INCIDENT_CODE, COMPANY_CODE, CHECK_CODE = "incident", "company", "check"  # what the procedure asks by itself
SHIPPED_CODES = (INCIDENT_CODE, COMPANY_CODE, "security", "service", CHECK_CODE)
EMPTY_TEXT = {"zh": "", "en": ""}
SOLVED = "solved"  # the code of the first question of the check after closing, a yes or no (P4)
HANDLING = "handling"  # the code of its second question, a rating
NO = 0


class CodeChanged(Refusal):
    sentence = N_("Question “%(code)s” had another kind or dimension before. A code keeps both for ever.")


def load_shipped_questionnaires(by: audit.Actor, now: datetime) -> None:
    """Publish the questionnaires that ship (§4); what is loaded already, or was changed by people, stays as it is."""
    for code in SHIPPED_CODES:
        if not _published(code).where(QuestionnaireVersion.published_by.is_null(False)).exists():
            publish_version(load_content(f"questionnaires/{code}"), by, now)


def publish_version(content: Mapping[str, Any], by: audit.Actor, now: datetime) -> QuestionnaireVersion:
    """Publish a form as the next version of its questionnaire, unless the very same was published already."""
    with write():
        form, _ = Questionnaire.get_or_create(code=content["code"])
        known = form.versions.where(QuestionnaireVersion.content_hash == _hash_content(content)).first()
        return known or add_version(form, content, by, now, in_force_at=now)


def add_version(
    form: Questionnaire,
    content: Mapping[str, Any],
    by: audit.Actor,
    now: datetime,
    in_force_at: datetime,
    reason: str = "",
) -> QuestionnaireVersion:
    """Add a published version; whether it may be published is the caller's to know."""
    with write():
        version = QuestionnaireVersion.create(
            questionnaire=form,
            number=form.versions.count() + 1,
            state=VersionState.PUBLISHED,
            title=content["title"],
            intro=content["intro"],
            minutes=content["minutes"],
            content_hash=_hash_content(content),
            published_at=now,
            in_force_at=in_force_at,
            reason=reason,
            published_by=None if isinstance(by, str) else by,  # commands and the first start are nobody's
        )
        Question.insert_many(_question_rows(version, content)).execute()
        _refuse_changed_codes(form)  # what is refused takes the version with it: one transaction
        audit.record(by, "questionnaire published", version, now, code=form.code, number=version.number)
    return version


def get_questionnaire(code: str) -> Questionnaire:
    """The questionnaire with this code, published or not yet; raise NotFound."""
    return found_or_refuse(Questionnaire.get_or_none(Questionnaire.code == code))


def get_version_in_force(code: str, now: datetime) -> QuestionnaireVersion:
    """The version that new campaigns use now: of those whose day has come, the newest; raise NotFound if none."""
    return found_or_refuse(find_version_in_force(code, now))


def find_version_in_force(code: str, now: datetime) -> QuestionnaireVersion | None:
    """The same, None if none: a version published for a later day gives way to one published after it."""
    return _published(code).where(QuestionnaireVersion.in_force_at <= now).first()


def get_newest_version(code: str) -> QuestionnaireVersion:
    """The newest published version of a questionnaire, in force or not yet; raise NotFound."""
    return found_or_refuse(_published(code).first())


def list_offered_versions(now: datetime) -> list[QuestionnaireVersion]:
    """The version in force of each questionnaire in use that people choose (the check after feedback is none)."""
    offered = list_versions_in_force(now)
    return [one for one in offered if one.questionnaire.retired_at is None and one.questionnaire.code != CHECK_CODE]


def list_versions_in_force(now: datetime) -> list[QuestionnaireVersion]:
    """The version in force of each questionnaire, also of those out of use; each read with its questionnaire."""
    by_form = groupby(list_versions(), lambda version: version.questionnaire_id)
    return [version for _, own in by_form if (version := pick_version_in_force(own, now)) is not None]


def pick_version_in_force(newest_first: Iterable[QuestionnaireVersion], now: datetime) -> QuestionnaireVersion | None:
    """The same of versions that were read already."""
    begun = (one for one in newest_first if one.in_force_at is not None and one.in_force_at <= now)
    return next((one for one in begun if one.state == VersionState.PUBLISHED), None)


def list_versions() -> list[QuestionnaireVersion]:
    """All versions of all questionnaires, the newest of each first; each read with its questionnaire."""
    query = QuestionnaireVersion.select(QuestionnaireVersion, Questionnaire).join(Questionnaire)
    return list(query.order_by(Questionnaire.id, QuestionnaireVersion.number.desc()))


def get_version(key: int) -> QuestionnaireVersion:
    """The version with this key; raise NotFound."""
    return get_or_refuse(QuestionnaireVersion, key)


def questions_of(version: QuestionnaireVersion) -> list[Question]:
    """The questions of a version in their order."""
    return list(Question.select().where(Question.version == version).order_by(Question.position))


def sections_of(version: QuestionnaireVersion) -> list[tuple[Localised, list[Question]]]:
    """The questions of a version under their section titles, in order."""
    return [(title, list(group)) for title, group in groupby(questions_of(version), lambda question: question.section)]


def _published(code: str) -> ModelSelect[QuestionnaireVersion]:
    published = QuestionnaireVersion.state == VersionState.PUBLISHED
    query = QuestionnaireVersion.select().join(Questionnaire).where(Questionnaire.code == code, published)
    return query.order_by(QuestionnaireVersion.number.desc())


def _hash_content(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _question_rows(version: QuestionnaireVersion, content: Mapping[str, Any]) -> list[dict[str, object]]:
    questions = [(section["title"], question) for section in content["section"] for question in section["question"]]
    return [
        {
            "version": version,
            "position": position,
            "section": title,
            "code": question["code"],
            "kind": Kind(question["kind"]),
            "dimension": question.get("dimension"),
            "text": question["text"],
            "help": question.get("help", EMPTY_TEXT),
            "required": question["required"],
            "offers_na": question["na"],
            "labels": question.get("labels"),
            "options": question.get("options"),
        }
        for position, (title, question) in enumerate(questions, 1)
    ]


def _refuse_changed_codes(form: Questionnaire) -> None:
    seen: dict[str, tuple[object, object]] = {}
    questions = Question.select().join(QuestionnaireVersion).where(QuestionnaireVersion.questionnaire == form)
    for question in questions:
        nature = (question.kind, question.dimension)
        if seen.setdefault(question.code, nature) != nature:
            raise CodeChanged(code=question.code)
