"""Where the overview says to look first: each level of chance and number, from both sides."""

from __future__ import annotations

import pytest

from csat.figures.highlights import find_highlights
from csat.figures.quarterly import compute_quarter_figures
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally
from tests.builders import a_client
from tests.figures.stores import a_response

Q3 = Quarter(2026, 3)


@pytest.mark.parametrize(
    ("dissatisfied", "of", "stands_out"),
    [
        (2, 2, False),  # two responses are nothing
        (3, 10, False),  # chance: 7.0 %
        (4, 12, False),  # chance: 2.56 %
        (4, 11, True),  # chance: 1.85 %
    ],
)
def test_below_the_target_is_said_where_chance_does_so_in_less_than_2_5_percent(db, zone, dissatisfied, of, stands_out):
    client = a_client()
    for number in range(of):
        tally.add_to_tally(a_response(client=client, ratings=1 if number < dissatisfied else 5))
    after = Q3.end(zone)
    found = find_highlights(compute_quarter_figures(Q3, after, zone), after, zone)
    assert [one.rule for one in found] == (["client_below"] if stands_out else [])
