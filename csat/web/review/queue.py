"""QA's queue of responses: narrowed, sorted, and the plain ones accepted together (P7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answered

from csat import clock
from csat.models.answers import Response, Verdict
from csat.models.questionnaires import Questionnaire
from csat.procedure.core.quarter import Quarter
from csat.procedure.review import check_calls, verdicts
from csat.procedure.review import signals as authenticity
from csat.web.access import me, open_to
from csat.web.formatting import text, zone
from csat.web.pagination import slice_of
from csat.web.review.blueprint import blueprint, number, quarter_of_address

LOOKED_THROUGH = 1000  # responses whose signals are computed for one filter


@dataclass(frozen=True)
class Wanted:
    """What the queue is narrowed to; it stays in the address while one goes from response to response."""

    client: int | None
    questionnaire: int | None
    signal: str
    plain: bool
    sort: str
    quarter: int | None = None

    @classmethod
    def asked(cls) -> Wanted:
        signal = request.args.get("signal", "")
        known = signal if signal in authenticity.LABELS else ""
        sort = "signals" if request.args.get("sort") == "signals" else ""
        narrowed = number("client"), number("questionnaire"), known, bool(request.args.get("plain"))
        return cls(*narrowed, sort, quarter_of_address())

    @property
    def address(self) -> dict[str, Any]:
        """The same in an address."""
        given = {"client": self.client, "questionnaire": self.questionnaire, "signal": self.signal}
        given |= {"plain": self.plain and "1", "sort": self.sort}
        given |= {"quarter": self.quarter and str(Quarter.from_int(self.quarter))}
        return {name: value for name, value in given.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether some that wait are left out."""
        return bool(self.client or self.questionnaire or self.signal or self.plain or self.quarter)

    def responses(self) -> Any:
        """The responses that wait, narrowed, and sorted by age or by signals."""
        query = _of_quarter(verdicts.queue(Verdict.PENDING, self.client, self.questionnaire), self.quarter)
        if not (self.signal or self.plain or self.sort):
            return query
        looked_at = list(query.limit(LOOKED_THROUGH))
        found = authenticity.signals_of(looked_at, zone())
        if self.plain:
            query = query.where(Response.id.in_(verdicts.plain_of(looked_at, zone())))
        elif self.signal:
            keys = {key for key, signals in found.items() if self.signal in {one.code for one in signals}}
            query = query.where(Response.id.in_(keys))
        return verdicts.by_signals(query, found) if self.sort else query


def _of_quarter(query: Any, quarter: int | None) -> Any:
    return query if quarter is None else query.where(Response.quarter == quarter)


@blueprint.get("/review")
@open_to("review")
def queue() -> str:
    """What waits for a verdict, oldest first."""
    wanted = Wanted.asked()
    listed = slice_of(verdicts.with_names(wanted.responses()))
    signals = authenticity.signals_of(listed.rows, zone())
    worth = verdicts.worth_acting_on(listed.rows)
    return render_template(
        "review/queue.html",
        listed=listed,
        all_waiting=verdicts.queue(Verdict.PENDING).count(),
        wanted=wanted,
        signals=signals,
        worth=worth,
        calls=check_calls.calls_of(listed.rows),
        labels=authenticity.LABELS,
        clients=verdicts.clients_waiting(Verdict.PENDING),
        forms=_forms(),
        quarters=verdicts.quarters_waiting(Verdict.PENDING),
    )


@blueprint.post("/review")
@open_to("review")
def accept_ticked() -> Answered:
    """Accept the plain responses that were ticked."""
    keys = [key for key in request.form.getlist("response", type=int) if 0 < key <= verdicts.LARGEST_KEY]
    ticked = list(Response.select().where(Response.id.in_(keys[:LOOKED_THROUGH])))
    accepted = verdicts.accept_plain(ticked, me(), clock.now(), zone())
    flash(ngettext("%(num)s response is valid now.", "%(num)s responses are valid now.", accepted))
    if accepted < len(keys):
        left = len(keys) - accepted
        flash(ngettext("%(num)s was left for reading.", "%(num)s were left for reading.", left))
    return redirect(url_for(".queue", **Wanted.asked().address))


@blueprint.get("/refusals")
@open_to("refusals.second")
def refusals() -> str:
    """Refusals that wait for a second person."""
    quarter = quarter_of_address()
    listed = slice_of(verdicts.with_names(_of_quarter(verdicts.queue(Verdict.DOUBTED), quarter)))
    reasons = {row.id: verdicts.decisions_of(row)[-1] for row in listed.rows}
    return render_template("review/refusals.html", listed=listed, reasons=reasons, quarter=quarter)


def _forms() -> list[tuple[int, str]]:
    """Every questionnaire's key and newest title."""
    titles = {}
    for form in Questionnaire.select().order_by(Questionnaire.id):
        newest = form.versions.order_by(form.versions.model.number.desc()).first()
        if newest is not None:
            titles[form.id] = text(newest.title)
    return list(titles.items())
