"""How many opened answers came through links that one of us had in hand: for QA to see at each release (D7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from csat.models.answers import Release, ReleaseHolder
from csat.models.asking import Campaign, Invitation, Link
from csat.models.people import Person
from csat.procedure.survey.envelope import Envelope


def store_holders(release: Release, opened: Iterable[Envelope], campaigns: Sequence[int]) -> None:
    """Keep the numbers of a release, in the caller's transaction, where they do not tell who has answered."""
    least = release.campaign.k
    everybody = Invitation.select().where(Invitation.campaign.in_(list(campaigns))).count()
    for person, number in Counter(key for one in opened for key in one.holders).items():
        held = _count_held(person, campaigns)
        # As of clients (decision 0010): of fewer than k invitations, or of all but fewer than k, no number is told.
        if held >= least and (everybody == held or everybody - held >= least):
            ReleaseHolder.create(release=release, person=person, number=number)


def list_holders(releases: Iterable[int]) -> list[ReleaseHolder]:
    """Who had how many of the links in hand through which answers of these releases came, most first."""
    query = ReleaseHolder.select(ReleaseHolder, Person, Release, Campaign).join(Person)
    query = query.join_from(ReleaseHolder, Release).join(Campaign)
    return list(query.where(ReleaseHolder.release.in_(list(releases))).order_by(ReleaseHolder.number.desc()))


def _count_held(person: int, campaigns: Sequence[int]) -> int:
    held = Link.select(Link.invitation).join(Invitation).where(Link.shown_to == person, Link.by_hand)
    return held.where(Invitation.campaign.in_(list(campaigns))).distinct().count()
