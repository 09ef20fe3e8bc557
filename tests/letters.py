"""For the stories about letters: an issued report, and a letter on its way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from csat.documents.letters import compose as documents
from csat.documents.letters import proposals
from csat.documents.report import drafting
from csat.figures.audience import Audience
from csat.models.answers import Verdict
from csat.models.clients import Client
from csat.models.feedback import Action, ActionFeedback, ActionKind, Feedback, FeedbackOrigin
from csat.models.letters import Letter
from csat.models.outbox import OutboxMessage
from csat.models.people import Person
from csat.models.reporting import Report, Word
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.letters import letters, sending
from csat.procedure.reports import issuing, reports, review
from csat.procedure.review import tally
from tests import feedback_builders
from tests.builders import NOW, ZONE, a_client, a_response
from tests.cast import Cast
from tests.feedback_builders import of_type
from tests.reports import Q3, files


def answers(client: Client | None, *ratings: int, **more: Any) -> list[Any]:
    """Valid responses of a client, one for each rating."""
    details = {"verdict": Verdict.VALID, **more}
    found = [a_response("company", client=client, rated=rated, **details) for rated in ratings]
    tally.rebuild_tally()
    return found


def an_issued_report(cast: Cast, now: datetime = NOW, changes: str = "") -> Report:
    """The quarter's report, drafted, approved and issued in a moment."""
    document = drafting.draft_document(Q3, cast.qa, now, ZONE, Audience.RESPONSE_READERS, changes=changes)
    report = reports.draft_report(Q3, document, cast.qa, now, changes)
    review.submit_report(report, [], cast.qa, now, stated=reports.count_pending(document))
    review.review_report(report, Word.APPROVE, "", cast.director, now)
    issuing.issue_report(report, issuing.freeze_document(report, now), files(report.number), cast.qa, now)
    OutboxMessage.delete().execute()  # the mails that tell of the report are no part of these stories
    return Report.get_by_id(report.id)


def a_feedback(client: Client, title: str, cast: Cast, kind: str = "slow_reply", sources: Any = ()) -> Feedback:
    """A feedback of the quarter: from these responses, or by telephone."""
    origin = FeedbackOrigin.RESPONSE if sources else FeedbackOrigin.TELEPHONE
    facts = {"title": title, "words": title, "origin": origin, "client": client, "issue_type": of_type(kind)}
    return feedback_builders.a_feedback(cast, sources=[SourcePassage(one) for one in sources], **facts)


def a_proposal(cast: Cast, client: Client | None = None, by: Person | None = None) -> Letter:
    """A proposed letter, from the newest issued report, or from one issued for it."""
    client = client or a_client(manager=cast.manager)
    try:
        report = letters.get_issued_report(Q3)
    except letters.ReportNotIssued:
        report = an_issued_report(cast)
    proposal = proposals.draft_proposal(client, report, ZONE, NOW)
    return letters.propose_letter(client, report, *proposal, by or cast.qa, NOW)


def worded(letter: Letter, cast: Cast, **sections: str) -> Letter:
    """QA says something in every section and language; a text given stands in both."""
    text = {section: {"zh": "都好。", "en": "All is well."} for section in ("heard", "worked", "done")}
    text |= {section: {"zh": words, "en": words} for section, words in sections.items()}
    both = {"zh": "人手不足。", "en": "Too few people."}
    missed = {one["code"]: {"reason": both, "remedy": both} for one in letter.facts["missed"]}
    letters.save_words(letter, {**text, "missed": missed}, cast.qa, NOW)
    return letter


def a_ready_letter(cast: Cast, client: Client | None = None, **sections: str) -> Letter:
    letter = worded(a_proposal(cast, client), cast, **sections)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, NOW.date())
    return letter


def a_sent_letter(cast: Cast, client: Client | None = None, contacts: Any = ()) -> Letter:
    letter = a_ready_letter(cast, client)
    document = sending.complete_document(letter, cast.manager, NOW + timedelta(hours=1))
    sending.send_letter(letter, document, files(letter.number), contacts, cast.manager, NOW)
    return letter


def an_action(feedback: Feedback, what: str, cast: Cast, done: bool = False) -> Action:
    facts = {"kind": ActionKind.CORRECTIVE, "owner": cast.owner, "made_by": cast.owner, "due": date(2026, 10, 30)}
    action = Action.create(**facts, what=what, done_at=NOW if done else None)
    ActionFeedback.create(action=action, feedback=feedback)
    return action


def said(letter: Letter) -> str:
    """All that a letter says, in both languages."""
    document = documents.compose_letter(letter, ZONE)
    return "\n".join(documents.render_html(document, language) for language in ("zh", "en"))
