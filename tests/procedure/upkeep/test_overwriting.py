"""What becomes of each column that can name somebody: replaced, gone, or covered (D5)."""

from __future__ import annotations

from peewee import CharField, TextField

from csat import models
from csat.models.answers import Answer, Dismissal, Message, MessageKind, Verdict, Verification
from csat.models.asking import Invitation
from csat.models.base import CodeField
from csat.models.check_calls import CheckCall
from csat.models.clients import Client, Contact, Incident
from csat.models.feedback import Action, CallBack, Feedback, FeedbackSource, FeedbackState, FeedbackStep, Step
from csat.models.praise import Praise
from csat.models.records import AuditDetail, AuditEntry
from csat.models.sorting import QuarterSummary
from csat.procedure.clients import contacts
from csat.procedure.core import audit
from csat.procedure.upkeep import overwriting, retention
from tests.builders import NOW, a_client, a_contact, a_department, a_person, a_response, an_incident
from tests.feedback_builders import REACHED, a_stored_feedback
from tests.letters import an_action
from tests.retention import LONG_AGO, a_named_response, an_old_contact, asked_lately


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


def test_who_named_themselves_in_their_words_is_covered_there(engine_db, zone):
    """In the answer and in the feedback made of it, letter for letter; another's words stay."""
    contact = an_old_contact()
    response = a_named_response(contact)
    said = "我是王晓明，请打 13800005678，王晓明"
    Answer.update(words=said).where(Answer.response == response, Answer.words.is_null(False)).execute()
    other = a_response(opinions="王晓明很好", received_at=NOW, respondent_name="李四")
    feedback = a_stored_feedback(title="王晓明要求回电", words=said)
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
        "day_off": "name",
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
        "preview_link": "token_hash",
        "questionnaire_version": "content_hash",
        "report_file": "made_by",
        "recovery_code": "code_hash",
        "second_factor": "sealed waiting",
        "session": "token_hash",
        "stored_file": "sha256",
        "throttle": "key",
        "welcome_link": "token_hash",
    },
    "about our own staff and house, who are no contacts": {
        "account": "user_name password_hash locale",
        "account_request": "email",
        "role_confirmation": "roles",
        "session": "address browser",
        "assessment": "evidence next_step returned",
        "commitment_answer": "reason client_reason client_remedy",
        "department": "name name_en",
        "measurement": "numerator_name base_name words sent_back",
        "person": "name email telephone",
        "report_word": "comment",
    },
    "the history's chain: codes and keys; its readable part is audit_detail": {"audit_entry": "actor action subject"},
    "an organisation, not a person": {"client": "name name_en"},
    "published, or a wording that goes to everybody": {
        "campaign": "title",
        "commitment": "name description",
        "import_map": "text",
        "intake_map": "text",
        "issue_type": "name hint",
        "mail_wording": "subject body",
        "prevention_point": "text",
        "question": "section text help labels options",
        "questionnaire_draft": "content reason",
        "questionnaire_review": "note marks",
        "questionnaire_version": "title intro reason",
        "risk_domain": "name",
        "setting": "value",
    },
    "frozen as issued: names and addresses were masked when it was made (core/contact_details.py)": {
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
    covered += overwriting.COVERED_WITH_PRAISE
    fields = [column for column, _ in covered] + list(overwriting.COVERED_INSIDE)
    fields += [getattr(table, name) for table, names in overwriting.EMPTIED.items() for name in names]
    names = {f"{field.model._meta.table_name}.{field.name}" for field in fields}
    gone = {table._meta.table_name for table in overwriting.DELETED}
    return names | {name for name in columns_of_text() if name.split(".")[0] in gone}


def test_every_column_of_text_is_seen_to_or_excused():
    """A new column that can name a contact belongs into overwriting.py; any other into EXCUSED."""
    excused = {
        f"{table}.{name}" for tables in EXCUSED.values() for table, names in tables.items() for name in names.split()
    }
    assert not columns_of_text() - seen_to() - excused, "neither seen to by retention nor excused"
    assert not (seen_to() | excused) - columns_of_text(), "no such column any more"
    rows_that_go = {table._meta.table_name for table in overwriting.DELETED}
    both = {name for name in seen_to() & excused if name.split(".")[0] not in rows_that_go}
    assert not both, "seen to, and excused as well"


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


def test_feedback_that_came_without_a_response_forgets_the_contact_it_names(engine_db, cast):
    """Told by telephone (P15): it, and all that was done about it; another client's stays."""
    contact = an_old_contact()
    told = a_stored_feedback(title="王晓明来电", words="请打 13800005678", client=contact.client)
    other = a_stored_feedback(title="王晓明来电", client=a_client("另一家"))
    details = {"by": cast.qa, "at": NOW, "words": "王晓明同意"}
    CallBack.create(feedback=told, outcome=REACHED, **details)
    plan = {"plan": [{"what": "拜访王晓明"}]}
    FeedbackStep.create(feedback=told, step=Step.PROPOSE, state=FeedbackState.PLANNED, detail=plan, **details)
    an_action(told, "拜访王晓明", cast)
    Action.update(evidence="见王晓明").execute()
    retention.erase_contact(contact, None, NOW)
    told, action = Feedback.get_by_id(told.id), Action.get()
    assert (told.title, told.words) == ("———来电", "请打 ———————————")
    assert (CallBack.get().words, FeedbackStep.get().words) == ("———同意", "———同意")
    assert FeedbackStep.get().detail == {"plan": [{"what": "拜访———"}]}
    assert (action.what, action.evidence) == ("拜访———", "见———")
    assert Feedback.get_by_id(other.id).title == "王晓明来电"


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


def test_praise_forgets_who_said_it(engine_db, zone):
    """Taken from a response or told by mail: the words stay, the name is covered."""
    contact = an_old_contact()
    response = a_named_response(contact)
    kept = {
        "origin": "email",
        "quarter": 20263,
        "department": a_department(),
        "created_by": a_person(),
        "created_at": NOW,
    }
    taken = Praise.create(words="王晓明说谢谢", client=contact.client, response=response, **kept)
    retention.overwrite_old_details(NOW, zone)
    assert Praise.get_by_id(taken.id).words == "———说谢谢"
    told = Praise.create(words="李先生说谢谢", said_by="李先生", client=contact.client, **kept)
    retention.erase_contact(a_contact(contact.client, "李先生"), a_person(), NOW)
    told = Praise.get_by_id(told.id)
    assert (told.words, told.said_by) == ("———说谢谢", "———")
