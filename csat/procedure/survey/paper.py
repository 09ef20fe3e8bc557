"""Printed forms come back: staff type them in; some are kept until a second person has typed them too (P5).

Without a name an answer goes sealed into the mailbox like any other, and nothing tells who typed it (decision 0183).
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from csat.database import write
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Channel, Invitation
from csat.models.paper import PaperComparison, PaperEntry
from csat.models.people import Person
from csat.procedure.campaigns import links, proposals
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import InputWrong, LinkExpired, LinkUnknown, LinkUsed, LinkWithdrawn, Refusal
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires import answers as answering
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import second_typing, submission
from csat.procedure.survey.second_typing import Safe, TypingsDiffer
from csat.procedure.survey.submission import FilledForm
from csat.procedure.survey.typed_paper import FIELDS, TypedPaper, compare_typings, questions_on_paper
from csat.words import N_


class CodeUnknown(InputWrong):
    sentence = N_("We know no printed form with this code. Please compare it with the paper, letter by letter.")


class FormOfOthers(InputWrong):
    sentence = N_("This form is of a client who is not in your care. Please give the paper to the service desk.")


class FormAnswered(InputWrong):
    sentence = N_("This form is with us already. If you have just sent it, nothing more is needed.")


class FormExpired(InputWrong):
    sentence = N_("The last day of this survey has passed, so the form can no longer be entered.")


class FormWithdrawn(InputWrong):
    sentence = N_("This form was withdrawn, so it cannot be entered.")


class FormBlank(Refusal):
    sentence = N_("Nothing is filled in. A form that came back blank is no answer, so it is not entered.")


def find_paper(typed: str) -> Invitation:
    """The invitation whose form has this code, in whatever state; raise CodeUnknown."""
    code = tokens.normalise_short_code(typed)
    try:
        return links.get_link(code).invitation
    except LinkUnknown as refusal:
        raise CodeUnknown("code") from refusal


def open_paper(typed: str, by: Person, now: datetime, zone: tzinfo) -> Invitation:
    """The invitation whose form has this code, if this person may enter it now; spends nothing."""
    code = tokens.normalise_short_code(typed)
    try:
        link = links.get_link(code)
        own = proposals.find_visible_clients(by, zone, now)
        if own is not None and link.invitation.client_id not in own:
            raise FormOfOthers("code")
        links.refuse_dead_link(link, now)
    except (LinkUnknown, LinkUsed, LinkExpired, LinkWithdrawn) as refusal:
        raise _DEAD_FORMS[type(refusal)]("code") from refusal
    separation_of_duties.ensure_may_record_survey(by, link.invitation.incident)
    separation_of_duties.ensure_may_record_check(by, link.invitation)
    second_typing.refuse_who_knows(link.invitation, by, now)
    return link.invitation


_DEAD_FORMS: dict[type[Refusal], type[InputWrong]] = {
    LinkUnknown: CodeUnknown,
    LinkUsed: FormAnswered,
    LinkExpired: FormExpired,
    LinkWithdrawn: FormWithdrawn,
}


def enter_paper(
    typed_code: str, typed: TypedPaper, by: Person, now: datetime, zone: tzinfo, safe: Safe, decided: bool = False
) -> bool:
    """Take what stands on a form; False when it waits to be typed by a second person.

    Raise TypingsDiffer where a second typing differs from the first and nobody `decided` it by the paper.
    """
    invitation = open_paper(typed_code, by, now, zone)
    _check_paper(invitation.campaign, typed)
    code = tokens.normalise_short_code(typed_code)
    entry = PaperEntry.get_or_none(PaperEntry.invitation == invitation)
    # In the last days who may not compare enters the form alone: no answer is lost, and no typing is shown to them.
    comparing = entry is not None and second_typing.find_conflict(entry, by) is None
    before = second_typing.load_typing(code, entry, safe) if entry is not None and comparing else None
    if entry is None or before is None:
        if second_typing.is_drawn(invitation, now):
            _keep_first_typing(code, invitation, typed, by, now, safe, entry)
            return False
        _store_paper(invitation, typed, by, now, safe)
        second_typing.forget_typing(code)
        return True
    differences = compare_typings(invitation.campaign.version, before, typed)
    if differences and not decided:
        raise TypingsDiffer(differences)
    _store_paper(invitation, typed, by, now, safe, (entry.by_id, sum(one.code not in FIELDS for one in differences)))
    second_typing.forget_typing(code)
    return True


def _keep_first_typing(code: str, invitation: Invitation, *kept: Any) -> None:
    try:
        second_typing.keep_typing(code, invitation, *kept)
    except LinkUsed as refusal:  # meanwhile
        raise FormAnswered("code") from refusal


def _check_paper(campaign: Campaign, typed: TypedPaper) -> None:
    answering.check_answers(questions_on_paper(campaign.version), typed.answers)
    submission.refuse_unoffered_naming(campaign, typed.anonymous, typed.name)
    if not typed.answers:
        raise FormBlank


def _store_paper(
    invitation: Invitation,
    typed: TypedPaper,
    by: Person,
    now: datetime,
    safe: Safe,
    compared: tuple[int, int] | None = None,
) -> None:
    # Nobody gets the receipt's code: who typed the paper shall not see again what became of it.
    code = tokens.make_submission_code()
    filled = FilledForm(typed.answers, typed.anonymous, code, typed.name, typed.reach, typed.name_client)
    sealed = b""
    if typed.anonymous:
        sealed = submission.seal_answer(invitation, filled, code, safe.seal_bytes, Channel.PAPER)
    with write():
        if not submission.spend_invitation(invitation):
            raise FormAnswered("code")
        if typed.anonymous:
            submission.put_into_mailbox(invitation.campaign, code, sealed)
        else:
            _store_named(invitation, filled, by, now)
        PaperEntry.delete().where(PaperEntry.invitation == invitation).execute()
        if compared is not None:
            first, differing = compared
            number = len(questionnaires.questions_of(invitation.campaign.version))
            PaperComparison.create(campaign=invitation.campaign, by=first, compared=number, differing=differing)


def _store_named(invitation: Invitation, filled: FilledForm, by: Person, now: datetime) -> None:
    response = submission.store_response(invitation, filled, Channel.PAPER, now, recorder=by)
    if invitation.contact_id is not None:
        Attempt.create(invitation=invitation, by=by, at=now, outcome=AttemptOutcome.ANSWERED)
    audit.record(by, "survey recorded", response, now, channel=Channel.PAPER.value)
