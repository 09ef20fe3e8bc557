"""The steps that a feedback's page offers, one a row: its names, its form, what is said when it is taken.

Whose a step is, and when it can be taken, stands in procedure/feedback/workflow.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from csat.models.feedback import Step
from csat.procedure.feedback.workflow import DEPARTMENT, IMPROVEMENT, QA, STEP_RULES, SUPERVISOR
from csat.web.feedback import forms, plan_forms
from csat.web.feedback.forms import StepForm
from csat.words import N_

# The right of each who acts.
RIGHTS = {
    QA: "feedback.classify",
    DEPARTMENT: "feedback.work",
    SUPERVISOR: "feedback.supervise",
    IMPROVEMENT: "feedback.confirm",
}


@dataclass(frozen=True)
class StepOffer:
    """A step that can be offered; `aside`: it leads away from the usual course, so it is folded up."""

    step: Step
    title: str
    button: str
    said: str
    form: type[StepForm]
    aside: bool = False

    @property
    def who(self) -> str:
        """Whose step it is."""
        return STEP_RULES[self.step].who

    @property
    def right(self) -> str:
        """The right that opens it."""
        return RIGHTS[self.who]

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


STEP_OFFERS: tuple[StepOffer, ...] = (
    StepOffer(Step.ASSIGN, N_("Assign it"), N_("Assign"), N_("Assigned."), forms.AssignForm),
    StepOffer(
        Step.REPLY,
        N_("Reply on the receipt page"),
        N_("Send the reply"),
        N_("The client can read the reply on the receipt page."),
        forms.ReplyForm,
    ),
    StepOffer(
        Step.PROPOSE,
        N_("Plan"),
        N_("Propose the plan"),
        N_("The plan waits for the QA supervisor's word."),
        plan_forms.PlanForm,
    ),
    StepOffer(
        Step.CALL_BACK,
        N_("Call-back"),
        N_("Save the call-back"),
        N_("The call-back is on record."),
        forms.CallBackForm,
    ),
    StepOffer(
        Step.ACCEPT, N_("Accept the plan"), N_("Accept"), N_("The plan is accepted."), forms.AcceptForm
    ),
    StepOffer(
        Step.SEND_BACK,
        N_("Send it back"),
        N_("Send back"),
        N_("Sent back to the department."),
        forms.SendBackForm,
    ),
    StepOffer(
        Step.START, N_("Start the work"), N_("Start"), N_("The work has started."), plan_forms.StartForm
    ),
    StepOffer(
        Step.FINISH,
        N_("Report the work as done"),
        N_("Done"),
        N_("Done. The improvement group checks it now."),
        plan_forms.FinishWorkForm,
    ),
    StepOffer(
        Step.CONFIRM,
        N_("Confirm that it works"),
        N_("Confirm"),
        N_("Confirmed: the feedback is closed."),
        forms.ConfirmForm,
    ),
    StepOffer(
        Step.RETURN, N_("Return it"), N_("Return"), N_("Returned to the department."), forms.ReturnForm
    ),
    StepOffer(
        Step.EVIDENCE,
        N_("Add files as evidence"),
        N_("Add the files"),
        N_("The files are on record."),
        plan_forms.EvidenceForm,
        aside=True,
    ),
    StepOffer(
        Step.EXPLAIN,
        N_("Nothing can be done: explain it"),
        N_("Explain"),
        N_("Explained. The improvement group checks it now."),
        forms.ExplainForm,
        aside=True,
    ),
    StepOffer(
        Step.PASS_ON,
        N_("It belongs elsewhere: pass it on"),
        N_("Pass on"),
        N_("Passed on; the due dates stay."),
        forms.PassOnForm,
        aside=True,
    ),
    StepOffer(
        Step.RECLASSIFY,
        N_("Change type or severity"),
        N_("Change"),
        N_("Classified anew; due dates follow the severity."),
        forms.ReclassifyForm,
        aside=True,
    ),
    StepOffer(
        Step.LINK,
        N_("The same matter as another: link it"),
        N_("Link the two"),
        N_("Linked: the matter counts once now."),
        forms.LinkForm,
        aside=True,
    ),
    StepOffer(
        Step.UNLINK,
        N_("A matter of its own: unlink it"),
        N_("Unlink"),
        N_("Unlinked: it counts by itself again."),
        forms.UnlinkForm,
        aside=True,
    ),
    StepOffer(
        Step.SUPERVISE,
        N_("Change the supervisor"),
        N_("Change"),
        N_("The supervisor is changed."),
        forms.SuperviseForm,
        aside=True,
    ),
)
