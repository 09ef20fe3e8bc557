"""What stands behind a figure, one by one: the responses it counts, and the incidents (F4, F5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from csat import clock
from csat.figures.labels import QuestionIndex, list_questionnaire_titles
from csat.models.asking import Channel
from csat.models.base import Json
from csat.models.clients import Client, Incident
from csat.models.people import Department, Person
from csat.models.questionnaires import Dimension
from csat.procedure.clients.merging import client_family
from csat.procedure.core.contact_details import mask_text
from csat.procedure.core.guards import get_or_refuse
from csat.procedure.core.refusals import NotFound
from csat.procedure.review import drilldown
from csat.procedure.review.drilldown import DrilldownCell
from csat.web.access import current_person, open_to
from csat.web.figures.analysis import build_quarter_choice
from csat.web.formatting import localised_name, localised_text, translate_term
from csat.web.pagination import paginate
from csat.web.params import parse_choice, parse_code, parse_number, requested_quarter
from csat.words import N_

blueprint = Blueprint("drilldown", __name__, url_prefix="/qa")

MAX_COMMENT_LENGTH = 160  # of the words of a response, in the list
SCOPES = ("client", "department", "engineer")  # whose incidents are listed
INCIDENT_STATES = {
    "counted": N_("All that count"),
    "in_time": N_("Surveyed in time"),
    "late": N_("Surveyed too late"),
    "overdue": N_("Overdue, not surveyed"),
    "skipped": N_("Skipped"),
    "without_contact": N_("Not surveyed, and nobody to ask"),
}
PERSON_FILTERS = {"manager": N_("Project manager"), "engineer": N_("Engineer"), "recorder": N_("Recorded by")}
CHANNEL_SIDES = {drilldown.SPOKEN: N_("By telephone or interview"), drilldown.WRITTEN: N_("Filled in by the client")}
RATING_GRADES = {drilldown.GOOD: N_("Ratings of 4–5"), drilldown.BAD: N_("Ratings of 1–3")}


@blueprint.get("/responses")
@open_to("responses.read")
def list_responses() -> str:
    """The responses that a figure counts; what is not theirs to read, nobody gets a list of."""
    quarter, wanted = requested_quarter(), _parse_filter()
    listed = paginate(drilldown.list_responses(current_person(), wanted))
    return render_template(
        "figures/responses.html",
        listed=listed,
        overall=drilldown.overall_ratings_of(listed.rows),
        given=drilldown.given_ratings_of(listed.rows, wanted),
        given_head=_value_heading(wanted),
        said={key: _shorten_comments(of) for key, of in drilldown.comments_of(listed.rows).items()},
        narrowed=_describe_filter(wanted),
        wanted=wanted,
        forms=list_questionnaire_titles(),
        clients=list(Client.select().where(Client.counts_as.is_null()).order_by(Client.name)),
        grades=RATING_GRADES,
        sides=CHANNEL_SIDES,
        kept=_hidden_filters(),
        **build_quarter_choice(quarter),
    )


@blueprint.get("/incidents")
@open_to("figures")
def list_incidents() -> str:
    """The incidents behind 'surveyed in time': our own acts, and nobody's personal details (P1)."""
    quarter, state = requested_quarter(), request.args.get("state", "counted")
    if state not in INCIDENT_STATES:
        raise NotFound
    which, about = _incident_scope()
    listed = paginate(drilldown.list_incidents(int(quarter), state, clock.now(), *which))
    return render_template(
        "figures/incidents.html",
        listed=listed,
        states={code: gettext(label) for code, label in INCIDENT_STATES.items()},
        state=state,
        about=about,
        kept={name: request.args[name] for name in SCOPES if name in request.args},
        **build_quarter_choice(quarter),
    )


def _incident_scope() -> tuple[list[Any], str]:
    """Whose incidents: the conditions, and the name to be shown."""
    client, department, engineer = (parse_number(name) for name in SCOPES)
    if client is not None:
        return [Incident.client.in_(client_family(client))], localised_name(get_or_refuse(Client, client))
    if department is not None:
        return [Incident.department == department], localised_name(get_or_refuse(Department, department))
    if engineer is not None:
        return [drilldown.handled_by(engineer)], get_or_refuse(Person, engineer).name
    return [], ""


def _parse_filter() -> DrilldownCell:
    """The cell that the address asks for; what makes no sense is left open."""
    args = request.args
    return DrilldownCell(
        quarter=int(requested_quarter()),
        **{name: parse_number(name) for name in ("client", "manager", "department", "engineer", "recorder", "value")},
        nobody=args.get("client") == "none",
        questionnaire=args.get("questionnaire", ""),
        side=parse_choice("side", CHANNEL_SIDES),
        channel=parse_code(Channel, "channel"),
        dimension=parse_code(Dimension, "dimension"),
        question=args.get("question", ""),
        grade=parse_choice("grade", RATING_GRADES),
        option=args.get("option", ""),
    )


def _describe_filter(wanted: DrilldownCell) -> list[tuple[str, str, str]]:
    """What the list is narrowed to beside the selects: (label, value, address without it)."""
    question, option = _question_and_option(wanted)
    persons = {name: getattr(wanted, name) for name in PERSON_FILTERS}
    found = [
        (name, gettext(PERSON_FILTERS[name]), get_or_refuse(Person, key).name)
        for name, key in persons.items()
        if key is not None
    ]
    department = "" if wanted.department is None else localised_name(get_or_refuse(Department, wanted.department))
    found += [
        ("department", gettext("Department"), department),
        ("dimension", gettext("Dimension"), translate_term(wanted.dimension) if wanted.dimension else ""),
        ("channel", gettext("Channel"), translate_term(wanted.channel) if wanted.channel else ""),
        ("question", gettext("Question"), question),
        ("option", gettext("Option"), option),
        ("value", gettext("Answer"), "" if wanted.value is None else str(wanted.value)),
    ]
    return [(label, value, _url_without(name)) for name, label, value in found if value]


def _value_heading(wanted: DrilldownCell) -> str:
    """The heading of what each response gave to the cell; none where that is the overall rating."""
    if wanted.question and not wanted.option:
        return gettext("Answer")
    if wanted.question or wanted.dimension in (None, Dimension.OVERALL):
        return ""
    return gettext("Ratings: %(dimension)s", dimension=translate_term(wanted.dimension))


def _question_and_option(wanted: DrilldownCell) -> tuple[str, str]:
    """The texts of a question and of an option in the reader's language; an unknown one by its code."""
    found = QuestionIndex().all.get((wanted.questionnaire, wanted.question)) if wanted.question else None
    if found is None:
        return wanted.question, wanted.option
    options = {one["code"]: localised_text(one) for one in found.options or []}
    return localised_text(found.text), options.get(wanted.option, wanted.option)


def _url_without(name: str) -> str:
    """The same list without one of its conditions."""
    gone = {name, "page", *({"option"} if name == "question" else ())}  # an option is one of its question
    left: Json = {key: value for key, value in request.args.items() if key not in gone}
    return url_for(".list_responses", **left)


def _hidden_filters() -> dict[str, str]:
    """The conditions that the form of the list keeps as they are."""
    shown = {"quarter", "client", "questionnaire", "grade", "side", "page"}
    return {name: value for name, value in request.args.items() if name not in shown}


def _shorten_comments(said: list[str]) -> str:
    """The words of a response in one line, without addresses and numbers that somebody left in them."""
    whole = mask_text(" / ".join(" ".join(one.split()) for one in said))
    return whole if len(whole) <= MAX_COMMENT_LENGTH else f"{whole[:MAX_COMMENT_LENGTH].rstrip()}…"
