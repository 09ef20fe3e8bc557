"""The board of all feedback (I6), and entering one that came from elsewhere (P15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from csat import clock
from csat.models.clients import Client
from csat.models.feedback import Feedback, FeedbackState, IssueType, Severity
from csat.models.people import Department
from csat.procedure.core.quarter import Quarter
from csat.procedure.feedback import board as board_of
from csat.procedure.feedback import callbacks as steps
from csat.procedure.feedback.board import Due, Wanted
from csat.web.access import me, open_to
from csat.web.feedback.forms import EnterForm
from csat.web.formatting import named, text, today, words, zone
from csat.web.formatting import quarter as quarter_words
from csat.web.pagination import slice_of

blueprint = Blueprint("feedback", __name__, url_prefix="/feedback")

IN_A_COLUMN = 8
ON_A_PAGE, MOST_PRINTED = 50, 500
CLOSING = "close"  # ?overdue=close: what the figure of overdue feedback counts, without late call-backs


# --- all of it ---------------------------------------------------------------------------------------


@blueprint.get("/")
@open_to("feedback.see")
def board() -> str:
    """The board or the list, narrowed as asked; one's own turn first."""
    wanted, now = _wanted(), clock.now()
    by_state = board_of.number_by_state(me(), replace(wanted, state=None), today(), now)
    as_board = request.args.get("view") == "board"
    listed = None if as_board else slice_of(board_of.board(me(), wanted, today(), now), ON_A_PAGE)
    return render_template(
        "feedback/board.html",
        wanted=wanted,
        listed=listed,
        columns=_columns(wanted) if as_board else [],
        by_state=by_state,
        states=list(FeedbackState),
        turns=board_of.turns(me(), today()),
        pressing=board_of.pressing(me(), today(), now),
        dues=dues(),
        given={name: value for name, value in request.args.items() if name not in ("page", "state")},
        choices=_choices(),
    )


@blueprint.get("/print")
@open_to("feedback.see")
def print_list() -> str:
    """The same list for paper: all of it, up to a length that somebody would still read."""
    wanted, now = _wanted(), clock.now()
    found = board_of.board(me(), wanted, today(), now)
    return render_template(
        "feedback/print.html",
        rows=list(found.limit(MOST_PRINTED)),
        total=found.count(),
        said=_said(wanted),
        dues=dues(),
    )


def dues() -> Callable[[Feedback], Due | None]:
    """What is due next of each feedback, as it stands now."""
    now, warning = clock.now(), board_of.warning()
    return lambda feedback: board_of.next_due(feedback, now, warning)


def _said(wanted: Wanted) -> list[tuple[str, str]]:
    """What a list was narrowed by, in words: it stands above the printed one."""
    client, department = (
        table.get_or_none(table.id == key)
        for table, key in ((Client, wanted.client), (Department, wanted.department))
    )
    kind = IssueType.get_or_none(IssueType.id == wanted.issue_type)
    said = [
        (gettext("State"), wanted.state and words(wanted.state)),
        (gettext("Department"), department and named(department)),
        (gettext("Severity"), wanted.severity and words(wanted.severity)),
        (gettext("Type"), kind and text(kind.name)),
        (gettext("Client"), client and named(client)),
        (gettext("Quarter"), quarter_words(wanted.quarter) if wanted.quarter in _quarters() else ""),
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


def _columns(wanted: Wanted) -> list[tuple[FeedbackState, list[Feedback]]]:
    """The first few of each state."""
    states = [wanted.state] if wanted.state else list(FeedbackState)
    found = [board_of.board(me(), replace(wanted, state=state), today(), clock.now()) for state in states]
    return [(state, list(query.limit(IN_A_COLUMN))) for state, query in zip(states, found, strict=True)]


def _wanted() -> Wanted:
    """What the address asks for; what makes no sense is left open."""
    args = request.args
    return Wanted(
        state=_code(FeedbackState, "state"),
        department=_number("department"),
        severity=_code(Severity, "severity"),
        issue_type=_number("type"),
        client=_number("client"),
        quarter=_number("quarter"),
        overdue=args.get("overdue", "") not in ("", CLOSING),
        late=args.get("overdue") == CLOSING,
        open=bool(args.get("open")),
        once=bool(args.get("once")),
        soon=bool(args.get("soon")),
        recurred=bool(args.get("recurred")),
        mine=bool(args.get("mine")),
        supervised=me().id if args.get("supervised") else None,
        words=args.get("q", "").strip()[:200],
    )


def _number(name: str) -> int | None:
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None


def _code(codes: Any, name: str) -> Any:
    asked = request.args.get(name, "")
    return codes(asked) if asked in set(codes) else None


def _choices() -> dict[str, list[Any]]:
    """What the filters offer."""
    seen = board_of.visible(me(), today())
    return {
        "clients": list(
            Client.select().where(Client.id.in_(seen.select(Feedback.client))).order_by(Client.name)
        ),
        "departments": list(Department.select().order_by(Department.name)),
        "types": list(IssueType.select().order_by(IssueType.position)),
        "quarters": _quarters(),
        "severities": list(Severity),
    }


def _quarters() -> list[int]:
    """The quarters of what the reader sees, the latest first."""
    seen = board_of.visible(me(), today()).select(Feedback.quarter).distinct()
    return [row[0] for row in seen.order_by(Feedback.quarter.desc()).tuples()]


# --- one from elsewhere (P15) ------------------------------------------------------------------------


@blueprint.get("/new")
@open_to("feedback.enter")
def new() -> str:
    """Enter a feedback that came by telephone, e-mail, meeting or staff observation."""
    return _new(EnterForm())


@blueprint.post("/new")
@open_to("feedback.enter")
def enter() -> Any:
    """Put it down; QA classifies and assigns it."""
    form = EnterForm()
    if not form.validate_on_submit():
        return _new(form), 422
    made = form.take(_enter, form)
    if not made:
        return _new(form), 422
    flash(gettext("%(number)s is entered. QA gives it to a department.", number=made.number))
    return redirect(url_for(".show", key=made.id) if current_user.may("feedback.see") else url_for(".new"))


def _enter(form: EnterForm) -> Feedback:
    now = clock.now()
    client = form.client.data
    return steps.create(
        title=form.title.data or "",
        words=form.words.data or "",
        origin=form.origin.data,
        client=None if client is None else Client.get_by_id(client),
        issue_type=IssueType.get_by_id(form.issue_type.data),
        severity=form.severity.data,
        quarter=Quarter.of(now, zone()),
        by=me(),
        now=now,
    )


def _new(form: EnterForm) -> str:
    types = IssueType.select().where(IssueType.retired_at.is_null()).order_by(IssueType.position)
    return render_template("feedback/new.html", form=form, types=types)
