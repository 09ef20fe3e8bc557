"""What stories are about: each builder makes one thing with sensible defaults and returns it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from csat import clock
from csat.adapters import sealing
from csat.models.access import Account, RoleGrant
from csat.models.answers import Answer, Response
from csat.models.asking import Campaign, Channel, Invitation, InvitationState, Link, Naming, Occasion
from csat.models.clients import Client, ClientCare, Contact, Incident, Tier
from csat.models.people import Department, Membership, Person
from csat.models.questionnaires import Kind
from csat.models.roles import Role
from csat.procedure.campaigns import invitations
from csat.procedure.core import tokens
from csat.procedure.core.contact_details import make_address_keys
from csat.procedure.incidents import incidents
from csat.procedure.questionnaires import answers, questionnaires
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import drafts
from csat.procedure.worklists.worklists import WORKLISTS

NOW = datetime(2026, 9, 14, 2, 0, tzinfo=UTC)  # a Monday, ten o'clock in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")
LONG_AGO = date(2020, 1, 1)


def a_person(name: str = "李工", *roles: Role, department: Department | None = None) -> Person:
    """Somebody of the staff who holds these roles and belongs to a department."""
    person = Person.create(name=name, email=f"p{Person.select().count() + 1}@provider.example")
    for role in roles:
        RoleGrant.create(person=person, role=role, granted_at=NOW)
    if department is not None:
        Membership.create(person=person, department=department, since=LONG_AGO)
    return person


def an_account(person: Person, locale: str = "zh", **more) -> Account:
    """An account without a password: tests sign in by a session of their own."""
    return Account.create(person=person, user_name=f"user{person.id}", locale=locale, made_at=NOW, **more)


def a_department(name: str = "网络部", name_en: str = "Networks") -> Department:
    return Department.create(name=name, name_en=name_en)


def a_client(name: str = "华东物流", tier: Tier = Tier.CORE, manager: Person | None = None, **more) -> Client:
    client = Client.create(name=name, tier=tier, **more)
    if manager is not None:
        ClientCare.create(client=client, person=manager, since=LONG_AGO)
    return client


def a_contact(client: Client, name: str = "王女士", **more) -> Contact:
    reached = {"email": "wang@client.example", "telephone": "13812345678", "asked_each_quarter": True}
    details = {"name": name, **reached, **more}
    keys = make_address_keys(details["name"], details["email"], details["telephone"])
    return Contact.create(client=client, **{**details, **keys})


def change_stored_contacts(**values) -> None:
    """Change every contact behind the verbs' backs, keys included."""
    Contact.update(**values).execute()
    for one in Contact.select():
        keys = make_address_keys(one.name, one.email, one.telephone)
        Contact.update(keys).where(Contact.id == one.id).execute()


def another_contact(client: Client, name: str = "王女士", **more) -> Contact:
    """A contact with addresses of their own: k counts people by them (D7)."""
    number = Contact.select().count()
    own = {"email": f"c{number}@client.example", "telephone": f"{13900000000 + number}"}
    return a_contact(client, name, **{**own, **more})


def a_closed_incident(number, hours_ago, contact=None, zone=None, **more):
    """An incident closed so many hours ago, through the verb: its survey's clock runs."""
    at = NOW - timedelta(hours=hours_ago)
    fields = {"client": contact.client if contact else None, "contact": contact, "closed_at": at, **more}
    return put_incident(number, zone, **fields)[0]


def put_incident(number="INC1", zone=UTC, **fields):
    """What a ticket system says of an incident, taken in by the verb: the incident, and what became of it."""
    return incidents.upsert_incident("tickets", number, fields, "command:test", NOW, zone)


def an_incident(number: str = "INC1", client: Client | None = None, **more) -> Incident:
    return Incident.create(source="manual", number=number, client=client, **more)


def a_response(
    form: str = "incident", opinions: str = "", rated: int = 5, ratings: dict[str, int] | None = None, **more
) -> Response:
    """A pending, named response by link of the contact's client: ratings as told (or by code), and words."""
    details = {"quarter": 20263, "channel": Channel.LINK, "anonymous": False, "received_at": NOW, **more}
    if details.get("contact"):
        details.setdefault("client", details["contact"].client)
    if details["anonymous"]:
        details["received_at"] = None
    response = Response.create(version=questionnaires.get_newest_version(form), **details)
    wishes = ratings or {}
    for question in questionnaires.questions_of(response.version):
        if question.kind == Kind.RATING:
            value = wishes.get(question.code, rated)
            Answer.create(
                response=response,
                question=question,
                value=value or None,
                not_applicable=not value,  # a rating of 0 says 'not applicable'
            )
        elif question.kind == Kind.TEXT and opinions:
            Answer.create(response=response, question=question, words=opinions)
            opinions = ""
    return response


def a_campaign(form: str = "incident", public_key: bytes = b"", **more) -> Campaign:
    """An open campaign of the quarter; without a key, nothing can be sealed to it."""
    details = {
        "occasion": Occasion.EVENT,
        "title": "",
        "quarter": 20263,
        "naming": Naming.BOTH,
        "k": 3,
        "opened_at": NOW,
        "closes_at": NOW + timedelta(days=31),
        **more,
    }
    return Campaign.create(version=questionnaires.get_newest_version(form), public_key=public_key, **details)


def an_invitation(campaign: Campaign, contact: Contact | None = None, **more) -> Invitation:
    """A contact asked in a campaign; the invitation is handed over already."""
    details = {"client": contact.client if contact else None, "state": InvitationState.SENT, **more}
    return Invitation.create(campaign=campaign, contact=contact, **details)


def a_link(invitation: Invitation) -> str:
    """One more link of an invitation: its token."""
    token = tokens.make_token()
    Link.create(token_hash=tokens.hash_token(token), invitation=invitation)
    return token


def hand_over(invitation: Invitation, by: Person | None = None, at: datetime = NOW) -> str:
    """Make a link, show it to `by`, and mark it as handed over: its token."""
    token = invitations.make_link(invitation, by, at)
    invitations.mark_handed_over(invitation, by, at)
    return token


def a_draft(token: str, typed: dict[str, list[str]]) -> str:
    """A half-filled form, saved from a link: its continuation code."""
    code = drafts.make_continuation_code()
    drafts.save_draft(token, code, typed, NOW, sealing.derive_draft_key, sealing.encrypt_with_key)
    return code


def some_answers(form: str = "incident", rated: int = 5, words: str = "") -> dict[str, GivenAnswer]:
    """Answers to every question of a form: all ratings alike, and the same words for each text."""
    given = {}
    for question in questionnaires.questions_of(questionnaires.get_newest_version(form)):
        if question.kind == Kind.TEXT:
            given |= {question.code: GivenAnswer(words=words)} if words else {}
        else:
            given[question.code] = GivenAnswer(value=1 if question.kind == Kind.YES_NO else rated)
    return given


def filled_in(form: str = "incident", **more) -> dict[str, str]:
    """The fields of a whole form, as a browser sends them."""
    given = some_answers(form, **more)
    asked = questionnaires.questions_of(questionnaires.get_newest_version(form))
    return {f"q-{one.code}": answers.format_answer(one, given.get(one.code)) for one in asked}


def how_many_wait(work: str, person: Person) -> int:
    """How much waits for a person now at a place of the work lists: the number beside the rail."""
    return WORKLISTS[work].count(person, clock.now(), ZONE)
