"""What the report says, by clear rules: the lead, what goes well and what does not, what to decide.

The rules see only figures that may leave (F4), so no sentence can say what a table hides.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from csat.documents.report.narrative import headlines, openings
from csat.documents.report.narrative.phrases import Sentence, Statement, place_sentences
from csat.documents.report.ranking import (
    has_different_rates,
    is_clearly_below,
    list_clearly_above,
    list_clearly_below,
    list_improve_first,
    list_marked_domains,
    list_measured_commitments,
    list_missed_commitments,
    list_named_clients,
    rank_dimensions,
    sort_by_rate,
    tell_counts,
    tell_first_rows,
    tell_rows,
)
from csat.models.base import Json

FEW_RESPONSES = 10  # below so many responses a rate is told with a warning
MOST_SENTENCES = 4  # so many sentences stand on each side of the summary
MOST_CLIENT_DECISIONS = 3  # so many clients are put before the director one by one


def write_sentences(whole: Json, zone: ZoneInfo) -> dict[str, object]:
    """Everything a report says. `whole` is its document: figures, before, actions, commitments, risks."""
    figures = whole["figures"]
    return {
        "lead": place_sentences("lead", [*_rate(figures), *_change(figures)], zone),
        "notes": place_sentences("notes", _waiting(figures, whole["report"]["late"]), zone),
        "good": place_sentences("good", _good(whole) or [("good.nothing", {})], zone),
        "attention": place_sentences("attention", _attention(whole) or [("attention.nothing", {})], zone),
        "decisions": place_sentences("decisions", _decisions(whole) or [("decide.nothing", {})], zone),
        "titles": _titles(whole, zone),
        "parts": {
            part: place_sentences(part, said, zone) for part, said in openings.write_openings(whole).items() if said
        },
    }


def _titles(whole: Json, zone: ZoneInfo) -> dict[str, Sentence]:
    found = {}
    for chart, said in headlines.write_headlines(whole).items():
        (sentence,) = place_sentences("title", [said], zone)
        found[chart] = {**sentence, "place": f"title.{chart}"}
    return found


# --- the lead ----------------------------------------------------------------------------------------


def _rate(figures: Json) -> list[Statement]:
    rate, target = figures["satisfaction"]["rate"], figures["target"]
    if rate["value"] is None:
        return [("hidden" if rate["hidden"] else "nothing", {})]
    if rate["n"] < FEW_RESPONSES:
        return [("rate.few", {"rate": {"share": rate["value"]}, "number": rate["n"]})]
    rule = "rate.clearly_below" if is_clearly_below(rate, target) else "rate.below"
    if rate["value"] >= target:
        rule = "rate.above" if rate["value"] > target else "rate.at"
    return [(rule, {"rate": {"share": rate["value"]}, "target": {"target": target}})]


def _change(figures: Json) -> list[Statement]:
    row = figures["satisfaction"]
    if row["change"] == "unknown" or not row["before"] or row["before"]["value"] is None:
        return []
    return [(f"change.{row['change']}", {"before": {"share": row["before"]["value"]}})]


def _waiting(figures: Json, late: int) -> list[Statement]:
    """What is not in the figures, or came to them late."""
    verdicts = figures["verdicts"]
    counts = {
        "pending": verdicts["pending"] + verdicts["doubted"],
        "sealed": verdicts["sealed"],
        "lost": verdicts.get("lost", 0),  # a report frozen by an earlier release does not say
    }
    facts = tell_counts(counts)
    if late > 0:
        facts.append(("late", {"number": late, "quarter": {"quarter": figures["trend"][-2]["quarter"]}}))
    return facts


# --- what goes well, and what does not -----------------------------------------------------------------


def _good(whole: Json) -> list[Statement]:
    figures = whole["figures"]
    better = [row for row in list_named_clients(figures) if row["change"] == "better"]
    keys = {row["key"] for row in better}
    above = [row for row in list_clearly_above(figures) if row["key"] not in keys]
    known, broken = list_measured_commitments(whole), list_missed_commitments(whole)
    facts = [*tell_first_rows("clients.better", better[::-1]), *tell_first_rows("clients.above", above)]
    facts += _dimension("dimension.highest", rank_dimensions(figures)[-1:], figures)
    if len(known) > len(broken):
        facts.append(("commitments.reached", {"number": len(known) - len(broken), "all": len(known)}))
    facts += tell_counts({"actions.proved": sum(bool(row["confirmed"]) for row in whole["actions"]["before"])})
    if figures["feedback"]["total"] and not figures["feedback"]["overdue"]:
        facts.append(("feedback.clear", {}))
    return facts[:MOST_SENTENCES]


def _attention(whole: Json) -> list[Statement]:
    figures = whole["figures"]
    below = list_clearly_below(figures)
    keys = {row["key"] for row in below}
    worse = [row for row in list_named_clients(figures) if row["change"] == "worse" and row["key"] not in keys]
    facts = [*tell_first_rows("clients.below", below), *tell_first_rows("clients.worse", sort_by_rate(worse))]
    facts += _overdue(figures)
    facts += _dimension("dimension.lowest", rank_dimensions(figures)[:1], figures)
    measured, odd = len(list_measured_commitments(whole)), list_marked_domains(whole)
    facts += tell_first_rows("commitments.missed", list_missed_commitments(whole), all=measured)
    facts += [tell_rows("risks.marked", odd)] if odd else []
    return facts[:MOST_SENTENCES]


def _dimension(rule: str, rows: list[Json], figures: Json) -> list[Statement]:
    if not has_different_rates(rank_dimensions(figures)):
        return []
    return [(rule, {"name": {"name": row["name"]}, "rate": {"share": row["rate"]["value"]}}) for row in rows]


def _overdue(figures: Json) -> list[Statement]:
    number, rows = figures["feedback"]["overdue"], figures["feedback"]["overdue_by_department"]
    if not number:
        return []
    if not rows:
        return [("feedback.overdue.plain", {"number": number})]
    counted = [{code: f"{name} {row['number']}" for code, name in row["name"].items()} for row in rows]
    return [("feedback.overdue", {"number": number, "names": {"names": counted}})]


# --- what the director should decide -------------------------------------------------------------------


def _decisions(whole: Json) -> list[Statement]:
    figures = whole["figures"]
    facts: list[Statement] = [
        ("decide.client", {"name": {"name": row["name"]}, "rate": {"share": row["rate"]["value"]}})
        for row in list_clearly_below(figures)[:MOST_CLIENT_DECISIONS]
    ]
    facts += [("decide.first", {"name": {"name": one["name"]}}) for one in list_improve_first(figures)[:1]]
    late = figures["feedback"]["overdue_by_department"]
    if late:
        facts.append(("decide.overdue", {"names": {"names": [row["name"] for row in late]}}))
    open_ones = [one for one in list_missed_commitments(whole) if not one["answer"]]
    if open_ones:
        facts.append(tell_rows("decide.commitments", open_ones))
    facts += [("decide.risk", {"name": {"name": one["name"]}}) for one in list_marked_domains(whole)[:1]]
    return facts
