"""The form of a call or an interview: the questions and what became of it, for the desk and for campaigns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import StringField

from csat import clock
from csat.config import LOCALES
from csat.documents.call_script import CallScript, write_call_script
from csat.models.asking import AttemptOutcome
from csat.models.clients import Contact, Incident
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.core import settings
from csat.procedure.questionnaires.answers import Answers
from csat.web.access import current_person
from csat.web.formatting import operator_zone
from csat.web.forms import StaffForm, build_datetime_field, limit_length, require_input, to_local_instant
from csat.web.questionnaires.answer_form import SpokenAnswersField, build_form_class

CALL_OUTCOMES = (
    AttemptOutcome.NOBODY,
    AttemptOutcome.BUSY,
    AttemptOutcome.LATER,
    AttemptOutcome.WRONG_NUMBER,
    AttemptOutcome.REFUSED,
)
BROKEN_OFF = "broken"  # the button of a call that ended before its last question


class CallForm(StaffForm):
    """What is typed during a call: one form, so that no button of the page loses what stands beside it."""

    answers: SpokenAnswersField  # the version's questions, added by `build_form_class`

    name = StringField(_l("Who answered"), [*require_input(), limit_length(120)])
    reach = StringField(_l("How to reach them about it"), [limit_length(200)])
    again_at = build_datetime_field(_l("Call again at"))
    note = StringField(_l("Note"), [limit_length(500)])

    @property
    def outcome(self) -> AttemptOutcome | None:
        """What became of the call when nobody answered the questions; None when they were answered."""
        pressed = request.form.get("do", "record")
        return next((one for one in CALL_OUTCOMES if one.value == pressed), None)

    def notes_are_sound(self) -> bool:
        """Whether the fields of an attempt can be used; the questions may stay unanswered then."""
        fields = [self.note, self.again_at] if self.outcome is AttemptOutcome.LATER else [self.note]
        return all([field.validate(self) for field in fields])


def build_call_form(version: QuestionnaireVersion, contact: Contact | None) -> CallForm:
    """The form of a call with a version's questions."""
    return begin_call_form(build_form_class(version, CallForm, SpokenAnswersField), contact)


def begin_call_form(form_class: type[CallForm], contact: Contact | None) -> CallForm:
    """The form of a call: who was called, and a time in an hour for calling again."""
    soon = clock.now().astimezone(operator_zone()) + timedelta(hours=1, minutes=4)
    in_an_hour = soon.replace(minute=soon.minute // 5 * 5, second=0, microsecond=0, tzinfo=None)
    return form_class(data={"name": contact.name if contact else "", "again_at": in_an_hour})


def build_scripts(contact: Contact, incident: Incident | None, version: QuestionnaireVersion) -> list[CallScript]:
    """What to say, in the client's language first."""
    languages = sorted(LOCALES, key=lambda language: language != contact.language)
    facts = (current_person().name, settings.get_provider_names(), contact, incident, version, operator_zone())
    return [write_call_script(language, *facts) for language in languages]


def submit_call(
    form: CallForm,
    record_attempt: Callable[[AttemptOutcome, datetime | None, str], None],
    record_answers: Callable[[Answers, str, str], None],
) -> bool:
    """Put down what became of a call, or what was said; False when the form says why not."""
    if form.outcome is not None:
        again_at = to_local_instant(form.again_at.data, operator_zone())
        said = (form.outcome, again_at, form.note.data or "")
        return form.notes_are_sound() and bool(form.take(record_attempt, *said))
    if request.form.get("do") == BROKEN_OFF:
        form.answers.leave_out_rest()
    return form.validate() and bool(form.take(record_answers, form.answers.data, form.name.data, form.reach.data or ""))
