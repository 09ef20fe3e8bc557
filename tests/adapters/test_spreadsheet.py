"""Stories about the tables people take along: nothing in them acts, and Chinese opens right."""

from __future__ import annotations

import csv
import unicodedata
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from csat.adapters import spreadsheet
from csat.adapters.spreadsheet import Column, Sheet, Workbook, neutralise_formula, write_csv, write_xlsx

MADE = datetime(2026, 9, 14, 10, 0)
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "﹢1", "﹦1"),
    *("\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "\ufeff=1", "\u200b=1", "\x00=1"),
    *('=HYPERLINK("http://evil.example","click")', "=cmd|' /C calc'!A0"),
]


def a_sheet(rows, *kinds, name="表"):
    columns = tuple(Column(f"列{at}", kind) for at, kind in enumerate(kinds or ("text",)))
    return Sheet(name, columns, rows)


def a_book(*sheets, title="导出", about=(("季度", "2026 年第 3 季度"),)):
    return Workbook(title, ("说明", about), sheets, MADE, "何静")


def quiet(rows):
    pass


def xlsx(folder, *sheets, **more):
    """The sheets of a workbook as somebody opens them."""
    write_xlsx(folder / "a.xlsx", a_book(*sheets, **more), quiet)
    return load_workbook(folder / "a.xlsx")


def csv_rows(folder: Path, sheet: Sheet):
    write_csv(folder / "a.csv", sheet, quiet)
    with (folder / "a.csv").open(encoding="utf-8-sig", newline="") as content:
        return list(csv.reader(content))


def acts(text: str) -> bool:
    """Whether a spreadsheet could take a cell for a formula: independent of how we decide it."""
    seen = "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cf") and not one.isspace())
    return text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", seen[:1])[:1] in ("=", "+", "-", "@")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_formula_is_words(tmp_path, text):
    sheet = xlsx(tmp_path, Sheet(text, (Column(text),), [[text]])).worksheets[1]
    for cell in (sheet["A1"], sheet["A2"]):
        assert cell.data_type in ("s", "inlineStr") and cell.value.startswith("'")
        assert cell.hyperlink is None
    head, row = csv_rows(tmp_path, Sheet("表", (Column(text),), [[text]]))
    assert head[0].startswith("'") and row[0].startswith("'")


@given(st.text() | st.sampled_from(HOSTILE).flatmap(lambda start: st.text().map(lambda rest: start + rest)))
def test_no_text_at_all_acts(text):
    made = neutralise_formula(text)
    assert made.startswith("'") or not acts(made)
    made.encode("utf-8")


@given(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=50))
def test_harmless_words_stay_as_they_are(text):
    assert neutralise_formula(text) == text


@settings(max_examples=25)
@given(st.lists(st.tuples(st.text(), st.none() | st.integers(-(10**9), 10**9), st.floats(0, 1)), max_size=5))
def test_every_file_opens_with_what_went_in(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("book")
    sheet = xlsx(folder, a_sheet(rows, "text", "number", "share")).worksheets[1]
    told = csv_rows(folder, a_sheet(rows, "text", "number", "share"))[1:]
    assert [float(share) for _, _, share in told] == [round(share, 6) for _, _, share in rows]
    for at, (text, number, share) in enumerate(rows, start=2):
        shown = sheet.cell(at, 1).value or ""
        assert not acts(shown) or shown.startswith("'")
        assert sheet.cell(at, 2).value == number and sheet.cell(at, 3).value == pytest.approx(share)
        assert text == "" or shown or neutralise_formula(text) == ""


def test_numbers_are_numbers_and_shares_percentages(tmp_path):
    row = ["华东物流", 12, 93.4567, 0.9125, datetime(2026, 9, 14, 10, 30), None]
    sheet = xlsx(tmp_path, a_sheet([row], "text", "number", "decimal", "share", "instant", "number"))["表"]
    text, number, index, share, at, nothing = sheet[2]
    assert (number.value, number.number_format) == (12, "#,##0")
    assert (index.value, index.number_format) == (93.4567, "0.0")
    assert (share.value, share.number_format) == (0.9125, "0.0%")
    assert at.value == datetime(2026, 9, 14, 10, 30) and at.is_date
    assert text.value == "华东物流" and nothing.value is None


def test_the_heading_stays_in_sight_and_filters(tmp_path):
    sheet = xlsx(tmp_path, a_sheet([["甲", 1], ["乙", 2]], "text", "number"))["表"]
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:B3"
    assert sheet.column_dimensions["A"].width == pytest.approx(14, abs=1)


def test_the_first_sheet_says_what_it_is(tmp_path):
    book = xlsx(tmp_path, a_sheet([["甲"]]), title="=答卷", about=[("季度", "2026 年第 3 季度"), ("@", "=1")])
    cells = [cell.value for row in book["说明"] for cell in row if cell.value]
    assert cells == ["'=答卷", "季度", "2026 年第 3 季度", "'@", "'=1"]


def test_chinese_opens_right_in_excel(tmp_path):
    write_csv(tmp_path / "a.csv", a_sheet([["第二医院", 0.5]], "text", "share"), quiet)
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines() == ['"列0","列1"', '"第二医院",0.5']


def test_what_one_sheet_cannot_hold_goes_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 3)
    told = []
    rows = ([f"第{at}行"] for at in range(7))
    assert write_xlsx(tmp_path / "a.xlsx", a_book(a_sheet(rows)), told.append) == 7
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["说明", "表", "表 2", "表 3"]
    assert [book[name].max_row - 1 for name in book.sheetnames[1:]] == [3, 3, 1]
    assert book["表 3"]["A2"].value == "第6行" and told == [1, 2, 3, 4, 5, 6, 7]


def test_sheets_are_named_as_excel_takes_it(tmp_path):
    long = "客户服务满意度评价表：" * 5
    book = xlsx(tmp_path, *(a_sheet([], name=name) for name in (long, long, "a/b:c*d?", "说明")))
    assert len(set(book.sheetnames)) == 5 and all(len(name) <= 31 for name in book.sheetnames)
    assert book.sheetnames[3] == "a b c d" and book.sheetnames[4] == "说明 2"


@given(st.text(), st.text())
def test_any_name_is_a_name_of_a_sheet(tmp_path_factory, one, other):
    sheets = (a_sheet([], name=name) for name in (one, other, "History"))
    assert len(xlsx(tmp_path_factory.mktemp("names"), *sheets).sheetnames) == 4


def test_an_empty_table_has_its_heading(tmp_path):
    assert [row[0].value for row in xlsx(tmp_path, a_sheet([]))["表"]] == ["列0"]
    assert csv_rows(tmp_path, a_sheet([])) == [["列0"]]


def test_a_cell_longer_than_excel_takes_is_cut(tmp_path):
    sheet = xlsx(tmp_path, a_sheet([["长" * 40_000], ["𠮷" * 40_000]]))["表"]
    assert len(sheet["A2"].value) == spreadsheet.LONGEST_CELL and len(sheet["A3"].value) == spreadsheet.LONGEST_CELL / 2


def test_nothing_but_the_file_is_left(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", a_book(a_sheet([["甲"]] * 100)), quiet)
    assert [one.name for one in tmp_path.iterdir()] == ["a.xlsx"]
    assert "externalLink" not in "".join(ZipFile(tmp_path / "a.xlsx").namelist())


class Row(list):
    """A row that knows how many of its kind are alive."""

    alive = most = 0

    def __init__(self, cells):
        super().__init__(cells)
        Row.alive += 1
        Row.most = max(Row.most, Row.alive)

    def __del__(self):
        Row.alive -= 1


@pytest.mark.parametrize("shape", ["xlsx", "csv"])
def test_rows_are_written_as_they_come_and_never_kept(tmp_path, shape):
    Row.most = 0
    rows = (Row([f"第{at}行", at]) for at in range(2000))
    sheet = a_sheet(rows, "text", "number")
    if shape == "csv":
        write_csv(tmp_path / "a", sheet, quiet)
    else:
        write_xlsx(tmp_path / "a", a_book(sheet), quiet)
    assert Row.most <= 2


def test_a_csv_writes_six_decimals_and_no_more(tmp_path):
    row = ["第二医院", 2 / 3, 7, 66.66666666666667]
    told = csv_rows(tmp_path, a_sheet([row], "text", "share", "number", "decimal"))
    assert told[1] == ["第二医院", "0.666667", "7", "66.666667"]
