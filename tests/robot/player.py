"""The robot's days: incidents close, everybody wanders and works, clients answer, the daily round goes round."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from random import Random

from flask import Flask

from csat import clock
from csat.commands import daily
from csat.commands.mail import SendingRound
from csat.models.outbox import MailState
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.incidents import incidents
from csat.procedure.mail import outbox, survey_mails
from tests.builders import NOW, ZONE, a_client, a_contact, a_department, a_person
from tests.cast import Cast
from tests.mail_server import Post
from tests.robot.book import Book
from tests.robot.diligence import DILIGENCE
from tests.robot.ends import check_evening, clear_everything
from tests.robot.hands import Hands, Seen, pick_button

# Where nobody presses by mistake: what would take the stage away (accounts, settings, other people's rooms), and what
# only costs time (PDFs, bundles, exports).
UNTOUCHED = re.compile(
    r"/account|/sign-|/admin/(accounts|people|departments|settings|api|survey-mails|audit)|/admin/clients/import"
    r"|/erase|/questionnaires/|/campaigns/mail-wording|/qa/classification|/desk/incidents/(import|maps)|/archive/bundles"
    r"|/exports|/commitments/[^/]+/(edit|retire|target)|/risks/.+/duties|/slips|/paper|/reports|/letters"
)
UNSEEN = re.compile(r"\.(pdf|csv|zip|xlsx)$|/print|/paper|/sign-out|/files/|/static/|/jobs/|/slips|/draft/preview")
BOUNCES = 0.1
DIARY = os.environ.get("ROBOT_DIARY", "")  # a file that every request is written to as it is made
WORKING_DAYS = range(5)


class Robot:
    """Everybody at once. All chance comes from one seed, so that a run can be had again."""

    def __init__(self, app: Flask, cast: Cast, server: Post, seed: int) -> None:
        self.app, self.cast, self.server, self.seed = app, cast, server, seed
        self.dice, self.book = Random(seed), Book()
        self.log: list[str] = []
        self.number = 0
        self._build_stage()
        self.people = {one.id: Hands(app, self.dice, self.watch, one) for one in self.staff}

    def _build_stage(self) -> None:
        other = a_department("应用服务部", "Applications")
        self.desk2 = a_person("林夕", Role.DESK)
        self.owner2 = a_person("田野", Role.DEPARTMENT, department=other)
        self.improvement2 = a_person("常青", Role.IMPROVEMENT)
        cast = self.cast
        self.staff = [cast.desk, self.desk2, cast.manager, cast.qa, cast.qa2, cast.owner, self.owner2]
        self.staff += [cast.improvement, self.improvement2, cast.director]
        self.contacts = []
        for number in range(6):
            made = a_client(f"客户{number}", tier=["core", "important", "ordinary"][number % 3], manager=cast.manager)
            for who in range(2):
                email = f"c{number}w{who}@client{number}.example" if (number + who) % 3 else ""
                reach = {"email": email, "telephone": f"1390000{number:02d}{who:02d}"}
                self.contacts.append(a_contact(made, f"联系人{number}{who}", **reach))
        self._switch_mail_on()

    def _switch_mail_on(self) -> None:
        now, admin = clock.now(), self.cast.admin
        survey_mails.send_test_mail(admin, now)
        outbox.settle_mail(outbox.claim_next_mail(now), MailState.DONE, now)
        survey_mails.switch_on(now.astimezone(ZONE).date(), admin, now, ZONE)

    # --- what is watched at every page ---------------------------------------------------------------

    def watch(self, hands: Hands, what: str, seen: Seen) -> None:
        """Keep what was done; fail on what no page may answer."""
        line = f"{clock.now():%m-%d %H:%M} {hands.name}: {what[:300]} → {seen.status} {seen.path}"
        self.log.append(line)
        if DIARY:
            with open(DIARY, "a", encoding="utf-8") as diary:
                diary.write(f"{line}\n")
        self.book.check_answer(what, seen)

    def account(self) -> str:
        """How to have the same run again, and what was done last."""
        return "\n".join([f"ROBOT_SEED={self.seed}", *self.log[-12:]])

    # --- days ----------------------------------------------------------------------------------------

    def play(self, days: int, acts: int, start: datetime = NOW) -> None:
        """So many days of so many acts, each day closed by the daily round and by the reckoning."""
        for day in range(days):
            morning = start + timedelta(days=day)
            if morning.astimezone(ZONE).weekday() in WORKING_DAYS or self.dice.random() < 0.1:
                for act in range(acts):
                    with clock.freeze_at(morning + timedelta(minutes=act * 480 // acts)):
                        self.act()
            with clock.freeze_at(morning + timedelta(hours=9)):
                self.close_day()

    def end(self, at: datetime) -> None:
        """Nothing else happens, and everybody works everything off."""
        with clock.freeze_at(at):
            clear_everything(self)
            self.book.compare()

    def act(self) -> None:
        """One thing that somebody does."""
        chances = ((self.close_incident, 3), (self.answer_link, 2), (self.wander, 5), (self.work, 8), (self.leave, 1))
        deed = self.dice.choices([one for one, _ in chances], [weight for _, weight in chances])[0]
        deed()

    def close_day(self) -> None:
        """The daily round, the mails, and the reckoning."""
        config = self.app.config["CSAT"]
        for step in daily.STEPS:
            if step is not daily.back_up:
                step(config, clock.now())
        self.post_mails()
        self.book.compare()
        check_evening(self)

    def post_mails(self) -> None:
        """Send what is due, now and then to somebody who is unknown there; a mail that went can still come back."""
        contacts = [one for one in self.contacts if one.email]
        self.server.fails = {self.dice.choice(contacts).email: "refuse"} if self.dice.random() < BOUNCES else {}
        before = len(self.server.mails)
        SendingRound(self.app.config["CSAT"]).send()
        self.book.take_mails(self.server.mails[before:])

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

    def answer_link(self) -> None:
        """A client opens a link that they have: reads only, sends half of it, or answers, with a name or without."""
        if not self.book.tokens:
            return
        token, client = self.dice.choice(sorted(self.book.tokens)), Hands(self.app, self.dice, self.watch)
        seen = client.get(f"/s/{token}")
        form = seen.form_to("/s/.+") if seen.status == 200 else None
        if form is None or self.dice.random() < 0.15:
            return
        broken = self.dice.random() < 0.2
        named = self.dice.random() < 0.6
        fixed = {"who": "named" if named else "anonymous", "name": "王五", "reach": "13912345678"}
        button = pick_button(self.dice, form) if broken else ("do", "submit", "")
        seen = client.send(form, client.fill(form, broken, **fixed), button)
        self.book.take_answer(token, seen, named or "who" not in form.names())

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
        return self.people[person.id]

    def wander(self) -> None:
        """Somebody follows links and presses a button of what they find, with input that fits or does not."""
        hands = self.anybody()
        seen = hands.get(self.dice.choice(sorted(hands.get("/").rail()) or ["/"]))
        for _ in range(self.dice.randint(0, 3)):
            links = [one for one in seen.links() if not UNSEEN.search(one.split("?")[0])]
            if links:
                seen = hands.get(self.dice.choice(links))
        forms = [one for one in seen.forms if not UNTOUCHED.search(one.action) and not UNSEEN.search(one.action)]
        if forms and not UNSEEN.search(seen.path.split("?")[0]):
            form = self.dice.choice(forms)
            self.send(hands, form, broken=self.dice.random() < 0.4)

    def send(self, hands: Hands, form, broken: bool = False, button=None, **fixed) -> Seen:
        """Send a form, and put in the book what that may have done."""
        button = button or pick_button(self.dice, form)
        values = hands.fill(form, broken, **fixed)
        seen = hands.send(form, values, button)
        self.book.take_act(hands.person, form, dict(values) | ({button[0]: button[1]} if button else {}), seen)
        return seen

    def work(self) -> None:
        """Somebody does what waits for them, as well as they can."""
        for hands in self.dice.sample(list(self.people.values()), 4):
            rail = hands.get("/").rail()
            waiting = [path for path in sorted(rail) if rail[path] and path in DILIGENCE]
            if waiting:
                DILIGENCE[self.dice.choice(waiting)](self, hands)
                return
