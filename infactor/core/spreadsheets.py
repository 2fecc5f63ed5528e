"""XLSX workbooks of one sheet, written row by row in constant memory: no text runs as a formula or becomes a link."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from infactor.core.csv_files import Cell

SHEET_NAME_LENGTH = 31
SIGNS_NO_NAME_HAS = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
MAX_ROWS = 1_048_576  # what a sheet holds
MAX_TEXT = 32_767  # what a cell holds
FIRST_YEAR = 1900  # of the calendar of spreadsheets
MAX_EXACT = 15  # digits of a number: a spreadsheet spoils the sixteenth
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT, AMOUNT, COUNT, DAY, MOMENT = "@", "#,##0.00", "0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"


class TooLong(Exception):
    """The rows do not fit into a sheet."""


class Workbook:
    """A workbook that is written to `file`. `created` is stamped on it: the same moment gives the same bytes."""

    def __init__(self, file: IO[bytes], *, title: str, created: datetime) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(file, {**options, "remove_timezone": True})
        self._book.set_properties({"title": title, "created": created.astimezone(UTC)})
        name = title.translate(SIGNS_NO_NAME_HAS)[:SHEET_NAME_LENGTH].strip("' ")
        self._sheet = self._book.add_worksheet(name or "Sheet")
        self._styles: dict[tuple[str, bool], Any] = {}
        self._next = 0

    def write_heading(self, titles: Sequence[str], *, widths: Sequence[int]) -> None:
        """The first row, which stays in sight."""
        style = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self._sheet.freeze_panes(1, 0)
        for place, (title, width) in enumerate(zip(titles, widths, strict=True)):
            self._sheet.set_column(place, place, width)
            self._sheet.write_string(0, place, title, style)
        self._next = 1

    def write_row(self, cells: Iterable[Cell], *, formats: Sequence[str] = (), is_bold: bool = False) -> None:
        """One row; without `formats` each cell has that of its value. Raises TooLong for one that no sheet holds."""
        if self._next >= MAX_ROWS:
            self._book.close()
            raise TooLong
        for place, cell in enumerate(cells):
            self._write(place, cell, self._style(formats[place] if formats else _format_of(cell), is_bold))
        self._next += 1

    def close(self) -> None:
        self._book.close()

    def _write(self, place: int, cell: Cell, style: Any) -> None:
        match cell:
            case None:
                self._sheet.write_blank(self._next, place, None, style)
            case str():
                self._sheet.write_string(self._next, place, cell.replace("\x00", "")[:MAX_TEXT], style)
            case date() if cell.year < FIRST_YEAR:
                self._sheet.write_string(self._next, place, cell.isoformat(), style)
            case date():
                self._sheet.write_datetime(self._next, place, cell, style)
            case Decimal() | int() if len(Decimal(cell).as_tuple().digits) > MAX_EXACT:
                self._sheet.write_string(self._next, place, f"{cell:f}", style)
            case _:
                self._sheet.write_number(self._next, place, cell, style)

    def _style(self, number_format: str, is_bold: bool) -> Any:
        key = number_format, is_bold
        if key not in self._styles:
            self._styles[key] = self._book.add_format({"num_format": number_format, "bold": is_bold})
        return self._styles[key]


def _format_of(cell: Cell) -> str:
    match cell:
        case Decimal():
            return AMOUNT
        case int():
            return COUNT
        case datetime():
            return MOMENT
        case date():
            return DAY
        case _:
            return TEXT
