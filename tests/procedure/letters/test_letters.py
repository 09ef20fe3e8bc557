"""Stories about the client's letter (P13): worded, released, sent, opened, corrected; and who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.documents.letters import compose as documents
from csat.documents.letters import figures, proposals
from csat.models.clients import Client, Contact
from csat.models.letters import Letter, LetterFile, LetterLink, LetterState
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.records import AuditDetail, AuditEntry
from csat.models.roles import Role
from csat.procedure.core import settings, tokens
from csat.procedure.core.refusals import (
    LinkExpired,
    LinkUnknown,
    LinkWithdrawn,
    NotFound,
    OutOfOrder,
    ValueMissing,
)
from csat.procedure.letters import board, letters, links, sending, wording
from csat.procedure.mail import outbox, sending_rules
from tests.builders import NOW, a_client, a_contact, a_person, how_many_wait
from tests.letters import (
    Q3,
    ZONE,
    a_proposal,
    a_ready_letter,
    a_sent_letter,
    an_issued_report,
    answers,
    worded,
)

TODAY = NOW.date()


@pytest.fixture
def client(cast) -> Client:
    return a_client(manager=cast.manager)


# --- wording -------------------------------------------------------------------------------------------


def test_there_is_no_letter_before_the_report_is_issued(cast, client):
    with pytest.raises(letters.ReportNotIssued):
        letters.get_issued_report(Q3)
    assert board.list_quarters() == []


def test_a_client_gets_one_letter_a_quarter(cast, client):
    letter = a_proposal(cast, client)
    assert letter.number == f"L-2026Q3-{client.id}-1"
    with pytest.raises(letters.LetterExists):
        a_proposal(cast, client)


def test_quality_control_words_it_in_both_languages(cast, client):
    letter = worded(a_proposal(cast, client), cast, heard="  您说得对。\n\n 我们听到了。 ")
    assert Letter.get_by_id(letter.id).words["heard"]["en"] == "您说得对。\n我们听到了。"


def test_what_is_too_long_is_refused_with_how_much(cast, client):
    letter = a_proposal(cast, client)
    with pytest.raises(wording.SectionTooLong) as refused:
        worded(letter, cast, worked="长" * 200)
    assert refused.value.field == "worked_zh" and refused.value.facts["number"] == 30
    with pytest.raises(wording.SectionTooLong) as refused:
        worded(letter, cast, worked="Too long. " * 36)
    assert refused.value.field == "worked_zh" or refused.value.facts["most"] == 350


def test_a_new_line_takes_its_room(cast):
    assert wording.measure_length("你好", "zh") == 2
    assert wording.measure_length("你好\n你好", "zh") == 4 + wording.LINE_WIDTHS["zh"]
    assert wording.measure_length("ab", "zh") == 1 and wording.measure_length("你好", "en") == 4


def test_a_letter_with_gaps_is_not_released(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    letters.save_words(letter, {**letter.words, "done": {"zh": "做了。", "en": ""}}, cast.qa, NOW)
    with pytest.raises(ValueMissing) as refused:
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert refused.value.field == "done_en"


def test_a_missed_commitment_needs_reason_and_remedy(cast, client):
    answers(client, 1, 1, 2)
    letter = a_proposal(cast, client)
    assert "satisfaction" in {one["code"] for one in letter.facts["missed"]}
    worded(letter, cast)
    missed = {
        **letter.words["missed"],
        "satisfaction": {"reason": {"zh": "忙。", "en": "Busy."}, "remedy": {}},
    }
    letters.save_words(letter, {**letter.words, "missed": missed}, cast.qa, NOW)
    with pytest.raises(ValueMissing) as refused:
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert refused.value.field == "remedy_satisfaction_zh"


def test_a_client_in_nobodys_care_gets_no_letter_released(cast):
    letter = worded(a_proposal(cast, a_client("无人")), cast)
    with pytest.raises(letters.NoProjectManager):
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)


def test_a_letter_of_old_figures_is_not_released(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    newer = an_issued_report(cast, NOW + timedelta(days=1), "Two more answers")
    with pytest.raises(letters.OldFigures):
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    facts, words = proposals.draft_proposal(client, newer, ZONE, NOW)
    letters.refresh_letter(letter, newer, facts, words, cast.qa, NOW)
    worded(letter, cast)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert letter.state == LetterState.READY


def test_a_ready_letter_is_taken_back_with_a_reason(cast, client):
    letter = a_ready_letter(cast, client)
    with pytest.raises(ValueMissing):
        letters.take_back_letter(letter, " ", cast.qa, NOW)
    letters.take_back_letter(letter, "数字有误", cast.qa, NOW)
    assert letter.state == LetterState.DRAFT and letter.document is None
    with pytest.raises(OutOfOrder):  # it was released once: it stays on record
        letters.discard_letter(letter, cast.qa, NOW)
    with pytest.raises(OutOfOrder):
        sending.complete_document(letter, cast.manager, NOW)


def test_a_draft_that_nobody_saw_can_be_thrown_away(cast, client):
    letters.discard_letter(a_proposal(cast, client), cast.qa, NOW)
    assert not Letter.select().exists()


# --- who sees and sends ----------------------------------------------------------------------------------


def test_the_manager_sees_own_clients_letters_once_released(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    with pytest.raises(NotFound):
        letters.letter_for(cast.manager, letter.id, TODAY)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert letters.letter_for(cast.manager, letter.id, TODAY) == letter
    for other in (a_person("别人", Role.MANAGER), cast.desk, cast.owner, cast.admin, cast.improvement):
        with pytest.raises(NotFound):
            letters.letter_for(other, letter.id, TODAY)
    for reader in (cast.qa2, cast.director):
        assert letters.letter_for(reader, letter.id, TODAY) == letter
        with pytest.raises(NotFound):
            sending.letter_to_send_for(reader, letter.id, TODAY)


def test_the_list_puts_core_clients_first_and_shows_each_manager_their_own(cast):
    from csat.models.clients import Tier

    ordinary, core = a_client("甲", Tier.ORDINARY, cast.manager), a_client("乙", Tier.CORE, cast.manager)
    a_client("丙", Tier.IMPORTANT, a_person("别人", Role.MANAGER))
    answers(ordinary, 5)
    an_issued_report(cast)
    a_proposal(cast, core)
    assert [line.client.name for line in board.list_board(cast.qa, Q3, TODAY)] == ["乙", "丙"]
    from tests.letters import a_feedback

    a_feedback(ordinary, "电话里说的", cast)
    lines = board.list_board(cast.qa, Q3, TODAY)
    assert [line.client.name for line in lines] == ["乙", "丙", "甲"]
    assert [line.state for line in lines] == ["draft", "none", "none"]
    mine = board.list_board(cast.manager, Q3, TODAY)
    assert [line.client.name for line in mine] == ["乙", "甲"]
    assert [one.name for one in board.list_clients_without_letter(Q3)] == ["丙", "甲"]


def test_what_waits_is_counted_for_whoever_acts_next(cast, client):
    letter = worded(a_proposal(cast, client), cast)
    assert (how_many_wait("letters", cast.qa), how_many_wait("letters", cast.manager)) == (1, 0)
    letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, TODAY)
    assert (how_many_wait("letters", cast.qa), how_many_wait("letters", cast.manager)) == (0, 1)
    assert how_many_wait("letters", cast.director) == 0


# --- sending ---------------------------------------------------------------------------------------------


def test_a_sent_letter_is_frozen_with_its_files(cast, client):
    letter = a_sent_letter(cast, client)
    assert letter.state == LetterState.SENT and letter.sent_by == cast.manager
    assert letter.document["letter"]["manager"] == cast.manager.name
    assert {row.language for row in LetterFile.select()} == {"zh", "en"}
    for verb in (
        lambda: letters.save_words(letter, letter.words, cast.qa, NOW),
        lambda: letters.take_back_letter(letter, "错了", cast.qa, NOW),
        lambda: letters.discard_letter(letter, cast.qa, NOW),
        lambda: letters.refresh_letter(letter, letter.report, letter.facts, letter.words, cast.qa, NOW),
    ):
        with pytest.raises(OutOfOrder):
            verb()


def test_another_document_than_the_released_one_is_not_sent(cast, client):
    letter = a_ready_letter(cast, client)
    document = sending.complete_document(letter, cast.manager, NOW)
    document["words"] = {**document["words"], "heard": {"zh": "别的", "en": "Something else"}}
    with pytest.raises(OutOfOrder):
        sending.send_letter(letter, document, {}, [], cast.manager, NOW)


def test_mails_are_queued_without_a_token(cast, client):
    contacts = [a_contact(client, "王女士"), a_contact(client, "李先生", language="en")]
    a_sent_letter(cast, client, contacts)
    assert OutboxMessage.select().where(OutboxMessage.kind == MailKind.LETTER).count() == 2
    assert not LetterLink.select().exists()
    message = outbox.claim_next_mail(NOW + timedelta(hours=2))
    mail = outbox.prepare_mail(message, NOW)
    link = LetterLink.get()
    assert link.token_hash == tokens.hash_token(mail.letter_token) and link.mailed
    assert mail.letter_token not in str([row.detail for row in AuditDetail.select()])


def test_a_mail_that_did_not_go_leaves_no_link(cast, client):
    from csat.models.outbox import Why

    a_sent_letter(cast, client, [a_contact(client)])
    mail = outbox.prepare_mail(outbox.claim_next_mail(NOW), NOW)
    outbox.retry_later(mail, Why.LATER, "", NOW)
    assert not LetterLink.select().exists() and OutboxMessage.get().state == MailState.WAIT


def test_a_broken_connection_is_for_a_person_to_decide(cast, client):
    a_sent_letter(cast, client, [a_contact(client)])
    outbox.claim_next_mail(NOW)
    assert outbox.settle_orphaned_mails(NOW) == 1
    assert OutboxMessage.get().state == MailState.TORN and how_many_wait("letters", cast.manager) == 1
    outbox.count_as_sent(OutboxMessage.get(), cast.manager, NOW)
    assert OutboxMessage.get().state == MailState.DONE


def test_nobody_is_written_to_who_wants_no_mail_or_is_not_the_clients(cast, client):
    letter = a_sent_letter(cast, client)
    with pytest.raises(sending_rules.MailHeldBack):
        sending.mail_contacts(letter, [a_contact(client, opted_out_at=NOW)], cast.manager, NOW)
    with pytest.raises(NotFound):
        sending.mail_contacts(letter, [a_contact(a_client("别家"))], cast.manager, NOW)
    with pytest.raises(sending.NobodyChosen):
        sending.mail_contacts(letter, [], cast.manager, NOW)
    assert not OutboxMessage.select().exists()


def test_a_contact_gets_one_mail_however_often_it_is_chosen(cast, client):
    contact = a_contact(client)
    letter = a_sent_letter(cast, client, [contact])
    assert sending.mail_contacts(letter, [contact], cast.manager, NOW) == 0
    assert OutboxMessage.select().count() == 1


# --- links -----------------------------------------------------------------------------------------------


def test_a_link_opens_until_its_time_is_over(cast, client):
    letter = a_sent_letter(cast, client)
    token = sending.make_link(letter, None, cast.manager, NOW)
    days = timedelta(days=settings.get_whole_number("letter_days"))
    assert links.open_link(token, NOW + days - timedelta(seconds=1)).letter == letter
    with pytest.raises(LinkExpired):
        links.open_link(token, NOW + days)
    for unknown in ("x", token[:-1], tokens.make_token()):
        with pytest.raises(LinkUnknown):
            links.open_link(unknown, NOW)


def test_a_withdrawn_link_opens_nothing_and_the_others_stay(cast, client):
    letter = a_sent_letter(cast, client)
    first, second = (sending.make_link(letter, None, cast.manager, NOW) for _ in range(2))
    sending.withdraw_link(letter, links.get_link(first).id, cast.manager, NOW)
    with pytest.raises(LinkWithdrawn):
        links.open_link(first, NOW)
    assert links.open_link(second, NOW)
    with pytest.raises(NotFound):
        sending.withdraw_link(a_sent_letter(cast, a_client("乙", manager=cast.manager)),
                                     links.get_link(second).id, cast.manager, NOW)  # fmt: skip


def test_fetching_a_page_and_saying_that_one_has_read_it_are_kept_apart(cast, client):
    letter = a_sent_letter(cast, client)
    token = sending.make_link(letter, None, cast.manager, NOW)
    for hours in (1, 2):
        links.record_page_view(links.open_link(token, NOW), NOW + timedelta(hours=hours))
    known = board.find_activity(letter)
    assert (known.opened, known.read, known.first) == (1, 0, NOW + timedelta(hours=1))
    assert links.get_link(token).openings == 2
    links.record_reading(token, NOW + timedelta(hours=3))
    links.record_reading(token, NOW + timedelta(hours=4))
    assert links.get_link(token).read_at == NOW + timedelta(hours=3)


def test_no_link_to_a_letter_that_is_not_sent(cast, client):
    with pytest.raises(OutOfOrder):
        sending.make_link(a_ready_letter(cast, client), None, cast.manager, NOW)


# --- corrections -----------------------------------------------------------------------------------------


def test_a_correction_is_a_new_letter_that_says_what_it_replaces(cast, client):
    old = a_sent_letter(cast, client)
    facts = figures.collect_facts(client, old.report)
    new = letters.correct_letter(old, old.report, facts, cast.qa, NOW)
    assert new.version == 2 and new.words == old.words and new.state == LetterState.DRAFT
    assert letters.find_replacement(old) is None
    with pytest.raises(letters.LetterExists):
        letters.correct_letter(old, old.report, facts, cast.qa, NOW)
    letters.release_letter(new, documents.compose_letter(new, ZONE), cast.qa, NOW, TODAY)
    sent = sending.complete_document(new, cast.manager, NOW)
    assert sent["letter"]["replaces"]["number"] == old.number
    assert f"({old.number})" in documents.render_body(sent, "en")
    sending.send_letter(new, sent, {}, [], cast.manager, NOW)
    assert letters.find_replacement(old) == new
    assert Letter.get_by_id(old.id).document == old.document


def test_every_step_is_on_record(cast, client):
    letter = a_sent_letter(cast, client, [a_contact(client)])
    sending.make_link(letter, Contact.get(), cast.manager, NOW)
    sending.withdraw_link(letter, LetterLink.get().id, cast.manager, NOW)
    acts = {row.action for row in AuditEntry.select() if row.subject == f"letter:{letter.id}"}
    assert acts == {
        "letter proposed",
        "letter worded",
        "letter released",
        "letter sent",
        "letter mailed",
        "letter link made",
        "letter link withdrawn",
    }
