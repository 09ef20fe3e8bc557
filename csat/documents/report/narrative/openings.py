"""The message under each part's heading: what a hurried reader takes along from it."""

from __future__ import annotations

from collections import Counter

from csat.documents.report.narrative.phrases import Facts, Statement
from csat.documents.report.ranking import (
    has_different_rates,
    list_improve_first,
    list_marked_domains,
    list_missed_commitments,
    list_named_clients,
    make_names_parameter,
    sort_by_rate,
)
from csat.models.questionnaires import Kind

DONE_STATES = ("done", "late")


def write_openings(whole: Facts) -> dict[str, list[Statement]]:
    """What each part opens with, as rules and their parameters."""
    figures = whole["figures"]
    return {
        "asked": _asked(figures, whole["before"]),
        "verified": _verified(figures),
        "clients": _clients(figures),
        "questions": _questions(figures),
        "trend": _trend(figures),
        "importance": [("part.importance", make_names_parameter(list_improve_first(figures)))]
        if list_improve_first(figures)
        else [],
        "feedback": _feedback(figures),
        "actions": _actions(whole["actions"]["now"]),
        "commitments": _commitments(whole),
        "risks": _risks(whole),
    }


def _asked(figures: Facts, before: Facts | None) -> list[Statement]:
    rate, then = figures["asked"]["rate"]["value"], (before or {}).get("asked")
    if rate is None:
        return []
    if then is None:
        return [("part.asked.first", {"rate": {"share": rate}})]
    return [("part.asked", {"rate": {"share": rate}, "before": {"share": then}})]


def _verified(figures: Facts) -> list[Statement]:
    surveyed, refused = figures["surveyed"]["rate"], figures["verdicts"]["refused"]
    facts: list[Statement] = []
    if surveyed["value"] is not None:
        facts.append(
            (
                "part.surveyed",
                {"rate": {"share": surveyed["value"]}, "number": surveyed["of"] or surveyed["n"]},
            )
        )
    if refused:
        facts.append(("part.refused", {"number": refused}))
    calls = [row["rate"] for row in figures.get("check_calls", ()) if row["rate"]["value"] is not None]
    reached = sum(rate["n"] for rate in calls)
    if reached:
        wrong = sum(rate["good"] or 0 for rate in calls)
        facts.append(("part.checked", {"contradicted": wrong, "number": reached}))
    return facts


def _clients(figures: Facts) -> list[Statement]:
    rates = [row["rate"]["value"] for row in list_named_clients(figures) if row["rate"]["value"] is not None]
    if not rates:
        return []
    reached, target = sum(rate >= figures["target"] for rate in rates), {"target": figures["target"]}
    return [("part.clients", {"reached": reached, "number": len(rates), "target": target}), ("part.few", {})]


def _questions(figures: Facts) -> list[Statement]:
    rated = [row for row in figures["questions"] if row["kind"] == Kind.RATING]  # 4–5 is not 9–10, nor yes
    shown = sort_by_rate([row for row in rated if row["rate"]["value"] is not None])
    if not has_different_rates(shown):
        return []
    worst = shown[0]
    return [("part.questions", {"name": {"name": worst["text"]}, "rate": {"share": worst["rate"]["value"]}})]


def _trend(figures: Facts) -> list[Statement]:
    shown = sort_by_rate([point for point in figures["trend"] if point["rate"]["value"] is not None])
    if len(shown) < 2:
        return []
    low, high = shown[0], shown[-1]
    return [
        (
            "part.trend",
            {
                "low": {"share": low["rate"]["value"]},
                "lowest": {"quarter": low["quarter"]},
                "high": {"share": high["rate"]["value"]},
                "highest": {"quarter": high["quarter"]},
            },
        )
    ]


def _feedback(figures: Facts) -> list[Statement]:
    rate = figures["feedback"]["handled_in_time"]
    critical = sum(row["critical"] for row in figures["feedback"]["rows"])
    facts: list[Statement] = []
    if rate["value"] is not None:
        shares = {"rate": {"share": rate["value"]}, "target": {"target": 1.0}}
        facts.append(("part.feedback", {"number": rate["of"] or rate["n"], **shares}))
    return [*facts, ("part.critical", {"number": critical})] if critical else facts


def _actions(rows: list[Facts]) -> list[Statement]:
    if not rows:
        return []
    states = Counter(row["state"] for row in rows)
    done = sum(states[state] for state in DONE_STATES)
    return [("part.actions", {"done": done, "number": len(rows), "overdue": states["overdue"]})]


def _commitments(whole: Facts) -> list[Statement]:
    shown = [one for one in whole.get("commitments") or () if not one["hidden"]]
    silent = sum(one["verdict"] == "no_data" for one in shown)
    unanswered = sum(not one["answer"] for one in list_missed_commitments(whole))
    counts = (("part.unanswered", unanswered), ("part.commitments", silent))
    return [(rule, {"number": number}) for rule, number in counts if number]


def _risks(whole: Facts) -> list[Statement]:
    risks = whole.get("risks")
    if not risks or not risks["points"]:
        return []
    assessed: list[Statement] = [("part.risks", {"assessed": risks["assessed"], "number": risks["points"]})]
    odd = list_marked_domains(whole)
    if odd:
        return [*assessed, ("risks.marked", {"number": len(odd), **make_names_parameter(odd)})]
    return [*assessed, ("part.unmarked", {})] if risks["assessed"] else assessed
