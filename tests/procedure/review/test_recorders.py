"""Recorders far above what the same clients say by link: each threshold, and one answer on each page (§7)."""

from __future__ import annotations

import pytest

from csat.figures.audience import Audience
from csat.figures.highlights import find_highlights
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import tally
from csat.procedure.review.recorders import RecorderComparison, find_high_recorders
from csat.procedure.review.signals import find_signals
from tests.builders import NOW, a_client, a_person, a_response

Q3 = Quarter(2026, 3)


def some_records(recorder: Person, client: Client | None, good: int, bad: int = 0, **more) -> list[Response]:
    """Telephone records of one recorder, waiting for a verdict."""
    about = {"channel": Channel.TELEPHONE, "recorder": recorder, "client": client, **more}
    return [a_response(ratings={"overall": value}, **about) for value in [5] * good + [2] * bad]


def some_links(client: Client | None, good: int = 0, bad: int = 0, **more) -> None:
    """What a client filled in, valid and counted."""
    for value in [5] * good + [2] * bad:
        about = {"client": client, "verdict": Verdict.VALID, **more}
        tally.add_to_tally(a_response(ratings={"overall": value}, **about))


@pytest.mark.parametrize(
    ("good", "n", "link_good", "link_n", "far"),
    [
        (10, 10, 3, 10, True),
        (9, 9, 0, 90, False),  # too few records
        (90, 90, 0, 9, False),  # too few links
        (90, 90, 0, 10, True),
        (10, 10, 4, 10, False),  # chance: p = 0.011
        (500, 10000, 0, 10000, True),  # just five points
        (499, 10000, 0, 10000, False),  # sure, and not far
        (2, 10, 10, 10, False),  # far below
    ],
)
def test_far_above_takes_enough_answers_five_points_and_more_than_chance(good, n, link_good, link_n, far):
    assert RecorderComparison(good, n, link_good, link_n).is_far_above is far


def test_records_wait_for_no_verdict_to_be_compared_and_refused_ones_are_not(engine_db):
    client, zhou, liu = a_client(), a_person("周婷"), a_person("刘欣")
    some_links(client, good=2, bad=8)
    some_records(zhou, client, good=4)
    some_records(zhou, client, good=3, verdict=Verdict.DOUBTED)
    for one in some_records(zhou, client, good=4, verdict=Verdict.VALID):
        tally.add_to_tally(one)
    some_records(liu, client, good=20, verdict=Verdict.REFUSED)
    assert find_high_recorders(Q3) == {zhou.id: RecorderComparison(11, 11, 2, 10)}


def test_only_the_links_of_the_same_clients_are_compared(db):
    zhou, client = a_person("周婷"), a_client()
    some_records(zhou, client, good=15)
    some_records(zhou, None, good=1)
    some_links(a_client("城建集团"), bad=15)
    some_links(None, bad=15)
    assert find_high_recorders(Q3) == {}
    some_links(client, bad=15)
    assert find_high_recorders(Q3) == {zhou.id: RecorderComparison(16, 16, 0, 15)}


def test_four_quarters_are_compared(db):
    zhou, client = a_person("周婷"), a_client()
    for quarter in (20254, 20253):
        some_records(zhou, client, good=15, quarter=quarter)
        some_links(client, bad=10, quarter=quarter)
    assert find_high_recorders(Q3) == {zhou.id: RecorderComparison(15, 15, 0, 10)}


def test_two_anonymous_answers_are_too_few_to_be_compared(db):
    client, zhou = a_client(), a_person("周婷")
    some_records(zhou, client, good=15)
    some_links(client, bad=8)
    some_links(client, bad=2, anonymous=True)
    assert find_high_recorders(Q3) == {}
    some_links(client, bad=1, anonymous=True)
    assert find_high_recorders(Q3) == {zhou.id: RecorderComparison(15, 15, 0, 11)}


@pytest.mark.parametrize(("good", "bad"), [(15, 0), (14, 1), (12, 3), (10, 5), (5, 10)])
@pytest.mark.parametrize("link_bad", [2, 5, 8])
def test_the_signal_and_the_overview_agree(db, zone, good, bad, link_bad):
    client, zhou = a_client(), a_person("周婷")
    some_links(client, good=10 - link_bad, bad=link_bad)
    record = some_records(zhou, client, good, bad)[0]
    highlights = find_highlights(compute_quarter_figures(Q3, NOW, zone, Audience.RESPONSE_READERS), NOW, zone)
    signalled = "recorder_high" in {one.code for one in find_signals(record, zone)}
    remarked = ("recorder_high", str(zhou.id)) in {(one.rule, one.key) for one in highlights}
    assert signalled is remarked is (zhou.id in find_high_recorders(Q3))
