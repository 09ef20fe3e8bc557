"""The quarter's report and the letters to clients: drafted, worded, signed, sent, corrected (P8, P13)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csat import clock
from csat.models.reporting import Report, ReportState
from csat.procedure.core.quarter import Quarter
from csat.procedure.letters import board
from tests.builders import ZONE
from tests.robot.book import LETTER
from tests.robot.hands import Hands, each_path
from tests.robot.moves import first, press

if TYPE_CHECKING:
    from tests.robot.player import Robot

REPORT_DAY = 6  # of a quarter: from then on the report of the last one is made
AT_ONCE = 4  # letters that somebody goes through in one visit


def settle_letters(robot: Robot, hands: Hands) -> None:
    """Letters of the quarters: QA proposes, words and releases them; the manager sends them and hands links over."""
    seen = hands.get("/letters/")
    if press(robot, hands, seen, "/letters/propose$") is not None:
        robot.run_jobs()
    quarters = [one.options for form in seen.forms for one in form.fields if one.name == "quarter" and one.options]
    for quarter in quarters[0] if quarters else []:
        links = hands.get(f"/letters/?quarter={quarter}").links()
        for path in list(each_path(links, r"/letters/\d+/words"))[:AT_ONCE]:
            _word_letter(robot, hands, path)
        for path in list(each_path(links, r"/letters/\d+"))[:AT_ONCE]:
            _send_letter(robot, hands, path)


def _word_letter(robot: Robot, hands: Hands, path: str) -> None:
    press(robot, hands, hands.get(path), "/words$", read="y")
    seen = hands.get(path.removesuffix("/words"))
    if robot.dice.random() < 0.15:
        press(robot, hands, seen, robot.acts.rarest(robot.dice, "", ["/discard$", "/refresh$"]))
    elif press(robot, hands, seen, "/release$") is not None and robot.dice.random() < 0.1:
        press(robot, hands, hands.get(seen.path), "/take-back$", reason="措辞再斟酌")


def _send_letter(robot: Robot, hands: Hands, path: str) -> None:
    seen = hands.get(path)
    for form in [one for one in seen.forms if re.search(r"/mails/\d+/(again|count)$", one.action)]:
        robot.send(hands, form)
    sending = seen.form_to("/letters/[0-9]+/send$")
    if sending is None:
        return
    robot.send(hands, sending)
    robot.run_jobs()
    seen = hands.get(path)
    if "to_hand_over" in seen.html or robot.dice.random() < 0.3:
        shown = press(robot, hands, seen, "/link$", contact="")
        robot.book.letters += LETTER.findall(shown.html) if shown else []
        if robot.dice.random() < 0.3:
            press(robot, hands, hands.get(path), r"/links/\d+/withdraw$")


def sign_report(robot: Robot, hands: Hands) -> None:
    """The word of who must approve a report: mostly they do, now and then it is returned or only commented."""
    for path in each_path(hands.get("/reports/").links(), r"/reports/\d+"):
        seen = hands.get(path)
        form = seen.form_to("/say$")
        offered = next((one.options for one in form.fields if one.name == "word"), []) if form else []
        if offered:
            word = (
                "approve"
                if robot.dice.random() < 0.7
                else robot.acts.rarest(robot.dice, "report_review.review_report", offered)
            )
            press(robot, hands, seen, "/say$", word=word, comment="请核对第三页")


def make_report(robot: Robot) -> None:
    """QA drafts the report of the quarter that is over, words it, gives it to review, and issues it."""
    hands, quarter = robot.hands_of(robot.cast.qa), robot.quarter().plus(-1)
    newest = Report.select().where(Report.quarter == int(quarter)).order_by(Report.version.desc()).first()
    if newest is None:
        press(robot, hands, hands.get("/reports/"), "/reports/$", quarter=str(int(quarter)), changes="")
    elif newest.state == ReportState.DRAFT:
        path = f"/reports/{newest.id}"
        if robot.dice.random() < 0.5:
            press(robot, hands, hands.get(path), "/refresh$")
        press(robot, hands, hands.get(path), "/remarks$")
        sentence = first(hands.get(f"{path}/sentences").links(), rf"{path}/sentences/.+")
        if sentence:
            press(robot, hands, hands.get(sentence), r"/sentences/[^/]+$")
        press(robot, hands, hands.get(path), "/submit$", despite="y")
    else:
        press(robot, hands, hands.get(f"/reports/{newest.id}"), "/issue$")


def propose_letters(robot: Robot) -> None:
    """QA has letters proposed for who has none; the rail's number asks for core and important clients only."""
    issued = Report.select().where(Report.state == ReportState.ISSUED).order_by(Report.quarter.desc()).first()
    if issued is None or not board.list_clients_without_letter(Quarter.from_int(issued.quarter)):
        return
    hands = robot.hands_of(robot.cast.qa)
    seen = hands.get("/letters/")
    if robot.dice.random() < 0.5:
        press(robot, hands, seen, r"/letters/propose/\d+$")
    press(robot, hands, seen, "/letters/propose$")


def correct_a_report_or_letter(robot: Robot) -> None:
    """QA begins a new version of an issued report and discards it, and the correction of a letter that was sent."""
    hands = robot.hands_of(robot.cast.qa2)
    issued = Report.select().where(Report.state == ReportState.ISSUED).order_by(Report.id.desc()).first()
    if issued is None:
        return
    drafted = press(robot, hands, hands.get("/reports/"), "/reports/$", quarter=str(issued.quarter), changes="更正附件")
    if drafted is not None:
        press(robot, hands, drafted, "/discard$")
    quarter = str(Quarter.from_int(issued.quarter))
    for path in each_path(hands.get(f"/letters/?quarter={quarter}&state=sent").links(), r"/letters/\d+"):
        press(robot, hands, hands.get(path), "/correct$")
        return


def is_report_due(robot: Robot) -> bool:
    """Whether the last quarter's report is to be made: its data are in, and it is not issued."""
    quarter = robot.quarter()
    day = (clock.now() - quarter.start(ZONE)).days
    issued = Report.select().where(Report.quarter == int(quarter.plus(-1)), Report.state == ReportState.ISSUED)
    return day >= REPORT_DAY and not issued.exists()
