"""How a draft or a version looks: on a phone, on a desktop, on a call, in each language; links to show it (Q7).

The page frames two of its own pages, which are the survey's and the call's with a form that is only tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import DataRequired

from csat import clock
from csat.adapters import qrcode
from csat.config import LOCALES
from csat.models.asking import Naming
from csat.models.base import Json, expect_value
from csat.models.questionnaires import QuestionnaireDraft
from csat.procedure.authoring import drafts, preview_links
from csat.procedure.authoring.preview_links import MOST_DAYS, USUAL_DAYS, Shown
from csat.procedure.authoring.previews import Preview, preview_draft, preview_version
from csat.procedure.campaigns import samples
from csat.procedure.core.refusals import NotPermitted
from csat.procedure.questionnaires import questionnaires
from csat.terms import get_term
from csat.web.access import current_person, open_to
from csat.web.app import current_config
from csat.web.campaigns.call_forms import CALL_OUTCOMES, CallForm, begin_call_form, build_scripts, submit_call
from csat.web.errors import CONTENT_SECURITY_POLICY
from csat.web.forms import ButtonForm, StaffForm, press_button
from csat.web.language import LANGUAGE_CHOICES, current_locale
from csat.web.params import parse_choice, parse_code
from csat.web.questionnaires.answer_form import SpokenAnswersField, build_form_class_of
from csat.web.questionnaires.trials import Trial, build_sample, run_trial
from csat.words import N_

blueprint = Blueprint("questionnaire_preview", __name__, url_prefix="/questionnaires")

WAYS = {"phone": N_("On a phone"), "desktop": N_("On a desktop"), "call": N_("On the telephone")}
PAPERS = {True: "paper_forms.print_blank_draft", False: "paper_forms.print_blank_version"}  # by: is it a draft
# The page may frame pages of ours, and only those that it frames may be framed: by a page of ours.
FRAMING = {
    "show_preview": CONTENT_SECURITY_POLICY + "; frame-src 'self'",
    "make_link": CONTENT_SECURITY_POLICY + "; frame-src 'self'",
    "try_form": CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "try_call": CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
}


class PreviewLinkForm(StaffForm):
    days = IntegerField(
        _l("For how many days"),
        [DataRequired(_l(preview_links.DaysOutOfRange.sentence, most=MOST_DAYS))],  # 0 and words too
        default=USUAL_DAYS,
        render_kw={"min": "1", "max": str(MOST_DAYS)},
    )


@dataclass(frozen=True)
class Subject:
    """What is previewed, and how addresses of its pages name it."""

    record: Shown
    preview: Preview
    where: Json

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft; else a version."""
        return isinstance(self.record, QuestionnaireDraft)

    @property
    def naming(self) -> Naming:
        """How it lets people answer: as the address asks, else as surveys with this form usually do."""
        offered, asked = samples.list_namings(self.preview.code), parse_code(Naming, "naming")
        return asked if asked in offered else offered[0]

    def address(self, page: str, **more: str | int) -> str:
        """The address of one of its pages."""
        return url_for(page, **(self.where | more))


@blueprint.get("/<code>/draft/preview")
@blueprint.get("/<int:key>/preview")
@open_to("questionnaires.see")
def show_preview(code: str = "", key: int = 0) -> str:
    """The form in its frame, and the links by which others can try it."""
    return _render_preview(_find_subject(code, key), PreviewLinkForm(formdata=None))


@blueprint.route("/<code>/draft/preview/form", methods=["GET", "POST"])
@blueprint.route("/<int:key>/preview/form", methods=["GET", "POST"])
@open_to("questionnaires.see")
def try_form(code: str = "", key: int = 0) -> tuple[str, int]:
    """The respondent's page."""
    subject = _find_subject(code, key)
    address = subject.address(".try_form", naming=subject.naming.value)
    return run_trial(Trial(subject.preview, address, subject.naming))


@blueprint.route("/<code>/draft/preview/call", methods=["GET", "POST"])
@blueprint.route("/<int:key>/preview/call", methods=["GET", "POST"])
@open_to("questionnaires.see")
def try_call(code: str = "", key: int = 0) -> ResponseReturnValue:
    """The page of a call: what is said, and the questions."""
    subject = _find_subject(code, key)
    preview, invitation = subject.preview, build_sample(subject.preview, Naming.NAMED).invitation
    contact, address = expect_value(invitation.contact), subject.address(".try_call", lang=current_locale())
    form = begin_call_form(build_form_class_of(preview.questions, CallForm, SpokenAnswersField), contact)
    if request.method == "POST" and submit_call(form, _keep_nothing, _keep_nothing):
        flash(gettext("This was a trial: nothing was recorded."))
        return redirect(address)
    return render_template(
        "questionnaires/preview_call.html",
        frame="questionnaires/preview_frame.html",
        form=form,
        address=address,
        contact=contact,
        scripts=build_scripts(contact, invitation.incident, preview.version),
        outcomes=CALL_OUTCOMES,
    ), 422 if form.errors else 200


@blueprint.post("/<code>/draft/preview/links")
@blueprint.post("/<int:key>/preview/links")
@open_to("questionnaires")
def make_link(code: str = "", key: int = 0) -> tuple[str, int]:
    """Make a link and show it, this once."""
    subject, form = _find_subject(code, key), PreviewLinkForm()
    days = form.days.data if form.validate() else None
    made = days and form.take(preview_links.make_preview_link, subject.record, days, current_person(), clock.now())
    if not made:
        return _render_preview(subject, form), 422
    token, link = made
    address = f"{current_config().base_url}/preview/{token}"
    shown = {"address": address, "picture": qrcode.make_data_uri(address), "link": link}
    return _render_preview(subject, PreviewLinkForm(formdata=None), shown), 200


@blueprint.post("/<code>/draft/preview/links/<int:link>/withdraw")
@blueprint.post("/<int:key>/preview/links/<int:link>/withdraw")
@open_to("questionnaires")
def withdraw_link(link: int, code: str = "", key: int = 0) -> Response:
    """End a link before its time."""
    subject = _find_subject(code, key)
    verb = preview_links.withdraw_preview_link
    return press_button(verb, subject.record, link, current_person(), clock.now(), to=subject.address(".show_preview"))


@blueprint.after_request
def _set_framing(response: Response) -> Response:
    policy = FRAMING.get((request.endpoint or "").rpartition(".")[2])
    if policy:
        response.headers["Content-Security-Policy"] = policy
    return response


def _find_subject(code: str, key: int) -> Subject:
    if code:
        if not current_user.may("questionnaires"):
            raise NotPermitted  # a draft is for those who work on it
        draft = drafts.get_draft(code)
        return Subject(draft, preview_draft(draft), {"code": code})
    version = questionnaires.get_version(key)
    return Subject(version, preview_version(version), {"key": key})


def _keep_nothing(*said: object) -> None:
    """What a trial does with an answer."""


def _render_preview(subject: Subject, form: PreviewLinkForm, made: Json | None = None) -> str:
    way, language = parse_choice("as", WAYS, "phone"), parse_choice("in", LOCALES, current_locale())
    state = {"as": way, "in": language, "naming": subject.naming.value}
    page = ".try_call" if way == "call" else ".try_form"
    return render_template(
        "questionnaires/preview.html",
        subject=subject,
        form=form,
        made=made,
        way=way,
        ways=_offer(subject, state, "as", WAYS),
        languages=_offer(subject, state, "in", dict(LANGUAGE_CHOICES)),
        namings=_offer(
            subject, state, "naming", {one: get_term(one) for one in samples.list_namings(subject.preview.code)}
        ),
        framed=subject.address(page, lang=language, naming=subject.naming.value),
        links=preview_links.list_preview_links(subject.record, clock.now()),
        button=ButtonForm(formdata=None),
        paper=subject.address(PAPERS[subject.is_draft], lang=language),
    )


def _offer(
    subject: Subject, state: dict[str, str], name: str, choices: Mapping[str, str]
) -> list[tuple[str, str, str, bool]]:
    """Links that change one thing about what is shown: (value, label, address, whether it is so now)."""
    return [
        (value, label, subject.address(".show_preview", **(state | {name: value})), state[name] == value)
        for value, label in choices.items()
    ]
