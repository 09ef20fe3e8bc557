"""What clients do: they answer links and come back for their receipts, opt out and in again, and read letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.robot.hands import Hands, pick_button

if TYPE_CHECKING:
    from tests.robot.player import Robot

CODE = re.compile(r'class="code">([^<]+)<')


def answer_link(robot: Robot) -> None:
    """A client opens a link that they have: reads only, sends half of it, or answers, with a name or without."""
    if not robot.book.tokens:
        return
    token, client = robot.dice.choice(list(robot.book.tokens)[-60:]), Hands(robot.app, robot.dice, robot.watch)
    seen = client.get(f"/s/{token}")
    form = seen.form_to("/s/.+") if seen.status == 200 else None
    if form is None or robot.dice.random() < 0.1:
        return
    if robot.dice.random() < 0.2:  # go away in the middle, and come back
        kept = client.send(form, client.fill(form), ("do", "save", ""))
        form = kept.form_to("/s/.+") or form
    broken, named = robot.dice.random() < 0.2, robot.dice.random() < 0.6
    fixed = {"who": "named" if named else "anonymous", "name": "王五", "reach": "13912345678"}
    button = pick_button(robot.dice, form) if broken else ("do", "submit", "")
    values = client.fill(form, broken, **fixed)
    seen = client.send(form, values, button)
    if robot.book.take_answer(token, seen, named or "who" not in form.names()):
        robot.acts.note(form, {}, seen)
        robot.receipts += CODE.findall(seen.html)


def answer_by_code(robot: Robot) -> None:
    """Who has a printed form types its code instead of filling it in by hand."""
    client = Hands(robot.app, robot.dice, robot.watch)
    form = client.get("/s/").form_to("/s/$")
    if form is not None and robot.papers:
        seen = client.send(form, form.as_it_stands() | {"code": robot.papers[-1]})
        robot.acts.note(form, {}, seen)


def look_up_receipt(robot: Robot) -> None:
    """A client asks how far it has come, and answers what was asked."""
    client = Hands(robot.app, robot.dice, robot.watch)
    form = client.get("/receipt").form_to("/receipt")
    if not robot.receipts or form is None:
        return
    for code in robot.dice.sample(robot.receipts, min(3, len(robot.receipts))):
        seen = client.send(form, form.as_it_stands() | {"code": code})
        robot.acts.note(form, {}, seen)
        asked = seen.form_to("/receipt") if "<textarea" in seen.html else None
        if asked is not None:
            done = client.send(asked, client.fill(asked), ("do", "answer", ""))
            robot.acts.note(asked, {"do": "answer"}, done)


def opt_out_or_in(robot: Robot) -> None:
    """A contact follows the link under a mail, and wants no surveys; or may be asked again."""
    if not robot.book.opt_outs:
        return
    path, client = robot.dice.choice(robot.book.opt_outs[-20:]), Hands(robot.app, robot.dice, robot.watch)
    form = client.get(path).form_to("/mail/.+")
    if form is not None:
        button = form.buttons[0]
        robot.acts.note(form, {"do": button[1]}, client.send(form, form.as_it_stands(), button))
        if button[1] == "out":
            robot.opted_out.append(path)
            robot.close_incident()


def opt_in(robot: Robot) -> None:
    """Who opted out may be asked again: else nobody would be left in a year."""
    for path in robot.opted_out[:1]:
        client = Hands(robot.app, robot.dice, robot.watch)
        form = client.get(path).form_to("/mail/.+")
        if form is not None and form.buttons[0][1] == "in":
            seen = client.send(form, form.as_it_stands(), form.buttons[0])
            robot.acts.note(form, {"do": "in"}, seen)
    robot.opted_out = robot.opted_out[1:]


def read_letter(robot: Robot) -> None:
    """A client opens a letter, and says that it was read."""
    if not robot.book.letters:
        return
    client = Hands(robot.app, robot.dice, robot.watch)
    form = client.get(robot.dice.choice(robot.book.letters[-20:])).form_to("/letter/.+")
    if form is not None:
        robot.acts.note(form, {}, client.send(form, form.as_it_stands()))
