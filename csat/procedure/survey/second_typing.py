"""Some printed forms are typed twice, by two people: which, what waits, and how well the first typing agreed (P5).

The first typing waits as ciphertext to which only the code on the paper is the key (decision 0183).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Protocol

from peewee import fn

from csat.database import write
from csat.models.asking import OPEN_STATES, Campaign, CampaignState, Invitation, Link
from csat.models.paper import PaperComparison, PaperEntry
from csat.models.people import Person
from csat.procedure.campaigns import proposals
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import DutyConflict, LinkUsed, OutOfOrder, Refusal
from csat.procedure.survey import drafts
from csat.procedure.survey.typed_paper import Difference, TypedPaper, questions_on_paper, read_typing, write_typing
from csat.words import N_

SEED_SETTING = "paper_seed"
DRAW_ENDS_BEFORE = timedelta(days=3)  # of a campaign's end: no answer is lost for want of a second typing


class SecondTypistNeeded(DutyConflict):
    sentence = N_(
        "You typed this form in once, and that is kept. Now a colleague types it in: please pass the paper on."
    )


class PrinterMayNotCompare(DutyConflict):
    sentence = N_(
        "A colleague typed this form in once, and you printed it or had its link in hand: "
        "please let another colleague type it in the second time."
    )


class TypedMeanwhile(OutOfOrder):
    sentence = N_(
        "A colleague has just typed this same form in, and that is kept. Please enter yours once more: "
        "it is then the second typing, and what differs is shown to you."
    )


class TypingsDiffer(Refusal):
    """The second typing is not what the first one was; which of them the paper says decides who has it at hand."""

    sentence = N_("This form was drawn to be typed twice, and the two differ. Please decide by the paper.")

    def __init__(self, differences: list[Difference]) -> None:
        super().__init__()
        self.differences = differences


class Safe(Protocol):
    """What the procedure needs of the room that seals and encrypts (csat.adapters.sealing)."""

    def seal_bytes(self, public_key: bytes, plain: bytes) -> bytes: ...

    def derive_draft_key(self, token: str, code: str) -> bytes: ...

    def encrypt_with_key(self, key: bytes, plain: bytes) -> bytes: ...

    def decrypt_with_key(self, key: bytes, locked: bytes) -> bytes | None: ...


def refuse_who_knows(invitation: Invitation, by: Person, now: datetime) -> None:
    """Raise what `find_conflict` finds, where the form waits for its second typing and there is time for it."""
    waiting = PaperEntry.get_or_none(PaperEntry.invitation == invitation, PaperEntry.last_day >= now.date())
    if waiting and is_drawn(invitation, now) and (conflict := find_conflict(waiting, by)):
        raise conflict


def find_conflict(entry: PaperEntry, by: Person) -> type[DutyConflict] | None:
    """Why somebody is not shown what was typed first: they typed it, or they know whose form has this code (D7)."""
    if entry.by_id == by.id:
        return SecondTypistNeeded
    held = (Link.invitation == entry.invitation_id) & (Link.shown_to == by)
    return PrinterMayNotCompare if Link.select().where(held).exists() else None


def has_first_typing(invitation: Invitation) -> bool:
    """Whether somebody typed it once and a second person is asked to do so."""
    return PaperEntry.select().where(PaperEntry.invitation == invitation).exists()


@dataclass(frozen=True)
class WaitingForms:
    """Forms of a campaign that one colleague typed and another is to type again; never which, nor of whom."""

    campaign: Campaign
    by: Person
    number: int
    last_day: date


def list_waiting_forms(now: datetime, zone: tzinfo) -> list[WaitingForms]:
    """What waits for a second typing, by campaign and first typist, with the day on which the first of them lapses."""
    last = fn.MIN(PaperEntry.last_day)
    query = PaperEntry.select(Invitation.campaign, PaperEntry.by, fn.COUNT(PaperEntry.id), last).join(Invitation)
    rows = list(query.where(*_still_wanted(now)).group_by(Invitation.campaign, PaperEntry.by).tuples())
    campaigns = {one.id: one for one in Campaign.select().where(Campaign.id.in_([row[0] for row in rows]))}
    people = {one.id: one for one in Person.select().where(Person.id.in_([row[1] for row in rows]))}
    return [
        WaitingForms(
            campaigns[campaign], people[by], number, min(day, campaigns[campaign].last_moment.astimezone(zone).date())
        )
        for campaign, by, number, day in rows
    ]


def count_forms_to_retype(person: Person, now: datetime, zone: tzinfo) -> int:
    """How many forms this person may type the second time: a colleague typed and another printed them."""
    held = PaperEntry.invitation.in_(Link.select(Link.invitation).where(Link.shown_to == person))
    waiting = PaperEntry.select().join(Invitation).where(*_still_wanted(now), PaperEntry.by != person, ~held)
    own = proposals.find_visible_clients(person, zone, now)
    return (waiting if own is None else waiting.where(Invitation.client.in_(own))).count()


def delete_lapsed_typings(now: datetime) -> int:
    """Forget first typings that no second one followed in time: the paper can be typed anew. Return how many."""
    wanted = PaperEntry.select(PaperEntry.id).join(Invitation).join(Campaign).where(*_still_wanted(now))
    with write():
        return PaperEntry.delete().where(PaperEntry.id.not_in(wanted)).execute()


@dataclass(frozen=True)
class TypistSample:
    """Of the forms one colleague typed first: how many were typed again, the answers compared, those that differ."""

    typist: Person
    forms: int
    compared: int
    differing: int


def list_typist_samples(quarter: Quarter) -> list[TypistSample]:
    """How the first typings of a quarter's campaigns agree with what the papers said in the end, by typist."""
    columns = (fn.COUNT(PaperComparison.id), fn.SUM(PaperComparison.compared), fn.SUM(PaperComparison.differing))
    query = PaperComparison.select(PaperComparison.by, *columns).join(Campaign)
    rows = {
        row[0]: row[1:] for row in query.where(Campaign.quarter == int(quarter)).group_by(PaperComparison.by).tuples()
    }
    people = Person.select().where(Person.id.in_(list(rows))).order_by(Person.name, Person.id)
    return [TypistSample(person, *map(int, rows[person.id])) for person in people]


def is_drawn(invitation: Invitation, now: datetime) -> bool:
    """Whether a form is typed twice: chance says so, by a secret seed, whoever types it and whenever."""
    if invitation.campaign.closes_at - now < DRAW_ENDS_BEFORE:
        return False
    with write():
        seed = settings.get_secret_seed(SEED_SETTING, now)
    drawn = int.from_bytes(hashlib.sha256(f"{seed}:{invitation.id}".encode()).digest()[:8], "big")
    return drawn % 100 < settings.get_whole_number("paper_double_share")


def keep_typing(
    code: str,
    invitation: Invitation,
    typed: TypedPaper,
    by: Person,
    now: datetime,
    safe: Safe,
    lapsed: PaperEntry | None,
) -> None:
    """Keep a first typing until a second person has typed the form; refuse where a colleague was quicker."""
    written, own = write_typing(questions_on_paper(invitation.campaign.version), typed), _lock_name(code, by.id)
    drafts.save_draft(_place(code), own, written, now, safe.derive_draft_key, safe.encrypt_with_key)
    try:
        _claim_first_typing(invitation, by, now, lapsed)
    except SecondTypistNeeded:
        raise  # pressed twice: what was kept is this person's own
    except Refusal:
        drafts.delete_draft(_place(code), own, safe.derive_draft_key)
        raise


def _claim_first_typing(invitation: Invitation, by: Person, now: datetime, lapsed: PaperEntry | None) -> None:
    """Note whose typing is the first one, unless the form was answered or a colleague was quicker."""
    still_open = (Invitation.id == invitation.id) & Invitation.state.in_(OPEN_STATES)
    with write():
        if not Invitation.select().where(still_open).exists():
            raise LinkUsed
        if lapsed is not None:
            # Its key alone would not do: SQLite gives it again to the entry that a colleague has just made instead.
            same = (PaperEntry.by == lapsed.by_id) & (PaperEntry.last_day == lapsed.last_day)
            PaperEntry.delete().where(PaperEntry.invitation == invitation, same).execute()
        quicker = PaperEntry.get_or_none(PaperEntry.invitation == invitation)
        if quicker is not None:
            raise find_conflict(quicker, by) or TypedMeanwhile
        PaperEntry.create(invitation=invitation, by=by, last_day=(now + drafts.DRAFT_LASTS).date())


def load_typing(code: str, entry: PaperEntry, safe: Safe) -> TypedPaper | None:
    """The first typing of a form; None where its time is over."""
    own = _lock_name(code, entry.by_id)
    kept = drafts.read_draft(_place(code), own, safe.derive_draft_key, safe.decrypt_with_key)
    return None if kept is None else read_typing(questions_on_paper(entry.invitation.campaign.version), kept)


def forget_typing(code: str) -> None:
    """Delete a first typing: the form is entered."""
    drafts.delete_drafts(_place(code))


def _still_wanted(now: datetime) -> tuple[object, ...]:
    in_time = (PaperEntry.last_day >= now.date()) & Invitation.state.in_(OPEN_STATES)
    running = Campaign.select(Campaign.id).where(Campaign.state == CampaignState.OPEN, Campaign.closes_at > now)
    return in_time, Invitation.campaign.in_(running)


def _place(code: str) -> str:
    """Where the first typing lies: not where a form lies that the respondent saved by the same code."""
    return f"paper:{code}"


def _lock_name(code: str, typist: int) -> str:
    """What locks a typing: each typist's its own way, so that two at the same moment do not replace each other's."""
    return f"{code}:{typist}"
