"""The real log, sent by its ticket system as it happened: each incident is due once, 48 hours after it first
closed, whatever comes later; and the share surveyed in time is what a count by hand says (P1)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from csat import clock
from csat.figures import response_rates
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.asking import AttemptOutcome
from csat.models.clients import Incident
from csat.models.questionnaires import QuestionnaireVersion
from csat.procedure.campaigns import desk, incident_surveys
from csat.procedure.campaigns.incident_surveys import NobodyToAsk
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents import api_keys
from csat.procedure.incidents.json_mapping import MESSAGE_MAPS
from csat.procedure.incidents.mapping import TABLE_MAPS
from tests.builders import ZONE, a_person, hand_over
from tests.procedure.campaigns.rounds import key
from tests.procedure.incidents.test_table_import import EXAMPLE, LOGS

SOURCE = "incident_log"
TWO_DAYS = timedelta(hours=48)
MINUTE = timedelta(minutes=1)
ENDS = ("resolved_at", "closed_at")

# What the desk does about each fifth closed incident: after so long, this. Nobody reached is no survey.
DESK = (
    (timedelta(hours=3), "hands over a link"),
    (TWO_DAYS, "is refused on the telephone"),
    (timedelta(hours=10), "reaches nobody"),
    (TWO_DAYS + MINUTE, "hands over a link"),
    (None, "does nothing"),
)


def rows_of(path: Path) -> list[dict[str, str]]:
    """The log's rows as their system sent them: what had not happened yet is unknown, callers have mail."""
    with path.open(encoding="utf-8", newline="") as source:
        rows = sorted(csv.DictReader(source), key=lambda row: at(row["sys_updated_at"]))
    for row in rows:
        for name in ENDS:
            if row[name] != "?" and at(row[name]) > at(row["sys_updated_at"]):
                row[name] = "?"
        caller = row["caller_id"].replace(" ", "").lower()
        row["email"] = "" if caller == "?" else f"{caller}@client.example"
    return rows


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


class Story:
    """The log told once: what is sent and done when; and, beside it, a count by hand."""

    def __init__(self, app, rows: list[dict[str, str]]) -> None:
        self.app, self.rows = app, rows
        self.closed = self._first_closings()
        self.asked: dict[str, tuple[datetime, str]] = {}
        self.surveyed: dict[str, datetime] = {}
        for place, number in enumerate(sorted(self.closed, key=lambda number: (self.closed[number], number))):
            after, what = DESK[place % len(DESK)]
            if after is not None:
                self.asked[number] = (self.closed[number] + after, what)
        with clock.freeze_at(self.rows_at()[0][0]):
            self.desk = a_person("苏岚")
            admin = a_person("安敏")
            self.key = api_keys.make_api_key("记录系统", SOURCE, admin, clock.now())[1]
            MESSAGE_MAPS.save_map(a_map(), admin, clock.now())

    def _first_closings(self) -> dict[str, datetime]:
        closed: dict[str, datetime] = {}
        for row in self.rows:
            if row["incident_state"] == "Closed":
                known = row["closed_at"] if row["closed_at"] != "?" else row["sys_updated_at"]
                closed.setdefault(row["number"], at(known))
        return closed

    def rows_at(self) -> list[tuple[datetime, list[dict[str, str]]]]:
        together = defaultdict(list)
        for row in self.rows:
            together[at(row["sys_updated_at"])].append(row)
        return sorted(together.items())

    def moments(self) -> Iterator[tuple[datetime, str, object]]:
        """All that happens, in time order; of one instant, what is sent comes first."""
        sent = [(when, 0, "sent", rows) for when, rows in self.rows_at()]
        done = [(when, 1, "done", number) for number, (when, _) in self.asked.items()]
        before = [(when + TWO_DAYS - MINUTE, 2, "looked at", None) for when in self.closed.values()]
        after = [(when + TWO_DAYS, 2, "looked at", None) for when in self.closed.values()]
        for when, _, what, subject in sorted(sent + done + before + after, key=lambda moment: moment[:3]):
            yield when, what, subject

    def send(self, rows: list[dict[str, str]]) -> list[str]:
        sent_by = {"Authorization": f"Bearer {self.key}"}
        answer = self.app.test_client().post("/api/v1/incidents", json=rows, headers=sent_by)
        assert answer.status_code == 200, answer.json
        return [result["outcome"] for result in answer.json["results"]]

    def do(self, number: str, now: datetime) -> None:
        """What the desk does about an incident; who is not known cannot be asked."""
        what, incident = self.asked[number][1], Incident.get(number=number)
        if incident.contact is None:
            with pytest.raises(NobodyToAsk):
                incident_surveys.ensure_invitation(incident, key, self.desk, now, ZONE)
            return
        if what == "hands over a link":
            invitation = incident_surveys.ensure_invitation(incident, key, self.desk, now, ZONE)
            hand_over(invitation, self.desk, now)
        else:
            outcome = AttemptOutcome.NOBODY if what == "reaches nobody" else AttemptOutcome.REFUSED
            incident_surveys.record_attempt(incident, outcome, key, self.desk, now, ZONE)
        if what != "reaches nobody":
            self.surveyed[number] = now

    def due(self, now: datetime) -> tuple[set[str], set[str]]:
        """By hand: what is still to be surveyed now, and what of it is overdue."""
        still = {n for n, when in self.closed.items() if when <= now and n not in self.surveyed}
        return still, {number for number in still if self.closed[number] + TWO_DAYS <= now}

    def share(self, quarter: Quarter, now: datetime) -> tuple[int, int]:
        """By hand: surveyed in time, and surveyed or past their two days, of a quarter's first closings."""
        in_time = counted = 0
        for number, when in self.closed.items():
            day = when.astimezone(ZONE)
            if when > now or (day.year, (day.month + 2) // 3) != (quarter.year, quarter.number):
                continue
            surveyed, until = self.surveyed.get(number), when + TWO_DAYS
            counted += bool(surveyed or until <= now)
            in_time += bool(surveyed and surveyed <= until)
        return in_time, counted

    def compare(self, now: datetime) -> None:
        """The desk's list and the figure of this moment, with the same by hand."""
        still, overdue = self.due(now)
        waits = numbers(desk.list_later_calls(now))  # reached nobody: back on the list in some hours
        assert numbers(desk.list_due_incidents(now, ZONE)) == still - waits and waits <= still
        assert numbers(desk.list_due_incidents(now, ZONE, only="overdue")) == overdue - waits
        for quarter in self.quarters:
            rate = response_rates.count_surveyed_in_time(int(quarter), now).rate
            assert (rate.of, rate.good) == self.share(quarter, now)[::-1]

    @property
    def quarters(self) -> list[Quarter]:
        return sorted({Quarter.of(when, ZONE) for when in self.closed.values()}, key=int)


def a_map() -> str:
    """The shipped map of the log's export, as a map of its messages."""
    export = TABLE_MAPS.parse_map(EXAMPLE)
    fields = {**export.places, "contact_email": "email"}
    lists = {name: list(getattr(export, name)) for name in ("unknown", "major", "closed_states")}
    made = MESSAGE_MAPS.build_map({"source": SOURCE, "date_order": "dmy", **lists, "fields": fields})
    return MESSAGE_MAPS.format_map(made)


def numbers(query) -> set[str]:
    return {incident.number for incident in query}


@pytest.fixture(params=LOGS, ids=lambda path: path.stem)
def story(request, app) -> Story:
    QuestionnaireVersion.update(in_force_at=datetime(2016, 1, 1, tzinfo=UTC)).execute()  # the log is of those days
    return Story(app, rows_of(request.param))


def test_every_incident_is_due_once_at_its_first_closing_and_the_share_is_right(story):
    looked = changed = 0
    for when, what, subject in story.moments():
        with clock.freeze_at(when):
            if what == "sent":
                changed += story.send(subject).count("changed")
            elif what == "done":
                story.do(subject, when)
            else:
                story.compare(when)
                looked += 1
    assert looked == 2 * len(story.closed) and changed
    for incident in Incident.select():
        first = story.closed[incident.number]
        assert (incident.first_closed_at, incident.survey_due_at) == (first, first + TWO_DAYS)
        assert incident.quarter == int(Quarter.of(first, ZONE))
        assert incident.surveyed_at == story.surveyed.get(incident.number)
    for quarter in story.quarters:
        in_time, counted = story.share(quarter, when)
        rate = compute_quarter_figures(quarter, when, ZONE, Audience.RESPONSE_READERS).surveyed.rate
        assert (rate.n, rate.value) == (counted, pytest.approx(in_time / counted))
