"""A file is kept for what it holds, not for its name, and only if it does nothing by itself."""

import itertools
import struct

import pytest
from django.test import override_settings

from infactor.documents.inspection import RefusedFile, clean_name, inspect
from tests.support.files import CSV, JPEG, PDF, WEBP, pdf_with, png, xlsx

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (png(), "image/png"),
        (JPEG, "image/jpeg"),
        (WEBP, "image/webp"),
        (xlsx(), XLSX_TYPE),
        (CSV, "text/csv"),
        ("Müller;1.080,00\n".encode("cp1252"), "text/csv"),
    ],
    ids=itertools.count(),
)
def test_each_format_is_known_by_its_content(data: bytes, media_type: str) -> None:
    assert inspect(data).media_type == media_type


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><script>alert(1)</script>,", "a page, a program"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">,</svg>', "a page, a program"),
        (b"#!/bin/sh\nrm -rf /, now\n", "a page, a program"),
        (b"Dear all, see below.\x00", "none of PDF"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "none of PDF"),
        (b"GIF89a\x01\x00\x01\x00\x00", "none of PDF"),
        (b"a letter without columns\n", "no columns"),
        (b"Name,Amount\n=cmd|' /C calc'!A0,1\n", "formulas"),
        (b"Name,Amount\n\"-2+3+cmd|' /C calc'!A0\",1\n", "formulas"),
        (PDF[:40], "not complete"),
        (PDF.replace(b"/Type /Catalog", b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "script"),
        (PDF.replace(b"/Type /Catalog", b"/S /#4a#53 (x)"), "script"),
        (PDF.replace(b"/Type /Catalog", b"/AA << /O << /S /Launch /F (calc.exe) >> >>"), "script"),
        (PDF.replace(b"/Type /Catalog", b"/Names << /EmbeddedFiles 3 0 R >>"), "another file"),
        (PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 9 0 R"), "password"),
        (pdf_with(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "script"),
        (pdf_with(b"0" * 60_000_000), "unpacks to far more"),
        (png(60_000, 60_000), "too large: 60,000 by 60,000"),
        (png(0, 16), "cannot be read"),
        (png()[:20], "cannot be read"),
        (JPEG[:15], "cannot be read"),
        (JPEG.replace(b"\x00\x10\x00\x10", b"\xff\xff\xff\xff"), "too large"),
        (xlsx(xl__vbaProject_dot_bin=b"macro"), "macros"),
        (xlsx(xl__externalLinks__externalLink1_dot_xml=b"<a/>"), "macros"),
        (xlsx(xl__worksheets__sheet1_dot_xml=b"0" * 110_000_000), "far too much"),
        (xlsx(xl__styles_dot_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "cannot be read"),
        (xlsx().replace(b"xl/workbook", b"xx/workbook"), "Of archives, only XLSX"),
        (xlsx()[:60], "cannot be read"),
    ],
    ids=itertools.count(),  # an archive holds the time at which it was made
)
def test_what_is_refused_says_why(data: bytes, said: str) -> None:
    with pytest.raises(RefusedFile, match=said):
        inspect(data)


def test_an_archive_that_says_less_than_it_holds_is_refused() -> None:
    bomb = bytearray(xlsx(xl__styles_dot_xml=b"0" * 5_000_000))
    for sign in (b"PK\x01\x02", b"PK\x03\x04"):
        place = bomb.rindex(sign)
        offset = place + (24 if sign == b"PK\x01\x02" else 22)
        bomb[offset : offset + 4] = struct.pack("<I", 10)
    with pytest.raises(RefusedFile, match="cannot be read"):
        inspect(bytes(bomb))


def test_a_file_over_the_limit_of_the_setting_is_refused_unread() -> None:
    with override_settings(DOCUMENT_MAX_BYTES=2_000_000), pytest.raises(RefusedFile, match="larger than 2 MB"):
        inspect(PDF + b" " * 2_000_000)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("passport.pdf", "passport.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\Robin\\Pass port .PDF", "Pass port.pdf"),
        ("invoice.exe", "invoice.exe.pdf"),
        ('a"b\r\nSet-Cookie: x=1;.pdf', "abSet-Cookie x=1.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_a_name_is_safe_to_save_under(name: str, kept: str) -> None:
    assert clean_name(name, format=inspect(PDF)) == kept
