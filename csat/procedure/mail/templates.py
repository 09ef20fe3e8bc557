"""The words of the mails: those that ship, those that QA put in their place, and the blanks in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from csat.config import LOCALES
from csat.content import load_content
from csat.database import write
from csat.models.base import Localised
from csat.models.outbox import MailWording, Wording
from csat.models.people import Person
from csat.procedure.core import audit
from csat.procedure.core.bilingual import name_field, refuse_long_text
from csat.procedure.core.refusals import InputWrong, ValueMissing
from csat.words import N_

PLACEHOLDER_PATTERN = re.compile(r"\{([^{}]*)\}")
MAX_SUBJECT_LENGTH, MAX_BODY_LENGTH = 150, 4000


class PlaceholderUnknown(InputWrong):
    sentence = N_("{%(blank)s} is none of the blanks of this mail. Please take one from the list.")


class PlaceholderMissing(InputWrong):
    sentence = N_("{%(blank)s} must stand in this mail.")


class BraceUnmatched(InputWrong):
    sentence = N_("A brace { or } stands alone here. Please use braces for blanks only.")


@dataclass(frozen=True)
class MailTemplate:
    """The subject and body of a mail in both languages; whether they are the ones that ship."""

    subject: Localised
    body: Localised
    shipped: bool


PLACEHOLDERS: dict[str, str] = {  # what each blank is filled with, in the words of the page where QA edits
    "name": N_("the reader's name"),
    "provider": N_("our name"),
    "survey": N_("the questionnaire's title"),
    "client": N_("the client's name"),
    "link": N_("the link, as a button where it stands alone on a line"),
    "closes": N_("the last day to answer"),
    "minutes": N_("how many minutes it takes"),
    "promise": N_("what is promised about names, made from the facts"),
    "incident": N_("the incident's number and title"),
    "matter": N_("what was closed: its type, its number, and the day it was taken down"),
    "number": N_("the feedback's number"),
    "severity": N_("how severe it is"),
    "department": N_("the department"),
    "due": N_("when it is or was due"),
    "step": N_("what is overdue"),
    "turn": N_("who acts next, and what is to be done"),
    "total": N_("how much waits"),
    "waiting": N_("what waits, a line for each"),
    "report": N_("the report's number"),
    "changes": N_("what a new version of the report changes"),
    "quarter": N_("the quarter"),
    "manager": N_("the project manager who sends it"),
    "reach": N_("the project manager's name, telephone and e-mail; ours where none is known"),
    "outcome": N_("what became of it"),
    "until": N_("the last day on which the link opens"),
    "user_name": N_("the user name of the account"),
    "asker": N_("who asked for the link"),
    "event": N_("what happened to the account, and when"),
}
_SURVEY_PLACEHOLDERS = ("name", "provider", "survey", "client", "link", "closes", "minutes", "promise")
_SURVEY_NEEDS = ("link", "promise")  # nobody is asked without reading what is promised about names (Q1)
OFFERED_PLACEHOLDERS: dict[Wording, tuple[str, ...]] = {
    Wording.INVITATION: _SURVEY_PLACEHOLDERS,
    Wording.INCIDENT: (*_SURVEY_PLACEHOLDERS, "incident"),
    Wording.CHECK: (*_SURVEY_PLACEHOLDERS, "matter", "reach"),
    Wording.REMINDER: _SURVEY_PLACEHOLDERS,
    Wording.OVERDUE: ("name", "provider", "number", "severity", "department", "due", "step", "link"),
    Wording.TURN: ("name", "provider", "number", "severity", "department", "due", "turn", "link"),
    Wording.DIGEST: ("name", "provider", "total", "waiting", "link"),
    Wording.REPORT: ("name", "provider", "quarter", "report", "changes", "link"),
    Wording.TEST: ("name", "provider", "link"),
    Wording.LETTER: ("name", "provider", "client", "quarter", "manager", "reach", "until", "link"),
    Wording.CLOSED: ("name", "provider", "number", "outcome", "link"),
    Wording.PASSWORD: ("name", "provider", "user_name", "asker", "until", "link"),
    Wording.ACCOUNT: ("name", "provider", "event", "link"),
}
REQUIRED_PLACEHOLDERS: dict[Wording, tuple[str, ...]] = {
    Wording.INVITATION: _SURVEY_NEEDS,
    Wording.INCIDENT: _SURVEY_NEEDS,
    Wording.CHECK: (*_SURVEY_NEEDS, "matter"),
    Wording.REMINDER: _SURVEY_NEEDS,
    Wording.OVERDUE: ("number", "link"),
    Wording.TURN: ("number", "link"),
    Wording.DIGEST: ("waiting", "link"),
    Wording.REPORT: ("report", "link"),
    Wording.LETTER: ("link",),
    Wording.TEST: ("link",),
    Wording.CLOSED: ("number", "link"),
    Wording.PASSWORD: ("link",),
    Wording.ACCOUNT: ("event", "link"),
}
BODY_ONLY_PLACEHOLDERS = ("link", "promise", "waiting")


def find_template(wording: Wording) -> MailTemplate:
    """The words in force."""
    row = MailWording.get_or_none(MailWording.wording == wording)
    return load_shipped_template(wording) if row is None else MailTemplate(row.subject, row.body, shipped=False)


@cache
def load_shipped_template(wording: Wording) -> MailTemplate:
    """The words that ship."""
    content = load_content("mail")[wording.value]
    body = {locale: words.strip() for locale, words in content["body"].items()}
    return MailTemplate(Localised(content["subject"]), Localised(body), shipped=True)


def change_template(
    wording: Wording, subject: Mapping[str, str], body: Mapping[str, str], by: Person, now: datetime
) -> None:
    """Put other words in the place of those in force; raise at the field of a blank that cannot be filled."""
    kept = check_template(wording, subject, body)
    with write():
        before = find_template(wording)
        if (before.subject, before.body) == (kept.subject, kept.body):
            return
        MailWording.delete().where(MailWording.wording == wording).execute()
        MailWording.create(wording=wording, subject=kept.subject, body=kept.body, changed_by=by, changed_at=now)
        audit.record(by, "mail wording changed", f"mail wording:{wording.value}", now)


def restore_template(wording: Wording, by: Person, now: datetime) -> None:
    """Go back to the words that ship."""
    with write():
        if MailWording.delete().where(MailWording.wording == wording).execute():
            audit.record(by, "mail wording restored", f"mail wording:{wording.value}", now)


def check_template(wording: Wording, subject: Mapping[str, str], body: Mapping[str, str]) -> MailTemplate:
    """The words as they would be kept; raise at the field that cannot be."""
    subjects = {locale: " ".join(subject.get(locale, "").split()) for locale in LOCALES}
    bodies = {locale: body.get(locale, "").replace("\r\n", "\n").strip() for locale in LOCALES}
    in_subject = [blank for blank in OFFERED_PLACEHOLDERS[wording] if blank not in BODY_ONLY_PLACEHOLDERS]
    offered, needed = OFFERED_PLACEHOLDERS[wording], REQUIRED_PLACEHOLDERS[wording]
    for locale in LOCALES:
        _check_text(name_field("subject", locale), subjects[locale], in_subject, (), MAX_SUBJECT_LENGTH)
        _check_text(name_field("body", locale), bodies[locale], offered, needed, MAX_BODY_LENGTH)
    return MailTemplate(Localised(subjects), Localised(bodies), shipped=False)


def fill_placeholders(words: str, values: Mapping[str, str]) -> str:
    """Fill in the blanks. Values are put in as they are: a brace in a name is no blank."""
    return PLACEHOLDER_PATTERN.sub(lambda blank: values[blank[1]], words)


def _check_text(field: str, words: str, offered: Sequence[str], needed: Sequence[str], most: int) -> None:
    if not words:
        raise ValueMissing(field=field)
    refuse_long_text(field, words, most)
    found = PLACEHOLDER_PATTERN.findall(words)
    for blank in found:
        if blank not in offered:
            raise PlaceholderUnknown(field=field, blank=blank[:40])
    if set("{}") & set(PLACEHOLDER_PATTERN.sub("", words)):
        raise BraceUnmatched(field=field)
    for blank in needed:
        if blank not in found:
            raise PlaceholderMissing(field=field, blank=blank)
