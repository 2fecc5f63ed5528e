"""QuickBooks' reports as tables: cells by the key of their column, rows in order, sections flattened. Pure.

Columns and rows are found by key and shape, never by position or title: QuickBooks is moving its reports to a new
engine, and shows other columns to other companies (docs/domain/quickbooks.md).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from infactor.core.money import InvalidAmount, validate_amount

# What QuickBooks writes into the last row of a report that it cut off.
CUT_OFF = "unable to display more data"
GROUPED, PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", r"\d*\.?\d+|\d+\."
AMOUNT = re.compile(rf"-?(?:{GROUPED}|{PLAIN})|\((?:{GROUPED}|{PLAIN})\)")
MAX_AMOUNT_LENGTH = 40
MAX_DEPTH = 20
GRAND_TOTAL = "GrandTotal"
GENERIC_TYPES = (None, "", "Money", "Account", "String", "Date", "Customer", "Vendor")  # others are the key itself
ZERO = Decimal(0)


class UnreadableReport(Exception):
    """This is not the report that was asked for, or not all of it. The message holds no data of the company."""


class TruncatedReport(UnreadableReport):
    """QuickBooks cut the report off: it has more cells than QuickBooks gives out."""


class _NameValue(Struct):
    Name: str = ""
    Value: str | None = None


class _Cell(Struct):
    value: Raw = Raw(b'""')
    id: str | None = None


class _Column(Struct):
    ColTitle: str | None = None
    ColType: str | None = None
    MetaData: list[_NameValue] | None = None


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
    group: str = ""


class _Header(Struct):
    Time: str | None = None
    ReportName: str = ""
    ReportBasis: str | None = None
    EndPeriod: str | None = None
    Currency: str | None = None
    Customer: str | None = None
    Option: list[_NameValue] | None = None


class _Report(Struct):
    Header: _Header
    Columns: _Columns = msgspec.field(default_factory=_Columns)
    Rows: _Rows = msgspec.field(default_factory=_Rows)


@dataclass(frozen=True)
class Cell:
    """One value, "" if empty, and the id of the object that it names, if any."""

    value: str = ""
    id: str = ""


Row = Mapping[str, Cell]
EMPTY = Cell()


@dataclass(frozen=True)
class Section:
    """Rows, and the row with the sums that QuickBooks gives for them."""

    rows: Sequence[Row]
    summary: Row


@dataclass(frozen=True)
class ReportTable:
    """A report that is whole. `time` is QuickBooks' clock, None if it does not say; `columns` are the keys."""

    time: datetime | None
    currency: str
    columns: frozenset[str]
    rows: Sequence[Row]
    sections: Sequence[Section]


def parse_report(body: bytes, *, name: str, currency: str, report_date: date, basis: str = "") -> ReportTable:
    """The report `name` in `currency` at `report_date`. Raises UnreadableReport if `body` is anything else."""
    try:
        report = msgspec.json.decode(body, type=_Report)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableReport("it is not a report") from error
    header = report.Header
    _check_header(header, name=name, currency=currency, report_date=report_date, basis=basis)
    keys = [_column_key(column) for column in report.Columns.Column]
    if len(set(keys)) != len(keys):
        raise UnreadableReport("it has two columns of one key")
    flattened = _Flattener(keys)
    if any(one.Name == "NoReportData" and one.Value == "true" for one in header.Option or []):
        if any(row.ColData is not None and row.group != GRAND_TOTAL for row in report.Rows.Row or []):
            raise UnreadableReport("it says that it has no data, and has rows")
    elif not keys:
        raise UnreadableReport("it has no columns")
    else:
        flattened.add(report.Rows.Row or [], depth=0)
    return ReportTable(
        time=_time(header.Time),
        currency=(header.Currency or currency).upper(),
        columns=frozenset(keys),
        rows=flattened.rows,
        sections=flattened.sections,
    )


def find_column(table: ReportTable, names: Iterable[str], *, required: bool = True) -> str:
    """The first of `names` that is a column of `table`; "" if none is and it is not `required`."""
    wanted = list(names)
    for name in wanted:
        if name in table.columns:
            return name
    if required and table.rows:
        raise UnreadableReport(f"it has no column {wanted[0]}")
    return ""


def amount(text: str) -> Decimal:
    """The exact amount of a cell: commas group, brackets are negative, and nothing is zero."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if not plain:
        return ZERO
    if len(plain) > MAX_AMOUNT_LENGTH or not plain.isascii() or not AMOUNT.fullmatch(plain):
        raise UnreadableReport("it has an amount that is not a number")
    digits = plain.strip("()").replace(",", "")
    try:
        value = validate_amount(Decimal(digits))
    except InvalidAmount as error:
        raise UnreadableReport(f"it has an amount that is out of range: {error}") from error
    return -value if plain.startswith("(") else value


class _Flattener:
    """Collects the rows of all sections, with the sums that QuickBooks gives for them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self.rows: list[Row] = []
        self.sections: list[Section] = []

    def add(self, found: Sequence[_Row], *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise UnreadableReport("its sections are nested too deeply")
        for row in found:
            before = len(self.rows)
            if row.ColData is not None and row.group != GRAND_TOTAL:
                self.rows.append(self._cells(row.ColData))
            elif row.ColData is None and row.Rows is None and row.Summary is None and row.Header is None:
                raise UnreadableReport("it has a row of an unknown kind")
            # A parent account with an amount of its own carries it in the header of its section.
            if row.Header is not None and any(_text(cell.value) for cell in row.Header.ColData[1:]):
                self.rows.append(self._cells(row.Header.ColData))
            if row.Rows is not None:
                self.add(row.Rows.Row or [], depth=depth + 1)
            summary = row.Summary or (_Cells(row.ColData) if row.ColData and row.group == GRAND_TOTAL else None)
            if summary is not None:
                # The grand total stands in a section of its own: it is the sum of all rows.
                is_total = row.group == GRAND_TOTAL or (row.Rows is None and row.Header is None)
                summed = self.rows if is_total else self.rows[before:]
                self.sections.append(Section(list(summed), self._cells(summary.ColData)))

    def _cells(self, found: Sequence[_Cell]) -> Row:
        cells = [Cell(_text(cell.value), cell.id or "") for cell in found]
        if any(CUT_OFF in cell.value.lower() for cell in cells):
            raise TruncatedReport("QuickBooks cut it off")
        if len(cells) != len(self._keys):
            raise UnreadableReport("it has a row with more or fewer cells than columns")
        return dict(zip(self._keys, cells, strict=True))


def _check_header(header: _Header, *, name: str, currency: str, report_date: date, basis: str) -> None:
    if header.ReportName != name:
        raise UnreadableReport("it is another report")
    if header.Currency and currency and header.Currency.upper() != currency:
        raise UnreadableReport("it is in another currency")
    if header.Customer:
        raise UnreadableReport("it is about some customers only")
    if basis and header.ReportBasis and header.ReportBasis != basis:
        raise UnreadableReport("it is on another accounting basis")
    dates = [header.EndPeriod, *(one.Value for one in header.Option or [] if one.Name == "report_date")]
    if any(day and day != report_date.isoformat() for day in dates):
        raise UnreadableReport("it is of another date")


def _column_key(column: _Column) -> str:
    key = next((one.Value for one in column.MetaData or [] if one.Name == "ColKey" and one.Value), "")
    return (key or (column.ColTitle if column.ColType in GENERIC_TYPES else column.ColType) or "").strip().lower()


def _text(value: Raw) -> str:
    """The value of a cell as text. QuickBooks writes all of them as strings; a number keeps its digits."""
    raw = bytes(value)
    if raw in (b"null", b""):
        return ""
    if raw[:1] in b'{["tf':
        try:
            return msgspec.json.decode(raw, type=str)
        except msgspec.DecodeError as error:
            raise UnreadableReport("it has a cell that is no text") from error
    return raw.decode()


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
