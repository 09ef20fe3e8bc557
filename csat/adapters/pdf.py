"""HTML to PDF: tagged for readers of the screen (PDF/UA-1), archivable (PDF/A-3a), the same bytes each time."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import weasyprint
from weasyprint import CSS, HTML, Attachment
from weasyprint.urls import URLFetcher

logging.getLogger("fontTools").setLevel(logging.ERROR)
logging.getLogger("weasyprint").setLevel(logging.ERROR)

PagesDone = Callable[[int, int], None]  # so many of so many

# Strangers write part of a page: an address in it must not make us read a file or call out.
NOTHING_FETCHED = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
# PDF/A-3 is WeasyPrint's variant; PDF/UA is claimed beside it, with the schema that PDF/A asks for.
VARIANT = "pdf/a-3a"
CLAIM = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>"""


@dataclass(frozen=True)
class PdfAttachment:
    """A file that travels inside the PDF as its data."""

    name: str
    description: str
    content: str
    media_type: str = "text/csv"


def get_renderer_version() -> str:
    """What renders here: another version may give other bytes."""
    return f"WeasyPrint {weasyprint.__version__}"


def render_pdf(html: str, stylesheet: Path, made_at: datetime, attached: tuple[PdfAttachment, ...] = ()) -> bytes:
    """The PDF of a page. `made_at` is the only time that enters it: equal input gives equal bytes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves its colour profile's file open
        pdf: bytes | None = HTML(string=html, url_fetcher=NOTHING_FETCHED).write_pdf(
            stylesheets=[_style(stylesheet)],
            pdf_variant=VARIANT,
            attachments=[_attachment(one, made_at) for one in attached] or None,
            finisher=_finish,
        )
    if pdf is None:
        raise ValueError("nothing was rendered")
    return pdf


def render_each(pages: Sequence[str], stylesheet: Path, reached: PagesDone = lambda done, of: None) -> bytes:
    """One PDF of several pages of HTML, each of them with a numbering of its own; `reached` hears of each."""
    style = _style(stylesheet)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        made = []
        for done, page in enumerate(pages, 1):
            made.append(HTML(string=page, url_fetcher=NOTHING_FETCHED).render(stylesheets=[style]))
            reached(done, len(pages))
        whole = made[0].copy([sheet for document in made for sheet in document.pages])
        pdf: bytes | None = whole.write_pdf(pdf_variant=VARIANT, finisher=_finish)
    if pdf is None:
        raise ValueError("nothing was rendered")
    return pdf


def count_pages(html: str, stylesheet: Path) -> int:
    """How many pages it would have."""
    page = HTML(string=html, url_fetcher=NOTHING_FETCHED)
    return len(page.render(stylesheets=[_style(stylesheet)]).pages)


def _style(stylesheet: Path) -> CSS:
    return CSS(string=stylesheet.read_text("utf-8"), url_fetcher=NOTHING_FETCHED)


def _attachment(one: PdfAttachment, made_at: datetime) -> Attachment:
    return Attachment(
        file_obj=_Bytes(one.content.encode("utf-8-sig")),
        name=one.name,
        description=one.description,
        created=made_at,
        modified=made_at,
        relationship="Data",
    )


def _scope(head: object, pdf: object) -> str:
    """What the head of a table is of: a column's stands in the table's head."""
    row = _parent(head, pdf)
    return "/Column" if _parent(row, pdf)["S"] == "/THead" else "/Row"


def _parent(element: Any, pdf: Any) -> Any:
    return pdf.objects[int(element["P"].split()[0])]


class _Bytes:
    """Content that is read once; it has no name that could be taken for an address."""

    name = ""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


def _finish(document: object, pdf: Any) -> None:
    """Claim PDF/UA, say of each head what it heads, and name each attachment once as associated."""
    for item in pdf.objects:
        extra = getattr(item, "extra", None)
        if extra is not None and extra.get("Type") == "/Metadata":
            item.stream = [part.replace(b"</rdf:RDF>", CLAIM) for part in item.stream]
        if isinstance(item, dict) and item.get("S") == "/TH":
            item["A"]["Scope"] = _scope(item, pdf)
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = list(dict.fromkeys(pdf.catalog["AF"]))
