"""The page of one feedback: where it stands, what was done, and the forms of what its reader can do now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from flask_login import current_user

from csat import clock
from csat.models.answers import Message
from csat.models.feedback import (
    CallBackOutcome,
    Feedback,
    FeedbackState,
    FeedbackStep,
    IssueType,
    Severity,
    Step,
)
from csat.procedure import duties, improvement, receipts, same_matter
from csat.procedure import feedback as steps
from csat.procedure import feedback_board as board_of
from csat.procedure import feedback_order as order
from csat.procedure.clients import masked_email, masked_telephone
from csat.procedure.feedback import Reach
from csat.procedure.refusals import DutyConflict
from csat.web.access import me
from csat.web.errors import say
from csat.web.feedback_forms import (
    AcceptForm,
    ActionDoneForm,
    AssignForm,
    CallBackForm,
    ConfirmForm,
    ExplainForm,
    FinishForm,
    LinkForm,
    OneOfSeveral,
    PassOnForm,
    PlanForm,
    ReclassifyForm,
    ReplyForm,
    ReturnForm,
    SendBackForm,
    StartForm,
    SuperviseForm,
    UnlinkForm,
)
from csat.web.filters import text, today, words
from csat.web.forms import StaffForm
from csat.words import N_


@dataclass(frozen=True)
class Doer:
    """What the reader is to this feedback."""

    works: bool  # belongs to its department, with the role
    classifies: bool
    supervises: bool
    confirms: bool

    @classmethod
    def reading(cls, feedback: Feedback) -> Doer:
        return cls(
            works=board_of.works_on(me(), feedback, today()),
            classifies=current_user.may("feedback.classify"),
            supervises=current_user.may("feedback.supervise") and feedback.supervisor_id == me().id,
            confirms=current_user.may("feedback.confirm"),
        )


@dataclass(frozen=True)
class Offer:
    """A step that can be offered: how it is called, its form, and to whom it is shown."""

    step: Step
    title: str
    button: str
    form: type[OneOfSeveral]
    who: Callable[[Doer], bool]
    aside: bool = False

    @property
    def endpoint(self) -> str:
        """The view that takes the step."""
        improvement_says = {Step.CONFIRM: "improvement.confirm", Step.RETURN: "improvement.return_"}
        return improvement_says.get(self.step, f"feedback.{self.step.value}")


WORKS, CLASSIFIES = (lambda doer: doer.works), (lambda doer: doer.classifies)
SUPERVISES, CONFIRMS = (lambda doer: doer.supervises), (lambda doer: doer.confirms)

OFFERS: tuple[Offer, ...] = (
    Offer(Step.ASSIGN, N_("Assign it"), N_("Assign"), AssignForm, CLASSIFIES),
    Offer(Step.REPLY, N_("Reply on the receipt page"), N_("Send the reply"), ReplyForm, WORKS),
    Offer(Step.PROPOSE, N_("Plan"), N_("Propose the plan"), PlanForm, WORKS),
    Offer(Step.CALL_BACK, N_("Call-back"), N_("Save the call-back"), CallBackForm, WORKS),
    Offer(Step.ACCEPT, N_("Accept the plan"), N_("Accept"), AcceptForm, SUPERVISES),
    Offer(Step.SEND_BACK, N_("Send it back"), N_("Send back"), SendBackForm, SUPERVISES),
    Offer(Step.START, N_("Start the work"), N_("Start"), StartForm, WORKS),
    Offer(Step.FINISH, N_("Report the work as done"), N_("Done"), FinishForm, WORKS),
    Offer(Step.CONFIRM, N_("Confirm that it works"), N_("Confirm"), ConfirmForm, CONFIRMS),
    Offer(Step.RETURN, N_("Return it"), N_("Return"), ReturnForm, CONFIRMS),
    Offer(Step.EXPLAIN, N_("Nothing can be done: explain it"), N_("Explain"), ExplainForm, WORKS, True),
    Offer(Step.PASS_ON, N_("It belongs elsewhere: pass it on"), N_("Pass on"), PassOnForm, WORKS, True),
    Offer(Step.RECLASSIFY, N_("Change type or severity"), N_("Change"), ReclassifyForm, CLASSIFIES, True),
    Offer(
        Step.LINK, N_("The same matter as another: link it"), N_("Link the two"), LinkForm, CLASSIFIES, True
    ),
    Offer(Step.UNLINK, N_("A matter of its own: unlink it"), N_("Unlink"), UnlinkForm, CLASSIFIES, True),
    Offer(Step.SUPERVISE, N_("Change the supervisor"), N_("Change"), SuperviseForm, CLASSIFIES, True),
)


@dataclass(frozen=True)
class Shown:
    """A person who can be called, masked unless they were just unmasked."""

    key: str
    name: str
    telephone: str
    email: str
    masked: bool


def show_page(
    feedback: Feedback, tried: StaffForm | None = None, reach: Reach | None = None, action: int | None = None
) -> str:
    """The page; `tried` is a form that was sent and must be shown again, `reach` somebody just unmasked."""
    doer, now = Doer.reading(feedback), clock.now()
    conflict, history = _conflict(feedback, doer), order.history_of(feedback)
    return render_template(
        "feedback/show.html",
        feedback=feedback,
        doer=doer,
        way=_way(feedback),
        next=order.next_step(feedback),
        overdue=board_of.is_overdue(feedback, now),
        actions=order.actions_of(feedback),
        action_form=tried if isinstance(tried, ActionDoneForm) else ActionDoneForm(formdata=None),
        tried_action=action,
        history=history,
        changes={step.id: _changes(step) for step in history},
        others=_others(history),
        plans={step.id: _plan(step) for step in history},
        offers=[] if conflict else _offers(feedback, doer, tried),
        conflict=conflict,
        same=improvement.same_elsewhere(feedback) if doer.confirms or doer.classifies else [],
        responses=order.responses_of(feedback) if current_user.may("responses.read") else [],
        anonymous=order.is_anonymous(feedback),
        reached=_reached(feedback, doer, reach),
        chosen=steps.chosen_contact(feedback),
        linked=_linked(feedback, doer),
        on_receipt=_on_receipt(feedback, doer),
    )


def _offers(feedback: Feedback, doer: Doer, tried: StaffForm | None) -> list[tuple[Offer, StaffForm]]:
    """What the reader can do now, each with its form."""
    possible = order.possible(feedback)
    if order.is_anonymous(feedback):
        possible.discard(Step.CALL_BACK)
    if not order.has_anonymous(feedback):
        possible.discard(Step.REPLY)
    if not doer.classifies or not same_matter.candidates(feedback):
        possible.discard(Step.LINK)
    if len(same_matter.group_of(feedback)) == 1:
        possible.discard(Step.UNLINK)
    offered = [offer for offer in OFFERS if offer.step in possible and offer.who(doer)]
    return [(offer, tried if type(tried) is offer.form else _blank(offer, feedback)) for offer in offered]


def _changes(step: FeedbackStep) -> list[tuple[str, str]]:
    """What a step changed, from what to what, in the reader's words."""
    codes = (step.detail or {}).get("issue_type", [])
    names = {one.code: text(one.name) for one in IssueType.select().where(IssueType.code.in_(codes))}
    moved = [[names.get(code, code) for code in codes]]
    moved.append([words(Severity(code)) for code in (step.detail or {}).get("severity", [])])
    return [(pair[0], pair[1]) for pair in moved if len(set(pair)) == 2]


def _plan(step: FeedbackStep) -> list[tuple[str, str, date]]:
    """The actions that a step proposed: (what, whose, due day)."""
    lines = (step.detail or {}).get("plan", [])
    return [(line["what"], line["owner"], date.fromisoformat(line["due"])) for line in lines]


def _others(history: list[FeedbackStep]) -> dict[int, Feedback]:
    """The other feedback that the history speaks of, as far as the reader may see it."""
    keys = [step.detail["feedback"] for step in history if step.detail and "feedback" in step.detail]
    seen = board_of.visible(me(), today()).where(Feedback.id.in_(keys or [0]))
    return {one.id: one for one in seen}


def _blank(offer: Offer, feedback: Feedback) -> OneOfSeveral:
    """A form not yet filled, with what we know already."""
    if offer.form is PlanForm:
        return PlanForm(formdata=None, **_plan_so_far(feedback)).offer(feedback)
    if offer.form is LinkForm:
        return LinkForm(formdata=None).offer(feedback)
    if offer.form is PassOnForm:
        return PassOnForm(formdata=None).offer(feedback)
    known: dict[str, Any] = {
        AssignForm: {"supervisor": feedback.supervisor_id or me().id},
        SuperviseForm: {"supervisor": feedback.supervisor_id},
        ReclassifyForm: {"issue_type": feedback.issue_type_id, "severity": feedback.severity},
        CallBackForm: {"outcome": CallBackOutcome.REACHED},
    }.get(offer.form, {})
    return offer.form(formdata=None, **known)


def _plan_so_far(feedback: Feedback) -> dict[str, Any]:
    """A plan that was sent back, to be mended."""
    told = next((step.words for step in order.history_of(feedback) if step.step == Step.PROPOSE), "")
    actions = [
        {"kind": one.kind, "what": one.what, "owner": one.owner_id, "due": one.due}
        for one in order.actions_of(feedback)
    ]
    return {"cause": told.split("\n– ")[0], "actions": actions} if actions else {}


def _way(feedback: Feedback) -> list[tuple[FeedbackState, str]]:
    """The bar: each state with 'past', 'now' or nothing."""
    states = list(order.WAY)
    if feedback.state == FeedbackState.EXPLAINED or _was_explained(feedback):
        states = [order.NEW, order.ASSIGNED, order.EXPLAINED, order.CONFIRMED]
    at = states.index(feedback.state)
    return [
        (state, "past" if place < at else "now" if place == at else "") for place, state in enumerate(states)
    ]


def _was_explained(feedback: Feedback) -> bool:
    if feedback.state != FeedbackState.CONFIRMED:
        return False
    ends = [step.step for step in order.history_of(feedback) if step.step in (Step.EXPLAIN, Step.FINISH)]
    return ends[:1] == [Step.EXPLAIN]


def _conflict(feedback: Feedback, doer: Doer) -> str:
    """Why the reader may not confirm, though their role could."""
    if not doer.confirms or feedback.state not in improvement.WAITING:
        return ""
    try:
        duties.confirm(me(), feedback)
    except DutyConflict as refusal:
        return say(refusal)
    return ""


def _reached(feedback: Feedback, doer: Doer, unmasked: Reach | None) -> list[Shown]:
    """Whom the reader can call now: only who has the call-back at hand sees any (D2)."""
    if not doer.works or Step.CALL_BACK not in order.possible(feedback) or order.is_anonymous(feedback):
        return []
    return [_shown(one, unmasked) for one in steps.reach_of(feedback)]


def _shown(one: Reach, unmasked: Reach | None) -> Shown:
    if unmasked is not None and one.key == unmasked.key:
        return Shown(one.key, one.name, unmasked.telephone, unmasked.email, masked=False)
    telephone = masked_email(one.telephone) if "@" in one.telephone else masked_telephone(one.telephone)
    return Shown(one.key, one.name, telephone, masked_email(one.email), masked=True)


def _on_receipt(feedback: Feedback, doer: Doer) -> list[Message]:
    """What was said on the receipt pages of its sources: the department's to read as QA's (Q4)."""
    if not (doer.works or current_user.may("responses.read")):
        return []
    return [one for response in order.responses_of(feedback) for one in receipts.messages_of(response)]


def _linked(feedback: Feedback, doer: Doer) -> list[Feedback]:
    """The same matter at other departments."""
    top = feedback.linked_to_id or feedback.id
    same = (Feedback.id == top) | (Feedback.linked_to == top)
    seen = board_of.visible(me(), today()).where(same, Feedback.id != feedback.id)
    return list(seen.order_by(Feedback.id))
