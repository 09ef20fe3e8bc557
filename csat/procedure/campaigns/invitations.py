"""Invitations: asking one contact once, by links and by attempts of ours (P2, P5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from csat.database import write
from csat.models.asking import (
    OPEN_STATES,
    Attempt,
    AttemptOutcome,
    Campaign,
    Channel,
    Invitation,
    InvitationState,
    Link,
    Occasion,
)
from csat.models.clients import Contact, Incident
from csat.models.people import Person
from csat.procedure.campaigns.invitation_states import (
    is_answered_by_name,
    is_given_up,
    list_attempts,
    refuse_ended_campaign,
    refuse_ended_invitation,
    shown_state,
)
from csat.procedure.clients import clients
from csat.procedure.clients.opt_out import is_opted_out
from csat.procedure.core import audit, settings, tokens
from csat.procedure.core.refusals import InputWrong, Refusal, ValueMissing
from csat.procedure.incidents import survey_clock
from csat.procedure.incidents.delivery import REACHED_OUTCOMES, is_delivered
from csat.procedure.incidents.survey_cooldown import end_rest
from csat.procedure.people import separation_of_duties
from csat.words import N_

RETRY_SETTINGS = {AttemptOutcome.BUSY: "again_busy", AttemptOutcome.NOBODY: "again_nobody"}  # setting, minutes


class ContactOptedOut(Refusal):
    sentence = N_(
        "This contact wants no surveys: no link, mail, slip or call can be made for them. The survey of an incident "
        "is closed as refused."
    )


class ContactRetired(Refusal):
    sentence = N_("This contact is no longer with the client. Choose another one.")


class AlreadyInvited(Refusal):
    sentence = N_("This was asked already: each incident, and each contact of a campaign, gets one survey.")


class AlreadyDelivered(Refusal):
    sentence = N_("This invitation is delivered already, so its channel stays.")


class NothingToHandOver(Refusal):
    sentence = N_(
        "You have no link to hand over: please make a link and show it, or print the slip or form, first. "
        "A link counts as handed over only by the person who had it."
    )


class RetryInPast(InputWrong):
    sentence = N_("This time has passed. Please choose a later one.")


def invite_contact(
    campaign: Campaign,
    contact: Contact,
    by: audit.Actor,
    now: datetime,
    incident: Incident | None = None,
    channel: Channel = Channel.LINK,
    *,
    zone: tzinfo,
    opted_out: bool = False,
) -> Invitation:
    """Ask a contact, once for an incident (P1) or a campaign; client, manager, department, engineer are copied now.

    `opted_out`: on record only, to be closed as refused; nobody is asked (P2).
    """
    if not opted_out:
        _refuse_unaskable_contact(contact)
    with write():
        refuse_ended_campaign(campaign, now)
        state = _state_after(_refuse_second_invitation(campaign, contact, incident, now))
        made = Invitation.create(
            campaign=campaign,
            client=contact.client,
            contact=contact,
            incident=incident,
            manager=clients.manager_of(contact.client, now.astimezone(zone).date()),
            department=incident.department_id if incident else None,
            engineer=(incident.resolved_by_id or incident.assigned_to_id) if incident else None,
            channel=channel,
            state=state,
        )
        facts = {"contact": contact.id, "incident": incident.id if incident else None}
        audit.record(by, "contact invited", made, now, **facts)
    return made


def invite_contacts(
    campaign: Campaign, contacts: Iterable[Contact], by: audit.Actor, now: datetime, zone: tzinfo
) -> tuple[list[Invitation], list[tuple[Contact, Refusal]]]:
    """Ask several contacts at once; who cannot be asked is left out, with the reason."""
    made, refused = [], []
    with write():
        refuse_ended_campaign(campaign, now)
        for contact in contacts:
            try:
                made.append(invite_contact(campaign, contact, by, now, zone=zone))
            except Refusal as refusal:
                refused.append((contact, refusal))
    return made, refused


def make_link(invitation: Invitation, by: audit.Actor, now: datetime) -> str:
    """Make one more link by hand, shown to who makes it; return its token, of which only the fingerprint is kept."""
    token = tokens.make_token()
    store_link(invitation, tokens.hash_token(token), by, now)
    return token


def make_mailed_link(invitation: Invitation, by: audit.Actor, now: datetime) -> str:
    """Make the link of a mail that is being written: none of us sees it, so nobody can hand it over."""
    token = tokens.make_token()
    store_link(invitation, tokens.hash_token(token), by, now, by_hand=False)
    return token


def store_link(
    invitation: Invitation, hashed: str, by: audit.Actor, now: datetime, *more: str, by_hand: bool = True
) -> None:
    """Keep the fingerprints of one more link, on record; refuses what is over, and its handler."""
    _refuse_handler(by, invitation)
    shown_to = by if by_hand and isinstance(by, Person) else None
    with write():
        refuse_ended_campaign(invitation.campaign, now)
        refuse_ended_invitation(invitation)
        if invitation.contact is not None and is_opted_out(invitation.contact):
            raise ContactOptedOut
        for each in (hashed, *more):
            Link.create(token_hash=each, invitation=invitation, by_hand=by_hand, shown_to=shown_to)
        audit.record(by, "link made", invitation, now)


def make_unrecorded_link(invitation: Invitation) -> str:
    """One more link for a reminder, on record nowhere: it is made for who has answered as for who has not."""
    token = tokens.make_token()
    Link.create(token_hash=tokens.hash_token(token), invitation=invitation)
    return token


def choose_channel(invitation: Invitation, channel: Channel, by: audit.Actor, now: datetime) -> None:
    """Say by which channel a contact is asked; refuses invitations that are over or delivered already."""
    with write():
        refuse_ended_campaign(invitation.campaign, now)
        refuse_ended_invitation(invitation)
        if is_delivered(list_attempts(invitation)):
            raise AlreadyDelivered
        Invitation.update(channel=channel).where(Invitation.id == invitation.id).execute()
        audit.record(by, "channel chosen", invitation, now, channel=channel.value)


def record_bounce(invitation: Invitation, now: datetime, note: str = "") -> None:
    """The mail with the link came back: unless reached otherwise, undelivered, its incident not surveyed."""
    with write():
        _store_attempt(invitation, AttemptOutcome.BOUNCED, None, now, note=note)
        if is_delivered(list_attempts(invitation)):  # another mail, or a link in person, reached them
            _date_from_hand_over(invitation)
            return
        _change_state(invitation, (InvitationState.SENT,), InvitationState.MADE)
        if not is_answered_by_name(invitation):
            survey_clock.unmark_surveyed(invitation.incident_id)
        end_rest(invitation.contact, now)


def mark_handed_over(invitation: Invitation, by: audit.Actor, now: datetime) -> Attempt:
    """Mark a link that was shown or printed to `by` as handed over; raise NothingToHandOver without one (P1)."""
    _refuse_handler(by, invitation)
    with write():
        refuse_ended_invitation(invitation)
        if not find_links_in_hand([invitation], by):
            raise NothingToHandOver
        return _mark_delivered(invitation, by, now)


def mark_mailed(invitation: Invitation, by: audit.Actor, now: datetime) -> Attempt:
    """A mail server took the mail with the link: the invitation counts as delivered, its incident as surveyed (P1)."""
    _refuse_handler(by, invitation)
    with write():
        refuse_ended_invitation(invitation)
        return _mark_delivered(invitation, by, now)


def find_links_in_hand(asked: Iterable[Invitation], by: audit.Actor) -> set[int]:
    """Those of some invitations, by key, of which a link was shown or printed to `by`; to anybody for commands."""
    keys = [one.id for one in asked]
    query = Link.select(Link.invitation).where(Link.by_hand, Link.invitation.in_(keys)).distinct()
    if isinstance(by, Person):  # of links made before this was kept nobody knows to whom
        query = query.where((Link.shown_to == by) | Link.shown_to.is_null())
    return {link.invitation_id for link in query}


def record_attempt(
    invitation: Invitation,
    outcome: AttemptOutcome,
    by: audit.Actor,
    now: datetime,
    again_at: datetime | None = None,
    note: str = "",
) -> Attempt:
    """Put down what became of an attempt (P2). A refusal ends the asking and counts as surveyed."""
    _refuse_handler(by, invitation)
    _refuse_retry_time(outcome, again_at, now)
    if outcome is AttemptOutcome.HANDED_OVER:  # one rule for it, whichever way it is put down
        return mark_handed_over(invitation, by, now)
    with write():
        refuse_ended_invitation(invitation)
        if outcome is not AttemptOutcome.REFUSED and invitation.contact and is_opted_out(invitation.contact):
            raise ContactOptedOut  # nobody is called who wants no surveys (P2)
        if outcome is AttemptOutcome.REFUSED:
            _change_state(invitation, OPEN_STATES, InvitationState.DENY)
            survey_clock.mark_surveyed(invitation.incident_id, now)
        return _store_attempt(invitation, outcome, by, now, _retry_at(outcome, again_at, now), note)


def withdraw_invitation(invitation: Invitation, by: audit.Actor, now: datetime) -> None:
    """Withdraw an invitation: its links die, its incident is to be surveyed again. Refuses its handler."""
    _refuse_handler(by, invitation)
    with write():
        refuse_ended_invitation(invitation)
        _change_state(invitation, OPEN_STATES, InvitationState.VOID)
        survey_clock.unmark_surveyed(invitation.incident_id)
        _store_attempt(invitation, AttemptOutcome.WITHDRAWN, by, now)
        end_rest(invitation.contact, now)


def _mark_delivered(invitation: Invitation, by: audit.Actor, now: datetime) -> Attempt:
    _change_state(invitation, (InvitationState.MADE,), InvitationState.SENT)
    survey_clock.mark_surveyed(invitation.incident_id, now)
    return _store_attempt(invitation, AttemptOutcome.HANDED_OVER, by, now)


def _refuse_unaskable_contact(contact: Contact) -> None:
    if is_opted_out(contact):
        raise ContactOptedOut
    if contact.retired_at is not None:
        raise ContactRetired


def _date_from_hand_over(invitation: Invitation) -> None:
    """What came back was first, by itself: the incident is surveyed since one of us reached them, in time or late."""
    tried = [one for one in list_attempts(invitation) if one.outcome in REACHED_OUTCOMES]
    by_us = [one.at for one in tried if one.by_id is not None]
    if tried[0].by_id is None and by_us:
        survey_clock.correct_surveyed(invitation.incident_id, by_us[0])


def _refuse_second_invitation(
    campaign: Campaign, contact: Contact, incident: Incident | None, now: datetime
) -> Invitation | None:
    """Refuse to ask twice; return the invitation of the incident that was given up, if there is one."""
    if campaign.occasion == Occasion.CHECK:  # one for each matter, however many a contact raised
        return None
    if incident is None:
        same = (Invitation.campaign == campaign) & (Invitation.contact == contact)
        for before in Invitation.select().where(same):
            if shown_state(before) != InvitationState.VOID:  # never by its state, which would tell of an answer
                raise AlreadyInvited
        return None
    earlier = Invitation.get_or_none(Invitation.incident == incident)
    if earlier is None:
        return None
    if not is_given_up(earlier, now):
        raise AlreadyInvited
    # It lets go of the incident, of which only one invitation can be.
    Invitation.update(incident=None).where(Invitation.id == earlier.id).execute()
    return earlier


def _state_after(earlier: Invitation | None) -> InvitationState:
    """The state in which an incident is asked again: spent, where the withdrawn invitation was answered."""
    if earlier is None or earlier.state != InvitationState.DONE:
        return InvitationState.MADE
    # One survey an incident (P1), and nobody learns of it: still one of the two says that an answer came.
    _change_state(earlier, (InvitationState.DONE,), InvitationState.VOID)
    return InvitationState.DONE


def _refuse_handler(by: audit.Actor, invitation: Invitation) -> None:
    if isinstance(by, Person):
        separation_of_duties.ensure_may_record_survey(by, invitation.incident)
        separation_of_duties.ensure_may_record_check(by, invitation)


def _refuse_retry_time(outcome: AttemptOutcome, again_at: datetime | None, now: datetime) -> None:
    if outcome is AttemptOutcome.LATER and again_at is None:
        raise ValueMissing(field="again_at")
    if outcome is AttemptOutcome.LATER and again_at is not None and again_at <= now:
        raise RetryInPast(field="again_at")


def _retry_at(outcome: AttemptOutcome, asked_for: datetime | None, now: datetime) -> datetime | None:
    """When to call again, by what the contact asked for or by what became of the call."""
    if outcome in RETRY_SETTINGS:
        return now + timedelta(minutes=settings.get_whole_number(RETRY_SETTINGS[outcome]))
    return asked_for if outcome is AttemptOutcome.LATER else None


def _change_state(invitation: Invitation, sources: Iterable[InvitationState], to: InvitationState) -> None:
    """Change the state only from these: an answer that came meanwhile is never overwritten."""
    Invitation.update(state=to).where(Invitation.id == invitation.id, Invitation.state.in_(list(sources))).execute()


def _store_attempt(
    invitation: Invitation,
    outcome: AttemptOutcome,
    by: audit.Actor,
    now: datetime,
    again_at: datetime | None = None,
    note: str = "",
) -> Attempt:
    person = by if isinstance(by, Person) else None  # commands and daily work are nobody's
    audit.record(by, "attempt recorded", invitation, now, outcome=outcome.value)
    return Attempt.create(
        invitation=invitation, by=person, at=now, outcome=outcome, again_at=again_at, note=note.strip()
    )
