"""Payment files: CSV bytes in; payments and errors by line out. Pure.

The columns may be in any order: value_date, amount, currency and bank_reference are required; payer, remittance,
advance and supplier are optional. `advance` is the number of an advance (A17), or an invoice number with the name of
its `supplier`.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from infactor.core.currencies import is_currency
from infactor.core.money import InvalidAmount, validate_amount

REQUIRED_COLUMNS = ("value_date", "amount", "currency", "bank_reference")
OPTIONAL_COLUMNS = ("payer", "remittance", "advance", "supplier")
COLUMNS = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
MAX_LENGTHS = {"bank_reference": 100, "payer": 200, "remittance": 500, "advance": 100, "supplier": 200}
MAX_BYTES, MAX_ROWS = 1_000_000, 5_000
EXAMPLE = ("2026-11-20", "1000.00", "USD", "TRN-000123", "Buyer Inc", "Invoice 1001", "A17", "")
# Thousands have one kind of separator, decimals are two at most. A text that could mean two amounts is refused.
PLAIN_AMOUNT = re.compile(r"\d+([.,]\d{1,2})?", re.ASCII)
COMMA_GROUPED_AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,2})?", re.ASCII)
POINT_GROUPED_AMOUNT = re.compile(r"\d{1,3}(\.\d{3})+,\d{1,2}|\d{1,3}(\.\d{3}){2,}", re.ASCII)


class UnreadableFile(Exception):
    """Nothing of this file can be read. The message says why, and where."""


class _InvalidRow(Exception):
    """This row cannot be read. The message says why."""


@dataclass(frozen=True)
class PaymentRow:
    """One payment, as `line` of the file states it; the amount is in `currency`."""

    line: int
    value_date: date
    amount: Decimal
    currency: str
    bank_reference: str
    payer: str = ""
    remittance: str = ""
    advance: str = ""
    supplier: str = ""

    @property
    def key(self) -> tuple[str, str, date, Decimal]:
        """What identifies this payment."""
        return self.currency, self.bank_reference, self.value_date, self.amount


@dataclass(frozen=True)
class RowError:
    """What is error in `line`, in a sentence."""

    line: int
    message: str


@dataclass(frozen=True)
class ParsedFile:
    """The payments and the errors, in the order of the file."""

    rows: Sequence[PaymentRow] = field(default_factory=tuple)
    errors: Sequence[RowError] = field(default_factory=tuple)


def template() -> str:
    """A template: the names of the columns and one example row."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([COLUMNS, EXAMPLE])
    return out.getvalue()


def parse(*, data: bytes) -> ParsedFile:
    """Every payment in `data`. Raises UnreadableFile if it is not such a file at all."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"This file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    text = _decode(data)
    if not text.strip():
        raise UnreadableFile("This file is empty.")
    first = text.lstrip("\r\n").splitlines()[0]
    lines = _lines(text, delimiter=max(",;\t", key=first.count))
    names = [name.strip().lower().replace(" ", "_") for name in next(lines)[1]]
    if missing := [name for name in REQUIRED_COLUMNS if name not in names]:
        raise UnreadableFile(f"The first line must name the columns. Missing: {', '.join(missing)}.")
    if unknown := [name for name in names if name not in COLUMNS]:
        name = unknown[0] or "one without a name"
        raise UnreadableFile(f"Unknown column: {name}. The columns are: {', '.join(COLUMNS)}.")
    if len(set(names)) < len(names):
        raise UnreadableFile("A column occurs twice.")
    rows: list[PaymentRow] = []
    errors: list[RowError] = []
    first_line: dict[tuple[str, str, date, Decimal], int] = {}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) + len(errors) >= MAX_ROWS:
            raise UnreadableFile(f"This file has more than {MAX_ROWS:,} payments. Split it.")
        try:
            row = _parse_row(line, names, cells)
            if row.key in first_line:
                raise _InvalidRow(f"The same payment is already in line {first_line[row.key]}.")
        except _InvalidRow as error:
            errors.append(RowError(line, str(error)))
        else:
            first_line[row.key] = line
            rows.append(row)
    return ParsedFile(rows, errors)


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableFile(f"Line {line}: a character that is not UTF-8. Save the file as CSV in UTF-8.") from error
    if "\0" in text:
        raise UnreadableFile(f"Line {text[: text.index(chr(0))].count(chr(10)) + 1}: this is not a text file.")
    return text


def _lines(text: str, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row with the number of its first line. Raises UnreadableFile."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    starts = 1
    try:
        for cells in reader:
            yield starts, cells
            starts = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"Line {starts}: this cannot be read as CSV: {error}.") from error


def _parse_row(line: int, columns: Sequence[str], cells: Sequence[str]) -> PaymentRow:
    if len(cells) != len(columns):
        raise _InvalidRow(f"It has {len(cells)} columns; the first line has {len(columns)}.")
    values = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    for name, max_length in MAX_LENGTHS.items():
        if len(values.get(name, "")) > max_length:
            raise _InvalidRow(f"{name} is longer than {max_length} characters.")
    currency = values["currency"].upper()
    if not is_currency(currency):
        raise _InvalidRow("currency is the code of a currency of today: three letters, like USD.")
    if not values["bank_reference"]:
        raise _InvalidRow("bank_reference is missing. It keeps a payment from being recorded twice.")
    if values.get("supplier") and not values.get("advance"):
        raise _InvalidRow("supplier needs an invoice number in the column advance.")
    return PaymentRow(
        line=line,
        value_date=_parse_date(values),
        amount=_parse_amount(values["amount"], currency),
        currency=currency,
        bank_reference=values["bank_reference"],
        **{name: values.get(name, "") for name in OPTIONAL_COLUMNS},
    )


def _parse_date(values: Mapping[str, str]) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", values["value_date"], re.ASCII):
            raise ValueError
        return date.fromisoformat(values["value_date"])
    except ValueError as error:
        raise _InvalidRow("value_date is written like 2026-11-20.") from error


def _parse_amount(values: str, currency: str) -> Decimal:
    if values.startswith("-"):
        raise _InvalidRow("amount is below zero. Only incoming payments are recorded here.")
    if PLAIN_AMOUNT.fullmatch(values):
        normalized = values.replace(",", ".")
    elif COMMA_GROUPED_AMOUNT.fullmatch(values):
        normalized = values.replace(",", "")
    elif POINT_GROUPED_AMOUNT.fullmatch(values):
        normalized = values.replace(".", "").replace(",", ".")
    else:
        raise _InvalidRow("amount is written like 1234.56, without a currency symbol.")
    try:
        amount = validate_amount(Decimal(normalized), currency)
    except InvalidAmount as error:
        raise _InvalidRow(f"amount cannot be read: {error}.") from error
    if amount <= 0:
        raise _InvalidRow("amount must be above zero.")
    return amount
