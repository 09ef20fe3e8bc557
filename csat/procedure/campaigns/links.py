"""Links: what one opens, and whom it asks (Q2, Q5). What is promised there stands in `promise`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from csat.models.asking import OPEN_STATES, Campaign, Invitation, InvitationState, Link, Naming, Occasion
from csat.models.clients import Client, Contact, Incident
from csat.models.effect import ClosingCheck
from csat.models.feedback import Feedback
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns.invitation_states import shown_state
from csat.procedure.core import tokens
from csat.procedure.core.refusals import LinkExpired, LinkUnknown, LinkUsed, LinkWithdrawn


@dataclass(frozen=True)
class SurveyRequest:
    """What a link asks of whom: all the page needs to know."""

    invitation: Invitation
    campaign: Campaign
    client: Client | None
    invited: int  # people asked at this client in this campaign
    matter: Feedback | None = None  # of a check: what was closed

    @property
    def language(self) -> str | None:
        """The language the contact prefers."""
        return self.invitation.contact.language if self.invitation.contact else None

    @property
    def known_name(self) -> str:
        """Whose answer it is where only named ones are taken: nobody is asked for a name that we know (Q1)."""
        named = self.campaign.naming == Naming.NAMED and self.invitation.contact is not None
        return self.invitation.contact.name if named and self.invitation.contact else ""


def open_link(token: str, now: datetime) -> SurveyRequest:
    """What a link asks; raise LinkUnknown, LinkUsed, LinkExpired or LinkWithdrawn. Spends nothing (Q2)."""
    link = get_link(token)
    refuse_dead_link(link, now)
    return build_survey_request(link.invitation)


def build_survey_request(invitation: Invitation) -> SurveyRequest:
    """What an invitation asks of whom, whether or not it can still be answered."""
    campaign = invitation.campaign
    same = (Invitation.campaign == campaign) & (Invitation.client == invitation.client_id)
    # Asked twice, one person; all printed forms without a name count as one.
    invited = Invitation.select(Invitation.contact).where(same).distinct().count()
    check = ClosingCheck.get_or_none(invitation=invitation) if campaign.occasion == Occasion.CHECK else None
    return SurveyRequest(invitation, campaign, invitation.client, invited, check.feedback if check else None)


def get_link(token: str) -> Link:
    """A link, by its token or its short code, with its invitation and what belongs to that; raise LinkUnknown."""
    hashed = _hash_link(token)
    if not hashed:  # no search for what can be none
        raise LinkUnknown
    query = Link.select(Link, Invitation, Campaign, QuestionnaireVersion, Client, Contact, Incident)
    query = query.join(Invitation).join(Campaign).join(QuestionnaireVersion)
    for table in (Client, Contact, Incident):
        query = query.join_from(Invitation, table, JOIN.LEFT_OUTER)
    if link := query.where(Link.token_hash == hashed).first():
        return link
    raise LinkUnknown


def refuse_dead_link(link: Link, now: datetime) -> None:
    """Raise LinkUsed, LinkExpired or LinkWithdrawn where nothing can be answered any more (anonymity 9)."""
    invitation = link.invitation
    state, campaign = invitation.state, invitation.campaign
    answered = state == InvitationState.DONE
    if link.spent or (answered and campaign.naming == Naming.NAMED):
        raise LinkUsed
    if answered:  # staff may have made this link to look: it shows what it would without that answer
        state = shown_state(invitation)
    if state in (InvitationState.VOID, InvitationState.DENY):
        raise LinkWithdrawn
    if campaign.is_over(now) or (state not in OPEN_STATES and not answered):
        raise LinkExpired


def _hash_link(token: str) -> str:
    """What the store keeps of a token or short code; '' for what is neither."""
    if tokens.is_token(token):
        return tokens.hash_token(token)
    code = tokens.normalise_short_code(token)
    return tokens.hash_short_code(code) if code else ""
