"""What stands behind a figure, one by one: the responses it counts, and the incidents (F4, F5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from csat import clock
from csat.documents.masking import mask
from csat.figures.labels import Questions, form_titles
from csat.models.asking import Channel
from csat.models.clients import Client, Incident
from csat.models.people import Department, Person
from csat.models.questionnaires import Dimension
from csat.procedure.core.refusals import NotFound
from csat.procedure.review import drilldown
from csat.procedure.review.drilldown import Behind
from csat.terms import term
from csat.web.access import me, open_to
from csat.web.figures.analysis import asked_quarter, choice
from csat.web.formatting import named, text, words
from csat.web.pagination import slice_of
from csat.web.review.blueprint import number
from csat.words import N_

blueprint = Blueprint("behind", __name__, url_prefix="/qa")

LONGEST = 160  # of the words of a response, in the list
STATES = {
    "counted": N_("All that count"),
    "in_time": N_("Surveyed in time"),
    "late": N_("Surveyed too late"),
    "overdue": N_("Overdue, not surveyed"),
    "skipped": N_("Skipped"),
    "without_contact": N_("Not surveyed, and nobody to ask"),
}
PEOPLE = {
    "manager": N_("Project manager"),
    "engineer": N_("Engineer"),
    "recorder": N_("Recorded by"),
}
SIDES = {drilldown.SPOKEN: N_("By telephone or interview"), drilldown.WRITTEN: N_("Filled in by the client")}
GRADES = {drilldown.GOOD: N_("Ratings of 4–5"), drilldown.BAD: N_("Ratings of 1–3")}


@blueprint.get("/responses")
@open_to("responses.read")
def responses() -> str:
    """The responses that a figure counts; what is not theirs to read, nobody gets a list of."""
    quarter, wanted = asked_quarter(), _wanted()
    listed = slice_of(drilldown.responses(me(), wanted))
    return render_template(
        "figures/responses.html",
        listed=listed,
        overall=drilldown.overall_of(listed.rows),
        given=drilldown.given_of(listed.rows, wanted),
        given_head=_given_head(wanted),
        said={key: _short(of) for key, of in drilldown.words_of(listed.rows).items()},
        narrowed=_narrowed(wanted),
        wanted=wanted,
        forms=form_titles(),
        clients=list(Client.select().where(Client.counts_as.is_null()).order_by(Client.name)),
        grades=GRADES,
        sides=SIDES,
        kept=_kept(),
        **choice(quarter),
    )


@blueprint.get("/incidents")
@open_to("figures")
def incidents() -> str:
    """The incidents behind 'surveyed in time': our own acts, and nobody's personal details (P1)."""
    quarter, state = asked_quarter(), request.args.get("state", "counted")
    if state not in STATES:
        raise NotFound
    which, about = _about()
    listed = slice_of(drilldown.incidents(int(quarter), state, clock.now(), *which))
    return render_template(
        "figures/incidents.html",
        listed=listed,
        states={code: gettext(label) for code, label in STATES.items()},
        state=state,
        about=about,
        kept={
            name: request.args[name] for name in ("client", "department", "engineer") if name in request.args
        },
        **choice(quarter),
    )


def _about() -> tuple[list[Any], str]:
    """Whose incidents: the conditions, and the name to be shown."""
    client, department, engineer = number("client"), number("department"), number("engineer")
    if client is not None:
        return [Incident.client.in_(drilldown.clients_counting_as(client))], named(_found(Client, client))
    if department is not None:
        return [Incident.department == department], named(_found(Department, department))
    if engineer is not None:
        return [drilldown.handled_by(engineer)], _found(Person, engineer).name
    return [], ""


def _found(table: Any, key: int) -> Any:
    """A record, or NotFound."""
    found = table.get_or_none(table.id == key)
    if found is None:
        raise NotFound
    return found


def _wanted() -> Behind:
    """The cell that the address asks for; what makes no sense is left open."""
    args = request.args
    return Behind(
        quarter=int(asked_quarter()),
        client=number("client"),
        manager=number("manager"),
        department=number("department"),
        engineer=number("engineer"),
        recorder=number("recorder"),
        nobody=args.get("client") == "none",
        questionnaire=args.get("questionnaire", ""),
        side=args.get("side", "") if args.get("side") in SIDES else "",
        channel=_code(Channel, "channel"),
        dimension=_code(Dimension, "dimension"),
        question=args.get("question", ""),
        value=number("value"),
        grade=args.get("grade", "") if args.get("grade") in GRADES else "",
        option=args.get("option", ""),
    )


def _code(codes: Any, name: str) -> Any:
    asked = request.args.get(name, "")
    return codes(asked) if asked in set(codes) else None


def _narrowed(wanted: Behind) -> list[tuple[str, str, str]]:
    """What the list is narrowed to beside the selects: (label, value, address without it)."""
    found = [(name, gettext(label), _person(getattr(wanted, name))) for name, label in PEOPLE.items()]
    found += [
        ("department", gettext("Department"), _department(wanted.department)),
        ("dimension", gettext("Dimension"), words(wanted.dimension) if wanted.dimension else ""),
        ("channel", gettext("Channel"), gettext(term(wanted.channel)) if wanted.channel else ""),
        ("question", gettext("Question"), _question(wanted)),
        ("option", gettext("Option"), _option(wanted)),
        ("value", gettext("Answer"), "" if wanted.value is None else str(wanted.value)),
    ]
    return [(label, value, _without(name)) for name, label, value in found if value]


def _given_head(wanted: Behind) -> str:
    """The heading of what each response gave to the cell; none where that is the overall rating."""
    if wanted.question and not wanted.option:
        return gettext("Answer")
    if wanted.question or wanted.dimension in (None, Dimension.OVERALL):
        return ""
    return gettext("Ratings: %(dimension)s", dimension=words(wanted.dimension))


def _person(key: int | None) -> str:
    return "" if key is None else str(_found(Person, key).name)


def _department(key: int | None) -> str:
    return "" if key is None else named(_found(Department, key))


def _question(wanted: Behind) -> str:
    """A question's text in the reader's language."""
    found = Questions().all.get((wanted.questionnaire, wanted.question)) if wanted.question else None
    return wanted.question if found is None else text(found.text)


def _option(wanted: Behind) -> str:
    """An option's text in the reader's language."""
    found = Questions().all.get((wanted.questionnaire, wanted.question)) if wanted.option else None
    options = [] if found is None else found.options or []
    return next((text(one) for one in options if one["code"] == wanted.option), wanted.option)


def _without(name: str) -> str:
    """The same list without one of its conditions."""
    gone = {name, "page", *({"option"} if name == "question" else ())}
    left: dict[str, Any] = {key: value for key, value in request.args.items() if key not in gone}
    return url_for(".responses", **left)


def _kept() -> dict[str, str]:
    """The conditions that the form of the list keeps as they are."""
    shown = {"quarter", "client", "questionnaire", "grade", "side", "page"}
    return {name: value for name, value in request.args.items() if name not in shown}


def _short(said: list[str]) -> str:
    """The words of a response in one line, without addresses and numbers that somebody left in them."""
    whole = mask(" / ".join(" ".join(one.split()) for one in said))
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST].rstrip()}…"
