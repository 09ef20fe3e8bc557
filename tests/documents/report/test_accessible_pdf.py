"""The report's PDF as PDF/UA-1 and PDF/A-3 ask for it: what of it can be checked without their validators."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree

import pikepdf
import pytest

from csat.documents.report import render
from tests.documents import samples
from tests.documents.samples_beside import an_action, beside

LANGUAGES = {"zh": "zh-Hans", "en": "en"}
TITLES = {"zh-Hans": "客户满意度", "en": "Customer Satisfaction Survey Report"}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
NAMESPACES = {"pdfaid": "http://www.aiim.org/pdfa/ns/id/", "pdfuaid": "http://www.aiim.org/pdfua/ns/id/"}


@cache
def made(language: str) -> pikepdf.Pdf:
    comments = {sort: {"shown": ["Fine work.", "很好"], "left_out": 0} for sort in ("praise", "wish", "other")}
    actions = {"now": [an_action()], "before": [an_action("late")]}
    document = samples.a_document(comments=comments, beside=beside(), actions=actions)
    return pikepdf.open(io.BytesIO(render.render_pdf(document, language, watermark=True)))


@pytest.fixture(params=sorted(LANGUAGES))
def pdf(request) -> pikepdf.Pdf:
    return made(request.param)


def children(element: pikepdf.Dictionary) -> list[pikepdf.Dictionary]:
    kids = element.get("/K", [])
    found = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in found if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def elements(element: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    for kid in children(element):
        yield kid
        yield from elements(kid)


def of(pdf: pikepdf.Pdf, *sorts: str) -> list[pikepdf.Dictionary]:
    return [one for one in elements(pdf.Root.StructTreeRoot) if str(one.S) in sorts]


def test_the_metadata_claim_both_standards_and_name_the_document(pdf):
    tree = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())
    claims = {}
    for description in tree.iter(f"{RDF}Description"):
        claims.update(description.attrib)
    assert claims[f"{{{NAMESPACES['pdfaid']}}}part"] == "3"
    assert claims[f"{{{NAMESPACES['pdfaid']}}}conformance"] == "A"
    assert claims[f"{{{NAMESPACES['pdfuaid']}}}part"] == "1"
    with pdf.open_metadata() as readable:
        assert readable["dc:title"].startswith(TITLES[str(pdf.Root.Lang)]) and "2026" in readable["dc:title"]
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_colours_have_a_profile_and_nothing_is_encrypted_or_scripted(pdf):
    (intent,) = pdf.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1" and "/DestOutputProfile" in intent
    assert not pdf.is_encrypted
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(pdf.Root.keys())
    assert "/JavaScript" not in pdf.Root.Names
    actions = [note.A.S for page in pdf.pages for note in page.get("/Annots", []) if "/A" in note]
    assert not set(map(str, actions)) - {"/GoTo", "/URI"}


def test_the_document_names_its_language():
    assert {language: str(made(language).Root.Lang) for language in LANGUAGES} == LANGUAGES


def test_headings_begin_at_one_and_leave_out_no_level(pdf):
    levels = [int(str(one.S)[2:]) for one in of(pdf, "/H1", "/H2", "/H3", "/H4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(levels, levels[1:], strict=False))
    assert levels.count(2) == len(render.REPORT_PARTS) + 2


def test_every_picture_has_words_for_who_cannot_see_it(pdf):
    figures = of(pdf, "/Figure")
    assert len(figures) > 8
    assert all(str(one.get("/Alt", "")).strip() for one in figures)


def test_every_head_of_a_table_says_what_it_heads_and_every_cell_knows_its_heads(pdf):
    assert {str(one.A.Scope) for one in of(pdf, "/TH")} == {"/Column", "/Row"}
    tables = of(pdf, "/Table")
    assert len(tables) > 15
    for table in tables:
        assert any(str(one.S) == "/TH" for one in elements(table))
        rows = [one for one in elements(table) if str(one.S) == "/TR"]
        assert len({columns(row) for row in rows if not spans(row)}) == 1


def columns(row: pikepdf.Dictionary) -> int:
    """How many columns a row fills."""
    return sum(int(cell.A.get("/ColSpan", 1)) for cell in children(row))


def spans(row: pikepdf.Dictionary) -> bool:
    """Whether a cell of another row reaches into this one, or from this one."""
    return any("/RowSpan" in cell.A for cell in children(row)) or str(row.P.S) == "/THead"


def test_lists_are_lists_of_items(pdf):
    for one in of(pdf, "/L"):
        assert {str(kid.S) for kid in children(one)} <= {"/LI", "/Caption"}


def test_links_say_where_they_lead_and_are_reached_in_the_order_of_the_page(pdf):
    for page in pdf.pages:
        assert page.Tabs == "/S"
        for note in page.get("/Annots", []):
            assert str(note.get("/Contents", "")).strip() and "/StructParent" in note


def test_every_page_has_its_place_in_the_structure(pdf):
    assert all("/StructParents" in page for page in pdf.pages if "/Contents" in page)
    assert bool(pdf.Root.MarkInfo.Marked)


def test_fonts_are_embedded_and_can_be_read_as_text(pdf):
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font":
            assert "/FontDescriptor" in item or item.Subtype == "/Type0"
            if "/FontDescriptor" in item:
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(item.FontDescriptor.keys())
            if item.Subtype == "/Type0":
                assert "/ToUnicode" in item


def test_what_is_attached_says_what_it_is(pdf):
    named = pdf.Root.Names.EmbeddedFiles.Names
    assert len(named) // 2 == len(pdf.Root.AF) == 3
    for one in pdf.Root.AF:
        assert one.AFRelationship == "/Data" and str(one.Desc)
        assert str(one.EF.F.Subtype) in ("/text/csv", "/application/json")
        assert "/ModDate" in one.EF.F.Params
