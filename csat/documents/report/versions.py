"""Which version of each questionnaire a quarter was asked with, and what changed between them (Q7, P14)."""

from __future__ import annotations

from csat.figures.version_use import VersionUse, list_versions_used
from csat.models.base import Json
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.comparison import Part, compare_forms
from csat.procedure.questionnaires.content import FormContent, read_version

TREND_QUARTERS = 8  # how far back the report's charts look
MOST_NAMED = 8  # changed questions of one questionnaire; the rest is counted
WORDS = {Part.TEXT, Part.HELP, Part.LABELS, Part.OPTIONS}  # what a respondent reads of a question


def describe_versions(quarter: Quarter) -> list[Json]:
    """The versions used in a quarter; what changed where a newer one came in it, or since it was asked before."""
    now, shown = int(quarter), [int(one) for one in quarter.back(TREND_QUARTERS)]
    return [
        {
            "questionnaire": code,
            "name": dict(used[-1].version.title),
            "used": [{"number": one.version.number, "since": one.since} for one in used if now in one.quarters],
            "changes": _describe_changes(_pick_latest(used, now)),
        }
        for code, used in list_versions_used(shown).items()
        if any(now in one.quarters for one in used)
    ]


def _pick_latest(used: list[VersionUse], now: int) -> list[VersionUse]:
    """The versions of a quarter and of the last one before in which the form was answered: many rest for quarters."""
    before = [quarter for one in used for quarter in one.quarters if quarter < now]
    latest = {now, max(before, default=now)}
    return [one for one in used if latest.intersection(one.quarters)]


def _describe_changes(used: list[VersionUse]) -> Json | None:
    """From the oldest version of the two quarters to the newest; None where there was one only."""
    if len(used) < 2:
        return None
    oldest, newest = used[0].version, used[-1].version
    return {"from": oldest.number, "to": newest.number, **_compare(oldest, newest)}


def _compare(oldest: QuestionnaireVersion, newest: QuestionnaireVersion) -> Json:
    before, after = read_version(oldest), read_version(newest)
    found: dict[str, list[str]] = {"added": [], "removed": [], "reworded": []}
    for change in compare_forms(before, after):
        if change.code and (change.part == Part.QUESTION or change.part in WORDS):
            codes = found.get(change.kind.value)
            if codes is not None and change.code not in codes:
                codes.append(change.code)
    then, now = _texts(before), _texts(after)
    reworded = [{"before": then[code], "after": now[code]} for code in found["reworded"]]
    return {
        "added": [now[code] for code in found["added"]][:MOST_NAMED],
        "removed": [then[code] for code in found["removed"]][:MOST_NAMED],
        "reworded": reworded[:MOST_NAMED],
        "more": sum(max(0, len(codes) - MOST_NAMED) for codes in found.values()),
    }


def _texts(form: FormContent) -> dict[str, dict[str, str]]:
    return {question.code: dict(question.text) for question in form.questions}
