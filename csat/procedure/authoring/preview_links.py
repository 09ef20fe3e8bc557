"""Links to previews: they show a form to anybody for some days, and keep nothing of who looks (Q7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import ModelSelect

from csat.database import write
from csat.models.people import Person
from csat.models.questionnaires import PreviewLink, QuestionnaireDraft, QuestionnaireVersion
from csat.procedure.authoring.previews import Preview, preview_draft, preview_version
from csat.procedure.core import audit, tokens
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import InputWrong, LinkUnknown, Refusal
from csat.words import N_

Shown = QuestionnaireDraft | QuestionnaireVersion
USUAL_DAYS = 7
MOST_DAYS = 30


class DaysOutOfRange(InputWrong):
    sentence = N_("Please choose 1 to %(most)s days.")


class PreviewOver(Refusal):
    sentence = N_("This preview is over.")


def make_preview_link(shown: Shown, days: int, by: Person, now: datetime) -> tuple[str, PreviewLink]:
    """A link that shows a draft as it then stands, or a version: its token, which is kept nowhere, and its row."""
    if not 1 <= days <= MOST_DAYS:
        raise DaysOutOfRange(field="days", most=MOST_DAYS)
    token = tokens.make_token()
    with write():
        made = PreviewLink.create(
            token_hash=tokens.hash_token(token),
            draft=shown if isinstance(shown, QuestionnaireDraft) else None,
            version=shown if isinstance(shown, QuestionnaireVersion) else None,
            made_by=by,
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        audit.record(by, "preview link made", shown.questionnaire, now, link=made.id, days=days)
    return token, made


def open_preview(token: str, now: datetime) -> tuple[PreviewLink, Preview]:
    """What a link shows; raise LinkUnknown, or PreviewOver when its time, or that of its draft, has passed."""
    link = PreviewLink.get_or_none(token_hash=tokens.hash_token(token)) if tokens.is_token(token) else None
    if link is None:
        raise LinkUnknown
    if link.expires_at <= now:
        raise PreviewOver
    if version := QuestionnaireVersion.get_or_none(id=link.version_id):
        return link, preview_version(version)
    if draft := QuestionnaireDraft.get_or_none(id=link.draft_id):
        return link, preview_draft(draft)
    raise PreviewOver  # its draft was published or discarded


def list_preview_links(shown: Shown, now: datetime) -> list[PreviewLink]:
    """The links that still show this draft or version, the newest first."""
    query = _links_of(shown).select_extend(Person).join(Person, on=PreviewLink.made_by)
    return list(query.where(PreviewLink.expires_at > now).order_by(PreviewLink.id.desc()))


def withdraw_preview_link(shown: Shown, key: int, by: Person, now: datetime) -> None:
    """End a link to this draft or version before its time; one that is over already stays as it is."""
    with write():
        link = get_or_refuse(_links_of(shown), key)
        if link.expires_at > now:
            link.expires_at = now
            link.save()
            audit.record(by, "preview link withdrawn", shown.questionnaire, now, link=link.id)


def _links_of(shown: Shown) -> ModelSelect[PreviewLink]:
    owner = PreviewLink.draft if isinstance(shown, QuestionnaireDraft) else PreviewLink.version
    return PreviewLink.select().where(owner == shown)
