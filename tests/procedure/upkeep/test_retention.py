"""Personal details go when their time is over, or on request; answers, figures and history stay (D5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from peewee import CharField, TextField

from csat import models
from csat.figures import export
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Answer, Dismissal, Message, MessageKind, Response, Verdict, Verification
from csat.models.asking import Attempt, AttemptOutcome, Invitation, InvitationState
from csat.models.base import CodeField
from csat.models.check_calls import CheckCall
from csat.models.clients import Alias, AliasKind, Client, Contact, Incident
from csat.models.feedback import (
    Action,
    ActionFeedback,
    ActionKind,
    CallBack,
    CallBackOutcome,
    Feedback,
    FeedbackOrigin,
    FeedbackSource,
    FeedbackState,
    FeedbackStep,
    IssueType,
    Severity,
    Step,
)
from csat.models.outbox import OptOutLink
from csat.models.records import AuditDetail, AuditEntry
from csat.models.reporting import Tally
from csat.models.roles import Role
from csat.models.sorting import QuarterSummary
from csat.procedure.clients import contacts
from csat.procedure.core import audit, settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NotFound, NotPermitted
from csat.procedure.incidents import api_import
from csat.procedure.review import tally as scoring
from csat.procedure.upkeep import overwriting, retention
from tests.builders import (
    NOW,
    a_campaign,
    a_client,
    a_contact,
    a_person,
    a_response,
    an_incident,
    an_invitation,
)

YEAR = timedelta(days=366)
LONG_AGO = NOW - 4 * YEAR


def known(contact: Contact, since: datetime = LONG_AGO) -> Contact:
    contact.known_since = since.date()
    contact.save()
    return contact


def an_old_contact(name: str = "王晓明", **more) -> Contact:
    details = {"email": "wang@client.example", "telephone": "13800005678", **more}
    return known(a_contact(a_client(name=f"{name}的单位"), name=name, **details))


def a_named_response(contact: Contact, at: datetime = LONG_AGO, **more) -> Response:
    """A valid named response with its invitation, counted."""
    campaign = a_campaign(opened_at=at, closes_at=at + timedelta(days=10), quarter=20223)
    incident = more.get("incident")
    an_invitation(campaign, contact, incident=incident, state=InvitationState.DONE)
    response = a_response(
        opinions="等待时间太长",
        contact=contact,
        client=contact.client,
        campaign=campaign,
        received_at=at,
        quarter=20223,
        verdict=Verdict.VALID,
        respondent_name=contact.name,
        respondent_reach=contact.telephone,
        **more,
    )
    scoring.add_to_tally(response)
    return response


def a_feedback(**more) -> Feedback:
    details = {"origin": FeedbackOrigin.RESPONSE, "quarter": 20223, "severity": Severity.MINOR, **more}
    instants = dict.fromkeys(("created_at", "call_back_due_at", "close_due_at"), LONG_AGO)
    return Feedback.create(issue_type=IssueType.get(), created_by=a_person("乔安"), **instants, **details)


def everything_said(zone) -> tuple:
    """Answers, tally and figures, as they would stand in a report."""
    answers = sorted(Answer.select(Answer.id, Answer.value, Answer.words).tuples())
    tally = sorted(Tally.select().order_by(Tally.id).tuples())
    return answers, tally, export.make_plain_figures(compute_quarter_figures(Quarter(2022, 3), NOW, zone))


def without_moment(figures: dict) -> dict:
    return {name: value for name, value in figures.items() if name != "cut_off"}


# --- when the time is over ---------------------------------------------------------------------------


def test_what_is_old_is_overwritten_and_everything_said_stays(engine_db, zone):
    contact = an_old_contact()
    response = a_named_response(contact)
    before = everything_said(zone)
    done = retention.overwrite_old_details(NOW, zone)
    assert (done.contacts, done.responses) == (1, 1)
    contact, response = Contact.get_by_id(contact.id), Response.get_by_id(response.id)
    assert (contact.name, contact.email, contact.telephone) == (overwriting.ERASED_NAME, "", "")
    assert contact.erased_at == contact.retired_at == NOW
    assert (response.respondent_name, response.respondent_reach, response.contact_id) == ("", "", None)
    assert response.erased_at == NOW and response.client_id == contact.client_id
    assert everything_said(zone) == before
    assert retention.overwrite_old_details(NOW, zone) == retention.RetentionCounts(0, 0)


def test_the_time_is_a_setting(db, zone):
    a_named_response(an_old_contact())
    settings.change_setting("retention_years", 10, None, LONG_AGO)
    assert retention.overwrite_old_details(NOW, zone).responses == 0
    settings.change_setting("retention_years", 1, None, NOW)
    assert retention.overwrite_old_details(NOW, zone).responses == 1


@pytest.mark.parametrize("years", [1, 3])
def test_the_last_day_is_the_same_day_so_many_years_ago(years):
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert retention.subtract_years(leap, years) == datetime(2028 - years, 2, 28, 12, tzinfo=UTC)
    assert retention.subtract_years(NOW, years) == NOW.replace(year=2026 - years)


def test_a_new_contact_begins_its_time_with_the_first_round(db, zone):
    contact = a_contact(a_client())
    assert retention.overwrite_old_details(NOW, zone).contacts == 0
    assert Contact.get_by_id(contact.id).known_since == NOW.date()
    assert retention.overwrite_old_details(NOW + 2 * YEAR, zone).contacts == 0
    assert retention.overwrite_old_details(NOW + 4 * YEAR, zone).contacts == 1


RECENT = NOW - timedelta(days=30)


def asked_lately(contact: Contact) -> None:
    an_invitation(a_campaign(opened_at=RECENT), contact)


def called_lately(contact: Contact) -> None:
    campaign = a_campaign(opened_at=LONG_AGO, closes_at=LONG_AGO)
    invitation = an_invitation(campaign, contact)
    Attempt.create(invitation=invitation, at=RECENT, outcome=AttemptOutcome.NOBODY)


def answered_lately(contact: Contact) -> None:
    a_response(contact=contact, received_at=RECENT)


def had_an_incident_lately(contact: Contact) -> None:
    an_incident(client=contact.client, contact=contact, opened_at=RECENT)


def was_changed_lately(contact: Contact) -> None:
    contacts.change_contact(contact, contact.name, "new@client.example", "", "en", None, RECENT)


@pytest.mark.parametrize(
    "happened",
    [asked_lately, called_lately, answered_lately, had_an_incident_lately, was_changed_lately],
)
def test_whoever_something_happened_with_stays(engine_db, zone, happened):
    contact = an_old_contact()
    happened(contact)
    assert retention.overwrite_old_details(NOW, zone).contacts == 0
    assert Contact.get_by_id(contact.id).name == contact.name


def test_an_old_answer_of_somebody_still_with_us_loses_its_name_and_every_way_back(engine_db, zone):
    """The contact stays; neither the invitation nor the incident leads from the answer to it."""
    contact = an_old_contact()
    asked_lately(contact)
    incident = an_incident(client=contact.client, contact=contact, reported_by="Caller 17")
    old = a_named_response(contact, incident=incident)
    done = retention.overwrite_old_details(NOW, zone)
    assert (done.contacts, done.responses) == (0, 1)
    assert Contact.get_by_id(contact.id).name == "王晓明"
    assert Invitation.get(Invitation.campaign == old.campaign_id).contact is None
    assert Invitation.get(Invitation.campaign != old.campaign_id).contact == contact
    incident = type(incident).get_by_id(incident.id)
    assert incident.contact is None and incident.reported_by == ""


def test_anonymous_answers_are_not_touched(db, zone):
    a_response(anonymous=True, received_at=None)
    retention.overwrite_old_details(NOW + 20 * YEAR, zone)
    assert Response.get().erased_at is None


def test_who_named_themselves_in_their_words_is_covered_there(engine_db, zone):
    """In the answer and in the feedback made of it, letter for letter; another's words stay."""
    contact = an_old_contact()
    response = a_named_response(contact)
    said = "我是王晓明，请打 13800005678，王晓明"
    Answer.update(words=said).where(Answer.response == response, Answer.words.is_null(False)).execute()
    other = a_response(opinions="王晓明很好", received_at=NOW, respondent_name="李四")
    feedback = a_feedback(title="王晓明要求回电", words=said)
    FeedbackSource.create(feedback=feedback, response=response)
    retention.overwrite_old_details(NOW, zone)
    covered = "我是———，请打 ———————————，———"
    assert Answer.get(Answer.response == response, Answer.words.is_null(False)).words == covered
    feedback = Feedback.get_by_id(feedback.id)
    assert (feedback.title, feedback.words) == ("———要求回电", covered)
    assert Answer.get(Answer.response == other, Answer.words.is_null(False)).words == "王晓明很好"


def test_what_colleagues_wrote_about_a_response_names_nobody_any_more(engine_db, zone):
    """Reasons of QA, notes of a check call, the talk on the receipt page, the ticket's title."""
    contact = an_old_contact()
    incident = an_incident(client=contact.client, contact=contact, title="王晓明 cannot print")
    response = a_named_response(contact, incident=incident)
    qa = a_person("乔安")
    Verification.create(response=response, verdict=Verdict.VALID, reason="王晓明 was rung up", by=qa, at=NOW)
    Dismissal.create(response=response, reason="王晓明 has moved", by=qa, at=NOW)
    CheckCall.create(response=response, quarter=20223, drawn_at=LONG_AGO, words="spoke to 王晓明")
    Message.create(response=response, position=0, kind=MessageKind.ANSWER, words="Yours, 王晓明")
    QuarterSummary.create(quarter=20223, text="王晓明 waits for a call", by=qa, at=NOW)
    QuarterSummary.create(quarter=20224, text="王晓明的同名", by=qa, at=NOW)
    retention.overwrite_old_details(NOW, zone)
    assert Verification.get().reason == "——— was rung up"
    assert Dismissal.get().reason == "——— has moved"
    assert CheckCall.get().words == "spoke to ———"
    assert Message.get().words == "Yours, ———"
    assert Incident.get().title == "——— cannot print"
    assert {one.text for one in QuarterSummary.select()} == {"——— waits for a call", "王晓明的同名"}


# --- every column of text ----------------------------------------------------------------------------

# Why a column of text needs no retention: table → columns, under the reason.
EXCUSED: dict[str, dict[str, str]] = {
    "a code, a number, a language or a machine's name": {
        "alias": "source",
        "api_key": "name source",
        "backup_record": "name",
        "bundle": "language",
        "commitment": "code",
        "contact": "language",
        "evidence": "about",
        "import_map": "source",
        "incident": "source number priority category skipped_because",
        "intake_map": "source",
        "issue_type": "code",
        "job": "kind arguments",
        "letter_file": "language",
        "outbox_message": "message_id purpose about",
        "prevention_point": "code",
        "question": "code",
        "questionnaire": "code",
        "report_file": "language",
        "risk_domain": "code",
        "setting": "name",
        "stored_file": "place media_type",
        "tally": "channel questionnaire question dimension",
    },
    "a hash, a seal, a salt": {
        "api_key": "key_hash",
        "audit_detail": "salt",
        "audit_entry": "digest seal",
        "backup_record": "sha256",
        "bundle": "manifest",
        "letter_link": "token_hash",
        "link": "token_hash",
        "opt_out_link": "token_hash",
        "questionnaire_version": "content_hash",
        "report_file": "made_by",
        "session": "token_hash",
        "stored_file": "sha256",
        "throttle": "key",
        "welcome_link": "token_hash",
    },
    "about our own staff and house, who are no contacts": {
        "account": "user_name password_hash locale",
        "assessment": "evidence next_step returned",
        "commitment_answer": "reason",
        "department": "name name_en",
        "measurement": "numerator_name base_name words sent_back",
        "person": "name email telephone",
        "report_word": "comment",
    },
    "the history's chain: codes and keys; its readable part is audit_detail": {
        "audit_entry": "actor action subject",
    },
    "an organisation, not a person": {
        "client": "name name_en",
    },
    "published, or a wording that goes to everybody": {
        "campaign": "title",
        "commitment": "name description",
        "import_map": "text",
        "intake_map": "text",
        "issue_type": "name hint",
        "mail_wording": "subject body",
        "prevention_point": "text",
        "question": "section text help labels options",
        "questionnaire_version": "title intro",
        "risk_domain": "name",
        "setting": "value",
    },
    "frozen as issued: names and addresses were masked when it was made (documents/masking.py)": {
        "letter": "facts words document taken_back",
        "report": "document remarks changes",
    },
    "what a machine said, addresses masked, no person in it": {
        "backup_record": "why",
        "job": "outcome refusal",
        "outbox_message": "answer",
    },
}


def columns_of_text() -> set[str]:
    """Every column that can hold words, as table.column; a CodeField takes its fixed codes only."""
    return {
        f"{table._meta.table_name}.{field.name}"
        for table in models.all_tables()
        for field in table._meta.sorted_fields
        if isinstance(field, CharField | TextField) and not isinstance(field, CodeField)
    }


def seen_to() -> set[str]:
    """The columns that overwriting declares."""
    covered = overwriting.COVERED + overwriting.COVERED_WITH_FEEDBACK + overwriting.COVERED_WITH_CONTACT
    fields = [column for column, _ in covered] + list(overwriting.COVERED_INSIDE)
    fields += [getattr(table, name) for table, names in overwriting.EMPTIED.items() for name in names]
    names = {f"{field.model._meta.table_name}.{field.name}" for field in fields}
    gone = {table._meta.table_name for table in overwriting.DELETED}
    return names | {name for name in columns_of_text() if name.split(".")[0] in gone}


def test_every_column_of_text_is_seen_to_or_excused():
    """A new column that can name a contact belongs into overwriting.py; any other into EXCUSED."""
    excused = {
        f"{table}.{name}"
        for tables in EXCUSED.values()
        for table, names in tables.items()
        for name in names.split()
    }
    assert not columns_of_text() - seen_to() - excused, "neither seen to by retention nor excused"
    assert not (seen_to() | excused) - columns_of_text(), "no such column any more"
    rows_that_go = {table._meta.table_name for table in overwriting.DELETED}
    both = {name for name in seen_to() & excused if name.split(".")[0] not in rows_that_go}
    assert not both, "seen to, and excused as well"


# --- on request --------------------------------------------------------------------------------------


def test_erasing_on_request_is_one_action(engine_db, zone):
    """Name, addresses, aliases, notes, links, the caller's number: all of it, whatever its age."""
    contact = an_old_contact()
    incident = an_incident(client=contact.client, contact=contact, reported_by="Caller 17")
    response = a_named_response(contact, at=NOW - timedelta(days=2), incident=incident)
    Attempt.create(
        invitation=Invitation.get(), at=NOW, outcome=AttemptOutcome.LATER, note="王晓明的秘书接的电话"
    )
    Alias.create(source="tickets", kind=AliasKind.CONTACT, name="王晓明/1", contact=contact)
    OptOutLink.create(token_hash="x" * 64, contact=contact)
    before = everything_said(zone)
    assert retention.count_named_responses(contact) == 1
    assert retention.erase_contact(contact, a_person("安敏", Role.ADMIN), NOW) == 1
    assert everything_said(zone)[:2] == before[:2]
    assert without_moment(everything_said(zone)[2]) == without_moment(before[2])
    assert Response.get_by_id(response.id).respondent_name == ""
    assert Attempt.get().note == "" and not Alias.select().exists() and not OptOutLink.select().exists()
    assert Contact.get_by_id(contact.id).erased_at == NOW


def test_what_is_noted_of_a_client_and_in_its_tickets_forgets_the_contact(engine_db):
    contact = an_old_contact()
    Client.update(note="王晓明 prefers mail").where(Client.id == contact.client_id).execute()
    other = a_client("另一家")
    Client.update(note="王晓明 used to work here").where(Client.id == other.id).execute()
    an_incident(client=contact.client, contact=contact, title="王晓明 cannot print")
    retention.erase_contact(contact, None, NOW)
    assert Client.get_by_id(contact.client_id).note == "——— prefers mail"
    assert Client.get_by_id(other.id).note == "王晓明 used to work here"
    assert Incident.get().title == "——— cannot print"


def test_feedback_that_came_without_a_response_forgets_the_contact_it_names(engine_db):
    """Told by telephone or in a meeting (P15): it, and all that was done about it; another client's stays."""
    contact, qa = an_old_contact(), a_person("乔安")
    told = a_feedback(
        title="王晓明来电", words="请打 13800005678", origin=FeedbackOrigin.TELEPHONE, client=contact.client
    )
    other = a_feedback(title="王晓明来电", origin=FeedbackOrigin.MEETING, client=a_client("另一家"))
    details = {"by": qa, "at": NOW, "words": "王晓明同意"}
    CallBack.create(feedback=told, outcome=CallBackOutcome.REACHED, **details)
    plan = {"plan": [{"what": "拜访王晓明"}]}
    FeedbackStep.create(feedback=told, step=Step.PROPOSE, state=FeedbackState.PLANNED, detail=plan, **details)
    action = Action.create(
        kind=ActionKind.CORRECTIVE,
        what="拜访王晓明",
        owner=qa,
        made_by=qa,
        due=NOW.date(),
        evidence="见王晓明",
    )
    ActionFeedback.create(action=action, feedback=told)
    retention.erase_contact(contact, None, NOW)
    told, action = Feedback.get_by_id(told.id), Action.get()
    assert (told.title, told.words) == ("———来电", "请打 ———————————")
    assert (CallBack.get().words, FeedbackStep.get().words) == ("———同意", "———同意")
    assert FeedbackStep.get().detail == {"plan": [{"what": "拜访———"}]}
    assert (action.what, action.evidence) == ("拜访———", "见———")
    assert Feedback.get_by_id(other.id).title == "王晓明来电"


def test_who_counts_as_the_same_person_is_erased_too(db):
    contact = an_old_contact()
    twin = a_contact(contact.client, name="王小明", counts_as=contact)
    other = a_contact(contact.client, name="李四")
    retention.erase_contact(twin, None, NOW)
    names = {one.id: one.name for one in Contact.select()}
    assert names == {contact.id: overwriting.ERASED_NAME, twin.id: overwriting.ERASED_NAME, other.id: "李四"}


def test_the_history_forgets_the_details_and_stays_whole(engine_db):
    """What names the contact goes; that something was done, and by whom, stays; others' entries stay."""
    client = a_client()
    contact = contacts.add_contact(client, "王晓明", "wang@client.example", "13800005678", "zh", None, NOW)
    incident = an_incident(client=client, contact=contact)
    audit.record(None, "incident changed", incident, NOW, reported_by=["", "王晓明"])
    audit.record(None, "person added", a_person("王晓明"), NOW, name="王晓明")
    entries = AuditEntry.select().count()
    retention.erase_contact(contact, None, NOW)
    assert AuditEntry.select().count() == entries + 1 and audit.find_first_broken_entry() is None
    left = {(row.entry.action, row.detail) for row in AuditDetail.select()}
    assert not [detail for _, detail in left if "wang@" in detail or "5678" in detail]
    assert ("person added", '{"name":"王晓明"}') in left
    assert "incident changed" not in {action for action, _ in left}
    erased = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (erased.action, erased.subject) == ("contact erased", f"contact:{contact.id}")
    assert AuditDetail.get(AuditDetail.entry == erased).detail == "{}"


def test_only_an_administrator_erases_and_only_once(db):
    contact = an_old_contact()
    admin = a_person("安敏", Role.ADMIN)
    with pytest.raises(NotPermitted):
        retention.contact_to_erase_for(a_person("程远", Role.MANAGER), contact.id)
    assert retention.contact_to_erase_for(admin, contact.id) == contact
    retention.erase_contact(contact, admin, NOW)
    with pytest.raises(NotFound):
        retention.contact_to_erase_for(admin, contact.id)


def test_what_is_erased_does_not_come_back(db):
    """Neither by hand, nor by a ticket system that still knows the address."""
    contact = an_old_contact()
    retention.erase_contact(contact, None, NOW)
    contact = Contact.get_by_id(contact.id)
    with pytest.raises(NotFound):
        contacts.change_contact(contact, "王晓明", "wang@client.example", "", "zh", None, NOW)
    assert api_import._missing_addresses(contact, {"contact_email": "wang@client.example"}) == {}
