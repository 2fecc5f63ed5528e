"""Which format a file has by its first characters, and the reader of it."""

import re
from collections.abc import Mapping
from typing import Protocol

from infactor.banking.formats import bai, camt, ofx, swift
from infactor.banking.formats.records import MAX_BYTES, ParsedFile, UnreadableFile

CSV = "CSV"


class Reader(Protocol):
    """Reads the text of a file."""

    def __call__(self, *, text: str) -> ParsedFile: ...


_XML = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*<(?:\?xml|Document|[\w.-]+:Document)")


def format_of(*, data: bytes) -> str:
    """The name of the format: CAMT, OFX, BAI2, MT940 or CSV. Raises UnreadableFile for what is no statement."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"This file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    if not data.strip():
        raise UnreadableFile("This file is empty.")
    if data.startswith((b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0")):
        raise UnreadableFile("This is a spreadsheet, an archive or a PDF. Download the statement in another format.")
    head = data[:4000].lstrip(b"\xef\xbb\xbf").lstrip()
    if b"<OFX" in data[:20_000].upper() or head.upper().startswith(b"OFXHEADER"):
        return "OFX"
    if _XML.match(data[:4000]):
        return "CAMT"
    if re.match(rb"01,[^,\r\n]*,[^,\r\n]*,\d{6},", head):
        return "BAI2"
    if re.search(rb"(?m)^:20:", data[:20_000]) and re.search(rb"(?m)^:60[FM]:", data):
        return "MT940"
    return CSV


def parse(*, data: bytes, format: str) -> ParsedFile:
    """Every statement of a file in any format but CSV, which needs a layout. Raises UnreadableFile."""
    if format == "CAMT":
        return camt.parse(data=data)
    readers: Mapping[str, Reader] = {"OFX": ofx.parse, "BAI2": bai.parse, "MT940": swift.parse}
    return readers[format](text=_decode(data))


def _decode(data: bytes) -> str:
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise UnreadableFile("This is not a text file.")
