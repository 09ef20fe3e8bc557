"""What speaks against a response being genuine (§7). A signal never decides: QA does.

Anonymous responses have no contact, recorder or instant, so only their answers are looked at.
Everything is gathered for many responses at once, so that the queue can be filtered by signal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Any

from peewee import Case, chunked, fn

from csat.models.answers import Answer, Duration, Response, Verdict
from csat.models.asking import Channel
from csat.models.base import Condition
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.people import Person
from csat.models.questionnaires import Dimension, Kind, Question, QuestionnaireVersion
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally
from csat.words import N_

MIN_SAME_RATINGS = 6  # ratings, all of them the same
OVERALL_GAP = 2  # between overall and the mean of its parts
MIN_COPIED_LENGTH = 6  # characters: "好的" twice says nothing
REPEAT_WITHIN = timedelta(days=14)
RECORDED_CHANNELS = (Channel.TELEPHONE, Channel.INTERVIEW)
QUARTERS_COMPARED = 4
MIN_COMPARED = 10  # responses on each side
SIGNIFICANCE_LEVEL = 0.01
BATCH_SIZE = 500

SIGNAL_LABELS: dict[str, str] = {
    "same_ratings": N_("All ratings the same"),
    "overall_off": N_("Overall does not fit its parts"),
    "copied_words": N_("Same words elsewhere"),
    "hasty": N_("Very fast"),
    "contact_again": N_("Same contact again"),
    "odd_hour": N_("Outside working hours"),
    "before_closing": N_("Before the incident closed"),
    "handler_recorded": N_("Recorder handled the incident"),
    "recorder_high": N_("Recorder far above the links"),
    "check_differs": N_("Check call: differs"),
    "check_denies": N_("Check call: denied"),
}


@dataclass(frozen=True)
class Signal:
    """One thing worth a second look: its label, and the evidence in a sentence with parameters."""

    code: str
    msgid: str
    params: dict[str, object]
    evidence: str


@dataclass
class _Facts:
    """What the rules need about a batch of responses, read once."""

    zone: tzinfo
    hours: tuple[int, int]
    ratings: dict[int, list[tuple[Dimension | None, int]]] = field(default_factory=lambda: defaultdict(list))
    words: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    contacts: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    recorders: dict[tuple[int, int], Signal | None] = field(default_factory=dict)
    calls: dict[int, CheckCall] = field(default_factory=dict)


def find_signals(response: Response, zone: tzinfo) -> list[Signal]:
    """The signals of one response; `zone` tells what working hours are."""
    return find_signals_by_response([response], zone)[response.id]


def find_signals_by_response(responses: Iterable[Response], zone: tzinfo) -> dict[int, list[Signal]]:
    """The signals of many responses, by their key."""
    found: dict[int, list[Signal]] = {}
    for batch in chunked(responses, BATCH_SIZE):
        facts = _gather_facts(batch, zone)
        for response in batch:
            said = (rule(response, facts) for rule in SIGNAL_RULES)
            found[response.id] = [signal for signal in said if signal is not None]
    return found


def _gather_facts(batch: list[Response], zone: tzinfo) -> _Facts:
    facts = _Facts(zone, (settings.get_whole_number("work_starts"), settings.get_whole_number("work_ends")))
    answers = (
        Answer.select(Answer.response, Question.kind, Question.dimension, Answer.value, Answer.words)
        .join(Question)
        .where(Answer.response.in_([response.id for response in batch]))
        .where(Question.kind.in_((Kind.RATING, Kind.TEXT)))
    )
    for key, kind, dimension, value, words in answers.tuples():
        if kind == Kind.TEXT and words and len(words.strip()) >= MIN_COPIED_LENGTH:
            facts.words[key].append(words)
        elif kind == Kind.RATING and value is not None:
            facts.ratings[key].append((dimension, value))
    _gather_holders(facts)
    _gather_contacts(facts, batch)
    _gather_calls(facts, batch)
    return facts


def _gather_holders(facts: _Facts) -> None:
    texts = {text for texts in facts.words.values() for text in texts}
    if not texts:
        return
    rows = (
        Answer.select(Answer.words, Answer.response)
        .join(Question)
        .where(Question.kind == Kind.TEXT, Answer.words.in_(texts))
    )
    for words, key in rows.tuples():
        facts.holders[words].add(key)


def _gather_contacts(facts: _Facts, batch: list[Response]) -> None:
    contacts = {response.contact_id for response in batch if response.contact_id}
    if not contacts:
        return
    rows = (
        Response.select(
            Response.contact, Response.id, QuestionnaireVersion.questionnaire, Response.received_at
        )
        .join(QuestionnaireVersion)
        .where(Response.contact.in_(contacts))
    )
    for contact, key, questionnaire, received in rows.tuples():
        facts.contacts[contact].append((key, questionnaire, received))


def _gather_calls(facts: _Facts, batch: list[Response]) -> None:
    recorded = [response.id for response in batch if response.recorder_id]
    if recorded:
        calls = CheckCall.select(CheckCall, Person).join(Person, on=(CheckCall.by == Person.id))
        facts.calls = {call.response_id: call for call in calls.where(CheckCall.response.in_(recorded))}


def _make_signal(code: str, evidence: str, **params: object) -> Signal:
    return Signal(code, SIGNAL_LABELS[code], params, evidence)


def _same_ratings(response: Response, facts: _Facts) -> Signal | None:
    values = [value for _, value in facts.ratings[response.id]]
    if len(values) < MIN_SAME_RATINGS or len(set(values)) > 1:
        return None
    return _make_signal(
        "same_ratings", N_("All %(number)s ratings are %(value)s."), number=len(values), value=values[0]
    )


def _overall_off(response: Response, facts: _Facts) -> Signal | None:
    ratings = facts.ratings[response.id]
    overall = [value for dimension, value in ratings if dimension == Dimension.OVERALL]
    parts = [value for dimension, value in ratings if dimension != Dimension.OVERALL]
    if not overall or not parts:
        return None
    mean = sum(parts) / len(parts)
    if abs(overall[0] - mean) < OVERALL_GAP:
        return None
    evidence = N_("The parts have a mean of %(mean)s, overall is %(overall)s.")
    return _make_signal("overall_off", evidence, mean=f"{mean:.1f}", overall=overall[0])


def _copied_words(response: Response, facts: _Facts) -> Signal | None:
    others: set[int] = set()
    for words in facts.words[response.id]:
        others |= facts.holders[words] - {response.id}
    if not others:
        return None
    evidence = N_("The same comment, word for word, stands in %(number)s other responses.")
    return _make_signal("copied_words", evidence, number=len(others))


def _hasty(response: Response, facts: _Facts) -> Signal | None:
    if response.duration != Duration.HASTY:
        return None
    return _make_signal("hasty", N_("The form was open for a very short time only."))


def _contact_again(response: Response, facts: _Facts) -> Signal | None:
    if not response.contact_id or response.received_at is None:
        return None
    form = response.version.questionnaire_id
    near = [
        key
        for key, questionnaire, received in facts.contacts[response.contact_id]
        if key != response.id and questionnaire == form and received is not None
        if abs(received - response.received_at) <= REPEAT_WITHIN
    ]
    if not near:
        return None
    evidence = N_("This contact answered the same questionnaire %(number)s more times within %(days)s days.")
    return _make_signal("contact_again", evidence, number=len(near), days=REPEAT_WITHIN.days)


def _odd_hour(response: Response, facts: _Facts) -> Signal | None:
    if not response.recorder_id or response.received_at is None:
        return None
    local = response.received_at.astimezone(facts.zone)
    starts, ends = facts.hours
    if starts <= local.hour < ends:
        return None
    evidence = N_("Recorded at %(time)s; working hours are %(starts)s–%(ends)s.")
    hours = {"starts": f"{starts}:00", "ends": f"{ends}:00"}
    return _make_signal("odd_hour", evidence, time=f"{local:%H:%M}", **hours)


def _before_closing(response: Response, facts: _Facts) -> Signal | None:
    incident = response.incident
    if incident is None or response.received_at is None:
        return None
    if incident.first_closed_at is not None and incident.first_closed_at <= response.received_at:
        return None
    evidence = N_("Incident %(number)s was not closed yet when this was recorded.")
    return _make_signal("before_closing", evidence, number=incident.number)


def _handler_recorded(response: Response, facts: _Facts) -> Signal | None:
    incident = response.incident
    if incident is None or response.recorder is None:
        return None
    if response.recorder_id not in (incident.assigned_to_id, incident.resolved_by_id):
        return None
    evidence = N_("%(name)s dealt with incident %(number)s and recorded its survey.")
    return _make_signal("handler_recorded", evidence, name=response.recorder.name, number=incident.number)


def _recorder_high(response: Response, facts: _Facts) -> Signal | None:
    if not response.recorder_id or response.channel not in RECORDED_CHANNELS:
        return None
    key = (response.recorder_id, response.quarter)
    if key not in facts.recorders:
        facts.recorders[key] = _compare_recorder(*key)
    return facts.recorders[key]


def _check_differs(response: Response, facts: _Facts) -> Signal | None:
    return _check_call_signal(response, facts, CheckOutcome.DIFFERS, "check_differs")


def _check_denies(response: Response, facts: _Facts) -> Signal | None:
    return _check_call_signal(response, facts, CheckOutcome.DENIES, "check_denies")


def _check_call_signal(response: Response, facts: _Facts, outcome: CheckOutcome, code: str) -> Signal | None:
    call = facts.calls.get(response.id)
    if call is None or call.outcome != outcome or call.by is None:
        return None
    return _make_signal(
        code, N_("%(name)s called back and heard: %(words)s"), name=call.by.name, words=call.words
    )


def _compare_recorder(recorder: int, quarter: int) -> Signal | None:
    """A recorder's records of four quarters against what the same clients say by link."""
    span = [int(one) for one in Quarter.from_int(quarter).back(QUARTERS_COMPARED)]
    recorded = (
        (Response.recorder == recorder)
        & Response.channel.in_(RECORDED_CHANNELS)
        & (Response.verdict != Verdict.REFUSED)
        & Response.quarter.in_(span)
    )
    clients = Response.select(Response.client).where(recorded, Response.client.is_null(False))
    linked = (
        Response.client.in_(clients)
        & Response.channel.not_in(RECORDED_CHANNELS)
        & (Response.verdict == Verdict.VALID)
        & Response.quarter.in_(span)
    )
    good, n = _count_satisfied(recorded)
    link_good, link_n = _count_satisfied(linked & _countable_condition(linked))
    if min(n, link_n) < MIN_COMPARED or good * link_n <= link_good * n:
        return None
    if tally.two_proportion_p_value(good, n, link_good, link_n) >= SIGNIFICANCE_LEVEL:
        return None
    evidence = N_(
        "%(name)s recorded %(good)s of %(n)s as satisfied; by link the same clients say so "
        "in %(links)s of %(of)s."
    )
    name = Response.recorder.rel_model.get_by_id(recorder).name
    return _make_signal("recorder_high", evidence, name=name, good=good, n=n, links=link_good, of=link_n)


def _countable_condition(which: Condition) -> Condition:
    """Anonymous answers enter a comparison only if there are enough of them (F4)."""
    hidden = Response.select().where(which, Response.anonymous).count()
    if hidden >= settings.get_whole_number("anonymous_least"):
        return which
    return ~Response.anonymous


def _count_satisfied(which: Condition) -> tuple[int, int]:
    """How many of these responses have an overall rating of 4–5, and how many have one at all."""
    satisfied = Case(None, [(Answer.value >= 4, 1)], 0)
    row = (
        Response.select(fn.COALESCE(fn.SUM(satisfied), 0), fn.COUNT(Answer.id))
        .join(Answer)
        .join(Question)
        .where(which, Question.kind == Kind.RATING, Question.dimension == Dimension.OVERALL)
        .where(Answer.value.is_null(False))
        .tuples()
        .get()
    )
    return int(row[0]), int(row[1])


SIGNAL_RULES: tuple[Callable[[Response, _Facts], Signal | None], ...] = (
    _same_ratings,
    _overall_off,
    _copied_words,
    _hasty,
    _contact_again,
    _odd_hour,
    _before_closing,
    _handler_recorded,
    _recorder_high,
    _check_differs,
    _check_denies,
)
