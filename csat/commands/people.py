"""Commands about persons and their accounts; the first administrator."""

from __future__ import annotations

import click

from csat import clock
from csat.commands.arguments import UserUnknown
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.config import Config
from csat.database import write
from csat.models.access import Account
from csat.models.oversight import NoticeKind
from csat.models.people import Department
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.refusals import Refusal
from csat.procedure.people import accounts, factors, notices, persons, welcome_links
from csat.procedure.people.factors import NoFactor
from csat.words import N_

ROLE_CHOICE = click.Choice([role.value for role in Role])  # of the members themselves it would want their names


class DepartmentUnknown(Refusal):
    sentence = N_("There is no department “%(name)s”.")


def invite_first_administrator(config: Config) -> None:
    """Print a link for the first administrator, as long as no administrator has set a password."""
    now, by = clock.now(), audit.name_command_user()
    with write():
        administrators = accounts.list_administrators()
        if any(account.password_hash for account in administrators):
            return
        account = administrators[0] if administrators else _new_administrator(config)
        token = welcome_links.make_welcome_link(account, by, now)
    link = build_welcome_link(config, token)
    click.echo(f"The first administrator ({account.user_name}) sets a password here: {link}")


def build_welcome_link(config: Config, token: str) -> str:
    """The address of a welcome link; it never comes from a request."""
    return f"{config.base_url}/welcome/{token}"


def _new_administrator(config: Config) -> Account:
    now, by = clock.now(), audit.name_command_user()
    taken = {account.user_name for account in Account.select(Account.user_name)}
    names = ["admin", *(f"admin{number}" for number in range(2, len(taken) + 3))]
    person = persons.add_person("Administrator", "", "", by, now)
    account = accounts.open_account(person, next(name for name in names if name not in taken), config.locale, by, now)
    accounts.grant_role(person, Role.ADMIN, by, now)
    return account


@csat.group()
def person() -> None:
    """Persons with accounts."""


@person.command("add")
@click.option("--name", required=True, help="the person's name")
@click.option("--user", required=True, help="the user name of the account")
@click.option("--role", "roles", multiple=True, type=ROLE_CHOICE, help="can be given several times")
@click.option("--department", help="the name of a department the person belongs to")
@click.option("--email", default="")
@click.option("--language", type=click.Choice(["zh", "en"]), help="of the pages; the operator's if not given")
def add_person(
    name: str, user: str, roles: tuple[str, ...], department: str | None, email: str, language: str | None
) -> None:
    """Add a person with an account and print the one-time link that sets the password."""
    config, now, by = open_system(), clock.now(), audit.name_command_user()
    with write():
        place = _department(department) if department else None
        someone = persons.add_person(name, email, "", by, now, place, config.timezone)
        account = accounts.open_account(someone, user, language or config.locale, by, now)
        for role in roles:
            accounts.grant_role(someone, Role(role), by, now)
        token = welcome_links.make_welcome_link(account, by, now)
    click.echo(build_welcome_link(config, token))


@person.command("link")
@click.argument("user")
def print_welcome_link(user: str) -> None:
    """Print a new one-time link for USER; older ones die."""
    config, now, by = open_system(), clock.now(), audit.name_command_user()
    with write():
        account = _find_account(user)
        token = welcome_links.make_welcome_link(account, by, now)
        notices.tell_owner_and_directors(account, NoticeKind.LINK_DISPLAYED, by, now)
    click.echo(build_welcome_link(config, token))


@person.command("grant")
@click.argument("user")
@click.argument("role", type=ROLE_CHOICE)
def grant_role(user: str, role: str) -> None:
    """Give USER a ROLE without a second person, on record: for the day when there is none."""
    open_system()
    accounts.grant_role(_find_account(user).person, Role(role), audit.name_command_user(), clock.now())
    click.echo(f"{user} has the role {role}, and is told so.")


@person.command("remove-factor")
@click.argument("user")
def remove_factor(user: str) -> None:
    """Take away the second factor of USER, whose telephone and recovery codes are lost, on record."""
    open_system()
    account, by, now = _find_account(user), audit.name_command_user(), clock.now()
    if factors.find_factor(account) is None:
        raise NoFactor
    factors.remove_factor(account, by, now)
    click.echo(f"{user} signs in by the password alone, and is told so.")


def _find_account(user: str) -> Account:
    account = accounts.find_account_by_user_name(user)
    if account is None:
        raise UserUnknown(name=user)
    return account


def _department(name: str) -> Department:
    found = Department.get_or_none((Department.name == name) | (Department.name_en == name))
    if found is None:
        raise DepartmentUnknown(name=name)
    return found
