"""The sentences a report can say: each is a rule, its parameters, and its text per language.

QA may put other words in a sentence's place; they are kept beside it, with what they were written for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from csat.documents.locale_format import LocaleFormat
from csat.models.base import Json
from csat.words import N_

Facts = Json
Sentence = Json
Statement = tuple[str, Facts]  # a rule and its parameters


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
    # what is not in the figures
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
    # what needs attention
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
    "commitments.missed": _n(
        "%(number)s of %(all)s commitments is missed: %(names)s.",
        "%(number)s of %(all)s commitments are missed: %(names)s.",
    ),
    "commitments.missed.most": N_("%(number)s of %(all)s commitments are missed, among them %(names)s."),
    "risks.marked": _n(
        "In place by our own account in %(number)s domain, yet clients complain: %(names)s.",
        "In place by our own account in %(number)s domains, yet clients complain: %(names)s.",
    ),
    "attention.nothing": N_("No figure stands out for the worse."),
    # what goes well
    "clients.better": _n(
        "%(number)s client rates us clearly better than the quarter before: %(names)s.",
        "%(number)s clients rate us clearly better than the quarter before: %(names)s.",
    ),
    "clients.better.most": N_(
        "%(number)s clients rate us clearly better than the quarter before, most of all %(names)s."
    ),
    "clients.above": _n(
        "%(number)s client is clearly above the target: %(names)s.",
        "%(number)s clients are clearly above the target: %(names)s.",
    ),
    "clients.above.most": N_("%(number)s clients are clearly above the target, most of all %(names)s."),
    "dimension.highest": N_("The highest rated dimension is %(name)s, with %(rate)s."),
    "commitments.reached": _n(
        "%(number)s of %(all)s commitments is reached.", "%(number)s of %(all)s commitments are reached."
    ),
    "feedback.clear": N_("No feedback is overdue."),
    "actions.proved": _n(
        "%(number)s action of the quarter before is confirmed as effective.",
        "%(number)s actions of the quarter before are confirmed as effective.",
    ),
    "good.nothing": N_("No figure stands out for the better."),
    # what the director should decide
    "decide.client": N_("What do we do for %(name)s, with %(rate)s clearly below the target?"),
    "decide.overdue": N_("Which new dates hold for the overdue feedback of %(names)s?"),
    "decide.first": N_(
        "Who leads the improvement of %(name)s, important to clients and rated below the others?"
    ),
    "decide.commitments": _n(
        "What is done about %(number)s missed commitment not yet answered: %(names)s?",
        "What is done about %(number)s missed commitments not yet answered: %(names)s?",
    ),
    "decide.risk": N_("Who checks %(name)s again, said to be in place and yet complained of?"),
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
    "funnel": _n(
        "Of %(number)s survey delivered, %(answered)s was answered and %(valid)s counts",
        "Of %(number)s surveys delivered, %(answered)s were answered and %(valid)s count",
    ),
    "funnel.some": _n(
        "Of %(number)s survey delivered, %(answered)s was answered",
        "Of %(number)s surveys delivered, %(answered)s were answered",
    ),
    "funnel.untold": N_("Who was asked, and who answered"),
    "funnel.none": N_("Nobody was asked this quarter"),
    "clients.chart.none": N_("No client can be shown this quarter"),
    "clients.chart.well": _n(
        "The one client is not clearly below the target",
        "None of %(number)s clients is clearly below the target",
    ),
    "clients.chart.below": _n(
        "%(number)s client of %(all)s is clearly below the target",
        "%(number)s clients of %(all)s are clearly below the target",
    ),
    "channels.differ": N_(
        "By telephone we are rated clearly higher than by link: %(telephone)s against %(link)s"
    ),
    "channels.reverse": N_(
        "By telephone we are rated clearly lower than by link: %(telephone)s against %(link)s"
    ),
    "channels.alike": N_("Telephone and link give no clearly different rates"),
    "channels.plain": N_("Overall satisfaction by channel"),
    "dimensions.chart": N_("%(best)s is rated highest, %(worst)s lowest"),
    "dimensions.chart.alike": N_("All dimensions are rated alike"),
    "dimensions.chart.none": N_("No comparison of dimensions is possible this quarter"),
    "heat.clearly": N_("%(name)s clearly fell at %(fallen)s of %(all)s core clients"),
    "heat.fell": N_("%(name)s fell at %(fallen)s of %(all)s core clients, within what chance explains"),
    "heat.plain": N_("Where each client is satisfied, and where not"),
    "importance.first": N_("To improve first: %(names)s"),
    "importance.fine": N_("Nothing important is rated below the others"),
    "importance.none": N_("Too few responses to tell what matters most"),
    "feedback.chart": N_("%(name)s is the most frequent type of feedback: %(number)s of %(all)s"),
    "feedback.plain": N_("Feedback by type and severity"),
    "feedback.chart.none": N_("No feedback this quarter"),
    "actions.fewer": N_("After last quarter's actions, fewer complaints about %(names)s"),
    "actions.both": N_(
        "After last quarter's actions, fewer complaints about %(fewer)s, but more about %(more)s"
    ),
    "actions.not_fewer": N_("Despite last quarter's actions, no fewer complaints about %(names)s"),
    "actions.plain": N_("What last quarter's actions came to, by type of problem"),
    "commitments.chart": _n(
        "%(reached)s of %(number)s commitment with data is reached",
        "%(reached)s of %(number)s commitments with data are reached",
    ),
    "commitments.chart.none": N_("No commitment has data this quarter"),
    "risks.chart": N_("%(name)s draws most feedback: %(number)s of %(all)s"),
    "risks.plain": N_("Risk domains"),
    "risks.chart.none": N_("No feedback falls into any risk domain this quarter"),
    # the message under a part's heading
    "part.asked": N_("%(rate)s of what was delivered was answered, after %(before)s the quarter before."),
    "part.asked.first": N_("%(rate)s of what was delivered was answered."),
    "part.surveyed": _n(
        "%(rate)s of %(number)s incident due was surveyed in time.",
        "%(rate)s of %(number)s incidents due were surveyed in time.",
    ),
    "part.refused": _n(
        "%(number)s response was refused as not genuine.", "%(number)s responses were refused as not genuine."
    ),
    "part.checked": _n(
        "In %(contradicted)s of %(number)s check call the client told something else than the record.",
        "In %(contradicted)s of %(number)s check calls the client told something else than the record.",
    ),
    "part.clients": _n(
        "%(reached)s of %(number)s client with a rate reaches the target of %(target)s.",
        "%(reached)s of %(number)s clients with a rate reach the target of %(target)s.",
    ),
    "part.few": N_(
        "Where few answered, the interval is wide: only what is called clear is more than chance."
    ),
    "part.questions": N_(
        "Of all questions with a rating, “%(name)s” got the fewest ratings of 4–5: %(rate)s."
    ),
    "part.trend": N_(
        "In eight quarters the rate lay between %(low)s (%(lowest)s) and %(high)s (%(highest)s)."
    ),
    "part.importance": N_(
        "Who rates %(names)s low tends to rate us low overall: improvement is likely to be felt there first."
    ),
    "part.feedback": _n(
        "%(rate)s of %(number)s feedback due was handled in time; the target is %(target)s.",
        "%(rate)s of %(number)s feedback items due were handled in time; the target is %(target)s.",
    ),
    "part.critical": _n("%(number)s feedback is critical.", "%(number)s feedback items are critical."),
    "part.actions": _n(
        "%(done)s of %(number)s action on this quarter's feedback is done, %(overdue)s overdue.",
        "%(done)s of %(number)s actions on this quarter's feedback are done, %(overdue)s overdue.",
    ),
    "part.commitments": _n(
        "%(number)s commitment has no data this quarter.", "%(number)s commitments have no data this quarter."
    ),
    "part.unanswered": _n(
        "%(number)s missed commitment still waits for an action or a reason.",
        "%(number)s missed commitments still wait for an action or a reason.",
    ),
    "part.risks": _n(
        "%(assessed)s of %(number)s prevention point is assessed this quarter.",
        "%(assessed)s of %(number)s prevention points are assessed this quarter.",
    ),
    "part.unmarked": N_("No domain said to be in place throughout draws complaints."),
}


def write_sentence(rule: str, zone: ZoneInfo, **parameters: object) -> Sentence:
    """A sentence in both languages, with the rule and the parameters that it was made from."""
    texts = {
        language: _fill_sentence(rule, LocaleFormat(language, zone), parameters) for language in ("zh", "en")
    }
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


def choose_text(sentence: Sentence, edits: Facts, language: str) -> str:
    """A sentence as the report says it: in QA's words where there are some."""
    own = edits.get(sentence.get("place", ""), {}).get("text", {})
    return own.get(language) or sentence["text"][language]


def _fill_sentence(rule: str, tongue: LocaleFormat, parameters: Facts) -> str:
    sentence, values = SENTENCES[rule], {name: tongue.shown(value) for name, value in parameters.items()}
    if isinstance(sentence, str):
        return tongue.texts.gettext(sentence) % values
    return tongue.texts.ngettext(*sentence, parameters["number"]) % values
