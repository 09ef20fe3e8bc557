"""Slips to print for a campaign: chosen, downloaded once, and marked as handed over (P5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as Sent
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from csat import clock
from csat.documents import slips as paper
from csat.models.asking import Campaign, Channel
from csat.procedure.campaigns import campaigns, slips
from csat.procedure.campaigns.slips import Slip
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.web.access import current_person, open_to
from csat.web.campaigns.survey_links import survey_link_url
from csat.web.choices import visible_clients
from csat.web.downloads import send_content
from csat.web.formatting import operator_zone
from csat.web.forms import StaffForm
from csat.web.language import current_locale
from csat.web.params import ticked_keys

blueprint = Blueprint("slips", __name__, url_prefix="/campaigns")


class SlipsForm(StaffForm):
    with_name = BooleanField(_l("Print the contact's name on each slip"))


@blueprint.get("/<int:key>/slips")
@open_to("campaigns")
def choose_slips(key: int) -> str:
    """Whose slips to print, or to mark as handed over."""
    campaign = campaigns.campaign_for(current_person(), key)
    return _render_slips(campaign, SlipsForm(formdata=None), None)


@blueprint.post("/<int:key>/slips")
@open_to("campaigns")
def print_or_hand_over(key: int) -> Any:
    """Send the slips of the ticked as a file that nobody keeps, or mark them as handed over."""
    campaign, form = campaigns.campaign_for(current_person(), key), SlipsForm()
    ticked = slips.get_chosen_slips(campaign, visible_clients(), ticked_keys("invitation"))
    if not ticked:
        form.form_errors.append(gettext("Please tick at least one contact."))
    elif form.validate() and request.form.get("do") == "handed_over":
        return _mark_handed_over(campaign, ticked)
    elif form.validate():
        made = form.take(slips.make_slips, ticked, current_person(), clock.now())
        if made:
            return _send_slips(campaign, made, with_name=form.with_name.data)
    return _render_slips(campaign, form, {one.invitation.id for one in ticked}), 422


def _send_slips(campaign: Campaign, made: list[Any], with_name: bool) -> Sent:
    """The PDF, straight to who asked: it holds the links, so it is kept nowhere."""
    provider = settings.get_provider_names()
    sheets = [
        paper.build_slip(one, survey_link_url(token), provider, operator_zone(), with_name) for one, token in made
    ]
    name = f"slips-{Quarter.from_int(campaign.quarter)}-{campaign.id}.pdf"
    return send_content(paper.render_pdf(sheets, current_locale(), clock.now()), name, "application/pdf")


def _mark_handed_over(campaign: Campaign, ticked: list[Slip]) -> ResponseReturnValue:
    number = slips.hand_over_slips(ticked, current_person(), clock.now())
    flash(ngettext("%(num)s slip is marked as handed over.", "%(num)s slips are marked as handed over.", number))
    if number < len(ticked):
        flash(gettext("The others were not printed by you, or were handed over before."))
    return redirect(url_for("campaigns.show_campaign" if number else ".choose_slips", key=campaign.id))


def _render_slips(campaign: Campaign, form: SlipsForm, ticked: set[int] | None) -> str:
    offered = slips.list_slips(campaign, visible_clients())
    if ticked is None:
        waiting = [one.invitation for one in offered if not one.delivered]
        meant = [one for one in waiting if one.channel == Channel.SLIP] or waiting
        ticked = {one.id for one in meant[: slips.MAX_SLIPS]}
    return render_template(
        "campaigns/slips.html", campaign=campaign, form=form, offered=offered, ticked=ticked, most=slips.MAX_SLIPS
    )
