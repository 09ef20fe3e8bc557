"""The message under each part's heading: what a hurried reader takes along from it."""

from __future__ import annotations

from collections import Counter

from csat.documents.report.narrative.phrases import Facts, Told
from csat.documents.report.ranking import apart, clients_of, first, lowest, marked, missed, names
from csat.models.questionnaires import Kind

DONE = ("done", "late")


def of(whole: Facts) -> dict[str, list[Told]]:
    """What each part opens with, as rules and their parameters."""
    figures = whole["figures"]
    return {
        "asked": _asked(figures, whole["before"]),
        "verified": _verified(figures),
        "clients": _clients(figures),
        "questions": _questions(figures),
        "trend": _trend(figures),
        "importance": [("part.importance", names(first(figures)))] if first(figures) else [],
        "feedback": _feedback(figures),
        "actions": _actions(whole["actions"]["now"]),
        "commitments": _commitments(whole),
        "risks": _risks(whole),
    }


def _asked(figures: Facts, before: Facts | None) -> list[Told]:
    rate, then = figures["asked"]["rate"]["value"], (before or {}).get("asked")
    if rate is None:
        return []
    if then is None:
        return [("part.asked.first", {"rate": {"share": rate}})]
    return [("part.asked", {"rate": {"share": rate}, "before": {"share": then}})]


def _verified(figures: Facts) -> list[Told]:
    surveyed, refused = figures["surveyed"]["rate"], figures["verdicts"]["refused"]
    facts: list[Told] = []
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


def _clients(figures: Facts) -> list[Told]:
    rates = [row["rate"]["value"] for row in clients_of(figures) if row["rate"]["value"] is not None]
    if not rates:
        return []
    reached, target = sum(rate >= figures["target"] for rate in rates), {"target": figures["target"]}
    return [("part.clients", {"reached": reached, "number": len(rates), "target": target}), ("part.few", {})]


def _questions(figures: Facts) -> list[Told]:
    rated = [row for row in figures["questions"] if row["kind"] == Kind.RATING]  # 4–5 is not 9–10, nor yes
    shown = lowest([row for row in rated if row["rate"]["value"] is not None])
    if not apart(shown):
        return []
    worst = shown[0]
    return [("part.questions", {"name": {"name": worst["text"]}, "rate": {"share": worst["rate"]["value"]}})]


def _trend(figures: Facts) -> list[Told]:
    shown = lowest([point for point in figures["trend"] if point["rate"]["value"] is not None])
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


def _feedback(figures: Facts) -> list[Told]:
    rate = figures["feedback"]["handled_in_time"]
    critical = sum(row["critical"] for row in figures["feedback"]["rows"])
    facts: list[Told] = []
    if rate["value"] is not None:
        shares = {"rate": {"share": rate["value"]}, "target": {"target": 1.0}}
        facts.append(("part.feedback", {"number": rate["of"] or rate["n"], **shares}))
    return [*facts, ("part.critical", {"number": critical})] if critical else facts


def _actions(rows: list[Facts]) -> list[Told]:
    if not rows:
        return []
    states = Counter(row["state"] for row in rows)
    done = sum(states[state] for state in DONE)
    return [("part.actions", {"done": done, "number": len(rows), "overdue": states["overdue"]})]


def _commitments(whole: Facts) -> list[Told]:
    shown = [one for one in whole.get("commitments") or () if not one["hidden"]]
    silent = sum(one["verdict"] == "no_data" for one in shown)
    unanswered = sum(not one["answer"] for one in missed(whole))
    counts = (("part.unanswered", unanswered), ("part.commitments", silent))
    return [(rule, {"number": number}) for rule, number in counts if number]


def _risks(whole: Facts) -> list[Told]:
    risks = whole.get("risks")
    if not risks or not risks["points"]:
        return []
    assessed: list[Told] = [("part.risks", {"assessed": risks["assessed"], "number": risks["points"]})]
    odd = marked(whole)
    if odd:
        return [*assessed, ("risks.marked", {"number": len(odd), **names(odd)})]
    return [*assessed, ("part.unmarked", {})] if risks["assessed"] else assessed
