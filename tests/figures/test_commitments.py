"""The figures of commitments (§9), counted by hand: incidents, responses, feedback, actions, back-ups."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.config import PROJECT_ROOT
from csat.figures.audience import Audience
from csat.figures.commitment_sources import percentile
from csat.figures.commitments import CommitmentFigure, list_commitment_verdicts, measure_commitments
from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackState
from csat.models.records import AuditEntry, BackupKind
from csat.procedure.commitments import commitments, counts, measurements, missed
from csat.procedure.commitments.measurements import EnteredFigure
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.retirement import retire_record
from csat.procedure.incidents import table_import
from csat.procedure.incidents.mapping import TABLE_MAPS
from csat.procedure.review import tally
from csat.procedure.upkeep import backups
from tests.builders import NOW, ZONE, a_client, a_department, a_person, an_incident
from tests.cast import a_cast
from tests.feedback_builders import DAY, a_stored_action, a_stored_feedback
from tests.figures.stores import a_response

EXCERPT = PROJECT_ROOT / "tests/data/incident_log_excerpt.csv"
WHOLE = PROJECT_ROOT.parent / "shared/data/incident_event_log_part1.csv"
Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
HOUR = timedelta(hours=1)


def of(code: str, quarter: Quarter = Q3, now: datetime = NOW) -> CommitmentFigure:
    return next(one for one in measure_commitments(quarter, now, ZONE, Audience.RESPONSE_READERS) if one.code == code)


def an_incident_of(number: str, minutes: float | None = None, hours: float | None = None, **more):
    """An incident that first closed in the third quarter, answered and resolved so long after its opening."""
    ends = {
        "responded_at": None if minutes is None else NOW - DAY + timedelta(minutes=minutes),
        "resolved_at": None if hours is None else NOW - DAY + timedelta(hours=hours),
    }
    return an_incident(number, quarter=int(Q3), opened_at=NOW - DAY, first_closed_at=NOW, **ends, **more)


# --- incidents ---------------------------------------------------------------------------------------


def test_first_response_is_judged_by_the_ninetieth_percentile(engine_db):
    for number, minutes in enumerate((1, 2, 3, 4, 5, 6, 7, 29, 30, 31)):
        an_incident_of(str(number), minutes)
    an_incident_of("without")
    found = of("first_response")
    assert (found.value, found.n, found.verdict) == (30, 10, "reached")
    assert (found.parts["share_met"], found.parts["median"], found.parts["p90"]) == (0.9, 5.5, 30)
    assert (found.parts["missing"], found.parts["share_missing"]) == (1, pytest.approx(1 / 11))
    an_incident_of("more", 31)
    assert (of("first_response").value, of("first_response").verdict) == (31, "missed")


def test_only_major_problems_count_for_their_promise(engine_db):
    an_incident_of("1", hours=1, major=True)
    an_incident_of("2", hours=3, major=True)
    an_incident_of("3", hours=99)
    an_incident_of("4", major=True)
    found = of("major_resolution")
    assert (found.value, found.n, found.verdict) == (3, 2, "missed")
    assert (found.parts["median"], found.parts["missing"], found.parts["all"]) == (2, 1, 3)


def test_solved_leaves_out_systems_that_never_tell(engine_db):
    for number in range(19):
        an_incident_of(str(number), hours=1)
    an_incident_of("unsolved")
    an_incident("silent", quarter=int(Q3), opened_at=NOW - DAY, first_closed_at=NOW, responded_at=NOW)
    Incident.update(source="silent").where(Incident.number == "silent").execute()
    found = of("solved")
    assert (found.value, found.n, found.verdict) == (95, 20, "reached")
    assert (found.parts["missing"], found.parts["all"]) == (1, 21)


def test_the_lists_behind_a_figure_have_its_numbers(engine_db):
    for number, minutes in enumerate((10, 30, 31, None, 45)):
        an_incident_of(str(number), minutes, hours=None if number == 4 else 1)
    parts = of("first_response").parts
    target = commitments.TargetTable().find_target("first_response", date(2026, 9, 30))

    def listed(code: str, which: str) -> int:
        return counts.select_incidents(code, int(Q3), which, target, "minutes").count()

    assert [listed("first_response", which) for which in ("met", "missed", "missing")] == [2, 2, 1]
    assert (parts["met"], of("first_response").n, parts["missing"]) == (2, 4, 1)
    assert [listed("solved", which) for which in ("met", "missed", "missing")] == [4, 1, 0]


@given(values=st.lists(st.integers(0, 90), min_size=1, max_size=60), target=st.integers(1, 90))
def test_nine_in_ten_within_the_target_is_the_percentile_within_it(values, target):
    within = sum(value <= target for value in values)
    assert (percentile([float(value) for value in values]) <= target) == (10 * within >= 9 * len(values))


class ByHand:
    """The log read with nothing but csv: the last row of each number, by the quarter of its closing."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as source:
            last = {row["number"]: row for row in csv.DictReader(source)}
        self.rows = [row for row in last.values() if row["incident_state"] == "Closed"]

    def quarters(self) -> set[Quarter]:
        return {self.quarter(row) for row in self.rows}

    @staticmethod
    def quarter(row: dict[str, str]) -> Quarter:
        day = datetime.strptime(row["closed_at"], "%d-%m-%Y %H:%M")
        return Quarter(day.year, (day.month + 2) // 3)

    def of(self, quarter: Quarter) -> list[dict[str, str]]:
        return [row for row in self.rows if self.quarter(row) == quarter]

    def hours(self, quarter: Quarter) -> list[Fraction]:
        """From opening to solving, of the two highest priorities, in their order of length."""
        major = [row for row in self.of(quarter) if row["priority"][0] in "12" and row["resolved_at"] != "?"]
        spans = [_time(row["resolved_at"]) - _time(row["opened_at"]) for row in major]
        return sorted(Fraction(int(span.total_seconds()), 3600) for span in spans)


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M")


@pytest.mark.parametrize("path", [log for log in (EXCERPT, WHOLE) if log.exists()], ids=lambda path: path.stem)
def test_the_real_log_gives_what_a_count_by_hand_gives(db, path):
    made = TABLE_MAPS.parse_map((PROJECT_ROOT / "docs/examples/incident_log.toml").read_text("utf-8"))
    reading = table_import.read_table(path.read_bytes(), made, ZONE, NOW)
    table_import.import_incidents(reading, made, "test", NOW, ZONE)
    hand, seen = ByHand(path), 0
    for quarter in sorted(hand.quarters()):
        rows, hours = hand.of(quarter), hand.hours(quarter)
        major = [row for row in rows if row["priority"][0] in "12"]
        solved = [row for row in rows if row["resolved_at"] != "?"]
        told = {one.code: one for one in measure_commitments(quarter, NOW, ZONE, Audience.RESPONSE_READERS)}
        assert (told["first_response"].n, told["first_response"].parts["missing"]) == (0, len(rows))
        assert told["first_response"].verdict == "no_data"  # the log does not know it
        assert (told["solved"].n, told["solved"].parts["met"]) == (len(rows), len(solved))
        found = told["major_resolution"]
        assert (found.n, found.parts["missing"]) == (len(hours), len(major) - len(hours))
        if hours:
            seen += len(hours)
            rank = -(-9 * len(hours) // 10)
            assert found.value == found.parts["p90"] == pytest.approx(float(hours[rank - 1]))
            assert found.parts["median"] == pytest.approx(float(median(hours)))
            assert found.parts["met"] == sum(span <= 2 for span in hours)
            assert found.verdict == ("reached" if 10 * found.parts["met"] >= 9 * len(hours) else "missed")
    assert seen


# --- responses ---------------------------------------------------------------------------------------


def test_satisfaction_is_the_rate_of_the_quarter_against_its_target(engine_db):
    client = a_client()
    for rated in (5, 5, 5, 4, 2):
        a_response(ratings=rated, client=client)
    tally.rebuild_tally()
    found = of("satisfaction")
    assert (found.value, found.n, found.target, found.verdict) == (80, 5, 90, "missed")
    promise = commitments.get_commitment("satisfaction")
    commitments.set_target(promise, date(2026, 9, 1), 80, "test", NOW, date(2026, 9, 14))
    assert of("satisfaction").verdict == "reached"


def test_what_must_not_show_gives_no_figure_here_either(engine_db):
    for _ in range(2):
        a_response(anonymous=True, answers={"first_contact": 1})
    tally.rebuild_tally()
    found = of("satisfaction")
    assert (found.value, found.n, found.verdict, found.hidden) == (None, None, "no_data", True)
    assert (found.trend[-1]["value"], found.trend[-1]["n"], found.trend[-1]["hidden"]) == (None, None, True)
    assert of("solved").parts["first_contact"] is None


def test_the_first_contact_share_stands_beside_what_is_solved(engine_db):
    for told in (1, 1, 0):
        a_response(answers={"first_contact": told})
    a_response("service", answers={"first_contact": 0})  # another questionnaire: not of incidents
    tally.rebuild_tally()
    parts = of("solved").parts
    assert (parts["first_contact"], parts["first_contact_n"]) == (pytest.approx(2 / 3), 3)


# --- feedback and actions ----------------------------------------------------------------------------


def a_feedback(due: datetime, closed: datetime | None = None, **more) -> Feedback:
    end = {"closed_at": closed, "closed_in_time": None if closed is None else closed <= due}
    state = FeedbackState.CONFIRMED if closed else FeedbackState.IN_PROGRESS
    return a_stored_feedback(**{"quarter": int(Q2), "state": state, "close_due_at": due, **end, **more})


def test_feedback_counts_in_the_quarter_in_which_it_is_due(engine_db):
    due = NOW - DAY
    first = a_feedback(due, due - HOUR)
    a_feedback(due, due + HOUR)
    a_feedback(due)  # overdue
    a_feedback(NOW + DAY)  # still has time
    a_feedback(NOW + DAY, NOW - HOUR)  # closed before it was due
    a_feedback(Q3.start(ZONE) - HOUR)  # due in the quarter before
    a_feedback(due, linked_to=first)
    found = of("feedback_time")
    assert (found.value, found.n, found.parts["all"], found.verdict) == (50, 4, 5, "missed")
    assert of("feedback_time", Q2).n == 1 and found.trend[-2]["verdict"] == "missed"
    in_quarter = Feedback.select().where(counts.feedback_due_condition(Q3, Q3, ZONE))
    outcomes = (counts.feedback_outcome_condition(which, NOW) for which in ("met", "missed", "open"))
    assert [in_quarter.where(outcome).count() for outcome in outcomes] == [2, 2, 1]


def test_actions_of_accepted_plans_count_on_their_due_day(engine_db):
    def an_action(due: date, done: bool = False, state: FeedbackState = FeedbackState.IN_PROGRESS) -> None:
        shared = (a_feedback(NOW, state=state), a_feedback(NOW, state=state))
        a_stored_action(*shared, due=due, done_at=NOW if done else None)

    an_action(date(2026, 7, 1), done=True)
    an_action(date(2026, 9, 13))  # overdue
    an_action(date(2026, 9, 14))  # today
    an_action(date(2026, 9, 30), done=True)
    an_action(date(2026, 6, 30))  # the quarter before
    an_action(date(2026, 7, 2), state=FeedbackState.CALLED_BACK)  # only proposed
    found = of("improvement_done")
    assert (found.value, found.n, found.parts["all"]) == (pytest.approx(200 / 3), 3, 4)
    assert of("improvement_done", Q2).value == 0


# --- entered, and this system itself -----------------------------------------------------------------


def accepted(code: str, value: float, quarter: Quarter = Q2) -> None:
    """A measurement that was entered and accepted."""
    cast, one = a_cast(), commitments.get_commitment(code)
    commitments.edit_commitment(one, one.name, one.description, cast.department, cast.qa, NOW)
    one, figure = commitments.get_commitment(code), EnteredFigure(value)
    made = measurements.enter_measurement(one, quarter, figure, "月报", cast.owner, NOW, ZONE)
    measurements.accept_measurement(made, cast.qa, NOW, ZONE)


def test_what_is_entered_counts_once_it_is_accepted(engine_db):
    accepted("availability", 99.85)
    found = of("availability", Q2)
    assert (found.value, found.verdict, found.parts["words"]) == (99.85, "missed", "月报")
    assert found.department == {"zh": "基础设施部", "en": "Infrastructure"}
    assert of("availability").verdict == "no_data" and of("availability").trend[-2]["value"] == 99.85


def began(instant: datetime) -> None:
    """The store's history begins here."""
    AuditEntry.update(at=instant).execute()


def backed_up(days: int) -> None:
    """A good back-up on each of the first days of the second quarter."""
    for day in range(days):
        made = backups.BackupOutcome(f"b{day}")
        backups.record_backup(BackupKind.BACKUP, made, None, Q2.start(ZONE) + day * DAY + HOUR)


def test_our_own_backups_alone_can_miss_the_promise_but_not_reach_it(db):
    began(Q2.start(ZONE))
    backed_up(91)
    found = of("daily_backup", Q2)
    assert (found.value, found.verdict) == (None, "no_data")
    assert found.parts["own"] == {"value": 100, "n": 91, "fails": False}
    accepted("daily_backup", 100)
    assert (of("daily_backup", Q2).value, of("daily_backup", Q2).verdict) == (100, "reached")


def test_a_day_without_our_own_backup_misses_the_promise(db):
    began(Q2.start(ZONE))
    backed_up(90)
    found = of("daily_backup", Q2)
    assert (found.value, found.verdict) == (pytest.approx(9000 / 91), "missed")
    accepted("daily_backup", 100)
    assert of("daily_backup", Q2).value == pytest.approx(9000 / 91)
    assert list_commitment_verdicts(Q2, NOW, ZONE)["daily_backup"] == "missed"


def test_the_longer_recovery_counts_and_a_failed_drill_fails(engine_db):
    at = Q2.start(ZONE) + DAY
    backups.record_backup(BackupKind.DRILL, backups.BackupOutcome("d", seconds=1800), None, at)
    assert of("recovery_time", Q2).verdict == "no_data" and of("recovery_time", Q2).parts["own"]["value"] == 0.5
    accepted("recovery_time", 3)
    assert (of("recovery_time", Q2).value, of("recovery_time", Q2).verdict) == (3, "reached")
    backups.record_backup(BackupKind.DRILL, backups.BackupOutcome("d", ok=False, why="no key"), None, at)
    assert of("recovery_time", Q2).verdict == "missed"


# --- the whole ---------------------------------------------------------------------------------------


def test_each_quarter_of_the_trend_has_the_target_of_its_last_day(db):
    promise = commitments.get_commitment("first_response")
    for since, target in ((date(2026, 7, 1), 20), (date(2026, 9, 30), 15), (date(2026, 10, 1), 10)):
        commitments.set_target(promise, since, target, "test", NOW, date(2026, 9, 14))
    assert [point["target"] for point in of("first_response").trend] == [30] * 7 + [15]
    assert of("first_response", Q2).so_far is False and of("first_response").so_far is True


def test_an_answer_is_an_action_or_a_reason(db):
    qa, solved = a_person("乔安"), commitments.get_commitment("solved")
    assert of("solved").answer is None
    missed.record_verdict(solved, Q3, "missed", NOW)
    missed.answer_with_reason(solved, Q3, "系统切换", qa, NOW)
    assert of("solved").answer == {"action": None, "reason": "系统切换"}


def test_all_of_it_can_be_kept_as_plain_values(db):
    an_incident_of("1", 12, 3, major=True, department=a_department())
    plain = json.loads(
        json.dumps([asdict(one) for one in measure_commitments(Q3, NOW, ZONE, Audience.RESPONSE_READERS)])
    )
    assert [one["code"] for one in plain] == [one.code for one in commitments.list_commitments()]
    assert all(len(one["trend"]) == 8 and set(one["name"]) == {"zh", "en"} for one in plain)


def test_a_retired_commitment_is_in_no_figure(db):
    retire_record(commitments.get_commitment("solved"), "test", NOW)
    assert "solved" not in list_commitment_verdicts(Q3, NOW, ZONE)
