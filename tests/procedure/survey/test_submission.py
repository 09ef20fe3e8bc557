"""One link, one answer: what a link opens, what is promised, and how an answer is taken (Q1–Q5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.adapters import sealing
from csat.figures.audience import Audience
from csat.figures.quarterly import compute_quarter_figures
from csat.models.answers import Answer, Duration, Mailbox, Response
from csat.models.asking import Attempt, AttemptOutcome, Channel, Invitation, InvitationState, Link, Naming, Occasion
from csat.models.base import Localised
from csat.models.clients import Incident
from csat.models.effect import ClosingCheck
from csat.models.questionnaires import Kind, Question
from csat.models.records import AuditEntry
from csat.procedure.campaigns import links
from csat.procedure.core import refusals, tokens
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import answers
from csat.procedure.questionnaires.answers import ChoiceUnknown, GivenAnswer, NothingSaid
from csat.procedure.review import verdicts
from csat.procedure.survey import envelope, submission
from csat.procedure.survey.submission import FilledForm, NamingNotOffered
from tests.builders import NOW, ZONE, a_campaign, a_client, a_contact, a_link, an_incident, an_invitation, some_answers
from tests.feedback_builders import assigned


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
    with pytest.raises(refusals.LinkUsed):
        send(token, filled(rated=1))
    assert Mailbox.select().count() == 1


def test_every_link_of_an_invitation_spends_it(db, config):
    invitation = asked(config)
    first, second = a_link(invitation), a_link(invitation)
    other = a_link(an_invitation(invitation.campaign, a_contact(invitation.client, name="李先生")))
    send(first, filled())
    assert links.open_link(other, NOW)
    with pytest.raises(refusals.LinkUsed):
        links.open_link(second, NOW)


@pytest.mark.parametrize(("anonymous", "name", "kept"), [(True, "", Mailbox), (False, "王女士", Response)])
def test_the_same_form_sent_twice_gets_the_same_thanks_and_is_kept_once(db, config, anonymous, name, kept):
    token, form = a_link(asked(config)), filled(anonymous, name=name)
    assert send(token, form) == send(token, form)
    assert kept.select().count() == 1


def test_a_code_belongs_to_one_answer(db, config):
    """Somebody who sends another one's code with an open link loses nothing: the answer gets its own code."""
    first = asked(config)
    second = an_invitation(first.campaign, a_contact(first.client, name="李先生"))
    form = filled()
    send(a_link(first), form)
    taken = send(a_link(second), form)
    assert taken.code != form.code
    assert Mailbox.select().count() == 2


def test_a_code_of_nobody_else_is_kept(db, config):
    first = asked(config)
    send(a_link(first), filled(anonymous=False, name="王女士"))
    form = filled()
    assert send(a_link(an_invitation(first.campaign, a_contact(first.client))), form).code == form.code


def test_an_anonymous_answer_has_the_size_of_its_form_however_much_was_said(db, config):
    first = asked(config)
    for words in ("", "好" * 2000, "👩" * 2000, '"\\\n' * 666 + "."):
        form = FilledForm(some_answers(words=words), True, tokens.make_submission_code())
        send(a_link(an_invitation(first.campaign, a_contact(first.client))), form)
    (size,) = {len(row.sealed) for row in Mailbox.select()}
    assert size > 6000


def test_an_anonymous_answer_leaves_only_its_sealed_form(db, config):
    send(a_link(asked(config)), filled())
    assert Response.select().count() == Answer.select().count() == 0
    assert AuditEntry.select().where(AuditEntry.action.contains("survey")).count() == 0
    assert Invitation.get().state == InvitationState.DONE


def test_a_named_answer_carries_what_was_fixed_at_asking(cast, config):
    client = a_client()
    campaign = a_campaign(public_key=sealing.create_key(config.keys))
    people = {"manager": cast.manager, "department": cast.department, "engineer": cast.engineer}
    fixed = {"incident": an_incident(client=client), "channel": Channel.SLIP, **people}
    invitation = an_invitation(campaign, a_contact(client), **fixed)
    form = filled(anonymous=False, rated=2, name="王女士", reach="8888", duration=Duration.USUAL)
    send(a_link(invitation), form)
    response = Response.get()
    assert {name: getattr(response, name) for name in fixed} == fixed
    assert (response.client, response.contact, response.campaign) == (client, invitation.contact, campaign)
    assert (response.received_at, response.quarter, response.duration) == (NOW, 20263, Duration.USUAL)
    assert (response.respondent_name, response.respondent_reach) == ("王女士", "8888")
    assert response.receipt_hash == tokens.derive_number(form.code, "receipt")
    values = {row.question.code: row.value for row in response.answers}
    assert values["overall"] == 2 and values["first_contact"] == 1


@pytest.mark.parametrize(("anonymous", "name", "surveyed_at"), [(True, "", None), (False, "王女士", NOW)])
def test_only_a_named_answer_tells_that_its_incident_is_surveyed(db, config, anonymous, name, surveyed_at):
    invitation = asked(config)
    Invitation.update(incident=an_incident(client=invitation.client)).execute()
    send(a_link(Invitation.get()), filled(anonymous, name=name))
    assert Incident.get().surveyed_at == surveyed_at


def test_a_named_answer_counts_in_the_quarter_of_its_incident_and_marks_it_once(db, config):
    invitation = asked(config)
    incident = an_incident(client=invitation.client, quarter=20262, surveyed_at=NOW - timedelta(days=1))
    Invitation.update(incident=incident).execute()
    send(a_link(Invitation.get()), filled(anonymous=False, name="王女士"))
    assert Response.get().quarter == 20262
    assert Incident.get().surveyed_at == NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("channel", "told"), [(Channel.SLIP, Channel.SLIP), (Channel.EMAIL, Channel.LINK), (Channel.LINK, Channel.LINK)]
)
def test_what_is_sealed_tells_paper_and_nothing_else_of_the_way(db, config, channel, told):
    invitation = asked(config)
    Invitation.update(channel=channel).execute()
    form = filled(name_client=True, duration=Duration.LONG)
    receipt = send(a_link(Invitation.get()), form)
    assert receipt == submission.Receipt(form.code, invitation.campaign.closes_at)
    sealed = Mailbox.get()
    plain = sealing.open_sealed(config.keys, bytes(sealed.campaign.public_key), bytes(sealed.sealed))
    inside = envelope.unpack_envelope(plain)
    assert (inside.channel, inside.name_client, inside.duration) == (told, True, Duration.LONG)
    assert inside.client == invitation.client_id and inside.person == f"contact:{invitation.contact_id}"
    assert inside.receipt == tokens.derive_number(form.code, "receipt") and inside.answers == form.answers


def test_named_thanks_wait_for_nothing_and_need_no_key(db):
    invitation = an_invitation(a_campaign(naming=Naming.NAMED), a_contact(a_client()))
    assert send(a_link(invitation), filled(anonymous=False, name="王女士")).waits_until is None


def test_a_code_that_is_none_is_replaced(db, config):
    first = asked(config)
    for name, code in (("甲", ""), ("乙", "abc")):
        token = a_link(an_invitation(first.campaign, a_contact(first.client, name=name)))
        assert tokens.normalise_submission_code(send(token, replace(filled(), code=code)).code)


def test_there_is_no_earlier_receipt_while_the_link_is_open(db, config):
    first = asked(config)
    form = filled()
    send(a_link(first), form)
    other = an_invitation(first.campaign, a_contact(first.client, name="李先生"))
    assert submission.find_earlier_receipt(form.code, other) is None
    spent = Invitation.get_by_id(first.id)
    assert submission.find_earlier_receipt(form.code, spent) is not None
    assert submission.find_earlier_receipt("", spent) is None


def test_who_comes_second_in_the_same_instant_is_told_what_the_first_one_is(db, config, monkeypatch):
    """Both saw the link open; only one of them spends it."""
    invitation = asked(config)
    token = a_link(invitation)
    form = filled()
    seal = sealing.seal_bytes

    def slow_seal(*facts):
        monkeypatch.undo()
        submission.submit_response(token, form, NOW, seal)
        return seal(*facts)

    with pytest.raises(refusals.LinkUsed):
        submission.submit_response(token, filled(rated=1), NOW, slow_seal)
    assert Mailbox.select().count() == 1


def test_the_same_form_sent_twice_in_the_same_instant_gets_the_same_thanks(db, config):
    invitation, form, first = asked(config), filled(), []
    token = a_link(invitation)

    def slow_seal(*facts):
        if not first:
            first.append(None)
            first.append(submission.submit_response(token, form, NOW, slow_seal))
        return sealing.seal_bytes(*facts)

    assert submission.submit_response(token, form, NOW, slow_seal) == first[1]
    assert Mailbox.select().count() == 1


def test_who_comes_second_after_the_link_was_withdrawn_is_told_so(db, config):
    token = a_link(asked(config))

    def slow_seal(*facts):
        Invitation.update(state=InvitationState.VOID).execute()
        return sealing.seal_bytes(*facts)

    with pytest.raises(refusals.LinkWithdrawn):
        submission.submit_response(token, filled(), NOW, slow_seal)
    assert Mailbox.select().count() == 0


def test_a_key_tells_nothing_of_the_order_in_which_answers_came(db, config):
    first = asked(config)
    for name in "甲乙":
        invitation = an_invitation(first.campaign, a_contact(first.client, name=name))
        send(a_link(invitation), filled(anonymous=False, name=name))
    early, late = Response.select().order_by(Response.respondent_name.desc())
    assert abs(late.id - early.id) > 1


def test_what_the_campaign_does_not_offer_is_refused(db, config):
    token = a_link(asked(config, naming=Naming.NAMED))
    with pytest.raises(NamingNotOffered) as refused:
        send(token, filled())
    assert refused.value.field == "who"
    token = a_link(an_invitation(a_campaign(naming=Naming.ANONYMOUS), None))
    with pytest.raises(NamingNotOffered) as refused:
        send(token, filled(anonymous=False, name="王女士"))
    assert refused.value.field == "who"


def test_a_named_answer_needs_the_name(db, config):
    with pytest.raises(refusals.ValueMissing) as refused:
        send(a_link(asked(config)), filled(anonymous=False))
    assert refused.value.field == "name"
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
        (InvitationState.DONE, refusals.LinkUsed),
        (InvitationState.LATE, refusals.LinkExpired),
        (InvitationState.OVER, refusals.LinkExpired),
        (InvitationState.VOID, refusals.LinkWithdrawn),
        (InvitationState.DENY, refusals.LinkWithdrawn),
    ],
)
def test_a_link_says_why_it_takes_nothing(db, state, refusal):
    token = a_link(an_invitation(a_campaign(), None, state=state))
    Link.update(spent=state == InvitationState.DONE).execute()
    with pytest.raises(refusal):
        links.open_link(token, NOW)


def test_the_time_to_answer_ends_with_the_campaign(db):
    token = a_link(an_invitation(a_campaign(closes_at=NOW + timedelta(hours=1)), None))
    assert links.open_link(token, NOW + timedelta(minutes=59)).campaign.k == 3
    with pytest.raises(refusals.LinkExpired):
        links.open_link(token, NOW + timedelta(hours=1))
    closed = a_link(an_invitation(a_campaign(state="closed"), None))
    with pytest.raises(refusals.LinkExpired):
        links.open_link(closed, NOW)


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 44, "a" * 43, "ü" * 43, "%" * 43])
def test_unknown_and_malformed_links_are_the_same(db, token):
    with pytest.raises(refusals.LinkUnknown):
        links.open_link(token, NOW)


# --- telephone and interview records ------------------------------------------------------------------


def recorded(invitation: Invitation, by, channel: Channel = Channel.TELEPHONE) -> Response:
    return submission.record_response(invitation, some_answers(rated=4), channel, by, NOW)


def test_a_telephone_record_is_named_and_marks_the_incident(cast):
    client, agent = a_client(), cast.desk
    invitation = an_invitation(a_campaign(), a_contact(client), incident=an_incident(client=client))
    response = recorded(invitation, agent)
    assert (response.recorder, response.respondent_name, response.anonymous) == (agent, "王女士", False)
    assert Invitation.get().state == InvitationState.DONE
    assert Incident.get().surveyed_at == NOW
    attempt = Attempt.get()
    assert (attempt.outcome, attempt.by, attempt.at) == (AttemptOutcome.ANSWERED, agent, NOW)
    assert response.respondent_reach == ""
    with pytest.raises(refusals.OutOfOrder):
        recorded(invitation, agent)


def test_a_call_that_breaks_off_counts_by_what_was_said(cast):
    said = {"overall": GivenAnswer(4)}
    invitation = an_invitation(a_campaign(), a_contact(a_client()))
    for nothing in ({}, {"convenience": GivenAnswer(not_applicable=True)}):
        with pytest.raises(NothingSaid):
            submission.record_response(invitation, nothing, Channel.TELEPHONE, cast.desk, NOW)
    response = submission.record_response(invitation, said, Channel.TELEPHONE, cast.desk, NOW)
    assert [(row.question.code, row.value) for row in response.answers] == [("overall", 4)]
    verdicts.accept_response(response, cast.qa, NOW)
    figures = compute_quarter_figures(Quarter(2026, 3), NOW, ZONE, Audience.RESPONSE_READERS)
    assert (figures.satisfaction.rate.value, figures.satisfaction.rate.n) == (1, 1)
    assert {row.code: row.rate.n for row in figures.questions if row.rate} == {"overall": 1}


def test_what_is_said_must_be_what_the_question_takes(cast):
    invitation = an_invitation(a_campaign(), a_contact(a_client()))
    with pytest.raises(ChoiceUnknown):
        submission.record_response(invitation, {"overall": GivenAnswer(6)}, Channel.TELEPHONE, cast.desk, NOW)


def test_a_caller_without_a_contact_may_stay_without_a_name(cast):
    assert recorded(an_invitation(a_campaign(), None), cast.desk).respondent_name == ""


def test_an_answer_to_the_two_questions_after_closing_belongs_to_its_own_check_only(cast):
    """And who had a hand in the matter does not ask whether it is settled."""
    campaign = a_campaign(occasion=Occasion.CHECK)
    asked_of = [an_invitation(campaign, a_contact(a_client(name), name)) for name in "甲乙"]
    for invitation in asked_of:
        ClosingCheck.create(feedback=assigned(cast), invitation=invitation, at=NOW)
    with pytest.raises(refusals.DoerMayNotCheck):
        recorded(asked_of[0], cast.owner)
    response = recorded(asked_of[0], cast.desk)
    assert [check.response for check in ClosingCheck.select().order_by(ClosingCheck.id)] == [response, None]
    recorded(an_invitation(a_campaign(), asked_of[1].contact), cast.desk)
    assert ClosingCheck.select().where(ClosingCheck.response.is_null()).count() == 1


def test_who_handled_the_incident_never_records_its_survey(cast):
    incident = an_incident(client=a_client(), resolved_by=cast.desk)
    with pytest.raises(refusals.HandlerMayNotRecord):
        recorded(an_invitation(a_campaign(), None, incident=incident), cast.desk)
    assert Response.select().count() == 0


def test_an_interview_is_recorded_with_the_name_that_was_said(cast):
    agent, invitation = cast.desk, an_invitation(a_campaign(), a_contact(a_client()))
    response = submission.record_response(
        invitation, some_answers(), Channel.INTERVIEW, agent, NOW, name="李先生", reach="8888"
    )
    assert (response.respondent_name, response.respondent_reach) == ("李先生", "8888")
    assert (response.channel, response.received_at, response.receipt_hash) == (Channel.INTERVIEW, NOW, None)
    entry = AuditEntry.get(AuditEntry.action == "survey recorded")
    assert (entry.subject, entry.actor) == (f"response:{response.id}", f"person:{agent.id}")
    assert "interview" in entry.details.get().detail


@pytest.mark.parametrize("channel", [Channel.LINK, Channel.EMAIL, Channel.SLIP])
def test_what_came_by_itself_is_no_record(cast, channel):
    with pytest.raises(refusals.OutOfOrder):
        recorded(an_invitation(a_campaign(), None), cast.desk, channel)
    assert Response.select().count() == 0


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
    [
        (None, None), (-0.1, None), (0, Duration.HASTY), (15.9, Duration.HASTY), (16, Duration.USUAL),
        (1800, Duration.USUAL), (1801, Duration.LONG),
    ],
)  # fmt: skip
def test_duration_is_kept_in_three_classes_only(seconds, expected):
    assert submission.classify_duration(seconds, 8) == expected


def test_three_questions_are_read_at_a_glance():
    assert submission.classify_duration(2, 3) == Duration.USUAL
