"""The message under each part's heading: what a hurried reader takes along from it."""

from __future__ import annotations

from collections import Counter

from csat.documents.report.narrative.phrases import Statement
from csat.documents.report.ranking import (
    has_different_rates,
    list_commitments,
    list_improve_first,
    list_marked_domains,
    list_missed_commitments,
    list_named_clients,
    list_shown,
    make_names_parameter,
    sort_by_rate,
    tell_counts,
    tell_rows,
)
from csat.models.base import Json
from csat.models.questionnaires import Kind

DONE_STATES = ("done", "late")


def write_openings(whole: Json) -> dict[str, list[Statement]]:
    """What each part opens with, as rules and their parameters."""
    figures = whole["figures"]
    first = list_improve_first(figures)
    return {
        "asked": _asked(figures, whole["before"]),
        "verified": _verified(figures),
        "clients": _clients(figures),
        "questionnaires": _questionnaires(whole),
        "questions": _questions(figures),
        "trend": _trend(figures),
        "importance": [("part.importance", make_names_parameter(first))] if first else [],
        "feedback": _feedback(figures),
        "actions": _actions(whole["actions"]["now"]),
        "commitments": _commitments(whole),
        "risks": _risks(whole),
    }


def _asked(figures: Json, before: Json | None) -> list[Statement]:
    rate, then = figures["asked"]["rate"]["value"], (before or {}).get("asked")
    if rate is None:
        return []
    if then is None:
        return [("part.asked.first", {"rate": {"share": rate}})]
    return [("part.asked", {"rate": {"share": rate}, "before": {"share": then}})]


def _verified(figures: Json) -> list[Statement]:
    surveyed, refused = figures["surveyed"]["rate"], figures["verdicts"]["refused"]
    facts: list[Statement] = []
    if surveyed["value"] is not None:
        number = surveyed["of"] or surveyed["n"]
        facts.append(("part.surveyed", {"rate": {"share": surveyed["value"]}, "number": number}))
    facts += tell_counts({"part.refused": refused})
    calls = list_shown(figures.get("check_calls", ()))
    reached = sum(row["rate"]["n"] for row in calls)
    if reached:
        wrong = sum(row["rate"]["good"] or 0 for row in calls)
        facts.append(("part.checked", {"contradicted": wrong, "number": reached}))
    return facts


def _clients(figures: Json) -> list[Statement]:
    rates = [row["rate"]["value"] for row in list_shown(list_named_clients(figures))]
    if not rates:
        return []
    reached, target = sum(rate >= figures["target"] for rate in rates), {"target": figures["target"]}
    return [("part.clients", {"reached": reached, "number": len(rates), "target": target}), ("part.few", {})]


def _questionnaires(whole: Json) -> list[Statement]:
    changed = [one for one in whole.get("versions") or () if one["changes"]]
    return [tell_rows("part.versions", changed)] if changed else []


def _questions(figures: Json) -> list[Statement]:
    rated = [row for row in figures["questions"] if row["kind"] == Kind.RATING]  # 4–5 is not 9–10, nor yes
    shown = sort_by_rate(list_shown(rated))
    if not has_different_rates(shown):
        return []
    worst = shown[0]
    return [("part.questions", {"name": {"name": worst["text"]}, "rate": {"share": worst["rate"]["value"]}})]


def _trend(figures: Json) -> list[Statement]:
    shown = sort_by_rate(list_shown(figures["trend"]))
    if len(shown) < 2:
        return []
    low, high = shown[0], shown[-1]
    rates = {"low": {"share": low["rate"]["value"]}, "high": {"share": high["rate"]["value"]}}
    quarters = {"lowest": {"quarter": low["quarter"]}, "highest": {"quarter": high["quarter"]}}
    return [("part.trend", {**rates, **quarters})]


def _feedback(figures: Json) -> list[Statement]:
    rate = figures["feedback"]["handled_in_time"]
    critical = sum(row["critical"] for row in figures["feedback"]["rows"])
    facts: list[Statement] = []
    if rate["value"] is not None:
        shares = {"rate": {"share": rate["value"]}, "target": {"target": 1.0}}
        facts.append(("part.feedback", {"number": rate["of"] or rate["n"], **shares}))
    return [*facts, *tell_counts({"part.critical": critical})]


def _actions(rows: list[Json]) -> list[Statement]:
    if not rows:
        return []
    states = Counter(row["state"] for row in rows)
    done = sum(states[state] for state in DONE_STATES)
    return [("part.actions", {"done": done, "number": len(rows), "overdue": states["overdue"]})]


def _commitments(whole: Json) -> list[Statement]:
    unanswered = sum(not one["answer"] for one in list_missed_commitments(whole))
    silent = len(list_commitments(whole, "no_data"))
    return tell_counts({"part.unanswered": unanswered, "part.commitments": silent})


def _risks(whole: Json) -> list[Statement]:
    risks = whole.get("risks")
    if not risks or not risks["points"]:
        return []
    assessed: list[Statement] = [("part.risks", {"assessed": risks["assessed"], "number": risks["points"]})]
    if odd := list_marked_domains(whole):
        return [*assessed, tell_rows("risks.marked", odd)]
    return [*assessed, ("part.unmarked", {})] if risks["assessed"] else assessed
