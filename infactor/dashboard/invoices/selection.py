"""What the selected invoices of the list would bring, and cost, if each buyer pays when it is due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from infactor.dashboard import eligibility_labels
from infactor.financing import terms_in_force
from infactor.financing.eligibility import serialization
from infactor.financing.eligibility.results import cut_by_limits
from infactor.financing.pricing import price
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.verification.models import Verification

ZERO = Decimal("0.00")


class Totals(NamedTuple):
    """The figures of one currency: what is open on the invoices, what is paid out at once, and the fee."""

    currency: str
    open: Decimal
    cash: Decimal
    fee: Decimal


class Selection(NamedTuple):
    """The invoices that can be requested, of those that were selected, and their totals by currency."""

    ids: tuple[UUID, ...]
    totals: tuple[Totals, ...]
    left_out: int


def to_ask(invoices: Sequence[Invoice]) -> list[UUID]:
    """Those of the selected invoices whose buyers can be asked to confirm them. One query where there are any."""
    needing = [one for one in invoices if eligibility_labels.needs_buyer(one)]
    if not needing:
        return []
    asked = Verification.objects.filter(invoice__in=needing, status=Verification.Status.SENT)
    waiting = set(asked.values_list("invoice_id", flat=True))
    return [one.public_id for one in needing if one.pk not in waiting]


def summarize(*, supplier: Supplier, invoices: Sequence[Invoice], today: date) -> Selection:
    """The selection, by the assessments that are kept. The price itself is computed anew when it is asked for.

    Three queries, however many invoices. `invoices` are loaded with their eligibility.
    """
    in_force = terms_in_force.terms_in_force(supplier=supplier, on=today)
    balances: dict[str, Decimal] = defaultdict(Decimal)
    cash: dict[str, Decimal] = defaultdict(Decimal)
    fees: dict[str, Decimal] = defaultdict(Decimal)
    ids = []
    for invoice in invoices:
        row, terms = eligibility_labels.eligibility_of(invoice), in_force.get(invoice.currency)
        if row is None or terms is None or not eligibility_labels.is_eligible(invoice):
            continue
        record = terms.record()
        try:
            priced = price.price(
                face=row.face,
                base=row.base,
                terms=record,
                cut_by_limits=cut_by_limits(serialization.loads(row.breakdown)[1]),
            )
        except price.PriceUndefined:
            continue
        days = max((invoice.payable_date - today).days, 0) if invoice.payable_date else 0
        ids.append(invoice.public_id)
        balances[invoice.currency] += row.face
        cash[invoice.currency] += priced.advance - priced.wire_fee
        fees[invoice.currency] += price.fee(fee_base=priced.fee_base, days=days, terms=record).amount
    totals = tuple(Totals(code, balances[code], cash[code], fees[code]) for code in sorted(cash))
    return Selection(tuple(ids), totals, len(invoices) - len(ids))
