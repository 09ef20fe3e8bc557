"""The service desk's round: closed incidents that are still to be surveyed, and how to ask (P1, P2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from peewee import JOIN, ModelSelect

from csat.database import write
from csat.models.asking import Attempt, AttemptOutcome, Invitation, Occasion
from csat.models.base import Condition, expect_value
from csat.models.clients import Client, Contact, Incident
from csat.models.people import Department, Person
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import campaigns, invitations, phone_attempts
from csat.procedure.campaigns.invitations import attempts_of, is_given_up
from csat.procedure.campaigns.proposals import AskingGap, find_gap, mask_contact
from csat.procedure.clients import clients
from csat.procedure.core import audit
from csat.procedure.core.guards import get_or_refuse, need_text
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, Refusal
from csat.procedure.incidents.survey_clock import STILL_DUE
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires import questionnaires
from csat.words import N_

DUE_FILTERS = ("overdue", "today", "again", "gap", "skipped")  # what the list can be narrowed to


class NotDueForSurvey(Refusal):
    sentence = N_("This incident is not to be surveyed: it is not closed yet, or was surveyed already.")


class NobodyToAsk(Refusal):
    sentence = N_("Nobody can be asked about this incident yet: name its client and contact first.")


class ClientMissing(InputWrong):
    sentence = N_("Please choose the client first.")


@dataclass(frozen=True)
class DueIncident:
    """A closed incident to be surveyed: how it stands with the clock, what is missing, what was tried."""

    incident: Incident
    overdue: bool
    today: bool
    gap: AskingGap | None
    attempts: tuple[Attempt, ...]

    @property
    def reach(self) -> str:
        """How the contact can be reached, masked."""
        return mask_contact(self.incident.contact) if self.incident.contact else ""

    @property
    def askable(self) -> bool:
        """Whether somebody can be asked at all, if only by a link."""
        return self.gap in (None, AskingGap.NO_ADDRESS, AskingGap.WRONG_NUMBER)

    @property
    def callable(self) -> bool:
        """Whether there is a number to call."""
        contact = self.incident.contact
        return (
            self.askable
            and self.gap != AskingGap.WRONG_NUMBER
            and contact is not None
            and bool(contact.telephone)
        )

    @property
    def again_at(self) -> datetime | None:
        """When to call again, if the last attempt ended so."""
        return self.attempts[-1].again_at if self.attempts else None


def list_due_incidents(
    now: datetime, words: str = "", only: str = "", zone: tzinfo = UTC
) -> ModelSelect[Incident]:
    """A query of the closed incidents still to be surveyed, the least time left first; those that are to be
    called later come back at their time. `only` is one of ONLY; `words`: in number, title or client."""
    query = (
        _filter_incidents(now, only, zone)
        if only
        else select_still_due().where(Incident.id.not_in(phone_attempts.select_call_later(now)))
    )
    if words:
        found = Incident.number.contains(words) | Incident.title.contains(words)
        query = query.where(found | Client.name.contains(words) | Client.name_en.contains(words))
    return query.order_by(Incident.survey_due_at, Incident.id)


def list_later_calls(now: datetime) -> ModelSelect[Incident]:
    """A query of the incidents to be called again at a later time than now, the next one first."""
    query = select_still_due().join(Invitation, on=Invitation.incident == Incident.id).join(Attempt)
    query = query.where(Attempt.id.in_(phone_attempts.select_last_attempts()), Attempt.again_at > now)
    return query.order_by(Attempt.again_at, Incident.id)


def count_due_incidents(now: datetime, zone: tzinfo) -> dict[str, int]:
    """What the desk has before it: all, and as the list can be narrowed (ONLY)."""
    return {"all": select_still_due().count()} | {
        only: _filter_incidents(now, only, zone).count() for only in DUE_FILTERS
    }


def _filter_incidents(now: datetime, only: str, zone: tzinfo) -> ModelSelect[Incident]:
    tonight = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    until = Incident.survey_due_at
    if only == "skipped":  # of this quarter: earlier ones stand in its report
        skipped = (Incident.skipped_because != "") & Incident.surveyed_at.is_null()
        return _select_incidents().where(skipped, Incident.quarter == int(Quarter.of(now, zone)))
    return select_still_due().where(
        {
            "overdue": until <= now,
            "today": (until > now) & (until < tonight),
            "again": Incident.id.in_(phone_attempts.select_call_later(now))
            | Incident.id.in_(phone_attempts.select_call_promised(now)),
            "gap": _gap_condition(),
        }[only]
    )


def describe_incidents(incidents: list[Incident], now: datetime, zone: tzinfo) -> list[DueIncident]:
    """Incidents with what the desk needs to know of each."""
    asked = {one.incident_id: one for one in Invitation.select().where(Invitation.incident.in_(incidents))}
    attempts = attempts_of(asked.values())
    day = now.astimezone(zone).date()
    found = []
    for incident in incidents:
        invitation = asked.get(incident.id)
        tried = attempts[invitation.id] if invitation else []
        until = expect_value(incident.survey_due_at)
        ends_today = until > now and until.astimezone(zone).date() == day
        found.append(
            DueIncident(incident, until <= now, ends_today, find_incident_gap(incident, tried), tuple(tried))
        )
    return found


def find_incident_gap(incident: Incident, tried: Sequence[Attempt] = ()) -> AskingGap | None:
    """What keeps us from asking about an incident, or from calling again; it exempts nothing (P1)."""
    if incident.client_id is None:
        return AskingGap.NO_CLIENT
    wrong = bool(tried) and tried[-1].outcome == AttemptOutcome.WRONG_NUMBER and tried[-1].again_at is None
    return find_gap(incident.contact) or (AskingGap.WRONG_NUMBER if wrong else None)


def get_due_incident(key: int) -> Incident:
    """A closed incident that is to be surveyed, or was; raise NotFound for any other."""
    return get_or_refuse(Incident, key, Incident.first_closed_at.is_null(False))


def list_attempts(incident: Incident) -> list[Attempt]:
    """All attempts on an incident, those of a withdrawn invitation too, oldest first (P2)."""
    asked = list(Invitation.select().where(Invitation.incident == incident))
    return [one for tried in attempts_of(asked).values() for one in tried]


def find_invitation(incident: Incident, now: datetime) -> Invitation | None:
    """The incident's invitation, unless it was withdrawn or its campaign ended before anybody was reached."""
    invitation = Invitation.get_or_none(Invitation.incident == incident)
    return None if invitation is None or is_given_up(invitation, now) else invitation


def ensure_invitation(
    incident: Incident, make_key: Callable[[], bytes], by: Person, now: datetime, zone: tzinfo
) -> Invitation:
    """The incident's invitation, made on need, in the standing campaign of the quarter of its first closing;
    when that is over, in today's. Refuses its handler (P2), and an incident that is not to be surveyed."""
    separation_of_duties.ensure_may_record_survey(by, incident)
    known = find_invitation(incident, now)
    if known is not None:
        return known
    if incident.first_closed_at is None or incident.surveyed_at is not None:
        raise NotDueForSurvey
    contact = incident.contact
    if incident.client_id is None or contact is None:
        raise NobodyToAsk
    campaign = campaigns.ensure_standing_campaign(_quarter_to_ask(incident, now, zone), make_key, now, zone)
    return invitations.invite_contact(campaign, contact, by, now, incident=incident, zone=zone)


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
    invitation = find_invitation(incident, now)
    if invitation is not None:
        return invitation.campaign.version
    campaign = campaigns.find_campaign(Occasion.INCIDENT, _quarter_to_ask(incident, now, zone))
    return (
        campaign.version
        if campaign
        else questionnaires.get_version_in_force(campaigns.QUESTIONNAIRE_CODES[Occasion.INCIDENT])
    )


def unmask_contact(incident: Incident, by: Person, now: datetime) -> tuple[str, str]:
    """E-mail and telephone of the contact, unmasked for the call; the looking is on record (D2). Refuses the
    handler of the incident, and incidents that are surveyed already."""
    separation_of_duties.ensure_may_record_survey(by, incident)
    if incident.surveyed_at is not None:
        raise NotDueForSurvey
    if incident.contact is None:
        return "", ""
    return clients.unmask_contact(incident.contact, by, now)


def name_contact(
    incident: Incident,
    client: Client | None,
    name: str,
    email: str,
    telephone: str,
    by: Person,
    now: datetime,
) -> Contact:
    """Close a gap: say who is to be asked about an incident, and how. A known contact of the client with this
    name is taken, and gets the address typed; otherwise one is added. Only before anybody was asked, and
    never by the incident's handler (I4)."""
    separation_of_duties.ensure_may_record_survey(by, incident)
    client = client or incident.client
    if client is None:
        raise ClientMissing(field="client")
    with write():
        if incident.surveyed_at is not None or find_invitation(incident, now) is not None:
            raise NotDueForSurvey
        contact = _find_or_add_contact(client, name.strip(), email.strip(), telephone.strip(), by, now)
        Incident.update(client=client, contact=contact).where(Incident.id == incident.id).execute()
        audit.record(by, "contact of incident named", incident, now, client=client.id, contact=contact.id)
    return contact


def correct_telephone(incident: Incident, telephone: str, by: Person, now: datetime) -> None:
    """Put down another number of the contact, after a call to a wrong one; the incident is to be called now.
    Raise Missing without one, NotDue when there is nothing to call about any more."""
    telephone = need_text(telephone, "telephone")
    with write():
        invitation, contact = find_invitation(incident, now), incident.contact
        if incident.surveyed_at is not None or invitation is None or contact is None:
            raise NotDueForSurvey
        clients.change_contact(contact, contact.name, contact.email, telephone, contact.language, by, now)
        wrong = (Attempt.invitation == invitation) & (Attempt.outcome == AttemptOutcome.WRONG_NUMBER)
        Attempt.update(again_at=now).where(wrong, Attempt.again_at.is_null()).execute()


def _find_or_add_contact(
    client: Client, name: str, email: str, telephone: str, by: Person, now: datetime
) -> Contact:
    known = Contact.get_or_none(Contact.client == client, Contact.name == name, Contact.retired_at.is_null())
    if known is None:
        return clients.add_contact(client, name, email, telephone, "zh", by, now)
    if email or telephone:
        kept = {"email": email or known.email, "telephone": telephone or known.telephone}
        clients.change_contact(known, name, kept["email"], kept["telephone"], known.language, by, now)
    return known


def select_still_due() -> ModelSelect[Incident]:
    """A query of the closed incidents that are still to be surveyed (P1)."""
    return _select_incidents().where(STILL_DUE)


def _select_incidents() -> ModelSelect[Incident]:
    """Incidents, with what the list tells of them."""
    return (
        Incident.select(Incident, Client, Contact, Department)
        .join(Client, JOIN.LEFT_OUTER)
        .switch(Incident)
        .join(Contact, JOIN.LEFT_OUTER, on=Incident.contact)
        .switch(Incident)
        .join(Department, JOIN.LEFT_OUTER)
        .switch(Incident)
    )


def _gap_condition() -> Condition:
    """What `gap` tells of one incident, for a query that has joined the contact."""
    silent = (Contact.email == "") & (Contact.telephone == "")
    gone = Contact.retired_at.is_null(False) | Contact.opted_out_at.is_null(False)
    unknown = Incident.client.is_null() | Incident.contact.is_null()
    return unknown | silent | gone | Incident.id.in_(phone_attempts.select_wrong_number())


def _quarter_to_ask(incident: Incident, now: datetime, zone: tzinfo) -> Quarter:
    own = Quarter.of(incident.first_closed_at or now, zone)
    campaign = campaigns.find_campaign(Occasion.INCIDENT, own)
    return Quarter.of(now, zone) if campaign is not None and campaign.is_over(now) else own
