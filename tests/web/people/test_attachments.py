"""Evidence on the pages: files go in with a step, and out as downloads to who may see them."""

from __future__ import annotations

import html
import io
import re
from contextlib import closing
from urllib.parse import quote

import pytest
from werkzeug.test import EnvironBuilder

from csat.models.access import Session
from csat.models.evidence import Evidence
from csat.models.feedback import Action, Feedback, FeedbackState
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core import settings
from csat.procedure.feedback import callbacks, view
from csat.web.access import MAX_UPLOAD_BYTES
from csat.web.people.resubmission import HeldSubmission
from tests.builders import NOW, a_person
from tests.feedback_builders import called_back, in_progress, staffed
from tests.files import JPEG, PDF, a_png, an_ooxml, kept_files


def upload(content: bytes = PDF, name: str = "验收单.pdf"):
    return (io.BytesIO(content), name)


def much_sent(page, path: str, fields: dict, **headers: str):
    """Send much: the test browser would write it to a temporary file that nobody closes."""
    builder = EnvironBuilder(method="POST", data=fields)
    environ = builder.get_environ()
    with closing(environ["wsgi.input"]) as written, closing(builder):
        body = written.read()
    return page.browser.post(path, data=body, content_type=environ["CONTENT_TYPE"], headers=headers)


def at_work(page, cast) -> Feedback:
    """A feedback with actions to do, on the owner's page."""
    found = in_progress(cast)
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    return found


def with_a_file(page, cast) -> tuple[Feedback, Evidence]:
    """A feedback whose first action was reported as done with a file."""
    found = at_work(page, cast)
    page.fill("Action done", evidence="已更换，见附件", files=[upload()])
    return found, Evidence.get()


def test_an_action_is_done_with_its_files(page, cast, config):
    found, one = with_a_file(page, cast)
    assert "验收单.pdf" in page.text and Action.get(Action.done_at.is_null(False)).evidence
    stored = StoredFile.get()
    assert (stored.name, stored.media_type, stored.size) == ("验收单.pdf", "application/pdf", len(PDF))
    (place,) = kept_files(config)
    assert place.read_bytes() == PDF and place.name == stored.place and len(place.name) == 32
    assert f"/files/{one.id}" in page.links() and found.state == FeedbackState.IN_PROGRESS


def test_plan_and_end_take_files_and_more_can_be_added(page, cast):
    found = called_back(cast)
    plan = {
        "cause": "电源老化",
        "actions-0-what": "更换模块",
        "actions-0-owner": str(cast.engineer.id),
        "actions-0-due": "2026-10-05",
    }
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}")
    page.fill("Propose the plan", **plan, files=[upload(an_ooxml("docx"), "分析.docx"), upload(a_png(), "图.png")])
    page.sign_in_as(cast.qa).get(f"/feedback/{found.id}").fill("Accept")
    page.sign_in_as(cast.owner).get(f"/feedback/{found.id}").fill("Start")
    (action,) = view.list_actions(found)
    page.fill("Add the files", action=str(action.id), words="现场", files=[upload(JPEG, "现场.jpeg")])
    page.fill("Action done", evidence="见现场照片")
    page.fill("Done", words="全部完成", files=[upload(name="总结.pdf")])
    about = {one.file.name: one.about for one in Evidence.select()}
    whole, part = f"feedback:{found.id}", f"action:{action.id}"
    assert about == {"分析.docx": whole, "图.png": whole, "现场.jpeg": part, "总结.pdf": whole}
    first = Evidence.get(Evidence.about == whole)
    assert page.links().count(f"/files/{first.id}") == 2  # among the files, and in the history


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<script>alert(1)</script>", "照片.png", "This kind of file is not taken"),
        (an_ooxml("docx", word__vbaProject_dot_bin=b"x"), "报告.docx", "holds macros"),
        (PDF[:-8], "报告.pdf", "damaged or not whole"),
        (b"", "空.pdf", "This file is empty"),
    ],
)
def test_a_refused_file_is_told_at_its_field_and_the_words_stay(page, cast, config, content, name, said):
    settings.change_setting("evidence_mb", 1, cast.admin, NOW)
    at_work(page, cast)
    page.fill("Action done", 422, evidence="写了很久的说明", files=[upload(), upload(content, name)])
    assert any(name in error and said in error for error in page.errors)
    assert page.value("evidence") == "写了很久的说明" and "choose them once more" in page.text
    assert not kept_files(config) and not StoredFile.select().exists()


def test_what_is_wrong_elsewhere_keeps_no_file_and_says_to_choose_it_again(page, cast, config):
    found = at_work(page, cast)
    page.fill("Action done", 422, evidence=" ", files=[upload()])
    assert "choose them once more" in page.text and not kept_files(config)
    page.post(f"/feedback/{found.id}/finish", {"words": "都好了", "files": [upload()]}, status=422)
    assert "都好了" in page.text and "so this step is not possible" in page.text
    assert not kept_files(config) and not StoredFile.select().exists()


def test_too_many_files_at_once_are_refused(page, cast, config):
    at_work(page, cast)
    page.fill("Action done", 422, evidence="六个", files=[upload() for _ in range(6)])
    assert "Please choose at most 5 files at once." in page.errors and not kept_files(config)


def test_only_pages_that_take_files_take_much(page, cast):
    found = at_work(page, cast)
    action = view.list_actions(found)[0]
    much = b"%PDF-1.7" + b"\0" * (14 * 1024 * 1024)

    def fields():
        return {"csrf_token": page.token(), "evidence": "写了很久的说明", "files": upload(much)}

    answer = much_sent(page, f"/feedback/{found.id}/actions/{action.id}", fields())
    said = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "larger than 10 MB" in said and "写了很久的说明" in said
    assert much_sent(page, f"/feedback/{found.id}/explain", fields()).status_code == 413
    refused = much_sent(page.sign_out(), f"/feedback/{found.id}/finish", {"files": upload(much)})
    assert refused.status_code == 401 and len(much) < MAX_UPLOAD_BYTES


def test_who_was_signed_out_meanwhile_finds_the_words_and_chooses_the_file_again(page, cast):
    found = at_work(page, cast)
    large = upload(PDF + b"\0" * 1_500_000)
    fields = {"csrf_token": page.token(), "words": "写了很久的说明", "files": large}
    Session.delete().execute()
    answer = much_sent(page, f"/feedback/{found.id}/finish", fields, **{"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    kept = re.search(r'name="kept"[^>]* value="([^"]*)"', answer.get_data(as_text=True))
    typed = HeldSubmission.parse(html.unescape(kept.group(1)))
    assert typed == HeldSubmission(f"/feedback/{found.id}/finish", (("words", "写了很久的说明"),), files=True)


def test_a_file_goes_out_as_a_download_and_never_as_a_page(page, cast):
    _, one = with_a_file(page, cast)
    answer = page.sign_in_as(cast.improvement).browser.get(f"/files/{one.id}")
    assert answer.data == PDF and answer.status_code == 200
    headers = answer.headers
    in_full = f"filename*=UTF-8''{quote('验收单.pdf', safe='')}"
    assert headers["Content-Disposition"] == f'attachment; filename="evidence-{one.file.id}.pdf"; {in_full}'
    assert headers["Content-Type"] == "application/pdf" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "no-store" and headers["Cross-Origin-Resource-Policy"] == "same-origin"
    entry = AuditEntry.get(AuditEntry.action == "evidence downloaded")
    assert (entry.actor, entry.subject) == (f"person:{cast.improvement.id}", f"evidence:{one.id}")


def test_names_cannot_break_out_of_their_header(page, cast):
    at_work(page, cast)
    page.fill("Action done", evidence="好", files=[upload(name="a';X-Evil=1;<script>%0d%0a.pdf")])
    answer = page.browser.get(f"/files/{Evidence.get().id}")
    assert "X-Evil" not in answer.headers and "<" not in answer.headers["Content-Disposition"]


def test_those_who_do_not_see_the_feedback_do_not_learn_that_there_is_a_file(page, cast):
    _, one = with_a_file(page, cast)
    elsewhere = a_person("别部门", Role.DEPARTMENT, department=staffed("软件部"))
    for person in (elsewhere, cast.desk, cast.manager, cast.admin):
        page.sign_in_as(person).get(f"/files/{one.id}", 404)
        hidden = page.text
        page.get(f"/files/{one.id + 1}", 404)
        assert page.text == hidden
        page.get(f"/files/{one.id}/withdraw", 404)
    assert page.sign_out().browser.get(f"/files/{one.id}").status_code == 302


def test_the_client_never_reaches_them(page, cast):
    """No page without an account leads to a file."""
    _, one = with_a_file(page, cast)
    for path in ("/receipt", "/s/" + "a" * 43):
        answer = page.sign_out().browser.get(path)
        assert b"/files/" not in answer.data


def test_a_file_attached_by_mistake_is_withdrawn_with_a_reason(page, cast):
    found, one = with_a_file(page, cast)
    page.follow("Withdraw 验收单.pdf")
    page.fill("Withdraw the file", 422, reason="")
    page.fill("Withdraw the file", reason="附错了文件")
    assert page.path == f"/feedback/{found.id}" and "withdrawn by 邓宁" in page.text
    assert f"/files/{one.id}" not in page.links()
    page.get(f"/files/{one.id}", 404)
    assert page.sign_in_as(cast.qa).browser.get(f"/files/{one.id}").status_code == 200
    page.get(f"/feedback/{found.id}")
    assert "附错了文件" in page.text and "Evidence withdrawn" in page.text
    assert f"/files/{one.id}" in page.links()


def test_who_only_reads_withdraws_nothing(page, cast):
    found, one = with_a_file(page, cast)
    for person in (cast.qa, cast.improvement, cast.director):
        page.sign_in_as(person).get(f"/feedback/{found.id}")
        assert "/withdraw" not in " ".join(page.links())
        page.post(f"/files/{one.id}/withdraw", {"reason": "不要"}, status=403)
    assert Evidence.get().withdrawn_at is None


def test_the_way_back_never_leads_elsewhere(page, cast):
    _, one = with_a_file(page, cast)
    page.get(f"/files/{one.id}/withdraw?back=https://evil.example/")
    assert not [link for link in page.links() if "evil" in link]


def test_a_plan_takes_up_what_is_done_already(page, cast):
    first, second = in_progress(cast), called_back(cast, title="同样的电源")
    action = view.list_actions(first)[0]
    page.sign_in_as(cast.owner).get(f"/feedback/{second.id}")
    assert "Take up what is being done already" in page.text
    page.fill("Propose the plan", cause="同一批模块", shared=[str(action.id)])
    assert view.list_actions(second) == [action] and "shared" in page.text
    assert f"also serves {first.number}" in page.text
    page.sign_in_as(cast.qa).get(f"/feedback/{second.id}").fill("Send back", reason="说明数量")
    page.sign_in_as(cast.owner).get(f"/feedback/{second.id}")
    assert page.value("shared") == str(action.id) and page.value("actions-0-what") == ""
    page.fill("Propose the plan", cause="同一批模块，共十二台")
    page.get(f"/feedback/{first.id}")
    assert f"also serves {second.number}" in page.text


def test_what_another_department_does_is_not_offered(page, cast):
    first, other = in_progress(cast), staffed("软件部")
    second = called_back(cast)
    owner = a_person("软件人", Role.DEPARTMENT, department=other)
    callbacks.pass_on_feedback(second, other, "是软件", cast.owner, NOW)
    Feedback.update(state=FeedbackState.CALLED_BACK).where(Feedback.id == second.id).execute()
    page.sign_in_as(owner).get(f"/feedback/{second.id}")
    assert "Take up what is being done already" not in page.text
    foreign = str(view.list_actions(first)[0].id)
    page.post(f"/feedback/{second.id}/propose", {"cause": "因", "shared": foreign}, status=422)
    assert view.list_actions(second) == []


def test_the_page_says_how_long_each_action_has(page, cast):
    at_work(page, cast)
    assert "Due today" in page.text
