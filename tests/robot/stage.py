"""The stage of the robot: two of everybody whose work takes a second person, six clients, and mail that goes."""

from __future__ import annotations

from dataclasses import dataclass

from csat import clock
from csat.models.clients import Contact
from csat.models.commitments import Commitment, Origin
from csat.models.outbox import MailState
from csat.models.people import Department, Person
from csat.models.risks import PointDuty, PreventionPoint
from csat.models.roles import Role
from csat.procedure.mail import outbox, survey_mails
from tests.builders import ZONE, a_client, a_contact, a_department, a_person
from tests.cast import Cast

TIERS = ("core", "important", "ordinary")


@dataclass(frozen=True)
class Stage:
    """Who is there beside the cast, everybody of the staff, and whom they serve."""

    desk2: Person
    manager2: Person
    staff: list[Person]
    contacts: list[Contact]


def build_stage(cast: Cast) -> Stage:
    """A small provider before its first day with us."""
    applications = a_department("应用服务部", "Applications")
    desk2, manager2 = a_person("林夕", Role.DESK), a_person("孟达", Role.MANAGER)
    owner2 = a_person("田野", Role.DEPARTMENT, department=applications)
    improvement2 = a_person("常青", Role.IMPROVEMENT)
    staff = [cast.desk, desk2, cast.manager, manager2, cast.qa, cast.qa2, cast.owner, owner2]
    staff += [cast.improvement, improvement2, cast.director]
    contacts = []
    for number in range(6):
        manager = manager2 if number == 4 else cast.manager
        client = a_client(f"客户{number}", tier=TIERS[number % 3], manager=manager)
        for who in range(2):
            email = f"c{number}w{who}@client{number}.example" if (number + who) % 3 else ""
            reach = {"email": email, "telephone": f"1390000{number:02d}{who:02d}"}
            contacts.append(a_contact(client, f"联系人{number}{who}", **reach))
    _share_duties(cast.department, applications)
    _switch_mail_on(cast.admin)
    return Stage(desk2, manager2, staff, contacts)


def _share_duties(*departments: Department) -> None:
    """Each department has points to assess and figures to enter each quarter."""
    entered = Commitment.select().where(Commitment.source == Origin.ENTERED).order_by(Commitment.position)
    PointDuty.delete().execute()  # none ships; a run has its own
    for number, point in enumerate(PreventionPoint.select().order_by(PreventionPoint.id).limit(6)):
        PointDuty.create(point=point, department=departments[number % 2])
    for number, one in enumerate(entered.limit(3)):
        Commitment.update(department=departments[number % 2]).where(Commitment.id == one.id).execute()


def _switch_mail_on(admin: Person) -> None:
    now = clock.now()
    survey_mails.send_test_mail(admin, now)
    outbox.settle_mail(outbox.claim_next_mail(now), MailState.DONE, now)
    survey_mails.switch_on(now.astimezone(ZONE).date(), admin, now, ZONE)
