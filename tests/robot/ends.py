"""No dead ends: each open item has somebody who can move it, each number of a rail is what its page lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from csat.models.clients import Incident
from csat.models.feedback import Feedback, FeedbackState
from csat.procedure.campaigns import desk
from tests.robot import diligence
from tests.robot.diligence import LEADING, decide, move_feedback, steps_on, survey_one
from tests.robot.hands import Hands, each_path

if TYPE_CHECKING:
    from tests.robot.player import Robot

PAGES_OF_A_LIST = 20
# What lists exactly one link for each thing that waits: the page, and the address of one thing.
LISTED = {
    "/desk/": r"/desk/\d+",
    "/qa/review": r"/qa/review/\d+",
    "/qa/refusals": r"/qa/review/\d+",
    "/qa/corrections": r"/qa/corrections/\d+",
    "/qa/proposals": r"/qa/proposals/\d+",
    "/qa/receipts": r"/qa/review/\d+",
    "/improvement/": r"/feedback/\d+",
}
TURNS = "/feedback/?mine=1&view=list"
AT_A_TIME = 6  # open feedback looked at each evening: the others had their evening
ROUNDS = 30  # of everybody working off everything


def check_evening(robot: Robot) -> None:
    """At the day's end: what is open can be moved, and the rails are true."""
    still_open = [one.id for one in Feedback.select().where(Feedback.state != FeedbackState.CONFIRMED)]
    for key in robot.dice.sample(still_open, min(AT_A_TIME, len(still_open))):
        assert_movable(robot, key)
    waiting = list(desk.select_still_due())
    for incident in robot.dice.sample(waiting, min(3, len(waiting))):
        assert_surveyable(robot, incident)
    check_rail(robot, robot.anybody())


def assert_movable(robot: Robot, key: int) -> None:
    """Somebody sees a form that leads on, and somebody's list says that it is their turn."""
    movers = [hands for hands in robot.people.values() if _may_lead_on(hands, key)]
    one = Feedback.get_by_id(key)
    assert movers, f"nobody can move {one.number} at {one.state}"
    told = [
        hands.name
        for hands in robot.people.values()
        if any(path == f"/feedback/{key}" for path in list_all(hands, TURNS, r"/feedback/\d+"))
    ]
    assert told, f"{one.number} at {one.state} is on nobody's list"


def _may_lead_on(hands: Hands, key: int) -> bool:
    seen = hands.get(f"/feedback/{key}")
    if seen.status != 200:
        return False
    reports = any(re.search(rf"/feedback/{key}/actions/\d+$", form.action) for form in seen.forms)
    return reports or bool(steps_on(seen, key, [*LEADING, "ask-change"]))


def assert_surveyable(robot: Robot, incident: Incident) -> None:
    """Somebody of the desk has an act for an incident that is due."""
    for person in (robot.cast.desk, robot.desk2):
        seen = robot.hands_of(person).get(f"/desk/{incident.id}")
        called = seen.status == 200 and f"/desk/telephone/{incident.id}" in seen.links()
        if called or any(seen.form_to(f"/{act}$") for act in ("link", "opted-out", "contact", "number", "attempt")):
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


def check_rail(robot: Robot, hands: Hands) -> None:
    """The numbers beside somebody's places are what these places list."""
    rail = hands.get("/").rail()
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
            return
        for hands, path in waiting:
            CLEARING[path](robot, hands)
        if robot.book.taken == done:
            break
    left = [
        (hands.name, path, number) for hands, path in list_waiting(robot) for number in [hands.get("/").rail()[path]]
    ]
    raise AssertionError(f"this cannot be worked off: {left}")


def list_waiting(robot: Robot) -> list[tuple[Hands, str]]:
    """Who still has something to do where, by their rails."""
    rails = [(hands, hands.get("/").rail()) for hands in robot.people.values()]
    return [(hands, path) for hands, rail in rails for path, number in rail.items() if number]


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
