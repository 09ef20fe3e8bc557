"""A round of asking on an occasion, by every channel: mail, links, slips, paper, telephone and interview (P4, P5)."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.robot import clients
from tests.robot.hands import Hands, Seen, each_path
from tests.robot.moves import first, press, type_paper_in

if TYPE_CHECKING:
    from tests.robot.player import Robot

PRINTED_CODE = re.compile(r"\b([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})\b")


def ask_on_an_occasion(robot: Robot) -> None:
    """A manager asks about a project or a year, by every channel; now and then the round is closed early."""
    hands = robot.hands_of(robot.dice.choice([robot.cast.manager, robot.manager2]))
    form = hands.get("/campaigns/open").form_to("/campaigns/open$")
    if form is None:
        return
    closes = str(robot.today() + timedelta(days=20))
    opened = robot.send(hands, form, quarter=str(robot.quarter()), closes_on=closes, title="阶段验收")
    found = re.match(r"/campaigns/(\d+)/invite", opened.path)
    if found is None:
        return
    campaign = f"/campaigns/{found[1]}"
    invite = opened.form_to("/invite$")
    ticks = next((one.options for one in invite.fields if one.name == "contact"), []) if invite else []
    press(robot, hands, opened, "/invite$", "invite", contact=robot.dice.sample(ticks, min(6, len(ticks))))
    _use_every_channel(robot, hands, campaign)
    _print_and_type(robot, hands, campaign)
    if robot.dice.random() < 0.3:
        press(robot, hands, hands.get(f"{campaign}/close"), "/close$")


def _use_every_channel(robot: Robot, hands: Hands, campaign: str) -> None:
    seen = hands.get(campaign)
    for form in [one for one in seen.forms if re.search(r"/(channel|mail)$", one.action)][:2]:
        robot.send(hands, form)
    press(robot, hands, hands.get(f"{campaign}/mail"), f"{campaign}/mail$")
    _print(robot, hands, f"{campaign}/slips")
    recording = [one for one in hands.get(campaign).links() if re.search(r"/invitations/\d+/record", one)]
    for path in robot.dice.sample(recording, min(2, len(recording))):
        seen = hands.get(f"{path.split('?')[0]}?how={robot.dice.choice(['telephone', 'interview'])}")
        outcome = robot.dice.choice(["record", "record", "refused"])
        press(robot, hands, seen, "/record$", outcome, **{"q-overall": "4", "name": "王女士"})
    for path in list(each_path(hands.get(campaign).links(), r"/campaigns/invitations/\d+/withdraw"))[:1]:
        press(robot, hands, hands.get(path), "/withdraw$")


def _print(robot: Robot, hands: Hands, path: str) -> tuple[Seen | None, list[str]]:
    """Print for some, and hand it over; what the printing led to, and for whom."""
    form = hands.get(path).form_to(f"{path}$")
    ticks = next((one.options for one in form.fields if one.name == "invitation"), []) if form else []
    if form is None or not ticks:
        return None, []
    printed = robot.send(hands, form, button=("do", "print", ""), invitation=ticks[:2])
    robot.run_jobs()
    press(robot, hands, hands.get(path), f"{path}$", "handed_over", invitation=ticks[:2])
    return printed, ticks[:2]


def _print_and_type(robot: Robot, hands: Hands, campaign: str) -> None:
    """Forms come back on paper, and are typed in; those drawn for it a second time by a colleague."""
    printed, _ = _print(robot, hands, f"{campaign}/paper")
    if printed is None or not printed.path.startswith("/jobs/"):
        return
    file = first(hands.get(printed.path).links(), r"/campaigns/paper/files/\d+")
    if file is None:
        return
    pdf = hands.browser.get(file).get_data()
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    robot.papers += dict.fromkeys(PRINTED_CODE.findall(text))
    clients.answer_by_code(robot)
    for code in robot.papers[:1]:
        type_paper_in(robot, hands, code)
