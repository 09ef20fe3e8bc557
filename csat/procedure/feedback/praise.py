"""Putting praise down, out of a response or by hand (P16): nothing is due then, and nobody confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from csat.database import write
from csat.models.answers import Response, Verdict
from csat.models.feedback import FeedbackOrigin
from csat.models.people import Department, Person
from csat.models.praise import Praise, PraisedPerson
from csat.procedure.core import audit
from csat.procedure.core.guards import need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import DutyConflict, InputWrong, OutOfOrder, ValueMissing
from csat.procedure.feedback import excerpts
from csat.procedure.feedback.entering import Telling, check_telling
from csat.procedure.people import attachments
from csat.procedure.people.attachments import FileToAttach
from csat.procedure.people.departments import list_members_on
from csat.procedure.review import verdicts
from csat.words import N_


class NotOfDepartment(InputWrong):
    sentence = N_("Only who belongs to the department can be praised with it. Please choose again.")


class PraiseOfOneself(DutyConflict):
    sentence = N_("Nobody puts down praise of themselves. Please ask a colleague to do it.")


class NobodyNamed(OutOfOrder):
    sentence = N_("The client answered anonymously: the praise goes to the department, and names nobody.")


class WordsNotTheirs(InputWrong):
    sentence = N_(
        "“%(words)s” does not stand in the client's comment. Take words from the comment, one passage a line."
    )


class ResponseNotValid(OutOfOrder):
    sentence = N_("Praise can be taken from valid responses only.")


class PraiseWithdrawn(OutOfOrder):
    sentence = N_("This praise was withdrawn already.")


def praise_response(
    response: Response,
    words: str,
    department: Department | None,
    persons: Sequence[Person],
    by: Person,
    now: datetime,
    zone: tzinfo,
) -> Praise:
    """Take praise out of a valid response: the client's words, and whom they are about."""
    fresh = Response.get_by_id(response.id)  # it may have been doubted since the page was made
    if fresh.verdict != Verdict.VALID:
        raise ResponseNotValid
    if fresh.anonymous and persons:
        raise NobodyNamed
    try:
        sources = excerpts.find_passages(fresh, verdicts.comments_of(fresh), need_text(words, "words"))
    except excerpts.PassageNotInComment as refusal:
        raise WordsNotTheirs(**refusal.facts, field="words") from refusal
    said_on = fresh.received_at.astimezone(zone).date() if fresh.received_at else None
    # Without the contact: a second way to it would outlive the one that the response forgets in time (D5).
    facts = Telling(FeedbackOrigin.RESPONSE, said_on, fresh.client, incident=fresh.incident)
    return _store_praise(
        facts, excerpts.join_passages(sources), fresh.quarter, department, persons, by, now, zone, response=fresh
    )


def enter_praise(
    telling: Telling,
    words: str,
    department: Department | None,
    persons: Sequence[Person],
    by: Person,
    now: datetime,
    zone: tzinfo,
    files: Sequence[FileToAttach] = (),
) -> Praise:
    """Put down praise that came without a response."""
    telling, quarter = check_telling(telling, by, now, zone), int(Quarter.of(now, zone))
    with write():
        made = _store_praise(telling, need_text(words, "words"), quarter, department, persons, by, now, zone)
        attachments.attach_files(made, files, by, now)
    return made


def withdraw_praise(praise: Praise, reason: str, by: Person, now: datetime) -> None:
    """Take back what was no praise, or named the wrong people: it stays on record, and counts no more."""
    reason = need_text(reason)
    with write():
        if Praise.get_by_id(praise.id).withdrawn_at is not None:
            raise PraiseWithdrawn
        taken = Praise.update(withdrawn_by=by, withdrawn_at=now, withdrawn_because=reason)
        taken.where(Praise.id == praise.id).execute()
        audit.record(by, "praise withdrawn", praise, now, reason=reason)


def _store_praise(
    told: Telling,
    words: str,
    quarter: int,
    department: Department | None,
    persons: Sequence[Person],
    by: Person,
    now: datetime,
    zone: tzinfo,
    response: Response | None = None,
) -> Praise:
    if department is None:
        raise ValueMissing(field="department")
    _refuse_wrong_people(department, persons, by, now.astimezone(zone).date())
    with write():
        made = Praise.create(
            words=words,
            quarter=quarter,
            department=department,
            response=response,
            created_by=by,
            created_at=now,
            **{name: getattr(told, name) for name in ("origin", "client", "contact", "incident", "said_by", "said_on")},
        )
        for one in persons:
            PraisedPerson.create(praise=made, person=one)
        named = [one.id for one in persons]
        audit.record(by, "praise put down", made, now, origin=told.origin, department=department.id, persons=named)
    return made


def _refuse_wrong_people(department: Department, persons: Sequence[Person], by: Person, today: date) -> None:
    if by.id in {one.id for one in persons}:
        raise PraiseOfOneself
    members = {one.id for one in list_members_on(department, today)}
    if not members.issuperset(one.id for one in persons):
        raise NotOfDepartment(field="persons")
