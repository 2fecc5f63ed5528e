"""Reads the rows of a CSV or XLSX file one by one, as text. Nothing of a file is run, followed or trusted."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.money import format_count
from infactor.documents.inspection import RefusedFile
from infactor.documents.inspection import spreadsheets as xlsx_check
from infactor.invoices.by_hand import workbooks
from infactor.invoices.by_hand.workbooks import Row

MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_CELL = 2_000  # characters
DELIMITERS = ",;\t|"
ZIP = b"PK\x03\x04"
_SAMPLE = 64 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NOT_A_TABLE = gettext_lazy("This file is neither CSV nor XLSX. Save your table as one of them, then try again.")
UNKNOWN_LETTERS = gettext_lazy(
    "Some letters in this file cannot be read. Save it as CSV UTF-8 or as XLSX, then try again."
)


def rows_of(data: bytes) -> Iterator[Row]:
    """The rows that are not empty, the heading first. Raises RefusedFile, at once or when it comes to the fault."""
    if not data.strip():
        raise RefusedFile(_("This file is empty. Choose another one."))
    if data.startswith(ZIP):
        xlsx_check.check(data)
        found = workbooks.rows_of(data)
    else:
        found = _csv_rows(data)
    return _limited(found)


def _limited(rows: Iterator[Row]) -> Iterator[Row]:
    count = 0
    for row in rows:
        cells = tuple(cell.strip() for cell in row.cells)
        if not any(cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:
            raise RefusedFile(
                _("This file has more than %(max_rows)s rows. Split it, then upload each part.")
                % {"max_rows": format_count(MAX_ROWS)}
            )
        if len(cells) > MAX_COLUMNS:
            raise RefusedFile(
                _("Row %(number)s has more than %(max_columns)s columns. Is this the right file?")
                % {"number": row.number, "max_columns": MAX_COLUMNS}
            )
        if any(len(cell) > MAX_CELL for cell in cells):
            raise RefusedFile(
                _("A cell in row %(number)s is longer than %(max_cell)s characters.")
                % {"number": row.number, "max_cell": format_count(MAX_CELL)}
            )
        yield Row(row.number, cells)


def _csv_rows(data: bytes) -> Iterator[Row]:
    encoding = _encoding(data)
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    heading = data[:_SAMPLE].decode(encoding, errors="ignore").lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=heading.count)
    if delimiter not in heading:
        raise RefusedFile(_("This file has no columns. Save your table as CSV or XLSX, then try again."))
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    return _read(reader)


def _read(reader: Any) -> Iterator[Row]:
    """The rows. A row begins on the line after the one that ended the row before it."""
    number = 1
    try:
        for cells in reader:
            yield Row(number, tuple(cells))
            number = reader.line_num + 1
    except csv.Error as error:
        raise RefusedFile(
            _("Row %(number)s cannot be read: a quotation mark is missing or too many.") % {"number": number}
        ) from error
    except UnicodeDecodeError as error:
        raise RefusedFile(UNKNOWN_LETTERS) from error


def _encoding(data: bytes) -> str:
    """UTF-8 or UTF-16 by its mark, else UTF-8, else what older programs on Windows write."""
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    if encoding == "utf-8-sig" and not _is_utf8(data):
        encoding = "cp1252"
    try:
        sample = codecs.getincrementaldecoder(encoding)().decode(data[:_SAMPLE])
    except UnicodeDecodeError as error:
        raise RefusedFile(UNKNOWN_LETTERS) from error
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in sample):
        raise RefusedFile(NOT_A_TABLE)
    return encoding


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for start in range(0, len(data), _SAMPLE):
            decoder.decode(data[start : start + _SAMPLE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
