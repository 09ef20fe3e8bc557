"""Which figures a letter tells (F4): none that says what a few people answered, not even beside others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.documents.letters import compose as documents
from csat.documents.letters import figures, proposals
from csat.documents.report import drafting
from csat.figures.audience import Audience
from csat.models.answers import Verdict
from csat.models.reporting import Report
from tests.builders import NOW, a_client, a_response
from tests.letters import Q3, ZONE, a_proposal, a_sent_letter, an_issued_report, answers, said

LATER = NOW + timedelta(days=1)


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
        documents.render_body(documents.compose_letter(a_proposal(cast, one), ZONE), "en") for one in (client, other)
    )
    assert "We give a rate" in few and few.replace(client.name, other.name) == none


def test_what_comes_after_the_report_changes_no_letter(cast, client):
    answers(client, 5, 5, 5)
    report = an_issued_report(cast)
    answers(client, 1, 1, 1)
    assert figures.collect_facts(client, Report.get_by_id(report.id))["figure"]["value"] == 1.0


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
        document = drafting.draft_document(Q3.plus(1), cast.qa, LATER, ZONE, Audience.RESPONSE_READERS)
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
