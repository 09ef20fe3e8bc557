"""One link, one answer: what a link opens, what is promised, and how an answer is taken (Q1–Q5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.adapters import sealing
from csat.models.answers import Answer, Duration, Mailbox, Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    CampaignState,
    Channel,
    Invitation,
    InvitationState,
    Link,
    Naming,
)
from csat.models.base import Localised
from csat.models.clients import Incident
from csat.models.questionnaires import Kind, Question
from csat.models.records import AuditEntry
from csat.procedure.campaigns import links
from csat.procedure.campaigns.promise import build_promise
from csat.procedure.core import tokens
from csat.procedure.core.refusals import (
    HandlerMayNotRecord,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    LinkWithdrawn,
    OutOfOrder,
    ValueMissing,
)
from csat.procedure.questionnaires import answers
from csat.procedure.questionnaires.answers import ChoiceUnknown, GivenAnswer
from csat.procedure.survey import submission
from csat.procedure.survey.submission import FilledForm, NamingNotOffered
from tests.builders import (
    NOW,
    a_campaign,
    a_client,
    a_contact,
    a_department,
    a_link,
    a_person,
    an_incident,
    an_invitation,
    some_answers,
)


def asked(config, form: str = "incident", **more) -> Invitation:
    """A contact who was handed a link of a campaign with a key."""
    campaign = a_campaign(form, sealing.create_key(config.keys), **more)
    return an_invitation(campaign, a_contact(a_client()))


def filled(anonymous: bool = True, rated: int = 5, code: str = "", **more) -> FilledForm:
    return FilledForm(some_answers(rated=rated), anonymous, code or tokens.make_submission_code(), **more)


def send(token: str, what: FilledForm) -> submission.Receipt:
    return submission.submit_response(token, what, NOW, sealing.seal_bytes)


def test_a_link_takes_one_answer_only(db, config):
    token = a_link(asked(config))
    send(token, filled())
    with pytest.raises(LinkUsed):
        send(token, filled(rated=1))
    assert Mailbox.select().count() == 1


def test_every_link_of_an_invitation_spends_it(db, config):
    invitation = asked(config)
    first, second = a_link(invitation), a_link(invitation)
    send(first, filled())
    with pytest.raises(LinkUsed):
        links.open_link(second, NOW)


def test_the_same_form_sent_twice_gets_the_same_thanks(db, config):
    token, form = a_link(asked(config)), filled()
    assert send(token, form) == send(token, form)
    assert Mailbox.select().count() == 1


def test_a_named_form_sent_twice_gives_one_response(db, config):
    token, form = a_link(asked(config)), filled(anonymous=False, name="王女士")
    assert send(token, form) == send(token, form)
    assert Response.select().count() == 1


def test_a_code_belongs_to_one_answer(db, config):
    """Somebody who sends another one's code with an open link loses nothing: the answer gets its own code."""
    first = asked(config)
    second = an_invitation(first.campaign, a_contact(first.client, name="李先生"))
    form = filled()
    send(a_link(first), form)
    taken = send(a_link(second), form)
    assert taken.code != form.code
    assert Mailbox.select().count() == 2


def test_an_anonymous_answer_leaves_only_its_sealed_form(db, config):
    send(a_link(asked(config)), filled())
    assert Response.select().count() == Answer.select().count() == 0
    assert AuditEntry.select().where(AuditEntry.action.contains("survey")).count() == 0
    assert Invitation.get().state == InvitationState.DONE


def test_a_named_answer_carries_what_was_fixed_at_asking(db, config):
    manager, engineer, department = a_person("经理"), a_person("工程师"), a_department()
    client = a_client()
    campaign = a_campaign(public_key=sealing.create_key(config.keys))
    incident = an_incident(client=client)
    invitation = an_invitation(
        campaign,
        a_contact(client),
        incident=incident,
        manager=manager,
        department=department,
        engineer=engineer,
        channel=Channel.SLIP,
    )
    form = filled(anonymous=False, rated=2, name="王女士", reach="8888", duration=Duration.USUAL)
    send(a_link(invitation), form)
    response = Response.get()
    assert (response.client, response.contact, response.incident) == (client, invitation.contact, incident)
    assert (response.manager, response.department, response.engineer) == (manager, department, engineer)
    assert (response.channel, response.received_at, response.quarter) == (Channel.SLIP, NOW, 20263)
    assert (response.respondent_name, response.respondent_reach) == ("王女士", "8888")
    assert response.receipt_hash == tokens.derive_number(form.code, "receipt")
    values = {row.question.code: row.value for row in response.answers}
    assert values["overall"] == 2 and values["first_contact"] == 1


def test_what_the_campaign_does_not_offer_is_refused(db, config):
    token = a_link(asked(config, naming=Naming.NAMED))
    with pytest.raises(NamingNotOffered):
        send(token, filled())
    token = a_link(an_invitation(a_campaign(naming=Naming.ANONYMOUS), None))
    with pytest.raises(NamingNotOffered):
        send(token, filled(anonymous=False, name="王女士"))


def test_a_named_answer_needs_the_name(db, config):
    with pytest.raises(ValueMissing):
        send(a_link(asked(config)), filled(anonymous=False))
    assert Invitation.get().state == InvitationState.SENT


def test_answers_that_the_form_would_not_take_are_refused(db, config):
    token = a_link(asked(config))
    for wrong in (
        {"overall": GivenAnswer(value=6)},
        {"overall": GivenAnswer(words="5")},
        {"nonsense": GivenAnswer(value=1)},
    ):
        with pytest.raises(ChoiceUnknown):
            send(token, FilledForm(some_answers() | wrong, True, tokens.make_submission_code()))


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (InvitationState.DONE, LinkUsed),
        (InvitationState.LATE, LinkExpired),
        (InvitationState.OVER, LinkExpired),
        (InvitationState.VOID, LinkWithdrawn),
        (InvitationState.DENY, LinkWithdrawn),
    ],
)
def test_a_link_says_why_it_takes_nothing(db, state, refusal):
    token = a_link(an_invitation(a_campaign(), None, state=state))
    Link.update(spent=state == InvitationState.DONE).execute()
    with pytest.raises(refusal):
        links.open_link(token, NOW)


def test_the_time_to_answer_ends_with_the_campaign(db):
    token = a_link(an_invitation(a_campaign(closes_at=NOW + timedelta(hours=1)), None))
    assert links.open_link(token, NOW + timedelta(minutes=59)).k == 3
    with pytest.raises(LinkExpired):
        links.open_link(token, NOW + timedelta(hours=1))
    closed = a_link(an_invitation(a_campaign(state=CampaignState.CLOSED), None))
    with pytest.raises(LinkExpired):
        links.open_link(closed, NOW)


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 44, "a" * 43, "ü" * 43, "%" * 43])
def test_unknown_and_malformed_links_are_the_same(db, token):
    with pytest.raises(LinkUnknown):
        links.open_link(token, NOW)


def test_the_promise_follows_the_facts(db):
    client = a_client()
    for naming in Naming:
        campaign = a_campaign(naming=naming)
        token = a_link(an_invitation(campaign, a_contact(client, name=naming)))
        said = " ".join(sentence % facts for sentence, facts in build_promise(links.open_link(token, NOW)))
        assert ("leave your name" in said) == (naming == Naming.BOTH)
        assert ("few were asked" in said) == (naming != Naming.NAMED)
        assert ("at least 3" in said) == (naming != Naming.NAMED)


def test_where_many_are_asked_nobody_is_warned_of_being_few(db):
    client, campaign = a_client(), a_campaign()
    for number in range(6):
        invitation = an_invitation(campaign, a_contact(client, name=f"联系人{number}"))
    sentences = build_promise(links.open_link(a_link(invitation), NOW))
    assert len(sentences) == 3
    assert "few were asked" not in sentences[2][0]


# --- telephone and interview records ------------------------------------------------------------------


def recorded(invitation: Invitation, by, channel: Channel = Channel.TELEPHONE) -> Response:
    return submission.record_response(invitation, some_answers(rated=4), channel, by, NOW)


def test_a_telephone_record_is_named_and_marks_the_incident(db):
    client, agent = a_client(), a_person("坐席")
    invitation = an_invitation(a_campaign(), a_contact(client), incident=an_incident(client=client))
    response = recorded(invitation, agent)
    assert (response.recorder, response.respondent_name, response.anonymous) == (agent, "王女士", False)
    assert Invitation.get().state == InvitationState.DONE
    assert Incident.get().surveyed_at == NOW
    assert Attempt.get().outcome == AttemptOutcome.ANSWERED
    with pytest.raises(OutOfOrder):
        recorded(invitation, agent)


def test_who_handled_the_incident_never_records_its_survey(db):
    handler = a_person("处理人")
    incident = an_incident(client=a_client(), resolved_by=handler)
    with pytest.raises(HandlerMayNotRecord):
        recorded(an_invitation(a_campaign(), None, incident=incident), handler)
    assert Response.select().count() == 0


def test_what_came_by_link_is_no_record(db):
    with pytest.raises(OutOfOrder):
        recorded(an_invitation(a_campaign(), None), a_person(), Channel.LINK)


# --- reading answers -------------------------------------------------------------------------------------


def question(kind: Kind, **more) -> Question:
    empty = Localised(zh="", en="")
    options = [{"code": "a", "zh": "甲", "en": "A"}, {"code": "b", "zh": "乙", "en": "B"}]
    details = {"required": False, "offers_na": True, "options": options, "text": empty, "help": empty, **more}
    return Question(code="q", kind=kind, **details)


@given(st.sampled_from(Kind), st.lists(st.text(), max_size=3))
def test_an_answer_that_is_read_reads_the_same_again(kind, texts):
    asked_for = question(kind)
    try:
        answer = answers.parse_answer(asked_for, texts)
    except answers.InputWrong:
        return
    assert answers.parse_answer(asked_for, answers.format_answer(asked_for, answer)) == answer


@given(st.text())
def test_cleaning_keeps_all_but_control_characters(typed):
    kept = answers.clean_text(typed)
    assert "\x00" not in kept and "\r" not in kept
    assert answers.clean_text(kept) == kept


def test_words_may_be_long_but_not_too_long():
    asked_for = question(Kind.TEXT)
    assert answers.parse_answer(asked_for, ["好" * 2000]) == GivenAnswer(words="好" * 2000)
    with pytest.raises(answers.WordsTooLong) as refusal:
        answers.parse_answer(asked_for, ["👩‍🔧" * 1000])
    assert refusal.value.facts["over"] == 1000


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, None), (-5, None), (3, Duration.HASTY), (60, Duration.USUAL), (7200, Duration.LONG)],
)
def test_duration_is_kept_in_three_classes_only(seconds, expected):
    assert submission.classify_duration(seconds, 8) == expected
