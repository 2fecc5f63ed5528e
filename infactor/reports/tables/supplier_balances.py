"""Balances of suppliers: what each owes infactor and is owed, by the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Span
from infactor.reports.receivables import supplier_names
from infactor.reports.report import ZERO, Row, amount, text, with_totals

COLUMNS = (
    text(_("Supplier")),
    text(_("Currency")),
    amount(_("Owes infactor")),
    amount(_("Surplus owed to it")),
    amount(_("Reserve held")),
    amount(_("Payouts on their way")),
)
PURPOSES = (Purpose.DUE_FROM_SUPPLIER, Purpose.PAYABLE_TO_SUPPLIER, Purpose.RESERVE, Purpose.PAYOUT_IN_TRANSIT)


def rows(span: Span) -> Iterator[Row]:
    """One line for each supplier with a balance in a currency. Two queries."""
    entries = Entry.objects.filter(
        span.moment.postings, account__purpose__in=PURPOSES, account__supplier__isnull=False
    ).order_by()
    sums = entries.values_list("account__currency", "account__supplier", "account__purpose")
    found: dict[tuple[str, int], dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(PURPOSES, ZERO))
    for currency, supplier, purpose, moved in sums.annotate(moved=Sum(F("debit") - F("credit"))):
        # What a supplier owes is on the debit side, what it is owed on the credit side.
        found[currency, supplier][purpose] += moved if purpose == Purpose.DUE_FROM_SUPPLIER else -moved
    names = supplier_names(span.moment)
    lines = [
        Row(currency, (names[pk], currency, *(balances[one] for one in PURPOSES)))
        for (currency, pk), balances in sorted(found.items())  # those of one name in the order of their keys
        if any(balances.values())
    ]
    lines.sort(key=lambda row: (row.currency, str(row.cells[0])))
    return with_totals(lines, summed=range(2, 6))
