"""Asking about many closed incidents at once by mail, from the desk's list (P1, P5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from peewee import ModelSelect

from csat.database import write
from csat.models.asking import Invitation
from csat.models.clients import Contact, Incident
from csat.models.outbox import UNDECIDED_STATES, MailKind, OutboxMessage
from csat.models.people import Person
from csat.procedure.campaigns import desk, incident_surveys
from csat.procedure.clients.opt_out import opted_out_condition
from csat.procedure.core import audit
from csat.procedure.core.refusals import Refusal
from csat.procedure.mail.invitations import queue_invitation

MOST = 100  # incidents offered at once: what is done while somebody waits


@dataclass(frozen=True)
class BulkPlan:
    """What sending would do: so many mails to so many people, and who would get several."""

    mails: int
    people: int
    languages: tuple[tuple[str, int], ...]
    several: tuple[tuple[Contact, int], ...]


def list_mailable(by: Person, now: datetime, zone: tzinfo) -> list[Incident]:
    """The due incidents that this person can ask about by mail, least time left first; at most MOST."""
    return list(_select_mailable(by, now, zone).limit(MOST))


def get_chosen(keys: Iterable[int], by: Person, now: datetime, zone: tzinfo) -> list[Incident]:
    """Of those with these keys the ones that can still be asked about; a colleague may have been faster."""
    return list(_select_mailable(by, now, zone).where(Incident.id.in_(list(keys))).limit(MOST))


def _select_mailable(by: Person, now: datetime, zone: tzinfo) -> ModelSelect[Incident]:
    on_its_way = (
        OutboxMessage.select(Invitation.incident)
        .join(Invitation)
        .where(OutboxMessage.kind == MailKind.ASK, OutboxMessage.state.in_(UNDECIDED_STATES))
        .where(Invitation.incident.is_null(False))
    )
    handled = Incident.select(Incident.id).where((Incident.assigned_to == by) | (Incident.resolved_by == by))
    query = desk.list_due_incidents(now, zone).where(Incident.id.not_in(on_its_way), Incident.id.not_in(handled))
    query = query.where(Incident.client.is_null(False), Contact.email != "", Contact.retired_at.is_null())
    return query.where(~opted_out_condition())


def plan_mails(chosen: Sequence[Incident]) -> BulkPlan:
    """What asking about these by mail would do, said before."""
    contacts = {one.contact.id: one.contact for one in chosen if one.contact}
    mails = Counter(one.contact_id for one in chosen)
    languages = Counter(one.contact.language for one in chosen if one.contact)
    several = tuple((contacts[key], n) for key, n in mails.most_common() if key is not None and n > 1)
    return BulkPlan(len(chosen), len(contacts), tuple(sorted(languages.items())), several)


def ask_by_mail(
    chosen: Iterable[Incident], make_key: Callable[[], bytes], by: Person, now: datetime, zone: tzinfo
) -> tuple[int, list[tuple[Incident, Refusal]]]:
    """Queue the survey mail of each; how many, and of which not, with the reason."""
    queued, refused = 0, []
    for incident in chosen:
        try:
            with write():
                invitation = incident_surveys.ensure_invitation(incident, make_key, by, now, zone)
                queued += queue_invitation(invitation, by, now)
        except Refusal as refusal:
            refused.append((incident, refusal))
    if queued:
        audit.record(by, "surveys sent by mail", "incidents", now, number=queued)
    return queued, refused
