"""Tables that people bring, in all the ways in which their programs write them."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.adapters.table_reader import TableUnreadable, read_table

TEXT = "客户单位,联系人,电话\r\n华东物流,王女士,13812345678\r\n"
ROWS = [(2, ["华东物流", "王女士", "13812345678"])]


def a_workbook(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_each_usual_encoding_is_read(encoding):
    table = read_table(TEXT.encode(encoding), 10)
    assert table.head == ["客户单位", "联系人", "电话"] and table.rows == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_usual_delimiter_is_read(delimiter):
    assert read_table(TEXT.replace(",", delimiter).encode(), 10).rows == ROWS


def test_a_workbook_is_read_with_numbers_as_people_see_them():
    table = read_table(a_workbook(["客户单位", "联系人", "电话"], [], ["华东物流", "王女士", 13812345678.0]), 10)
    assert table.rows == [(3, ROWS[0][1])]


def test_lines_are_counted_as_an_editor_counts_them():
    text = 'a,b\n"two\nlines",1\n\n,\nlast,2\n'
    assert read_table(text.encode(), 10).rows == [(2, ["two\nlines", "1"]), (6, ["last", "2"])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"\xd0\xcf\x11\xe0 old", "old .xls"),
        (b"PK\x03\x04 no archive", ".xlsx file cannot be read"),
        (b"\x00\x01\x02\x03", "no table"),
        (b"\xff\x80\xff\x80", "no table"),
        (b'a,b\n"x"y,1\n', "Line 2"),
        (b'a,b\n1,2\n"open', "Line 3"),
        (b"a\n" + b"1\n" * 11, "more than 10 rows"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content, reason):
    with pytest.raises(TableUnreadable) as refusal:
        read_table(content, 10)
    assert reason in str(refusal.value)


def test_an_archive_that_unpacks_without_end_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (101 * 1024 * 1024))
    with pytest.raises(TableUnreadable):
        read_table(target.getvalue(), 10)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    try:
        table = read_table(content, 10)
    except TableUnreadable:
        return
    assert len(table.rows) <= 10


@given(
    st.lists(
        st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1), min_size=2, max_size=2), min_size=1
    )
)
def test_what_a_program_writes_is_read_back(rows):
    import csv

    target = io.StringIO()
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    assert [cells for _, cells in read_table(target.getvalue().encode("utf-8-sig"), 10_000).rows] == rows
