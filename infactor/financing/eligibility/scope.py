"""A part of a supplier's portfolio: some debtors, with everything that concerns their invoices."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from django.db.models import Q

from infactor.invoices.customer_hierarchy import roots_of, whole_customers
from infactor.invoices.models import Buyer
from infactor.suppliers.models import Supplier

BUYER, DEBTOR = "buyer:", "debtor:"


class Scope(NamedTuple):
    """Whole customers, all that the supplier has of each debtor, and invoices of no customer.

    `duplicates` describes, for each invoice that has any, what it duplicates.
    """

    buyer_ids: frozenset[int]
    invoice_ids: frozenset[int]
    duplicates: Mapping[int, tuple[str, ...]]

    def invoices(self, prefix: str = "") -> Q:
        """Condition on the invoice at `prefix`."""
        return Q(**{f"{prefix}buyer__in": list(self.buyer_ids)}) | Q(**{f"{prefix}pk__in": list(self.invoice_ids)})


def buyers_of(*, supplier: Supplier, buyer_ids: Collection[int] = (), keys: Collection[str] = ()) -> frozenset[int]:
    """All customers of `supplier` that one limit counts for together with one of `buyer_ids`, or with a debtor's key.

    See `portfolio.debtor_key`. One query for each level of sub-customers, and one for the debtors.
    """
    named = {int(key.removeprefix(BUYER)) for key in keys if key.startswith(BUYER)}
    debtors = {int(key.removeprefix(DEBTOR)) for key in keys if key.startswith(DEBTOR)}
    roots = set(roots_of(buyers={*buyer_ids, *named}).values())
    of_roots = Buyer.objects.filter(pk__in=roots, debtor__isnull=False).order_by()
    debtors.update(of_roots.values_list("debtor_id", flat=True))
    if debtors:
        sharing = Buyer.objects.filter(supplier=supplier, debtor__in=debtors).order_by().values_list("pk", flat=True)
        # The debtor of a customer that became another one's sub-customer no longer counts.
        roots.update(pk for pk, root in roots_of(buyers=set(sharing)).items() if pk == root)
    return frozenset(whole_customers(roots=roots))
