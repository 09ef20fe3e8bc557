"""Whoever is opened hides among k people, and nobody waits who need not (design, anonymity 4)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.models.asking import Channel
from csat.procedure.survey.envelope import Envelope
from csat.procedure.survey.k_anonymity import OpenedAnswer, apply_k_anonymity, build_anonymity_set

CLIENTS, PEOPLE = 4, 6
someone = st.tuples(st.integers(0, CLIENTS), st.integers(1, PEOPLE), st.booleans(), st.booleans())


def an_opened(place: int, client: int, person: int, willing: bool, on_paper: bool) -> OpenedAnswer:
    channel = Channel.SLIP if on_paper else Channel.LINK
    who = f"{client}:{person}"
    return OpenedAnswer(place, Envelope(place, client or None, who, willing, channel, None, {}))


@given(st.lists(someone, max_size=60), st.integers(3, 5))
def test_whoever_is_opened_hides_among_k(people, k):
    answers = [an_opened(place, *one) for place, one in enumerate(people)]
    together = apply_k_anonymity(answers, k)
    groups: dict[int | None, list[OpenedAnswer]] = {}
    for one in together:
        assert one.client in (None, one.content.client)
        groups.setdefault(one.client, []).append(one)
    for client, group in groups.items():
        if client is not None and all(one.content.name_client for one in group):
            continue  # they allowed it
        wrote = Counter(one.content.person for one in group)
        assert len(wrote) >= k
        assert max(wrote.values()) * k <= len(group)
        assert len({one.channel for one in group}) == 1
    assert len({one.place for one in together}) == len(together)


@given(st.lists(someone, max_size=30))
def test_enough_people_of_one_client_are_always_opened(people):
    answers = [an_opened(place, 1, person, False, False) for place, (_, person, _, _) in enumerate(people)]
    enough = len({one.content.person for one in answers}) >= 3
    assert bool(apply_k_anonymity(answers, 3)) == enough


def some_answers(client: int, *people: int, willing: bool = False, on_paper: bool = False) -> list[OpenedAnswer]:
    """An answer of each of these people of a client (0: of none)."""
    return [an_opened(1000 * client + at, client, one, willing, on_paper) for at, one in enumerate(people)]


def shown(*groups: list[OpenedAnswer], k: int = 3, patient: bool = False) -> Counter[int | None]:
    """How many of some answers are opened, by the client that they show."""
    return Counter(one.client for one in apply_k_anonymity([one for of in groups for one in of], k, patient))


@pytest.mark.parametrize(
    ("wrote", "opened"),
    [
        ([1, 1], 0),
        ([1, 1, 1], 3),
        ([5, 1, 1], 3),  # one of each: two of one would be more than a third
        ([2, 2, 1], 3),
        ([2, 2, 2], 6),
        ([4, 2, 2, 2], 9),  # three of nine
        ([4, 2, 2, 2, 1, 1], 12),
        ([], 0),
    ],
)
def test_no_person_writes_more_than_a_third_of_what_is_opened(wrote, opened):
    group = some_answers(1, *(person for person, many in enumerate(wrote) for _ in range(many)))
    assert len(build_anonymity_set(group, 3)) == opened


def test_fewer_than_k_people_of_a_client_show_no_client():
    assert shown(some_answers(1, 1, 2, 3), some_answers(2, 1, 2), some_answers(3, 1)) == {1: 3, None: 3}
    assert shown(some_answers(1, 1, 2, 3), some_answers(2, 1, 2)) == {1: 3}  # two would know each other
    assert shown(some_answers(1, 1, 2, 3), some_answers(2, 1, 2), k=4) == {None: 5}


def test_while_colleagues_may_come_nobody_loses_the_client():
    answers = [some_answers(1, 1, 2, 3), some_answers(2, 1, 2), some_answers(3, 1)]
    assert shown(*answers, patient=True) == {1: 3}
    assert len(apply_k_anonymity([one for of in answers for one in of], 3)) == 6  # nobody waits unasked


def test_who_allows_it_shows_the_client_but_only_in_a_release_of_k_people():
    willing = some_answers(2, 1, willing=True)
    assert shown(some_answers(1, 1, 2, 3), willing) == {1: 3, 2: 1}
    assert shown(willing, some_answers(3, 1, willing=True)) == {}
    assert shown(willing, some_answers(3, 1, 2, willing=True)) == {2: 1, 3: 2}
    assert shown(some_answers(0, 1, 2, 3, willing=True)) == {None: 3}  # there is no client to show
    assert shown(some_answers(0, 1, 2, willing=True), willing) == {}


@pytest.mark.parametrize("paper", [0, 1, 3])
def test_paper_shows_where_the_whole_group_is_on_paper(paper):
    group = some_answers(1, *range(paper), on_paper=True) + some_answers(1, *range(paper, 3))
    found = {one.channel for one in apply_k_anonymity(group, 3)}
    assert found == {Channel.SLIP if paper == 3 else Channel.LINK}


def test_who_shows_the_client_by_consent_shows_no_paper():
    answers = some_answers(1, 1, 2, 3) + some_answers(2, 1, willing=True, on_paper=True)
    assert {one.channel for one in apply_k_anonymity(answers, 3)} == {Channel.LINK}
