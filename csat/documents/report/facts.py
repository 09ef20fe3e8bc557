"""What the report quotes beside its figures: what clients said, and what was done about it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, tzinfo

from peewee import JOIN

from csat.figures import action_effectiveness
from csat.figures.audience import Audience, response_conditions
from csat.models.answers import Answer, Response, Verdict
from csat.models.base import Json
from csat.models.clients import Client, Contact
from csat.models.feedback import Action, ActionFeedback, Feedback, IssueType
from csat.models.people import Department
from csat.models.questionnaires import Kind, Question
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import due, praise_view
from csat.procedure.review.tally import counted_condition

PRAISE, WISH, OTHER = "praise", "wish", "other"
COMMENT_SORTS = {"most_satisfied": PRAISE, "to_improve": WISH}  # by question code; every other one is OTHER
LONGEST_COMMENT = 400
MOST_PRAISE = 6
MOST_COMMENTS = 40  # of each sort; the archive has the rest


def collect_comments(quarter: Quarter, audience: Audience) -> dict[str, dict[str, object]]:
    """What clients said in valid responses, by sort: {"shown": [texts], "left_out": how many}."""
    # Without score, client or form, whoever wrote: beside comments that carry a client, one that does not would tell
    # that its writer wanted to stay unknown.
    said: dict[str, dict[str, set[str]]] = {PRAISE: {}, WISH: {}, OTHER: {}}
    for answer in _words_of(quarter, audience):
        response = answer.response
        names = {response.respondent_name, response.contact.name if response.contact else ""}
        text = " ".join((answer.words or "").split())
        if text:
            said[COMMENT_SORTS.get(answer.question.code, OTHER)].setdefault(text, set()).update(names)
    clients = _list_client_names()
    return {sort: _shuffled(texts, clients) for sort, texts in said.items()}


def collect_actions(quarter: Quarter, now: datetime, zone: tzinfo) -> list[dict[str, object]]:
    """The actions taken on a quarter's feedback, and how each stands."""
    rows = list(
        ActionFeedback.select(ActionFeedback, Action, Feedback, IssueType, Department)
        .join(Action)
        .switch(ActionFeedback)
        .join(Feedback)
        .join(IssueType)
        .switch(Feedback)
        .join(Department, JOIN.LEFT_OUTER)
        .where(Feedback.quarter == int(quarter), Action.dropped_at.is_null())
        .order_by(Action.due, Action.id, Feedback.id)
    )
    by_action: dict[int, Json] = {}
    today, holds = (now.astimezone(zone).date(), action_effectiveness.judge_actions([row.action for row in rows]))
    for row in rows:
        line = by_action.setdefault(row.action_id, _line(row.action, row.feedback, today))
        line["feedback"].append(row.feedback.number)
        line["confirmed"] = holds.get(row.action_id, False)  # as effective; the key is that of older reports
    return list(by_action.values())


def collect_praise(quarter: Quarter) -> Json:
    """What clients thanked for: how often, which departments, some of their words; none of it said anonymously."""
    told = praise_view.list_told(int(quarter))
    departments = Counter(one.department_id for one in told)
    records = {one.department_id: one.department for one in told}
    words = {praise_view.retell(one): {""} for one in told}
    return {
        "total": len(told),
        "departments": [
            {"name": {"zh": records[key].name, "en": records[key].name_en or records[key].name}, "number": number}
            for key, number in sorted(departments.items(), key=lambda pair: (-pair[1], records[pair[0]].name))
        ],
        **_shuffled(words, _list_client_names(), MOST_PRAISE),
    }


def _words_of(quarter: Quarter, audience: Audience) -> Iterable[Answer]:
    return (
        Answer.select(Answer, Question, Response, Contact)
        .join(Question)
        .switch(Answer)
        .join(Response)
        .join(Contact, JOIN.LEFT_OUTER)
        .where(Response.quarter == int(quarter), counted_condition(), Response.verdict == Verdict.VALID)
        .where(*response_conditions(audience))
        .where(Question.kind == Kind.TEXT, Answer.words.is_null(False))
    )


def _list_client_names() -> list[str]:
    return [name for row in Client.select() for name in (row.name, row.name_en) if len(name) > 2]


def _shuffled(texts: dict[str, set[str]], clients: list[str], most: int = MOST_COMMENTS) -> dict[str, object]:
    """In an order that says nothing about who came first, and is the same each time."""
    ordered = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest())
    shown = [_cut(mask_text(text, [*texts[text], *clients])) for text in ordered[:most]]
    return {"shown": shown, "left_out": len(ordered) - len(shown)}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_COMMENT else f"{text[:LONGEST_COMMENT].rstrip()}…"


def _line(action: Action, feedback: Feedback, today: date) -> dict[str, object]:
    department = feedback.department
    return {
        "feedback": [],
        "what": _cut(mask_text(" ".join(action.what.split()))),
        "kind": action.kind.value,
        "issue": dict(feedback.issue_type.name),
        "type": feedback.issue_type.code,
        "severity": feedback.severity.value,
        "department": {"zh": department.name, "en": department.name_en or department.name} if department else None,
        "due": action.due.isoformat(),
        "state": _state(action, today),
        "confirmed": False,
    }


def _state(action: Action, today: date) -> str:
    if action.done_at is None:
        return "overdue" if due.is_action_overdue(action, today) else "open"
    return "late" if action.done_in_time is False else "done"
