"""In which order the rows of financing are locked, so that no two actions wait for each other.

The supplier first, then the debtors by key, then whatever else. Everything that changes what is out for a supplier
passes here, so limits are judged by one at a time; a debtor's limit counts over all its suppliers.
"""

from collections.abc import Iterable

from infactor.invoices.customer_hierarchy import tops_among
from infactor.invoices.models import Debtor, Invoice
from infactor.suppliers.models import Supplier


def hold(*, supplier_id: int, debtor_ids: Iterable[int] = ()) -> Supplier:
    """Lock the supplier and these debtors until the caller's transaction ends; the supplier as it is now.

    Not against rows that only name them: an import goes on meanwhile.
    """
    supplier = Supplier.objects.select_for_update(no_key=True).get(pk=supplier_id)
    wanted = sorted(set(debtor_ids))
    if wanted:
        list(Debtor.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").only("pk"))
    return supplier


def debtors_of(*, invoice_ids: Iterable[int]) -> set[int]:
    """The debtors whose limits these invoices take up; buyers that nobody joined to one have none."""
    buyers = Invoice.objects.filter(pk__in=list(invoice_ids), buyer__isnull=False).order_by()
    tops = tops_among(buyers=set(buyers.values_list("buyer_id", flat=True)))
    return set(Debtor.objects.filter(buyers__in=set(tops.values())).order_by().values_list("pk", flat=True))
