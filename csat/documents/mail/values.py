"""What stands in the blanks of mails: made from the facts as a mail is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from csat.config import Config
from csat.content import load_content
from csat.documents.locale_format import LocaleFormat
from csat.documents.reach import format_provider, format_reach
from csat.models.clients import Incident
from csat.models.feedback import Feedback, Severity
from csat.models.outbox import MailKind, Wording
from csat.models.oversight import AccountNotice, NoticeKind
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.campaigns import links
from csat.procedure.campaigns.promise import Sentence, build_promise
from csat.procedure.clients.manager_reach import find_client_reach, find_reach
from csat.procedure.feedback import following, turn_notices
from csat.procedure.feedback.due import CALL_BACK, find_owed_due
from csat.procedure.letters import links as letter_links
from csat.procedure.mail import account_mails, templates
from csat.procedure.mail.outbox import PreparedMail
from csat.procedure.mail.templates import MailTemplate, fill_placeholders
from csat.procedure.people import welcome_links
from csat.procedure.worklists import worklists
from csat.procedure.worklists.worklists import Worklist
from csat.words import N_

STEPS = {True: N_("the call-back"), False: N_("the closing")}
MAX_NAMED = 20  # feedback named under one heading of the digest; the page behind its link lists them all
FIRST_VERSION = N_("the first version")
SYSTEM = N_("the system or its operator")


class NothingToSay(Exception):
    """What the mail was to tell is done meanwhile."""


@dataclass(frozen=True)
class MailOrigin:
    """Where mails come from and lead to."""

    sender: str
    base_url: str
    zone: ZoneInfo
    locale: str  # of readers whose own language is not known

    @classmethod
    def of(cls, config: Config) -> MailOrigin:
        """As the operator set it up."""
        return cls(config.mail_from, config.base_url, config.timezone, config.locale)

    def back_to(self, message_id: str) -> str:
        """The address to which a mail comes back if it cannot be delivered: it names the mail (VERP)."""
        name, _, domain = self.sender.rpartition("@")
        return f"{name}+{message_id}@{domain}"


def preview_mail(
    words: MailTemplate, wording: Wording, post: MailOrigin, language: str, now: datetime
) -> tuple[str, str]:
    """Subject and text of a mail with invented values: what QA sees before keeping the words."""
    tongue = LocaleFormat(language, post.zone)
    values = {name: _sample_value(name, tongue, post, now) for name in templates.OFFERED_PLACEHOLDERS[wording]}
    subject = fill_placeholders(words.subject.in_(language), values)
    return subject, fill_placeholders(words.body.in_(language), values)


def _build_survey_values(letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime) -> dict[str, str]:
    asked = links.open_link(letter.survey_token, now)
    return {
        "survey": tongue.text(asked.campaign.version.title),
        "client": tongue.name(asked.client) or "–",
        "link": f"{post.base_url}/s/{letter.survey_token}",
        "closes": tongue.day(asked.campaign.last_moment.isoformat()),
        "minutes": str(asked.campaign.version.minutes),
        "promise": format_promise(build_promise(asked), tongue),
        "incident": _describe_incident(asked.invitation.incident),
        "matter": _describe_matter(asked.matter, tongue),
        "reach": format_reach(find_client_reach(asked.client, now.astimezone(post.zone).date()), tongue),
    }


def _build_overdue_values(
    letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime
) -> dict[str, str]:
    feedback, call_back = letter.message.feedback, letter.message.about == CALL_BACK
    due = feedback.call_back_due_at if call_back else feedback.close_due_at
    return {
        "number": feedback.number,
        "severity": tongue.term(Severity, feedback.severity),
        "department": tongue.name(feedback.department) or "–",
        "step": tongue.texts.gettext(STEPS[call_back]),
        "due": tongue.instant(due.isoformat()),
        "link": f"{post.base_url}/feedback/{feedback.id}",
    }


def _build_turn_values(letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime) -> dict[str, str]:
    feedback = letter.message.feedback
    turn, owed = turn_notices.find_turn_of(letter.message.person, feedback, now), find_owed_due(feedback)
    if turn is None or owed is None:  # somebody acted between queueing and sending
        raise NothingToSay
    say = tongue.texts.gettext
    return {
        "number": feedback.number,
        "severity": tongue.term(Severity, feedback.severity),
        "department": tongue.name(feedback.department) or "–",
        "turn": f"{say(turn.who)}{tongue.gap or ' '}{say(turn.what)}",
        "due": _describe_due(owed, tongue),
        "link": f"{post.base_url}/feedback/{feedback.id}",
    }


def _build_digest_values(letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime) -> dict[str, str]:
    person = letter.message.person
    waits = worklists.list_waiting(person, now, post.zone)
    presses = worklists.list_pressing(person, now, post.zone)
    if not waits and not presses:  # all was done between queueing and sending
        raise NothingToSay
    lines: list[str] = []
    named: set[int] = set()  # what is overdue and one's turn too is named once
    for work, number in [*presses, *waits]:
        lines += _tell_work(work, number, person, post, tongue, now)
        matters = list(work.matters(person, now, post.zone)) if work.matters else []
        fresh = [one for one in matters if one.id not in named][:MAX_NAMED]
        named |= {one.id for one in fresh}
        lines += [_describe_feedback(one, post, tongue) for one in fresh]
    return {
        "waiting": "\n".join(lines),
        "total": str(sum(number for _, number in waits or presses)),
        "link": f"{post.base_url}/",
    }


def _tell_work(
    work: Worklist, number: int, person: Person, post: MailOrigin, tongue: LocaleFormat, now: datetime
) -> list[str]:
    """A place where work waits: how much, or what in its own sentences; each with the place's address."""
    say = tongue.texts.gettext
    if work.tell is None:
        return [f"{say(work.label)}{say(': ')}{number}  {post.base_url}{work.path}"]
    told = [say(sentence) % facts for sentence, facts in work.tell(person, now, post.zone)]
    return [f"{sentence}  {post.base_url}{work.path}" for sentence in told]


def _describe_feedback(feedback: Feedback, post: MailOrigin, tongue: LocaleFormat) -> str:
    """A feedback in a line: number, severity, due date, link; no words of a client, no personal detail (I2)."""
    owed = find_owed_due(feedback)
    due = f" · {_describe_due(owed, tongue)}" if owed else ""
    severity = tongue.term(Severity, feedback.severity)
    return f"    {feedback.number} · {severity}{due}  {post.base_url}/feedback/{feedback.id}"


def _describe_due(owed: tuple[str, datetime], tongue: LocaleFormat) -> str:
    step = tongue.texts.gettext(STEPS[owed[0] == CALL_BACK])
    return f"{step}{tongue.gap or ' '}{tongue.instant(owed[1].isoformat())}"


def _build_letter_values(letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime) -> dict[str, str]:
    told = letter.message.letter
    # The last day on which it opens: a link that ends at midnight does not open on the day after.
    last = letter_links.get_link(letter.link_token).expires_at - timedelta(microseconds=1)
    return {
        "client": tongue.name(told.client) or "–",
        "quarter": tongue.quarter(told.quarter),
        "manager": told.sent_by.name if told.sent_by else "",
        "reach": format_reach(find_reach(told.sent_by), tongue),
        "until": tongue.day(last.isoformat()),
        "link": f"{post.base_url}/letter/{letter.link_token}",
    }


def _build_report_values(letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime) -> dict[str, str]:
    report = letter.message.report
    return {
        "report": report.number,
        "quarter": tongue.quarter(report.quarter),
        "changes": report.changes or tongue.texts.gettext(FIRST_VERSION),
        "link": f"{post.base_url}/reports/{report.id}",
    }


def _build_closed_values(letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime) -> dict[str, str]:
    entered = letter.message.feedback
    return {
        "number": entered.number,
        "outcome": tongue.texts.gettext(following.describe_states([entered])[entered.id]),
        "link": f"{post.base_url}/feedback/entered",
    }


def _build_password_values(
    letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime
) -> dict[str, str]:
    link = welcome_links.find_welcome_link(letter.link_token, now)
    return {
        "user_name": link.account.user_name,
        "asker": link.made_by.name if link.made_by else tongue.texts.gettext(SYSTEM),
        "until": tongue.instant(link.expires_at.isoformat()),
        "link": f"{post.base_url}/welcome/{letter.link_token}",
    }


def _build_account_values(
    letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime
) -> dict[str, str]:
    notice = account_mails.find_notice(letter.message)
    said = f"{tongue.instant(notice.at.isoformat())}{tongue.texts.gettext(': ')}{describe_notice(notice, tongue)}"
    return {"event": said, "link": f"{post.base_url}/account"}


def describe_notice(notice: AccountNotice, tongue: LocaleFormat) -> str:
    """What a notice tells, in a sentence."""
    facts = {
        "person": notice.person.name,
        "role": tongue.term(Role, notice.role) if notice.role else "",
        "by": notice.by.name if notice.by else tongue.texts.gettext(SYSTEM),
    }
    return tongue.term(NoticeKind, notice.kind) % facts


VALUE_BUILDERS: dict[MailKind, Callable[[PreparedMail, MailOrigin, LocaleFormat, datetime], dict[str, str]]] = {
    MailKind.ASK: _build_survey_values,
    MailKind.REMIND: _build_survey_values,
    MailKind.OVERDUE: _build_overdue_values,
    MailKind.TURN: _build_turn_values,
    MailKind.DIGEST: _build_digest_values,
    MailKind.REPORT: _build_report_values,
    MailKind.LETTER: _build_letter_values,
    MailKind.TEST: lambda letter, post, tongue, now: {"link": f"{post.base_url}/admin/survey-mails"},
    MailKind.CLOSED: _build_closed_values,
    MailKind.PASSWORD: _build_password_values,
    MailKind.ACCOUNT: _build_account_values,
}


def format_promise(sentences: list[Sentence], tongue: LocaleFormat) -> str:
    """What is promised about names, as it stands above the form (Q1)."""
    said = []
    for sentence, facts in sentences:
        told = {name: tongue.day(fact.isoformat()) if name == "date" else fact for name, fact in facts.items()}
        words = tongue.texts.gettext(sentence)
        said.append(words % told if told else words)
    return tongue.gap.join(said)


def _sample_value(name: str, tongue: LocaleFormat, post: MailOrigin, now: datetime) -> str:
    if name == "provider":
        return format_provider(tongue)
    if name == "link":
        return f"{post.base_url}/…"
    if name in ("closes", "due", "until"):
        return tongue.day(now.isoformat())
    samples: dict[str, dict[str, str]] = load_content("mail")["samples"]
    return samples[name][tongue.language]


def _describe_matter(matter: Feedback | None, tongue: LocaleFormat) -> str:
    """What was closed, in words that are nobody's: type, number, and the day it was taken down."""
    if matter is None:
        return ""
    # Nothing of its title: who gets the mail may not be who said it.
    return " · ".join([tongue.text(matter.issue_type.name), matter.number, tongue.day(matter.created_at.isoformat())])


def _describe_incident(incident: Incident | None) -> str:
    return " · ".join(filter(None, [incident.number, incident.title])) if incident else ""
