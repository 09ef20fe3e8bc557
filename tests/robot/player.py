"""The robot's days: incidents close, everybody wanders and works, clients answer, the daily round goes round."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from io import BytesIO
from random import Random

from flask import Flask

from csat import clock
from csat.adapters.bounces import parse_bounce
from csat.commands import daily
from csat.commands.mail import SendingRound
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.people import Person
from csat.models.work import Job, JobState
from csat.procedure.core.jobs import BROKEN, TOO_MUCH, run_waiting_jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.incidents import incidents
from csat.procedure.mail import outbox
from tests.builders import NOW, ZONE
from tests.cast import Cast
from tests.files import a_png
from tests.mail_server import Post
from tests.procedure.mail.test_outbox import a_bounce
from tests.robot.acts import Acts
from tests.robot.book import Book
from tests.robot.clients import answer_link
from tests.robot.diligence import DILIGENCE
from tests.robot.ends import check_evening, clear_everything
from tests.robot.errands import ERRANDS, look_into_a_feedback
from tests.robot.hands import Hands, Seen, pick_button
from tests.robot.letters import is_report_due, make_report, propose_letters
from tests.robot.stage import build_stage

# Where nobody presses by mistake: what would take the stage away (accounts, settings, other people's rooms), and what
# only costs time (PDFs, bundles, exports).
UNTOUCHED = re.compile(
    r"/account|/sign-|/admin/(accounts|approvals|roles|people|departments|settings|api|survey-mails|audit)|/admin/clients/import"
    r"|/erase|/questionnaires/|/campaigns/mail-wording|/qa/classification|/desk/incidents/(import|maps)|/archive/bundles"
    r"|/exports|/commitments/[^/]+/(edit|retire|target)|/risks/.+/duties|/slips|/paper|/reports|/letters"
)
UNSEEN = re.compile(r"\.(pdf|csv|zip|xlsx)$|/print|/paper|/sign-out|/files/|/static/|/jobs/|/slips|/draft/preview")
BOUNCES, FAILS = 0.1, 0.2
LOOKED_AT = 0.4  # of the evenings: what is open and the rails; the reckoning is made on each
TRIED = 3  # errands of a day, until one comes to something
HOPE = 0.4  # what an errand in vain counts: it is tried again before the others
GO_ON = bool(os.environ.get("ROBOT_GO_ON"))  # past what is found, to find more in one run
DIARY = os.environ.get("ROBOT_DIARY", "")  # a file that every request is written to as it is made
WORKING_DAYS = range(5)


def write_diary(line: str) -> None:
    if DIARY:
        with open(DIARY, "a", encoding="utf-8") as diary:
            diary.write(f"{line}\n")


class Robot:
    """Everybody at once. All chance comes from one seed, so that a run can be had again."""

    def __init__(self, app: Flask, cast: Cast, server: Post, seed: int) -> None:
        self.app, self.cast, self.server, self.seed = app, cast, server, seed
        self.dice, self.book = Random(seed), Book()
        self.log: list[str] = []
        self.number = 0
        self.found: list[str] = []
        self.acts = Acts(app)
        self.papers: list[str] = []  # codes of printed forms that are filled in, and wait to be typed
        self.receipts: list[str] = []  # codes that clients wrote down
        self.opted_out: list[str] = []  # addresses in mails of contacts who opted out
        self.errands = {errand: 0.0 for errand in ERRANDS}  # how often each came to something
        self.read = 0  # mails of the server that were looked at
        stage = build_stage(cast)
        self.desk2, self.manager2, self.staff, self.contacts = stage.desk2, stage.manager2, stage.staff, stage.contacts
        self.people = {one.id: Hands(app, self.dice, self.watch, one) for one in self.staff}
        self.admin = Hands(app, self.dice, self.watch, cast.admin)

    # --- what is watched at every page ---------------------------------------------------------------

    def watch(self, hands: Hands, what: str, seen: Seen) -> None:
        """Keep what was done; fail on what no page may answer."""
        line = f"{clock.now():%m-%d %H:%M} {hands.name}: {what[:300]} → {seen.status} {seen.path}"
        self.log.append(line)
        write_diary(line)
        self.book.check_answer(what, seen)

    def account(self) -> str:
        """How to have the same run again, and what was done last."""
        return "\n".join([f"ROBOT_SEED={self.seed}", *self.log[-12:]])

    # --- days ----------------------------------------------------------------------------------------

    def play(self, days: int, acts: int, start: datetime = NOW, gaps: Sequence[int] = (1,)) -> None:
        """So many days, of which those that are played have so many acts; each is closed by the daily round.

        `gaps`: after how many days the next is played, drawn each time. At a quarter's end everything is worked off.
        """
        day, quarter = 0, Quarter.of(start, ZONE)
        while day < days:
            morning = start + timedelta(days=day)
            turned = Quarter.of(morning, ZONE) != quarter
            quarter = Quarter.of(morning, ZONE)
            self.play_day(morning, acts)
            if turned:
                self.end(morning + timedelta(hours=10))
            day += self.dice.choice(gaps)

    def play_day(self, morning: datetime, acts: int) -> None:
        """A day: on days off hardly anybody is there."""
        if morning.astimezone(ZONE).weekday() in WORKING_DAYS or self.dice.random() < 0.1:
            for act in range(acts):
                self.at(morning + timedelta(minutes=act * 480 // acts), self.act)
            self.at(morning + timedelta(minutes=490), self.run_errand)
        self.at(morning + timedelta(hours=9), self.close_day)
        if self.dice.random() < LOOKED_AT:
            self.at(morning + timedelta(hours=9), partial(check_evening, self))

    def at(self, instant: datetime, *deeds: Callable[[], object]) -> None:
        """Let things be done at an instant; what is found stops the run, unless it is to go on."""
        with clock.freeze_at(instant):
            for deed in deeds:
                try:
                    deed()
                except Exception as fault:
                    self.found.append(f"{instant:%m-%d %H:%M} {type(fault).__name__}: {fault}\n{self.account()}")
                    write_diary(f"FOUND {self.found[-1]}")
                    if not GO_ON:
                        raise

    def run_errand(self) -> None:
        """What no rail asks for: the report where it is due, and the errand that was run least."""
        if is_report_due(self):
            make_report(self)
        else:
            propose_letters(self)
        self.run_jobs()
        look_into_a_feedback(self)
        for errand in sorted(self.dice.sample(ERRANDS, len(ERRANDS)), key=self.errands.__getitem__)[:TRIED]:
            before = self.acts.done.total()
            errand(self)
            self.run_jobs()
            worked = self.acts.done.total() > before
            self.errands[errand] += 1 if worked else HOPE
            if worked:
                return

    def end(self, at: datetime) -> None:
        """Nothing else happens, and everybody works everything off."""
        self.at(at, partial(check_evening, self, every=True), partial(clear_everything, self), self.book.compare)

    def act(self) -> None:
        """One thing that somebody does."""
        deeds: list[tuple[Callable[[], None], int]] = [(self.close_incident, 4), (self.wander, 4), (self.work, 9)]
        deeds += [(self.leave, 1), (lambda: answer_link(self), 3)]
        self.dice.choices([one for one, _ in deeds], [weight for _, weight in deeds])[0]()

    def close_day(self) -> None:
        """The daily round, the mails, and the reckoning."""
        config = self.app.config["CSAT"]
        for step in daily.STEPS:
            if step is not daily.back_up:
                step(config, clock.now())
        self.run_jobs()
        self.post_mails()
        self.book.compare()

    def post_mails(self) -> None:
        """Send what is due, now and then to somebody who is unknown there; a mail that went can still come back."""
        contacts = [one for one in self.contacts if one.email]
        ways = ["refuse", "after", "later", "lost"]
        failing = {self.dice.choice(contacts).email: self.dice.choice(ways) for _ in range(2)}
        self.server.fails = failing if self.dice.random() < FAILS else {}
        SendingRound(self.app.config["CSAT"]).send()
        self.read_mails()
        if self.dice.random() < BOUNCES:
            self.return_mail()

    def return_mail(self) -> None:
        """A mail to a client that a server had taken comes back after all."""
        asking = (OutboxMessage.kind == MailKind.ASK) & (OutboxMessage.state == MailState.DONE)
        sent = list(OutboxMessage.select().where(asking).order_by(OutboxMessage.id.desc()).limit(5))
        for message in sent[:1]:
            bounce = parse_bounce(a_bounce(message))
            if outbox.record_bounce(bounce.message_id, bounce.answer, clock.now()):
                self.book.take_bounce(message.invitation_id)
                self.acts.done["a mail came back"] += 1

    def run_jobs(self) -> None:
        """The worker does what waits: reports, letters, mails, printed forms."""
        run_waiting_jobs()
        broken = Job.select().where(Job.state == JobState.FAILED, Job.refusal.in_((BROKEN, TOO_MUCH))).first()
        assert broken is None, f"the work {broken.kind} broke"
        self.read_mails()

    def read_mails(self) -> None:
        """What the mail server took since."""
        fresh, self.read = self.server.mails[self.read :], len(self.server.mails)
        self.book.take_mails(fresh)

    # --- the world -----------------------------------------------------------------------------------

    def close_incident(self) -> None:
        """A ticket system tells of a closed incident, now and then without a client, or handled by the desk itself."""
        self.number += 1
        contact = (
            self.dice.choice([*self.contacts, None]) if self.dice.random() < 0.2 else self.dice.choice(self.contacts)
        )
        handlers = [self.cast.engineer, self.cast.engineer, self.cast.desk]
        fields = {
            "client": contact.client if contact else None,
            "contact": contact,
            "closed_at": clock.now() - timedelta(hours=self.dice.choice([0, 1, 5, 30])),
            "resolved_by": self.dice.choice(handlers),
            "department": self.cast.department,
            "title": self.dice.choice(["VPN", "邮件延迟", "打印 <机>"]),
        }
        incidents.upsert_incident("tickets", f"INC{self.number}", fields, "command:robot", clock.now(), ZONE)

    def leave(self) -> None:
        """Somebody's session ends while a form is open; what they send then is kept for when they are back."""
        hands = self.anybody()
        seen = hands.get("/")
        forms = [one for one in seen.forms if one.method == "post" and not UNTOUCHED.search(one.action)]
        hands.browser.delete_cookie("session")
        if forms:
            form = self.dice.choice(forms)
            after = hands.send(form, hands.fill(form), pick_button(self.dice, form))
            assert "/sign-in" in after.path or not after.taken, "an act of somebody who is signed out was taken"
        hands.come_in()

    # --- people --------------------------------------------------------------------------------------

    def anybody(self) -> Hands:
        return self.people[self.dice.choice(self.staff).id]

    def hands_of(self, person: Person) -> Hands:
        return self.admin if person == self.cast.admin else self.people[person.id]

    def quarter(self) -> Quarter:
        return Quarter.of(clock.now(), ZONE)

    def today(self) -> date:
        return clock.now().astimezone(ZONE).date()

    def a_file(self) -> tuple[BytesIO, str] | None:
        """A small file, now and then."""
        return (BytesIO(a_png()), "照片.png") if self.dice.random() < 0.3 else None

    def wander(self) -> None:
        """Somebody follows links and presses a button of what they find, with input that fits or does not."""
        hands = self.anybody()
        seen = hands.get(self.dice.choice(sorted(hands.rail()) or ["/"]))
        for _ in range(self.dice.randint(0, 3)):
            links = [one for one in seen.links() if not UNSEEN.search(one.split("?")[0])]
            if links:
                seen = hands.get(self.dice.choice(links))
        forms = [one for one in seen.forms if not UNTOUCHED.search(one.action) and not UNSEEN.search(one.action)]
        if forms and not UNSEEN.search(seen.path.split("?")[0]):
            rarely = min(self.dice.sample(forms, len(forms)), key=lambda one: self.acts.done[self.acts.name(one)])
            form = self.dice.choice([rarely, *forms])
            self.send(hands, form, broken=self.dice.random() < 0.4)

    def send(self, hands: Hands, form, broken: bool = False, button=None, **fixed) -> Seen:
        """Send a form, and put in the book what that may have done."""
        button = button or pick_button(self.dice, form)
        values = hands.fill(form, broken, **fixed)
        seen = hands.send(form, values, button)
        sent = dict(values) | ({button[0]: button[1]} if button else {})
        self.acts.note(form, sent, seen)
        self.book.take_act(hands.person, form, sent, seen)
        return seen

    def work(self) -> None:
        """Somebody does what waits for them, as well as they can."""
        for hands in self.dice.sample(list(self.people.values()), 4):
            waiting = hands.list_waiting()
            if waiting:
                DILIGENCE[self.dice.choice(waiting)](self, hands)
                return
