"""The page of one quarterly report: its forms, where it stands, and what its reader can do (P8, R1)."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, RadioField, SelectMultipleField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from csat.config import LOCALES
from csat.documents.report import render
from csat.models.reporting import Report, ReportState, Word
from csat.procedure.core.bilingual import name_field
from csat.procedure.core.documents import find_files
from csat.procedure.core.quarter import Quarter
from csat.procedure.reports import distribution, issuing, reports, review, wording
from csat.web.access import current_person
from csat.web.forms import ButtonForm, StaffForm, bilingual, limit_length, person_choices, set_choices, submit
from csat.web.language import current_locale

READ_RIGHT, PREPARE_RIGHT = "reports.read", "reports.prepare"
MAX_REMARK_LENGTH = {"zh": 240, "en": 500}  # characters: the summary must stay on one page
WORD_LABELS = {
    Word.APPROVE: _l("I approve this report"),
    Word.RETURN: _l("Return it to quality control; say what has to change"),
    Word.COMMENT: _l("Only comment"),
}


@bilingual("decisions", _l("To be decided, in Chinese"), _l("To be decided, in English"), MAX_REMARK_LENGTH)
@bilingual("assessment", _l("Assessment in Chinese"), _l("Assessment in English"), MAX_REMARK_LENGTH)
class RemarksForm(StaffForm):
    def remarks(self) -> dict[str, dict[str, str]]:
        """What was typed, by language."""
        typed = {part: self.by_language(part) for part in ("assessment", "decisions")}
        return {language: {part: typed[part][language].strip() for part in typed} for language in LOCALES}


class SubmitForm(StaffForm):
    reviewers = SelectMultipleField(
        _l("Managers who must approve"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    despite = BooleanField(_l("Give it to review although responses wait; the report says how many"))

    def __init__(self, **more: object) -> None:
        super().__init__(**more)
        self.reviewers.choices = person_choices(review.list_managers())


class ReviewForm(StaffForm):
    word = RadioField(_l("Your word"), choices=[])
    comment = TextAreaField(_l("Comment"), [limit_length(2000)])

    def __init__(self, report: Report, **more: object) -> None:
        super().__init__(**more)
        offered = review.list_offered_words(report, current_person())
        set_choices(self.word, [(word.value, gettext(WORD_LABELS[word])) for word in offered])


Address = str | Callable[[object], str]


def take_step(
    one: Report, form: StaffForm, verb: Callable[[], object], said: str, to: Address = ""
) -> ResponseReturnValue:
    """Let a form on the report's page do its one thing; refused, it stands there as it was typed."""
    return submit(form, verb, said, to or url_for("reports.show_report", key=one.id)) or render_report(one, form)


def render_report(one: Report, refused: StaffForm | None = None) -> str:
    """The report's page; a form that was refused stands in its place."""
    kept, facts, shown = one.document["remarks"], one.document["report"], {type(refused): refused}
    remarks = {name_field(part, code): kept[code][part] for code in LOCALES for part in kept[code]}
    before = [str(reviewer["person"]) for reviewer in facts["reviewers"]]  # named again after a return
    return render_template(
        "reports/show.html",
        report=one,
        facts=facts,
        sections=render.render_sections(one.document, current_locale()),
        plain=shown.get(ButtonForm) or ButtonForm(),
        # Without `formdata=None` each form would read what another one on the page was sent.
        remarks=shown.get(RemarksForm) or RemarksForm(formdata=None, data=remarks),
        submission=shown.get(SubmitForm) or SubmitForm(formdata=None, data={"reviewers": before}),
        word=shown.get(ReviewForm) or ReviewForm(one, formdata=None, data={"word": Word.COMMENT.value}),
        said=review.list_review_words(one),
        missing=issuing.find_missing_approvals(one) if one.state == ReportState.REVIEW else [],
        pending=reports.count_pending(one.document),
        kept=find_files(one),
        sent=distribution.list_deliveries(one),
        edits=wording.find_edits(one.document),
        outdated=wording.list_outdated(one.document),
        prepares=current_user.may(PREPARE_RIGHT),
        newest=reports.find_latest_for(current_person(), Quarter.from_int(one.quarter)),
        languages=LOCALES,
    )
