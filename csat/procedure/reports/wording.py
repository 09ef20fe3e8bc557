"""QA's own words in the place of a report's sentences (P8): kept beside them with what they were written for.

Figures that change afterwards make such words outdated; a report with outdated words is not given to review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from csat.config import LOCALES
from csat.database import write
from csat.models.base import Json
from csat.models.people import Person
from csat.models.reporting import Report, ReportState
from csat.procedure.core import audit
from csat.procedure.core.bilingual import list_fields, refuse_long_text
from csat.procedure.core.documents import require_state, store_values
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.refusals import Refusal
from csat.procedure.reports.reports import add_preparer
from csat.words import N_

MAX_SENTENCE_LENGTH = 400  # characters of a sentence
SENTENCE_GROUPS = ("lead", "notes", "good", "attention", "decisions")


class WordsOutdated(Refusal):
    sentence = N_("%(number)s sentences in your own words were written for other figures. Please look at them first.")


def list_sentences(document: Json) -> Iterator[Json]:
    """Every sentence of a document that QA can put in other words, in the order of the pages."""
    told = document.get("sentences") or {"titles": {}}
    for group in SENTENCE_GROUPS:
        yield from (one for one in told.get(group, ()) if "place" in one)  # without a place: not to be edited
    yield from (one for one in told["titles"].values() if "place" in one)
    for part in told.get("parts", {}).values():
        yield from part


def find_edits(document: Json) -> Json:
    """QA's words by the place of their sentence: rule, parameters, text, by, at."""
    return document.get("edits") or {}


def is_outdated(sentence: Json, edit: Json) -> bool:
    """Whether QA's words were written for other figures than a sentence now has."""
    return any(sentence[name] != edit[name] for name in ("rule", "parameters"))


def list_outdated(document: Json) -> list[str]:
    """The places whose words by QA no longer belong to their figures."""
    edits = find_edits(document)
    told = [one for one in list_sentences(document) if one["place"] in edits]
    return [one["place"] for one in told if is_outdated(one, edits[one["place"]])]


def get_sentence(document: Json, place: str) -> Json:
    """The sentence at a place; raise NotFound."""
    return found_or_refuse(next((one for one in list_sentences(document) if one["place"] == place), None))


def replace_sentence(report: Report, place: str, texts: Mapping[str, str], by: Person, now: datetime) -> None:
    """Put own words in a sentence's place, on record; a blank language keeps ours, two blanks restore it."""
    kept = {language: " ".join(texts.get(language, "").split()) for language in LOCALES}
    for field, text in list_fields({"text": kept}):
        refuse_long_text(field, text, MAX_SENTENCE_LENGTH)
    with write():
        require_state(report, ReportState.DRAFT)
        sentence = get_sentence(report.document, place)
        edits = {key: one for key, one in find_edits(report.document).items() if key != place}
        if any(kept.values()):
            written_for = {name: sentence[name] for name in ("rule", "parameters")}  # to see when they no longer fit
            edits[place] = {**written_for, "text": kept, "by": by.name, "at": now.isoformat()}
            audit.record(by, "report sentence edited", report, now, place=place, **kept)
        else:
            audit.record(by, "report sentence restored", report, now, place=place)
        store_values(report, document={**add_preparer(report, by), "edits": edits}, prepared_by=by)


def refuse_outdated(report: Report) -> None:
    """Refuse a report some of whose words were written for other figures."""
    if number := len(list_outdated(report.document)):
        raise WordsOutdated(number=number)
