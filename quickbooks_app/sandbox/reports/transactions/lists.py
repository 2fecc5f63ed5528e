"""The reports TransactionList, by customer, by vendor and with splits, and JournalReport."""

from collections.abc import Sequence
from decimal import Decimal

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports import document_facts as facts
from quickbooks_app.sandbox.reports.shape import Column, grand_total, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.reports.transactions.lines import (
    Line,
    columns_of,
    in_period,
    lines_of,
    row_of,
    totals_of,
)
from quickbooks_app.sandbox.runtime.documents import Document, reference_id

_LIST = "tx_date txn_type doc_num is_no_post name memo account_name other_account subt_nat_amount"
_JOURNAL = "tx_date txn_type doc_num name memo account_name debt_amt credit_amt"


def transaction_list(source: Source) -> Document:
    """Return a row for each transaction of a period, with the account that it is first posted to."""
    columns = columns_of(source, _LIST)
    rows = [row_of(lines[0], columns) for lines in _transactions(source)]
    return report(source.period_header("TransactionList"), options={}, columns=columns, rows=rows)


def transaction_list_by_customer(source: Source) -> Document:
    """Return the same, in a section for each customer."""
    return _by_party(source, "TransactionListByCustomer", entity="Customer")


def transaction_list_by_vendor(source: Source) -> Document:
    """Return the same, in a section for each vendor."""
    return _by_party(source, "TransactionListByVendor", entity="Vendor")


def transaction_list_with_splits(source: Source) -> Document:
    """Return a section for each transaction with a row for each of its lines."""
    return _by_transaction(source, "TransactionListWithSplits", default=_LIST)


def journal_report(source: Source) -> Document:
    """Return each transaction with its debits and credits, which are equal."""
    return _by_transaction(source, "JournalReport", default=_JOURNAL)


def _transactions(source: Source) -> list[list[Line]]:
    first, last, _ = source.parameters.period()
    kinds = source.parameters.names("transaction_type")
    found = lines_of(source, in_period(source.postings(until=last), first=first))
    return [
        lines
        for lines in found
        if (not kinds or _kind(lines) in kinds or lines[0].posting.entity in kinds)
        and _is_wanted(source, lines[0].document)
    ]


def _is_wanted(source: Source, document: Document) -> bool:
    """Whether the filters by what a transaction says of itself take it."""
    number = source.parameters.text("docnum") if "docnum" in source.takes else ""
    if number and facts.number_of(document) != number:
        return False
    for parameter, entity, key in (
        ("term", "Term", "SalesTermRef"),
        ("payment_method", "PaymentMethod", "PaymentMethodRef"),
    ):
        ids = source.wanted(parameter, entity)
        if ids and reference_id(document, key) not in ids:
            return False
    for parameter, key in (("createdate", "CreateTime"), ("moddate", "LastUpdatedTime")):
        first, last = (source.parameters.day(f"{end}_{parameter}") for end in ("start", "end"))
        day = facts.day_of(document, key)
        if (first and day < first.isoformat()) or (last and day > last.isoformat()):
            return False
    return True


def _kind(lines: Sequence[Line]) -> str:
    return facts.type_of(lines[0].posting.entity, lines[0].document)


def _by_party(source: Source, name: str, *, entity: str) -> Document:
    columns = columns_of(source, _LIST)
    parties: dict[tuple[str, str], list[Line]] = {}
    for lines in _transactions(source):
        line = next((one for one in lines if one.posting.customer in source.lists[entity]), None)
        if line is not None:
            parties.setdefault((line.party, line.posting.customer), []).append(line)
    rows: list[Document] = []
    for (party, id), lines in sorted(parties.items(), key=lambda pair: pair[0][0].casefold()):
        total = sum((line.amount for line in lines), ZERO)
        data = [row_of(line, columns) for line in lines]
        rows += section(party, rows=data, totals=totals_of(columns, subt_nat_amount=total), id=id)
    return report(source.period_header(name), options={}, columns=columns, rows=rows)


def _by_transaction(source: Source, name: str, *, default: str) -> Document:
    columns = columns_of(source, default)
    rows: list[Document] = []
    debits, credits = ZERO, ZERO
    for lines in _transactions(source):
        sums = _sides(lines)
        totals = totals_of(columns, debt_amt=sums[0], credit_amt=sums[1])
        rows += section(f"{_kind(lines)} {lines[0].posting.id}", rows=_rows(lines, columns), totals=totals)
        debits, credits = debits + sums[0], credits + sums[1]
    if rows and any(column.key == "debt_amt" for column in columns):
        rows.append(grand_total(totals_of(columns, debt_amt=debits, credit_amt=credits)))
    return report(source.period_header(name), options={}, columns=columns, rows=rows)


def _rows(lines: Sequence[Line], columns: Sequence[Column]) -> list[Document]:
    return [row_of(line, columns) for line in lines]


def _sides(lines: Sequence[Line]) -> tuple[Decimal, Decimal]:
    homes = [line.posting.home for line in lines]
    return sum((home for home in homes if home > 0), ZERO), sum((-home for home in homes if home < 0), ZERO)
