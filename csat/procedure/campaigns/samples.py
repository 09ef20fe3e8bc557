"""A survey that asks nobody: what a preview of a form shows around its questions. It is in no table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from csat.models.asking import Campaign, Invitation, Naming, Occasion
from csat.models.base import Localised
from csat.models.clients import Client, Contact, Incident
from csat.models.feedback import Feedback, IssueType
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns.campaigns import QUESTIONNAIRE_CODES, closing_instant_of, propose_last_day
from csat.procedure.campaigns.links import SurveyRequest
from csat.procedure.campaigns.promise import FEW_FACTOR
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter


@dataclass(frozen=True)
class SampleNames:
    """What the invented ones are called, in the language of who looks; each says that it is invented."""

    client: str
    contact: str
    incident: str
    matter: str
    language: str


def build_sample_request(
    version: QuestionnaireVersion, code: str, naming: Naming, names: SampleNames, now: datetime, zone: tzinfo
) -> SurveyRequest:
    """What a link of an ordinary campaign with this form would ask today, of an invented contact."""
    occasion = next((one for one, form in QUESTIONNAIRE_CODES.items() if form == code), Occasion.PROJECT)
    quarter, k = Quarter.of(now, zone), settings.get_whole_number("anonymous_least")
    campaign = Campaign(
        occasion=occasion,
        version=version,
        quarter=int(quarter),
        naming=naming,
        k=k,
        closes_at=closing_instant_of(propose_last_day(quarter, zone, now), zone),
    )
    client = Client(name=names.client)
    contact = Contact(client=client, name=names.contact, language=names.language)
    incident = _build_incident(names, now) if occasion is Occasion.INCIDENT else None
    invitation = Invitation(campaign=campaign, client=client, contact=contact, incident=incident)
    matter = _build_matter(names, now) if occasion is Occasion.CHECK else None
    return SurveyRequest(invitation, campaign, client, FEW_FACTOR * k, matter)


def list_namings(code: str) -> list[Naming]:
    """How surveys with this form let people answer: the check after closing asks by name only (P4)."""
    return [Naming.NAMED] if code == QUESTIONNAIRE_CODES[Occasion.CHECK] else list(Naming)


def _build_incident(names: SampleNames, now: datetime) -> Incident:
    return Incident(number="INC-0000", title=names.incident, first_closed_at=now - timedelta(days=1))


def _build_matter(names: SampleNames, now: datetime) -> Feedback:
    told = IssueType(name=Localised({names.language: names.matter}))
    return Feedback(id=0, issue_type=told, created_at=now - timedelta(days=30))
