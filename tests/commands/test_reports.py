"""Stories about `flask csat report make`."""

from __future__ import annotations

import io

import pikepdf
import pytest
from click.testing import CliRunner

from csat.commands import csat
from csat.models.records import AuditEntry
from csat.models.reporting import Report
from csat.procedure import jobs, quarterly_report, report_review
from csat.procedure.quarter import Quarter
from tests.builders import NOW
from tests.cast import a_cast


@pytest.fixture
def run(db, config, monkeypatch):
    monkeypatch.setenv("CSAT_INSTANCE", str(config.instance))
    return lambda *words: CliRunner().invoke(csat, ["report", "make", *words])


def test_a_draft_is_made_from_the_store_as_it_stands(run, tmp_path):
    out = tmp_path / "r.pdf"
    ended = run("2026Q3", "--lang", "zh", "--out", str(out))
    assert ended.exit_code == 0, ended.output
    assert str(out) in ended.output and "SHA-256" in ended.output
    with pikepdf.open(out) as pdf:
        assert str(pdf.Root.Lang) == "zh-Hans"
    assert AuditEntry.select().where(AuditEntry.action == "report draft exported").exists()


def test_an_issued_report_comes_out_as_it_was_kept(run, config, tmp_path, zone):
    from csat.documents import drafting
    from csat.models.reporting import Word

    cast, quarter = a_cast(), Quarter(2026, 3)
    document = drafting.document_of(quarter, cast.qa, NOW, zone)
    report = quarterly_report.draft(quarter, document, cast.qa, NOW)
    report_review.submit(report, [], cast.qa, NOW)
    report_review.say(report, Word.APPROVE, "", cast.director, NOW)
    jobs.ask("issue_report", {"report": report.id, "by": cast.qa.id}, cast.qa, NOW)
    jobs.do_all()
    out = tmp_path / "r.pdf"
    assert run("2026Q3", "--lang", "en", "--out", str(out)).exit_code == 0
    kept = quarterly_report.files_of(Report.get())["en"]
    assert len(out.read_bytes()) == kept.size
    assert len(pikepdf.open(io.BytesIO(out.read_bytes())).pages) > 5


@pytest.mark.parametrize("words", [("2026-3", "--lang", "zh"), ("2026Q3", "--lang", "fr"), ("2026Q3",)])
def test_wrong_usage_is_exit_two(run, tmp_path, words):
    assert run(*words, "--out", str(tmp_path / "x.pdf")).exit_code == 2


def test_a_file_that_cannot_be_written_is_one_line(run, tmp_path):
    ended = run("2026Q3", "--lang", "zh", "--out", str(tmp_path / "nowhere" / "x.pdf"))
    assert ended.exit_code == 1 and "cannot be written" in ended.output
