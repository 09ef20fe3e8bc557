"""A quarter's figures from 1.7 million answers of 100,000 responses, against one plain GROUP BY over them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from csat import clock, database
from csat.commands.opening import prepare_system
from csat.figures import analysis, recorders
from csat.figures.audience import Audience
from csat.figures.highlights import find_highlights
from csat.figures.quarterly import compute_quarter_figures
from csat.models.access import RoleGrant
from csat.models.answers import Answer, Response
from csat.models.asking import Invitation
from csat.models.base import Table
from csat.models.clients import Client, Tier
from csat.models.people import Department, Person
from csat.models.questionnaires import Kind, Question
from csat.models.roles import Role
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from csat.procedure.review import drilldown, tally
from tests.bench.results import Result, best_of
from tests.builders import NOW, a_campaign
from tests.conftest import config_in

RESPONSES = 100_000
LAST = Quarter(2026, 3)
ZONE = ZoneInfo("Asia/Shanghai")
CLIENTS, ENGINEERS, RECORDERS = 40, 30, 8
SHARES = {"incident": 7, "company": 15, "security": 32, "service": 46}
AT_ONCE = 20_000
RESPONSE = (
    "id version_id quarter client_id channel anonymous verdict"
    " manager_id department_id engineer_id recorder_id respondent_name respondent_reach"
)
ANSWER = "id response_id question_id value not_applicable"
ASKED = "campaign_id client_id channel state"

Row = tuple[Any, ...]


def measure(folder: Path) -> Iterator[Result]:
    """Fill a store, make its tally, read a quarter."""
    with clock.freeze_at(NOW):
        prepare_system(config_in(folder))
        filled = fill(Random(1))
        start = time.perf_counter()
        tally.rebuild_tally()
        rebuilt = time.perf_counter() - start
        plain = best_of(3, lambda: list(grouped()))
        readings = {name: best_of(5, read) for name, read in READINGS.items()}
    print(f"  {RESPONSES} responses, {filled} answers")
    database.close_store()
    for name, seconds in readings.items():
        yield Result(name, seconds, plain, target=1.0)
    yield Result("tally made anew", rebuilt, plain)


def overview() -> None:
    """All that the overview reads."""
    find_highlights(compute_quarter_figures(LAST, NOW, ZONE, Audience.RESPONSE_READERS), NOW, ZONE)


def behind_a_figure() -> None:
    """The first page of the responses that a figure counts, and how many there are."""
    person = Person.create(name="QA")
    RoleGrant.create(person=person, role=Role.QA, granted_at=NOW)
    listed = drilldown.list_responses(person, drilldown.DrilldownCell(quarter=int(LAST), client=1))
    listed.count()
    rows = list(listed.limit(50))
    drilldown.overall_ratings_of(rows)
    drilldown.comments_of(rows)


READINGS: dict[str, Callable[[], Any]] = {
    "figures of a quarter": lambda: compute_quarter_figures(LAST, NOW, ZONE, Audience.RESPONSE_READERS),
    "overview, with what stands out": overview,
    "page of a client": lambda: analysis.portray_client(LAST, 1, NOW, ZONE, Audience.RESPONSE_READERS),
    "page of a questionnaire": lambda: analysis.portray_questionnaire(LAST, "service", Audience.RESPONSE_READERS),
    "page of a department": lambda: analysis.portray_department(LAST, 1, NOW, ZONE),
    "page of an engineer": lambda: analysis.portray_engineer(LAST, 1, NOW),
    "recorders": lambda: recorders.compare_recorders(LAST, Audience.RESPONSE_READERS),
    "responses behind a figure": behind_a_figure,
}


def grouped() -> Any:
    """The yardstick: every answer counted by question and value."""
    return (
        Answer.select(Answer.question, Answer.value, fn.COUNT(Answer.id))
        .group_by(Answer.question, Answer.value)
        .tuples()
    )


def fill(random: Random) -> int:
    """Write the responses, half of them anonymous, with all that hangs on them; return how many answers."""
    clients = [Client.create(name=f"客户{at}", tier=random.choice(list(Tier))).id for at in range(CLIENTS)]
    staff = [Person.create(name=f"员工{at}").id for at in range(ENGINEERS)]
    departments = [Department.create(name=f"部门{at}").id for at in range(4)]
    campaigns = {int(one): a_campaign("incident", quarter=int(one)).id for one in LAST.back(8)}
    forms = {form: questionnaires.get_newest_version(form) for form in SHARES}
    questions = {form: questionnaires.questions_of(version) for form, version in forms.items()}
    responses: list[Row] = []
    answers: list[Row] = []
    invitations: list[Row] = []
    written = 0
    for key in range(1, RESPONSES + 1):
        form, anonymous = random.choices(list(SHARES), list(SHARES.values()))[0], random.random() < 0.5
        quarter, client = random.choice(list(campaigns)), random.choice(clients)
        who: Row = (None, None, None, None)
        if not anonymous:
            engineer, recorder = random.choice(staff), staff[key % RECORDERS]
            who = (staff[client % 10], random.choice(departments), engineer, recorder)
        channel = "link" if anonymous else random.choice(["link", "telephone"])
        responses.append((key, forms[form].id, quarter, client, channel, anonymous, "valid", *who, "", ""))
        invitations.append((campaigns[quarter], client, "link", "done"))
        answers.extend(answered(random, key, questions[form], key * 100))
        if key % AT_ONCE == 0:
            written += len(answers)
            write(((Response, RESPONSE, responses), (Answer, ANSWER, answers), (Invitation, ASKED, invitations)))
    return written


def answered(random: Random, response: int, questions: list[Question], key: int) -> Iterator[Row]:
    """An answer to each question that takes a number."""
    own = random.choices([5, 4, 3, 2, 1], [50, 30, 12, 5, 3])[0]
    for at, question in enumerate(questions):
        if question.kind == Kind.RATING:
            yield key + at, response, question.id, max(1, min(5, own + random.choice([-1, 0, 0, 1]))), False
        elif question.kind == Kind.RECOMMEND:
            yield key + at, response, question.id, min(10, own * 2), False
        elif question.kind == Kind.YES_NO:
            yield key + at, response, question.id, int(own > 2), False


def write(tables: tuple[tuple[type[Table], str, list[Row]], ...]) -> None:
    """Put rows into their tables, as fast as the store takes them."""
    with database.write():
        cursor = database.store.cursor()
        for table, names, rows in tables:
            columns = names.split()
            name, marks = table._meta.table_name, ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", rows)
            rows.clear()
