"""Sending a letter: the project manager's steps, and the links they make and withdraw (P13)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from csat import clock
from csat.models.clients import Contact
from csat.models.letters import Letter, LetterState
from csat.models.work import Job
from csat.procedure.core.guards import found_or_refuse
from csat.procedure.core.refusals import NotFound
from csat.procedure.letters import sending
from csat.procedure.mail import outbox
from csat.procedure.mail.invitations import NoMailSetUp
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.formatting import local_today
from csat.web.jobs import register_job_links, start_job
from csat.web.letters.page import SEND_RIGHT
from csat.web.params import ticked_keys
from csat.words import N_

blueprint = Blueprint("letter_sending", __name__, url_prefix="/letters")


@blueprint.post("/<int:key>/send")
@open_to(SEND_RIGHT)
def send_letter(key: int) -> ResponseReturnValue:
    """Let the worker print and send a ready letter; of a sent one, mail it to more contacts."""
    letter = _own_letter(key)
    chosen = _ticked_contacts(letter)
    if chosen and not current_config().mails:
        raise NoMailSetUp
    if letter.state == LetterState.READY:
        return start_job("send_letter", letter=key, contacts=[one.id for one in chosen])
    sending.mail_contacts(letter, chosen, current_person(), clock.now())
    return redirect(url_for("jobs.show_job", key=outbox.queue_sending(current_person(), clock.now()).id))


@register_job_links("send_letter", N_("The letter is printed and sent"))
def _sending_links(job: Job) -> list[tuple[str, str]]:
    return [(url_for("letters.show_letter", key=job.arguments["letter"]), gettext("To the letter"))]


@blueprint.post("/<int:key>/link")
@open_to(SEND_RIGHT)
def create_link(key: int) -> str:
    """Make a link to hand over oneself."""
    letter, chosen = _own_letter(key), request.form.get("contact", "")  # '': for nobody in particular
    found = next((one for one in sending.list_contacts(letter) if str(one.id) == chosen), None)
    contact = found_or_refuse(found) if chosen else None
    token = sending.make_link(letter, contact, current_person(), clock.now())
    address = f"{current_config().base_url}/letter/{token}"  # shown this once: of the token only a hash is kept
    return render_template("letters/link.html", letter=letter, contact=contact, address=address)


@blueprint.post("/<int:key>/links/<int:link>/withdraw")
@open_to(SEND_RIGHT)
def withdraw_link(key: int, link: int) -> ResponseReturnValue:
    """Let a link open nothing any more."""
    sending.withdraw_link(_own_letter(key), link, current_person(), clock.now())
    return _back_to_letter(key, gettext("The link is withdrawn: it opens nothing any more."))


@blueprint.post("/<int:key>/mails/<int:mail>/again")
@open_to(SEND_RIGHT)
def resend_mail(key: int, mail: int) -> ResponseReturnValue:
    """Send a mail once more that did not simply go."""
    outbox.resend_mail(sending.get_mail(_own_letter(key), mail), current_person(), clock.now())
    outbox.queue_sending(current_person(), clock.now())
    return _back_to_letter(key, gettext("The mail is queued again."))


@blueprint.post("/<int:key>/mails/<int:mail>/count")
@open_to(SEND_RIGHT)
def count_as_sent(key: int, mail: int) -> ResponseReturnValue:
    """Let an unclear one count as sent."""
    outbox.count_as_sent(sending.get_mail(_own_letter(key), mail), current_person(), clock.now())
    return _back_to_letter(key, gettext("The mail counts as sent."))


def _back_to_letter(key: int, said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("letters.show_letter", key=key))


def _own_letter(key: int) -> Letter:
    return sending.letter_to_send_for(current_person(), key, local_today())


def _ticked_contacts(letter: Letter) -> list[Contact]:
    """The ticked contacts; a key that is none of this client's contacts is refused."""
    keys = set(ticked_keys("contact"))
    found = [one for one in sending.list_contacts(letter) if one.id in keys]
    if len(found) != len(keys):
        raise NotFound
    return found
