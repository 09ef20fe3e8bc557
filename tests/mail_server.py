"""A real mail server on loopback that keeps what it is given, and fails where it is told to.

with a_mail_server() as server:
    …send to server.url…
    assert server.mails[0].to == "wang@client.example"
"""

from __future__ import annotations

import dataclasses
import email
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from csat.commands.mail import SendingRound
from csat.config import Config

KNOWN = ("csat", "a very long password")


@dataclass
class Arrived:
    """A mail that the server took."""

    back_to: str
    to: str
    mail: EmailMessage

    @property
    def text(self) -> str:
        return self.mail.get_body(("plain",)).get_content()

    @property
    def html(self) -> str:
        return self.mail.get_body(("html",)).get_content()


@dataclass
class Post:
    """What the server does: keeps mails, and fails as told. `fails` maps a recipient to how, '*' to all."""

    url: str = ""
    mails: list[Arrived] = field(default_factory=list)
    fails: dict[str, str] = field(default_factory=dict)
    tries: list[str] = field(default_factory=list)

    def how(self, recipient: str) -> str:
        return self.fails.get(recipient) or self.fails.get("*", "")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.tries.append(address)
        how = self.how(address)
        if how == "refuse":
            return f"550 5.1.1 <{address}> is unknown here"
        if how == "later":
            return "450 4.2.0 greylisted, come again"
        if how == "shut":
            return "421 4.3.2 too many mails at once"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        how = self.how(envelope.rcpt_tos[0])
        if how != "lost":
            mail = email.message_from_bytes(envelope.content, policy=default)
            self.mails.append(Arrived(envelope.mail_from, envelope.rcpt_tos[0], mail))
        if how in ("lost", "after"):
            server.transport.abort()
        if how == "spam":
            self.mails.pop()
            return "554 5.7.1 this looks like spam"
        return "250 taken"


class Unsteady(SMTP):
    """A server that can hang up in the middle of a mail."""

    async def smtp_DATA(self, arg: str) -> None:
        if self.event_handler.how(self.envelope.rcpt_tos[0]) == "middle":
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


PATIENCE = 180  # seconds that it may need to start on a busy machine


class OnLoopback(Controller):
    """On a port that the system chooses as it opens it: nobody can come in between."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def factory(self) -> SMTP:
        return Unsteady(self.handler, **self.SMTP_kwargs)


@contextmanager
def a_mail_server(**options: Any) -> Iterator[Post]:
    """A server on a free port."""
    post = Post()
    controller = OnLoopback(post, hostname="127.0.0.1", port=0, ready_timeout=PATIENCE, **options)
    controller.start()
    try:
        post.url = f"smtp://127.0.0.1:{controller.port}"
        yield post
    finally:
        controller.stop()


def mail_config(config: Config, server: Post) -> Config:
    """The configuration of a house that sends by this server."""
    return dataclasses.replace(config, smtp_url=server.url, mail_from="survey@us.example")


def send_due_mails(config: Config, fails: Mapping[str, str] | None = None) -> list[Arrived]:
    """Let the worker send what is due; the mails that arrived."""
    with a_mail_server() as server:
        server.fails.update(fails or {})
        SendingRound(mail_config(config, server)).send()
        return server.mails


def knows_us(server: Any, session: Any, envelope: Any, mechanism: str, told: Any) -> AuthResult:
    """Sign-in of one user."""
    good = isinstance(told, LoginPassword) and (told.login.decode(), told.password.decode()) == KNOWN
    return AuthResult(success=good, handled=False)


def a_certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on loopback shows, and what its clients must trust for that."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(certificate, key)
    return shown, ssl.create_default_context(cafile=certificate)
