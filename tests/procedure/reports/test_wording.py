"""QA's own words in a report (P8): kept with what they were written for, marked, never outdated unseen."""

from __future__ import annotations

import pytest

from csat.documents.report.narrative import phrases
from csat.models.records import AuditDetail, AuditEntry
from csat.models.reporting import Report, Word
from csat.procedure.core.bilingual import TextTooLong
from csat.procedure.core.refusals import NotFound, OutOfOrder, PreparerMayNotSign
from csat.procedure.reports import issuing, reports, review
from csat.procedure.reports import wording as words
from tests.builders import NOW
from tests.cast import Cast
from tests.reports import Q3, a_document

PLACE = "lead.rate"
OURS = {"zh": "满意率稳住了，请看各客户的差别。", "en": "The rate holds; look at how clients differ."}


def a_worded_document(cast: Cast, zone, rate: float = 0.92, **more) -> dict:
    """A composed document as far as these rules look at it."""
    lead = phrases.place_sentences("lead", [("rate.above", {"rate": {"share": rate}, "target": {"target": 0.9}})], zone)
    told = {"sentences": {"lead": lead, "titles": {}, "parts": {}}, "edits": {}}
    return {**a_document(cast.qa, zone), **told, **more}


@pytest.fixture
def report(cast, zone) -> Report:
    return reports.draft_report(Q3, a_worded_document(cast, zone), cast.qa, NOW)


def lead_of(report: Report, language: str) -> str:
    document = Report.get_by_id(report.id).document
    return phrases.choose_text(document["sentences"]["lead"][0], words.find_edits(document), language)


def test_own_words_stand_in_the_sentences_place_in_each_language(cast, report):
    words.replace_sentence(report, PLACE, OURS, cast.qa, NOW)
    assert [lead_of(report, code) for code in ("zh", "en")] == [OURS["zh"], OURS["en"]]


def test_a_language_left_blank_keeps_the_sentence_of_the_rule(cast, report):
    words.replace_sentence(report, PLACE, {"zh": OURS["zh"], "en": " "}, cast.qa, NOW)
    assert lead_of(report, "en") == "Satisfaction is 92.0%, above the target of 90%."


def test_two_blanks_bring_the_rules_sentence_back(cast, report):
    words.replace_sentence(report, PLACE, OURS, cast.qa, NOW)
    words.replace_sentence(report, PLACE, {"zh": "", "en": ""}, cast.qa, NOW)
    assert not words.find_edits(Report.get().document)
    assert AuditEntry.select().where(AuditEntry.action == "report sentence restored").exists()


def test_the_history_keeps_who_wrote_what(cast, report):
    words.replace_sentence(report, PLACE, OURS, cast.qa2, NOW)
    entry = AuditEntry.get(AuditEntry.action == "report sentence edited")
    assert entry.actor == f"person:{cast.qa2.id}"
    assert OURS["zh"] in AuditDetail.get(AuditDetail.entry == entry).detail


def test_who_writes_a_sentence_has_prepared_the_report_and_does_not_sign_it(cast, report):
    director = cast.director
    words.replace_sentence(report, PLACE, OURS, director, NOW)
    with pytest.raises((PreparerMayNotSign, review.NoDirector)):
        review.submit_report(report, [], cast.qa, NOW)


def test_words_written_for_other_figures_are_flagged_and_stop_the_review(cast, report, zone):
    words.replace_sentence(report, PLACE, OURS, cast.qa, NOW)
    edits = words.find_edits(Report.get().document)
    reports.refresh_draft(report, a_worded_document(cast, zone, rate=0.91, edits=edits), cast.qa, NOW)
    assert words.list_outdated(report.document) == [PLACE]
    with pytest.raises(words.WordsOutdated):
        review.submit_report(report, [], cast.qa, NOW)
    words.replace_sentence(report, PLACE, OURS, cast.qa, NOW)  # said once more, they hold for the figures of now
    review.submit_report(report, [], cast.qa, NOW)
    assert not words.list_outdated(Report.get().document)


def test_words_are_frozen_with_the_report(cast, report):
    words.replace_sentence(report, PLACE, OURS, cast.qa, NOW)
    review.submit_report(report, [], cast.qa, NOW)
    with pytest.raises(OutOfOrder):
        words.replace_sentence(report, PLACE, {"zh": "改", "en": "x"}, cast.qa, NOW)
    review.review_report(report, Word.APPROVE, "", cast.director, NOW)
    assert issuing.freeze_document(report, NOW)["edits"][PLACE]["text"] == OURS


def test_only_sentences_that_are_there_can_be_put_in_other_words(cast, report):
    with pytest.raises(NotFound):
        words.replace_sentence(report, "lead.nowhere", OURS, cast.qa, NOW)
    with pytest.raises(TextTooLong):
        words.replace_sentence(report, PLACE, {"zh": "长" * 401, "en": ""}, cast.qa, NOW)
