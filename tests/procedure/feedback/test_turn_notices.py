"""Whoever has the next step is told at once, once for each turn (I2)."""

from __future__ import annotations

import pytest

from csat.documents.mail.compose import write_mail
from csat.documents.mail.values import MailOrigin, NothingToSay
from csat.models.access import RoleGrant
from csat.models.outbox import MailKind, MailState, OutboxMessage, Why
from csat.models.people import Membership, Person
from csat.models.roles import Role
from csat.procedure.feedback import actions, callbacks, classification, due_moves, turn_notices
from csat.procedure.mail import outbox
from tests.builders import NOW, a_client, a_person
from tests.feedback_builders import REACHED, ZONE, a_feedback, assigned, done, due_asked, planned_actions, staffed

POST = MailOrigin("service@provider.example", "https://csat.provider.example", ZONE, "en")


def told() -> list[str]:
    """Who was written to since the last time that somebody asked."""
    rows = OutboxMessage.select(OutboxMessage, Person).join(Person, on=(OutboxMessage.person == Person.id))
    new = list(rows.where(OutboxMessage.kind == MailKind.TURN, OutboxMessage.state == MailState.WAIT))
    OutboxMessage.update(state=MailState.DONE).where(OutboxMessage.kind == MailKind.TURN).execute()
    return sorted(one.person.name for one in new)


def test_each_turn_is_told_to_who_has_it_and_to_nobody_else(cast, zone):
    colleague = a_person("同事", Role.DEPARTMENT, department=cast.department)
    found = assigned(cast)
    assert told() == ["同事", "邓宁"]
    callbacks.record_call_back(found, REACHED, "谈过", cast.owner, NOW)
    assert told() == []  # still theirs
    actions.propose_plan(found, "因", planned_actions(cast), cast.owner, NOW, ZONE)
    assert told() == ["乔安"]
    classification.change_supervisor(found, cast.qa2, cast.qa, NOW)
    assert told() == ["秦越"]
    classification.return_plan(found, "缺", cast.qa2, NOW)
    assert told() == ["同事", "邓宁"]
    callbacks.explain_feedback(found, "做不到", colleague, NOW)
    assert told() == ["伊凡"]


def test_what_is_asked_of_the_supervisor_is_told_too(cast):
    found = assigned(cast)
    told()
    due_asked(cast, found)
    assert told() == ["乔安"]
    due_moves.move_due(found, cast.qa, NOW)
    assert told() == []


def test_who_has_left_is_not_written_to(cast):
    for name in ("离职", "调走", "改任"):
        a_person(name, Role.DEPARTMENT, department=cast.department)
    Person.update(retired_at=NOW).where(Person.name == "离职").execute()
    moved, other = Person.get(Person.name == "调走"), Person.get(Person.name == "改任")
    Membership.update(until=NOW.date()).where(Membership.person == moved).execute()
    RoleGrant.update(ended_at=NOW).where(RoleGrant.person == other).execute()
    assigned(cast)
    assert told() == ["邓宁"]


def test_qa_is_told_of_what_others_enter_and_not_of_what_they_make_themselves(cast):
    a_feedback(cast)
    assert told() == []
    a_feedback(cast, by=cast.desk)
    assert told() == ["乔安", "秦越"]


def test_the_new_department_is_told_when_it_is_assigned_again(cast):
    found, software = assigned(cast), staffed()
    told()
    classification.assign_feedback(found, software, cast.qa, cast.qa, NOW, "是软件")
    assert told() == ["软件部的人"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_mail_says_number_severity_and_due_date_and_no_word_of_the_client(cast, language):
    found = assigned(cast, client=a_client())
    message = outbox.claim_next_mail(NOW)
    prepared = outbox.prepare_mail(message, NOW)
    mail = write_mail(prepared, MailOrigin(*[POST.sender, POST.base_url, ZONE, language]), NOW)
    text = read_mail(mail)
    assert found.number in text and f"/feedback/{found.id}" in text and "2026" in text
    assert ("一般" if language == "zh" else "Minor") in text
    for secret in (found.title, found.words, "华东物流"):
        assert secret not in text


def test_what_somebody_did_meanwhile_is_not_told_any_more(cast):
    found = assigned(cast)
    message = outbox.claim_next_mail(NOW)
    callbacks.explain_feedback(found, "做不到", cast.owner, NOW)
    with pytest.raises(NothingToSay):
        write_mail(outbox.prepare_mail(message, NOW), POST, NOW)


def test_who_has_no_address_is_named_as_not_told(cast):
    Person.update(email="").where(Person.id == cast.owner.id).execute()
    found = assigned(cast)
    message = outbox.claim_next_mail(NOW)
    why = outbox.prepare_mail(message, NOW)
    assert why == Why.NO_ADDRESS
    outbox.settle_mail(message, MailState.HELD, NOW, why)
    assert [one.persons for one in turn_notices.list_turn_notices(found)] == [
        (("邓宁", MailState.HELD, Why.NO_ADDRESS),)
    ]


def test_the_same_turn_is_told_again_when_it_comes_again(cast, zone):
    found = done(cast, zone)
    notices = list(turn_notices.list_turn_notices(found))
    assert len({one.step for one in notices}) == len(notices) == 4  # assigned, proposed, accepted, done


def read_mail(raw: bytes) -> str:
    import email
    from email import policy

    mail = email.message_from_bytes(raw, policy=policy.default)
    return f"{mail['Subject']} {mail.get_body(('plain',)).get_content()} {mail.get_body(('html',)).get_content()}"
