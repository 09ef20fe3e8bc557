"""Stores and applications for the stories. Each test has a fresh store, copied from one made per worker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from peewee import Model
from playhouse.migrations import Runner

from csat import clock, create_app, database
from csat.adapters import files, keys, pdf
from csat.commands.opening import prepare_system
from csat.config import Config, load_config
from csat.models.clients import Client
from csat.models.drafts import Draft
from csat.procedure.core import audit
from csat.web.app import build_flask_settings
from tests.builders import NOW, a_client
from tests.cast import Cast, a_cast
from tests.mail_server import Post, a_mail_server
from tests.page import Page
from tests.postgres import copy_of, private_postgres

IN_MEMORY = Path("/dev/shm")
ROOM_NEEDED = 2 * 1024**3
KEPT_STORE = "READY_STORE"  # a folder that `make mutants` names, so that its thousand runs share one ready store

# A story takes as long as it takes, however busy the machine is; what held yesterday is what is tried today.
# --hypothesis-profile=search tries something else each time, as the drills do.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.register_profile("suite", PATIENT, derandomize=True)
settings.register_profile("search", PATIENT)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffle", metavar="SEED", help="run the files, and the tests of each, in a random order")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing of a real installation reaches the tests; stores lie in memory, where no disk is waited for."""
    for name in [name for name in os.environ if name.startswith("CSAT_")]:
        del os.environ[name]
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free > ROOM_NEEDED:
        # On a faked clock the folders of other runs look long dead, and pytest would sweep them: keep apart.
        place = IN_MEMORY / "another-time" if "FAKETIME" in os.environ else IN_MEMORY
        place.mkdir(exist_ok=True)
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Every worker draws the same order from the seed; a file stays together, for what its tests share."""
    seed = config.getoption("--shuffle")
    if seed is None:
        return
    dice, files = Random(seed), {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = list(files.values())
    for tests in [order, *order]:
        dice.shuffle(tests)
    items[:] = [item for tests in order for item in tests]


def config_in(folder: Path, **more: str) -> Config:
    """A configuration whose folders all lie in one place; all histories carry the same seal."""
    config = load_config({"CSAT_INSTANCE": str(folder), "CSAT_BASE_URL": "http://localhost", **more})
    files.write_once(config.keys / "audit_key", b"the seal of the tests")
    return config


def open_store(config: Config) -> None:
    """Open a store as commands do: bound, and with the seal of its history."""
    database.open_store(config.database, config.drafts)
    audit.set_seal_key(keys.load_audit_key(config.keys))
    clock.set_zone(config.timezone)


def open_copy(ready_store: Path, folder: Path) -> Config:
    """Open a copy of the ready store in a folder that is not there yet."""
    shutil.copytree(ready_store, folder)
    config = config_in(folder)
    open_store(config)
    return config


def migrate_again(number: str, *tables: type[Model]) -> None:
    """Take back the migration of this number, with the tables that it made, and apply it once more."""
    database.store.drop_tables(tables)
    runner = Runner(database.store.obj, str(database.MIGRATIONS))
    runner.History.delete().where(runner.History.name.startswith(number)).execute()
    assert [name[:4] for name in database.migrate_store()] == [number]


@pytest.fixture(scope="session")
def ready_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store with what ships, made once per worker."""
    kept = os.environ.get(KEPT_STORE)
    folder = Path(kept) if kept else tmp_path_factory.mktemp("ready")
    if any(folder.iterdir()):
        return folder
    with clock.freeze_at(NOW):
        prepare_system(config_in(folder))
    database.scrub()
    database.close_store()
    return folder


@pytest.fixture
def config(ready_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The configuration of a fresh copy of the ready store."""
    shutil.copytree(ready_store, tmp_path / "instance")
    monkeypatch.setenv("CSAT_INSTANCE", str(tmp_path / "instance"))  # where works read their configuration
    return config_in(tmp_path / "instance")


@pytest.fixture
def db(config: Config) -> Iterator[None]:
    """An open store at a standing clock."""
    open_store(config)
    with clock.freeze_at(NOW):
        yield
    database.close_store()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL per worker: copies of a migrated database with what ships, by name."""
    with private_postgres() as url:
        ready, folder = url("ready"), tmp_path_factory.mktemp("ready_postgres")
        with clock.freeze_at(NOW):
            prepare_system(config_in(folder, CSAT_DATABASE=ready))
        database.close_store()
        yield lambda name: copy_of(ready, name)


@pytest.fixture(params=["sqlite", "postgres"])
def engine_db(request: pytest.FixtureRequest) -> Iterator[None]:
    """An open store at a standing clock, once on each engine: for stories about storage and figures."""
    if request.param == "sqlite":
        request.getfixturevalue("db")
        yield
        return
    folder = request.getfixturevalue("tmp_path")
    url = request.getfixturevalue("postgres")("story")
    config = config_in(folder, CSAT_DATABASE=url)
    open_store(config)
    database.drafts.create_tables([Draft])  # half-filled forms lie in a file of their own, with either engine
    with clock.freeze_at(NOW):
        yield
    database.close_store()


@pytest.fixture(scope="session")
def built(ready_store: Path) -> Flask:
    """An application made once per worker: its addresses and templates cost more than most stories."""
    application = create_app(config_in(ready_store))
    database.close_store()
    return application


@pytest.fixture
def app(built: Flask, config: Config) -> Iterator[Flask]:
    """The application on a fresh store at a standing clock, set as it would set itself."""
    settled = dict(built.config)
    built.config.update(build_flask_settings(config), CSAT=config)
    open_store(config)
    with clock.freeze_at(NOW):
        yield built
    database.close_store()
    built.config.clear()
    built.config.update(settled)


@pytest.fixture
def page(app) -> Page:
    """A browser that asks for English, and checks each page it fetches."""
    return Page(app, "en")


@pytest.fixture
def server() -> Iterator[Post]:
    """A mail server that keeps what it is given."""
    with a_mail_server() as server:
        yield server


@pytest.fixture(scope="session")
def rendered() -> dict[tuple[object, ...], object]:
    """What a worker has rendered for `rendered_once`, by all that went into it."""
    return {}


@pytest.fixture
def rendered_once(rendered: dict[tuple[object, ...], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the same page be rendered once per worker: for stories of what becomes of a PDF, not of itself.

    Equal input gives equal bytes: tests/documents holds that promise, and renders anew each time.
    """

    def once(render: Callable[..., object]) -> Callable[..., object]:
        def remembered(*given: object) -> object:
            known = (render.__name__, *given)
            if known not in rendered:
                rendered[known] = render(*given)
            return rendered[known]

        return remembered

    for render in (pdf.render_pdf, pdf.count_pages):
        monkeypatch.setattr(pdf, render.__name__, once(render))


@pytest.fixture
def zone() -> ZoneInfo:
    """The provider's time zone."""
    return ZoneInfo("Asia/Shanghai")


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> Cast:
    """The staff, in the store that the story has: an application's, one on each engine, or a plain one."""
    stores = ("app", "engine_db", "db")
    request.getfixturevalue(next((name for name in stores if name in request.fixturenames), "db"))
    return a_cast()


@pytest.fixture
def client(cast: Cast) -> Client:
    """A client in the manager's care."""
    return a_client(manager=cast.manager)
