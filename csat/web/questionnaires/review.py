"""The quarterly review of questionnaires: what the answers tell, and what QA decides (P14)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from csat import clock
from csat.figures.labels import ClientIndex, list_questionnaire_titles
from csat.figures.question_hints import SHARES, Hint
from csat.figures.question_review import ReviewedQuestion, review_form
from csat.figures.response_rates import compute_response_rates
from csat.models.questionnaires import Kind, Questionnaire, QuestionnaireReview, ReviewDecision
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import review
from csat.procedure.review import off_topic
from csat.web.access import current_person, open_to
from csat.web.figures.overview_charts import PALETTE
from csat.web.formatting import format_percent, list_terms, operator_zone
from csat.web.forms import ButtonForm, StaffForm, build_text_area, code_choices, render_form, require_input, submit
from csat.web.params import current_quarter, requested_quarter

blueprint = Blueprint("questionnaire_review", __name__, url_prefix="/questionnaires")

QUARTERS_OFFERED = 8
MOST_COMMENTS = 100  # on the page


def mark_name(code: str) -> str:
    """The name of the field in which a question is marked."""
    return f"mark-{code}"


class ReviewForm(StaffForm):
    decision = RadioField(
        _l("Decision on the questionnaire"),
        require_input(),
        coerce=ReviewDecision,
        choices=lambda: code_choices(*ReviewDecision),
    )
    note = build_text_area(_l("Note: what you looked at, and why you decide so"), rows=4)

    def read_marks(self, codes: list[str]) -> dict[str, ReviewDecision]:
        """What was chosen beside each question; what is no decision marks nothing."""
        sent = {code: request.form.get(mark_name(code), "") for code in codes}
        return {code: ReviewDecision(mark) for code, mark in sent.items() if mark in set(ReviewDecision)}


@blueprint.get("/reviews")
@open_to("questionnaires")
def list_reviews() -> str:
    """Every questionnaire with its newest review, and which are due."""
    due = {one.questionnaire.id: one for one in review.list_due_reviews(clock.now(), operator_zone())}
    titles = list_questionnaire_titles()
    return render_template(
        "questionnaires/reviews.html",
        forms=[form for form in Questionnaire.select().order_by(Questionnaire.id) if form.code in titles],
        titles=titles,
        due=due,
        reviews=review.list_newest_reviews(),
    )


@blueprint.route("/<code>/review", methods=["GET", "POST"])
@open_to("questionnaires")
def review_questionnaire(code: str) -> ResponseReturnValue:
    """What a quarter's answers tell about a questionnaire; the decision on it, put on record."""
    questionnaire, form = review.get_published_questionnaire(code), ReviewForm()
    now, zone = clock.now(), operator_zone()
    quarter = requested_quarter(review.find_quarter_to_review(questionnaire, now, zone))
    found = review_form(code, quarter)
    marks = form.read_marks([one.code for one in found.questions])
    done = submit(
        form,
        lambda: review.record_review(
            questionnaire, quarter, form.decision.data, form.note.data, marks, current_person(), now, zone
        ),
        said=gettext("The review is on record."),
        to=url_for(".review_questionnaire", code=code, quarter=str(quarter), _anchor="earlier"),
    )
    if done:
        return done
    earlier = review.list_reviews(questionnaire)
    return render_form(
        "questionnaires/review.html",
        form,
        it=found,
        marks=marks if form.is_submitted() else _known_marks(earlier, quarter),
        asked=_find_response_rate(code, quarter),
        comments=off_topic.read_comments(current_person(), questionnaire, quarter),
        most=MOST_COMMENTS,
        earlier=earlier,
        reviewed=any(one.quarter == int(quarter) for one in earlier),
        to_change=bool(earlier) and questionnaire.retired_at is None and _asks_for_a_version(earlier[0]),
        plain=ButtonForm(formdata=None),
        running=quarter >= current_quarter(),
        due_at=review.get_due_instant(quarter, zone),
        decisions=dict(list_terms(ReviewDecision)),
        describe_hint=describe_hint,
        describe_spread=describe_spread,
        show_decimal=show_decimal,
        mark_name=mark_name,
        palette=PALETTE,
        when=str(quarter),
        quarter=quarter,
        quarters=_list_quarters(quarter),
    )


def describe_hint(hint: Hint) -> str:
    """A hint in the reader's language, with what was found and the threshold."""
    say = format_percent if hint.rule in SHARES else show_decimal
    return gettext(hint.sentence, value=say(hint.value), limit=say(hint.limit, 0 if hint.rule in SHARES else 1))


def show_decimal(value: float | None, places: int = 2) -> str:
    """A number with decimals; nothing to show is an en dash."""
    return "–" if value is None else format_decimal(value, f"0.{'0' * places}" if places else "0")


def describe_spread(question: ReviewedQuestion) -> str:
    """The same as the bars of a distribution, in words: how often each answer was given, worst first."""
    counts = question.now.distribution or ()
    if question.kind == Kind.YES_NO:
        labels = [gettext("No"), gettext("Yes")]
    else:
        labels = [str(value) for value in range(1 if question.kind == Kind.RATING else 0, 11)]
    pairs = zip(labels, counts, strict=False)
    return " · ".join(gettext("%(answer)s: %(n)s", answer=label, n=n) for label, n in pairs)


def _known_marks(earlier: list[QuestionnaireReview], quarter: Quarter) -> dict[str, ReviewDecision]:
    """The marks of the newest review of this quarter, from which one begins anew."""
    newest = next((one for one in earlier if one.quarter == int(quarter)), None)
    return {code: ReviewDecision(mark) for code, mark in newest.marks.items()} if newest else {}


def _asks_for_a_version(newest: QuestionnaireReview) -> bool:
    return newest.decision == ReviewDecision.CHANGE and not review.is_answered(newest)


def _find_response_rate(code: str, quarter: Quarter) -> object:
    rows = compute_response_rates(int(quarter), ClientIndex()).questionnaires
    return next((row for row in rows if row.key == code), None)


def _list_quarters(quarter: Quarter) -> list[int]:
    offered = {int(one) for one in current_quarter().back(QUARTERS_OFFERED)}
    return sorted({*offered, int(quarter)}, reverse=True)
