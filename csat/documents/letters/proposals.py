"""The proposal of a client's letter (P13): by rules, from what its report shows and what may be retold.

Figures come out of the issued report alone, and only where at least k responses, named ones included, stand
behind them: who reads the letter may be the superior of the one who answered (F4, decision 0100).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from csat.config import LOCALES
from csat.content import load_content
from csat.documents.letters.figures import collect_facts, list_tellable_dimensions
from csat.documents.locale_format import LocaleFormat
from csat.figures import labels
from csat.models.base import Json
from csat.models.clients import Client
from csat.models.praise import Praise
from csat.models.reporting import Report
from csat.procedure.clients.merging import client_family
from csat.procedure.commitments import missed
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import praise_view
from csat.procedure.letters import facts as letter_material
from csat.procedure.letters import letters, wording
from csat.procedure.letters.facts import LetterAction, LetterFacts, LetterFeedback
from csat.procedure.letters.wording import MAX_LENGTHS

MOST_NAMED = 3  # so many dimensions stand in a sentence
Rated = Sequence[tuple[Json, float]]  # dimensions by their names, with their rates, the lowest first


class LetterProposal(NamedTuple):
    """What a letter begins with."""

    facts: Json
    words: Json


def draft_proposal(client: Client, report: Report, zone: ZoneInfo, now: datetime) -> LetterProposal:
    """A client's letter of the report's quarter as the rules would write it."""
    quarter, document = Quarter.from_int(report.quarter), report.document
    target = document["figures"]["target"]
    facts = collect_facts(client, report)
    told = letter_material.gather_facts(client, quarter, zone)
    thanked = _list_thanked(client, quarter)
    earlier = [one.report.document["figures"] for one in letters.list_sent_letters(client, quarter)]
    dimensions = list_tellable_dimensions(document["figures"], str(client.id), earlier)
    words: Json = {section: {} for section in wording.SECTIONS}
    for language in LOCALES:
        tongue = LocaleFormat(language, zone)
        lines = {
            "heard": _write_heard(dimensions, told, target, tongue),
            "worked": _write_worked(facts, dimensions, told, thanked, target, tongue),
            "done": _write_done(told, tongue, now),
        }
        for section in wording.SECTIONS:
            words[section][language] = _fit_page(lines[section], section, tongue)
    said = wording.list_anonymous_words(client, quarter)
    return LetterProposal(facts, {**words, "missed": _take_answers(facts, quarter, said)})


def _write_heard(dimensions: Rated, told: LetterFacts, target: float, tongue: LocaleFormat) -> list[str]:
    low = [one for one in dimensions if one[1] < target][:MOST_NAMED]
    lines = [_fill_text(tongue, "lowest", names=_join_rates(low, tongue))] if low else []
    if told.matters:
        kinds = list(dict.fromkeys(_name_matter(one, told.names, tongue) for one in told.matters))
        lines.append(_fill_text(tongue, "matters", names=_join_fitting(kinds, tongue)))
    return lines or [_fill_text(tongue, "nothing_heard")]


def _list_thanked(client: Client, quarter: Quarter) -> list[Json]:
    """The departments that a client praised: never by an anonymous answer, and never in its words."""
    told = praise_view.list_told(int(quarter), Praise.client.in_(client_family(client.id)))
    return [labels.localise_record(one) for one in {one.department_id: one.department for one in told}.values()]


def _write_worked(
    facts: Json, dimensions: Rated, told: LetterFacts, thanked: Sequence[Json], target: float, tongue: LocaleFormat
) -> list[str]:
    high = [one for one in reversed(dimensions) if one[1] >= target][:MOST_NAMED]
    lines = [_fill_text(tongue, "best", names=_join_rates(high, tongue))] if high else []
    if facts["figure"] and facts["figure"]["change"] == "better":
        lines.append(_fill_text(tongue, "better"))
    if thanked:
        lines.append(_fill_text(tongue, "thanked", names=tongue.comma.join(map(tongue.text, thanked))))
    settled = list(dict.fromkeys(tongue.text(one.issue) for one in told.matters if one.settled))
    if settled:
        lines.append(_fill_text(tongue, "settled", names=tongue.comma.join(settled)))
    return lines or [_fill_text(tongue, "none_reaches" if dimensions else "nothing_worked")]


def _write_done(told: LetterFacts, tongue: LocaleFormat, now: datetime) -> list[str]:
    """Actions, what is done first, then by the day they are due."""
    today = now.astimezone(tongue.zone).date()
    ordered = sorted(told.measures, key=lambda one: (one.done_on is None, one.done_on or one.due))
    lines = [_tell_action(one, told.names, tongue, one.due < today) for one in ordered]
    return list(dict.fromkeys(lines)) or [_fill_text(tongue, "nothing_done")]


def _tell_action(one: LetterAction, hidden: Iterable[str], tongue: LocaleFormat, late: bool) -> str:
    day = tongue.day((one.done_on or one.due).isoformat())
    state = "done" if one.done_on else "overdue" if late else "running"
    if one.what and _is_in_language(one.what, tongue):
        what = mask_text(one.what, hidden)
        whole = what if what[-1] in "。！？.!?…" else f"{what}{tongue.stop}"  # each line is a sentence
        return _fill_text(tongue, f"{state}.so", day=day, what=whole)
    rule = state if state == "overdue" else f"{state}.{one.kind}"
    return _fill_text(tongue, rule, day=day, issue=f"“{tongue.text(one.issue)}”")


def _name_matter(one: LetterFeedback, hidden: Iterable[str], tongue: LocaleFormat) -> str:
    """A matter by its type, with QA's title where that is in the letter's language."""
    kind = tongue.text(one.issue)
    if not one.title or not _is_in_language(one.title, tongue):
        return kind
    return _fill_text(tongue, "titled", issue=kind, title=mask_text(one.title, hidden))


def _take_answers(facts: Json, quarter: Quarter, said: Sequence[str]) -> Json:
    """What QA wrote once for all letters about missed commitments; not what they wrote for colleagues."""
    known = missed.find_client_words(quarter)
    found: Json = {}
    for code in (one["code"] for one in facts["missed"]):
        parts = known.get(code, {})
        found[code] = {
            part: {
                language: text
                for language, text in parts.get(part, {}).items()
                if not wording.find_quotation(text, said)
            }
            for part in wording.PARTS
        }
    return found


def _fit_page(lines: Iterable[str], section: str, tongue: LocaleFormat) -> str:
    """As many whole lines as the page has room for."""
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if wording.measure_length(longer, tongue.language) <= MAX_LENGTHS[section][tongue.language]:
            text = longer
    return text


def _join_fitting(kinds: Sequence[str], tongue: LocaleFormat) -> str:
    """Matters in a row: as many as there is room for in a sentence beside the others."""
    most, between = MAX_LENGTHS["heard"][tongue.language] // 2, "；" if tongue.language == "zh" else "; "
    while len(kinds) > 1 and wording.measure_length(between.join(kinds), tongue.language) > most:
        kinds = kinds[:-1]
    return between.join(kinds)


def _join_rates(dimensions: Rated, tongue: LocaleFormat) -> str:
    rates = [(tongue.text(name), tongue.percent(value)) for name, value in dimensions]
    return tongue.comma.join(_fill_text(tongue, "titled", issue=name, title=rate) for name, rate in rates)


def _is_in_language(text: str, tongue: LocaleFormat) -> bool:
    return _is_chinese(text) == (tongue.language == "zh")


def _is_chinese(text: str) -> bool:
    return any("㐀" <= character <= "鿿" for character in text)


def _fill_text(tongue: LocaleFormat, rule: str, **values: str) -> str:
    return tongue.text(load_content("letter_sentences")[rule]) % values
