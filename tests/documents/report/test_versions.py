"""Which versions of a questionnaire a report names, and what it says of their changes (Q7, P14)."""

from __future__ import annotations

import pytest

from csat.documents.report import render
from csat.documents.report.versions import describe_versions
from csat.figures.version_use import find_version_changes
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import write_content
from tests.builders import NOW
from tests.documents import samples
from tests.figures.stores import a_response
from tests.procedure.questionnaires.forms import add_question, change_question, drop_question, shipped_form, words

Q2, Q3, Q4 = Quarter(2026, 2), Quarter(2026, 3), Quarter(2026, 4)


@pytest.fixture
def changed(engine_db):
    """Answers of two quarters to the first version, then a second one: reworded, one added, one removed."""
    for quarter in (Q2, Q3):
        a_response(quarter=int(quarter))
    text = words("态度如何？", "How was our manner?")
    form = add_question(
        drop_question(change_question(shipped_form("incident"), "attitude", text=text), "first_contact")
    )
    questionnaires.publish_version(write_content(form, 3), "command:test", NOW)
    a_response(quarter=int(Q3))
    a_response("company", quarter=int(Q3))


def test_each_version_used_in_the_quarter_is_named_with_the_quarter_of_its_first_answer(changed):
    incident, company = describe_versions(Q3)
    assert incident["used"] == [{"number": 1, "since": 20262}, {"number": 2, "since": 20263}]
    assert (company["used"], company["changes"]) == ([{"number": 1, "since": 20263}], None)
    [before] = describe_versions(Q2)
    assert (before["used"], before["changes"]) == ([{"number": 1, "since": 20262}], None)


def test_what_a_version_changed_is_told_in_its_quarter_and_in_the_next_one(changed):
    a_response(quarter=int(Q4))
    for quarter in (Q3, Q4):
        changes = describe_versions(quarter)[0]["changes"]
        assert (changes["from"], changes["to"], changes["more"]) == (1, 2, 0)
        assert [text["en"] for text in changes["added"]] == ["How well were you informed?"]
        assert changes["removed"] == [dict(shipped_form("incident").questions[6].text)]
        assert [one["after"]["en"] for one in changes["reworded"]] == ["How was our manner?"]
    a_response(quarter=int(Q4.plus(1)))
    assert describe_versions(Q4.plus(1))[0]["changes"] is None


def test_a_form_that_rested_is_compared_with_the_last_quarter_in_which_it_was_asked(engine_db):
    a_response("security", quarter=int(Q2))
    text = words("总体如何？", "How was it?")
    questionnaires.publish_version(
        write_content(change_question(shipped_form("security"), "overall", text=text), 5), "command:test", NOW
    )
    a_response("security", quarter=int(Q4))
    [told] = describe_versions(Q4)
    assert (told["used"], told["changes"]["from"], told["changes"]["to"]) == ([{"number": 2, "since": 20264}], 1, 2)


def test_responses_that_do_not_count_use_no_version(engine_db):
    a_response(anonymous=True, step=0)
    assert describe_versions(Q3) == []


def test_a_trend_knows_where_a_version_changed(changed):
    quarters = [int(one) for one in Q4.back(8)]
    assert find_version_changes("incident", quarters) == {20263: 2}
    assert find_version_changes("company", quarters) == {}


@pytest.mark.parametrize("language, sentence", [("en", "How was our manner?”"), ("zh", "“态度如何？”")])
def test_the_method_names_versions_and_changes_and_older_reports_do_not(changed, language, sentence):
    older = samples.a_document()
    newer = samples.a_document(beside={"versions": describe_versions(Q3)})
    assert sentence in render.render_html(newer, language)
    assert "version 2" not in render.render_html(older, "en") and "versions" not in older
    assert newer["sentences"]["parts"]["questionnaires"][0]["rule"] == "part.versions"
    assert "questionnaires" not in older["sentences"]["parts"]
