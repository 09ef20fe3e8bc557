"""The letter on paper (P13): one page, whatever stands on it, and the same bytes for the same input."""

from __future__ import annotations

import io

import pikepdf
import pytest

from csat.documents.letters import compose as documents
from csat.procedure.letters import wording
from tests.builders import NOW
from tests.letters import ZONE, a_proposal, a_sent_letter, worded

LONG = "这句话里有很多很多字，是为了看看写满了的信是不是仍然只有一页，一个字也不多。"


def full(language: str) -> dict:
    """A document whose every section is as long as it may be, with ten missed commitments."""
    text = {"zh": LONG * 20, "en": "Whatever we say is as long as a letter of one page can bear. " * 40}
    name = {"zh": "重大问题解决时间", "en": "Recovery from a failure"}
    promise = {"name": name, "unit": "hours", "direction": "at_most", "target": 2.0, "value": 5.25}
    missed = [{"code": f"c{at}", **promise} for at in range(10)]
    sections = {section: {code: text[code][:most[code]] for code in text}
                for section, most in wording.MAX_LENGTHS.items() if section != "missed"}  # fmt: skip
    part = {code: text[code][: wording.MAX_LENGTHS["missed"][code] // 20] for code in text}
    facts = {
        "number": "L-2026Q3-1234-10",
        "client": {"zh": "华东物流集团股份有限公司信息技术中心", "en": "East China Logistics Holding, IT Centre"},
        "quarter": 20263,
        "version": 10,
        "report": "CSAT-2026Q3-10",
        "provider": {"zh": "恒信信息服务股份有限公司", "en": "Hengxin Information Technology Services"},
        "zone": "Asia/Shanghai",
        "composed_at": NOW.isoformat(),
        "manager": "欧阳某某",
        "sent_at": NOW.isoformat(),
        "replaces": {"number": "L-2026Q3-1234-9", "sent_at": NOW.isoformat()},
    }
    figure = {"value": 0.816, "low": 0.665, "high": 0.908, "n": 38, "target": 0.9, "before": 0.91, "change": "worse"}
    words = {**sections, "missed": {one["code"]: {"reason": part, "remedy": part} for one in missed}}
    wording.refuse_long_words(words)
    return {"schema": 1, "letter": facts, "figure": figure, "missed": missed, "words": words}


def count_pages(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_letter_that_is_full_to_the_brim_has_one_page(language):
    assert count_pages(documents.render_pdf(full(language), language)) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_many_short_lines_fit_too(language):
    document = full(language)
    for section in wording.SECTIONS:
        most, line = wording.MAX_LENGTHS[section][language], wording.LINE_WIDTHS[language]
        words = "好" * (2 if language == "zh" else 1)
        document["words"][section][language] = "\n".join([words] * (most // (line + 2)))
    wording.refuse_long_words(document["words"])
    assert count_pages(documents.render_pdf(document, language)) == 1


def test_the_pdf_is_tagged_archivable_and_the_same_each_time(cast, client):
    document = a_sent_letter(cast, client).document
    once, again = documents.render_pdf(document, "zh"), documents.render_pdf(document, "zh")
    assert once == again
    with pikepdf.open(io.BytesIO(once)) as pdf:
        assert len(pdf.pages) == 1 and pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "zh-Hans"
        metadata = bytes(pdf.Root.Metadata.read_bytes())
    assert b"pdfuaid:part" in metadata and b"pdfaid:part" in metadata


def test_what_does_not_fit_on_one_page_is_refused(cast, client):
    document = full("zh")
    document["words"]["done"]["zh"] = LONG * 200
    for refuse in (lambda: documents.refuse_second_page(document), lambda: documents.render_pdf(document, "zh")):
        with pytest.raises(documents.MoreThanOnePage):
            refuse()


def test_markup_in_words_stays_words(cast, client):
    letter = worded(a_proposal(cast, client), cast, heard="<script>alert(1)</script> & <b>bold</b>")
    body = documents.render_body(documents.compose_letter(letter, ZONE), "en")
    assert "<script>" not in body and "&lt;b&gt;bold" in body
