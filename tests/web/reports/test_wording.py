"""A report's sentences on the web: quality control puts its own words in their place."""

from __future__ import annotations

import pytest

from csat.models.reporting import Report
from tests.web.reports.steps import a_draft, in_review

pytestmark = pytest.mark.usefixtures("rendered_once")


def test_quality_control_puts_a_sentence_in_its_own_words(page, cast):
    a_draft(page, cast)
    page.follow("Read the sentences, and put some in your own words")
    assert "No valid response lies before us this quarter" in page.text
    page.get(f"/reports/{Report.get().id}/sentences/lead.nothing")
    page.fill("Save", text_en="Nobody answered, because nobody was asked.")
    assert "Nobody answered, because nobody was asked." in page.text and "edited" in page.text
    assert "by the rule: No valid response" in page.text
    page.get(f"/reports/{Report.get().id}")
    assert "Nobody answered, because nobody was asked." in page.text
    page.sign_in_as(cast.qa, "zh").get(page.path)
    assert "Nobody answered" not in page.text  # the other language keeps the sentence of the rule


def test_a_sentence_that_is_too_long_is_kept_and_refused(page, cast):
    a_draft(page, cast)
    page.get(f"/reports/{Report.get().id}/sentences/lead.nothing").fill("Save", text_en="x" * 401)
    assert page.value("text_en") == "x" * 401 and page.errors


def test_only_quality_control_words_sentences_and_only_in_a_draft(page, cast):
    report = in_review(page, cast)
    page.sign_in_as(cast.director).get(f"/reports/{report.id}/sentences")
    page.get(f"/reports/{report.id}/sentences/lead.nothing", 403)
    page.sign_in_as(cast.qa).get(f"/reports/{report.id}/sentences/lead.nothing")
    page.fill("Save", text_en="Too late.")
    assert "not possible now" in page.text
    page.get(f"/reports/{report.id}/sentences/lead.nowhere", 404)
