"""How lines break on paper: no line of Chinese begins with a closing mark or ends with an opening one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from weasyprint import CSS, HTML

from csat.config import PROJECT_ROOT
from csat.documents.report import render
from tests.documents import samples
from tests.documents.samples_beside import an_action, beside

CLOSING = "。，、；：！？）》」』】〉”’％…"
OPENING = "（《「『【〈“‘"
SAID = "电话里说得很清楚，（当天）就好了；“谢谢”！下次（如果还有）请提前告知，我们好安排：人员、场地、时间。" * 3


def lines(box: Any) -> Iterator[str]:
    """The text of every line of a page."""
    if type(box).__name__ == "LineBox":
        yield "".join(words(box)).strip()
    for child in getattr(box, "children", ()):
        yield from lines(child)


def words(box: Any) -> Iterator[str]:
    if hasattr(box, "text"):
        yield box.text
    for child in getattr(box, "children", ()):
        yield from words(child)


@pytest.fixture(scope="module")
def pages() -> list[Any]:
    comments = {
        sort: {"shown": [SAID[at:].lstrip(CLOSING) for at in range(12)], "left_out": 0} for sort in ("praise", "wish")
    }
    document = samples.a_document(
        comments={**comments, "other": {"shown": [], "left_out": 0}},
        beside=beside(),
        actions={"now": [an_action(what=SAID[:200])], "before": []},
        remarks={code: {"assessment": SAID, "decisions": SAID[3:]} for code in ("zh", "en")},
    )
    sheet = CSS(filename=str(PROJECT_ROOT / "static" / "report.css"))
    return HTML(string=render.render_html(document, "zh")).render(stylesheets=[sheet]).pages


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(pages):
    broken = [
        (number, text)
        for number, page in enumerate(pages, 1)
        for text in lines(page._page_box)
        if len(text) > 1 and (text[0] in CLOSING or text[-1] in OPENING)
    ]
    assert not broken, broken[:5]


def test_figures_have_one_width_so_that_columns_of_them_line_up(pages):
    styles = {cell.style["font_variant_numeric"] for cell in cells(pages)}
    assert styles == {("tabular-nums",)} or styles == {"tabular-nums"}


def cells(pages: list[Any]) -> Iterator[Any]:
    stack = [page._page_box for page in pages]
    while stack:
        box = stack.pop()
        if type(box).__name__ == "TableCellBox":
            yield box
        stack.extend(getattr(box, "children", ()))
