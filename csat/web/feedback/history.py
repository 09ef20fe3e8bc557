"""What happened to a feedback, told from its steps and from who was told that it is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from csat.documents.mail.values import STEPS
from csat.models.base import Json
from csat.models.evidence import Evidence
from csat.models.feedback import Feedback, FeedbackState, FeedbackStep, IssueType, Severity, Step
from csat.procedure.feedback import access, due, escalation
from csat.procedure.feedback.view import FeedbackView
from csat.web.access import current_person
from csat.web.formatting import local_today, localised_name, localised_text, translate_term

ESCALATION_SENTENCES = {
    escalation.OWNER: lambda: gettext("Who has to act was told: %(names)s"),
    escalation.HEAD: lambda: gettext("The department's head was told: %(names)s"),
    escalation.DIRECTOR: lambda: gettext("The director was told: %(names)s"),
}


@dataclass(frozen=True)
class HistoryEvent:
    """One thing that happened; `plan` holds (what, whose, due day, whether shared)."""

    at: datetime
    order: int  # of what happened at one instant
    who: str
    title: str
    said: str = ""
    lines: tuple[str, ...] = ()
    plan: tuple[tuple[str, str, date, bool], ...] = ()
    files: tuple[Evidence, ...] = ()
    other: Feedback | None = None
    late: bool = False


def build_history(view: FeedbackView, evidence: Iterable[Evidence]) -> list[HistoryEvent]:
    """All that happened, the newest first."""
    files, others = {one.id: one for one in evidence}, _related_feedback(view.history)
    told = [_step_event(step, files, others) for step in view.history]
    told += [_escalation_event(notice) for notice in escalation.list_notices(view.feedback)]
    return sorted(told, key=lambda event: (event.at, event.order), reverse=True)


def _step_event(step: FeedbackStep, files: dict[int, Evidence], others: dict[int, Feedback]) -> HistoryEvent:
    detail = step.detail or {}
    return HistoryEvent(
        at=step.at,
        order=step.id,
        who=step.by.name,
        title=_step_title(step),
        said=step.words,
        lines=tuple(f"{before} → {after}" for before, after in _step_changes(detail)),
        plan=tuple(
            (line["what"], line["owner"], date.fromisoformat(line["due"]), line.get("shared", False))
            for line in detail.get("plan", [])
        ),
        files=tuple(files[key] for key in detail.get("files", []) if key in files),
        other=others.get(detail.get("feedback", 0)),
    )


def _step_title(step: FeedbackStep) -> str:
    """What the step was; of one that moves the feedback, where to."""
    called = translate_term(step.step)
    if step.step in (Step.ASSIGN, Step.PASS_ON):
        to = localised_name(step.department) if step.department else gettext("Quality control group")
        return f"{called} → {to}"
    if step.step == Step.CALL_BACK and step.state == FeedbackState.ASSIGNED:
        return f"{called} · {gettext('nobody reached')}"
    return called


def _step_changes(detail: Json) -> list[tuple[str, str]]:
    """What a step changed, from what to what, in the reader's words."""
    codes = detail.get("issue_type", [])
    names = {one.code: localised_text(one.name) for one in IssueType.select().where(IssueType.code.in_(codes))}
    types = [names.get(code, code) for code in codes]
    severities = [translate_term(Severity(code)) for code in detail.get("severity", [])]
    return [(pair[0], pair[1]) for pair in (types, severities) if len(set(pair)) == 2]


def _related_feedback(history: list[FeedbackStep]) -> dict[int, Feedback]:
    """The other feedback that the history speaks of, as far as the reader may see it."""
    keys = [step.detail["feedback"] for step in history if step.detail and "feedback" in step.detail]
    seen = access.select_visible(current_person(), local_today()).where(Feedback.id.in_(keys))
    return {one.id: one for one in seen}


def _escalation_event(notice: escalation.EscalationNotice) -> HistoryEvent:
    """Who was told that it is overdue, and what became of the mails."""
    names = ", ".join(f"{name} ({translate_term(state)})" for name, state in notice.persons)
    return HistoryEvent(
        at=notice.at,
        order=0,
        who="",
        title=gettext("Overdue: %(step)s", step=gettext(STEPS[notice.about == due.CALL_BACK])),
        lines=(ESCALATION_SENTENCES[notice.level]() % {"names": names},),
        late=True,
    )
