"""Who appears in the stories: one person for each role, and a second one for what takes two."""

from __future__ import annotations

from dataclasses import dataclass

from csat.models.people import Department, Person
from csat.models.roles import Role
from tests.builders import a_department, a_person


@dataclass(frozen=True)
class Cast:
    """The staff of a small provider."""

    desk: Person
    manager: Person
    qa: Person
    qa2: Person
    owner: Person
    improvement: Person
    director: Person
    admin: Person
    admin2: Person
    engineer: Person
    department: Department

    def holding(self, role: Role) -> Person:
        """The person who holds exactly this role."""
        return self.owner if role is Role.DEPARTMENT else getattr(self, role.value)


def a_cast() -> Cast:
    """Everybody, each with one role; the owner and the engineer belong to the department."""
    department = a_department("基础设施部", "Infrastructure")
    return Cast(
        desk=a_person("苏岚", Role.DESK),
        manager=a_person("程远", Role.MANAGER),
        qa=a_person("乔安", Role.QA),
        qa2=a_person("秦越", Role.QA),
        owner=a_person("邓宁", Role.DEPARTMENT, department=department),
        improvement=a_person("伊凡", Role.IMPROVEMENT),
        director=a_person("戴琳", Role.DIRECTOR),
        admin=a_person("安敏", Role.ADMIN),
        admin2=a_person("艾文", Role.ADMIN),
        engineer=a_person("高工", department=department),
        department=department,
    )
