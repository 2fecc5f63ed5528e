"""CSV files for spreadsheets, made line by line: plain numbers, ISO days, no text that runs as a formula."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from defusedcsv import csv

Cell = str | int | Decimal | date | None


class _EchoBuffer:
    """A file-like object for csv.writer that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(*, header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """The header, then one line for each row, while the rows come."""
    writer = csv.writer(_EchoBuffer())
    yield "\ufeff" + writer.writerow([plain(title) for title in header])  # Excel reads it as Latin-1 otherwise
    for row in rows:
        yield writer.writerow([plain(cell) for cell in row])


def plain(cell: Cell) -> str:
    """A cell without separators and exponent; empty for None.

    A text is without NUL and surrounding whitespace, so that defusedcsv sees whether it starts like a formula.
    """
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
