"""The daily round."""

from __future__ import annotations

import click


def add(group: click.Group) -> None:
    """Add these commands to the group."""
