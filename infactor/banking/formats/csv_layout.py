"""The layout of a CSV file: encoding, delimiter, header, columns, decimal sign and order of days, found or given."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from infactor.banking.formats import csv_values
from infactor.banking.formats.records import UnreadableFile
from infactor.invoices.search_text import normalize

ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Western (Windows-1252, Latin-1)", "cp850": "DOS (850)", "utf-16": "UTF-16"}
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar"}
DATE_ORDERS = {
    csv_values.DMY: "Day, month, year (31.12.2026)",
    csv_values.MDY: "Month, day, year (12/31/2026)",
    csv_values.YMD: "Year, month, day (2026-12-31)",
}
DECIMAL_SIGNS = {".": "Point (1,234.56)", ",": "Comma (1.234,56)"}
# What a column may be, and how banks head it (without spaces, accents and signs).
ROLES: Mapping[str, tuple[str, str]] = {
    "value_date": ("Value date", "valuedate valuta valutadatum wertstellung datevaleur fechavalor date datum posted"),
    "booking_date": (
        "Booking date",
        "bookingdate postingdate posteddate transactiondate buchungstag buchungsdatum boekdatum dateoperation fecha",
    ),
    "amount": (
        "Amount, below zero for debits",
        "amount betrag umsatz bedrag montant importe transactionamount betrageur",
    ),
    "debit": ("Debit", "debit debits debitamount withdrawal withdrawals soll paidout moneyout cargo debet"),
    "credit": ("Credit", "credit credits creditamount deposit deposits haben paidin moneyin abono"),
    "direction": ("Debit or credit", "direction debitcredit creditdebit drcr crdr dc sollhaben afbij"),
    "currency": ("Currency", "currency ccy wahrung waehrung devise munt moneda currencycode"),
    "account": (
        "Account number",
        "account accountnumber accountno iban auftragskonto kontonummer rekening numerodecompte cuenta ownaccount",
    ),
    "entry_id": ("The bank's own id", "entryid transactionid fitid bankid acctsvcrref bankentryid uniqueid tranid"),
    "reference": (
        "Reference",
        "reference bankreference ref customerreference kundenreferenz referenz referentie checknumber endtoendid",
    ),
    "payer": (
        "Payer or payee",
        "payer payee name counterparty beguenstigterzahlungspflichtiger auftraggeber naamtegenpartij tiers"
        " counterpartyname begunstigterzahlungspflichtiger zahlungspflichtiger",
    ),
    "payer_account": (
        "Account of payer",
        "payeraccount counterpartyiban kontonummeriban tegenrekening counterpartyaccount",
    ),
    "remittance": (
        "What it is for",
        "remittance description details memo narrative verwendungszweck buchungstext omschrijving mededelingen libelle"
        " concepto particulars advance supplier invoice invoicenumber paymentdetails",
    ),
    "balance": ("Balance after the line", "balance runningbalance saldo saldonachbuchung solde kontostand"),
}
_WORDS = {word: role for role, (_, words) in ROLES.items() for word in words.split()}
SEVERAL = frozenset({"remittance", "reference"})  # roles of several columns: their texts stand behind one another
MAX_PREAMBLE = 40
Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Layout:
    """How a file is read. `columns` gives each role the names of its columns; `header` are the names of all."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int  # 0: the file has no header
    columns: Mapping[str, Sequence[str]]
    decimal_sign: str = ""
    date_order: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is saved with a bank account."""
        return asdict(self)


@dataclass(frozen=True)
class Detection:
    """A layout, the names of its parts that the file does not decide, and the rows below the header."""

    layout: Layout
    undecided: tuple[str, ...]
    rows: Sequence[Row] = field(repr=False)


def detect(
    *, data: bytes, saved: Mapping[str, Any] | None = None, chosen: Mapping[str, Any] | None = None
) -> Detection:
    """The layout of a file: what the file decides, else what a person has chosen, else what was saved.

    `chosen` may hold `encoding`, `delimiter`, `decimal_sign`, `date_order` and `columns`, and wins over everything but
    a day or an amount that it cannot mean. Raises UnreadableFile.
    """
    chosen = dict(chosen or {})
    encoding, text = _decode(data, str(chosen.get("encoding") or ""))
    delimiter = str(chosen.get("delimiter") or "") or _find_delimiter(text)
    rows = [row for row in _cells(text, delimiter) if any(cell.strip() for cell in row[1])]
    if not rows:
        raise UnreadableFile("This file is empty.")
    position = _find_header(rows)
    header = _names(rows[position][1]) if position is not None else _numbered(rows)
    body = rows[position + 1 :] if position is not None else rows
    known = saved if saved and tuple(saved.get("header", ())) == header else None
    columns: dict[str, list[str]] = dict(chosen.get("columns") or (known or {}).get("columns") or _guess(header))
    columns = {role: [name for name in names if name in header] for role, names in columns.items() if role in ROLES}
    columns = {role: names for role, names in columns.items() if names}
    undecided = [] if columns.get("value_date") or columns.get("booking_date") else ["columns"]
    if not (columns.get("amount") or (columns.get("debit") and columns.get("credit"))) and not undecided:
        undecided.append("columns")
    days = _column_cells(body, header, columns, ("value_date", "booking_date"))
    amounts = _column_cells(body, header, columns, ("amount", "debit", "credit", "balance"))
    date_order = _decide(csv_values.date_orders(days), chosen.get("date_order"), (known or {}).get("date_order"))
    decimal_sign = _decide(
        csv_values.decimal_signs(amounts), chosen.get("decimal_sign"), (known or {}).get("decimal_sign")
    )
    undecided += [] if date_order else ["date_order"]
    undecided += [] if decimal_sign else ["decimal_sign"]
    layout = Layout(
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        header_line=rows[position][0] if position is not None else 0,
        columns=columns,
        decimal_sign=decimal_sign,
        date_order=date_order,
    )
    return Detection(layout, tuple(undecided), body)


def _decide(possible: set[str], chosen: object, saved: object) -> str:
    """The only possible value; else what a person chose, else what was saved; else nothing."""
    if len(possible) == 1:
        return next(iter(possible))
    return next((str(one) for one in (chosen, saved) if one), "")


def _decode(data: bytes, chosen: str) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        chosen = "utf-16"
    for encoding in [chosen] if chosen in ENCODINGS else ["utf-8", "cp1252"]:
        try:
            text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise UnreadableFile(f"Line {text[: text.index(chr(0))].count(chr(10)) + 1}: this is not a text file.")
        return encoding, text
    raise UnreadableFile("The characters of this file cannot be read in the chosen encoding. Choose another.")


def _find_delimiter(text: str) -> str:
    """The sign that parts most lines into the same number of cells, two or more."""
    sample = "\n".join(text.splitlines()[:200])

    def regularity(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(cells) for _, cells in _cells(sample, delimiter, strict=False) if len(cells) > 1)
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        return count, width

    return max(DELIMITERS, key=regularity)


def _cells(text: str, delimiter: str, *, strict: bool = True) -> list[Row]:
    """The cells of each row with the number of its first line. Raises UnreadableFile."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    rows, starts = [], 1
    try:
        for cells in reader:
            rows.append((starts, cells))
            starts = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(f"Line {starts}: this cannot be read as CSV: {error}.") from error
    return rows


def _find_header(rows: Sequence[Row]) -> int | None:
    """The row with the most names of columns among the first; None where no row names two."""
    scores = [len({_WORDS[key] for cell in cells if (key := _key(cell)) in _WORDS}) for _, cells in rows[:MAX_PREAMBLE]]
    best = max(scores, default=0)
    return scores.index(best) if best >= 2 else None


def _names(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of a header, each once."""
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:60] or f"Column {number}"
        names.append(f"{name} ({number})" if name in names else name)
    return tuple(names)


def _numbered(rows: Sequence[Row]) -> tuple[str, ...]:
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    return tuple(f"Column {number}" for number in range(1, width + 1))


def _guess(header: Sequence[str]) -> dict[str, list[str]]:
    """The role of each column whose name is known; a role that takes one column gets the first."""
    columns: dict[str, list[str]] = {}
    for name in header:
        role = _WORDS.get(_key(name))
        if role and (role in SEVERAL or role not in columns):
            columns.setdefault(role, []).append(name)
    return columns


def _key(cell: str) -> str:
    return re.sub(r"[^a-z0-9]", "", normalize(cell))


def _column_cells(
    rows: Sequence[Row], header: Sequence[str], columns: Mapping[str, Sequence[str]], roles: Sequence[str]
) -> list[str]:
    places = [header.index(name) for role in roles for name in columns.get(role, ())]
    return [cells[place] for _, cells in rows if len(cells) == len(header) for place in places]
