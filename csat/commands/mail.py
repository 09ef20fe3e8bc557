"""Commands about mail: send what is due, and take in what came back."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from csat import clock, database
from csat.adapters import bounces
from csat.adapters.mail import (
    DeliveryFailed,
    DeliveryUnclear,
    EncryptionMissing,
    MailServer,
    PermanentlyRefused,
    ServerUnreachable,
    SignInRefused,
    TemporarilyRefused,
)
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.config import Config, load_config
from csat.documents.mail import compose as documents
from csat.documents.mail import values
from csat.models.asking import Campaign
from csat.models.outbox import MailState, OutboxMessage, Why
from csat.procedure.core import jobs
from csat.procedure.core.refusals import Refusal
from csat.procedure.mail import cleanup, outbox
from csat.procedure.mail.invitations import NoMailSetUp
from csat.words import N_

log = logging.getLogger("csat.mail")
ROUND_SECONDS = 400.0  # seconds, less than a job may take; what is left goes with the next one


class SendingAlready(Refusal):
    sentence = N_("Mail is being sent already, by another process.")


class ServerTrouble(Refusal):
    # The answer is what the server or the network said, in brackets, or nothing.
    sentence = N_("The mail server could not be reached. The mails stay queued, and are tried again. %(answer)s")


class ServerUnsafe(ServerTrouble):
    sentence = N_("The mail server offers no safe connection. The mails stay queued, and are tried again. %(answer)s")


class ServerUnwilling(ServerTrouble):
    sentence = N_("The mail server did not accept our sign-in. The mails stay queued, and are tried again. %(answer)s")


TROUBLES: dict[type[ServerUnreachable], tuple[Why, type[ServerTrouble]]] = {
    EncryptionMissing: (Why.NO_TLS, ServerUnsafe),
    SignInRefused: (Why.NO_SIGN_IN, ServerUnwilling),
}


@csat.group()
def mail() -> None:
    """Mail to clients and colleagues."""


@mail.command()
def send() -> None:
    """Send every mail that is due."""
    config = open_system()
    done = SendingRound(config).send()
    click.echo(f"{done.gone} mails gone through, {done.held} held back, {done.waiting} wait for another try.")
    if done.unclear:
        click.echo(f"{done.unclear} are unclear: somebody has to look at them on the page “Mail”.")
    if not config.mails:
        raise NoMailSetUp
    if done.trouble:
        raise done.trouble


@mail.command("bounces")
@click.argument("places", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--remove", is_flag=True, help="Delete files of one mail, once they are taken in.")
def take_bounces(places: tuple[Path, ...], remove: bool) -> None:
    """Take in mails that came back, from PLACES (Maildir, mbox or file), or one from standard input."""
    open_system()
    counted = {"known": 0, "new": 0, "other": 0}
    for content in _read_mails(places):
        bounce = bounces.parse_bounce(content)
        if bounce is None or not bounce.for_good:
            counted["other"] += 1
        else:
            new = outbox.record_bounce(bounce.message_id, bounce.answer, clock.now())
            counted["new" if new else "known"] += 1
    if remove:
        for place in places:
            _delete_mails(place)
    click.echo(f"{counted['new']} bounces taken in, {counted['known']} were known, "
               f"{counted['other']} mails were no bounces for good.")  # fmt: skip


def _read_mails(places: tuple[Path, ...]) -> Iterator[bytes]:
    if not places:
        yield sys.stdin.buffer.read()
    for place in places:
        yield from bounces.read_mails(place)


def _delete_mails(place: Path) -> None:
    kept = [file for part in ("new", "cur") for file in (place / part).glob("*")]
    for file in kept if place.is_dir() else [place]:
        file.unlink()


RESULT_NAMES = {
    MailState.DONE: "gone",
    MailState.HELD: "held",
    MailState.FAIL: "refused",
    MailState.WAIT: "waiting",
    MailState.TORN: "unclear",
}


@dataclass
class SendingResult:
    """What a round of sending came to. Who had answered meanwhile counts as gone through."""

    gone: int = 0
    held: int = 0
    refused: int = 0
    waiting: int = 0
    unclear: int = 0
    trouble: ServerTrouble | None = None

    def count_mail(self, state: MailState) -> None:
        name = RESULT_NAMES[state]
        setattr(self, name, getattr(self, name) + 1)

    @property
    def all(self) -> int:
        return self.gone + self.held + self.refused + self.unclear


@dataclass
class SendingRound:
    """One round of sending: by one process only, over one connection."""

    config: Config
    patience: float = ROUND_SECONDS
    done: SendingResult = field(default_factory=SendingResult)
    retried: set[Campaign] = field(default_factory=set)

    def send(self, progress: jobs.JobProgress | None = None) -> SendingResult:
        """Send what is due; raise SendingAlready while another process does."""
        with database.only_one("mail") as ours:
            if not ours:
                raise SendingAlready
            self.done.unclear += outbox.settle_orphaned_mails(clock.now())
            if self.config.mails:
                self._send_all(progress)
                for campaign in self.retried:
                    cleanup.shuffle_links(campaign)
            else:
                self.done.held += outbox.hold_due_mails(Why.NO_MAIL, clock.now())
        return self.done

    def _send_all(self, progress: jobs.JobProgress | None) -> None:
        until, total = time.monotonic() + self.patience, outbox.select_due_mails(clock.now()).count()
        with MailServer(self.config.smtp_url) as server:
            while time.monotonic() < until and not self.done.trouble:
                message = outbox.claim_next_mail(clock.now())
                if message is None:
                    return
                if self._is_there(server, message):
                    self._send_one(message, server)
                if progress is not None:
                    progress.reached(self.done.all, max(total, self.done.all))

    def _is_there(self, server: MailServer, message: OutboxMessage) -> bool:
        """Whether the server can be had: looked at before anybody knows whether a reminder is needed."""
        try:
            server.open()
        except ServerUnreachable as trouble:
            why, told = TROUBLES.get(type(trouble), (Why.NO_SERVER, ServerTrouble))
            outbox.delay_due_mails(message, why, trouble.answer, clock.now())
            self.done.count_mail(MailState.WAIT)
            self.done.trouble = told(answer=f"({trouble.answer})" if trouble.answer else "")
            return False
        return True

    def _send_one(self, message: OutboxMessage, server: MailServer) -> None:
        if message.attempts > 1 and outbox.is_secret_reminder(message):
            self.retried.add(message.invitation.campaign)
        try:
            prepared = outbox.prepare_mail(message, clock.now())
        except Refusal:  # by whom it was asked, or where the invitation stands, has changed
            prepared = Why.ENDED
        if isinstance(prepared, Why):
            return self._settle(message, MailState.HELD, prepared)
        if outbox.is_mail_needless(message):
            return self._settle(message, MailState.DONE)
        post = values.MailOrigin.of(self.config)
        content = self._write_mail(prepared, post)
        if content is None:
            return
        try:
            server.send(content, post.back_to(message.message_id), prepared.address)
        except DeliveryFailed as trouble:
            self._settle_undelivered(prepared, trouble)
        else:
            self._settle(message, MailState.DONE)

    def _write_mail(self, prepared: outbox.PreparedMail, post: values.MailOrigin) -> bytes | None:
        """The mail, or None where it ended without being sent."""
        message = prepared.message
        try:
            return documents.write_mail(prepared, post, clock.now())
        except values.NothingToSay:
            self._settle(message, MailState.HELD, Why.NOTHING)
        except Refusal:  # answered in this very moment
            self._settle(message, MailState.DONE)
        except Exception as error:  # one mail that cannot be written must not stop the others
            log.error("mail %s could not be written: %s", message.id, type(error).__name__)
            self._settle(message, MailState.FAIL, Why.BROKEN)
        return None

    def _settle(self, message: OutboxMessage, state: MailState, why: Why | None = None, answer: str = "") -> None:
        outbox.settle_mail(message, state, clock.now(), why, answer)
        self.done.count_mail(state)

    def _settle_undelivered(self, prepared: outbox.PreparedMail, trouble: DeliveryFailed) -> None:
        if isinstance(trouble, TemporarilyRefused | ServerUnreachable):
            outbox.retry_later(prepared, Why.LATER, trouble.answer, clock.now())
            self.done.count_mail(MailState.WAIT)
        elif isinstance(trouble, DeliveryUnclear):
            self._settle(prepared.message, MailState.TORN, Why.CUT_OFF)
        elif isinstance(trouble, PermanentlyRefused):
            self._settle(prepared.message, MailState.FAIL, Why.REFUSED, trouble.answer)


@jobs.register_job("send_mail")
def send_as_job(arguments: Mapping[str, object], progress: jobs.JobProgress) -> dict[str, object]:
    """Send what is due, as a job. The outcome holds numbers that say nothing of who has answered."""
    try:
        done = SendingRound(load_config()).send(progress)
    except SendingAlready:  # whoever sends now sends these too
        return {"busy": True}
    if done.trouble:
        raise done.trouble
    return {name: getattr(done, name) for name in RESULT_NAMES.values()}
