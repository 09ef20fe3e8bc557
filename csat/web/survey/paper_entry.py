"""Printed forms that came back: found by their code and typed in (P5, decision 0183).

A code never stands in an address: with who asked for it and when, a server's log would tell who typed which form.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, StringField

from csat import clock
from csat.adapters import sealing
from csat.documents.filled.answers import format_answer
from csat.models.asking import Invitation, Naming
from csat.models.questionnaires import Question
from csat.procedure.core.refusals import Refusal
from csat.procedure.questionnaires import answers as answering
from csat.procedure.survey import paper, second_typing
from csat.procedure.survey.second_typing import TypingsDiffer
from csat.procedure.survey.typed_paper import Difference, TypedPaper
from csat.web.access import current_person, open_to
from csat.web.formatting import operator_zone, reader_format
from csat.web.forms import StaffForm, limit_length, require_input
from csat.web.questionnaires.answer_form import PaperAnswersField, build_form_class, first_input_id

blueprint = Blueprint("paper_entry", __name__, url_prefix="/campaigns")

WAYS = ((Naming.ANONYMOUS.value, _l("Without a name")), (Naming.NAMED.value, _l("With the name that stands on it")))
FIELD_LABELS = {
    "who": _l("With or without a name"),
    "name": _l("Name on the form"),
    "reach": _l("Telephone or e-mail on the form"),
    "name_client": _l("Organisation may be named"),
}


class CodeForm(StaffForm):
    code = StringField(
        _l("Code at the foot of the form"),
        [*require_input(), limit_length(60)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class PaperForm(StaffForm):
    """What stands on a form."""

    answers: PaperAnswersField  # the version's questions, added by `build_form_class`

    code = HiddenField()
    who = RadioField(FIELD_LABELS["who"], choices=[SelectChoice(*way) for way in WAYS], validate_choice=False)
    name = StringField(FIELD_LABELS["name"], [limit_length(120)], render_kw={"autocomplete": "off"})
    reach = StringField(FIELD_LABELS["reach"], [limit_length(200)], render_kw={"autocomplete": "off"})
    name_client = BooleanField(_l("“Name my organisation even if I could be guessed” is ticked"))

    def read_paper(self, naming: Naming) -> TypedPaper:
        """What the procedure takes: a name only where the form has one."""
        way = self.who.data if naming == Naming.BOTH else naming.value
        anonymous = way != Naming.NAMED.value
        return TypedPaper(
            answers=self.answers.data,
            anonymous=anonymous,
            name="" if anonymous else answering.clean_text(self.name.data or ""),
            reach="" if anonymous else answering.clean_text(self.reach.data or ""),
            name_client=anonymous and self.name_client.data,
        )


@blueprint.route("/paper", methods=["GET", "POST"])
@open_to("campaigns")
def enter_paper() -> ResponseReturnValue:
    """Ask for a form's code, then for what stands on it."""
    form = CodeForm(data={})
    if request.form.get("do") in ("save", "decide"):
        return _save_paper(form)
    if form.validate_on_submit():
        asked = (form.code.data, current_person(), clock.now(), operator_zone())
        invitation = form.take(paper.open_paper, *asked)
        if invitation is not None:
            blank = _form_class(invitation)(formdata=None, code=form.code.data)
            return _render_paper(invitation, blank)
    return _render_code_form(form), 422 if form.errors else 200


def _save_paper(asked: CodeForm) -> ResponseReturnValue:
    invitation = asked.take(paper.find_paper, asked.code.data or "")
    if invitation is None:
        return _render_code_form(asked), 422
    form = _form_class(invitation)()
    if not _is_sound(form, invitation.campaign.naming):
        return _render_paper(invitation, form), 422
    try:
        flash(_enter(form, invitation))
    except TypingsDiffer as differ:
        return _render_paper(invitation, form, _describe_differences(form, differ.differences)), 422
    except Refusal as refusal:
        form.object_to(refusal)
        return _render_paper(invitation, form), 422
    return redirect(url_for(".enter_paper"))


def _form_class(invitation: Invitation) -> type[PaperForm]:
    return build_form_class(invitation.campaign.version, PaperForm, PaperAnswersField)


def _is_sound(form: PaperForm, naming: Naming) -> bool:
    sound = form.validate()
    if naming == Naming.BOTH and form.who.data not in (Naming.ANONYMOUS.value, Naming.NAMED.value):
        form.who.errors = [gettext("Please choose what the form says.")]
        return False
    return sound


def _enter(form: PaperForm, invitation: Invitation) -> str:
    """Enter the form; return what to say then."""
    typed = form.read_paper(invitation.campaign.naming)
    facts = (form.code.data, typed, current_person(), clock.now(), operator_zone(), sealing)
    if not paper.enter_paper(*facts, decided=request.form.get("do") == "decide"):
        return gettext(
            "Kept. This form was drawn to be typed twice: please pass the paper on to a colleague, "
            "who types it in again."
        )
    if typed.anonymous:
        return gettext("The form is entered and sealed. Nobody sees here what it said, or that you typed it.")
    return gettext("The form is entered. QA verifies it.")


class ShownDifference(NamedTuple):
    """What differs, in words: where it stands on the page, what was typed first, and what was typed now."""

    place: str
    what: str
    first: str
    second: str


def _describe_differences(form: PaperForm, found: list[Difference]) -> list[ShownDifference]:
    asked = {f"q-{question.code}": (number, question) for number, question in enumerate(form.answers.questions, 1)}
    shown = []
    for one in found:
        number, question = asked.get(one.code, (0, None))
        first, second = _describe_typings(question, one)
        what = f"{number}. {reader_format().text(question.text)}" if question else str(FIELD_LABELS[one.code])
        place = first_input_id(question) if question else one.code
        shown.append(ShownDifference(place, what, first, second))
    return shown


def _describe_typings(question: Question | None, one: Difference) -> tuple[str, str]:
    if question is None:
        ways = {Naming.ANONYMOUS.value: WAYS[0][1], Naming.NAMED.value: WAYS[1][1], "y": gettext("Yes"), "": "–"}
        first, second = (str(ways.get("".join(sent), "".join(sent))) for sent in (one.first, one.second))
        return first, second
    read = ((answering.parse_answer(question, sent) if sent else None) for sent in (one.first, one.second))
    first, second = (
        gettext("Left blank") if given is None else format_answer(question, given, reader_format()) for given in read
    )
    return first, second


def _render_code_form(form: CodeForm) -> str:
    waiting = second_typing.list_waiting_forms(clock.now(), operator_zone())
    return render_template("survey/paper_code.html", form=form, waiting=waiting)


def _render_paper(invitation: Invitation, form: Any, differences: list[ShownDifference] | None = None) -> str:
    return render_template(
        "survey/paper.html",
        form=form,
        campaign=invitation.campaign,
        client=invitation.client,
        again=second_typing.has_first_typing(invitation),
        differences=differences or [],
    )
