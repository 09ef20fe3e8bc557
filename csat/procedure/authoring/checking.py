"""The check list before publishing: what must be put right, what should be known, and what is well (Q7, §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from csat.procedure.authoring.checks import Check, CheckState, passed, warn, wrong
from csat.procedure.authoring.form_history import FormHistory
from csat.procedure.authoring.history_checks import check_history
from csat.procedure.authoring.question_checks import check_questions
from csat.procedure.authoring.text_checks import check_texts
from csat.procedure.questionnaires.content import LANGUAGES, FormContent, drop_idle_parts
from csat.procedure.questionnaires.form_length import TELEPHONE, count_minutes
from csat.procedure.questionnaires.questionnaires import INCIDENT_CODE
from csat.words import N_

Measure = Callable[[FormContent, str], int]  # bytes of the page that respondents see, in a language

MOST_BYTES = 40_000
MOST_CALL_MINUTES = 3

LENGTH = N_("Filling it in takes about %(web)s min, by telephone %(phone)s min.")
CALL_TOO_LONG = N_("By telephone it takes about %(phone)s min; a call after an incident should stay within %(most)s.")
PAGE_FITS = N_("The page has %(size)s KB; at most %(most)s fit.")
PAGE_TOO_LARGE = N_(
    "The page has %(size)s KB; at most %(most)s fit on slow networks. Please shorten texts or questions."
)


def check_form(form: FormContent, history: FormHistory, measure: Measure | None = None) -> list[Check]:
    """The check list of a form with this history: what is wrong first, then the warnings, then what is well.

    Without `measure` the page's size is left out: rendering it takes too long for every look into the editor.
    """
    form = drop_idle_parts(form)  # as it would be published
    found = [
        *check_texts(form),
        *check_questions(form),
        *check_history(form, history),
        *_check_length(form),
        *(_check_size(form, measure) if measure else ()),
    ]
    order = (CheckState.WRONG, CheckState.WARN, CheckState.OK)
    return sorted(found, key=lambda check: order.index(check.state))


def is_publishable(checks: Iterable[Check]) -> bool:
    """Whether nothing of a check list is wrong."""
    return all(check.state != CheckState.WRONG for check in checks)


def _check_length(form: FormContent) -> Iterator[Check]:
    phone = count_minutes(form, TELEPHONE)
    yield passed(LENGTH, web=count_minutes(form), phone=phone)
    if form.code == INCIDENT_CODE and phone > MOST_CALL_MINUTES:
        yield warn(CALL_TOO_LONG, phone=phone, most=MOST_CALL_MINUTES)


def _check_size(form: FormContent, measure: Measure) -> Iterator[Check]:
    size = max(measure(form, language) for language in LANGUAGES)
    kilobytes, most = -(-size // 1000), MOST_BYTES // 1000
    if size < MOST_BYTES:
        yield passed(PAGE_FITS, size=kilobytes, most=most)
    else:
        yield wrong(PAGE_TOO_LARGE, size=kilobytes, most=most)
