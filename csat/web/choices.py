"""What selects offer: the records in use, by name in the reader's language."""

from __future__ import annotations

from flask_babel import gettext
from peewee import ModelSelect
from wtforms import SelectChoice

from csat import clock
from csat.models.clients import Client
from csat.models.feedback import IssueType, RiskDomain, Severity
from csat.models.people import Person
from csat.models.roles import Role
from csat.procedure.campaigns import proposals
from csat.procedure.clients.clients import select_clients_in_use
from csat.procedure.people import departments, permissions
from csat.web.access import current_person
from csat.web.formatting import localised_name, localised_text, operator_zone
from csat.web.forms import code_choices, person_choices, record_choices


def severity_choices() -> list[SelectChoice]:
    return code_choices(*Severity)


def department_choices(blank: str = "") -> list[SelectChoice]:
    return record_choices(departments.list_departments(), blank or gettext("Please choose"))


def staffed_department_choices(blank: str = "", besides: int | None = None) -> list[SelectChoice]:
    """The departments that can be given feedback: somebody there deals with it (P9); without one of them."""
    rows = (one for one in departments.list_staffed_departments(clock.now()) if one.id != besides)
    return record_choices(rows, blank or gettext("Please choose"))


def explain_unstaffed() -> str:
    """What stands beside the choice of a department: which are not offered, and what can be done; or nothing."""
    left_out = departments.list_unstaffed_departments(clock.now())
    if not left_out:
        return ""
    names = gettext(", ").join(localised_name(one) for one in left_out)
    return gettext(
        "Not offered, because nobody belongs to them who deals with feedback: %(names)s. "
        "An administrator can add a member with the role of department owner.",
        names=names,
    )


def client_choices(blank: str = "") -> list[SelectChoice]:
    """The clients that this person sees, without those merged into another."""
    rows = select_clients_in_use()
    own = visible_clients()
    if own is not None:  # a project manager's: those in their care
        rows = rows.where(Client.id.in_(own))
    return record_choices(rows.order_by(Client.name), blank or gettext("No client in particular"))


def incident_client_choices(blank: str) -> list[SelectChoice]:
    """Every client in use: an incident is one of the client that the ticket names, merged or not."""
    rows = Client.select().where(Client.retired_at.is_null())
    return record_choices(rows.order_by(Client.name), blank)


def visible_clients() -> set[int] | None:
    """The clients whose contacts and mails this person sees; None is all."""
    return proposals.find_visible_clients(current_person(), operator_zone(), clock.now())


def supervisor_choices() -> list[SelectChoice]:
    """Everybody of QA."""
    return person_choices(permissions.list_role_holders(Role.QA), gettext("Please choose"))


def staff_choices(blank: str | None = None) -> list[SelectChoice]:
    """Everybody of the staff."""
    return person_choices(list_staff(), blank)


def list_staff() -> ModelSelect[Person]:
    """Everybody of the staff, by name."""
    return Person.select().where(Person.retired_at.is_null()).order_by(Person.name)


def issue_type_choices(blank: str = "", *, kept: int = 0) -> list[SelectChoice]:
    """The types in use under their risk domains, and the one of this key that a record has kept."""
    offered = IssueType.retired_at.is_null() | (IssueType.id == kept)
    rows = IssueType.select(IssueType, RiskDomain).join(RiskDomain).where(offered)
    rows = rows.order_by(RiskDomain.position, IssueType.position)
    return [
        SelectChoice("", blank or gettext("Please choose"), optgroup=""),
        *(
            SelectChoice(str(row.id), localised_text(row.name), optgroup=localised_text(row.domain.name))
            for row in rows
        ),
    ]
