"""Mail to contacts: sending a campaign's invitations, what became of them, and the mails' words (P5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField

from csat import clock
from csat.config import LOCALES, Config
from csat.documents.locale_format import Tongue
from csat.documents.mail import compose as documents
from csat.models.asking import Channel, Invitation
from csat.models.outbox import MailState, OutboxMessage, Wording
from csat.models.work import Job
from csat.procedure.campaigns import campaigns, desk, invitations, proposals
from csat.procedure.core.refusals import NotFound
from csat.procedure.mail import invitations as by_mail
from csat.procedure.mail import outbox, templates
from csat.terms import term
from csat.web.access import me, open_to
from csat.web.campaigns.desk import make_key
from csat.web.formatting import zone
from csat.web.forms import PlainForm, StaffForm, needed
from csat.web.jobs import leads_to
from csat.web.language import locale
from csat.web.pagination import slice_of
from csat.words import N_

blueprint = Blueprint("mail", __name__, url_prefix="/campaigns")
SHOWN = (MailState.TORN, MailState.BACK, MailState.FAIL, MailState.HELD, MailState.WAIT)


def config() -> Config:
    """What the operator set up."""
    return current_app.config["CSAT"]


def own() -> set[int] | None:
    """The clients whose mails this person sees: None is all."""
    return proposals.clients_of(me(), zone(), clock.now())


# --- sending a campaign's invitations ----------------------------------------------------------------


class SendForm(StaffForm):
    whom = RadioField(_l("To whom"), needed(), choices=lambda: _whom(), default="chosen")


def _whom() -> list[tuple[str, str]]:
    return [
        ("chosen", gettext("Those whose channel is e-mail")),
        ("all", gettext("Everybody with an e-mail address who was not reached yet")),
    ]


@blueprint.route("/<int:key>/mail", methods=["GET", "POST"])
@open_to("campaigns")
def send(key: int) -> str | Response:
    """Say what sending means, then send the invitations that are not delivered yet."""
    campaign, now, form = campaigns.campaign_for(me(), key), clock.now(), SendForm()
    if form.validate_on_submit() and config().mails:
        everybody = form.whom.data == "all"
        if form.take(by_mail.send, campaign, own(), everybody, me(), now):
            return redirect(url_for("jobs.show", key=outbox.ask_to_send(me(), now, campaign.id).id))
    plans = {one: by_mail.plan(campaign, own(), one == "all", now) for one in ("chosen", "all")}
    if not form.is_submitted() and not plans["chosen"].ready:
        form.whom.data = "all"
    return render_template(
        "mail/send.html",
        campaign=campaign,
        form=form,
        plans=plans,
        config=config(),
        set_up_words=by_mail.NoMailSetUp.sentence,
        promised=lambda said: documents.promised(list(said), Tongue(locale(), zone())),
    )


@leads_to("send_mail", N_("Mail is being sent"))
def _sent(job: Job) -> list[tuple[str, str]]:
    troubles = (url_for("mail.outbox"), gettext("What was held back or refused"))
    key = job.arguments.get("campaign")
    if key is None:
        return [troubles]
    return [(url_for("campaigns.show", key=key), gettext("To the campaign")), troubles]


@blueprint.post("/invitations/<int:key>/channel")
@open_to("campaigns")
def channel(key: int) -> Response:
    """Say by which channel a contact is asked."""
    invitation, wanted = _invitation(key), request.form.get("channel", "")
    if wanted not in list(Channel):
        raise NotFound
    invitations.choose_channel(invitation, Channel(wanted), me(), clock.now())
    flash(gettext("The channel is now: %(channel)s.", channel=gettext(term(Channel(wanted)))))
    return redirect(url_for("campaigns.show", key=invitation.campaign_id))


@blueprint.post("/invitations/<int:key>/mail")
@open_to("campaigns")
def send_one(key: int) -> Response:
    """Send one invitation by mail."""
    invitation, now = _invitation(key), clock.now()
    if not config().mails:
        raise by_mail.NoMailSetUp
    by_mail.queue(invitation, me(), now)
    outbox.ask_to_send(me(), now)
    flash(gettext("The mail is queued. It usually leaves within a minute."))
    return redirect(url_for("campaigns.show", key=invitation.campaign_id))


@blueprint.post("/mail/incident/<int:key>")
@open_to("desk")
def send_incident(key: int) -> Response:
    """Send the survey of an incident by mail; the incident counts as surveyed once the server took it."""
    if not config().mails:
        raise by_mail.NoMailSetUp
    now = clock.now()
    asked = desk.ask(desk.due_incident(key), make_key, me(), now, zone())
    by_mail.queue(asked, me(), now)
    outbox.ask_to_send(me(), now)
    flash(gettext("The mail is queued. It usually leaves within a minute."))
    return redirect(url_for("service_desk.incident", key=key))


def _invitation(key: int) -> Invitation:
    return campaigns.invitation_for(me(), key, zone(), clock.now())


# --- what became of the mails ------------------------------------------------------------------------


@blueprint.get("/mail", endpoint="outbox")
@open_to("campaigns")
def outbox_() -> str:
    """Mails that need somebody: unclear, come back, refused, held back."""
    state = request.args.get("state", "")
    chosen = MailState(state) if state in list(SHOWN) else None
    return render_template(
        "mail/outbox.html",
        list=slice_of(by_mail.troubles(own(), chosen)),
        states=SHOWN,
        state=state,
        masked=proposals.masked,
        set_up=config().mails,
        set_up_words=by_mail.NoMailSetUp.sentence,
    )


@blueprint.post("/mail/<int:key>/again")
@open_to("campaigns")
def again(key: int) -> Response:
    """Send it once more."""
    outbox.send_again(_message(key), me(), clock.now())
    outbox.ask_to_send(me(), clock.now())
    flash(gettext("The mail is queued again."))
    return redirect(url_for(".outbox"))


@blueprint.post("/mail/<int:key>/count")
@open_to("campaigns")
def count(key: int) -> Response:
    """Let an unclear one count as sent."""
    outbox.count_as_sent(_message(key), me(), clock.now())
    flash(gettext("The mail counts as sent."))
    return redirect(url_for(".outbox"))


def _message(key: int) -> OutboxMessage:
    return by_mail.message_for(me(), key, zone(), clock.now())


# --- the words of the mails --------------------------------------------------------------------------


class WordingForm(StaffForm):
    subject_zh = StringField(_l("Subject in Chinese"), needed())
    body_zh = TextAreaField(_l("Text in Chinese"), needed(), render_kw={"rows": 12, "lang": "zh-Hans"})
    subject_en = StringField(_l("Subject in English"), needed())
    body_en = TextAreaField(_l("Text in English"), needed(), render_kw={"rows": 12, "lang": "en"})

    @property
    def texts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Subjects and bodies by language."""
        subjects = {code: self[f"subject_{code}"].data or "" for code in LOCALES}
        return subjects, {code: self[f"body_{code}"].data or "" for code in LOCALES}


@blueprint.get("/mail-wording")
@open_to("mail.wording")
def wordings() -> str:
    """The mails we send, and whose words they have."""
    return render_template("mail/templates.html", wordings={one: templates.words_of(one) for one in Wording})


@blueprint.route("/mail-wording/<code>", methods=["GET", "POST"])
@open_to("mail.wording")
def wording(code: str) -> str | Response:
    """Change the words of a mail, with a look at it before."""
    chosen, preview = _wording(code), {}
    form = WordingForm(data=_typed(templates.words_of(chosen)))
    if form.validate_on_submit():
        if request.form.get("do") == "look":
            words = form.take(templates.checked, chosen, *form.texts)
            preview = _preview(words, chosen) if words else {}
        elif form.take(templates.change, chosen, *form.texts, me(), clock.now()):
            flash(gettext("Saved. Mails have these words from now on."))
            return redirect(url_for(".wordings"))
    return render_template(
        "mail/template.html",
        form=form,
        wording=chosen,
        shipped=templates.words_of(chosen).shipped,
        blanks={name: templates.BLANKS[name] for name in templates.OFFERED[chosen]},
        needed=templates.NEEDED[chosen],
        preview=preview,
    )


@blueprint.route("/mail-wording/<code>/restore", methods=["GET", "POST"])
@open_to("mail.wording")
def restore(code: str) -> str | Response:
    """Go back to the words that ship, asking first."""
    chosen, form = _wording(code), PlainForm()
    if form.validate_on_submit():
        templates.restore(chosen, me(), clock.now())
        flash(gettext("The words that ship are back."))
        return redirect(url_for(".wordings"))
    return render_template("mail/restore.html", form=form, wording=chosen)


def _wording(code: str) -> Wording:
    if code not in list(Wording):
        raise NotFound
    return Wording(code)


def _typed(words: templates.Words) -> dict[str, str]:
    subjects = {f"subject_{code}": words.subject.in_(code) for code in LOCALES}
    return subjects | {f"body_{code}": words.body.in_(code) for code in LOCALES}


def _preview(words: Any, chosen: Wording) -> dict[str, tuple[str, str]]:
    post = documents.Post.of(config())
    return {code: documents.sample(words, chosen, post, code, clock.now()) for code in LOCALES}
