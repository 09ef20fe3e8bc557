"""The board of all feedback (I6), and entering one that came from elsewhere (P15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from csat import clock
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackState, IssueType, Severity
from csat.models.people import Department
from csat.procedure.feedback import access, classification, due
from csat.procedure.feedback import board as board_of
from csat.procedure.feedback.board import FeedbackFilter
from csat.procedure.feedback.due import NextDue
from csat.web.access import current_person, open_to
from csat.web.feedback.forms import EnterForm
from csat.web.formatting import format_quarter as quarter_words
from csat.web.formatting import local_today, localised_name, localised_text, translate_term
from csat.web.pagination import paginate
from csat.web.params import current_quarter, parse_code, parse_number

blueprint = Blueprint("feedback", __name__, url_prefix="/feedback")

COLUMN_SIZE = 8
PAGE_SIZE, MAX_PRINTED = 50, 500
OVERDUE_FOR_CLOSING = (
    "close"  # ?overdue=close: what the figure of overdue feedback counts, without late call-backs
)


# --- all of it ---------------------------------------------------------------------------------------


@blueprint.get("/")
@open_to("feedback.see")
def show_board() -> str:
    """The board or the list, narrowed as asked; one's own turn first."""
    wanted, now = _parse_filter(), clock.now()
    by_state = board_of.count_by_state(current_person(), replace(wanted, state=None), local_today(), now)
    as_board = request.args.get("view") == "board"
    listed = (
        None
        if as_board
        else paginate(board_of.search_board(current_person(), wanted, local_today(), now), PAGE_SIZE)
    )
    return render_template(
        "feedback/board.html",
        wanted=wanted,
        listed=listed,
        columns=_build_columns(wanted) if as_board else [],
        by_state=by_state,
        states=list(FeedbackState),
        turns=board_of.find_my_turns(current_person(), local_today()),
        pressing=board_of.count_pressing(current_person(), local_today(), now),
        dues=build_due_lookup(),
        given={name: value for name, value in request.args.items() if name not in ("page", "state")},
        choices=_filter_choices(),
    )


@blueprint.get("/print")
@open_to("feedback.see")
def print_feedback() -> str:
    """The same list for paper: all of it, up to a length that somebody would still read."""
    wanted, now = _parse_filter(), clock.now()
    found = board_of.search_board(current_person(), wanted, local_today(), now)
    return render_template(
        "feedback/print.html",
        rows=list(found.limit(MAX_PRINTED)),
        total=found.count(),
        said=_describe_filter(wanted),
        dues=build_due_lookup(),
    )


def build_due_lookup() -> Callable[[Feedback], NextDue | None]:
    """What is due next of each feedback, as it stands now."""
    now, warning = clock.now(), due.get_warning_period()
    return lambda feedback: due.find_next_due(feedback, now, warning)


def _describe_filter(wanted: FeedbackFilter) -> list[tuple[str, str]]:
    """What a list was narrowed by, in words: it stands above the printed one."""
    client, department = (
        table.get_or_none(table.id == key)
        for table, key in ((Client, wanted.client), (Department, wanted.department))
    )
    kind = IssueType.get_or_none(IssueType.id == wanted.issue_type)
    said = [
        (gettext("State"), wanted.state and translate_term(wanted.state)),
        (gettext("Department"), department and localised_name(department)),
        (gettext("Severity"), wanted.severity and translate_term(wanted.severity)),
        (gettext("Type"), kind and localised_text(kind.name)),
        (gettext("Client"), client and localised_name(client)),
        (gettext("Quarter"), quarter_words(wanted.quarter) if wanted.quarter in _visible_quarters() else ""),
        (gettext("Words"), wanted.words),
        (gettext("Only"), gettext("Overdue") if wanted.overdue else ""),
        (gettext("Only"), gettext("Overdue for closing") if wanted.late else ""),
        (gettext("Only"), gettext("Not closed") if wanted.open else ""),
        (gettext("Only"), gettext("Same matter counted once") if wanted.once else ""),
        (gettext("Only"), gettext("Due soon") if wanted.soon else ""),
        (gettext("Only"), gettext("Recurred") if wanted.recurred else ""),
        (gettext("Only"), gettext("My turn") if wanted.mine else ""),
        (gettext("Only"), gettext("Supervised by me") if wanted.supervised else ""),
    ]
    return [(name, value) for name, value in said if value]


def _build_columns(wanted: FeedbackFilter) -> list[tuple[FeedbackState, list[Feedback]]]:
    """The first few of each state."""
    states = [wanted.state] if wanted.state else list(FeedbackState)
    found = [
        board_of.search_board(current_person(), replace(wanted, state=state), local_today(), clock.now())
        for state in states
    ]
    return [(state, list(query.limit(COLUMN_SIZE))) for state, query in zip(states, found, strict=True)]


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
        open=bool(args.get("open")),
        once=bool(args.get("once")),
        soon=bool(args.get("soon")),
        recurred=bool(args.get("recurred")),
        mine=bool(args.get("mine")),
        supervised=current_person().id if args.get("supervised") else None,
        words=args.get("q", "").strip()[:200],
    )


def _filter_choices() -> dict[str, list[Any]]:
    """What the filters offer."""
    seen = access.select_visible(current_person(), local_today())
    return {
        "clients": list(
            Client.select().where(Client.id.in_(seen.select(Feedback.client))).order_by(Client.name)
        ),
        "departments": list(Department.select().order_by(Department.name)),
        "types": list(IssueType.select().order_by(IssueType.position)),
        "quarters": _visible_quarters(),
        "severities": list(Severity),
    }


def _visible_quarters() -> list[int]:
    """The quarters of what the reader sees, the latest first."""
    seen = access.select_visible(current_person(), local_today()).select(Feedback.quarter).distinct()
    return [row[0] for row in seen.order_by(Feedback.quarter.desc()).tuples()]


# --- one from elsewhere (P15) ------------------------------------------------------------------------


@blueprint.get("/new")
@open_to("feedback.enter")
def show_entry_form() -> str:
    """Enter a feedback that came by telephone, e-mail, meeting or staff observation."""
    return _render_entry_form(EnterForm())


@blueprint.post("/new")
@open_to("feedback.enter")
def enter_feedback() -> ResponseReturnValue:
    """Put it down; QA classifies and assigns it."""
    form = EnterForm()
    if not form.validate_on_submit():
        return _render_entry_form(form), 422
    made = form.take(_create_feedback, form)
    if not made:
        return _render_entry_form(form), 422
    flash(gettext("%(number)s is entered. QA gives it to a department.", number=made.number))
    return redirect(
        url_for(".show_feedback", key=made.id)
        if current_user.may("feedback.see")
        else url_for(".show_entry_form")
    )


def _create_feedback(form: EnterForm) -> Feedback:
    now = clock.now()
    client = form.client.data
    return classification.create_feedback(
        title=form.title.data or "",
        words=form.words.data or "",
        origin=form.origin.data,
        client=None if client is None else Client.get_by_id(client),
        issue_type=IssueType.get_by_id(form.issue_type.data),
        severity=form.severity.data,
        quarter=current_quarter(),
        by=current_person(),
        now=now,
    )


def _render_entry_form(form: EnterForm) -> str:
    types = IssueType.select().where(IssueType.retired_at.is_null()).order_by(IssueType.position)
    return render_template("feedback/new.html", form=form, types=types)
