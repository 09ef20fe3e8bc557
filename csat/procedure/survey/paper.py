"""Printed forms come back: staff type them in, and some are typed twice, by two people (P5, decision 0183).

Without a name an answer goes sealed into the mailbox like any other, and nothing tells who typed it. Of a form
that is drawn, the first typing waits as ciphertext to which only the code on the paper is the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Protocol

from peewee import fn

from csat.database import write
from csat.models.asking import (
    OPEN_STATES,
    Attempt,
    AttemptOutcome,
    Campaign,
    CampaignState,
    Channel,
    Invitation,
    Link,
    Naming,
)
from csat.models.paper import PaperComparison, PaperEntry
from csat.models.people import Person
from csat.models.questionnaires import Question, QuestionnaireVersion
from csat.procedure.campaigns import links, proposals
from csat.procedure.core import audit, settings, tokens
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import (
    DutyConflict,
    InputWrong,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    LinkWithdrawn,
    OutOfOrder,
    Refusal,
    ValueMissing,
)
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires import answers as answering
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.answers import Answers
from csat.procedure.survey import drafts, submission
from csat.procedure.survey.submission import FilledForm, NamingNotOffered
from csat.words import N_

SEED_SETTING = "paper_seed"
DRAW_ENDS_BEFORE = timedelta(days=3)  # of a campaign's end: no answer is lost for want of a second typing
FIELDS = ("who", "name", "reach", "name_client")


class CodeUnknown(InputWrong):
    sentence = N_("We know no printed form with this code. Please compare it with the paper, letter by letter.")


class FormOfOthers(InputWrong):
    sentence = N_("This form is of a client who is not in your care. Please give the paper to the service desk.")


class FormAnswered(InputWrong):
    sentence = N_("This form is with us already. If you have just sent it, nothing more is needed.")


class FormExpired(InputWrong):
    sentence = N_("The last day of this survey has passed, so the form can no longer be entered.")


class FormWithdrawn(InputWrong):
    sentence = N_("This form was withdrawn, so it cannot be entered.")


class FormBlank(Refusal):
    sentence = N_("Nothing is filled in. A form that came back blank is no answer, so it is not entered.")


class SecondTypistNeeded(DutyConflict):
    sentence = N_(
        "You typed this form in once, and that is kept. Now a colleague types it in: please pass the paper on."
    )


class PrinterMayNotCompare(DutyConflict):
    sentence = N_(
        "A colleague typed this form in once, and you printed it or had its link in hand: "
        "please let another colleague type it in the second time."
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


@dataclass(frozen=True)
class TypedPaper:
    """What stands on a printed form, as somebody typed it."""

    answers: Answers
    anonymous: bool
    name: str = ""
    reach: str = ""
    name_client: bool = False


@dataclass(frozen=True)
class Difference:
    """What two people read differently: `q-` and a question's code, or one of FIELDS, with what a form would send."""

    code: str
    first: list[str]
    second: list[str]


def questions_on_paper(version: QuestionnaireVersion) -> list[Question]:
    """The questions as paper asks them: nobody can keep a pen from leaving one blank."""
    questions = questionnaires.questions_of(version)
    for question in questions:
        question.required = False  # of this copy only, which is never saved
    return questions


def find_paper(typed: str) -> Invitation:
    """The invitation whose form has this code, in whatever state; raise CodeUnknown."""
    code = tokens.normalise_short_code(typed)
    try:
        return links.get_link(code).invitation
    except LinkUnknown as refusal:
        raise CodeUnknown("code") from refusal


def open_paper(typed: str, by: Person, now: datetime, zone: tzinfo) -> Invitation:
    """The invitation whose form has this code, if this person may enter it now; spends nothing."""
    code = tokens.normalise_short_code(typed)
    try:
        link = links.get_link(code)
        own = proposals.find_visible_clients(by, zone, now)
        if own is not None and link.invitation.client_id not in own:
            raise FormOfOthers("code")
        links.refuse_dead_link(link, now)
    except (LinkUnknown, LinkUsed, LinkExpired, LinkWithdrawn) as refusal:
        raise _DEAD_FORMS[type(refusal)]("code") from refusal
    separation_of_duties.ensure_may_record_survey(by, link.invitation.incident)
    separation_of_duties.ensure_may_record_check(by, link.invitation)
    waiting = PaperEntry.get_or_none(PaperEntry.invitation == link.invitation, PaperEntry.last_day >= now.date())
    if waiting and is_drawn(link.invitation, now) and (conflict := _find_conflict(waiting, by)):
        raise conflict
    return link.invitation


_DEAD_FORMS: dict[type[Refusal], type[InputWrong]] = {
    LinkUnknown: CodeUnknown,
    LinkUsed: FormAnswered,
    LinkExpired: FormExpired,
    LinkWithdrawn: FormWithdrawn,
}


def enter_paper(
    typed_code: str, typed: TypedPaper, by: Person, now: datetime, zone: tzinfo, safe: Safe, decided: bool = False
) -> bool:
    """Take what stands on a form; False when it waits to be typed by a second person.

    Raise TypingsDiffer where a second typing differs from the first and nobody `decided` it by the paper.
    """
    invitation = open_paper(typed_code, by, now, zone)
    _check_paper(invitation.campaign, typed)
    code = tokens.normalise_short_code(typed_code)
    entry = PaperEntry.get_or_none(PaperEntry.invitation == invitation)
    # In the last days who may not compare enters the form alone: no answer is lost, and no typing is shown to them.
    comparing = entry is not None and _find_conflict(entry, by) is None
    before = _load_typing(code, invitation, safe) if comparing else None
    if entry is None or before is None:
        if is_drawn(invitation, now):
            _keep_typing(code, invitation, typed, by, now, safe, entry)
            return False
        _store_paper(invitation, typed, by, now, safe)
        drafts.delete_drafts(_place(code))
        return True
    differences = compare_typings(invitation.campaign.version, before, typed)
    if differences and not decided:
        raise TypingsDiffer(differences)
    _store_paper(invitation, typed, by, now, safe, (entry.by_id, sum(one.code not in FIELDS for one in differences)))
    drafts.delete_drafts(_place(code))
    return True


def compare_typings(version: QuestionnaireVersion, first: TypedPaper, second: TypedPaper) -> list[Difference]:
    """In what two typings of one form differ; blanks and line breaks in words are no difference."""
    questions = questions_on_paper(version)
    one, other = (_write_typing(questions, typed) for typed in (first, second))
    return [
        Difference(code, one[code], other[code]) for code in one if _same_blanks(one[code]) != _same_blanks(other[code])
    ]


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


def _find_conflict(entry: PaperEntry, by: Person) -> type[DutyConflict] | None:
    """Why somebody is not shown what was typed first: they typed it, or they know whose form has this code (D7)."""
    if entry.by_id == by.id:
        return SecondTypistNeeded
    held = (Link.invitation == entry.invitation_id) & (Link.shown_to == by)
    return PrinterMayNotCompare if Link.select().where(held).exists() else None


def _check_paper(campaign: Campaign, typed: TypedPaper) -> None:
    answering.check_answers(questions_on_paper(campaign.version), typed.answers)
    if campaign.naming == (Naming.NAMED if typed.anonymous else Naming.ANONYMOUS):
        raise NamingNotOffered("who")
    if not typed.anonymous and not typed.name:
        raise ValueMissing("name")
    if not typed.answers:
        raise FormBlank


def is_drawn(invitation: Invitation, now: datetime) -> bool:
    """Whether a form is typed twice: chance says so, by a secret seed, whoever types it and whenever."""
    if invitation.campaign.closes_at - now < DRAW_ENDS_BEFORE:
        return False
    with write():
        seed = settings.get_secret_seed(SEED_SETTING, now)
    drawn = int.from_bytes(hashlib.sha256(f"{seed}:{invitation.id}".encode()).digest()[:8], "big")
    return drawn % 100 < settings.get_whole_number("paper_double_share")


def _keep_typing(
    code: str,
    invitation: Invitation,
    typed: TypedPaper,
    by: Person,
    now: datetime,
    safe: Safe,
    lapsed: PaperEntry | None,
) -> None:
    written = _write_typing(questions_on_paper(invitation.campaign.version), typed)
    drafts.save_draft(_place(code), code, written, now, safe.derive_draft_key, safe.encrypt_with_key)
    last_day = (now + drafts.DRAFT_LASTS).date()
    with write():
        if lapsed is not None:
            PaperEntry.delete().where(PaperEntry.id == lapsed.id).execute()
        meanwhile = PaperEntry.get_or_none(PaperEntry.invitation == invitation)
        if meanwhile is not None:
            raise SecondTypistNeeded if meanwhile.by_id == by.id else OutOfOrder
        PaperEntry.create(invitation=invitation, by=by, last_day=last_day)


def _load_typing(code: str, invitation: Invitation, safe: Safe) -> TypedPaper | None:
    kept = drafts.read_draft(_place(code), code, safe.derive_draft_key, safe.decrypt_with_key)
    return None if kept is None else _read_typing(questions_on_paper(invitation.campaign.version), kept)


def _store_paper(
    invitation: Invitation,
    typed: TypedPaper,
    by: Person,
    now: datetime,
    safe: Safe,
    compared: tuple[int, int] | None = None,
) -> None:
    # Nobody gets the receipt's code: who typed the paper shall not see again what became of it.
    code = tokens.make_submission_code()
    filled = FilledForm(typed.answers, typed.anonymous, code, typed.name, typed.reach, typed.name_client)
    sealed = b""
    if typed.anonymous:
        sealed = submission.seal_answer(invitation, filled, code, safe.seal_bytes, Channel.PAPER)
    with write():
        if not submission.spend_invitation(invitation):
            raise FormAnswered("code")
        if typed.anonymous:
            submission.put_into_mailbox(invitation.campaign, code, sealed)
        else:
            _store_named(invitation, filled, by, now)
        PaperEntry.delete().where(PaperEntry.invitation == invitation).execute()
        if compared is not None:
            first, differing = compared
            number = len(questionnaires.questions_of(invitation.campaign.version))
            PaperComparison.create(campaign=invitation.campaign, by=first, compared=number, differing=differing)


def _store_named(invitation: Invitation, filled: FilledForm, by: Person, now: datetime) -> None:
    response = submission.store_response(invitation, filled, Channel.PAPER, now, recorder=by)
    if invitation.contact_id is not None:
        Attempt.create(invitation=invitation, by=by, at=now, outcome=AttemptOutcome.ANSWERED)
    audit.record(by, "survey recorded", response, now, channel=Channel.PAPER.value)


def _still_wanted(now: datetime) -> tuple[object, ...]:
    in_time = (PaperEntry.last_day >= now.date()) & Invitation.state.in_(OPEN_STATES)
    running = Campaign.select(Campaign.id).where(Campaign.state == CampaignState.OPEN, Campaign.closes_at > now)
    return in_time, Invitation.campaign.in_(running)


def _place(code: str) -> str:
    """Where the first typing lies: not where a form lies that the respondent saved by the same code."""
    return f"paper:{code}"


def _write_typing(questions: Iterable[Question], typed: TypedPaper) -> dict[str, list[str]]:
    written = {f"q-{one.code}": answering.format_answer(one, typed.answers.get(one.code)) for one in questions}
    who = Naming.ANONYMOUS if typed.anonymous else Naming.NAMED
    return written | {
        "who": [who.value],
        "name": [typed.name],
        "reach": [typed.reach],
        "name_client": ["y"] if typed.name_client else [],
    }


def _read_typing(questions: Iterable[Question], kept: Mapping[str, list[str]]) -> TypedPaper:
    given = {one.code: answering.parse_answer(one, kept.get(f"q-{one.code}", [])) for one in questions}
    return TypedPaper(
        answers={code: answer for code, answer in given.items() if answer is not None},
        anonymous=kept["who"] == [Naming.ANONYMOUS.value],
        name=kept["name"][0],
        reach=kept["reach"][0],
        name_client=bool(kept["name_client"]),
    )


def _same_blanks(sent: list[str]) -> list[str]:
    return [text for text in ("".join(one.split()) for one in sent) if text]
