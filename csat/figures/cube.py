"""The cells of a quarter: the fixed list of cuts, counted from the tally by a few grouped queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from csat.figures import tally_queries
from csat.figures.audience import Audience
from csat.figures.cells import (
    RECOMMEND,
    WHOLE_CELL,
    Atom,
    CellCount,
    CellKey,
    QuarterCube,
    World,
    build_not_applicable_key,
    build_question_key,
    list_dimension_keys,
    list_overall_keys,
)
from csat.figures.labels import ClientIndex, QuestionIndex
from csat.figures.tally_queries import OVERALL
from csat.models.asking import RECORDED_CHANNELS
from csat.models.questionnaires import Kind
from csat.procedure.review.tally_rows import NOT_APPLICABLE_VALUE, RESPONSE_COUNT, SATISFIED, TALLY_KEY, TallyKey


def count_cells(
    quarters: list[int], clients: ClientIndex, questions: QuestionIndex, audience: Audience
) -> dict[int, QuarterCube]:
    """Count every cell of these quarters."""
    counted = count_overall_cells(quarters, clients, audience)
    for row in tally_queries.select_dimension_ratings(quarters, audience):
        _add_rating(counted[row.quarter], row, clients)
    for row in tally_queries.select_dimension_responses(quarters, audience):
        _add_responses(counted[row.quarter], row, clients)
    for row in tally_queries.select_other_answers(quarters, audience):
        _add_other(counted[row.quarter], row, clients, questions)
    for row in tally_queries.select_not_applicable(quarters, audience):
        _add_not_applicable(counted[row.quarter], row, clients)
    return counted


def count_overall_cells(quarters: list[int], clients: ClientIndex, audience: Audience) -> dict[int, QuarterCube]:
    """The cells of the overall ratings alone, which depend on nothing else: for trends."""
    counted: dict[int, QuarterCube] = {quarter: QuarterCube() for quarter in quarters}
    for row in tally_queries.select_overall(quarters, audience):
        _add_overall(counted[row.quarter], row, clients)
    return counted


def add_choices(cells: QuarterCube, rows: Iterable[Any], clients: ClientIndex, questions: QuestionIndex) -> None:
    """Count answers to choices too: each question a world of its own, as of yes and no."""
    for row in rows:
        if row.not_applicable:
            _add_not_applicable(cells, row, clients)
        else:
            _add_other(cells, row, clients, questions)


def count_cells_of_keys(keys: Counter[TallyKey], clients: ClientIndex, questions: QuestionIndex) -> QuarterCube:
    """The cells of some tally rows that are counted apart: what came in the later steps of a quarter."""
    cells = QuarterCube()
    for key, n in keys.items():
        row = SimpleNamespace(**dict(zip((column.name for column in TALLY_KEY), key, strict=True)), n=n)
        row.ratings, row.total, row.good = n, row.value * n, n if row.value >= SATISFIED else 0
        row.spoken = row.channel in RECORDED_CHANNELS and not row.anonymous
        rated = bool(row.question) and row.value >= 1
        if rated and row.dimension == OVERALL:
            _add_overall(cells, row, clients)
        elif rated and row.dimension:
            _add_rating(cells, row, clients)
        elif row.value == RESPONSE_COUNT and row.dimension not in ("", OVERALL):
            _add_responses(cells, row, clients)
        elif row.question and row.value == NOT_APPLICABLE_VALUE:
            _add_not_applicable(cells, row, clients)
        elif row.question and not row.dimension and row.value >= 0:
            _add_other(cells, row, clients, questions)
    return cells


def count_totals(quarters: list[int], audience: Audience) -> dict[int, CellCount]:
    """The overall satisfaction of each quarter, for the trend."""
    totals = {quarter: CellCount(WHOLE_CELL) for quarter in quarters}
    for row in tally_queries.select_quarter_totals(quarters, audience):
        totals[row.quarter].add_ratings(row)
        totals[row.quarter].add_people(row.ratings, row.anonymous, row.spoken)
    return totals


def _add_overall(cells: QuarterCube, row: Any, clients: ClientIndex) -> None:
    world, atom = cells.worlds[OVERALL], _find_atom(row, row.channel, clients)
    if row.anonymous:
        world.add_anonymous(atom, row.ratings, people=row.ratings)
    for place in list_overall_keys(*atom):
        count = world.count_with_atom(place, atom, row.anonymous)
        count.add_ratings(row)
        # one overall question per form: ratings are responses
        count.add_people(row.ratings, row.anonymous, row.spoken)


def _add_rating(cells: QuarterCube, row: Any, clients: ClientIndex) -> None:
    world, atom = cells.worlds[row.dimension], _find_atom(row, row.question, clients)
    if row.anonymous:
        world.add_anonymous(atom, row.ratings, people=0)  # one may rate two questions of it
    question = build_question_key(row.questionnaire, row.question)
    for place in (*list_dimension_keys(row.dimension, atom[0]), question):
        world.count_with_atom(place, atom, row.anonymous).add_ratings(row)
    world.count(question).add_people(row.ratings, row.anonymous, row.spoken)


def _add_responses(cells: QuarterCube, row: Any, clients: ClientIndex) -> None:
    client, world = clients.root(row.client), cells.worlds[row.dimension]
    if row.anonymous:
        world.people[(client, row.questionnaire)] += row.n
    for place in list_dimension_keys(row.dimension, client):
        world.count(place).add_people(row.n, row.anonymous, row.spoken)


def _add_other(cells: QuarterCube, row: Any, clients: ClientIndex, questions: QuestionIndex) -> None:
    """Recommendations add up over questionnaires; a yes-or-no question is a world of its own."""
    question = build_question_key(row.questionnaire, row.question)
    if questions.kind(row.questionnaire, row.question) == Kind.RECOMMEND:
        counts = _add_answers(cells.worlds[RECOMMEND], (question, CellKey(RECOMMEND, "")), row, clients)
    else:
        counts = _add_answers(cells.worlds[question.id], (question,), row, clients)
    for count in counts:
        count.of += row.n


def _add_not_applicable(cells: QuarterCube, row: Any, clients: ClientIndex) -> None:
    """Who said that a question does not apply is a world of its own: no other answer can be added to it."""
    place = build_not_applicable_key(row.questionnaire, row.question)
    _add_answers(cells.worlds[place.id], (place,), row, clients)


def _add_answers(world: World, places: tuple[CellKey, ...], row: Any, clients: ClientIndex) -> list[CellCount]:
    """Add answers that one person gives once; return the counts that they were added to."""
    atom = _find_atom(row, row.question, clients)
    if row.anonymous:
        world.add_anonymous(atom, row.n, people=row.n)
    counts = [world.count_with_atom(place, atom, row.anonymous) for place in places]
    for count in counts:
        count.add_people(row.n, row.anonymous)
    return counts


def _find_atom(row: Any, part: str, clients: ClientIndex) -> Atom:
    """The atom in which the answers of a row lie; `part` is their channel or question."""
    client = clients.root(row.client)
    return client, row.questionnaire, part, clients.tier(client, row.quarter)
