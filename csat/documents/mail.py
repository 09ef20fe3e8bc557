"""Mails, written at the moment they are sent: text and HTML from QA's words, in the reader's language.

What is written here holds fresh links and addresses, and is never stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from csat.config import HOUSE, Config
from csat.documents.tongue import Tongue
from csat.models.access import Account
from csat.models.base import Localised
from csat.models.clients import Client, Incident
from csat.models.feedback import Severity
from csat.models.outbox import MailKind, Wording
from csat.procedure import digest, links, mail_wording, settings
from csat.procedure.mail_wording import BLANK, Words, fill
from csat.procedure.outbox import TO_CLIENTS, Letter
from csat.procedure.overdue import CALL_BACK
from csat.words import N_

BUTTONS: dict[MailKind, str] = {
    MailKind.ASK: N_("Open the questionnaire"),
    MailKind.REMIND: N_("Open the questionnaire"),
    MailKind.OVERDUE: N_("Open the feedback"),
    MailKind.DIGEST: N_("To my work"),
}
STEPS = {True: N_("the call-back"), False: N_("the closing")}
SOMEBODY = N_("Your service provider")
WHY_YOU = N_("You get this mail because you work with us. Whether you answer is up to you.")
NO_MORE = N_("No more surveys, please")
FROM_A_MACHINE = N_("This mail was written by the survey system; answers to it are not read.")


class NothingToSay(Exception):
    """What the mail was to tell is done meanwhile."""


@dataclass(frozen=True)
class Post:
    """Where mails come from and lead to."""

    sender: str
    base_url: str
    zone: ZoneInfo
    locale: str

    @classmethod
    def of(cls, config: Config) -> Post:
        """As the operator set it up."""
        return cls(config.mail_from, config.base_url, config.timezone, config.locale)

    def back_to(self, message_id: str) -> str:
        """The address to which a mail comes back if it cannot be delivered: it names the mail (VERP)."""
        name, _, domain = self.sender.rpartition("@")
        return f"{name}+{message_id}@{domain}"


def write(letter: Letter, post: Post, now: datetime) -> bytes:
    """The mail to a letter, as it goes over the wire.

    Raise NothingToSay, or LinkUsed and its kin where nothing can be answered any more.
    """
    kind = letter.message.kind
    tongue = Tongue(_language(letter, post), post.zone)
    values = VALUES[kind](letter, post, tongue, now)
    values |= {"name": letter.name, "provider": _provider(tongue)}
    mail = compose(
        mail_wording.words_of(wording_of(letter)), values, tongue, BUTTONS[kind], _opt_out(letter, post)
    )
    _address(mail, letter, post, tongue, now)
    return mail.as_bytes(policy=WIRE)


def wording_of(letter: Letter) -> Wording:
    """Which words a mail has."""
    kind = letter.message.kind
    if kind == MailKind.ASK:
        return Wording.INCIDENT if letter.message.invitation.incident_id else Wording.INVITATION
    return {
        MailKind.REMIND: Wording.REMINDER,
        MailKind.OVERDUE: Wording.OVERDUE,
        MailKind.DIGEST: Wording.DIGEST,
    }[kind]


def compose(
    words: Words, values: Mapping[str, str], tongue: Tongue, button: str, opt_out: str
) -> EmailMessage:
    """Words with their blanks filled, as text and as HTML; without addresses."""
    subject = " ".join(fill(words.subject.in_(tongue.language), values).split())
    body = words.body.in_(tongue.language)
    say = tongue.texts.gettext
    footer, no_more = say(WHY_YOU if opt_out else FROM_A_MACHINE), say(NO_MORE)
    html = _template().render(
        lang=tongue.html,
        subject=subject,
        paragraphs=_paragraphs(body, values, say(button)),
        link=values["link"],
        footer=footer,
        opt_out=opt_out,
        opt_out_words=no_more,
    )
    text = f"{fill(body, values)}\n\n-- \n{footer}\n" + (f"{no_more}: {opt_out}\n" if opt_out else "")
    mail, transfer = EmailMessage(), "base64" if tongue.language == "zh" else "quoted-printable"
    mail["Subject"] = subject
    mail.set_content(text, cte=transfer)
    mail.add_alternative(html, subtype="html", cte=transfer)
    mail["Content-Language"] = tongue.html
    return mail


def sample(words: Words, wording: Wording, post: Post, language: str, now: datetime) -> tuple[str, str]:
    """Subject and text of a mail with invented values: what QA sees before keeping the words."""
    tongue = Tongue(language, post.zone)
    values = {name: _sample_value(name, tongue, post, now) for name in mail_wording.OFFERED[wording]}
    subject = fill(words.subject.in_(language), values)
    return subject, fill(words.body.in_(language), values)


# --- what the blanks are filled with -----------------------------------------------------------------


def _asked(letter: Letter, post: Post, tongue: Tongue, now: datetime) -> dict[str, str]:
    asked = links.opened(letter.survey_token, now)
    return {
        "survey": tongue.text(asked.version.title),
        "client": _name(asked.client, tongue),
        "link": f"{post.base_url}/s/{letter.survey_token}",
        "closes": tongue.day(asked.last_moment.isoformat()),
        "minutes": str(asked.version.minutes),
        "promise": promised(links.promise(asked), tongue),
        "incident": _incident(asked.incident),
    }


def _overdue(letter: Letter, post: Post, tongue: Tongue, now: datetime) -> dict[str, str]:
    feedback, call_back = letter.message.feedback, letter.message.about == CALL_BACK
    due = feedback.call_back_due_at if call_back else feedback.close_due_at
    return {
        "number": feedback.number,
        "severity": tongue.term(Severity, feedback.severity),
        "department": _name(feedback.department, tongue),
        "step": tongue.texts.gettext(STEPS[call_back]),
        "due": tongue.instant(due.isoformat()),
        "link": f"{post.base_url}/feedback/{feedback.id}",
    }


def _waiting(letter: Letter, post: Post, tongue: Tongue, now: datetime) -> dict[str, str]:
    waits = digest.waits_for(letter.message.person)
    if not waits:
        raise NothingToSay
    say = tongue.texts.gettext
    lines = [f"{say(queue.label)}: {number}  {post.base_url}{queue.path}" for queue, number in waits]
    return {
        "waiting": "\n".join(lines),
        "total": str(sum(number for _, number in waits)),
        "link": f"{post.base_url}/",
    }


VALUES = {
    MailKind.ASK: _asked,
    MailKind.REMIND: _asked,
    MailKind.OVERDUE: _overdue,
    MailKind.DIGEST: _waiting,
}


def promised(sentences: list[links.Sentence], tongue: Tongue) -> str:
    """What is promised about names, as it stands above the form (Q1)."""
    said = []
    for sentence, facts in sentences:
        told = {
            name: tongue.day(fact.isoformat()) if name == "date" else fact for name, fact in facts.items()
        }
        words = tongue.texts.gettext(sentence)
        said.append(words % told if told else words)
    return tongue.gap.join(said)


def _sample_value(name: str, tongue: Tongue, post: Post, now: datetime) -> str:
    if name == "provider":
        return _provider(tongue)
    if name == "link":
        return f"{post.base_url}/…"
    if name in ("closes", "due"):
        return tongue.day(now.isoformat())
    return SAMPLES[name].get(tongue.language, "")


SAMPLES: dict[str, dict[str, str]] = {
    "name": {"zh": "王女士", "en": "Ms Wang"},
    "survey": {"zh": "公司满意度调查问卷", "en": "Company questionnaire"},
    "client": {"zh": "某客户单位", "en": "a client"},
    "minutes": {"zh": "3", "en": "3"},
    "promise": {"zh": "（关于匿名的说明）", "en": "(what is promised about names)"},
    "incident": {"zh": "INC000123 · 无法登录", "en": "INC000123 · Cannot sign in"},
    "number": {"zh": "F-0142", "en": "F-0142"},
    "severity": {"zh": "严重", "en": "Critical"},
    "department": {"zh": "网络部", "en": "Networks"},
    "step": {"zh": "回访", "en": "the call-back"},
    "total": {"zh": "5", "en": "5"},
    "waiting": {"zh": "待核对: 3\n待确认: 2", "en": "To be verified: 3\nTo be confirmed: 2"},
}


# --- inside ------------------------------------------------------------------------------------------


def _address(mail: EmailMessage, letter: Letter, post: Post, tongue: Tongue, now: datetime) -> None:
    sender, message = Address(_provider(tongue), addr_spec=post.sender), letter.message
    mail["From"] = sender
    mail["To"] = _to(letter)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.message_id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    opt_out = _opt_out(letter, post)
    if opt_out:
        mail["List-Unsubscribe"] = f"<{opt_out}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _to(letter: Letter) -> Address:
    name, domain = letter.address.rsplit("@", 1)
    return Address(" ".join(letter.name.split()), name, domain.encode("idna").decode())


def _opt_out(letter: Letter, post: Post) -> str:
    return f"{post.base_url}/mail/{letter.opt_out_token}" if letter.message.kind in TO_CLIENTS else ""


def _language(letter: Letter, post: Post) -> str:
    if letter.message.kind in TO_CLIENTS:
        return letter.message.invitation.contact.language
    account = Account.get_or_none(Account.person == letter.message.person)
    return account.locale if account else post.locale


def _provider(tongue: Tongue) -> str:
    return settings.provider().in_(tongue.language) or tongue.texts.gettext(SOMEBODY)


def _name(record: Client | None, tongue: Tongue) -> str:
    if record is None:
        return "–"
    return Localised({"zh": record.name, "en": record.name_en}).in_(tongue.language)


def _incident(incident: Incident | None) -> str:
    if incident is None:
        return ""
    return f"{incident.number} · {incident.title}" if incident.title else incident.number


def _paragraphs(body: str, values: Mapping[str, str], button: str) -> list[dict[str, str | Markup]]:
    """The body in paragraphs of HTML; the link alone on a line is a button."""
    found: list[dict[str, str | Markup]] = []
    for paragraph in re.split(r"\n\s*\n", body):
        alone = paragraph.strip() == "{link}"
        found.append({"button": button if alone else "", "html": _html(paragraph, values)})
    return found


def _html(words: str, values: Mapping[str, str]) -> Markup:
    """Words as HTML: everything escaped, the link to be clicked, lines kept."""
    html = Markup()
    for at, part in enumerate(BLANK.split(words)):  # words and blanks take turns
        if at % 2 and part == "link":
            html += Markup('<a href="{0}">{0}</a>').format(values["link"])
        else:
            html += escape(values[part] if at % 2 else part)
    return Markup("<br>").join(html.split("\n"))


@cache
def _template() -> Template:
    loader = FileSystemLoader(HOUSE / "templates" / "mail")
    room = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return room.get_template("message.html")
