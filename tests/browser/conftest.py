"""A real browser, before a server in a thread of the test or, where the worker matters, one as in production.

The walks alternate: who comes next speaks the other language or has the other size of window.
"""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from csat import database
from csat.commands.opening import prepare_system
from csat.config import PROJECT_ROOT, Config, load_config
from tests.mail_server import Post, a_mail_server, mail_config
from tests.ports import a_free_port

AXE = PROJECT_ROOT / ".venv/axe/node_modules/axe-core/axe.min.js"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# Of what a sticky bar half covers, as far as one has scrolled just then, axe would find the rest too small.
LAY_BARS_DOWN = """() => {
  window.bars = [...document.querySelectorAll("body *")].filter(one => getComputedStyle(one).position === "sticky")
  window.bars.forEach(one => { one.style.position = "static" })
}"""
LIFT_BARS = "() => window.bars.forEach(one => { one.style.position = '' })"
PATIENCE = 180  # seconds that a server may need to start, or a page to come, on a busy machine
expect.set_options(timeout=PATIENCE * 1000)


@dataclass
class House:
    """A running installation: its address, its configuration, and the application where it runs beside the test."""

    url: str
    config: Config
    app: Flask | None = None

    @contextmanager
    def store(self) -> Iterator[None]:
        """Open its store for a while; beside the test it is open all the time."""
        if self.app is not None:
            yield
            return
        database.open_store(self.config.database, self.config.drafts)
        yield
        database.close_store()


@pytest.fixture
def post(app: Flask) -> Iterator[Post]:
    """A mail server that the house is set up with; asked for before the house."""
    with a_mail_server() as server:
        app.config["CSAT"] = mail_config(app.config["CSAT"], server)
        yield server


@pytest.fixture
def house(app: Flask) -> Iterator[House]:
    """A house beside the test, at a standing clock that the test moves: no start of its own, no worker."""
    server = make_server("127.0.0.1", 0, app, request_handler=Silent)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield House(f"http://127.0.0.1:{server.port}", app.config["CSAT"], app)
    server.shutdown()
    serving.join()
    server.server_close()


class Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_request(self, *about: object) -> None:
        pass


@pytest.fixture
def served_house(tmp_path: Path) -> Iterator[House]:
    """An installation of its own, served as in production, worker and all."""
    listen = f"127.0.0.1:{a_free_port()}"
    environ = {"CSAT_INSTANCE": str(tmp_path / "instance"), "CSAT_LISTEN": listen, "CSAT_WORKERS": "1"}
    config = load_config(environ)
    prepare_system(config)
    log = (tmp_path / "serve.log").open("wb")
    serving = subprocess.Popen(
        [str(Path(sys.executable).with_name("flask")), "csat", "serve"],
        env={**os.environ, **environ},
        stdout=log,
        stderr=log,
        cwd=tmp_path,
    )
    try:
        _wait_for(f"http://{listen}/healthz", serving, tmp_path / "serve.log")
        yield House(f"http://{listen}", config)
    finally:
        serving.terminate()
        serving.wait(120)
        log.close()
        database.close_store()


def _wait_for(address: str, serving: subprocess.Popen[bytes], log: Path) -> None:
    until = monotonic() + PATIENCE
    while monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            assert serving.poll() is None, log.read_text()
            sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium-headless-shell", args=FLAGS)
        yield chromium
        chromium.close()


@cache
def read_axe() -> str:
    """axe itself: the policy of our pages lets no script tag bring it in."""
    return AXE.read_text("utf-8")


def assert_accessible(page: Page) -> None:
    """axe finds no violation of WCAG 2.2 A and AA on the page, and nothing makes it scroll sideways."""
    page.evaluate(read_axe())
    page.evaluate(LAY_BARS_DOWN)
    found = page.evaluate(f"async () => (await axe.run({{runOnly: {RULES}}})).violations")
    page.evaluate(LIFT_BARS)
    told = [(v["id"], [node["html"][:160] for node in v["nodes"]][:3]) for v in found]
    assert not told, f"{page.url}: {told}"
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sideways <= 0, f"{page.url} scrolls sideways by {sideways} px"
