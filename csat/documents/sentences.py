"""What the figures say, in words: each sentence is a rule, its parameters, and its text per language.

The rules see only figures that may leave (F4), so no sentence can say what a table hides.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from csat.documents.tongue import Tongue
from csat.words import N_

Facts = dict[str, Any]
Sentence = dict[str, Any]
FEW = 10  # below so many responses a rate is told with a warning
ENOUGH = 3  # from fewer responses a client is not called clearly below the target, whatever the interval says
NOBODY = "none"  # the key of the group of answers that name no client
NAMED = 3  # so many names stand in a sentence; the table has all of them


def _n(singular: str, plural: str) -> tuple[str, str]:
    """Mark a sentence whose form depends on the parameter `number`."""
    return singular, plural


SENTENCES: dict[str, str | tuple[str, str]] = {
    # the lead
    "nothing": N_("No valid response lies before us this quarter, so there is no satisfaction rate."),
    "hidden": N_("Too few anonymous answers came in this quarter to show a satisfaction rate."),
    "rate.few": _n(
        "Satisfaction is %(rate)s from %(number)s valid response, too few to judge by.",
        "Satisfaction is %(rate)s from %(number)s valid responses, too few to judge by.",
    ),
    "rate.above": N_("Satisfaction is %(rate)s, above the target of %(target)s."),
    "rate.at": N_("Satisfaction is %(rate)s, exactly on the target."),
    "rate.below": N_(
        "Satisfaction is %(rate)s, below the target of %(target)s, yet within what chance explains."
    ),
    "rate.clearly_below": N_("Satisfaction is %(rate)s, clearly below the target of %(target)s."),
    "change.better": N_("That is clearly better than %(before)s the quarter before."),
    "change.worse": N_("That is clearly worse than %(before)s the quarter before."),
    "change.same": N_("There is no significant change from %(before)s the quarter before."),
    "clients.below": _n(
        "%(number)s client is clearly below the target: %(names)s.",
        "%(number)s clients are clearly below the target: %(names)s.",
    ),
    "clients.below.most": N_("%(number)s clients are clearly below the target, most of all %(names)s."),
    "clients.worse": _n(
        "%(number)s client rates us clearly lower than the quarter before: %(names)s.",
        "%(number)s clients rate us clearly lower than the quarter before: %(names)s.",
    ),
    "clients.worse.most": N_(
        "%(number)s clients rate us clearly lower than the quarter before, most of all %(names)s."
    ),
    "dimension.lowest": N_("The lowest rated dimension is %(name)s, with %(rate)s."),
    "feedback.overdue": _n(
        "%(number)s feedback is overdue: %(names)s.", "%(number)s feedback items are overdue: %(names)s."
    ),
    "feedback.overdue.plain": _n("%(number)s feedback is overdue.", "%(number)s feedback items are overdue."),
    "pending": _n(
        "%(number)s response still waits for verification and enters no figure.",
        "%(number)s responses still wait for verification and enter no figure.",
    ),
    "sealed": _n(
        "%(number)s anonymous answer is still sealed and enters no figure.",
        "%(number)s anonymous answers are still sealed and enter no figure.",
    ),
    "lost": _n(
        "%(number)s anonymous answer is lost: nobody can open it any more.",
        "%(number)s anonymous answers are lost: nobody can open them any more.",
    ),
    "late": _n(
        "%(number)s valid response of %(quarter)s came after its report; the trend includes it.",
        "%(number)s valid responses of %(quarter)s came after its report; the trend includes them.",
    ),
    # what the director should decide
    "decide.client": N_("What do we do for %(name)s, with %(rate)s clearly below the target?"),
    "decide.overdue": N_("Which new dates hold for the overdue feedback of %(names)s?"),
    "decide.first": N_(
        "Who leads the improvement of %(name)s, important to clients and rated below the others?"
    ),
    "decide.nothing": N_("The figures call for no decision this quarter."),
    # titles of charts, which say what the chart shows
    "trend.above": _n(
        "Satisfaction reaches the target this quarter",
        "Satisfaction has reached the target for %(number)s quarters",
    ),
    "trend.below": _n(
        "Satisfaction misses the target this quarter",
        "Satisfaction has missed the target for %(number)s quarters",
    ),
    "trend.none": N_("No satisfaction rate this quarter"),
    "clients.chart.none": N_("No client can be shown this quarter"),
    "clients.chart.well": _n(
        "The one client is not clearly below the target",
        "None of %(number)s clients is clearly below the target",
    ),
    "clients.chart.below": _n(
        "%(number)s client of %(all)s is clearly below the target",
        "%(number)s clients of %(all)s are clearly below the target",
    ),
    "dimensions.chart": N_("%(best)s is rated highest, %(worst)s lowest"),
    "dimensions.chart.none": N_("No comparison of dimensions is possible this quarter"),
    "importance.first": N_("To improve first: %(names)s"),
    "importance.fine": N_("Nothing important is rated below the others"),
    "importance.none": N_("Too few responses to tell what matters most"),
    "feedback.chart": N_("%(name)s is the most frequent type of feedback: %(number)s of %(all)s"),
    "feedback.chart.none": N_("No feedback this quarter"),
}


def written(rule: str, zone: ZoneInfo, **parameters: Any) -> Sentence:
    """A sentence in both languages, with the rule and the parameters that it was made from."""
    texts = {language: _told(rule, Tongue(language, zone), parameters) for language in ("zh", "en")}
    return {"rule": rule, "parameters": parameters, "text": texts}


def lead(figures: Facts, zone: ZoneInfo, late: int = 0) -> list[Sentence]:
    """The first paragraph of the summary."""
    facts = [
        *_rate(figures),
        *_change(figures),
        *_clients(figures),
        *_dimension(figures),
        *_overdue(figures),
        *_waiting(figures, late),
    ]
    return [written(rule, zone, **parameters) for rule, parameters in facts]


def decisions(figures: Facts, zone: ZoneInfo) -> list[Sentence]:
    """What the figures ask the director to decide."""
    facts: list[tuple[str, Facts]] = [
        ("decide.client", {"name": {"name": row["name"]}, "rate": {"share": row["rate"]["value"]}})
        for row in clearly_below(figures)[:NAMED]
    ]
    facts += [("decide.first", {"name": {"name": one["name"]}}) for one in _first(figures)[:1]]
    late = figures["feedback"]["overdue_by_department"]
    if late:
        facts.append(("decide.overdue", {"names": {"names": [row["name"] for row in late]}}))
    return [written(rule, zone, **parameters) for rule, parameters in facts or [("decide.nothing", {})]]


def titles(figures: Facts, zone: ZoneInfo) -> dict[str, Sentence]:
    """The title of each chart."""
    rules = {
        "trend": _trend_title(figures),
        "clients": _clients_title(figures),
        "dimensions": _dimensions_title(figures),
        "importance": _importance_title(figures),
        "feedback": _feedback_title(figures),
    }
    return {chart: written(rule, zone, **parameters) for chart, (rule, parameters) in rules.items()}


def clients_of(figures: Facts) -> list[Facts]:
    """The clients; those answers that name none are a group of the table, but no client."""
    return [row for row in figures["clients"] if row["key"] != NOBODY]


def clearly_below(figures: Facts) -> list[Facts]:
    """Clients whose whole interval lies below the target, lowest first."""
    rows = [row for row in clients_of(figures) if is_below(row["rate"], figures["target"])]
    return sorted(rows, key=lambda row: row["rate"]["value"])


def is_below(rate: Facts, target: float) -> bool:
    """Whether a rate is clearly below the target: chance does not explain it."""
    return rate["high"] is not None and rate["n"] >= ENOUGH and rate["high"] < target


def _told(rule: str, tongue: Tongue, parameters: Facts) -> str:
    sentence, values = SENTENCES[rule], {name: tongue.shown(value) for name, value in parameters.items()}
    if isinstance(sentence, str):
        return tongue.texts.gettext(sentence) % values
    return tongue.texts.ngettext(*sentence, parameters["number"]) % values


def _rate(figures: Facts) -> list[tuple[str, Facts]]:
    rate, target = figures["satisfaction"]["rate"], figures["target"]
    if rate["value"] is None:
        return [("hidden" if rate["hidden"] else "nothing", {})]
    if rate["n"] < FEW:
        return [("rate.few", {"rate": {"share": rate["value"]}, "number": rate["n"]})]
    rule = "rate.clearly_below" if is_below(rate, target) else "rate.below"
    if rate["value"] >= target:
        rule = "rate.above" if rate["value"] > target else "rate.at"
    return [(rule, {"rate": {"share": rate["value"]}, "target": {"target": target}})]


def _change(figures: Facts) -> list[tuple[str, Facts]]:
    row = figures["satisfaction"]
    if row["change"] == "unknown" or not row["before"] or row["before"]["value"] is None:
        return []
    return [(f"change.{row['change']}", {"before": {"share": row["before"]["value"]}})]


def _clients(figures: Facts) -> list[tuple[str, Facts]]:
    below = clearly_below(figures)
    keys = {row["key"] for row in below}
    worse = [row for row in clients_of(figures) if row["change"] == "worse" and row["key"] not in keys]
    worse.sort(key=lambda row: row["rate"]["value"])
    named = (("clients.below", below), ("clients.worse", worse))
    return [
        (_all_or_most(rule, rows), {"number": len(rows), "names": _names(rows)})
        for rule, rows in named
        if rows
    ]


def _all_or_most(rule: str, rows: list[Facts]) -> str:
    return f"{rule}.most" if len(rows) > NAMED else rule


def _dimension(figures: Facts) -> list[tuple[str, Facts]]:
    ranked = _ranked(figures)
    if len(ranked) < 2:
        return []
    return [
        (
            "dimension.lowest",
            {"name": {"name": ranked[0]["name"]}, "rate": {"share": ranked[0]["rate"]["value"]}},
        )
    ]


def _overdue(figures: Facts) -> list[tuple[str, Facts]]:
    number, rows = figures["feedback"]["overdue"], figures["feedback"]["overdue_by_department"]
    if not number:
        return []
    if not rows:
        return [("feedback.overdue.plain", {"number": number})]
    counted = [{code: f"{name} {row['number']}" for code, name in row["name"].items()} for row in rows]
    return [("feedback.overdue", {"number": number, "names": {"names": counted}})]


def _waiting(figures: Facts, late: int) -> list[tuple[str, Facts]]:
    pending = figures["verdicts"]["pending"] + figures["verdicts"]["doubted"]
    facts: list[tuple[str, Facts]] = [("pending", {"number": pending})] if pending else []
    if figures["verdicts"]["sealed"]:
        facts.append(("sealed", {"number": figures["verdicts"]["sealed"]}))
    if figures["verdicts"].get("lost"):  # a report frozen by an earlier release does not say
        facts.append(("lost", {"number": figures["verdicts"]["lost"]}))
    if late > 0:
        facts.append(("late", {"number": late, "quarter": {"quarter": figures["trend"][-2]["quarter"]}}))
    return facts


def _trend_title(figures: Facts) -> tuple[str, Facts]:
    values = [point["rate"]["value"] for point in reversed(figures["trend"])]
    if not values or values[0] is None:
        return "trend.none", {}
    above, number = values[0] >= figures["target"], 0
    for value in values:
        if value is None or (value >= figures["target"]) != above:
            break
        number += 1
    return ("trend.above" if above else "trend.below"), {"number": number}


def _clients_title(figures: Facts) -> tuple[str, Facts]:
    shown = [row for row in clients_of(figures) if row["rate"]["value"] is not None]
    below = clearly_below(figures)
    if not shown:
        return "clients.chart.none", {}
    if not below:
        return "clients.chart.well", {"number": len(shown)}
    return "clients.chart.below", {"number": len(below), "all": len(shown)}


def _dimensions_title(figures: Facts) -> tuple[str, Facts]:
    ranked = _ranked(figures)
    if len(ranked) < 2:
        return "dimensions.chart.none", {}
    return "dimensions.chart", {"best": {"name": ranked[-1]["name"]}, "worst": {"name": ranked[0]["name"]}}


def _importance_title(figures: Facts) -> tuple[str, Facts]:
    known = [one for one in figures["importance"] if one["quadrant"] != "unknown"]
    if not known:
        return "importance.none", {}
    first = _first(figures)
    return ("importance.first", {"names": _names(first)}) if first else ("importance.fine", {})


def _first(figures: Facts) -> list[Facts]:
    """Dimensions that are important and rated below the others, the lowest first."""
    rows = [one for one in figures["importance"] if one["quadrant"] == "first"]
    return sorted(rows, key=lambda one: one["satisfaction"]["value"])


def _feedback_title(figures: Facts) -> tuple[str, Facts]:
    rows = sorted(figures["feedback"]["rows"], key=lambda row: -row["total"])
    if not rows or not rows[0]["total"]:
        return "feedback.chart.none", {}
    return "feedback.chart", {
        "name": {"name": rows[0]["name"]},
        "number": rows[0]["total"],
        "all": figures["feedback"]["total"],
    }


def _ranked(figures: Facts) -> list[Facts]:
    rows = [
        row for row in figures["dimensions"] if row["key"] != "overall" and row["rate"]["value"] is not None
    ]
    return sorted(rows, key=lambda row: row["rate"]["value"])


def _names(rows: list[Facts]) -> Facts:
    return {"names": [row["name"] for row in rows[:NAMED]]}
