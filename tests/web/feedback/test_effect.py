"""Whether it helped (I5): the figures at the confirmation, the check through the pages, what came again."""

from __future__ import annotations

import re

import pytest

from csat.adapters import sealing
from csat.models.answers import Verdict
from csat.models.asking import Invitation, InvitationState
from csat.models.effect import ClosingCheck, Recurrence
from csat.models.feedback import Feedback, FeedbackState, IssueType
from csat.models.outbox import MailKind, OutboxMessage
from csat.procedure.campaigns import invitations
from csat.procedure.feedback import callbacks, follow_up
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import tally
from csat.procedure.survey import submission
from tests.builders import NOW, a_client, a_contact, a_response
from tests.feedback_builders import a_feedback, done, explained_away, raised

UNSOLVED = {"solved": GivenAnswer(value=0), "handling": GivenAnswer(value=2)}


def rated(client, quarter: int, overall: int, number: int, **more) -> None:
    for _ in range(number):
        response = a_response(client=client, quarter=quarter, rated=overall, verdict=Verdict.VALID, **more)
        tally.add_to_tally(response)


def closed(cast, **contact) -> Feedback:
    return explained_away(cast, raised(cast, a_contact(a_client(), **contact)))


def answered(found: Feedback, answers=UNSOLVED) -> ClosingCheck:
    check = follow_up.find_follow_up(found)
    token = invitations.make_link(check.invitation, None, NOW)
    submission.submit_response(token, submission.FilledForm(answers, False, "", name="王女士"), NOW, sealing.seal_bytes)
    return ClosingCheck.get_by_id(check.id)


def test_who_confirms_sees_the_figures_before_and_since_with_the_words_of_chance(page, cast, zone):
    client = a_client()
    rated(client, 20262, 1, 12), rated(client, 20263, 5, 14)
    found = done(cast, zone, client=client, quarter=20262)
    a_feedback(cast, client=client, quarter=20263)
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "Whether it helped" in page.text and "验收单" in page.text
    assert "0.0%" in page.text and "100.0%" in page.text and "n = 14" in page.text
    assert "up from 0.0%. That is more than chance explains." in page.text
    assert "The same type at this client since it was reported as done" in page.text
    page.fill("Confirm", words="一个月未再发生，满意率上升")
    assert "up from 0.0%" in page.text  # the page goes on to show it


def test_a_small_difference_is_called_chance(page, cast, zone):
    client = a_client()
    rated(client, 20262, 5, 5), rated(client, 20262, 1, 1), rated(client, 20263, 5, 5)
    found = done(cast, zone, client=client, quarter=20262)
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "no more than chance can make" in page.text


def test_what_does_not_show_anywhere_does_not_show_here(page, cast, zone):
    client = a_client()
    rated(client, 20262, 1, 2, anonymous=True), rated(client, 20263, 5, 6)
    found = done(cast, zone, client=client, quarter=20262)
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "not shown" in page.text and "too few anonymous answers" in page.text
    assert "Too little can be shown of this client" in page.text


def test_in_its_own_quarter_the_page_says_that_later_ones_come(page, cast, zone):
    found = done(cast, zone, client=a_client())
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "No later quarter has begun yet" in page.text


def test_without_a_client_only_the_type_is_followed(page, cast, zone):
    found = done(cast, zone)
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "No client is named, so only the type can be followed." in page.text
    assert "Client's satisfaction rate" not in page.text


def test_a_department_sees_no_figures(page, cast, zone):
    found = done(cast, zone, client=a_client())
    a_feedback(cast, client=found.client)
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "Whether it helped" not in page.text


def test_confirming_asks_the_client_by_mail(page, cast, zone):
    found = raised(cast)
    callbacks.explain_feedback(found, "合同里不含这项服务。", cast.owner, NOW)
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}").fill("Confirm", words="客户已知情")
    assert "is solved; no answer yet." in page.text
    assert OutboxMessage.get(OutboxMessage.kind == MailKind.ASK).invitation == ClosingCheck.get().invitation
    page.sign_in_as(cast.desk).get("/campaigns/checks")
    assert "Nobody waits to be asked." in page.text


def test_who_has_no_address_is_on_the_list_of_links_to_hand_over(page, cast, zone):
    closed(cast, email="")
    page.sign_in_as(cast.desk).get("/campaigns/checks")
    assert "王女士" in page.text and "138****5678" in page.text
    page.fill("Link")
    address = re.search(r"http://localhost(/s/[^\"]+)", page.html)[1]
    page.fill("It is handed over")
    assert Invitation.get().state == InvitationState.SENT
    page.get("/campaigns/checks")
    assert "Nobody waits to be asked." in page.text
    page.sign_out().get(address)
    assert page.heading == "意见处理回访" and "F-0001" in page.text  # in the contact's language


def test_the_campaign_of_checks_is_neither_invited_to_nor_closed_by_hand(page, cast, zone):
    closed(cast)
    campaign = ClosingCheck.get().invitation.campaign
    page.sign_in_as(cast.qa).get(f"/campaigns/{campaign.id}")
    assert "made by themselves" in page.text and "Close early" not in page.text and "王女士" in page.text


def test_the_answer_goes_from_qa_to_the_pages_and_makes_the_closed_one_recurred(page, cast, zone):
    found = closed(cast)
    check = answered(found)
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "quality control verifies it" in page.text and "2 of 5" not in page.text
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "2 of 5" in page.text and "It counts as evidence once" in page.text

    page.sign_in_as(cast.qa).get(f"/qa/review/{check.response_id}")
    assert found.number in page.text
    page.fill("Save and show the next", decision="valid")
    page.get(f"/qa/proposals/{check.response_id}")
    assert "marks it as recurred" in page.text
    assert page.value("issue_type") == str(found.issue_type_id)
    page.fill("Create", title="仍未解决", severity="major")
    assert Recurrence.get().earlier == found and Recurrence.get().told

    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    assert "2 of 5" in page.text and "Recurred" in page.text
    page.sign_in_as(cast.improvement).get(f"/feedback/{found.id}")
    assert "the client says that it is not solved" in page.text
    assert "its actions count as not effective" in page.text
    page.get("/improvement/confirmed?only=unsolved")
    assert found.title in page.text and "handling: 2 of 5" in page.text
    page.get(f"/feedback/{Recurrence.get().feedback_id}")
    assert "Repeats what was closed" in page.text
    assert Feedback.get_by_id(found.id).state == FeedbackState.CONFIRMED


@pytest.mark.parametrize("only", ["", "recurred", "answered", "unsolved", "nonsense"])
def test_the_list_of_what_was_confirmed_can_be_narrowed(page, cast, zone, only):
    page.sign_in_as(cast.improvement).get(f"/improvement/confirmed?only={only}")
    assert "None so far." in page.text or "Nothing was confirmed yet" in page.text
    found = closed(cast)
    a_feedback(cast, client=found.client, issue_type=IssueType.get_by_id(found.issue_type_id), now=NOW)
    page.get(f"/improvement/confirmed?only={only}")
    assert (found.title in page.text) is (only in ("", "recurred", "nonsense"))
