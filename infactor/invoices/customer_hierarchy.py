"""Customers and sub-customers (jobs): the root customer owes for all of its sub-customers."""

from collections.abc import Collection, Mapping

from django.db.models import Q

from infactor.invoices.models import Buyer
from infactor.suppliers.models import Supplier

Roots = Mapping[int, int]  # the root customer of each customer, by their ids


def root_customer(*, buyer: Buyer) -> Buyer:
    """The root customer of `buyer`, which is `buyer` itself unless it is a sub-customer."""
    root = roots_of(buyers=[buyer.pk])[buyer.pk]
    return buyer if root == buyer.pk else Buyer.objects.get(pk=root)


def within(buyer_ids: Collection[int] | None, *, field: str = "buyer") -> Q:
    """Condition: the column `field` names one of these customers; None: any or none.

    Whoever restricts figures of customers gives whole ones: each root customer with all of its sub-customers.
    """
    return Q() if buyer_ids is None else Q(**{f"{field}__in": list(buyer_ids)})


def supplier_roots(*, supplier: Supplier, buyer_ids: Collection[int] | None = None) -> dict[int, int]:
    """The root customer of every buyer of `supplier` (or of these whole ones), as {buyer id: root id}. One query."""
    rows = Buyer.objects.filter(within(buyer_ids, field="pk"), supplier=supplier).order_by()
    return roots_by_customer(parents=dict(rows.values_list("pk", "parent_id")))


def whole_customers(*, roots: Collection[int]) -> set[int]:
    """These root customers with all of their sub-customers. One query for each level."""
    found = level = set(roots)
    while level:
        children = Buyer.objects.filter(parent__in=level).order_by().values_list("pk", flat=True)
        level = set(children) - found
        found = found | level
    return found


def roots_of(*, buyers: Collection[int]) -> dict[int, int]:
    """The root customer of each of `buyers`, as {buyer id: root id}. One query for each level of sub-customers."""
    parents: dict[int, int | None] = {}
    missing = set(buyers)
    while missing:
        parents |= dict(Buyer.objects.filter(pk__in=missing).order_by().values_list("pk", "parent_id"))
        missing = {parent for parent in parents.values() if parent is not None and parent not in parents}
    roots = roots_by_customer(parents=parents)
    return {buyer: roots[buyer] for buyer in buyers if buyer in roots}


def roots_by_customer(*, parents: Mapping[int, int | None]) -> dict[int, int]:
    """The root of each customer, from {customer id: parent id or None}.

    Customers that are each other's parents, which should not be but can be, have the smallest id among them as root.
    """
    roots: dict[int, int] = {}
    for start in parents:
        path: list[int] = []
        customer = start
        while customer not in roots and customer not in path:
            path.append(customer)
            parent = parents.get(customer)
            if parent is None or parent not in parents:
                break
            customer = parent
        root = roots[customer] if customer in roots else min(path[path.index(customer) :])
        roots.update(dict.fromkeys(path, root))
    return roots
