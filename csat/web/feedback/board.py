"""The board of all feedback (I6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import current_user
from peewee import ModelSelect

from csat import clock
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackState, IssueType, Severity
from csat.models.people import Department
from csat.procedure.feedback import access, board, due
from csat.procedure.feedback.board import FeedbackFilter
from csat.procedure.feedback.due import NextDue
from csat.web.access import current_person, open_to
from csat.web.formatting import format_quarter, local_today, localised_name, localised_text, translate_term
from csat.web.pagination import paginate
from csat.web.params import parse_code, parse_number
from csat.words import N_

blueprint = Blueprint("feedback", __name__, url_prefix="/feedback")

COLUMN_SIZE = 8
LIST_KEY = "feedback_list"  # in the session cookie
PAGE_SIZE, MAX_PRINTED = 50, 500  # more than that nobody reads on paper
OVERDUE_FOR_CLOSING = "close"  # ?overdue=close: what the figure counts, so without late call-backs
# What an address can narrow the list to, by the field of FeedbackFilter.
NARROWED_TO = {
    "overdue": N_("Overdue"),
    "late": N_("Overdue for closing"),
    "open": N_("Not closed"),
    "once": N_("Same matter counted once"),
    "soon": N_("Due soon"),
    "recurred": N_("Recurred"),
    "mine": N_("My turn"),
    "supervised": N_("Supervised by me"),
}


def remember_list() -> None:
    """Keep the address of a list, so that a feedback opened from it leads back there."""
    session[LIST_KEY] = request.full_path.rstrip("?")


def find_list_url() -> str:
    """The list that the reader came from, else the board."""
    return session.get(LIST_KEY) or url_for("feedback.show_board")


@blueprint.get("/")
@open_to("feedback.see")
def show_board() -> str:
    """The board or the list, narrowed as asked; one's own turn first."""
    remember_list()
    wanted, reader = _parse_filter(), (current_person(), local_today())
    as_board = request.args.get("view") == "board"
    return render_template(
        "feedback/board.html",
        wanted=wanted,
        listed=None if as_board else paginate(search(wanted), PAGE_SIZE),
        columns=_build_columns(wanted) if as_board else [],
        by_state=board.count_by_state(reader[0], replace(wanted, state=None), reader[1], clock.now()),
        states=list(FeedbackState),
        turns=board.find_my_turns(*reader),
        pressing=board.count_pressing(*reader, clock.now()),
        left=board.list_left(*reader, clock.now()) if current_user.may("feedback.work") else [],
        dues=build_due_lookup(),
        given={name: value for name, value in request.args.items() if name not in ("page", "state")},
        choices=_filter_choices(),
    )


@blueprint.get("/print")
@open_to("feedback.see")
def print_feedback() -> str:
    """The same list for paper: all of it, up to a length that somebody would still read."""
    wanted = _parse_filter()
    found = search(wanted)
    return render_template(
        "feedback/print.html",
        rows=list(found.limit(MAX_PRINTED)),
        total=found.count(),
        said=_describe_filter(wanted),
        dues=build_due_lookup(),
    )


def search(wanted: FeedbackFilter) -> ModelSelect[Feedback]:
    """What the reader looked for, among what they see."""
    return board.search_board(current_person(), wanted, local_today(), clock.now())


def build_due_lookup() -> Callable[[Feedback], NextDue | None]:
    """What is due next of each feedback, as it stands now."""
    now, warning = clock.now(), due.get_warning_period()
    return lambda feedback: due.find_next_due(feedback, now, warning)


def _describe_filter(wanted: FeedbackFilter) -> list[tuple[str, str]]:
    """What a list was narrowed by, in words: it stands above the printed one."""
    client = Client.get_or_none(Client.id == wanted.client)
    department = Department.get_or_none(Department.id == wanted.department)
    kind = IssueType.get_or_none(IssueType.id == wanted.issue_type)
    said = [
        (gettext("State"), wanted.state and translate_term(wanted.state)),
        (gettext("Department"), department and localised_name(department)),
        (gettext("Severity"), wanted.severity and translate_term(wanted.severity)),
        (gettext("Type"), kind and localised_text(kind.name)),
        (gettext("Client"), client and localised_name(client)),
        (gettext("Quarter"), format_quarter(wanted.quarter) if wanted.quarter in _visible_quarters() else ""),
        (gettext("Words"), wanted.words),
    ]
    only = [gettext(label) for name, label in NARROWED_TO.items() if getattr(wanted, name)]
    return [(name, value) for name, value in said if value] + [(gettext("Only"), label) for label in only]


def _build_columns(wanted: FeedbackFilter) -> list[tuple[FeedbackState, list[Feedback]]]:
    """The first few of each state."""
    states = [wanted.state] if wanted.state else list(FeedbackState)
    return [(state, list(search(replace(wanted, state=state)).limit(COLUMN_SIZE))) for state in states]


def _parse_filter() -> FeedbackFilter:
    """What the address asks for; what makes no sense is left open."""
    args = request.args
    return FeedbackFilter(
        state=parse_code(FeedbackState, "state"),
        department=parse_number("department"),
        severity=parse_code(Severity, "severity"),
        issue_type=parse_number("type"),
        client=parse_number("client"),
        quarter=parse_number("quarter"),
        overdue=args.get("overdue", "") not in ("", OVERDUE_FOR_CLOSING),
        late=args.get("overdue") == OVERDUE_FOR_CLOSING,
        supervised=current_person().id if args.get("supervised") else None,
        words=args.get("q", "").strip()[:200],
        **{name: bool(args.get(name)) for name in ("open", "once", "soon", "recurred", "mine")},
    )


def _filter_choices() -> dict[str, object]:
    """What the filters offer."""
    seen = access.select_visible(current_person(), local_today()).select(Feedback.client)
    return {
        "clients": list(Client.select().where(Client.id.in_(seen)).order_by(Client.name)),
        "departments": list(Department.select().order_by(Department.name)),
        "types": list(IssueType.select().order_by(IssueType.position)),
        "quarters": _visible_quarters(),
        "severities": list(Severity),
    }


def _visible_quarters() -> list[int]:
    seen = access.select_visible(current_person(), local_today()).select(Feedback.quarter).distinct()
    return [row[0] for row in seen.order_by(Feedback.quarter.desc()).tuples()]
