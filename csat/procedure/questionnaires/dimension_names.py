"""What QA calls the dimensions, where that differs from what ships. Their codes, and so all figures, stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from csat.config import LOCALES
from csat.models.base import Localised
from csat.models.questionnaires import Dimension
from csat.procedure.core import audit, settings
from csat.procedure.core.bilingual import clean_line, name_field
from csat.procedure.core.refusals import NameTaken

SETTING = "dimension_names"
MAX_NAME_LENGTHS = {"zh": 12, "en": 28}  # characters: names stand in charts and over narrow columns

Names = Mapping[Dimension, Mapping[str, str]]


def get_own_names() -> dict[Dimension, Localised]:
    """The names that QA gave, one or both languages of a dimension; one query."""
    kept: dict[str, dict[str, str]] = settings.read_value(SETTING, {})
    return {Dimension(code): Localised(names) for code, names in kept.items()}


def change_names(names: Names, shipped: Names, by: audit.Actor, now: datetime) -> None:
    """Name all dimensions; blank goes back to what ships. Raise NameTaken where two would be called alike."""
    own: dict[str, dict[str, str]] = {}
    for language in LOCALES:
        taken: set[str] = set()
        for dimension in Dimension:
            field = name_field(dimension, language)
            typed = clean_line(field, names[dimension][language], MAX_NAME_LENGTHS[language])
            name = typed or shipped[dimension][language]
            if name.casefold() in taken:
                raise NameTaken(field=field, name=name)
            taken.add(name.casefold())
            if name != shipped[dimension][language]:
                own.setdefault(dimension.value, {})[language] = name
    settings.store_value(SETTING, {}, own, by, now)
