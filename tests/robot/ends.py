"""No dead ends: each open item has somebody who can move it, each number of a rail is what its page lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from csat.models.answers import Verdict
from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackState
from csat.models.letters import Letter, LetterState
from csat.models.reporting import Report, ReportState
from csat.models.roles import Role
from csat.procedure.campaigns import desk
from csat.procedure.feedback import board
from csat.procedure.people import permissions
from csat.procedure.review import check_calls, corrections, verdicts
from csat.procedure.survey import refusal_corrections
from tests.robot import diligence
from tests.robot.diligence import LEADING, move_feedback, steps_on, survey_one
from tests.robot.hands import Hands, each_path
from tests.robot.moves import decide

if TYPE_CHECKING:
    from tests.robot.player import Robot

PAGES_OF_A_LIST = 20
# What lists exactly one link for each thing that waits: the page, and the address of one thing.
LISTED = {
    "/desk/": r"/desk/\d+",
    "/qa/review": r"/qa/review/\d+",
    "/qa/refusals": r"/qa/review/\d+",
    "/qa/corrections": r"/qa/corrections/(refusals/)?\d+",
    "/qa/proposals": r"/qa/proposals/\d+",
    "/qa/receipts": r"/qa/review/\d+",
    "/improvement/": r"/feedback/\d+",
}
TURNS = "/feedback/?mine=1&view=list"
AT_A_TIME = 2  # open feedback looked at on an ordinary evening; at a quarter's end every one is
ROUNDS = 30  # of everybody working off everything


def check_evening(robot: Robot, every: bool = False) -> None:
    """At the day's end: what is open can be moved, and the rails are true. `every`: all of it, not some."""
    dice = robot.dice
    still_open = [one.id for one in Feedback.select().where(Feedback.state != FeedbackState.CONFIRMED)]
    turns = list_turns(robot)
    for key in still_open if every else dice.sample(still_open, min(AT_A_TIME, len(still_open))):
        assert_movable(key, turns[key])
    waiting = list(desk.select_still_due())
    for incident in waiting if every else dice.sample(waiting, min(2, len(waiting))):
        assert_surveyable(robot, incident)
    for what, select, path, to, whose in OTHERS:
        rows = list(select())
        for row in rows if every else dice.sample(rows, min(1, len(rows))):
            assert_decidable(robot, f"{what} {row.id}", path.format(row.id), to, whose)
    for hands in robot.people.values() if every else [robot.anybody()]:
        check_rail(robot, hands)


def list_turns(robot: Robot) -> dict[int, list[Hands]]:
    """Whose turn each open feedback is; that their page lists it is what `check_rail` looks at."""
    turns: dict[int, list[Hands]] = defaultdict(list)
    for hands in robot.people.values():
        if hands.person and permissions.has_permission(hands.person, "feedback.see"):
            for key in board.find_my_turns(hands.person, robot.today()):
                turns[key].append(hands)
    return turns


def assert_movable(key: int, whose: list[Hands]) -> None:
    """It is on somebody's list, and who finds it there sees a form that leads on."""
    one = Feedback.get_by_id(key)
    assert whose, f"{one.number} at {one.state} is on nobody's list"
    names = [hands.name for hands in whose]
    assert any(_may_lead_on(hands, key) for hands in whose), f"none of {names} can move {one.number} at {one.state}"


def _may_lead_on(hands: Hands, key: int) -> bool:
    seen = hands.get(f"/feedback/{key}")
    if seen.status != 200:
        return False
    reports = any(re.search(rf"/feedback/{key}/actions/\d+$", form.action) for form in seen.forms)
    return reports or bool(steps_on(seen, key, [*LEADING, "ask-change"]))


def assert_decidable(robot: Robot, what: str, path: str, to: str, roles: tuple[Role, ...]) -> None:
    """Somebody whose work it is finds the form for it on its page."""
    for hands in robot.people.values():
        if hands.person and permissions.roles_of(hands.person) & set(roles) and hands.get(path).form_to(to):
            return
    raise AssertionError(f"nobody can decide {what} at {path}")


def assert_surveyable(robot: Robot, incident: Incident) -> None:
    """Somebody of the desk has an act for an incident that is due."""
    for person in (robot.cast.desk, robot.desk2):
        seen = robot.hands_of(person).get(f"/desk/{incident.id}")
        called = seen.status == 200 and f"/desk/telephone/{incident.id}" in seen.links()
        acts = ["link", "opted-out", "number", "attempt"] + ["contact"] * (incident.contact_id is None)
        if called or any(seen.form_to(f"/{act}$") for act in acts):
            return
    raise AssertionError(f"nobody can survey incident {incident.number}")


def list_all(hands: Hands, path: str, pattern: str) -> list[str]:
    """What a page lists, on all its leaves."""
    seen = hands.get(path)
    found, todo, done = list(each_path(seen.links(), pattern)), _leaves(seen.links(), path), {path}
    while todo and len(done) < PAGES_OF_A_LIST:
        following = todo.pop(0)
        if following not in done:
            done.add(following)
            links = hands.get(following).links()
            found += each_path(links, pattern)
            todo += _leaves(links, path)
    return list(dict.fromkeys(found))


def _leaves(links: list[str], path: str) -> list[str]:
    return [one for one in links if one.split("?")[0] == path.split("?")[0] and re.search(r"[?&]page=\d", one)]


# What else waits for somebody: what it is called, its rows, its page, the form there, and who is to have it.
QA_OR_DIRECTOR = (Role.QA, Role.DIRECTOR)
OTHERS: tuple[tuple[str, Callable[[], Iterable[Any]], str, str, tuple[Role, ...]], ...] = (
    ("response", lambda: verdicts.list_responses(Verdict.PENDING), "/qa/review/{}", r"/qa/review/\d+$", (Role.QA,)),
    ("doubt", lambda: verdicts.list_responses(Verdict.DOUBTED), "/qa/review/{}", r"/qa/review/\d+$", QA_OR_DIRECTOR),
    ("correction", corrections.list_waiting_corrections, "/qa/corrections/{}", r"/qa/corrections/\d+$", QA_OR_DIRECTOR),
    ("refusal", refusal_corrections.select_waiting, "/qa/corrections/refusals/{}", r"/refusals/\d+$", QA_OR_DIRECTOR),
    ("proposal", verdicts.select_proposals, "/qa/proposals/{}", r"/qa/proposals/\d+$", (Role.QA,)),
    ("check call", check_calls.list_open_calls, "/qa/check-calls/{}", r"/qa/check-calls/\d+$", (Role.QA,)),
    ("letter", lambda: _letters_at(LetterState.DRAFT), "/letters/{}", "/release$", (Role.QA,)),
    ("released letter", lambda: _letters_at(LetterState.READY), "/letters/{}", "/send$", (Role.MANAGER,)),
    ("report", lambda: _reports_at(ReportState.DRAFT), "/reports/{}", "/submit$", (Role.QA,)),
    ("report in review", lambda: _reports_at(ReportState.REVIEW), "/reports/{}", "/(say|issue)$", QA_OR_DIRECTOR),
)


def _letters_at(state: LetterState) -> Iterable[Letter]:
    return Letter.select().where(Letter.state == state)


def _reports_at(state: ReportState) -> Iterable[Report]:
    return Report.select().where(Report.state == state)


def check_rail(robot: Robot, hands: Hands) -> None:
    """The numbers beside somebody's places are what these places list."""
    rail = hands.rail()
    for path, number in rail.items():
        if path in LISTED:
            assert number == len(list_all(hands, path, LISTED[path])), f"{hands.name}: {path} says {number}"
        if path == "/feedback/":
            assert number == len(list_all(hands, TURNS, r"/feedback/\d+")), f"{hands.name}: {path} says {number}"


# --- everything worked off ---------------------------------------------------------------------------


def clear_everything(robot: Robot) -> None:
    """Everybody works off what waits for them, with nothing else happening: every number comes to nothing."""
    for _ in range(ROUNDS):
        waiting, done = list_waiting(robot), robot.book.taken
        if not waiting:
            break
        for hands, path in waiting:
            CLEARING[path](robot, hands)
        if robot.book.taken == done:
            break
    left = [(hands.name, *each) for hands in robot.people.values() for each in hands.rail().items() if each[1]]
    assert not left, f"this cannot be worked off: {left}"


def list_waiting(robot: Robot) -> list[tuple[Hands, str]]:
    """Who still has something to do where."""
    return [(hands, path) for hands in robot.people.values() for path in hands.list_waiting()]


def _survey_all(robot: Robot, hands: Hands) -> None:
    for path in list_all(hands, "/desk/", r"/desk/\d+"):
        survey_one(robot, hands, path, surely=True)


def _decide_all(where: str, wanted: str) -> Callable[[Robot, Hands], None]:
    def decide_all(robot: Robot, hands: Hands) -> None:
        for path in list_all(hands, where, r"/qa/review/\d+"):
            decide(robot, hands, path, wanted)

    return decide_all


def _advance_all(robot: Robot, hands: Hands) -> None:
    for path in list_all(hands, TURNS, r"/feedback/\d+"):
        move_feedback(robot, hands, int(path.rsplit("/", 1)[1]), surely=True)


CLEARING = diligence.DILIGENCE | {
    "/desk/": _survey_all,
    "/qa/review": _decide_all("/qa/review", "valid"),
    "/qa/refusals": _decide_all("/qa/refusals", "keep"),
    "/feedback/": _advance_all,
    "/improvement/": _advance_all,
}
