"""Moves that several of the robot's visits are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.robot.hands import Form, Hands, Seen, each_path

if TYPE_CHECKING:
    from tests.robot.player import Robot


def first(links: list[str], pattern: str) -> str | None:
    return next(each_path(links, pattern), None)


def press(robot: Robot, hands: Hands, seen: Seen, to: str, value: str = "", **fixed: object) -> Seen | None:
    """Send the form that goes there, by the button of this value; None if the page has none."""
    form = seen.form_to(to)
    if form is None:
        return None
    button = next((one for one in form.buttons if one[1] == value), None) if value else None
    return robot.send(hands, form, button=button or (form.buttons or [("", "", "")])[0], **fixed)


def decide(robot: Robot, hands: Hands, path: str, wanted: str) -> bool:
    """Take a decision about a response, or call it valid where that one is not offered."""
    seen = hands.get(path)
    form = seen.form_to(f"{path}$")
    options = next((one.options for one in form.fields if one.name == "decision"), []) if form else []
    if form is None or not options:
        return False
    decision = wanted if wanted in options else "valid" if "valid" in options else options[0]
    return press(robot, hands, seen, f"{path}$", decision=decision, reason="电话核对过").taken


def type_paper_in(robot: Robot, hands: Hands, code: str) -> Seen | None:
    """Type in the form with this code; what differs from a first typing is looked at once more, and decided."""
    asked = press(robot, hands, hands.get("/campaigns/paper"), "/campaigns/paper$", "look", code=code)
    if asked is None or (form := _typing_form(asked)) is None:
        return None
    done = robot.send(hands, form, button=("do", "save", ""), who="named", name="王女士", **{"q-overall": "4"})
    if (again := _typing_form(done)) is not None and any(one[1] == "decide" for one in again.buttons):
        done = hands.send(again, again.as_it_stands(), ("do", "decide", ""))
        robot.acts.note(again, {"do": "decide"}, done)
    if done.taken and "is entered" in done.text:
        robot.book.take_typed_form(code, named="QA verifies it" in done.text)
        robot.papers = [one for one in robot.papers if one != code]
    return done


def _typing_form(seen: Seen) -> Form | None:
    return next((one for one in seen.forms if {"code"} < one.names() and one.action.endswith("/campaigns/paper")), None)
