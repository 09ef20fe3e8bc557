"""An independent count of a store, written by hand from docs/figures.md: sqlite3 and SQL, nothing of csat.

`PlainStore(path, now).count(quarter)` returns every figure by its id: what it must say if it shows, and how many
anonymous people stand behind it. It knows neither the tally nor our models.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from statistics import median

Z = 1.959963984540054
SHANGHAI = timezone(timedelta(hours=8))
ASKED = ("campaign", "client", "root", "tier", "form")  # who was asked where; then what came of it
INVITED = (*ASKED, "invited", "withdrawn", "refused", "delivered", "done", "by_name")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PREPARE = """
CREATE TEMP TABLE one_client AS
WITH RECURSIVE up(id, at) AS (
  SELECT id, id FROM client
  UNION SELECT up.id, client.counts_as_id FROM up JOIN client ON client.id = up.at
  WHERE client.counts_as_id IS NOT NULL
)
SELECT up.id AS id, client.id AS root, client.tier AS tier
FROM up JOIN client ON client.id = up.at WHERE client.counts_as_id IS NULL;

CREATE TEMP TABLE valid AS
SELECT r.id, r.quarter, r.anonymous, r.channel, r.manager_id, r.department_id, r.engineer_id, r.recorder_id,
       r.incident_id,
       coalesce(c.root, 'none') AS client, coalesce(c.tier, 'none') AS tier, f.code AS form,
       (r.channel IN ('telephone', 'interview') AND NOT r.anonymous) AS spoken
FROM response r
JOIN questionnaire_version v ON v.id = r.version_id
JOIN questionnaire f ON f.id = v.questionnaire_id
LEFT JOIN one_client c ON c.id = r.client_id
WHERE r.verdict = 'valid' AND (r.step IS NULL OR r.step > 0);

CREATE TEMP TABLE given AS
SELECT valid.*, q.code AS question, q.kind, q.dimension, a.value, a.not_applicable AS na
FROM answer a JOIN valid ON valid.id = a.response_id JOIN question q ON q.id = a.question_id;
CREATE INDEX given_quarter ON given (quarter, kind);

-- What reached somebody, by what can be shown of it: a link that its teller had in hand, a mail that left and stayed
-- away, a word of the client. Nothing here looks at what the product made of it.
CREATE TEMP TABLE reached AS
SELECT a.id, a.invitation_id, a.outcome, a.outcome <> 'handed_over' OR EXISTS (
  SELECT 1 FROM link l WHERE l.invitation_id = a.invitation_id AND (
    (l.by_hand AND l.shown_to_id = a.by_id)
    OR (NOT l.by_hand AND a.by_id IS NULL AND EXISTS (SELECT 1 FROM outbox_message m
        WHERE m.invitation_id = a.invitation_id AND m.kind = 'ask' AND m.state IN ('done', 'back'))))) AS shown
FROM attempt a WHERE a.undone_at IS NULL AND a.outcome IN ('handed_over', 'answered', 'refused');

CREATE TEMP TABLE pieces AS SELECT id, quarter, linked_to_id, severity, department_id, closed_at,
  closed_in_time, close_due_at, called_back_at, called_back_in_time, call_back_due_at, recurred,
  issue_type_id, client_id FROM feedback;
"""


@dataclass(frozen=True)
class Counted:
    """What a figure must say. `of` None: a mean, which has no interval. `anonymous`: people behind it."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    good: int | None = None
    of: int | None = None
    anonymous: int = 0


Figures = dict[str, Counted]


def share(good: int, of: int, n: int | None = None, anonymous: int = 0) -> Counted:
    """A share with its Wilson interval, by the centre and the half width."""
    n = of if n is None else n
    if not of:
        return Counted(None, n, good=good, of=of, anonymous=anonymous)
    p = good / of
    centre = (2 * n * p + Z**2) / (2 * (n + Z**2))
    half = Z * math.sqrt(Z**2 + 4 * n * p * (1 - p)) / (2 * (n + Z**2))
    return Counted(p, n, max(0.0, centre - half), min(1.0, centre + half), good, of, anonymous)


def before(quarter: int) -> int:
    """The quarter before 20261 is 20254."""
    return quarter - 1 if quarter % 10 > 1 else quarter - 7


class PlainStore:
    """A store as it lies there, read at an instant."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._sql = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._sql.executescript(PREPARE)
        self._now = int((now - EPOCH) / timedelta(microseconds=1))
        self._today = now.astimezone(SHANGHAI).date().isoformat()

    def rows(self, sql: str, *values: object) -> list[tuple]:
        return self._sql.execute(sql, values).fetchall()

    # --- all of it -----------------------------------------------------------------------------------

    def count(self, quarter: int) -> Figures:
        """Every figure of a quarter by its id."""
        return dict(self._figures(quarter))

    def _figures(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        yield from self._overall(quarter)
        yield from self._dimensions(quarter)
        yield from self._questions(quarter)
        yield "recommend", self._net(quarter)
        yield from self._trend(quarter)
        yield from self._asked(quarter)
        yield from self._surveyed(quarter)
        yield from self._check_calls(quarter)
        yield from self._feedback(quarter)

    # --- ratings -------------------------------------------------------------------------------------

    def _share(self, where: str, *values: object, good: str = "value >= 4") -> Counted:
        """The share of good ones among answers with a value; n is the number of responses."""
        sql = f"""SELECT coalesce(sum({good}), 0), count(*), count(DISTINCT id),
                  count(DISTINCT CASE WHEN anonymous THEN id END)
                  FROM given WHERE na = 0 AND value IS NOT NULL AND {where}"""
        return share(*self.rows(sql, *values)[0])

    def _mean(self, where: str, *values: object, of: str = "(value - 1) * 25.0") -> Counted:
        sql = f"""SELECT avg({of}), count(DISTINCT id), count(DISTINCT CASE WHEN anonymous THEN id END)
                  FROM given WHERE na = 0 AND value IS NOT NULL AND {where}"""
        value, n, anonymous = self.rows(sql, *values)[0]
        return Counted(value, n, anonymous=anonymous)

    def _whole(self, id_: str, quarter: int, where: str, *values: object) -> Iterator[tuple[str, Counted]]:
        """A rate with its index, the quarter before, and telephone against link where it mixes them."""
        here = f"quarter = ? AND {where}"
        yield id_, self._share(here, quarter, *values)
        yield f"{id_}/index", self._mean(here, quarter, *values)
        yield f"{id_}/before", self._share(here, before(quarter), *values)
        yield from self._parts(id_, here, quarter, *values)

    def _parts(self, id_: str, where: str, *values: object, good: str = "value >= 4") -> Iterator[tuple[str, Counted]]:
        spoken = self._share(f"{where} AND spoken", *values, good=good)
        linked = self._share(f"{where} AND NOT spoken", *values, good=good)
        if spoken.of and linked.of:
            yield f"{id_}/telephone", spoken
            yield f"{id_}/link", linked

    def _overall(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        overall = "kind = 'rating' AND dimension = 'overall'"
        yield from self._whole("satisfaction", quarter, overall)
        for cut, column in (("client", "client"), ("tier", "tier"), ("questionnaire", "form")):
            for key in self._keys(column, quarter, overall):
                id_ = f"satisfaction/{cut}/{key}"
                yield from self._whole(id_, quarter, f"{overall} AND {column} = ?", key)
        for key in self._keys("channel", quarter, overall):
            where = f"quarter = ? AND {overall} AND channel = ?"
            yield f"satisfaction/channel/{key}", self._share(where, quarter, key)
            yield f"satisfaction/channel/{key}/index", self._mean(where, quarter, key)
        sql = f"SELECT DISTINCT client, form FROM given WHERE quarter = ? AND {overall} AND na = 0"
        for client, form in self.rows(sql, quarter):
            where = f"quarter = ? AND {overall} AND client = ? AND form = ?"
            id_ = f"satisfaction/client/{client}/questionnaire/{form}"
            yield id_, self._share(where, quarter, client, form)
        for cut in ("manager", "department", "engineer"):
            named = f"{overall} AND NOT anonymous"
            for key in self._keys(f"{cut}_id", quarter, named):
                id_ = f"satisfaction/{cut}/{key}"
                yield from self._whole(id_, quarter, f"{named} AND {cut}_id = ?", key)

    def _keys(self, column: str, quarter: int, where: str) -> list[object]:
        sql = f"""SELECT DISTINCT {column} FROM given
                  WHERE quarter = ? AND {where} AND na = 0 AND value IS NOT NULL AND {column} IS NOT NULL"""
        return [key for (key,) in self.rows(sql, quarter)]

    def _dimensions(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        rated = "kind = 'rating' AND dimension <> 'overall'"
        for one in self._keys("dimension", quarter, rated):
            yield from self._whole(f"dimension/{one}", quarter, f"{rated} AND dimension = ?", one)
            for client in self._keys("client", quarter, f"{rated} AND dimension = '{one}'"):
                where = f"quarter = ? AND {rated} AND dimension = ? AND client = ?"
                yield f"dimension/{one}/client/{client}", self._share(where, quarter, one, client)

    def _questions(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        sql = """SELECT DISTINCT form, question, kind FROM given
                 WHERE quarter = ? AND kind IN ('rating', 'recommend', 'yes_no')"""
        asked = "quarter = ? AND form = ? AND question = ?"
        for form, question, kind in self.rows(sql, quarter):
            good = {"rating": "value >= 4", "recommend": "value >= 9", "yes_no": "value = 1"}[kind]
            mean = {"rating": "(value - 1) * 25.0", "recommend": "value * 1.0", "yes_no": "NULL"}[kind]
            id_, which = f"question/{form}/{question}", (quarter, form, question)
            yield id_, self._share(asked, *which, good=good)
            yield f"{id_}/index", self._mean(asked, *which, of=mean)
            yield from self._parts(id_, asked, *which, good=good)

    def _net(self, quarter: int) -> Counted:
        sql = """SELECT sum(value >= 9), sum(value <= 6), count(*), sum(anonymous) FROM given
                 WHERE quarter = ? AND kind = 'recommend' AND na = 0 AND value IS NOT NULL"""
        up, down, n, anonymous = self.rows(sql, quarter)[0]
        return Counted((up - down) / n if n else None, n, anonymous=anonymous or 0)

    def _trend(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        for _ in range(8):
            where = "quarter = ? AND kind = 'rating' AND dimension = 'overall'"
            yield f"trend/{quarter}", self._share(where, quarter)
            yield from self._parts(f"trend/{quarter}", where, quarter)
            quarter = before(quarter)

    # --- who was asked, and in time ------------------------------------------------------------------

    def _invited(self, quarter: int) -> list[dict]:
        """What came of each client in each campaign, by our own acts."""
        sql = """
        WITH acts AS (
          SELECT invitation_id AS id,
            sum(CASE WHEN outcome IN ('handed_over', 'answered', 'refused') THEN 1
                     WHEN outcome = 'bounced' THEN -1 ELSE 0 END) > 0 AS reached,
            sum(outcome = 'refused') > 0 AS refused, sum(outcome = 'withdrawn') > 0 AS withdrawn
          FROM attempt WHERE undone_at IS NULL GROUP BY invitation_id
        ), each AS (
          SELECT i.campaign_id AS campaign, i.client_id AS client, i.state, c.naming,
            coalesce(a.reached, 0) AS reached,
            coalesce(a.withdrawn, 0) OR i.state = 'void' AS withdrawn,
            (coalesce(a.refused, 0) OR i.state = 'deny')
              AND NOT (coalesce(a.withdrawn, 0) OR i.state = 'void') AS refused
          FROM invitation i JOIN campaign c ON c.id = i.campaign_id LEFT JOIN acts a ON a.id = i.id
          WHERE c.quarter = ?
        ), summed AS (
          SELECT campaign, client, count(*) AS invited, sum(withdrawn) AS withdrawn, sum(refused) AS refused,
            sum(NOT withdrawn AND (reached OR refused
                OR (naming = 'named' AND state IN ('sent', 'done', 'deny')))) AS delivered,
            sum(state = 'done') AS done
          FROM each GROUP BY campaign, client
        ), pairs AS (
          SELECT campaign, client FROM summed
          UNION SELECT r.campaign_id, r.client_id FROM response r
            JOIN campaign c ON c.id = r.campaign_id WHERE c.quarter = ?
          UNION SELECT n.campaign_id, n.client_id FROM campaign_count n
            JOIN campaign c ON c.id = n.campaign_id WHERE c.quarter = ? AND n.state = 'done'
        )
        SELECT p.campaign, p.client, coalesce(o.root, 'none'), o.tier, f.code,
          coalesce(s.invited, 0), coalesce(s.withdrawn, 0), coalesce(s.refused, 0), coalesce(s.delivered, 0),
          coalesce(s.done, 0) + coalesce((SELECT sum(number) FROM campaign_count n WHERE n.state = 'done'
            AND n.campaign_id = p.campaign AND n.client_id IS p.client), 0),
          (SELECT count(*) FROM response r WHERE r.campaign_id = p.campaign AND r.client_id IS p.client)
        FROM pairs p LEFT JOIN summed s ON s.campaign = p.campaign AND s.client IS p.client
        LEFT JOIN one_client o ON o.id = p.client JOIN campaign c ON c.id = p.campaign
        JOIN questionnaire_version v ON v.id = c.version_id JOIN questionnaire f ON f.id = v.questionnaire_id
        """
        return [dict(zip(INVITED, row, strict=True)) for row in self.rows(sql, quarter, quarter, quarter)]

    def made_up_links(self) -> list[tuple]:
        """What was put down as handed over without a link that whoever said so had, or a mail that left."""
        return self.rows("SELECT id, invitation_id FROM reached WHERE outcome = 'handed_over' AND NOT shown")

    def funnel(self, quarter: int) -> dict[str, int]:
        """Closed, surveyed, delivered, answered, valid: a quarter's incidents, counted by the rules P1, F1 and F3."""
        tried = """WITH tried AS (
          SELECT i.id, i.incident_id, (SELECT count(*) FROM reached r WHERE r.invitation_id = i.id AND r.shown)
            > (SELECT count(*) FROM attempt b WHERE b.invitation_id = i.id AND b.outcome = 'bounced') AS reached
          FROM invitation i JOIN campaign c ON c.id = i.campaign_id
          WHERE c.quarter = :quarter AND c.occasion = 'incident')"""
        named = "SELECT incident_id FROM response WHERE NOT anonymous AND incident_id IS NOT NULL"
        steps = {
            "closed": "SELECT count(*) FROM incident WHERE quarter = :quarter AND skipped_because <> 'history'",
            "surveyed": f"""{tried} SELECT count(*) FROM incident WHERE quarter = :quarter AND (id IN ({named})
                            OR id IN (SELECT incident_id FROM tried WHERE reached))""",
            "delivered": f"{tried} SELECT count(*) FROM tried WHERE reached",
            "answered": """SELECT (SELECT count(*) FROM response r JOIN questionnaire_version v ON v.id = r.version_id
                             JOIN questionnaire f ON f.id = v.questionnaire_id
                             WHERE r.quarter = :quarter AND f.code = 'incident')
                           + (SELECT count(*) FROM mailbox m JOIN campaign c ON c.id = m.campaign_id
                              WHERE c.quarter = :quarter AND c.occasion = 'incident')""",
            "valid": """SELECT count(DISTINCT id) FROM given WHERE quarter = :quarter AND form = 'incident'
                        AND dimension = 'overall' AND value IS NOT NULL""",
        }
        return {step: self._sql.execute(sql, {"quarter": quarter}).fetchone()[0] for step, sql in steps.items()}

    def answered(self, quarter: int) -> int:
        """How many invitations of a quarter's campaigns were answered, whoever may learn it."""
        return sum(row["done"] for row in self._invited(quarter))

    def _asked(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        for at in (quarter, before(quarter)):
            good, of = self._answered(self._invited(at))
            yield "response" if at == quarter else "response/before", share(good, of)
        rows = self._invited(quarter)
        for cut, column in (("client", "root"), ("tier", "tier"), ("questionnaire", "form")):
            for key in {row[column] for row in rows} - {None}:
                yield f"response/{cut}/{key}", share(*self._answered([r for r in rows if r[column] == key]))

    @staticmethod
    def _answered(rows: list[dict]) -> tuple[int, int]:
        """Answered and delivered. Where nobody's answer is open to doubt, only answers by name are told."""
        good = of = 0
        for row in rows:
            doubtful = row["invited"] - row["refused"] - row["withdrawn"] - row["by_name"] > 0
            told = doubtful or row["client"] is None
            good += row["done"] if told else min(row["done"], row["by_name"])
            of += row["delivered"]
        return good, of

    def _surveyed(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        sql = """SELECT coalesce(sum(surveyed_at <= survey_due_at), 0),
                        coalesce(sum(surveyed_at IS NOT NULL OR survey_due_at <= ?), 0)
                 FROM incident WHERE quarter = ?"""
        for at, id_ in ((quarter, "surveyed_in_time"), (before(quarter), "surveyed_in_time/before")):
            yield id_, share(*self.rows(sql, self._now, at)[0])

    def _check_calls(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        sql = """SELECT r.recorder_id, sum(coalesce(k.outcome IN ('differs', 'denies'), 0)),
                        sum(coalesce(k.outcome IN ('confirmed', 'differs', 'denies'), 0))
                 FROM check_call k JOIN response r ON r.id = k.response_id
                 WHERE k.quarter = ? AND k.asked_by_id IS NULL GROUP BY 1"""
        for recorder, good, of in self.rows(sql, quarter):
            yield f"check_calls/{recorder}", share(good, of)

    # --- feedback ------------------------------------------------------------------------------------

    def _handled(self, where: str, *values: object) -> Counted:
        sql = f"""SELECT coalesce(sum(coalesce(closed_in_time, 0)), 0), count(*) FROM pieces
                  WHERE (closed_at IS NOT NULL OR close_due_at < ?) AND {where}"""
        return share(*self.rows(sql, self._now, *values)[0])

    def _feedback(self, quarter: int) -> Iterator[tuple[str, Counted]]:
        mine = "quarter = ? AND linked_to_id IS NULL"
        yield "feedback/handled_in_time", self._handled(mine, quarter)
        yield "feedback/handled_in_time/before", self._handled(mine, before(quarter))
        sql = f"""SELECT coalesce(sum(coalesce(called_back_in_time, 0)), 0), count(*) FROM pieces
                  WHERE (called_back_at IS NOT NULL OR call_back_due_at < ?) AND {mine}"""
        yield "feedback/called_back_in_time", share(*self.rows(sql, self._now, quarter)[0])
        kinds = f"SELECT DISTINCT t.id, t.code FROM pieces JOIN issue_type t ON t.id = issue_type_id WHERE {mine}"
        for key, code in self.rows(kinds, quarter):
            yield (f"feedback/type/{code}/handled_in_time", self._handled(f"{mine} AND issue_type_id = {key}", quarter))
        led = f"""SELECT DISTINCT action_id FROM action_feedback
                  WHERE feedback_id IN (SELECT id FROM pieces WHERE {mine})"""
        sql = f"""SELECT coalesce(sum(coalesce(done_in_time, 0)), 0), count(*) FROM action
                  WHERE id IN ({led}) AND dropped_at IS NULL AND (done_at IS NOT NULL OR due < ?)"""
        yield "feedback/actions_in_time", share(*self.rows(sql, quarter, self._today)[0])
        yield "feedback/actions_effective", self._effective(led, quarter)

    def _effective(self, led: str, quarter: int) -> Counted:
        """Actions that hold ÷ actions judged: all their feedback is confirmed, or one of it failed."""
        sql = f"""
        WITH unsolved AS (
          SELECT k.feedback_id AS id FROM closing_check k JOIN response r ON r.id = k.response_id
          JOIN answer a ON a.response_id = r.id JOIN question q ON q.id = a.question_id
          WHERE r.verdict = 'valid' AND q.code = 'solved' AND a.value = 0
        ), each AS (
          SELECT l.action_id AS action, f.state = 'confirmed' AS confirmed,
            f.recurred OR coalesce(f.linked_to_id, f.id) IN (SELECT id FROM unsolved) AS failed
          FROM action_feedback l JOIN feedback f ON f.id = l.feedback_id WHERE l.action_id IN ({led})
        ), judged AS (
          SELECT action, min(confirmed) AS confirmed, max(failed) AS failed FROM each GROUP BY action
        )
        SELECT coalesce(sum(confirmed AND NOT failed), 0), count(*) FROM judged WHERE confirmed OR failed"""
        return share(*self.rows(sql, quarter)[0])

    # --- the appraisal sheet -------------------------------------------------------------------------

    def appraisal(self, quarter: int) -> dict[tuple[str, str], dict[str, int]]:
        """By (sort, key) the number of each severity, handled, and due."""
        last = _last_day(quarter)
        day = min(last, self._today)
        client = """SELECT coalesce(o.root, 'none') AS whom, f.id, f.id AS matter FROM pieces f
                    LEFT JOIN one_client o ON o.id = f.client_id
                    WHERE quarter = :quarter AND linked_to_id IS NULL"""
        manager = """SELECT k.person_id AS whom, f.id, f.id AS matter FROM pieces f
                     JOIN one_client o ON o.id = f.client_id JOIN client_care k ON k.client_id = o.root
                     WHERE quarter = :quarter AND linked_to_id IS NULL
                     AND k.since <= :day AND (k.until IS NULL OR k.until > :day)"""
        department = """SELECT department_id AS whom, min(id) AS id, matter FROM (
                          SELECT department_id, id, coalesce(linked_to_id, id) AS matter FROM pieces
                          WHERE quarter = :quarter AND department_id IS NOT NULL)
                        GROUP BY department_id, matter"""
        engineer = """SELECT DISTINCT r.engineer_id AS whom, coalesce(f.linked_to_id, f.id) AS id,
                        coalesce(f.linked_to_id, f.id) AS matter
                      FROM pieces f JOIN feedback_source s ON s.feedback_id = f.id
                      JOIN response r ON r.id = s.response_id
                      WHERE f.quarter = :quarter AND r.engineer_id IS NOT NULL"""
        sorts = {"client": client, "manager": manager, "department": department, "engineer": engineer}
        found = {}
        for sort, chosen in sorts.items():
            sql = f"""SELECT whom, sum(severity = 'critical'), sum(severity = 'major'),
                        sum(severity = 'minor'), sum(severity = 'suggestion'),
                        sum(coalesce(closed_in_time, 0) AND (closed_at IS NOT NULL OR close_due_at < :now)),
                        sum(closed_at IS NOT NULL OR close_due_at < :now)
                      FROM ({chosen}) c JOIN pieces p ON p.id = c.id GROUP BY whom"""
            given = {"quarter": quarter, "day": day, "now": self._now}
            names = ("critical", "major", "minor", "suggestion", "good", "of")
            for whom, *seen in self._sql.execute(sql, {k: v for k, v in given.items() if f":{k}" in sql}):
                found[(sort, str(whom))] = dict(zip(names, seen, strict=True))
        return found

    # --- plain numbers -------------------------------------------------------------------------------

    def numbers(self, quarter: int) -> dict[str, object]:
        def one(sql: str, *values: object) -> int:
            return self.rows(sql, quarter, *values)[0][0] or 0

        responses = "SELECT count(*) FROM response WHERE quarter = ?"
        incidents = "SELECT count(*) FROM incident WHERE quarter = ?"
        feedback = "SELECT count(*) FROM pieces WHERE quarter = ? AND linked_to_id IS NULL"
        of_campaigns = "JOIN campaign c ON c.id = campaign_id WHERE c.quarter = ?"
        late = "surveyed_at IS NULL AND survey_due_at <= ? AND skipped_because = ''"
        held = one(f"{responses} AND step = 0")
        rows = self._invited(quarter)
        verdicts = {v: one(f"{responses} AND verdict = '{v}'") for v in ("valid", "pending", "doubted", "refused")}
        found: dict[str, object] = {
            **{f"verdicts/{verdict}": number for verdict, number in verdicts.items()},
            "verdicts/valid": verdicts["valid"] - held,
            "verdicts/held": held,
            "verdicts/sealed": one(f"SELECT count(*) FROM mailbox {of_campaigns}"),
            "verdicts/lost": one(f"SELECT sum(void) FROM release {of_campaigns}"),
            "surveyed/closed": one(incidents),
            "surveyed/surveyed": one(f"{incidents} AND surveyed_at IS NOT NULL"),
            "surveyed/skipped": one(f"{incidents} AND skipped_because <> ''"),
            "surveyed/overdue": one(f"{incidents} AND {late}", self._now),
            "feedback/total": one(feedback),
            "feedback/closed": one(f"{feedback} AND closed_at IS NOT NULL"),
            "feedback/open": one(f"{feedback} AND closed_at IS NULL"),
            "feedback/overdue": one(f"{feedback} AND closed_at IS NULL AND close_due_at < ?", self._now),
            "feedback/recurred": one(f"{feedback} AND recurred"),
            "feedback/actions": one(
                """SELECT count(DISTINCT action_id) FROM action_feedback WHERE feedback_id IN
                   (SELECT id FROM pieces WHERE quarter = ? AND linked_to_id IS NULL)"""
            ),
            "without_incident": one("SELECT count(*) FROM valid WHERE quarter = ? AND incident_id IS NULL"),
            "without_manager": one("SELECT count(*) FROM valid WHERE quarter = ? AND manager_id IS NULL"),
            "clients_asked": len({row["root"] for row in rows if row["delivered"] and row["root"] != "none"}),
            "asked/invited": sum(row["invited"] - row["withdrawn"] for row in rows),
            "asked/refused": sum(row["refused"] for row in rows),
        }
        days = self.rows(
            """SELECT (closed_at - created_at) / 86400e6 FROM feedback
               WHERE quarter = ? AND linked_to_id IS NULL AND closed_at IS NOT NULL""",
            quarter,
        )
        if days:
            found["feedback/median_days"] = round(median(day for (day,) in days), 1)
        return found

    def spreads(self, quarter: int) -> dict[tuple[str, str], dict[int | str, int]]:
        """How often each value was given to each question, and 'not applicable'."""
        found: dict[tuple[str, str], dict[int | str, int]] = {}
        sql = """SELECT form, question, CASE WHEN na THEN 'na' ELSE value END, count(*) FROM given
                 WHERE quarter = ? AND kind IN ('rating', 'recommend', 'yes_no')
                 AND (na OR value IS NOT NULL) GROUP BY 1, 2, 3"""
        for form, question, value, n in self.rows(sql, quarter):
            found.setdefault((form, question), {})[value] = n
        return found

    def correlations(self, quarter: int) -> dict[str, float]:
        """Pearson's correlation of each dimension's ratings with the overall rating of the same response."""
        sql = """
        WITH pair AS (
          SELECT a.dimension, a.value * 1.0 AS x, o.value * 1.0 AS y FROM given a
          JOIN given o ON o.id = a.id AND o.dimension = 'overall' AND o.na = 0 AND o.value IS NOT NULL
          WHERE a.quarter = ? AND a.kind = 'rating' AND a.dimension <> 'overall' AND a.na = 0
          AND a.value IS NOT NULL
        )
        SELECT p.dimension, count(*), sum((x - mx) * (y - my)), sum((x - mx) * (x - mx)),
          sum((y - my) * (y - my))
        FROM pair p JOIN (SELECT dimension, avg(x) AS mx, avg(y) AS my FROM pair GROUP BY 1) m
          ON m.dimension = p.dimension GROUP BY 1"""
        rows = self.rows(sql, quarter)
        return {one: xy / math.sqrt(xx * yy) for one, n, xy, xx, yy in rows if n >= 10 and xx > 1e-9 and yy > 1e-9}

    def recommending(self, quarter: int) -> list[float]:
        """The shares of 9–10 and of 0–6 of all recommendations."""
        sql = """SELECT avg(value >= 9), avg(value <= 6) FROM given
                 WHERE quarter = ? AND kind = 'recommend' AND na = 0 AND value IS NOT NULL"""
        return [share for share in self.rows(sql, quarter)[0] if share is not None]

    def of_recorders(self, quarter: int) -> list[float]:
        """The satisfaction rate of each recorder's records, in the quarter and in four."""
        four = [quarter]
        while len(four) < 4:
            four.append(before(four[-1]))
        sql = """SELECT avg(value >= 4) FROM given WHERE dimension = 'overall' AND na = 0 AND value IS NOT NULL
                 AND recorder_id IS NOT NULL AND quarter IN ({}) GROUP BY recorder_id"""
        spans = (str(quarter), ", ".join(map(str, four)))
        return [share for span in spans for (share,) in self.rows(sql.format(span))]

    def types(self, quarter: int) -> dict[str, tuple[int, ...]]:
        """Feedback by type: critical, major, minor, suggestion, all."""
        sql = """SELECT t.code, sum(severity = 'critical'), sum(severity = 'major'),
                   sum(severity = 'minor'), sum(severity = 'suggestion'), count(*)
                 FROM pieces JOIN issue_type t ON t.id = issue_type_id
                 WHERE quarter = ? AND linked_to_id IS NULL GROUP BY 1"""
        return {code: tuple(seen) for code, *seen in self.rows(sql, quarter)}


def _last_day(quarter: int) -> str:
    year, number = divmod(quarter, 10)
    return f"{year}-{('03-31', '06-30', '09-30', '12-31')[number - 1]}"
