"""Every way in which the procedure says no: a name, and one sentence that says what to do.

Sentences are English msgids with named parameters; the edge translates them and picks the status.
"""

from __future__ import annotations

from csat.words import N_


class Refusal(Exception):
    """The procedure refuses. `facts` fill the sentence."""

    sentence = N_("That is not possible now.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.sentence)
        self.facts = facts

    def __str__(self) -> str:
        return self.sentence % self.facts if self.facts else self.sentence


class InputWrong(Refusal):
    """Something typed cannot be used. `field` names the field it belongs to."""

    def __init__(self, field: str = "", **facts: object) -> None:
        super().__init__(**facts)
        self.field = field


class NotFound(Refusal):
    sentence = N_("There is nothing at this address, or it is not yours to see.")


class NotPermitted(Refusal):
    sentence = N_("Your roles do not include this step.")


# --- links and answers -------------------------------------------------------------------------------


class LinkUnknown(Refusal):
    sentence = N_("We do not know this link. Please check that it was copied whole.")


class LinkUsed(Refusal):
    sentence = N_("This link has been used: its answer is with us already.")


class LinkExpired(Refusal):
    sentence = N_("The time to answer with this link is over.")


class LinkWithdrawn(Refusal):
    sentence = N_("This link was withdrawn.")


class ReceiptUnknown(Refusal):
    sentence = N_("We find no answer for this code. Please check it letter by letter.")


# --- people and access -------------------------------------------------------------------------------


class SignInWrong(Refusal):
    sentence = N_("User name and password do not match.")


class SignInThrottled(Refusal):
    sentence = N_("Too many tries. Please wait (%(minutes)s min) and try again.")


class WelcomeLinkExpired(Refusal):
    sentence = N_("This link was used or is too old. Ask an administrator for a new one.")


class PasswordWeak(InputWrong):
    sentence = N_("Please choose another password: %(reason)s")


class NameTaken(InputWrong):
    sentence = N_("“%(name)s” exists already. Please choose another name.")


class LastAdministrator(Refusal):
    sentence = N_("Somebody must remain administrator. Give the role to another person first.")


# --- separation of duties (I4) -----------------------------------------------------------------------


class DutyConflict(Refusal):
    """One person may not do both steps on the same record."""


class HandlerMayNotRecord(DutyConflict):
    sentence = N_("You handled this incident, so a colleague must record its survey.")


class HandlerMayNotTriage(DutyConflict):
    sentence = N_("You handled this incident, so a colleague must sort what was said about it.")


class RecorderMayNotVerify(DutyConflict):
    sentence = N_("You recorded this response, so a colleague must verify it.")


class HolderMayNotRead(DutyConflict):
    sentence = N_(
        "You had links of this survey in your hands (copied, printed or told), so colleagues read its anonymous "
        "answers: nobody shall be able to have written what they verify."
    )


class HolderMayNotRelease(DutyConflict):
    sentence = N_(
        "You had links of every survey that waits in your hands (copied, printed or told), so a colleague or the "
        "nightly round opens its answers."
    )


class RecorderMayNotCheck(DutyConflict):
    sentence = N_("You recorded this response, so a colleague must make its check call.")


class SecondPersonNeeded(DutyConflict):
    sentence = N_("A refusal needs a second person: a colleague of QA or the director must confirm it.")


class DoerMayNotConfirm(DutyConflict):
    sentence = N_("You or your department took part in these actions, so somebody else must confirm them.")


class DoerMayNotCheck(DutyConflict):
    sentence = N_("You or your department took part in this feedback, so somebody else must ask whether it is settled.")


class SupervisorOfSameDepartment(DutyConflict):
    sentence = N_("The supervisor of a plan must not belong to the department that makes it. Choose a colleague.")


class AffectedMayNotDecide(DutyConflict):
    sentence = N_("This is about you or your department, so somebody else must decide it.")


class PreparerMayNotSign(DutyConflict):
    sentence = N_("You prepared this report, so somebody else must sign it.")


class NoSelfGrant(DutyConflict):
    sentence = N_("Nobody changes their own roles. Ask another administrator.")


# --- out of order ------------------------------------------------------------------------------------


class OutOfOrder(Refusal):
    sentence = N_("This step is not possible now. The page shows where things stand and who acts next.")


class StillSealed(Refusal):
    sentence = N_("Fewer than %(k)s anonymous answers wait, so they stay sealed.")


class ValueMissing(InputWrong):
    sentence = N_("Please fill this in.")
