"""What figures are about, named in both languages outside any request: clients, questions, persons, terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from datetime import UTC
from enum import StrEnum

from peewee import ModelSelect

from csat import clock
from csat.config import LOCALES
from csat.figures.types import LocalisedName
from csat.models.clients import Client, Tier, TierChange
from csat.models.people import Department, Person
from csat.models.questionnaires import Dimension, Kind, Question, Questionnaire, QuestionnaireVersion, VersionState
from csat.procedure.clients.merging import map_roots
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.dimension_names import get_own_names
from csat.terms import name_as_shipped, name_code
from csat.translations import catalogue
from csat.words import N_

NO_CLIENT = 0  # the client of responses that were released without one
NOT_NAMED = N_("Not named")
ALL_LABEL = N_("All")


def localise_text(msgid: str) -> LocalisedName:
    """An English text of ours and its Chinese."""
    return {"zh": catalogue("zh").gettext(msgid), "en": catalogue("en").gettext(msgid)}


def localise_term(code: StrEnum) -> LocalisedName:
    """A code's word of the glossary."""
    return {language: name_as_shipped(code, language) for language in LOCALES}


def localise_dimensions(dimensions: Iterable[Dimension]) -> dict[Dimension, LocalisedName]:
    """What dimensions are called now: as QA named them, else the glossary's words."""
    own = get_own_names()
    return {one: {language: name_code(one, language, lambda: own) for language in LOCALES} for one in dimensions}


def localise_record(record: Client | Department | None) -> LocalisedName:
    """The name of a client or department; only some have an English one."""
    if record is None:
        return localise_text(NOT_NAMED)
    return {"zh": record.name, "en": record.name_en or record.name}


def localise_person(one: Person) -> LocalisedName:
    """A person's name, the same in both languages."""
    return {"zh": one.name, "en": one.name}


class ClientIndex:
    """The clients, each read as the one it counts as (merged ones are never rewritten)."""

    def __init__(self) -> None:
        self._by_key = {client.id: client for client in Client.select()}
        self._roots = map_roots(Client)
        self._changes: dict[int, list[TierChange]] = defaultdict(list)
        for change in TierChange.select().order_by(TierChange.at, TierChange.id):
            self._changes[change.client_id].append(change)

    def root(self, key: int | None) -> int:
        """The client a key counts as; 0 for none."""
        return self._roots.get(key, key) if key and key in self._by_key else NO_CLIENT

    def joined_keys(self) -> list[int]:
        """The keys of all clients that count as another one."""
        return [key for key in self._roots if key in self._by_key]

    def as_separate(self) -> ClientIndex:
        """The same clients as if none counted as another one."""
        apart = copy(self)
        apart._roots = {}
        return apart

    def rename_cell(self, cell: str) -> str:
        """The cell of the client as which the one that a cell names counts."""
        parts = cell.split("/")
        for at, part in enumerate(parts[:-1]):
            if part == "client":
                parts[at + 1] = client_key(self.root(parse_client_key(parts[at + 1])))
        return "/".join(parts)

    def counting_as(self, key: int) -> list[int]:
        """The keys of all clients that count as this one, itself among them."""
        return [one for one in self._by_key if self.root(one) == key]

    def name(self, key: int) -> LocalisedName:
        """The name of a client in both languages."""
        return localise_record(self._by_key.get(key))

    def tier(self, key: int, quarter: int) -> str:
        """The tier a client had as a quarter began (UTC); '' for none."""
        client = self._by_key.get(key)
        if client is None:
            return ""
        # Never within a quarter: between two readings the same answers would change tier, and the difference would
        # tell hidden ones (F4).
        begins = Quarter.from_int(quarter).start(UTC)
        later = (change.before for change in self._changes.get(key, ()) if change.at >= begins)
        return str(next(later, client.tier))

    def in_order(self, keys: Iterable[int]) -> list[int]:
        """Clients as they are listed: core, important, ordinary, then by name; 'not named' last."""
        return sorted(set(keys), key=self._place)

    def _place(self, key: int) -> tuple[int, str]:
        client = self._by_key.get(key)
        if client is None:
            return (9, "")
        return ([Tier.CORE, Tier.IMPORTANT, Tier.ORDINARY].index(client.tier), client.name)


def client_key(client: int) -> str:
    """How ids name a client: its number, or 'none'."""
    return str(client) if client else "none"


def parse_client_key(key: str) -> int:
    """The client of a key."""
    return NO_CLIENT if key == client_key(NO_CLIENT) else int(key)


class QuestionIndex:
    """The questions of every questionnaire as in force or before, by questionnaire and code, in their order."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str], Question] = {}
        self.titles: dict[str, LocalisedName] = {}
        # Nobody was asked yet in the words of a version whose day is still to come.
        begun = QuestionnaireVersion.in_force_at <= clock.now()
        published = (QuestionnaireVersion.state == VersionState.PUBLISHED) & begun
        order = (QuestionnaireVersion.number, Questionnaire.id, Question.position)  # so that the newest text wins
        for question in select_questions().where(published).order_by(*order):
            form = question.version.questionnaire.code
            self.all[(form, question.code)] = question
            self.titles[form] = dict(question.version.title)

    def kind(self, questionnaire: str, code: str) -> Kind | None:
        """The kind of a question, which its code keeps for ever."""
        question = self.all.get((questionnaire, code))
        return None if question is None else question.kind

    def of(self, questionnaire: str) -> list[Question]:
        """The questions of a questionnaire, in order; those of older versions last."""
        mine = [question for (form, _), question in self.all.items() if form == questionnaire]
        return sorted(mine, key=lambda question: (-question.version.number, question.position))


def list_questionnaire_titles() -> dict[str, LocalisedName]:
    """The titles of all questionnaires that are or were in force, by their codes."""
    return QuestionIndex().titles


def select_questions() -> ModelSelect[Question]:
    """All questions, each read with its version and questionnaire."""
    return Question.select(Question, QuestionnaireVersion, Questionnaire).join(QuestionnaireVersion).join(Questionnaire)
