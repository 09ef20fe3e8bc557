"""Every response is found again, valid or not; nothing in a list says when an anonymous one came (P11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat import clock, database
from csat.models.answers import Verdict
from csat.models.asking import Channel
from csat.models.questionnaires import Questionnaire
from csat.procedure.archive import search as archive
from csat.procedure.archive.search import ArchiveFilter
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from tests.builders import NOW, a_client, a_contact, a_person, a_response, an_incident
from tests.conftest import open_copy


def keys(**search) -> set[int]:
    return {response.id for response in archive.search_responses(ArchiveFilter(**search), a_person())}


def test_every_response_is_in_it_whatever_its_verdict(db):
    made = {a_response(verdict=verdict, anonymous=hidden).id for verdict in Verdict for hidden in (True, False)}
    assert keys() == made and all(len(keys(verdict=verdict)) == 2 for verdict in Verdict)


def test_each_part_of_a_search_narrows(engine_db):
    one, other = a_client("甲"), a_client("乙")
    first = a_response("incident", client=one, quarter=20261, channel=Channel.TELEPHONE).id
    second = a_response("company", client=other, quarter=20262).id
    third = a_response("company", client=None, quarter=20263, anonymous=True).id
    company = Questionnaire.get(Questionnaire.code == "company").id
    assert keys(client=one.id) == {first} and keys(client=archive.UNNAMED_CLIENT) == {third}
    assert keys(since=20262) == {second, third} and keys(until=20262) == {first, second}
    assert keys(since=20262, until=20262) == {second}
    assert keys(questionnaire=company) == {second, third}
    assert keys(channel=Channel.TELEPHONE) == {first}
    assert keys(questionnaire=company, client=other.id, since=20261) == {second}
    assert keys(client=one.id, channel=Channel.LINK) == set()


def test_a_named_response_is_found_by_its_incident_its_people_and_its_department(engine_db, cast):
    client = a_client()
    contact = a_contact(client, "王晓明")
    incident = an_incident("INC0042", client)
    told = {"contact": contact, "incident": incident, "department": cast.department, "recorder": cast.desk}
    record = a_response(channel=Channel.TELEPHONE, respondent_name="李代答", **told).id
    a_response(contact=a_contact(client, "别人"), respondent_name="别人")
    a_response(client=client, anonymous=True)
    for search in (
        {"incident": "0042"},
        {"who": "晓明"},
        {"who": "李代"},
        {"department": cast.department.id},
        {"recorder": cast.desk.id},
    ):
        assert keys(**search) == {record}, search
    assert keys(incident="0043") == keys(who="%") == keys(recorder=cast.qa.id) == set()
    assert archive.list_departments() == [cast.department] and archive.list_recorders() == [cast.desk]


def test_a_merged_client_is_found_under_the_one_it_counts_as(db):
    root = a_client("总公司")
    branch = a_client("分公司", counts_as=root)
    desk = a_client("分公司的一个处", counts_as=branch)
    made = {a_response(client=one).id for one in (branch, desk)}
    assert keys(client=root.id) == made
    assert [one.id for one in archive.list_clients()] == [root.id]


def test_words_are_found_as_they_were_written(engine_db):
    percent = a_response(opinions="只做完了50%").id
    line = a_response(opinions="VPN_gate 又断了").id
    a_response(opinions="都好")
    assert keys(words="50%") == {percent} and keys(words="%") == {percent}
    assert keys(words="5") == {percent}  # that everything was rated 5 is no word
    assert keys(words="n_g") == {line} and keys(words="_") == {line} and keys(words="vpn") == {line}
    assert keys(words="  50% ") == {percent} and keys(words="\\") == set()
    assert len(keys(words="")) == 3


@settings(max_examples=40)
@given(
    said=st.lists(st.text(alphabet="ab%_\\'\" 中文*?[", min_size=1, max_size=8), min_size=1, max_size=4),
    words=st.text(alphabet="ab%_\\'\" 中文*?[", max_size=3),
)
def test_a_search_finds_what_holds_the_words_and_nothing_else(searched_store, said, words):
    with database.store.atomic() as undone:
        by_key = {a_response(opinions=text).id: text for text in said if text.strip()}
        wanted = words.strip()
        assert keys(words=words) == {key for key, text in by_key.items() if wanted in text}
        undone.rollback()


@pytest.fixture(scope="module")
def searched_store(ready_store, tmp_path_factory):
    open_copy(ready_store, tmp_path_factory.mktemp("archive") / "copy")
    with clock.freeze_at(NOW):
        yield
    database.close_store()


def test_what_stood_there_before_a_correction_is_found_too(cast):
    response = a_response("company", opinions="太贵", channel=Channel.TELEPHONE, recorder=cast.desk)
    before = corrections.answers_by_code(response)
    code = next(code for code, answer in before.items() if answer.words == "太贵")
    # The other questions of this form that must be answered.
    before = {**before, "recommend": GivenAnswer(9), code: GivenAnswer(words="不贵，太慢")}
    made = corrections.propose_correction(response, before, "回电", cast.qa, NOW)
    assert keys(words="太慢") == set()
    corrections.confirm_correction(made, cast.qa2, NOW)
    assert keys(words="太慢") == keys(words="太贵") == {response.id}
    assert archive.find_corrected([response]) == {response.id}


def test_the_list_runs_by_quarter_and_then_by_chance(db):
    """Not by arrival: neither the order of named ones nor of anonymous ones says when they came."""
    for at in range(30):
        a_response(anonymous=at % 2 == 0, quarter=20262 + at % 2, received_at=NOW + timedelta(hours=at), opinions="好")
    listed = list(archive.search_responses(ArchiveFilter(), a_person()))
    assert [one.quarter for one in listed] == sorted((one.quarter for one in listed), reverse=True)
    for quarter in (20262, 20263):
        inside = [one.id for one in listed if one.quarter == quarter]
        assert inside == sorted(inside, reverse=True)
    assert list(archive.search_responses(ArchiveFilter(words="好"), a_person())) == listed


def test_quarters_and_forms_to_choose_from_are_those_with_responses(db):
    assert archive.list_quarters() == [] and archive.list_questionnaires() == [] and archive.list_clients() == []
    a_response("security", quarter=20254)
    a_response("security", quarter=20261)
    assert archive.list_quarters() == [(Quarter(2026, 1), 1), (Quarter(2025, 4), 1)]
    assert [form.code for form, _ in archive.list_questionnaires()] == ["security"]
