"""Reads the first sheet of an XLSX file row by row: the file is unpacked while it is read, and never as a whole.

Numbers come as they are stored, with a point; days as 2026-11-30; of a formula the result that is stored with it.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.documents.inspection import RefusedFile

MAX_STRINGS = 20_000_000  # characters of all texts of a workbook
MAX_SERIAL = 2_958_465  # December 31, 9999
BROKEN = gettext_lazy("This XLSX file cannot be read. Save it anew, then try again.")
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_LETTERS = re.compile(r"[A-Z]+")
_BUILT_IN_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_A_DAY = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|General', re.IGNORECASE)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  serials have no time zone


class Row(NamedTuple):
    """A row of a table: its number in the file, from 1, and its cells."""

    number: int
    cells: tuple[str, ...]


def rows_of(data: bytes) -> Iterator[Row]:
    """The rows of the first sheet. The caller has checked the archive. Raises RefusedFile."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
            strings = _strings(archive) if "xl/sharedStrings.xml" in names else []
            days = _day_styles(archive) if "xl/styles.xml" in names else set()
            epoch = _epoch(archive)
            with archive.open(_first_sheet(names)) as sheet:
                for number, cells in _sheet_rows(sheet, strings=strings, days=days, epoch=epoch):
                    yield Row(number, cells)
    except (
        ParseError,
        DefusedXmlException,
        KeyError,
        ValueError,
        IndexError,
        zipfile.BadZipFile,
        InvalidOperation,
    ) as error:
        if isinstance(error, RefusedFile):
            raise
        raise RefusedFile(BROKEN) from error


def _first_sheet(names: set[str]) -> str:
    sheets = sorted((int(match[1]), name) for name in names if (match := _SHEET.fullmatch(name)))
    if not sheets:
        raise RefusedFile(BROKEN)
    return sheets[0][1]


def _elements(file: IO[bytes], *tags: str) -> Iterator[Any]:
    """Each element with one of `tags`, whole; it is forgotten when the next one is asked for."""
    root = None
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        if root is None:
            root = element
        if event == "end" and _tag(element) in tags:
            yield element
            element.clear()
            if len(root) > 1000:
                root.clear()


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _strings(archive: zipfile.ZipFile) -> list[str]:
    found, size = [], 0
    with archive.open("xl/sharedStrings.xml") as file:
        for element in _elements(file, "si"):
            text = _text(element)
            size += len(text)
            if size > MAX_STRINGS:
                raise RefusedFile(_("This XLSX file unpacks to far too much. Send a smaller table."))
            found.append(text)
    return found


def _text(element: Any) -> str:
    """The text of a string, without what stands above it to say how it is read aloud."""
    parts = []
    for child in element.iter():
        if _tag(child) == "rPh":
            for below in child.iter():
                below.text = None
        elif _tag(child) == "t":
            parts.append(child.text or "")
    return "".join(parts)


def _day_styles(archive: zipfile.ZipFile) -> set[int]:
    """The numbers of the cell styles that show a day."""
    formats, days, place = {}, set(), 0
    with archive.open("xl/styles.xml") as file:
        for element in _elements(file, "numFmt", "cellXfs"):
            if _tag(element) == "numFmt":
                formats[int(element.get("numFmtId", 0))] = _NOT_A_DAY.sub("", element.get("formatCode", "")).lower()
                continue
            for place, style in enumerate(element):
                number = int(style.get("numFmtId", 0))
                shown = formats.get(number, "")
                if number in _BUILT_IN_DAYS or "y" in shown or "d" in shown:
                    days.add(place)
    return days


def _epoch(archive: zipfile.ZipFile) -> datetime:
    with archive.open("xl/workbook.xml") as file:
        for element in _elements(file, "workbookPr"):
            return _EPOCH_1904 if element.get("date1904") in ("1", "true") else _EPOCH
    return _EPOCH


def _sheet_rows(
    file: IO[bytes], *, strings: list[str], days: set[int], epoch: datetime
) -> Iterator[tuple[int, tuple[str, ...]]]:
    parent = None
    number = 0
    for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
        tag = _tag(element)
        if event == "start":
            parent = element if tag == "sheetData" else parent
            continue
        if tag != "row":
            continue
        number = int(element.get("r") or number + 1)
        cells: dict[int, str] = {}
        for cell in element:
            place = _place(cell.get("r", "")) if cell.get("r") else len(cells)
            if place > 16_384:
                raise RefusedFile(BROKEN)
            cells[place] = _value(cell, strings=strings, days=days, epoch=epoch)
        yield number, tuple(cells.get(place, "") for place in range(min(max(cells, default=-1) + 1, 200)))
        element.clear()
        if parent is not None:
            parent.clear()


def _place(reference: str) -> int:
    """The column of a cell, from 0: "B7" is 1."""
    letters = _LETTERS.match(reference)
    found = 0
    for letter in letters[0] if letters else "":
        found = found * 26 + ord(letter) - 64
    return found - 1


def _value(cell: Any, *, strings: list[str], days: set[int], epoch: datetime) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    stored = next((child.text or "" for child in cell if _tag(child) == "v"), "")
    if kind == "s":
        return strings[int(stored)] if stored else ""
    if kind in ("str", "b", "e", "d"):
        return stored
    if stored and int(cell.get("s", 0)) in days:
        return _day(stored, epoch=epoch)
    return _number(stored)


def _day(stored: str, *, epoch: datetime) -> str:
    serial = Decimal(stored)
    if not 1 <= serial <= MAX_SERIAL:
        return stored
    return (epoch + timedelta(days=int(serial))).date().isoformat()


def _number(stored: str) -> str:
    """A number without exponent, and without the fractions of a cent that binary numbers leave."""
    try:
        number = Decimal(stored)
    except InvalidOperation:
        return stored
    if not number.is_finite() or abs(number.adjusted()) > 20:
        return stored
    text = f"{round(number, 8).normalize():f}"
    # 1.234 may be a thousand and more where somebody writes it; a stored number is never that.
    return f"{text}0" if len(text.partition(".")[2]) == 3 else text
