"""Reports as files: CSV streamed row by row, and XLSX written in constant memory.

The same moment gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date
from typing import IO

import xlsxwriter

from infactor.core import csv_files
from infactor.core.csv_files import Cell
from infactor.reports.moments import Span
from infactor.reports.report import Kind, Report, Row

FORMATS = {Kind.AMOUNT: "#,##0.00", Kind.PERCENT: '0.00"%"', Kind.COUNT: "0", Kind.DAY: "yyyy-mm-dd"}
SHEET_NAME_LENGTH = 31
MAX_ROWS = 1_048_576  # what a sheet holds
TOO_LONG = "A sheet holds about a million rows, and the report has more. Take the CSV file."


class TooLong(Exception):
    """The report does not fit into a sheet. The message says what to do."""


def csv_lines(report: Report, rows: Iterable[Row]) -> Iterator[str]:
    """The heading and one line for each row."""
    return csv_files.csv_lines(header=[one.title for one in report.columns], rows=(row.cells for row in rows))


def write_xlsx(file: IO[bytes], *, report: Report, rows: Iterable[Row], span: Span) -> None:
    """Write the report as a workbook of one sheet. Texts stay texts; amounts are numbers with two decimals.

    Raises TooLong where it has more rows than a sheet.
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
            raise TooLong(TOO_LONG)
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
