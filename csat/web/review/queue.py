"""QA's queue of responses: narrowed, sorted, and the plain ones accepted together (P7)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from peewee import ModelSelect
from werkzeug.wrappers import Response as Answered

from csat import clock
from csat.models.answers import Response, Verdict
from csat.models.base import Json
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from csat.procedure.review import check_calls, verdicts
from csat.procedure.review import signals as authenticity
from csat.web.access import current_person, open_to
from csat.web.formatting import localised_text, operator_zone
from csat.web.pagination import paginate
from csat.web.params import parse_choice, parse_number, parse_quarter_code, ticked_keys
from csat.web.review.blueprint import blueprint

MAX_EXAMINED = 1000  # responses whose signals are computed for one filter


@dataclass(frozen=True)
class QueueFilter:
    """What the queue is narrowed to; it stays in the address while one goes from response to response."""

    client: int | None
    questionnaire: int | None
    signal: str
    plain: bool
    sort: str
    quarter: int | None = None

    @classmethod
    def from_request(cls) -> QueueFilter:
        known = parse_choice("signal", authenticity.SIGNAL_LABELS)
        sort = parse_choice("sort", ("signals",))
        narrowed = (parse_number("client"), parse_number("questionnaire"), known, bool(request.args.get("plain")))
        return cls(*narrowed, sort, parse_quarter_code())

    @property
    def address(self) -> Json:
        """The same in an address."""
        given = {"client": self.client, "questionnaire": self.questionnaire, "signal": self.signal}
        given |= {"plain": self.plain and "1", "sort": self.sort}
        given |= {"quarter": self.quarter and str(Quarter.from_int(self.quarter))}
        return {name: value for name, value in given.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether some that wait are left out."""
        return bool(self.client or self.questionnaire or self.signal or self.plain or self.quarter)

    def list_responses(self) -> ModelSelect[Response]:
        """The responses that wait, narrowed, and sorted by age or by signals."""
        query = verdicts.list_responses(
            Verdict.PENDING, self.client, self.questionnaire, self.quarter, current_person()
        )
        if not (self.signal or self.plain or self.sort):
            return query
        looked_at = list(query.limit(MAX_EXAMINED))  # signals stand in no column: they are computed for each
        found = authenticity.find_signals_by_response(looked_at, operator_zone())
        if self.plain:
            query = query.where(Response.id.in_(verdicts.find_unremarkable(looked_at, operator_zone())))
        elif self.signal:
            keys = {key for key, signals in found.items() if self.signal in {one.code for one in signals}}
            query = query.where(Response.id.in_(keys))
        return verdicts.order_by_signals(query, found) if self.sort else query


@blueprint.get("/review")
@open_to("review")
def list_queue() -> str:
    """What waits for a verdict, oldest first."""
    wanted = QueueFilter.from_request()
    listed = paginate(verdicts.join_names(wanted.list_responses()))
    return render_template(
        "review/queue.html",
        listed=listed,
        all_waiting=verdicts.list_responses(Verdict.PENDING).count(),
        kept_back=verdicts.count_kept_from(current_person(), Verdict.PENDING),
        wanted=wanted,
        signals=authenticity.find_signals_by_response(listed.rows, operator_zone()),
        worth=verdicts.find_actionable(listed.rows),
        calls=check_calls.check_calls_of(listed.rows),
        labels=authenticity.SIGNAL_LABELS,
        clients=verdicts.list_clients_waiting(Verdict.PENDING),
        forms=_questionnaire_choices(),
        quarters=verdicts.list_quarters_waiting(Verdict.PENDING),
    )


@blueprint.post("/review")
@open_to("review")
def accept_ticked_responses() -> Answered:
    """Accept the plain responses that were ticked."""
    keys = ticked_keys("response")
    ticked = list(Response.select().where(Response.id.in_(keys[:MAX_EXAMINED])))
    accepted = verdicts.accept_unremarkable(ticked, current_person(), clock.now(), operator_zone())
    flash(ngettext("%(num)s response is valid now.", "%(num)s responses are valid now.", accepted))
    if accepted < len(keys):
        left = len(keys) - accepted
        flash(ngettext("%(num)s was left for reading.", "%(num)s were left for reading.", left))
    return redirect(url_for(".list_queue", **QueueFilter.from_request().address))


@blueprint.get("/refusals")
@open_to("refusals.second")
def list_refusals() -> str:
    """Refusals that wait for a second person."""
    quarter = parse_quarter_code()
    listed = paginate(
        verdicts.join_names(verdicts.list_responses(Verdict.DOUBTED, quarter=quarter, reader=current_person()))
    )
    reasons = {row.id: verdicts.decisions_of(row)[-1] for row in listed.rows}
    return render_template("review/refusals.html", listed=listed, reasons=reasons, quarter=quarter)


def _questionnaire_choices() -> list[tuple[int, str]]:
    """Every questionnaire that can have been answered: its key, and its title as in force."""
    in_force = questionnaires.list_versions_in_force(clock.now())
    return [(version.questionnaire_id, localised_text(version.title)) for version in in_force]
