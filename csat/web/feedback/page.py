"""The page of one feedback: where it stands, what was done, and the forms of what its reader can do now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template
from flask_login import current_user
from wtforms import StringField

from csat import clock
from csat.models.answers import Message
from csat.models.feedback import Action, CallBackOutcome, Feedback, FeedbackState, Step
from csat.procedure.clients.reach import ContactReach
from csat.procedure.core import audit
from csat.procedure.core.contact_details import mask_email, mask_telephone
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.feedback import access, callbacks, confirmation, due, linking
from csat.procedure.feedback import actions as feedback_actions
from csat.procedure.feedback import workflow as order
from csat.procedure.people import attachments, separation_of_duties
from csat.procedure.survey import receipts
from csat.web.access import current_person
from csat.web.errors import describe_refusal
from csat.web.feedback import effect
from csat.web.feedback.forms import (
    AcceptForm,
    AssignForm,
    CallBackForm,
    ConfirmForm,
    ExplainForm,
    LinkForm,
    PassOnForm,
    ReclassifyForm,
    ReplyForm,
    ReturnForm,
    SendBackForm,
    StartForm,
    SuperviseForm,
    UnlinkForm,
)
from csat.web.feedback.history import build_history
from csat.web.feedback.plan_forms import ActionDoneForm, EvidenceForm, FinishWorkForm, PlanForm
from csat.web.formatting import local_today
from csat.web.forms import NamedForm, StaffForm
from csat.words import N_

# The view that takes each step.
STEP_ENDPOINTS = {
    Step.ASSIGN: "feedback.assign_feedback",
    Step.SUPERVISE: "feedback.change_supervisor",
    Step.RECLASSIFY: "feedback.reclassify_feedback",
    Step.LINK: "feedback.link_feedback",
    Step.UNLINK: "feedback.unlink_feedback",
    Step.CALL_BACK: "feedback.record_call_back",
    Step.REPLY: "feedback.reply_on_receipt",
    Step.PROPOSE: "feedback.propose_plan",
    Step.ACCEPT: "feedback.accept_plan",
    Step.SEND_BACK: "feedback.send_back_plan",
    Step.START: "feedback.start_work",
    Step.EVIDENCE: "feedback.add_evidence",
    Step.FINISH: "feedback.finish_work",
    Step.PASS_ON: "feedback.pass_on_feedback",
    Step.EXPLAIN: "feedback.explain_feedback",
    Step.CONFIRM: "confirmation.confirm_feedback",
    Step.RETURN: "confirmation.return_feedback",
}


@dataclass(frozen=True)
class ReaderRole:
    """What the reader is to this feedback."""

    works: bool  # belongs to its department, with the role
    classifies: bool
    supervises: bool
    confirms: bool

    @classmethod
    def reading(cls, feedback: Feedback) -> ReaderRole:
        return cls(
            works=access.may_work_on(current_person(), feedback, local_today()),
            classifies=current_user.may("feedback.classify"),
            supervises=current_user.may("feedback.supervise")
            and feedback.supervisor_id == current_person().id,
            confirms=current_user.may("feedback.confirm"),
        )


@dataclass(frozen=True)
class StepOffer:
    """A step that can be offered: how it is called, its form, and to whom it is shown."""

    step: Step
    title: str
    button: str
    form: type[NamedForm]
    who: Callable[[ReaderRole], bool]
    aside: bool = False

    @property
    def endpoint(self) -> str:
        """The view that takes the step."""
        return STEP_ENDPOINTS[self.step]


CAN_WORK, CAN_CLASSIFY = (lambda doer: doer.works), (lambda doer: doer.classifies)
CAN_SUPERVISE, CAN_CONFIRM = (lambda doer: doer.supervises), (lambda doer: doer.confirms)

STEP_OFFERS: tuple[StepOffer, ...] = (
    StepOffer(Step.ASSIGN, N_("Assign it"), N_("Assign"), AssignForm, CAN_CLASSIFY),
    StepOffer(Step.REPLY, N_("Reply on the receipt page"), N_("Send the reply"), ReplyForm, CAN_WORK),
    StepOffer(Step.PROPOSE, N_("Plan"), N_("Propose the plan"), PlanForm, CAN_WORK),
    StepOffer(Step.CALL_BACK, N_("Call-back"), N_("Save the call-back"), CallBackForm, CAN_WORK),
    StepOffer(Step.ACCEPT, N_("Accept the plan"), N_("Accept"), AcceptForm, CAN_SUPERVISE),
    StepOffer(Step.SEND_BACK, N_("Send it back"), N_("Send back"), SendBackForm, CAN_SUPERVISE),
    StepOffer(Step.START, N_("Start the work"), N_("Start"), StartForm, CAN_WORK),
    StepOffer(Step.FINISH, N_("Report the work as done"), N_("Done"), FinishWorkForm, CAN_WORK),
    StepOffer(Step.CONFIRM, N_("Confirm that it works"), N_("Confirm"), ConfirmForm, CAN_CONFIRM),
    StepOffer(Step.RETURN, N_("Return it"), N_("Return"), ReturnForm, CAN_CONFIRM),
    StepOffer(Step.EVIDENCE, N_("Add files as evidence"), N_("Add the files"), EvidenceForm, CAN_WORK, True),
    StepOffer(
        Step.EXPLAIN, N_("Nothing can be done: explain it"), N_("Explain"), ExplainForm, CAN_WORK, True
    ),
    StepOffer(
        Step.PASS_ON, N_("It belongs elsewhere: pass it on"), N_("Pass on"), PassOnForm, CAN_WORK, True
    ),
    StepOffer(
        Step.RECLASSIFY, N_("Change type or severity"), N_("Change"), ReclassifyForm, CAN_CLASSIFY, True
    ),
    StepOffer(
        Step.LINK, N_("The same matter as another: link it"), N_("Link the two"), LinkForm, CAN_CLASSIFY, True
    ),
    StepOffer(
        Step.UNLINK, N_("A matter of its own: unlink it"), N_("Unlink"), UnlinkForm, CAN_CLASSIFY, True
    ),
    StepOffer(Step.SUPERVISE, N_("Change the supervisor"), N_("Change"), SuperviseForm, CAN_CLASSIFY, True),
)


@dataclass(frozen=True)
class ContactView:
    """A person who can be called, masked unless they were just unmasked."""

    key: str
    name: str
    telephone: str
    email: str
    masked: bool


def render_feedback(
    feedback: Feedback,
    tried: StaffForm | None = None,
    reach: ContactReach | None = None,
    action: int | None = None,
) -> str:
    """The page; `tried` is a form that was sent and must be shown again, `reach` somebody just unmasked."""
    doer, now = ReaderRole.reading(feedback), clock.now()
    conflict, actions = _conflict_reason(feedback, doer), order.list_actions(feedback)
    files = attachments.list_attachments_by_record([feedback, *actions])
    offers = [] if conflict else _offered_steps(feedback, doer, tried)
    action_forms = _build_action_forms(feedback, actions, doer, tried, action)
    return render_template(
        "feedback/show.html",
        feedback=feedback,
        doer=doer,
        way=_progress_bar(feedback),
        next=order.describe_next_step(feedback),
        due=due.find_next_due(feedback, now, due.get_warning_period()),
        actions=actions,
        action_forms=action_forms,
        tried_action=action,
        also_for=feedback_actions.find_other_feedback(feedback),
        evidence=files,
        own_files=files[audit.name_subject(feedback)],
        changeable=attachments.may_change_attachments(current_person(), feedback, local_today()),
        today=local_today(),
        events=build_history(feedback, [one for found in files.values() for one in found]),
        offers=offers,
        stranded=_rescue_typed(tried, [*action_forms.values(), *(form for _, form in offers)]),
        conflict=conflict,
        effect=effect.build_effect_view(feedback),
        responses=order.list_responses(feedback) if current_user.may("responses.read") else [],
        anonymous=order.is_fully_anonymous(feedback),
        reached=_reachable_contacts(feedback, doer, reach),
        chosen=callbacks.find_chosen_contact(feedback),
        linked=_linked_feedback(feedback, doer),
        on_receipt=_receipt_messages(feedback, doer),
    )


def _offered_steps(
    feedback: Feedback, doer: ReaderRole, tried: StaffForm | None
) -> list[tuple[StepOffer, StaffForm]]:
    """What the reader can do now, each with its form."""
    possible = order.find_possible_steps(feedback)
    if order.is_fully_anonymous(feedback):
        possible.discard(Step.CALL_BACK)
    if not order.has_anonymous_respondent(feedback):
        possible.discard(Step.REPLY)
    if not doer.classifies or not linking.list_link_candidates(feedback):
        possible.discard(Step.LINK)
    if len(linking.find_linked_group(feedback)) == 1:
        possible.discard(Step.UNLINK)
    offered = [offer for offer in STEP_OFFERS if offer.step in possible and offer.who(doer)]
    return [
        (offer, tried if type(tried) is offer.form else _blank_form(offer, feedback)) for offer in offered
    ]


def _build_action_forms(
    feedback: Feedback, actions: list[Action], doer: ReaderRole, tried: StaffForm | None, sent: int | None
) -> dict[int, StaffForm]:
    """For each action to be done the form that reports it as done, to who works on it."""
    if not doer.works or feedback.state != FeedbackState.IN_PROGRESS:
        return {}
    to_do = [action.id for action in actions if action.done_at is None]
    forms: dict[int, StaffForm] = {key: ActionDoneForm(formdata=None).named_after(key) for key in to_do}
    if isinstance(tried, ActionDoneForm) and sent in forms:
        forms[sent] = tried
    return forms


def _rescue_typed(tried: StaffForm | None, shown: list[StaffForm]) -> dict[str, object] | None:
    """What was sent for a step that is not offered any more: why not, and the words, so that none is lost."""
    if tried is None or any(form is tried for form in shown):
        return None
    typed = [
        (field.label.text, field.data)
        for field in tried
        if isinstance(field, StringField) and isinstance(field.data, str) and field.data.strip()
    ]
    return {"errors": [error for found in tried.errors.values() for error in found], "typed": typed}


def _blank_form(offer: StepOffer, feedback: Feedback) -> NamedForm:
    """A form not yet filled, with what we know already."""
    if offer.form is PlanForm:
        return PlanForm(formdata=None, **_earlier_plan(feedback)).offer(feedback)
    if offer.form is LinkForm:
        return LinkForm(formdata=None).offer(feedback)
    if offer.form in (PassOnForm, EvidenceForm):
        return offer.form(formdata=None).offer(feedback)
    known: dict[type[NamedForm], dict[str, object]] = {
        AssignForm: {"supervisor": feedback.supervisor_id or current_person().id},
        SuperviseForm: {"supervisor": feedback.supervisor_id},
        ReclassifyForm: {"issue_type": feedback.issue_type_id, "severity": feedback.severity},
        CallBackForm: {"outcome": CallBackOutcome.REACHED},
    }
    return offer.form(formdata=None, **known.get(offer.form, {}))


def _earlier_plan(feedback: Feedback) -> dict[str, object]:
    """A plan that was sent back, to be mended."""
    told = next((step.words for step in order.list_history(feedback) if step.step == Step.PROPOSE), "")
    also, planned = feedback_actions.find_other_feedback(feedback), order.list_actions(feedback)
    lines = [
        {"kind": one.kind, "what": one.what, "owner": one.owner_id, "due": one.due}
        for one in planned
        if one.id not in also
    ]
    shared = [one.id for one in planned if one.id in also]
    return {"cause": told.split("\n– ")[0], "actions": lines, "shared": shared} if planned else {}


def _progress_bar(feedback: Feedback) -> list[tuple[FeedbackState, str]]:
    """The bar: each state with 'past', 'now' or nothing."""
    states = list(order.STATE_PATH)
    if feedback.state == FeedbackState.EXPLAINED or _was_explained(feedback):
        states = [order.NEW, order.ASSIGNED, order.EXPLAINED, order.CONFIRMED]
    at = states.index(feedback.state)
    return [
        (state, "past" if place < at else "now" if place == at else "") for place, state in enumerate(states)
    ]


def _was_explained(feedback: Feedback) -> bool:
    if feedback.state != FeedbackState.CONFIRMED:
        return False
    ends = [step.step for step in order.list_history(feedback) if step.step in (Step.EXPLAIN, Step.FINISH)]
    return ends[:1] == [Step.EXPLAIN]


def _conflict_reason(feedback: Feedback, doer: ReaderRole) -> str:
    """Why the reader may not confirm, though their role could."""
    if not doer.confirms or feedback.state not in confirmation.UNCONFIRMED_STATES:
        return ""
    try:
        separation_of_duties.ensure_may_confirm(current_person(), feedback)
    except DutyConflict as refusal:
        return describe_refusal(refusal)
    return ""


def _reachable_contacts(
    feedback: Feedback, doer: ReaderRole, unmasked: ContactReach | None
) -> list[ContactView]:
    """Whom the reader can call now: only who has the call-back at hand sees any (D2)."""
    if (
        not doer.works
        or Step.CALL_BACK not in order.find_possible_steps(feedback)
        or order.is_fully_anonymous(feedback)
    ):
        return []
    return [_view_contact(one, unmasked) for one in callbacks.list_contact_reaches(feedback)]


def _view_contact(one: ContactReach, unmasked: ContactReach | None) -> ContactView:
    if unmasked is not None and one.key == unmasked.key:
        return ContactView(one.key, one.name, unmasked.telephone, unmasked.email, masked=False)
    telephone = mask_email(one.telephone) if "@" in one.telephone else mask_telephone(one.telephone)
    return ContactView(one.key, one.name, telephone, mask_email(one.email), masked=True)


def _receipt_messages(feedback: Feedback, doer: ReaderRole) -> list[Message]:
    """What was said on the receipt pages of its sources: the department's to read as QA's (Q4)."""
    if not (doer.works or current_user.may("responses.read")):
        return []
    return [one for response in order.list_responses(feedback) for one in receipts.list_messages(response)]


def _linked_feedback(feedback: Feedback, doer: ReaderRole) -> list[Feedback]:
    """The same matter at other departments."""
    top = feedback.linked_to_id or feedback.id
    same = (Feedback.id == top) | (Feedback.linked_to == top)
    seen = access.select_visible(current_person(), local_today()).where(same, Feedback.id != feedback.id)
    return list(seen.order_by(Feedback.id))
