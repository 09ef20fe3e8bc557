"""The commands `flask csat …`, and the works that the worker does for pages: a module for each subject."""

from __future__ import annotations

from importlib import import_module

from csat.commands.group import csat

__all__ = ["csat"]

# Each adds its commands to the group, and registers its works, as it is imported.
COMMAND_MODULES = (
    *("store", "serving", "people", "clients", "audit", "archive", "incidents", "campaigns", "mailbox"),
    *("mail", "daily", "backup", "restoring", "figures", "reports", "letters", "printing", "demo"),
)

for name in COMMAND_MODULES:
    import_module(f"csat.commands.{name}")
