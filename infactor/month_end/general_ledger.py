"""The general ledger for the house's own books: journals of a time, in detail or summed up by day, as CSV and XLSX.

A journal balances. The same closed months give the same bytes: nothing is posted into them, and journals follow their
days and numbers. QuickBooks Online imports journals from a file with these columns, of at most 1,000 rows:
JournalNo, JournalDate, Currency, Memo, AccountName, Debits, Credits, Description, Name, Location, Class.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from typing import Any

from django.db.models import Case, F, QuerySet, Sum, Value, When

from infactor.banking.models import HouseAccount
from infactor.core import spreadsheets
from infactor.core.csv_files import Cell, csv_lines
from infactor.ledger.chart import CHART
from infactor.ledger.models import Entry, Purpose
from infactor.month_end.models import JournalAccountName

MAX_ROWS = 999  # of a file, besides its heading
CSV_COLUMNS = ("Date", "Journal no.", "Account no.", "Account", "Debit", "Credit", "Memo", "Reference", "Counterparty")
XLSX_WIDTHS = (12, 18, 12, 30, 16, 16, 40, 28, 28)
QUICKBOOKS_COLUMNS = (
    *("JournalNo", "JournalDate", "Currency", "Memo", "AccountName", "Debits", "Credits"),
    *("Description", "Name", "Location", "Class"),
)


@dataclass(frozen=True)
class JournalLine:
    """One debit or credit of a journal. `bank` names the house account of a line of cash, by its ledger owner."""

    purpose: Purpose
    debit: Decimal
    credit: Decimal
    bank: str = ""
    counterparty: str = ""


@dataclass(frozen=True)
class Journal:
    """One balanced journal, in one currency."""

    number: str
    day: date
    memo: str
    reference: str
    lines: Sequence[JournalLine]


def journals(*, start: date, end: date, currency: str, is_detailed: bool) -> Iterator[Journal]:
    """The journals of a time: one for each transaction, or one for each day with the sums of each purpose.

    Each house account has lines of its own: the house reconciles each of its banks.
    """
    entries = Entry.objects.filter(
        transaction__currency=currency, transaction__value_date__gte=start, transaction__value_date__lte=end
    )
    return _by_transaction(entries) if is_detailed else _by_day(entries, currency=currency)


def _by_transaction(entries: QuerySet[Entry]) -> Iterator[Journal]:
    rows = entries.select_related("transaction", "account__supplier")
    in_order = rows.order_by("transaction__value_date", "transaction_id", "position").iterator()
    for transaction, group in groupby(in_order, key=lambda entry: entry.transaction):
        lines = [
            JournalLine(
                Purpose(entry.account.purpose),
                entry.debit,
                entry.credit,
                entry.account.owner if entry.account.purpose == Purpose.CASH else "",
                "" if entry.account.supplier is None else str(entry.account.supplier),
            )
            for entry in group
        ]
        number = f"IF-{transaction.pk}"
        yield Journal(number, transaction.value_date, transaction.description, transaction.reference, lines)


def _by_day(entries: QuerySet[Entry], *, currency: str) -> Iterator[Journal]:
    bank = Case(When(account__purpose=Purpose.CASH, then=F("account__owner")), default=Value(""))
    rows = entries.annotate(bank=bank).order_by("transaction__value_date", "account__purpose", "bank")
    sums = rows.values("transaction__value_date", "account__purpose", "bank").annotate(
        debits=Sum("debit"), credits=Sum("credit")
    )
    for day, group in groupby(sums, key=lambda row: row["transaction__value_date"]):
        found = sorted(group, key=lambda row: CHART[Purpose(row["account__purpose"])].number)
        zero = Decimal("0.00")
        debits = [_line_of(row, debit=row["debits"], credit=zero) for row in found if row["debits"]]
        credits = [_line_of(row, debit=zero, credit=row["credits"]) for row in found if row["credits"]]
        yield Journal(
            f"IF-{day:%Y%m%d}-{currency}", day, f"infactor, {day:%b} {day.day}, {day.year}", "", debits + credits
        )


def _line_of(row: Mapping[str, Any], *, debit: Decimal, credit: Decimal) -> JournalLine:
    """One side of a purpose, or of a bank, on a day."""
    return JournalLine(Purpose(row["account__purpose"]), debit, credit, bank=row["bank"])


def csv_file(found: Iterable[Journal], *, currency: str) -> str:
    """The journals as CSV, with the numbers and names of the chart of accounts."""
    return "".join(csv_lines(header=CSV_COLUMNS, rows=_csv_rows(found, currency=currency)))


def workbook(found: Iterable[Journal], *, currency: str, title: str, end: date) -> bytes:
    """The same as XLSX. It is stamped with its last day, so the same journals give the same bytes."""
    file = BytesIO()
    book = spreadsheets.Workbook(file, title=title, created=datetime.combine(end, time.min, tzinfo=UTC))
    book.write_heading(CSV_COLUMNS, widths=XLSX_WIDTHS)
    for row in _csv_rows(found, currency=currency):
        book.write_row(row)
    book.close()
    return file.getvalue()


def _csv_rows(found: Iterable[Journal], *, currency: str) -> Iterator[Sequence[Cell]]:
    banks = {one.ledger_owner: one for one in HouseAccount.objects.filter(currency=currency)}
    for one in found:
        for line in one.lines:
            number, name, _ = CHART[line.purpose]
            if line.purpose == Purpose.CASH and line.bank in banks:
                name = f"{name}, account {banks[line.bank].masked}"  # its name may change, its number never does
            amounts = line.debit or None, line.credit or None
            yield one.day, one.number, number, name, *amounts, one.memo, one.reference, line.counterparty


def quickbooks_files(found: Iterable[Journal], *, currency: str) -> list[str]:
    """The journals in files that QuickBooks Online imports. A journal is never divided between two files."""
    names = account_names(currency=currency)
    files: list[list[Sequence[Cell]]] = [[]]
    for one in found:
        rows = [_quickbooks_row(one, line, currency=currency, names=names) for line in one.lines]
        if files[-1] and len(files[-1]) + len(rows) > MAX_ROWS:
            files.append([])
        files[-1] += rows
    return ["".join(csv_lines(header=QUICKBOOKS_COLUMNS, rows=rows)) for rows in files if rows]


def _quickbooks_row(
    journal: Journal, line: JournalLine, *, currency: str, names: Mapping[tuple[Purpose, str], str]
) -> Sequence[Cell]:
    day = f"{journal.day:%m/%d/%Y}"
    amounts = line.debit or None, line.credit or None
    said = journal.reference or journal.memo
    name = names[line.purpose, line.bank]
    return journal.number, day, currency, journal.memo, name, *amounts, said, "", "", ""


def account_names(*, currency: str) -> dict[tuple[Purpose, str], str]:
    """What each account is called in the house's QuickBooks, by purpose and, for cash, by the bank's ledger owner.

    Where none is set, an account has the name of the chart; one of several banks has its last four digits, too.
    """
    rows = list(JournalAccountName.objects.all())
    of_purposes = {Purpose(one.purpose): one.name for one in rows if one.house_account_id is None}
    of_banks = {one.house_account_id: one.name for one in rows}
    found = {(purpose, ""): of_purposes.get(purpose, account.name) for purpose, account in CHART.items()}
    banks = list(HouseAccount.objects.filter(currency=currency))
    cash = found[Purpose.CASH, ""]
    for bank in banks:
        usual = cash if len(banks) == 1 else f"{cash} {bank.last4}"
        found[Purpose.CASH, bank.ledger_owner] = of_banks.get(bank.pk, usual)
    return found
