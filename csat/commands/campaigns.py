"""Commands about campaigns."""

from __future__ import annotations

from datetime import date, datetime

import click

from csat import clock
from csat.adapters import sealing
from csat.commands.arguments import QuarterType
from csat.commands.group import csat
from csat.commands.opening import open_system
from csat.models.asking import Naming, Occasion
from csat.procedure.campaigns import campaigns, invitations, proposals, unproven_deliveries
from csat.procedure.core import audit
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires


@csat.group()
def campaign() -> None:
    """Rounds of asking."""


@campaign.command("handed-over")
def list_unproven() -> None:
    """List what is marked as handed over though no link was in hand and no mail had left; QA takes it back."""
    config, found = open_system(), list(unproven_deliveries.select_unproven_deliveries())
    for one in found:
        asked, by = one.invitation, one.by.name if one.by else "nobody of us"
        what = f"incident {asked.incident.number}" if asked.incident else f"campaign {asked.campaign_id}"
        click.echo(f"{what}: marked by {by} at {one.at.astimezone(config.timezone):%Y-%m-%d %H:%M}")
    click.echo(f"{len(found)} marked as handed over without a link.")


@campaign.command("open")
@click.argument("quarter", type=QuarterType())
@click.option("--closes", type=click.DateTime(["%Y-%m-%d"]), help="Last day to answer.")
def open_campaign(quarter: Quarter, closes: datetime | None) -> None:
    """Open the campaign of a QUARTER and invite every contact marked for it; print counts and gaps."""
    config, now, by = open_system(), clock.now(), audit.name_command_user()
    zone = config.timezone
    day: date = closes.date() if closes else campaigns.propose_last_day(quarter, zone, now)
    with sealing.create_key_or_undo(config.keys) as key:
        made = campaigns.open_campaign(
            Occasion.QUARTERLY,
            questionnaires.get_version_in_force(campaigns.QUESTIONNAIRE_CODES[Occasion.QUARTERLY], now),
            quarter,
            campaigns.closing_instant_of(day, zone),
            Naming.BOTH,
            key,
            by,
            now,
        )
    proposed = proposals.list_proposals(None, zone, now)
    contacts = [contact for one in proposed for contact in one.marked]
    invited, refused = invitations.invite_contacts(made, contacts, by, now, zone)
    click.echo(
        f"campaign {made.id} of {quarter} is open until {day}: "
        f"{len(invited)} contacts of {len({one.client_id for one in invited})} clients invited"
    )
    for one in proposed:
        for gap, who in one.missing:
            click.echo(f"gap: {one.client.name}: {f'{who}: ' if who else ''}{gap.value}")
    for contact, refusal in refused:
        click.echo(f"not invited: {contact.client.name}: {contact.name}: {refusal}")
