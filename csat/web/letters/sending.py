"""Sending a letter: the project manager's steps, and the links they make and withdraw (P13)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from csat import clock
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterState
from csat.models.work import Job
from csat.procedure.core import jobs
from csat.procedure.core.refusals import NotFound
from csat.procedure.letters import sending
from csat.procedure.mail import outbox
from csat.procedure.mail.invitations import NoMailSetUp
from csat.web import jobs as job_pages
from csat.web.access import me, open_to
from csat.web.formatting import today
from csat.words import N_

blueprint = Blueprint("letter_sending", __name__, url_prefix="/letters")
SEND = "letters.send"


@blueprint.post("/<int:key>/send")
@open_to(SEND)
def send(key: int) -> Any:
    """Let the worker print and send a ready letter; of a sent one, mail it to more contacts."""
    letter = _mine(key)
    chosen = _chosen(letter)
    if chosen and not current_app.config["CSAT"].mails:
        raise NoMailSetUp
    if letter.state == LetterState.READY:
        arguments = {"letter": key, "contacts": [one.id for one in chosen], "by": me().id}
        return redirect(url_for("jobs.show", key=jobs.ask("send_letter", arguments, me(), clock.now()).id))
    sending.mail_to(letter, chosen, me(), clock.now())
    return redirect(url_for("jobs.show", key=outbox.ask_to_send(me(), clock.now()).id))


@job_pages.leads_to("send_letter", N_("The letter is printed and sent"))
def _sent(job: Job) -> list[tuple[str, str]]:
    return [(url_for("letters.show", key=job.arguments["letter"]), gettext("To the letter"))]


@blueprint.post("/<int:key>/link")
@open_to(SEND)
def link(key: int) -> str:
    """Make a link to hand over oneself: shown once."""
    letter = _mine(key)
    contact = _contact(letter, request.form.get("contact", ""))
    token = sending.make_link(letter, contact, me(), clock.now())
    address = f"{current_app.config['CSAT'].base_url}/letter/{token}"
    return render_template("letters/link.html", letter=letter, contact=contact, address=address)


@blueprint.post("/<int:key>/links/<int:link>/withdraw")
@open_to(SEND)
def withdraw(key: int, link: int) -> Any:
    """Let a link open nothing any more."""
    sending.withdraw_link(_mine(key), link, me(), clock.now())
    flash(gettext("The link is withdrawn: it opens nothing any more."))
    return redirect(url_for("letters.show", key=key))


@blueprint.post("/<int:key>/mails/<int:mail>/again")
@open_to(SEND)
def again(key: int, mail: int) -> Any:
    """Send a mail once more that did not simply go."""
    outbox.send_again(sending.mail_of(_mine(key), mail), me(), clock.now())
    outbox.ask_to_send(me(), clock.now())
    flash(gettext("The mail is queued again."))
    return redirect(url_for("letters.show", key=key))


@blueprint.post("/<int:key>/mails/<int:mail>/count")
@open_to(SEND)
def count(key: int, mail: int) -> Any:
    """Let an unclear one count as sent."""
    outbox.count_as_sent(sending.mail_of(_mine(key), mail), me(), clock.now())
    flash(gettext("The mail counts as sent."))
    return redirect(url_for("letters.show", key=key))


def _mine(key: int) -> Letter:
    return sending.letter_to_send(me(), key, today())


def _chosen(letter: Letter) -> list[Contact]:
    """The ticked contacts; a key that is none of this client's contacts is refused."""
    keys = {one for one in request.form.getlist("contact", type=int) if 0 < one < 2**63}
    found = [one for one in sending.contacts_to_tell(letter) if one.id in keys]
    if len(found) != len(keys):
        raise NotFound
    return found


def _contact(letter: Letter, key: str) -> Contact | None:
    """Whom a link is for; nobody in particular when nobody was chosen."""
    if not key:
        return None
    found = next((one for one in sending.contacts_to_tell(letter) if str(one.id) == key), None)
    if found is None:
        raise NotFound
    return found
