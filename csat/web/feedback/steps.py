"""The steps that a feedback's page offers, one a row: its names, its form, what is said when it is taken."""

from __future__ import annotations

from dataclasses import dataclass

from csat.models.feedback import Step
from csat.procedure.feedback.workflow import DEPARTMENT, EVERYBODY, IMPROVEMENT, QA, STEP_RULES, SUPERVISOR
from csat.web.feedback import forms, plan_forms
from csat.web.feedback.forms import StepForm
from csat.words import N_

# The right of each who acts; whose a step is, and from which states it can be taken, stands in STEP_RULES.
RIGHTS = {
    EVERYBODY: "feedback.see",
    QA: "feedback.classify",
    DEPARTMENT: "feedback.work",
    SUPERVISOR: "feedback.supervise",
    IMPROVEMENT: "feedback.confirm",
}


# The director can assign too, when QA is away.
STEP_RIGHTS = {Step.ASSIGN: "feedback.assign"}


@dataclass(frozen=True)
class StepOffer:
    """A step that can be offered; `aside`: it leads away from the usual course, so it is folded up."""

    step: Step
    form: type[StepForm]
    title: str
    button: str
    said: str
    aside: bool = False

    @property
    def who(self) -> str:
        """Who takes it."""
        return STEP_RULES[self.step].who

    @property
    def right(self) -> str:
        """The right that opens it."""
        return STEP_RIGHTS.get(self.step, RIGHTS[self.who])

    @property
    def endpoint(self) -> str:
        """The view that takes it; the improvement group's have their own room."""
        return f"{'confirmation' if self.who == IMPROVEMENT else 'feedback'}.{self.step.value}"

    @property
    def path(self) -> str:
        return f"/<int:key>/{self.step.value.replace('_', '-')}"

    @property
    def takes_files(self) -> bool:
        return hasattr(self.form, "files")


# fmt: off
STEP_OFFERS: tuple[StepOffer, ...] = (
    StepOffer(Step.ASSIGN, forms.AssignForm, N_("Assign it"), N_("Assign"), N_("Assigned.")),
    StepOffer(Step.REPLY, forms.ReplyForm, N_("Reply on the receipt page"), N_("Send the reply"),
              N_("The client can read the reply on the receipt page.")),
    StepOffer(Step.PROPOSE, plan_forms.PlanForm, N_("Plan"), N_("Propose the plan"),
              N_("The plan waits for the QA supervisor's word.")),
    StepOffer(Step.CALL_BACK, forms.CallBackForm, N_("Call-back"), N_("Save the call-back"),
              N_("The call-back is on record.")),
    StepOffer(Step.ACCEPT, forms.AcceptForm, N_("Accept the plan"), N_("Accept"),
              N_("The plan is accepted.")),
    StepOffer(Step.SEND_BACK, forms.SendBackForm, N_("Send it back"), N_("Send back"),
              N_("Sent back to the department.")),
    StepOffer(Step.START, plan_forms.StartForm, N_("Start the work"), N_("Start"),
              N_("The work has started.")),
    StepOffer(Step.CHANGE_PLAN, plan_forms.ChangePlanForm, N_("Let the plan change"), N_("Change the plan"),
              N_("The plan is changed.")),
    StepOffer(Step.KEEP_PLAN, plan_forms.KeepPlanForm, N_("Keep the plan"), N_("Keep the plan"),
              N_("The plan stays as it was.")),
    StepOffer(Step.MOVE_DUE, forms.MoveDueForm, N_("Let the due date move"), N_("Move the due date"),
              N_("The due date is moved; the old one stays on record.")),
    StepOffer(Step.KEEP_DUE, forms.KeepDueForm, N_("Keep the due date"), N_("Keep the due date"),
              N_("The due date stays as it was.")),
    StepOffer(Step.FINISH, plan_forms.FinishWorkForm, N_("Report the work as done"), N_("Done"),
              N_("Done. The improvement group checks it now.")),
    StepOffer(Step.CONFIRM, forms.ConfirmForm, N_("Confirm that it works"), N_("Confirm"),
              N_("Confirmed: the feedback is closed.")),
    StepOffer(Step.RETURN, forms.ReturnForm, N_("Return it"), N_("Return"),
              N_("Returned to the department.")),
    StepOffer(Step.NOTE, forms.NoteForm, N_("Notes"), N_("Add the note"),
              N_("The note is on record.")),
    StepOffer(Step.ASK_CHANGE, plan_forms.AskChangeForm, N_("Ask to change the plan"), N_("Ask the supervisor"),
              N_("The change waits for the QA supervisor's word."), aside=True),
    StepOffer(Step.ASK_DUE, forms.AskDueForm, N_("Ask for another due date (once)"), N_("Ask for the new date"),
              N_("The new date waits for the QA supervisor's word."), aside=True),
    StepOffer(Step.EVIDENCE, plan_forms.EvidenceForm, N_("Add files as evidence"), N_("Add the files"),
              N_("The files are on record."), aside=True),
    StepOffer(Step.EXPLAIN, forms.ExplainForm, N_("Nothing can be done: explain it"), N_("Explain"),
              N_("Explained. The improvement group checks it now."), aside=True),
    StepOffer(Step.PASS_ON, forms.PassOnForm, N_("It belongs elsewhere: pass it on"), N_("Pass on"),
              N_("Passed on; the due dates stay."), aside=True),
    StepOffer(Step.RECLASSIFY, forms.ReclassifyForm, N_("Change type or severity"), N_("Change"),
              N_("Classified anew; due dates follow the severity."), aside=True),
    StepOffer(Step.LINK, forms.LinkForm, N_("The same matter as another: link it"), N_("Link the two"),
              N_("Linked: the matter counts once now."), aside=True),
    StepOffer(Step.UNLINK, forms.UnlinkForm, N_("A matter of its own: unlink it"), N_("Unlink"),
              N_("Unlinked: it counts by itself again."), aside=True),
    StepOffer(Step.SUPERVISE, forms.SuperviseForm, N_("Change the supervisor"), N_("Change"),
              N_("The supervisor is changed."), aside=True),
)
# fmt: on
