"""Campaigns: opening one, inviting with the consequences said before, and what came back (P3, P4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, StringField
from wtforms.validators import InputRequired

from csat import clock
from csat.adapters import sealing
from csat.models.asking import Campaign, CampaignState, Channel, Invitation, InvitationState, Naming, Occasion
from csat.models.clients import Contact
from csat.procedure.campaigns import campaigns, counts, proposals
from csat.procedure.campaigns import progress as campaign_gaps
from csat.procedure.campaigns.counts import Counts, Line
from csat.procedure.campaigns.invitations import attempts_of, shown_state
from csat.procedure.campaigns.proposals import Proposed
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotYours
from csat.procedure.mail import invitations, outbox
from csat.procedure.questionnaires import questionnaires
from csat.web.access import me, open_to
from csat.web.campaigns.desk import address_of
from csat.web.errors import say
from csat.web.formatting import terms_of, text, today, zone
from csat.web.forms import PlainForm, StaffForm, at_most, choose, needed
from csat.web.pagination import slice_of

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("/")
@open_to("campaigns")
def index() -> str:
    """All rounds of asking, the newest quarter first."""
    occasion, state = request.args.get("occasion", ""), request.args.get("state", "")
    query = campaigns.listed(
        Occasion(occasion) if occasion in list(Occasion) else None,
        CampaignState(state) if state in list(CampaignState) else None,
    )
    return render_template(
        "campaigns/list.html",
        list=slice_of(query),
        occasion=occasion,
        state=state,
        occasions=Occasion,
        states=CampaignState,
    )


# --- opening -----------------------------------------------------------------------------------------


class OpenForm(StaffForm):
    occasion = SelectField(_l("Occasion"))
    questionnaire = SelectField(_l("Questionnaire"))
    quarter = StringField(_l("Quarter"), needed())
    closes_on = DateField(_l("Last day to answer"), [InputRequired(_l("Please enter a date."))])
    naming = SelectField(_l("Name or anonymous"))
    title = StringField(_l("Title"), [at_most(200)])

    def offer(self) -> OpenForm:
        """Give the selects their choices."""
        terms = dict(terms_of(Occasion))
        choose(self.occasion, [(one.value, terms[one.value]) for one in campaigns.BY_HAND])
        choose(self.naming, terms_of(Naming))
        forms = questionnaires.offered()
        choose(self.questionnaire, [(version.questionnaire.code, text(version.title)) for version in forms])
        return self


@blueprint.route("/open", methods=["GET", "POST"])
@open_to("campaigns")
def open_campaign() -> str | Response:
    """Open a round of asking; whom to invite comes next."""
    now = clock.now()
    quarter = Quarter.of(now, zone())
    usual = {"quarter": str(quarter), "closes_on": campaigns.last_day(quarter, zone(), now)}
    form = OpenForm(data={**usual, "questionnaire": "company"}).offer()
    if form.validate_on_submit():
        made = _opened(form)
        if made:
            flash(gettext("The campaign is open. Nobody is invited yet: choose whom to ask."))
            return redirect(url_for(".invite", key=made.id))
    return render_template("campaigns/open.html", form=form)


def _opened(form: OpenForm) -> Campaign | None:
    try:
        quarter = Quarter.parse(form.quarter.data)
    except ValueError:
        form.quarter.errors = [gettext("Please write the quarter like 2026Q3.")]
        return None
    return form.take(_open, form, quarter)


def _open(form: OpenForm, quarter: Quarter) -> Campaign:
    with sealing.new_key(current_app.config["CSAT"].keys) as key:
        return campaigns.open_(
            Occasion(form.occasion.data),
            questionnaires.in_force(form.questionnaire.data),
            quarter,
            campaigns.closing_of(form.closes_on.data, zone()),
            Naming(form.naming.data),
            key,
            me(),
            clock.now(),
            form.title.data,
        )


# --- one campaign ------------------------------------------------------------------------------------


@blueprint.get("/<int:key>")
@open_to("campaigns")
def show(key: int) -> str:
    """A campaign: who has not been asked, what came back in numbers, and its invitations."""
    campaign = campaigns.campaign_for(me(), key)
    own = proposals.clients_of(me(), zone(), clock.now())
    counted = campaigns.counts(campaign)
    progress = _progress(campaign, counted, own)
    list_ = slice_of(campaigns.invitations(campaign, own))
    attempts = attempts_of(list_.rows)
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        over=campaign.state == CampaignState.CLOSED or campaign.closes_at <= clock.now(),
        counted=counted,
        sealed=counts.sealed(campaign),
        progress=progress,
        care=campaign_gaps.by_manager((proposal, line) for _, proposal, line in progress if proposal),
        list=list_,
        states={one.id: shown_state(one, attempts[one.id]) for one in list_.rows},
        closed_states=(InvitationState.VOID, InvitationState.DENY, InvitationState.DONE),
        masked=proposals.masked,
        standing=campaign.occasion in campaigns.STANDING,
        listed=campaign.occasion != Occasion.INCIDENT,
        may_close=campaigns.may_close(me(), campaign),
        mails=outbox.of_invitations(list_.rows),
        reminders=invitations.reminders_of(campaign),
        channels=Channel,
    )


def _progress(
    campaign: Campaign, counted: Counts, own: set[int] | None
) -> list[tuple[Any, Proposed | None, Line | None]]:
    """Each client proposed or invited: (client, its proposal, its numbers); not asked ones first."""
    lines = {line.client.id: line for line in counted.lines if line.client}
    proposed = {}
    if campaign.occasion == Occasion.QUARTERLY and campaign.state == CampaignState.OPEN:
        proposed = {one.client.id: one for one in _proposal()}
    rows: list[tuple[Any, Proposed | None, Line | None]]
    rows = [(one.client, one, lines.get(one.client.id)) for one in proposed.values()]
    rows += [
        (line.client, None, line) for line in counted.lines if line.client and line.client.id not in proposed
    ]
    mine = [row for row in rows if own is None or row[0].id in own]
    return sorted(mine, key=lambda row: (bool(row[2] and row[2].delivered), bool(row[2])))


def _proposal() -> list[Proposed]:
    """The quarterly proposal: a manager's own clients, everybody's for desk and QA (P3)."""
    sees_all = proposals.clients_of(me(), zone(), clock.now()) is None
    return campaigns.proposal(None if sees_all else me(), zone(), clock.now())


# --- inviting ----------------------------------------------------------------------------------------


@blueprint.route("/<int:key>/invite", methods=["GET", "POST"])
@open_to("campaigns")
def invite(key: int) -> str | Response:
    """Choose contacts, see what it means, invite them."""
    campaign, form = campaigns.campaign_for(me(), key), PlainForm()
    words = request.values.get("q", "").strip()
    proposed, invited = _to_choose(campaign, words), _invited(campaign)
    chosen = _chosen()
    if form.validate_on_submit():
        if chosen and request.form.get("do") == "invite":
            return _invite(campaign, chosen)
        if not chosen:
            form.form_errors.append(gettext("Please tick at least one contact."))
    elif campaign.occasion == Occasion.QUARTERLY:
        before = {row.contact_id for row in campaign.invitations}  # who was withdrawn is chosen by hand only
        chosen = [contact for one in proposed for contact in one.contacts if contact.id not in before]
    return render_template(
        "campaigns/invite.html",
        campaign=campaign,
        form=form,
        proposed=proposed,
        invited=invited,
        ticked={contact.id for contact in chosen},
        consequences=proposals.consequences(campaign, chosen),
        words=words,
        masked=proposals.masked,
    )


def _to_choose(campaign: Campaign, words: str) -> list[Proposed]:
    if campaign.occasion == Occasion.QUARTERLY:
        return _proposal()
    own = proposals.clients_of(me(), zone(), clock.now())
    return proposals.propose(proposals.search_clients(words, own), today())


def _invited(campaign: Campaign) -> set[int]:
    """The contacts who have an invitation that was not withdrawn."""
    rows = list(campaign.invitations)
    attempts = attempts_of(rows)
    return {row.contact_id for row in rows if shown_state(row, attempts[row.id]) != InvitationState.VOID}


def _chosen() -> list[Contact]:
    keys = [int(key) for key in request.form.getlist("contact") if key.isdecimal() and len(key) < 19]
    return proposals.contacts_to_ask(me(), keys, zone(), clock.now()) if keys else []


def _invite(campaign: Campaign, chosen: list[Contact]) -> Response:
    made, refused = campaigns.invite_all(campaign, chosen, me(), clock.now(), zone())
    flash(ngettext("%(num)s contact is invited.", "%(num)s contacts are invited.", len(made)))
    for contact, refusal in refused:
        flash(f"{contact.name}: {say(refusal)}", "bad")
    return redirect(url_for(".show", key=campaign.id))


# --- one invitation ----------------------------------------------------------------------------------


@blueprint.post("/invitations/<int:key>/link")
@open_to("campaigns")
def link(key: int) -> str:
    """Make a link and show it, this once."""
    invitation = campaigns.invitation_for(me(), key, zone(), clock.now())
    token = campaigns.new_link(invitation, me(), clock.now())
    return render_template(
        "campaigns/link.html",
        address=address_of(token),
        invitation=invitation,
        done=url_for(".handed_over", key=key),
        back=url_for(".show", key=invitation.campaign_id),
    )


@blueprint.post("/invitations/<int:key>/handed-over")
@open_to("campaigns")
def handed_over(key: int) -> Response:
    """The link is with the contact."""
    invitation = campaigns.invitation_for(me(), key, zone(), clock.now())
    campaigns.hand_over(invitation, me(), clock.now())
    flash(gettext("The link for %(name)s is marked as handed over.", name=_name(invitation)))
    return redirect(url_for(".show", key=invitation.campaign_id))


@blueprint.route("/invitations/<int:key>/withdraw", methods=["GET", "POST"])
@open_to("campaigns")
def withdraw(key: int) -> str | Response:
    """Withdraw an invitation, asking first."""
    invitation, form = campaigns.invitation_for(me(), key, zone(), clock.now()), PlainForm()
    if form.validate_on_submit() and form.take(campaigns.withdraw, invitation, me(), clock.now()):
        flash(gettext("The invitation of %(name)s is withdrawn.", name=_name(invitation)))
        return redirect(url_for(".show", key=invitation.campaign_id))
    return render_template("campaigns/withdraw.html", form=form, invitation=invitation)


def _name(invitation: Invitation) -> str:
    return invitation.contact.name if invitation.contact else gettext("a contact")


# --- closing -----------------------------------------------------------------------------------------


@blueprint.route("/<int:key>/close", methods=["GET", "POST"])
@open_to("campaigns")
def close(key: int) -> str | Response:
    """Close a campaign before its day, asking first: for who opened it, and QA."""
    campaign, form = campaigns.campaign_for(me(), key), PlainForm()
    if not campaigns.may_close(me(), campaign):
        raise NotYours
    if form.validate_on_submit() and form.take(campaigns.close, campaign, me(), clock.now()):
        flash(gettext("The campaign is closed. Its links no longer work."))
        return redirect(url_for(".show", key=key))
    return render_template("campaigns/close.html", form=form, campaign=campaign)
