"""The desk's first sorting, and its summary of a quarter (P6)."""

from __future__ import annotations

import pytest

from csat.models.answers import Response, Verdict
from csat.models.sorting import QuarterSummary, Sorting
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import HandlerMayNotTriage, NotFound, ValueMissing
from csat.procedure.review import triage
from csat.procedure.risks import issue_types
from tests.builders import NOW, a_client, a_contact, a_person, a_response, an_incident
from tests.conftest import migrate_again
from tests.feedback_builders import of_type
from tests.reports import a_stored_report

Q3 = Quarter(2026, 3)


def test_named_responses_wait_until_they_are_sorted(engine_db):
    desk, response = a_person("苏岚"), a_response(opinions="等了很久", client=a_client())
    assert list(triage.list_untriaged()) == [response] == list(triage.list_untriaged(Q3))
    triage.triage_response(response, of_type("slow_reply"), "  等了  很久 ", desk, NOW)
    assert list(triage.list_untriaged()) == [] and list(triage.list_triaged()) == [response]
    kept = triage.triages_of([response])[response.id]
    assert (kept.issue_type, kept.summary, kept.by) == (of_type("slow_reply"), "等了 很久", desk)


def test_a_type_that_was_retired_meanwhile_is_refused(db):
    issue_types.retire_type(of_type("slow_reply"), "command:test", NOW)
    with pytest.raises(issue_types.TypeRetired):
        triage.triage_response(a_response(client=a_client()), of_type("slow_reply"), "等了很久", a_person("苏岚"), NOW)
    assert not Sorting.select().exists()


def test_anonymous_responses_are_not_the_desks_to_read(engine_db):
    response = a_response(opinions="匿名", anonymous=True)
    assert list(triage.list_untriaged()) == []
    with pytest.raises(NotFound):
        triage.responses_to_triage_for(a_person("苏岚"), [response.id])
    with pytest.raises(NotFound):
        triage.triage_response(response, None, "偷看", a_person("苏岚"), NOW)


def test_refused_ones_and_those_of_a_reported_quarter_need_none(engine_db):
    a_response(verdict=Verdict.REFUSED)
    old = a_response(quarter=20262)
    a_stored_report(quarter=20262)
    assert list(triage.list_untriaged()) == []
    assert list(triage.list_untriaged(Quarter(2026, 2))) == [old]


def test_plain_ones_are_sorted_alike_and_words_are_left_for_reading(engine_db):
    desk, incident = a_person("苏岚"), an_incident("INC1", assigned_to=a_person("高工"))
    own = an_incident("INC2", resolved_by=desk)
    plain, spoken, handled = a_response(incident=incident), a_response(opinions="不满意"), a_response(incident=own)
    done, left = triage.triage_responses([plain, spoken, handled], None, "没有意见", desk, NOW)
    assert (done, left) == (1, 2) and Sorting.get().response == plain
    with pytest.raises(HandlerMayNotTriage):
        triage.triage_response(handled, None, "很好", desk, NOW)


def test_sorting_again_replaces_and_a_line_is_needed(db):
    desk, response = a_person("苏岚"), a_response()
    for words, refusal in ((" ", ValueMissing), ("长" * 201, triage.SummaryTooLong)):
        with pytest.raises(refusal):
            triage.triage_response(response, of_type("slow_reply"), words, desk, NOW)
    triage.triage_response(response, None, "没有问题", desk, NOW)
    triage.triage_response(response, of_type("slow_reply"), "回电慢", desk, NOW)
    assert [row.summary for row in Sorting] == ["回电慢"]
    assert triage.count_by_type(Q3) == [(of_type("slow_reply"), 1)]


def test_the_newest_summary_counts_and_earlier_ones_stay(db):
    desk = a_person("苏岚")
    with pytest.raises(ValueMissing):
        triage.summarise_quarter(Q3, "  ", desk, NOW)
    triage.summarise_quarter(Q3, "响应慢的最多", desk, NOW)
    triage.summarise_quarter(Q3, "响应慢的最多，集中在网络部", desk, NOW)
    assert triage.find_summary(Q3).text.endswith("网络部") and len(triage.summaries_of(Q3)) == 2
    assert triage.find_summary(Quarter(2026, 2)) is None


def test_the_migration_adds_the_tables_beside_what_is_there(engine_db):
    response = a_response(client=a_client(), contact=a_contact(a_client("甲")))
    migrate_again("0004", Sorting, QuarterSummary)
    triage.triage_response(Response.get_by_id(response.id), None, "没有问题", a_person("苏岚"), NOW)
    assert Sorting.get().response == response
