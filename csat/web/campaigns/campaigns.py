"""Campaigns: opening one, inviting with the consequences said before, and what came back (P3, P4)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from csat import clock
from csat.adapters import sealing
from csat.models.asking import Campaign, CampaignState, Channel, InvitationState, Naming, Occasion
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import campaigns, counts, invitations, progress, proposals, quarterly_round
from csat.procedure.campaigns.counts import CampaignNumbers, CountLine
from csat.procedure.campaigns.invitation_states import attempts_of, shown_state
from csat.procedure.campaigns.proposals import ClientProposal
from csat.procedure.campaigns.quarterly_round import RoundStanding
from csat.procedure.core import settings
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.mail import invitations as mail_invitations
from csat.procedure.mail import outbox
from csat.procedure.questionnaires import questionnaires
from csat.procedure.survey import taking_back
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.campaigns.invitations import proposed_contacts
from csat.web.choices import visible_clients
from csat.web.formatting import localised_text, operator_zone
from csat.web.forms import ButtonForm, StaffForm, code_choices, limit_length, render_form, require_input, submit
from csat.web.pagination import paginate
from csat.web.params import parse_code, parse_quarter, requested_quarter

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.get("/")
@open_to("campaigns")
def list_campaigns() -> str:
    """All rounds of asking, the newest quarter first."""
    occasion, state = parse_code(Occasion, "occasion"), parse_code(CampaignState, "state")
    return render_template(
        "campaigns/list.html",
        list=paginate(campaigns.list_campaigns(occasion, state)),
        occasion=occasion or "",
        state=state or "",
        occasions=Occasion,
        states=CampaignState,
        standings=_list_standings(),
    )


def _list_standings() -> list[RoundStanding]:
    """Whom the quarterly rounds have still to ask: all gaps for desk and QA, who may ask for a manager (S1)."""
    manager = None if visible_clients() is None else current_person()
    return quarterly_round.list_standings(manager, clock.now(), operator_zone())


# --- opening -----------------------------------------------------------------------------------------


class CampaignForm(StaffForm):
    occasion = SelectField(_l("Occasion"), choices=lambda: code_choices(*campaigns.MANUAL_OCCASIONS))
    questionnaire = SelectField(_l("Questionnaire"), choices=lambda: _questionnaire_choices())
    quarter = StringField(_l("Quarter"), require_input())
    closes_on = DateField(_l("Last day to answer"), [InputRequired(_l("Please enter a date."))])
    naming = SelectField(_l("Name or anonymous"), choices=lambda: code_choices(*Naming))
    title = StringField(_l("Title"), [limit_length(200)])

    def validate_quarter(self, field: StringField) -> None:
        """Refuse what is no quarter."""
        try:
            Quarter.parse(field.data)
        except ValueError as error:
            raise ValidationError(gettext("Please write the quarter like 2026Q3.")) from error


class RoundForm(StaffForm):
    closes_on = DateField(_l("Last day to answer"), [InputRequired(_l("Please enter a date."))])
    naming = SelectField(_l("Name or anonymous"), choices=lambda: code_choices(*Naming))


def _questionnaire_choices() -> list[SelectChoice]:
    offered = questionnaires.list_offered_versions(clock.now())
    return [SelectChoice(version.questionnaire.code, _describe_form(version)) for version in offered]


def _describe_form(version: QuestionnaireVersion) -> str:
    """What it is called, and how much it asks of people."""
    asked = ngettext("%(num)s question", "%(num)s questions", version.questions.count())
    time = ngettext("about %(num)s minute", "about %(num)s minutes", version.minutes)
    return f"{localised_text(version.title)} · {asked} · {time}"


@blueprint.route("/open", methods=["GET", "POST"])
@open_to("campaigns")
def open_campaign() -> ResponseReturnValue:
    """Open a round of asking; whom to invite comes next."""
    now, quarter = clock.now(), requested_quarter()
    usual = {"quarter": str(quarter), "closes_on": campaigns.propose_last_day(quarter, operator_zone(), now)}
    form = CampaignForm(data={**usual, "questionnaire": "company"})
    done = submit(
        form,
        lambda: _open_campaign(form),
        said=gettext("The campaign is open. Nobody is invited yet: choose whom to ask."),
        to=lambda made: url_for("invitations.invite_contacts", key=made.id),
    )
    return done or render_form("campaigns/open.html", form, offered=questionnaires.list_offered_versions(now))


@blueprint.route("/open/<quarter>", methods=["GET", "POST"])
@open_to("campaigns")
def open_round(quarter: str) -> ResponseReturnValue:
    """Open the survey of a quarterly round: its occasion, questionnaire and quarter are given."""
    now, chosen = clock.now(), found_or_refuse(parse_quarter(source={"quarter": quarter}))
    if known := campaigns.find_campaign(Occasion.QUARTERLY, chosen):  # a colleague was faster
        flash(gettext("The survey of %(quarter)s is open already.", quarter=str(chosen)))
        return redirect(url_for(".show_campaign", key=known.id))
    form = RoundForm(data={"closes_on": campaigns.propose_last_day(chosen, operator_zone(), now)})
    done = submit(
        form,
        lambda: _open_round(form, chosen),
        said=gettext("The campaign is open. Nobody is invited yet: choose whom to ask."),
        to=lambda made: url_for("invitations.invite_contacts", key=made.id),
    )
    version = questionnaires.get_version_in_force(campaigns.QUESTIONNAIRE_CODES[Occasion.QUARTERLY], now)
    return done or render_form("campaigns/open_round.html", form, quarter=chosen, version=version)


def _open_round(form: RoundForm | CampaignForm, quarter: Quarter) -> Campaign:
    closes_at = campaigns.closing_instant_of(form.closes_on.data, operator_zone())
    with sealing.create_key_or_undo(current_config().keys) as key:  # a key is a file: what is refused leaves none
        return campaigns.open_round(
            quarter, closes_at, Naming(form.naming.data), key, current_person(), clock.now(), operator_zone()
        )


def _open_campaign(form: CampaignForm) -> Campaign:
    occasion, quarter, code = Occasion(form.occasion.data), Quarter.parse(form.quarter.data), form.questionnaire.data
    if occasion is Occasion.QUARTERLY and code == campaigns.QUESTIONNAIRE_CODES[occasion]:
        return _open_round(form, quarter)
    with sealing.create_key_or_undo(current_config().keys) as key:
        return campaigns.open_campaign(
            occasion,
            questionnaires.get_version_in_force(code, clock.now()),
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
    rows = _client_progress(campaign, counted, own)
    list_ = paginate(campaigns.list_invitations(campaign, own))
    attempts = attempts_of(list_.rows)
    return render_template(
        "campaigns/show.html",
        campaign=campaign,
        over=campaign.is_over(clock.now()),
        counted=counted,
        sealed=counts.count_sealed_answers(campaign),
        progress=rows,
        care=progress.list_manager_progress((proposal, line) for _, proposal, line in rows if proposal),
        list=list_,
        states={one.id: shown_state(one, attempts[one.id]) for one in list_.rows},
        closed_states=(InvitationState.VOID, InvitationState.DENY, InvitationState.DONE),
        masked=proposals.mask_contact,
        standing=campaign.occasion in campaigns.STANDING_OCCASIONS,
        listed=campaign.occasion != Occasion.INCIDENT,  # the desk's round lists those
        may_close=campaigns.may_close_campaign(current_person(), campaign),
        mails=outbox.find_last_mails(list_.rows),
        in_hand=invitations.find_links_in_hand(list_.rows, current_person()),
        reminders=mail_invitations.list_reminder_rounds(campaign),
        channels=Channel,
        recent=taking_back.list_recent_records(current_person(), clock.now(), campaign),
        undo_minutes=settings.get_whole_number("undo_minutes"),
    )


def _client_progress(
    campaign: Campaign, counted: CampaignNumbers, own: set[int] | None
) -> list[tuple[object, ClientProposal | None, CountLine | None]]:
    """Each client proposed or invited: (client, its proposal, its numbers); not asked ones first."""
    lines = {line.client.id: line for line in counted.lines if line.client}
    proposed = {}  # only while more can be invited does it matter who was not
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
def close_campaign(key: int) -> ResponseReturnValue:
    """Close a campaign before its day, asking first: for who opened it, and QA."""
    campaign, form = campaigns.campaign_for(current_person(), key), ButtonForm()
    if not campaigns.may_close_campaign(current_person(), campaign):
        raise NotPermitted
    done = submit(
        form,
        lambda: campaigns.close_campaign(campaign, current_person(), clock.now()),
        said=gettext("The campaign is closed. Its links no longer work."),
        to=url_for(".show_campaign", key=key),
    )
    return done or render_template("campaigns/close.html", form=form, campaign=campaign)
