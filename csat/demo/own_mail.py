"""The demo's survey mails that go by themselves: tried, switched on, and what they leave to the desk (P1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from csat.adapters.holiday_calendar import propose_days
from csat.demo.desk import Asking, call, close_opted_out, create_key
from csat.demo.post import deliver_mails
from csat.demo.timeline import Timeline
from csat.models.asking import Invitation
from csat.models.clients import Incident
from csat.procedure.clients.opt_out import is_opted_out
from csat.procedure.core import days_off, settings
from csat.procedure.mail import survey_mails

SOONEST_CALL = timedelta(minutes=5)


def plan_own_mail(timeline: Timeline) -> None:
    """The administrator tries mail, names the first day and switches it on; later the round is prompted earlier."""
    about = timeline.content["own_mail"]
    timeline.at(about["tried"], try_mail)
    timeline.at(about["tried"] + timedelta(minutes=10), switch_on)
    timeline.at(about["round_prompted"], prompt_earlier)


def try_mail(timeline: Timeline, now: datetime) -> None:
    """A test mail arrives; and the year's days off are loaded."""
    admin = timeline.cast.people["admin"]
    survey_mails.send_test_mail(admin, now)
    deliver_mails(timeline, now)
    days_off.load_days(propose_days(now.year, "zh"), now.year, admin, now)


def switch_on(timeline: Timeline, now: datetime) -> None:
    """From the first day on mails go."""
    first_day = timeline.content["own_mail"]["first_day"]
    survey_mails.switch_on(first_day, timeline.cast.people["admin"], now, timeline.zone)


def prompt_earlier(timeline: Timeline, now: datetime) -> None:
    """The managers want to be told of the quarterly round earlier than by default."""
    days = timeline.content["own_mail"]["round_notice_days"]
    settings.change_setting("round_notice_days", days, timeline.cast.people["admin"], now)


def is_switched_on(timeline: Timeline, now: datetime) -> bool:
    """Whether a mail goes by itself about what closes now."""
    first = survey_mails.get_first_day()
    return first is not None and now.astimezone(timeline.zone).date() >= first


def wait() -> timedelta:
    """So long after closing the mail goes."""
    return timedelta(hours=settings.get_number("survey_mail_hours"), minutes=1)


def mail_or_call(
    timeline: Timeline, now: datetime, asking: Asking, incident: Incident, call_at: datetime | None
) -> None:
    """The mail's time has come; where none can go the desk calls, unless that is left to the visitor."""
    survey_mails.queue_survey_mails(now, timeline.zone, lambda: create_key(timeline))
    deliver_mails(timeline, now)
    if call_at is None or Invitation.select().where(Invitation.incident == incident).exists():
        return
    soonest = max(call_at, now + SOONEST_CALL)
    if is_opted_out(asking.contact):
        timeline.at(soonest, close_opted_out, incident)
    else:
        timeline.at(soonest, call, asking, incident)
