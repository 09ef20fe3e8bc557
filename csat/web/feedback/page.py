"""The page of one feedback: where it stands, what was done, and the forms of what its reader can do now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_login import current_user
from wtforms import StringField

from csat import clock
from csat.models.answers import Message
from csat.models.feedback import Action, CallBackOutcome, Feedback, FeedbackState, Step
from csat.procedure.clients.clients import masked_email, masked_telephone
from csat.procedure.clients.reach import Reach
from csat.procedure.core import audit
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.feedback import actions as feedback_actions
from csat.procedure.feedback import board as board_of
from csat.procedure.feedback import callbacks as steps
from csat.procedure.feedback import confirmation, linking
from csat.procedure.feedback import workflow as order
from csat.procedure.people import attachments, separation_of_duties
from csat.procedure.survey import receipts
from csat.web.access import me
from csat.web.errors import say
from csat.web.feedback import effect
from csat.web.feedback.forms import (
    AcceptForm,
    AssignForm,
    CallBackForm,
    ConfirmForm,
    ExplainForm,
    LinkForm,
    OneOfSeveral,
    PassOnForm,
    ReclassifyForm,
    ReplyForm,
    ReturnForm,
    SendBackForm,
    StartForm,
    SuperviseForm,
    UnlinkForm,
)
from csat.web.feedback.history import events_of
from csat.web.feedback.plan_forms import ActionDoneForm, EvidenceForm, FinishForm, PlanForm
from csat.web.formatting import today
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
    Offer(Step.EVIDENCE, N_("Add files as evidence"), N_("Add the files"), EvidenceForm, WORKS, True),
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
    conflict, actions = _conflict(feedback, doer), order.actions_of(feedback)
    files = attachments.of_all([feedback, *actions])
    offers = [] if conflict else _offers(feedback, doer, tried)
    action_forms = _action_forms(feedback, actions, doer, tried, action)
    return render_template(
        "feedback/show.html",
        feedback=feedback,
        doer=doer,
        way=_way(feedback),
        next=order.next_step(feedback),
        due=board_of.next_due(feedback, now, board_of.warning()),
        actions=actions,
        action_forms=action_forms,
        tried_action=action,
        also_for=feedback_actions.also_for(feedback),
        evidence=files,
        own_files=files[audit.name_of(feedback)],
        changeable=attachments.may_change(me(), feedback, today()),
        today=today(),
        events=events_of(feedback, [one for found in files.values() for one in found]),
        offers=offers,
        stranded=_stranded(tried, [*action_forms.values(), *(form for _, form in offers)]),
        conflict=conflict,
        effect=effect.shown(feedback),
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
    if not doer.classifies or not linking.candidates(feedback):
        possible.discard(Step.LINK)
    if len(linking.group_of(feedback)) == 1:
        possible.discard(Step.UNLINK)
    offered = [offer for offer in OFFERS if offer.step in possible and offer.who(doer)]
    return [(offer, tried if type(tried) is offer.form else _blank(offer, feedback)) for offer in offered]


def _action_forms(
    feedback: Feedback, actions: list[Action], doer: Doer, tried: StaffForm | None, sent: int | None
) -> dict[int, StaffForm]:
    """For each action to be done the form that reports it as done, to who works on it."""
    if not doer.works or feedback.state != FeedbackState.IN_PROGRESS:
        return {}
    to_do = [action.id for action in actions if action.done_at is None]
    forms: dict[int, StaffForm] = {key: ActionDoneForm(formdata=None).named_after(key) for key in to_do}
    if isinstance(tried, ActionDoneForm) and sent in forms:
        forms[sent] = tried
    return forms


def _stranded(tried: StaffForm | None, shown: list[StaffForm]) -> dict[str, Any] | None:
    """What was sent for a step that is not offered any more: why not, and the words, so that none is lost."""
    if tried is None or any(form is tried for form in shown):
        return None
    typed = [
        (field.label.text, field.data)
        for field in tried
        if isinstance(field, StringField) and isinstance(field.data, str) and field.data.strip()
    ]
    return {"errors": [error for found in tried.errors.values() for error in found], "typed": typed}


def _blank(offer: Offer, feedback: Feedback) -> OneOfSeveral:
    """A form not yet filled, with what we know already."""
    if offer.form is PlanForm:
        return PlanForm(formdata=None, **_plan_so_far(feedback)).offer(feedback)
    if offer.form is LinkForm:
        return LinkForm(formdata=None).offer(feedback)
    if offer.form in (PassOnForm, EvidenceForm):
        return offer.form(formdata=None).offer(feedback)
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
    also, planned = feedback_actions.also_for(feedback), order.actions_of(feedback)
    lines = [
        {"kind": one.kind, "what": one.what, "owner": one.owner_id, "due": one.due}
        for one in planned
        if one.id not in also
    ]
    shared = [one.id for one in planned if one.id in also]
    return {"cause": told.split("\n– ")[0], "actions": lines, "shared": shared} if planned else {}


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
    if not doer.confirms or feedback.state not in confirmation.WAITING:
        return ""
    try:
        separation_of_duties.confirm(me(), feedback)
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
