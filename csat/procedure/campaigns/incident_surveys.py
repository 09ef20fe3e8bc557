"""Surveying one closed incident: whom to ask about it, by which invitation, and what was tried (P1, P2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from csat.database import write
from csat.models.asking import Attempt, AttemptOutcome, Invitation, Occasion
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import campaigns, invitations
from csat.procedure.campaigns.invitation_states import is_given_up
from csat.procedure.campaigns.proposals import AskingGap, find_gap
from csat.procedure.clients import contacts
from csat.procedure.core import audit
from csat.procedure.core.guards import need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents.delivery import STANDING
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires import questionnaires
from csat.words import N_


class NotDueForSurvey(Refusal):
    sentence = N_("This incident is not to be surveyed: it is not closed yet, or was surveyed already.")


class NobodyToAsk(Refusal):
    sentence = N_("Nobody can be asked about this incident yet: name its client and contact first.")


class NotOptedOut(Refusal):
    sentence = N_("This contact has not opted out, so please ask them.")


class ClientMissing(InputWrong):
    sentence = N_("Please choose the client first.")


def find_invitation(incident: Incident, now: datetime) -> Invitation | None:
    """The incident's invitation, unless it was withdrawn or its campaign ended before anybody was reached."""
    invitation = Invitation.get_or_none(Invitation.incident == incident)
    return None if invitation is None or is_given_up(invitation, now) else invitation


def ensure_invitation(
    incident: Incident,
    make_key: Callable[[], bytes],
    by: Person | None,
    now: datetime,
    zone: tzinfo,
    *,
    opted_out: bool = False,
) -> Invitation:
    """The incident's invitation, made on need. Refuses its handler (P2), and what is not to be surveyed."""
    if by is not None:
        separation_of_duties.ensure_may_record_survey(by, incident)
    if known := find_invitation(incident, now):
        return known
    if incident.first_closed_at is None or incident.surveyed_at is not None:
        raise NotDueForSurvey
    contact = incident.contact
    if incident.client_id is None or contact is None:
        raise NobodyToAsk
    campaign = campaigns.ensure_standing_campaign(_quarter_to_ask(incident, now, zone), make_key, now, zone)
    return invitations.invite_contact(campaign, contact, by, now, incident=incident, zone=zone, opted_out=opted_out)


def close_as_refused(
    incident: Incident, make_key: Callable[[], bytes], by: Person, now: datetime, zone: tzinfo, note: str = ""
) -> Attempt:
    """Close the survey of a contact who opted out, in one step: a refusal, without anybody asking them (P2)."""
    if find_gap(incident.contact) != AskingGap.OPTED_OUT:
        raise NotOptedOut
    with write():
        invitation = ensure_invitation(incident, make_key, by, now, zone, opted_out=True)
        closed = invitations.record_attempt(invitation, AttemptOutcome.REFUSED, by, now, note=note)
        audit.record(by, "survey closed for an opt-out", incident, now)
    return closed


def record_attempt(
    incident: Incident,
    outcome: AttemptOutcome,
    make_key: Callable[[], bytes],
    by: Person,
    now: datetime,
    zone: tzinfo,
    again_at: datetime | None = None,
    note: str = "",
) -> Attempt:
    """Put down an attempt to reach the contact of an incident; the first one makes the invitation (P2)."""
    invitation = ensure_invitation(incident, make_key, by, now, zone)
    return invitations.record_attempt(invitation, outcome, by, now, again_at, note)


def get_questionnaire(incident: Incident, now: datetime, zone: tzinfo) -> QuestionnaireVersion:
    """The questionnaire that a telephone survey of an incident fills in; looking makes nothing."""
    if invitation := find_invitation(incident, now):
        return invitation.campaign.version
    if campaign := campaigns.find_campaign(Occasion.INCIDENT, _quarter_to_ask(incident, now, zone)):
        return campaign.version
    return questionnaires.get_version_in_force(campaigns.QUESTIONNAIRE_CODES[Occasion.INCIDENT], now)


def unmask_contact(incident: Incident, by: Person, now: datetime) -> tuple[str, str]:
    """E-mail and telephone of the contact, unmasked for the call; on record (D2). Refuses the incident's handler."""
    separation_of_duties.ensure_may_record_survey(by, incident)
    if incident.surveyed_at is not None:
        raise NotDueForSurvey
    if incident.contact is None:
        return "", ""
    return contacts.unmask_contact(incident.contact, by, now)


def name_contact(
    incident: Incident, client: Client | None, name: str, email: str, telephone: str, by: Person, now: datetime
) -> Contact:
    """Close a gap: whom to ask, and how. Only before anybody was asked, and never by the incident's handler (I4)."""
    separation_of_duties.ensure_may_record_survey(by, incident)
    client = client or incident.client
    if client is None:
        raise ClientMissing(field="client")
    with write():
        if incident.surveyed_at is not None or find_invitation(incident, now):  # or one could choose who answers
            raise NotDueForSurvey
        contact = _find_or_add_contact(client, name.strip(), email.strip(), telephone.strip(), by, now)
        Incident.update(client=client, contact=contact).where(Incident.id == incident.id).execute()
        audit.record(by, "contact of incident named", incident, now, client=client.id, contact=contact.id)
    return contact


def correct_telephone(incident: Incident, telephone: str, by: Person, now: datetime) -> None:
    """Put down the right number after a wrong one, to be called now; raise ValueMissing or NotDueForSurvey."""
    telephone = need_text(telephone, "telephone")
    with write():
        invitation, contact = find_invitation(incident, now), incident.contact
        if incident.surveyed_at is not None or invitation is None or contact is None:
            raise NotDueForSurvey
        contacts.change_contact(contact, contact.name, contact.email, telephone, contact.language, by, now)
        wrong = (Attempt.invitation == invitation) & (Attempt.outcome == AttemptOutcome.WRONG_NUMBER)
        Attempt.update(again_at=now).where(STANDING, wrong, Attempt.again_at.is_null()).execute()  # back on the list


def _find_or_add_contact(client: Client, name: str, email: str, telephone: str, by: Person, now: datetime) -> Contact:
    known = Contact.get_or_none(Contact.client == client, Contact.name == name, Contact.retired_at.is_null())
    if known is None:
        return contacts.add_contact(client, name, email, telephone, "zh", by, now)
    if email or telephone:  # what is not typed stays
        reach = (email or known.email, telephone or known.telephone)
        contacts.change_contact(known, name, *reach, known.language, by, now)
    return known


def _quarter_to_ask(incident: Incident, now: datetime, zone: tzinfo) -> Quarter:
    """That of the first closing; when its campaign is over, today's."""
    own = Quarter.of(incident.first_closed_at or now, zone)
    campaign = campaigns.find_campaign(Occasion.INCIDENT, own)
    return Quarter.of(now, zone) if campaign is not None and campaign.is_over(now) else own
