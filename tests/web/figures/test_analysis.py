"""Analysis pages: who opens what, what a list behind a figure holds, and nothing that the figure hides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from csat.models.answers import Answer, Response, Verdict
from csat.models.asking import Channel
from csat.models.clients import Incident
from csat.models.questionnaires import Kind, Question
from csat.procedure.questionnaires import questionnaires
from csat.procedure.questionnaires.content import write_content
from csat.procedure.review import tally
from tests.builders import NOW, a_client, a_contact, a_department, a_person, an_incident
from tests.figures.stores import a_random_store, a_response
from tests.procedure.questionnaires.forms import add_question, shipped_form

Q = "quarter=2026Q3"
PAGES = ("clients", "departments", "engineers", "questionnaires", "recorders", "asked", "incidents")


@pytest.fixture
def told(app, cast):
    """A client that shows, one that is hidden, and what both said."""
    core, few = a_client("华东物流"), a_client("第二医院")
    middle = a_client("城建集团")
    chen, networks = a_person("陈立"), a_department("网络部")
    for rating in (5, 5, 4, 2):
        more = {"channel": Channel.TELEPHONE, "engineer": chen, "department": networks, "recorder": cast.desk}
        a_response(client=core, ratings=rating, **more)
    for rating in (5, 5, 4, 3, 3):
        a_response(client=core, ratings=rating, anonymous=True)
    for _ in range(4):
        a_response(client=middle, ratings=4, anonymous=True)
    for _ in range(2):
        a_response(client=few, ratings=1, anonymous=True)
    tally.rebuild_tally()
    return core, few, chen, networks


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_a_full_random_store_is_sound(page, cast, language):
    a_random_store(7, responses=120)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa, language)
    for name in ("", *PAGES, "clients/1", "departments/2", "engineers/12", "questionnaires/company", "responses"):
        page.get(f"/qa/{name}?quarter=2026Q3")
        assert "style=" not in page.html
        page.get(f"/qa/{name}?quarter=2031Q1")


def test_charts_say_what_they_show_state_n_and_stand_beside_their_numbers(page, cast, told):
    core, _, chen, networks = told
    addresses = [f"clients/{core.id}", f"departments/{networks.id}", f"engineers/{chen.id}"]
    page.sign_in_as(cast.qa)
    for address in ["", *addresses, "questionnaires/incident"]:
        page.get(f"/qa/{address}?{Q}")
        ids = [one.get("id") for one in page.tree.iter() if one.get("id")]
        charts = [one for one in page.tree.iter() if str(one.tag).endswith("svg") and one.get("role") == "img"]
        assert len(charts) >= 2 and len(ids) == len(set(ids)), address
        for chart in charts:
            assert set(chart.get("aria-labelledby", "").split()) <= set(ids)
        assert page.html.count("<details>") >= len(charts)
        assert "n = " in page.text


def test_a_client_leads_to_exactly_the_responses_it_counts(page, cast, told):
    core = told[0]
    page.sign_in_as(cast.qa).get(f"/qa/clients/{core.id}?{Q}")
    assert page.heading == "华东物流" and "66.7%" in page.text
    page.follow("Read the 9 responses")
    assert "9 responses" in page.text and page.text.count("anonymous") == 5
    page.get(f"/qa/responses?{Q}&client={core.id}&side=telephone")
    assert "4 responses" in page.text
    page.get(f"/qa/responses?{Q}&client={core.id}&value=3")
    assert "2 responses" in page.text
    page.get(f"/qa/responses?{Q}&client={core.id}&grade=bad")
    assert "3 responses" in page.text


def test_each_number_of_the_overview_counts_its_list(page, cast, told):
    """Every link to responses on the overview opens a list of as many as it says."""
    a_random_store(5, responses=80)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"/qa/?{Q}")
    links = {
        (one.get("href"), int("".join(one.itertext())))
        for one in page.tree.iter("a")
        if "/qa/responses?" in one.get("href", "") and "".join(one.itertext()).isdecimal()
    }
    assert len(links) > 3
    for address, number in links:
        assert f"{number} response" in page.get(address).text, address


def test_waiting_and_refused_responses_are_in_no_list(page, cast, told):
    core = told[0]
    for verdict in (Verdict.PENDING, Verdict.REFUSED, Verdict.DOUBTED):
        a_response(client=core, verdict=verdict)
    a_response(client=core, anonymous=True, step=0)  # valid since the report, and not counted yet
    page.sign_in_as(cast.qa).get(f"/qa/responses?{Q}&client={core.id}")
    assert "9 responses" in page.text


def test_a_list_shows_no_address_that_somebody_left_in_their_words(page, cast, told):
    response = Response.get(Response.client == told[0], ~Response.anonymous)
    asked = Question.get(Question.version == response.version, Question.kind == Kind.TEXT)
    Answer.create(response=response, question=asked, words="请打 13812345678 找我")
    for person in (cast.qa, cast.director, cast.improvement):
        page.sign_in_as(person).get(f"/qa/responses?{Q}")
        assert "13812345678" not in page.text and "138****5678" in page.text


def test_a_hidden_client_is_hidden_on_its_own_page(page, cast, told):
    few = told[1]
    page.sign_in_as(cast.director, "en").get(f"/qa/clients/{few.id}?{Q}")
    assert "not shown" in page.text and "Too few anonymous answers: not shown." in page.text
    assert "n = 2" not in page.text and "Read the" not in page.text


def test_rows_of_the_staff_say_how_many_carry_no_incident(page, cast, told):
    page.sign_in_as(cast.qa).get(f"/qa/departments?{Q}")
    assert "网络部" in page.text or "Networks" in page.text
    assert "carry no incident and are in no row" in page.text
    page.get(f"/qa/engineers?{Q}").follow("陈立")
    assert page.heading == "陈立" and "n = 4" in page.text
    page.follow("Read the 4 responses")
    assert "4 responses" in page.text and "Engineer: 陈立" in page.text


def test_a_merged_client_leads_to_the_one_it_counts_as(page, cast, told):
    part = a_client("分公司", counts_as=told[0])
    page.sign_in_as(cast.qa).get(f"/qa/clients/{part.id}?{Q}")
    assert page.heading == "华东物流"


def test_incidents_behind_surveyed_in_time(page, cast):
    contact = a_contact(a_client())
    stands = {
        "INC-in-time": {"surveyed_at": NOW - timedelta(hours=3)},
        "INC-late": {"surveyed_at": NOW},
        "INC-overdue": {},
        "INC-skipped": {"skipped_because": "resting"},
        "INC-due": {"survey_due_at": NOW + timedelta(days=400)},
    }
    for number, more in stands.items():
        made = an_incident(number, contact.client, contact=contact)
        facts = {"quarter": 20263, "first_closed_at": NOW, "survey_due_at": NOW - timedelta(hours=1), **more}
        Incident.update(**facts).where(Incident.id == made.id).execute()
    page.sign_in_as(cast.director)
    wanted = {
        "counted": {"INC-in-time", "INC-late", "INC-overdue", "INC-skipped"},
        "in_time": {"INC-in-time"},
        "late": {"INC-late"},
        "overdue": {"INC-overdue"},
        "skipped": {"INC-skipped"},
    }
    for state, numbers in wanted.items():
        page.get(f"/qa/incidents?{Q}&state={state}")
        assert {number for number in stands if number in page.text} == numbers, state
    page.get(f"/qa/?{Q}").follow("Show the incidents")
    assert "4 incidents" in page.text


def test_what_stands_out_leads_to_where_it_can_be_seen(page, cast, app):
    client = a_client("华东物流")
    for rating in (*[2] * 8, *[5] * 4):
        a_response(client=client, ratings=rating)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"/qa/?{Q}")
    page.follow("华东物流 is clearly below the target of 90%: 33.3% satisfied (Q3 2026, n = 12).")
    assert page.heading == "华东物流"


def test_numbers_of_who_was_asked_name_nobody(page, cast, told):
    page.sign_in_as(cast.qa).get(f"/qa/asked?{Q}")
    assert "Nobody was asked in this quarter yet." in page.text
    assert "王女士" not in page.text


def test_each_option_of_a_choice_leads_to_who_chose_it(page, cast):
    version = questionnaires.get_newest_version("incident")
    both = {"zh": "问", "en": "Which?"}
    options = [{"code": "chat", "zh": "在线", "en": "Chat"}, {"code": "chat2", "zh": "电话", "en": "Phone"}]
    asked = Question.create(
        version=version, position=99, section=both, code="channels", kind=Kind.CHOICE_MANY, text=both,
        help=both, required=False, offers_na=False, options=options,
    )  # fmt: skip
    for words in ("chat", "chat,chat2", "chat2"):
        Answer.create(response=a_response(), question=asked, words=words)
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get(f"/qa/questionnaires/incident?{Q}")
    assert "Chat" in page.text and "67% (2)" in page.text
    page.get(f"/qa/responses?{Q}&questionnaire=incident&question=channels&option=chat")
    assert "2 responses" in page.text and "Option: Chat" in page.text


def test_a_questionnaires_trend_marks_where_its_version_changed(page, cast):
    a_response(quarter=20262)
    form = add_question(shipped_form("incident"))
    questionnaires.publish_version(write_content(form, 3), "command:test", NOW)
    a_response()
    tally.rebuild_tally()
    page.sign_in_as(cast.qa).get("/qa/questionnaires/incident?quarter=2026Q3")
    assert "Q3 2026: first answers to version 2 (dotted upright line)." in page.text and "v2" in page.text
    assert "first answers" not in page.get("/qa/questionnaires/incident?quarter=2026Q2").text
