"""The reserve: what is held back for each supplier, the fees that it owes by then, and what would go back to it."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Sum

from infactor.financing.models import FundingTerms
from infactor.financing.pricing import price
from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Moment, Span
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, count, text, with_totals
from infactor.suppliers.models import Supplier

COLUMNS = (
    text("Supplier"), text("Currency"), count("Invoices"), amount("Outstanding"), amount("Reserve held"),
    amount("Fees to that day"), amount("Reserve less fees"), amount("Supplier owes"), amount("Owed to supplier"),
)  # fmt: skip


def rows(span: Span) -> Iterator[Row]:
    """One line for each supplier with a purchased invoice or a balance."""
    sums: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    counts: dict[tuple[str, int], int] = defaultdict(int)
    terms = {pk: row.record() for pk, row in FundingTerms.objects.in_bulk().items()}
    day = span.moment.day
    for one in outstanding(span.moment):
        days = price.days_between(funded_on=one.funded_on, collected_on=max(day, one.funded_on))
        fee = price.fee(fee_base=one.fee_base, days=days, terms=terms[one.terms_id]).amount
        key = one.currency, one.supplier.pk
        counts[key] += 1
        for place, value in enumerate((one.receivable, one.reserve, fee)):
            sums[key][place] += value
    balances = _balances(span.moment)
    names = Supplier.objects.in_bulk({pk for _, pk in {*sums, *balances}})
    found = []
    for currency, pk in {*sums, *balances}:
        owed, reserve, fee = sums[currency, pk]
        due, payable = balances.get((currency, pk), (ZERO, ZERO))
        cells = (names[pk].name, currency, counts[currency, pk], owed, reserve, fee, reserve - fee, due, payable)
        found.append(Row(currency, cells))
    found.sort(key=lambda row: (row.currency, str(row.cells[0])))
    return with_totals(found, summed=range(2, 9))


def _balances(moment: Moment) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    """What each supplier owes infactor and is owed, by currency and supplier, where there is anything."""
    purposes = [Purpose.DUE_FROM_SUPPLIER, Purpose.PAYABLE_TO_SUPPLIER]
    entries = Entry.objects.filter(moment.postings, account__purpose__in=purposes, account__supplier__isnull=False)
    sums = entries.order_by().values("account__currency", "account__supplier_id", "account__purpose")
    found: dict[tuple[str, int], tuple[Decimal, Decimal]] = {}
    for row in sums.annotate(moved=Sum(F("debit") - F("credit"))):
        key = row["account__currency"], row["account__supplier_id"]
        due, payable = found.get(key, (ZERO, ZERO))
        is_due = row["account__purpose"] == Purpose.DUE_FROM_SUPPLIER
        found[key] = (due + row["moved"], payable) if is_due else (due, payable - row["moved"])
    return {key: both for key, both in found.items() if any(both)}
