"""Stories about the report as a document: what it says, what it hides, and what kind of PDF it is."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csat.documents.locale_format import LocaleFormat
from csat.documents.report import attachments, render
from csat.documents.report.alongside import list_changed_figures
from csat.figures.types import CheckCallRow
from csat.web.reports.page import MAX_REMARK_LENGTH
from tests.documents import samples
from tests.documents.samples_beside import an_action, beside

HOSTILE = '<img src="file:///etc/passwd"><script>alert(1)</script></p><style>*{display:none}</style>{{ 7*7 }}'

CHINA = ZoneInfo("Asia/Shanghai")
FULL = samples.a_full_quarter()


@pytest.fixture(scope="module")
def full() -> pikepdf.Pdf:
    return opened(render.render_pdf(whole_document(comments=said("Fine work.")), "en", watermark=False))


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def whole_document(**more) -> dict:
    """A report with all its parts: last quarter's figures, actions of both, what stands beside."""
    actions = {"now": [an_action("overdue", False)] * 14, "before": [an_action(), an_action("late")]}
    return samples.a_document(**{"before": FULL, "beside": beside(), "actions": actions, **more})


def said(*texts: str) -> dict:
    nobody = {"shown": [], "left_out": 0}
    return {"praise": {"shown": list(texts), "left_out": 0}, "wish": nobody, "other": nobody}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_document_of_an_earlier_shape_still_renders(language):
    """Issued reports are frozen for good: the templates of today must read what was composed long ago."""
    for kept in sorted(Path(__file__).parent.glob("composed_*.json")):
        document = json.loads(kept.read_text(encoding="utf-8"))
        assert document["report"]["number"] in render.render_html(document, language)
        assert render.render_sections(document, language) and attachments.render_rates_csv(
            document, LocaleFormat(language, CHINA)
        )


def test_answers_that_name_no_client_are_a_group_and_no_client():
    lost = samples.row("client", "none", "未具名", "Not named", 2, 30, 28, 30, change="worse")
    document = samples.a_document(replace(FULL, clients=(lost, *FULL.clients)))
    told = json.dumps(document["sentences"], ensure_ascii=False)
    assert "Not named" not in told and "未具名" not in told
    page = str(render.render_sections(document, "en"))
    table = page[page.index("Satisfaction by client</caption>") :]
    assert page.count("Not named") == 1 and "a group, no client" in page
    assert table.index("Big Dipper Machinery") < table.index("Not named*") < table.index("All clients")


def test_a_report_without_what_stands_beside_has_fewer_parts_and_the_numbers_close_up():
    page = str(render.render_sections(samples.a_document(), "en"))
    assert "Service commitments" not in page and "Appraisal table" not in page
    assert '<span class="no">13</span> How the figures are made' in page


def test_the_parts_beside_the_figures_say_what_they_should():
    page = str(render.render_sections(whole_document(), "en"))
    assert "2 of 3 commitments with data are reached" in page
    assert "neither an action nor a reason yet." in page
    assert "yet clients complain: Communication channels." in page
    appraisal = page[page.index("Appraisal by client") :]
    hidden = appraisal[appraisal.index("Far Hills Travel") :].split("</tr>")[0]
    assert "%" not in hidden and ">0<" not in hidden  # feedback of a hidden client is hidden with it
    assert "Cheng Yuan" in appraisal


def test_tables_and_figures_are_numbered_once_each_and_stand_in_the_contents():
    page = render.render_html(whole_document(), "en")
    for kind, label in (("table", "Table"), ("figure", "Figure")):
        numbers = [int(found) for found in re.findall(rf'id="{kind}-(\d+)"', page)]
        assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 5
        assert all(f'href="#{kind}-{number}"' in page for number in numbers)
        assert all(f"{label} {number}</span>" in page for number in numbers)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", [*(pytest.param(few, marks=pytest.mark.fault) for few in (0.0, 0.25)), 1.0])
def test_the_summary_stays_on_one_page_whatever_quality_control_adds(language, part):
    text = {"zh": "这一季的情况比较复杂，" * 24, "en": "This quarter was not easy. " * 20}
    room = {code: int(part * MAX_REMARK_LENGTH[code]) for code in text}
    words = {code: {"assessment": text[code][: room[code]], "decisions": text[code][: room[code]]} for code in text}
    worse = [replace(row, rate=samples.rate(row.key, 10, 38)) for row in FULL.clients[:4]]
    bad = replace(FULL, clients=(*worse, *FULL.clients[4:]))
    pdf = opened(render.render_pdf(whole_document(figures=bad, remarks=words), language, watermark=False))
    with pdf.open_outline() as outline:
        contents = next(item for item in outline.root if not item.title[0].isdecimal())
    assert pdf.pages.index(pikepdf.Page(contents.destination[0])) == 2


def test_check_calls_are_told_by_recorder():
    calls = CheckCallRow("苏岚", 41, 5, samples.rate("check_calls/1", 1, 4))
    document = samples.a_document(replace(FULL, check_calls=(calls,)))
    pages = {language: render.render_html(document, language) for language in ("zh", "en")}
    assert all("苏岚" in page and "25.0%" in page for page in pages.values())
    assert "Check calls, by recorder" in pages["en"]
    assert "Check calls, by recorder" not in render.render_html(samples.a_document(), "en")


def test_a_later_version_says_what_it_changes():
    whole = replace(FULL.satisfaction, rate=samples.rate("satisfaction/all/all", 190, 211))
    figures = replace(FULL, satisfaction=whole)
    later = whole_document(
        figures=figures,
        beside=beside(changed=list_changed_figures(whole_document(), asdict(figures))),
        facts={"number": "CSAT-2026Q3-2", "version": 2, "changes": "Five responses were refused."},
    )
    page = str(render.render_sections(later, "en"))
    assert "What this version changes against CSAT-2026Q3-1" in page
    (row,) = later["changed"]["rows"]
    assert round(row["was"]["value"], 3) == 0.924 and round(row["now"]["value"], 3) == 0.9


def test_the_same_input_gives_the_same_bytes_in_another_process_too():
    document = samples.a_document()
    here = hashlib.sha256(render.render_pdf(document, "zh", watermark=False)).hexdigest()
    program = (
        "import hashlib; from csat.documents.report import render; from tests.documents import samples;"
        "print(hashlib.sha256(render.render_pdf(samples.a_document(), 'zh', False)).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_the_figures_are_attached_as_data(full):
    attached = {str(one.UF): one for one in full.Root.AF}
    assert set(attached) == {f"CSAT-2026Q3-1{rest}" for rest in (".csv", "-actions.csv", ".json")}
    assert {str(one.AFRelationship) for one in attached.values()} == {"/Data"}
    attachment = attached["CSAT-2026Q3-1.csv"]
    rows = list(csv.DictReader(io.StringIO(attachment.EF.F.read_bytes().decode("utf-8-sig"))))
    whole = next(row for row in rows if row["id"] == "satisfaction/all/all")
    assert float(whole["value"]) == pytest.approx(195 / 211)
    hidden = next(row for row in rows if row["name"] == "Far Hills Travel" and row["hidden"] == "1")
    assert not hidden["value"] and not hidden["n"]
    whole = json.loads(attached["CSAT-2026Q3-1.json"].EF.F.read_bytes().decode("utf-8-sig"))
    assert whole["figures"]["satisfaction/all/all"]["n"] == 211 and len(whole["risks"]["domains"]) == 4
    listed = attached["CSAT-2026Q3-1-actions.csv"].EF.F.read_bytes().decode("utf-8-sig")
    assert listed.count("F-0142") == 16  # the paper lists ten of them


def test_bookmarks_lead_to_every_part(full):
    with full.open_outline() as outline:
        titles = [item.title for item in outline.root]
    assert len(titles) == len(render.REPORT_PARTS) + 2  # contents and signatures
    assert titles[1] == "Contents"
    assert titles[0].endswith("One-page summary")


@pytest.mark.parametrize(
    ("language", "alone"),
    [
        ("zh", False),
        ("en", True),
        pytest.param("zh", True, marks=pytest.mark.fault),  # seconds each: the rest is for the drills
        pytest.param("en", False, marks=pytest.mark.fault),
    ],
)
@pytest.mark.parametrize("figures", [samples.nothing, samples.one_response, samples.a_full_quarter])
def test_every_quarter_gives_a_sensible_report(figures, language, alone):
    document = samples.a_document(figures(), **({} if alone else {"beside": beside()}))
    assert 6 <= len(opened(render.render_pdf(document, language, watermark=True)).pages) <= 20


def test_hostile_text_stays_text():
    document = samples.a_document(
        comments=said(HOSTILE),
        remarks={code: {"assessment": HOSTILE, "decisions": HOSTILE} for code in ("zh", "en")},
        facts={"prepared_by": HOSTILE, "changes": HOSTILE},
    )
    page = render.render_html(document, "en")
    assert "<script>" not in page and "<img" not in page
    assert "{{ 7*7 }}" in page
    assert opened(render.render_pdf(document, "en", watermark=False)).pages


def test_a_long_comment_without_a_space_costs_no_page_its_margin():
    document = samples.a_document(comments=said("x" * 400, "很" * 400))
    assert len(opened(render.render_pdf(document, "zh", watermark=False)).pages) < 20


def test_what_a_browser_shows_has_the_same_figures_and_nothing_its_policy_forbids():
    document = samples.a_document()
    page = render.render_sections(document, "en")
    assert "92.4%" in page and "East China Logistics" in page
    assert "style=" not in page and "<script" not in page and "<style" not in page


def test_a_hidden_figure_is_nowhere():
    page = render.render_html(samples.a_document(), "en")
    row = page[page.index("Far Hills Travel") :].split("</tr>")[0]
    assert "%" not in row.replace("28.6%", "")  # only its response rate, which says nothing of answers


def test_refusal_reasons_are_masked():
    page = render.render_html(samples.a_document(), "zh")
    assert "13812345678" not in page and "138****5678" in page


def test_late_responses_of_the_quarter_before_are_told():
    before = replace(FULL, verdicts=replace(FULL.verdicts, valid=204))
    document = samples.a_document(facts={"quarter_before": 200}, before=before)
    assert document["report"]["late"] == 4
    assert any(one["rule"] == "late" for one in document["sentences"]["notes"])


def test_a_late_response_counts_although_it_has_no_overall_rating():
    # 211 are valid, 186 of them were asked for an overall rating
    assert samples.a_document(facts={"quarter_before": 209}, before=FULL)["report"]["late"] == 2


def test_a_spreadsheet_takes_no_name_for_a_formula():
    evil = replace(FULL.clients[0], name={"zh": "=1+1", "en": "＝cmd"})
    document = samples.a_document(replace(FULL, clients=(evil,)))
    assert ",'=1+1," in attachments.render_rates_csv(document, LocaleFormat("zh", CHINA))


@settings(max_examples=20)
@given(st.text(max_size=80))
def test_any_comment_renders(text):
    page = render.render_html(samples.a_document(comments=said(text)), "en")
    assert page.count('<p class="said"') >= 1


def test_moved_due_dates_are_told_beside_how_feedback_was_handled():
    page = " ".join(render.render_html(samples.a_document(), "en").split())
    assert (
        "moved once, with the word of the QA supervisor: 3" in page
        and "by the one before, 1 of them would be late" in page
    )
