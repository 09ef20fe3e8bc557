"""Random histories of feedback: people do what they may and what they may not, in any order, over months.

Beside the store runs a reckoning of our own, made from the rules I1–I5 and not from the code: it says before
each step whether it must be refused, and afterwards where everything must stand. The steps are rules of a
hypothesis state machine; each history is one transaction that is rolled back, so that thousands are quick.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from csat.database import store
from csat.figures.feedback import compute_feedback_figures
from csat.models.access import RoleGrant
from csat.models.effect import ClosingCheck
from csat.models.feedback import (
    Action,
    ActionChange,
    ActionKind,
    CallBackOutcome,
    ChangeKind,
    Feedback,
    FeedbackOrigin,
    FeedbackStep,
    IssueType,
    Severity,
)
from csat.models.people import Department, Membership, Person
from csat.models.roles import Role
from csat.procedure.core import audit
from csat.procedure.core.refusals import Refusal
from csat.procedure.feedback import (
    actions,
    callbacks,
    classification,
    confirmation,
    linking,
    plan_changes,
    view,
    workflow,
)
from csat.procedure.feedback.plan_changes import WantedChange
from csat.procedure.feedback.view import FeedbackView
from tests.builders import NOW, ZONE, a_client, a_department, a_person

DAYS = {"critical": (1, 7), "major": (3, 15), "minor": (7, 30), "suggestion": (14, 60)}
OPEN = {"new", "assigned", "called_back", "planned", "in_progress", "done", "explained"}
MOST = 4  # feedbacks in one history

# Every way in which I1 lets a step lead from one state to another; what is not here never happens.
ALLOWED = {
    *((state, step, state) for state in OPEN for step in ("reclassify", "link", "unlink", "recur", "lift")),
    *((state, "supervise", state) for state in OPEN - {"new"}),
    *((state, "action", state) for state in ("called_back", "planned", "in_progress")),
    *(("confirmed", step, "confirmed") for step in ("recur", "lift", "link", "unlink")),
    ("", "create", "new"),
    *((state, "assign", "assigned") for state in ("new", "assigned", "called_back")),
    *(("in_progress", step, "in_progress") for step in ("ask_change", "change_plan", "keep_plan")),
    ("assigned", "call_back", "assigned"),  # nobody was reached
    ("assigned", "call_back", "called_back"),
    ("called_back", "call_back", "called_back"),
    *((state, "reply", "called_back") for state in ("assigned", "called_back")),
    ("assigned", "reply", "assigned"),  # beside somebody who is to be called
    ("called_back", "propose", "called_back"),
    ("called_back", "send_back", "called_back"),
    ("called_back", "accept", "planned"),
    ("planned", "start", "in_progress"),
    ("in_progress", "finish", "done"),
    *((state, "pass_on", to) for state in ("assigned", "called_back") for to in ("assigned", "new")),
    *((state, "explain", "explained") for state in ("assigned", "called_back")),
    ("done", "return", "in_progress"),
    ("explained", "return", "assigned"),
    ("done", "confirm", "confirmed"),
    ("explained", "confirm", "confirmed"),
}


@dataclass(eq=False)
class Deed:
    """An action as it should be."""

    record: Action
    owner: Person
    maker: Person
    due: date
    done: datetime | None = None
    serves: set[Twin] = field(default_factory=set)


@dataclass(eq=False)
class Twin:
    """A feedback as it should be."""

    record: Feedback
    older: Feedback  # as it stood a step before
    client: str
    type: str
    severity: str
    created: datetime
    linked: Twin | None = None
    state: str = "new"
    department: Department | None = None
    supervisor: Person | None = None
    had: set[int] = field(default_factory=set)  # every department that ever had it
    waits: bool = False
    asks: bool = False  # for a new action, while the work goes on
    owed: bool = False  # a new action, since it was returned
    passed: int = 0
    called: datetime | None = None
    in_time: bool | None = None  # the verdict on the call-back, as it was made
    closed: datetime | None = None
    deeds: list[Deed] = field(default_factory=list)
    repeats: set[Twin] = field(default_factory=set)

    @property
    def top(self) -> Twin:
        """The one that counts."""
        return self.linked or self

    @property
    def free(self) -> bool:
        """Whether the department may call, plan, explain or pass on."""
        return self.state == "assigned" or (self.state == "called_back" and not self.waits)

    @property
    def doers(self) -> set[int]:
        """Who owns or made an action of it."""
        return {person.id for deed in self.deeds for person in (deed.owner, deed.maker)}


@dataclass(frozen=True)
class Stage:
    """What all histories share: made once, before the first."""

    departments: dict[str, Department]
    people: dict[str, Person]
    clients: dict[str, object]
    types: dict[str, IssueType]


def a_stage() -> Stage:
    """Two departments with their people, QA, the improvement group, and three clients of whom two are one."""
    departments = {"A": a_department("甲部"), "B": a_department("乙部")}
    people = {
        "qa": a_person("乔安", Role.QA),
        "qa2": a_person("秦越", Role.QA),
        "owner A": a_person("邓宁", Role.DEPARTMENT, department=departments["A"]),
        "owner B": a_person("杜平", Role.DEPARTMENT, department=departments["B"]),
        "engineer": a_person("高工"),
        "checker": a_person("伊凡", Role.IMPROVEMENT),
        "checker 2": a_person("易安", Role.IMPROVEMENT),
    }
    whole = a_client("华东物流")
    same = a_client("华东快运", counts_as=whole)
    clients = {"one": whole, "same": same, "two": a_client("城建集团"), "": None}
    types = {code: IssueType.get(IssueType.code == code) for code in ("slow_reply", "schedule")}
    return Stage(departments, people, clients, types)


ROOTS = {"one": 1, "same": 1, "two": 2, "": None}
WHO = ("qa", "qa2", "owner A", "owner B", "engineer", "checker", "checker 2")
which, who, where = st.integers(0, MOST - 1), st.sampled_from(WHO), st.sampled_from("AB")
client, type_ = st.sampled_from(list(ROOTS)), st.sampled_from(("slow_reply", "schedule"))
severity = st.sampled_from(list(DAYS))
HOURS = st.sampled_from((0, 1, 23, 25, 24 * 3, 24 * 8, 24 * 31, 24 * 62, 24 * 90 - 9, 24 * 91))


class Histories(RuleBasedStateMachine):
    """Set `stage` on a subclass, and run it."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.rollback = store.atomic()
        self.history = self.rollback.__enter__()
        self.now = NOW
        self.twins: list[Twin] = []
        self.deeds: list[Deed] = []
        self.touched: set[Twin] = set()
        self.belonged = {name: set() for name in WHO}
        self.belonged |= {f"owner {name}": {one.id} for name, one in self.stage.departments.items()}
        self.supervises = {"qa", "qa2"}

    # --- what the rules share ------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        return self.stage.people[name]

    def twin(self, at: int) -> Twin:
        return self.twins[at % len(self.twins)]

    def took(self, twin: Twin, allowed: bool, verb, *arguments) -> bool:
        """Take a step; it must succeed exactly when our own reckoning allows it. A third of the time the
        caller holds an old copy of the record, as a page that was left open does."""
        record = twin.older if self.now.minute % 3 == 0 else twin.record
        before = len(view.list_history(record))
        try:
            verb(record, *arguments)
        except Refusal as refusal:
            assert not allowed, (verb.__name__, type(refusal).__name__, str(refusal))
            assert len(view.list_history(record)) == before
            return False
        assert allowed, f"{verb.__name__} was possible at {twin.state}"
        twin.older, twin.record = twin.record, Feedback.get_by_id(twin.record.id)
        self.touched.add(twin)
        return True

    def may_supervise(self, name: str, twin: Twin, to: Department | None) -> bool:
        here = twin.had | ({to.id} if to else set())
        person = self.person(name)
        return name in self.supervises and not self.belonged[name] & here and person.id not in twin.doers

    def may_judge(self, name: str, twin: Twin) -> bool:
        return not self.belonged[name] & twin.had and self.person(name).id not in twin.doers

    def drop(self, twin: Twin) -> None:
        """A plan that is given up; what it shared goes on for the others."""
        for deed in twin.deeds:
            deed.serves.discard(twin)
        self.deeds = [deed for deed in self.deeds if deed.serves]
        twin.deeds = []

    def group(self, twin: Twin) -> list[Twin]:
        return [one for one in self.twins if one.top is twin.top]

    def settle(self, twin: Twin) -> None:
        """Which closed ones it repeats: of its type and client, closed at most 90 days before it came."""
        if twin.linked is not None:
            return
        root = ROOTS[twin.client]
        same = {
            one.top
            for one in self.twins
            if one is not twin and root is not None and ROOTS[one.client] == root and one.type == twin.type
            if one.closed is not None and timedelta(0) <= twin.created - one.closed <= timedelta(days=90)
        }
        twin.repeats = {one for one in self.twins if one.closed is not None and one.top in same}
        self.touched |= set(self.twins)

    # --- creating, QA --------------------------------------------------------------------------------

    @initialize(client=client, type_=type_, severity=severity)
    def begin(self, client, type_, severity):
        self.make(client, type_, severity, None)

    @precondition(lambda self: len(self.twins) < MOST)
    @rule(client=client, type_=type_, severity=severity, link=st.one_of(st.none(), st.none(), which))
    def create(self, client, type_, severity, link):
        beside = None if link is None else self.twin(link)
        if beside is not None:
            client, type_ = beside.client, beside.type
        self.make(client, type_, severity, beside)

    def make(self, client, type_, severity, beside):
        about = (self.stage.clients[client], self.stage.types[type_], Severity(severity), 20263)
        facts = ("同一故障", "", FeedbackOrigin.TELEPHONE, *about, self.person("qa"), self.now)
        record = classification.create_feedback(*facts, linked_to=beside and beside.record)
        twin = Twin(record, record, client, type_, severity, self.now, beside and beside.top)
        self.twins.append(twin)
        self.settle(twin)

    @rule(at=which, where=where, name=who)
    def assign(self, at, where, name):
        twin, to = self.twin(at), self.stage.departments[where]
        again = twin.free and to != twin.department and not self.belonged["qa"] & twin.had
        allowed = (twin.state == "new" or again) and self.is_staffed(to)
        # A plan that was sent back goes with it: who made it is of the department that had it.
        allowed = allowed and name in self.supervises and not self.belonged[name] & (twin.had | {to.id})
        persons = self.person(name), self.person("qa")
        if self.took(twin, allowed, classification.assign_feedback, to, *persons, self.now, "分错了"):
            twin.state, twin.department, twin.supervisor = "assigned", to, self.person(name)
            twin.had.add(to.id)
            self.drop(twin)

    def is_staffed(self, department: Department) -> bool:
        """Whether somebody belongs to a department today who deals with feedback."""
        today = self.now.date()
        held = RoleGrant.select().where(RoleGrant.role == Role.DEPARTMENT, RoleGrant.ended_at.is_null())
        holders = {grant.person_id for grant in held}
        rows = Membership.select().where(Membership.department == department)
        return any(
            row.person_id in holders and row.since <= today and (row.until is None or row.until > today) for row in rows
        )

    @rule(at=which, name=who)
    def supervise(self, at, name):
        twin = self.twin(at)
        allowed = twin.state in OPEN - {"new"} and self.may_supervise(name, twin, None)
        if self.took(twin, allowed, classification.change_supervisor, self.person(name), self.person("qa"), self.now):
            twin.supervisor = self.person(name)

    @rule(at=which, type_=type_, severity=severity, name=who)
    def reclassify(self, at, type_, severity, name):
        twin = self.twin(at)
        allowed = twin.state in OPEN and not self.belonged[name] & twin.had
        to = (self.stage.types[type_], Severity(severity), "看错了", self.person(name), self.now)
        if self.took(twin, allowed, classification.reclassify_feedback, *to):
            twin.type, twin.severity = type_, severity
            self.settle(twin)

    @precondition(lambda self: len(self.twins) > 1)
    @rule(at=which, other=which, name=who)
    def link(self, at, other, name):
        twin, to = self.twin(at), self.twin(other)
        alike = ROOTS[twin.client] is not None and ROOTS[twin.client] == ROOTS[to.client]
        allowed = alike and twin.type == to.type and twin.top is not to.top
        allowed = allowed and {twin.state, to.state} <= OPEN
        allowed = allowed and not self.belonged[name] & (twin.had | to.had)
        if self.took(twin, allowed, linking.link_feedback, to.record, "同一件事", self.person(name), self.now):
            for one in self.group(twin):
                one.linked = to.top
            self.touched |= set(self.twins)

    @rule(at=which, name=who)
    def unlink(self, at, name):
        twin = self.twin(at)
        group = self.group(twin)
        allowed = len(group) > 1 and twin.state in OPEN
        allowed = allowed and not any(self.belonged[name] & one.had for one in group)
        if self.took(twin, allowed, linking.unlink_feedback, "两件事", self.person(name), self.now):
            rest = sorted((one for one in group if one is not twin), key=lambda one: one.record.id)
            top = twin.top if twin.linked else rest[0]
            for one in rest:
                one.linked = None if one is top else top
            twin.linked = None
            for one in (twin, top):
                self.settle(one)

    @rule(at=which, name=who, back=st.booleans())
    def speak(self, at, name, back):
        """The supervisor accepts the plan, or sends it back."""
        twin = self.twin(at)
        allowed = twin.waits and twin.supervisor == self.person(name)
        allowed = allowed and not self.belonged[name] & twin.had and self.person(name).id not in twin.doers
        verb, words = (classification.return_plan, ["不够"]) if back else (classification.accept_plan, [])
        if self.took(twin, allowed, verb, *words, self.person(name), self.now):
            twin.waits = False
            twin.state = twin.state if back else "planned"

    # --- the department ------------------------------------------------------------------------------

    @rule(at=which, reached=st.booleans(), name=who)
    def call_back(self, at, reached, name):
        twin = self.twin(at)
        outcome = CallBackOutcome.REACHED if reached else CallBackOutcome.NOBODY
        facts = (outcome, "谈过", self.person(name), self.now)
        if self.took(twin, twin.free, callbacks.record_call_back, *facts) and reached:
            twin.state = "called_back"
            self.reach(twin)

    def reach(self, twin: Twin) -> None:
        """The first talk that reaches the client decides, for good, whether it was in time."""
        if twin.called is None:
            twin.called = self.now
            twin.in_time = self.now <= twin.created + timedelta(days=DAYS[twin.severity][0])

    @rule(at=which, number=st.integers(0, 2), share=st.booleans(), days=st.integers(-1, 40), name=who)
    def propose(self, at, number, share, days, name):
        twin, maker = self.twin(at), self.person(name)
        due = self.now.astimezone(ZONE).date() + timedelta(days=days)
        shared = [deed for deed in self.deeds if deed in self.shareable(twin)][:1] if share else []
        planned = [(ActionKind.CORRECTIVE, f"措施{at}", maker, due) for at in range(number)]
        allowed = twin.state == "called_back" and not twin.waits and bool(planned or shared)
        allowed = allowed and (days >= 0 or not planned)
        facts = ("老化", planned, maker, self.now, ZONE, [deed.record for deed in shared])
        if self.took(twin, allowed, actions.propose_plan, *facts):
            self.drop(twin)
            made = Action.select().order_by(Action.id.desc()).limit(number)
            deeds = [Deed(one, maker, maker, due) for one in made]
            twin.waits, twin.deeds = True, [*shared, *deeds]
            self.deeds += [one for one in twin.deeds if one not in self.deeds]
            for deed in twin.deeds:
                deed.serves.add(twin)

    def shareable(self, twin: Twin) -> list[Deed]:
        """What the same department is doing for others."""
        return [
            deed
            for deed in self.deeds
            if not deed.done
            for other in deed.serves
            if other is not twin and other.state in ("planned", "in_progress")
            if other.department == twin.department
        ]

    @rule(at=which, name=who)
    def start(self, at, name):
        twin = self.twin(at)
        if self.took(twin, twin.state == "planned", actions.start_work, self.person(name), self.now):
            twin.state = "in_progress"

    @precondition(lambda self: self.deeds)
    @rule(at=st.integers(0, 5), name=who)
    def finish_action(self, at, name):
        deed = self.deeds[at % len(self.deeds)]
        allowed = not deed.done and any(one.state == "in_progress" for one in deed.serves)
        try:
            actions.finish_action(deed.record, "验收单", self.person(name), self.now, ZONE)
        except Refusal as refusal:
            assert not allowed, str(refusal)
            return
        assert allowed
        deed.done = self.now
        self.touched |= deed.serves

    @rule(at=which, name=who)
    def finish(self, at, name):
        twin = self.twin(at)
        allowed = twin.state == "in_progress" and all(deed.done for deed in twin.deeds)
        allowed = allowed and not twin.asks and not twin.owed
        if self.took(twin, allowed, actions.finish_work, "都好了", self.person(name), self.now):
            twin.state = "done"

    @rule(at=which, name=who)
    def ask_for_action(self, at, name):
        """The department asks for a new action."""
        twin, maker, due = self.twin(at), self.person(name), self.now.astimezone(ZONE).date()
        allowed = twin.state == "in_progress" and not twin.asks
        wanted = WantedChange(ChangeKind.ADD, "还不够", owner=self.person("engineer"), due=due, what="复查")
        twin.asks = self.took(twin, allowed, plan_changes.ask_change, wanted, maker, self.now, ZONE) or twin.asks

    @rule(at=which, name=who)
    def accept_action(self, at, name):
        twin = self.twin(at)
        named = twin.supervisor == self.person(name) and not self.belonged[name] & twin.had
        allowed = twin.asks and named and self.person(name).id not in twin.doers
        if self.took(twin, allowed, plan_changes.accept_change, self.person(name), self.now):
            made = ActionChange.select().where(ActionChange.feedback == twin.record).order_by(ActionChange.id.desc())
            action = made.first().action
            deed = Deed(action, action.owner, action.made_by, action.due, serves={twin})
            twin.deeds.append(deed)
            self.deeds.append(deed)
            twin.asks = twin.owed = False

    @rule(at=which, where=st.sampled_from(("A", "B", "")), name=who)
    def pass_on(self, at, where, name):
        twin, to = self.twin(at), self.stage.departments.get(where)
        there = to is None or (to != twin.department and (twin.passed > 0 or self.is_staffed(to)))
        allowed = twin.free and there
        if self.took(twin, allowed, callbacks.pass_on_feedback, to, "不归我们", self.person(name), self.now):
            twin.passed += 1
            target = to if twin.passed == 1 else None  # the second time it goes to QA, wherever it was sent
            twin.department, twin.state = target, "assigned" if target else "new"
            twin.had |= {target.id} if target else set()
            twin.waits = False
            self.drop(twin)

    @rule(at=which, name=who)
    def explain(self, at, name):
        twin = self.twin(at)
        if self.took(twin, twin.free, callbacks.explain_feedback, "做不到", self.person(name), self.now):
            twin.state = "explained"
            self.drop(twin)
            self.reach(twin)

    # --- the improvement group -----------------------------------------------------------------------

    @rule(at=which, name=who)
    def confirm(self, at, name):
        twin = self.twin(at)
        allowed, before = twin.state in ("done", "explained") and self.may_judge(name, twin), self.asked(twin)
        if self.took(twin, allowed, confirmation.confirm_feedback, "有效", self.person(name), self.now, ZONE):
            twin.state, twin.closed = "confirmed", self.now
            whole = all(one.closed for one in self.group(twin))
            assert self.asked(twin) == (before or int(whole)), "asked once, when all of it is closed"

    def asked(self, twin: Twin) -> int:
        """How often the client was asked about a matter, or put down as not to be asked."""
        keys = [one.record.id for one in self.group(twin)]
        return ClosingCheck.select().where(ClosingCheck.feedback.in_(keys)).count()

    @rule(at=which, name=who)
    def return_(self, at, name):
        twin = self.twin(at)
        allowed = twin.state in ("done", "explained") and self.may_judge(name, twin)
        if self.took(twin, allowed, confirmation.return_feedback, "没解决", self.person(name), self.now):
            twin.owed = twin.state == "done"
            twin.state = "in_progress" if twin.owed else "assigned"

    # --- the right people, one step on ---------------------------------------------------------------

    @rule(at=which, plain=st.booleans(), steps=st.integers(1, 4))
    def go_on(self, at, plain, steps):
        """What usually happens next, by whom it should: so that histories get to their end."""
        for _ in range(steps):
            self.now += timedelta(hours=5)
            self.step_on(at, plain)

    @rule(at=which, plain=st.booleans(), over=st.booleans(), name=who)
    def see_through(self, at, plain, over, name):
        """All that usually happens, by way of another department or not, up to the word of the improvement
        group, which anybody tries to say."""
        twin = self.twin(at)
        for _ in range(10):
            if over and twin.free and not twin.passed:
                self.pass_on(at, "A" if twin.department == self.stage.departments["B"] else "B", "engineer")
            elif twin.state not in ("done", "explained"):
                self.step_on(at, plain)
        self.confirm(at, name)

    @rule(at=which, name=who)
    def nothing_else(self, at, name):
        """Every step that is out of order is tried; each is refused, and nothing has changed."""
        twin = self.twin(at)
        judged = twin.state in ("done", "explained")
        plans = twin.state == "called_back" and not twin.waits
        tries = [
            (twin.state == "new" or twin.free, lambda: self.assign(at, "B", name)),
            (twin.asks, lambda: self.accept_action(at, name)),
            (twin.waits, lambda: self.speak(at, name, False)),
            (twin.waits, lambda: self.speak(at, name, True)),
            (twin.free, lambda: self.call_back(at, True, name)),
            (twin.free, lambda: self.explain(at, name)),
            (twin.free, lambda: self.pass_on(at, "B", name)),
            (plans, lambda: self.propose(at, 1, False, 3, name)),
            (twin.state == "planned", lambda: self.start(at, name)),
            (twin.state == "in_progress", lambda: self.finish(at, name)),
            (judged, lambda: self.confirm(at, name)),
            (judged, lambda: self.return_(at, name)),
        ]
        for in_order, attempt in tries:
            if not in_order:
                attempt()
        self.touched.add(twin)

    def step_on(self, at, plain):
        twin = self.twin(at)
        owner = "owner B" if twin.department == self.stage.departments["B"] else "owner A"
        if twin.state == "new":
            return self.assign(at, "A", "qa")
        if twin.waits:
            names = {person.id: name for name, person in self.stage.people.items()}
            return self.speak(at, names[twin.supervisor.id], False)
        if twin.state == "in_progress":
            undone = [deed for deed in twin.deeds if not deed.done]
            if undone:
                return self.finish_action(self.deeds.index(undone[0]), owner)
            if twin.asks:
                names = {person.id: name for name, person in self.stage.people.items()}
                return self.accept_action(at, names[twin.supervisor.id])
            if twin.owed:
                return self.ask_for_action(at, owner)
        usual = {
            "assigned": lambda: self.call_back(at, True, owner),
            "called_back": lambda: self.explain(at, owner) if plain else self.propose(at, 1, True, 3, owner),
            "planned": lambda: self.start(at, owner),
            "in_progress": lambda: self.finish(at, owner),
            "done": lambda: self.confirm(at, "checker"),
            "explained": lambda: self.confirm(at, "checker 2"),
        }
        return usual[twin.state]() if twin.state in usual else None

    # --- the world -----------------------------------------------------------------------------------

    @rule(hours=HOURS)
    def wait(self, hours):
        self.now += timedelta(hours=hours, minutes=1)

    @rule(name=who, where=where)
    def change_department(self, name, where):
        """Somebody leaves their department and joins this one; what they had a hand in is not forgotten."""
        person, to, day = self.person(name), self.stage.departments[where], self.now.astimezone(ZONE).date()
        Membership.update(until=day).where(Membership.person == person, Membership.until.is_null()).execute()
        Membership.create(person=person, department=to, since=day)
        self.belonged[name].add(to.id)

    @rule(name=who, role=st.sampled_from(list(Role)))
    def change_role(self, name, role):
        """Somebody gets another role in the place of those held."""
        person = self.person(name)
        RoleGrant.update(ended_at=self.now).where(RoleGrant.person == person, RoleGrant.ended_at.is_null()).execute()
        RoleGrant.create(person=person, role=role, granted_at=self.now)
        self.supervises.discard(name)
        self.supervises |= {name} if role == Role.QA else set()

    # --- what must hold ------------------------------------------------------------------------------

    @invariant()
    def the_store_agrees(self):
        touched, self.touched = self.touched, set()
        if not touched:
            return
        stored = {row.id: row for row in Feedback.select()}
        for twin in touched:
            self.compare(stored[twin.record.id], twin)

    def compare(self, row: Feedback, twin: Twin) -> None:
        call_back, close = (timedelta(days=days) for days in DAYS[twin.severity])
        assert row.state == twin.state and row.department == twin.department
        assert (row.call_back_due_at, row.close_due_at) == (twin.created + call_back, twin.created + close)
        assert row.linked_to_id == (twin.linked.record.id if twin.linked else None)
        assert row.passed_on == twin.passed and row.supervisor == twin.supervisor
        assert (row.called_back_at, row.called_back_in_time) == (twin.called, twin.in_time)
        assert row.closed_at == twin.closed and (row.closed_at is None) is (row.closed_in_time is None)
        assert row.recurred is any(twin in other.repeats for other in self.twins)
        assert FeedbackView(row).plan_waits is twin.waits
        waits = Feedback.select().where(Feedback.id == row.id, view.plan_waiting_condition())
        assert waits.exists() is twin.waits
        turn = workflow.find_turn(FeedbackView(row))
        whose = Feedback.select().where(workflow.turn_condition(turn.who), Feedback.id == row.id)
        assert whose.exists() and turn.what
        kept = {one.id: one for one in view.list_actions(row)}
        assert kept.keys() == {deed.record.id for deed in twin.deeds}
        for deed in twin.deeds:
            assert kept[deed.record.id].done_at == deed.done

    def teardown(self) -> None:
        try:
            if self.twins:
                self.look_back()
        finally:
            self.history.rollback()
            self.rollback.__exit__(None, None, None)

    def look_back(self) -> None:
        """At the end: every history is a way that I1 knows, verdicts are those of their day, and figures
        count each matter and each action once."""
        steps: dict[int, list[FeedbackStep]] = {twin.record.id: [] for twin in self.twins}
        for step in FeedbackStep.select().order_by(FeedbackStep.id):
            steps[step.feedback_id].append(step)
        for twin in self.twins:
            self.follow(twin, steps[twin.record.id])
        self.count()
        assert audit.find_first_broken_entry() is None

    def follow(self, twin: Twin, steps: list[FeedbackStep]) -> None:
        before = ""
        for step in steps:
            assert (before, step.step.value, step.state.value) in ALLOWED, (before, step.step, step.state)
            before = step.state.value
        ends = [step for step in steps if step.step == "confirm"]
        assert len(ends) == (twin.closed is not None)
        row = Feedback.get_by_id(twin.record.id)
        for end in ends:
            assert end.at == row.closed_at and row.closed_in_time is (end.at <= row.close_due_at)
            assert end.by_id not in twin.doers

    def count(self) -> None:
        tops = [twin for twin in self.twins if twin.linked is None]
        closed = [twin for twin in tops if twin.closed]
        deeds = {deed for twin in self.twins for deed in twin.deeds}
        judged = [deed for deed in deeds if self.fails(deed) or all(one.closed for one in deed.serves)]
        found = compute_feedback_figures(20263, self.now, ZONE)
        assert (found.total, found.closed, found.open) == (len(tops), len(closed), len(tops) - len(closed))
        assert found.actions == len(deeds)
        assert found.recurred == sum(self.came_again(twin) for twin in tops)
        effective = found.actions_effective
        assert (effective.of, effective.good) == (len(judged), sum(not self.fails(deed) for deed in judged))
        assert found.handled_in_time.good == sum(
            twin.closed <= twin.created + timedelta(days=DAYS[twin.severity][1]) for twin in closed
        )

    def came_again(self, twin: Twin) -> bool:
        return any(twin in other.repeats for other in self.twins)

    def fails(self, deed: Deed) -> bool:
        return any(self.came_again(one) for one in deed.serves)
