"""What happens when in the demo's story: steps in time order, with the clock standing at each instant."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Concatenate, ParamSpec

from csat import clock
from csat.config import Config
from csat.demo.cast import Cast
from csat.models.base import Json
from csat.procedure.core.quarter import Quarter

QUARTERS = 8  # whole ones; the story ends in the one after them
LEFT_TO_DESK = timedelta(days=2, hours=12)  # what closed since then waits for the visitor

Arguments = ParamSpec("Arguments")
Planned = tuple[datetime, int, Callable[[], None]]  # the number tells apart what shares an instant


class Timeline:
    """Steps wait in a heap of (instant, order, step): those of one instant are told in the order planned.

    All chances of the main story come from one set of dice, so the order of telling decides every figure.
    What may be told in another order, or in one store and not in the next, takes dice of its own.
    """

    def __init__(self, cast: Cast, content: Json, config: Config) -> None:
        self.cast, self.content, self.config = cast, content, config
        self.zone: tzinfo = config.timezone
        self.ends: datetime = content["ends"]
        self.dice = random.Random(content["seed"])
        self._first = Quarter.parse(content["first_quarter"])
        self._waiting: list[Planned] = []
        self._order = itertools.count()

    def at(
        self,
        instant: datetime,
        step: Callable[Concatenate[Timeline, datetime, Arguments], None],
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> None:
        """Let something happen, unless the story is over by then."""
        if instant <= self.ends:
            planned: Planned = (instant, next(self._order), partial(step, self, instant, *arguments, **named))
            heapq.heappush(self._waiting, planned)

    def tell(self) -> None:
        """Let everything happen in its order; a step may plan others."""
        while self._waiting:
            instant, _, step = heapq.heappop(self._waiting)
            with clock.freeze_at(instant):
                step()

    def quarter(self, index: int) -> Quarter:
        """The story's first quarter is 0; the one in which it ends is QUARTERS."""
        return self._first.plus(index)

    @property
    def quarters(self) -> list[Quarter]:
        """The whole quarters of the story."""
        return [self.quarter(index) for index in range(QUARTERS)]

    @property
    def last_quarter(self) -> Quarter:
        """The last whole one: some of its work is left for the visitor."""
        return self.quarter(QUARTERS - 1)

    @property
    def reported_quarter(self) -> Quarter:
        """The one before it, whose report is issued and whose letters are sent."""
        return self.quarter(QUARTERS - 2)

    def happens(self, chance: str, dice: random.Random | None = None) -> bool:
        """Whether something of this chance happens this time."""
        return bool((dice or self.dice).random() < self.content["chances"][chance])
