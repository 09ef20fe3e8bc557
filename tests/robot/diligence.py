"""How each place of the rail is worked off by somebody who knows their work: the address, and what is done there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from csat.models.feedback import Step
from tests.robot.hands import Form, Hands, Seen, each_path

if TYPE_CHECKING:
    from tests.robot.player import Robot

STEERING = [Step.PROPOSE, Step.ASSIGN, Step.REPLY, Step.CALL_BACK, Step.ACCEPT, Step.START, Step.CHANGE_PLAN]
STEERING += [Step.MOVE_DUE, Step.FINISH, Step.CONFIRM]
LEADING = [one.value.replace("_", "-") for one in STEERING]
CROSSING = ["send-back", "keep-plan", "keep-due", "return", "ask-change", "ask-due", "explain", "pass-on", "reclassify"]
CROSSING += ["supervise", "link", "unlink"]
ASK_WRONGLY = 0.25  # how often somebody takes another step than the next one


def first(links: list[str], pattern: str) -> str | None:
    return next(each_path(links, pattern), None)


def press(robot: Robot, hands: Hands, seen: Seen, to: str, value: str = "", **fixed: object) -> Seen | None:
    """Send the form that goes there, by the button of this value; None if the page has none."""
    form = seen.form_to(to)
    if form is None:
        return None
    button = next((one for one in form.buttons if one[1] == value), None) if value else None
    return robot.send(hands, form, button=button or (form.buttons or [("", "", "")])[0], **fixed)


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
    if not surely and dice.random() < 0.3 and (shown := press(robot, hands, seen, "/link$")):
        press(robot, hands, shown, "/handed-over$")
        return
    if seen.form_to("/contact$"):
        press(robot, hands, seen, "/contact$", telephone=f"1370000{dice.randrange(10**4):04d}", email="")
    elif seen.form_to("/number$"):
        press(robot, hands, seen, "/number$", telephone=f"1370000{dice.randrange(10**4):04d}")
    seen = hands.get(path.replace("/desk/", "/desk/telephone/"))
    outcomes = ["record", "record", "record", "broken", "nobody", "busy", "later", "refused", "wrong_number"]
    outcome = "record" if surely else dice.choice(outcomes)
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


def decide(robot: Robot, hands: Hands, path: str, wanted: str) -> bool:
    """Take a decision about a response, or call it valid where that one is not offered."""
    seen = hands.get(path)
    form = seen.form_to(f"{path}$")
    options = next((one.options for one in form.fields if one.name == "decision"), []) if form else []
    if form is None or not options:
        return False
    decision = wanted if wanted in options else "valid" if "valid" in options else options[0]
    return press(robot, hands, seen, f"{path}$", decision=decision, reason="电话核对过").taken


def second(robot: Robot, hands: Hands) -> None:
    """The second person's word on a refusal."""
    for path in each_path(hands.get("/qa/refusals").links(), r"/qa/review/\d+"):
        decide(robot, hands, path, robot.dice.choice(["refuse", "keep"]))


def correct(robot: Robot, hands: Hands) -> None:
    """The second person's word on a correction."""
    for path in each_path(hands.get("/qa/corrections").links(), r"/qa/corrections/\d+"):
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
        press(robot, hands, hands.get(path), "/review$")


# --- feedback ----------------------------------------------------------------------------------------


def steps_on(seen: Seen, key: int, names: list[str]) -> list[Form]:
    """The forms of a feedback's page that take one of these steps, in this order."""
    found = [seen.form_to(rf"/(feedback|improvement)/{key}/{name}$") for name in names]
    return [one for one in found if one]


def move_feedback(robot: Robot, hands: Hands, key: int, surely: bool = False) -> bool:
    """Take the next step of a feedback, or another one; whether one was taken."""
    seen, dice = hands.get(f"/feedback/{key}"), robot.dice
    actions = [one for one in seen.forms if re.search(rf"/feedback/{key}/actions/\d+$", one.action)]
    names = CROSSING if not surely and dice.random() < ASK_WRONGLY else LEADING
    forms = actions + steps_on(seen, key, names)
    if surely and not [one for one in forms if "assign" not in one.action]:
        forms += steps_on(seen, key, ["ask-change"])  # what was returned wants another action first
    return any(take(robot, hands, form, surely) for form in forms[:3])


def take(robot: Robot, hands: Hands, form: Form, surely: bool) -> bool:
    fixed: dict[str, object] = {"outcome": "reached", "words": "已与客户沟通", "shared": None, "files": None}
    fixed |= {"actions-0-what": "更换设备", "kind": "add", "action": "", "what": "补充措施"} if surely else {}
    fixed |= {"reason": "补充"} if surely else {}
    fixed.pop("files")
    button = next((one for one in form.buttons if one[1] != "more"), ("", "", ""))
    return robot.send(hands, form, button=button, **fixed).taken


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
        press(robot, hands, hands.get("/risks/review"), "/risks/review$")


def measure(robot: Robot, hands: Hands) -> None:
    """Measurements to enter and to accept, misses to answer."""
    links = hands.get("/commitments/").links()
    for path in each_path(links, r"/commitments/[a-z_]+/(measure|answer)"):
        link = next(one for one in links if one.startswith(path))
        press(robot, hands, hands.get(link), path)
    for path in each_path(links, r"/commitments/[a-z_]+"):
        press(robot, hands, hands.get(path), "/measurements/[0-9]+/accept$")


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
}
