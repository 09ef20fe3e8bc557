"""The way back, which only tests go: the store as the release before a migration left it."""

from __future__ import annotations

from playhouse.migrate import SqliteMigrator, migrate
from playhouse.migrations import Runner

from csat import database


def undo(migration: str, *columns: tuple[str, str]) -> None:
    """Take away columns, and the migration from those that have run."""
    store = database.store
    for table, column in columns:
        for name in (table, table.replace("_", "")):
            store.execute_sql(f"DROP INDEX IF EXISTS {name}_{column}")
    if database.is_sqlite():
        migrator = SqliteMigrator(store.obj)
        store.execute_sql("PRAGMA foreign_keys = 0")
        migrate(*(migrator.drop_column(table, column) for table, column in columns))
        store.execute_sql("PRAGMA foreign_keys = 1")
    else:
        for table, column in columns:
            store.execute_sql(f'ALTER TABLE {table} DROP COLUMN "{column}"')  # left is a word of SQL
    history = Runner(store.obj, str(database.MIGRATIONS)).History
    history.delete().where(history.name.startswith(migration)).execute()
