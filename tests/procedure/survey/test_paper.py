"""Printed forms typed in: sealed or by name, some of them twice, and nothing tells who typed an anonymous one (P5)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat import database
from csat.adapters import sealing
from csat.models.answers import Answer, Mailbox, Response
from csat.models.asking import (
    Attempt,
    AttemptOutcome,
    Campaign,
    CampaignState,
    Channel,
    Invitation,
    InvitationState,
    Link,
    Naming,
)
from csat.models.drafts import Draft
from csat.models.paper import PaperComparison, PaperEntry
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.procedure.campaigns import invitations, links, paper_forms
from csat.procedure.campaigns.invitation_states import is_answered_by_name
from csat.procedure.campaigns.slips import Slip
from csat.procedure.core import settings, tokens
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import LinkUnknown, LinkUsed, RecorderMayNotVerify, ValueMissing
from csat.procedure.people import separation_of_duties
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.survey import drafts, mailbox, paper, second_typing, submission
from csat.procedure.survey.settlement import list_unnamed_invitations
from csat.procedure.survey.submission import FilledForm
from csat.procedure.survey.typed_paper import TypedPaper
from tests.builders import (
    NOW,
    ZONE,
    a_campaign,
    a_client,
    a_person,
    an_invitation,
    another_contact,
    how_many_wait,
    some_answers,
)

WORDS = "只有纸上写着的话"


@pytest.fixture
def campaign(cast, config) -> Campaign:
    settings.change_setting("paper_double_share", 0, None, NOW)
    return a_campaign("company", public_key=sealing.create_key(config.keys))


@pytest.fixture
def stack(cast, campaign):
    """Three forms of one client, without names."""
    return paper_forms.print_stack(campaign, a_client(manager=cast.manager), 3, cast.desk, NOW, ZONE)


def typed(words=WORDS, rated=4, **more):
    return TypedPaper(some_answers("company", rated=rated, words=words), **{"anonymous": True, **more})


def enter(code, by, what=None, now=NOW, **more):
    return paper.enter_paper(code, what or typed(), by, now, ZONE, sealing, **more)


def every_row() -> dict[str, list[tuple[object, ...]]]:
    return {
        table: database.store.execute_sql(f'select * from "{table}"').fetchall()
        for table in database.store.get_tables()
    }


# --- codes -----------------------------------------------------------------------------------------------


@hypothesis.settings(max_examples=20)
@given(st.text("ABCDEFGHJKMN", min_size=12, max_size=12), st.sampled_from([" ", "-", "－", "　", ""]))
def test_a_code_is_known_however_it_is_typed(letters, between):
    code = tokens.normalise_short_code(letters)
    assert code == "-".join(letters.lower()[at : at + 4] for at in (0, 4, 8))
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in letters)
    for way in (letters, wide, between.join(letters), f" {code} "):
        assert tokens.normalise_short_code(way) == code


@given(st.text(max_size=80))
@hypothesis.settings(max_examples=20)
def test_what_is_no_code_finds_nothing(text):
    code = tokens.normalise_short_code(text)
    assert code == "" or tokens.normalise_short_code(code) == code


def test_codes_differ_and_the_store_keeps_a_slow_hash_only(stack):
    codes = {one.code for one in stack}
    assert len(codes) == 3 and all(tokens.normalise_short_code(code) == code for code in codes)
    kept = {link.token_hash for link in Link}
    assert len(kept) == 6 and not kept & {tokens.hash_token(code) for code in codes}


def test_link_and_code_are_one_answer(stack, cast):
    form = FilledForm(some_answers("company"), True, tokens.make_submission_code())
    submission.submit_response(stack[0].token, form, NOW, sealing.seal_bytes)
    with pytest.raises(paper.FormAnswered):
        enter(stack[0].code, cast.desk)
    enter(stack[1].code, cast.desk)
    with pytest.raises(LinkUsed):
        submission.submit_response(stack[1].token, form_of_another(form), NOW, sealing.seal_bytes)
    assert Mailbox.select().count() == 2


def form_of_another(form):
    return FilledForm(form.answers, True, tokens.make_submission_code())


# --- without a name --------------------------------------------------------------------------------------


def test_of_an_anonymous_form_the_store_keeps_nobody(stack, cast, config):
    """Before and after, but for the spent invitation and one sealed row, every row of the store is the same."""
    before = every_row()
    enter(stack[0].code, cast.desk)
    after = every_row()
    changed = {table for table in after if sorted(map(repr, after[table])) != sorted(map(repr, before.get(table, [])))}
    # The seed of the draw is made once for a store, at the first form.
    assert changed == {"invitation", "link", "mailbox", "setting"}
    assert len(after["mailbox"]) == 1 and len(after["setting"]) == len(before["setting"]) + 1
    assert Invitation.get_by_id(stack[0].invitation.id).state == InvitationState.DONE
    assert not Draft.select().exists()
    assert WORDS.encode() not in b"".join(path.read_bytes() for path in config.instance.rglob("*") if path.is_file())


def test_three_papers_are_opened_together_with_their_client_and_channel(stack, cast, config, campaign):
    for one in stack[:2]:
        enter(one.code, cast.desk)
    unseal = partial(sealing.open_sealed, config.keys)
    assert mailbox.release_answers(campaign, unseal, NOW) is None
    enter(stack[2].code, cast.desk)
    assert mailbox.release_answers(campaign, unseal, NOW).number == 3
    rows = {(one.channel, one.client, one.anonymous, one.recorder, one.received_at) for one in Response}
    assert rows == {(Channel.PAPER, stack[0].invitation.client, True, None, None)}


def test_what_is_left_blank_stays_without_an_answer(stack, cast):
    only = TypedPaper({"overall": GivenAnswer(value=2)}, anonymous=False, name="王")
    enter(stack[0].code, cast.desk, only)
    assert [(row.question.code, row.value) for row in Answer] == [("overall", 2)]
    with pytest.raises(paper.FormBlank):
        enter(stack[1].code, cast.desk, TypedPaper({}, anonymous=True))


# --- by name ---------------------------------------------------------------------------------------------


def test_by_name_who_typed_it_is_its_recorder(cast, campaign):
    contact = another_contact(a_client(manager=cast.manager))
    invitation = an_invitation(campaign, contact, channel=Channel.PAPER, state=InvitationState.MADE)
    (form,) = paper_forms.print_contact_forms([slip_of(invitation)], cast.desk, NOW)
    with pytest.raises(ValueMissing):
        enter(form.code, cast.manager, typed(anonymous=False))
    enter(form.code, cast.manager, typed(anonymous=False, name="王女士", reach="8888"))
    response = Response.get()
    assert (response.channel, response.recorder, response.contact) == (Channel.PAPER, cast.manager, contact)
    assert (response.respondent_name, response.respondent_reach, response.receipt_hash) == ("王女士", "8888", None)
    assert Attempt.get().outcome == AttemptOutcome.ANSWERED
    with pytest.raises(RecorderMayNotVerify):
        separation_of_duties.ensure_may_verify(cast.manager, response)
    assert AuditEntry.select().where(AuditEntry.action == "survey recorded").exists()


def slip_of(invitation):
    return Slip(invitation, printed=False, delivered=False)


def test_one_name_of_a_stack_tells_nothing_of_the_others(stack, cast, campaign):
    enter(stack[0].code, cast.desk, typed(anonymous=False, name="王女士"))
    enter(stack[1].code, cast.desk)
    named, sealed, open_ = (Invitation.get_by_id(one.invitation.id) for one in stack)
    assert [is_answered_by_name(one) for one in (named, sealed, open_)] == [True, False, False]
    states = (InvitationState.DONE, InvitationState.MADE)
    assert set(list_unnamed_invitations(campaign, states)) == {sealed, open_}


def test_a_name_in_a_stack_given_online_counts_for_its_form_alone(stack):
    form = FilledForm(some_answers("company"), False, tokens.make_submission_code(), name="王女士")
    submission.submit_response(stack[0].code, form, NOW, sealing.seal_bytes)
    assert Response.get().channel == Channel.SLIP  # a printed link, opened online
    assert [is_answered_by_name(Invitation.get_by_id(one.invitation.id)) for one in stack] == [True, False, False]


@pytest.mark.parametrize(("naming", "anonymous"), [(Naming.ANONYMOUS, False), (Naming.NAMED, True)])
def test_a_campaign_takes_only_what_it_offers(stack, cast, campaign, naming, anonymous):
    Campaign.update(naming=naming).execute()
    with pytest.raises(submission.NamingNotOffered):
        enter(stack[0].code, cast.desk, typed(anonymous=anonymous, name="王"))


# --- codes that take nothing -----------------------------------------------------------------------------


def test_each_dead_code_has_its_sentence(stack, cast, campaign):
    with pytest.raises(paper.CodeUnknown):
        paper.open_paper("abcd-efgh-jkmn", cast.desk, NOW, ZONE)
    with pytest.raises(paper.CodeUnknown):
        paper.open_paper(stack[0].token, cast.desk, NOW, ZONE)  # the link is not what is typed here
    invitations.withdraw_invitation(stack[0].invitation, cast.desk, NOW)
    with pytest.raises(paper.FormWithdrawn):
        enter(stack[0].code, cast.desk)
    with pytest.raises(paper.FormExpired):
        enter(stack[1].code, cast.desk, now=campaign.closes_at)
    enter(stack[2].code, cast.desk)
    with pytest.raises(paper.FormAnswered):  # a double click
        enter(stack[2].code, cast.desk)
    assert Mailbox.select().count() == 1


def test_a_manager_types_only_forms_of_their_own_clients(stack, cast, campaign):
    other = paper_forms.print_stack(campaign, a_client("城建集团"), 1, cast.desk, NOW, ZONE)[0]
    with pytest.raises(paper.FormOfOthers):
        enter(other.code, cast.manager)
    assert enter(stack[0].code, cast.manager)


# --- typed twice -----------------------------------------------------------------------------------------


@pytest.fixture
def drawn(stack):
    settings.change_setting("paper_double_share", 100, None, NOW)
    return stack[0].code


def test_a_drawn_form_waits_for_a_second_person(drawn, cast, config):
    assert enter(drawn, cast.desk) is False
    assert PaperEntry.get().by == cast.desk and not Mailbox.select().exists()
    kept = b"".join(path.read_bytes() for path in config.instance.rglob("*") if path.is_file())
    assert WORDS.encode() not in kept and drawn.encode() not in kept
    with pytest.raises(second_typing.SecondTypistNeeded):
        enter(drawn, cast.desk)
    assert [(one.by, one.number) for one in second_typing.list_waiting_forms(NOW, ZONE)] == [(cast.desk, 1)]
    assert enter(drawn, cast.qa)
    assert not PaperEntry.select().exists() and not Draft.select().exists()
    (sample,) = second_typing.list_typist_samples(quarter_of(PaperComparison.get().campaign))
    assert (sample.typist, sample.forms, sample.differing) == (cast.desk, 1, 0) and sample.compared > 5


def test_a_second_typing_waits_for_colleagues_who_may_type_the_form(drawn, cast):
    enter(drawn, cast.qa)
    people = (cast.desk, cast.qa, cast.qa2, cast.manager, a_person("周经理", Role.MANAGER))  # the desk printed it
    assert [how_many_wait("paper", person) for person in people] == [0, 0, 1, 1, 0]
    enter(drawn, cast.qa2)
    assert how_many_wait("paper", cast.manager) == 0


def quarter_of(campaign):
    return Quarter.from_int(campaign.quarter)


def test_what_differs_is_decided_by_the_paper(engine_db, drawn, cast):
    enter(drawn, cast.desk, typed(rated=5, words="服务 很好"))
    assert [one.number for one in second_typing.list_waiting_forms(NOW, ZONE)] == [1]
    assert (how_many_wait("paper", cast.qa), second_typing.delete_lapsed_typings(NOW)) == (1, 0)
    second = typed(rated=5, words="服务\n很好", name_client=True)  # other line breaks in the words are no difference
    answers = {**second.answers, "overall": GivenAnswer(value=1)}
    second = TypedPaper(answers, True, name_client=True)
    with pytest.raises(second_typing.TypingsDiffer) as raised:
        enter(drawn, cast.qa, second)
    assert [(one.code, one.first, one.second) for one in raised.value.differences] == [
        ("q-overall", ["5"], ["1"]),
        ("name_client", [], ["y"]),
    ]
    assert not Mailbox.select().exists() and PaperEntry.select().exists()
    assert enter(drawn, cast.qa, second, decided=True)
    (sample,) = second_typing.list_typist_samples(quarter_of(Campaign.get()))
    assert (sample.typist, sample.forms, sample.differing) == (cast.desk, 1, 1)  # answers alone are counted
    assert Mailbox.select().count() == 1 and not Draft.select().exists()


def test_who_printed_a_form_is_never_shown_what_a_colleague_typed(drawn, cast):
    enter(drawn, cast.qa)
    with pytest.raises(second_typing.PrinterMayNotCompare):
        enter(drawn, cast.desk, typed("a guess", rated=1))
    assert enter(drawn, cast.qa2)


@pytest.mark.parametrize("second", ["qa", "desk"])
def test_in_the_last_days_whoever_typed_or_printed_it_enters_a_waiting_form_unseen(drawn, cast, campaign, second):
    enter(drawn, cast.qa)
    soon = campaign.closes_at - timedelta(days=2)
    PaperEntry.update(last_day=campaign.closes_at.date()).execute()
    assert enter(drawn, getattr(cast, second), typed("as on the paper"), now=soon)
    left = (PaperEntry.select().exists(), Draft.select().exists(), PaperComparison.select().exists())
    assert Mailbox.select().count() == 1 and not any(left)


def test_of_a_comparison_nothing_leads_to_the_form(drawn, cast):
    enter(drawn, cast.desk)
    enter(drawn, cast.qa)
    assert {name for name in PaperComparison._meta.fields} == {"id", "campaign", "by", "compared", "differing"}
    assert cast.qa.id not in [row.by_id for row in PaperComparison]


def test_a_first_typing_lapses_and_the_form_is_typed_anew(drawn, cast):
    enter(drawn, cast.desk)
    late = NOW + drafts.DRAFT_LASTS + timedelta(days=1)
    assert second_typing.delete_lapsed_typings(NOW) == 0
    drafts.delete_expired_drafts(late)
    assert second_typing.delete_lapsed_typings(late) == 1
    assert enter(drawn, cast.desk, now=late) is False


def test_a_first_typing_that_is_gone_before_the_daily_round_is_made_anew(drawn, cast):
    enter(drawn, cast.desk)
    Draft.delete().execute()
    assert enter(drawn, cast.qa) is False
    assert [entry.by for entry in PaperEntry] == [cast.qa]


class Meanwhile:
    """The room that encrypts; what happens while somebody's typing is being locked, happens once."""

    def __init__(self, happens):
        self.happens = happens

    def __getattr__(self, name):
        return getattr(sealing, name)

    def encrypt_with_key(self, key, plain):
        happens, self.happens = self.happens, lambda: None
        happens()
        return sealing.encrypt_with_key(key, plain)


@pytest.mark.parametrize("lapsed", [False, True])
def test_of_two_who_type_at_the_same_moment_the_quicker_is_kept_and_the_other_told(drawn, cast, lapsed):
    if lapsed:
        enter(drawn, cast.manager, now=NOW - timedelta(days=15))
        Draft.delete().execute()
    quicker, slower = typed("the quicker", rated=5), typed("the slower", rated=1)
    safe = Meanwhile(lambda: enter(drawn, cast.qa2, quicker))
    with pytest.raises(second_typing.TypedMeanwhile):
        paper.enter_paper(drawn, slower, cast.qa, NOW, ZONE, safe)
    assert [entry.by for entry in PaperEntry] == [cast.qa2] and Draft.select().count() == 1
    with pytest.raises(second_typing.TypingsDiffer) as raised:
        enter(drawn, cast.qa, slower)
    assert ("q-overall", ["5"], ["1"]) in [(one.code, one.first, one.second) for one in raised.value.differences]


def test_a_first_typing_of_who_printed_it_is_shown_to_them_neither(drawn, cast):
    safe = Meanwhile(lambda: enter(drawn, cast.qa2))
    with pytest.raises(second_typing.PrinterMayNotCompare):
        paper.enter_paper(drawn, typed(), cast.desk, NOW, ZONE, safe)


def test_what_is_answered_while_it_is_typed_is_not_kept_for_a_second_person(stack, drawn, cast):
    form = FilledForm(some_answers("company"), True, tokens.make_submission_code())
    safe = Meanwhile(lambda: submission.submit_response(stack[0].token, form, NOW, sealing.seal_bytes))
    with pytest.raises(paper.FormAnswered):
        paper.enter_paper(drawn, typed(), cast.qa, NOW, ZONE, safe)
    assert not PaperEntry.select().exists() and not Draft.select().exists()


def test_in_the_last_days_of_a_campaign_none_is_drawn(drawn, cast, campaign):
    assert enter(drawn, cast.desk, now=campaign.closes_at - timedelta(days=2))
    assert Mailbox.select().count() == 1


def test_when_its_campaign_closes_a_first_typing_is_forgotten(drawn, cast):
    enter(drawn, cast.desk)
    Campaign.update(state=CampaignState.CLOSED).execute()
    assert second_typing.list_waiting_forms(NOW, ZONE) == [] and second_typing.delete_lapsed_typings(NOW) == 1


def test_the_draw_is_the_same_for_whoever_types_and_follows_the_share(campaign, cast):
    client = a_client(manager=cast.manager)
    forms = [Invitation.create(campaign=campaign, client=client, channel=Channel.PAPER) for _ in range(400)]
    settings.change_setting("paper_double_share", 10, None, NOW)
    first = [second_typing.is_drawn(one, NOW) for one in forms]
    assert first == [second_typing.is_drawn(one, NOW) for one in forms] and 20 <= sum(first) <= 65


# --- printing --------------------------------------------------------------------------------------------


def test_a_stack_has_limits_and_is_handed_over_by_number(stack, cast, campaign):
    client = stack[0].invitation.client
    for number in (0, paper_forms.MAX_FORMS + 1):
        with pytest.raises(paper_forms.TooManyForms):
            paper_forms.print_stack(campaign, client, number, cast.desk, NOW, ZONE)
    assert paper_forms.hand_over_stack(campaign, client, 2, cast.desk, NOW) == 2
    (found,) = paper_forms.list_stacks(campaign, None)
    assert (found.client, found.printed, found.delivered) == (client, 3, 2)
    with pytest.raises(paper_forms.TooManyForms):
        paper_forms.hand_over_stack(campaign, client, 2, cast.desk, NOW)


def test_about_single_matters_nothing_is_printed(cast, campaign):
    Campaign.update(occasion="incident").execute()
    with pytest.raises(paper_forms.PaperNotOffered):
        paper_forms.print_stack(Campaign.get(), a_client(), 1, cast.desk, NOW, ZONE)


def test_an_unknown_code_is_an_unknown_link(campaign):
    with pytest.raises(LinkUnknown):
        links.get_link("abcd-efgh-jkmn")
