"""The work that prints forms: it makes their links and codes, and seals the file for the browser that asked (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from csat import clock
from csat.adapters import files, sealing
from csat.config import Config, load_config
from csat.documents import paper
from csat.models.asking import Campaign, Channel
from csat.models.base import Json
from csat.models.clients import Client
from csat.models.people import Person
from csat.procedure.campaigns import campaigns, paper_forms, proposals, slips
from csat.procedure.campaigns.paper_forms import PrintedForm
from csat.procedure.core import jobs, settings, uploads
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.uploads import UploadKind


@jobs.register_job(paper_forms.JOB_KIND)
def print_forms(arguments: Json, progress: jobs.JobProgress) -> Json:
    """Print the forms of contacts, or a stack of a client; nobody but who asked can open what is kept of it."""
    config, by, now = load_config(), Person.get_by_id(arguments["by"]), clock.now()
    campaign = campaigns.campaign_for(by, arguments["campaign"])
    made = _make_forms(campaign, arguments, by, now, config)
    sheets = paper.prepare_forms(
        campaign, made, arguments["lang"], config.base_url, config.timezone, arguments["named"]
    )
    pdf = paper.render_forms(sheets, settings.get_provider_names(), config.timezone, progress.reached)
    sealed = sealing.seal_bytes(bytes.fromhex(arguments["key"]), pdf)
    name = f"forms-{Quarter.from_int(campaign.quarter)}-{campaign.id}.pdf"
    place = files.keep_file(config.files, sealed)
    kept = uploads.store_upload(UploadKind.FORMS, place, name, sealed, by, now)
    return {"file": kept.id, "number": len(made)}


def _make_forms(
    campaign: Campaign, arguments: Json, by: Person, now: datetime, config: Config
) -> Sequence[PrintedForm]:
    if "client" in arguments:
        client = get_or_refuse(Client, arguments["client"])
        return paper_forms.print_stack(campaign, client, arguments["number"], by, now, config.timezone)
    own = proposals.find_visible_clients(by, config.timezone, now)
    chosen = slips.get_chosen_slips(campaign, own, arguments["invitations"], Channel.PAPER)
    return paper_forms.print_contact_forms(chosen, by, now)
