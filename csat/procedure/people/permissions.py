"""Who may do what: one table, shown in the manual, enforced by the pages, walked by a test.

Being in the table opens a page; which records on it are somebody's own is decided where they are
fetched ('by assignment'), and who may not do two steps on one record in `duties`.
"""

from __future__ import annotations

from peewee import ModelSelect

from csat.models.access import RoleGrant
from csat.models.people import Person
from csat.models.roles import Role

DESK, MANAGER, QA, DEPARTMENT, IMPROVEMENT, DIRECTOR, ADMIN = Role

PERMISSION_MATRIX: dict[str, frozenset[Role]] = {
    # master data
    "accounts": frozenset({ADMIN}),
    "accounts.second": frozenset({DIRECTOR, ADMIN}),  # what another administrator asked for
    "people": frozenset({ADMIN}),
    "departments": frozenset({ADMIN}),
    "clients": frozenset({ADMIN}),
    "clients.see": frozenset({ADMIN, MANAGER, QA, DESK, DIRECTOR}),
    "contacts": frozenset({ADMIN, MANAGER}),  # a manager: of the clients in their care
    "contacts.export": frozenset({ADMIN, QA, MANAGER}),  # masked; a manager: of the clients in their care
    "clients.own": frozenset({MANAGER}),  # of the clients in their care, and answers asked for while they were
    "settings": frozenset({ADMIN}),
    "api": frozenset({ADMIN}),
    # asking
    "questionnaires": frozenset({QA}),
    "questionnaires.see": frozenset({DESK, MANAGER, QA, IMPROVEMENT, DIRECTOR}),
    "mail.wording": frozenset({QA}),
    "classification": frozenset({QA}),
    "incidents": frozenset({DESK, ADMIN}),
    "incidents.see": frozenset({DESK, ADMIN, QA}),
    "desk": frozenset({DESK}),
    "sorting": frozenset({DESK}),
    "campaigns": frozenset({DESK, MANAGER, QA}),
    # answers
    "review": frozenset({QA}),
    "refusals.second": frozenset({QA, DIRECTOR}),
    "responses.read": frozenset({QA, IMPROVEMENT, DIRECTOR}),
    "archive": frozenset({IMPROVEMENT}),
    # feedback
    "feedback.see": frozenset({QA, DEPARTMENT, IMPROVEMENT, DIRECTOR}),  # a department: its own
    "feedback.enter": frozenset({DESK, QA, MANAGER, DEPARTMENT}),
    "praise.see": frozenset({QA, DEPARTMENT, IMPROVEMENT, DIRECTOR, MANAGER}),  # a department: its own
    "work.own": frozenset({DEPARTMENT}),  # what names oneself, and one's own incidents
    "feedback.classify": frozenset({QA}),
    "feedback.assign": frozenset({QA, DIRECTOR}),  # the director: when QA is away
    "feedback.work": frozenset({DEPARTMENT}),
    "feedback.supervise": frozenset({QA}),
    "feedback.confirm": frozenset({IMPROVEMENT}),
    # figures and reports
    "figures": frozenset({QA, DIRECTOR}),
    "reports.prepare": frozenset({QA}),
    "reports.review": frozenset({DIRECTOR, MANAGER}),
    "reports.read": frozenset({QA, DIRECTOR, MANAGER, DEPARTMENT, IMPROVEMENT}),
    "exports": frozenset({QA, DIRECTOR, MANAGER, DEPARTMENT, IMPROVEMENT, ADMIN}),  # of what they may read
    "appraisal": frozenset({QA, DIRECTOR, MANAGER}),  # a manager: their own row and clients in their care
    # letters to clients
    "letters.see": frozenset({QA, DIRECTOR, MANAGER}),  # a manager: of the clients in their care
    "letters.write": frozenset({QA}),
    "letters.send": frozenset({MANAGER}),
    # commitments
    "commitments.see": frozenset({QA, DIRECTOR, MANAGER, DEPARTMENT, IMPROVEMENT}),
    "commitments.edit": frozenset({QA}),
    "commitments.measure": frozenset({DEPARTMENT}),  # its own
    # risks
    "risks.see": frozenset({QA, DEPARTMENT, IMPROVEMENT, DIRECTOR}),
    "risks.assess": frozenset({DEPARTMENT}),
    "risks.review": frozenset({QA}),
    # history
    "audit": frozenset({QA, DIRECTOR}),
    "audit.own": frozenset({ADMIN}),
}

# Who reads every department's records; a department reads its own.
ROLES_SEEING_ALL = PERMISSION_MATRIX["responses.read"]

# What each right lets somebody do, in the words of docs/access.md.
PERMISSION_LABELS: dict[str, str] = {
    "accounts": "open and close accounts, grant and withdraw roles",
    "accounts.second": "give the second word to powerful roles, their links, changed addresses and removed second "
    "factors; confirm roles each quarter (the director: of administrators)",
    "people": "keep the list of persons and where they belong",
    "departments": "keep the list of departments",
    "clients": "add, change, import and retire clients; put them into a manager's care",
    "clients.see": "see clients and their contacts, addresses masked (a manager: those in their care)",
    "contacts": "add and change contacts, look at an address in full (a manager: of clients in their care)",
    "contacts.export": "take the list of contacts along, addresses masked (a manager: of clients in care)",
    "clients.own": "see how the quarter stands with the clients in one's care: asked, answered, letter, state of "
    "feedback; read the named answers asked for in one's care",
    "settings": "change settings",
    "api": "make and revoke the keys of ticket systems, and say how their messages are read",
    "questionnaires": "edit and publish questionnaires",
    "questionnaires.see": "look at published questionnaires, and try them",
    "mail.wording": "change the words of the mails we send",
    "classification": "keep the issue types, due days, and names of dimensions and departments",
    "incidents": "enter and import incidents",
    "incidents.see": "see incidents",
    "desk": "hand over links and record telephone surveys of closed incidents",
    "sorting": "do the first sorting of named responses, and sum up a quarter for QA",
    "campaigns": "see campaigns and who has not been asked (a manager: opens them for clients in their care)",
    "review": "read responses, verify that they are genuine, and propose corrections of records",
    "refusals.second": "confirm, as the second person, that a response is refused or corrected",
    "responses.read": "read single responses, anonymous ones too, and search the archive",
    "archive": "export the archive's bundles",
    "feedback.see": "see feedback (a department: its own)",
    "feedback.enter": "enter feedback and praise that came without a response, and follow what became of them",
    "praise.see": "see praise (a department: its own; a manager: by name, of clients in care)",
    "work.own": "see praise that names oneself, and closed feedback about incidents one handled",
    "feedback.classify": "create feedback, give it a type and a severity",
    "feedback.assign": "give feedback to a department, again where it went to the wrong one",
    "feedback.work": "call back, plan and carry out actions on the department's feedback",
    "feedback.supervise": "accept or send back call-backs and plans",
    "feedback.confirm": "confirm what was done or explained",
    "figures": "see figures",
    "reports.prepare": "prepare and issue quarterly reports",
    "reports.review": "comment, approve or return a report (a manager: when named)",
    "reports.read": "read and download issued reports",
    "exports": "take tables along as XLSX or CSV: of what one may read, masked",
    "appraisal": "take the appraisal sheet along (a manager: the own row and clients in their care)",
    "letters.see": "see letters to clients, and whether they were opened (a manager: of clients in care)",
    "letters.write": "word letters to clients, release them to the project manager, take them back",
    "letters.send": "send released letters to clients in one's care, make and withdraw their links",
    "commitments.see": "see the service commitments and how far they are kept",
    "commitments.edit": "set targets and departments of commitments, accept measurements, answer misses",
    "commitments.measure": "enter measurements of the own department's commitments",
    "risks.see": "see the risk domains and how departments assess them",
    "risks.assess": "assess the prevention points of the own department",
    "risks.review": "review assessments, say who assesses what, reword a point",
    "audit": "search the whole history and verify it",
    "audit.own": "see their own acts in the history",
}


def format_permission_matrix() -> str:
    """The matrix as the manual shows it: a line for each right, a column for each role."""
    roles = list(Role)
    lines = ["| who may … | " + " | ".join(roles) + " |", "|---|" + ":-:|" * len(roles)]
    for right, holders in PERMISSION_MATRIX.items():
        marks = " | ".join("✓" if role in holders else " " for role in roles)
        lines.append(f"| {PERMISSION_LABELS[right]} `{right}` | {marks} |")
    return "\n".join(lines) + "\n"


def roles_of(person: Person) -> frozenset[Role]:
    """The roles a person holds now."""
    grants = RoleGrant.select(RoleGrant.role).where(RoleGrant.person == person, RoleGrant.ended_at.is_null())
    return frozenset(grant.role for grant in grants)


def list_role_holders(*roles: Role) -> list[Person]:
    """Everybody who holds one of these roles now, by name. Who is retired holds none."""
    query = Person.select().where(Person.id.in_(select_holders(*roles)), Person.retired_at.is_null())
    return list(query.order_by(Person.name, Person.id))


def select_holders(*roles: Role) -> ModelSelect[RoleGrant]:
    """A query of the persons whose grant of one of these roles is in force."""
    return RoleGrant.select(RoleGrant.person).where(RoleGrant.role.in_(roles), RoleGrant.ended_at.is_null())


def sees_all(person: Person) -> bool:
    """Whether a person reads every department's feedback, assessments and measurements."""
    return bool(ROLES_SEEING_ALL & roles_of(person))


def has_permission(person: Person, right: str) -> bool:
    """Whether a person holds a role to which the table gives the right."""
    return bool(PERMISSION_MATRIX[right] & roles_of(person))
