"""The tally: valid answers counted by what figures ask for, so that no figure reads single answers.

Merged clients are read as one, never rewritten here. Once a report tells of a quarter, its anonymous responses
enter and leave in steps of k and more (decisions 0020 and 0210): the difference of two readings shall not be one
person's answer. Who is refused then stays counted until enough others leave too.
"""

from __future__ import annotations

from collections import Counter

from peewee import ModelSelect, fn

from csat.database import write
from csat.models.answers import Response, Verdict
from csat.models.base import Condition
from csat.models.questionnaires import QuestionnaireVersion
from csat.models.reporting import Report, ReportState, ReportWord, Tally
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.review.tally_rows import TALLY_KEY, TallyKey, add_counts, count_keys, list_keys

WAITING_STEP = 0  # in `step`: valid and not counted yet; in `left`: valid no more and still counted
TREND_QUARTERS = 8  # that a report tells of: its own, the one before, and the rest of its trend

Batch = tuple[int, int | None]  # in which step a response was counted (0: from the start), and in which it left


def counted_condition() -> Condition:
    """The responses that figures count: valid and not waiting for company, or waiting for company to leave with."""
    # A list behind a figure that showed those that wait would show whose answer comes next.
    entered = Response.step.is_null() | (Response.step != WAITING_STEP)
    return ((Response.verdict == Verdict.VALID) & entered & Response.left.is_null()) | (Response.left == WAITING_STEP)


def is_told(quarter: int) -> bool:
    """Whether a report tells of a quarter, be it as one before its own, and be it a draft."""
    return _reports_telling(quarter).exists()


def is_seen(quarter: int) -> bool:
    """Whether somebody other than quality control was ever shown a report that tells of a quarter."""
    worded = Report.id.in_(ReportWord.select(ReportWord.report))
    seen = Report.state.in_((ReportState.REVIEW, ReportState.ISSUED)) | worded
    return _reports_telling(quarter).where(seen).exists()


def counts_anonymous(quarter: int, client: int) -> bool:
    """Whether a client has anonymous answers in a quarter's figures."""
    return Tally.select().where(Tally.quarter == quarter, Tally.client == client, Tally.anonymous).exists()


def find_last_step(quarter: int) -> int:
    """How many steps a quarter's figures have taken since the first report that told of it."""
    columns = (fn.MAX(Response.step), fn.MAX(Response.left))
    (found,) = Response.select(*columns).where(Response.quarter == quarter).tuples()
    return max(found[0] or 0, found[1] or 0)


def read_history(quarter: int) -> dict[Batch, Counter[TallyKey]]:
    """Whatever anonymous responses of a quarter ever added to the tally, by the steps they came and left with."""
    here = (Response.quarter == quarter) & Response.anonymous
    moved = here & ((Response.step > WAITING_STEP) | (Response.left > WAITING_STEP))
    batches: dict[int, Batch] = {
        key: (step or 0, left or None)
        for key, step, left in Response.select(Response.id, Response.step, Response.left).where(moved).tuples()
    }
    found: dict[Batch, Counter[TallyKey]] = {}
    for key, keys in list_keys(moved):
        found.setdefault(batches[key], Counter()).update(keys)
    # The many who were there from the start and stay are not read one by one: they are what the tally has beside.
    rows = Tally.select(*TALLY_KEY, Tally.n).where(Tally.quarter == quarter, Tally.anonymous).tuples()
    first = Counter({tuple(row[:-1]): row[-1] for row in rows})
    for (_, left), counted in found.items():
        if left is None:
            first.subtract(counted)
    found.setdefault((0, None), Counter()).update(+first)
    return found


def add_to_tally(response: Response) -> None:
    """Add a response that has become valid to the tally, in the caller's transaction (P7)."""
    with write():
        if not (response.anonymous and is_told(response.quarter)):
            return add_counts(count_keys(Response.id == response.id))
        this = Response.id == response.id
        if Response.update(left=None).where(this, Response.left == WAITING_STEP).execute():
            return None  # it never left
        # What has left stays out: if it came back, the two steps together would tell of fewer than k.
        if Response.update(step=WAITING_STEP).where(this, Response.left.is_null()).execute():
            _let_in(response.quarter)
        return None


def remove_from_tally(response: Response) -> None:
    """Take a response that is no longer valid out of the tally, in the caller's transaction (P7)."""
    this = Response.id == response.id
    with write():
        if Response.update(step=None).where(this, Response.step == WAITING_STEP).execute():  # it was never added
            return
        if Response.select().where(this, Response.left > WAITING_STEP).exists():
            return
        if response.anonymous and is_told(response.quarter):
            Response.update(left=WAITING_STEP).where(this).execute()
        else:
            _subtract(response.quarter, count_keys(this))


def let_leave(quarter: int) -> None:
    """Take out, as one step, the refused that are still counted, if enough leave of groups in which as many stay."""
    with write():
        leaving = _leaving_condition(quarter)
        if _count_company(quarter) >= settings.get_whole_number("anonymous_least"):
            step = find_last_step(quarter) + 1
            _subtract(quarter, count_keys(leaving))
            Response.update(left=step).where(leaving).execute()


def settle_tally(quarter: int) -> None:
    """Before a report is composed: of what no reader has been told yet, nothing has to wait."""
    with write():
        for one in Quarter.from_int(quarter).back(TREND_QUARTERS):
            _settle_quarter(int(one))


def rebuild_tally() -> int:
    """Make the tally anew from all responses that figures count; return how many it counts."""
    with write():
        Tally.delete().execute()
        add_counts(count_keys(counted_condition()))
        return Response.select().where(counted_condition()).count()


def _reports_telling(quarter: int) -> ModelSelect[Report]:
    last = int(Quarter.from_int(quarter).plus(TREND_QUARTERS - 1))
    return Report.select().where(Report.quarter.between(quarter, last))


def _settle_quarter(quarter: int) -> None:
    if is_seen(quarter):
        return
    here = (Response.quarter == quarter) & (Response.step.is_null(False) | Response.left.is_null(False))
    counted = here & counted_condition()
    _subtract(quarter, count_keys(counted))
    valid = here & (Response.verdict == Verdict.VALID)
    add_counts(count_keys(valid))
    Response.update(step=None, left=None).where(here).execute()


def _let_in(quarter: int) -> None:
    # All that waited in one step: the difference of two readings shall not be one person's answer.
    waits = (Response.quarter == quarter) & (Response.step == WAITING_STEP)
    if Response.select().where(waits).count() >= settings.get_whole_number("anonymous_least"):
        step = find_last_step(quarter) + 1
        add_counts(count_keys(waits))
        Response.update(step=step).where(waits).execute()


def _leaving_condition(quarter: int) -> Condition:
    # Not the doubted: a second person may still find them genuine.
    refused = (Response.quarter == quarter) & (Response.verdict == Verdict.REFUSED)
    return refused & (Response.left == WAITING_STEP)


def _count_company(quarter: int) -> int:
    """How many leave, counted in each group of alike only as far as as many of it stay (decision 0210)."""
    leaving = _count_alike(_leaving_condition(quarter))
    if not leaving:
        return 0
    counted = (Response.quarter == quarter) & Response.anonymous & counted_condition()
    staying = _count_alike(counted) - leaving
    return sum(min(number, staying[group]) for group, number in leaving.items())


def _count_alike(which: Condition) -> Counter[tuple[object, ...]]:
    """Responses by what figures tell apart: client, questionnaire, channel, and the step they came with."""
    group = (Response.client, QuestionnaireVersion.questionnaire, Response.channel, Response.step)
    rows = Response.select(*group, fn.COUNT(Response.id)).join(QuestionnaireVersion).where(which).group_by(*group)
    return Counter({tuple(row[:-1]): row[-1] for row in rows.tuples()})


def _subtract(quarter: int, keys: Counter[TallyKey]) -> None:
    add_counts(Counter({key: -n for key, n in keys.items()}))
    clients = {client for _, client, *_ in keys}
    here = (Tally.quarter == quarter) & Tally.client.in_(clients)
    Tally.delete().where(here, Tally.n == 0).execute()
