"""QA's own words in the place of a report's sentences: the list of them, and a form for each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import TextAreaField

from csat import clock
from csat.config import LOCALES
from csat.models.reporting import ReportState
from csat.procedure.reports import reports, wording
from csat.web.access import me, open_to
from csat.web.forms import StaffForm, at_most
from csat.web.reports.reports import PREPARE, READ
from csat.words import N_

blueprint = Blueprint("report_words", __name__, url_prefix="/reports")

GROUPS = {
    "lead": N_("The lead"),
    "notes": N_("What is not in the figures"),
    "good": N_("What goes well"),
    "attention": N_("What needs attention"),
    "decisions": N_("For the director to decide"),
    "title": N_("Titles of tables and charts"),
}
PARTS = N_("Under the headings")


class SentenceForm(StaffForm):
    text_zh = TextAreaField(_l("In Chinese, instead"), [at_most(wording.LONGEST)])
    text_en = TextAreaField(_l("In English, instead"), [at_most(wording.LONGEST)])

    def texts(self) -> dict[str, str]:
        """What was typed, by language."""
        return {language: self[f"text_{language}"].data or "" for language in LOCALES}


@blueprint.get("/<int:key>/sentences")
@open_to(READ)
def sentences(key: int) -> str:
    """Every sentence of a report, which of them QA wrote, and which of those no longer fit."""
    one = reports.report_for(me(), key)
    return render_template(
        "reports/sentences.html",
        report=one,
        groups=_grouped(one.document),
        edits=_told(wording.edits_of(one.document)),
        outdated=wording.outdated(one.document),
        editable=one.state == ReportState.DRAFT and current_user.may(PREPARE),
    )


@blueprint.route("/<int:key>/sentences/<place>", methods=["GET", "POST"])
@open_to(PREPARE)
def sentence(key: int, place: str) -> Any:
    """Put own words in a sentence's place, or take ours back by leaving both languages blank."""
    one = reports.report_for(me(), key)
    told = wording.sentence_at(one.document, place)
    edit = wording.edits_of(one.document).get(place)
    form = SentenceForm(data={f"text_{code}": text for code, text in (edit or {}).get("text", {}).items()})
    if form.validate_on_submit() and form.take(wording.put, one, place, form.texts(), me(), clock.now()):
        flash(gettext("Saved."))
        return redirect(url_for(".sentences", key=key))
    stale = edit is not None and wording.is_outdated(told, edit)
    return render_template(
        "reports/sentence.html", report=one, told=told, edit=edit, stale=stale, form=form, languages=LOCALES
    )


def _told(edits: dict[str, Any]) -> dict[str, Any]:
    return {place: {**edit, "at": datetime.fromisoformat(edit["at"])} for place, edit in edits.items()}


def _grouped(document: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The sentences under words for where they stand."""
    found: dict[str, list[dict[str, Any]]] = {}
    for told in wording.sentences_of(document):
        group = GROUPS.get(told["place"].split(".")[0], PARTS)
        found.setdefault(gettext(group), []).append(told)
    return list(found.items())
