"""Every number that leaves us, against a count by hand-written SQL: the command, the overview, the exports.

The demo's eight quarters, told once for all workers; and small random stores, which hide far more.
"""

from __future__ import annotations

import csv
import fcntl
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from openpyxl import load_workbook

from csat import clock, create_app, database
from csat.commands import csat as commands
from csat.commands import exports as works
from csat.commands.opening import prepare_system
from csat.config import Config
from csat.demo import story
from csat.models.access import Account
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.archive.exports import ExportKind, ExportRequest, FileFormat
from csat.procedure.core.quarter import Quarter
from csat.procedure.people import permissions
from csat.procedure.review import tally
from tests.builders import NOW, a_person, an_account
from tests.conftest import config_in, open_store
from tests.figures.plain_sql import Counted, PlainStore
from tests.figures.stores import a_random_store
from tests.page import Page

FIRST = Quarter(2024, 4)
QUARTERS = [FIRST.plus(at) for at in range(8)]
LEAST = 3
SAID_OF_RULES = {"90%", "95%", "70%", "0%", "100%"}  # target, interval, marks and axes
SCALES = {"rating": range(1, 6), "recommend": range(11), "yes_no": range(2)}
SEVERITIES = ("critical", "major", "minor", "suggestion")
NEVER_SHOWN = re.compile(r"satisfaction/tier/none(/.*)?")  # who has no client has no tier: told under 'none' once


# --- the demo's store, told once -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance of the demo; the worker that comes first tells the story, the others wait for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    instance, whole = shared / "demo", shared / "demo.told"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            config = config_in(instance)
            prepare_system(config)
            story.fill_store(config, story.load_content(), "demo password of the tests")
            database.scrub()
            database.close_store()
            whole.touch()
    return instance


@pytest.fixture(scope="module")
def copied(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The configuration of a copy of the demo, one for all stories."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    shutil.copytree(told, folder)
    return config_in(folder)


@pytest.fixture
def config(copied: Config) -> Iterator[Config]:
    """The copy, opened for one story (others open stores of their own) at an instant after its last one."""
    open_store(copied)
    with clock.freeze_at(after_all(copied.instance / "csat.sqlite")):
        yield copied
    database.close_store()


def after_all(path: Path) -> datetime:
    """An hour after the last thing that went on record."""
    with sqlite3.connect(path) as sql:
        ((last,),) = sql.execute("SELECT max(at) FROM audit_entry")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=last, hours=1)


@pytest.fixture
def sql(config) -> PlainStore:
    """The same store, counted by hand."""
    return PlainStore(config.instance / "csat.sqlite", clock.now())


def as_printed(config, quarter: Quarter) -> dict:
    """What `flask csat figures QUARTER --json --for QA` prints, who may read single responses."""
    run = CliRunner(env={"CSAT_INSTANCE": str(config.instance)})
    words = ["figures", str(quarter), "--json", "--for", Account.get(Account.person == somebody(Role.QA)).user_name]
    return json.loads(run.invoke(commands, words, catch_exceptions=False).output)


def somebody(role: Role) -> Person:
    return next(person for person in Person.select() if permissions.roles_of(person) == {role})


# --- how two counts are compared -----------------------------------------------------------------------


def differences(shown: dict[str, dict], counted: dict[str, Counted]) -> list[str]:
    """Which figures say something else than the SQL, hide for nothing, show too much, or are missing."""
    found = []
    for id_, one in shown.items():
        mine = counted.get(id_, Counted(None, 0))
        if id_.endswith("/before") and not counted.get(id_.removesuffix("/before"), mine).n:
            continue  # asked, and silent now: the quarter before is compared as itself
        if one["hidden"]:
            left = [name for name in ("value", "n", "low", "high") if one.get(name) is not None]
            found += [f"{id_} is hidden and has {left}"] if left else []
            needless = not mine.anonymous and not id_.startswith("response")
            found += [f"{id_} is hidden and nobody answered without a name"] if needless else []
            continue
        if 0 < mine.anonymous < LEAST:
            found.append(f"{id_} shows {mine.anonymous} anonymous people")
        for name in ("value", "n", "low", "high"):
            if not same(one.get(name), getattr(mine, name)):
                found.append(f"{id_} {name}: {one.get(name)} is {getattr(mine, name)} in SQL")
    for id_, mine in counted.items():
        if mine.n and id_ not in shown and not NEVER_SHOWN.fullmatch(id_) and not of_hidden(id_, shown):
            found.append(f"{id_} is {mine.value} in SQL and missing")
    return found


def of_hidden(id_: str, shown: dict[str, dict]) -> bool:
    """Whether an id is a part of one that must not show, or the quarter before of one that has no row."""
    whole, _, part = id_.rpartition("/")
    if part == "before":
        return whole not in shown
    return part in ("telephone", "link") and shown.get(whole, {}).get("hidden", False)


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < 1e-6  # a CSV has six decimals


def subtractions(shown: dict[str, dict], counted: dict[str, Counted]) -> list[str]:
    """Wholes from which the parts that show can be taken, so that one or two anonymous people are left."""
    found = []
    wholes = [id_ for id_, one in shown.items() if not one["hidden"] and "/" not in id_.removeprefix("dimension/")]
    for whole in wholes:
        for cut in ("client", "tier", "questionnaire", "channel"):
            start = f"{whole}/{cut}/"
            parts = [id_ for id_ in counted if id_.startswith(start) and "/" not in id_.removeprefix(start)]
            left = sum(counted[id_].anonymous for id_ in parts if secret(id_, shown))
            if 0 < left < LEAST:
                found.append(f"{whole} less its {cut}s leaves {left}")
    return found


def secret(id_: str, shown: dict[str, dict]) -> bool:
    """Whether a cell does not show; those without a tier are those without a client."""
    one = shown.get("satisfaction/client/none" if id_ == "satisfaction/tier/none" else id_)
    return one is None or one["hidden"]


# --- the command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_every_figure_of_the_command_is_what_sql_counts(config, sql, quarter):
    printed, counted = as_printed(config, quarter), sql.count(int(quarter))
    assert datetime.fromisoformat(printed["cut_off"]) == clock.now() and len(printed["figures"]) > 300
    assert differences(printed["figures"], counted) == []
    assert subtractions(printed["figures"], counted) == []
    whole, numbers = printed["whole"], sql.numbers(int(quarter))
    rooms = ("verdicts", "surveyed", "feedback")
    plain = {f"{room}/{name}": value for room in rooms for name, value in whole[room].items()}
    plain |= {"asked/invited": whole["asked"]["invited"], "asked/refused": whole["asked"]["refused"]}
    plain |= {name: whole[name] for name in ("without_incident", "clients_asked")}
    assert [name for name in numbers.keys() & plain.keys() if numbers[name] != plain[name]] == []
    types = {row["key"]: tuple(row[name] for name in (*SEVERITIES, "total")) for row in whole["feedback"]["rows"]}
    assert types == sql.types(int(quarter))
    correlations = sql.correlations(int(quarter))
    for one in whole["importance"]:
        assert one["satisfaction"]["hidden"] or one["correlation"] == pytest.approx(correlations.get(one["dimension"]))
    spreads = sql.spreads(int(quarter))
    for row in whole["questions"]:
        if row["distribution"] is not None:
            given = spreads[row["questionnaire"], row["code"]]
            without = given.get("na", 0)
            assert row["distribution"] == [given.get(value, 0) for value in SCALES[row["kind"]]]
            assert row["not_applicable"] == without or (row["not_applicable"] is None and without > 0)


def test_the_funnel_of_a_quarter_is_a_count_by_hand_in_which_no_link_was_made_up(config, sql):
    """Half of it was asked by mails that went by themselves: some came back, calls broke off, contacts opted out."""
    quarter = QUARTERS[-1]
    printed = as_printed(config, quarter)
    asked, satisfied = (printed["figures"][f"{of}/questionnaire/incident"] for of in ("response", "satisfaction"))
    shown = {step: printed["whole"]["surveyed"][step] for step in ("closed", "surveyed")}
    shown |= {"delivered": asked["n"], "answered": round(asked["value"] * asked["n"]), "valid": satisfied["n"]}
    assert shown == sql.funnel(int(quarter)) and sql.made_up_links() == []
    assert list(shown.values()) == sorted(shown.values(), reverse=True) and shown["valid"] > 50
    own = "SELECT count(*) FROM outbox_message WHERE kind = 'ask' AND by_id IS NULL AND state"
    for told in (
        f"{own} = 'done'",
        f"{own} = 'back'",
        "SELECT count(*) FROM attempt WHERE undone_at IS NOT NULL",
        "SELECT count(*) FROM contact WHERE opted_out_at IS NOT NULL",
    ):
        assert sql.rows(told)[0][0] > 1, told


def test_the_invitations_agree_with_the_answers_themselves(sql):
    """Answered is counted from invitations: over all quarters that is what was received, is sealed, or lost.

    Of one quarter it need not be: fewer than three anonymous answers at a campaign's close join the next one.
    """
    quarters = sql.rows("SELECT DISTINCT quarter FROM campaign")
    ((came,),) = sql.rows(
        """SELECT (SELECT count(*) FROM response) + (SELECT count(*) FROM mailbox)
                + (SELECT coalesce(sum(void), 0) FROM "release")"""
    )
    assert sum(sql.answered(quarter) for (quarter,) in quarters) == came


@pytest.mark.parametrize("seed", range(8))
def test_random_stores_agree_with_sql_and_hide_what_they_must(seed, tmp_path, ready_store):
    shutil.copytree(ready_store, tmp_path / "instance")
    config = config_in(tmp_path / "instance")
    open_store(config)
    try:
        with clock.freeze_at(NOW):
            a_random_store(seed, responses=60)
            an_account(a_person("何静", Role.QA))
            tally.rebuild_tally()
            for quarter in (Quarter(2026, 2), Quarter(2026, 3)):
                shown = as_printed(config, quarter)["figures"]
                counted = PlainStore(config.instance / "csat.sqlite", NOW).count(int(quarter))
                assert differences(shown, counted) == [] and subtractions(shown, counted) == []
    finally:
        database.close_store()


# --- the overview --------------------------------------------------------------------------------------


@pytest.fixture
def application(config) -> Flask:
    return create_app(config)


@pytest.fixture
def page(application) -> Page:
    return Page(application).sign_in_as(somebody(Role.QA))


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_every_number_of_the_overview_is_what_sql_counts(page, sql, quarter):
    counted = sql.count(int(quarter))
    page.get(f"/qa/?quarter={quarter}")
    heads = [(b.text or "").strip() for b in page.tree.iterfind(".//div[@class='figures']//b")]
    rates = ("satisfaction", "response", "surveyed_in_time", "feedback/handled_in_time")
    shown = [counted[id_].value for id_ in rates]
    assert heads == [percent(shown[0]), *(percent(value, 0) for value in shown[1:])]
    assert clients_differ(page, sql, counted) == []
    shares = [share for one in counted.values() for share in (one.value, one.low, one.high) if share is not None]
    shares += sql.recommending(int(quarter)) + sql.of_recorders(int(quarter))
    known = {percent(share, places) for share in shares for places in (0, 1)} | SAID_OF_RULES
    strange = set(re.findall(r"(?<![\d.])\d{1,3}(?:\.\d)?%", " ".join(page.tree.itertext()))) - known
    assert not strange, f"{strange} stand on the page and are no count of ours"


def percent(value: float | None, places: int = 1) -> str:
    return "–" if value is None else f"{value * 100:.{places}f}%"


def clients_differ(page: Page, sql: PlainStore, counted: dict[str, Counted]) -> list[str]:
    """Rows of the clients' table whose rate or n is not the one of the SQL."""
    clients = sql.rows("SELECT id, name, name_en FROM client")
    keys = {name: f"satisfaction/client/{key}" for key, *names in clients for name in names}
    found = []
    for row in page.tree.iterfind(".//section[@id='clients']//tbody/tr"):
        cells = [" ".join("".join(cell.itertext()).split()) for cell in row]
        link = row.find(".//th/a")
        id_ = keys[(link.text or "").strip()] if link is not None else "satisfaction/client/none"
        mine = counted.get(id_, Counted(None, 0))
        hidden = "too few" in " ".join(cells)
        if hidden:
            found += [] if mine.anonymous else [f"{id_} is hidden"]
        elif percent(mine.value) not in " ".join(cells) or str(mine.n) not in re.findall(r"\d+", cells[1]):
            found.append(f"{cells} should say {mine}")
    return found


# --- the exports ---------------------------------------------------------------------------------------


def export(
    config, folder: Path, what: ExportKind, quarter: Quarter | None, shape: FileFormat, role: Role = Role.QA
) -> Path:
    target, wanted = folder / f"{what}.{shape}", ExportRequest(what, quarter, shape, "en", somebody(role))
    works.write_export(wanted, target, clock.now(), config, lambda rows: None)
    return target


def rows_of(sheet) -> list[dict[str, Any]]:
    heading, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heading, row, strict=True)) for row in rows]


def csv_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV; numbers as numbers."""
    with path.open(encoding="utf-8-sig", newline="") as content:
        heading, *rows = csv.reader(content, quoting=csv.QUOTE_NONNUMERIC)
    return [dict(zip(heading, (None if cell == "" else cell for cell in row), strict=True)) for row in rows]


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_every_number_of_the_exported_figures_is_what_sql_counts(config, sql, tmp_path, quarter):
    counted = sql.count(int(quarter))
    book = load_workbook(export(config, tmp_path, ExportKind.FIGURES, quarter, FileFormat.XLSX))
    plain = export(config, tmp_path, ExportKind.FIGURES, quarter, FileFormat.CSV)
    printed = as_printed(config, quarter)["figures"]
    for rows in (rows_of(book["Figures"]), csv_rows(plain)):
        shown = {row["Identifier"]: as_figure(row) for row in rows}
        assert set(shown) == set(printed)
        assert differences(shown, counted) == []
        for row in rows:
            mine = counted.get(row["Identifier"])
            if mine and mine.of is not None and row["Note"] is None:
                assert (row["Numerator"], row["Denominator"]) == (mine.good, mine.of), row["Identifier"]
    numbers = {row["Identifier"]: row["How many"] for row in rows_of(book["Numbers"])}
    expected = sql.numbers(int(quarter))
    both = numbers.keys() & expected.keys()
    assert [name for name in both if expected[name] != numbers[name]] == [] and len(both) >= 15


def as_figure(row: dict[str, Any]) -> dict[str, Any]:
    net = row["Net promoter score (−100 to 100)"]
    value = row["Share"] if row["Share"] is not None else row["Mean or index"]
    value = value if net is None else net / 100
    low, high = row["Interval from"], row["Interval to"]
    return {"value": value, "n": row["Responses"], "low": low, "high": high, "hidden": bool(row["Note"])}


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_every_number_of_the_appraisal_sheet_is_what_sql_counts(config, sql, tmp_path, quarter):
    rates, feedback = sql.count(int(quarter)), sql.appraisal(int(quarter))
    book = load_workbook(export(config, tmp_path, ExportKind.APPRAISAL, quarter, FileFormat.XLSX))
    names = names_in(sql)
    sorts = {"Client": "client", "Project manager": "manager", "Department": "department", "Engineer": "engineer"}
    plain = csv_rows(export(config, tmp_path, ExportKind.APPRAISAL, quarter, FileFormat.CSV))
    seen = set()
    for sheet in book.worksheets[1:]:
        for row in rows_of(sheet):
            title = next(iter(row))
            sort, key = sorts[title], names[sorts[title]][row[title]]
            seen.add((sort, key))
            rate, index = (rates.get(f"satisfaction/{sort}/{key}{end}", Counted(None, 0)) for end in ("", "/index"))
            mine = feedback.get((sort, key), dict.fromkeys((*SEVERITIES, "good", "of"), 0))
            columns = ("Satisfaction rate", "Interval from", "Interval to", "Valid responses", "Index")
            told = [row[name] for name in columns]
            assert all(map(same, told, (rate.value, rate.low, rate.high, rate.n, index.value))), (row, rate)
            told = [row[name] for name in ("Critical", "Major", "Minor", "Suggestion")]
            told += [row["Handled in time"], row["Handled or past due"]]
            assert told == list(mine.values()), (row, mine)
            assert same(row["Feedback handled in time"], mine["good"] / mine["of"] if mine["of"] else None)
            (line,) = [one for one in plain if (one["Row of"], one["Name"]) == (title, row[title])]
            assert all(alike(line[name], row[name]) for name in line.keys() & row.keys()), (line, row)
    assert {key for key in feedback} <= seen and len(plain) == len(seen)
    about = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True, max_col=2)}
    numbers = sql.numbers(int(quarter))
    assert f"{numbers['without_incident']} valid responses" in about["Engineers and departments"]
    assert f"{numbers['without_manager']} valid responses" in about["Project managers"]


def alike(one: Any, other: Any) -> bool:
    """Whether two files hold the same in a cell; XLSX keeps sixteen digits of a number."""
    return same(one, other) if isinstance(one, float) else one == other


def names_in(sql: PlainStore) -> dict[str, dict[str, str]]:
    """Keys by English name, for each sort of row."""
    clients = {en or zh: str(key) for key, zh, en in sql.rows("SELECT id, name, name_en FROM client")}
    departments = {en or zh: str(key) for key, zh, en in sql.rows("SELECT id, name, name_en FROM department")}
    persons = {name: str(key) for key, name in sql.rows("SELECT id, name FROM person")}
    clients["Not named"] = "none"
    return {"client": clients, "department": departments, "manager": persons, "engineer": persons}


def test_the_exported_responses_are_all_there_are_and_say_what_was_answered(config, sql, tmp_path):
    rows = csv_rows(export(config, tmp_path, ExportKind.RESPONSES, None, FileFormat.CSV))
    book = load_workbook(export(config, tmp_path, ExportKind.RESPONSES, None, FileFormat.XLSX), read_only=True)
    ((number, named),) = sql.rows("SELECT count(*), sum(NOT anonymous) FROM response")
    ((rated, sum_of),) = sql.rows(
        """SELECT count(*), sum(value) FROM answer a JOIN question q ON q.id = a.question_id
           WHERE q.kind IN ('rating', 'recommend') AND a.value IS NOT NULL"""
    )
    order = [str(key) for (key,) in sql.rows("SELECT id FROM response WHERE NOT anonymous ORDER BY id")]
    answers = [cell for row in rows for cell in list(row.values())[18:] if isinstance(cell, float)]
    assert (len(rows), len(answers), sum(answers)) == (number, rated, sum_of)
    assert sum(row["Response"] is not None for row in rows) == named
    assert sum(sheet.max_row - 1 for sheet in book.worksheets[1:]) == number
    assert sorted(row["Response"] for row in rows if row["Response"]) == sorted(order)
    anonymous = [row for row in rows if row["Anonymous"] == "Yes"]
    told = ("Response", "Received at", "Incident", "Engineer", "Recorded by", "Name (masked)", "Reach (masked)")
    assert anonymous and not any(row[name] for row in anonymous for name in told)


def test_the_exported_feedback_is_all_there_is(config, sql, tmp_path):
    rows = csv_rows(export(config, tmp_path, ExportKind.FEEDBACK, None, FileFormat.CSV))
    counted = sql.rows("SELECT severity, count(*), sum(closed_at IS NOT NULL) FROM feedback GROUP BY 1")
    of = {severity: [row for row in rows if row["Severity"].lower() == severity] for severity in SEVERITIES}
    shown = {severity: (len(mine), sum(row["Closed at"] is not None for row in mine)) for severity, mine in of.items()}
    assert shown == dict.fromkeys(SEVERITIES, (0, 0)) | {severity: (n, closed) for severity, n, closed in counted}
