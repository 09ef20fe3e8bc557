"""Printed forms: for one person or as a stack, and as a sample of a questionnaire (P5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask import Response as Sent
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from csat import clock
from csat.adapters import sealing
from csat.config import LOCALES
from csat.documents import paper
from csat.documents.paper import BOTH_LANGUAGES, CONTACTS_LANGUAGE, PaperSurvey
from csat.models.asking import Campaign, Channel
from csat.models.base import expect_value
from csat.models.clients import Client
from csat.models.work import Job, JobState
from csat.procedure.authoring import drafts
from csat.procedure.campaigns import campaigns, paper_forms, slips
from csat.procedure.campaigns.slips import Slip
from csat.procedure.core import settings, uploads
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import Refusal
from csat.procedure.core.uploads import UploadKind
from csat.procedure.questionnaires import content, questionnaires
from csat.web.access import current_person, open_to
from csat.web.choices import client_choices, visible_clients
from csat.web.downloads import read_stored, send_content
from csat.web.formatting import operator_zone
from csat.web.forms import NamedForm
from csat.web.jobs import register_job_links, register_job_messages, start_job
from csat.web.language import current_locale
from csat.web.params import parse_choice, ticked_keys
from csat.words import N_

blueprint = Blueprint("paper_forms", __name__)

SESSION_KEY = "printing"  # the private half of the key to which this browser's forms are sealed


class FormsSealed(Refusal):
    sentence = N_("This file opens only in the browser that asked for it, until one signs out. Please print once more.")


def _language_choices(own: bool) -> list[SelectChoice]:
    known = [(CONTACTS_LANGUAGE, gettext("the contact's"))] if own else []
    known += [("zh", "中文"), ("en", "English"), (BOTH_LANGUAGES, gettext("both, one under the other"))]
    return [SelectChoice(*one) for one in known]


class ContactFormsForm(NamedForm):
    lang = SelectField(_l("Language"), choices=lambda: _language_choices(own=True))
    with_name = BooleanField(_l("Print the contact's name on each form"))


class StackForm(NamedForm):
    client = SelectField(
        _l("Client"),
        [InputRequired(_l("Please choose a client."))],
        choices=lambda: client_choices(gettext("Please choose")),
    )
    number = IntegerField(
        _l("How many"),
        [
            InputRequired(_l("Please enter a number.")),
            NumberRange(1, paper_forms.MAX_FORMS, _l("Please enter a number from %(min)s to %(max)s.")),
        ],
        render_kw={"type": "number", "min": "1", "max": str(paper_forms.MAX_FORMS)},
    )
    lang = SelectField(_l("Language"), choices=lambda: _language_choices(own=False))


@blueprint.get("/campaigns/<int:key>/paper")
@open_to("campaigns")
def choose_forms(key: int) -> str:
    """Whose forms to print, or to mark as handed over; and stacks."""
    return _render_forms(campaigns.campaign_for(current_person(), key))


@blueprint.post("/campaigns/<int:key>/paper")
@open_to("campaigns")
def print_or_hand_over(key: int) -> Any:
    """Let the forms of the ticked be printed, or mark them as handed over."""
    campaign, form = campaigns.campaign_for(current_person(), key), ContactFormsForm()
    ticked = slips.get_chosen_slips(campaign, visible_clients(), ticked_keys("invitation"), Channel.PAPER)
    if not ticked:
        form.form_errors.append(gettext("Please tick at least one contact."))
    elif form.validate() and request.form.get("do") == "handed_over":
        return _mark_handed_over(campaign, ticked)
    elif form.validate():
        keys = [one.invitation.id for one in ticked]
        if form.take(_allow_printing, campaign, len(keys)):
            return _queue_printing(campaign, form.lang.data, invitations=keys, named=form.with_name.data)
    return _render_forms(campaign, contacts=form, ticked={one.invitation.id for one in ticked}), 422


@blueprint.post("/campaigns/<int:key>/paper/stack")
@open_to("campaigns")
def print_stack(key: int) -> Any:
    """Let forms of a client be printed that name nobody."""
    campaign, form = campaigns.campaign_for(current_person(), key), StackForm()
    if form.validate():
        client = get_or_refuse(Client, int(form.client.data))
        number = form.number.data
        if form.take(_allow_printing, campaign, number):
            return _queue_printing(campaign, form.lang.data, client=client.id, number=number, named=False)
    return _render_forms(campaign, stack=form), 422


@blueprint.post("/campaigns/<int:key>/paper/stack/<int:client>/handed-over")
@open_to("campaigns")
def hand_over_stack(key: int, client: int) -> ResponseReturnValue:
    """So many forms of a client's stack are with its people."""
    campaign, own = campaigns.campaign_for(current_person(), key), visible_clients()
    found = next((one for one in paper_forms.list_stacks(campaign, own) if one.client.id == client), None)
    form = NamedForm()
    if found is not None:
        number = request.form.get("number", type=int) or 0
        done = form.take(paper_forms.hand_over_stack, campaign, found.client, number, current_person(), clock.now())
        if done:
            flash(
                ngettext("%(num)s form is marked as handed over.", "%(num)s forms are marked as handed over.", number)
            )
            return redirect(url_for(".choose_forms", key=key))
    return _render_forms(campaign, contacts=None, problems=form.form_errors), 422


@blueprint.get("/questionnaires/<int:key>/paper")
@open_to("questionnaires.see")
def print_blank_version(key: int) -> Sent:
    """A version as it would be printed, without link and code."""
    version = questionnaires.get_version(key)
    survey = PaperSurvey(version.title, version.intro, questionnaires.questions_of(version))
    return _send_sample(survey, f"{version.questionnaire.code}-{version.number}")


@blueprint.get("/questionnaires/<code>/draft/paper")
@open_to("questionnaires")
def print_blank_draft(code: str) -> Sent:
    """A draft as it would be printed."""
    form = drafts.read_draft(drafts.get_draft(code))
    return _send_sample(PaperSurvey(form.title, form.intro, content.build_questions(form)), f"{code}-draft")


def _send_sample(survey: PaperSurvey, name: str) -> Sent:
    chosen = parse_choice("lang", (*LOCALES, BOTH_LANGUAGES), current_locale())
    provider, languages = settings.get_provider_names(), paper.list_languages(chosen)
    pdf = paper.render_sample(survey, languages, provider, operator_zone())
    return send_content(pdf, f"{name}-{chosen}.pdf", "application/pdf")


def _allow_printing(campaign: Campaign, number: int) -> bool:
    paper_forms.refuse_printing(campaign, number, clock.now())
    return True


def _queue_printing(campaign: Campaign, lang: str, **wanted: object) -> ResponseReturnValue:
    """Let the worker print. The file holds links and codes: it is sealed, and this browser alone has the key."""
    if SESSION_KEY not in session:
        session[SESSION_KEY] = sealing.make_private_key().hex()
    key = sealing.find_public_key(bytes.fromhex(session[SESSION_KEY])).hex()
    return start_job(paper_forms.JOB_KIND, campaign=campaign.id, lang=lang, key=key, **wanted)


@blueprint.get("/campaigns/paper/files/<int:key>")
@open_to("campaigns")
def download_forms(key: int) -> Sent:
    """The forms that were printed, for the browser that asked for them."""
    file = uploads.upload_for(current_person(), UploadKind.FORMS, key)
    pdf = sealing.open_with_key(bytes.fromhex(session.get(SESSION_KEY, "00" * 32)), read_stored(file))
    if pdf is None:
        raise FormsSealed
    return send_content(pdf, file.name, "application/pdf")


@register_job_links(paper_forms.JOB_KIND, N_("Printing the forms"))
def _link_forms(job: Job) -> list[tuple[str, str]]:
    back = (url_for("paper_forms.choose_forms", key=job.arguments["campaign"]), gettext("To the printed forms"))
    if job.state != JobState.DONE:
        return [back]
    file = url_for("paper_forms.download_forms", key=expect_value(job.outcome)["file"])
    return [(file, gettext("Download the file")), back]


@register_job_messages(paper_forms.JOB_KIND)
def _tell_of_forms(job: Job) -> list[str]:
    number = expect_value(job.outcome)["number"]
    return [
        ngettext("%(num)s form is printed.", "%(num)s forms are printed.", number),
        gettext("The file is sealed and kept for a day; only this browser can open it, until you sign out."),
    ]


def _mark_handed_over(campaign: Campaign, ticked: list[Slip]) -> ResponseReturnValue:
    number = slips.hand_over_slips(ticked, current_person(), clock.now())
    flash(ngettext("%(num)s form is marked as handed over.", "%(num)s forms are marked as handed over.", number))
    if number < len(ticked):
        flash(gettext("The others were not printed by you, or were handed over before."))
    return redirect(url_for("campaigns.show_campaign" if number else ".choose_forms", key=campaign.id))


def _render_forms(
    campaign: Campaign,
    contacts: ContactFormsForm | None = None,
    stack: StackForm | None = None,
    ticked: set[int] | None = None,
    problems: Sequence[str] = (),
) -> str:
    paper_forms.refuse_unoffered(campaign)
    return render_template(
        "campaigns/paper_forms.html",
        campaign=campaign,
        contacts=contacts or ContactFormsForm(formdata=None),
        stack=stack or StackForm(formdata=None, number=10),
        offered=slips.list_slips(campaign, visible_clients(), Channel.PAPER),
        ticked=ticked or set(),
        stacks=paper_forms.list_stacks(campaign, visible_clients()),
        problems=problems,
        most=paper_forms.MAX_FORMS,
        over=campaign.is_over(clock.now()),
    )
