"""`flask csat demo`: a fictional provider with eight quarters behind it, by the verbs of real use."""

from __future__ import annotations

import secrets
import tomllib
from datetime import timedelta

import click

from csat import clock
from csat.adapters import passwords
from csat.commands.group import csat
from csat.commands.opening import prepare_system
from csat.config import Config, load_config
from csat.demo.cast import Cast, create_cast
from csat.demo.feedback import WholeStory
from csat.models.base import Json
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.questionnaires import questionnaires
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
    content = tomllib.loads((questionnaires.CONTENT_FILES / "demo.toml").read_text("utf-8"))
    content["visitor"]["closes"] = max(content["visitor"]["closes"], clock.now() + LEAST_OPEN)
    password = "-".join(["demo", *(secrets.token_hex(3) for _ in range(3))])
    cast, token = fill_store(config, content, password)
    _print(config, cast, password, token, content["visitor"]["title"])


def fill_store(config: Config, content: Json, password: str) -> tuple[Cast, str]:
    """Tell the story into an empty store; return its cast and the token of the open link."""
    known = passwords.hashed(password)
    begins = Quarter.parse(content["first_quarter"]).start(config.timezone)
    with clock.freeze_at(begins):
        cast = create_cast(content, known, begins)
    story = WholeStory(cast, content, config)
    story.tell(lambda quarter: click.echo(f"… {quarter}", err=True))
    return cast, story.visitors_token


def _print(config: Config, cast: Cast, password: str, token: str, title: str) -> None:
    click.echo(f"\nAccounts (password of each: {password})")
    for user, name, roles in cast.accounts:
        click.echo(f"  {user:<14} {roles:<12} {name}")
    click.echo(f"\nSign in:            {config.base_url}/sign-in")
    click.echo(f"An open survey link {config.base_url}/s/{token}")
    click.echo("Two anonymous answers of the same client wait already: with yours, QA can open them.")
    click.echo(f"The link takes one answer. For another, the manager makes one in the campaign “{title}”.\n")
