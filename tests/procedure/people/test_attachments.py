"""Files of evidence: attached with a step, seen by who sees the record, withdrawn on record only."""

from __future__ import annotations

import pytest

from csat import database
from csat.models.answers import Verdict
from csat.models.evidence import Evidence
from csat.models.feedback import Action, ActionKind, Feedback, Step
from csat.models.records import AuditEntry
from csat.models.roles import Role
from csat.models.work import StoredFile
from csat.procedure.core import audit
from csat.procedure.core.refusals import NotFound, NotPermitted, ValueMissing
from csat.procedure.feedback import actions, classification, confirmation, evidence, view
from csat.procedure.feedback.classification import SourcePassage
from csat.procedure.feedback.evidence import NoFile
from csat.procedure.feedback.view import FeedbackView
from csat.procedure.feedback.workflow import StepNotPossible
from csat.procedure.people import attachments
from csat.procedure.people.attachments import AttachmentWithdrawn, FileToAttach, TooManyFiles
from csat.procedure.upkeep import retention
from tests.builders import NOW, ZONE, a_client, a_contact, a_department, a_person, a_response
from tests.conftest import migrate_again
from tests.feedback_builders import TODAY, a_feedback, assigned, called_back, closed, done, in_progress, proposed


def a_file(number: int = 1) -> FileToAttach:
    return FileToAttach(f"{number:032x}", f"验收单{number}.pdf", "application/pdf", 1000 + number, f"{number:064x}")


def the_files(record) -> list[str]:
    return [one.file.name for one in attachments.list_attachments(record)]


def acts(action: str) -> int:
    return AuditEntry.select().where(AuditEntry.action == action).count()


def finished_with_a_file(cast, zone):
    """An action done, with a file that shows it: (feedback, action, evidence)."""
    found = in_progress(cast)
    action = view.list_actions(found)[0]
    actions.finish_action(action, "验收单见附件", cast.owner, NOW, zone, [a_file()])
    return found, action, attachments.list_attachments(action)[0]


def test_plan_action_and_end_take_files_and_the_history_names_them(engine_db, cast, zone):
    found = called_back(cast)
    plan = [(ActionKind.CORRECTIVE, "更换电源模块", cast.owner, TODAY)]
    actions.propose_plan(found, "老化", plan, cast.owner, NOW, zone, files=[a_file(1)])
    classification.accept_plan(found, cast.qa, NOW)
    actions.start_work(found, cast.owner, NOW)
    (action,) = view.list_actions(found)
    actions.finish_action(action, "已更换", cast.owner, NOW, zone, [a_file(2), a_file(3)])
    actions.finish_work(found, "完成", cast.owner, NOW, [a_file(4)])
    assert the_files(found) == ["验收单1.pdf", "验收单4.pdf"]
    assert the_files(action) == ["验收单2.pdf", "验收单3.pdf"]
    files = {step.step: (step.detail or {}).get("files") for step in view.list_history(found)}
    keys = [one.id for one in Evidence.select().order_by(Evidence.id)]
    assert files[Step.PROPOSE] == keys[:1] and files[Step.ACTION] == keys[1:3] and files[Step.FINISH] == keys[3:]
    assert files[Step.START] is None and acts("evidence attached") == 3
    assert audit.find_first_broken_entry() is None


def test_a_step_that_is_refused_attaches_nothing(cast):
    found = assigned(cast)
    with pytest.raises(StepNotPossible):
        actions.finish_work(found, "完成", cast.owner, NOW, [a_file()])
    assert not Evidence.select().exists() and not StoredFile.select().exists()


def test_files_can_be_added_until_it_is_confirmed(cast, zone):
    found = done(cast, zone)
    action = view.list_actions(found)[0]
    evidence.attach_files(found, action, "复查照片", cast.owner, NOW, [a_file()])
    assert attachments.list_attachments(action)[0].words == "复查照片"
    with pytest.raises(NoFile):
        evidence.attach_files(found, None, "", cast.owner, NOW, [])
    confirmation.confirm_feedback(found, "有效", cast.improvement, NOW, ZONE)
    with pytest.raises(StepNotPossible):
        evidence.attach_files(found, None, "", cast.owner, NOW, [a_file(2)])


def test_while_a_plan_waits_files_can_still_be_added(cast):
    found = proposed(cast)
    evidence.attach_files(found, None, "", cast.owner, NOW, [a_file()])
    assert FeedbackView(found).plan_waits


def test_a_record_has_so_many_files_at_most(cast):
    found = assigned(cast)
    for number in range(attachments.MAX_FILES):
        attachments.attach_files(found, [a_file(number)], cast.owner, NOW)
    with pytest.raises(TooManyFiles) as refused:
        attachments.attach_files(found, [a_file(99)], cast.owner, NOW)
    assert refused.value.field == "files"


def test_who_sees_the_feedback_sees_its_files_and_nobody_else(cast, zone):
    _, _, one = finished_with_a_file(cast, zone)
    for person in (cast.owner, cast.qa, cast.improvement, cast.director):
        assert attachments.open_attachment(person, one.id, TODAY, NOW).name == "验收单1.pdf"
    elsewhere = a_person("别部门", Role.DEPARTMENT, department=a_department("软件部"))
    for person in (elsewhere, cast.desk, cast.manager, cast.admin, cast.engineer):
        with pytest.raises(NotFound):
            attachments.open_attachment(person, one.id, TODAY, NOW)
    with pytest.raises(NotFound):
        attachments.open_attachment(cast.qa, one.id + 1, TODAY, NOW)
    assert acts("evidence downloaded") == 4


def test_files_about_what_nobody_declared_are_shown_to_nobody(cast):
    (one,) = attachments.attach_files("mystery:7", [a_file()], cast.qa, NOW)
    with pytest.raises(NotFound):
        attachments.open_attachment(cast.qa, one.id, TODAY, NOW)


def test_a_withdrawn_file_stays_on_record_with_the_reason(cast, zone):
    found, action, one = finished_with_a_file(cast, zone)
    with pytest.raises(ValueMissing):
        attachments.withdraw_attachment(cast.owner, one.id, " ", TODAY, NOW)
    attachments.withdraw_attachment(cast.owner, one.id, "附错了文件", TODAY, NOW)
    (kept,) = attachments.list_attachments(action)
    assert (kept.withdrawn_by, kept.withdrawn_because) == (cast.owner, "附错了文件")
    assert StoredFile.select().count() == 1 and acts("evidence withdrawn") == 1
    last = view.list_history(found)[0]
    assert (last.step, last.words, last.detail) == (Step.WITHDRAW, "附错了文件", {"files": [one.id]})
    with pytest.raises(NotFound):
        attachments.open_attachment(cast.owner, one.id, TODAY, NOW)
    assert attachments.open_attachment(cast.improvement, one.id, TODAY, NOW)


def test_nothing_is_withdrawn_twice_or_by_others_or_after_the_confirmation(cast, zone):
    found, _, one = finished_with_a_file(cast, zone)
    for person in (cast.qa, cast.improvement, cast.director):
        with pytest.raises(NotPermitted):
            attachments.withdraw_attachment(person, one.id, "不要", TODAY, NOW)
    both = a_person("双职", Role.DEPARTMENT, Role.QA, department=cast.department)
    attachments.withdraw_attachment(both, one.id, "附错了", TODAY, NOW)
    with pytest.raises(AttachmentWithdrawn):
        attachments.withdraw_attachment(both, one.id, "再一次", TODAY, NOW)
    (fresh,) = attachments.attach_files(found, [a_file(2)], cast.owner, NOW)
    for action in view.list_actions(found):
        if action.done_at is None:
            actions.finish_action(action, "好了", cast.owner, NOW, zone)
    actions.finish_work(found, "完成", cast.owner, NOW)
    confirmation.confirm_feedback(found, "有效", cast.improvement, NOW, ZONE)
    with pytest.raises(NotPermitted):
        attachments.withdraw_attachment(cast.owner, fresh.id, "不要", TODAY, NOW)


def test_evidence_of_several_records_is_read_at_once(engine_db, cast, zone):
    found, action, one = finished_with_a_file(cast, zone)
    by_name = attachments.list_attachments_by_record([found, action, a_feedback(cast)])
    assert by_name[f"action:{action.id}"] == [one] and by_name[f"feedback:{found.id}"] == []
    assert attachments.list_attachments_by_record([]) == {}


def test_an_erased_contact_is_covered_in_plan_action_and_files(engine_db, cast, zone):
    """Also in what the history keeps of a plan."""
    contact = a_contact(a_client(), name="王女士")
    response = a_response(contact=contact, client=contact.client, verdict=Verdict.VALID)
    found = called_back(cast, sources=[SourcePassage(response)])
    plan = [(ActionKind.CORRECTIVE, "上门向王女士说明", cast.owner, TODAY)]
    actions.propose_plan(found, "没有告知", plan, cast.owner, NOW, zone)
    classification.accept_plan(found, cast.qa, NOW)
    actions.start_work(found, cast.owner, NOW)
    (action,) = view.list_actions(found)
    actions.finish_action(action, "王女士已签收", cast.owner, NOW, zone)
    for about, key in ((None, "a"), (action, "b")):
        one = FileToAttach(key * 32, "王女士的回执.pdf", "application/pdf", 1, key * 64)
        evidence.attach_files(found, about, "王女士签字", cast.owner, NOW, [one])
    first = Evidence.select().order_by(Evidence.id).first()
    attachments.withdraw_attachment(cast.owner, first.id, "王女士不同意", TODAY, NOW)
    retention.erase_contact(contact, cast.admin, NOW)
    (kept,) = [step.detail for step in view.list_history(found) if step.step == Step.PROPOSE]
    assert kept["plan"][0]["what"] == "上门向———说明" and kept["plan"][0]["due"] == TODAY.isoformat()
    assert Action.get().evidence == "———已签收"
    said = list(Evidence.select(Evidence.words, Evidence.withdrawn_because).tuples())
    said += list(StoredFile.select(StoredFile.name).tuples())
    assert len(said) == 4 and "王女士" not in str(said)
    assert all(name.endswith("的回执.pdf") for (name,) in said[2:])


def test_the_migration_adds_evidence_and_keeps_what_was_there(engine_db, cast, zone):
    found = closed(cast, zone)
    before = [(step.step, step.words) for step in view.list_history(found)]
    database.store.execute_sql('DROP TABLE "evidence"')
    migrate_again("0008")
    found = Feedback.get_by_id(found.id)
    assert [(step.step, step.words) for step in view.list_history(found)] == before
    assert attachments.attach_files(found, [a_file()], cast.owner, NOW)
