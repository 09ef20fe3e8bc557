"""The seven roles of the staff (§1). Respondents have none: they hold a link."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    DESK = "desk"
    MANAGER = "manager"
    QA = "qa"
    DEPARTMENT = "department"
    IMPROVEMENT = "improvement"
    DIRECTOR = "director"
    ADMIN = "admin"
