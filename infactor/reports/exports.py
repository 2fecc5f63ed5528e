"""Reports as files: CSV streamed row by row, and XLSX written in constant memory.

The same moment gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date
from decimal import Decimal
from typing import IO

import xlsxwriter
from defusedcsv import csv

from infactor.reports.moments import Span
from infactor.reports.report import Cell, Kind, Report, Row

FORMATS = {Kind.AMOUNT: "#,##0.00", Kind.PERCENT: '0.00"%"', Kind.COUNT: "0", Kind.DAY: "yyyy-mm-dd"}
SHEET_NAME_LENGTH = 31
MAX_ROWS = 1_048_576  # what a sheet holds


class EchoBuffer:
    """A file-like object for csv.writer that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(report: Report, rows: Iterable[Row]) -> Iterator[str]:
    """The heading and one line for each row: plain numbers, ISO days, no text that runs as a formula."""
    writer = csv.writer(EchoBuffer())
    yield "\ufeff" + writer.writerow([column.title for column in report.columns])  # Excel reads it as Latin-1 otherwise
    for row in rows:
        yield writer.writerow([plain(cell) for cell in row.cells])


def plain(cell: Cell) -> str:
    """A cell without separators and exponent; empty for None."""
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:f}"
        case date():
            return cell.isoformat()
        case str():
            return cell.replace("\x00", "").strip()
        case _:
            return str(cell)


def write_xlsx(file: IO[bytes], *, report: Report, rows: Iterable[Row], span: Span) -> None:
    """Write the report as a workbook of one sheet. Texts stay texts; amounts are numbers with two decimals.

    Raises ValueError where it has more rows than a sheet.
    """
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    book.set_properties({"title": report.title, "created": span.moment.at.astimezone(UTC)})
    sheet = book.add_worksheet(report.title[:SHEET_NAME_LENGTH])
    bold = {"bold": True}
    formats = {
        is_total: [
            book.add_format({"num_format": FORMATS.get(column.kind, "@"), **(bold if is_total else {})})
            for column in report.columns
        ]
        for is_total in (False, True)
    }
    heading = book.add_format({**bold, "bottom": 1, "text_wrap": True})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(report.columns):
        sheet.set_column(place, place, 28 if column.kind is Kind.TEXT else 16)
        sheet.write_string(0, place, column.title, heading)
    for number, row in enumerate(rows, start=1):
        if number >= MAX_ROWS:
            book.close()
            raise ValueError("A sheet holds about a million rows. Take the CSV file.")
        _write_row(sheet, number, row.cells, formats[row.is_total])
    book.close()


def _write_row(sheet: xlsxwriter.worksheet.Worksheet, number: int, cells: Sequence[Cell], formats: Sequence) -> None:
    for place, (cell, style) in enumerate(zip(cells, formats, strict=True)):
        match cell:
            case None:
                sheet.write_blank(number, place, None, style)
            case str():
                sheet.write_string(number, place, cell, style)
            case date():
                sheet.write_datetime(number, place, cell, style)
            case _:
                sheet.write_number(number, place, cell, style)
