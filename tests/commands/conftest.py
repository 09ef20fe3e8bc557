"""Commands as typed at the machine, on the test's own store."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from csat import database
from csat.commands import csat


@pytest.fixture
def run(db, config, monkeypatch) -> Callable[..., Result]:
    """Run a command, by a mail server when one is given; whatever is wrong, it ends with an exit status."""
    monkeypatch.setenv("CSAT_BASE_URL", config.base_url)

    def run(*words: object, server=None, **more) -> Result:
        if server is not None:
            monkeypatch.setenv("CSAT_SMTP_URL", server.url)
            monkeypatch.setenv("CSAT_MAIL_FROM", "survey@us.example")
        done = CliRunner().invoke(csat, [str(word) for word in words], **more)
        database.open_store(config.database, config.drafts)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return run
