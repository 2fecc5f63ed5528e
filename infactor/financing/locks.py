"""Row locks of financing, always in one order, so that two actions never deadlock.

The supplier comes first, then its debtors in the order of their keys, then all other rows. Everything that changes how
much of a supplier is financed takes these locks, so only one action at a time uses a limit. Debtors are locked because
their limits count over all suppliers.
"""

from collections.abc import Iterable

from infactor.invoices.customer_hierarchy import roots_of
from infactor.invoices.models import Debtor, Invoice
from infactor.suppliers.models import Supplier


def lock_supplier_and_debtors(*, supplier_id: int, debtor_ids: Iterable[int] = ()) -> Supplier:
    """Lock the supplier and these debtors until the caller's transaction ends, and return the supplier as it is now.

    The lock lets other rows refer to them: an import goes on meanwhile.
    """
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    keys = sorted(set(debtor_ids))
    if keys:
        list(Debtor.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").only("pk"))
    return supplier


def debtor_ids_of_invoices(*, invoice_ids: Iterable[int]) -> set[int]:
    """The debtors whose limits these invoices use. A buyer that nobody linked to a debtor has none."""
    buyers = Invoice.objects.filter(pk__in=list(invoice_ids), buyer__isnull=False).order_by()
    roots = roots_of(buyers=set(buyers.values_list("buyer_id", flat=True)))
    return set(Debtor.objects.filter(buyers__in=set(roots.values())).order_by().values_list("pk", flat=True))
