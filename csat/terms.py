"""The glossary's words for the codes in the store: one English term each; the catalogue has the Chinese."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from csat.models.answers import Duration, Verdict
from csat.models.asking import AttemptOutcome, CampaignState, Channel, InvitationState, Naming, Occasion
from csat.models.check_calls import CheckOutcome
from csat.models.clients import Tier
from csat.models.corrections import CorrectionState
from csat.models.effect import Unasked
from csat.models.feedback import (
    ActionKind,
    CallBackOutcome,
    ChangeKind,
    DueDate,
    FeedbackOrigin,
    FeedbackState,
    Severity,
    Step,
)
from csat.models.letters import LetterState
from csat.models.outbox import MailKind, MailState, Why, Wording
from csat.models.oversight import NoticeKind, RequestKind
from csat.models.questionnaires import Dimension, Kind, ReviewDecision, VersionState
from csat.models.reporting import ReportState, Word
from csat.models.risks import Standing
from csat.models.roles import Role
from csat.models.work import JobState
from csat.translations import catalogue
from csat.words import N_

OwnNames = Mapping[Dimension, Mapping[str, str]]

TERMS: dict[type[StrEnum], dict[Any, str]] = {
    Role: {
        Role.DESK: N_("Service desk"),
        Role.MANAGER: N_("Project manager"),
        Role.QA: N_("Quality control group"),
        Role.DEPARTMENT: N_("Department owner"),
        Role.IMPROVEMENT: N_("Service improvement group"),
        Role.DIRECTOR: N_("Director of customer service"),
        Role.ADMIN: N_("Administrator"),
    },
    Tier: {Tier.ORDINARY: N_("Ordinary"), Tier.IMPORTANT: N_("Important"), Tier.CORE: N_("Core")},
    Kind: {
        Kind.RATING: N_("Rating 1–5"),
        Kind.RECOMMEND: N_("Recommendation 0–10"),
        Kind.YES_NO: N_("Yes or no"),
        Kind.CHOICE_ONE: N_("Choose one"),
        Kind.CHOICE_MANY: N_("Choose several"),
        Kind.TEXT: N_("Own words"),
    },
    Dimension: {
        Dimension.OVERALL: N_("Overall"),
        Dimension.VALUE: N_("Expectation and value"),
        Dimension.TIMELINESS: N_("Timeliness"),
        Dimension.EXPERTISE: N_("Expertise"),
        Dimension.ATTITUDE: N_("Attitude and communication"),
        Dimension.RESOLUTION: N_("Resolution"),
        Dimension.CONVENIENCE: N_("Convenience"),
        Dimension.DELIVERY: N_("Process and delivery"),
        Dimension.SECURITY: N_("Security results"),
        Dimension.RELIABILITY: N_("Availability and recovery"),
        Dimension.FOLLOWUP: N_("Follow-up of feedback"),
    },
    ReviewDecision: {
        ReviewDecision.KEEP: N_("Keep"),
        ReviewDecision.CHANGE: N_("Change"),
        ReviewDecision.DROP: N_("Drop"),
    },
    VersionState: {VersionState.DRAFT: N_("Draft"), VersionState.PUBLISHED: N_("Published")},
    Occasion: {
        Occasion.INCIDENT: N_("After incidents"),
        Occasion.QUARTERLY: N_("Each quarter"),
        Occasion.PROJECT: N_("Project stage"),
        Occasion.YEARLY: N_("Service year"),
        Occasion.EVENT: N_("Major event"),
        Occasion.CHECK: N_("Check after feedback"),
    },
    Naming: {
        Naming.BOTH: N_("Anonymous or named, as the client likes"),
        Naming.ANONYMOUS: N_("Anonymous only"),
        Naming.NAMED: N_("Named only"),
    },
    Channel: {
        Channel.LINK: N_("Link"),
        Channel.EMAIL: N_("E-mail"),
        Channel.SLIP: N_("Printed slip"),
        Channel.PAPER: N_("Printed form"),
        Channel.TELEPHONE: N_("Telephone record"),
        Channel.INTERVIEW: N_("Interview record"),
    },
    CampaignState: {CampaignState.OPEN: N_("Open"), CampaignState.CLOSED: N_("Closed")},
    InvitationState: {
        InvitationState.MADE: N_("Not yet handed over"),
        InvitationState.SENT: N_("Handed over"),
        InvitationState.DONE: N_("Answered"),
        InvitationState.DENY: N_("Declined"),
        InvitationState.LATE: N_("Expired"),
        InvitationState.VOID: N_("Withdrawn"),
        InvitationState.OVER: N_("Over"),
    },
    AttemptOutcome: {
        AttemptOutcome.HANDED_OVER: N_("Link handed over"),
        AttemptOutcome.ANSWERED: N_("Answered"),
        AttemptOutcome.NOBODY: N_("Nobody answered"),
        AttemptOutcome.BUSY: N_("Busy"),
        AttemptOutcome.LATER: N_("Call again later"),
        AttemptOutcome.REFUSED: N_("Does not want to answer"),
        AttemptOutcome.WRONG_NUMBER: N_("Wrong number"),
        AttemptOutcome.WITHDRAWN: N_("Withdrawn"),
        AttemptOutcome.BOUNCED: N_("Mail came back"),
    },
    MailKind: {
        MailKind.ASK: N_("Invitation"),
        MailKind.REMIND: N_("Reminder"),
        MailKind.OVERDUE: N_("Overdue feedback"),
        MailKind.TURN: N_("Your turn in a feedback"),
        MailKind.DIGEST: N_("What waits for you"),
        MailKind.REPORT: N_("Issued report"),
        MailKind.LETTER: N_("Letter to a client"),
        MailKind.TEST: N_("Test mail"),
        MailKind.CLOSED: N_("Closed: what was entered by hand"),
        MailKind.PASSWORD: N_("Link to set a password"),
        MailKind.ACCOUNT: N_("Notice about an account"),
    },
    MailState: {
        MailState.WAIT: N_("Queued"),
        MailState.SEND: N_("Being sent"),
        MailState.DONE: N_("Sent"),
        MailState.BACK: N_("Came back"),
        MailState.FAIL: N_("Not accepted"),
        MailState.HELD: N_("Held back"),
        MailState.TORN: N_("Unclear"),
    },
    Why: {
        Why.NO_ADDRESS: N_("There is no e-mail address."),
        Why.OPTED_OUT: N_("This contact does not want to be asked any more."),
        Why.RETIRED: N_("This person is no longer there."),
        Why.OVER: N_("The campaign is over."),
        Why.ENDED: N_("The invitation was withdrawn or refused."),
        Why.ANSWERED: N_("It is answered already."),
        Why.CONTACT_CAP: N_("This contact has had as many survey mails in 90 days as the settings allow."),
        Why.CLIENT_CAP: N_("This client has had as many survey mails in 90 days as the settings allow."),
        Why.NOTHING: N_("Nothing is left to tell."),
        Why.NO_MAIL: N_("No mail server is set up."),
        Why.NO_SERVER: N_("The mail server could not be reached."),
        Why.NO_TLS: N_("The mail server offers no safe connection, so nothing was sent."),
        Why.NO_SIGN_IN: N_("The mail server did not accept our sign-in."),
        Why.LATER: N_("The mail server does not take it for now."),
        Why.REFUSED: N_("The mail server refused it."),
        Why.BOUNCED: N_("It came back undelivered."),
        Why.CUT_OFF: N_("The connection broke while it was being sent: nobody knows whether it arrived."),
        Why.BROKEN: N_("This mail could not be written. Please check its wording."),
        Why.MOVED: N_("The address was changed after the link was asked for. Please ask for a new link."),
        Why.HANDLED: N_("You had a hand in what it is about, so a colleague asks."),
    },
    Wording: {
        Wording.INVITATION: N_("Invitation to a campaign"),
        Wording.INCIDENT: N_("Invitation after an incident"),
        Wording.CHECK: N_("Check after a feedback is closed"),
        Wording.REMINDER: N_("Reminder"),
        Wording.OVERDUE: N_("Overdue feedback, to the staff"),
        Wording.TURN: N_("Next step of a feedback, to the staff"),
        Wording.DIGEST: N_("What waits, to the staff"),
        Wording.REPORT: N_("Issued report, to the staff"),
        Wording.LETTER: N_("Letter to a client: it is there"),
        Wording.TEST: N_("Test mail, to an administrator"),
        Wording.CLOSED: N_("Closed feedback, to who entered it"),
        Wording.PASSWORD: N_("Link to set a password, to the staff"),
        Wording.ACCOUNT: N_("Notice about an account, to the staff"),
    },
    RequestKind: {
        RequestKind.ROLE: N_("Powerful role"),
        RequestKind.LINK: N_("Link to set a password"),
        RequestKind.ADDRESS: N_("Another e-mail address"),
        RequestKind.FACTOR: N_("Second factor taken away"),
    },
    # What an account's owner is told: whose account, which role and who did it are filled in (notices.py).
    NoticeKind: {
        NoticeKind.ROLE_GRANTED: N_("%(person)s was given the role “%(role)s” by %(by)s."),
        NoticeKind.ROLE_WITHDRAWN: N_("The role “%(role)s” of %(person)s was withdrawn by %(by)s."),
        NoticeKind.LINK_DISPLAYED: N_(
            "A link that sets the password of %(person)s was displayed to %(by)s, since no mail server is set up."
        ),
        NoticeKind.PASSWORD_SET: N_("A new password was set for %(person)s."),
        NoticeKind.ADDRESS_ASKED: N_("%(by)s asks for another e-mail address of %(person)s."),
        NoticeKind.ADDRESS_CHANGED: N_("The e-mail address of %(person)s was changed, as %(by)s asked."),
        NoticeKind.FACTOR_ADDED: N_("A second factor was set up for %(person)s."),
        NoticeKind.FACTOR_REMOVED: N_("The second factor of %(person)s was taken away by %(by)s."),
        NoticeKind.RECOVERY_USED: N_("%(person)s signed in with a recovery code."),
        NoticeKind.CODES_WRONG: N_(
            "Somebody typed the right password of %(person)s and several wrong codes. Unless it was you: change the "
            "password."
        ),
    },
    Duration: {Duration.HASTY: N_("Very fast"), Duration.USUAL: N_("Usual"), Duration.LONG: N_("Long")},
    Verdict: {
        Verdict.PENDING: N_("To be verified"),
        Verdict.VALID: N_("Valid"),
        Verdict.DOUBTED: N_("Refusal proposed"),
        Verdict.REFUSED: N_("Refused"),
    },
    Severity: {
        Severity.CRITICAL: N_("Critical"),
        Severity.MAJOR: N_("Major"),
        Severity.MINOR: N_("Minor"),
        Severity.SUGGESTION: N_("Suggestion"),
    },
    FeedbackState: {
        FeedbackState.NEW: N_("New"),
        FeedbackState.ASSIGNED: N_("Assigned"),
        FeedbackState.CALLED_BACK: N_("Called back"),
        FeedbackState.PLANNED: N_("Planned"),
        FeedbackState.IN_PROGRESS: N_("In progress"),
        FeedbackState.DONE: N_("Done"),
        FeedbackState.EXPLAINED: N_("Explained"),
        FeedbackState.CONFIRMED: N_("Confirmed"),
    },
    FeedbackOrigin: {
        FeedbackOrigin.RESPONSE: N_("Response"),
        FeedbackOrigin.TELEPHONE: N_("Telephone"),
        FeedbackOrigin.EMAIL: N_("E-mail"),
        FeedbackOrigin.MEETING: N_("Meeting"),
        FeedbackOrigin.OBSERVATION: N_("Staff observation"),
    },
    Step: {
        Step.CREATE: N_("Feedback created"),
        Step.ASSIGN: N_("Assigned"),
        Step.RECLASSIFY: N_("Classified anew"),
        Step.SUPERVISE: N_("Supervisor changed"),
        Step.CALL_BACK: N_("Call-back"),
        Step.REPLY: N_("Reply on the receipt page"),
        Step.PROPOSE: N_("Plan proposed"),
        Step.ACCEPT: N_("Plan accepted"),
        Step.SEND_BACK: N_("Plan sent back"),
        Step.START: N_("Work started"),
        Step.ACTION: N_("Action done"),
        Step.FINISH: N_("Work done"),
        Step.RETURN: N_("Returned"),
        Step.PASS_ON: N_("Passed on"),
        Step.EXPLAIN: N_("Explained to the client"),
        Step.CONFIRM: N_("Confirmed"),
        Step.RECUR: N_("Same problem again"),
        Step.LIFT: N_("Not the same problem after all"),
        Step.LINK: N_("Linked as the same matter"),
        Step.UNLINK: N_("Link taken away"),
        Step.UNMASK: N_("Contact chosen and shown in full"),
        Step.NOTE: N_("Note"),
        Step.ASK_DUE: N_("Another due date asked for"),
        Step.MOVE_DUE: N_("Due date moved"),
        Step.KEEP_DUE: N_("Due date kept"),
        Step.ASK_CHANGE: N_("Change of the plan asked for"),
        Step.CHANGE_PLAN: N_("Plan changed"),
        Step.KEEP_PLAN: N_("Plan kept as it was"),
        Step.EVIDENCE: N_("Evidence added"),
        Step.WITHDRAW: N_("Evidence withdrawn"),
    },
    DueDate: {DueDate.CALL_BACK: N_("Call-back"), DueDate.CLOSE: N_("Closing")},
    ChangeKind: {
        ChangeKind.ADD: N_("Add a new action"),
        ChangeKind.MOVE: N_("Another owner or due day"),
        ChangeKind.REOPEN: N_("Reopen what is done"),
        ChangeKind.DROP: N_("Drop it"),
    },
    CheckOutcome: {
        CheckOutcome.CONFIRMED: N_("Confirmed as recorded"),
        CheckOutcome.DIFFERS: N_("Differs from the record"),
        CheckOutcome.NOT_REACHED: N_("Not reached"),
        CheckOutcome.DENIES: N_("Denies having answered"),
    },
    CorrectionState: {
        CorrectionState.PROPOSED: N_("Proposed"),
        CorrectionState.CONFIRMED: N_("Corrected"),
        CorrectionState.REJECTED: N_("Left as it was"),
        CorrectionState.WITHDRAWN: N_("Withdrawn"),
    },
    CallBackOutcome: {
        CallBackOutcome.REACHED: N_("Client reached"),
        CallBackOutcome.NOBODY: N_("Nobody reached"),
        CallBackOutcome.REPLIED: N_("Replied on the receipt page"),
    },
    Standing: {Standing.IN_PLACE: N_("In place"), Standing.PARTLY: N_("Partly"), Standing.MISSING: N_("Not in place")},
    Unasked: {
        Unasked.ANONYMOUS: N_("Nobody is asked: it came without a name, and stays without one."),
        Unasked.OBSERVED: N_("Nobody is asked: our own staff saw it."),
        Unasked.NOBODY: N_("Nobody is asked: it is not on record who raised it."),
        Unasked.OPTED_OUT: N_("Nobody is asked: this contact wants no surveys."),
        Unasked.RETIRED: N_("Nobody is asked: this contact is no longer with the client."),
        Unasked.RESTING: N_("Not asked yet: this contact was surveyed shortly before. It follows by itself."),
    },
    ActionKind: {ActionKind.CORRECTIVE: N_("Corrective"), ActionKind.PREVENTIVE: N_("Preventive")},
    LetterState: {
        LetterState.DRAFT: N_("Being worded"),
        LetterState.READY: N_("Ready to send"),
        LetterState.SENT: N_("Sent"),
    },
    ReportState: {
        ReportState.DRAFT: N_("Draft"),
        ReportState.REVIEW: N_("In review"),
        ReportState.ISSUED: N_("Issued"),
    },
    Word: {Word.APPROVE: N_("Approved"), Word.RETURN: N_("Returned"), Word.COMMENT: N_("Comment")},
    JobState: {
        JobState.WAITING: N_("Waiting"),
        JobState.RUNNING: N_("Running"),
        JobState.DONE: N_("Done"),
        JobState.FAILED: N_("Failed"),
    },
}


def get_term(code: StrEnum) -> str:
    """The English term of a code, a msgid of the catalogue; what people read comes of `name_code`."""
    return TERMS[type(code)][code]


def name_code(code: StrEnum, language: str, own_names: Callable[[], OwnNames]) -> str:
    """What people read for a code: the name that QA gave a dimension, else the glossary's term.

    `own_names` tells QA's names, and is asked for dimensions only: whoever names many reads them once.
    """
    if isinstance(code, Dimension) and (own := own_names().get(code, {}).get(language)):
        return own
    return name_as_shipped(code, language)


def name_as_shipped(code: StrEnum, language: str) -> str:
    """The glossary's term of a code."""
    return catalogue(language).gettext(get_term(code))


def read_code(kind: str, code: str) -> StrEnum:
    """A code as a job keeps it: with the name of its kind."""
    return next(codes(code) for codes in TERMS if codes.__name__ == kind)
