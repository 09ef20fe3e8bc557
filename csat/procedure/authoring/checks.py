"""One line of the check list: what is well, what is wrong, what should be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CheckState(StrEnum):
    """Whether a check passed. What is wrong keeps a draft from being published; a warning does not."""

    OK = "ok"
    WRONG = "wrong"
    WARN = "warn"


@dataclass(frozen=True)
class Check:
    """A finding: an English msgid with `facts`, and its place: the key of a question or section, and a field."""

    state: CheckState
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)
    anchor: str = ""  # '': of the form as a whole
    field: str = ""  # as the editor names it (draft_fields)


def passed(sentence: str, **facts: object) -> Check:
    """What is well."""
    return Check(CheckState.OK, sentence, facts)


def wrong(sentence: str, anchor: str = "", field: str = "", **facts: object) -> Check:
    """What must be put right first."""
    return Check(CheckState.WRONG, sentence, facts, anchor, field)


def warn(sentence: str, anchor: str = "", field: str = "", **facts: object) -> Check:
    """What should be known before it is published."""
    return Check(CheckState.WARN, sentence, facts, anchor, field)
