"""Live rates of named answers alone: no anonymous answer is in them, whatever their number (F4)."""

from __future__ import annotations

from csat.figures.named_answers import rate_named_answers
from csat.models.answers import Verdict
from tests.builders import a_client
from tests.letters import answers

PENDING = Verdict.PENDING


def test_valid_named_answers_are_counted_and_no_anonymous_one(db):
    client, other = a_client("华东物流"), a_client("城建集团")
    part = a_client("并入者", counts_as=client)
    answers(client, 5, 4, 2)
    answers(part, 1)
    answers(client, 1, 1, 1, 1, anonymous=True)
    answers(client, 5, verdict=PENDING)
    answers(other, 5)
    rates = rate_named_answers([client.id], [20263, 20262])
    assert set(rates) == {(client.id, 20263), (client.id, 20262)}
    rate, before = rates[client.id, 20263], rates[client.id, 20262]
    assert (rate.good, rate.n, rate.value) == (2, 4, 0.5)
    assert (before.n, before.value) == (0, None)
