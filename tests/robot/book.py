"""What the robot knows by its own deeds: nothing may count as surveyed, answered or done that is not in here."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from csat.models.answers import Response, Verdict
from csat.models.asking import Attempt, AttemptOutcome, Invitation, InvitationState, Link
from csat.models.clients import Incident
from csat.models.corrections import RefusalCorrection
from csat.models.feedback import Action, Feedback, FeedbackState, FeedbackStep
from csat.models.people import Person
from csat.procedure.core import tokens
from csat.procedure.survey import paper
from tests.mail_server import Arrived
from tests.robot.hands import REFUSALS, Form, Seen, words_of

TOKEN = re.compile(r"http://localhost/s/([\w-]{43})")
OPT_OUT, LETTER = re.compile(r"http://localhost(/mail/[\w-]{20,})"), re.compile(r"http://localhost(/letter/[\w-]{43})")


class Book:
    """The reckoning: links and who held them, why each invitation counts as delivered, which steps were taken."""

    def __init__(self) -> None:
        self.tokens: dict[str, int] = {}  # of survey links that somebody has, to the invitation
        self.held: set[tuple[int, int]] = set()  # (person, invitation): a link that was shown to them
        self.reached: dict[int, set[str]] = defaultdict(set)  # invitation → why it counts as delivered
        self.mailed: Counter[int] = Counter()  # invitation → mails that went and did not come back
        self.named: Counter[int] = Counter()  # invitation → answers with a name, or recorded by us
        self.answered: set[int] = set()
        self.finished: set[int] = set()  # actions that were reported as done
        self.verdicts: set[int] = set()  # responses that somebody of QA called valid
        self.steps: Counter[tuple[int, str]] = Counter()  # (feedback, step)
        self.opt_outs: list[str] = []  # addresses in mails: where one opts out
        self.letters: list[str] = []  # and where one reads a letter
        self.taken = 0  # forms of the staff that did something

    # --- at every page -------------------------------------------------------------------------------

    def check_answer(self, what: str, seen: Seen) -> None:
        """No page breaks; a refusal is a sentence that says what to do."""
        assert seen.status < 500, f"{what} → {seen.status}"
        if seen.status >= 400:
            assert seen.status in REFUSALS, f"{what} → {seen.status}"
            if seen.html:
                assert len(words_of(seen.main)) > 20, f"{what} → {seen.status} says nothing"
        assert "Traceback" not in seen.html, what

    # --- what was done -------------------------------------------------------------------------------

    def take_mails(self, mails: Iterable[Arrived]) -> None:
        """Mails that a server took: their links are with the client."""
        for mail in mails:
            for token in TOKEN.findall(mail.text):
                invitation = self._know(token)
                if invitation:
                    self.mailed[invitation] += 1
                    self.reached[invitation].add("mailed")
            self.opt_outs += OPT_OUT.findall(mail.text)
            self.letters += LETTER.findall(mail.text)

    def take_bounce(self, invitation: int) -> None:
        """A mail that a server had taken came back: nobody has its link."""
        self.mailed[invitation] -= 1
        if self.mailed[invitation] <= 0:
            self.reached[invitation].discard("mailed")

    def take_answer(self, token: str, seen: Seen, named: bool) -> bool:
        """A client sent an answer by a link; `named` where it carries who wrote it. Whether it was taken."""
        if 'class="code"' in seen.html and not seen.form_to("/s/."):  # the receipt, in whichever language
            invitation = self.tokens[token]
            self.answered.add(invitation)
            if named:
                self.named[invitation] += 1
                self.reached[invitation].add("answered")
            return True
        return False

    def take_act(self, by: Person, form: Form, sent: dict[str, Any], seen: Seen) -> None:
        """One of the staff sent a form."""
        path = urlsplit(form.action).path
        for token in TOKEN.findall(seen.html):
            self.held.add((by.id, self._know(token)))
        if re.fullmatch(r"/campaigns/\d+/(slips|paper)", path) and seen.status == 200:
            self.take_paper(by, path, sent)
        if not seen.taken or form.method != "post":
            return
        self.taken += 1
        self._take_step(path)
        if found := re.fullmatch(r"/desk/(?:telephone/)?(\d+)(?:/([a-z-]+))?", path):
            self._take_desk_act(by, int(found[1]), found[2] or "telephone", sent)
        elif found := re.fullmatch(r"/campaigns/invitations/(\d+)/([a-z-]+)", path):
            self._take_invitation_act(by, int(found[1]), found[2], sent)
        elif found := re.fullmatch(r"/desk/records/(\d+)/take-back", path):
            self._take_back(Attempt.get_by_id(int(found[1])))
        elif (found := re.fullmatch(r"/qa/corrections/refusals/(\d+)", path)) and sent.get("do") == "confirm":
            self._take_back(RefusalCorrection.get_by_id(int(found[1])).attempt)
        elif re.fullmatch(r"/qa/review(/\d+)?", path):
            self._take_verdict(path, sent)

    def _take_step(self, path: str) -> None:
        """A step of a feedback, by its page's address."""
        if found := re.fullmatch(r"/(?:feedback|improvement)/(\d+)/([a-z-]+)", path):
            self.steps[int(found[1]), found[2].replace("-", "_")] += 1
        elif found := re.fullmatch(r"/feedback/entered/(\d+)", path):
            self.steps[int(found[1]), "note"] += 1
        elif re.fullmatch(r"/feedback/\d+/actions/\d+", path):
            self.steps[int(path.split("/")[2]), "action"] += 1
            self.finished.add(int(path.rsplit("/", 1)[1]))

    def _take_desk_act(self, by: Person, incident: int, act: str, sent: dict[str, Any]) -> None:
        asked = Invitation.select().where(Invitation.incident == incident, Invitation.state != InvitationState.VOID)
        if (invitation := asked.first()) is not None:  # a withdrawn one is over
            self._take_invitation_act(by, invitation.id, act, sent)

    def _take_invitation_act(self, by: Person, invitation: int, act: str, sent: dict[str, Any]) -> None:
        pressed = sent.get("do", "")
        if act == "handed-over" and (by.id, invitation) in self.held:
            self.reached[invitation].add("handed over")
        elif act == "opted-out" or "refused" in (sent.get("outcome") if act == "attempt" else "", pressed):
            self.reached[invitation].add("refused")
        elif act in ("telephone", "record") and pressed in ("", "record", "broken"):
            self.reached[invitation].add("recorded")
            self.named[invitation] += 1

    def take_paper(self, by: Person, path: str, sent: dict[str, Any]) -> None:
        """Slips or forms were printed for the ticked, or are marked as handed over by who printed them."""
        ticked = {int(one) for one in sent.get("invitation") or ()}
        if sent.get("do") == "print":
            self.held |= {(by.id, one) for one in ticked}
        for one in ticked:
            if sent.get("do") == "handed_over" and (by.id, one) in self.held:
                self.reached[one].add("handed over")

    def take_typed_form(self, code: str, named: bool) -> None:
        """A printed form that came back was entered, by its code."""
        asked = paper.find_paper(code)
        self.reached[asked.id].add("came back")
        self.answered.add(asked.id)
        self.named[asked.id] += named

    def _take_back(self, attempt: Attempt) -> None:
        """Who recorded it takes it back: from now on it is no reason any more."""
        asked = attempt.invitation_id
        if attempt.outcome == AttemptOutcome.ANSWERED:
            self.named[asked] -= 1
            self.reached[asked].discard("recorded")
        elif attempt.outcome == AttemptOutcome.REFUSED:
            self.reached[asked].discard("refused")

    def _take_verdict(self, path: str, sent: dict[str, Any]) -> None:
        if path == "/qa/review":
            self.verdicts |= {int(one) for one in sent.get("response") or ()}
        elif sent.get("decision") == "valid":
            self.verdicts.add(int(path.rsplit("/", 1)[1]))

    def _know(self, token: str) -> int:
        link = Link.get_or_none(Link.token_hash == tokens.hash_token(token))
        if link is None:  # of a form that is only tried
            return 0
        self.tokens[token] = link.invitation_id
        return link.invitation_id

    # --- the reckoning -------------------------------------------------------------------------------

    def compare(self) -> None:
        """The store says no more than was done."""
        self._compare_asking()
        self._compare_feedback()

    def _compare_asking(self) -> None:
        for one in Incident.select().where(Incident.surveyed_at.is_null(False)):
            asked = Invitation.select().where(Invitation.incident == one)
            assert any(self.reached[each.id] for each in asked), (
                f"incident {one.number} counts as surveyed; nobody did it"
            )
        for one in Invitation.select().where(Invitation.state.in_([InvitationState.SENT, InvitationState.DENY])):
            assert self.reached[one.id], f"invitation {one.id} counts as delivered; nobody did it"
        for one in Invitation.select().where(Invitation.state == InvitationState.DONE):
            assert one.id in self.answered or self.named[one.id], f"invitation {one.id} counts as answered"
        for one in Response.select(Response.id).where(Response.verdict == Verdict.VALID):
            assert one.id in self.verdicts, f"response {one.id} counts as genuine; nobody of QA said so"
        stored = Response.select().where(~Response.anonymous).count()
        assert stored <= sum(self.named.values()), f"{stored} named answers, {sum(self.named.values())} were given"

    def _compare_feedback(self) -> None:
        for one in Feedback.select().where(Feedback.state.in_([FeedbackState.DONE, FeedbackState.CONFIRMED])):
            worked = self.steps[one.id, "finish"] or self.steps[one.id, "explain"] or self.steps[one.id, "reply"]
            assert worked, f"{one.number} counts as {one.state}; nobody finished it"
            closed = one.state == FeedbackState.CONFIRMED and not self.steps[one.id, "confirm"]
            assert not closed, f"{one.number} counts as closed; nobody confirmed it"
        for action in Action.select().where(Action.done_at.is_null(False)):
            assert action.id in self.finished, f"action {action.id} counts as done; nobody reported it"
        stored = Counter((row.feedback_id, row.step.value) for row in FeedbackStep.select())
        for (feedback, step), number in stored.items():
            if step in OFFERED:
                known = self.steps[feedback, step]
                assert number <= known, f"F-{feedback:04d} has {number} steps {step!r}; {known} were taken"
        for (feedback, step), number in self.steps.items():
            if step in OFFERED:
                assert stored[feedback, step] >= number, f"F-{feedback:04d} lost a step {step!r}"


# Steps that are taken at the page of one feedback only, and leave one row each time.
OFFERED = {
    "accept",
    "send_back",
    "start",
    "action",
    "finish",
    "confirm",
    "return",
    "explain",
    "pass_on",
    "reply",
    "note",
}
OFFERED |= {"propose", "ask_due", "move_due", "keep_due", "ask_change", "change_plan", "keep_plan", "supervise"}
