"""Within how many days to call back and to close, by severity (I2): QA's to change, for feedback to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from csat.database import write
from csat.models.feedback import Severity
from csat.procedure.core import audit, settings
from csat.procedure.core.refusals import InputWrong
from csat.words import N_

CALL_BACK, CLOSE = "call_back", "close"


def name_setting(step: str, severity: Severity) -> str:
    """The setting that holds the days of a step at a severity."""
    return f"{step}_{severity}"


DUE_DAY_SETTINGS = tuple(name_setting(step, severity) for severity in Severity for step in (CALL_BACK, CLOSE))


class ClosedBeforeCalled(InputWrong):
    sentence = N_("The client is called back before a feedback is closed: please enter at least %(least)s days.")


class MilderIsSooner(InputWrong):
    sentence = N_("“%(severity)s” is less severe than “%(above)s” and must not be due sooner: at least %(least)s days.")


def compute_due_instants(severity: Severity, created_at: datetime) -> tuple[datetime, datetime]:
    """When to have called back and when to close, in calendar days from creation; stored when made."""
    days = (settings.get_whole_number(name_setting(step, severity)) for step in (CALL_BACK, CLOSE))
    call_back_due_at, close_due_at = (created_at + timedelta(days=number) for number in days)
    return call_back_due_at, close_due_at


def get_due_days() -> dict[str, int]:
    """The days of each step and severity now, by the names of their settings."""
    return {name: settings.get_whole_number(name) for name in DUE_DAY_SETTINGS}


def change_due_days(days: Mapping[str, int], by: audit.Actor, now: datetime) -> None:
    """Change the days, all of them or none; what is due already stays due on its day."""
    with write():
        settings.change_settings({name: days[name] for name in DUE_DAY_SETTINGS}, by, now)
        for severity in Severity:
            _refuse_closing_first(days, severity)
        for above, severity in zip(list(Severity), list(Severity)[1:], strict=False):
            for step in (CALL_BACK, CLOSE):
                _refuse_sooner(days, step, above, severity)


def _refuse_closing_first(days: Mapping[str, int], severity: Severity) -> None:
    called = days[name_setting(CALL_BACK, severity)]
    if days[name_setting(CLOSE, severity)] < called:
        raise ClosedBeforeCalled(field=name_setting(CLOSE, severity), least=called)


def _refuse_sooner(days: Mapping[str, int], step: str, above: Severity, severity: Severity) -> None:
    least = days[name_setting(step, above)]
    if days[name_setting(step, severity)] < least:
        raise MilderIsSooner(field=name_setting(step, severity), severity=severity, above=above, least=least)
