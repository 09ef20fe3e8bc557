"""The client's letter (P13): worded by QA from a proposal, released, then sent by the project manager.

Draft → ready → sent. QA can take a ready one back; a sent one is frozen, and a correction is a new letter
that says which one it replaces. The document is composed and rendered by `documents/letters/`, and
handed in. Sending it stands in `sending`.
"""

from __future__ import annotations

from datetime import date, datetime

from csat.database import write
from csat.models.base import Json
from csat.models.clients import Client, Tier
from csat.models.letters import Letter, LetterState
from csat.models.outbox import MailState, OutboxMessage
from csat.models.people import Person
from csat.models.reporting import Report, ReportState
from csat.models.roles import Role
from csat.procedure.clients import clients
from csat.procedure.core import audit
from csat.procedure.core.bilingual import refuse_missing_texts
from csat.procedure.core.documents import require_state, select_issued_reports, store_values
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, OutOfOrder, Refusal
from csat.procedure.letters import wording
from csat.procedure.letters.internal_texts import TAKEN_OVER, find_internal_texts, match_internal_texts, refuse_unread
from csat.procedure.people.permissions import PERMISSION_MATRIX, roles_of
from csat.words import N_


class ReportNotIssued(Refusal):
    sentence = N_(
        "The report of this quarter is not issued yet. A letter tells only figures that the report shows, so "
        "please issue it first."
    )


class LetterExists(Refusal):
    sentence = N_("This client has a letter of this quarter already: %(number)s. Please go on with that one.")


class WordedMeanwhile(OutOfOrder):
    sentence = N_(
        "%(name)s changed this letter while you were typing. Nothing is saved yet, and what you typed stands "
        "here. Please compare the two, and save again if yours should take its place."
    )


class OldFigures(Refusal):
    sentence = N_(
        "The report has a newer version than this letter's figures. Please have it proposed anew, look the "
        "words over, and release it then."
    )


class NoProjectManager(Refusal):
    sentence = N_(
        "This client is in nobody's care, so nobody could send the letter. Ask an administrator to put it "
        "into a project manager's care."
    )


def letter_for(person: Person, key: int, day: date) -> Letter:
    """A letter its reader may see: QA and director all; a manager those of own clients, once released."""
    letter, held = get_or_refuse(Letter, key), roles_of(person)
    if not held & PERMISSION_MATRIX["letters.see"]:
        raise NotFound
    if held & {Role.QA, Role.DIRECTOR}:
        return letter
    clients.client_for(person, letter.client_id, day)  # NotFound unless in their care today
    if letter.state == LetterState.DRAFT:
        raise NotFound
    return letter


def get_issued_report(quarter: Quarter) -> Report:
    """The newest issued report of a quarter, whose figures its letters tell; raise ReportNotIssued."""
    if report := select_issued_reports(quarter).first():
        return report
    raise ReportNotIssued


def find_newest(client: Client, quarter: Quarter) -> Letter | None:
    """The newest letter of a client and quarter, in whatever state."""
    query = Letter.select().where(Letter.client == client, Letter.quarter == int(quarter))
    return query.order_by(Letter.version.desc()).first()


def list_sent_letters(client: Client, quarter: Quarter) -> list[Letter]:
    """The letters of a quarter that a client was sent, or is about to be; the oldest first."""
    query = Letter.select().where(Letter.client == client, Letter.quarter == int(quarter))
    return list(query.where(Letter.state != LetterState.DRAFT).order_by(Letter.version))


def find_replacement(letter: Letter) -> Letter | None:
    """The sent letter that replaces this one."""
    return Letter.get_or_none(Letter.replaces == letter, Letter.state == LetterState.SENT)


def count_waiting_letters(person: Person, day: date) -> int:
    """How many letters wait for this person: to propose and drafts for QA, ready ones of own clients for a manager."""
    held, waits = roles_of(person), 0
    if Role.QA in held:
        waits += Letter.select().where(Letter.state == LetterState.DRAFT).count() + _count_to_propose(day)
    if Role.MANAGER in held:
        own = [client.id for client in clients.clients_of(person, day)]
        waits += Letter.select().where(Letter.state == LetterState.READY, Letter.client.in_(own)).count()
        unclear = OutboxMessage.select().join(Letter).where(OutboxMessage.state == MailState.TORN)
        waits += unclear.where(Letter.client.in_(own)).count()
    return waits


def _count_to_propose(day: date) -> int:
    """How many core and important clients in somebody's care have no letter of the newest issued quarter yet."""
    # By the tier alone: who else was asked would have to be read from all invitations, for each page's rail.
    report = Report.select().where(Report.state == ReportState.ISSUED).order_by(Report.quarter.desc()).first()
    if report is None:
        return 0
    begun = Letter.select(Letter.client).where(Letter.quarter == report.quarter)
    owed = Client.tier.in_([Tier.CORE, Tier.IMPORTANT]), Client.id.in_(list(clients.list_managers(day)))
    return clients.select_clients_in_use().where(*owed, Client.id.not_in(begun)).count()


def propose_letter(client: Client, report: Report, facts: Json, words: Json, by: Person, now: datetime) -> Letter:
    """Begin a client's letter of the report's quarter from a proposal; raise LetterExists if one was begun."""
    with write():
        last = find_newest(client, Quarter.from_int(report.quarter))
        if last is not None:
            raise LetterExists(number=last.number)
        return _begin_letter(client, report, facts, words, None, by, now)


def correct_letter(letter: Letter, report: Report, facts: Json, by: Person, now: datetime) -> Letter:
    """Begin the letter that will replace a sent one, with its words and the newest report's figures."""
    with write():
        last = find_newest(letter.client, Quarter.from_int(letter.quarter))
        if last is None or last.id != letter.id:  # a second correction of the same letter
            raise LetterExists(number=last.number if last else "")
        require_state(letter, LetterState.SENT)
        known = {TAKEN_OVER: find_internal_texts(letter, letter.words)}
        return _begin_letter(letter.client, report, {**facts, **known}, letter.words, letter, by, now)


def refresh_letter(letter: Letter, report: Report, facts: Json, words: Json, by: Person, now: datetime) -> None:
    """Put the newest report's figures, and the words proposed from them, into a draft."""
    with write():
        require_state(letter, LetterState.DRAFT)
        kept = wording.clean_words(words, _list_missed_codes(facts))
        kept_facts = _with_internal_texts(letter.client, letter.quarter, facts, kept)
        fresh = {"report": report, "facts": kept_facts, "words": kept, "internal_read_at": None}
        store_values(letter, **fresh, worded_by=by, worded_at=now)
        audit.record(by, "letter proposed anew", letter, now, number=letter.number, report=report.number)


def save_words(
    letter: Letter, words: Json, by: Person, now: datetime, seen: datetime | None = None, read: bool = False
) -> None:
    """Keep QA's words, and whether internal texts in them were read; WordedMeanwhile if worded after `seen`."""
    kept = wording.clean_words(words, _list_missed_codes(letter.facts))
    _refuse_words(letter, kept)
    with write():
        require_state(letter, LetterState.DRAFT)
        if seen is not None and letter.worded_at != seen:
            raise WordedMeanwhile(name=letter.worded_by.name)
        store_values(letter, words=kept, worded_by=by, worded_at=now, internal_read_at=now if read else None)
        audit.record(by, "letter worded", letter, now, number=letter.number, internal_read=read)


def release_letter(letter: Letter, document: Json, by: Person, now: datetime, day: date) -> None:
    """Release a draft to the project manager, which fixes what the client will see; refuse gaps and old figures."""
    refuse_missing_texts(wording.list_texts(letter.words))
    _refuse_words(letter, letter.words)  # again: an anonymous answer may have come since they were saved
    refuse_unread(letter)
    with write():
        require_state(letter, LetterState.DRAFT)
        if get_issued_report(Quarter.from_int(letter.quarter)).id != letter.report_id:
            raise OldFigures
        if document["words"] != letter.words:  # worded anew while the document was composed
            raise OutOfOrder
        if clients.manager_of(letter.client, day) is None:
            raise NoProjectManager
        store_values(letter, state=LetterState.READY, document=document, released_by=by, released_at=now, taken_back="")
        audit.record(by, "letter released", letter, now, number=letter.number)


def take_back_letter(letter: Letter, reason: str, by: Person, now: datetime) -> None:
    """Make a ready letter a draft again, and say why; one that was sent stays as it is."""
    reason = need_text(reason)
    with write():
        require_state(letter, LetterState.READY)
        store_values(letter, state=LetterState.DRAFT, document=None, taken_back=reason)
        audit.record(by, "letter taken back", letter, now, number=letter.number, reason=reason)


def discard_letter(letter: Letter, by: Person, now: datetime) -> None:
    """Throw a draft away that was never released."""
    with write():
        require_state(letter, LetterState.DRAFT)
        if letter.released_at is not None:  # its project manager has seen it
            raise OutOfOrder
        audit.record(by, "letter discarded", letter, now, number=letter.number)
        letter.delete_instance()


def _begin_letter(
    client: Client, report: Report, facts: Json, words: Json, replaces: Letter | None, by: Person, now: datetime
) -> Letter:
    kept = wording.clean_words(words, _list_missed_codes(facts))
    letter = Letter.create(
        client=client,
        quarter=report.quarter,
        version=replaces.version + 1 if replaces else 1,
        report=report,
        facts=_with_internal_texts(client, report.quarter, facts, kept),
        words=kept,
        replaces=replaces,
        worded_by=by,
        worded_at=now,
    )
    audit.record(by, "letter proposed", letter, now, number=letter.number, report=report.number)
    return letter


def _with_internal_texts(client: Client, quarter: int, facts: Json, words: Json) -> Json:
    """The facts, with what the words take over from colleagues: a plan may be replaced before anybody has read it."""
    taken = match_internal_texts(client, Quarter.from_int(quarter), words, facts.get(TAKEN_OVER, ()))
    return {**facts, TAKEN_OVER: taken}


def _list_missed_codes(facts: Json) -> list[str]:
    return [one["code"] for one in facts["missed"]]


def _refuse_words(letter: Letter, words: Json) -> None:
    wording.refuse_long_words(words)
    said = wording.list_anonymous_words(letter.client, Quarter.from_int(letter.quarter))
    wording.refuse_quotations(words, said)
