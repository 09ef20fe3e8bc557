"""Campaigns: opening one, inviting with the consequences said before, and what came back (P3, P4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired

from csat import clock
from csat.adapters import sealing
from csat.models.asking import Campaign, CampaignState, Channel, InvitationState, Naming, Occasion
from csat.procedure.campaigns import campaigns, counts, proposals
from csat.procedure.campaigns import progress as campaign_gaps
from csat.procedure.campaigns.counts import CampaignNumbers, CountLine
from csat.procedure.campaigns.invitation_states import attempts_of, shown_state
from csat.procedure.campaigns.proposals import ClientProposal
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.mail import invitations as mail_invitations
from csat.procedure.mail import outbox
from csat.procedure.questionnaires import questionnaires
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.campaigns.invitations import proposed_contacts
from csat.web.choices import visible_clients
from csat.web.formatting import list_terms, localised_text, operator_zone
from csat.web.forms import ButtonForm, StaffForm, limit_length, require_input, set_choices
from csat.web.pagination import paginate
from csat.web.params import parse_code

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("/")
@open_to("campaigns")
def list_campaigns() -> str:
    """All rounds of asking, the newest quarter first."""
    occasion, state = parse_code(Occasion, "occasion"), parse_code(CampaignState, "state")
    query = campaigns.list_campaigns(occasion, state)
    return render_template(
        "campaigns/list.html",
        list=paginate(query),
        occasion=occasion or "",
        state=state or "",
        occasions=Occasion,
        states=CampaignState,
    )


# --- opening -----------------------------------------------------------------------------------------


class CampaignForm(StaffForm):
    occasion = SelectField(_l("Occasion"))
    questionnaire = SelectField(_l("Questionnaire"))
    quarter = StringField(_l("Quarter"), require_input())
    closes_on = DateField(_l("Last day to answer"), [InputRequired(_l("Please enter a date."))])
    naming = SelectField(_l("Name or anonymous"))
    title = StringField(_l("Title"), [limit_length(200)])

    def offer(self) -> CampaignForm:
        """Give the selects their choices."""
        terms = dict(list_terms(Occasion))
        set_choices(self.occasion, [(one.value, terms[one.value]) for one in campaigns.MANUAL_OCCASIONS])
        set_choices(self.naming, list_terms(Naming))
        forms = questionnaires.list_offered_versions()
        set_choices(
            self.questionnaire, [(version.questionnaire.code, localised_text(version.title)) for version in forms]
        )
        return self


@blueprint.route("/open", methods=["GET", "POST"])
@open_to("campaigns")
def open_campaign() -> str | Response:
    """Open a round of asking; whom to invite comes next."""
    now = clock.now()
    quarter = Quarter.of(now, operator_zone())
    usual = {"quarter": str(quarter), "closes_on": campaigns.propose_last_day(quarter, operator_zone(), now)}
    form = CampaignForm(data={**usual, "questionnaire": "company"}).offer()
    if form.validate_on_submit():
        made = _open_from_form(form)
        if made:
            flash(gettext("The campaign is open. Nobody is invited yet: choose whom to ask."))
            return redirect(url_for("invitations.invite_contacts", key=made.id))
    return render_template("campaigns/open.html", form=form)


def _open_from_form(form: CampaignForm) -> Campaign | None:
    try:
        quarter = Quarter.parse(form.quarter.data)
    except ValueError:
        form.quarter.errors = [gettext("Please write the quarter like 2026Q3.")]
        return None
    return form.take(_open_campaign, form, quarter)


def _open_campaign(form: CampaignForm, quarter: Quarter) -> Campaign:
    with sealing.create_key_or_undo(current_config().keys) as key:
        return campaigns.open_campaign(
            Occasion(form.occasion.data),
            questionnaires.get_version_in_force(form.questionnaire.data),
            quarter,
            campaigns.closing_instant_of(form.closes_on.data, operator_zone()),
            Naming(form.naming.data),
            key,
            current_person(),
            clock.now(),
            form.title.data,
        )


# --- one campaign ------------------------------------------------------------------------------------


@blueprint.get("/<int:key>")
@open_to("campaigns")
def show_campaign(key: int) -> str:
    """A campaign: who has not been asked, what came back in numbers, and its invitations."""
    campaign = campaigns.campaign_for(current_person(), key)
    own = visible_clients()
    counted = counts.count_campaign(campaign)
    progress = _client_progress(campaign, counted, own)
    list_ = paginate(campaigns.list_invitations(campaign, own))
    attempts = attempts_of(list_.rows)
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        over=campaign.is_over(clock.now()),
        counted=counted,
        sealed=counts.count_sealed_answers(campaign),
        progress=progress,
        care=campaign_gaps.list_manager_progress((proposal, line) for _, proposal, line in progress if proposal),
        list=list_,
        states={one.id: shown_state(one, attempts[one.id]) for one in list_.rows},
        closed_states=(InvitationState.VOID, InvitationState.DENY, InvitationState.DONE),
        masked=proposals.mask_contact,
        standing=campaign.occasion in campaigns.STANDING_OCCASIONS,
        listed=campaign.occasion != Occasion.INCIDENT,
        may_close=campaigns.may_close_campaign(current_person(), campaign),
        mails=outbox.find_last_mails(list_.rows),
        reminders=mail_invitations.list_reminder_rounds(campaign),
        channels=Channel,
    )


def _client_progress(
    campaign: Campaign, counted: CampaignNumbers, own: set[int] | None
) -> list[tuple[object, ClientProposal | None, CountLine | None]]:
    """Each client proposed or invited: (client, its proposal, its numbers); not asked ones first."""
    lines = {line.client.id: line for line in counted.lines if line.client}
    proposed = {}
    if campaign.occasion == Occasion.QUARTERLY and campaign.state == CampaignState.OPEN:
        proposed = {one.client.id: one for one in proposed_contacts()}
    rows: list[tuple[Any, ClientProposal | None, CountLine | None]]
    rows = [(one.client, one, lines.get(one.client.id)) for one in proposed.values()]
    rows += [(line.client, None, line) for line in counted.lines if line.client and line.client.id not in proposed]
    mine = [row for row in rows if own is None or row[0].id in own]
    return sorted(mine, key=lambda row: (bool(row[2] and row[2].delivered), bool(row[2])))


# --- closing -----------------------------------------------------------------------------------------


@blueprint.route("/<int:key>/close", methods=["GET", "POST"])
@open_to("campaigns")
def close_campaign(key: int) -> str | Response:
    """Close a campaign before its day, asking first: for who opened it, and QA."""
    campaign, form = campaigns.campaign_for(current_person(), key), ButtonForm()
    if not campaigns.may_close_campaign(current_person(), campaign):
        raise NotPermitted
    if form.validate_on_submit() and form.take(campaigns.close_campaign, campaign, current_person(), clock.now()):
        flash(gettext("The campaign is closed. Its links no longer work."))
        return redirect(url_for(".show_campaign", key=key))
    return render_template("campaigns/close.html", form=form, campaign=campaign)
