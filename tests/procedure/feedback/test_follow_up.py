"""The two questions that go out when a matter is closed (P4), and what their answers do (I5)."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from csat.documents.mail import compose
from csat.documents.mail.values import MailOrigin
from csat.models.answers import Response, Verdict
from csat.models.asking import Attempt, AttemptOutcome, Campaign, Channel, Invitation, InvitationState, Naming, Occasion
from csat.models.clients import ClientCare, Contact
from csat.models.effect import ClosingCheck, Recurrence, Unasked
from csat.models.feedback import Feedback, FeedbackOrigin, FeedbackState, Severity
from csat.models.outbox import MailKind, MailState, OutboxMessage
from csat.models.people import Membership, Person
from csat.models.records import AuditEntry
from csat.models.reporting import Tally
from csat.models.roles import Role
from csat.procedure.campaigns import invitation_states, invitations, links
from csat.procedure.core import settings
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import DoerMayNotCheck
from csat.procedure.feedback import callbacks, classification, confirmation, follow_up
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.mail import outbox, reminders
from csat.procedure.people import accounts
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import verdicts
from csat.procedure.survey import submission
from csat.procedure.survey.submission import FilledForm
from tests.builders import LONG_AGO, NOW, a_client, a_contact, a_person, a_response, hand_over
from tests.feedback_builders import DAY, a_feedback, assigned, explained_away, of_type, raised, staffed

UNSOLVED = {"solved": GivenAnswer(value=0), "handling": GivenAnswer(value=4)}
SOLVED = {"solved": GivenAnswer(value=1), "handling": GivenAnswer(value=5)}
NO_MAIL = {"email": ""}


def close(cast, found: Feedback, at=NOW) -> ClosingCheck | None:
    """Explain and confirm; the check of the matter, if it is closed as a whole."""
    explained_away(cast, found, at)
    OutboxMessage.delete().where(OutboxMessage.person.is_null(False)).execute()  # what the staff is told of it
    return follow_up.find_follow_up(found)


def answer(check: ClosingCheck, answers) -> Response:
    token, filled = invitations.make_link(check.invitation, None, NOW), FilledForm(answers, False, "", name="王女士")
    submission.submit_response(token, filled, NOW, lambda key, plain: plain)
    return ClosingCheck.get_by_id(check.id).response


@pytest.fixture
def check(cast) -> ClosingCheck:
    """That a client was asked about what they raised."""
    return close(cast, raised(cast))


def test_who_raised_it_is_asked_by_mail_in_the_quarters_standing_campaign(cast, zone, check):
    campaign, asked = check.invitation.campaign, check.invitation
    assert (campaign.occasion, campaign.naming, campaign.quarter) == (Occasion.CHECK, Naming.NAMED, 20263)
    assert campaign.closes_at == Quarter(2026, 3).end(zone) + 15 * DAY
    assert (asked.contact.name, asked.channel, asked.state) == ("王女士", Channel.EMAIL, InvitationState.MADE)
    mail = OutboxMessage.get()
    assert (mail.kind, mail.invitation, mail.state, mail.by) == (MailKind.ASK, asked, MailState.WAIT, None)
    assert follow_up.select_to_hand_over(cast.desk, NOW, zone).count() == 0
    assert AuditEntry.select().where(AuditEntry.action == "client asked whether it is settled").count() == 1


def test_the_mail_is_handed_over_like_any_other(zone, check):
    letter = outbox.prepare_mail(outbox.claim_next_mail(NOW), NOW)
    assert links.open_link(letter.survey_token, NOW).matter == check.feedback
    outbox.settle_mail(letter.message, MailState.DONE, NOW)
    assert Invitation.get().state == InvitationState.SENT
    assert reminders.queue_reminders(NOW + 6 * DAY, zone) == 1


def test_mail_and_page_say_whom_the_client_can_turn_to(cast, zone, check, page):
    ClientCare.create(client=check.invitation.client, person=cast.manager, since=LONG_AGO)
    Person.update(telephone="13800001111").where(Person.id == cast.manager.id).execute()
    letter = outbox.prepare_mail(outbox.claim_next_mail(NOW), NOW)
    page.get(f"/s/{letter.survey_token}?lang=en")
    assert "You can also contact 程远 (telephone 13800001111, e-mail p" in page.text
    words = compose.write_mail(letter, MailOrigin("x@provider.example", "http://localhost", zone, "zh"), NOW)
    text = message_from_bytes(words, policy=policy.default).get_body(("plain",)).get_content()
    assert "您也可以联系程远（电话 13800001111、邮箱 p" in text.replace("\n", "")


def test_the_quarter_is_that_of_the_local_day(cast, zone):
    at = Quarter(2026, 4).start(zone)  # in UTC still September
    assert close(cast, raised(cast), at).invitation.campaign.quarter == 20264


def test_without_an_address_the_desk_and_the_clients_manager_find_a_link_to_hand_over(cast, zone):
    mine, others = a_client("华东物流", manager=cast.manager), a_client("城建集团")
    for client in (mine, others):
        close(cast, raised(cast, a_contact(client, **NO_MAIL)))
    assert OutboxMessage.select().count() == 0
    waiting = follow_up.select_to_hand_over
    assert [one.invitation.client for one in waiting(cast.desk, NOW, zone)] == [mine, others]
    assert [one.invitation.client for one in waiting(cast.manager, NOW, zone)] == [mine]
    hand_over(waiting(cast.manager, NOW, zone)[0].invitation, cast.manager, NOW)
    assert waiting(cast.manager, NOW, zone).count() == 0 and waiting(cast.desk, NOW, zone).count() == 1
    assert waiting(cast.desk, NOW + 400 * DAY, zone).count() == 0  # the campaign is over


def test_a_mail_that_came_back_or_was_held_leaves_a_link_to_hand_over(cast, zone, check):
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.HELD, NOW, outbox.Why.NO_MAIL)
    assert list(follow_up.select_to_hand_over(cast.desk, NOW, zone)) == [check]


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda cast: assigned(cast, sources=[SourcePassage(hidden())]), Unasked.ANONYMOUS),
        (lambda cast: assigned(cast, origin=FeedbackOrigin.OBSERVATION, client=a_client()), Unasked.OBSERVED),
        (lambda cast: assigned(cast, client=a_client()), Unasked.NOBODY),
        (lambda cast: raised(cast, a_contact(a_client(), opted_out_at=NOW)), Unasked.OPTED_OUT),
        (lambda cast: raised(cast, a_contact(a_client(), retired_at=NOW)), Unasked.RETIRED),
        (lambda cast: raised(cast, a_contact(a_client(), erased_at=NOW)), Unasked.NOBODY),
    ],
    ids=lambda one: one.value if isinstance(one, Unasked) else "",
)
def test_who_cannot_be_asked_is_on_record_with_the_reason(cast, prepare, why):
    check = close(cast, prepare(cast))
    assert (check.why, check.invitation) == (why, None)
    assert OutboxMessage.select().count() == Campaign.select().count() == 0


def hidden() -> Response:
    return a_response(anonymous=True, verdict=Verdict.VALID, receipt_hash=7)


def test_beside_an_anonymous_one_only_the_named_one_is_asked(cast):
    named = a_response(contact=a_contact(a_client()), verdict=Verdict.VALID)
    found = assigned(cast, sources=[SourcePassage(named), SourcePassage(hidden())])
    assert close(cast, found).invitation.contact == named.contact


def test_of_what_came_by_telephone_the_contact_who_was_called_is_asked(cast):
    client = a_client()
    a_contact(client, "王女士"), (called := a_contact(client, "张先生"))
    found = assigned(cast, client=client)
    callbacks.unmask_contact(found, f"contact:{called.id}", cast.owner, NOW)
    assert close(cast, found).invitation.contact == called


def test_a_merged_contact_is_asked_as_the_one_it_counts_as(cast):
    client = a_client()
    kept = a_contact(client, "王女士")
    merged = a_contact(client, "王女士", counts_as=kept)
    assert close(cast, raised(cast, merged)).invitation.contact == kept


def test_the_mail_goes_to_nobody_elses_address(cast, zone):
    """The link was passed on to a colleague, who answered with a name of their own."""
    response = a_response(contact=a_contact(a_client()), verdict=Verdict.VALID, respondent_name="李先生")
    close(cast, assigned(cast, sources=[SourcePassage(response)]))
    assert OutboxMessage.select().count() == 0
    assert follow_up.select_to_hand_over(cast.desk, NOW, zone).count() == 1


def test_who_had_mails_enough_is_not_mailed_but_can_be_asked(cast, zone):
    contact = a_contact(a_client())
    settings.change_setting("mails_contact", 1, cast.admin, NOW)
    first = close(cast, raised(cast, contact))
    outbox.settle_mail(outbox.claim_next_mail(NOW), MailState.DONE, NOW)
    second = close(cast, raised(cast, contact))
    assert first.invitation.channel == Channel.EMAIL and second.invitation.channel == Channel.LINK
    assert list(follow_up.select_to_hand_over(cast.desk, NOW, zone)) == [second]


@pytest.fixture
def handed_over(cast, check) -> Invitation:
    """What one contact was asked already, of those who are to have ten days' rest."""
    settings.change_setting("rest_days", 10, cast.admin, NOW)
    hand_over(check.invitation, cast.desk, NOW)
    return check.invitation


def test_who_rests_is_asked_when_the_rest_is_over(cast, zone, handed_over):
    second = close(cast, raised(cast, handed_over.contact), NOW + 2 * DAY)
    assert (second.why, second.invitation) == (Unasked.RESTING, None)
    assert follow_up.ask_rested_clients(NOW + 9 * DAY, zone) == 0
    assert follow_up.ask_rested_clients(NOW + 11 * DAY, zone) == 1
    assert follow_up.ask_rested_clients(NOW + 11 * DAY, zone) == 0
    second = ClosingCheck.get_by_id(second.id)
    assert second.why is None and second.invitation.contact == handed_over.contact


def test_a_survey_that_was_taken_back_asks_for_no_rest(cast, handed_over):
    Attempt.create(invitation=handed_over, outcome=AttemptOutcome.WITHDRAWN, by=cast.desk, at=NOW)
    assert close(cast, raised(cast, handed_over.contact), NOW + 2 * DAY).why is None


def test_who_opts_out_while_resting_is_not_asked(cast, zone, handed_over):
    second = close(cast, raised(cast, handed_over.contact), NOW + 2 * DAY)
    Contact.update(opted_out_at=NOW).execute()
    assert follow_up.ask_rested_clients(NOW + 11 * DAY, zone) == 0
    assert ClosingCheck.get_by_id(second.id).why == Unasked.OPTED_OUT


def test_two_matters_of_one_contact_are_two_checks_each_with_its_own_answer(cast):
    contact = a_contact(a_client())
    checks = [close(cast, raised(cast, contact)) for _ in range(2)]
    assert Campaign.select().count() == 1 and Invitation.select().count() == 2
    said = [answer(check, words) for check, words in zip(checks, (SOLVED, UNSOLVED), strict=True)]
    assert [follow_up.find_checked_feedback(one) for one in said] == [check.feedback for check in checks]
    assert invitation_states.is_answered_by_name(checks[0].invitation)


def test_a_matter_of_two_departments_is_asked_about_once_when_both_are_done(cast, zone):
    first, other = raised(cast), staffed()
    details = {"linked_to": first, "sources": [SourcePassage(first.sources[0].response)], "supervisor": cast.qa}
    second = a_feedback(cast, department=other, **details)
    assert close(cast, first) is None
    callbacks.explain_feedback(second, "同上", a_person("徐工", department=other), NOW)
    confirmation.confirm_feedback(second, "同上", cast.improvement, NOW, zone)
    check = ClosingCheck.get()
    assert check.feedback == first and follow_up.find_follow_up(second) == check
    assert follow_up.find_follow_ups([first, second]) == {first.id: check, second.id: check}


def test_who_had_a_hand_in_it_neither_asks_nor_records_even_after_a_change_of_role(cast):
    check = close(cast, raised(cast, a_contact(a_client(), **NO_MAIL)))
    Membership.update(until=NOW.date() - DAY).where(Membership.person == cast.owner).execute()
    accounts.grant_role(cast.owner, Role.DESK, cast.admin, NOW)
    for step in (
        lambda: invitations.make_link(check.invitation, cast.owner, NOW),
        lambda: invitations.record_attempt(check.invitation, AttemptOutcome.NOBODY, cast.owner, NOW),
        lambda: submission.record_response(check.invitation, SOLVED, Channel.TELEPHONE, cast.owner, NOW),
    ):
        with pytest.raises(DoerMayNotCheck):
            step()
    assert Attempt.select().count() == 0
    submission.record_response(check.invitation, SOLVED, Channel.TELEPHONE, cast.desk, NOW)
    assert ClosingCheck.get().response.recorder == cast.desk


def test_the_answer_is_verified_like_any_other_and_is_evidence_only_then(cast, check):
    response = answer(check, UNSOLVED)
    said = follow_up.find_answer(ClosingCheck.get())
    assert (said.solved, said.handling, said.counts) == (False, 4, False)
    verdicts.accept_response(response, cast.qa, NOW)
    assert follow_up.find_answer(ClosingCheck.get()).counts
    verdicts.propose_refusal(response, "不像本人", cast.qa, NOW)
    assert follow_up.find_answer(ClosingCheck.get()) is None


def test_it_enters_the_dimension_of_follow_up_and_no_satisfaction_rate(cast, check):
    verdicts.accept_response(answer(check, UNSOLVED), cast.qa, NOW)
    counted = {(row.question, row.dimension) for row in Tally.select() if row.value >= 0}
    assert counted == {("handling", "followup"), ("solved", "")}


@pytest.mark.parametrize(("answers", "is_proposed"), [(UNSOLVED, True), (SOLVED, False)])
def test_a_matter_that_is_not_solved_is_proposed_as_feedback(cast, check, answers, is_proposed):
    response = answer(check, answers)
    verdicts.accept_response(response, cast.qa, NOW)
    assert verdicts.select_proposals().exists() is is_proposed
    assert (response.id in verdicts.find_actionable([response])) is is_proposed


def again(cast, response, at=NOW) -> Feedback:
    details = {"issue_type": of_type("schedule"), "now": at, "origin": FeedbackOrigin.RESPONSE}
    return a_feedback(cast, sources=[SourcePassage(response)], **details)


def test_what_is_made_of_it_marks_the_closed_one_whatever_type_and_however_late(cast, check):
    found, response = check.feedback, answer(check, UNSOLVED)
    verdicts.accept_response(response, cast.qa, NOW)
    new = again(cast, response, at=NOW + 100 * DAY)
    assert Feedback.get_by_id(found.id).recurred
    row = Recurrence.get()
    assert (row.feedback, row.earlier, row.told) == (new, found, True)
    classification.reclassify_feedback(new, found.issue_type, Severity.MAJOR, "原来的问题", cast.qa, NOW + 101 * DAY)
    assert Feedback.get_by_id(found.id).recurred  # the client's word stands


def test_who_is_content_with_the_result_but_not_with_the_handling_raises_something_new(cast, check):
    response = answer(check, {**SOLVED, "handling": GivenAnswer(value=2)})
    verdicts.accept_response(response, cast.qa, NOW)
    again(cast, response)
    assert not Feedback.get_by_id(check.feedback_id).recurred


def test_a_closed_feedback_stays_closed_whatever_its_client_says(cast, check):
    verdicts.accept_response(answer(check, UNSOLVED), cast.qa, NOW)
    assert Feedback.get().state == FeedbackState.CONFIRMED
    assert confirmation.count_by_outcome() == {"": 1, "recurred": 0, "answered": 1, "unsolved": 1}
    for outcome in ("unsolved", "answered"):
        assert list(confirmation.select_confirmed(outcome)) == [check.feedback]
