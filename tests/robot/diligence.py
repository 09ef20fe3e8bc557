"""How each place of the rail is worked off by somebody who knows their work: the address, and what is done there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from csat.models.feedback import Step
from tests.robot.hands import Form, Hands, Seen, each_path
from tests.robot.letters import settle_letters, sign_report
from tests.robot.moves import decide, first, press, type_paper_in

if TYPE_CHECKING:
    from tests.robot.player import Robot

STEERING = [Step.PROPOSE, Step.ASSIGN, Step.REPLY, Step.CALL_BACK, Step.ACCEPT, Step.START, Step.CHANGE_PLAN]
STEERING += [Step.MOVE_DUE, Step.FINISH, Step.CONFIRM]
LEADING = [one.value.replace("_", "-") for one in STEERING]
CROSSING = ["send-back", "keep-plan", "keep-due", "return", "ask-change", "ask-due", "explain", "pass-on", "reclassify"]
CROSSING += ["supervise", "link", "unlink"]
OUTCOMES = ["broken", "nobody", "busy", "later", "refused", "wrong_number"]
STEPS_OF_ONE = 8  # that one person takes at a feedback, one after the other
ASK_WRONGLY = 0.35  # how often somebody takes another step than the next one


# --- the desk ----------------------------------------------------------------------------------------


def survey(robot: Robot, hands: Hands) -> None:
    """Call, or hand a link over, or close what an opt-out leaves; name whom to ask where that is missing."""
    seen = hands.get("/desk/")
    paths = list(each_path(seen.links(), r"/desk/\d+"))
    for path in robot.dice.sample(paths, min(3, len(paths))):
        survey_one(robot, hands, path)


def survey_one(robot: Robot, hands: Hands, path: str, surely: bool = False) -> None:
    """One incident of the desk's list; `surely` records a whole call."""
    seen, dice = hands.get(path), robot.dice
    if press(robot, hands, seen, "/opted-out$"):
        return
    if not surely and dice.random() < 0.4:
        way = robot.acts.rarest(dice, "", ["desk.create_link", "desk.record_attempt", "mail.send_incident_survey"])
        if way == "desk.create_link" and (shown := press(robot, hands, seen, "/link$")):
            press(robot, hands, shown, "/handed-over$")
            return
        done = press(robot, hands, seen, r"/attempt$" if way == "desk.record_attempt" else r"/mail/incident/\d+$")
        if done is not None:
            return
    if seen.form_to("/contact$"):
        press(robot, hands, seen, "/contact$", telephone=f"1370000{dice.randrange(10**4):04d}", email="")
    elif seen.form_to("/number$"):
        press(robot, hands, seen, "/number$", telephone=f"1370000{dice.randrange(10**4):04d}")
    seen = hands.get(path.replace("/desk/", "/desk/telephone/"))
    outcome = "record" if surely or dice.random() < 0.4 else robot.acts.rarest(dice, "calls.call_contact", OUTCOMES)
    fixed = (
        {"q-overall": dice.choice(["1", "2", "4", "5"]), "name": "王女士"} if outcome in ("record", "broken") else {}
    )
    press(robot, hands, seen, r"/desk/telephone/\d+$", outcome, **fixed)


def sort(robot: Robot, hands: Hands) -> None:
    """The first sorting: those without words alike, the others line by line."""
    seen = hands.get("/desk/sorting?show=plain")
    press(robot, hands, seen, "/desk/sorting/alike", summary="没有意见")
    seen = hands.get("/desk/sorting?show=words")
    press(robot, hands, seen, "/desk/sorting$")


# --- quality control ---------------------------------------------------------------------------------


def review(robot: Robot, hands: Hands) -> None:
    """Verify, now and then doubt, wait for a check call, ask the client, or propose a correction."""
    for path in list(each_path(hands.get("/qa/review").links(), r"/qa/review/\d+"))[:4]:
        decide(robot, hands, path, robot.dice.choices(["valid", "doubt", "call"], [8, 1, 1])[0])


def second(robot: Robot, hands: Hands) -> None:
    """The second person's word on a refusal."""
    for path in each_path(hands.get("/qa/refusals").links(), r"/qa/review/\d+"):
        decide(
            robot, hands, path, robot.acts.rarest(robot.dice, "review.decide_response", ["refuse", "keep", "withdraw"])
        )


def correct(robot: Robot, hands: Hands) -> None:
    """The second person's word on a correction."""
    for path in each_path(hands.get("/qa/corrections").links(), r"/qa/corrections/(?:refusals/)?\d+"):
        seen = hands.get(path)
        form = seen.form_to(f"{path}$")
        if form:
            press(robot, hands, seen, f"{path}$", robot.dice.choice(form.buttons)[1], note="已核对录音")


def check(robot: Robot, hands: Hands) -> None:
    """Check calls of every quarter."""
    links = hands.get("/qa/check-calls").links()
    for quarter in [one for one in links if "check-calls?quarter=" in one]:
        links += hands.get(quarter).links()
    for path in each_path(links, r"/qa/check-calls/\d+"):
        press(robot, hands, hands.get(path), f"{path}$", words="客户说情况属实")


def classify(robot: Robot, hands: Hands) -> None:
    """Make feedback of what is proposed, or dismiss it; the wrong department and severity as it comes."""
    for path in list(each_path(hands.get("/qa/proposals").links(), r"/qa/proposals/\d+"))[:3]:
        seen = hands.get(path)
        if robot.dice.random() < 0.3:
            press(robot, hands, seen, "/dismiss$", reason="不涉及服务")
        else:
            press(robot, hands, seen, f"{path}$", "", title="客户反映的问题", linked_to="")


def hear(robot: Robot, hands: Hands) -> None:
    """Read what came on the receipt pages, and reply."""
    for path in each_path(hands.get("/qa/receipts").links(), r"/qa/review/\d+"):
        press(robot, hands, hands.get(path), "/ask$", "reply", words="谢谢，已转交")


def read_questionnaires(robot: Robot, hands: Hands) -> None:
    """The quarter's reviews of the questionnaires."""
    for path in each_path(hands.get("/questionnaires/reviews").links(), r"/questionnaires/[a-z_]+/review"):
        seen, decision = hands.get(path), robot.dice.choice(["keep", "keep", "change"])
        marks = {name: decision for form in seen.forms for name in form.names() if name.startswith("mark-")}
        press(robot, hands, seen, "/review$", decision=decision, note="看过回答与提示", **marks)


# --- feedback ----------------------------------------------------------------------------------------


def steps_on(seen: Seen, key: int, names: list[str]) -> list[Form]:
    """The forms of a feedback's page that take one of these steps, in this order."""
    found = [seen.form_to(rf"/(feedback|improvement)/{key}/{name}$") for name in names]
    return [one for one in found if one]


def move_feedback(robot: Robot, hands: Hands, key: int, surely: bool = False) -> None:
    """Take the next step of a feedback, or another one; `surely`, every step that is this person's, one by one."""
    seen, before = hands.get(f"/feedback/{key}"), set[str]()
    for _ in range(STEPS_OF_ONE if surely else 1):
        done = take_step(robot, hands, seen, key, surely, before)
        if done is None or not done.path.startswith(f"/feedback/{key}"):
            return
        seen = done


def take_step(robot: Robot, hands: Hands, seen: Seen, key: int, surely: bool, before: set[str]) -> Seen | None:
    """The page after a step that was taken, none of those `before`: a second call-back would undo the plan."""
    dice = robot.dice
    actions = [one for one in seen.forms if re.search(rf"/feedback/{key}/actions/\d+$", one.action)]
    astray = not surely and dice.random() < ASK_WRONGLY
    forms = [] if astray else actions
    forms += steps_on(seen, key, dice.sample(CROSSING, len(CROSSING)) if astray else LEADING)
    if astray:
        forms.sort(key=lambda form: robot.acts.done[robot.acts.name(form)])  # what was tried least
    if surely and not [one for one in forms if "assign" not in one.action]:
        forms += steps_on(seen, key, ["ask-change"])  # what was returned wants another action first
    for form in [one for one in forms if one.action not in before][:3]:
        before.add(form.action)
        if (done := take(robot, hands, form, surely)).taken:
            return done
    return None


def take(robot: Robot, hands: Hands, form: Form, surely: bool) -> Seen:
    fixed: dict[str, object] = {"outcome": "reached", "words": "已与客户沟通", "shared": None, "files": None}
    fixed |= {"actions-0-what": "更换设备", "kind": "add", "action": "", "what": "补充措施"} if surely else {}
    fixed |= {"reason": "补充"} if surely else {}
    fixed["files"] = robot.a_file()
    button = next((one for one in form.buttons if one[1] != "more"), ("", "", ""))
    return robot.send(hands, form, button=button, **fixed)


def advance(robot: Robot, hands: Hands) -> None:
    """Some of the feedback whose turn is this person's."""
    paths = list(each_path(hands.get("/feedback/?mine=1&view=list").links(), r"/feedback/\d+"))
    for path in robot.dice.sample(paths, min(3, len(paths))):
        move_feedback(robot, hands, int(path.rsplit("/", 1)[1]))


def confirm(robot: Robot, hands: Hands) -> None:
    """What waits for the improvement group."""
    for path in list(each_path(hands.get("/improvement/").links(), r"/feedback/\d+"))[:3]:
        move_feedback(robot, hands, int(path.rsplit("/", 1)[1]))


# --- what else waits ---------------------------------------------------------------------------------


def hand_checks_over(robot: Robot, hands: Hands) -> None:
    """Checks after closing that no mail brings."""
    seen = hands.get("/campaigns/checks")
    for form in [one for one in seen.forms if re.search(r"/invitations/\d+/link$", one.action)][:3]:
        shown = robot.send(hands, form)
        press(robot, hands, shown, "/handed-over$")


def settle_mail(robot: Robot, hands: Hands) -> None:
    """Mails of which nobody knows whether they went."""
    seen = hands.get("/campaigns/mail")
    for form in [one for one in seen.forms if re.search(r"/mail/\d+/(again|count)$", one.action)][:3]:
        robot.send(hands, form)


def ask_own_clients(robot: Robot, hands: Hands) -> None:
    """The manager's quarter: open the campaign, invite, make a link and hand it over."""
    seen = hands.get("/my-clients/")
    opening = next((one for one in seen.links() if one.startswith("/campaigns/open")), "")
    if opening:
        press(robot, hands, hands.get(opening), "/campaigns/open")
    links = hands.get("/my-clients/").links()
    for key in dict.fromkeys(re.findall(r"/campaigns/(\d+)", " ".join(links))):
        press(robot, hands, hands.get(f"/campaigns/{key}/invite"), "/invite$", "invite")
        for form in [
            one for one in hands.get(f"/campaigns/{key}").forms if re.search(r"/invitations/\d+/link$", one.action)
        ]:
            press(robot, hands, robot.send(hands, form), "/handed-over$")


def assess(robot: Robot, hands: Hands) -> None:
    """The department's sheet of prevention points; QA's review of it."""
    seen = hands.get("/risks/")
    for path in each_path(seen.links(), r"/risks/sheet/\d+"):
        press(robot, hands, hands.get(path), r"/risks/sheet/\d+$")
    if first(seen.links(), "/risks/review"):
        seen = hands.get("/risks/review")
        doubted = first(seen.links(), r"/risks/assessments/\d+") if robot.dice.random() < 0.3 else None
        if doubted:
            press(robot, hands, hands.get(doubted), "/return$", reason="请补充依据")
        for form in hands.get("/risks/review").forms:
            ticks = next((one.options for one in form.fields if one.kind == "checkbox"), [])
            robot.send(hands, form, assessment=ticks)


def measure(robot: Robot, hands: Hands) -> None:
    """Measurements to enter and to accept, misses to answer."""
    links = hands.get("/commitments/").links()
    for path in each_path(links, r"/commitments/[a-z_]+/(measure|answer)"):
        link = next(one for one in links if one.startswith(path))
        press(robot, hands, hands.get(link), path)
    for path in each_path(links, r"/commitments/[a-z_]+"):
        seen = hands.get(path + "?" + urlsplit(next(one for one in links if one.startswith(path))).query)
        if robot.dice.random() < 0.3:
            press(robot, hands, seen, "/measurements/[0-9]+/send-back$", reason="请附依据")
        else:
            press(robot, hands, seen, "/measurements/[0-9]+/accept$")


def type_forms_again(robot: Robot, hands: Hands) -> None:
    """Printed forms drawn to be typed twice: a colleague of who typed them first has the paper now."""
    for code in list(robot.papers):
        type_paper_in(robot, hands, code)


def confirm_accounts(robot: Robot, hands: Hands) -> None:
    """Everybody may go on doing what they do (D4)."""
    seen = hands.get("/admin/roles/")
    if form := seen.form_to("/admin/roles/$"):
        every = next(one.options for one in form.fields if one.name == "account")
        robot.send(hands, form, account=every)


def give_second_word(robot: Robot, hands: Hands) -> None:
    """What an administrator asked for and a second person decides."""
    press(robot, hands, hands.get("/admin/approvals/"), r"/admin/approvals/\d+", "accept")


DILIGENCE: dict[str, Callable[[Robot, Hands], None]] = {
    "/desk/": survey,
    "/desk/sorting": sort,
    "/my-clients/": ask_own_clients,
    "/campaigns/checks": hand_checks_over,
    "/campaigns/mail": settle_mail,
    "/qa/review": review,
    "/qa/check-calls": check,
    "/qa/refusals": second,
    "/qa/corrections": correct,
    "/qa/proposals": classify,
    "/qa/receipts": hear,
    "/questionnaires/reviews": read_questionnaires,
    "/feedback/": advance,
    "/improvement/": confirm,
    "/risks/": assess,
    "/commitments/": measure,
    "/campaigns/paper": type_forms_again,
    "/letters/": settle_letters,
    "/reports/": sign_report,
    "/admin/roles/": confirm_accounts,
    "/admin/approvals/": give_second_word,
}
