"""One feedback with its whole history, and a form for each step of its way (I1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.models.feedback import Action, CallBackOutcome, Feedback, IssueType
from csat.models.people import Department, Person
from csat.procedure.feedback import access, actions, callbacks, classification, linking
from csat.procedure.people.attachments import FileToAttach
from csat.web.access import current_person, open_to, takes_files
from csat.web.feedback.board import blueprint
from csat.web.feedback.bulk_assignment import assign_ticked_feedback, show_assign_form
from csat.web.feedback.forms import (
    AcceptForm,
    AssignForm,
    CallBackForm,
    ExplainForm,
    LinkForm,
    PassOnForm,
    ReclassifyForm,
    ReplyForm,
    SendBackForm,
    StartForm,
    SuperviseForm,
    UnlinkForm,
)
from csat.web.feedback.page import render_feedback
from csat.web.feedback.plan_forms import ActionDoneForm, EvidenceForm, FinishWorkForm, PlanForm
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import StaffForm
from csat.web.people.attachments import submit_with_files

__all__ = ["show_assign_form", "assign_ticked_feedback", "blueprint", "submit_step"]


@blueprint.get("/<int:key>")
@open_to("feedback.see")
def show_feedback(key: int) -> str:
    """Where a feedback stands, what was done, and who acts next."""
    return render_feedback(_visible_feedback(key))


@blueprint.post("/<int:key>/assign")
@open_to("feedback.classify")
def assign_feedback(key: int) -> Any:
    found, form = _visible_feedback(key), AssignForm()

    def verb() -> None:
        department = Department.get_by_id(form.department.data)
        return classification.assign_feedback(
            found, department, Person.get_by_id(form.supervisor.data), current_person(), clock.now()
        )

    return submit_step(found, form, verb, gettext("Assigned."))


@blueprint.post("/<int:key>/supervise")
@open_to("feedback.classify")
def change_supervisor(key: int) -> Any:
    found, form = _visible_feedback(key), SuperviseForm()

    def verb() -> None:
        return classification.change_supervisor(
            found, Person.get_by_id(form.supervisor.data), current_person(), clock.now()
        )

    return submit_step(found, form, verb, gettext("The supervisor is changed."))


@blueprint.post("/<int:key>/reclassify")
@open_to("feedback.classify")
def reclassify_feedback(key: int) -> Any:
    found, form = _visible_feedback(key), ReclassifyForm()

    def verb() -> None:
        issue_type = IssueType.get_by_id(form.issue_type.data)
        return classification.reclassify_feedback(
            found, issue_type, form.severity.data, form.reason.data or "", current_person(), clock.now()
        )

    return submit_step(found, form, verb, gettext("Classified anew; due dates follow the severity."))


@blueprint.post("/<int:key>/link")
@open_to("feedback.classify")
def link_feedback(key: int) -> Any:
    """Say that it is the same matter as another feedback."""
    found = _visible_feedback(key)
    form = LinkForm().offer(found)

    def verb() -> None:
        other = _visible_feedback(form.other.data or 0)
        return linking.link_feedback(found, other, form.reason.data or "", current_person(), clock.now())

    return submit_step(found, form, verb, gettext("Linked: the matter counts once now."))


@blueprint.post("/<int:key>/unlink")
@open_to("feedback.classify")
def unlink_feedback(key: int) -> Any:
    """Say that it is a matter of its own after all."""
    found, form = _visible_feedback(key), UnlinkForm()

    def verb() -> None:
        return linking.unlink_feedback(found, form.reason.data or "", current_person(), clock.now())

    return submit_step(found, form, verb, gettext("Unlinked: it counts by itself again."))


@blueprint.post("/<int:key>/call-back")
@open_to("feedback.work")
def record_call_back(key: int) -> Any:
    found, form = _own_feedback(key), CallBackForm()

    def verb() -> None:
        return callbacks.record_call_back(
            found, form.outcome.data, form.words.data or "", current_person(), clock.now()
        )

    return submit_step(found, form, verb, gettext("The call-back is on record."))


@blueprint.post("/<int:key>/reply")
@open_to("feedback.work")
def reply_on_receipt(key: int) -> Any:
    found, form = _own_feedback(key), ReplyForm()

    def verb() -> None:
        return callbacks.record_call_back(
            found, CallBackOutcome.REPLIED, form.words.data or "", current_person(), clock.now()
        )

    return submit_step(found, form, verb, gettext("The client can read the reply on the receipt page."))


@blueprint.post("/<int:key>/propose")
@open_to("feedback.work")
@takes_files
def propose_plan(key: int) -> Any:
    """Propose a plan, or only ask for one more line."""
    found = _own_feedback(key)
    form = PlanForm().offer(found)
    if request.form.get("do") == "more":
        return render_feedback(found, form.longer(found))

    def verb(kept: list[FileToAttach]) -> list[Action]:
        cause, shared = form.cause.data or "", form.taken_up()
        return actions.propose_plan(
            found, cause, form.plan(), current_person(), clock.now(), operator_zone(), shared, kept
        )

    return submit_step(found, form, verb, gettext("The plan waits for the QA supervisor's word."))


@blueprint.post("/<int:key>/accept")
@open_to("feedback.supervise")
def accept_plan(key: int) -> Any:
    found = _visible_feedback(key)
    return submit_step(
        found,
        AcceptForm(),
        lambda: classification.accept_plan(found, current_person(), clock.now()),
        gettext("The plan is accepted."),
    )


@blueprint.post("/<int:key>/send-back")
@open_to("feedback.supervise")
def send_back_plan(key: int) -> Any:
    found, form = _visible_feedback(key), SendBackForm()

    def verb() -> None:
        return classification.return_plan(found, form.reason.data or "", current_person(), clock.now())

    return submit_step(found, form, verb, gettext("Sent back to the department."))


@blueprint.post("/<int:key>/start")
@open_to("feedback.work")
def start_work(key: int) -> Any:
    found = _own_feedback(key)
    return submit_step(
        found,
        StartForm(),
        lambda: actions.start_work(found, current_person(), clock.now()),
        gettext("The work has started."),
    )


@blueprint.post("/<int:key>/actions/<int:action>")
@open_to("feedback.work")
@takes_files
def finish_action(key: int, action: int) -> Any:
    found, form = _own_feedback(key), ActionDoneForm().named_after(action)
    one = actions.get_action(found, action)

    def verb(kept: list[FileToAttach]) -> None:
        return actions.finish_action(
            one, form.evidence.data or "", current_person(), clock.now(), operator_zone(), kept
        )

    return submit_step(found, form, verb, gettext("The action is done."), action=action)


@blueprint.post("/<int:key>/evidence")
@open_to("feedback.work")
@takes_files
def add_evidence(key: int) -> Any:
    """Add files to the feedback, or to one of its actions."""
    found = _own_feedback(key)
    form = EvidenceForm().offer(found)

    def verb(kept: list[FileToAttach]) -> None:
        action = None if form.action.data is None else actions.get_action(found, form.action.data)
        return actions.attach_files(found, action, form.words.data or "", current_person(), clock.now(), kept)

    return submit_step(found, form, verb, gettext("The files are on record."))


@blueprint.post("/<int:key>/finish")
@open_to("feedback.work")
@takes_files
def finish_work(key: int) -> Any:
    found, form = _own_feedback(key), FinishWorkForm()

    def verb(kept: list[FileToAttach]) -> None:
        return actions.finish_work(found, form.words.data or "", current_person(), clock.now(), kept)

    return submit_step(found, form, verb, gettext("Done. The improvement group checks it now."))


@blueprint.post("/<int:key>/pass-on")
@open_to("feedback.work")
def pass_on_feedback(key: int) -> Any:
    found = _own_feedback(key)
    form = PassOnForm().offer(found)

    def verb() -> None:
        to = form.department.data
        target = None if to is None else Department.get_by_id(to)
        return callbacks.pass_on_feedback(
            found, target, form.reason.data or "", current_person(), clock.now()
        )

    return submit_step(found, form, verb, gettext("Passed on; the due dates stay."))


@blueprint.post("/<int:key>/explain")
@open_to("feedback.work")
def explain_feedback(key: int) -> Any:
    found, form = _own_feedback(key), ExplainForm()

    def verb() -> None:
        return callbacks.explain_feedback(found, form.words.data or "", current_person(), clock.now())

    return submit_step(found, form, verb, gettext("Explained. The improvement group checks it now."))


@blueprint.post("/<int:key>/reach/<reach>")
@open_to("feedback.work")
def unmask_contact(key: int, reach: str) -> str:
    """Show one person's telephone and e-mail for the call-back at hand."""
    found = _own_feedback(key)
    return render_feedback(found, reach=callbacks.unmask_contact(found, reach, current_person(), clock.now()))


def submit_step(
    found: Feedback, form: StaffForm, verb: Callable[..., object], said: str, action: int | None = None
) -> ResponseReturnValue:
    """Take a step from its form, with its files if it has a field for them; what is wrong is said there."""
    take = submit_with_files if "files" in form else StaffForm.take
    if form.validate_on_submit() and take(form, verb):
        flash(said)
        return redirect(_url_after_step(found))
    return render_feedback(_visible_feedback(found.id), form, action=action), 422


def _url_after_step(found: Feedback) -> str:
    """The feedback's page, or the board when it went to somebody else."""
    still = access.select_visible(current_person(), local_today()).where(Feedback.id == found.id).exists()
    return url_for("feedback.show_feedback", key=found.id) if still else url_for("feedback.show_board")


def _visible_feedback(key: int) -> Feedback:
    return access.feedback_for(current_person(), key, local_today())


def _own_feedback(key: int) -> Feedback:
    return access.department_feedback_for(current_person(), key, local_today())
