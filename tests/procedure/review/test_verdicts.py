"""QA's verdicts and what they propose as feedback (P7, P9)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from csat.models.answers import Answer, Dismissal, Duration, Response, Verdict
from csat.models.questionnaires import Kind, Question
from csat.models.records import AuditEntry
from csat.models.reporting import Tally
from csat.models.roles import Role
from csat.procedure.core import refusals
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.review import verdicts as qa_review
from csat.procedure.review.signals import find_signals_by_response
from csat.procedure.review.tally_rows import RESPONSE_COUNT
from csat.procedure.review.verdicts import AlreadyClassified, DecidedOtherwise
from tests.builders import NOW, a_client, a_department, a_person, a_response
from tests.feedback_builders import a_feedback

MIXED = {"overall": 4}


def counted() -> int:
    """How many responses figures are read from now."""
    rows = Tally.select().where(Tally.value == RESPONSE_COUNT, Tally.dimension == "")
    return sum(row.n for row in rows)


def last_entry() -> tuple[str, str, str, object]:
    """What the history says of the last step: actor, action, subject and detail."""
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    return entry.actor, entry.action, entry.subject, json.loads(entry.details.get().detail)


def at(verdict: Verdict, cast) -> Response:
    """A response that stands so, by the steps that lead there."""
    response = a_response(opinions="太慢")
    if verdict == Verdict.VALID:
        qa_review.accept_response(response, cast.qa, NOW)
    if verdict in (Verdict.DOUBTED, Verdict.REFUSED):
        qa_review.propose_refusal(response, "重复", cast.qa, NOW)
    if verdict == Verdict.REFUSED:
        qa_review.refuse_response(response, cast.qa2, NOW)
    return response


def test_an_accepted_response_enters_figures_and_leaves_a_trace(cast):
    response = a_response()
    qa_review.accept_response(response, cast.qa, NOW, "客户确认")
    (decision,) = qa_review.decisions_of(response)
    assert (decision.verdict, decision.by, decision.reason) == (Verdict.VALID, cast.qa, "客户确认")
    assert response.verdict == Verdict.VALID and counted() == 1
    told = (f"person:{cast.qa.id}", "response valid", f"response:{response.id}", {"before": "pending"})
    assert last_entry() == told


def test_a_verdict_concerns_one_response_and_its_reason_is_kept_without_blanks_around(cast):
    one, other = a_response(), a_response()
    qa_review.propose_refusal(one, " 重复 ", cast.qa, NOW)
    qa_review.withdraw_refusal(one, cast.qa, NOW)
    qa_review.accept_response(one, cast.qa, NOW)
    qa_review.accept_response(other, cast.qa, NOW)
    qa_review.propose_refusal(other, "不实", cast.qa, NOW)
    assert [row.reason for row in qa_review.decisions_of(one)] == ["重复", "", ""]
    assert [row.verdict for row in qa_review.decisions_of(other)] == [Verdict.VALID, Verdict.DOUBTED]
    assert all("by" in row.__rel__ for row in qa_review.decisions_of(one))  # read along, for a list
    assert {row.id: row.verdict for row in Response.select()} == {
        one.id: Verdict.VALID, other.id: Verdict.DOUBTED,
    }  # fmt: skip


def test_a_refusal_takes_a_reason_and_a_second_person(cast):
    response = a_response()
    with pytest.raises(refusals.ValueMissing):
        qa_review.propose_refusal(response, " ", cast.qa, NOW)
    qa_review.propose_refusal(response, "联系人否认填写", cast.qa, NOW)
    with pytest.raises(refusals.SecondPersonNeeded):
        qa_review.refuse_response(response, cast.qa, NOW)
    qa_review.refuse_response(response, cast.director, NOW)
    assert response.verdict == Verdict.REFUSED and counted() == 0
    assert [row.reason for row in qa_review.decisions_of(response)] == ["联系人否认填写", ""]


def test_a_doubted_response_counts_in_no_figure_until_it_is_kept(cast):
    response = at(Verdict.VALID, cast)
    qa_review.propose_refusal(response, "重复", cast.qa, NOW)
    assert counted() == 0
    qa_review.reject_refusal(response, cast.qa2, NOW, "两次来电，不是重复")
    assert response.verdict == Verdict.VALID and counted() == 1


@pytest.mark.parametrize("stood", [Verdict.PENDING, Verdict.VALID])
def test_who_proposed_a_refusal_can_take_the_proposal_back(cast, stood):
    response = at(stood, cast)
    qa_review.propose_refusal(response, "重复", cast.qa, NOW)
    with pytest.raises(qa_review.NotTheProposer):
        qa_review.withdraw_refusal(response, cast.qa2, NOW)
    qa_review.withdraw_refusal(response, cast.qa, NOW, "看错了")
    assert Response.get_by_id(response.id).verdict == stood
    assert Tally.select().exists() == (stood == Verdict.VALID)
    last = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert last.action == "proposal to refuse a response withdrawn"
    with pytest.raises(qa_review.DecidedOtherwise):
        qa_review.withdraw_refusal(response, cast.qa, NOW)


def test_a_response_doubted_before_it_was_valid_waits_again_when_kept(cast):
    response = at(Verdict.DOUBTED, cast)
    qa_review.reject_refusal(response, cast.qa2, NOW, "不是重复")
    assert response.verdict == Verdict.PENDING and counted() == 0


def test_a_refusal_can_be_taken_back_and_the_history_keeps_it(cast):
    response = at(Verdict.REFUSED, cast)
    qa_review.reopen_response(response, "新证据", cast.qa2, NOW)
    assert response.verdict == Verdict.PENDING and counted() == 0
    verdicts = [decision.verdict for decision in qa_review.decisions_of(response)]
    assert verdicts == [Verdict.DOUBTED, Verdict.REFUSED, Verdict.PENDING]


STEPS = {
    "accept": (qa_review.accept_response, {Verdict.PENDING}),
    "propose": (lambda one, by, now: qa_review.propose_refusal(one, "重复", by, now), {Verdict.PENDING, Verdict.VALID}),
    "refuse": (qa_review.refuse_response, {Verdict.DOUBTED}),
    "reject": (lambda one, by, now: qa_review.reject_refusal(one, by, now, "不是"), {Verdict.DOUBTED}),
    "reopen": (lambda one, by, now: qa_review.reopen_response(one, "新证据", by, now), {Verdict.REFUSED}),
    "dismiss": (lambda one, by, now: qa_review.dismiss_proposal(one, "没什么", by, now), {Verdict.VALID}),
}


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("step", STEPS)
def test_each_step_leads_on_from_its_own_verdicts_only(cast, step, verdict):
    response = at(verdict, cast)
    take, allowed = STEPS[step]
    before = counted()
    if verdict in allowed:
        take(response, cast.director, NOW)
    else:
        with pytest.raises(DecidedOtherwise) as refused:
            take(response, cast.director, NOW)
        assert refused.value.facts == {"state": verdict}
        assert Response.get_by_id(response.id).verdict == verdict and counted() == before


@pytest.mark.parametrize("step", ["propose", "reject", "reopen"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_what_takes_a_word_takes_a_reason(cast, step, reason):
    verdict = {"propose": Verdict.VALID, "reject": Verdict.DOUBTED, "reopen": Verdict.REFUSED}[step]
    response = at(verdict, cast)
    with pytest.raises(refusals.ValueMissing):
        if step == "reject":
            qa_review.reject_refusal(response, cast.director, NOW, reason)
        else:
            verb = qa_review.propose_refusal if step == "propose" else qa_review.reopen_response
            verb(response, reason, cast.director, NOW)
    assert Response.get_by_id(response.id).verdict == verdict


@pytest.mark.parametrize("step", ["accept", "propose", "reject", "reopen", "refuse"])
def test_who_recorded_a_response_takes_no_step_of_its_verdict(cast, step):
    verdict = min(STEPS[step][1])
    response = at(verdict, cast)
    Response.update(recorder=cast.director).execute()
    with pytest.raises(refusals.RecorderMayNotVerify):
        STEPS[step][0](Response.get_by_id(response.id), cast.director, NOW)


@pytest.mark.parametrize("step", ["propose", "reject", "reopen", "refuse", "dismiss"])
def test_whom_a_response_is_about_decides_nothing_against_it(cast, step):
    response = at(min(STEPS[step][1]), cast)
    Response.update(engineer=cast.director).execute()
    with pytest.raises(refusals.AffectedMayNotDecide):
        STEPS[step][0](Response.get_by_id(response.id), cast.director, NOW)


def test_who_proposed_last_is_the_first_person_of_a_second_doubt(cast):
    response = at(Verdict.DOUBTED, cast)
    assert qa_review.find_proposer(response) == cast.qa
    qa_review.reject_refusal(response, cast.qa2, NOW, "不是")
    qa_review.accept_response(response, cast.director, NOW)
    qa_review.propose_refusal(response, "还是重复", cast.qa2, NOW)
    with pytest.raises(refusals.SecondPersonNeeded):
        qa_review.refuse_response(response, cast.qa2, NOW)
    qa_review.reject_refusal(response, cast.qa, NOW, "不是")
    assert response.verdict == Verdict.VALID  # where it stood before the last doubt, not the first


def test_a_page_that_is_older_than_the_store_decides_nothing(cast):
    response = a_response()
    stale = Response.get_by_id(response.id)
    qa_review.accept_response(response, cast.qa, NOW)
    with pytest.raises(DecidedOtherwise):
        qa_review.accept_response(stale, cast.qa2, NOW)
    assert counted() == 1


def test_only_the_opening_of_a_named_response_is_on_record(cast):
    sealed, named = a_response(anonymous=True), a_response()
    for response in (named, sealed):
        qa_review.record_opening(response, cast.qa, NOW)
    assert last_entry() == (f"person:{cast.qa.id}", "named response opened", f"response:{named.id}", {})
    assert AuditEntry.select().where(AuditEntry.action == "named response opened").count() == 1


def test_the_queue_by_signals_begins_with_most(cast, zone):
    late, quiet = (a_response(ratings=MIXED, received_at=NOW - timedelta(days=day)) for day in (2, 9))
    two, one, first = (
        a_response(received_at=NOW - timedelta(days=day), duration=Duration.HASTY if day == 1 else None)
        for day in (1, 3, 5)
    )
    everything = [late, one, quiet, two, first]
    found = find_signals_by_response(everything, zone) | {quiet.id: [], late.id: []}
    queue = list(qa_review.order_by_signals(qa_review.list_responses(), found))
    assert queue == [two, first, one, quiet, late]  # among equals the oldest first
    del found[quiet.id], found[late.id]
    assert list(qa_review.order_by_signals(qa_review.list_responses(), found)) == queue
    plain = qa_review.list_responses()
    assert qa_review.order_by_signals(plain, {quiet.id: []}) is plain


def test_the_quarters_that_wait_are_told_the_latest_first(cast):
    for quarter in (20261, 20263, 20262, 20263):
        a_response(quarter=quarter)
    a_response(quarter=20254, verdict=Verdict.VALID)
    assert qa_review.list_quarters_waiting(Verdict.PENDING) == [20263, 20262, 20261]


def test_the_clients_own_words_are_its_comments(cast):
    response, _ = a_response(opinions="太慢"), a_response(opinions="太贵")
    (comment,) = qa_review.comments_of(response)
    assert comment.words == "太慢" and len(qa_review.answers_of(response)) > 1


def test_answers_stand_in_the_order_of_the_form(cast):
    response, _ = a_response(), a_response()
    first = qa_review.answers_of(response)[0]
    first.delete_instance()
    Answer.create(response=response, question=first.question, value=1)
    found = qa_review.answers_of(response)
    assert all("question" in one.__rel__ for one in found)  # read along
    assert [one.question.position for one in found] == sorted(one.question.position for one in found)
    assert found[0].value == 1
    assert len(found) == Answer.select().where(Answer.response == response).count()


def test_a_list_reads_form_and_client_along_and_keeps_who_has_none(cast):
    named, bare = a_response(client=a_client()), a_response()
    found = {row.id: row for row in qa_review.join_names(qa_review.list_responses())}
    assert set(found) == {named.id, bare.id}
    assert found[named.id].__rel__.keys() >= {"version", "client"}
    assert (found[named.id].client, found[named.id].version) == (named.client, named.version)
    assert (found[bare.id].client, found[bare.id].quarter) == (None, bare.quarter)


def test_nobody_refuses_what_is_about_them_or_a_department_they_left(cast):
    left = a_person("转岗", Role.QA, department=cast.department)
    about = a_response(department=cast.department)
    engineer = a_person("工程师", Role.QA)
    for response, person in ((about, left), (a_response(engineer=engineer), engineer)):
        with pytest.raises(refusals.AffectedMayNotDecide):
            qa_review.propose_refusal(response, "不公平", person, NOW)
        qa_review.propose_refusal(response, "重复", cast.qa, NOW)
        with pytest.raises(refusals.AffectedMayNotDecide):
            qa_review.refuse_response(response, person, NOW)


def test_the_queue_is_oldest_first_and_anonymous_answers_end_their_quarter(engine_db, cast):
    old = a_response(quarter=20262)
    late = a_response(received_at=NOW)
    early = a_response(received_at=NOW - timedelta(days=1))
    sealed = a_response(anonymous=True)
    a_response(verdict=Verdict.VALID)
    assert list(qa_review.list_responses()) == [old, early, late, sealed]


def test_the_queue_can_be_narrowed(cast):
    client = a_client()
    mine, other = a_response(client=client), a_response("company")
    assert list(qa_review.list_responses(client=client.id)) == [mine]
    assert list(qa_review.list_responses(questionnaire=other.version.questionnaire_id)) == [other]
    assert qa_review.list_clients_waiting(Verdict.PENDING) == [client]
    before, decided = a_client("A 公司"), a_client("已核对")
    a_client("没有答复")
    a_response(client=before), a_response(client=decided, verdict=Verdict.VALID)
    assert qa_review.list_clients_waiting(Verdict.PENDING) == [before, client]


@pytest.mark.parametrize("role", ["qa", "improvement", "director"])
def test_single_responses_are_read_by_qa_improvement_and_director(cast, role):
    a_response()
    response = a_response(anonymous=True)
    assert qa_review.response_for(getattr(cast, role), response.id) == response


@pytest.mark.parametrize("role", ["owner", "desk", "manager", "admin", "engineer"])
def test_nobody_else_reads_single_responses(cast, role):
    with pytest.raises(refusals.NotFound):
        qa_review.response_for(getattr(cast, role), a_response(anonymous=True).id)


@pytest.mark.parametrize("key", [0, 1, 2**63, 2**80])
def test_a_key_that_is_none_finds_nothing(cast, key):
    with pytest.raises(refusals.NotFound):
        qa_review.response_for(cast.qa, key)


# --- many at once ------------------------------------------------------------------------------------


def test_plain_responses_are_accepted_together_and_the_others_wait(cast, zone):
    plain = [a_response(ratings=MIXED), a_response(ratings={"attitude": 4})]
    own = a_response(ratings=MIXED, recorder=cast.qa, received_at=NOW)
    others = [
        a_response(ratings=MIXED, opinions="还可以更快"),
        a_response(ratings={"overall": 5, "attitude": 2}),
        a_response(),  # all ratings the same: a signal
        a_response(ratings=MIXED, recorder=cast.desk, received_at=NOW + timedelta(hours=12)),  # late in Shanghai
        own,
    ]
    assert qa_review.accept_unremarkable([*plain, *others], cast.qa, NOW, zone) == 2
    assert counted() == 2
    assert set(qa_review.list_responses()) == set(others)


def test_what_was_decided_meanwhile_is_passed_over(cast, zone):
    first, second = a_response(ratings=MIXED), a_response(ratings=MIXED)
    stale = qa_review.response_for(cast.qa, first.id)
    qa_review.propose_refusal(first, "重复", cast.qa2, NOW)
    assert qa_review.accept_unremarkable([stale, second], cast.qa, NOW, zone) == 1


# --- proposals ---------------------------------------------------------------------------------------


def proposed():
    return set(qa_review.select_proposals())


def feedback_from(response, cast):
    return a_feedback(cast, sources=[SourcePassage(response)])


def test_words_and_low_ratings_of_valid_responses_are_proposed(engine_db, cast):
    said = a_response(ratings=MIXED, opinions="希望更快")
    low = a_response(ratings={"attitude": 2})
    quiet = a_response(ratings={"attitude": 3, "convenience": 0})
    pending = a_response(opinions="还没核对")
    for response in (said, low, quiet):
        qa_review.accept_response(response, cast.qa, NOW)
    assert proposed() == {said, low}
    assert qa_review.list_proposals().count() == 2 and pending not in proposed()


@pytest.mark.parametrize(
    ("form", "code", "answer", "worth"),
    [
        ("incident", "opinions", {"words": "太慢"}, True),
        ("incident", "opinions", {"words": ""}, False),
        ("incident", "attitude", {"value": 1}, True),
        ("incident", "attitude", {"value": 2}, True),
        ("incident", "attitude", {"value": 3}, False),
        ("incident", "attitude", {"value": 2, "not_applicable": True}, False),
        ("incident", "first_contact", {"value": 0}, False),  # not whether the matter is solved
        ("check", "solved", {"value": 0}, True),
        ("check", "solved", {"value": 1}, False),
        ("company", "recommend", {"value": 1}, False),  # no rating of 1 to 5
    ],
)
def test_what_is_worth_acting_on(cast, form, code, answer, worth):
    response, other = a_response(form), a_response(opinions="太慢")
    question = Question.get(Question.version == response.version, Question.code == code)
    Answer.delete().where(Answer.response == response, Answer.question == question).execute()
    Answer.create(response=response, question=question, **answer)
    assert qa_review.find_actionable([response]) == ({response.id} if worth else set())
    assert other.id in qa_review.find_actionable([response, other])


def test_what_is_proposed_of_one_client_and_the_oldest_first(cast):
    client = a_client()
    late, early, other = (
        a_response(opinions="太慢", client=whose, received_at=NOW - timedelta(days=days), verdict=Verdict.VALID)
        for whose, days in ((client, 1), (client, 2), (None, 3))
    )
    assert list(qa_review.list_proposals()) == [other, early, late]
    assert list(qa_review.list_proposals(client.id)) == [early, late]


def test_a_chosen_option_is_no_opinion_of_ones_own(cast):
    response = a_response(ratings=MIXED)
    choice = Question.create(
        version=response.version, position=90, section={"zh": "", "en": ""}, code="why", kind=Kind.CHOICE_ONE,
        text={"zh": "", "en": ""}, help={"zh": "", "en": ""}, required=False, offers_na=False,
    )  # fmt: skip
    Answer.create(response=response, question=choice, words="speed")
    qa_review.accept_response(response, cast.qa, NOW)
    assert proposed() == set() and qa_review.comments_of(response) == []


def test_feedback_or_a_dismissal_with_a_reason_ends_the_proposal(cast):
    taken, waved = a_response(opinions="太慢"), a_response(opinions="无")
    for response in (taken, waved):
        qa_review.accept_response(response, cast.qa, NOW)
    feedback_from(taken, cast)
    with pytest.raises(refusals.ValueMissing):
        qa_review.dismiss_proposal(waved, "", cast.qa, NOW)
    qa_review.dismiss_proposal(waved, "没有内容", cast.qa, NOW)
    qa_review.dismiss_proposal(waved, "再点一次", cast.qa, NOW)
    assert proposed() == set()
    dismissal = Dismissal.get(Dismissal.response == waved)
    assert (dismissal.reason, dismissal.by, dismissal.at) == ("没有内容", cast.qa, NOW)
    assert last_entry() == (f"person:{cast.qa.id}", "proposal dismissed", f"response:{waved.id}", {})
    again = a_response(opinions="空", verdict=Verdict.VALID)
    qa_review.dismiss_proposal(again, "也没有", cast.qa, NOW)
    assert Dismissal.select().count() == 2


def test_what_became_feedback_is_not_dismissed(cast):
    response = at(Verdict.VALID, cast)
    made = feedback_from(response, cast)
    with pytest.raises(AlreadyClassified):
        qa_review.dismiss_proposal(response, "算了", cast.qa, NOW)
    second, other = feedback_from(response, cast), a_response(opinions="太贵", verdict=Verdict.VALID)
    feedback_from(other, cast)
    assert qa_review.feedback_of(response) == [made, second]


def test_a_department_does_not_dismiss_what_is_about_it(cast):
    person = a_person("双职", Role.QA, Role.DEPARTMENT, department=a_department())
    response = a_response(opinions="太慢", department=next(iter(person.memberships)).department)
    qa_review.accept_response(response, cast.qa, NOW)
    with pytest.raises(refusals.AffectedMayNotDecide):
        qa_review.dismiss_proposal(response, "没什么", person, NOW)
