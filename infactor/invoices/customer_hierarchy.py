"""Which customer a job rolls up to: its top customer, who owes for all of its jobs."""

from collections.abc import Collection, Mapping

from infactor.invoices.models import Buyer
from infactor.suppliers.models import Supplier


def top_of(*, buyer: Buyer) -> Buyer:
    """The top customer of `buyer`, which is itself where it is no job."""
    top = tops_among(buyers=[buyer.pk])[buyer.pk]
    return buyer if top == buyer.pk else Buyer.objects.get(pk=top)


def tops_of(*, supplier: Supplier) -> dict[int, int]:
    """The key of the top customer of every buyer of `supplier`, by the buyer's key. One query."""
    return climbed(parents=dict(Buyer.objects.filter(supplier=supplier).order_by().values_list("pk", "parent_id")))


def tops_among(*, buyers: Collection[int]) -> dict[int, int]:
    """The key of the top customer of each of these buyers, whosever they are. One query for each level of jobs."""
    parents: dict[int, int | None] = {}
    wanted = set(buyers)
    while wanted:
        parents |= dict(Buyer.objects.filter(pk__in=wanted).order_by().values_list("pk", "parent_id"))
        wanted = {parent for parent in parents.values() if parent is not None and parent not in parents}
    tops = climbed(parents=parents)
    return {buyer: tops[buyer] for buyer in buyers if buyer in tops}


def climbed(*, parents: Mapping[int, int | None]) -> dict[int, int]:
    """The top of each key of `parents`.

    Customers that are each other's jobs, which books should not but could say, have the smallest key among them.
    """
    tops: dict[int, int] = {}
    for start in parents:
        path: list[int] = []
        here = start
        while here not in tops and here not in path:
            path.append(here)
            parent = parents.get(here)
            if parent is None or parent not in parents:
                break
            here = parent
        top = tops[here] if here in tops else min(path[path.index(here) :])
        tops.update(dict.fromkeys(path, top))
    return tops
