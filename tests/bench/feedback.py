"""The board of 10,000 feedbacks with 80,000 steps, against one plain pass over the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from peewee import chunked

from csat import clock, create_app, database
from csat.commands.opening import prepare_system
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackState, FeedbackStep, IssueType, Severity, Step
from csat.procedure.feedback import board
from csat.procedure.feedback.board import FeedbackFilter
from tests.bench.results import Result, best_of
from tests.builders import NOW, a_client, a_department
from tests.cast import Cast, a_cast
from tests.conftest import config_in
from tests.page import Page

FEEDBACKS, DEPARTMENTS, CLIENTS = 10_000, 8, 60
OPEN_SHARE = 0.2
WAY = [Step.CREATE, Step.ASSIGN, Step.CALL_BACK, Step.PROPOSE, Step.ACCEPT, Step.START, Step.FINISH, Step.CONFIRM]
STEPS_AT = dict(zip(FeedbackState, (1, 2, 4, 5, 6, 7, 3, 8), strict=True))  # from new to confirmed; explained: 3


def measure(folder: Path) -> Iterator[Result]:
    """Fill a store; read a page of the list by its rule, and the pages as a browser gets them."""
    with clock.freeze_at(NOW):
        config = config_in(folder)
        prepare_system(config)
        app = create_app(config)
        cast = a_cast()
        fill(cast, Random(1))
        plain = best_of(5, lambda: list(Feedback.select().tuples()))
        page = Page(app).sign_in_as(cast.qa)
        first = best_of(5, lambda: list(listed(cast).paginate(1, 50)))
        last = best_of(5, lambda: list(listed(cast).paginate(FEEDBACKS // 50, 50)))
        pages = {path: best_of(5, lambda path=path: page.browser.get(path)) for path in PAGES}
    database.close_store()
    print(f"  {FEEDBACKS} feedbacks, {FeedbackStep.select().count()} steps")
    yield Result("feedback: first page of the list", first, plain, target=1.0)
    yield Result("feedback: last page of the list", last, plain, target=2.0)
    for path, seconds in pages.items():
        yield Result(f"GET {path}", seconds, plain, target=2.0)


PAGES = ("/feedback/", "/feedback/?view=board", "/feedback/?overdue=1", "/feedback/?q=777")


def listed(cast: Cast):
    return board.search_board(cast.qa, FeedbackFilter(), NOW.date(), NOW)


def fill(cast: Cast, dice: Random) -> None:
    """A few years' feedback: most of it closed, the rest at every step."""
    departments = [cast.department, *(a_department(f"部门{number}") for number in range(DEPARTMENTS - 1))]
    clients = [a_client(f"客户{number}") for number in range(CLIENTS)]
    types = list(IssueType.select())
    rows, steps = [], []
    for key in range(1, FEEDBACKS + 1):
        is_open = dice.random() < OPEN_SHARE
        state = dice.choice(list(FeedbackState)[:-1]) if is_open else FeedbackState.CONFIRMED
        department = None if state == FeedbackState.NEW else dice.choice(departments)
        made = NOW - timedelta(days=dice.uniform(0, 40 if is_open else 900))
        rows.append(row(key, state, department, made, dice.choice(clients), dice.choice(types), cast, dice))
        for step in WAY[: STEPS_AT[state]]:
            steps.append({"feedback": key, "step": step, "state": state, "by": cast.qa, "at": made})
    with database.write():
        for table, many in ((Feedback, rows), (FeedbackStep, steps)):
            for some in chunked(many, 300):
                table.insert_many(some).execute()


def row(key, state, department, made, client, issue_type, cast, dice) -> dict:
    over = state == FeedbackState.CONFIRMED
    owed = state in (FeedbackState.NEW, FeedbackState.ASSIGNED)
    return {
        "id": key,
        "title": f"问题{key}",
        "words": "话" * 60,
        "origin": FeedbackOrigin.RESPONSE,
        "quarter": dice.choice([20254, 20261, 20262, 20263]),
        "client": client,
        "department": department,
        "issue_type": issue_type,
        "severity": dice.choice(list(Severity)),
        "state": state,
        "supervisor": cast.qa if department else None,
        "created_by": cast.qa,
        "created_at": made,
        "call_back_due_at": made + timedelta(days=7),
        "close_due_at": made + timedelta(days=30),
        "called_back_at": None if owed else made + timedelta(days=1),
        "closed_at": made + timedelta(days=20) if over else None,
        "closed_in_time": True if over else None,
    }
