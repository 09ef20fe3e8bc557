"""What stands around the questions of the respondent's form, and what of it the procedure takes (Q1)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, StringField

from csat import clock
from csat.models.asking import Naming
from csat.procedure.campaigns.links import SurveyRequest
from csat.procedure.core import tokens
from csat.procedure.questionnaires import answers as answering
from csat.procedure.survey import submission
from csat.procedure.survey.submission import FilledForm
from csat.web.forms import limit_length


class SurveyForm(Form):
    """What stands around the questions. It needs no token of a session: the link is the capability."""

    who = HiddenField()  # two radio buttons in the template
    name = StringField(_l("Your name"), [limit_length(120)])
    reach = StringField(_l("How to reach you"), [limit_length(200)])
    name_client = BooleanField(_l("Name my organisation even if I could be guessed"))
    code = HiddenField()
    opened = HiddenField()
    lang = HiddenField()
    kept = HiddenField()
    answers: Any

    def build_filled_form(self, asked: SurveyRequest) -> FilledForm:
        """What the procedure takes."""
        anonymous = self.is_answered(Naming.ANONYMOUS, asked)
        return FilledForm(
            answers=self.answers.data,
            anonymous=anonymous,
            code=tokens.normalise_submission_code(self.code.data or ""),
            name="" if anonymous else answering.clean_text(self.name.data or "") or asked.known_name,
            reach="" if anonymous else answering.clean_text(self.reach.data or ""),
            name_client=anonymous and self.name_client.data,
            duration=submission.classify_duration(self.count_seconds(), len(self.answers.questions)),
        )

    def is_answered(self, way: Naming, asked: SurveyRequest) -> bool:
        """Whether the answer comes in this way: it is the only one offered, or it was chosen."""
        offered = asked.campaign.naming
        return offered == way or (offered == Naming.BOTH and self.who.data == way)

    def count_seconds(self) -> float | None:
        """How long the form was open, as far as the page can be believed."""
        opened = self.opened.data or ""
        return clock.now().timestamp() - int(opened) if opened.isdecimal() and len(opened) < 12 else None

    def list_troubles(self, asked: SurveyRequest) -> list[tuple[str, str]]:
        """What is wrong beside the questions: (id, sentence)."""
        found = [(name, error) for name in ("name", "reach") for error in self[name].errors]
        named = self.is_answered(Naming.NAMED, asked)
        if not named and not self.is_answered(Naming.ANONYMOUS, asked):
            found.append(("who-0", gettext("Please choose whether you answer with or without your name.")))
        if named and not asked.known_name and not answering.clean_text(self.name.data or ""):
            found.append(("name", gettext("Please leave your name, or answer without it.")))
        return found
