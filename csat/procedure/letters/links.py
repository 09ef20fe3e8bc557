"""Links to sent letters (P13): made, opened, withdrawn. The store keeps of each token only its SHA-256.

That a page was fetched does not say that somebody read it: mail servers open links. Hence the button on
the page, which only a person presses; both are kept apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.database import write
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterLink
from csat.models.outbox import MailKind, OutboxMessage
from csat.models.people import Person
from csat.procedure.core import settings, tokens
from csat.procedure.core.refusals import LinkExpired, LinkUnknown, LinkWithdrawn
from csat.procedure.mail.outbox import LINK_MAKERS, LinkMaker


def make_link(letter: Letter, contact: Contact | None, by: Person | None, now: datetime, mailed: bool = True) -> str:
    """One more link to a letter, open for some days (setting); its token."""
    token = tokens.make_token()
    hashed = tokens.hash_token(token)  # only this is kept: who reads the store opens no letter
    until = now + timedelta(days=settings.get_whole_number("letter_days"))
    with write():
        LetterLink.create(
            token_hash=hashed, letter=letter, contact=contact, mailed=mailed, by=by, made_at=now, expires_at=until
        )
    return token


def _link_for_mail(message: OutboxMessage, now: datetime) -> str:
    return make_link(message.letter, message.contact, message.by, now)


def delete_link(token: str) -> None:
    """Forget a link whose mail did not go."""
    LetterLink.delete().where(LetterLink.token_hash == tokens.hash_token(token)).execute()  # the next try makes its own


def get_link(token: str) -> LetterLink:
    """A link with its letter; raise LinkUnknown."""
    query = LetterLink.select(LetterLink, Letter).join(Letter)
    link = query.where(LetterLink.token_hash == tokens.hash_token(token)).first() if tokens.is_token(token) else None
    if link is None:
        raise LinkUnknown
    return link


def open_link(token: str, now: datetime) -> LetterLink:
    """The link of a letter that may be shown; raise LinkUnknown, LinkWithdrawn or LinkExpired."""
    link = get_link(token)
    if link.withdrawn_at is not None:
        raise LinkWithdrawn
    if now >= link.expires_at:
        raise LinkExpired
    return link


def record_page_view(link: LetterLink, now: datetime) -> None:
    """Put down that the letter's page was fetched."""
    first = LetterLink.first_opened_at.is_null()  # asked in the update itself: two may fetch it at once
    with write():
        LetterLink.update(first_opened_at=now).where(LetterLink.id == link.id, first).execute()
        LetterLink.update(openings=LetterLink.openings + 1).where(LetterLink.id == link.id).execute()


def record_download(link: LetterLink) -> None:
    """Put down that the PDF was fetched."""
    with write():
        LetterLink.update(downloads=LetterLink.downloads + 1).where(LetterLink.id == link.id).execute()


def record_reading(token: str, now: datetime) -> LetterLink:
    """Somebody says that they have read the letter; said again, it stays as it was."""
    with write():
        link = open_link(token, now)
        if link.read_at is None:  # when they first said so
            link.read_at = now
            link.save()
    return link


def list_links(letter: Letter) -> list[LetterLink]:
    """All links of a letter, the newest first."""
    return list(LetterLink.select().where(LetterLink.letter == letter).order_by(LetterLink.id.desc()))


LINK_MAKERS[MailKind.LETTER] = LinkMaker(_link_for_mail, delete_link)
