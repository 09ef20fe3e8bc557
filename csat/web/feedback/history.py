"""What happened to a feedback, told from its steps and from the mails about it, with what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext

from csat.documents.mail.values import STEPS
from csat.models.base import Json
from csat.models.evidence import Evidence
from csat.models.feedback import ChangeKind, DueDate, Feedback, FeedbackState, FeedbackStep, IssueType, Severity, Step
from csat.models.outbox import NOT_ARRIVED_STATES, QUEUED_STATES, MailState, Why
from csat.procedure.feedback import access, due, escalation, turn_notices
from csat.procedure.feedback.turn_notices import TurnNotice
from csat.procedure.feedback.view import FeedbackView
from csat.web.access import current_person
from csat.web.formatting import format_day, format_instant, local_today, localised_name, localised_text, translate_term
from csat.words import N_

ESCALATION_LEVELS = {
    escalation.OWNER: N_("For who has to act."),
    escalation.HEAD: N_("For the department's head."),
    escalation.DIRECTOR: N_("For the director."),
}
TOLD, QUEUED, UNCLEAR, UNTOLD, NEEDLESS = (
    N_("Told by mail: %(names)s"),
    N_("A mail is on its way to: %(names)s"),
    N_("Nobody knows whether the mail arrived: %(names)s"),
    N_("Not told: %(names)s"),
    N_("No mail was needed any more: %(names)s"),
)
MAIL_SENTENCES = {
    MailState.DONE: TOLD,
    **dict.fromkeys(QUEUED_STATES, QUEUED),
    MailState.TORN: UNCLEAR,
    **dict.fromkeys(NOT_ARRIVED_STATES, UNTOLD),
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
    told = [_turn_event(notice) for notice in turn_notices.list_turn_notices(view.feedback)]
    told += [_step_event(step, files, others) for step in view.history]
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
    if step.step in (Step.ASK_CHANGE, Step.CHANGE_PLAN, Step.KEEP_PLAN):
        return f"{called} · {translate_term(ChangeKind((step.detail or {})['change']))}"
    if step.step in (Step.ASK_DUE, Step.MOVE_DUE, Step.KEEP_DUE):
        return f"{called} · {translate_term(DueDate((step.detail or {})['about']))}"
    if step.step == Step.CALL_BACK and step.state == FeedbackState.ASSIGNED:
        return f"{called} · {gettext('nobody reached')}"
    return called


def _step_changes(detail: Json) -> list[tuple[str, str]]:
    """What a step changed, from what to what, in the reader's words."""
    was, now = detail.get("was", []), (detail.get("plan") or [{}])[0]  # of an action: its owner and its day
    owners = [(was[0], now["owner"])] if was else []
    days = [(format_day(date.fromisoformat(was[1])), format_day(date.fromisoformat(now["due"])))] if was else []
    moved = [format_instant(datetime.fromisoformat(at)) for at in detail.get("moved", [])]
    codes = detail.get("issue_type", [])
    names = {one.code: localised_text(one.name) for one in IssueType.select().where(IssueType.code.in_(codes))}
    types = [names.get(code, code) for code in codes]
    severities = [translate_term(Severity(code)) for code in detail.get("severity", [])]
    return [(pair[0], pair[1]) for pair in (types, severities, moved, *owners, *days) if len(set(pair)) == 2]


def _related_feedback(history: list[FeedbackStep]) -> dict[int, Feedback]:
    """The other feedback that the history speaks of, as far as the reader may see it."""
    keys = [step.detail["feedback"] for step in history if step.detail and "feedback" in step.detail]
    seen = access.select_visible(current_person(), local_today()).where(Feedback.id.in_(keys))
    return {one.id: one for one in seen}


def _escalation_event(notice: escalation.EscalationNotice) -> HistoryEvent:
    """Who was written to that it is overdue, and what became of the mails."""
    return HistoryEvent(
        at=notice.at,
        order=0,
        who="",
        title=gettext("Overdue: %(step)s", step=gettext(STEPS[notice.about == due.CALL_BACK])),
        lines=(gettext(ESCALATION_LEVELS[notice.level]), *_describe_mails(notice.persons)),
        late=True,
    )


def _turn_event(notice: TurnNotice) -> HistoryEvent:
    """Who was written to because the next step became theirs; it stands right after the step that made it so."""
    lines = _describe_mails(notice.persons)
    return HistoryEvent(at=notice.at, order=notice.step, who="", title=gettext("Who acts next"), lines=lines)


def _describe_mails(persons: Iterable[tuple[str, MailState, Why | None]]) -> tuple[str, ...]:
    """What became of the mails, said as it is: a mail that waits or was held back has told nobody."""
    said: dict[str, list[str]] = {}
    for name, state, why in persons:
        sentence = NEEDLESS if why == Why.NOTHING else MAIL_SENTENCES[state]
        reason = f" ({translate_term(why)})" if why and sentence == UNTOLD else ""
        said.setdefault(sentence, []).append(f"{name}{reason}")
    return tuple(gettext(sentence, names=gettext(", ").join(names)) for sentence, names in said.items())
