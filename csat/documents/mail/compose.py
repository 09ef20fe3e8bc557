"""Mails, written at the moment they are sent: text and HTML from QA's words, in the reader's language.

What is written here holds fresh links and addresses, and is never stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime

from markupsafe import Markup, escape

from csat.documents.locale_format import LocaleFormat
from csat.documents.mail.values import VALUE_BUILDERS, MailOrigin
from csat.documents.reach import format_provider
from csat.documents.rendering import render_template
from csat.models.access import Account
from csat.models.asking import Occasion
from csat.models.base import expect_value
from csat.models.outbox import MailKind, Wording
from csat.procedure.mail import templates
from csat.procedure.mail.outbox import SURVEY_MAIL_KINDS, PreparedMail
from csat.procedure.mail.templates import PLACEHOLDER_PATTERN, MailTemplate, fill_placeholders
from csat.words import N_

BUTTONS: dict[MailKind, str] = {
    MailKind.ASK: N_("Open the questionnaire"),
    MailKind.REMIND: N_("Open the questionnaire"),
    MailKind.OVERDUE: N_("Open the feedback"),
    MailKind.TURN: N_("Open the feedback"),
    MailKind.DIGEST: N_("To my work"),
    MailKind.REPORT: N_("Open the report"),
    MailKind.LETTER: N_("Open the letter"),
    MailKind.TEST: N_("To the survey mails"),
    MailKind.CLOSED: N_("Open what I entered"),
    MailKind.PASSWORD: N_("Set my password"),
    MailKind.ACCOUNT: N_("To my account"),
}
WORDINGS = {
    MailKind.REMIND: Wording.REMINDER,
    MailKind.OVERDUE: Wording.OVERDUE,
    MailKind.TURN: Wording.TURN,
    MailKind.DIGEST: Wording.DIGEST,
    MailKind.REPORT: Wording.REPORT,
    MailKind.LETTER: Wording.LETTER,
    MailKind.TEST: Wording.TEST,
    MailKind.CLOSED: Wording.CLOSED,
    MailKind.PASSWORD: Wording.PASSWORD,
    MailKind.ACCOUNT: Wording.ACCOUNT,
}
WHY_YOU = N_("You get this mail because you work with us. Whether you answer is up to you.")
NO_MORE = N_("No more surveys, please")
FROM_A_MACHINE = N_("This mail was written by the survey system; answers to it are not read.")


def write_mail(letter: PreparedMail, post: MailOrigin, now: datetime) -> bytes:
    """The mail to a letter, as it goes over the wire; raise NothingToSay, or LinkUsed and its kin."""
    tongue = LocaleFormat(_find_language(letter, post), post.zone)
    values = VALUE_BUILDERS[letter.message.kind](letter, post, tongue, now)
    values |= {"name": letter.name, "provider": format_provider(tongue)}
    words, opt_out = templates.find_template(choose_wording(letter)), _build_opt_out(letter, post)
    mail = compose_mail(words, values, tongue, BUTTONS[letter.message.kind], opt_out)
    _address_mail(mail, letter, post, tongue, now)
    return mail.as_bytes(policy=WIRE)


def choose_wording(letter: PreparedMail) -> Wording:
    """Which words a mail has."""
    if letter.message.kind != MailKind.ASK:
        return WORDINGS[letter.message.kind]
    invitation = letter.message.invitation
    if invitation.campaign.occasion == Occasion.CHECK:
        return Wording.CHECK
    return Wording.INCIDENT if invitation.incident_id else Wording.INVITATION


def compose_mail(
    words: MailTemplate, values: Mapping[str, str], tongue: LocaleFormat, button: str, opt_out: str
) -> EmailMessage:
    """Words with their blanks filled, as text and as HTML; without addresses."""
    # A line break in a value would begin a header of its own.
    subject = " ".join(fill_placeholders(words.subject.in_(tongue.language), values).split())
    body = words.body.in_(tongue.language)
    say = tongue.texts.gettext
    footer, no_more = say(WHY_YOU if opt_out else FROM_A_MACHINE), say(NO_MORE)
    paragraphs = _list_paragraphs(body, values, say(button))
    shown = {"subject": subject, "footer": footer, "opt_out": opt_out, "opt_out_words": no_more, "link": values["link"]}
    html = render_template("mail/message.html", tongue.language, lang=tongue.html, paragraphs=paragraphs, **shown)
    text = f"{fill_placeholders(body, values)}\n\n-- \n{footer}\n" + (f"{no_more}: {opt_out}\n" if opt_out else "")
    mail, transfer = EmailMessage(), "base64" if tongue.language == "zh" else "quoted-printable"
    mail["Subject"] = subject
    mail.set_content(text, cte=transfer)
    mail.add_alternative(html, subtype="html", cte=transfer)
    mail["Content-Language"] = tongue.html
    return mail


def _address_mail(
    mail: EmailMessage, letter: PreparedMail, post: MailOrigin, tongue: LocaleFormat, now: datetime
) -> None:
    sender, message = Address(format_provider(tongue), addr_spec=post.sender), letter.message
    name, domain = letter.address.rsplit("@", 1)
    mail["From"] = sender
    mail["To"] = Address(" ".join(letter.name.split()), name, domain.encode("idna").decode())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.message_id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # so that no holiday notice answers it (RFC 3834)
    if opt_out := _build_opt_out(letter, post):
        mail["List-Unsubscribe"] = f"<{opt_out}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058


def _build_opt_out(letter: PreparedMail, post: MailOrigin) -> str:
    return f"{post.base_url}/mail/{letter.opt_out_token}" if letter.message.kind in SURVEY_MAIL_KINDS else ""


def _find_language(letter: PreparedMail, post: MailOrigin) -> str:
    if letter.message.kind in SURVEY_MAIL_KINDS:
        return expect_value(letter.message.invitation.contact).language
    if letter.message.kind == MailKind.LETTER:
        return letter.message.contact.language
    account = Account.get_or_none(Account.person == letter.message.person)
    return account.locale if account else post.locale  # not everybody has an account


def _list_paragraphs(body: str, values: Mapping[str, str], button: str) -> list[dict[str, str | Markup]]:
    """The body in paragraphs of HTML; the link alone on a line is a button."""
    return [
        {"button": button if paragraph.strip() == "{link}" else "", "html": _render_html(paragraph, values)}
        for paragraph in re.split(r"\n\s*\n", body)
    ]


def _render_html(words: str, values: Mapping[str, str]) -> Markup:
    """Words as HTML: everything escaped, the link to be clicked, lines kept."""
    html = Markup()
    for at, part in enumerate(PLACEHOLDER_PATTERN.split(words)):  # words and blanks take turns
        if at % 2 and part == "link":
            html += Markup('<a href="{0}">{0}</a>').format(values["link"])
        else:
            html += escape(values[part] if at % 2 else part)
    return Markup("<br>").join(html.split("\n"))
