"""Which closed incidents are not surveyed, so that their contact has rest between surveys (P1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import ModelSelect

from csat.database import write
from csat.models.asking import Attempt, AttemptOutcome, Invitation
from csat.models.base import expect_value
from csat.models.clients import Contact, Incident
from csat.procedure.clients.merging import map_roots
from csat.procedure.core import audit, settings
from csat.procedure.incidents.delivery import REACHED_OUTCOMES, STANDING, is_delivered
from csat.procedure.incidents.survey_clock import STILL_DUE
from csat.words import N_

COOLDOWN = "rest"
SKIP_REASONS = {COOLDOWN: N_("Its contact was surveyed shortly before: the rest between surveys.")}


def skip_in_cooldown(now: datetime, only: Iterable[int] | None = None) -> int:
    """Skip closed incidents whose contact was surveyed within the days of rest (setting) before, or since; how many."""
    rest = timedelta(days=settings.get_whole_number("rest_days"))
    if not rest:  # none is set
        return 0
    with write():
        waiting, roots = _list_waiting(now, only), map_roots(Contact)
        since = min((expect_value(one.first_closed_at) for one in waiting), default=now) - rest
        surveyed = _find_surveys({_person_key(one.contact, roots) for one in waiting}, since, roots)
        resting = [one for one in waiting if _is_in_cooldown(one, surveyed, rest, roots)]
        for incident in resting:
            Incident.update(skipped_because=COOLDOWN).where(Incident.id == incident.id).execute()
            audit.record(None, "incident skipped", incident, now, reason=COOLDOWN)
    return len(resting)


def end_rest(contact: Contact | None, now: datetime) -> int:
    """Bring back what was skipped for surveys of a contact that do not stand any more; how many incidents.

    Inside the caller's transaction. Their time has run on: P1 knows no other start of it than the first closing.
    """
    if contact is None:
        return 0
    rest, roots = timedelta(days=settings.get_whole_number("rest_days")), map_roots(Contact)
    person = _person_key(contact, roots)
    skipped = list(_select_skipped().where(Contact.id.in_(_list_cards({person}, roots))))
    since = min((expect_value(one.first_closed_at) for one in skipped), default=now) - rest
    surveyed = _find_surveys({person}, since, roots) if skipped else {}
    again = [one for one in skipped if not _is_in_cooldown(one, surveyed, rest, roots)]
    for incident in again:
        Incident.update(skipped_because="").where(Incident.id == incident.id).execute()
        audit.record(None, "incident no longer skipped", incident, now, reason=COOLDOWN)
    return len(again)


def was_surveyed_lately(contact: Contact, now: datetime) -> bool:
    """Whether a contact was reached with a survey within the days of rest (setting; none by default)."""
    rest, roots = timedelta(days=settings.get_whole_number("rest_days")), map_roots(Contact)
    return bool(rest and _find_surveys({_person_key(contact, roots)}, now - rest, roots))


def _list_waiting(now: datetime, only: Iterable[int] | None) -> list[Incident]:
    begun = Invitation.select(Invitation.incident).where(Invitation.incident.is_null(False))
    query = Incident.select(Incident, Contact).join(Contact)
    # What is overdue stays a fault of ours, and what was begun is finished.
    query = query.where(STILL_DUE, Incident.survey_due_at > now, Incident.id.not_in(begun))
    return list(query if only is None else query.where(Incident.id.in_(list(only))))


def _select_skipped() -> ModelSelect[Incident]:
    query = Incident.select(Incident, Contact).join(Contact)
    return query.where(Incident.skipped_because == COOLDOWN, Incident.surveyed_at.is_null())


def _find_surveys(persons: set[int], since: datetime, roots: dict[int, int]) -> dict[int, list[datetime]]:
    """By person: when they were reached with a survey since an instant; what was taken back is none."""
    query = Attempt.select(Attempt, Invitation, Contact).join(Invitation).join(Contact)
    query = query.where(STANDING, Attempt.at > since, Contact.id.in_(_list_cards(persons, roots)))
    attempts: dict[Invitation, list[Attempt]] = defaultdict(list)
    for one in query.order_by(Attempt.id):
        attempts[one.invitation].append(one)
    found: dict[int, list[datetime]] = defaultdict(list)
    for invitation, made in attempts.items():
        if is_delivered(made) and AttemptOutcome.WITHDRAWN not in {one.outcome for one in made}:
            found[_person_key(invitation.contact, roots)].append(
                max(one.at for one in made if one.outcome in REACHED_OUTCOMES)
            )
    return found


def _is_in_cooldown(
    incident: Incident, surveyed: dict[int, list[datetime]], rest: timedelta, roots: dict[int, int]
) -> bool:
    since = expect_value(incident.first_closed_at) - rest
    return any(at > since for at in surveyed.get(_person_key(incident.contact, roots), ()))


def _list_cards(persons: set[int], roots: dict[int, int]) -> set[int]:
    return persons | {key for key, root in roots.items() if root in persons}  # merged cards


def _person_key(contact: Contact | None, roots: dict[int, int]) -> int:
    return roots.get(contact.id, contact.id) if contact else 0
