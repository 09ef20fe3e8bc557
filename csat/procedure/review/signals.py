"""What speaks against a response being genuine (§7). A signal never decides: QA does.

Anonymous responses have no contact, recorder or instant, so only their answers are looked at.
Everything is gathered for many responses at once, so that the queue can be filtered by signal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from peewee import chunked

from csat.models.answers import Duration, Response
from csat.models.asking import RECORDED_CHANNELS
from csat.models.check_calls import CheckOutcome
from csat.models.questionnaires import Dimension
from csat.procedure.core.days_off import is_day_off
from csat.procedure.core.quarter import Quarter
from csat.procedure.review.recorders import find_high_recorders
from csat.procedure.review.signal_facts import SignalFacts, gather_facts
from csat.words import N_

MIN_SAME_RATINGS = 6  # ratings, all of them the same
OVERALL_GAP = 2  # between overall and the mean of its parts
REPEAT_WITHIN = timedelta(days=14)
BATCH_SIZE = 500


@dataclass(frozen=True)
class Signal:
    """One thing worth a second look: its label, and the evidence in a sentence with parameters."""

    code: str
    msgid: str
    params: dict[str, object]
    evidence: str


Params = dict[str, object]  # what the sentence of the evidence names
Rule = Callable[[Response, SignalFacts], Params | None]
SIGNAL_LABELS: dict[str, str] = {}
_RULES: list[tuple[str, str, Rule]] = []


def _signal(code: str, label: str, evidence: str) -> Callable[[Rule], Rule]:
    """Make a rule a signal: it speaks where it returns what its evidence names."""

    def register(rule: Rule) -> Rule:
        SIGNAL_LABELS[code] = label
        _RULES.append((code, evidence, rule))
        return rule

    return register


def find_signals(response: Response, zone: tzinfo) -> list[Signal]:
    """The signals of one response; `zone` tells what working hours are."""
    return find_signals_by_response([response], zone)[response.id]


def find_signals_by_response(responses: Iterable[Response], zone: tzinfo) -> dict[int, list[Signal]]:
    """The signals of many responses, by their key."""
    found: dict[int, list[Signal]] = {}
    for batch in chunked(responses, BATCH_SIZE):
        facts = gather_facts(batch, zone)
        for response in batch:
            found[response.id] = [
                Signal(code, SIGNAL_LABELS[code], params, evidence)
                for code, evidence, rule in _RULES
                if (params := rule(response, facts)) is not None
            ]
    return found


# --- the rules, in the order in which they are shown -------------------------------------------------


@_signal("same_ratings", N_("All ratings the same"), N_("All %(number)s ratings are %(value)s."))
def _same_ratings(response: Response, facts: SignalFacts) -> Params | None:
    values = [value for _, value in facts.ratings[response.id]]
    alike = len(values) >= MIN_SAME_RATINGS and len(set(values)) == 1
    return {"number": len(values), "value": values[0]} if alike else None


@_signal(
    "overall_off",
    N_("Overall does not fit its parts"),
    N_("The parts have a mean of %(mean)s, overall is %(overall)s."),
)
def _overall_off(response: Response, facts: SignalFacts) -> Params | None:
    ratings = facts.ratings[response.id]
    overall = [value for dimension, value in ratings if dimension == Dimension.OVERALL]
    parts = [value for dimension, value in ratings if dimension != Dimension.OVERALL]
    if not overall or not parts:
        return None
    mean = sum(parts) / len(parts)
    return {"mean": f"{mean:.1f}", "overall": overall[0]} if abs(overall[0] - mean) >= OVERALL_GAP else None


@_signal(
    "copied_words",
    N_("Same words elsewhere"),
    N_("The same comment, word for word, stands in %(number)s other responses."),
)
def _copied_words(response: Response, facts: SignalFacts) -> Params | None:
    holders = set().union(*(facts.holders[words] for words in facts.words[response.id])) - {response.id}
    return {"number": len(holders)} if holders else None


@_signal("hasty", N_("Very fast"), N_("The form was open for a very short time only."))
def _hasty(response: Response, facts: SignalFacts) -> Params | None:
    return {} if response.duration == Duration.HASTY else None


@_signal(
    "contact_again",
    N_("Same contact again"),
    N_("This contact answered the same questionnaire %(number)s more times within %(days)s days."),
)
def _contact_again(response: Response, facts: SignalFacts) -> Params | None:
    if not response.contact_id or response.received_at is None:
        return None
    near = [
        key
        for key, questionnaire, received in facts.contacts[response.contact_id]
        if key != response.id and questionnaire == response.version.questionnaire_id and received is not None
        if abs(received - response.received_at) <= REPEAT_WITHIN
    ]
    return {"number": len(near), "days": REPEAT_WITHIN.days} if near else None


@_signal("odd_hour", N_("Outside working hours"), N_("Recorded at %(time)s; working hours are %(starts)s–%(ends)s."))
def _odd_hour(response: Response, facts: SignalFacts) -> Params | None:
    if not response.recorder_id or response.received_at is None:
        return None
    local = response.received_at.astimezone(facts.zone)
    starts, ends = facts.hours
    odd = not starts <= local.hour < ends
    return {"time": f"{local:%H:%M}", "starts": f"{starts}:00", "ends": f"{ends}:00"} if odd else None


@_signal("day_off", N_("On a day off"), N_("Recorded on %(day)s, a weekend or a holiday."))
def _day_off(response: Response, facts: SignalFacts) -> Params | None:
    if not response.recorder_id or response.received_at is None:
        return None
    day = response.received_at.astimezone(facts.zone).date()
    return {"day": day.isoformat()} if is_day_off(day, facts.calendar) else None


@_signal(
    "before_closing",
    N_("Before the incident closed"),
    N_("Incident %(number)s was not closed yet when this was recorded."),
)
def _before_closing(response: Response, facts: SignalFacts) -> Params | None:
    incident = response.incident
    if incident is None or response.received_at is None:
        return None
    closed = incident.first_closed_at is not None and incident.first_closed_at <= response.received_at
    return None if closed else {"number": incident.number}


@_signal(
    "handler_recorded",
    N_("Recorder handled the incident"),
    N_("%(name)s dealt with incident %(number)s and recorded its survey."),
)
def _handler_recorded(response: Response, facts: SignalFacts) -> Params | None:
    incident, recorder = response.incident, response.recorder
    if incident is None or recorder is None:
        return None
    handled = recorder.id in (incident.assigned_to_id, incident.resolved_by_id)
    return {"name": recorder.name, "number": incident.number} if handled else None


@_signal(
    "recorder_high",
    N_("Recorder far above the links"),
    N_("%(name)s recorded %(good)s of %(n)s as satisfied; by link the same clients say so in %(links)s of %(of)s."),
)
def _recorder_high(response: Response, facts: SignalFacts) -> Params | None:
    recorder, quarter = response.recorder, response.quarter
    if recorder is None or response.channel not in RECORDED_CHANNELS:
        return None
    if quarter not in facts.recorders:
        facts.recorders[quarter] = find_high_recorders(Quarter.from_int(quarter))
    one = facts.recorders[quarter].get(recorder.id)
    if one is None:
        return None
    return {"name": recorder.name, "good": one.good, "n": one.n, "links": one.link_good, "of": one.link_n}


@_signal(
    "links_in_hand",
    N_("Links in one colleague’s hand"),
    N_("%(number)s answers of this survey came through links that %(name)s had in hand."),
)
def _links_in_hand(response: Response, facts: SignalFacts) -> Params | None:
    if not response.anonymous:
        return None
    held = facts.in_hand.get((response.quarter, response.version_id))
    return {"number": held[0], "name": held[1]} if held else None


def _heard(outcome: CheckOutcome) -> Rule:
    def rule(response: Response, facts: SignalFacts) -> Params | None:
        call = facts.calls.get(response.id)
        if call is None or call.outcome != outcome or call.by is None:
            return None
        return {"name": call.by.name, "words": call.words}

    return rule


_CALL_EVIDENCE = N_("%(name)s called back and heard: %(words)s")
_signal("check_differs", N_("Check call: differs"), _CALL_EVIDENCE)(_heard(CheckOutcome.DIFFERS))
_signal("check_denies", N_("Check call: denied"), _CALL_EVIDENCE)(_heard(CheckOutcome.DENIES))
