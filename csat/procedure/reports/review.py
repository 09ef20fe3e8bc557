"""Reviewing a quarterly report (R1): who must approve, what they say, and what a return does."""

from __future__ import annotations

from datetime import datetime

from peewee import ModelSelect

from csat.database import write
from csat.models.base import Json
from csat.models.people import Person
from csat.models.reporting import Report, ReportReviewer, ReportState, ReportWord, Word
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.documents import require_state, store_values
from csat.procedure.core.refusals import InputWrong, OutOfOrder, Refusal, ValueMissing
from csat.procedure.people import separation_of_duties
from csat.procedure.people.permissions import list_role_holders, roles_of
from csat.procedure.reports import wording
from csat.procedure.reports.reports import count_pending, list_approvals, update_facts
from csat.words import N_

AUDIT_ACTIONS = {
    Word.APPROVE: N_("report approved"),
    Word.RETURN: N_("report returned"),
    Word.COMMENT: N_("report commented on"),
}


class ResponsesPending(InputWrong):
    sentence = N_("%(number)s responses still wait for verification. Verify them first, or state that they wait.")


class NoDirector(Refusal):
    sentence = N_("Nobody else holds the role of director, so nobody could approve. Ask an administrator.")


class ReturnerDropped(InputWrong):
    sentence = N_("%(names)s returned this report, so they must be among its reviewers again.")


class ReasonMissing(InputWrong):
    sentence = N_("Please say what has to change.")


def list_managers() -> list[Person]:
    """Who can be named as a reviewer beside the director."""
    return list_role_holders(Role.MANAGER)


def find_returners(report: Report) -> list[Person]:
    """Who returned a report, and had no hand in it since: it goes back to them."""
    said = ReportWord.select(ReportWord.person).where(ReportWord.report == report, ReportWord.word == Word.RETURN)
    rows = Person.select().where(Person.id.in_(said)).order_by(Person.name)
    return [one for one in rows if one.id not in report.document["report"]["preparers"]]


def list_review_words(report: Report) -> list[ReportWord]:
    """What was said of a report in review, oldest first."""
    said = ReportWord.select(ReportWord, Person).join(Person).where(ReportWord.report == report)
    return list(said.order_by(ReportWord.at, ReportWord.id))


def select_reports_to_sign(person: Person) -> ModelSelect[Report]:
    """The reports in review that wait for this person's word; a voided approval is none (R1)."""
    approved = ReportWord.select(ReportWord.report).where(
        ReportWord.person == person, ReportWord.word == Word.APPROVE, ~ReportWord.void
    )
    waiting = Report.select().join(ReportReviewer).where(ReportReviewer.person == person)
    return waiting.where(Report.state == ReportState.REVIEW, Report.id.not_in(approved))


def submit_report(report: Report, reviewers: list[Person], by: Person, now: datetime, stated: int = 0) -> None:
    """Give a draft to review by every director and the named managers; ResponsesPending unless `stated` wait (R1)."""
    with write():
        require_state(report, ReportState.DRAFT)
        wording.refuse_outdated(report)
        number = count_pending(report.document)
        if number != stated:  # exactly: QA states what it has seen, and more may wait since
            raise ResponsesPending(field="despite", number=number)
        named = _collect_reviewers(report, reviewers)
        ReportReviewer.delete().where(ReportReviewer.report == report).execute()
        for one in named:  # in a table too, since lists of what to sign cannot look into documents
            ReportReviewer.create(report=report, person=one["person"])
        store_values(report, state=ReportState.REVIEW, document=update_facts(report, state="review", reviewers=named))
        audit.record(by, "report submitted", report, now, reviewers=[one["person"] for one in named])


def review_report(report: Report, word: Word, comment: str, by: Person, now: datetime) -> None:
    """Approve, return or comment on a report in review (R1); a return voids approvals, reopens the draft."""
    with write():
        require_state(report, ReportState.REVIEW)
        if word != Word.COMMENT:
            _refuse_wrong_reviewer(report, word, by)
        if word != Word.APPROVE and not comment.strip():
            raise ReasonMissing(field="comment") if word == Word.RETURN else ValueMissing(field="comment")
        ReportWord.create(report=report, person=by, word=word, comment=comment.strip(), at=now)
        if word == Word.RETURN:
            approvals = (ReportWord.report == report, ReportWord.word == Word.APPROVE)
            # They were given to a text that will change.
            ReportWord.update(void=True).where(*approvals).execute()
            store_values(report, state=ReportState.DRAFT, document=update_facts(report, state="draft"))
        audit.record(by, AUDIT_ACTIONS[word], report, now)


def list_offered_words(report: Report, person: Person) -> list[Word]:
    """What a reader can say: reviewers decide, once, and everybody else who sees it can comment."""
    if person.id not in {reviewer["person"] for reviewer in report.document["report"]["reviewers"]}:
        return [Word.COMMENT]
    approved = any(word.person_id == person.id for word in list_approvals(report))
    return [word for word in Word if not (approved and word == Word.APPROVE)]


def _collect_reviewers(report: Report, chosen: list[Person]) -> list[Json]:
    preparers = report.document["report"]["preparers"]
    directors = [person for person in list_role_holders(Role.DIRECTOR) if person.id not in preparers]
    if not directors:
        raise NoDirector
    known = {person.id for person in directors}
    for person in chosen:
        separation_of_duties.ensure_may_sign(person, report)
    eligible = {person.id for person in list_managers()}
    if any(person.id not in eligible | known for person in chosen):  # none is on offer: a forged or stale form
        raise OutOfOrder
    # Who returned it must look again, or QA could choose reviewers until nobody objects.
    dropped = [one.name for one in find_returners(report) if one.id in eligible and one not in [*directors, *chosen]]
    if dropped:
        raise ReturnerDropped(field="reviewers", names=", ".join(dropped))
    others = [person for person in chosen if person.id not in known]  # a director signs as one, once
    rows = [(person, Role.DIRECTOR.value) for person in directors] + [(person, Role.MANAGER.value) for person in others]
    return [{"person": one.id, "name": one.name, "as": capacity, "approved_at": None} for one, capacity in rows]


def _refuse_wrong_reviewer(report: Report, word: Word, by: Person) -> None:
    separation_of_duties.ensure_may_sign(by, report)
    named = {one["person"]: Role(one["as"]) for one in report.document["report"]["reviewers"]}
    if named.get(by.id) not in roles_of(by):  # who lost the role since may not speak in it
        raise OutOfOrder
    if word == Word.APPROVE and any(said.person_id == by.id for said in list_approvals(report)):  # once is enough
        raise OutOfOrder
