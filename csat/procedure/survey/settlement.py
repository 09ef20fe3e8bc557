"""What is kept of who has answered once a campaign is over and opened: counts per client (anonymity 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from peewee import chunked

from csat.database import write
from csat.models.answers import Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    Campaign,
    CampaignCount,
    CampaignState,
    Invitation,
    InvitationState,
    Link,
    Naming,
)
from csat.procedure.campaigns import response_counts
from csat.procedure.campaigns.counts import count_sealed_answers
from csat.procedure.incidents.delivery import STANDING

SETTLEABLE_STATES = (InvitationState.MADE, InvitationState.SENT, InvitationState.DONE, InvitationState.LATE)
BATCH_SIZE = 500


def settle_campaign(campaign: Campaign) -> None:
    """After a campaign's last release, turn who has answered into counts per client (anonymity 4)."""
    if campaign.state != CampaignState.CLOSED or campaign.naming == Naming.NAMED or count_sealed_answers(campaign):
        return
    with write():
        over = list_unnamed_invitations(campaign, SETTLEABLE_STATES)
        if not over:
            return
        for (client, state), number in sorted(_count_by_client(over, campaign).items(), key=str):
            CampaignCount.create(campaign=campaign, client=client, state=state, number=number)
        # The rows stay, all alike: an incident is asked once, and its link still leads to a page that says so.
        for keys in chunked([invitation.id for invitation in over], BATCH_SIZE):
            Invitation.update(state=InvitationState.OVER).where(Invitation.id.in_(keys)).execute()
        # Named answers, refusals and withdrawals are on record by name, so their links stay as they are.
        told = Invitation.select(Invitation.id).where(
            Invitation.campaign == campaign, Invitation.state != InvitationState.DONE
        )
        Link.update(spent=False).where(Link.spent, Link.invitation.in_(told)).execute()


def list_unnamed_invitations(campaign: Campaign, states: Iterable[InvitationState]) -> list[Invitation]:
    """The invitations in these states of which nothing but the state says whether they were answered."""
    by_name = Response.select(Response.contact, Response.incident).where(Response.campaign == campaign)
    named = {(row.contact_id, row.incident_id) for row in by_name}
    query = Invitation.select().where(Invitation.campaign == campaign, Invitation.state.in_(list(states)))
    # A printed form without a name has neither contact nor incident: what was answered by name stands at its attempts.
    answered = Attempt.select(Attempt.invitation).where(STANDING, Attempt.outcome == AttemptOutcome.ANSWERED)
    told = {row.invitation_id for row in answered.join(Invitation).where(Invitation.campaign == campaign)}
    named.discard((None, None))
    return [one for one in query if (one.contact_id, one.incident_id) not in named and one.id not in told]


def _count_by_client(
    invitations: Sequence[Invitation], campaign: Campaign
) -> Counter[tuple[int | None, InvitationState]]:
    """What is told of a campaign for ever, as its page tells it; of whom nothing is told, nothing is kept."""
    found = response_counts.count_responses(Campaign.id == campaign.id)[campaign.id]
    told = response_counts.decide_disclosure(found, campaign)
    own = {client for client in told.own if found[client].open}
    kept = own | (told.few if told.together else frozenset())
    shown = [one for one in invitations if one.client_id in kept]
    return Counter((one.client_id if one.client_id in own else None, one.state) for one in shown)
