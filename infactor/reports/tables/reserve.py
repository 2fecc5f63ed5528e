"""The reserve: what is held back for each supplier, the fees that it owes by then, and what would go back to it."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from infactor.financing.accounting import fees
from infactor.financing.models import FundingTerms
from infactor.financing.terms import Terms
from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Moment, Span
from infactor.reports.receivables import AT_ONCE, Receivable, outstanding, supplier_names
from infactor.reports.report import ZERO, Row, amount, count, text, with_totals

COLUMNS = (
    text(_("Supplier")),
    text(_("Currency")),
    count(_("Invoices")),
    amount(_("Outstanding")),
    amount(_("Reserve held")),
    amount(_("Fees to that day")),
    amount(_("Reserve less fees")),
    amount(_("Supplier owes")),
    amount(_("Owed to supplier")),
)


def rows(span: Span) -> Iterator[Row]:
    """One line for each supplier with a purchased invoice or a balance."""
    sums: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO, ZERO])
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for one, fee in _with_fees(span.moment):
        key = one.currency, one.supplier_id
        counts[key] += 1
        for place, value in enumerate((one.receivable, one.reserve, fee)):
            sums[key][place] += value
    balances = _balances(span.moment)
    names = supplier_names(span.moment)
    found = []
    for currency, pk in sorted({*sums, *balances}):
        owed, reserve, fee = sums[currency, pk]
        due, payable = balances.get((currency, pk), (ZERO, ZERO))
        cells = (names[pk], currency, counts[currency, pk], owed, reserve, fee, reserve - fee, due, payable)
        found.append(Row(currency, cells))
    found.sort(key=lambda row: (row.currency, str(row.cells[0])))
    return with_totals(found, summed=range(2, 9))


def _with_fees(moment: Moment) -> Iterator[tuple[Receivable, Decimal]]:
    """Every receivable with its fees until the moment. One query more for each thousand where late fees are charged."""
    terms: dict[int, Terms] = {}
    receivables = outstanding(moment)
    while batch := list(islice(receivables, AT_ONCE)):
        new = FundingTerms.objects.in_bulk({one.terms_id for one in batch} - terms.keys())
        terms |= {pk: one.record() for pk, one in new.items()}
        late = {one.ledger_owner: one.advance_id for one in batch if one.late_from is not None}
        changes = fees.changes_of(owners=late, only=moment.postings)
        for one in batch:
            fee = fees.fee_of(
                face=one.face, fee_base=one.fee_base, funded_on=one.funded_on, late_from=one.late_from,
                until=max(moment.day, one.funded_on), terms=terms[one.terms_id],
                changes=changes.get(one.advance_id, ()),
            )  # fmt: skip
            yield one, fee.amount


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
