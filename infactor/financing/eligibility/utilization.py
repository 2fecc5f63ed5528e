"""Utilization of limits: what is financed, offered or requested already, by debtor, supplier and currency.

An advance counts with its base until it is paid out, then with what of it the buyer still owes by the books. A waiting
request and an open offer count with the base that was shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q

from infactor.financing.eligibility.portfolio import (
    ZERO,
    DebtorAndCurrency,
    Utilization,
    UtilizationTotals,
)
from infactor.financing.models import OPEN_STATUSES, Advance, Offer, OfferLine, RequestLine
from infactor.invoices.customer_hierarchy import within
from infactor.invoices.models import Buyer
from infactor.ledger.balances import balances_by_owner
from infactor.ledger.models import Purpose
from infactor.suppliers.models import Supplier

MAX_INVOICE_NUMBERS = 5


class Commitment(NamedTuple):
    """One invoice that uses limits: `base` is what was agreed or shown, `outstanding` what of it is still to come.

    `is_accepted`: the supplier accepted the offer. What is only offered or requested may come to nothing.
    """

    invoice_id: int
    invoice_number: str
    buyer_id: int | None
    currency: str
    base: Decimal
    outstanding: Decimal
    is_accepted: bool = False


def commitments_of_supplier(*, supplier: Supplier, buyer_ids: Collection[int] | None = None) -> list[Commitment]:
    """Every commitment of `supplier`; with `buyer_ids`, those of their invoices, of their advances, or of no buyer."""
    if buyer_ids is None:
        return _commitments(Q(supplier=supplier), Q(supplier=supplier))
    of_invoices = within(buyer_ids, field="invoice__buyer") | Q(invoice__buyer=None)
    of_advances = of_invoices | within(buyer_ids) | Q(buyer=None)
    return _commitments(Q(supplier=supplier) & of_invoices, Q(supplier=supplier) & of_advances)


def commitments_on_buyers(*, buyer_ids: Collection[int]) -> list[Commitment]:
    """Every commitment on invoices of these buyers (sub-customers included), whoever the supplier is."""
    return _commitments(Q(invoice__buyer__in=buyer_ids), Q(buyer__in=buyer_ids)) if buyer_ids else []


def buyers_of_other_suppliers(*, supplier: Supplier, debtor_ids: Collection[int]) -> dict[int, int]:
    """The buyers of other suppliers that are one of `debtor_ids`, with their sub-customers: buyer id to debtor id."""
    if not debtor_ids:
        return {}
    rows = Buyer.objects.filter(debtor__in=debtor_ids).exclude(supplier=supplier).order_by()
    found: dict[int, int] = dict(rows.values_list("pk", "debtor_id"))
    level = dict(found)
    while level:
        children = Buyer.objects.filter(parent__in=level).order_by().values_list("pk", "parent_id")
        level = {child: level[parent] for child, parent in children if child not in found}
        found |= level
    return found


def total_utilization(
    *,
    own: Iterable[Commitment],
    others: Iterable[Commitment],
    debtor_keys: Mapping[int, str],
    debtors: Mapping[int, int],
) -> UtilizationTotals:
    """Add up the supplier's `own` commitments and those of `others`.

    `debtor_keys` has the debtor key of each of the supplier's buyers, `debtors` the debtor of each buyer of others.
    """
    own_by_pair: dict[DebtorAndCurrency, list[Commitment]] = defaultdict(list)
    own_by_currency: dict[str, list[Commitment]] = defaultdict(list)
    for one in own:
        own_by_pair[debtor_keys.get(one.buyer_id or 0, ""), one.currency].append(one)
        own_by_currency[one.currency].append(one)
    across_suppliers: dict[DebtorAndCurrency, Decimal] = defaultdict(Decimal)
    for one in others:
        if one.buyer_id is not None:
            across_suppliers[f"debtor:{debtors[one.buyer_id]}", one.currency] += one.outstanding
    by_pair = {key: _utilization(ones) for key, ones in own_by_pair.items()}
    for key, used in by_pair.items():
        across_suppliers[key] += used.amount
    return UtilizationTotals(
        across_suppliers={key: Utilization(amount) for key, amount in across_suppliers.items()},
        by_pair=by_pair,
        by_supplier={currency: _utilization(ones) for currency, ones in own_by_currency.items()},
    )


def _utilization(commitments: Iterable[Commitment]) -> Utilization:
    """The sum, and the numbers of the largest: their payment frees most of the limit."""
    largest = sorted(
        (one for one in commitments if one.outstanding > 0), key=lambda one: (-one.outstanding, one.invoice_id)
    )
    numbers = tuple(one.invoice_number for one in largest[:MAX_INVOICE_NUMBERS])
    return Utilization(sum((one.outstanding for one in largest), ZERO), numbers)


def _commitments(condition: Q, of_advances: Q) -> list[Commitment]:
    columns = ("invoice_id", "invoice__invoice_no", "invoice__buyer_id")
    requests = RequestLine.objects.filter(condition, status=RequestLine.Status.WAITING).order_by("pk")
    offers = OfferLine.objects.filter(condition, status=Offer.Status.PROPOSED).order_by("pk")
    requested = requests.values_list(*columns, "request__currency", "base", F("base"))
    offered = offers.values_list(*columns, "offer__currency", "base", F("base"))
    return [*(Commitment(*row) for row in (*requested, *offered)), *_advances(of_advances)]


def _advances(condition: Q) -> list[Commitment]:
    """An advance counts for the buyer whose invoice was bought, even if its books name another customer by now."""
    rows = list(
        Advance.objects.filter(condition, status__in=OPEN_STATUSES)
        .order_by("pk")
        .only("status", "currency", "base", "buyer_id", "invoice__invoice_no")
        .select_related("invoice")
    )
    paid_out = [row for row in rows if row.status != Advance.Status.ACCEPTED]
    owed = (
        balances_by_owner(purpose=Purpose.RECEIVABLE, owners=[row.ledger_owner for row in paid_out]) if paid_out else {}
    )
    return [
        Commitment(
            invoice_id=row.invoice_id,
            invoice_number=row.invoice.invoice_no,
            buyer_id=row.buyer_id,
            currency=row.currency,
            base=row.base,
            outstanding=min(row.base, max(owed.get(row.ledger_owner, row.base), ZERO)),
            is_accepted=True,
        )
        for row in rows
    ]
