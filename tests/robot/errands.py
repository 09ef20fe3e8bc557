"""What no number of the rail tells anybody to do: entering what was heard, asking on occasions, paper, reports, slips.

Each is a visit of somebody whose work it is. On a day of the year the one is played that was played least.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from csat import clock
from csat.models.answers import Response, Verdict
from csat.models.asking import Attempt, AttemptOutcome
from tests.builders import ZONE
from tests.robot import clients
from tests.robot.hands import Hands, each_path
from tests.robot.letters import correct_a_report_or_letter
from tests.robot.moves import decide, first, press
from tests.robot.occasions import ask_on_an_occasion

if TYPE_CHECKING:
    from tests.robot.player import Robot


def enter_feedback(robot: Robot) -> None:
    """Who heard a complaint puts it down."""
    hands = robot.hands_of(robot.dice.choice([robot.cast.desk, robot.cast.manager, robot.cast.owner, robot.cast.qa]))
    _put_down(robot, hands, "/feedback/new", title="线路常断", files=robot.a_file())


def enter_praise(robot: Robot) -> None:
    """Who heard thanks puts them down."""
    hands = robot.hands_of(robot.dice.choice([robot.cast.desk, robot.cast.manager, robot.cast.owner]))
    _put_down(robot, hands, "/feedback/praise/new", words="多谢工程师")


def _put_down(robot: Robot, hands: Hands, path: str, **fixed: object) -> None:
    seen = hands.get(path)
    form = seen.form_to(f"{path}$")
    if form is not None:
        told = {"contact": "", "said_by": "赵先生", "incident": "", "said_on": str(robot.today()), **fixed}
        robot.send(hands, form, button=form.buttons[-1], **told)


def take_praise_from_an_answer(robot: Robot) -> None:
    """QA finds praise among what is proposed as feedback."""
    hands = robot.hands_of(robot.cast.qa)
    for path in list(each_path(hands.get("/qa/proposals").links(), r"/qa/proposals/\d+"))[:2]:
        press(robot, hands, hands.get(f"{path}/praise"), "/praise$", "done")


def withdraw_praise(robot: Robot) -> None:
    """QA takes back what was no praise."""
    hands = robot.hands_of(robot.cast.qa2)
    path = first(hands.get("/feedback/praise").links(), r"/feedback/praise/\d+/withdraw")
    if path:
        press(robot, hands, hands.get(path), "/withdraw$", reason="并非表扬")


def enter_incident(robot: Robot) -> None:
    """The desk puts an incident down by hand, and mends one."""
    hands = robot.hands_of(robot.cast.desk)
    robot.number += 1
    closed = clock.now().astimezone(ZONE) - timedelta(hours=2)
    times = {"opened_at": closed - timedelta(hours=3), "closed_at": closed, "resolved_at": closed}
    told = {name: at.strftime("%Y-%m-%dT%H:%M") for name, at in times.items()} | {"responded_at": "", "title": "打印机"}
    told |= {"contact": "李女士", "number": f"M{robot.number}"}
    press(robot, hands, hands.get("/desk/incidents/new"), "/desk/incidents/new$", **told)
    path = first(hands.get(f"/desk/incidents/?q=M{robot.number}").links(), r"/desk/incidents/\d+")
    if path:
        press(robot, hands, hands.get(f"{path}/edit"), "/edit$", title="打印机卡纸", responded_at="")


def ask_many(robot: Robot) -> None:
    """The desk asks about many incidents at once by mail."""
    hands = robot.hands_of(robot.desk2)
    seen = hands.get("/desk/mails/many")
    form = seen.form_to("/desk/mails/many$")
    ticks = next((one.options for one in form.fields if one.name == "incident"), []) if form else []
    if form is not None and ticks:
        shown = robot.send(hands, form, button=("do", "look", ""), incident=ticks[:2])
        press(robot, hands, shown, "/desk/mails/many$", "send", incident=ticks[:2])


def send_one_mail(robot: Robot) -> None:
    """The desk sends the link of one incident by mail, and withdraws what another was asked."""
    hands = robot.hands_of(robot.cast.desk)
    for path in list(each_path(hands.get("/desk/").links(), r"/desk/\d+"))[:6]:
        seen = hands.get(path)
        if press(robot, hands, seen, r"/campaigns/mail/incident/\d+$") is not None:
            break
    for path in list(each_path(hands.get("/desk/").links(), r"/desk/\d+"))[:6]:
        if press(robot, hands, hands.get(path), "/withdraw$") is not None:
            return


def take_back_a_record(robot: Robot) -> None:
    """Who has just recorded a call was mistaken, and takes it back within the minutes."""
    hands = robot.hands_of(robot.dice.choice([robot.cast.desk, robot.desk2]))
    for path in list(each_path(hands.get("/desk/").links(), r"/desk/\d+"))[:4]:
        called = hands.get(path.replace("/desk/", "/desk/telephone/"))
        outcome = robot.dice.choice(["record", "refused", "nobody"])
        told = {"q-overall": "4", "name": "王女士"} if outcome == "record" else {}
        done = press(robot, hands, called, r"/desk/telephone/\d+$", outcome, **told)
        back = first(hands.get(path).links(), r"/desk/records/\d+/take-back") if done and done.taken else None
        if back:
            press(robot, hands, hands.get(back), "/take-back$")
            return


def correct_own_record(robot: Robot) -> None:
    """Who recorded an answer proposes to put it right, and now and then withdraws that."""
    for person in (robot.cast.desk, robot.desk2):
        hands = robot.hands_of(person)
        own = Response.select().where(Response.recorder == person, Response.verdict == Verdict.PENDING)
        for response in own.order_by(Response.received_at.desc()).limit(2):
            path = f"/desk/records/{response.id}/correct"
            seen = hands.get(path)
            if press(robot, hands, seen, r"/correct$", reason="按错了", **{"q-overall": "3"}) is None:
                press(robot, hands, seen, "/correct/withdraw$")
            elif robot.dice.random() < 0.5:
                press(robot, hands, hands.get(path), "/correct/withdraw$")


def correct_a_refusal(robot: Robot) -> None:
    """Who put a refusal down says that it was none, and now and then withdraws that."""
    for person in (robot.cast.desk, robot.desk2):
        hands = robot.hands_of(person)
        own = Attempt.select().where(Attempt.by == person, Attempt.outcome == AttemptOutcome.REFUSED)
        for attempt in own.order_by(Attempt.id.desc()).limit(2):
            path = f"/desk/refusals/{attempt.id}/correct"
            done = press(robot, hands, hands.get(path), "/correct$", reason="客户其实愿意回答")
            if done is not None and robot.dice.random() < 0.3:
                press(robot, hands, hands.get(path), "/correct/withdraw$")


def note_what_was_entered(robot: Robot) -> None:
    """Who entered a feedback adds what they heard since."""
    for person in (robot.cast.desk, robot.cast.manager, robot.cast.owner):
        hands = robot.hands_of(person)
        path = first(hands.get("/feedback/entered").links(), r"/feedback/entered/\d+")
        if path:
            press(robot, hands, hands.get(path), f"{path}$", words="客户又来电")


def correct_as_qa(robot: Robot) -> None:
    """QA proposes to correct a record whose check call said something else."""
    hands = robot.hands_of(robot.cast.qa)
    for path in list(each_path(hands.get("/qa/review").links(), r"/qa/review/\d+"))[:5]:
        seen = hands.get(f"{path}/correct")
        if seen.status == 200 and press(robot, hands, seen, "/correct$", reason="录音与记录不符") is not None:
            return


def accept_plain_answers(robot: Robot) -> None:
    """QA accepts what nothing speaks against in one go; what was refused is taken up again now and then."""
    hands = robot.hands_of(robot.cast.qa2)
    form = hands.get("/qa/review").form_to("/qa/review$")
    ticks = next((one.options for one in form.fields if one.name == "response"), []) if form else []
    if form is not None and ticks:
        robot.send(hands, form, response=ticks)
    refused = Response.select().where(Response.verdict == Verdict.REFUSED).order_by(Response.id).first()
    if refused is not None:
        decide(robot, hands, f"/qa/review/{refused.id}", "reopen")


def dismiss_many(robot: Robot) -> None:
    """QA dismisses several proposals at once."""
    hands = robot.hands_of(robot.cast.qa)
    form = hands.get("/qa/proposals").form_to("/qa/proposals$")
    ticks = next((one.options for one in form.fields if one.name == "response"), []) if form else []
    if form is not None and ticks:
        robot.send(hands, form, response=ticks[:1], reason="不涉及服务")


def question_a_client(robot: Robot) -> None:
    """QA asks who answered something: the answer comes on the receipt page."""
    hands = robot.hands_of(robot.cast.qa)
    for path in list(each_path(hands.get("/qa/review").links(), r"/qa/review/\d+"))[:5]:
        if press(robot, hands, hands.get(path), "/ask$", "ask", words="请问是哪一天？") is not None:
            break
    clients.look_up_receipt(robot)


def draw_and_release(robot: Robot) -> None:
    """QA draws records for check calls, and releases anonymous answers."""
    hands = robot.hands_of(robot.cast.qa)
    press(robot, hands, hands.get("/qa/check-calls"), "/qa/check-calls/draw$")
    for path in each_path(hands.get("/qa/check-calls").links(), r"/qa/check-calls/\d+"):
        press(robot, hands, hands.get(path), "/number$")
        break
    press(robot, hands, hands.get("/qa/release"), "/qa/release$")


def assign_many(robot: Robot) -> None:
    """QA, or the director when QA is away, gives several feedbacks to a department at once."""
    hands = robot.hands_of(robot.dice.choice([robot.cast.qa, robot.cast.director]))
    form = hands.get("/feedback/assign").form_to("/feedback/assign$")
    ticks = next((one.options for one in form.fields if one.name == "feedback"), []) if form else []
    if form is not None and ticks:
        robot.send(hands, form, feedback=ticks[:2])


def look_into_a_feedback(robot: Robot) -> None:
    """Somebody at work on a feedback leaves a note, a file, links it, or looks at whom to call."""
    cast = robot.cast
    hands = robot.hands_of(
        robot.dice.choice([cast.owner, cast.owner, cast.qa, cast.qa2, cast.improvement, cast.director])
    )
    links = hands.get("/feedback/?view=list&open=1").links()
    for path in list(each_path(links, r"/feedback/\d+"))[:2]:
        seen = hands.get(path)
        wanted = ["note", "evidence", "reclassify", "supervise", "link", "unlink", "assign", "send-back", "ask-due"]
        wanted += ["ask-change", "pass-on", "explain", "return"]
        offered = [one for one in wanted if seen.form_to(rf"/\d+/{one}$")]
        if offered:
            step = robot.acts.rarest(robot.dice, "", [f"feedback.{one.replace('-', '_')}" for one in offered])
            ending = step.removeprefix("feedback.").replace("_", "-")
            press(robot, hands, seen, rf"/\d+/{ending}$", words="补充说明", reason="转错了", files=robot.a_file())
        for form in [one for one in seen.forms if "/reach/" in one.action][:1]:
            robot.send(hands, form)
        for file in [one for one in hands.get(path).links() if re.match(r"/files/\d+/withdraw", one)][:1]:
            press(robot, hands, hands.get(file), "/withdraw$", reason="传错了")


def keep_contacts(robot: Robot) -> None:
    """A manager looks after contacts: adds one, mends one, says who is asked each quarter, looks at an address."""
    hands = robot.hands_of(robot.cast.manager)
    client = first(hands.get("/admin/clients").links(), r"/admin/clients/\d+")
    if client is None:
        return
    press(robot, hands, hands.get(f"{client}/contacts/new"), "/contacts/new$", name=f"新人{robot.dice.randrange(99)}")
    seen = hands.get(client)
    press(robot, hands, seen, "/quarterly$")
    contact = first(seen.links(), r"/admin/contacts/\d+")
    if contact:
        press(robot, hands, hands.get(contact), "/unmask$")
        press(robot, hands, hands.get(contact), f"{contact}$")


def hand_care_over(robot: Robot) -> None:
    """The administrator puts a client into another manager's care."""
    hands = robot.hands_of(robot.cast.admin)
    client = f"/admin/clients/{robot.dice.choice(robot.contacts).client_id}"
    press(robot, hands, hands.get(client), "/care$", since=str(robot.today()))


def sum_the_quarter_up(robot: Robot) -> None:
    """The desk sums up the quarter for QA."""
    press(
        robot, robot.hands_of(robot.cast.desk), robot.hands_of(robot.cast.desk).get("/desk/summary"), "/desk/summary$"
    )


ERRANDS: tuple[Callable[[Robot], None], ...] = (
    enter_feedback,
    enter_praise,
    take_praise_from_an_answer,
    withdraw_praise,
    enter_incident,
    ask_many,
    send_one_mail,
    take_back_a_record,
    correct_own_record,
    correct_a_refusal,
    note_what_was_entered,
    correct_as_qa,
    accept_plain_answers,
    dismiss_many,
    question_a_client,
    draw_and_release,
    assign_many,
    look_into_a_feedback,
    keep_contacts,
    hand_care_over,
    sum_the_quarter_up,
    ask_on_an_occasion,
    correct_a_report_or_letter,
    clients.opt_out_or_in,
    clients.opt_in,
    clients.read_letter,
    clients.look_up_receipt,
    clients.answer_by_code,
)
