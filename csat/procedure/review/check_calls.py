"""The check-call sample (P7): which telephone and interview records are checked, and what came of it.

The system draws, so that nobody can spare a colleague. Each record's place in its recorder's queue is a hash
of a secret seed and its key: the same records give the same sample, and what comes later is added to it.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, ModelSelect, fn

from csat.database import write
from csat.models.answers import Response, Verdict
from csat.models.asking import RECORDED_CHANNELS
from csat.models.base import Condition, expect_value
from csat.models.check_calls import CheckCall, CheckOutcome
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.clients.reach import ContactReach, find_respondent_reach
from csat.procedure.core import audit, settings
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import OutOfOrder
from csat.procedure.people import separation_of_duties
from csat.words import N_

MISMATCH_OUTCOMES = (CheckOutcome.DIFFERS, CheckOutcome.DENIES)
FINAL_OUTCOMES = (CheckOutcome.CONFIRMED, *MISMATCH_OUTCOMES)
SEED_SETTING = "check_seed"


class CheckCallMade(OutOfOrder):
    sentence = N_("This check call has been made: “%(outcome)s”.")


class NothingRecorded(OutOfOrder):
    sentence = N_("Only what a colleague took down or typed in is checked by a call.")


@dataclass(frozen=True)
class RecorderSample:
    """What the sample of one recorder came to. A call that reached nobody has checked nothing."""

    recorder: Person
    records: int
    drawn: int
    checked: int
    mismatches: int
    not_reached: int


# --- drawing -----------------------------------------------------------------------------------------


def draw_sample(quarter: Quarter, now: datetime, by: audit.Actor = None, running: bool = False) -> int:
    """Draw a quarter's sample, or add to it; return how many were added. Drawn ones stay drawn."""
    with write():
        seed, recorded = (
            f"{settings.get_secret_seed(SEED_SETTING, now)}:{quarter}",
            _records_by_recorder(quarter).values(),
        )
        # What a reviewer asked for is no sample, since it would tilt the rate.
        calls = CheckCall.select(CheckCall.response)
        sampled = calls.where(CheckCall.quarter == int(quarter), CheckCall.asked_by.is_null())
        drawn = {key for (key,) in sampled.tuples()}
        added = [key for records in recorded for key in choose_sample(records, drawn, seed, running)]
        for key in added:
            # A call that was asked for and is drawn as well belongs to the sample: chance found it, too.
            if not CheckCall.update(asked_by=None).where(CheckCall.response == key).execute():
                CheckCall.create(response=key, quarter=int(quarter), drawn_at=now)
        if added:
            audit.record(by, "check calls drawn", f"quarter:{quarter}", now, number=len(added))
    return len(added)


def choose_sample(records: Iterable[int], drawn: set[int], seed: str, running: bool = False) -> list[int]:
    """Which of one recorder's records are added to those drawn already: the set share, and at least the set number."""
    records = list(records)
    share = settings.get_whole_number("check_share") * len(records) / 100
    # In a running quarter the least number waits for its end: it would be the first records, and they would know.
    size = math.floor(share) if running else max(math.ceil(share), settings.get_whole_number("check_least"))
    left = [key for key in records if key not in drawn]
    left.sort(key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())
    return left[: max(size - len(drawn.intersection(records)), 0)]


def request_check_call(response: Response, by: Person, now: datetime, note: str = "") -> CheckCall:
    """Have a record that was not drawn checked by a call, with a note for who calls; it is no sample."""
    if not response.is_recorded:
        raise NothingRecorded
    with write():
        call = find_check_call(response)
        if call is None:
            call = CheckCall.create(
                response=response, quarter=response.quarter, drawn_at=now, asked_by=by, words=note.strip()
            )
            audit.record(by, "check call asked for", response, now)
        else:
            _refuse_call_made(call)
    return call


def can_be_called(response: Response) -> bool:
    """Whether a check call of it can still tell something."""
    call = find_check_call(response)
    return response.is_recorded and (call is None or call.outcome not in FINAL_OUTCOMES)


def _records_by_recorder(quarter: Quarter) -> dict[int, list[int]]:
    """The keys of a quarter's records that are not refused, by recorder."""
    rows = Response.select(Response.recorder, Response.id).where(
        Response.quarter == int(quarter),
        Response.channel.in_(RECORDED_CHANNELS),
        Response.recorder.is_null(False),
        Response.verdict != Verdict.REFUSED,
    )
    found: dict[int, list[int]] = defaultdict(list)
    for recorder, key in rows.tuples():
        found[recorder].append(key)
    return found


# --- calling -----------------------------------------------------------------------------------------


def get_check_call(key: int) -> CheckCall:
    """A check call with its record; raise NotFound for a key that is none."""
    return get_or_refuse(_select_calls(), key)


def find_check_call(response: Response) -> CheckCall | None:
    """The check call of a response, if it has one."""
    return CheckCall.get_or_none(CheckCall.response == response)


def check_calls_of(responses: Iterable[Response]) -> dict[int, CheckCall]:
    """The check calls of some responses, by response."""
    rows = CheckCall.select().where(CheckCall.response.in_([response.id for response in responses]))
    return {row.response_id: row for row in rows}


def list_open_calls(quarter: Quarter | None = None) -> ModelSelect[CheckCall]:
    """A query of the calls to be made, those tried before last; without a quarter, of all quarters."""
    query = _select_quarter(quarter).where(_open_condition())
    return query.order_by(CheckCall.outcome.is_null(False), Response.received_at, CheckCall.id)


def count_open_calls() -> list[tuple[Quarter, int]]:
    """How many calls are to be made for each quarter that has any."""
    counted = CheckCall.select(CheckCall.quarter, fn.COUNT(CheckCall.id)).join(Response).where(_open_condition())
    rows = counted.group_by(CheckCall.quarter).order_by(CheckCall.quarter).tuples()
    return [(Quarter.from_int(quarter), number) for quarter, number in rows]


def list_made_calls(quarter: Quarter) -> ModelSelect[CheckCall]:
    """A query of the calls that told something, the latest first."""
    query = _select_quarter(quarter).where(CheckCall.outcome.in_(FINAL_OUTCOMES))
    return query.order_by(CheckCall.at.desc(), CheckCall.id)


def unmask_respondent(call: CheckCall, by: Person, now: datetime) -> ContactReach:
    """Show the number in full to who makes the call now; it goes on record (D2)."""
    _refuse_call_made(call)
    separation_of_duties.ensure_may_make_check_call(by, call.response)
    reach = find_respondent_reach(call.response)
    audit.record(by, "contact unmasked", reach.key, now, check_call=call.id)
    return reach


def record_check_call(call: CheckCall, outcome: CheckOutcome, words: str, by: Person, now: datetime) -> None:
    """Put down what a check call came to (P7). A mismatch takes words; the recorder may not."""
    separation_of_duties.ensure_may_make_check_call(by, call.response)
    if outcome in MISMATCH_OUTCOMES:
        need_text(words, "words")
    with write():
        stands = CheckCall.get_by_id(call.id)  # the page may be older
        _refuse_call_made(stands)
        call.words = "\n".join(filter(None, [stands.words, words.strip()]))
        call.outcome, call.by, call.at = outcome, by, now
        call.save()
        audit.record(by, "check call made", call.response, now, outcome=outcome)


def list_recorder_samples(quarter: Quarter) -> list[RecorderSample]:
    """What the drawn sample came to, recorder by recorder; calls that a reviewer asked for are left out."""
    records = _records_by_recorder(quarter)
    outcomes: dict[int, list[CheckOutcome | None]] = defaultdict(list)
    for call in _select_quarter(quarter).where(CheckCall.asked_by.is_null()):
        outcomes[expect_value(call.response.recorder_id)].append(call.outcome)
    persons = Person.select().where(Person.id.in_(records.keys() | outcomes.keys())).order_by(Person.name, Person.id)
    return [_count_sample(person, len(records.get(person.id, ())), outcomes[person.id]) for person in persons]


def _count_sample(recorder: Person, records: int, outcomes: list[CheckOutcome | None]) -> RecorderSample:
    return RecorderSample(
        recorder=recorder,
        records=records,
        drawn=len(outcomes),
        checked=sum(one in FINAL_OUTCOMES for one in outcomes),
        mismatches=sum(one in MISMATCH_OUTCOMES for one in outcomes),
        not_reached=outcomes.count(CheckOutcome.NOT_REACHED),
    )


def _open_condition() -> Condition:
    """Still to be called: not refused by two persons meanwhile, and nobody has told anything yet."""
    untold = CheckCall.outcome.is_null() | (CheckCall.outcome == CheckOutcome.NOT_REACHED)
    return untold & (Response.verdict != Verdict.REFUSED)


def _refuse_call_made(call: CheckCall) -> None:
    if call.outcome in FINAL_OUTCOMES:
        raise CheckCallMade(outcome=call.outcome)


def _select_quarter(quarter: Quarter | None) -> ModelSelect[CheckCall]:
    return _select_calls() if quarter is None else _select_calls().where(CheckCall.quarter == int(quarter))


def _select_calls() -> ModelSelect[CheckCall]:
    """Check calls with what their list tells of the record."""
    recorder = Person.alias()
    tables = (CheckCall, Response, QuestionnaireVersion, Client, Contact, Incident, recorder)
    query = CheckCall.select(*tables).join(Response).join(QuestionnaireVersion)
    for table in (Client, Contact, Incident):
        query = query.join_from(Response, table, JOIN.LEFT_OUTER)
    return query.join_from(Response, recorder, on=Response.recorder == recorder.id, attr="recorder")
