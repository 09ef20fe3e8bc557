"""Campaigns: rounds of asking (P1, P3, P4). Each quarter has one standing incident campaign, made on need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.asking import OPEN_STATES, Campaign, CampaignState, Invitation, InvitationState, Naming, Occasion
from csat.models.base import expect_value
from csat.models.people import Person
from csat.models.questionnaires import QuestionnaireVersion, VersionState
from csat.procedure.campaigns.proposals import find_visible_clients
from csat.procedure.core import audit, settings
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import InputWrong, NotFound, NotPermitted, Refusal, ValueMissing
from csat.procedure.people import permissions
from csat.procedure.questionnaires import questionnaires
from csat.words import N_

QUESTIONNAIRE_CODES = {Occasion.INCIDENT: "incident", Occasion.QUARTERLY: "company", Occasion.CHECK: "check"}
OCCASIONS_TO_NAME = (Occasion.PROJECT, Occasion.EVENT)
STANDING_OCCASIONS = (Occasion.INCIDENT, Occasion.CHECK)  # one each quarter, made on need
MANUAL_OCCASIONS = (Occasion.QUARTERLY, Occasion.PROJECT, Occasion.YEARLY, Occasion.EVENT)


class ClosesTooEarly(InputWrong):
    sentence = N_("This closing day has passed or is today. Please choose a later one.")


class QuarterlyCampaignExists(InputWrong):
    sentence = N_("%(quarter)s has its quarterly campaign already. Please invite in that one.")


class NotThisRound(InputWrong):
    sentence = N_("The quarterly campaign is opened for this quarter or the one before. Please choose one of the two.")


class VersionNotPublished(InputWrong):
    sentence = N_("This questionnaire is not published yet.")


class VersionNotInForce(InputWrong):
    sentence = N_("This version is not in force yet, or its questionnaire is out of use. Please choose another.")


class OtherQuestionnaire(InputWrong):
    sentence = N_("The quarterly campaign asks with the company questionnaire. Please choose it, or another occasion.")


class OccasionMissing(ValueMissing):
    sentence = N_("Please say which project stage or event it is, so that the occasion is on record.")


class StandingCampaignStays(Refusal):
    sentence = N_("The campaigns for incidents and for checks end by themselves after their quarter.")


class CampaignAlreadyClosed(Refusal):
    sentence = N_("This campaign is closed already.")


def open_campaign(
    occasion: Occasion,
    version: QuestionnaireVersion,
    quarter: Quarter,
    closes_at: datetime,
    naming: Naming,
    public_key: bytes,
    by: audit.Actor,
    now: datetime,
    title: str = "",
) -> Campaign:
    """Open a round of asking; the least number opened together (k) is frozen on it (F4)."""
    if closes_at <= now:
        raise ClosesTooEarly(field="closes_on")
    if version.state != VersionState.PUBLISHED:
        raise VersionNotPublished(field="questionnaire")
    if version.questionnaire.retired_at is not None or expect_value(version.in_force_at) > now:
        raise VersionNotInForce(field="questionnaire")
    if occasion is Occasion.QUARTERLY and version.questionnaire.code != QUESTIONNAIRE_CODES[occasion]:
        raise OtherQuestionnaire(field="questionnaire")  # or its answers could not be compared by quarter (P3)
    if occasion in OCCASIONS_TO_NAME and not title.strip():
        raise OccasionMissing(field="title")
    with write():
        if occasion is Occasion.QUARTERLY and find_campaign(occasion, quarter):
            raise QuarterlyCampaignExists(field="quarter", quarter=str(quarter))
        made = Campaign.create(
            occasion=occasion,
            title=title.strip(),
            version=version,
            quarter=int(quarter),
            naming=naming,
            k=settings.get_whole_number("anonymous_least"),
            public_key=public_key,
            opened_by=by if isinstance(by, Person) else None,
            opened_at=now,
            closes_at=closes_at,
        )
        audit.record(by, "campaign opened", made, now, occasion=occasion.value, quarter=str(quarter))
    return made


def open_round(
    quarter: Quarter,
    closes_at: datetime,
    naming: Naming,
    public_key: bytes,
    by: audit.Actor,
    now: datetime,
    zone: tzinfo,
) -> Campaign:
    """Open the campaign of a quarterly round (P3), with the company questionnaire in force; no round lies elsewhere."""
    today = Quarter.of(now, zone)
    if quarter not in (today, today.plus(-1)):
        raise NotThisRound(field="quarter")
    version = questionnaires.get_version_in_force(QUESTIONNAIRE_CODES[Occasion.QUARTERLY], now)
    return open_campaign(Occasion.QUARTERLY, version, quarter, closes_at, naming, public_key, by, now)


def ensure_standing_campaign(quarter: Quarter, make_key: Callable[[], bytes], now: datetime, zone: tzinfo) -> Campaign:
    """The quarter's one campaign for incidents, made on need: two processes get the same one."""
    return _ensure_campaign(Occasion.INCIDENT, Naming.BOTH, quarter, make_key, now, zone)


def ensure_check_campaign(quarter: Quarter, now: datetime, zone: tzinfo) -> Campaign:
    """The quarter's one campaign for the checks after closing (P4), made on need."""
    # It asks by name: nothing is ever sealed to it, so it has no key.
    return _ensure_campaign(Occasion.CHECK, Naming.NAMED, quarter, bytes, now, zone)


def _ensure_campaign(
    occasion: Occasion, naming: Naming, quarter: Quarter, make_key: Callable[[], bytes], now: datetime, zone: tzinfo
) -> Campaign:
    if known := find_campaign(occasion, quarter):
        return known
    version = questionnaires.get_version_in_force(QUESTIONNAIRE_CODES[occasion], now)
    # A key is a file: it is made before the transaction, and that of whoever came second is never used.
    public_key, closes_at = make_key(), _usual_end(quarter, zone, now)
    with write():
        return find_campaign(occasion, quarter) or open_campaign(
            occasion, version, quarter, closes_at, naming, public_key, None, now
        )


def _usual_end(quarter: Quarter, zone: tzinfo, now: datetime) -> datetime:
    # Days after the quarter, so that its last incidents can be asked about; of one long past, from now.
    return max(quarter.end(zone), now) + timedelta(days=settings.get_whole_number("campaign_days"))


def closing_instant_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a local closing day ends."""
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)


def propose_last_day(quarter: Quarter, zone: tzinfo, now: datetime) -> date:
    """The closing day proposed for a campaign of a quarter: some days (setting) after it, or from now."""
    return (_usual_end(quarter, zone, now) - timedelta(microseconds=1)).astimezone(zone).date()


def close_campaign(campaign: Campaign, by: audit.Actor, now: datetime) -> None:
    """Close a campaign before its day: its links die. For who opened it, and QA; refuses the standing ones."""
    if isinstance(by, Person) and not may_close_campaign(by, campaign):
        raise NotPermitted
    if campaign.occasion in STANDING_OCCASIONS:
        raise StandingCampaignStays
    with write():
        if Campaign.get_by_id(campaign.id).state == CampaignState.CLOSED:  # meanwhile, by the daily round
            raise CampaignAlreadyClosed
        _end_campaign(campaign, by, now)


def may_close_campaign(person: Person, campaign: Campaign) -> bool:
    """Whether a person opened this campaign, or is of QA."""
    return person.id == campaign.opened_by_id or permissions.has_permission(person, "review")


def close_expired_campaigns(now: datetime) -> int:
    """Close the campaigns whose day has come; their open invitations become LATE. Return how many."""
    with write():
        over = list(Campaign.select().where(Campaign.state == CampaignState.OPEN, Campaign.closes_at <= now))
        for campaign in over:
            _end_campaign(campaign, None, now)
    return len(over)


def campaign_for(person: Person, key: int) -> Campaign:
    """A campaign, for who may see campaigns; raise NotFound. Its rows: `find_visible_clients`."""
    if not permissions.has_permission(person, "campaigns"):
        raise NotPermitted
    return get_or_refuse(Campaign, key)


def invitation_for(person: Person, key: int, zone: tzinfo, now: datetime) -> Invitation:
    """An invitation of the clients in a person's care, or any for desk and QA; raise NotFound."""
    invitation, own = get_or_refuse(Invitation, key), find_visible_clients(person, zone, now)
    theirs = own is None or invitation.client_id in own
    if not theirs or not permissions.has_permission(person, "campaigns"):
        raise NotFound  # not 'not permitted': that would say that there is one
    return invitation


def list_invitations(campaign: Campaign, own: set[int] | None) -> ModelSelect[Invitation]:
    """The invitations of a campaign, of these clients or (None) of all, sorted by client and contact."""
    query = campaign.invitations.order_by(Invitation.client, Invitation.contact, Invitation.id)
    return query if own is None else query.where(Invitation.client.in_(own))


def list_campaigns(occasion: Occasion | None = None, state: CampaignState | None = None) -> ModelSelect[Campaign]:
    """Campaigns, the newest quarter first."""
    query = Campaign.select(Campaign, QuestionnaireVersion).join(QuestionnaireVersion)
    if occasion is not None:
        query = query.where(Campaign.occasion == occasion)
    if state is not None:
        query = query.where(Campaign.state == state)
    return query.order_by(Campaign.quarter.desc(), Campaign.id.desc())


def find_campaign(occasion: Occasion, quarter: Quarter) -> Campaign | None:
    """The campaign of a quarter for an occasion that has one each quarter."""
    return Campaign.get_or_none(Campaign.occasion == occasion, Campaign.quarter == int(quarter))


def _end_campaign(campaign: Campaign, by: audit.Actor, now: datetime) -> None:
    Campaign.update(state=CampaignState.CLOSED, closed_at=now).where(Campaign.id == campaign.id).execute()
    Invitation.update(state=InvitationState.LATE).where(
        Invitation.campaign == campaign, Invitation.state.in_(OPEN_STATES)
    ).execute()
    audit.record(by, "campaign closed", campaign, now)
