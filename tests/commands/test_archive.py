"""Bundles of the archive: written by the worker, checked by a command that finds every tampering (P11)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner

from csat import clock, database
from csat.adapters import bundles as adapter
from csat.adapters import files
from csat.commands import archive as commands
from csat.commands import csat, daily
from csat.models.answers import Answer, Response
from csat.models.archive import Bundle
from csat.models.asking import Channel
from csat.models.base import canonical
from csat.models.records import AuditDetail, AuditEntry
from csat.models.work import JobState, StoredFile
from csat.procedure.archive import bundles
from csat.procedure.core import jobs
from csat.procedure.core.quarter import Quarter
from csat.procedure.questionnaires.answers import GivenAnswer
from csat.procedure.review import corrections
from csat.procedure.upkeep import retention
from tests.builders import NOW, a_client, a_contact, a_response
from tests.cast import Cast
from tests.conftest import open_store
from tests.procedure.review.test_corrections import a_record, propose

Q3 = Quarter(2026, 3)


@pytest.fixture
def config(config):
    """A store of its own that the commands and works open by the environment."""
    open_store(config)
    with clock.freeze_at(NOW):
        yield config
    database.close_store()


def made(cast: Cast, quarter: Quarter = Q3, language: str = "zh") -> Bundle:
    """What the worker makes of what somebody asked for."""
    asked = bundles.queue_bundles(quarter, language, cast.improvement, clock.now())
    jobs.run_waiting_jobs()
    (done,) = [jobs.job_for(cast.improvement, job.id) for job in asked]
    assert done.state == JobState.DONE, done.refusal
    return Bundle.get_by_id(done.outcome["bundle"])


def copied(config, bundle: Bundle, tmp_path: Path) -> Path:
    place = tmp_path / bundle.file.name
    place.write_bytes(files.read_file(config.files, bundle.file.place))
    return place


def verified(place: Path) -> tuple[int, str]:
    result = CliRunner().invoke(csat, ["archive", "verify", str(place)])
    return result.exit_code, result.output


def table(place: Path, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(place) as bundle:
        return list(csv.DictReader(io.StringIO(bundle.read(name).decode("utf-8-sig"))))


@pytest.fixture
def place(config, cast, tmp_path, rendered_once) -> Path:
    """A bundle of four responses, valid or not, one of them corrected."""
    client = a_client()
    a_response("company", client=client, opinions="=SUM(A1)，很快")
    a_response(anonymous=True, rated=1, opinions="没人接电话")
    a_response(verdict="refused")
    corrected = a_record(cast, client=client, opinions="王女士说还好", respondent_name="王女士")
    corrections.confirm_correction(propose(corrected, cast.qa, overall=GivenAnswer(2)), cast.qa2, NOW)
    return copied(config, made(cast), tmp_path)


def test_a_bundle_holds_every_response_of_the_quarter_valid_or_not(place):
    rows, answers = table(place, "responses.csv"), table(place, "answers.csv")
    assert {int(row["response"]) for row in rows} == {one.id for one in Response.select()}
    assert sorted(row["verdict"] for row in rows) == ["pending", "pending", "refused", "valid"]
    assert len(answers) == Answer.select().count()
    assert {row["words"] for row in answers if row["words"]} == {"'=SUM(A1)，很快", "没人接电话", "王女士说还好"}
    (changed,) = [row for row in answers if row["recorded_first"]]
    assert (changed["question"], changed["value"], changed["recorded_first"][:1]) == ("overall", "2", "5")
    (hidden,) = [row for row in rows if row["anonymous"] == "1"]
    assert not (hidden["received_at"] or hidden["incident"] or hidden["recorder"])
    with zipfile.ZipFile(place) as bundle:
        names = sorted({row["file"] for row in rows})
        pages = [len(pikepdf.open(io.BytesIO(bundle.read(name))).pages) for name in names]
    assert names == ["responses/company-v1-0001.pdf", "responses/incident-v1-0001.pdf"] and sum(pages) >= 4


def test_names_of_respondents_are_covered_in_it(place, tmp_path):
    with zipfile.ZipFile(place) as bundle:
        (tmp_path / "a.pdf").write_bytes(bundle.read("responses/incident-v1-0001.pdf"))
    text = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True).stdout.decode()
    assert "王***" in text and text.count("王女士") == 1  # her own words stay as they are


def test_it_is_made_in_fifties_and_is_the_same_each_time(config, cast, tmp_path, monkeypatch):
    monkeypatch.setattr("csat.documents.filled.bundle.QUESTIONNAIRES_PER_FILE", 2)
    for _ in range(5):
        a_response()
    steps: list[tuple[int, int]] = []
    order = commands.document.BundleOrder(Q3, bundles.split_quarter(Q3)[0], "en", config.timezone)
    chain = {"history": {"entry": 1, "seal": "x"}, "previous": None}
    contents = []
    for at in range(2):
        folder = tmp_path / str(at)
        folder.mkdir()
        commands.document.write_bundle(folder / "b", order, chain, NOW, lambda *step: steps.append(step))
        contents.append((folder / "b").read_bytes())
    assert contents[0] == contents[1]
    assert steps[:4] == [(0, 5), (2, 5), (4, 5), (5, 5)]
    with zipfile.ZipFile(tmp_path / "0" / "b") as bundle:
        assert sum(name.endswith(".pdf") for name in bundle.namelist()) == 3


def test_parts_follow_each_other_in_the_chain(config, cast, tmp_path, monkeypatch):
    monkeypatch.setattr(bundles.split_quarter, "__defaults__", (2,))
    for _ in range(5):
        a_response()
    assert len(bundles.queue_bundles(Q3, "zh", cast.improvement, NOW)) == 3
    jobs.run_waiting_jobs()
    all_ = list(Bundle.select().order_by(Bundle.id))
    assert sum(one.responses for one in all_) == 5
    places = [copied(config, one, tmp_path) for one in all_]
    manifests = [adapter.check_bundle(place) for place in places]
    assert [one.manifest["previous"] for one in manifests] == [None, *(one.sha256 for one in manifests[:-1])]
    assert all(verified(place)[0] == 0 for place in places)
    keys = [row["response"] for place in places for row in table(place, "responses.csv")]
    assert len(set(keys)) == len(keys) == 5


def test_a_whole_bundle_is_found_whole(place, tmp_path):
    status, said = verified(place)
    assert status == 0 and "2026Q3 1/1" in said and "4 responses" in said
    with zipfile.ZipFile(place) as bundle:
        bundle.extractall(tmp_path / "out")
    subprocess.run(["sha256sum", "-c", "manifest.txt"], cwd=tmp_path / "out", check=True, capture_output=True)


def test_no_answer_and_no_name_goes_into_the_history(place):
    told = "".join(row.detail for row in AuditDetail.select().join(AuditEntry))
    assert "没人接电话" not in told and "王女士" not in told


# --- tampering -----------------------------------------------------------------------------------------


def rewritten(place: Path, change) -> Path:
    """The same bundle with its files changed by somebody: {name: bytes} → {name: bytes}."""
    with zipfile.ZipFile(place) as bundle:
        contents = {name: bundle.read(name) for name in bundle.namelist()}
    target = place.with_name("forged.zip")
    with zipfile.ZipFile(target, "w") as forged:
        for name, content in change(contents).items():
            forged.writestr(name, content)
    return target


def with_manifest(contents: dict[str, bytes], **facts) -> dict[str, bytes]:
    """What a forger does who knows the format: the sums are made to fit."""
    manifest = {**json.loads(contents["manifest.json"]), **facts}
    for one in manifest["files"]:
        content = contents[one["name"]]
        one |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    text = canonical(manifest).encode()
    return {**contents, "manifest.json": text, "manifest.txt": adapter.format_listing(manifest, text).encode()}


def praised(contents: dict[str, bytes]) -> dict[str, bytes]:
    words = contents["answers.csv"].replace("没人接电话".encode(), "服务非常好了".encode())
    assert words != contents["answers.csv"]
    return {**contents, "answers.csv": words}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (praised, "answers.csv"),
        (lambda all_: {name: one for name, one in all_.items() if name != "answers.csv"}, "answers.csv"),
        (lambda all_: {**all_, "more.txt": b"x"}, "more.txt"),
        (lambda all_: {**all_, "manifest.txt": all_["manifest.txt"] + b"x"}, "manifest.txt"),
        (lambda all_: {**all_, "responses.csv": b""}, "responses.csv"),
        (lambda all_: with_manifest(praised(all_)), "the history knows no bundle"),
        (lambda all_: with_manifest(all_, history={"entry": 1, "seal": "0" * 64}), "the history knows no bundle"),
        (lambda all_: with_manifest(all_, previous="0" * 64), "the history knows no bundle"),
        (lambda all_: with_manifest(all_, made_at="2020-01-01T00:00:00+00:00"), "the history knows no bundle"),
        (lambda all_: with_manifest(all_, history=None), "the history knows no bundle"),
        (lambda all_: {**all_, "manifest.json": b"{}"}, "no bundle of the archive"),
        (lambda all_: {**all_, "manifest.json": all_["manifest.json"] + b" "}, "no bundle of the archive"),
        (lambda all_: {"a.txt": b"x"}, "no bundle of the archive"),
    ],
)
def test_whatever_is_changed_in_a_bundle_is_found(place, change, told):
    status, said = verified(rewritten(place, change))
    assert status == 1 and told in said


def test_every_flipped_byte_of_a_file_is_found(place):
    """A hundred places all over the bundle: contents, names, sums."""
    whole, forged = place.read_bytes(), place.with_name("flipped.zip")
    with zipfile.ZipFile(place) as bundle:
        spans = [(entry.header_offset + 30 + len(entry.filename), entry.compress_size) for entry in bundle.infolist()]
    for starts, size in spans:
        for at in range(starts + 40, starts + size, max(1, size // 12)):
            forged.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            try:
                assert adapter.check_bundle(forged).wrong, at
            except adapter.NotABundle:
                continue


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_said_to_be_none(config, tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    status, said = verified(tmp_path / "x")
    assert status == 1 and "no bundle of the archive" in said


def test_a_file_twice_in_a_bundle_is_found(place, recwarn):
    with zipfile.ZipFile(place, "a") as bundle:
        bundle.writestr("responses.csv", b"other")
    recwarn.clear()
    status, said = verified(place)
    assert status == 1 and "responses.csv" in said


def test_an_answer_changed_in_the_store_is_found_by_the_bundle(place):
    Answer.update(words="接得很快").where(Answer.words == "没人接电话").execute()
    status, said = verified(place)
    assert status == 1 and "1 responses read otherwise in the store, without a reason" in said


def test_a_history_whose_entry_was_changed_proves_nothing(place):
    AuditEntry.update(seal="0" * 64).where(AuditEntry.action == bundles.MADE_ACTION).execute()
    status, said = verified(place)
    assert status == 1 and "the history itself is broken" in said


def test_a_history_made_anew_has_another_seal(place, monkeypatch):
    monkeypatch.setattr(bundles, "has_seal", lambda entry, seal: False)
    status, said = verified(place)
    assert status == 1 and "another seal" in said


def test_a_history_whose_end_was_cut_off_does_not_know_the_bundle(place):
    last = AuditEntry.get(AuditEntry.action == bundles.MADE_ACTION)
    AuditDetail.delete().where(AuditDetail.entry >= last.id).execute()
    AuditEntry.delete().where(AuditEntry.id >= last.id).execute()
    status, said = verified(place)
    assert status == 1 and "the history knows no bundle" in said


def test_later_corrections_and_erasures_are_told_and_no_fault(config, cast, tmp_path):
    contact = a_contact(a_client())
    a_response(contact=contact, client=contact.client, respondent_name="王女士", opinions="王女士很急")
    record = a_record(cast)
    place = copied(config, made(cast), tmp_path)
    with clock.freeze_at(NOW + timedelta(days=1)):
        corrections.confirm_correction(propose(record, cast.qa, overall=GivenAnswer(2)), cast.qa2, clock.now())
        retention.erase_contact(contact, cast.admin, clock.now())
        status, said = verified(place)
    assert status == 0 and "2 corrected or erased since, on record" in said


# --- keeping -------------------------------------------------------------------------------------------


def test_nothing_stays_of_a_bundle_that_is_refused(config, cast, monkeypatch):
    a_response(channel=Channel.LINK)
    monkeypatch.setattr(bundles, "record_bundle", lambda *facts: (_ for _ in ()).throw(bundles.OutOfOrder()))
    (job,) = bundles.queue_bundles(Q3, "zh", cast.improvement, NOW)
    jobs.run_waiting_jobs()
    assert jobs.job_for(cast.improvement, job.id).state == JobState.FAILED
    assert not [place for place in config.files.rglob("*") if place.is_file()]
    assert not StoredFile.select().exists() and not Bundle.select().exists()


def test_who_lost_the_role_meanwhile_gets_no_bundle(config, cast):
    a_response()
    (job,) = bundles.queue_bundles(Q3, "zh", cast.improvement, NOW)
    type(job).update(arguments={**job.arguments, "by": cast.qa.id}).execute()
    jobs.run_waiting_jobs()
    assert jobs.job_for(cast.improvement, job.id).state == JobState.FAILED and not Bundle.select().exists()


def test_the_daily_round_deletes_what_was_kept_long_enough(config, cast):
    a_response()
    bundle = made(cast)
    assert daily.sweep_bundles(config, NOW).startswith("0 ")
    assert daily.sweep_bundles(config, NOW + bundles.BUNDLE_LASTS + timedelta(days=1)).startswith("1 ")
    assert not [place for place in config.files.rglob("*") if place.is_file()]
    assert Bundle.get().manifest == bundle.manifest
