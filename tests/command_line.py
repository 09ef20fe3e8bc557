"""Commands as typed, on an instance of one's own; its store is open again afterwards, if there is one."""

from __future__ import annotations

from click.testing import CliRunner, Result

from csat import database
from csat.commands import csat
from csat.config import Config


def run(config: Config, *words: object) -> Result:
    database.close_store()
    names = {"CSAT_INSTANCE": config.instance, "CSAT_KEYS": config.keys, "CSAT_BASE_URL": config.base_url}
    done = CliRunner(env={name: str(value) for name, value in names.items()}).invoke(csat, list(map(str, words)))
    if (config.instance / "csat.sqlite").exists():
        database.open_store(config.database, config.drafts)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done
