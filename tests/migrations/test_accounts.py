"""What 0018 adds to accounts: who is signed in stays so, roles and links are kept, nobody has a second factor yet."""

from __future__ import annotations

from csat import database
from csat.models.access import Account, RecoveryCode, RoleGrant, SecondFactor, Session, WelcomeLink
from csat.models.oversight import AccountNotice, AccountRequest, RoleConfirmation
from csat.models.roles import Role
from csat.procedure.people import sessions, welcome_links
from tests.builders import NOW, a_person, an_account
from tests.migrations.back import undo

TABLES = (RoleConfirmation, AccountNotice, AccountRequest, RecoveryCode, SecondFactor)
COLUMNS = (
    ("account", "previous_sign_in_at"),
    ("role_grant", "second_id"),
    ("session", "proved_at"),
    ("session", "address"),
    ("session", "browser"),
    ("welcome_link", "made_by_id"),
    ("welcome_link", "displayed"),
)


def test_who_is_signed_in_stays_so_and_links_and_roles_are_kept(engine_db):
    account = an_account(a_person("李工", Role.QA))
    token = sessions.begin_session(account, NOW)
    link = welcome_links.make_welcome_link(account, None, NOW)
    database.store.drop_tables(TABLES)
    undo("0018", *COLUMNS)
    database.migrate_store()
    session = sessions.find_session(token, NOW)
    assert session.proved_at == session.made_at == NOW and session.address == session.browser == ""
    assert welcome_links.get_welcomed_account(link, NOW) == account and WelcomeLink.get().displayed
    assert RoleGrant.get().second is None and Account.get().last_sign_in_at == NOW
    assert not any(table.select().exists() for table in TABLES) and Session.select().count() == 1
