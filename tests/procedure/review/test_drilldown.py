"""What is listed behind a figure is what it counts, and for those only who may read single responses."""

from __future__ import annotations

import pytest

from csat.models.answers import Verdict
from csat.models.roles import Role
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.review import drilldown, tally
from csat.procedure.review.drilldown import DrilldownCell
from tests.builders import a_person
from tests.figures.stores import a_response


def listed(**cell) -> list[int]:
    found = drilldown.list_responses(a_person("乔安", Role.QA), DrilldownCell(20263, **cell))
    return [row.id for row in found]


@pytest.mark.parametrize("verdict", [Verdict.PENDING, Verdict.DOUBTED, Verdict.REFUSED])
def test_only_valid_responses_are_listed(db, verdict):
    valid = a_response()
    a_response(verdict=verdict)
    a_response(quarter=20262)
    assert listed() == [valid.id]


@pytest.mark.parametrize("cell", [{}, {"value": 5}, {"nobody": True}, {"side": "link"}])
def test_what_waits_to_be_counted_is_not_listed_behind_a_figure(db, cell):
    counted = [a_response(anonymous=True, step=step) for step in (None, 1)]
    a_response(anonymous=True, step=tally.WAITING_STEP)
    assert sorted(listed(**cell)) == sorted(one.id for one in counted)


def test_who_may_not_read_single_responses_gets_no_list(db):
    with pytest.raises(NotPermitted):
        drilldown.list_responses(a_person("程远", Role.MANAGER), DrilldownCell(20263))
