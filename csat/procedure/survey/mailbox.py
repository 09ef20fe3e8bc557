"""The mailbox: anonymous answers wait here sealed, and are opened in groups in which nobody stands out.

What such a group is stands in `k_anonymity`; who fits into none waits on, after the close for the next
campaign of the same form (decision 0010).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from peewee import chunked

from csat.database import ScrubIncomplete, only_one, scrub, write
from csat.models.answers import Answer, Mailbox, Release, Response
from csat.models.asking import Campaign, CampaignState
from csat.models.base import expect_value, random_key
from csat.models.people import Person
from csat.models.questionnaires import Question, QuestionnaireVersion
from csat.procedure.core import audit
from csat.procedure.core.refusals import HolderMayNotRelease, OutOfOrder, Refusal
from csat.procedure.people import link_holders
from csat.procedure.questionnaires import answers as answering
from csat.procedure.survey import envelope, holdings, settlement, version_mapping
from csat.procedure.survey.k_anonymity import OpenedAnswer, apply_k_anonymity, count_people_by_address
from csat.words import N_

Unseal = Callable[[bytes, bytes], bytes | None]  # of public key and sealed; LookupError without the private

SCRUB_ATTEMPTS = 3
BATCH_SIZE = 500


class ReleaseRunning(Refusal):
    sentence = N_("A release is running already. Please wait until it is done.")


class KeyMissing(Refusal):
    """The keys of some campaigns are not there; what could be opened without them is in `opened`."""

    sentence = N_(
        "The private key of a campaign is not in the keys folder. Put it back; if it is lost for good, "
        "`flask csat release --give-up-lost` counts its sealed answers as lost."
    )

    def __init__(self, opened: Sequence[Release]) -> None:
        super().__init__()
        self.opened = opened


def release_answers(campaign: Campaign, unseal: Unseal, now: datetime, by: audit.Actor = None) -> Release | None:
    """Open what can be opened of a campaign now, None when nobody would be hidden among k people.

    Raise KeyMissing when not everything could be opened for want of a key, and ScrubIncomplete when the
    answers are stored but traces may remain in the store's log.
    """
    opened = release_unscrubbed(campaign, unseal, now, by)
    scrub_with_retries()
    return opened


def release_unscrubbed(campaign: Campaign, unseal: Unseal, now: datetime, by: audit.Actor = None) -> Release | None:
    """A release before it is scrubbed: what an attacker with the store's log could catch."""
    with _release_lock():
        # Closed campaigns of the same form go first, each for itself; what is left of them joins this one.
        done, lost = _open_campaigns([*_list_closed_before(campaign), campaign], unseal, now, by)
    if lost:
        scrub_with_retries()
        raise KeyMissing(done)
    return next((one for one in done if one.campaign_id == campaign.id), None)


def release_due_campaigns(
    now: datetime, unseal: Unseal, by: audit.Actor = None, patient: bool = False
) -> list[Release]:
    """Open what can be opened, closed campaigns first; settle what is over; scrub; then raise KeyMissing if need be."""
    # The daily round is patient: while a campaign is open it opens only what keeps its client (decision 0010).
    refuse_holder(by)
    campaigns = list(Campaign.select().order_by(Campaign.opened_at, Campaign.id))
    campaigns.sort(key=lambda campaign: campaign.state == CampaignState.OPEN)
    with _release_lock():
        opened, lost = _open_campaigns(campaigns, unseal, now, by, patient)
    scrub_with_retries()
    if lost:  # at the end: a campaign whose key is missing stops no other one
        raise KeyMissing(opened)
    return opened


def void_lost_answers(is_kept: Callable[[bytes], bool], now: datetime, by: audit.Actor = None) -> list[Release]:
    """Count as void what is sealed to keys that are lost for good, however few answers that are."""
    with _release_lock():
        sealed = Campaign.select().where(Campaign.id.in_(Mailbox.select(Mailbox.campaign)))
        given_up = []
        for campaign in [one for one in sealed if not is_kept(bytes(one.public_key))]:
            with write():
                given_up.append(expect_value(void_answers(campaign, now)))
                audit.record(by, "answers released", campaign, now, number=0, void=given_up[-1].void)
        return given_up


def void_answers(campaign: Campaign, now: datetime) -> Release | None:
    """Let what waits of a campaign be lost for good, in the caller's transaction; None if nothing waits."""
    void = Mailbox.delete().where(Mailbox.campaign == campaign).execute()
    return Release.create(campaign=campaign, at=now, number=0, without_client=0, void=void) if void else None


def scrub_with_retries() -> None:
    """Scrub the store; when readers keep it busy, try again before giving up with ScrubIncomplete."""
    for _ in range(SCRUB_ATTEMPTS - 1):
        try:
            return scrub()
        except ScrubIncomplete:
            continue
    scrub()


@contextmanager
def _release_lock() -> Iterator[None]:
    """One release at a time, in all processes."""
    with only_one("release") as ours:
        if not ours:
            raise ReleaseRunning
        yield


def list_kept_from(person: Person) -> list[Campaign]:
    """The campaigns with waiting answers that somebody does not open, for having had links of them in hand (D7)."""
    waiting = Campaign.select().where(Campaign.id.in_(Mailbox.select(Mailbox.campaign)))
    return list(waiting.where(Campaign.id.in_(link_holders.held_campaigns(person))).order_by(Campaign.id))


def refuse_holder(by: audit.Actor) -> None:
    """Raise HolderMayNotRelease when somebody had links of everything that waits in hand (D7)."""
    waiting = Mailbox.select(Mailbox.campaign).distinct().count()
    if isinstance(by, Person) and waiting and len(list_kept_from(by)) == waiting:
        raise HolderMayNotRelease


def _open_campaigns(
    campaigns: Sequence[Campaign], unseal: Unseal, now: datetime, by: audit.Actor, patient: bool = False
) -> tuple[list[Release], set[int]]:
    """Open campaigns one after the other, then settle; the releases, and the campaigns without their key."""
    lost: set[int] = set()
    opened = [_open_campaign(campaign, unseal, now, by, lost, patient) for campaign in campaigns]
    for campaign in campaigns:
        settlement.settle_campaign(campaign)
    return [one for one in opened if one is not None], lost


def _open_campaign(
    campaign: Campaign, unseal: Unseal, now: datetime, by: audit.Actor, lost: set[int], patient: bool
) -> Release | None:
    # With its own what closed campaigns before it left over of the same form.
    sources = [campaign.id, *(earlier.id for earlier in _list_closed_before(campaign))]
    if isinstance(by, Person) and link_holders.held_campaigns(by) & set(sources):
        return None  # who could have answered does not open it: a colleague or the nightly round does (D7)
    rows = list(Mailbox.select(Mailbox, Campaign).join(Campaign).where(Mailbox.campaign.in_(sources)))
    secrets.SystemRandom().shuffle(rows)  # which of a person's answers wait is left to chance
    if not rows or len(rows) < campaign.k:
        return None
    found, void = _unseal_rows(rows, unseal, lost)
    found = count_people_by_address(found)
    least = max([campaign.k, *(row.campaign.k for row in rows)])  # what came from earlier ones was promised their k
    all_open = all(row.campaign.state == CampaignState.OPEN for row in rows)
    ready = apply_k_anonymity(found, least, patient and all_open)
    if not ready and not void:
        return None
    secrets.SystemRandom().shuffle(ready)  # the keys are random; the order in the log shall be so, too
    bare = sum(one.client is None and one.content.client is not None for one in ready)
    with write():
        _delete_rows([one.place for one in ready] + void)
        _store_answers(campaign, ready)
        opened = Release.create(campaign=campaign, at=now, number=len(ready), without_client=bare, void=len(void))
        holdings.store_holders(opened, [one.content for one in ready], sources)
        audit.record(by, "answers released", campaign, now, number=len(ready), void=len(void))
    return opened


def _list_closed_before(campaign: Campaign) -> list[Campaign]:
    same_form = QuestionnaireVersion.questionnaire == campaign.version.questionnaire_id
    query = Campaign.select().where(
        Campaign.version.in_(QuestionnaireVersion.select(QuestionnaireVersion.id).where(same_form)),
        Campaign.state == CampaignState.CLOSED,
        Campaign.opened_at <= campaign.opened_at,
        Campaign.id != campaign.id,
        Campaign.id.in_(Mailbox.select(Mailbox.campaign)),
    )
    return list(query.order_by(Campaign.opened_at, Campaign.id))


def _unseal_rows(rows: Iterable[Mailbox], unseal: Unseal, lost: set[int]) -> tuple[list[OpenedAnswer], list[int]]:
    """What could be opened, and the places of what is damaged; into `lost`, campaigns without their key."""
    found, void = [], []
    for row in rows:
        try:
            plain = unseal(bytes(row.campaign.public_key), bytes(row.sealed))
        except LookupError:
            lost.add(row.campaign_id)
            continue
        try:
            found.append(OpenedAnswer(row.id, envelope.unpack_envelope(plain or b"")))
        except ValueError:
            void.append(row.id)
    return found, void


def _delete_rows(places: list[int]) -> None:
    gone = sum(Mailbox.delete().where(Mailbox.id.in_(keys)).execute() for keys in chunked(places, BATCH_SIZE))
    if gone != len(places):  # somebody else opened some of them: storing ours would count them twice
        raise OutOfOrder


def _store_answers(campaign: Campaign, opened: Sequence[OpenedAnswer]) -> None:
    questions = list(Question.select().where(Question.version == campaign.version_id))
    keys = {question.code: question.id for question in questions}
    fitting = version_mapping.map_answers(questions, opened)
    responses, answers = [], []
    for one in opened:
        key = random_key()
        told = {"client": one.client, "channel": one.channel, "duration": one.content.duration, "anonymous": True}
        fixed = {"version": campaign.version_id, "quarter": campaign.quarter}
        responses.append({"id": key, **fixed, **told, "receipt_hash": one.content.receipt})
        answers += answering.build_answer_rows(key, keys, fitting[one.place])
    for table, made in ((Response, responses), (Answer, answers)):
        for rows in chunked(made, BATCH_SIZE):
            table.insert_many(rows).execute()
