"""The daily round: everything that comes due with time. Safe to run twice, and twice at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

import click

from csat import clock, database
from csat.adapters import sealing
from csat.commands import backup, exports
from csat.commands.group import csat
from csat.commands.kept_files import delete_kept_files
from csat.commands.mailbox import make_unsealer, refuse_unscrubbed
from csat.commands.opening import open_system
from csat.config import Config
from csat.figures.commitments import list_commitment_verdicts
from csat.procedure.archive import bundles
from csat.procedure.campaigns import campaigns
from csat.procedure.commitments import missed
from csat.procedure.core import audit, uploads
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import Refusal
from csat.procedure.feedback import escalation, follow_up
from csat.procedure.incidents import survey_cooldown
from csat.procedure.mail import account_mails, cleanup, outbox, reminders, survey_mails
from csat.procedure.review import check_calls
from csat.procedure.survey import drafts, mailbox, second_typing
from csat.procedure.upkeep import retention
from csat.procedure.worklists import digest

log = logging.getLogger("csat.daily")
Step = Callable[[Config, datetime], str]


@csat.command()
def daily() -> None:
    """Close and open what is due, remind, tell what is overdue and what waits, sweep, back up, send mail."""
    config = open_system()
    with database.only_one("daily") as ours:
        if not ours:
            click.echo("The daily round is running already.")
            return
        failures = sum(not run_step(step, config) for step in STEPS)
    if failures:
        raise click.exceptions.Exit(1)


def run_step(step: Step, config: Config) -> bool:
    """Do a step and say in one line what it came to; one that fails does not stop the others."""
    name = step.__name__.replace("_", " ")
    try:
        click.echo(step(config, clock.now()))
    except (Refusal, database.ScrubIncomplete) as refusal:
        click.echo(f"{name} failed: {refusal}", err=True)
        return False
    except Exception as error:  # whatever it is: mail and the back-up must still go
        log.error("the daily round: %s broke", name, exc_info=error)
        click.echo(f"{name} failed: {type(error).__name__}; the log has more", err=True)
        return False
    return True


def close_campaigns(config: Config, now: datetime) -> str:
    """Campaigns whose day has come are closed."""
    return f"{campaigns.close_expired_campaigns(now)} campaigns closed."


def open_answers(config: Config, now: datetime) -> str:
    """Anonymous answers that have company are opened."""
    unseal, by = make_unsealer(config.keys), audit.name_command_user()
    releases = refuse_unscrubbed(lambda: mailbox.release_due_campaigns(now, unseal, by, patient=True))
    return f"{sum(one.number for one in releases)} anonymous answers opened."


def give_rest(config: Config, now: datetime) -> str:
    """Incidents whose contact was surveyed shortly before are skipped, where a rest is set."""
    return f"{survey_cooldown.skip_in_cooldown(now)} incidents skipped, so that their contacts have rest."


def ask_whether_settled(config: Config, now: datetime) -> str:
    """Whose days of rest are over is asked whether what was closed is settled."""
    return f"{follow_up.ask_rested_clients(now, config.timezone)} rested contacts asked whether it is settled."


def draw_check_calls(config: Config, now: datetime) -> str:
    """Records of the running quarter are drawn for check calls; the sample of the one before is completed."""
    quarter = Quarter.of(now, config.timezone)
    drawn = check_calls.draw_sample(quarter.plus(-1), now) + check_calls.draw_sample(quarter, now, running=True)
    return f"{drawn} records drawn for check calls."


def judge_commitments(config: Config, now: datetime) -> str:
    """What the quarter that is over missed wants an answer of QA (C2)."""
    quarter = Quarter.of(now, config.timezone).plus(-1)
    told = list_commitment_verdicts(quarter, now, config.timezone)
    return f"{missed.record_verdicts(quarter, told, now)} commitments newly missed."


def queue_survey_mails(config: Config, now: datetime) -> str:
    """Closed incidents whose hours have passed are asked about by mail, where that is switched on (P1)."""
    if not config.mails:
        return "No survey mails: mail is not set up."
    make_key = partial(sealing.create_key, config.keys)
    return f"{survey_mails.queue_survey_mails(now, config.timezone, make_key)} survey mails queued."


def queue_notices(config: Config, now: datetime) -> str:
    """Whose account was changed learns of it."""
    if not config.mails:
        return "No notices of accounts by mail: mail is not set up."
    return f"{account_mails.queue_notices(now)} notices of accounts queued."


def queue_reminders(config: Config, now: datetime) -> str:
    """Who has not answered is reminded; without mail, nobody is."""
    if not config.mails:
        return "No reminders: mail is not set up."
    return f"{reminders.queue_reminders(now, config.timezone)} reminders queued."


def tell_overdue(config: Config, now: datetime) -> str:
    """Owner, head and director learn of overdue feedback."""
    return f"{escalation.escalate_overdue(now, config.timezone)} notices of overdue feedback queued."


def queue_digests(config: Config, now: datetime) -> str:
    """Everybody with work waiting learns of it."""
    if not config.mails:
        return "No digests: mail is not set up."
    return f"{digest.queue_digests(now, config.timezone)} digests queued."


def sweep(config: Config, now: datetime) -> str:
    """What is kept for some days only goes."""
    forms, mails = drafts.delete_expired_drafts(now), cleanup.delete_old_mails(now)
    second_typing.delete_lapsed_typings(now)
    exported = exports.delete_outdated_exports(config, now)
    return f"{forms} half-filled forms, {mails} old mails and {exported} exported files deleted."


def keep_no_longer(config: Config, now: datetime) -> str:
    """Personal details whose time is over are overwritten."""
    delete_kept_files(config.files, uploads.list_abandoned_uploads(now))
    done_ = retention.overwrite_old_details(now, config.timezone)
    return f"Personal details of {done_.contacts} contacts and {done_.responses} responses overwritten."


def sweep_bundles(config: Config, now: datetime) -> str:
    """Bundles of the archive go after some days, and at once when somebody in them was erased."""
    gone = delete_kept_files(config.files, bundles.list_expired_files(now))
    return f"{gone} bundles of the archive deleted."


def back_up(config: Config, now: datetime) -> str:
    """The back-up, after the release has emptied the mailbox and what had to go is gone."""
    return backup.run_daily_backup(config, now)


def let_mail_be_sent(config: Config, now: datetime) -> str:
    """The worker sends what is due."""
    outbox.wake_sender(now)
    return f"{outbox.select_due_mails(now).count()} mails are due, and sent by the worker."


# Closing comes before reminding, so that nobody is reminded of what is over; the release before the back-up, so that
# no back-up holds what was sealed longer than need be.
STEPS: tuple[Step, ...] = (
    close_campaigns,
    open_answers,
    give_rest,
    ask_whether_settled,
    draw_check_calls,
    judge_commitments,
    queue_survey_mails,
    queue_notices,
    queue_reminders,
    tell_overdue,
    queue_digests,
    sweep,
    keep_no_longer,
    sweep_bundles,
    back_up,
    let_mail_be_sent,
)
