"""Which version of a questionnaire was used when, by the responses that count. Quarters tell nobody's day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from peewee import fn

from csat.models.answers import Response
from csat.models.questionnaires import Questionnaire, QuestionnaireVersion, VersionState
from csat.procedure.review.tally import counted_condition


@dataclass(frozen=True)
class VersionUse:
    """A version with counted responses in some quarters, and the first quarter that ever had one."""

    version: QuestionnaireVersion
    quarters: tuple[int, ...]
    since: int


def list_versions_used(quarters: Iterable[int]) -> dict[str, list[VersionUse]]:
    """By questionnaire, in their order: the versions used in these quarters, oldest first."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = Response.select(Response.version, Response.quarter).where(Response.quarter.in_(list(quarters)))
    for version, quarter in rows.where(counted_condition()).distinct().tuples():
        found[version].add(quarter)
    since = _find_first_quarters(found)
    versions = QuestionnaireVersion.select(QuestionnaireVersion, Questionnaire).join(Questionnaire)
    used: dict[str, list[VersionUse]] = defaultdict(list)
    for one in versions.where(QuestionnaireVersion.id.in_(list(found))).order_by(
        Questionnaire.id, QuestionnaireVersion.number
    ):
        used[one.questionnaire.code].append(VersionUse(one, tuple(sorted(found[one.id])), since[one.id]))
    return dict(used)


def find_version_changes(code: str, quarters: Iterable[int]) -> dict[int, int]:
    """The quarters in which a questionnaire's first answers to a newer version came, and that version's number."""
    published = QuestionnaireVersion.state == VersionState.PUBLISHED
    form = QuestionnaireVersion.select().join(Questionnaire).where(Questionnaire.code == code, published)
    numbers = {one.id: one.number for one in form}
    if len(numbers) < 2:  # most have one: nothing is to be read for them
        return {}
    wanted, newest = set(quarters), 0
    found: dict[int, int] = {}
    for quarter, number in sorted(((since, numbers[key]) for key, since in _find_first_quarters(numbers).items())):
        if newest and number > newest and quarter in wanted:
            found[quarter] = number
        newest = max(newest, number)
    return found


def _find_first_quarters(versions: Iterable[int]) -> dict[int, int]:
    """The first quarter with a counted response to each of these versions."""
    query = Response.select(Response.version, fn.MIN(Response.quarter)).where(Response.version.in_(list(versions)))
    return dict(query.where(counted_condition()).group_by(Response.version).tuples())
