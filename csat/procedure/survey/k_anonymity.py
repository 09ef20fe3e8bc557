"""k-anonymity: which opened answers hide each other, and what each may then show (design, anonymity 4).

A group is what looks alike: the same form, and the same client or none. At least k people are in it,
none of whom wrote more than 1/k of it (decision 0010).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from csat.models.asking import Channel
from csat.procedure.clients.people import map_people
from csat.procedure.survey.envelope import CONTACT, Envelope


@dataclass(frozen=True)
class OpenedAnswer:
    """An opened answer: where it lay, and what it may show of its client and its way to us."""

    place: int
    content: Envelope
    client: int | None = None
    channel: Channel = Channel.LINK


def apply_k_anonymity(answers: Sequence[OpenedAnswer], least: int, patient: bool = False) -> list[OpenedAnswer]:
    """Which answers may be opened together, and what each may show, so that it hides among `least` people."""
    of_client: dict[int, list[OpenedAnswer]] = defaultdict(list)
    for answer in answers:
        if answer.content.client is not None:
            of_client[answer.content.client].append(answer)
    crowds = {client: crowd for client, group in of_client.items() if (crowd := build_anonymity_set(group, least))}
    # A client shows where that many of its people are, or where the respondent allowed it; all others show none
    # and must be that many themselves. Who does not fit in waits.
    few = [answer for answer in answers if answer.content.client not in crowds]
    willing = [one for one in few if one.content.name_client and one.content.client is not None]
    hidden = [one for one in few if not one.content.name_client or one.content.client is None]
    together = [_disclose_answer(one, crowd, client) for client, crowd in crowds.items() for one in crowd]
    together += [OpenedAnswer(one.place, one.content, one.content.client) for one in willing]
    # When patient, nobody loses their client yet: colleagues may still join them before the campaign closes.
    hidden = [] if patient else build_anonymity_set(hidden, least)
    together += [_disclose_answer(one, hidden, None) for one in hidden]
    # Who allowed naming the client hides in no group of their own, so the whole release must hold k people.
    return together if len({answer.content.person for answer in together}) >= least else []


def count_people_by_address(answers: Sequence[OpenedAnswer]) -> list[OpenedAnswer]:
    """The same answers, of contacts with one address as one person: more rows are not more people (D7)."""
    people = {f"{CONTACT}{key}": f"{CONTACT}{root}" for key, root in map_people().items()} if answers else {}
    return [
        replace(one, content=replace(one.content, person=people.get(one.content.person, one.content.person)))
        for one in answers
    ]


def build_anonymity_set(group: Sequence[OpenedAnswer], least: int) -> list[OpenedAnswer]:
    """As much of a group as can be opened with no person having written more than 1/`least` of it."""
    by_person: dict[str, list[OpenedAnswer]] = defaultdict(list)
    for answer in group:
        by_person[answer.content.person].append(answer)
    for most in range(max(map(len, by_person.values()), default=0), 0, -1):
        if sum(min(len(own), most) for own in by_person.values()) >= least * most:
            return [answer for own in by_person.values() for answer in own[:most]]
    return []


def _disclose_answer(answer: OpenedAnswer, crowd: Sequence[OpenedAnswer], client: int | None) -> OpenedAnswer:
    return OpenedAnswer(answer.place, answer.content, client, _shared_channel(crowd))


def _shared_channel(group: Sequence[OpenedAnswer]) -> Channel:
    # Paper is told only of a group that all came by it: one slip or printed form among links would stand out.
    channels = {answer.content.channel for answer in group}
    return channels.pop() if len(channels) == 1 else Channel.LINK
