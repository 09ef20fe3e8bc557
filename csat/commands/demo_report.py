"""The demo's issued report: the quarter before the last whole one, drafted, approved and kept as real ones are."""

from __future__ import annotations

from csat.commands.demo_cast import Cast
from csat.commands.demo_story import Story
from csat.config import Config


def issue_last_but_one(config: Config, cast: Cast, story: Story) -> None:
    """Issue it."""
