"""How one answer per link is taken: sealed into the mailbox, or kept by name (Q2, Q3, P2, P5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from csat.database import write
from csat.models.answers import Answer, Duration, Mailbox, Response
from csat.models.asking import (
    OPEN_STATES,
    Attempt,
    AttemptOutcome,
    Campaign,
    Channel,
    Invitation,
    InvitationState,
    Link,
    Naming,
    Occasion,
)
from csat.models.base import random_key
from csat.models.effect import ClosingCheck
from csat.models.people import Person
from csat.procedure.campaigns.links import get_link, refuse_dead_link
from csat.procedure.core import audit, tokens
from csat.procedure.core.refusals import InputWrong, LinkUsed, OutOfOrder, ValueMissing
from csat.procedure.incidents import survey_clock
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires import answers as answering
from csat.procedure.questionnaires.answers import Answers
from csat.procedure.questionnaires.questionnaires import questions_of
from csat.procedure.survey import envelope
from csat.words import N_

Seal = Callable[[bytes, bytes], bytes]
MIN_SECONDS_PER_QUESTION = 2  # faster than anybody reads
FEW_QUESTIONS = 3  # so few, as in the check after closing, are read at a glance
LONG_DURATION = timedelta(minutes=30)


class NamingNotOffered(InputWrong):
    sentence = N_("Please choose how you want to answer.")


@dataclass(frozen=True)
class FilledForm:
    """A filled form. `name_client`: the organisation may be named even if that gives its author away."""

    answers: Answers
    anonymous: bool
    code: str
    name: str = ""
    reach: str = ""
    name_client: bool = False
    duration: Duration | None = None


@dataclass(frozen=True)
class Receipt:
    """An answer is with us: the code that is its receipt, and until when it waits if it is anonymous."""

    code: str
    waits_until: datetime | None


def submit_response(token: str, filled: FilledForm, now: datetime, seal: Seal) -> Receipt:
    """Take one answer; the same code again gets the same thanks, another answer LinkUsed (Q2, Q3)."""
    link = get_link(token)
    invitation = link.invitation
    known = find_earlier_receipt(filled.code, invitation)
    if known is not None:
        return known
    refuse_dead_link(link, now)
    code = filled.code if _is_usable_code(filled.code) else tokens.make_submission_code()
    _check_form(invitation.campaign, filled)
    sealed = seal_answer(invitation, filled, code, seal, _own_channel(invitation)) if filled.anonymous else b""
    with write():
        if not spend_invitation(invitation):
            return _find_receipt(filled.code, invitation) or _refuse_unusable_link(token, now)
        if filled.anonymous:  # sealed, in the one write that spends the invitation; no other trace (anonymity 2)
            put_into_mailbox(invitation.campaign, code, sealed)
        else:
            receipt = tokens.derive_number(code, "receipt")
            store_response(invitation, filled, _own_channel(invitation), now, receipt_hash=receipt)
            # Who answers with their name was reached, by whatever way (P1).
            survey_clock.mark_surveyed(invitation.incident_id, now)
    return Receipt(code, invitation.campaign.closes_at if filled.anonymous else None)


def find_earlier_receipt(code: str, invitation: Invitation) -> Receipt | None:
    """The thanks again, when an answer with this code came and the invitation is spent; else None."""
    return None if invitation.state in OPEN_STATES else _find_receipt(code, invitation)


def record_response(
    invitation: Invitation,
    answers: Answers,
    channel: Channel,
    by: Person,
    now: datetime,
    name: str = "",
    reach: str = "",
) -> Response:
    """Take down what was said on the telephone or in an interview, always named (P2, P5); not by who handled it."""
    if channel not in (Channel.TELEPHONE, Channel.INTERVIEW):
        raise OutOfOrder
    separation_of_duties.ensure_may_record_survey(by, invitation.incident)
    separation_of_duties.ensure_may_record_check(by, invitation)
    answering.check_spoken_answers(questions_of(invitation.campaign.version), answers)
    name = name or (invitation.contact.name if invitation.contact else "")
    filled = FilledForm(answers, anonymous=False, code="", name=name, reach=reach)
    with write():
        if not spend_invitation(invitation):
            # Tells who records that an answer came without a name; no other step does (decision 0010).
            raise OutOfOrder
        response = store_response(invitation, filled, channel, now, recorder=by)
        Attempt.create(invitation=invitation, by=by, at=now, outcome=AttemptOutcome.ANSWERED)
        survey_clock.mark_surveyed(invitation.incident_id, now)
        audit.record(by, "survey recorded", response, now, channel=channel.value)
    return response


def _own_channel(invitation: Invitation) -> Channel:
    """How what respondents send themselves came: by a link that was printed, whether on a slip or on a form (P5)."""
    return Channel.SLIP if invitation.channel == Channel.PAPER else invitation.channel


def classify_duration(seconds: float | None, questions: int) -> Duration | None:
    """How long a form was open, as one of three coarse classes (§7); None when nobody knows."""
    if seconds is None or seconds < 0:
        return None
    if questions > FEW_QUESTIONS and seconds < MIN_SECONDS_PER_QUESTION * questions:
        return Duration.HASTY
    return Duration.LONG if seconds > LONG_DURATION.total_seconds() else Duration.USUAL


def _refuse_unusable_link(token: str, now: datetime) -> NoReturn:
    refuse_dead_link(get_link(token), now)
    raise LinkUsed


def _is_usable_code(code: str) -> bool:
    """Whether a page's code is whole and new: a code belongs to one answer."""
    return bool(code) and tokens.normalise_submission_code(code) == code and _find_answer_of_code(code) is None


def _find_receipt(code: str, invitation: Invitation) -> Receipt | None:
    if not code or (place := _find_answer_of_code(code)) is None:
        return None
    anonymous = isinstance(place, Mailbox) or place.anonymous
    return Receipt(code, invitation.campaign.closes_at if anonymous else None)


def _find_answer_of_code(code: str) -> Mailbox | Response | None:
    return Mailbox.get_or_none(Mailbox.id == tokens.derive_number(code, "mailbox")) or Response.get_or_none(
        Response.receipt_hash == tokens.derive_number(code, "receipt")
    )


def _check_form(campaign: Campaign, filled: FilledForm) -> None:
    answering.check_answers(questions_of(campaign.version), filled.answers)
    refuse_unoffered_naming(campaign, filled.anonymous, filled.name)


def refuse_unoffered_naming(campaign: Campaign, anonymous: bool, name: str) -> None:
    """Raise NamingNotOffered where a campaign does not let people answer so, ValueMissing where a name is wanting."""
    if campaign.naming == (Naming.NAMED if anonymous else Naming.ANONYMOUS):
        raise NamingNotOffered("who")
    if not anonymous and not name:
        raise ValueMissing("name")


def seal_answer(invitation: Invitation, filled: FilledForm, code: str, seal: Seal, channel: Channel) -> bytes:
    """An answer without a name, sealed to its campaign: what came by mail is told as what came by link."""
    campaign = invitation.campaign
    content = envelope.Envelope(
        receipt=tokens.derive_number(code, "receipt"),
        client=invitation.client_id,
        person=envelope.identify_person(invitation),
        name_client=filled.name_client,
        channel=channel if channel in (Channel.SLIP, Channel.PAPER) else Channel.LINK,
        duration=filled.duration,
        answers=filled.answers,
        holders=envelope.find_holders(invitation),
    )
    return seal(bytes(campaign.public_key), envelope.pack_envelope(content, questions_of(campaign.version)))


def put_into_mailbox(campaign: Campaign, code: str, sealed: bytes) -> None:
    """Let a sealed answer wait for its release, in the caller's transaction."""
    Mailbox.insert(id=tokens.derive_number(code, "mailbox"), campaign=campaign, sealed=sealed).execute()


def spend_invitation(invitation: Invitation) -> bool:
    """Spend an invitation, once, with all links it has."""
    still_open = (Invitation.id == invitation.id) & Invitation.state.in_(OPEN_STATES)
    if Invitation.update(state=InvitationState.DONE).where(still_open).execute() != 1:
        return False  # whoever comes second changes no row (anonymity 2)
    Link.update(spent=True).where(Link.invitation == invitation.id).execute()
    return True


def store_response(
    invitation: Invitation, filled: FilledForm, channel: Channel, now: datetime, **more: Any
) -> Response:
    """A named response, with what its invitation fixed at asking; an incident's is of its quarter (F8)."""
    campaign, incident = invitation.campaign, invitation.incident
    response = Response.create(
        id=random_key(),
        version=campaign.version_id,
        quarter=(incident.quarter if incident else None) or campaign.quarter,
        client=invitation.client_id,
        channel=channel,
        anonymous=False,
        duration=filled.duration,
        campaign=campaign,
        contact=invitation.contact_id,
        incident=invitation.incident_id,
        manager=invitation.manager_id,
        department=invitation.department_id,
        engineer=invitation.engineer_id,
        received_at=now,
        respondent_name=filled.name,
        respondent_reach=filled.reach,
        **more,
    )
    keys = {question.code: question.id for question in questions_of(campaign.version)}
    rows = answering.build_answer_rows(response.id, keys, filled.answers)
    if rows:
        Answer.insert_many(rows).execute()
    if campaign.occasion == Occasion.CHECK:
        ClosingCheck.update(response=response).where(ClosingCheck.invitation == invitation.id).execute()
    if invitation.contact_id is None and incident is None:  # nothing of the response leads to its invitation
        Attempt.create(invitation=invitation, by=response.recorder, at=now, outcome=AttemptOutcome.ANSWERED)
    return response
