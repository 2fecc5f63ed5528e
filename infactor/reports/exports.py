"""Reports as files: CSV streamed row by row, and XLSX written in constant memory.

The same moment gives the same bytes, in whatever language its reader has the pages.
"""

from collections.abc import Iterable, Iterator
from typing import IO

from infactor.core import csv_files, spreadsheets
from infactor.reports.moments import Span
from infactor.reports.report import Kind, Report, Row, neutral

FORMATS = {
    Kind.AMOUNT: spreadsheets.AMOUNT,
    Kind.PERCENT: '0.00"%"',
    Kind.COUNT: spreadsheets.COUNT,
    Kind.DAY: spreadsheets.DAY,
}
TOO_LONG = "A sheet holds about a million rows, and the report has more. Take the CSV file."


class TooLong(Exception):
    """The report does not fit into a sheet. The message says what to do."""


def csv_lines(report: Report, rows: Iterable[Row]) -> Iterator[str]:
    """The heading and one line for each row."""
    titles = neutral(one.title for one in report.columns)
    return csv_files.csv_lines(header=map(str, titles), rows=(neutral(row.cells) for row in rows))


def write_xlsx(file: IO[bytes], *, report: Report, rows: Iterable[Row], span: Span) -> None:
    """Write the report as a workbook of one sheet. Texts stay texts; amounts are numbers with two decimals.

    Raises TooLong where it has more rows than a sheet.
    """
    title, *titles = map(str, neutral([report.title, *(one.title for one in report.columns)]))
    book = spreadsheets.Workbook(file, title=title, created=span.moment.at)
    book.write_heading(
        titles,
        widths=[28 if one.kind is Kind.TEXT else 16 for one in report.columns],
    )
    formats = [FORMATS.get(column.kind, spreadsheets.TEXT) for column in report.columns]
    try:
        for row in rows:
            book.write_row(neutral(row.cells), formats=formats, is_bold=row.is_total)
    except spreadsheets.TooLong as error:
        raise TooLong(TOO_LONG) from error
    book.close()
