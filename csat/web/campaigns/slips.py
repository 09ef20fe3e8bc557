"""Slips to print for a campaign: chosen, downloaded once, and marked as handed over (P5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as Sent
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from csat import clock
from csat.documents import slips as paper
from csat.models.asking import Campaign, Channel
from csat.procedure.campaigns import campaigns, proposals, slips
from csat.procedure.campaigns.slips import Offered
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.web.access import me, open_to
from csat.web.campaigns.desk import address_of
from csat.web.formatting import zone
from csat.web.forms import StaffForm
from csat.web.language import locale

blueprint = Blueprint("slips", __name__, url_prefix="/campaigns")


class SlipsForm(StaffForm):
    with_name = BooleanField(_l("Print the contact's name on each slip"))


@blueprint.get("/<int:key>/slips")
@open_to("campaigns")
def choose(key: int) -> str:
    """Whose slips to print, or to mark as handed over."""
    campaign = campaigns.campaign_for(me(), key)
    return _page(campaign, SlipsForm(formdata=None), None)


@blueprint.post("/<int:key>/slips")
@open_to("campaigns")
def act(key: int) -> Any:
    """Send the slips of the ticked as a file that nobody keeps, or mark them as handed over."""
    campaign, form = campaigns.campaign_for(me(), key), SlipsForm()
    keys = [one for one in request.form.getlist("invitation", type=int) if 0 < one < 2**63]
    ticked = slips.chosen(campaign, _own(), keys)
    if not ticked:
        form.form_errors.append(gettext("Please tick at least one contact."))
    elif form.validate() and request.form.get("do") == "handed_over":
        return _handed_over(campaign, ticked)
    elif form.validate():
        made = form.take(slips.make, ticked, me(), clock.now())
        if made:
            return _file(campaign, made, with_name=form.with_name.data)
    return _page(campaign, form, {one.invitation.id for one in ticked}), 422


def _file(campaign: Campaign, made: list[Any], with_name: bool) -> Sent:
    """The PDF, straight to who asked: it holds the links, so it is kept nowhere."""
    provider = settings.provider()
    sheets = [paper.slip_of(one, address_of(token), provider, zone(), with_name) for one, token in made]
    content = paper.pdf(sheets, locale(), clock.now())
    name = f"slips-{Quarter.from_int(campaign.quarter)}-{campaign.id}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Sent(content, mimetype="application/pdf", headers=headers)


def _handed_over(campaign: Campaign, ticked: list[Offered]) -> Any:
    number = slips.hand_over(ticked, me(), clock.now())
    flash(
        ngettext("%(num)s slip is marked as handed over.", "%(num)s slips are marked as handed over.", number)
    )
    if number < len(ticked):
        flash(gettext("The others are not printed yet, or were handed over before."))
    return redirect(url_for("campaigns.show" if number else ".choose", key=campaign.id))


def _page(campaign: Campaign, form: SlipsForm, ticked: set[int] | None) -> str:
    offered = slips.offered(campaign, _own())
    if ticked is None:
        waiting = [one.invitation for one in offered if not one.delivered]
        meant = [one for one in waiting if one.channel == Channel.SLIP] or waiting
        ticked = {one.id for one in meant[: slips.MOST]}
    return render_template(
        "campaigns/slips.html",
        campaign=campaign,
        form=form,
        offered=offered,
        ticked=ticked,
        most=slips.MOST,
    )


def _own() -> set[int] | None:
    return proposals.clients_of(me(), zone(), clock.now())
