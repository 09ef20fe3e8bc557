"""Speaking SMTP: one connection for many mails, encrypted off this machine; failures differ by what to do then."""

from __future__ import annotations

import re
import select
import smtplib
import socket
import ssl
from contextlib import suppress
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

ANSWER_SECONDS = 30.0  # seconds that a server may take for one answer
OURSELVES = ("localhost", "127.0.0.1", "::1")
ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")
CLOSING_CODE = 421  # the server ends the connection


class DeliveryFailed(Exception):
    """A mail did not go. `answer` is what the server said, with addresses masked."""

    def __init__(self, answer: str | bytes = "") -> None:
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        self.answer = " ".join(ADDRESS.sub("***", text).split())[:200]
        super().__init__(self.answer)


class ServerUnreachable(DeliveryFailed):
    """Nobody answers there, or the host is unknown."""


class EncryptionMissing(ServerUnreachable):
    """The server offers no encryption, or shows no certificate that we can trust."""


class SignInRefused(ServerUnreachable):
    """The server does not know us."""


class TemporarilyRefused(DeliveryFailed):
    """This mail is not taken for now."""


class ConnectionLost(TemporarilyRefused):
    """The server ended the connection before it had the whole mail."""


class PermanentlyRefused(DeliveryFailed):
    """This mail is refused for good."""


class DeliveryUnclear(DeliveryFailed):
    """The connection broke when the server may have had the whole mail."""


class MailServer:
    """A mail server by its address, smtp://… or smtps://user:password@host:port; opened at the first mail."""

    def __init__(self, url: str, trust: ssl.SSLContext | None = None, patience: float = ANSWER_SECONDS) -> None:
        self._place: SplitResult = urlsplit(url)
        self._trust = trust or ssl.create_default_context()
        self._patience = patience
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> MailServer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take leave, as politely as the server lets us."""
        if self._line is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._line.quit()
        self._line = None

    def open(self) -> smtplib.SMTP:
        """Make sure that there is a connection; raise ServerUnreachable."""
        self._line = self._line or self._open()
        return self._line

    def send(self, content: bytes, back_to: str, to: str) -> None:
        """Give a mail to the server, which has taken it when this returns; raise DeliveryFailed otherwise."""
        known = self._line is not None  # a server may hang up between two mails: it is called once more
        try:
            self._give(content, back_to, to)
        except ConnectionLost:
            if not known:
                raise
            self._give(content, back_to, to)

    def _give(self, content: bytes, back_to: str, to: str) -> None:
        line = self.open()
        try:
            self._envelope(line, back_to, to)
            self._content(line, content)
        except (ConnectionLost, DeliveryUnclear):
            self._drop()
            raise
        except DeliveryFailed:
            self._reset()
            raise

    def _envelope(self, line: smtplib.SMTP, back_to: str, to: str) -> None:
        try:
            _judge(*line.mail(back_to))
            _judge(*line.rcpt(_ascii(to)))
            code, answer = line.docmd("data")
            _judge(code, answer, 354)
        except (smtplib.SMTPException, OSError) as error:
            raise ConnectionLost(str(error)) from error

    def _content(self, line: smtplib.SMTP, content: bytes) -> None:
        content = re.sub(rb"(?m)^\.", b"..", content)
        try:
            line.send(content if content.endswith(b"\r\n") else content + b"\r\n")
            self._refuse_hung_up(line)
        except (smtplib.SMTPException, OSError) as error:
            raise ConnectionLost(str(error)) from error  # it never saw the end of the mail
        try:
            line.send(b".\r\n")
            code, answer = line.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryUnclear(str(error)) from error
        _judge(code, answer)

    def _refuse_hung_up(self, line: smtplib.SMTP) -> None:
        """A server that says something before the end of the mail has hung up, or does not want it."""
        if line.sock is None:
            return
        waiting = select.poll()  # select() would fail where a process has more than 1,024 files open
        waiting.register(line.sock, select.POLLIN)
        if not waiting.poll(0):
            return
        line.sock.settimeout(0)
        try:
            line.sock.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):  # TLS talking to itself
            return
        finally:
            line.sock.settimeout(self._patience)
        raise smtplib.SMTPServerDisconnected("the connection was closed in the middle of the mail")

    def _reset(self) -> None:
        try:
            if self._line is not None:
                self._line.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _open(self) -> smtplib.SMTP:
        try:
            return self._greeted()
        except DeliveryFailed:
            raise
        except ssl.SSLError as error:
            raise EncryptionMissing(str(error)) from error
        except smtplib.SMTPResponseException as error:
            raise ServerUnreachable(error.smtp_error) from error
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            said = getattr(error, "strerror", None) or error
            raise ServerUnreachable(f"{self._place.hostname}: {said}") from error

    def _greeted(self) -> smtplib.SMTP:
        host = self._place.hostname or ""
        if self._place.scheme == "smtps":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._place.port or 465, timeout=self._patience, context=self._trust
            )
        else:
            line = smtplib.SMTP(host, self._place.port or 25, timeout=self._patience)
        try:
            if line.sock is not None:  # the end of a mail is a packet of its own: it waits for nothing
                line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._encrypt(line, host)
            self._sign_in(line)
        except BaseException:
            line.close()
            raise
        return line

    def _encrypt(self, line: smtplib.SMTP, host: str) -> None:
        line.ehlo_or_helo_if_needed()
        if self._place.scheme == "smtps":
            return
        if line.has_extn("starttls"):
            line.starttls(context=self._trust)
            line.ehlo()
        elif host not in OURSELVES and parse_qs(self._place.query).get("tls") != ["none"]:
            raise EncryptionMissing

    def _sign_in(self, line: smtplib.SMTP) -> None:
        if not self._place.username:
            return
        try:
            line.login(unquote(self._place.username), unquote(self._place.password or ""))
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise SignInRefused(getattr(error, "smtp_error", str(error))) from error


def _judge(code: int, answer: bytes, wanted: int = 250) -> None:
    """Raise what an answer of the server means, unless it is the one wanted."""
    if code == wanted or (wanted == 250 and 200 <= code < 300):
        return
    if code == CLOSING_CODE:
        raise ConnectionLost(answer)
    said = str(code).encode() + b" " + answer
    raise PermanentlyRefused(said) if code >= 500 else TemporarilyRefused(said)


def _ascii(address: str) -> str:
    """An address as every server understands it; raise PermanentlyRefused for one that needs more than that."""
    name, _, domain = address.rpartition("@")
    try:
        return f"{name.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise PermanentlyRefused("the address has characters that mail servers do not take") from None
