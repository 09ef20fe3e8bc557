"""What several commands take as an argument."""

from __future__ import annotations

from datetime import datetime

import click

from csat.figures.audience import Audience, find_audience
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.people import accounts
from csat.words import N_


class UserUnknown(Refusal):
    sentence = N_("There is no open account “%(name)s”.")


class ReaderUnfit(Refusal):
    sentence = N_("“%(name)s” may not read single responses, so live figures count named answers alone for them too.")


FOR_OPTION = click.option(
    "--for",
    "user",
    metavar="USER",
    help="Count anonymous answers too, for the colleague with this account, who may read single ones; on record.",
)


def find_reading_audience(user: str | None, about: str, now: datetime) -> Audience:
    """Whose answers a command counts: named ones alone, unless it is for somebody who may read single ones."""
    if user is None:
        return find_audience(None)
    account = accounts.find_account_by_user_name(user)
    if account is None:
        raise UserUnknown(name=user)
    audience = find_audience(account.person)
    if audience.hides_anonymous:
        raise ReaderUnfit(name=user)
    audit.record(audit.name_command_user(), "live figures read for a colleague", about, now, reader=account.person_id)
    return audience


class QuarterType(click.ParamType):
    """A quarter, written 2026Q3."""

    name = "quarter"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Quarter:
        try:
            return value if isinstance(value, Quarter) else Quarter.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
