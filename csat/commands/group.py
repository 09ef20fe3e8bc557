"""The group `csat` itself: exit 0 done, 1 refused with one clear line, 2 wrong usage."""

from __future__ import annotations

import sys
from typing import Any

import click
from peewee import OperationalError

from csat.config import ConfigurationWrong
from csat.database import StoreBehind
from csat.procedure.core.refusals import Refusal


class OneLineErrors(click.Group):
    """A group whose refusals are one line on stderr and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refusal, ConfigurationWrong, StoreBehind, OSError, OperationalError) as refusal:
            click.echo(" ".join(str(refusal).split()), err=True)  # one line, so that cron's mail is one line
            sys.exit(1)


@click.group(cls=OneLineErrors)
def csat() -> None:
    """Ask clients, check what they say, act on it, report each quarter."""
