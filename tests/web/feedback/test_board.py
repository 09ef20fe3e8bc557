"""The board on a busy day: what presses, what is narrowed, several assigned at once, all of it on paper."""

from __future__ import annotations

from contextlib import contextmanager

from csat import clock, database
from csat.models.feedback import Feedback, FeedbackState, Severity
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.models.people import Department, Membership, Person
from csat.models.roles import Role
from csat.procedure.core import settings
from csat.procedure.feedback import callbacks, classification, due, escalation
from csat.procedure.mail import outbox
from csat.procedure.people import accounts
from csat.procedure.worklists import digest, worklists
from tests.builders import NOW, a_client, a_person
from tests.feedback_builders import DAY, TODAY, a_feedback, assigned, called_back, closed, proposed, staffed


@contextmanager
def counted():
    """How many statements the store is asked."""
    asked: list[str] = []
    real = database.store.obj.execute_sql
    database.store.obj.execute_sql = lambda sql, *more, **named: asked.append(sql) or real(sql, *more, **named)
    try:
        yield asked
    finally:
        del database.store.obj.execute_sql


def test_what_is_due_soon_is_marked_before_it_is_late(page, cast):
    found = assigned(cast, severity=Severity.MAJOR)  # called back within three days
    page.sign_in_as(cast.owner).get("/feedback/")
    assert "due soon" not in page.text
    with clock.freeze_at(NOW + 1.5 * DAY):
        page.sign_in_as(cast.owner).get("/feedback/").follow("1 due soon")
        assert "soon=1" in page.path and "36 hours left" in page.text
        page.get(f"/feedback/{found.id}")
        assert "36 hours left" in page.text and "by 17 Sep 2026, 10:00" in page.text
    with clock.freeze_at(NOW + 4 * DAY):
        page.sign_in_as(cast.owner).get("/feedback/").follow("1 overdue")
        assert "overdue by 24 hours" in page.text and "1 overdue" in page.text
    settings.change_setting("warn_days", 0, cast.admin, NOW)
    assert due.find_next_due(found, NOW + 2.9 * DAY, due.get_warning_period()).standing == ""


def test_each_sees_beside_the_rail_what_of_theirs_is_late(page, cast, zone, counted_rail):
    assigned(cast, severity=Severity.CRITICAL)
    for days, late in ((0.5, ()), (1.5, ("owner", "qa")), (4.5, ("owner", "qa", "director"))):
        with clock.freeze_at(NOW + days * DAY):
            for role in ("owner", "qa", "qa2", "improvement", "director", "desk"):
                counted = worklists.OVERDUE_FEEDBACK.count(getattr(cast, role), clock.now(), zone)
                assert counted == (role in late), (role, days)
    with clock.freeze_at(NOW + 4.5 * DAY):
        page.sign_in_as(cast.director).get("/")
        assert "Feedback 1 overdue" in page.text


def test_the_digest_tells_what_presses_though_it_is_nobodys_turn(app, cast, zone):
    proposed(cast)
    for person in (cast.owner, cast.director):
        accounts.open_account(person, f"user{person.id}", "en", cast.admin, NOW)
    now, later = NOW + 29 * DAY, NOW + 40 * DAY
    pressing = [one.label for one, _ in worklists.list_pressing(cast.owner, now, zone)]
    assert pressing == ["Feedback due soon"] and worklists.list_waiting(cast.owner, now, zone) == []
    assert digest.queue_digests(now, zone) == 1
    assert [one.label for one, _ in worklists.list_pressing(cast.director, later, zone)] == ["Overdue feedback"]


def test_the_page_says_who_was_told_when(page, cast, zone):
    head = a_person("何主任", department=cast.department)
    Department.update(head=head).where(Department.id == cast.department.id).execute()
    found = assigned(cast, severity=Severity.CRITICAL)
    for days in (1.1, 2.1, 4.1):
        escalation.escalate_overdue(NOW + days * DAY, zone)
    assert OutboxMessage.select().where(OutboxMessage.kind == MailKind.OVERDUE).count() == 3
    Person.update(email="").where(Person.id == head.id).execute()
    while (message := outbox.claim_next_mail(NOW + 5 * DAY)) is not None:  # as the sender does, up to the server
        why = outbox.prepare_mail(message, NOW + 5 * DAY)
        held = isinstance(why, Why)
        outbox.settle_mail(message, MailState.HELD if held else MailState.DONE, NOW, why if held else None)
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert page.text.count("Overdue: the call-back") == 3
    for said in (
        "For who has to act.Told by mail: 邓宁",
        "For the department's head.Not told: 何主任 (There is no e-mail address.)",
        "For the director.Told by mail: 戴琳",
    ):
        assert said in page.text
    assert page.text.index("For the director") < page.text.index("For who has to act")


def test_it_can_be_narrowed_to_what_recurred_or_to_ones_own_supervision(page, cast, zone):
    client = a_client()
    earlier = closed(cast, zone, client=client)
    again = a_feedback(cast, client=client, now=NOW + DAY)
    mine = assigned(cast)
    Feedback.update(supervisor=cast.qa2).where(Feedback.id == earlier.id).execute()
    page.sign_in_as(cast.qa).get("/feedback/?recurred=1")
    assert f"/feedback/{earlier.id}" in page.links() and f"/feedback/{again.id}" not in page.links()
    page.get("/feedback/?supervised=1")
    assert f"/feedback/{mine.id}" in page.links() and f"/feedback/{earlier.id}" not in page.links()
    page.sign_in_as(cast.owner).get("/feedback/")
    assert "Supervised by me" not in page.text


def test_linked_feedback_says_that_it_counts_once(page, cast):
    first = assigned(cast)
    a_feedback(cast, linked_to=first)
    page.sign_in_as(cast.qa).get("/feedback/")
    assert page.text.count("Same matter, counted once") == 1


def test_the_list_asks_the_store_no_more_for_many_than_for_few(page, cast):
    asked = []
    for number in (3, 40):
        for _ in range(number):
            assigned(cast, client=a_client(f"客户{Feedback.select().count()}"))
        page.sign_in_as(cast.qa)
        for path in ("/feedback/", "/feedback/?view=board", "/feedback/print", "/feedback/assign"):
            with counted() as statements:
                page.get(path)
            asked.append(len(statements))
    assert asked[:4] == asked[4:] and max(asked) < 85


def test_several_are_assigned_at_once(page, cast):
    several = [a_feedback(cast) for _ in range(3)]
    page.sign_in_as(cast.qa).get("/feedback/").follow("Assign several")
    chosen = [str(one.id) for one in several[:2]]
    page.fill("Assign the ticked", feedback=chosen, department=str(cast.department.id))
    assert "2 feedbacks are assigned." in page.text
    states = [Feedback.get_by_id(one.id).state for one in several]
    assert states == [FeedbackState.ASSIGNED, FeedbackState.ASSIGNED, FeedbackState.NEW]
    assert Feedback.get_by_id(several[0].id).supervisor == cast.qa


def test_what_is_refused_is_named_and_the_others_go_through(page, cast):
    """The supervisor owned an action of one of them, and so may not judge its next plan."""
    fresh, burdened = a_feedback(cast), called_back(cast)
    Membership.create(person=cast.qa2, department=staffed("软件部"), since=TODAY, until=TODAY)
    software = Department.get(Department.name == "软件部")
    callbacks.pass_on_feedback(burdened, software, "是软件", cast.owner, NOW)
    callbacks.pass_on_feedback(burdened, None, "也不是", a_person("软件人", department=software), NOW)
    page.sign_in_as(cast.qa).get("/feedback/assign")
    chosen = {"department": str(cast.department.id), "supervisor": str(cast.qa2.id)}
    page.fill("Assign the ticked", 422, feedback=[str(fresh.id), str(burdened.id)], **chosen)
    assert "1 feedback is assigned." in page.text
    assert page.errors == [
        f"{burdened.number} {burdened.title}: The supervisor of a plan must not belong to the department "
        "that makes it. Choose a colleague."
    ]
    assert page.value("feedback") == str(burdened.id) and page.value("supervisor") == str(cast.qa2.id)
    assert Feedback.get_by_id(burdened.id).state == FeedbackState.NEW


def test_one_that_a_colleague_assigned_meanwhile_is_named_too(page, cast):
    one, other = a_feedback(cast), a_feedback(cast)
    page.sign_in_as(cast.qa).get("/feedback/assign")
    classification.assign_feedback(one, cast.department, cast.qa2, cast.qa2, NOW)
    chosen = {"feedback": [str(one.id), str(other.id)], "department": str(cast.department.id)}
    page.post("/feedback/assign", {**chosen, "supervisor": str(cast.qa.id)}, status=422)
    assert one.number in page.errors[0] and "A colleague assigned it meanwhile" in page.errors[0]
    assert Feedback.get_by_id(one.id).supervisor == cast.qa2


def test_without_a_tick_or_a_department_nothing_happens_and_ticks_stay(page, cast):
    one = a_feedback(cast)
    page.sign_in_as(cast.qa).get("/feedback/assign")
    page.fill("Assign the ticked", 422, feedback=[str(one.id)])
    assert page.errors == ["Please fill this in."] and page.value("feedback") == str(one.id)
    page.fill("Assign the ticked", 422, feedback=None, department=str(cast.department.id))
    assert page.errors == ["Please tick at least one feedback."]
    page.post("/feedback/assign", {"feedback": "9" * 30, "department": "x"}, status=422)
    assert Feedback.get_by_id(one.id).state == FeedbackState.NEW


def test_the_printed_list_says_what_it_is_and_shows_all_of_it(page, cast):
    for _ in range(60):
        a_feedback(cast)
    page.sign_in_as(cast.qa).get("/feedback/?severity=minor").follow("For printing")
    assert "Severity: Minor" in page.text and "60 feedbacks" in page.text and cast.qa.name in page.text
    assert len(page.rows()) == 61 and "as it stood on 14 Sep 2026" in page.text
    page.get("/feedback/print?client=99999999999999999999&quarter=7&department=4444")
    assert "60 feedbacks" in page.text or "No feedback fits" in page.text


def test_a_department_prints_only_its_own(page, cast):
    a_feedback(cast, title="别部门的事")
    assigned(cast)
    elsewhere = a_person("两栖", Role.DEPARTMENT, department=cast.department)
    page.sign_in_as(elsewhere).get("/feedback/print")
    assert "别部门的事" not in page.text and len(page.rows()) == 2
