"""The store's files: what was opened for a store is closed once another one is bound."""

from __future__ import annotations

import os
import shutil

from csat.database import write
from tests.conftest import config_in, open_store


def count_open_locks() -> int:
    """How many lock files this process holds open."""
    places = [f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")]
    return sum(".write.lock" in os.readlink(place) for place in places if os.path.islink(place))


def test_another_store_leaves_no_lock_file_of_the_first_open(db, config, tmp_path):
    with write():
        before = count_open_locks()
    for name in ("second", "third"):
        shutil.copytree(config.instance, tmp_path / name)
        open_store(config_in(tmp_path / name))
        with write():
            assert count_open_locks() == before
