"""Survey mails that go by themselves: tried and switched on by the administrator, listed for the desk (P1)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import InputRequired

from csat import clock
from csat.models.base import expect_value
from csat.models.clients import Incident
from csat.models.outbox import MailState
from csat.procedure.campaigns.proposals import mask_contact
from csat.procedure.core import settings
from csat.procedure.mail import bulk_surveys, outbox, survey_mails
from csat.procedure.mail.invitations import NoMailSetUp
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.campaigns.survey_links import make_campaign_key
from csat.web.errors import describe_refusal
from csat.web.formatting import local_today, operator_zone
from csat.web.forms import ButtonForm, StaffForm, press_button, render_form, submit
from csat.web.pagination import paginate
from csat.web.params import ticked_keys

blueprint = Blueprint("survey_mails", __name__)


class FirstDayForm(StaffForm):
    first_day = DateField(_l("First day"), [InputRequired(_l("Please enter a date."))])


@blueprint.route("/admin/survey-mails", methods=["GET", "POST"])
@open_to("settings")
def edit_survey_mails() -> ResponseReturnValue:
    """Whether mail works, and since when survey mails go by themselves; sent, it switches them on."""
    form = FirstDayForm(data={"first_day": local_today()})

    def switch_on() -> None:
        _refuse_without_mail()
        day = expect_value(form.first_day.data)
        survey_mails.switch_on(day, current_person(), clock.now(), operator_zone())

    said = gettext("Switched on. The desk's list says what goes by itself.")
    return submit(form, switch_on, said, url_for(".edit_survey_mails")) or render_form(
        "mail/survey_mails.html",
        form,
        first_day=survey_mails.get_first_day(),
        test=survey_mails.find_test_mail(),
        tried=survey_mails.find_test_mail(MailState.DONE),
        hours=settings.get_whole_number("survey_mail_hours"),
        set_up=current_config().mails,
        set_up_words=NoMailSetUp.sentence,
    )


@blueprint.post("/admin/survey-mails/test")
@open_to("settings")
def send_test_mail() -> Response:
    """Send oneself a test mail."""
    _refuse_without_mail()
    survey_mails.send_test_mail(current_person(), clock.now())
    outbox.queue_sending(current_person(), clock.now())
    flash(gettext("The test mail is queued. It usually leaves within a minute; load this page again then."))
    return redirect(url_for(".edit_survey_mails"))


@blueprint.post("/admin/survey-mails/off")
@open_to("settings")
def switch_off() -> Response:
    """Let nothing go by itself any more."""
    return press_button(survey_mails.switch_off, current_person(), clock.now(), to=url_for(".edit_survey_mails"))


@blueprint.get("/desk/mails")
@open_to("desk")
def list_mails() -> str:
    """What went by itself, and when."""
    listed = paginate(survey_mails.select_own_mails())
    return render_template("mail/by_itself.html", listed=listed, masked=mask_contact)


@blueprint.route("/desk/mails/many", methods=["GET", "POST"])
@open_to("desk")
def ask_many() -> ResponseReturnValue:
    """Choose incidents, see what it means, and ask about all of them by mail."""
    by, now, form = current_person(), clock.now(), ButtonForm()
    ticked = set(ticked_keys("incident"))
    chosen = bulk_surveys.get_chosen(ticked, by, now, operator_zone())
    if form.validate_on_submit():
        _refuse_without_mail()
        if left := len(ticked) - len(chosen):
            flash(_say_left(left), "bad")
        if chosen and request.form.get("do") == "send":  # any other button only shows what it would mean
            return _send_chosen(chosen)
        if not ticked:
            form.form_errors.append(gettext("Please tick at least one incident."))
    offered = bulk_surveys.list_mailable(by, now, operator_zone())
    values = {"offered": offered, "ticked": {one.id for one in chosen}, "plan": bulk_surveys.plan_mails(chosen)}
    most, set_up = bulk_surveys.MOST, current_config().mails
    shown = {"masked": mask_contact, "most": most, "set_up": set_up, "set_up_words": NoMailSetUp.sentence}
    return render_form("mail/ask_many.html", form, **values, **shown)


def _say_left(left: int) -> str:
    """Of what was ticked some cannot be asked about any more; which is no fault of who ticked it."""
    return ngettext(
        "%(num)s ticked incident is left out: it was asked about meanwhile, or cannot be asked about by mail.",
        "%(num)s ticked incidents are left out: they were asked about meanwhile, or cannot be asked about by mail.",
        left,
    )


def _send_chosen(chosen: list[Incident]) -> Response:
    by, now = current_person(), clock.now()
    queued, refused = bulk_surveys.ask_by_mail(chosen, make_campaign_key, by, now, operator_zone())
    outbox.queue_sending(by, now)
    flash(ngettext("%(num)s survey mail is queued.", "%(num)s survey mails are queued.", queued))
    for incident, refusal in refused:
        flash(f"{incident.number}: {describe_refusal(refusal)}", "bad")
    return redirect(url_for("desk.list_due_surveys"))


def _refuse_without_mail() -> None:
    if not current_config().mails:
        raise NoMailSetUp
