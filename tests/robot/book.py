"""What the robot knows by its own deeds: nothing may count as surveyed, answered or done that is not in here."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from csat.models.answers import Response
from csat.models.asking import Invitation, InvitationState, Link
from csat.models.clients import Incident
from csat.models.feedback import FeedbackStep
from csat.models.people import Person
from csat.procedure.core import tokens
from tests.mail_server import Arrived
from tests.robot.hands import REFUSALS, Form, Seen, words_of

TOKEN = re.compile(r"http://localhost/s/([\w-]{43})")
FALSE_STATUSES = (400, 401, 405, 413)


class Book:
    """The reckoning: links and who held them, why each invitation counts as delivered, which steps were taken."""

    def __init__(self) -> None:
        self.tokens: dict[str, int] = {}  # of survey links that somebody has, to the invitation
        self.held: set[tuple[int, int]] = set()  # (person, invitation): a link that was shown to them
        self.reached: dict[int, set[str]] = defaultdict(set)  # invitation → why it counts as delivered
        self.named: Counter[int] = Counter()  # invitation → answers with a name, or recorded by us
        self.answered: set[int] = set()
        self.steps: Counter[tuple[int, str]] = Counter()  # (feedback, step)
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
                    self.reached[invitation].add("mailed")

    def take_answer(self, token: str, seen: Seen, named: bool) -> None:
        """A client sent an answer by a link; `named` where it carries who wrote it."""
        if 'class="code"' in seen.html and not seen.form_to("/s/."):  # the receipt, in whichever language
            invitation = self.tokens[token]
            self.answered.add(invitation)
            if named:
                self.named[invitation] += 1
                self.reached[invitation].add("answered")

    def take_act(self, by: Person, form: Form, sent: dict[str, Any], seen: Seen) -> None:
        """One of the staff sent a form."""
        path = urlsplit(form.action).path
        for token in TOKEN.findall(seen.html):
            self.held.add((by.id, self._know(token)))
        if not seen.taken or form.method != "post":
            return
        self.taken += 1
        if found := re.fullmatch(r"/(?:feedback|improvement)/(\d+)/([a-z-]+)", path):
            self.steps[int(found[1]), found[2].replace("-", "_")] += 1
        elif re.fullmatch(r"/feedback/\d+/actions/\d+", path):
            self.steps[int(path.split("/")[2]), "action"] += 1
        elif found := re.fullmatch(r"/desk/(?:telephone/)?(\d+)(?:/([a-z-]+))?", path):
            self._take_desk_act(by, int(found[1]), found[2] or "telephone", sent)
        elif found := re.fullmatch(r"/campaigns/invitations/(\d+)/([a-z-]+)", path):
            self._take_invitation_act(by, int(found[1]), found[2], sent)

    def _take_desk_act(self, by: Person, incident: int, act: str, sent: dict[str, Any]) -> None:
        invitation = Invitation.get_or_none(Invitation.incident == incident)
        if invitation is not None:
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
            asked = Invitation.get_or_none(Invitation.incident == one)
            assert asked and self.reached[asked.id], f"incident {one.number} counts as surveyed; nobody did it"
        for one in Invitation.select().where(Invitation.state.in_([InvitationState.SENT, InvitationState.DENY])):
            assert self.reached[one.id], f"invitation {one.id} counts as delivered; nobody did it"
        for one in Invitation.select().where(Invitation.state == InvitationState.DONE):
            assert one.id in self.answered or self.named[one.id], f"invitation {one.id} counts as answered"
        stored = Response.select().where(~Response.anonymous).count()
        assert stored <= sum(self.named.values()), f"{stored} named answers, {sum(self.named.values())} were given"

    def _compare_feedback(self) -> None:
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
