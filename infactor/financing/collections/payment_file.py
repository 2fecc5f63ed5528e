"""A file of payments as rows: CSV bytes in, payments and mistakes by line out. Pure.

Columns by name, in any order: value_date, amount, currency, bank_reference; payer, remittance, advance, supplier are
optional. `advance` is the number of an advance (A17), or an invoice number with the name of its `supplier`.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from infactor.core.money import InvalidAmount, validate_amount

REQUIRED_COLUMNS = ("value_date", "amount", "currency", "bank_reference")
OPTIONAL_COLUMNS = ("payer", "remittance", "advance", "supplier")
COLUMNS = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
MAX_LENGTHS = {"bank_reference": 100, "payer": 200, "remittance": 500, "advance": 100, "supplier": 200}
MAX_BYTES, MAX_ROWS = 1_000_000, 5_000
EXAMPLE = ("2026-11-20", "1000.00", "USD", "TRN-000123", "Buyer Inc", "Invoice 1001", "A17", "")
# One separator of thousands, in threes, and two decimals at most; which sign is which has to be plain from itself.
PLAIN_AMOUNT = re.compile(r"\d+([.,]\d{1,2})?", re.ASCII)
COMMA_GROUPED_AMOUNT = re.compile(r"\d{1,3}(,\d{3})+(\.\d{1,2})?", re.ASCII)
POINT_GROUPED_AMOUNT = re.compile(r"\d{1,3}(\.\d{3})+,\d{1,2}|\d{1,3}(\.\d{3}){2,}", re.ASCII)


class UnreadableFile(Exception):
    """Nothing of this file can be read; the message says why, and where."""


class _InvalidRow(Exception):
    """This row cannot be read; the message says why."""


@dataclass(frozen=True)
class PaymentRow:
    """One payment, as it stands in `line` of the file; the amount is in `currency`."""

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
        """What makes it this payment and no other."""
        return self.currency, self.bank_reference, self.value_date, self.amount


@dataclass(frozen=True)
class RowError:
    """What is wrong in `line`, in a sentence."""

    line: int
    message: str


@dataclass(frozen=True)
class ParsedFile:
    """What could be read, in the order of the file."""

    rows: Sequence[PaymentRow] = field(default_factory=tuple)
    errors: Sequence[RowError] = field(default_factory=tuple)


def template() -> str:
    """A file to start from: the names of the columns, and one example."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([COLUMNS, EXAMPLE])
    return out.getvalue()


def parse(*, data: bytes) -> ParsedFile:
    """Every payment in `data`. Raises FileUnreadable for what is no such file at all."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"This file is larger than {MAX_BYTES // 1_000_000} MB. Split it.")
    text = _decode(data)
    if not text.strip():
        raise UnreadableFile("This file is empty.")
    first = text.lstrip("\r\n").splitlines()[0]
    lines = _lines(text, delimiter=max(",;\t", key=first.count))
    names = [name.strip().lower().replace(" ", "_") for name in next(lines)[1]]
    if missing := [name for name in REQUIRED_COLUMNS if name not in names]:
        raise UnreadableFile(f"The first line has to name the columns. Missing: {', '.join(missing)}.")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise UnreadableFile(f"Unknown column: {unknown[0] or 'one without a name'}. Known are: {', '.join(COLUMNS)}.")
    if len(set(names)) < len(names):
        raise UnreadableFile("A column is there twice.")
    rows: list[PaymentRow] = []
    mistakes: list[RowError] = []
    known: dict[tuple[str, str, date, Decimal], int] = {}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rows) + len(mistakes) >= MAX_ROWS:
            raise UnreadableFile(f"This file has more than {MAX_ROWS:,} payments. Split it.")
        try:
            row = _parse_row(line, names, cells)
            if row.key in known:
                raise _InvalidRow(f"The same payment stands in line {known[row.key]} already.")
        except _InvalidRow as wrong:
            mistakes.append(RowError(line, str(wrong)))
        else:
            known[row.key] = line
            rows.append(row)
    return ParsedFile(rows, mistakes)


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableFile(f"Line {line}: a sign that is not UTF-8. Save the file as CSV in UTF-8.") from error
    if "\0" in text:
        raise UnreadableFile(f"Line {text[: text.index(chr(0))].count(chr(10)) + 1}: this is no text file.")
    return text


def _lines(text: str, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line with the number of the line in which they begin. Raises FileUnreadable."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"Line {begins}: this cannot be read as CSV: {error}.") from error


def _parse_row(line: int, columns: Sequence[str], cells: Sequence[str]) -> PaymentRow:
    if len(cells) != len(columns):
        raise _InvalidRow(f"It has {len(cells)} columns, the first line has {len(columns)}.")
    said = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    for name, longest in MAX_LENGTHS.items():
        if len(said.get(name, "")) > longest:
            raise _InvalidRow(f"{name} is longer than {longest} signs.")
    currency = said["currency"].upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise _InvalidRow("currency has three letters, like USD.")
    if not said["bank_reference"]:
        raise _InvalidRow("bank_reference is missing: it keeps a payment from being recorded twice.")
    if said.get("supplier") and not said.get("advance"):
        raise _InvalidRow("supplier is only read beside an invoice number in the column advance.")
    return PaymentRow(
        line=line,
        value_date=_parse_date(said),
        amount=_parse_amount(said["amount"]),
        currency=currency,
        bank_reference=said["bank_reference"],
        **{name: said.get(name, "") for name in OPTIONAL_COLUMNS},
    )


def _parse_date(said: Mapping[str, str]) -> date:
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", said["value_date"], re.ASCII):
            raise ValueError
        return date.fromisoformat(said["value_date"])
    except ValueError as error:
        raise _InvalidRow("value_date is written like 2026-11-20.") from error


def _parse_amount(said: str) -> Decimal:
    if said.startswith("-"):
        raise _InvalidRow("amount is below zero: only money that came in is recorded here.")
    if PLAIN_AMOUNT.fullmatch(said):
        plain = said.replace(",", ".")
    elif COMMA_GROUPED_AMOUNT.fullmatch(said):
        plain = said.replace(",", "")
    elif POINT_GROUPED_AMOUNT.fullmatch(said):
        plain = said.replace(".", "").replace(",", ".")
    else:
        raise _InvalidRow("amount is written like 1234.56, without a sign of the currency.")
    try:
        amount = validate_amount(Decimal(plain))
    except InvalidAmount as error:
        raise _InvalidRow(f"amount cannot be read: {error}.") from error
    if amount <= 0:
        raise _InvalidRow("amount has to be above zero.")
    return amount
