"""One feedback with its whole history, and a form for each step of its way (I1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext

from csat import clock
from csat.models.feedback import CallBackOutcome, Feedback, IssueType
from csat.models.people import Department, Person
from csat.procedure.feedback import board as board_of
from csat.procedure.feedback import callbacks as steps
from csat.procedure.feedback import linking
from csat.procedure.people.attachments import Kept
from csat.web.access import me, open_to, takes_files
from csat.web.feedback.board import blueprint
from csat.web.feedback.bulk_assignment import assign_several, assign_ticked
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
from csat.web.feedback.page import show_page
from csat.web.feedback.plan_forms import ActionDoneForm, EvidenceForm, FinishForm, PlanForm
from csat.web.formatting import today, zone
from csat.web.forms import StaffForm
from csat.web.people.attachments import take_with_files

__all__ = ["assign_several", "assign_ticked", "blueprint", "step_taken"]


@blueprint.get("/<int:key>")
@open_to("feedback.see")
def show(key: int) -> str:
    """Where a feedback stands, what was done, and who acts next."""
    return show_page(_seen(key))


@blueprint.post("/<int:key>/assign")
@open_to("feedback.classify")
def assign(key: int) -> Any:
    found, form = _seen(key), AssignForm()

    def verb() -> Any:
        department = Department.get_by_id(form.department.data)
        return steps.assign(found, department, Person.get_by_id(form.supervisor.data), me(), clock.now())

    return step_taken(found, form, verb, gettext("Assigned."))


@blueprint.post("/<int:key>/supervise")
@open_to("feedback.classify")
def supervise(key: int) -> Any:
    found, form = _seen(key), SuperviseForm()

    def verb() -> Any:
        return steps.supervise(found, Person.get_by_id(form.supervisor.data), me(), clock.now())

    return step_taken(found, form, verb, gettext("The supervisor is changed."))


@blueprint.post("/<int:key>/reclassify")
@open_to("feedback.classify")
def reclassify(key: int) -> Any:
    found, form = _seen(key), ReclassifyForm()

    def verb() -> Any:
        issue_type = IssueType.get_by_id(form.issue_type.data)
        return steps.reclassify(
            found, issue_type, form.severity.data, form.reason.data or "", me(), clock.now()
        )

    return step_taken(found, form, verb, gettext("Classified anew; due dates follow the severity."))


@blueprint.post("/<int:key>/link")
@open_to("feedback.classify")
def link(key: int) -> Any:
    """Say that it is the same matter as another feedback."""
    found = _seen(key)
    form = LinkForm().offer(found)

    def verb() -> Any:
        other = _seen(form.other.data or 0)
        return linking.link(found, other, form.reason.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Linked: the matter counts once now."))


@blueprint.post("/<int:key>/unlink")
@open_to("feedback.classify")
def unlink(key: int) -> Any:
    """Say that it is a matter of its own after all."""
    found, form = _seen(key), UnlinkForm()

    def verb() -> Any:
        return linking.unlink(found, form.reason.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Unlinked: it counts by itself again."))


@blueprint.post("/<int:key>/call-back")
@open_to("feedback.work")
def call_back(key: int) -> Any:
    found, form = _mine(key), CallBackForm()

    def verb() -> Any:
        return steps.call_back(found, form.outcome.data, form.words.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("The call-back is on record."))


@blueprint.post("/<int:key>/reply")
@open_to("feedback.work")
def reply(key: int) -> Any:
    found, form = _mine(key), ReplyForm()

    def verb() -> Any:
        return steps.call_back(found, CallBackOutcome.REPLIED, form.words.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("The client can read the reply on the receipt page."))


@blueprint.post("/<int:key>/propose")
@open_to("feedback.work")
@takes_files
def propose(key: int) -> Any:
    """Propose a plan, or only ask for one more line."""
    found = _mine(key)
    form = PlanForm().offer(found)
    if request.form.get("do") == "more":
        return show_page(found, form.longer(found))

    def verb(kept: list[Kept]) -> Any:
        cause, shared = form.cause.data or "", form.taken_up()
        return steps.propose(found, cause, form.plan(), me(), clock.now(), zone(), shared, kept)

    return step_taken(found, form, verb, gettext("The plan waits for the QA supervisor's word."))


@blueprint.post("/<int:key>/accept")
@open_to("feedback.supervise")
def accept(key: int) -> Any:
    found = _seen(key)
    return step_taken(
        found, AcceptForm(), lambda: steps.accept(found, me(), clock.now()), gettext("The plan is accepted.")
    )


@blueprint.post("/<int:key>/send-back")
@open_to("feedback.supervise")
def send_back(key: int) -> Any:
    found, form = _seen(key), SendBackForm()

    def verb() -> Any:
        return steps.send_back(found, form.reason.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Sent back to the department."))


@blueprint.post("/<int:key>/start")
@open_to("feedback.work")
def start(key: int) -> Any:
    found = _mine(key)
    return step_taken(
        found, StartForm(), lambda: steps.start(found, me(), clock.now()), gettext("The work has started.")
    )


@blueprint.post("/<int:key>/actions/<int:action>")
@open_to("feedback.work")
@takes_files
def finish_action(key: int, action: int) -> Any:
    found, form = _mine(key), ActionDoneForm().named_after(action)
    one = steps.action_of(found, action)

    def verb(kept: list[Kept]) -> Any:
        return steps.finish_action(one, form.evidence.data or "", me(), clock.now(), zone(), kept)

    return step_taken(found, form, verb, gettext("The action is done."), action=action)


@blueprint.post("/<int:key>/evidence")
@open_to("feedback.work")
@takes_files
def evidence(key: int) -> Any:
    """Add files to the feedback, or to one of its actions."""
    found = _mine(key)
    form = EvidenceForm().offer(found)

    def verb(kept: list[Kept]) -> Any:
        action = None if form.action.data is None else steps.action_of(found, form.action.data)
        return steps.add_files(found, action, form.words.data or "", me(), clock.now(), kept)

    return step_taken(found, form, verb, gettext("The files are on record."))


@blueprint.post("/<int:key>/finish")
@open_to("feedback.work")
@takes_files
def finish(key: int) -> Any:
    found, form = _mine(key), FinishForm()

    def verb(kept: list[Kept]) -> Any:
        return steps.finish(found, form.words.data or "", me(), clock.now(), kept)

    return step_taken(found, form, verb, gettext("Done. The improvement group checks it now."))


@blueprint.post("/<int:key>/pass-on")
@open_to("feedback.work")
def pass_on(key: int) -> Any:
    found = _mine(key)
    form = PassOnForm().offer(found)

    def verb() -> Any:
        to = form.department.data
        target = None if to is None else Department.get_by_id(to)
        return steps.pass_on(found, target, form.reason.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Passed on; the due dates stay."))


@blueprint.post("/<int:key>/explain")
@open_to("feedback.work")
def explain(key: int) -> Any:
    found, form = _mine(key), ExplainForm()

    def verb() -> Any:
        return steps.explain(found, form.words.data or "", me(), clock.now())

    return step_taken(found, form, verb, gettext("Explained. The improvement group checks it now."))


@blueprint.post("/<int:key>/reach/<reach>")
@open_to("feedback.work")
def unmask(key: int, reach: str) -> str:
    """Show one person's telephone and e-mail for the call-back at hand."""
    found = _mine(key)
    return show_page(found, reach=steps.unmask(found, reach, me(), clock.now()))


def step_taken(
    found: Feedback, form: StaffForm, verb: Callable[..., Any], said: str, action: int | None = None
) -> Any:
    """Take a step from its form, with its files if it has a field for them; what is wrong is said there."""
    take = take_with_files if "files" in form else StaffForm.take
    if form.validate_on_submit() and take(form, verb):
        flash(said)
        return redirect(_after(found))
    return show_page(_seen(found.id), form, action=action), 422


def _after(found: Feedback) -> str:
    """The feedback's page, or the board when it went to somebody else."""
    still = board_of.visible(me(), today()).where(Feedback.id == found.id).exists()
    return url_for("feedback.show", key=found.id) if still else url_for("feedback.board")


def _seen(key: int) -> Feedback:
    return steps.feedback_for(me(), key, today())


def _mine(key: int) -> Feedback:
    return steps.work_for(me(), key, today())
