"""The sentences a report can say: each is a rule, its parameters, and its text per language.

The texts stand in content/report_sentences.toml, both languages beside each other. QA may put other words
in a sentence's place; they are kept beside it, with what they were written for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from csat.content import load_content
from csat.documents.locale_format import LocaleFormat
from csat.models.base import Json

Sentence = Json
Statement = tuple[str, Json]  # a rule and its parameters


def load_sentences() -> dict[str, dict[str, str]]:
    """The texts by rule: `zh`, `en`, and `en_plural` where the English depends on the parameter `number`."""
    return load_content("report_sentences")


def write_sentence(rule: str, zone: ZoneInfo, **parameters: object) -> Sentence:
    """A sentence in both languages, with the rule and the parameters that it was made from."""
    texts = {language: _fill_sentence(rule, LocaleFormat(language, zone), parameters) for language in ("zh", "en")}
    return {"rule": rule, "parameters": parameters, "text": texts}


def place_sentences(group: str, told: Iterable[Statement], zone: ZoneInfo) -> list[Sentence]:
    """Sentences with their places, by which words put in their stead find them again: lead.rate, …"""
    seen: Counter[str] = Counter()
    found = []
    for rule, parameters in told:
        place = f"{group}.{rule.split('.')[0]}"
        seen[place] += 1
        name = place if seen[place] == 1 else f"{place}-{seen[place]}"
        found.append({"place": name, **write_sentence(rule, zone, **parameters)})
    return found


def choose_text(sentence: Sentence, edits: Json, language: str) -> str:
    """A sentence as the report says it: in QA's words where there are some."""
    own = edits.get(sentence.get("place", ""), {}).get("text", {})
    return own.get(language) or sentence["text"][language]


def _fill_sentence(rule: str, tongue: LocaleFormat, parameters: Json) -> str:
    forms, form = load_sentences()[rule], tongue.language
    if form == "en" and "en_plural" in forms and parameters["number"] != 1:
        form = "en_plural"
    return forms[form] % {name: tongue.shown(value) for name, value in parameters.items()}
