"""What the cells are counted from: a few grouped queries over the tally, never over single answers."""

from __future__ import annotations

from peewee import SQL, Case, ModelSelect, fn

from csat.figures.audience import Audience, tallied_conditions
from csat.models.asking import RECORDED_CHANNELS
from csat.models.base import Condition, Rows
from csat.models.questionnaires import Dimension
from csat.models.reporting import Tally
from csat.procedure.review.tally_rows import NOT_APPLICABLE_VALUE, RESPONSE_COUNT, SATISFIED

OVERALL = Dimension.OVERALL.value

# Telephone against link: only what has a name is told apart, so that the two parts of a cell never say
# more about its anonymous answers than the cell itself (F4).
SPOKEN_COLUMN = Case(None, [(Tally.channel.in_(RECORDED_CHANNELS) & ~Tally.anonymous, 1)], 0).alias("spoken")
SPOKEN_GROUP = SQL("spoken")  # by its name, so that every engine knows it again when grouping
CLIENT_COLUMNS = (Tally.quarter, Tally.client, Tally.questionnaire)


def select_ratings(*columns: object) -> ModelSelect[Tally]:
    """Ratings by these columns: how many, how many satisfied, and their sum."""
    return Tally.select(
        *columns,
        fn.SUM(Tally.n).alias("ratings"),
        fn.SUM(Case(None, [(Tally.value >= SATISFIED, Tally.n)], 0)).alias("good"),
        fn.SUM(Tally.value * Tally.n).alias("total"),
    ).where(Tally.value >= 1)


def select_quarter_totals(quarters: list[int], audience: Audience) -> Rows:
    """The overall ratings of each quarter."""
    return _select_overall(quarters, audience, Tally.quarter, Tally.anonymous)


def select_overall(quarters: list[int], audience: Audience) -> Rows:
    """Overall ratings by client, questionnaire and channel."""
    return _select_overall(quarters, audience, *CLIENT_COLUMNS, Tally.channel, Tally.anonymous)


def _select_overall(quarters: list[int], audience: Audience, *columns: object) -> Rows:
    here = Tally.quarter.in_(quarters), Tally.dimension == OVERALL, Tally.question != ""
    ratings = select_ratings(*columns, SPOKEN_COLUMN).where(*here, *tallied_conditions(audience))
    return _with_spoken(ratings, *columns)


def select_dimension_ratings(quarters: list[int], audience: Audience) -> Rows:
    """All other ratings by client, questionnaire, question and dimension."""
    columns = (*CLIENT_COLUMNS, Tally.question, Tally.dimension, Tally.anonymous)
    here = Tally.quarter.in_(quarters), Tally.dimension.not_in(["", OVERALL]), Tally.question != ""
    ratings = select_ratings(*columns, SPOKEN_COLUMN).where(*here, *tallied_conditions(audience))
    return _with_spoken(ratings, *columns)


def select_dimension_responses(quarters: list[int], audience: Audience) -> Rows:
    """Responses that rate a dimension, by client and questionnaire."""
    columns = (*CLIENT_COLUMNS, Tally.dimension, Tally.anonymous)
    here = Tally.quarter.in_(quarters), Tally.value == RESPONSE_COUNT, Tally.dimension.not_in(["", OVERALL])
    numbers = _numbers(*columns, SPOKEN_COLUMN).where(*here, *tallied_conditions(audience))
    return _with_spoken(numbers, *columns)


def select_other_answers(quarters: list[int], audience: Audience) -> Rows:
    """Recommendations, yes and no, by client, questionnaire and question."""
    return _select_answers(quarters, audience, (Tally.dimension == "") & (Tally.value >= 0))


def select_not_applicable(quarters: list[int], audience: Audience) -> Rows:
    """Who said that a question does not apply, by client, questionnaire and question."""
    return _select_answers(quarters, audience, Tally.value == NOT_APPLICABLE_VALUE)


def _select_answers(quarters: list[int], audience: Audience, which: Condition) -> Rows:
    columns = (*CLIENT_COLUMNS, Tally.question, Tally.anonymous)
    here = Tally.quarter.in_(quarters), Tally.question != "", which, *tallied_conditions(audience)
    return _numbers(*columns).where(*here).group_by(*columns).namedtuples()


def select_values(quarter: int, audience: Audience) -> Rows:
    """How often each value was given to each question."""
    columns = (Tally.questionnaire, Tally.question, Tally.value)
    here = Tally.quarter == quarter, Tally.question != ""
    numbers = _numbers(*columns, SPOKEN_COLUMN).where(*here, *tallied_conditions(audience))
    return _with_spoken(numbers, *columns)


def _numbers(*columns: object) -> ModelSelect[Tally]:
    return Tally.select(*columns, fn.SUM(Tally.n).alias("n"))


def _with_spoken(query: ModelSelect[Tally], *columns: object) -> Rows:
    """Grouped by these columns and by whether it was spoken."""
    return query.group_by(*columns, SPOKEN_GROUP).namedtuples()
