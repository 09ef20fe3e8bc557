"""Missed commitments (C2): each wants an answer of QA, a feedback that leads to actions, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from csat.database import write
from csat.models.base import Condition, Localised
from csat.models.commitments import Commitment, CommitmentAnswer, CommitmentMiss, Judgement
from csat.models.feedback import Feedback, FeedbackOrigin, IssueType, Severity
from csat.models.people import Department, Person
from csat.procedure.commitments import commitments
from csat.procedure.core import audit
from csat.procedure.core.bilingual import refuse_missing_texts
from csat.procedure.core.guards import need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal, ValueMissing
from csat.procedure.feedback import classification
from csat.words import N_

CLIENT_PARTS = ("reason", "remedy")  # of what clients read


class NotMissed(Refusal):
    sentence = N_("This quarter is not missed, so there is nothing to answer.")


class NotAnswered(Refusal):
    sentence = N_("Please answer the miss first: open an action, or say why none is opened.")


def record_verdict(commitment: Commitment, quarter: Quarter, verdict: Judgement, now: datetime) -> bool:
    """Put down that a quarter is missed, or that it is no longer; whether this is new."""
    ours = _miss_condition(commitment, quarter)
    with write():
        known = CommitmentMiss.select().where(ours).exists()
        if known == (verdict == Judgement.MISSED):
            return False
        if known:
            CommitmentMiss.delete().where(ours).execute()
            audit.record(None, "missed commitment made good", commitment, now, quarter=int(quarter))
        else:
            CommitmentMiss.create(commitment=commitment, quarter=int(quarter), noticed_at=now)
            audit.record(None, "commitment missed", commitment, now, quarter=int(quarter))
    return True


def record_verdicts(quarter: Quarter, verdicts: Mapping[str, str], now: datetime) -> int:
    """Put down which commitments a quarter missed, by code; how many are missed and new."""
    known = {one.code: one for one in commitments.list_commitments()}
    with write():
        return sum(
            record_verdict(known[code], quarter, Judgement(verdict), now) and verdict == Judgement.MISSED
            for code, verdict in verdicts.items()
            if code in known
        )


def answer_with_feedback(
    commitment: Commitment,
    quarter: Quarter,
    title: str,
    words: str,
    issue_type: IssueType,
    severity: Severity,
    department: Department | None,
    supervisor: Person | None,
    by: Person,
    now: datetime,
    running: Quarter,
) -> Feedback:
    """Answer a missed quarter by a feedback of the `running` one to the department, which plans actions (§6)."""
    words = need_text(words, "words")
    if department is None:
        raise ValueMissing(field="department")
    with write():
        _refuse_unmissed(commitment, quarter)
        made = classification.create_feedback(
            title, words, FeedbackOrigin.OBSERVATION, None, issue_type, severity, running, by, now,
            department=department, supervisor=supervisor,
        )  # fmt: skip
        _store_answer(commitment, quarter, by, now, feedback=made)
    return made


def answer_with_reason(commitment: Commitment, quarter: Quarter, reason: str, by: Person, now: datetime) -> None:
    """Answer a missed quarter by why no action is opened."""
    reason = need_text(reason)
    with write():
        _refuse_unmissed(commitment, quarter)
        _store_answer(commitment, quarter, by, now, reason=reason)


def write_for_clients(
    commitment: Commitment, quarter: Quarter, words: Mapping[str, Mapping[str, str]], by: Person, now: datetime
) -> None:
    """Say once, in both languages, the reason and remedy that every letter is offered; the answer stays (P13)."""
    texts = {f"client_{part}": {code: text.strip() for code, text in words[part].items()} for part in CLIENT_PARTS}
    refuse_missing_texts(texts)
    with write():
        _refuse_unmissed(commitment, quarter)
        known = find_answers([int(quarter)]).get((commitment.code, int(quarter)))
        if known is None:
            raise NotAnswered
        CommitmentAnswer.create(
            commitment=commitment,
            quarter=int(quarter),
            feedback=known.feedback,
            reason=known.reason,
            client_reason=Localised(texts["client_reason"]),
            client_remedy=Localised(texts["client_remedy"]),
            by=by,
            at=now,
        )
        audit.record(by, "missed commitment worded for clients", commitment, now, quarter=int(quarter))


def find_client_words(quarter: Quarter) -> dict[str, dict[str, dict[str, str]]]:
    """What every letter of a quarter is offered: reason and remedy in both languages, by the commitment's code."""
    answers = {code: row for (code, _), row in find_answers([int(quarter)]).items() if row.client_reason}
    return {
        code: {"reason": dict(one.client_reason), "remedy": dict(one.client_remedy)} for code, one in answers.items()
    }


def _miss_condition(commitment: Commitment, quarter: Quarter) -> Condition:
    return (CommitmentMiss.commitment == commitment) & (CommitmentMiss.quarter == int(quarter))


def _refuse_unmissed(commitment: Commitment, quarter: Quarter) -> None:
    if not CommitmentMiss.select().where(_miss_condition(commitment, quarter)).exists():
        raise NotMissed


def find_answers(quarters: Iterable[int]) -> dict[tuple[str, int], CommitmentAnswer]:
    """The answer that counts, by code and quarter: the newest."""
    query = CommitmentAnswer.select(CommitmentAnswer, Commitment).join(Commitment)
    known = query.where(CommitmentAnswer.quarter.in_(list(quarters))).order_by(CommitmentAnswer.id)
    return {(row.commitment.code, row.quarter): row for row in known}


def list_unanswered() -> list[CommitmentMiss]:
    """Missed quarters without an answer, the oldest first."""
    answered = set(CommitmentAnswer.select(CommitmentAnswer.commitment, CommitmentAnswer.quarter).tuples())
    query = CommitmentMiss.select(CommitmentMiss, Commitment).join(Commitment).where(Commitment.retired_at.is_null())
    ordered = query.order_by(CommitmentMiss.quarter, Commitment.position)
    return [row for row in ordered if (row.commitment_id, row.quarter) not in answered]


def _store_answer(
    commitment: Commitment,
    quarter: Quarter,
    by: Person,
    now: datetime,
    feedback: Feedback | None = None,
    reason: str = "",
) -> None:
    before = find_answers([int(quarter)]).get((commitment.code, int(quarter)))
    CommitmentAnswer.create(
        commitment=commitment,
        quarter=int(quarter),
        feedback=feedback,
        reason=reason,
        client_reason=before.client_reason if before else Localised(),  # what clients read stays
        client_remedy=before.client_remedy if before else Localised(),
        by=by,
        at=now,
    )
    facts = {"quarter": int(quarter), "feedback": feedback.id if feedback else None}
    audit.record(by, "missed commitment answered", commitment, now, **facts)
