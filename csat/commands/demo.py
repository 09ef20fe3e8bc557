"""`flask csat demo`: a fictional provider with eight quarters behind it, by the verbs of real use."""

from __future__ import annotations

import secrets
from datetime import timedelta

import click

from csat import clock
from csat.commands.group import csat
from csat.commands.opening import prepare_system
from csat.config import Config, load_config
from csat.demo.cast import Cast
from csat.demo.story import fill_store, load_content
from csat.models.people import Person
from csat.procedure.core.refusals import Refusal
from csat.words import N_

LEAST_OPEN = timedelta(days=30)  # so long the printed link is open at least, whenever the demo is made


class StoreNotEmpty(Refusal):
    sentence = N_("This store is in use. The demo wants an empty one: set CSAT_INSTANCE to a new folder.")


@csat.command()
def demo() -> None:
    """Fill an empty store with a fictional provider's eight quarters, and print its accounts."""
    config = load_config()
    prepare_system(config)
    if Person.select().exists():
        raise StoreNotEmpty
    content = load_content()
    content["visitor"]["closes"] = max(content["visitor"]["closes"], clock.now() + LEAST_OPEN)
    password = "-".join(["demo", *(secrets.token_hex(3) for _ in range(3))])
    cast = fill_store(config, content, password, lambda quarter: click.echo(f"… {quarter}", err=True))
    _print_accounts(config, cast, password, content["visitor"]["title"])


def _print_accounts(config: Config, cast: Cast, password: str, title: str) -> None:
    click.echo(f"\nAccounts (password of each: {password})")
    for user, name, roles in cast.accounts:
        click.echo(f"  {user:<14} {roles:<12} {name}")
    click.echo(f"\nSign in:            {config.base_url}/sign-in")
    click.echo(f"An open survey link {config.base_url}/s/{cast.visitors_token}")
    click.echo("Two anonymous answers of the same client wait already: with yours, QA can open them.")
    click.echo(f"The link takes one answer. For another, the manager makes one in the campaign “{title}”.\n")
