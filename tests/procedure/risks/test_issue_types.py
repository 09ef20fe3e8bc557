"""Issue types: worded, ordered, moved and retired by QA; the code, and what feedback carries, stay."""

from __future__ import annotations

import pytest

from csat.figures.risks import compute_risk_figures, count_by_issue_type
from csat.models.feedback import Feedback, IssueType, Severity
from csat.models.records import AuditEntry
from csat.procedure.core import bilingual
from csat.procedure.core.quarter import Quarter
from csat.procedure.core.refusals import NameTaken, ValueMissing
from csat.procedure.feedback import classification
from csat.procedure.risks import issue_types, points
from tests.builders import NOW
from tests.feedback_builders import a_feedback, a_stored_feedback, of_type

NAME, HINT = {"zh": "账单", "en": "Billing"}, {"zh": "账单有误。", "en": "An invoice is wrong."}
Q3 = Quarter(2026, 3)


def add(cast, name=NAME, code="", domain="process", hint=HINT) -> IssueType:
    return issue_types.add_type(points.get_domain(domain), name, hint, code, cast.qa, NOW)


def order(domain: str) -> list[str]:
    return next([one.type.code for one in rows] for of, rows in issue_types.list_counted_types() if of.code == domain)


def total(domain: str) -> int:
    return next(row.total for row in compute_risk_figures(Q3).domains if row.code == domain)


def change(cast, one: IssueType, domain: str = "", **words) -> None:
    told = {"name": dict(one.name), "hint": dict(one.hint), **words}
    issue_types.change_type(one, points.get_domain(domain or one.domain.code), **told, by=cast.qa, now=NOW)


def test_a_type_is_added_at_the_end_of_its_domain_with_a_code_of_its_english_name(cast):
    assert add(cast).code == "billing" and order("process")[-1] == "billing"
    assert add(cast, {"zh": "账单二", "en": "Billing!"}).code == "billing_2"
    assert add(cast, {"zh": "三方", "en": "3rd party"}).code == "type_3rd_party"
    assert add(cast, {"zh": "短码", "en": "Short code"}, " sms ").code == "sms"


@pytest.mark.parametrize("code", ["Billing", "1st", "a-b", "账单", "x" * 41])
def test_a_code_that_exports_could_not_carry_is_refused(cast, code):
    with pytest.raises(issue_types.CodeMalformed) as refusal:
        add(cast, code=code)
    assert refusal.value.field == "code"


def test_names_and_codes_are_those_of_one_type_only_retired_ones_too(cast):
    issue_types.retire_type(of_type("schedule"), cast.qa, NOW)
    for field, typed in (
        ("name_zh", {"name": {"zh": "进度", "en": "x"}}),
        ("name_en", {"name": {"zh": "新", "en": " sCHEDULE "}}),
        ("code", {"code": "schedule"}),
    ):
        with pytest.raises(NameTaken) as refusal:
            add(cast, **typed)
        assert refusal.value.field == field
    change(cast, of_type("documents"), name={"zh": "文档", "en": "documents"})  # its own name is free
    assert of_type("documents").name["en"] == "documents"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("typed", "refused"),
    [(" ", ValueMissing), ("长" * 5000, bilingual.TextTooLong), ("a <b>c</b>", bilingual.TextIsMarkup)],
)
def test_words_that_cannot_be_shown_are_refused_at_their_field(cast, language, typed, refused):
    for field, words in (("name", NAME), ("hint", HINT)):
        with pytest.raises(refused) as refusal:
            add(cast, **{field: {**words, language: typed}})
        assert refusal.value.field == f"{field}_{language}"


def test_reworded_it_keeps_code_feedback_and_place_and_the_history_tells_both_words(engine_db, cast):
    feedback, before = a_stored_feedback(issue_type=of_type("schedule")), order("process")
    change(cast, of_type("schedule"), name={"zh": "工期", "en": "Time schedule"})
    change(cast, of_type("schedule"), name={"zh": "工期", "en": "Time schedule"})
    assert Feedback.get_by_id(feedback.id).issue_type.name["zh"] == "工期" and order("process") == before
    (entry,) = AuditEntry.select().where(AuditEntry.action == "issue type changed")
    assert entry.subject == "issue_type:schedule" and entry.actor == f"person:{cast.qa.id}"
    assert issue_types.find_last_changes()["schedule"] == entry
    detail = entry.details.get().detail
    assert "进度" in detail and "工期" in detail and "domain" not in detail


def test_in_another_domain_it_takes_the_count_of_earlier_quarters_along(cast):
    a_stored_feedback(issue_type=of_type("schedule"))
    assert (total("process"), total("data")) == (1, 0)
    change(cast, of_type("schedule"), "data")
    assert (total("process"), total("data")) == (0, 1)
    assert order("data")[-1] == "schedule"


def test_it_changes_places_with_its_neighbour_and_stops_at_the_ends(cast):
    assert order("process") == ["step_skipped", "schedule", "documents"]
    others = order("channels")
    issue_types.shift_type(of_type("schedule"), False, cast.qa, NOW)
    issue_types.shift_type(of_type("schedule"), False, cast.qa, NOW)
    issue_types.shift_type(of_type("step_skipped"), True, cast.qa, NOW)
    assert order("process") == ["schedule", "documents", "step_skipped"] and order("channels") == others
    assert AuditEntry.select().where(AuditEntry.action == "issue type put in another place").count() == 2


def test_types_at_the_same_place_can_be_told_apart_again(cast):
    IssueType.update(position=2).where(IssueType.code.in_(["step_skipped", "schedule", "documents"])).execute()
    issue_types.shift_type(of_type("documents"), False, cast.qa, NOW)
    assert order("process") == ["step_skipped", "documents", "schedule"]


def test_a_retired_type_is_taken_for_nothing_new_and_stays_where_it_was(cast):
    kept, retired = a_feedback(cast), of_type("slow_reply")
    issue_types.retire_type(retired, cast.qa, NOW)
    with pytest.raises(issue_types.TypeRetired) as refusal:
        a_feedback(cast)
    assert refusal.value.field == "issue_type"
    classification.reclassify_feedback(kept, kept.issue_type, Severity.MAJOR, "更急", cast.qa2, NOW)
    other = a_feedback(cast, issue_type=of_type("schedule"))
    with pytest.raises(issue_types.TypeRetired):
        classification.reclassify_feedback(other, retired, Severity.MAJOR, "更急", cast.qa2, NOW)
    counted = {kind.code for kind, _ in count_by_issue_type(points.get_domain("channels"), Q3)}
    assert "slow_reply" in counted and kept.quarter == int(Q3)
    issue_types.retire_type(of_type("hard_to_reach"), cast.qa, NOW)  # nothing was said of it
    assert "hard_to_reach" not in {kind.code for kind, _ in count_by_issue_type(points.get_domain("channels"), Q3)}
    issue_types.restore_type(retired, cast.qa, NOW)
    assert a_feedback(cast).issue_type == retired


def test_the_last_type_in_use_of_a_domain_neither_retires_nor_moves_away(cast):
    only = of_type("exposure")
    with pytest.raises(issue_types.LastOfDomain):
        issue_types.retire_type(only, cast.qa, NOW)
    with pytest.raises(issue_types.LastOfDomain) as refusal:
        change(cast, only, "process")
    assert refusal.value.field == "domain"
    add(cast, domain="data")
    issue_types.retire_type(only, cast.qa, NOW)
    assert of_type("exposure").retired_at == NOW
    change(cast, of_type("exposure"), "process")  # out of use, it leaves nothing behind
    with pytest.raises(issue_types.LastOfDomain):
        issue_types.retire_type(of_type("billing"), cast.qa, NOW)


def test_each_type_is_told_with_the_feedback_that_carries_it(engine_db, cast):
    a_stored_feedback(issue_type=of_type("schedule"))
    a_stored_feedback(issue_type=of_type("schedule"), state="confirmed")
    counts = {one.type.code: one[1:] for _, rows in issue_types.list_counted_types() for one in rows}
    assert counts["schedule"] == (1, 2) and counts["documents"] == (0, 0)
