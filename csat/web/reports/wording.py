"""QA's own words in the place of a report's sentences: the list of them, and a form for each."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from csat import clock
from csat.config import LOCALES
from csat.models.base import Json
from csat.models.reporting import ReportState
from csat.procedure.reports import reports, wording
from csat.web.access import current_person, open_to
from csat.web.forms import StaffForm, bilingual, submit
from csat.web.reports.page import PREPARE_RIGHT, READ_RIGHT
from csat.words import N_

blueprint = Blueprint("report_words", __name__, url_prefix="/reports")

SENTENCE_GROUPS = {
    "lead": N_("The lead"),
    "notes": N_("What is not in the figures"),
    "good": N_("What goes well"),
    "attention": N_("What needs attention"),
    "decisions": N_("For the director to decide"),
    "title": N_("Titles of tables and charts"),
}
HEADING_GROUP = N_("Under the headings")


@bilingual("text", _l("In Chinese, instead"), _l("In English, instead"), wording.MAX_SENTENCE_LENGTH)
class SentenceForm(StaffForm):
    pass


@blueprint.get("/<int:key>/sentences")
@open_to(READ_RIGHT)
def list_sentences(key: int) -> str:
    """Every sentence of a report, which of them QA wrote, and which of those no longer fit."""
    one = reports.report_for(current_person(), key)
    return render_template(
        "reports/sentences.html",
        report=one,
        groups=_group_sentences(one.document),
        edits={
            place: {**edit, "at": datetime.fromisoformat(edit["at"])}
            for place, edit in wording.find_edits(one.document).items()
        },
        outdated=wording.list_outdated(one.document),
        editable=one.state == ReportState.DRAFT and current_user.may(PREPARE_RIGHT),
    )


@blueprint.route("/<int:key>/sentences/<place>", methods=["GET", "POST"])
@open_to(PREPARE_RIGHT)
def edit_sentence(key: int, place: str) -> ResponseReturnValue:
    """Put own words in a sentence's place, or take ours back by leaving both languages blank."""
    one, by = reports.report_for(current_person(), key), current_person()
    told = wording.get_sentence(one.document, place)
    edit = wording.find_edits(one.document).get(place)
    form = SentenceForm(data={f"text_{code}": text for code, text in (edit or {}).get("text", {}).items()})
    done = submit(
        form,
        lambda: wording.replace_sentence(one, place, form.by_language("text"), by, clock.now()),
        said=gettext("Saved."),
        to=url_for(".list_sentences", key=key),
    )
    stale = edit is not None and wording.is_outdated(told, edit)
    return done or render_template(
        "reports/sentence.html", report=one, told=told, edit=edit, stale=stale, form=form, languages=LOCALES
    )


def _group_sentences(document: dict[str, object]) -> list[tuple[str, list[Json]]]:
    """The sentences under words for where they stand."""
    found: dict[str, list[Json]] = {}
    for told in wording.list_sentences(document):
        group = SENTENCE_GROUPS.get(told["place"].split(".")[0], HEADING_GROUP)
        found.setdefault(gettext(group), []).append(told)
    return list(found.items())
