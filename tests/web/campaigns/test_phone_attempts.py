"""A call on one page: number, script, questions, outcomes; then the next one (P1, P2)."""

from __future__ import annotations

import re
from datetime import timedelta

from csat import clock
from csat.models.answers import Response
from csat.models.asking import Attempt, AttemptOutcome, Channel
from csat.models.clients import Incident
from csat.models.records import AuditEntry
from csat.procedure.campaigns import incident_surveys
from csat.procedure.core import settings
from csat.procedure.survey import submission
from tests.builders import NOW, a_client, a_closed_incident, a_contact, a_person, filled_in, hand_over, some_answers


def closed(number, cast, zone, hours=1, **more):
    """An incident with its contact, closed so many hours ago."""
    contact = a_contact(a_client(f"客户 {number}"), **more)
    return a_closed_incident(number, hours, contact, zone, resolved_by=cast.engineer, title="网络中断")


def test_one_page_holds_number_script_questions_and_outcomes(page, cast, zone):
    closed("INC1", cast, zone)
    settings.set_provider_names({"zh": "某某信息", "en": "Example Ltd"}, "command:test", NOW)
    page.sign_in_as(cast.desk).get("/desk/")
    page.follow("Begin with the next call")
    for words in ("13812345678", "INC1", "网络中断", "Example Ltd", "某某信息", "Nobody answered", "Busy"):
        assert words in page.text, words
    assert "You are free to say no" in page.text and "It takes about 2 minutes." in page.text
    assert 'lang="zh-Hans"' in page.html and "telephone.js" in page.html
    assert AuditEntry.select().where(AuditEntry.action == "contact unmasked").count() == 1


def test_after_a_record_the_next_call_opens_at_once(page, cast, zone):
    first, second = closed("INC1", cast, zone, hours=30), closed("INC2", cast, zone)
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{first.id}")
    page.fill("Record the survey", **filled_in(rated=4, words="处理很快"))
    assert "The survey of incident INC1 is recorded." in page.text
    assert page.heading == "Telephone survey: INC2"
    page.fill("do=nobody")
    assert "Incident INC2: Nobody answered." in page.text and page.heading == "Surveys due"
    assert Response.get().channel == Channel.TELEPHONE
    assert Attempt.get(Attempt.outcome == AttemptOutcome.NOBODY).again_at == NOW + timedelta(hours=2)
    with clock.freeze_at(NOW + timedelta(hours=2)):
        page.get("/desk/").follow("Begin with the next call")
        assert page.path == f"/desk/telephone/{second.id}"


def test_calling_later_has_a_time_ready_and_typed_answers_survive_a_wrong_one(page, cast, zone):
    incident = closed("INC1", cast, zone)
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    assert page.value("again_at") == "2026-09-14T11:00"
    words = {"q-overall": "2", "q-opinions": "等太久", "note": "正在开会"}
    page.fill("do=later", 422, again_at="2026-09-14T09:00", **words)
    assert "This time has passed." in page.text
    assert page.value("q-overall") == "2" and "等太久" in page.html and page.value("note") == "正在开会"
    page.fill("do=later", again_at="2026-09-14T15:30")
    assert Attempt.get().again_at == NOW + timedelta(hours=5, minutes=30)
    assert "call again at" in page.text


def test_unanswered_questions_are_no_hindrance_to_an_outcome(page, cast, zone):
    incident = closed("INC1", cast, zone)
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    page.fill("do=refused", name="", note="不想评价")
    assert Incident.get().surveyed_at == NOW and Attempt.get().note == "不想评价"


def test_when_a_colleague_was_faster_what_was_typed_stays(page, cast, zone):
    incident, colleague = closed("INC1", cast, zone), a_person("陆川")
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    asked = incident_surveys.ensure_invitation(incident, lambda: b"public", colleague, NOW, zone)
    submission.record_response(asked, some_answers(), Channel.TELEPHONE, colleague, NOW)
    page.fill("Record the survey", 422, **{**filled_in(rated=4, words="处理很快"), "q-opinions": "很满意"})
    assert "was surveyed meanwhile" in page.text and "很满意" in page.html
    assert "13812345678" not in page.html and Response.select().count() == 1
    page.get(f"/desk/telephone/{incident.id}")
    assert page.path == f"/desk/{incident.id}"


def test_a_colleague_on_the_telephone_is_named(page, cast, zone):
    incident, colleague = closed("INC1", cast, zone), a_person("陆川")
    incident_surveys.unmask_contact(incident, colleague, NOW)
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    assert "陆川 opened this number a moment ago" in page.text


def test_a_contact_who_opted_out_is_not_called(page, cast, zone):
    incident = closed("INC1", cast, zone, opted_out_at=NOW)
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    assert page.path == f"/desk/{incident.id}" and "no link, mail or call can be made" in page.text


def test_a_wrong_number_is_corrected_and_called_again(page, cast, zone):
    incident = closed("INC1", cast, zone)
    page.sign_in_as(cast.desk).get(f"/desk/telephone/{incident.id}")
    page.fill("do=wrong_number", note="空号")
    page.get("/desk/?only=gap")
    assert "wrong number" in page.text
    page.follow("Close the gap")
    page.fill("Save", telephone="no number")
    assert "This is no telephone number." in page.text
    page.fill("Save", telephone="139 0000 1111")
    page.get("/desk/").follow("Begin with the next call")
    assert page.path == f"/desk/telephone/{incident.id}" and "空号" in page.text


def test_the_list_is_narrowed_by_its_address(page, cast, zone):
    settings.change_setting("rest_days", 30, "command:test", NOW)
    closed("late", cast, zone, hours=50)
    closed("today", cast, zone, hours=40)
    silent = closed("silent", cast, zone, email="", telephone="")
    closed("gone", cast, zone, opted_out_at=NOW, email="gone@client.example", telephone="13900001111")
    first = closed("first", cast, zone)
    hand_over(incident_surveys.ensure_invitation(first, lambda: b"public", cast.desk, NOW, zone), cast.desk)
    a_closed_incident("resting", 0, first.contact, zone)
    page.sign_in_as(cast.desk)
    for only, number in {
        "overdue": "late",
        "today": "today",
        "gap": "silent",
        "opted_out": "gone",
        "skipped": "resting",
    }.items():
        page.get(f"/desk/?only={only}")
        assert re.findall(r'<a href="/desk/\d+"><strong>(\w+)</strong>', page.html) == [number], only
    assert "surveyed shortly before" in page.text
    page.get("/desk/?only=again")
    assert "Nobody is to be called again." in page.text
    page.get("/desk/?only=nonsense")
    assert silent.number in page.text
