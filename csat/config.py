"""Every setting from the environment: its default, its check, and one clear line when it is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("zh", "en")
HOST_PATTERN = re.compile(r"[A-Za-z0-9-]*[A-Za-z-][A-Za-z0-9.-]*|\d+(\.\d+){3}|\[[0-9A-Fa-f:.]+\]")


class ConfigurationWrong(Exception):
    """A setting that cannot be used; its text is the one line the operator reads."""


@dataclass(frozen=True)
class Config:
    """What the operator decides: folders, addresses, zone, language, mail, proxies."""

    instance: Path
    keys: Path
    database: str
    files: Path
    base_url: str
    host: str
    port: int
    workers: int
    timezone: ZoneInfo
    locale: str
    smtp_url: str
    mail_from: str
    trusted_proxies: int

    @property
    def drafts(self) -> str:
        """The store of half-filled forms, which no back-up takes."""
        return f"sqlite:///{self.instance / 'drafts.sqlite'}"

    @property
    def mails(self) -> bool:
        """Whether mail is set up: a server to give it to, and an address it comes from."""
        return bool(self.smtp_url and self.mail_from)

    @property
    def secure(self) -> bool:
        """Whether people reach us by https, so that cookies may demand it."""
        return self.base_url.startswith("https://")


def load_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings named CSAT_…; raise ConfigurationWrong with one line for the first that is wrong."""
    instance = _folder(environ, "CSAT_INSTANCE", PROJECT_ROOT / "instance")
    host, port = _listen(environ.get("CSAT_LISTEN", "127.0.0.1:8000"))
    return Config(
        instance=instance,
        keys=_folder(environ, "CSAT_KEYS", instance / "keys"),
        database=_database(environ.get("CSAT_DATABASE", f"sqlite:///{instance / 'csat.sqlite'}")),
        files=_folder(environ, "CSAT_FILES", instance / "files"),
        base_url=_base_url(environ.get("CSAT_BASE_URL", f"http://{host}:{port}")),
        host=host,
        port=port,
        workers=_number(environ, "CSAT_WORKERS", default=2, least=1, most=64),
        timezone=_zone(environ.get("CSAT_TIMEZONE", "Asia/Shanghai")),
        locale=_one_of(environ, "CSAT_LOCALE", LOCALES),
        smtp_url=_smtp_url(environ.get("CSAT_SMTP_URL", "")),
        mail_from=_mail_from(environ.get("CSAT_MAIL_FROM", "")),
        trusted_proxies=_number(environ, "CSAT_TRUSTED_PROXIES", default=0, least=0, most=9),
    )


def _folder(environ: Mapping[str, str], name: str, default: Path) -> Path:
    path = Path(environ.get(name) or default)
    if not path.is_absolute():
        raise ConfigurationWrong(f"{name} must be an absolute path, not {str(path)!r}.")
    return path


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ConfigurationWrong(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _one_of(environ: Mapping[str, str], name: str, values: tuple[str, ...]) -> str:
    text = environ.get(name) or values[0]
    if text not in values:
        raise ConfigurationWrong(f"{name} must be one of {', '.join(values)}, not {text!r}.")
    return text


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not HOST_PATTERN.fullmatch(host) or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigurationWrong(f"CSAT_LISTEN must look like 127.0.0.1:8000, not {text!r}.")
    return host, int(port)


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ConfigurationWrong(f"CSAT_BASE_URL must look like https://survey.example.org, not {text!r}.")
    return text.rstrip("/")


def _database(text: str) -> str:
    if urlsplit(text).scheme not in ("sqlite", "postgresql", "psycopg3"):
        raise ConfigurationWrong("CSAT_DATABASE must start with sqlite:/// , postgresql:// or psycopg3:// .")
    return text


def _smtp_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port or 25) < 65536
    except ValueError:
        usable = False
    if text and not usable:  # the text itself is not repeated: it may hold a password
        raise ConfigurationWrong(
            "CSAT_SMTP_URL must look like smtp://mail.example.org or smtps://user:word@mail.example.org:465 ."
        )
    return text


def _mail_from(text: str) -> str:
    if text and not re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", text):
        raise ConfigurationWrong(f"CSAT_MAIL_FROM must be an e-mail address, not {text!r}.")
    return text


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationWrong(f"CSAT_TIMEZONE names no time zone: {text!r}.") from error
