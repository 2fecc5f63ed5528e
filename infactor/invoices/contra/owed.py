"""What a supplier owes its own buyers, by buyer and currency, out of its bills and its vendors' credits."""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from infactor.invoices.customer_hierarchy import Roots, supplier_roots, within
from infactor.invoices.models import Buyer, CompanyFile, Payable, VendorMatch
from infactor.invoices.receivables import BuyerAndCurrency
from infactor.suppliers.models import Supplier

ZERO = Decimal(0)
# What the supplier owes may be read this much later than its invoices before nobody relies on it.
MAX_LAG = timedelta(days=3)


class OwedToBuyers(NamedTuple):
    """What the supplier owes each root customer, where it owes anything, and the buyers of whom that is not known.

    These are all customers of the company files that are `not_read`.
    """

    amounts: dict[BuyerAndCurrency, Decimal]
    unknown: frozenset[int]
    not_read: frozenset[int] = frozenset()


def owed_to_buyers(
    *, supplier: Supplier, buyer_ids: Collection[int] | None = None, roots: Roots | None = None
) -> OwedToBuyers:
    """What is open of the bills of every vendor that is a buyer, less its open credits, never below zero.

    With `buyer_ids`, only what these whole customers are owed.
    A bill whose rest is unreadable counts in full, a credit whose rest is unreadable not at all. Two currencies are
    never set off against each other.
    """
    behind = Q(payables_as_of=None) | Q(payables_as_of__lt=F("as_of") - MAX_LAG)
    not_read = frozenset(CompanyFile.objects.filter(behind, supplier=supplier).values_list("pk", flat=True))
    of_files = Buyer.objects.filter(within(buyer_ids, field="pk"), company_file__in=not_read, parent=None)
    unknown = frozenset(of_files.values_list("pk", flat=True))
    joined = {
        (file, reference): buyer
        for file, reference, buyer in VendorMatch.objects.filter(
            within(buyer_ids),
            state=VendorMatch.State.JOINED,
            vendor__supplier=supplier,
            vendor__deleted_at=None,
        )
        .order_by()
        .values_list("vendor__company_file_id", "vendor__reference", "buyer_id")
    }
    if not joined:
        return OwedToBuyers({}, unknown, not_read)
    roots = roots or supplier_roots(supplier=supplier, buyer_ids=buyer_ids)
    left: dict[tuple[int, str, str], Decimal] = defaultdict(Decimal)
    rows = (
        Payable.objects.filter(
            supplier=supplier, deleted_at=None, vendor_reference__in={reference for _, reference in joined}
        )
        .order_by()
        .values_list("company_file_id", "vendor_reference", "currency", "kind")
        .annotate(in_full=Sum(Coalesce("balance", "amount"), default=ZERO), known=Sum("balance", default=ZERO))
    )
    for file, reference, currency, kind, in_full, known in rows:
        left[file, reference, currency] += in_full if kind == Payable.Kind.BILL else -known
    owed: dict[BuyerAndCurrency, Decimal] = defaultdict(Decimal)
    for (file, reference, currency), amount in left.items():
        if (file, reference) in joined and amount > 0:
            buyer = joined[file, reference]
            owed[roots.get(buyer, buyer), currency] += amount
    return OwedToBuyers(dict(owed), unknown, not_read)
