"""What makes a report look as it does: every source of it is there, and enters the fingerprint."""

from __future__ import annotations

import re

import pytest

from csat.config import PROJECT_ROOT
from csat.documents.report import release


@pytest.mark.parametrize("place", release.RENDERING_SOURCES)
def test_every_source_is_there(place):
    assert (PROJECT_ROOT / place).exists()


def test_the_fingerprint_can_be_taken_and_stays():
    assert re.fullmatch("[0-9a-f]{64}", release.fingerprint_release())
    release.fingerprint_release.cache_clear()
    assert release.fingerprint_release() == release.fingerprint_release.__wrapped__()


def test_another_source_is_another_release(tmp_path, monkeypatch):
    """A changed template or rule is another release: its bytes are not held against the kept ones (R1)."""
    before = release.fingerprint_release.__wrapped__()
    source = tmp_path / "report.css"
    source.write_text("h1 { color: red }")
    monkeypatch.setattr(release, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(release, "RENDERING_SOURCES", ("report.css",))
    one = release.fingerprint_release.__wrapped__()
    source.write_text("h1 { color: blue }")
    assert len({before, one, release.fingerprint_release.__wrapped__()}) == 3
