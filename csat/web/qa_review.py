"""QA reads responses one by one, decides about each, and takes feedback out of them (P7, P9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as Answered
from wtforms import RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired

from csat import clock
from csat.documents.masking import masked_name
from csat.models.answers import Dismissal, Response, Verdict
from csat.models.questionnaires import Questionnaire
from csat.procedure import (
    authenticity,
    check_calls,
    closing_check,
    corrections,
    qa_review,
    quotes,
    receipts,
    sorting,
)
from csat.web.access import me, open_to
from csat.web.feedback_forms import OneOfSeveral, prose
from csat.web.filters import text, zone
from csat.web.forms import at_most
from csat.web.paging import slice_of
from csat.web.qa_proposals import proposals
from csat.web.qa_receipts import receipts_answered
from csat.web.qa_room import number, room, shown
from csat.words import N_

__all__ = ["proposals", "receipts_answered", "room"]  # they share this room

LOOKED_THROUGH = 1000  # responses whose signals are computed for one filter
PENDING, VALID, DOUBTED, REFUSED = Verdict


# --- the queue ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What the queue is narrowed to; it stays in the address while one goes from response to response."""

    client: int | None
    questionnaire: int | None
    signal: str
    plain: bool
    sort: str

    @classmethod
    def asked(cls) -> Wanted:
        signal = request.args.get("signal", "")
        known = signal if signal in authenticity.LABELS else ""
        sort = "signals" if request.args.get("sort") == "signals" else ""
        return cls(number("client"), number("questionnaire"), known, bool(request.args.get("plain")), sort)

    @property
    def address(self) -> dict[str, Any]:
        """The same in an address."""
        given = {"client": self.client, "questionnaire": self.questionnaire, "signal": self.signal}
        given |= {"plain": self.plain and "1", "sort": self.sort}
        return {name: value for name, value in given.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether some that wait are left out."""
        return bool(self.client or self.questionnaire or self.signal or self.plain)

    def responses(self) -> Any:
        """The responses that wait, narrowed, and sorted by age or by signals."""
        query = qa_review.queue(PENDING, self.client, self.questionnaire)
        if not (self.signal or self.plain or self.sort):
            return query
        looked_at = list(query.limit(LOOKED_THROUGH))
        found = authenticity.signals_of(looked_at, zone())
        if self.plain:
            query = query.where(Response.id.in_(qa_review.plain_of(looked_at, zone())))
        elif self.signal:
            keys = {key for key, signals in found.items() if self.signal in {one.code for one in signals}}
            query = query.where(Response.id.in_(keys))
        return qa_review.by_signals(query, found) if self.sort else query


@room.get("/review")
@open_to("review")
def queue() -> str:
    """What waits for a verdict, oldest first."""
    wanted = Wanted.asked()
    listed = slice_of(qa_review.with_names(wanted.responses()))
    signals = authenticity.signals_of(listed.rows, zone())
    worth = qa_review.worth_acting_on(listed.rows)
    return render_template(
        "qa_review/queue.html",
        listed=listed,
        all_waiting=qa_review.queue(PENDING).count(),
        wanted=wanted,
        signals=signals,
        worth=worth,
        calls=check_calls.calls_of(listed.rows),
        labels=authenticity.LABELS,
        clients=qa_review.clients_waiting(PENDING),
        forms=_forms(),
    )


@room.post("/review")
@open_to("review")
def accept_ticked() -> Answered:
    """Accept the plain responses that were ticked."""
    keys = [key for key in request.form.getlist("response", type=int) if 0 < key <= qa_review.LARGEST_KEY]
    ticked = list(Response.select().where(Response.id.in_(keys[:LOOKED_THROUGH])))
    accepted = qa_review.accept_plain(ticked, me(), clock.now(), zone())
    flash(ngettext("%(num)s response is valid now.", "%(num)s responses are valid now.", accepted))
    if accepted < len(keys):
        left = len(keys) - accepted
        flash(ngettext("%(num)s was left for reading.", "%(num)s were left for reading.", left))
    return redirect(url_for(".queue", **Wanted.asked().address))


@room.get("/refusals")
@open_to("refusals.second")
def refusals() -> str:
    """Refusals that wait for a second person."""
    listed = slice_of(qa_review.with_names(qa_review.queue(DOUBTED)))
    reasons = {row.id: qa_review.decisions_of(row)[-1] for row in listed.rows}
    return render_template("qa_review/refusals.html", listed=listed, reasons=reasons)


def _forms() -> list[tuple[int, str]]:
    """Every questionnaire's key and newest title."""
    titles = {}
    for form in Questionnaire.select().order_by(Questionnaire.id):
        newest = form.versions.order_by(form.versions.model.number.desc()).first()
        if newest is not None:
            titles[form.id] = text(newest.title)
    return list(titles.items())


# --- one response ------------------------------------------------------------------------------------


class DecideForm(OneOfSeveral):
    decision = RadioField(_l("Decision"), [InputRequired(_l("Please choose one."))])
    reason = TextAreaField(_l("Reason or note"), [at_most(2000)], render_kw={"rows": 2})

    def offer(self, response: Response) -> DecideForm:
        """The decisions that are possible now, and this person's."""
        offered = [code for code, one in DECISIONS.items() if one.possible(response)]
        self.decision.choices = [SelectChoice(code, gettext(DECISIONS[code].label)) for code in offered]
        return self


@dataclass(frozen=True)
class Decision:
    """One thing that can be decided: from which verdicts, by whose right, in which words, and how."""

    label: str
    states: tuple[Verdict, ...]
    right: str
    verb: Callable[[Response, str], Any]
    of: Callable[[Response], bool] = lambda response: True

    def possible(self, response: Response) -> bool:
        """Whether it can be decided now, by who is signed in."""
        return response.verdict in self.states and current_user.may(self.right) and self.of(response)


def _proposed_by_me(response: Response) -> bool:
    proposer = qa_review.proposer_of(response)
    return proposer is not None and proposer.id == me().id


DECISIONS: dict[str, Decision] = {
    "valid": Decision(
        N_("Valid"), (PENDING,), "review", lambda one, why: qa_review.accept(one, me(), clock.now(), why)
    ),
    "doubt": Decision(
        N_("Propose to refuse it; a second person decides"),
        (PENDING, VALID),
        "review",
        lambda one, why: qa_review.doubt(one, why, me(), clock.now()),
    ),
    "call": Decision(
        N_("Wait for a check call"),
        (PENDING,),
        "review",
        lambda one, why: check_calls.ask(one, me(), clock.now(), why),
        check_calls.can_be_called,
    ),
    "later": Decision(N_("Decide later"), (PENDING,), "review", lambda one, why: None),
    "reopen": Decision(
        N_("Take the refusal back, so that it is verified again"),
        (REFUSED,),
        "review",
        lambda one, why: qa_review.reopen(one, why, me(), clock.now()),
    ),
    "refuse": Decision(
        N_("Refuse it, as the second person"),
        (DOUBTED,),
        "refusals.second",
        lambda one, why: qa_review.refuse(one, me(), clock.now(), why),
        of=lambda one: not _proposed_by_me(one),
    ),
    "keep": Decision(
        N_("Disagree: it stands as before"),
        (DOUBTED,),
        "refusals.second",
        lambda one, why: qa_review.keep(one, me(), clock.now(), why),
        of=lambda one: not _proposed_by_me(one),
    ),
    "withdraw": Decision(
        N_("Withdraw my proposal: it stands as before"),
        (DOUBTED,),
        "review",
        lambda one, why: qa_review.withdraw_doubt(one, me(), clock.now(), why),
        of=lambda one: _proposed_by_me(one),
    ),
}


class AskForm(OneOfSeveral):
    words = prose(_l("Question or reply to the client"), rows=2)


@room.post("/review/<int:key>/ask")
@open_to("review")
def ask(key: int) -> Any:
    """Ask a respondent something, or reply; both stand on the receipt page, where the answer comes (Q4)."""
    response, form = qa_review.response_for(me(), key), AskForm()
    replies = request.form.get("do") == "reply"
    verb = receipts.reply if replies else receipts.ask
    if not form.validate_on_submit() or not form.take(verb, response, form.words.data, me(), clock.now()):
        return _review(response, DecideForm(formdata=None).offer(response), form), 422
    flash(
        gettext("The client can read the reply on the receipt page.")
        if replies
        else gettext("The client can read the question on the receipt page.")
    )
    return redirect(url_for(".review", key=key))


@room.get("/review/<int:key>")
@open_to("review", "responses.read", "refusals.second")
def review(key: int) -> str:
    """One response: answers, words, signals, verdict."""
    response = qa_review.response_for(me(), key)
    qa_review.opened(response, me(), clock.now())
    return _review(response, DecideForm().offer(response))


@room.post("/review/<int:key>")
@open_to("review", "refusals.second")
def decide(key: int) -> Any:
    """Take a decision, and go on to the next response."""
    response = qa_review.response_for(me(), key)
    stood, following = response.verdict, _beside(response)[1]
    form = DecideForm().offer(response)
    if not form.validate_on_submit():
        return _review(response, form), 422
    decision = form.decision.data
    if not form.take(DECISIONS[decision].verb, response, form.reason.data):
        return _review(qa_review.response_for(me(), key), form), 422
    if decision != "later":
        flash(gettext("Saved: %(decision)s.", decision=form_label(decision)))
    return redirect(_onward(stood, following, key))


def form_label(decision: str) -> str:
    """A decision in the reader's words."""
    return gettext(DECISIONS[decision].label)


def _onward(stood: Verdict, following: int | None, key: int) -> str:
    """Where one goes after a decision: the next of the same kind, or the list."""
    if stood == DOUBTED:
        return url_for(".refusals")
    if stood != PENDING:
        return url_for(".review", key=key)
    wanted = Wanted.asked().address
    return url_for(".review", key=following, **wanted) if following else url_for(".queue", **wanted)


def _beside(response: Response) -> tuple[int | None, int | None, int, int]:
    """The response before and after this one in the narrowed queue, its place, and the queue's length."""
    if response.verdict != PENDING or not current_user.may("review"):
        return None, None, 0, 0
    keys = [row[0] for row in Wanted.asked().responses().select(Response.id).tuples()]
    if response.id not in keys:
        return None, keys[0] if keys else None, 0, len(keys)
    at = keys.index(response.id)
    before = keys[at - 1] if at else None
    after = keys[at + 1] if at + 1 < len(keys) else None
    return before, after, at + 1, len(keys)


def _review(response: Response, form: DecideForm, asking: AskForm | None = None) -> str:
    before, after, place, length = _beside(response)
    answers = qa_review.answers_of(response)
    return render_template(
        "qa_review/review.html",
        respondent=_respondent(response),
        response=response,
        form=form,
        answers=answers,
        marked={answer.id: quotes.stretches(answer) for answer in answers if answer.words},
        call=check_calls.call_of(response),
        signals=authenticity.signals(response, zone()),
        decisions=qa_review.decisions_of(response),
        made=qa_review.feedback_of(response),
        checked=closing_check.of_response(response),
        made_corrections=corrections.of([response])[response.id],
        correctable=corrections.may_propose(response, me()),
        first_sorting=sorting.sortings_of([response]).get(response.id),
        dismissal=Dismissal.get_or_none(Dismissal.response == response),
        shown=shown,
        messages=receipts.messages_of(response),
        asking=asking or (AskForm(formdata=None) if receipts.has_receipt(response) else None),
        wanted=Wanted.asked(),
        before=before,
        after=after,
        place=place,
        length=length,
    )


def _respondent(response: Response) -> str:
    """Who answered by name; to who does not verify (the director) masked (D2)."""
    name = response.respondent_name or (response.contact.name if response.contact else "")
    return name if current_user.may("review") else masked_name(name)
