"""Answers as grids: a report with its sections, or the objects of a query. Pure; columns in QuickBooks' order.

A report is only shown, so nothing is reckoned with it and every shape that has rows and columns is taken
(docs/domain/quickbooks.md: QuickBooks is moving its reports to a new engine).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

MAX_DEPTH = 20
INDENT = "\N{EM SPACE}"
HIDDEN_FIELDS = frozenset({"domain", "sparse", "status"})


class UnreadableAnswer(Exception):
    """This has no rows and columns. The message holds no data of the company."""


class Grid(NamedTuple):
    """Titles and rows of text. `as_of` is QuickBooks' own time; `is_truncated`: QuickBooks cut it off."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    as_of: str = ""
    is_truncated: bool = False


class _Cell(Struct):
    value: str | int | float | None = None


class _Column(Struct):
    ColTitle: str | None = None


class _Columns(Struct):
    Column: list[_Column] = []


class _Cells(Struct):
    ColData: list[_Cell] = []


class _Rows(Struct):
    Row: list["_Row"] | None = None


class _Row(Struct):
    ColData: list[_Cell] | None = None
    Header: _Cells | None = None
    Rows: _Rows | None = None
    Summary: _Cells | None = None


class _Header(Struct):
    Time: str | None = None


class _Report(Struct):
    Header: _Header
    Columns: _Columns
    Rows: _Rows = msgspec.field(default_factory=_Rows)


def report_grid(body: bytes) -> Grid:
    """A report. Names of sections stand above their rows, deeper ones further to the right."""
    try:
        report = msgspec.json.decode(body, type=_Report)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableAnswer("QuickBooks' answer is no report.") from error
    columns = [column.ColTitle or "" for column in report.Columns.Column]
    rows = list(_rows(report.Rows, width=len(columns), depth=0))
    is_truncated = any("unable to display more data" in cell.lower() for row in rows for cell in row)
    return Grid(columns, rows, report.Header.Time or "", is_truncated)


def _rows(found: _Rows, *, width: int, depth: int) -> Iterator[list[str]]:
    if depth > MAX_DEPTH:
        raise UnreadableAnswer("The report's sections are nested too deeply.")
    for row in found.Row or []:
        for cells in (row.Header, _Cells(row.ColData) if row.ColData is not None else None):
            if cells is not None:
                yield _texts(cells, width=width, depth=depth)
        if row.Rows is not None:
            yield from _rows(row.Rows, width=width, depth=depth + 1)
        if row.Summary is not None:
            yield _texts(row.Summary, width=width, depth=depth)


def _texts(cells: _Cells, *, width: int, depth: int) -> list[str]:
    texts = ["" if cell.value is None else str(cell.value) for cell in cells.ColData[:width]]
    texts += [""] * (width - len(texts))
    return [INDENT * depth + texts[0], *texts[1:]] if texts else texts


def query_grid(objects: Sequence[bytes], *, total: int | None = None) -> Grid:
    """The objects of a query: a column for each field that one of them has. A list gives its number of entries."""
    if not objects:
        return Grid(["count"], [[str(total)]]) if total is not None else Grid([], [])
    flat = []
    for raw in objects:
        try:
            flat.append(dict(_fields(json.loads(raw, parse_float=str, parse_int=str))))  # no digit is lost
        except (ValueError, AttributeError, RecursionError) as error:
            raise UnreadableAnswer("QuickBooks' answer holds something that is no object.") from error
    columns = list(dict.fromkeys(name for one in flat for name in one))
    return Grid(columns, [[one.get(name, "") for name in columns] for one in flat])


def _fields(value: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, one in value.items():
        if not prefix and name in HIDDEN_FIELDS:
            continue
        path = f"{prefix}{name}"
        if isinstance(one, dict):
            yield from _fields(one, f"{path}.")
        elif isinstance(one, list):
            yield path, "1 entry" if len(one) == 1 else f"{len(one)} entries"
        elif isinstance(one, bool):
            yield path, "yes" if one else "no"
        else:
            yield path, "" if one is None else str(one)
