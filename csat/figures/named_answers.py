"""A client's live rate from named answers alone: for who may not read anonymous ones (F4, decision 0193)."""

from __future__ import annotations

from collections.abc import Iterable

from csat.figures.rates import make_rate
from csat.figures.tally_queries import OVERALL, select_ratings
from csat.figures.types import Rate
from csat.models.clients import Client
from csat.models.reporting import Tally
from csat.procedure.clients.merging import map_roots


def rate_named_answers(clients: Iterable[int], quarters: Iterable[int]) -> dict[tuple[int, int], Rate]:
    """The satisfaction rate of valid named answers, by client (with those that count as it) and quarter."""
    roots, wanted, asked = map_roots(Client), set(clients), list(quarters)
    members = wanted | {key for key, root in roots.items() if root in wanted}
    here = (Tally.client.in_(members), Tally.quarter.in_(asked), Tally.dimension == OVERALL, Tally.question != "")
    columns = (Tally.client, Tally.quarter)
    rows = select_ratings(*columns).where(*here, ~Tally.anonymous).group_by(*columns)
    counts = {(key, quarter): [0, 0] for key in wanted for quarter in asked}
    for key, quarter, of, good, _ in rows.tuples():
        counted = counts[roots.get(key, key), quarter]
        counted[0], counted[1] = counted[0] + int(good), counted[1] + int(of)
    return {
        (key, quarter): make_rate(f"satisfaction/named/{key}/{quarter}", good, of)
        for (key, quarter), (good, of) in counts.items()
    }
