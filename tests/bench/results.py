"""What a bench measured, and how."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """A time in seconds beside its yardstick, and the ratio that is to be reached (None: only shown).

    Where it matters also the seconds and the megabytes that are allowed, and the peak that was used.
    """

    name: str
    seconds: float
    yardstick: float
    target: float | None = None
    longest: float | None = None
    peak: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.yardstick

    @property
    def reached(self) -> bool:
        pairs = ((self.ratio, self.target), (self.seconds, self.longest), (self.peak or 0, self.most))
        return all(allowed is None or found <= allowed for found, allowed in pairs)


def best_of(times: int, work: Callable[[], Any]) -> float:
    """The shortest of several runs, in seconds: what disturbs a run only makes it longer."""
    return min(_timed(work) for _ in range(times))


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
