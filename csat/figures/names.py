"""What figures are about, named in both languages, outside any request."""

from __future__ import annotations

from csat.figures.types import LocalisedName
from csat.models.clients import Client
from csat.models.people import Department, Person
from csat.translations import catalogue
from csat.words import N_

NOT_NAMED = N_("Not named")
ALL_LABEL = N_("All")


def localise_text(msgid: str) -> LocalisedName:
    """An English text of ours and its Chinese."""
    return {"zh": catalogue("zh").gettext(msgid), "en": catalogue("en").gettext(msgid)}


def localise_record(record: Client | Department | None) -> LocalisedName:
    """The name of a client or department; only some have an English one."""
    if record is None:
        return localise_text(NOT_NAMED)
    return {"zh": record.name, "en": record.name_en or record.name}


def localise_person(one: Person) -> LocalisedName:
    """A person's name, the same in both languages."""
    return {"zh": one.name, "en": one.name}
