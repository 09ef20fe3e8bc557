"""The page of one feedback: where it stands, what was done, and the forms of what its reader can do now."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user
from wtforms import StringField

from csat import clock
from csat.models.answers import Message
from csat.models.feedback import Feedback, FeedbackState, Step
from csat.procedure.clients.reach import ContactReach, mask_reach
from csat.procedure.core import audit
from csat.procedure.core.refusals import DutyConflict
from csat.procedure.feedback import access, actions, background, callbacks, due, due_moves, linking, notes, workflow
from csat.procedure.feedback.view import FeedbackView, list_history
from csat.procedure.feedback.workflow import DEPARTMENT, IMPROVEMENT, SUPERVISOR, Turn
from csat.procedure.people import attachments, separation_of_duties
from csat.procedure.survey import receipts
from csat.web import choices
from csat.web.access import current_person
from csat.web.errors import describe_refusal
from csat.web.feedback import effect
from csat.web.feedback.board import find_list_url
from csat.web.feedback.history import build_history
from csat.web.feedback.plan_forms import ActionDoneForm
from csat.web.feedback.steps import RIGHTS, STEP_OFFERS, STEP_RIGHTS, StepOffer
from csat.web.formatting import local_today
from csat.web.forms import StaffForm


def render_feedback(
    feedback: Feedback, tried: StaffForm | None = None, reach: ContactReach | None = None, action: int | None = None
) -> str:
    """The page; `tried` is a form that was sent and must be shown again, `reach` somebody just unmasked."""
    view, acting = FeedbackView(feedback), _acting_as(feedback)
    turn, possible = workflow.find_turn(view), workflow.find_possible_steps(view)
    conflict, linked = _conflict_reason(feedback, turn, acting), linking.find_linked_group(feedback)
    files = attachments.list_attachments_by_record([feedback, *view.actions])
    offers = _offered_steps(view, possible, acting, linked, tried, conflict)
    action_forms = _build_action_forms(view, acting, tried, action)
    reads_responses = current_user.may("responses.read")
    calls = DEPARTMENT in acting and Step.CALL_BACK in possible and not view.fully_anonymous
    return render_template(
        "feedback/show.html",
        feedback=feedback,
        way=_progress_bar(view),
        turn=turn,
        turns=workflow.list_turns(view),
        back=find_list_url(),
        main=[pair for pair in offers if _leads_on(pair[0], feedback)],
        asides=[pair for pair in offers if not _leads_on(pair[0], feedback) and pair[0].step != Step.NOTE],
        note_form=next((form for offer, form in offers if offer.step == Step.NOTE), None),
        notes=notes.list_notes(view.history),
        moves=due_moves.find_accepted_moves(feedback),
        due_asked=view.waiting_due_move,
        judges_due=any(offer.step == Step.MOVE_DUE for offer, _ in offers),
        change_asked=view.waiting_change,
        unstaffed=choices.explain_unstaffed() if Step.ASSIGN in possible or Step.PASS_ON in possible else "",
        rework_owed=view.rework_owed,
        sources=background.list_sources(feedback),
        earlier=background.list_earlier(feedback, current_person(), local_today()),
        due=due.find_next_due(feedback, clock.now(), due.get_warning_period()),
        actions=view.actions,
        action_forms=action_forms,
        tried_action=action,
        also_for=actions.find_other_feedback(feedback),
        evidence=files,
        own_files=files[audit.name_subject(feedback)],
        changeable=attachments.may_change_attachments(current_person(), feedback, local_today()),
        today=local_today(),
        events=build_history(view, [one for found in files.values() for one in found]),
        stranded=_rescue_typed(tried, [*action_forms.values(), *(form for _, form in offers)]),
        conflict=conflict,
        effect=effect.build_effect_view(view),
        responses={one.id: one for one in view.responses} if reads_responses else {},
        anonymous=view.fully_anonymous,
        reached=_reachable_contacts(feedback, reach) if calls else [],
        chosen=callbacks.find_chosen_contact(view.history),
        linked=_visible_others(feedback, linked),
        on_receipt=_receipt_messages(view) if DEPARTMENT in acting or reads_responses else [],
    )


def _acting_as(feedback: Feedback) -> set[str]:
    """As whom the reader acts on this feedback: its department, QA, its supervisor, improvement."""
    acting = {who for who, right in RIGHTS.items() if current_user.may(right)}
    if not access.may_work_on(current_person(), feedback, local_today()):
        acting.discard(DEPARTMENT)
    if feedback.supervisor_id != current_person().id:
        acting.discard(SUPERVISOR)
    return acting


def _offered_steps(
    view: FeedbackView,
    possible: set[Step],
    acting: set[str],
    linked: list[Feedback],
    tried: StaffForm | None,
    conflict: str,
) -> list[tuple[StepOffer, StaffForm]]:
    """What the reader can do now, each with its form; whose duties forbid it can leave a note all the same."""
    possible = possible & {Step.NOTE} if conflict else possible
    pointless = {
        Step.CALL_BACK: view.fully_anonymous,
        Step.REPLY: not view.has_anonymous,
        Step.UNLINK: len(linked) == 1,
    }
    offered: list[tuple[StepOffer, StaffForm]] = []
    for offer in STEP_OFFERS:
        mine = offer.who in acting or (offer.step in STEP_RIGHTS and current_user.may(offer.right))
        if offer.step in possible and mine and not pointless.get(offer.step):
            if tried is not None and type(tried) is offer.form:
                offered.append((offer, tried))  # as it was sent, with what is wrong
                continue
            form = offer.form(formdata=None, **offer.form.prefill(view)).offer(view)
            offered += [(offer, form)] if form.is_useful() else []
    return offered


def _leads_on(offer: StepOffer, feedback: Feedback) -> bool:
    """Whether a step is the next one, and not one that leads away from it or was taken already."""
    again = offer.step in (Step.CALL_BACK, Step.REPLY) and feedback.state == FeedbackState.CALLED_BACK
    moved = offer.step == Step.ASSIGN and feedback.state != FeedbackState.NEW
    return not (offer.aside or again or moved or offer.step == Step.NOTE)


def _build_action_forms(
    view: FeedbackView, acting: set[str], tried: StaffForm | None, sent: int | None
) -> dict[int, StaffForm]:
    """For each action to be done the form that reports it as done, to who works on it."""
    if DEPARTMENT not in acting or view.feedback.state != FeedbackState.IN_PROGRESS:
        return {}
    asked = view.waiting_change.action_id if view.waiting_change else None  # what may change is not reported as done
    to_do = [action.id for action in view.open_actions if action.id != asked]
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


def _progress_bar(view: FeedbackView) -> list[tuple[FeedbackState, str]]:
    """The bar: each state with 'past', 'now' or nothing."""
    path = workflow.EXPLAINED_PATH if _is_explained(view) else workflow.STATE_PATH
    at = path.index(view.feedback.state)
    return [(state, "past" if place < at else "now" if place == at else "") for place, state in enumerate(path)]


def _is_explained(view: FeedbackView) -> bool:
    """Whether it was explained instead of dealt with, be it closed meanwhile."""
    if view.feedback.state != FeedbackState.CONFIRMED:
        return view.feedback.state == FeedbackState.EXPLAINED
    return view.last_end is not None and view.last_end.step == Step.EXPLAIN


def _conflict_reason(feedback: Feedback, turn: Turn, acting: set[str]) -> str:
    """Why the reader may not confirm, though their role could."""
    # Said before they write their reasons, not when they send them.
    if turn.who == IMPROVEMENT and IMPROVEMENT in acting:
        try:
            separation_of_duties.ensure_may_confirm(current_person(), feedback)
        except DutyConflict as refusal:
            return describe_refusal(refusal)
    return ""


def _reachable_contacts(feedback: Feedback, unmasked: ContactReach | None) -> list[ContactReach]:
    """Whom to call, masked but for the one that was just unmasked; for who has the call-back at hand (D2)."""
    shown = {unmasked.key: unmasked} if unmasked else {}
    reaches = [shown.get(one.key, mask_reach(one)) for one in callbacks.list_contact_reaches(feedback)]
    chosen = callbacks.find_chosen_contact(list_history(feedback))
    return sorted(reaches, key=lambda one: one.key != chosen)  # who was chosen stands first


def _receipt_messages(view: FeedbackView) -> list[Message]:
    """What was said on the receipt pages of its sources: the department's to read as QA's (Q4)."""
    return [one for response in view.responses for one in receipts.list_messages(response)]


def _visible_others(feedback: Feedback, linked: list[Feedback]) -> list[Feedback]:
    """The same matter at other departments, as far as the reader sees it."""
    keys = [one.id for one in linked if one.id != feedback.id]
    seen = access.select_visible(current_person(), local_today()).where(Feedback.id.in_(keys))
    return list(seen.order_by(Feedback.id))
