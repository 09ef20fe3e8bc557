"""Stories about what a letter says (P13, F4): nothing of who answered without a name, and all on one page."""

from __future__ import annotations

import io
import string
from datetime import date, timedelta

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.documents.letters import compose as documents
from csat.documents.letters import figures, proposals
from csat.documents.report import drafting
from csat.models.answers import Answer, Message, MessageKind, Response, Verdict
from csat.models.clients import Client
from csat.models.feedback import Action, ActionFeedback, ActionKind, Feedback, FeedbackSource
from csat.models.letters import Letter
from csat.models.reporting import Report
from csat.procedure.core.bilingual import list_fields
from csat.procedure.letters import facts as letter_material
from csat.procedure.letters import letters, wording
from csat.procedure.letters.wording import QuotesAnonymous
from tests.builders import NOW, a_client, a_contact, a_response
from tests.cast import Cast
from tests.letters import Q3, ZONE, a_feedback, a_proposal, a_sent_letter, an_issued_report, answers, worded

LATER = NOW + timedelta(days=1)
LONG = "这句话里有很多很多字，是为了看看写满了的信是不是仍然只有一页，一个字也不多。"


@pytest.fixture
def client(cast) -> Client:
    return a_client(manager=cast.manager)


def an_action(feedback: Feedback, what: str, cast: Cast, done: bool = False) -> Action:
    action = Action.create(
        kind=ActionKind.CORRECTIVE,
        what=what,
        owner=cast.owner,
        made_by=cast.owner,
        due=date(2026, 10, 30),
        done_at=NOW if done else None,
    )
    ActionFeedback.create(action=action, feedback=feedback)
    return action


def said(letter: Letter) -> str:
    """All that a letter says, in both languages."""
    document = documents.compose_letter(letter, ZONE)
    return "\n".join(documents.render_html(document, language) for language in ("zh", "en"))


# --- figures ---------------------------------------------------------------------------------------------


def test_the_rate_is_the_one_that_the_report_shows(cast, client):
    answers(client, 5, 5, 4, 1)
    letter = a_proposal(cast, client)
    assert letter.facts["figure"]["value"] == 0.75 and letter.facts["figure"]["n"] == 4
    assert "75.0%" in said(letter)


@pytest.mark.parametrize("anonymous", [True, False])
def test_fewer_than_three_answers_show_no_rate_even_with_names(cast, client, anonymous):
    """Somebody who left us a name did not leave it to their superior."""
    answers(client, 1, 2, anonymous=anonymous)
    letter = a_proposal(cast, client)
    assert letter.facts["figure"] is None
    assert "0.0%" not in said(letter) and "nobody can be recognised" in said(letter)


def test_what_the_report_hides_the_letter_hides(cast, client):
    answers(client, 5, 5, 5)
    answers(client, 1, anonymous=True)
    letter = a_proposal(cast, client)
    assert letter.report.document["figures"]["clients"][0]["rate"]["hidden"]
    assert letter.facts["figure"] is None and "You rate us" not in said(letter)


def test_no_answer_and_too_few_read_alike(cast, client):
    other = a_client("乙", manager=cast.manager)
    answers(client, 1)
    few, none = (
        documents.render_body(documents.compose_letter(a_proposal(cast, one), ZONE), "en")
        for one in (client, other)
    )
    assert "We give a rate" in few and few.replace(client.name, other.name) == none


def test_what_comes_after_the_report_changes_no_letter(cast, client):
    answers(client, 5, 5, 5)
    report = an_issued_report(cast)
    answers(client, 1, 1, 1)
    assert figures.collect_facts(client, Report.get_by_id(report.id))["figure"]["value"] == 1.0


# --- beside other letters --------------------------------------------------------------------------------


def test_a_correction_does_not_betray_the_one_answer_it_has_more(cast, client):
    """3 answers, all content; then 4, 75 %: the reader would know the fourth."""
    answers(client, 5, 5, 5)
    old = a_sent_letter(cast, client)
    assert old.facts["figure"]["n"] == 3
    answers(client, 1)
    newer = an_issued_report(cast, LATER, "one more answer")
    facts, words = proposals.draft_proposal(client, newer, ZONE, LATER)
    assert facts["figure"] is None and "%" not in words["heard"]["en"] + words["worked"]["en"]


def test_a_correction_with_enough_new_answers_tells_its_rate(cast, client):
    answers(client, 5, 5, 5)
    a_sent_letter(cast, client)
    answers(client, 1, 1, 5)
    newer = an_issued_report(cast, LATER, "three more answers")
    facts, words = proposals.draft_proposal(client, newer, ZONE, LATER)
    assert facts["figure"]["n"] == 6 and "(66.7%)" in words["heard"]["en"]


def test_the_quarter_before_is_told_as_its_own_letter_told_it_or_not_at_all(cast, client):
    def next_figure(number: int):
        document = drafting.draft_document(Q3.plus(1), cast.qa, LATER, ZONE)
        report = Report(quarter=int(Q3.plus(1)), version=number, document=document)
        return figures.collect_facts(client, report)["figure"]

    answers(client, 5, 5, 5)
    a_sent_letter(cast, client)
    answers(client, 4, 4, 4, quarter=int(Q3.plus(1)))
    told = next_figure(1)
    assert (told["before"], told["before_n"]) == (1.0, 3)
    answers(client, 1)  # came late: in no letter of its own quarter
    untold = next_figure(2)
    assert (untold["value"], untold["before"], untold["change"]) == (1.0, None, "unknown")


def test_the_rate_of_all_is_not_told_where_it_is_what_a_few_answered(cast, client):
    answers(client, 1, 2)
    letter = a_proposal(cast, client)
    (missed,) = [one for one in letter.facts["missed"] if one["code"] == "satisfaction"]
    assert missed["value"] is None
    assert "reached 0" not in said(letter)


def test_high_and_low_dimensions_are_named(cast, client):
    wishes = {"timeliness": 1, "attitude": 5}
    for _ in range(3):
        a_response("company", client=client, verdict=Verdict.VALID, rated=4, ratings=wishes)
    answers(None)
    words = a_proposal(cast, client).words
    assert "Timeliness (0.0%)" in words["heard"]["en"]
    assert "Timeliness" not in words["worked"]["en"] and "(100.0%)" in words["worked"]["en"]


# --- what may be retold ------------------------------------------------------------------------------------


def test_a_matter_with_a_name_is_told_and_its_actions_too(cast, client):
    (named,) = answers(client, 2)
    taken = a_feedback(client, "Nobody called back on Monday", cast, sources=[named])
    an_action(taken, "Two people answer the telephone now", cast, done=True)
    an_action(taken, "A weekly check of missed calls", cast)
    words = a_proposal(cast, client).words
    assert "Nobody called back on Monday" in words["heard"]["en"]
    assert "Nobody called" not in words["heard"]["zh"]  # each language has its own words
    assert "Done on 14 Sep 2026: Two people answer the telephone now." in words["done"]["en"]
    assert "By 30 Oct 2026: A weekly check of missed calls." in words["done"]["en"]
    assert "Two people" not in words["done"]["zh"]


def test_an_anonymous_matter_is_not_told_nor_counted(cast, client):
    secret = answers(client, 1, 1, 1, anonymous=True)
    for one in secret:
        taken = a_feedback(client, "The night shift sleeps", cast, sources=[one])
        an_action(taken, "Wake the night shift", cast)
    told = letter_material.gather_facts(client, Q3, ZONE)
    assert (told.matters, told.measures) == ((), ())
    assert "night shift" not in said(a_proposal(cast, client))


def test_a_matter_with_and_without_a_name_is_not_told(cast, client):
    (named,), (secret,) = answers(client, 2), answers(client, 1, anonymous=True)
    a_feedback(client, "Both said this", cast, sources=[named, secret])
    assert letter_material.gather_facts(client, Q3, ZONE).matters == ()


def test_what_is_linked_with_an_anonymous_matter_is_the_same_matter(cast, client):
    """QA put down by hand what somebody said without a name, and linked the two."""
    (secret,) = answers(client, 1, anonymous=True)
    top = a_feedback(client, "Nobody answers at night", cast, sources=[secret])
    linked = a_feedback(client, "Nights are understaffed", cast)
    an_action(linked, "Two people at night", cast)
    Feedback.update(linked_to=top).where(Feedback.id == linked.id).execute()
    told = letter_material.gather_facts(client, Q3, ZONE)
    assert (told.matters, told.measures) == ((), ())
    Feedback.update(linked_to=None).where(Feedback.id == linked.id).execute()
    Feedback.update(linked_to=linked).where(Feedback.id == top.id).execute()
    assert letter_material.gather_facts(client, Q3, ZONE).matters == ()


def test_an_action_shared_with_an_anonymous_matter_is_not_told(cast, client):
    (named,), (secret,) = answers(client, 2), answers(a_client("别家"), 1, anonymous=True)
    shared = an_action(a_feedback(client, "Slow", cast, sources=[named]), "Shared remedy", cast)
    ActionFeedback.create(
        action=shared, feedback=a_feedback(a_client("丙"), "Slow too", cast, sources=[secret])
    )
    told = letter_material.gather_facts(client, Q3, ZONE)
    assert len(told.matters) == 1 and told.measures == ()


def test_what_was_refused_or_waits_is_not_told(cast, client):
    (named,) = answers(client, 2)
    a_feedback(client, "Slow", cast, sources=[named])
    Response.update(verdict=Verdict.REFUSED).execute()
    assert letter_material.gather_facts(client, Q3, ZONE).matters == ()


def test_names_are_covered_and_other_clients_are_not_mentioned(cast, client):
    a_contact(client, "王女士")
    a_client("别家公司")
    a_feedback(client, "王女士（13812345678）说别家公司都快", cast)
    heard = a_proposal(cast, client).words["heard"]["zh"]
    assert "王女士" not in heard and "别家公司" not in heard and "13812345678" not in heard


def test_quality_control_cannot_quote_an_anonymous_comment(cast, client):
    (secret,) = answers(client, 1, anonymous=True, opinions="夜里打了三次电话，没有一个人接。")
    letter = a_proposal(cast, client)
    with pytest.raises(QuotesAnonymous) as refused:
        worded(letter, cast, heard="有人说：“夜里打了三次 电话没有一个人接”")
    assert refused.value.field == "heard_zh"
    Message.create(
        response=secret, position=1, kind=MessageKind.ANSWER, words="it was the third of May at noon"
    )
    with pytest.raises(QuotesAnonymous):
        worded(letter, cast, done="We know: It was the third of May.")
    worded(letter, cast, heard="有人反映夜间电话难打通。", done="On the third of May we moved.")


def test_a_letter_released_before_a_comment_was_opened_is_looked_at_again(cast, client):
    letter = worded(a_proposal(cast, client), cast, heard="夜里打了三次电话没有一个人接")
    answers(client, 1, anonymous=True, opinions="夜里打了三次电话没有一个人接")
    with pytest.raises(QuotesAnonymous):
        letters.release_letter(letter, documents.compose_letter(letter, ZONE), cast.qa, NOW, NOW.date())


WORDS = st.lists(st.text(string.ascii_lowercase, min_size=3, max_size=8), min_size=6, max_size=12)
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9F00), min_size=8, max_size=30)
COMMENT = WORDS.map(" ".join) | CHINESE


@settings(max_examples=25)
@given(
    comments=st.lists(st.tuples(COMMENT, st.booleans(), st.booleans()), min_size=1, max_size=6),
    shared=st.booleans(),
)
def test_no_passage_of_an_anonymous_comment_stands_in_any_proposal(cast, client, comments, shared):
    """Whatever QA makes of comments, and whoever gave the same words with a name."""
    for table in (ActionFeedback, Action, FeedbackSource):
        table.delete().execute()
    from csat.models.feedback import FeedbackStep

    FeedbackStep.delete().execute()
    Feedback.delete().execute()
    Answer.delete().execute()
    Response.delete().execute()
    Letter.delete().execute()
    secret = []
    for words, anonymous, titled in comments:
        (one,) = answers(client, 2, anonymous=anonymous, opinions=words)
        taken = a_feedback(client, words if titled else "标题 Title", cast, sources=[one])
        an_action(taken, f"{words}!" if shared else "做了 Done", cast, done=titled)
        secret += [words] if anonymous else []
    letter = a_proposal(cast, client)
    for _, text in list_fields(wording.list_texts(letter.words)):
        assert not wording.find_quotation(text, secret), text
    page = said(letter)
    assert not any(words in page for words in secret)


@given(COMMENT, COMMENT, COMMENT)
def test_a_whole_comment_is_found_wherever_it_stands(before, words, after):
    long_enough = (
        len(words.split()) >= wording.MIN_QUOTED_WORDS or len(words) >= wording.MIN_QUOTED_CHARACTERS
    )
    assert long_enough and wording.find_quotation(f"{before} “{words.upper()}”. {after}", [words])


# --- on paper ----------------------------------------------------------------------------------------------


def full(language: str) -> dict:
    """A document whose every section is as long as it may be, with ten missed commitments."""
    text = {"zh": LONG * 20, "en": "Whatever we say is as long as a letter of one page can bear. " * 40}
    missed = [
        {
            "code": f"c{at}",
            "name": {"zh": "重大问题解决时间", "en": "Recovery from a failure"},
            "unit": "hours",
            "direction": "at_most",
            "target": 2.0,
            "value": 5.25,
        }
        for at in range(10)
    ]
    sections = {section: {code: text[code][:most[code]] for code in text}
                for section, most in wording.MAX_LENGTHS.items() if section != "missed"}  # fmt: skip
    part = {code: text[code][: wording.MAX_LENGTHS["missed"][code] // 20] for code in text}
    facts = {
        "number": "L-2026Q3-1234-10",
        "client": {
            "zh": "华东物流集团股份有限公司信息技术中心",
            "en": "East China Logistics Holding, IT Centre",
        },
        "quarter": 20263,
        "version": 10,
        "report": "CSAT-2026Q3-10",
        "provider": {"zh": "恒信信息服务股份有限公司", "en": "Hengxin Information Technology Services"},
        "zone": "Asia/Shanghai",
        "composed_at": NOW.isoformat(),
        "manager": "欧阳某某",
        "sent_at": NOW.isoformat(),
        "replaces": {"number": "L-2026Q3-1234-9", "sent_at": NOW.isoformat()},
    }
    figure = {
        "value": 0.816,
        "low": 0.665,
        "high": 0.908,
        "n": 38,
        "target": 0.9,
        "before": 0.91,
        "change": "worse",
    }
    words = {**sections, "missed": {one["code"]: {"reason": part, "remedy": part} for one in missed}}
    wording.refuse_long_words(words)
    return {"schema": 1, "letter": facts, "figure": figure, "missed": missed, "words": words}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_letter_that_is_full_to_the_brim_has_one_page(language):
    with pikepdf.open(io.BytesIO(documents.render_pdf(full(language), language))) as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_many_short_lines_fit_too(language):
    document = full(language)
    for section in wording.SECTIONS:
        most, line = wording.MAX_LENGTHS[section][language], wording.LINE_WIDTHS[language]
        document["words"][section][language] = "\n".join(
            "好" * (2 if language == "zh" else 1) for _ in range(most // (line + 2))
        )
    wording.refuse_long_words(document["words"])
    with pikepdf.open(io.BytesIO(documents.render_pdf(document, language))) as pdf:
        assert len(pdf.pages) == 1


def test_the_pdf_is_tagged_archivable_and_the_same_each_time(cast, client):
    document = a_sent_letter(cast, client).document
    once, again = documents.render_pdf(document, "zh"), documents.render_pdf(document, "zh")
    assert once == again
    with pikepdf.open(io.BytesIO(once)) as pdf:
        assert len(pdf.pages) == 1 and pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "zh-Hans"
        metadata = bytes(pdf.Root.Metadata.read_bytes())
    assert b"pdfuaid:part" in metadata and b"pdfaid:part" in metadata


def test_what_does_not_fit_on_one_page_is_refused(cast, client):
    document = full("zh")
    document["words"]["done"]["zh"] = LONG * 200
    for refuse in (
        lambda: documents.refuse_second_page(document),
        lambda: documents.render_pdf(document, "zh"),
    ):
        with pytest.raises(documents.MoreThanOnePage):
            refuse()


def test_markup_in_words_stays_words(cast, client):
    letter = worded(a_proposal(cast, client), cast, heard="<script>alert(1)</script> & <b>bold</b>")
    body = documents.render_body(documents.compose_letter(letter, ZONE), "en")
    assert "<script>" not in body and "&lt;b&gt;bold" in body


def test_overdue_actions_are_said_to_be_late(cast, client):
    taken = a_feedback(client, "Slow", cast)
    an_action(taken, "Move the access point", cast)
    late = proposals.draft_proposal(client, an_issued_report(cast), ZONE, NOW + timedelta(days=60)).words
    assert "Planned for 30 Oct 2026 and still under way: Move the access point." in late["done"]["en"]
