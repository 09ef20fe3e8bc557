"""Mail to contacts: sending a campaign's invitations, what became of them, and the mails' words (P5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField

from csat import clock
from csat.config import LOCALES
from csat.documents.mail import values
from csat.models.asking import Channel, Invitation
from csat.models.outbox import MailState, OutboxMessage, Wording
from csat.models.work import Job
from csat.procedure.campaigns import campaigns, desk, incident_surveys, invitations, proposals
from csat.procedure.core.refusals import NotFound
from csat.procedure.mail import invitations as by_mail
from csat.procedure.mail import outbox, templates
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.campaigns.survey_links import make_campaign_key, own_invitation
from csat.web.choices import visible_clients
from csat.web.formatting import operator_zone, reader_format, translate_term
from csat.web.forms import ButtonForm, StaffForm, bilingual, require_input, submit
from csat.web.jobs import register_job_links
from csat.web.pagination import paginate
from csat.web.params import parse_code
from csat.words import N_

blueprint = Blueprint("mail", __name__, url_prefix="/campaigns")
LISTED_STATES = (MailState.TORN, MailState.BACK, MailState.FAIL, MailState.HELD, MailState.WAIT)


# --- sending a campaign's invitations ----------------------------------------------------------------


class SendMailForm(StaffForm):
    whom = RadioField(_l("To whom"), require_input(), choices=lambda: _recipient_choices(), default="chosen")


def _recipient_choices() -> list[tuple[str, str]]:
    return [
        ("chosen", gettext("Those whose channel is e-mail")),
        ("all", gettext("Everybody with an e-mail address who was not reached yet")),
    ]


@blueprint.route("/<int:key>/mail", methods=["GET", "POST"])
@open_to("campaigns")
def send_invitations(key: int) -> str | Response:
    """Say what sending means, then send the invitations that are not delivered yet."""
    campaign, now, form = campaigns.campaign_for(current_person(), key), clock.now(), SendMailForm()
    if form.validate_on_submit() and current_config().mails:
        everybody = form.whom.data == "all"
        if form.take(by_mail.send_invitations, campaign, visible_clients(), everybody, current_person(), now):
            return redirect(url_for("jobs.show_job", key=outbox.queue_sending(current_person(), now, campaign.id).id))
    reader = (current_person(), now)
    plans = {one: by_mail.plan_mailing(campaign, visible_clients(), one == "all", *reader) for one in ("chosen", "all")}
    if not form.is_submitted() and not plans["chosen"].ready:
        form.whom.data = "all"
    return render_template(
        "mail/send.html",
        campaign=campaign,
        form=form,
        plans=plans,
        config=current_config(),
        set_up_words=by_mail.NoMailSetUp.sentence,
        promised=lambda said: values.format_promise(list(said), reader_format()),
    )


@register_job_links("send_mail", N_("Mail is being sent"))
def _mail_links(job: Job) -> list[tuple[str, str]]:
    troubles = (url_for("mail.list_outbox"), gettext("What was held back or refused"))
    key = job.arguments.get("campaign")
    to_campaign = [] if key is None else [(url_for("campaigns.show_campaign", key=key), gettext("To the campaign"))]
    return [*to_campaign, troubles]


@blueprint.post("/invitations/<int:key>/channel")
@open_to("campaigns")
def choose_channel(key: int) -> Response:
    """Say by which channel a contact is asked."""
    invitation, wanted = own_invitation(key), request.form.get("channel", "")
    if wanted not in list(Channel):
        raise NotFound
    invitations.choose_channel(invitation, Channel(wanted), current_person(), clock.now())
    flash(gettext("The channel is now: %(channel)s.", channel=translate_term(Channel(wanted))))
    return redirect(url_for("campaigns.show_campaign", key=invitation.campaign_id))


@blueprint.post("/invitations/<int:key>/mail")
@open_to("campaigns")
def send_invitation(key: int) -> Response:
    """Send one invitation by mail."""
    invitation = own_invitation(key)
    return _queue_invitation(lambda: invitation, url_for("campaigns.show_campaign", key=invitation.campaign_id))


@blueprint.post("/mail/incident/<int:key>")
@open_to("desk")
def send_incident_survey(key: int) -> Response:
    """Send the survey of an incident by mail; the incident counts as surveyed once the server took it."""

    def ask() -> Invitation:
        incident, by = desk.get_due_incident(key), current_person()
        return incident_surveys.ensure_invitation(incident, make_campaign_key, by, clock.now(), operator_zone())

    return _queue_invitation(ask, url_for("desk.show_incident", key=key))


def _queue_invitation(ask: Callable[[], Invitation], back: str) -> Response:
    if not current_config().mails:  # before anybody is asked: an invitation that nothing brings would stand there
        raise by_mail.NoMailSetUp
    by_mail.queue_invitation(ask(), current_person(), clock.now())
    outbox.queue_sending(current_person(), clock.now())
    flash(gettext("The mail is queued. It usually leaves within a minute."))
    return redirect(back)


# --- what became of the mails ------------------------------------------------------------------------


@blueprint.get("/mail")
@open_to("campaigns")
def list_outbox() -> str:
    """Mails that need somebody: unclear, come back, refused, held back."""
    state = parse_code(MailState, "state")
    chosen = state if state in LISTED_STATES else None
    return render_template(
        "mail/outbox.html",
        list=paginate(by_mail.select_mail_troubles(visible_clients(), chosen)),
        states=LISTED_STATES,
        state=chosen or "",
        masked=proposals.mask_contact,
        set_up=current_config().mails,
        set_up_words=by_mail.NoMailSetUp.sentence,
    )


@blueprint.post("/mail/<int:key>/again")
@open_to("campaigns")
def resend_mail(key: int) -> Response:
    """Send it once more."""
    outbox.resend_mail(_find_message(key), current_person(), clock.now())
    outbox.queue_sending(current_person(), clock.now())
    flash(gettext("The mail is queued again."))
    return redirect(url_for(".list_outbox"))


@blueprint.post("/mail/<int:key>/count")
@open_to("campaigns")
def count_as_sent(key: int) -> Response:
    """Let an unclear one count as sent."""
    outbox.count_as_sent(_find_message(key), current_person(), clock.now())
    flash(gettext("The mail counts as sent."))
    return redirect(url_for(".list_outbox"))


def _find_message(key: int) -> OutboxMessage:
    return by_mail.mail_for(current_person(), key, operator_zone(), clock.now())


# --- the words of the mails --------------------------------------------------------------------------


@bilingual("body", _l("Text in Chinese"), _l("Text in English"), rows=12, required=True)
@bilingual("subject", _l("Subject in Chinese"), _l("Subject in English"), field=StringField, required=True)
class MailTemplateForm(StaffForm):
    """The words of a mail."""

    @property
    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Subjects and bodies by language."""
        return self.by_language("subject"), self.by_language("body")


@blueprint.get("/mail-wording")
@open_to("mail.wording")
def list_templates() -> str:
    """The mails we send, and whose words they have."""
    return render_template("mail/templates.html", wordings={one: templates.find_template(one) for one in Wording})


@blueprint.route("/mail-wording/<code>", methods=["GET", "POST"])
@open_to("mail.wording")
def edit_template(code: str) -> str | Response:
    """Change the words of a mail, with a look at it before."""
    chosen, preview = _parse_template(code), {}
    form = MailTemplateForm(data=_form_data(templates.find_template(chosen)))
    if form.validate_on_submit():
        if request.form.get("do") == "look":
            words = form.take(templates.check_template, chosen, *form.texts)
            preview = _preview_mail(words, chosen) if words else {}
        elif form.take(templates.change_template, chosen, *form.texts, current_person(), clock.now()):
            flash(gettext("Saved. Mails have these words from now on."))
            return redirect(url_for(".list_templates"))
    return render_template(
        "mail/template.html",
        form=form,
        wording=chosen,
        shipped=templates.find_template(chosen).shipped,
        blanks={name: templates.PLACEHOLDERS[name] for name in templates.OFFERED_PLACEHOLDERS[chosen]},
        needed=templates.REQUIRED_PLACEHOLDERS[chosen],
        preview=preview,
    )


@blueprint.route("/mail-wording/<code>/restore", methods=["GET", "POST"])
@open_to("mail.wording")
def restore_template(code: str) -> ResponseReturnValue:
    """Go back to the words that ship, asking first."""
    chosen, form = _parse_template(code), ButtonForm()
    verb = partial(templates.restore_template, chosen, current_person(), clock.now())
    done = submit(form, verb, gettext("The words that ship are back."), url_for(".list_templates"))
    return done or render_template("mail/restore.html", form=form, wording=chosen)


def _parse_template(code: str) -> Wording:
    if code not in list(Wording):
        raise NotFound
    return Wording(code)


def _form_data(words: templates.MailTemplate) -> dict[str, str]:
    subjects = {f"subject_{code}": words.subject.in_(code) for code in LOCALES}
    return subjects | {f"body_{code}": words.body.in_(code) for code in LOCALES}


def _preview_mail(words: Any, chosen: Wording) -> dict[str, tuple[str, str]]:
    post = values.MailOrigin.of(current_config())
    return {code: values.preview_mail(words, chosen, post, code, clock.now()) for code in LOCALES}
