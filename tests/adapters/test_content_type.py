"""What an uploaded file is, whatever it is called; hostile ones are refused with a sentence that helps."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csat.adapters import content_type
from csat.adapters.content_type import BOMB, BROKEN, EMPTY, MACROS, OLD, UNKNOWN, FileRefused
from tests.files import JPEG, MAIN, ODF, PDF, a_png, an_odf, an_ooxml, zipped

WHOLE = {"pdf": PDF, "png": a_png(), "jpg": JPEG}
WHOLE |= {ending: an_ooxml(ending) for ending in MAIN} | {ending: an_odf(ending) for ending in ODF}

NEITHER = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "a Windows program": b"MZ\x90\x00\x03\x00\x00\x00",
    "a Linux program": b"\x7fELF\x02\x01\x01",
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "gif": b"GIF89a<script>",
    "words": b"plain words",
    "a mark before the PDF": b"\xef\xbb\xbf%PDF-1.7",
    "junk before the PDF": b"junk before %PDF-1.7 %%EOF",
    "a program in a zip": zipped({"setup.exe": b"MZ"}),
    "types without a type": zipped({"[Content_Types].xml": b"<Types/>"}),
    "epub": zipped({"mimetype": b"application/epub+zip"}),
    "a long type": zipped({"mimetype": b"application/vnd.oasis.opendocument.text" + b" " * 300}),
}
CUT = {"pdf": PDF[:-7], "png": a_png()[:-12], "jpg": JPEG[:-2], "docx": an_ooxml()[:-30], "odt": an_odf()[:40]}


def refusal(content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        content_type.recognise_file(content)
    return refused.value.sentence


@pytest.mark.parametrize("ending", WHOLE)
def test_each_kind_that_is_taken_is_known_by_its_content(ending):
    kind = content_type.recognise_file(WHOLE[ending])
    assert kind.endings[0] == f".{ending}"
    assert content_type.clean_file_name("无名.exe", kind) == f"无名.exe.{ending}"


@pytest.mark.parametrize("content", NEITHER.values(), ids=NEITHER)
def test_what_is_none_of_them_is_refused_under_any_name(content):
    assert refusal(content) == UNKNOWN


def test_a_declaration_that_could_be_read_in_two_ways_is_refused():
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macro = '<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
    two_bytes = f"\ufeff<Types>{macro}</Types>".encode("utf-16-le") + main
    assert refusal(zipped({"[Content_Types].xml": two_bytes})) == UNKNOWN
    twice = {"[content_types].xml": macro.encode(), "[Content_Types].xml": main, "x": b"<x/>"}
    assert refusal(zipped(twice)) == BROKEN


def test_macros_are_refused_however_they_hide():
    for content in (
        an_ooxml("docx", xl__vbaProject_dot_bin=b"x"),
        an_ooxml("docx", '<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'),
        an_ooxml("xlsx", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'),
        an_ooxml("xlsx", '<Override ContentType="application/vnd.ms-excel.intlmacrosheet+xml"/>'),
        an_ooxml("pptx", '<Override ContentType="application/vnd.ms-office.activeX+xml"/>'),
        an_odf("odt", Basic__Standard__x_dot_xml=b"x"),
        an_odf("ods", Scripts__python__x_dot_py=b"x"),
    ):
        assert refusal(content) == MACROS
    hidden = '<Override ContentType="application/vnd.ms-office.vba&#80;roject"/>'
    assert refusal(an_ooxml("docx", hidden)) == UNKNOWN


def test_old_and_locked_files_cannot_be_checked():
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == OLD
    locked = bytearray(an_ooxml())
    locked[6] |= 1  # the mark of a password, at the part and in the directory
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(locked)) == OLD


@pytest.mark.parametrize("content", CUT.values(), ids=CUT)
def test_a_file_cut_short_is_told_so(content):
    assert refusal(content) == BROKEN


def test_a_changed_part_shows_by_its_checksum():
    whole = an_ooxml("docx", media__a_dot_bin=b"0123456789" * 100)
    place = whole.index(b"media/a.bin") + len("media/a.bin") + 3
    assert refusal(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]) == BROKEN


def test_nothing_is_read_of_nothing():
    assert refusal(b"") == EMPTY


def test_a_bomb_is_seen_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(content_type, "MOST_UNPACKED", 1_000_000)
    assert refusal(an_ooxml("docx", bomb=b"\0" * 1_000_001)) == BOMB
    monkeypatch.setattr(content_type, "MOST_PARTS", 10)
    assert refusal(zipped({f"part{number}": b"" for number in range(11)})) == BOMB


def test_two_parts_of_one_name_are_no_office_file():
    content = io.BytesIO(an_ooxml())
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("x", b"<y/>")
    assert refusal(content.getvalue()) == BROKEN


@given(st.binary(max_size=400), st.sampled_from(sorted(WHOLE)), st.integers(0, 400), st.integers(1, 255))
def test_no_bytes_whatever_break_the_check(noise, ending, place, flipped):
    whole = WHOLE[ending]
    place %= len(whole)
    for content in (noise, whole[:8] + noise, whole[:place] + bytes([whole[place] ^ flipped]) + whole[place + 1 :]):
        try:
            kind = content_type.recognise_file(content)
        except FileRefused as refused:
            assert refused.sentence
        else:
            assert kind in content_type.FILE_KINDS


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\王\\验收 单.PDF", "验收 单.PDF"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ('quo"te;%0d.pdf', "quo_te_0d.pdf"),
        ("photo\u202egpj.pdf", "photo gpj.pdf"),
        ("报告.docm", "报告.docm.pdf"),
        ("", "file.pdf"),
        ("....", "file.pdf"),
        (".pdf", ".pdf.pdf"),
    ],
)
def test_a_name_is_tidied(name, clean):
    assert content_type.clean_file_name(name, content_type.PDF) in (clean, clean.removeprefix("."))


@given(st.text(max_size=300))
def test_every_name_becomes_a_short_one_line_name(name):
    clean = content_type.clean_file_name(name, content_type.PDF)
    assert clean.lower().endswith(".pdf") and 5 <= len(clean) <= content_type.LONGEST_NAME
    assert not set(clean) & set('/\\\r\n\0"<>|?*%;:')
