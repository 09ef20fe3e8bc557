"""QA reads a response, decides about it, and asks its client (P7, Q4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired

from csat import clock
from csat.models.answers import Dismissal, Response, Verdict
from csat.models.people import Person
from csat.procedure.core.contact_details import mask_name
from csat.procedure.feedback import excerpts, follow_up
from csat.procedure.review import check_calls, corrections, signals, triage, verdicts
from csat.procedure.survey import receipts
from csat.web.access import current_person, open_to
from csat.web.formatting import operator_zone
from csat.web.forms import NamedForm, build_text_area, limit_length, submit
from csat.web.review import corrected_answers
from csat.web.review.blueprint import blueprint, describe_answer
from csat.web.review.queue import QueueFilter
from csat.words import N_

Decide = Callable[[Response, str, Person, datetime], object]  # with the reason or note

PENDING, VALID, DOUBTED, REFUSED = Verdict


class VerdictForm(NamedForm):
    decision = RadioField(_l("Decision"), [InputRequired(_l("Please choose one."))])
    reason = TextAreaField(_l("Reason or note"), [limit_length(2000)], render_kw={"rows": 2})

    def offer_decisions(self, response: Response) -> VerdictForm:
        """The decisions that are possible now, and this person's."""
        offered = [code for code, one in DECISIONS.items() if one.is_possible(response)]
        self.decision.choices = [SelectChoice(code, gettext(DECISIONS[code].label)) for code in offered]
        return self


@dataclass(frozen=True)
class Decision:
    """One thing that can be decided: from which verdicts, by whose right, in which words, and how."""

    label: str
    states: tuple[Verdict, ...]
    right: str
    verb: Decide
    fits: Callable[[Response], bool] = lambda response: True

    def is_possible(self, response: Response) -> bool:
        """Whether it can be decided now, by who is signed in."""
        return response.verdict in self.states and current_user.may(self.right) and self.fits(response)


def _is_own_proposal(response: Response) -> bool:
    proposer = verdicts.find_proposer(response)
    return proposer is not None and proposer.id == current_person().id


def _is_others_proposal(response: Response) -> bool:
    return not _is_own_proposal(response)


def _with_note(verb: Callable[[Response, Person, datetime, str], object]) -> Decide:
    return lambda response, note, by, now: verb(response, by, now, note)


DECISIONS: dict[str, Decision] = {
    "valid": Decision(N_("Valid"), (PENDING,), "review", _with_note(verdicts.accept_response)),
    "doubt": Decision(
        N_("Propose to refuse it; a second person decides"), (PENDING, VALID), "review", verdicts.propose_refusal
    ),
    "call": Decision(
        N_("Wait for a check call"),
        (PENDING,),
        "review",
        _with_note(check_calls.request_check_call),
        check_calls.can_be_called,
    ),
    "later": Decision(N_("Decide later"), (PENDING,), "review", lambda response, why, by, now: None),
    "reopen": Decision(
        N_("Take the refusal back, so that it is verified again"), (REFUSED,), "review", verdicts.reopen_response
    ),
    # Whose proposal it is decides what is offered; that nobody seconds their own, the verbs hold themselves (P7).
    "refuse": Decision(
        N_("Refuse it, as the second person"),
        (DOUBTED,),
        "refusals.second",
        _with_note(verdicts.refuse_response),
        _is_others_proposal,
    ),
    "keep": Decision(
        N_("Disagree: it stands as before"),
        (DOUBTED,),
        "refusals.second",
        _with_note(verdicts.reject_refusal),
        _is_others_proposal,
    ),
    "withdraw": Decision(
        N_("Withdraw my proposal: it stands as before"),
        (DOUBTED,),
        "review",
        _with_note(verdicts.withdraw_refusal),
        _is_own_proposal,
    ),
}


class QuestionForm(NamedForm):
    words = build_text_area(_l("Question or reply to the client"), rows=2)


@blueprint.post("/review/<int:key>/ask")
@open_to("review")
def ask_client(key: int) -> ResponseReturnValue:
    """Ask a respondent something, or reply; both stand on the receipt page, where the answer comes (Q4)."""
    response, form = verdicts.response_for(current_person(), key), QuestionForm()
    replies = request.form.get("do") == "reply"
    verb, said = receipts.ask_respondent, gettext("The client can read the question on the receipt page.")
    if replies:
        verb, said = receipts.reply_to_respondent, gettext("The client can read the reply on the receipt page.")
    done = submit(
        form,
        lambda: verb(response, form.words.data or "", current_person(), clock.now()),
        said,
        to=url_for(".show_response", key=key),
    )
    return done or (_render_response(response, VerdictForm(formdata=None).offer_decisions(response), form), 422)


@blueprint.get("/review/<int:key>")
@open_to("review", "responses.read", "refusals.second")
def show_response(key: int) -> str:
    """One response: answers, words, signals, verdict."""
    response = verdicts.response_for(current_person(), key)
    verdicts.record_opening(response, current_person(), clock.now())
    return _render_response(response, VerdictForm().offer_decisions(response))


@blueprint.post("/review/<int:key>")
@open_to("review", "refusals.second")
def decide_response(key: int) -> ResponseReturnValue:
    """Take a decision, and go on to the next response."""
    response = verdicts.response_for(current_person(), key)
    stood, following = response.verdict, _queue_neighbours(response)[1]
    form = VerdictForm().offer_decisions(response)
    decision, because = form.decision.data, form.reason.data or ""
    if not form.validate_on_submit() or not form.take(
        DECISIONS[decision].verb, response, because, current_person(), clock.now()
    ):
        return _render_response(verdicts.response_for(current_person(), key), form), 422
    if decision != "later":
        flash(gettext("Saved: %(decision)s.", decision=gettext(DECISIONS[decision].label)))
    return redirect(_url_after_decision(stood, following, key))


def _url_after_decision(stood: Verdict, following: int | None, key: int) -> str:
    """Where one goes after a decision: the next of the same kind, or the list."""
    if stood == DOUBTED:
        return url_for(".list_refusals")
    if stood != PENDING:
        return url_for(".show_response", key=key)
    wanted = QueueFilter.from_request().address
    return url_for(".show_response", key=following, **wanted) if following else url_for(".list_queue", **wanted)


def _queue_neighbours(response: Response) -> tuple[int | None, int | None, int, int]:
    """The response before and after this one in the narrowed queue, its place, and the queue's length."""
    if response.verdict != PENDING or not current_user.may("review"):
        return None, None, 0, 0
    keys = [row[0] for row in QueueFilter.from_request().list_responses().select(Response.id).tuples()]
    if response.id not in keys:
        return None, keys[0] if keys else None, 0, len(keys)
    at = keys.index(response.id)
    return keys[at - 1] if at else None, next(iter(keys[at + 1 :]), None), at + 1, len(keys)


def _render_response(response: Response, form: VerdictForm, asking: QuestionForm | None = None) -> str:
    before, after, place, length = _queue_neighbours(response)
    made_corrections = corrections.corrections_of([response.id])[response.id]
    answers = corrected_answers.fill_blanks(response, verdicts.answers_of(response), made_corrections)
    return render_template(
        "review/response.html",
        respondent=_respondent_name(response),
        response=response,
        form=form,
        answers=answers,
        marked={answer.id: excerpts.split_comment(answer) for answer in answers if answer.words},
        call=check_calls.find_check_call(response),
        signals=signals.find_signals(response, operator_zone()),
        decisions=verdicts.decisions_of(response),
        made=verdicts.feedback_of(response),
        checked=follow_up.find_checked_feedback(response),
        made_corrections=made_corrections,
        first=corrected_answers.describe_originals(made_corrections),
        correctable=corrections.may_propose_correction(response, current_person()),
        first_sorting=triage.triages_of([response]).get(response.id),
        dismissal=Dismissal.get_or_none(Dismissal.response == response),
        shown=describe_answer,
        messages=receipts.list_messages(response),
        asking=asking or (QuestionForm(formdata=None) if receipts.has_receipt(response) else None),
        wanted=QueueFilter.from_request(),
        before=before,
        after=after,
        place=place,
        length=length,
    )


def _respondent_name(response: Response) -> str:
    """Who answered by name; to who does not verify (the director) masked (D2)."""
    name = response.respondent_name or (response.contact.name if response.contact else "")
    return name if current_user.may("review") else mask_name(name)
